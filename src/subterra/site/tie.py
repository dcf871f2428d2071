"""Tying a local grid to the site's system by control points.

The rotation R and shift that minimise Σ |x − (R u + t)|²/sd² are those of the best similarity. Its
scale is told beside them: a grid in feet, or on another projection, shows there.
"""

from __future__ import annotations

import cmath
import math
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from subterra.errors import InputError
from subterra.site.similarity import fit_similarity
from subterra.tables import GridControlTable

__all__ = ["GridTie", "tie_grid"]

Array = npt.NDArray[Any]

_FEWEST: Final = 2


@dataclass(frozen=True)
class GridTie:
    """How a local grid lies on the site's.

    Parameters
    ----------
    origin : (x, y)
        Site coordinates of the local point (0, 0), m.
    rotation_deg : float
        Direction of the local x axis, counter-clockwise from the site's.
    scale : float
        Of the best similarity; not used by the tie.
    residual_m : (n, 2) numpy.ndarray
        Point as given less point as tied, east and north.
    left_out_m : (n,) numpy.ndarray
        Distance by which a point is missed if the grid is tied by the others; NaN with two.
    rms_m : float
        Of the residuals' lengths.
    """

    origin: tuple[float, float]
    rotation_deg: float
    scale: float
    residual_m: Array
    left_out_m: Array
    rms_m: float


def tie_grid(control: GridControlTable) -> GridTie:
    """Tie a local grid.

    Parameters
    ----------
    control : GridControlTable
        At least two points; from three on their residuals tell something.

    Returns
    -------
    GridTie

    Raises
    ------
    InputError
        If there are fewer than two points, or all are in one place.
    """
    n = len(control)
    if n < _FEWEST:
        problem = f"a grid is tied by at least {_FEWEST} control points, found {n}"
        raise InputError(problem)
    local = control.local_x_m + 1j * control.local_y_m
    there = control.x_m + 1j * control.y_m
    weight = 1.0 / control.sd_m**2
    turn, shift, scale = _fit(local, there, weight)
    residual = there - (turn * local + shift)
    left_out = np.full(n, np.nan)
    for k in range(n) if n > _FEWEST else ():
        rest = np.arange(n) != k
        if np.ptp(local[rest].real) + np.ptp(local[rest].imag) > 0.0:
            other, moved, _ = _fit(local[rest], there[rest], weight[rest])
            left_out[k] = abs(there[k] - (other * local[k] + moved))
    return GridTie(
        origin=(shift.real, shift.imag),
        rotation_deg=math.degrees(cmath.phase(turn)),
        scale=scale,
        residual_m=np.column_stack([residual.real, residual.imag]),
        left_out_m=left_out,
        rms_m=float(np.sqrt(np.mean(np.abs(residual) ** 2))),
    )


def _fit(local: Array, there: Array, weight: Array) -> tuple[complex, complex, float]:
    """Rotation as a unit number, shift, and scale of the best similarity."""
    best = fit_similarity(local, there, weight)
    scale = abs(best.factor)
    if scale == 0.0:
        problem = "the site's control points are in one place: nothing tells how the grid is turned"
        raise InputError(problem)
    turn = best.factor / scale
    return turn, best.target - turn * best.middle, scale
