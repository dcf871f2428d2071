"""Where people say that something is: location kernels of targets, clutter and decoys.

All densities are per m² in plan, per degree for headings and per metre for depths, and integrate
to one over the plane, the half turn and the line. The kernels are scalar; places are metres in the
site's frame. An axis is a row of vertices and the number of its trunk's (`subterra.evidence.axes`).
"""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from subterra.kernel import kernel, part
from subterra.scene.geometry import clip_plan

__all__ = [
    "BLUR",
    "along_density",
    "counted_length",
    "course_density",
    "decoy_ratio",
    "draw_decoy",
    "draw_flat_top",
    "ends_density",
    "flat_top",
    "heading_density",
    "near_axis",
    "part_of_segment",
    "place_along",
    "point_density",
]

Array = npt.NDArray[Any]

BLUR: Final = math.sqrt(2.0 * math.pi)
"""Clutter is even over the site, and tails beyond hold as much as a site this many standard
deviations of the item wider: √(2π) makes an item so vague that it says nothing equally likely as
clutter and as genuine."""

_POINT: Final = 0.5
"""Length in plan up to which an axis is but a point, m."""


@part
def point_density(px: float, py: float, x: float, y: float, sd: float) -> float:
    """Round normal density around a point, 1/m²."""
    r2 = (px - x) ** 2 + (py - y) ** 2
    return math.exp(-0.5 * r2 / (sd * sd)) / (2.0 * math.pi * sd * sd)


@part
def _segment_density(
    px: float, py: float, ax: float, ay: float, bx: float, by: float, sd: float
) -> float:
    """∫ over a plan segment of the round normal density around each of its points, 1/m."""
    dx, dy = bx - ax, by - ay
    length = math.sqrt(dx * dx + dy * dy)
    if length < 1e-6:
        return 0.0
    along = ((px - ax) * dx + (py - ay) * dy) / length
    across = ((px - ax) * dy - (py - ay) * dx) / length
    upper = math.erfc(-(length - along) / (sd * 1.4142135623730951))
    lower = math.erfc(along / (sd * 1.4142135623730951))
    bell = math.exp(-0.5 * (across / sd) ** 2) / (sd * 2.5066282746310002)
    return max(0.5 * (upper - lower), 0.0) * bell


@part
def heading_density(away: float, sd: float) -> float:
    """Normal density wrapped on the half turn after which a line is itself again, 1/degree."""
    if sd > 90.0:
        return 1.0 / 180.0
    near = (away + 90.0) % 180.0 - 90.0
    total = 0.0
    for turn in range(-3, 4):
        total += math.exp(-0.5 * ((near + 180.0 * turn) / sd) ** 2)
    return total / (sd * 2.5066282746310002)


@kernel
def near_axis(x: Array, y: Array, trunk: int, px: float, py: float) -> int:
    """Vertex of the trunk that is nearest to a place in plan."""
    nearest, best = 0, 1e300
    for k in range(trunk):
        r2 = (px - x[k]) ** 2 + (py - y[k]) ** 2
        if r2 < best:
            best, nearest = r2, k
    return nearest


@kernel
def part_of_segment(
    x: Array, y: Array, trunk: int, k: int, box: Array, whole: bool
) -> tuple[float, float, float]:
    """Fractions between which segment k counts, and the length of that part in plan, m.

    The part in the box, or all of it; nothing where the trunk ends and the branch begins.
    """
    if k == trunk - 1:
        return 0.0, 0.0, 0.0
    dx, dy = x[k + 1] - x[k], y[k + 1] - y[k]
    t0, t1 = 0.0, 1.0
    if not whole:
        t0, t1 = clip_plan(x[k], y[k], x[k + 1], y[k + 1], box[0], box[1], box[2], box[3])
    return t0, t1, (t1 - t0) * math.sqrt(dx * dx + dy * dy)


@kernel
def counted_length(x: Array, y: Array, trunk: int, box: Array) -> tuple[bool, float]:
    """Whether all of an axis counts, and the length that does, m; 0 of what is but a point.

    What counts is what lies in the box; all of an axis with less than half a metre there; and of
    one that is no longer than that its first vertex.
    """
    for whole in (False, True):
        length = 0.0
        for k in range(x.size - 1):
            _, _, part = part_of_segment(x, y, trunk, k, box, whole)
            length += part
        if length > _POINT:
            return whole, length
    return True, 0.0


@kernel
def along_density(
    x: Array, y: Array, trunk: int, px: float, py: float, sd: float, box: Array
) -> float:
    """Density of a place spread evenly along what counts of an axis, with error sd, 1/m²."""
    for whole in (False, True):
        total, length = 0.0, 0.0
        for k in range(x.size - 1):
            t0, t1, part = part_of_segment(x, y, trunk, k, box, whole)
            if part > 0.0:
                length += part
                dx, dy = x[k + 1] - x[k], y[k + 1] - y[k]
                total += _segment_density(
                    px, py, x[k] + t0 * dx, y[k] + t0 * dy, x[k] + t1 * dx, y[k] + t1 * dy, sd
                )
        if length > _POINT:
            return total / length
    return point_density(px, py, x[0], y[0], sd)


@kernel
def place_along(x: Array, y: Array, trunk: int, share: float, box: Array) -> tuple[float, float]:
    """Place at a share, 0 to 1, of the length of what counts of an axis (`along_density`)."""
    whole, length = counted_length(x, y, trunk, box)
    left, px, py = share * length, x[0], y[0]
    for k in range(x.size - 1):
        t0, t1, part = part_of_segment(x, y, trunk, k, box, whole)
        if part > 0.0 and left >= 0.0:
            t = t0 + (t1 - t0) * min(left / part, 1.0)
            px, py = x[k] + t * (x[k + 1] - x[k]), y[k] + t * (y[k + 1] - y[k])
            left -= part
    return px, py


@part
def ends_density(x: Array, y: Array, trunk: int, px: float, py: float, sd: float) -> float:
    """Density of a place at either end of a trunk, each with probability one half, 1/m²."""
    n = trunk - 1
    first = point_density(px, py, x[0], y[0], sd)
    return 0.5 * (first + point_density(px, py, x[n], y[n], sd))


@part
def course_density(x: Array, y: Array, trunk: int, heading: float, sd: float) -> float:
    """Density of a stated course given the line from end to end of a trunk, 1/degree.

    Degrees are clockwise from north. What has no length has any course.
    """
    dx, dy = x[trunk - 1] - x[0], y[trunk - 1] - y[0]
    if dx == 0.0 and dy == 0.0:
        return 1.0 / 180.0
    return heading_density(heading - math.degrees(math.atan2(dx, dy)), sd)


@kernel
def flat_top(at: float, low: float, high: float, tail: float) -> float:
    """Height at a place of what is even between two bounds and fades beyond, 1 between them.

    A distance d beyond a bound it is 1/(1 + d/tail)², so that each tail holds as much as ``tail``
    metres inside do and the density is this over high − low + 2 tail. Any normal error falls off
    faster: what is said of a place far away is clutter, wherever targets lie.
    """
    beyond = max(low - at, at - high, 0.0) / tail
    return 1.0 / ((1.0 + beyond) * (1.0 + beyond))


def draw_flat_top(low: float, high: float, tail: float, rng: np.random.Generator) -> float:
    """Draw a place with the density of `flat_top`."""
    at = rng.uniform(low - tail, high + tail)
    beyond = max(low - at, at - high, 0.0) / tail
    if beyond == 0.0:
        return at
    away = tail * beyond / (1.0 - min(beyond, 1.0 - 1e-9))
    return low - away if at < low else high + away


@part
def _mass(at: float, low: float, high: float, sd: float) -> float:
    """Mass of a normal centred at ``at`` between two bounds."""
    scale = sd * 1.4142135623730951
    return 0.5 * (math.erfc((low - at) / scale) - math.erfc((high - at) / scale))


@kernel
def decoy_ratio(
    px: float, py: float, ex: float, ey: float, sd: float, radius: float, box: Array, around: float
) -> float:
    """Density of a decoy that draws away from one end, times the area that decoys lie in.

    A decoy lies evenly over the box but for a hollow of 1 − exp(−d²/2R²) around the end (ex, ey);
    its place is told with the error sd. Normalised over the box widened on each side by the tail of
    other clutter (`flat_top`), so that but for the hollow both are as dense in the box; outside of
    it there is none.

    Parameters
    ----------
    px, py : float
        Place of the item, m.
    ex, ey : float
        The end, m.
    sd : float
        Error of the item per axis, m.
    radius : float
        R, m.
    box : (4,) numpy.ndarray
        x0, y0, x1, y1 of the site, m.
    around : float
        Share of the site's side by which it is widened beyond the error.
    """
    wide = math.sqrt(radius * radius + sd * sd)
    peak = (radius / wide) ** 2
    half = 0.5 * 2.5066282746310002 * sd
    ring_x, ring_y = half + around * (box[2] - box[0]), half + around * (box[3] - box[1])
    x0, y0, x1, y1 = box[0] - ring_x, box[1] - ring_y, box[2] + ring_x, box[3] + ring_y
    if px < x0 or px > x1 or py < y0 or py > y1:
        return 0.0
    r2 = (px - ex) ** 2 + (py - ey) ** 2
    hollow = peak * math.exp(-0.5 * r2 / (wide * wide))
    mass = _mass(ex, x0, x1, wide) * _mass(ey, y0, y1, wide)
    mean = peak * 2.0 * math.pi * wide * wide * mass / ((x1 - x0) * (y1 - y0))
    return (1.0 - hollow) / (1.0 - mean)


def draw_decoy(
    end: tuple[float, float],
    sd: float,
    radius: float,
    box: tuple[float, float, float, float],
    around: float,
    rng: np.random.Generator,
) -> tuple[float, float]:
    """Draw a place with the density of `decoy_ratio`; its arguments are those."""
    x0, y0, x1, y1 = box
    ring_x, ring_y = (0.5 * BLUR * sd + around * side for side in (x1 - x0, y1 - y0))
    wide = math.hypot(radius, sd)
    while True:
        x = rng.uniform(x0 - ring_x, x1 + ring_x)
        y = rng.uniform(y0 - ring_y, y1 + ring_y)
        r2 = (x - end[0]) ** 2 + (y - end[1]) ** 2
        if rng.random() >= (radius / wide) ** 2 * math.exp(-0.5 * r2 / wide**2):
            return x, y
