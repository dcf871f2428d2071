"""Mine maps: drawn lines by sheet, and the control points of scanned sheets."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from subterra.tables.columns import (
    MAX_COORDINATE_M,
    FloatArray,
    IntArray,
    RowError,
    coordinates,
    first_repeat,
    numbers,
    shown,
    texts,
    words,
)

__all__ = ["MAP_TIES", "MAP_UNITS", "ControlPointTable", "MineMapTable"]

MAP_TIES = ("survey", "topographic", "geologic", "portal", "features", "unknown")
"""How a sheet was tied to the ground: located by survey; to a topographic or a geologic
quadrangle; by the portal of a register of abandoned mines; to streams and roads; not known."""

MAP_UNITS = ("m", "ft", "px")
"""Unit of a file's plan coordinates; ``px`` are pixels of a scan, columns and rows."""


@dataclass(frozen=True, eq=False)
class MineMapTable:
    """Drawn lines of mine maps.

    Parameters
    ----------
    line : tuple of str
        Name of each line, unique.
    sheet : tuple of str
        Sheet on which it is drawn; the lines of a sheet are misplaced together.
    tie : tuple of str
        One of `MAP_TIES`, the same for all lines of a sheet.
    level : tuple of str
        Seam or level; may be blank.
    date : tuple of str
        Of the last survey on the sheet; may be blank.
    start : ndarray of int32, shape (n + 1,)
        Where the vertices of each line begin in ``x``, ``y`` and ``z_m``.
    x, y : ndarray
        Plan coordinates of the vertices in the unit and frame of the file.
    z_m : ndarray
        Height of the working's axis, m; NaN throughout a line where it is not known.
    level_sd_m : ndarray, shape (n,)
        Standard deviation of the height of the seam or level, m; NaN where it is not given.
    sd_m : ndarray, shape (n,)
        Further standard deviation per axis of the sheet's place, m, such as that of a coordinate
        transformation; 0 for none.
    units : str
        One of `MAP_UNITS`.
    crs : str
        Coordinate reference system of the file, as an authority's code or as well-known text;
        blank for that of the site.

    Raises
    ------
    RowError
        A column has the wrong length or a value that cannot be used, a line is repeated, has
        fewer than two vertices or heights for only some, or a sheet has two ties.
    """

    line: tuple[str, ...]
    sheet: tuple[str, ...]
    tie: tuple[str, ...]
    level: tuple[str, ...]
    date: tuple[str, ...]
    start: IntArray
    x: FloatArray
    y: FloatArray
    z_m: FloatArray
    level_sd_m: FloatArray
    sd_m: FloatArray
    units: str = "m"
    crs: str = ""

    def __post_init__(self) -> None:
        put = object.__setattr__
        put(self, "line", texts(self.line, "line"))
        n = len(self.line)
        row = first_repeat(self.line)
        if row is not None:
            problem = f"line {shown(self.line[row])} is given twice"
            raise RowError(problem, field="line", row=row)
        put(self, "sheet", texts(self.sheet, "sheet", n))
        put(self, "tie", words(self.tie, "tie", n, MAP_TIES))
        put(self, "level", texts(self.level, "level", n, blank=True))
        put(self, "date", texts(self.date, "date", n, blank=True))
        words((self.units,), "units", 1, MAP_UNITS)
        put(self, "level_sd_m", numbers(self.level_sd_m, "level_sd_m", n, above=0.0, missing=True))
        put(self, "sd_m", numbers(self.sd_m, "sd_m", n, low=0.0, high=MAX_COORDINATE_M))
        put(self, "start", _starts(self.start, n))
        total = int(self.start[-1]) if n else 0
        put(self, "x", coordinates(self.x, "x", total))
        put(self, "y", coordinates(self.y, "y", total))
        put(
            self,
            "z_m",
            numbers(self.z_m, "z_m", total, low=-2e4, high=2e4, missing=True),
        )
        self._check_lines()

    def _check_lines(self) -> None:
        tie_of: dict[str, str] = {}
        for k in range(len(self.line)):
            if tie_of.setdefault(self.sheet[k], self.tie[k]) != self.tie[k]:
                problem = (
                    f"sheet {shown(self.sheet[k])} is tied by {tie_of[self.sheet[k]]} and by "
                    f"{self.tie[k]}; the lines of one sheet share one tie"
                )
                raise RowError(problem, field="tie", row=k)
            known = np.isfinite(self.z_m[self.start[k] : self.start[k + 1]])
            if known.any() and not known.all():
                problem = "height is given for some of its vertices; give it for all or for none"
                raise RowError(problem, field="z_m", row=k)

    def __len__(self) -> int:
        return len(self.line)


def _starts(values: Iterable[int], n: int) -> IntArray:
    given = np.array(tuple(values), np.int64)
    if given.shape != (n + 1,) or (n and given[0] != 0):
        problem = f"expected {n + 1} places from 0, found {given.shape}"
        raise RowError(problem, field="start")
    short = np.flatnonzero(np.diff(given) < 2)
    if short.size:
        problem = "a line needs at least two vertices"
        raise RowError(problem, field="start", row=int(short[0]))
    starts = given.astype(np.int32)
    starts.flags.writeable = False
    return starts


@dataclass(frozen=True, eq=False)
class ControlPointTable:
    """Points of scanned sheets whose place on the ground is known.

    Parameters
    ----------
    sheet : tuple of str
        Sheet.
    column_px, row_px : ndarray, shape (n,)
        Place in the scan, pixels; rows count downwards.
    x_m, y_m : ndarray, shape (n,)
        Place in the site's frame, m.
    sd_m : ndarray, shape (n,)
        Standard deviation of that place per axis, m; NaN where it is not given.

    Raises
    ------
    RowError
        A column has the wrong length or a value that cannot be used.
    """

    sheet: tuple[str, ...]
    column_px: FloatArray
    row_px: FloatArray
    x_m: FloatArray
    y_m: FloatArray
    sd_m: FloatArray

    def __post_init__(self) -> None:
        put = object.__setattr__
        put(self, "sheet", texts(self.sheet, "sheet"))
        n = len(self.sheet)
        for name in ("column_px", "row_px", "x_m", "y_m"):
            put(self, name, coordinates(getattr(self, name), name, n))
        put(
            self,
            "sd_m",
            numbers(self.sd_m, "sd_m", n, above=0.0, high=MAX_COORDINATE_M, missing=True),
        )

    def __len__(self) -> int:
        return len(self.sheet)
