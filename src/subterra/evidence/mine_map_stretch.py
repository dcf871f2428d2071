"""Kernels: the stretch of an axis that a sheet's window shows, measured as a drawn run is."""

from __future__ import annotations

import math
from typing import Any, Final

import numpy.typing as npt

from subterra.kernel import kernel
from subterra.scene.geometry import clip_plan

__all__ = ["N_OBJECT", "stretches"]

Array = npt.NDArray[Any]

N_OBJECT: Final = 8
"""x, y, z of the middle, angle, length and sag of a stretch, then how many of its ends are cut by
the window; last, whether there is one."""


@kernel
def _at(x: Array, y: Array, z: Array, s: float) -> tuple[float, float, float]:
    """Point of a polyline at the plan arc length s."""
    left = s
    last = x.size - 2
    for k in range(last + 1):
        step = math.hypot(x[k + 1] - x[k], y[k + 1] - y[k])
        if left <= step or k == last:
            t = left / step if step > 0.0 else 0.0
            return (
                x[k] + t * (x[k + 1] - x[k]),
                y[k] + t * (y[k + 1] - y[k]),
                z[k] + t * (z[k + 1] - z[k]),
            )
        left -= step
    return x[0], y[0], z[0]


@kernel
def _stretch(x: Array, y: Array, z: Array, box: Array, out: Array) -> None:
    """Describe the stretch of an axis between where it first enters and last leaves the box."""
    first, last, arc = -1.0, -1.0, 0.0
    for k in range(x.size - 1):
        step = math.hypot(x[k + 1] - x[k], y[k + 1] - y[k])
        t0, t1 = clip_plan(x[k], y[k], x[k + 1], y[k + 1], box[0], box[1], box[2], box[3])
        if t1 > t0:
            if first < 0.0:
                first = arc + t0 * step
            last = arc + t1 * step
        arc += step
    out[:] = 0.0
    length = last - first
    if first < 0.0 or length < 1.0:
        return
    ax, ay, _ = _at(x, y, z, first)
    bx, by, _ = _at(x, y, z, last)
    mx, my, mz = _at(x, y, z, 0.5 * (first + last))
    open_first = 1.0 if first > 1e-3 else 0.0
    open_last = 1.0 if last < arc - 1e-3 else 0.0
    angle = math.atan2(by - ay, bx - ax)
    sx, sy = ax, ay
    if angle < 0.0 or angle >= math.pi:
        angle += math.pi if angle < 0.0 else -math.pi
        sx, sy = bx, by
    sag = (math.cos(angle) * (my - sy) - math.sin(angle) * (mx - sx)) / length
    out[0], out[1], out[2], out[3], out[4], out[5] = mx, my, mz, angle, length, sag
    out[6], out[7] = open_last + open_first, 1.0


@kernel
def stretches(
    family: Array, x: Array, y: Array, z: Array, can: Array, box: Array, out: Array
) -> None:
    """Describe the objects that a map can draw: (n, S, N_OBJECT); ``can`` says which families."""
    for i in range(family.shape[0]):
        for k in range(family.shape[1]):
            out[i, k] = 0.0
            if can[family[i, k]]:
                _stretch(x[i, k], y[i, k], z[i, k], box, out[i, k])
