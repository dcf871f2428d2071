"""Centre lines of workings and caves: surveyed legs, or drawn lines."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from subterra.tables.columns import (
    FloatArray,
    IntArray,
    RowError,
    coordinates,
    first_repeat,
    numbers,
    texts,
)

__all__ = ["CentreLineTable"]


@dataclass(frozen=True, eq=False)
class CentreLineTable:
    """Lines with their vertices one after the other.

    Parameters
    ----------
    line : tuple of str
        Names, all different.
    start : ndarray of int32, shape (n + 1,)
        Where the vertices of each line begin.
    x, y : ndarray
        Plan coordinates in the file's frame: m, or degrees of longitude and latitude.
    z_m : ndarray
        Height, m; NaN where it is not known.
    crs : str
        Reference system of x and y where the format says it (``EPSG:4326`` of KML); else blank.
    misclosure_m : float or None
        Root mean square of what the legs are off after closing the loops, per axis; None where
        there are no loops or nothing was measured twice.

    Raises
    ------
    RowError
        A column has the wrong length or a value that cannot be used, a line is repeated or has
        fewer than two vertices.
    """

    line: tuple[str, ...]
    start: IntArray
    x: FloatArray
    y: FloatArray
    z_m: FloatArray
    crs: str = ""
    misclosure_m: float | None = None

    def __post_init__(self) -> None:
        put = object.__setattr__
        put(self, "line", texts(self.line, "line"))
        row = first_repeat(self.line)
        if row is not None:
            problem = f"line {self.line[row]!r} is given twice"
            raise RowError(problem, field="line", row=row)
        start = np.array(self.start, np.int32)
        if start.shape != (len(self.line) + 1,) or len(self.line) == 0 or start[0] != 0:
            problem = "expected where each line begins, and where the last one ends"
            raise RowError(problem, field="start")
        short = np.diff(start) < 2
        if short.any():
            problem = "expected at least two vertices"
            raise RowError(problem, field="line", row=int(np.argmax(short)))
        start.flags.writeable = False
        put(self, "start", start)
        total = int(start[-1])
        put(self, "x", coordinates(self.x, "x", total))
        put(self, "y", coordinates(self.y, "y", total))
        put(self, "z_m", numbers(self.z_m, "z_m", total, low=-2e4, high=2e4, missing=True))

    def __len__(self) -> int:
        return len(self.line)
