"""Which objects a hole may meet, with what probability and at what depth: kernels."""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from subterra.kernel import kernel
from subterra.search.axes import Axes, View
from subterra.search.deviation import SD_FLOOR, SD_REACH, chord_of_hits, mass_of_hits

__all__ = ["collect_hits", "hits_by_scene"]

Array = npt.NDArray[Any]

_NEGLIGIBLE: Final = 1e-7


@kernel
def _mark_near(
    view: View, radius: Array, p: Any, q: Any, t: Any, deviation: float, near: Array
) -> None:
    """Mark the objects within reach of a collar: branchless float32, for the vector units."""
    reach, margin = np.float32(SD_REACH * deviation), np.float32(1e-3)
    for k in range(radius.shape[0]):
        dp, dq = p - view.centre_p[k], q - view.centre_q[k]
        # An object's deepest point bounds the deviation with which the hole can reach it.
        clear = reach * abs(view.t_last[k] - t) + margin
        across = abs(dp * view.along_q[k] - dq * view.along_p[k])
        along = abs(dp * view.along_p[k] + dq * view.along_q[k])
        near[k] = (across <= view.bulge[k] + clear) & (along <= view.half[k] + radius[k] + clear)


@kernel
def _closest_segment(view: View, k: int, p: float, q: float) -> tuple[int, float]:
    """Segment of axis ``k`` that passes closest to (p, q), and the metres along it there."""
    best, at, place = math.inf, 0, 0.0
    for i in range(view.flat.shape[1]):
        wp, wq = p - view.p[k, i], q - view.q[k, i]
        u = wp * view.step_p[k, i] + wq * view.step_q[k, i]
        u = min(max(u, 0.0), view.flat[k, i])
        wp, wq = wp - u * view.step_p[k, i], wq - u * view.step_q[k, i]
        distance = wp * wp + wq * wq
        if distance < best:
            best, at, place = distance, i, u
    return at, place


@kernel
def collect_hits(
    view: View,
    radius: Array,
    hole: tuple[float, float, float, float],
    deviation: float,
    index: Array,
    found: Array,
) -> int:
    """List the objects that a hole may meet.

    Parameters
    ----------
    view : View
        Axes of ``k`` objects seen along the hole.
    radius : (k,) numpy.ndarray
        m.
    hole : tuple of float
        Collar p, q, t in the view and length, m.
    deviation : float
        Lateral standard deviation per metre.
    index : (k,) numpy.ndarray of int32
        Filled with the objects met, in rising order.
    found : (k, 4) numpy.ndarray of float32
        Filled with the probability by geometry, the expected depths of entry and exit along the
        hole, and the depth at which a hole through the middle would leave, m.

    Returns
    -------
    int
        Number of objects listed.
    """
    p, q, t, length = hole
    near = np.empty(radius.shape[0], np.bool_)
    _mark_near(view, radius, np.float32(p), np.float32(q), np.float32(t), deviation, near)
    count = 0
    last = view.p.shape[1] - 1
    for k in range(radius.shape[0]):
        if not near[k]:
            continue
        i, u = _closest_segment(view, k, p, q)
        at = view.t[k, i] + u * view.rise[k, i] - t
        sd = max(deviation * at, SD_FLOOR)
        # The axis is straightened along the segment that passes closest and reaches as far as
        # that segment and as its own two ends: axes bend little over a hole's deviation.
        ep, eq = view.step_p[k, i], view.step_q[k, i]
        wp, wq = view.p[k, i] - p, view.q[k, i] - q
        offset, start = wp * eq - wq * ep, wp * ep + wq * eq
        end = start + view.flat[k, i]
        head = (view.p[k, 0] - p) * ep + (view.q[k, 0] - q) * eq
        tail = (view.p[k, last] - p) * ep + (view.q[k, last] - q) * eq
        start, end = min(start, head, tail), max(end, head, tail)
        mass = mass_of_hits(offset, start, end, radius[k], sd)
        if mass <= _NEGLIGIBLE:
            continue
        stretch, t_last = view.stretch[k, i], view.t_last[k] - t
        half = chord_of_hits(offset, end, start == end, radius[k], sd) * stretch
        t_in, t_out = max(at - half, view.t_first[k] - t), min(at + half, t_last)
        if t_out > 0.0 and t_in < length:
            index[count] = k
            found[count, 0] = mass
            found[count, 1] = max(t_in, 0.0)
            found[count, 2] = min(t_out, length)
            found[count, 3] = min(at + radius[k] * stretch, t_last, length)
            count += 1
    return count


@kernel
def hits_by_scene(
    axes: Axes, index: Array, found: Array, count: int, length: float, out: Array
) -> int:
    """Join the objects met in one scene: the hole hits unless it misses every one.

    1 - ∏(1 - p) would let several objects lift a hit above what the drill detects at best. Its
    misses have causes that last, such as poor logging, so the largest P(logged | met) is a cap.

    Parameters
    ----------
    axes : Axes
        The objects.
    index, found : numpy.ndarray
        The first ``count`` rows as filled by ``collect_hits``.
    count : int
        Number of objects listed.
    length : float
        Length of the hole, m; what it would enter below is not met.
    out : (≥ count, 3) numpy.ndarray of float64
        Filled with one row per scene met: index of the scene, P(a target is met and logged),
        P(another object is met and logged).

    Returns
    -------
    int
        Number of scenes filled in.
    """
    rows, scene = 0, -1
    cap_target, cap_other = 0.0, 0.0
    for i in range(count):
        if found[i, 1] >= length:
            continue
        k = index[i]
        if axes.scene[k] != scene:
            scene = axes.scene[k]
            out[rows, 0], out[rows, 1], out[rows, 2] = scene, 0.0, 0.0
            cap_target, cap_other = 0.0, 0.0
            rows += 1
        detect = float(axes.p_detect[k])
        p = detect * found[i, 0]
        if axes.target[k]:
            cap_target = max(cap_target, detect)
            out[rows - 1, 1] = min(1.0 - (1.0 - out[rows - 1, 1]) * (1.0 - p), cap_target)
        else:
            cap_other = max(cap_other, detect)
            out[rows - 1, 2] = min(1.0 - (1.0 - out[rows - 1, 2]) * (1.0 - p), cap_other)
    return rows
