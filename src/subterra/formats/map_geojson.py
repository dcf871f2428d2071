"""Mine maps as GeoJSON: LineStrings with the properties of `MapLines.add`.

Coordinates are in the site's frame unless the file has a ``crs`` member, as those that QGIS writes
have, or the user names one: a file in longitude and latitude must be said to be ``EPSG:4326``.
"""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any, cast

from subterra.errors import InputError
from subterra.formats.geojson import geojson_lines
from subterra.formats.map_lines import MapDefaults, MapLines
from subterra.formats.text import MAX_BYTES, Place, read_text, sniffable, split_lines, write_text
from subterra.tables import MineMapTable
from subterra.tables.columns import shown

__all__ = ["read_map_geojson", "sniff_map_geojson", "write_map_geojson"]

_MAX_DIGITS = 400


def read_map_geojson(
    path: Path | str, defaults: MapDefaults | None = None, *, max_bytes: int = MAX_BYTES
) -> MineMapTable:
    """Read a mine map from GeoJSON.

    Parameters
    ----------
    path : Path or str
        A FeatureCollection, Feature, LineString or MultiLineString, UTF-8.
    defaults : MapDefaults, optional
        What the file does not say.
    max_bytes : int
        Size beyond which the file is refused.

    Returns
    -------
    MineMapTable

    Raises
    ------
    InputError
        Not JSON (with line and column), not GeoJSON, or a feature that is no line or cannot be
        used (with its number).
    """
    document = _parsed(path, read_text(path, max_bytes=max_bytes))
    lines = MapLines(path, defaults or MapDefaults())
    for number, feature in enumerate(_features(path, document), start=1):
        what = f"feature {number}"
        geometry = feature.get("geometry")
        properties = feature.get("properties")
        if properties is not None and not isinstance(properties, dict):
            Place(path).refuse(f"{what}: properties are no object")
        parts = _lines_of(path, geometry, what)
        lines.add_parts(parts, cast("dict[str, Any]", properties or {}), what)
    return lines.table(crs=_crs_of(path, document))


def sniff_map_geojson(head: bytes) -> bool:
    """Whether the first bytes of a file are GeoJSON."""
    text = sniffable(head).lstrip()
    kinds = ("FeatureCollection", "Feature", "LineString", "MultiLineString")
    return text.startswith("{") and any(f'"{kind}"' in text for kind in kinds)


def write_map_geojson(table: MineMapTable, path: Path | str) -> None:
    """Write a mine map so that `read_map_geojson` gives back the same table.

    Raises
    ------
    InputError
        The file cannot be written, or the table is not in metres.
    """
    if table.units != "m":
        Place(path).refuse(f"GeoJSON is written in metres, the table is in {table.units}")
    write_text(path, geojson_lines(table, [_properties(table, k) for k in range(len(table))]))


def _properties(table: MineMapTable, k: int) -> dict[str, Any]:
    names = ("line", "sheet", "tie", "level", "date")
    out: dict[str, Any] = {name: getattr(table, name)[k] for name in names}
    out["sd_m"] = float(table.sd_m[k])
    if not math.isnan(float(table.level_sd_m[k])):
        out["level_sd_m"] = float(table.level_sd_m[k])
    return out


def _parsed(path: Path | str, text: str) -> dict[str, Any]:
    def refuse(word: str) -> float:
        Place(path).refuse(f"found {word}, which is no number in JSON")

    def whole(digits: str) -> float:
        if len(digits) > _MAX_DIGITS:
            Place(path).refuse(f"found a number of {len(digits):,} digits")
        return float(digits)

    try:
        document = json.loads("\n".join(split_lines(text)), parse_constant=refuse, parse_int=whole)
    except json.JSONDecodeError as error:
        problem = f"not JSON: {error.msg}"
        raise InputError(problem, path=path, line=error.lineno, column=error.colno) from error
    except RecursionError as error:
        Place(path).refuse("nested too deeply to be a map", cause=error)
    if not isinstance(document, dict):
        Place(path).refuse("expected GeoJSON, an object with a type")
    return cast("dict[str, Any]", document)


def _features(path: Path | str, document: dict[str, Any]) -> list[dict[str, Any]]:
    kind = document.get("type")
    if kind == "FeatureCollection":
        features = document.get("features")
        if not isinstance(features, list):
            Place(path).refuse("the FeatureCollection has no list of features")
        for number, feature in enumerate(cast("list[Any]", features), start=1):
            if not isinstance(feature, dict):
                Place(path).refuse(f"feature {number} is no object")
        return cast("list[dict[str, Any]]", features)
    if kind == "Feature":
        return [document]
    if kind not in ("LineString", "MultiLineString"):
        found = shown(str(kind)) if kind is not None else "none"
        Place(path).refuse(f"expected GeoJSON of type FeatureCollection, found {found}")
    return [{"geometry": document}]


def _lines_of(path: Path | str, geometry: Any, what: str) -> list[list[tuple[float, float, float]]]:
    kind = geometry.get("type") if isinstance(geometry, dict) else None
    if kind not in ("LineString", "MultiLineString"):
        found = shown(str(kind)) if kind is not None else "no geometry"
        Place(path).refuse(f"{what}: expected LineString or MultiLineString, found {found}")
    coordinates = cast("dict[str, Any]", geometry).get("coordinates")
    parts: Any = [coordinates] if kind == "LineString" else coordinates
    if not isinstance(parts, list) or not all(
        isinstance(p, list) for p in cast("list[Any]", parts)
    ):
        Place(path).refuse(f"{what}: expected a list of positions")
    return [
        [_position(path, position, what) for position in part]
        for part in cast("list[list[Any]]", parts)
    ]


def _position(path: Path | str, position: Any, what: str) -> tuple[float, float, float]:
    values: list[Any] = cast("list[Any]", position) if isinstance(position, list) else []
    good = 2 <= len(values) <= 3 and all(isinstance(v, float) and math.isfinite(v) for v in values)
    if not good:
        Place(path).refuse(f"{what}: expected a position [x, y] or [x, y, z] of numbers")
    return values[0], values[1], values[2] if len(values) == 3 else math.nan


def _crs_of(path: Path | str, document: dict[str, Any]) -> str:
    member = document.get("crs")
    if member is None:
        return ""
    properties = member.get("properties") if isinstance(member, dict) else None
    name = cast("dict[str, Any]", properties).get("name") if isinstance(properties, dict) else None
    if not isinstance(name, str) or not 0 < len(name) <= 200:
        Place(path).refuse("the crs member does not name a coordinate reference system")
    return name.strip()
