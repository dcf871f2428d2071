"""A belief as one self-describing NetCDF file, and back.

Dimensions ``scene``, ``slot``, ``vertex``, ``parameter`` and ``site_parameter``. The quantiles
``unit`` and ``site_unit`` with ``family`` and ``fill`` determine everything else; the physical
fields stand beside them so that the file can be read without this package.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, cast

import numpy as np

from subterra.errors import SiteError, SubterraError
from subterra.evidence import Judgement
from subterra.inference import Belief, RunInfo
from subterra.scene import FAMILIES, FILLS, PARAMETERS, decode_scenes
from subterra.site.config import SiteConfig, parse_config, to_prior
from subterra.site.toml_text import toml_text

if TYPE_CHECKING:
    import xarray

__all__ = ["StoredBelief", "belief_from_bytes", "belief_to_bytes"]

_FORMAT: Final = 2
# name: (dimensions, unit, long name)
_PHYSICAL: Final[Mapping[str, tuple[tuple[str, ...], str, str]]] = {
    "x": (("scene", "slot", "vertex"), "m", "easting of axis vertex"),
    "y": (("scene", "slot", "vertex"), "m", "northing of axis vertex"),
    "z": (("scene", "slot", "vertex"), "m", "elevation of axis vertex, positive up"),
    "branch": (("scene", "slot"), "1", "second chain: 0 none, 1 goes on from the end, 2 forks"),
    "branch_x": (("scene", "slot", "vertex"), "m", "easting of a vertex of the second chain"),
    "branch_y": (("scene", "slot", "vertex"), "m", "northing of a vertex of the second chain"),
    "branch_z": (("scene", "slot", "vertex"), "m", "elevation of a vertex of the second chain"),
    "radius": (("scene", "slot"), "m", "radius of the circle of the section's area"),
    "density_contrast": (("scene", "slot"), "kg m-3", "density of the fill minus the host's"),
    "conductivity_ratio": (("scene", "slot"), "1", "conductivity of the fill over the host's"),
    "halo_gravity": (("scene", "slot"), "1", "factor on the gravity response"),
    "halo_resistivity": (("scene", "slot"), "1", "factor on the resistivity response"),
}
# Vertices are float32; a millimetre is far below every prior and above their rounding.
_TOLERANCE_M: Final = 1e-3


@dataclass(frozen=True)
class StoredBelief:
    """A belief with what its file says about it.

    Parameters
    ----------
    belief : Belief
        The belief; its prior is that of the site file of its own time.
    config : SiteConfig
        The site file of its own time.
    evidence_fingerprint, settings_fingerprint : str
        Hashes of what it was computed from; see ``Site.fingerprint``.
    """

    belief: Belief
    config: SiteConfig
    evidence_fingerprint: str
    settings_fingerprint: str


def belief_to_bytes(stored: StoredBelief) -> bytes:
    """Write a belief as the content of a NetCDF-4 file."""
    data = _dataset(stored)
    encoding = {str(name): {"zlib": True, "complevel": 4} for name in data.data_vars}
    with tempfile.TemporaryDirectory(prefix="subterra-") as folder:
        path = Path(folder) / "belief.nc"
        data.to_netcdf(path, engine="h5netcdf", encoding=encoding)
        return path.read_bytes()


def _dataset(stored: StoredBelief) -> xarray.Dataset:
    import xarray

    belief, scenes = stored.belief, stored.belief.scenes
    objects = scenes.objects
    variables: dict[str, Any] = {
        "weight": ("scene", belief.weight, {"long_name": "posterior weight, sum 1"}),
        "family": (("scene", "slot"), objects.family, _flags("family; none = empty", FAMILIES)),
        "fill": (("scene", "slot"), objects.fill, _flags("fill", FILLS)),
        "unit": (
            ("scene", "slot", "parameter"),
            scenes.unit,
            {"long_name": "object parameters as quantiles of their prior"},
        ),
        "site_unit": (
            ("scene", "site_parameter"),
            scenes.site_unit,
            {"long_name": "site state as quantiles of its prior"},
        ),
        "host_density": ("scene", scenes.host_density, {"units": "kg m-3"}),
        "host_resistivity": ("scene", scenes.host_resistivity, {"units": "ohm m"}),
    }
    for name, (dimensions, unit, long_name) in _PHYSICAL.items():
        attributes = {"units": unit, "long_name": long_name}
        variables[name] = (dimensions, getattr(objects, name), attributes)
    return xarray.Dataset(
        variables,
        coords={
            "parameter": list(PARAMETERS),
            "site_parameter": ["host_density", "host_resistivity"],
        },
        attrs={
            "title": f"Subterra belief: {stored.config.name}",
            "Conventions": "CF-1.11",
            "subterra_format": _FORMAT,
            "crs": stored.config.crs or "local frame, metres",
            "config_toml": toml_text(stored.config),
            "run_json": json.dumps(_to_json(asdict(belief.info)), allow_nan=False),
            "evidence_fingerprint": stored.evidence_fingerprint,
            "settings_fingerprint": stored.settings_fingerprint,
        },
    )


def _flags(long_name: str, meanings: tuple[str, ...]) -> dict[str, Any]:
    values = np.arange(len(meanings), dtype=np.int8)
    return {"long_name": long_name, "flag_values": values, "flag_meanings": " ".join(meanings)}


def belief_from_bytes(content: bytes, *, source: Path) -> StoredBelief:
    """Read the content of a belief's file and check that its objects follow from its quantiles.

    Parameters
    ----------
    content : bytes
        All of the file.
    source : Path
        Where it came from, for messages.

    Returns
    -------
    StoredBelief

    Raises
    ------
    SiteError
        If it is no belief, or one of another version of the code.
    """
    import xarray

    with tempfile.TemporaryDirectory(prefix="subterra-") as folder:
        path = Path(folder) / "belief.nc"
        path.write_bytes(content)
        try:
            with xarray.open_dataset(path, engine="h5netcdf") as opened:
                data = opened.load()
            return _rebuilt(data)
        except (OSError, KeyError, ValueError, TypeError, SubterraError) as error:
            problem = f"{source}: the belief cannot be read: {error}; make it anew with infer"
            raise SiteError(problem) from error


def _rebuilt(data: xarray.Dataset) -> StoredBelief:
    if data.attrs.get("subterra_format") != _FORMAT:
        problem = f"expected format {_FORMAT}, found {data.attrs.get('subterra_format')}"
        raise ValueError(problem)
    config = parse_config(data.attrs["config_toml"])
    prior = to_prior(config)
    scenes = decode_scenes(
        prior,
        *(np.ascontiguousarray(data[n].values) for n in ("family", "fill", "unit", "site_unit")),
    )
    for name in ("x", "y", "z"):
        away = np.abs(getattr(scenes.objects, name) - data[name].values).max(initial=0.0)
        if not away <= _TOLERANCE_M:
            problem = f"its objects do not follow from its quantiles ({name} is {away:g} m off)"
            raise ValueError(problem)
    values = _from_json(json.loads(data.attrs["run_json"]))
    values["judged"] = {k: Judgement(**v) for k, v in values.get("judged", {}).items()}
    info = RunInfo(**{f.name: values[f.name] for f in fields(RunInfo) if f.name in values})
    return StoredBelief(
        Belief(scenes, np.ascontiguousarray(data["weight"].values), prior, info),
        config,
        data.attrs["evidence_fingerprint"],
        data.attrs["settings_fingerprint"],
    )


def _to_json(value: Any) -> Any:
    """Turn mappings, tuples and numbers into JSON values; what is not a number becomes null."""
    if isinstance(value, Mapping):
        items = cast("Mapping[str, Any]", value).items()
        return {str(key): _to_json(item) for key, item in items}
    if isinstance(value, tuple | list):
        return [_to_json(item) for item in cast("list[Any]", value)]
    if isinstance(value, np.generic):
        return _to_json(value.item())
    if isinstance(value, float) and not np.isfinite(value):
        return None
    return value


def _from_json(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _from_json(item) for key, item in cast("dict[str, Any]", value).items()}
    if isinstance(value, list):
        return tuple(_from_json(item) for item in cast("list[Any]", value))
    return float("nan") if value is None else value
