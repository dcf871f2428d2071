"""Terrain: ESRI ASCII grids and lists of points (``x y z`` text, or CSV with x, y and z).

Grid: six header lines ``ncols``, ``nrows``, ``xllcorner`` or ``xllcenter``, ``yllcorner`` or
``yllcenter``, ``cellsize`` and, if there are holes, ``NODATA_value``; then rows from north to south
(ESRI, "Esri ASCII raster format").
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import numpy as np

from subterra.formats.csv_table import header_names, read_csv
from subterra.formats.text import (
    MAX_BYTES,
    Place,
    located,
    number,
    read_text,
    sniffable,
    split_lines,
    whole_number,
)
from subterra.tables import TerrainTable

__all__ = ["read_terrain"]

_MAX_CELLS: Final = 10_000_000


def read_terrain(path: Path | str, *, max_bytes: int = MAX_BYTES) -> TerrainTable:
    """Read heights of the ground; the format is told from the beginning of the file.

    Parameters
    ----------
    path : Path or str
        The file.
    max_bytes : int
        Size beyond which the file is refused.

    Returns
    -------
    TerrainTable
        Centres of cells or points.

    Raises
    ------
    InputError
        Anything that cannot be used, with line and column.
    """
    text = read_text(path, max_bytes=max_bytes)
    head = text[:4096].encode()
    if re.match(r"\s*ncols\b", sniffable(head), re.IGNORECASE):
        return _grid(path, split_lines(text))
    if {"x", "y", "z"} <= header_names(head):
        table = read_csv(path, ("x", "y", "z"), max_bytes=max_bytes)
        with table.locating():
            return TerrainTable(*(table.numbers(name) for name in ("x", "y", "z")))
    return _points(path, split_lines(text))


def _points(path: Path | str, lines: list[str]) -> TerrainTable:
    rows: list[list[float]] = []
    at_lines: list[int] = []
    for line, content in enumerate(lines, start=1):
        fields = re.split(r"[\s,;]+", content.strip(" \t,;"))
        if not content.strip() or content.lstrip().startswith("#"):
            continue
        at = Place(path, line)
        if len(fields) != 3:
            at.refuse(f"expected x, y and z, found {len(fields)} fields")
        if len(rows) == _MAX_CELLS:
            at.refuse(f"expected at most {_MAX_CELLS:,} points")
        rows.append([number(field, "xyz"[i], at, column=i + 1) for i, field in enumerate(fields)])
        at_lines.append(line)
    if not rows:
        Place(path).refuse("there is no point in it")
    with located(path, {"": at_lines}):
        return TerrainTable(*np.array(rows).T)


def _grid(path: Path | str, lines: list[str]) -> TerrainTable:
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
    nodata = header.get("nodata_value")
    missing = None if nodata is None else number(nodata[1], "NODATA_value", Place(path, nodata[0]))
    heights = np.empty((n_rows, n_columns))
    row = 0
    for line, content in enumerate(lines[start:], start=start + 1):
        fields = content.split()
        if not fields:
            continue
        at = Place(path, line)
        if row == n_rows:
            at.refuse(f"expected {n_rows} rows of heights, found more")
        if len(fields) != n_columns:
            at.refuse(f"expected {n_columns} heights, found {len(fields)}")
        heights[row] = [number(f, "height", at, column=i + 1) for i, f in enumerate(fields)]
        row += 1
    if row < n_rows:
        Place(path, len(lines)).refuse(f"expected {n_rows} rows of heights, found {row}")
    x, y = np.meshgrid(
        corner[0] + np.arange(n_columns) * cell, corner[1] + np.arange(n_rows)[::-1] * cell
    )
    known = np.ones(heights.shape, bool) if missing is None else heights != missing
    if not known.any():
        Place(path).refuse("every cell is without a height")
    with located(path, {"": [start + 1]}):
        return TerrainTable(*(np.asarray(v[known], np.float64) for v in (x, y, heights)))


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
