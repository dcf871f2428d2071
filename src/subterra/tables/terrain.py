"""Heights of the ground at points, from a grid or a survey."""

from __future__ import annotations

from dataclasses import dataclass

from subterra.tables.columns import FloatArray, RowError, coordinates

__all__ = ["TerrainTable"]


@dataclass(frozen=True, eq=False)
class TerrainTable:
    """Points of the ground surface.

    Parameters
    ----------
    x_m, y_m, z_m : ndarray, shape (n,)
        Easting, northing and elevation (up) in the site's CRS, m; cells without a height are left
        out.

    Raises
    ------
    RowError
        A column has the wrong length or a value that cannot be used, or there is no point.
    """

    x_m: FloatArray
    y_m: FloatArray
    z_m: FloatArray

    def __post_init__(self) -> None:
        put = object.__setattr__
        put(self, "x_m", coordinates(self.x_m, "x_m"))
        n = self.x_m.size
        put(self, "y_m", coordinates(self.y_m, "y_m", n))
        put(self, "z_m", coordinates(self.z_m, "z_m", n))
        if not n:
            problem = "there is no point with a height"
            raise RowError(problem, field="z_m")

    def __len__(self) -> int:
        return self.x_m.size
