"""Mine maps as GeoPackage: all feature tables of lines; columns named as in `MapLines.add`."""

from __future__ import annotations

import math
import sqlite3
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from subterra.formats.map_lines import MapDefaults, MapLines
from subterra.formats.text import MAX_BYTES, Place, read_bytes
from subterra.tables import MineMapTable

__all__ = ["read_map_geopackage", "sniff_map_geopackage"]

_MAGIC = b"SQLite format 3\x00"
_ENVELOPE = (0, 32, 48, 48, 64)
_MAX_STEPS = 20_000
"""Thousands of steps of the database's machine after which a query is given up."""


def read_map_geopackage(
    path: Path | str, defaults: MapDefaults | None = None, *, max_bytes: int = MAX_BYTES
) -> MineMapTable:
    """Read a mine map from a GeoPackage.

    Parameters
    ----------
    path : Path or str
        The file.
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
        Not a GeoPackage, damaged, no lines in it, or lines of several frames.
    """
    data = read_bytes(path, max_bytes=max_bytes)
    if not data.startswith(_MAGIC):
        Place(path).refuse("expected a GeoPackage, which is an SQLite database")
    lines = MapLines(path, defaults or MapDefaults())
    steps = iter(range(_MAX_STEPS))
    connection = sqlite3.connect(":memory:")
    try:
        # A copy in memory: the file is neither locked nor written, and no query runs for ever.
        connection.deserialize(data)
        connection.set_progress_handler(lambda: int(next(steps, -1) < 0), 1000)
        crs = _read(path, connection, lines)
    except (sqlite3.Error, UnicodeDecodeError, OverflowError) as error:
        Place(path).refuse(f"the GeoPackage cannot be read: {error}", cause=error)
    finally:
        connection.close()
    return lines.table(crs=crs)


def sniff_map_geopackage(head: bytes) -> bool:
    """Whether the first bytes of a file are an SQLite database."""
    return head.startswith(_MAGIC)


def _read(path: Path | str, connection: sqlite3.Connection, lines: MapLines) -> str:
    tables = connection.execute(
        "SELECT table_name, column_name, srs_id FROM gpkg_geometry_columns ORDER BY table_name"
    ).fetchmany(1000)
    frames: set[str] = set()
    for name, column, srs in tables:
        found = 0
        for number, (blob, row) in enumerate(_rows(connection, str(name), str(column)), start=1):
            what = f"{name}: feature {number}"
            parts = _lines_of(path, blob, what)
            lines.add_parts(parts, row, what)
            found += len(parts)
        if found:
            frames.add(_frame(connection, srs))
    if len(frames) > 1:
        Place(path).refuse("its tables are in several frames; expected one")
    return frames.pop() if frames else ""


def _rows(
    connection: sqlite3.Connection, table: str, column: str
) -> Iterator[tuple[Any, dict[str, Any]]]:
    quoted = table.replace('"', '""')
    cursor = connection.execute(f'SELECT * FROM "{quoted}"')  # noqa: S608 - quoted above
    names = [str(item[0]) for item in cursor.description]
    for values in cursor:
        row = dict(zip((name.lower() for name in names), values, strict=True))
        blob = row.pop(column.lower(), None)
        if blob is not None:
            yield blob, row


def _frame(connection: sqlite3.Connection, srs: Any) -> str:
    if srs in (-1, 0):
        return ""
    row = connection.execute(
        "SELECT organization, organization_coordsys_id, definition FROM gpkg_spatial_ref_sys "
        "WHERE srs_id = ?",
        (srs,),
    ).fetchone()
    if row is None:
        return f"EPSG:{srs}"
    authority, code, definition = row
    known = str(authority).upper() == "EPSG"
    return f"EPSG:{code}" if known else str(definition)[:20_000]


def _lines_of(path: Path | str, blob: Any, what: str) -> list[list[tuple[float, float, float]]]:
    import shapely

    if not isinstance(blob, bytes) or len(blob) < 8 or blob[:2] != b"GP":
        Place(path).refuse(f"{what}: its geometry is not one of a GeoPackage")
    envelope = (blob[3] >> 1) & 7
    if envelope >= len(_ENVELOPE):
        Place(path).refuse(f"{what}: its geometry is damaged")
    if blob[3] & 16:
        return []
    try:
        geometry: Any = shapely.from_wkb(blob[8 + _ENVELOPE[envelope] :])
    except (shapely.errors.ShapelyError, struct.error, ValueError, TypeError) as error:
        Place(path).refuse(f"{what}: its geometry is damaged", cause=error)
    kind = str(geometry.geom_type)
    if kind not in ("LineString", "MultiLineString"):
        Place(path).refuse(f"{what}: expected LineString or MultiLineString, found {kind}")
    out: list[list[tuple[float, float, float]]] = []
    for part in shapely.get_parts(geometry):
        points = shapely.get_coordinates(part, include_z=bool(shapely.has_z(part))).tolist()
        rows = [(p[0], p[1], p[2] if len(p) > 2 else math.nan) for p in points]
        if not all(math.isfinite(v) for p in points for v in p):
            Place(path).refuse(f"{what}: a coordinate is not a number")
        out.append(rows)
    return out
