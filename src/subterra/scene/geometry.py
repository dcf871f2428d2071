"""Distances and intersections of segments, capsules and spheres: scalar kernels.

Points are three scalars in metres. A capsule is all that lies within ``radius`` of a segment;
a segment of no length makes it a sphere. A trace is the straight line ``o + t·d`` with
``|d| = 1`` and ``0 <= t <= length``. Kernels take no arrays, so that they inline into loops over
structures of arrays.
"""

from __future__ import annotations

import math
from typing import Final

from subterra.kernel import kernel

__all__ = ["clip_plan", "point_segment", "segment_segment", "trace_capsule", "trace_sphere"]

_LEVEL: Final = 1e-30
"""Slope along an axis, 1/m, below which a trace is square to it."""


@kernel
def clip_plan(
    ax: float,
    ay: float,
    bx: float,
    by: float,
    x0: float,
    y0: float,
    x1: float,
    y1: float,
) -> tuple[float, float]:
    """Fractions between which a segment lies in a rectangle, seen in plan.

    Parameters
    ----------
    ax, ay, bx, by : float
        The ends a and b of the segment, m.
    x0, y0, x1, y1 : float
        Lower and upper corner of the rectangle, m.

    Returns
    -------
    enter, leave : float
        Places a + s·(b - a), in [0, 1]; both 0 where it lies outside.
    """
    enter, leave = 0.0, 1.0
    dx, dy = bx - ax, by - ay
    for start, step, low, high in ((ax, dx, x0, x1), (ay, dy, y0, y1)):
        if abs(step) < 1e-9:
            if start < low or start > high:
                return 0.0, 0.0
        else:
            t0, t1 = (low - start) / step, (high - start) / step
            enter = max(enter, min(t0, t1))
            leave = min(leave, max(t0, t1))
    if leave <= enter:
        return 0.0, 0.0
    return enter, leave


@kernel
def point_segment(
    px: float,
    py: float,
    pz: float,
    ax: float,
    ay: float,
    az: float,
    bx: float,
    by: float,
    bz: float,
) -> tuple[float, float]:
    """Closest distance from a point to a segment.

    Parameters
    ----------
    px, py, pz : float
        The point, m.
    ax, ay, az, bx, by, bz : float
        The ends a and b of the segment, m; they may coincide.

    Returns
    -------
    distance : float
        m.
    s : float
        Place of the closest point, a + s·(b - a), in [0, 1]; 0 for a segment of no length.
    """
    ux, uy, uz = bx - ax, by - ay, bz - az
    wx, wy, wz = px - ax, py - ay, pz - az
    square = ux * ux + uy * uy + uz * uz
    s = 0.0
    if square > 0.0:
        s = min(1.0, max(0.0, (wx * ux + wy * uy + wz * uz) / square))
    dx, dy, dz = wx - s * ux, wy - s * uy, wz - s * uz
    return math.sqrt(dx * dx + dy * dy + dz * dz), s


@kernel
def segment_segment(
    ax: float,
    ay: float,
    az: float,
    bx: float,
    by: float,
    bz: float,
    cx: float,
    cy: float,
    cz: float,
    dx: float,
    dy: float,
    dz: float,
) -> tuple[float, float, float]:
    """Closest distance between two segments.

    The minimum is either inside both segments, where the common normal stands, or at an end of
    one of them. All five are tried, which needs no tolerance for parallel or degenerate
    segments: there the inner solution is merely never the best.

    Parameters
    ----------
    ax, ay, az, bx, by, bz : float
        The ends a and b of the first segment, m.
    cx, cy, cz, dx, dy, dz : float
        The ends c and d of the second segment, m.

    Returns
    -------
    distance : float
        m.
    s, t : float
        Places of the closest points, a + s·(b - a) and c + t·(d - c), both in [0, 1]. Of several
        equally close pairs one is returned.
    """
    best, t = point_segment(ax, ay, az, cx, cy, cz, dx, dy, dz)
    s = 0.0
    distance, place = point_segment(bx, by, bz, cx, cy, cz, dx, dy, dz)
    if distance < best:
        best, s, t = distance, 1.0, place
    distance, place = point_segment(cx, cy, cz, ax, ay, az, bx, by, bz)
    if distance < best:
        best, s, t = distance, place, 0.0
    distance, place = point_segment(dx, dy, dz, ax, ay, az, bx, by, bz)
    if distance < best:
        best, s, t = distance, place, 1.0

    ux, uy, uz = bx - ax, by - ay, bz - az
    vx, vy, vz = dx - cx, dy - cy, dz - cz
    wx, wy, wz = ax - cx, ay - cy, az - cz
    nx, ny, nz = uy * vz - uz * vy, uz * vx - ux * vz, ux * vy - uy * vx
    square = nx * nx + ny * ny + nz * nz
    if square > 0.0:
        # s = -(w × v)·n/|n|², t = -(w × u)·n/|n|²: the feet of the common normal n.
        inner_s = -((wy * vz - wz * vy) * nx + (wz * vx - wx * vz) * ny + (wx * vy - wy * vx) * nz)
        inner_t = -((wy * uz - wz * uy) * nx + (wz * ux - wx * uz) * ny + (wx * uy - wy * ux) * nz)
        if 0.0 < inner_s < square and 0.0 < inner_t < square:
            inner_s, inner_t = inner_s / square, inner_t / square
            ex = wx + inner_s * ux - inner_t * vx
            ey = wy + inner_s * uy - inner_t * vy
            ez = wz + inner_s * uz - inner_t * vz
            distance = math.sqrt(ex * ex + ey * ey + ez * ez)
            if distance < best:
                best, s, t = distance, inner_s, inner_t
    return best, s, t


@kernel
def trace_sphere(
    ox: float,
    oy: float,
    oz: float,
    dx: float,
    dy: float,
    dz: float,
    length: float,
    cx: float,
    cy: float,
    cz: float,
    radius: float,
) -> tuple[float, float]:
    """Interval of a straight trace inside a sphere.

    Parameters
    ----------
    ox, oy, oz, dx, dy, dz : float
        Start of the trace, m, and its unit direction.
    length : float
        Length of the trace, m.
    cx, cy, cz, radius : float
        Centre and radius of the sphere, m.

    Returns
    -------
    t_from, t_to : float
        Distances along the trace at which it enters and leaves, m, cut at its ends; both NaN
        where it misses.
    """
    wx, wy, wz = cx - ox, cy - oy, cz - oz
    middle = wx * dx + wy * dy + wz * dz
    fx, fy, fz = wx - middle * dx, wy - middle * dy, wz - middle * dz
    square = radius * radius - (fx * fx + fy * fy + fz * fz)
    if square < 0.0:
        return math.nan, math.nan
    half = math.sqrt(square)
    t_from, t_to = max(0.0, middle - half), min(length, middle + half)
    if t_from > t_to:
        return math.nan, math.nan
    return t_from, t_to


@kernel
def _trace_tube(
    wx: float,
    wy: float,
    wz: float,
    dx: float,
    dy: float,
    dz: float,
    ux: float,
    uy: float,
    uz: float,
    square: float,
    radius: float,
) -> tuple[float, float]:
    """Interval of the endless line w + t·d inside the flat-ended tube around 0 … u, |u|² given.

    Returns an interval with ``t_from > t_to`` where it misses.
    """
    along_d = (dx * ux + dy * uy + dz * uz) / square
    along_w = (wx * ux + wy * uy + wz * uz) / square
    t_from, t_to = -math.inf, math.inf
    # A smaller slope has an infinite reciprocal, and nothing times that is no number.
    if abs(along_d) > _LEVEL:
        first, second = -along_w / along_d, (1.0 - along_w) / along_d
        t_from, t_to = min(first, second), max(first, second)
    elif along_w < 0.0 or along_w > 1.0:
        return math.inf, -math.inf
    px, py, pz = dx - along_d * ux, dy - along_d * uy, dz - along_d * uz
    qx, qy, qz = wx - along_w * ux, wy - along_w * uy, wz - along_w * uz
    a = px * px + py * py + pz * pz
    b = px * qx + py * qy + pz * qz
    c = qx * qx + qy * qy + qz * qz - radius * radius
    if a < 1e-20:
        return (t_from, t_to) if c <= 0.0 else (math.inf, -math.inf)
    root = b * b - a * c
    if root < 0.0:
        return math.inf, -math.inf
    root = math.sqrt(root)
    return max(t_from, (-b - root) / a), min(t_to, (-b + root) / a)


@kernel
def trace_capsule(
    ox: float,
    oy: float,
    oz: float,
    dx: float,
    dy: float,
    dz: float,
    length: float,
    ax: float,
    ay: float,
    az: float,
    bx: float,
    by: float,
    bz: float,
    radius: float,
) -> tuple[float, float]:
    """Interval of a straight trace inside a capsule: a tube with round ends.

    A capsule is convex, so the pieces inside the tube and inside the two spheres at its ends
    join into one interval.

    Parameters
    ----------
    ox, oy, oz, dx, dy, dz : float
        Start of the trace, m, and its unit direction.
    length : float
        Length of the trace, m.
    ax, ay, az, bx, by, bz : float
        The ends a and b of the capsule's axis, m; they may coincide.
    radius : float
        m.

    Returns
    -------
    t_from, t_to : float
        Distances along the trace at which it enters and leaves, m, cut at its ends; both NaN
        where it misses.
    """
    t_from, t_to = math.inf, -math.inf
    first, second = trace_sphere(ox, oy, oz, dx, dy, dz, length, ax, ay, az, radius)
    if first <= second:
        t_from, t_to = first, second
    first, second = trace_sphere(ox, oy, oz, dx, dy, dz, length, bx, by, bz, radius)
    if first <= second:
        t_from, t_to = min(t_from, first), max(t_to, second)
    ux, uy, uz = bx - ax, by - ay, bz - az
    square = ux * ux + uy * uy + uz * uz
    if square > 0.0:
        first, second = _trace_tube(
            ox - ax, oy - ay, oz - az, dx, dy, dz, ux, uy, uz, square, radius
        )
        first, second = max(0.0, first), min(length, second)
        if first <= second:
            t_from, t_to = min(t_from, first), max(t_to, second)
    if t_from > t_to:
        return math.nan, math.nan
    return t_from, t_to
