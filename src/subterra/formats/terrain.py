"""Terrain: GeoTIFF, LAS, ESRI ASCII grids and lists of points (``x y z`` text, or CSV).

ESRI grid: six header lines ``ncols``, ``nrows``, ``xllcorner`` or ``xllcenter``, ``yllcorner`` or
``yllcenter``, ``cellsize`` and, if there are holes, ``NODATA_value``; then rows from north to south
(ESRI, "Esri ASCII raster format").
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np

from subterra.counting import counted
from subterra.formats.csv_table import header_names, read_csv
from subterra.formats.geotiff_read import read_geotiff, sniff_geotiff
from subterra.formats.las import read_las, sniff_las
from subterra.formats.terrain_frame import HEIGHT_UNITS, SITE_FRAME, TerrainDefaults
from subterra.formats.text import (
    MAX_BYTES,
    Place,
    located,
    number,
    read_head,
    read_text,
    sniffable,
    split_lines,
    whole_number,
)
from subterra.tables import FloatArray, RowError, Terrain, TerrainGrid, TerrainTable

__all__ = ["read_terrain", "read_terrain_text", "sniff_terrain_text"]

_MAX_CELLS: Final = 10_000_000


def read_terrain(path: Path | str, defaults: TerrainDefaults | None = None) -> Terrain:
    """Read heights of the ground; the format is told from the beginning of the file.

    Parameters
    ----------
    path : Path or str
        The file.
    defaults : TerrainDefaults, optional
        What is known of it beyond what it says.

    Returns
    -------
    TerrainGrid or TerrainTable
        Cells of a raster, or points.

    Raises
    ------
    InputError
        Anything that cannot be used.
    """
    head = read_head(path)
    if sniff_geotiff(head):
        return read_geotiff(path, defaults)
    if sniff_las(head):
        return read_las(path, defaults)
    return read_terrain_text(path, defaults)


def read_terrain_text(
    path: Path | str, defaults: TerrainDefaults | None = None, *, max_bytes: int = MAX_BYTES
) -> Terrain:
    """Read heights from text: an ESRI ASCII grid, CSV with x, y and z, or lines of ``x y z``.

    Parameters
    ----------
    path : Path or str
        The file.
    defaults : TerrainDefaults, optional
        What is known of it beyond what it says, which is nothing of frames and units.
    max_bytes : int
        Size beyond which the file is refused.

    Returns
    -------
    TerrainGrid or TerrainTable

    Raises
    ------
    InputError
        Anything that cannot be used, with line and column.
    """
    said = defaults or TerrainDefaults()
    text = read_text(path, max_bytes=max_bytes)
    head = text[:4096].encode()
    if _is_grid(head):
        return _grid(path, split_lines(text), said)
    if {"x", "y", "z"} <= header_names(head):
        table = read_csv(path, ("x", "y", "z"), max_bytes=max_bytes)
        with table.locating():
            x, y, z = (table.numbers(name) for name in ("x", "y", "z"))
            return _table(x, y, z, said)
    return _points(path, split_lines(text), said)


def sniff_terrain_text(head: bytes) -> bool:
    """Whether the first bytes of a file are an ESRI ASCII grid, or CSV of just x, y and z."""
    return _is_grid(head) or header_names(head) == frozenset(("x", "y", "z"))


def _is_grid(head: bytes) -> bool:
    return re.match(r"\s*ncols\b", sniffable(head), re.IGNORECASE) is not None


def _table(x: FloatArray, y: FloatArray, z: FloatArray, said: TerrainDefaults) -> TerrainTable:
    metres = HEIGHT_UNITS[said.units or "m"]
    return TerrainTable(x, y, metres * z, _crs(said), said.vertical, said.sd_m)


def _crs(said: TerrainDefaults) -> str:
    return "" if said.crs == SITE_FRAME else said.crs


def _points(path: Path | str, lines: list[str], said: TerrainDefaults) -> TerrainTable:
    rows: list[list[float]] = []
    at_lines: list[int] = []
    for line, content in enumerate(lines, start=1):
        fields = re.split(r"[\s,;]+", content.strip(" \t,;"))
        if not content.strip() or content.lstrip().startswith("#"):
            continue
        at = Place(path, line)
        if len(fields) != 3:
            at.refuse(f"expected x, y and z, found {counted(len(fields), 'field')}")
        if len(rows) == _MAX_CELLS:
            at.refuse(f"expected at most {_MAX_CELLS:,} points")
        rows.append([number(field, "xyz"[i], at, column=i + 1) for i, field in enumerate(fields)])
        at_lines.append(line)
    if not rows:
        Place(path).refuse("there is no point in it")
    with located(path, {"": at_lines}):
        x, y, z = np.array(rows).T
        return _table(x, y, z, said)


def _grid(path: Path | str, lines: list[str], said: TerrainDefaults) -> TerrainGrid:
    header: dict[str, tuple[int, str]] = {}
    start = 0
    for start, content in enumerate(lines):
        fields = content.split()
        if len(fields) != 2 or not re.match(r"[A-Za-z]", fields[0]):
            break
        header[fields[0].lower()] = (start + 1, fields[1])
    n_columns, n_rows = (whole_number(*_fact(path, header, key)) for key in ("ncols", "nrows"))
    if not (n_columns > 0 and n_rows > 0 and n_columns * n_rows <= _MAX_CELLS):
        Place(path, 1).refuse(f"a grid of {n_columns} x {n_rows} cells cannot be read")
    cell = number(*_fact(path, header, "cellsize"))
    if not cell > 0.0:
        Place(path, header["cellsize"][0]).refuse(f"cellsize: expected above 0, found {cell:g}")
    corner = [_corner(path, header, axis, cell) for axis in "xy"]
    heights = _rows(path, lines, start, n_rows, n_columns)
    nodata = header.get("nodata_value")
    marks = [] if nodata is None else [number(nodata[1], "NODATA_value", Place(path, nodata[0]))]
    for mark in (*marks, *(() if said.nodata is None else (said.nodata,))):
        heights[heights == mark] = np.nan
    try:
        return TerrainGrid(
            corner[0],
            corner[1],
            cell,
            cell,
            (HEIGHT_UNITS[said.units or "m"] * heights[::-1]).astype(np.float32),
            _crs(said),
            said.vertical,
            said.sd_m,
        )
    except RowError as error:
        Place(path, start + 1).refuse(str(error), cause=error)


def _rows(
    path: Path | str, lines: Sequence[str], start: int, n_rows: int, n_columns: int
) -> FloatArray:
    heights = np.empty((n_rows, n_columns))
    row = 0
    for line, content in enumerate(lines[start:], start=start + 1):
        fields = content.split()
        if not fields:
            continue
        at = Place(path, line)
        if row == n_rows:
            at.refuse(f"expected {counted(n_rows, 'row')} of heights, found more")
        if len(fields) != n_columns:
            at.refuse(f"expected {counted(n_columns, 'height')}, found {len(fields)}")
        heights[row] = [number(f, "height", at, column=i + 1) for i, f in enumerate(fields)]
        row += 1
    if row < n_rows:
        Place(path, len(lines)).refuse(f"expected {counted(n_rows, 'row')} of heights, found {row}")
    return heights


def _fact(path: Path | str, header: dict[str, tuple[int, str]], key: str) -> tuple[str, str, Place]:
    if key not in header:
        Place(path, 1).refuse(f"missing {key} in the header of the grid")
    line, text = header[key]
    return text, key, Place(path, line)


def _corner(path: Path | str, header: dict[str, tuple[int, str]], axis: str, cell: float) -> float:
    """Coordinate of the centre of the first cell."""
    centre = f"{axis}llcenter"
    if centre in header:
        return number(*_fact(path, header, centre))
    return number(*_fact(path, header, f"{axis}llcorner")) + 0.5 * cell
