"""The declared class of a stop certificate: how large, how shallow, and under which area."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from subterra.errors import InputError
from subterra.kernel import kernel
from subterra.scene import Prior, Scenes, segments, target_mask
from subterra.scene.geometry import point_segment

__all__ = ["DeclaredClass", "declare", "in_class", "rectangle", "touches_area"]

Array = npt.NDArray[Any]

_STEP: Final = 0.25
"""Points along an axis are at most this many radii apart, and at most half a metre."""
_ROUNDING: Final = 1e-6


@dataclass(frozen=True, eq=False)
class DeclaredClass:
    """Targets that a certificate speaks of.

    Parameters
    ----------
    diameter_m : float
        Equivalent diameter, at least this.
    above_m : float
        Depth under the ground: the roof of some part inside the area is shallower than this.
    polygon : (k, 2) numpy.ndarray
        Area in plan, m: the footprint of that part touches it.
    """

    diameter_m: float
    above_m: float
    polygon: Array


def rectangle(bounds: tuple[float, float, float, float]) -> Array:
    """Corners (4, 2) of bounds x0, y0, x1, y1."""
    x0, y0, x1, y1 = bounds
    return np.array([[x0, y0], [x1, y0], [x1, y1], [x0, y1]])


def declare(
    prior: Prior,
    *,
    diameter_m: float | None = None,
    above_m: float | None = None,
    polygon: Array | None = None,
) -> DeclaredClass:
    """Declare a class within what the prior of a site can speak of.

    Parameters
    ----------
    prior : Prior
        Bounds, depth and families of the site.
    diameter_m : float, optional
        By default the smallest that the prior holds possible.
    above_m : float, optional
        By default the depth of the site.
    polygon : (k, 2) numpy.ndarray, optional
        By default the bounds of the site.

    Returns
    -------
    DeclaredClass

    Raises
    ------
    InputError
        If the class reaches beyond the prior, of which the belief says nothing.
    """
    ranges = [prior.families[name].radius_m for name in prior.targets]
    smallest, largest = (2.0 * f(v) for f, v in ((min, [a for a, _ in ranges]),
                                                 (max, [b for _, b in ranges])))  # fmt: skip
    diameter = smallest if diameter_m is None else diameter_m
    above = prior.depth_m if above_m is None else above_m
    area = rectangle(prior.bounds) if polygon is None else np.asarray(polygon, np.float64)
    if not smallest * (1.0 - 1e-9) <= diameter <= largest:
        problem = (
            f"the search is for targets {smallest:g} to {largest:g} m wide; of others it says "
            f"nothing, and a diameter of {diameter:g} m was asked"
        )
        raise InputError(problem)
    if not 0.0 < above <= prior.depth_m:
        problem = (
            f"the site is searched down to {prior.depth_m:g} m under the ground; of what lies "
            f"above {above:g} m nothing can be said"
        )
        raise InputError(problem)
    x0, y0, x1, y1 = prior.bounds
    if area.ndim != 2 or area.shape[1] != 2 or len(area) < 3 or not np.isfinite(area).all():
        problem = "the area must be a polygon of at least three points x, y"
        raise InputError(problem)
    slack = _ROUNDING * max(1.0, abs(x0), abs(y0), abs(x1), abs(y1))
    low, high = area.min(axis=0), area.max(axis=0)
    if low[0] < x0 - slack or low[1] < y0 - slack or high[0] > x1 + slack or high[1] > y1 + slack:
        problem = (
            f"the area reaches from ({low[0]:.12g}, {low[1]:.12g}) to "
            f"({high[0]:.12g}, {high[1]:.12g}), beyond the bounds {prior.bounds}: nothing is known "
            "there"
        )
        raise InputError(problem)
    return DeclaredClass(diameter, above, area)


@kernel
def _touches_area(x: float, y: float, reach: float, polygon: Array) -> bool:
    """Whether a point lies within ``reach`` of a polygon (k, 2) or inside it."""
    inside = False
    previous = polygon.shape[0] - 1
    for i in range(polygon.shape[0]):
        ax, ay, bx, by = polygon[previous, 0], polygon[previous, 1], polygon[i, 0], polygon[i, 1]
        if (ay > y) != (by > y) and x < ax + (y - ay) / (by - ay) * (bx - ax):
            inside = not inside
        distance, _ = point_segment(x, y, 0.0, ax, ay, 0.0, bx, by, 0.0)
        if distance <= reach:
            return True
        previous = i
    return inside


def touches_area(x: float, y: float, polygon: Array, reach: float = 0.0) -> bool:
    """Whether a point lies inside a polygon (k, 2) or within ``reach`` metres of it."""
    return bool(_touches_area(x, y, reach, np.ascontiguousarray(polygon, np.float64)))


@kernel
def _mark(
    start: Array, end: Array, radius: Array, above: float, polygon: Array, out: Array
) -> None:
    """Mark the objects with some part above a depth and in an area.

    ``start`` and ``end`` (3, k, M) are x, y and depth of the ends of their segments.
    """
    for k in range(start.shape[1]):
        step = min(0.5, _STEP * radius[k])
        for i in range(start.shape[2]):
            x, y, depth = start[0, k, i], start[1, k, i], start[2, k, i]
            dx, dy, dz = end[0, k, i] - x, end[1, k, i] - y, end[2, k, i] - depth
            count = int(math.sqrt(dx * dx + dy * dy + dz * dz) / step) + 1
            for j in range(count + 1):
                s = j / count
                if depth + s * dz - radius[k] < above and _touches_area(
                    x + s * dx, y + s * dy, radius[k], polygon
                ):
                    out[k] = True
                    break
            if out[k]:
                break


def in_class(scenes: Scenes, prior: Prior, declared: DeclaredClass) -> Array:
    """Which objects of a population belong to a declared class, by either of their chains.

    Parameters
    ----------
    scenes : Scenes
        ``n`` scenes of ``S`` slots.
    prior : Prior
        Says which families are targets, and the ground.
    declared : DeclaredClass
        The class.

    Returns
    -------
    (n, S) numpy.ndarray of bool
    """
    objects = scenes.objects
    wide = objects.radius >= 0.5 * declared.diameter_m * (1.0 - 1e-6)
    chosen = target_mask(prior)[objects.family] & (objects.family > 0) & wide
    out = np.zeros(objects.family.shape, bool)
    if not chosen.any():
        return out
    start, end = (v[:, chosen].astype(np.float64) for v in segments(objects))
    for ends in (start, end):
        ends[2] = prior.surface.at(ends[0], ends[1]) - ends[2]
    radius = objects.radius[chosen].astype(np.float64)
    marked = np.zeros(len(radius), np.bool_)
    polygon = np.ascontiguousarray(declared.polygon, np.float64)
    _mark(start, end, radius, float(declared.above_m), polygon, marked)
    out[chosen] = marked
    return out
