"""Quadrature points along a line object for the resistivity response.

Points stand in the middle of cells of equal share of the axis between the ends of the survey's
window. Each carries the frame of its cell: the tangent ``t``, the horizontal normal ``n`` and
``b = t × n``, which points up for a level drive.
"""

from __future__ import annotations

import math
from typing import Any, Final

import numpy.typing as npt

from subterra.kernel import kernel, part
from subterra.scene.geometry import clip_plan, point_segment

__all__ = ["MAX_POINTS", "place_points"]

Array = npt.NDArray[Any]

MAX_POINTS: Final = 256
_MIN_POINTS: Final = 6
_STEP_PER_DEPTH: Final = 0.7
"""Quadrature step over the distance to the nearest electrode, which is the depth unless electrodes
are buried: the midpoint rule errs by about exp(−2π/0.7) ≈ 1e-4 along a line without ends."""


@part
def _nearest_buried(
    x: Array,
    y: Array,
    z: Array,
    surface: tuple[float, float, float],
    ex: Array,
    ey: Array,
    ez: Array,
) -> float:
    """Distance in metres from a line object to the nearest electrode under the surface."""
    nearest = 1e9
    for e in range(ex.size):
        if ez[e] < 0.0:
            up = surface[0] + surface[1] * ex[e] + surface[2] * ey[e] + ez[e]
            for k in range(x.size - 1):
                distance, _ = point_segment(
                    ex[e], ey[e], up, x[k], y[k], z[k], x[k + 1], y[k + 1], z[k + 1]
                )
                nearest = min(nearest, distance)
    return nearest


@part
def _felt_share(x: Array, y: Array, z: Array, window: Array) -> float:
    """Share of a steep axis, from its first vertex, that is no deeper than the window is wide.

    A window reaches further than the widest quadripole to all sides; of a shaft the current
    reaches no deeper than that. Axes that are not steep, or that rise, are felt whole.
    """
    last = x.size - 1
    dx, dy, down = x[last] - x[0], y[last] - y[0], z[0] - z[last]
    if down <= 0.0 or down * down < dx * dx + dy * dy:
        return 1.0
    return min(max(window[2] - window[0], window[3] - window[1]) / down, 1.0)


@part
def _place(
    x: Array,
    y: Array,
    z: Array,
    share: float,
    surface: tuple[float, float, float],
    q: int,
    point: Array,
    frame: Array,
) -> float:
    """Put point ``q`` at a share of the axis, with its frame; length of its whole segment."""
    n_segment = x.size - 1
    at = share * n_segment
    k = min(int(at), n_segment - 1)
    f = at - k
    dx, dy, dz = x[k + 1] - x[k], y[k + 1] - y[k], z[k + 1] - z[k]
    segment = math.sqrt(dx * dx + dy * dy + dz * dz)
    px, py = x[k] + f * dx, y[k] + f * dy
    point[0, q], point[1, q] = px, py
    point[2, q] = z[k] + f * dz - (surface[0] + surface[1] * px + surface[2] * py)
    tx, ty, tz = dx / segment, dy / segment, dz / segment
    plan = math.sqrt(tx * tx + ty * ty)
    # A shaft has no horizontal normal of its own: any will do.
    nx, ny = (-ty / plan, tx / plan) if plan > 1e-6 else (1.0, 0.0)
    frame[0, q], frame[1, q], frame[2, q] = tx, ty, tz
    frame[3, q], frame[4, q] = nx, ny
    frame[5, q], frame[6, q], frame[7, q] = -tz * ny, tz * nx, tx * ny - ty * nx
    return segment


@kernel
def place_points(
    x: Array,
    y: Array,
    z: Array,
    radius: float,
    window: Array,
    surface: tuple[float, float, float],
    ex: Array,
    ey: Array,
    ez: Array,
    point: Array,
    frame: Array,
    cell: Array,
) -> tuple[int, float]:
    """Fill points, frames and cell lengths of a line object.

    Parameters
    ----------
    x, y, z : (n_vertex,) numpy.ndarray
        Vertices of the axis in metres.
    radius : float
        Metres.
    window : (4,) numpy.ndarray
        Plan box beyond which the object is cut.
    surface : (float, float, float)
        Height of the surface at the origin and its slopes.
    ex, ey, ez : (n_electrode,) numpy.ndarray
        Electrodes, height over the surface.
    point : (3, MAX_POINTS) numpy.ndarray
        Filled with x, y and height over the surface (negative).
    frame : (8, MAX_POINTS) numpy.ndarray
        Filled with t (3), the two horizontal components of n, and b (3).
    cell : (MAX_POINTS,) numpy.ndarray
        Filled with the length of the axis that each point speaks for, metres.

    Returns
    -------
    int
        Number of points; 0 outside the window.
    float
        Distance in metres from the axis to the surface or the nearest buried electrode, at least
        the radius.
    """
    n_segment = x.size - 1
    enter, leave = clip_plan(
        x[0], y[0], x[n_segment], y[n_segment], window[0], window[1], window[2], window[3]
    )
    leave = min(leave, _felt_share(x, y, z, window))
    arc = 0.0
    for k in range(n_segment):
        sx, sy, sz = x[k + 1] - x[k], y[k + 1] - y[k], z[k + 1] - z[k]
        arc += math.sqrt(sx * sx + sy * sy + sz * sz)
    length = (leave - enter) * arc
    if length <= 0.0:
        return 0, 0.0
    nearest = _nearest_buried(x, y, z, surface, ex, ey, ez)
    for k in range(n_segment + 1):
        at = (k / n_segment - enter) / (leave - enter)
        if -0.5 < at < 1.5:
            nearest = min(nearest, surface[0] + surface[1] * x[k] + surface[2] * y[k] - z[k])
    nearest = max(nearest, radius)
    n = min(max(math.ceil(length / (_STEP_PER_DEPTH * nearest)), _MIN_POINTS), MAX_POINTS)
    share = (leave - enter) / n
    for q in range(n):
        segment = _place(x, y, z, enter + share * (q + 0.5), surface, q, point, frame)
        cell[q] = segment * n_segment * share
    return n, nearest
