"""The plane that stands for the ground of a site, and how far the ground is off it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from subterra.errors import InputError
from subterra.tables import TerrainTable

__all__ = ["FittedPlane", "fit_plane"]

_FEWEST: Final = 3
_MARGIN: Final = 0.1
"""Share of the site's size by which points beyond its bounds are still taken."""


@dataclass(frozen=True)
class FittedPlane:
    """A plane through the ground.

    Parameters
    ----------
    z0_m, slope_x, slope_y : float
        Height at x = 0, y = 0 and rises to the east and north, as in the site file.
    rms_m, largest_m : float
        How far the points are off it.
    n_points : int
        Points in and near the bounds.
    """

    z0_m: float
    slope_x: float
    slope_y: float
    rms_m: float
    largest_m: float
    n_points: int


def fit_plane(terrain: TerrainTable, bounds: tuple[float, float, float, float]) -> FittedPlane:
    """Fit a plane to the ground within the bounds of a site by least squares.

    Parameters
    ----------
    terrain : TerrainTable
        Points of the ground.
    bounds : (x0, y0, x1, y1)
        Of the site, m.

    Returns
    -------
    FittedPlane

    Raises
    ------
    InputError
        If fewer than three points lie there, or all of them on one line.
    """
    x0, y0, x1, y1 = bounds
    edge = _MARGIN * max(x1 - x0, y1 - y0)
    near = (terrain.x_m >= x0 - edge) & (terrain.x_m <= x1 + edge)
    near &= (terrain.y_m >= y0 - edge) & (terrain.y_m <= y1 + edge)
    x, y, z = terrain.x_m[near], terrain.y_m[near], terrain.z_m[near]
    if x.size < _FEWEST:
        problem = (
            f"{x.size} points of the terrain lie in or near the bounds, at least {_FEWEST} are "
            f"needed; it reaches from x {terrain.x_m.min():g} to {terrain.x_m.max():g} and from y "
            f"{terrain.y_m.min():g} to {terrain.y_m.max():g}"
        )
        raise InputError(problem)
    middle = np.array([0.5 * (x0 + x1), 0.5 * (y0 + y1)])
    design = np.column_stack([np.ones(x.size), x - middle[0], y - middle[1]])
    found, _, rank, _ = np.linalg.lstsq(design, z, rcond=1e-9)
    if rank < 3:
        problem = "the points of the terrain lie on one line: no plane goes through them alone"
        raise InputError(problem)
    off = z - design @ found
    return FittedPlane(
        z0_m=float(found[0] - found[1:] @ middle),
        slope_x=float(found[1]),
        slope_y=float(found[2]),
        rms_m=float(np.sqrt(np.mean(off**2))),
        largest_m=float(np.abs(off).max()),
        n_points=int(x.size),
    )
