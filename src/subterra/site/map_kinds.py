"""Kinds of mine maps: drawn lines, and control points of scanned sheets."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from subterra.formats import (
    MapDefaults,
    read_control_points,
    read_map_dxf,
    read_map_geojson,
    read_map_geopackage,
    read_map_shapefile,
    sniff_control_points,
    sniff_map_dxf,
    sniff_map_geojson,
    sniff_map_geopackage,
    sniff_map_shapefile,
)
from subterra.site.georeference import in_site_frame, join_maps
from subterra.site.kind import Format, Kind, Setting, one_of, plain
from subterra.tables import MAP_TIES, MAP_UNITS, MineMapTable

if TYPE_CHECKING:
    from subterra.evidence import Evidence

__all__ = ["MAP_KINDS"]

_Reader = Callable[[Path, MapDefaults], MineMapTable]


def _build_maps(
    tables: Mapping[str, Sequence[Any]], setting: Setting, name: str
) -> Evidence | None:
    from subterra.evidence import mine_map_evidence

    maps: Sequence[MineMapTable] = tables.get("mine-map", ())
    # Control points alone show no line.
    if not maps:
        return None
    controls = tables.get("map-control", ())
    placed = [in_site_frame(table, controls, setting.crs) for table in maps]
    return mine_map_evidence(join_maps(placed), setting.prior, id=name)


def _with_defaults(reader: _Reader) -> Callable[[Path, Mapping[str, Any]], MineMapTable]:
    return lambda path, options: reader(path, MapDefaults(**options))


def _number(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        problem = "expected a number"
        raise ValueError(problem)
    return value


def _not_negative(text: str) -> float:
    value = _number(text)
    if value < 0.0:
        problem = "expected a number of at least 0"
        raise ValueError(problem)
    return value


_OPTIONS: Final[Mapping[str, Callable[[str], Any]]] = {
    "sheet": str,
    "tie": one_of(MAP_TIES),
    "level": str,
    "date": str,
    "z_m": _number,
    "level_sd_m": _not_negative,
    "sd_m": _not_negative,
    "units": one_of(MAP_UNITS),
    "crs": str,
}

MAP_KINDS: Final = (
    Kind(
        "mine-map",
        "drawn line",
        (
            Format("mine-map-geojson", sniff_map_geojson, _with_defaults(read_map_geojson)),
            Format("mine-map-dxf", sniff_map_dxf, _with_defaults(read_map_dxf)),
            Format("mine-map-shapefile", sniff_map_shapefile, _with_defaults(read_map_shapefile)),
            Format("mine-map-gpkg", sniff_map_geopackage, _with_defaults(read_map_geopackage)),
        ),
        "mine-maps",
        _build_maps,
        options=_OPTIONS,
    ),
    Kind(
        "map-control",
        "control point",
        (Format("map-control-csv", sniff_control_points, plain(read_control_points)),),
        "mine-maps",
        _build_maps,
        lambda table: (table.x_m, table.y_m),
    ),
)
