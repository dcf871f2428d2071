"""The GeoPackage of a site, with its styles, and the QGIS project that shows it."""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from subterra.formats.geopackage import VectorLayer, write_layers
from subterra.formats.qgis import QgisLayer, qgis_project, qgis_style
from subterra.report.export_layers import SiteLayers, trace_of

__all__ = ["GEOPACKAGE", "RASTER", "geopackage", "project", "vector_layers"]

Array = npt.NDArray[Any]

GEOPACKAGE: Final = "site.gpkg"
RASTER: Final = "poc.tif"

_STYLES: Final = """\
CREATE TABLE layer_styles (
 id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, f_table_catalog TEXT(256),
 f_table_schema TEXT(256), f_table_name TEXT(256), f_geometry_column TEXT(256),
 styleName TEXT(30), styleQML TEXT, styleSLD TEXT, useAsDefault BOOLEAN, description TEXT,
 owner TEXT(30), ui TEXT(30),
 update_time DATETIME DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')))
"""
_LOOKS: Final = {
    "planned": ("Point", "213,94,0,255", "diamond", "hole"),
    "planned_traces": ("Line", "213,94,0,255", "", ""),
    "holes": ("Point", "26,26,26,255", "circle", "hole"),
    "hole_traces": ("Line", "26,26,26,255", "", ""),
    "objects": ("Line", "0,114,178,255", "", "p"),
    "stations": ("Point", "118,118,118,255", "cross", ""),
    "bounds": ("Polygon", "118,118,118,255", "", ""),
}


def vector_layers(layers: SiteLayers) -> tuple[VectorLayer, ...]:
    """Layers of a site that have features, from the uppermost down."""
    import shapely

    found: list[VectorLayer] = []

    def put(name: str, kind: str, shapes: Any, columns: Mapping[str, Sequence[Any]]) -> None:
        if len(shapes):
            found.append(VectorLayer(name, kind, np.asarray(shapes, object), columns))

    planned = list(layers.planned)
    facts = {
        name: [getattr(row, name) for row in planned]
        for name in (
            "hole", "azimuth_deg", "inclination_deg", "length_m", "target_from_m", "target_to_m",
            "p_hit", "p_hit_given_previous_miss", "information_bits", "cost", "reason",
            "z_from", "above_plane_m",
        )
    }  # fmt: skip
    ways = [trace_of(row) for row in planned]
    put("planned", "Point Z", [shapely.Point(way[0]) for way in ways], facts)
    put("planned_traces", "LineString Z", [shapely.LineString(way) for way in ways], facts)
    drilled = {
        "hole": [hole.name for hole, _ in layers.holes],
        "status": [status for _, status in layers.holes],
        "azimuth_deg": [hole.azimuth_deg for hole, _ in layers.holes],
        "inclination_deg": [hole.inclination_deg for hole, _ in layers.holes],
        "length_m": [hole.length_m for hole, _ in layers.holes],
    }
    ways = [layers.traces[hole.name] for hole, _ in layers.holes]
    put("holes", "Point Z", [shapely.Point(way[0]) for way in ways], drilled)
    put("hole_traces", "LineString Z", [shapely.LineString(way) for way in ways], drilled)
    put("objects", "LineString Z", *_objects(layers))
    put("stations", "Point", *_stations(layers))
    put("bounds", "Polygon", [shapely.box(*layers.bounds)], {"site": [layers.title]})
    return tuple(found)


def _objects(layers: SiteLayers) -> tuple[list[Any], Mapping[str, Sequence[Any]]]:
    import shapely

    shapes: list[Any] = []
    for item in layers.objects:
        axis = np.asarray(item["axis"], np.float64).reshape(-1, 3)
        # A chamber is a point: a line needs two vertices, and may have them in one place.
        shapes.append(shapely.LineString(axis if len(axis) > 1 else np.repeat(axis, 2, axis=0)))
    columns: dict[str, Sequence[Any]] = {
        "p": [_number(item["p"]) for item in layers.objects],
        "family": [_likeliest(item["family"]) for item in layers.objects],
        "fill": [_likeliest(item["fill"]) for item in layers.objects],
    }
    for name in ("axis_sd_m", "radius_m", "radius_sd_m"):
        columns[name] = [_number(item[name]) for item in layers.objects]
    return shapes, columns


def _stations(layers: SiteLayers) -> tuple[list[Any], Mapping[str, Sequence[Any]]]:
    import shapely

    rows = [
        (item, kind, place) for item, (kind, places) in layers.stations.items() for place in places
    ]
    columns = {"evidence": [row[0] for row in rows], "kind": [row[1] for row in rows]}
    return [shapely.Point(row[2]) for row in rows], columns


def _number(value: float | None) -> float:
    return float("nan") if value is None else float(value)


def _likeliest(shares: Mapping[str, float]) -> str:
    return max(shares, key=lambda name: shares[name] or 0.0) if shares else ""


def geopackage(layers: Sequence[VectorLayer], crs: str | None) -> bytes:
    """Write layers, each with its style as QGIS's default, into one GeoPackage.

    Parameters
    ----------
    layers : sequence of VectorLayer
        At least one.
    crs : str or None
        ``EPSG:n``; without it the layers have no coordinate reference system.

    Returns
    -------
    bytes
        The content of the file.
    """
    with tempfile.TemporaryDirectory(prefix="subterra-") as folder:
        path = Path(folder) / GEOPACKAGE
        # What field applications of some years ago read without a warning.
        write_layers(path, layers, crs, version="1.2")
        _add_styles(path, [layer.name for layer in layers])
        return path.read_bytes()


def _look(name: str) -> QgisLayer:
    geometry, colour, shape, label = _LOOKS[name]
    # The surer an object, the broader its line.
    width = '0.1 + 1.4 * coalesce("p", 0)' if name == "objects" else ""
    return QgisLayer(name, GEOPACKAGE, geometry, colour, shape or "circle", label, width)


def _add_styles(path: Path, names: Sequence[str]) -> None:
    connection = sqlite3.connect(path)
    try:
        with connection:
            connection.execute(_STYLES)
            connection.execute(
                "INSERT INTO gpkg_contents (table_name, data_type, identifier) VALUES (?, ?, ?)",
                ("layer_styles", "attributes", "layer_styles"),
            )
            connection.executemany(
                "INSERT INTO layer_styles (f_table_catalog, f_table_schema, f_table_name, "
                "f_geometry_column, styleName, styleQML, useAsDefault) "
                "VALUES ('', '', ?, 'geom', ?, ?, 1)",
                [(name, name, qgis_style(_look(name))) for name in names],
            )
    finally:
        connection.close()


def project(layers: SiteLayers, vectors: Sequence[VectorLayer]) -> bytes:
    """Make the QGIS project that shows the GeoPackage over the map of probability."""
    shown = [_look(layer.name) for layer in vectors]
    if layers.poc is not None:
        shown.append(QgisLayer("poc", RASTER, "Raster"))
    return qgis_project(layers.title, shown, layers.bounds, layers.crs)
