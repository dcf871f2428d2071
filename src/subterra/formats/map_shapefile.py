"""Mine maps as shapefiles: a ``.zip`` with ``.shp``, ``.dbf`` and ``.prj``, or a ``.shp`` alone.

A ``.shp`` alone says neither sheet nor tie nor frame: the user does.
"""

from __future__ import annotations

import io
import math
import struct
import zipfile
import zlib
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from subterra.counting import counted
from subterra.errors import InputError
from subterra.formats.map_lines import MapDefaults, MapLines
from subterra.formats.text import MAX_BYTES, Place, read_bytes
from subterra.tables import MineMapTable

__all__ = ["read_map_shapefile", "sniff_map_shapefile"]

_SHP = b"\x00\x00\x27\x0a"
_ZIP = b"PK\x03\x04"
_LINES = {3: False, 13: True, 23: False}


def read_map_shapefile(
    path: Path | str, defaults: MapDefaults | None = None, *, max_bytes: int = MAX_BYTES
) -> MineMapTable:
    """Read a mine map from a shapefile of lines.

    Parameters
    ----------
    path : Path or str
        A ``.zip`` with one shapefile, or its ``.shp``.
    defaults : MapDefaults, optional
        What the file does not say. Fields of the ``.dbf`` are named as in `MapLines.add`.
    max_bytes : int
        Size beyond which the file, or what it unpacks to, is refused.

    Returns
    -------
    MineMapTable

    Raises
    ------
    InputError
        Not a shapefile, not of lines, or damaged, with the record.
    """
    data = read_bytes(path, max_bytes=max_bytes)
    table, crs = b"", ""
    if data.startswith(_ZIP):
        parts = _unpacked(path, data, max_bytes)
        data, table = parts[".shp"], parts.get(".dbf", b"")
        crs = parts.get(".prj", b"").decode("utf-8", "replace").strip()[:20_000]
    shapes = _shapes(path, data)
    properties = _records(path, table) if table else [{}] * len(shapes)
    if len(properties) != len(shapes):
        problem = (
            f"{counted(len(shapes), 'line')}, but {counted(len(properties), 'row')} in the .dbf"
        )
        raise InputError(problem, path=path)
    lines = MapLines(path, defaults or MapDefaults())
    for number, (parts_of, row) in enumerate(zip(shapes, properties, strict=True), start=1):
        lines.add_parts(parts_of, row, f"record {number}")
    return lines.table(crs=crs)


def sniff_map_shapefile(head: bytes) -> bool:
    """Whether the first bytes of a file are a shapefile or a ZIP archive."""
    return head.startswith((_SHP, _ZIP))


def _unpacked(path: Path | str, data: bytes, max_bytes: int) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    left = max_bytes
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for info in archive.infolist():
                suffix = Path(info.filename).suffix.lower()
                if suffix not in (".shp", ".dbf", ".prj"):
                    continue
                if suffix in found:
                    Place(path).refuse(f"the archive holds two {suffix} files, expected one")
                with archive.open(info) as member:
                    found[suffix] = member.read(left + 1)
                left -= len(found[suffix])
                if left < 0:
                    Place(path).refuse(f"it unpacks to more than {max_bytes:,} bytes")
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError,
            OSError, ValueError, struct.error) as error:  # fmt: skip
        if isinstance(error, InputError):
            raise
        Place(path).refuse(f"the archive cannot be unpacked: {error}", cause=error)
    if ".shp" not in found:
        Place(path).refuse("the archive holds no .shp file")
    return found


def _shapes(path: Path | str, data: bytes) -> list[list[list[tuple[float, float, float]]]]:
    """Parts of each record."""
    if len(data) < 100 or not data.startswith(_SHP):
        Place(path).refuse("expected a shapefile (.shp), or a .zip that holds one")
    (kind,) = struct.unpack_from("<i", data, 32)
    if kind not in _LINES:
        Place(path).refuse(f"expected a shapefile of lines (type 3, 13 or 23), found type {kind}")
    out: list[list[list[tuple[float, float, float]]]] = []
    at = 100
    while at + 8 <= len(data):
        words = struct.unpack_from(">2i", data, at)[1]
        size = 2 * words
        record = data[at + 8 : at + 8 + size]
        if size < 4 or len(record) < size:
            Place(path).refuse(f"record {len(out) + 1} is cut off")
        out.append(_shape(path, record, len(out) + 1))
        at += 8 + size
    if at != len(data):
        Place(path).refuse("the file is cut off")
    return out


def _shape(path: Path | str, record: bytes, row: int) -> list[list[tuple[float, float, float]]]:
    (kind,) = struct.unpack_from("<i", record)
    if kind == 0:
        return []
    if kind not in _LINES or len(record) < 44:
        Place(path).refuse(f"record {row} is no line")
    n_part, n_point = struct.unpack_from("<2i", record, 36)
    body = 44 + 4 * n_part
    if not (0 < n_part <= n_point and body + 16 * n_point <= len(record)):
        Place(path).refuse(
            f"record {row}: {counted(n_part, 'part')} of {counted(n_point, 'point')} "
            "do not fit in it"
        )
    starts = [*np.frombuffer(record, "<i4", n_part, 44).tolist(), n_point]
    if starts[0] != 0 or any(b <= a for a, b in pairwise(starts)):
        Place(path).refuse(f"record {row}: its parts are out of order")
    plan = np.frombuffer(record, "<f8", 2 * n_point, body).reshape(-1, 2)
    z = np.full(n_point, math.nan)
    if _LINES[kind]:
        if body + 16 * n_point + 16 + 8 * n_point > len(record):
            Place(path).refuse(f"record {row}: its heights are cut off")
        z = np.frombuffer(record, "<f8", n_point, body + 16 * n_point + 16)
    if not np.isfinite(plan).all() or not (np.isfinite(z).all() or not _LINES[kind]):
        Place(path).refuse(f"record {row}: a coordinate is not a number")
    points = list(zip(plan[:, 0].tolist(), plan[:, 1].tolist(), z.tolist(), strict=True))
    return [points[a:b] for a, b in pairwise(starts)]


def _records(path: Path | str, data: bytes) -> list[Mapping[str, Any]]:
    """Rows of a dBASE table; numeric fields as numbers, blanks as None."""
    if len(data) < 33:
        Place(path).refuse("the .dbf is cut off")
    count, head, width = struct.unpack_from("<IHH", data, 4)
    fields: list[tuple[str, str, int]] = []
    at = 32
    while at + 32 <= head and at + 32 <= len(data) and data[at] != 0x0D:
        name = data[at : at + 11].split(b"\x00")[0].decode("latin-1").strip().lower()
        fields.append((name, chr(data[at + 11]), data[at + 16]))
        at += 32
    if sum(f[2] for f in fields) + 1 != width or head + count * width > len(data):
        Place(path).refuse("the .dbf does not hold the rows that it counts")
    rows: list[Mapping[str, Any]] = []
    for k in range(count):
        at = head + k * width + 1
        row: dict[str, Any] = {}
        for name, kind, size in fields:
            row[name] = _field(path, data[at : at + size], kind, k + 1, name)
            at += size
        rows.append(row)
    return rows


def _field(path: Path | str, cell: bytes, kind: str, row: int, name: str) -> Any:
    try:
        text = cell.decode("utf-8")
    except UnicodeDecodeError:
        # dBASE tables of old programs are in a code page of eight bits.
        text = cell.decode("latin-1")
    text = text.strip(" \x00")
    if not text or set(text) == {"*"}:
        return None
    if kind not in ("N", "F"):
        return text
    try:
        return float(text)
    except ValueError as error:
        Place(path).refuse(f"record {row}: {name} is no number", cause=error)
