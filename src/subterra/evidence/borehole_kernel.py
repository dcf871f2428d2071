"""Kernels of `subterra.evidence.borehole`: crossings of deviated traces, sums over assignments."""

from __future__ import annotations

import math
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from subterra.evidence.void_lengths import length_ratio, normal_cdf
from subterra.kernel import kernel, part
from subterra.scene import FAMILIES
from subterra.scene.geometry import segment_segment

__all__ = ["HoleArrays", "crossing", "hole_log_likelihood"]

Array = npt.NDArray[Any]

_CHAMBER: Final = FAMILIES.index("chamber")
_MAX_CHORD: Final = 10.0
"""Longest half-chord through a tunnel in radii: that of a hole that nearly follows it."""
_FAR_SD: Final = 9.0
"""An event so many standard deviations from where an object begins cannot be its."""
_LEAST_RATE: Final = 1e-12


class HoleArrays(NamedTuple):
    """Traces and logs of ``h`` holes as arrays for kernels.

    Parameters
    ----------
    trace_start : (h + 1,) numpy.ndarray
        First chord of each hole in ``trace``.
    trace : (k, 7) numpy.ndarray
        Chords: their beginning x, y, z, unit direction, and the depth along the hole where they
        begin, metres. The last chord of a hole goes on beyond its end.
    length, surveyed : (h,) numpy.ndarray
        Drilled length, and the depth down to which the trace was surveyed, metres.
    driller : (h,) numpy.ndarray
        Vocabulary of each log.
    span_start, span : (h + 1,), (s, 2) numpy.ndarray
        Logged parts, metres along the hole.
    event_start, event, word : (h + 1,), (e, 2), (e,) numpy.ndarray
        What was met: from and to in metres along the hole, and the word.
    unended : (e,) numpy.ndarray of bool
        Whether the log ends within the event.
    """

    trace_start: Array
    trace: Array
    length: Array
    surveyed: Array
    driller: Array
    span_start: Array
    span: Array
    event_start: Array
    event: Array
    word: Array
    unended: Array


@kernel
def _disc_mass(miss: float, sd: float, radius: float) -> float:
    """Mass of a round 2-D normal centred ``miss`` from the centre of a disc, 12-point rule.

    Where the normal is much narrower than the disc the rim is straight and one normal will do.
    """
    if sd < 0.2 * radius:
        return normal_cdf((radius - miss) / sd)
    total = 0.0
    for k in range(12):
        u = (k + 0.5) / 12.0 * 2.0 - 1.0
        across = radius * u
        half = radius * math.sqrt(1.0 - u * u)
        band = normal_cdf((half - miss) / sd) - normal_cdf((-half - miss) / sd)
        total += math.exp(-0.5 * (across / sd) ** 2) * band
    return min(total * radius * 2.0 / 12.0 / (sd * 2.5066282746310002), 1.0)


@part
def _closest(
    sphere: bool,
    x: Array,
    y: Array,
    z: Array,
    reach: float,
    trace: Array,
    first: int,
    last: int,
    length: float,
) -> tuple[float, float, float, int]:
    """Least distance of an axis from a trace, the depth there, the sine and the nearest chord.

    The hole is followed for ``reach`` beyond its end, so that what lies just below it is not taken
    for a near miss. The sine is that of the angle between the axis and the hole.
    """
    best, along, sine, nearest = 1e30, 0.0, 1.0, first
    for c in range(first, last):
        px, py, pz = trace[c, 0], trace[c, 1], trace[c, 2]
        ex, ey, ez, begin = trace[c, 3], trace[c, 4], trace[c, 5], trace[c, 6]
        size = (trace[c + 1, 6] if c + 1 < last else length + reach) - begin
        qx, qy, qz = px + size * ex, py + size * ey, pz + size * ez
        for k in range(1 if sphere else x.size - 1):
            distance, t, _ = segment_segment(
                px, py, pz, qx, qy, qz, x[k], y[k], z[k], x[k + 1], y[k + 1], z[k + 1]
            )
            if distance < best:
                best, along, nearest = distance, begin + t * size, c
                dx, dy, dz = x[k + 1] - x[k], y[k + 1] - y[k], z[k + 1] - z[k]
                axis = math.sqrt(dx * dx + dy * dy + dz * dz)
                cosine = (dx * ex + dy * ey + dz * ez) / axis if axis > 1e-6 else 0.0
                sine = math.sqrt(max(1.0 - cosine * cosine, _MAX_CHORD**-2))
    return best, along, sine, nearest


@part
def _seen_along(x: Array, y: Array, z: Array, chord: Array) -> tuple[float, float, float]:
    """Depths along a chord's line of the two ends of an axis, the nearer first, and its width."""
    last = x.size - 1
    ux, uy, uz = x[0] - chord[0], y[0] - chord[1], z[0] - chord[2]
    begin = chord[6] + ux * chord[3] + uy * chord[4] + uz * chord[5]
    dx, dy, dz = x[last] - x[0], y[last] - y[0], z[last] - z[0]
    step = dx * chord[3] + dy * chord[4] + dz * chord[5]
    across = dx * dx + dy * dy + dz * dz - step * step
    return min(begin, begin + step), max(begin, begin + step), math.sqrt(max(across, 0.0))


@part
def _deviation_at(holes: HoleArrays, h: int, along: float, rates: tuple[float, float]) -> float:
    """Lateral sd of a hole at a depth along it, m: drilled beyond the survey, and the survey's."""
    beyond = max(along - holes.surveyed[h], 0.0)
    return max(math.hypot(rates[0] * beyond, rates[1] * min(along, holes.surveyed[h])), 0.02)


@kernel
def crossing(
    sphere: bool,
    x: Array,
    y: Array,
    z: Array,
    radius: float,
    holes: HoleArrays,
    h: int,
    deviation: float,
    survey_sd: float,
) -> tuple[float, float, float]:
    """Return P(cross), depth along hole ``h`` where it enters an object, and length inside.

    If the hole ends before the axis, only deviations that enter the section sooner count. A hole
    down a shaft meets it end on, as a disc between its ends.
    """
    length = holes.length[h]
    best, along, sine, nearest = _closest(
        sphere,
        x,
        y,
        z,
        _MAX_CHORD * radius,
        holes.trace,
        holes.trace_start[h],
        holes.trace_start[h + 1],
        length,
    )
    rates = (deviation, survey_sd)
    top, bottom, spread = _seen_along(x, y, z, holes.trace[nearest])
    if not sphere and spread < radius and bottom - top > 2.0 * radius:
        enter = max(top - radius, 0.0)
        sd = _deviation_at(holes, h, enter, rates)
        if bottom + radius <= 0.0 or enter >= length or best > radius + 6.0 * sd:
            return 0.0, enter, 0.0
        return _disc_mass(best, sd, radius), enter, bottom + radius - enter
    sd = _deviation_at(holes, h, along, rates)
    short = max(along - length, 0.0) * sine
    if best > radius + 6.0 * sd or short >= radius:
        return 0.0, along, 0.0
    width = math.sqrt(radius * radius - short * short)
    if sphere:
        p = _disc_mass(best, sd, width)
    else:
        p = normal_cdf((width - best) / sd) - normal_cdf((-width - best) / sd)
    half = math.sqrt(max(radius * radius - best * best, 0.04 * radius * radius)) / sine
    return p, max(along - half, 0.0), 2.0 * half


@part
def _assignments(q: Array, gain: Array, n_event: int) -> float:
    """Sum over assignments of events to at most three objects (n,), each event used once."""
    n_object, total = q.size, 0.0
    top = n_event if n_object > 0 else 0
    for i in range(-1, top):
        wi = 1.0 if n_object < 1 else (1.0 - q[0] if i < 0 else gain[0, i])
        if wi == 0.0:
            continue
        top_j = n_event if n_object > 1 else 0
        for j in range(-1, top_j):
            if j >= 0 and j == i:
                continue
            wj = 1.0 if n_object < 2 else (1.0 - q[1] if j < 0 else gain[1, j])
            if wj == 0.0:
                continue
            top_k = n_event if n_object > 2 else 0
            for k in range(-1, top_k):
                if k >= 0 and k in (i, j):
                    continue
                wk = 1.0 if n_object < 3 else (1.0 - q[2] if k < 0 else gain[2, k])
                total += wi * wj * wk
    return total


@part
def _logged(holes: HoleArrays, h: int, enter: float, inside: float) -> bool:
    """Whether the log speaks where an object begins or for its middle."""
    for s in range(holes.span_start[h], holes.span_start[h + 1]):
        low, high = holes.span[s, 0], holes.span[s, 1]
        if low <= enter + 0.5 * inside <= high or low <= enter <= high:
            return True
    return False


@kernel
def hole_log_likelihood(
    family: Array,
    fill: Array,
    x: Array,
    y: Array,
    z: Array,
    radius: Array,
    branch: Array,
    bx: Array,
    by: Array,
    bz: Array,
    holes: HoleArrays,
    chance: Array,
    rate: Array,
    cause: Array,
    cause_length: Array,
    terms: Array,
    out: Array,
) -> None:
    """Fill (h, n) with the log-likelihood of each hole's log relative to that of no object.

    ``chance``, ``rate``, ``cause`` and ``cause_length`` are those of a ``WordTable``; ``terms`` are
    deviation and survey sd per metre, and the absolute and relative sd of depths.
    """
    most = 0
    for h in range(holes.length.size):
        most = max(most, holes.event_start[h + 1] - holes.event_start[h])
    q = np.zeros(3)
    gain = np.zeros((3, max(most, 1)))
    for i in range(family.shape[0]):
        for h in range(holes.length.size):
            n_object = 0
            first, last = holes.event_start[h], holes.event_start[h + 1]
            log = holes.driller[h]
            for k in range(family.shape[1]):
                if family[i, k] == 0:
                    continue
                sphere = family[i, k] == _CHAMBER
                p, enter, inside = crossing(
                    sphere,
                    x[i, k],
                    y[i, k],
                    z[i, k],
                    radius[i, k],
                    holes,
                    h,
                    terms[0],
                    terms[1],
                )
                if branch[i, k] > 0:
                    other, there, through = crossing(
                        sphere,
                        bx[i, k],
                        by[i, k],
                        bz[i, k],
                        radius[i, k],
                        holes,
                        h,
                        terms[0],
                        terms[1],
                    )
                    if other > p:
                        p, enter, inside = other, there, through
                if p <= 0.0 or not _logged(holes, h, enter, inside):
                    continue
                said = chance[log, family[i, k], fill[i, k]]
                q[n_object] = p * said.sum()
                sd = terms[2] + terms[3] * enter
                for v in range(first, last):
                    away = (holes.event[v, 0] - enter) / sd
                    gain[n_object, v - first] = 0.0
                    if abs(away) < _FAR_SD:
                        w = holes.word[v]
                        density = math.exp(-0.5 * away * away) / (sd * 2.5066282746310002)
                        if cause[log, w, 0] > 0.0:
                            density *= length_ratio(
                                holes.event[v, 1] - holes.event[v, 0],
                                holes.unended[v],
                                inside,
                                max(inside, 2.0 * radius[i, k]),
                                terms[2],
                                cause[log, w],
                                cause_length,
                            )
                        gain[n_object, v - first] = (
                            p * said[w] * density / max(rate[log, w], _LEAST_RATE)
                        )
                n_object += 1
            out[h, i] = 0.0
            if n_object > 0:
                sum_all = _assignments(q[:n_object], gain, last - first)
                out[h, i] = math.log(max(sum_all, 1e-300))
