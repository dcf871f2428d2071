"""Heights of the ground: points, and grids of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt

from subterra.tables.columns import FloatArray, RowError, coordinates, numbers

__all__ = ["HEIGHT_RANGE_M", "Terrain", "TerrainGrid", "TerrainTable"]

HEIGHT_RANGE_M: Final = (-1000.0, 10_000.0)
"""No dry ground of the Earth lies lower or higher: what does stands for no height (-9999)."""

_MAX_TEXT: Final = 10_000


@dataclass(frozen=True, eq=False)
class TerrainTable:
    """Points of the ground surface.

    Parameters
    ----------
    x_m, y_m : ndarray, shape (n,)
        Easting and northing, m, in the frame of ``crs``; degrees of longitude and latitude where
        that is a geographic one.
    z_m : ndarray, shape (n,)
        Elevation, m, positive up.
    crs : str
        Plan reference system, where the file says it (``EPSG:n`` or well-known text); blank is the
        site's.
    vertical : str
        Vertical datum, where the file says it; blank where not.
    sd_m : float or None
        Standard error of a height, m, where it is stated.
    remark : str
        What was chosen in reading it, in words; blank for nothing.

    Raises
    ------
    RowError
        A column has the wrong length or a value that cannot be used, or there is no point.
    """

    x_m: FloatArray
    y_m: FloatArray
    z_m: FloatArray
    crs: str = ""
    vertical: str = ""
    sd_m: float | None = None
    remark: str = ""

    def __post_init__(self) -> None:
        put = object.__setattr__
        put(self, "x_m", coordinates(self.x_m, "x_m"))
        n = self.x_m.size
        put(self, "y_m", coordinates(self.y_m, "y_m", n))
        low, high = HEIGHT_RANGE_M
        put(self, "z_m", numbers(self.z_m, "z_m", n, low=low, high=high))
        if not n:
            problem = "there is no point with a height"
            raise RowError(problem, field="z_m")
        _check_frame(self)

    def __len__(self) -> int:
        return self.x_m.size


@dataclass(frozen=True, eq=False)
class TerrainGrid:
    """Heights at the centres of the cells of a regular grid.

    Parameters
    ----------
    x0_m, y0_m : float
        Centre of the first cell of the first row, in the frame of ``crs``: m, or degrees.
    dx_m, dy_m : float
        Steps along a row and from row to row, positive: rows go from south to north.
    z_m : ndarray of float32, shape (ny, nx)
        Elevations, m, positive up; NaN in cells without one.
    crs, vertical, sd_m, remark
        As of ``TerrainTable``.

    Raises
    ------
    RowError
        No grid, no height in it, or a value that cannot be used.
    """

    x0_m: float
    y0_m: float
    dx_m: float
    dy_m: float
    z_m: npt.NDArray[np.float32]
    crs: str = ""
    vertical: str = ""
    sd_m: float | None = None
    remark: str = ""

    def __post_init__(self) -> None:
        z = np.ascontiguousarray(self.z_m, np.float32)
        if z.ndim != 2 or not z.size:
            problem = f"expected a grid of rows and columns, found shape {z.shape}"
            raise RowError(problem, field="z_m")
        corner = np.array([self.x0_m, self.y0_m], float)
        step = np.array([self.dx_m, self.dy_m], float)
        # The frame of the whole grid is checked as coordinates are.
        coordinates(np.append(corner, corner + step * (np.array(z.shape)[::-1] - 1)), "x_m")
        if not np.all(step > 0.0):
            problem = f"expected steps above 0, found {self.dx_m:g} and {self.dy_m:g}"
            raise RowError(problem, field="dx_m")
        known = z[~np.isnan(z)]
        if not known.size:
            problem = "every cell is without a height"
            raise RowError(problem, field="z_m")
        low, high = HEIGHT_RANGE_M
        numbers([known.min(), known.max()], "z_m", low=low, high=high)
        if z.flags.writeable and np.shares_memory(z, self.z_m):
            z = z.copy()
        z.flags.writeable = False
        object.__setattr__(self, "z_m", z)
        _check_frame(self)

    def __len__(self) -> int:
        return int(np.isfinite(self.z_m).sum())

    @property
    def n_rows(self) -> int:
        """Number of rows."""
        return self.z_m.shape[0]

    @property
    def n_columns(self) -> int:
        """Number of columns."""
        return self.z_m.shape[1]

    @property
    def x_m(self) -> FloatArray:
        """Centres of the columns, (nx,)."""
        return self.x0_m + self.dx_m * np.arange(self.n_columns, dtype=np.float64)

    @property
    def y_m(self) -> FloatArray:
        """Centres of the rows, (ny,)."""
        return self.y0_m + self.dy_m * np.arange(self.n_rows, dtype=np.float64)

    def points(self) -> TerrainTable:
        """Return the cells that have a height as points."""
        row, column = np.nonzero(np.isfinite(self.z_m))
        return TerrainTable(
            self.x_m[column],
            self.y_m[row],
            self.z_m[row, column].astype(np.float64),
            self.crs,
            self.vertical,
            self.sd_m,
            self.remark,
        )

    def at(self, x: npt.ArrayLike, y: npt.ArrayLike) -> FloatArray:
        """Heights between the centres of cells, bilinear.

        Parameters
        ----------
        x, y : array_like, shape (n,)
            Places in the frame of the grid.

        Returns
        -------
        ndarray, shape (n,)
            m; NaN outside the outermost centres by more than half a cell (within it the edge goes
            on level), and wherever a cell with a weight above 0 has no height.
        """
        column = (np.asarray(x, np.float64) - self.x0_m) / self.dx_m
        row = (np.asarray(y, np.float64) - self.y0_m) / self.dy_m
        last_row, last_column = self.n_rows - 1, self.n_columns - 1
        inside = (column >= -0.5) & (column <= last_column + 0.5)
        inside &= (row >= -0.5) & (row <= last_row + 0.5)
        column = np.clip(np.where(inside, column, 0.0), 0.0, last_column)
        row = np.clip(np.where(inside, row, 0.0), 0.0, last_row)
        i = np.minimum(row.astype(np.int64), max(last_row - 1, 0))
        j = np.minimum(column.astype(np.int64), max(last_column - 1, 0))
        v, u = row - i, column - j
        out = np.zeros(column.shape)
        for di, dj, weight in (
            (0, 0, (1.0 - v) * (1.0 - u)), (0, 1, (1.0 - v) * u),
            (1, 0, v * (1.0 - u)), (1, 1, v * u),
        ):  # fmt: skip
            z = self.z_m[np.minimum(i + di, last_row), np.minimum(j + dj, last_column)]
            out += np.where(weight > 0.0, weight * z, 0.0)
        return np.where(inside, out, np.nan)


Terrain: TypeAlias = TerrainTable | TerrainGrid


def _check_frame(terrain: Terrain) -> None:
    for name in ("crs", "vertical", "remark"):
        text: str = getattr(terrain, name)
        if len(text) > _MAX_TEXT or any(ord(c) < 32 or ord(c) == 127 for c in text):
            problem = "expected a short text without control characters"
            raise RowError(problem, field=name)
    if terrain.sd_m is not None and not 0.0 < terrain.sd_m < 1e4:
        problem = f"expected a standard error above 0 m, found {terrain.sd_m:g}"
        raise RowError(problem, field="sd_m")
