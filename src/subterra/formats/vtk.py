"""VTK legacy files (version 3.0): lines with values, and a regular volume, for ParaView."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from subterra.errors import InputError

__all__ = ["vtk_lines", "vtk_volume"]


def vtk_lines(
    title: str, lines: Sequence[npt.ArrayLike], values: Mapping[str, Sequence[float]]
) -> bytes:
    """Write polylines with values by line.

    Parameters
    ----------
    title : str
        First line of the file; cut at 200 characters.
    lines : sequence of (k, 3) array_like
        Vertices, m.
    values : mapping of str to sequence of float
        One number a line under each name (no blanks).

    Returns
    -------
    bytes
        The file, ASCII.

    Raises
    ------
    InputError
        A name with blanks, or a wrong number of values.
    """
    axes = [np.asarray(line, np.float64).reshape(-1, 3) for line in lines]
    points = np.concatenate(axes) if axes else np.empty((0, 3))
    out = [*_head(title), "DATASET POLYDATA", f"POINTS {len(points)} double"]
    out += [" ".join(repr(float(v)) for v in point) for point in points]
    size = sum(len(axis) + 1 for axis in axes)
    out.append(f"LINES {len(axes)} {size}")
    begin = 0
    for axis in axes:
        out.append(" ".join(map(str, [len(axis), *range(begin, begin + len(axis))])))
        begin += len(axis)
    if values:
        out.append(f"CELL_DATA {len(axes)}")
    for name, column in values.items():
        if not name or len(name.split()) != 1 or len(column) != len(axes):
            problem = f"values {name!r}: expected a name without blanks and one value a line"
            raise InputError(problem)
        out += [f"SCALARS {name} double 1", "LOOKUP_TABLE default"]
        out += [repr(float(v)) for v in column]
    return ("\n".join(out) + "\n").encode("ascii", "replace")


def vtk_volume(
    title: str,
    name: str,
    values: npt.NDArray[Any],
    origin_m: tuple[float, float, float],
    cell_m: tuple[float, float, float],
) -> bytes:
    """Write a regular volume of cells as values at cells.

    Parameters
    ----------
    title, name : str
        First line of the file, and name of the values.
    values : (nz, ny, nx) numpy.ndarray
        From the lowest, southernmost, westernmost cell on.
    origin_m : (x, y, z)
        Corner of that cell, m.
    cell_m : (dx, dy, dz)
        Size of the cells, m.

    Returns
    -------
    bytes
        The file: ASCII header, big-endian 32-bit floats.
    """
    nz, ny, nx = values.shape
    head = [
        *_head(title, "BINARY"),
        "DATASET STRUCTURED_POINTS",
        f"DIMENSIONS {nx + 1} {ny + 1} {nz + 1}",
        "ORIGIN " + " ".join(repr(float(v)) for v in origin_m),
        "SPACING " + " ".join(repr(float(v)) for v in cell_m),
        f"CELL_DATA {values.size}",
        f"SCALARS {name} float 1",
        "LOOKUP_TABLE default",
    ]
    text = ("\n".join(head) + "\n").encode("ascii", "replace")
    return text + np.ascontiguousarray(values, ">f4").tobytes() + b"\n"


def _head(title: str, kind: str = "ASCII") -> list[str]:
    return ["# vtk DataFile Version 3.0", " ".join(title.split())[:200], kind]
