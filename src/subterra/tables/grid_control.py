"""Points known in a local grid and in the site's system."""

from __future__ import annotations

from dataclasses import dataclass

from subterra.tables.columns import FloatArray, RowError, coordinates, first_repeat, numbers, texts

__all__ = ["GridControlTable"]


@dataclass(frozen=True, eq=False)
class GridControlTable:
    """Control points of a local grid.

    Parameters
    ----------
    point : tuple of str
        Names, all different.
    local_x_m, local_y_m : ndarray, shape (n,)
        In the local grid, m.
    x_m, y_m : ndarray, shape (n,)
        In the site's CRS, m.
    sd_m : ndarray, shape (n,)
        Standard deviation of a point per axis, m; only ratios matter to the fit.

    Raises
    ------
    RowError
        A column has the wrong length or a value that cannot be used, or a point is repeated.
    """

    point: tuple[str, ...]
    local_x_m: FloatArray
    local_y_m: FloatArray
    x_m: FloatArray
    y_m: FloatArray
    sd_m: FloatArray

    def __post_init__(self) -> None:
        put = object.__setattr__
        put(self, "point", texts(self.point, "point"))
        n = len(self.point)
        row = first_repeat(self.point)
        if row is not None:
            problem = f"point {self.point[row]!r} is given twice"
            raise RowError(problem, field="point", row=row)
        for name in ("local_x_m", "local_y_m", "x_m", "y_m"):
            put(self, name, coordinates(getattr(self, name), name, n))
        put(self, "sd_m", numbers(self.sd_m, "sd_m", n, above=0.0, high=1e6))

    def __len__(self) -> int:
        return len(self.point)
