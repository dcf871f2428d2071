"""In which frame a terrain's places and heights are: GeoTIFF keys, well-known text, or said.

Keys: OGC GeoTIFF 1.1 (19-008r4), annex D; the same keys stand in LAS files. Well-known text is read
by PROJ.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from subterra.formats.text import Place
from subterra.tables import FOOT_M

if TYPE_CHECKING:
    import pyproj

__all__ = ["HEIGHT_UNITS", "TerrainDefaults", "TerrainFrame", "frame_of_keys", "frame_of_wkt"]

HEIGHT_UNITS: Final[Mapping[str, float]] = {"m": 1.0, "ft": FOOT_M, "us-ft": 1200.0 / 3937.0}
"""Metres in the units of heights that can be said of a file."""

SITE_FRAME: Final = "site"
"""Said of a file whose coordinates are the site's, whatever it states."""

_MODEL_TYPE, _GEOGRAPHIC, _PROJECTED = 1024, 2048, 3072
_VERTICAL, _VERTICAL_WORDS, _VERTICAL_UNIT = 4096, 4097, 4099
_TEXT_TAG: Final = 34737
_USER_DEFINED: Final = 32767
_UNIT_METRES: Final[Mapping[int, float]] = {9001: 1.0, 9002: FOOT_M, 9003: 1200.0 / 3937.0}


@dataclass(frozen=True)
class TerrainDefaults:
    """What the user says of a terrain file; it goes before what the file says.

    Parameters
    ----------
    crs : str
        Plan reference system, ``EPSG:n``; ``site`` for that of the site; blank says nothing.
    vertical : str
        Vertical datum, in words or as ``EPSG:n``; blank says nothing.
    units : str
        Unit of the heights, one of ``HEIGHT_UNITS``; blank says nothing.
    sd_m : float or None
        Standard error of a height, m.
    nodata : float or None
        Value that stands for no height in a grid.
    """

    crs: str = ""
    vertical: str = ""
    units: str = ""
    sd_m: float | None = None
    nodata: float | None = None


@dataclass(frozen=True)
class TerrainFrame:
    """Frame of a terrain file.

    Parameters
    ----------
    crs, vertical : str
        Plan reference system and vertical datum; blank where neither file nor user says one.
    metres : float
        Metres in the unit of its heights.
    """

    crs: str = ""
    vertical: str = ""
    metres: float = 1.0


def frame_of_keys(
    at: Place, directory: Sequence[int], text: str, said: TerrainDefaults
) -> TerrainFrame:
    """Frame that a GeoTIFF key directory states.

    Parameters
    ----------
    at : Place
        The file, for messages.
    directory : sequence of int
        Content of tag 34735; empty where there is none.
    text : str
        Content of tag 34737.
    said : TerrainDefaults
        What the user says.

    Returns
    -------
    TerrainFrame

    Raises
    ------
    InputError
        A damaged directory, a system without a code, or heights whose unit is not told.
    """
    keys = _keys(at, directory, text)
    model = keys.get(_MODEL_TYPE)
    code = keys.get(_PROJECTED if model == 1 else _GEOGRAPHIC)
    crs = said.crs
    if not crs and isinstance(code, int) and 0 < code != _USER_DEFINED:
        crs = f"EPSG:{code}"
    elif not crs and model not in (None, 0):
        at.refuse("its coordinate system has no EPSG code; say it with --option crs=EPSG:n")
    datum = keys.get(_VERTICAL)
    vertical, metres = "", None
    if isinstance(datum, int) and 0 < datum != _USER_DEFINED:
        vertical = f"EPSG:{datum}"
        metres = _vertical_metres(at, vertical)
    elif isinstance(keys.get(_VERTICAL_WORDS), str):
        vertical = str(keys[_VERTICAL_WORDS])
    unit = keys.get(_VERTICAL_UNIT)
    if unit is not None:
        metres = _UNIT_METRES.get(unit) if isinstance(unit, int) else None
        if metres is None and not said.units:
            at.refuse(f"its heights have the unit {unit}; expected metres or feet")
    return _settled(at, crs, vertical, metres, said)


def frame_of_wkt(at: Place, text: str, said: TerrainDefaults) -> TerrainFrame:
    """Frame that well-known text states; see `frame_of_keys`."""
    known = _known(at, text)
    plan, upright = known, None
    if known.is_compound:
        plan, upright = known.sub_crs_list[0], known.sub_crs_list[1]
    vertical, metres = "", None
    if upright is not None:
        vertical, metres = upright.name, _axis_metres(upright)
    elif len(known.axis_info) == 3:
        vertical, metres = "height over the ellipsoid", _axis_metres(known)
        plan = known.to_2d()
    code = plan.to_epsg()
    crs = said.crs or (f"EPSG:{code}" if code else " ".join(plan.to_wkt().split()))
    return _settled(at, crs, vertical, metres, said)


def _keys(at: Place, directory: Sequence[int], text: str) -> dict[int, int | str]:
    """Keys that are numbers or texts; those in doubles say nothing that is needed."""
    if not directory:
        return {}
    if len(directory) < 4 or len(directory) < 4 + 4 * directory[3]:
        at.refuse("the directory of its coordinate system is cut off")
    found: dict[int, int | str] = {}
    for k in range(4, 4 + 4 * directory[3], 4):
        key, where, count, value = directory[k : k + 4]
        if where == 0:
            found[key] = value
        elif where == _TEXT_TAG:
            words = text[value : value + count].strip("|\0 ")
            found[key] = " ".join("".join(c if c.isprintable() else " " for c in words).split())
    return found


def _settled(
    at: Place, crs: str, vertical: str, metres: float | None, said: TerrainDefaults
) -> TerrainFrame:
    if said.crs == SITE_FRAME:
        crs = ""
    if said.units:
        metres = HEIGHT_UNITS[said.units]
    if metres is None and crs and any(u.unit_name.endswith("foot") for u in _axes(at, crs)):
        at.refuse(
            "its plan is in feet and the unit of its heights is not told: say "
            "--option units=m, ft or us-ft"
        )
    return TerrainFrame(crs, said.vertical or vertical, 1.0 if metres is None else metres)


def _axes(at: Place, crs: str) -> Sequence[Any]:
    return _known(at, crs).axis_info


def _vertical_metres(at: Place, code: str) -> float:
    return _axis_metres(_known(at, code))


def _axis_metres(crs: pyproj.CRS) -> float:
    return float(crs.axis_info[-1].unit_conversion_factor) if crs.axis_info else 1.0


def _known(at: Place, text: str) -> pyproj.CRS:
    import pyproj
    from pyproj.exceptions import CRSError

    try:
        return pyproj.CRS.from_user_input(text)
    except CRSError as error:
        at.refuse(
            f"its coordinate system {text[:60]!r} is not known; say it with --option crs=EPSG:n",
            cause=error,
        )


def shorts(data: bytes, order: str = "<") -> tuple[int, ...]:
    """Unsigned 16-bit numbers, as key directories are made of."""
    return struct.unpack(f"{order}{len(data) // 2}H", data[: len(data) // 2 * 2])
