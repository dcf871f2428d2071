"""Keep-clear rules: no hole may come within a distance of a pipe, a cable or a live working.

A hard gate, not a cost: a hole that breaks the rule is no candidate, whatever it would find.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from subterra.errors import InputError
from subterra.kernel import kernel
from subterra.scene.geometry import segment_segment
from subterra.search.holes import Holes, direction

__all__ = ["KeepClear", "clear_holes"]

Array = npt.NDArray[Any]

_SD: Final = 3.0
"""Standard deviations of a hole's lateral deviation that are kept clear, too."""


@dataclass(frozen=True, eq=False)
class KeepClear:
    """Something that no hole may come close to.

    Parameters
    ----------
    name : str
        What it is, for the reasons.
    axis : (k, 3) numpy.ndarray
        Its course x, y, z, m; at least two points.
    distance_m : float
        Smallest distance allowed between a hole and the axis, m.

    Raises
    ------
    InputError
        For fewer points, a number that is not finite, or a distance that is not positive.
    """

    name: str
    axis: Array
    distance_m: float

    def __post_init__(self) -> None:
        points = np.asarray(self.axis, np.float64)
        if points.ndim != 2 or points.shape[1] != 3 or len(points) < 2:
            problem = f"{self.name}: a course to keep clear of needs two points x, y, z at least"
            raise InputError(problem)
        if not (np.isfinite(points).all() and 0.0 < self.distance_m < math.inf):
            problem = f"{self.name}: the distance to keep must be positive and all points finite"
            raise InputError(problem)


@kernel
def _too_close(start: Array, end: Array, axis: Array, distance: float, margin: Array) -> Array:
    """Which traces come closer to a chain than is allowed; ``margin`` grows to their ends."""
    out = np.zeros(start.shape[0], np.bool_)
    for i in range(start.shape[0]):
        for k in range(axis.shape[0] - 1):
            found, part, _ = segment_segment(
                start[i, 0], start[i, 1], start[i, 2], end[i, 0], end[i, 1], end[i, 2],
                axis[k, 0], axis[k, 1], axis[k, 2],
                axis[k + 1, 0], axis[k + 1, 1], axis[k + 1, 2],
            )  # fmt: skip
            if found < distance + part * margin[i]:
                out[i] = True
    return out


def clear_holes(
    holes: Holes, keep_clear: tuple[KeepClear, ...], deviation_sd_per_m: float
) -> Array:
    """Which holes keep every distance over their whole length.

    Parameters
    ----------
    holes : Holes
        ``n`` holes; of a candidate, as long as it may become.
    keep_clear : tuple of KeepClear
        What to keep clear of.
    deviation_sd_per_m : float
        Lateral deviation per metre along a hole: three standard deviations, at the place that is
        closest on the straight trace, are kept clear beyond the distance.

    Returns
    -------
    (n,) numpy.ndarray of bool
    """
    out = np.ones(len(holes), bool)
    if not keep_clear:
        return out
    start = np.column_stack([holes.x, holes.y, holes.z]).astype(np.float64)
    along = direction(holes.azimuth_deg, holes.inclination_deg).T
    end = start + along * np.asarray(holes.length_m, np.float64)[:, None]
    margin = _SD * deviation_sd_per_m * np.asarray(holes.length_m, np.float64)
    for item in keep_clear:
        axis = np.ascontiguousarray(item.axis, np.float64)
        out &= ~_too_close(start, end, axis, item.distance_m, margin)
    return out
