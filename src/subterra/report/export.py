"""Writing a site for other programs and for crews, each format by its name."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt

from subterra.errors import InputError, SiteError, check_known
from subterra.formats.boreholes_csv import write_boreholes
from subterra.formats.geotiff import geotiff_bytes
from subterra.formats.kml import Feature, kml_bytes, tak_package
from subterra.formats.vtk import vtk_lines, vtk_volume
from subterra.inference.words import probability_words
from subterra.report.collect import map_cell
from subterra.report.export_geopackage import (
    GEOPACKAGE,
    RASTER,
    geopackage,
    project,
    vector_layers,
)
from subterra.report.export_layers import SiteLayers, collect_layers
from subterra.report.export_volume import axis_volume
from subterra.report.field_log import field_log_pdf
from subterra.site.atomic import write_atomic
from subterra.site.holes import as_hole, collar_table
from subterra.site.plan_ground import collar_words

if TYPE_CHECKING:
    from subterra.site.folder import Site

__all__ = ["EXPORTS", "Exported", "export_site"]

Array = npt.NDArray[Any]

_HOLDS_DAYS: Final = 30
"""How long the marks of a TAK package hold before its clients grey them out."""
_FINEST_SHARE: Final = 40.0


@dataclass(frozen=True)
class Exported:
    """What was written.

    Parameters
    ----------
    files : tuple of Path
        In the order of writing.
    skipped : mapping of str to str
        Formats for which the site has nothing to write, and why.
    stale : bool
        Whether the belief behind them is older than the evidence.
    accuracy_m : float or None
        Of the transformation to longitude and latitude as pyproj states it; None where it was not
        needed or is not known.
    """

    files: tuple[Path, ...]
    skipped: Mapping[str, str]
    stale: bool
    accuracy_m: float | None


def export_site(
    site: Site,
    folder: Path,
    formats: Sequence[str] | None = None,
    *,
    cell_m: float | None = None,
) -> Exported:
    """Write a site into a folder; files of the same names are replaced, each in one step.

    Parameters
    ----------
    site : Site
        The site; without a belief only what was measured, drilled and planned is written.
    folder : Path
        Where to; made where it does not exist.
    formats : sequence of str, optional
        Of `EXPORTS`; all by default.
    cell_m : float, optional
        Side of the cells of the map, m.

    Returns
    -------
    Exported

    Raises
    ------
    InputError
        A format that does not exist, or that was asked for by name and cannot be written.
    SiteError
        A file of the site is missing or was changed, or the folder cannot be written.
    """
    for name in formats or ():
        check_known("format", name, EXPORTS)
    layers = collect_layers(site, cell_m or map_cell(site.config.bounds))
    frame = _Frame(layers.crs)
    contents: dict[str, bytes] = {}
    skipped: dict[str, str] = {}
    for name in formats or EXPORTS:
        made = EXPORTS[name](layers, frame)
        if isinstance(made, str):
            if formats:
                problem = f"{name} cannot be written: {made}"
                raise InputError(problem)
            skipped[name] = made
        else:
            contents.update(made)
    return Exported(_write(folder, contents), skipped, layers.stale, frame.accuracy_m)


class _Frame:
    """Site coordinates to longitude and latitude, with the accuracy of the way there."""

    def __init__(self, crs: str | None) -> None:
        self.crs = crs
        self.accuracy_m: float | None = None
        self.used: str = ""

    def degrees(self, x: Any, y: Any) -> list[tuple[float, float]]:
        """Longitude and latitude on WGS 84 of places in the site's system."""
        from pyproj import Transformer

        way = Transformer.from_crs(self.crs, "EPSG:4326", always_xy=True)
        longitude, latitude = way.transform(np.atleast_1d(x), np.atleast_1d(y))
        self.accuracy_m = way.accuracy if way.accuracy >= 0.0 else None
        self.used = way.description
        return [(float(a), float(b)) for a, b in zip(longitude, latitude, strict=True)]


_Made = dict[str, bytes] | str
"""Files, or why there are none."""

_NO_BELIEF: Final = "there is no belief yet"
_NO_CRS: Final = "the site has no coordinate reference system (crs in site.toml)"


def _gpkg(layers: SiteLayers, _: _Frame) -> _Made:
    vectors = vector_layers(layers)
    files = {GEOPACKAGE: geopackage(vectors, layers.crs), "site.qgs": project(layers, vectors)}
    return {**files, **_raster(layers)}


def _geotiff(layers: SiteLayers, _: _Frame) -> _Made:
    return _raster(layers) or _NO_BELIEF


def _raster(layers: SiteLayers) -> dict[str, bytes]:
    poc = layers.poc
    if poc is None:
        return {}
    epsg = None if layers.crs is None else int(layers.crs.partition(":")[2])
    corner = (layers.bounds[0], layers.bounds[1], poc.cell_m, epsg)
    return {
        RASTER: geotiff_bytes(poc.poc, *corner),
        "depth.tif": geotiff_bytes(poc.depth_m, *corner),
    }


def _vtk(layers: SiteLayers, _: _Frame) -> _Made:
    if layers.belief is None or layers.poc is None:
        return _NO_BELIEF
    axes = [np.asarray(item["axis"], np.float64).reshape(-1, 3) for item in layers.objects]
    values = {
        name: [float("nan") if item[name] is None else item[name] for item in layers.objects]
        for name in ("p", "axis_sd_m", "radius_m")
    }
    cell = layers.poc.cell_m
    step = max(cell, layers.belief.prior.depth_m / _FINEST_SHARE)
    volume, origin = axis_volume(layers.belief, cell, step)
    title = f"{layers.title}: P(a target's axis passes through the cell)"
    return {
        "objects.vtk": vtk_lines(f"{layers.title}: axes of probable objects", axes, values),
        "poc.vtk": vtk_volume(title, "poc", volume, origin, (cell, cell, step)),
    }


def _kml(layers: SiteLayers, frame: _Frame) -> _Made:
    if layers.crs is None:
        return _NO_CRS
    return {"site.kml": kml_bytes(layers.title, _features(layers, frame))}


def _tak(layers: SiteLayers, frame: _Frame) -> _Made:
    if layers.crs is None:
        return _NO_CRS
    made = datetime.fromisoformat(layers.made).astimezone(UTC)
    times = [f"{when:%Y-%m-%dT%H:%M:%SZ}" for when in (made, made + timedelta(days=_HOLDS_DAYS))]
    features = _features(layers, frame)
    return {"tak.zip": tak_package(layers.title, features, made=times[0], stale=times[1])}


def _features(layers: SiteLayers, frame: _Frame) -> list[Feature]:
    def mark(name: str, text: str, kind: str, x: float, y: float) -> Feature:
        return Feature(name, text, kind, frame.degrees(x, y))

    x0, y0, x1, y1 = layers.bounds
    corners = frame.degrees([x0, x1, x1, x0], [y0, y0, y1, y1])
    sure = "not known" if frame.accuracy_m is None else f"{frame.accuracy_m:g} m"
    old = " The belief is older than the evidence." if layers.stale else ""
    said = f"From {layers.crs} by {frame.used}; accuracy of this: {sure}.{old}"
    out = [Feature(layers.title, said, "bounds", corners, area=True)]
    for row in layers.planned:
        text = (
            f"azimuth {row.azimuth_deg:.0f}, inclination {row.inclination_deg:.0f} down, "
            f"{row.length_m:.1f} m, target at {row.target_from_m:.1f} to {row.target_to_m:.1f} m "
            f"along the hole, P(hit) {row.p_hit:.2f}; x {row.x:.2f}, y {row.y:.2f}, "
            f"z {row.z:.2f} (from the {collar_words(row)})"
        )
        out.append(mark(row.hole, text, "planned", row.x, row.y))
    for hole, status in layers.holes:
        out.append(mark(hole.name, f"{status}, {hole.length_m:.1f} m", "hole", hole.x, hole.y))
    n_scenes = 0 if layers.belief is None else layers.belief.info.n_scenes
    for number, item in enumerate(layers.objects, start=1):
        axis = np.asarray(item["axis"], np.float64).reshape(-1, 3)
        p = "not supported" if item["p"] is None else probability_words(item["p"], n_scenes)
        text = f"P {p}, axis ±{item['axis_sd_m'] or 0.0:.1f} m"
        places = frame.degrees(axis[:, 0], axis[:, 1])
        flat = float(np.ptp(axis[:, :2], axis=0).max()) < 1e-6
        out.append(Feature(f"object {number}", text, "object", places[:1] if flat else places))
    return out


def _csv(layers: SiteLayers, _: _Frame) -> _Made:
    rows = [
        *((replace(hole, z=round(hole.z, 3)), "drilled") for hole, _ in layers.holes),
        *((as_hole(row), "planned") for row in layers.planned),
    ]
    if not rows:
        return "there is no hole"
    state = tuple(state for _, state in rows)
    z_from = (*("evidence" for _ in layers.holes), *(row.z_from for row in layers.planned))
    table = collar_table([row for row, _ in rows], {"state": state, "z_from": z_from})
    return {"collars.csv": _bytes_of(lambda path: write_boreholes(table, path))}


def _pdf(layers: SiteLayers, _: _Frame) -> _Made:
    return {"field-log.pdf": field_log_pdf(layers)}


EXPORTS: Final[Mapping[str, Callable[[SiteLayers, _Frame], _Made]]] = {
    "gpkg": _gpkg,
    "geotiff": _geotiff,
    "vtk": _vtk,
    "kml": _kml,
    "tak": _tak,
    "csv": _csv,
    "pdf": _pdf,
}
"""Formats by name; ``gpkg`` brings the QGIS project and the raster that it shows."""


def _bytes_of(write: Callable[[Path], None]) -> bytes:
    import tempfile

    with tempfile.TemporaryDirectory(prefix="subterra-") as name:
        path = Path(name) / "file"
        write(path)
        return path.read_bytes()


def _write(folder: Path, contents: Mapping[str, bytes]) -> tuple[Path, ...]:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in contents.items():
            write_atomic(folder / name, content)
    except OSError as error:
        problem = f"{folder}: the export cannot be written ({error.strerror or error})"
        raise SiteError(problem) from error
    return tuple(folder / name for name in contents)
