"""Plan footprints of targets painted on a grid of square cells: kernels."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from subterra.kernel import kernel
from subterra.scene.geometry import point_segment
from subterra.search.axes import Axes

__all__ = ["footprint_meets", "paint_targets"]

Array = npt.NDArray[Any]


@kernel
def _box_distance(px: float, py: float, half: float) -> float:
    """Squared distance from a point to a square around the origin."""
    dx, dy = max(abs(px) - half, 0.0), max(abs(py) - half, 0.0)
    return dx * dx + dy * dy


@kernel
def _segment_meets_box(ax: float, ay: float, bx: float, by: float, half: float) -> bool:
    """Whether a segment in the plane crosses the square around the origin."""
    low, high = 0.0, 1.0
    for a, d in ((ax, bx - ax), (ay, by - ay)):
        if d == 0.0:
            if abs(a) > half:
                return False
            continue
        first, second = (-half - a) / d, (half - a) / d
        low, high = max(low, min(first, second)), min(high, max(first, second))
    return low <= high


@kernel
def footprint_meets(ax: float, ay: float, bx: float, by: float, radius: float, half: float) -> bool:
    """Whether all within ``radius`` of a plan segment meets the square around the origin.

    The closest pair of a segment and a square apart from it is an end of the segment or a corner
    of the square.
    """
    square = radius * radius
    if _box_distance(ax, ay, half) <= square or _box_distance(bx, by, half) <= square:
        return True
    if _segment_meets_box(ax, ay, bx, by, half):
        return True
    for sx in (-half, half):
        for sy in (-half, half):
            distance, _ = point_segment(sx, sy, 0.0, ax, ay, 0.0, bx, by, 0.0)
            if distance <= radius:
                return True
    return False


@kernel
def _part_below(a: float, b: float, level: float) -> tuple[float, float]:
    """Part (from, to) of a linear course from ``a`` to ``b`` no higher than ``level``."""
    if a <= level and b <= level:
        return 0.0, 1.0
    if a > level and b > level:
        return 1.0, 0.0  # from > to: none of it
    cut = (level - a) / (b - a)
    return (0.0, cut) if a <= level else (cut, 1.0)


@kernel
def _paint_segment(
    ends: tuple[float, float, float, float],
    depths: tuple[float, float],
    radius: float,
    grid: tuple[float, float, float],
    stamp: tuple[int, float],
    seen: Array,
    shallowest: Array,
    totals: Array,
) -> None:
    """Add one segment's footprint to the map.

    ``ends`` are ax, ay, bx, by, ``depths`` those of the ends, ``grid`` the lower left corner and
    the cell size, ``stamp`` the scene and its weight. ``seen`` (ny, nx) holds the last scene that
    met each cell, ``shallowest`` its depth there, ``totals`` (2, ny, nx) the sums of weight and
    of weight times depth.
    """
    ax, ay, bx, by = ends
    left, bottom, cell = grid
    scene, weight = stamp
    ny, nx = seen.shape
    half = 0.5 * cell
    low = max(0, math.floor((min(ay, by) - radius - bottom) / cell))
    high = min(ny - 1, math.floor((max(ay, by) + radius - bottom) / cell))
    for j in range(low, high + 1):
        y = bottom + (j + 0.5) * cell
        # Only the columns near the part of the segment that passes this row.
        above = _part_below(-ay, -by, -(y - half - radius))
        below = _part_below(ay, by, y + half + radius)
        s0, s1 = max(above[0], below[0]), min(above[1], below[1])
        if s0 > s1:
            continue
        x0, x1 = ax + s0 * (bx - ax), ax + s1 * (bx - ax)
        first = max(0, math.floor((min(x0, x1) - radius - left) / cell))
        final = min(nx - 1, math.floor((max(x0, x1) + radius - left) / cell))
        for i in range(first, final + 1):
            x = left + (i + 0.5) * cell
            if not footprint_meets(ax - x, ay - y, bx - x, by - y, radius, half):
                continue
            _, s = point_segment(x, y, 0.0, ax, ay, 0.0, bx, by, 0.0)
            depth = depths[0] + s * (depths[1] - depths[0])
            if seen[j, i] != scene:
                seen[j, i], shallowest[j, i] = scene, depth
                totals[0, j, i] += weight
                totals[1, j, i] += weight * depth
            elif depth < shallowest[j, i]:
                totals[1, j, i] += weight * (depth - shallowest[j, i])
                shallowest[j, i] = depth


@kernel
def paint_targets(
    axes: Axes,
    depth: Array,
    weight: Array,
    floor: float,
    grid: tuple[float, float, float],
    totals: Array,
) -> None:
    """Add every target's footprint, scene by scene; ``depth`` (k, V) is that of the vertices."""
    seen = np.empty(totals.shape[1:], np.int32)
    seen[:] = -1
    shallowest = np.zeros(totals.shape[1:])
    for k in range(axes.scene.shape[0]):
        scene, radius = axes.scene[k], float(axes.radius[k])
        if not axes.target[k] or weight[scene] <= 0.0:
            continue
        for i in range(axes.x.shape[1] - 1):
            # What counts is the part of which at least the roof is within the site's depth.
            s0, s1 = _part_below(depth[k, i], depth[k, i + 1], floor + radius)
            if s0 > s1:
                continue
            ax, ay = float(axes.x[k, i]), float(axes.y[k, i])
            dx, dy = axes.x[k, i + 1] - ax, axes.y[k, i + 1] - ay
            dd = depth[k, i + 1] - depth[k, i]
            _paint_segment(
                (ax + s0 * dx, ay + s0 * dy, ax + s1 * dx, ay + s1 * dy),
                (depth[k, i] + s0 * dd, depth[k, i] + s1 * dd),
                radius,
                grid,
                (scene, float(weight[scene])),
                seen,
                shallowest,
                totals,
            )
