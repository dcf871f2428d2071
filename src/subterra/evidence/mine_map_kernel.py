"""Likelihood of one sheet's runs given the workings of a scene, the sheet's place summed over.

The sheet's transform T = (shift east, shift north, rotation, log scale) is normal with mean zero,
given how the sheet was tied and its blunder (together a *mode*). What is measured of a run that
draws a working depends linearly on T, so that for each mode and each way in which workings can be
matched with runs the integral over T is that of a normal density (see ``docs/mine-maps.md``).
"""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from subterra.kernel import kernel

__all__ = [
    "N_MODE",
    "N_OBJECT",
    "N_RUN",
    "length_density",
    "length_spread",
    "sheet_log_likelihood",
    "stretches",
]

Array = npt.NDArray[Any]

N_OBJECT: Final = 8
"""x, y, z of the middle, angle, length and sag of a stretch, then how many of its ends are cut by
the window; last, whether there is one."""
N_RUN: Final = 8
"""x, y, z, angle, length, sag, sd of z, log density of a run that is no working."""
N_MODE: Final = 7
"""Log share, sd of shift (metres), rotation (radians), scale; factor, mirrored, extra sd of z."""
_LOG_2PI: Final = 1.8378770664093453
_NEGLIGIBLE: Final = -60.0


@kernel
def _clip(ax: float, ay: float, bx: float, by: float, box: Array) -> tuple[float, float]:
    """Fractions between which a plan segment lies in the box; (1, 0) if outside."""
    enter, leave = 0.0, 1.0
    dx, dy = bx - ax, by - ay
    for start, step, low, high in ((ax, dx, box[0], box[2]), (ay, dy, box[1], box[3])):
        if abs(step) < 1e-9:
            if start < low or start > high:
                return 1.0, 0.0
        else:
            t0, t1 = (low - start) / step, (high - start) / step
            enter = max(enter, min(t0, t1))
            leave = min(leave, max(t0, t1))
    return enter, leave


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
        t0, t1 = _clip(x[k], y[k], x[k + 1], y[k + 1], box)
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


@kernel
def _tailed(short: float, mean: float, spread: float) -> float:
    """Density of an exponential shortfall blurred by a normal one."""
    u = (spread / mean - short / spread) * 0.7071067811865476
    if u > 20.0:
        return 0.0
    return 0.5 / mean * math.exp(0.5 * (spread / mean) ** 2 - short / mean) * math.erfc(u)


@kernel
def length_spread(expected: float, n_open: float, terms: Array) -> float:
    """Standard deviation of the log of a complete run's length, at most 1."""
    square = 2.0 * terms[5] ** 2 + (0.02 * expected) ** 2 + n_open * terms[6] ** 2
    return min(math.sqrt(square) / expected, 1.0)


@kernel
def length_density(length: float, expected: float, n_open: float, terms: Array) -> float:
    """Density of the log length of a run that draws a working of an expected length.

    The run is complete, or lacks the last months (a length of exponential law), or is an evenly
    distributed part; terms as in ``sheet_log_likelihood``.
    """
    spread = length_spread(expected, n_open, terms)
    short = math.log(expected / length)
    lost = min(max(terms[2] / expected, 0.25 * spread), 1.0)
    whole = math.exp(-0.5 * (short / spread) ** 2) / (spread * 2.5066282746310002)
    part = _tailed(short, 1.0, spread)
    complete = 1.0 - terms[1] - terms[3]
    return complete * whole + terms[1] * _tailed(short, lost, spread) + terms[3] * part


@kernel
def _evidence(p: Array, b: Array, work: Array, mean: Array) -> float:
    """½ b'P⁻¹b − ½ log|P| of the 4 × 4 information form; leaves P⁻¹b in ``mean``."""
    log_det = 0.0
    for i in range(4):
        for j in range(i + 1):
            total = p[i, j]
            for k in range(j):
                total -= work[i, k] * work[j, k]
            if i == j:
                work[i, i] = math.sqrt(max(total, 1e-300))
                log_det += math.log(work[i, i])
            else:
                work[i, j] = total / work[j, j]
    square = 0.0
    for i in range(4):
        total = b[i]
        for k in range(i):
            total -= work[i, k] * mean[k]
        mean[i] = total / work[i, i]
        square += mean[i] * mean[i]
    for i in range(3, -1, -1):
        total = mean[i]
        for k in range(i + 1, 4):
            total -= work[k, i] * mean[k]
        mean[i] = total / work[i, i]
    return 0.5 * square - log_det


@kernel
def _add(
    p: Array, b: Array, row: Array, value: Array, variance: Array, p2: Array, b2: Array
) -> None:
    """Information form after three more measurements ``value = row·T + noise``."""
    for i in range(4):
        total = b[i]
        for m in range(3):
            total += row[m, i] * value[m] / variance[m]
        b2[i] = total
        for j in range(i + 1):
            total = p[i, j]
            for m in range(3):
                total += row[m, i] * row[m, j] / variance[m]
            p2[i, j] = total
            p2[j, i] = total


@kernel
def _rows(item: Array, centre: Array, out: Array) -> None:
    """Derivatives of a run's place along and across a working, and of its angle, by T."""
    c, s = math.cos(item[3]), math.sin(item[3])
    qx, qy = item[0] - centre[0], item[1] - centre[1]
    out[0, 0], out[0, 1] = c, s
    out[0, 2], out[0, 3] = -c * qy + s * qx, c * qx + s * qy
    out[1, 0], out[1, 1] = -s, c
    out[1, 2], out[1, 3] = s * qy + c * qx, -s * qx + c * qy
    out[2, 0], out[2, 1], out[2, 2], out[2, 3] = 0.0, 0.0, 1.0, 0.0


@kernel
def _pair(
    item: Array, run: Array, mode: Array, centre: Array, terms: Array, value: Array, variance: Array
) -> float:
    """Log of the part of a pair's density that T does not touch, over that of no working.

    Fills what is measured (along, across, angle) and its variance. The density is that of the
    corrected run, times the factor's Jacobian.
    """
    factor = mode[4]
    length = run[4] * factor
    expected = item[4]
    rx, angle, sag = run[0], run[3], run[5]
    if mode[5] > 0.0:
        rx = 2.0 * centre[0] - rx
        # Left becomes right, unless the chord is then read from its other end.
        if angle > 0.0:
            angle, sag = math.pi - angle, -sag
    px = centre[0] + factor * (rx - centre[0])
    py = centre[1] + factor * (run[1] - centre[1])
    turn = angle - item[3]
    if turn > 0.5 * math.pi:
        turn -= math.pi
        sag = -sag
    elif turn < -0.5 * math.pi:
        turn += math.pi
        sag = -sag
    local = terms[4] / length
    bend = abs(item[5])
    variance[2] = 2.0 * local * local + bend * bend
    reach = math.hypot(item[0] - centre[0], item[1] - centre[1])
    far = math.hypot(px - item[0], py - item[1])
    limit = 8.0 * (mode[1] + reach * (mode[2] + mode[3]) + terms[4]) + item[4] + expected
    if far > limit or turn * turn > 64.0 * (variance[2] + mode[2] * mode[2]):
        return -math.inf
    density = length_density(length, expected, item[6], terms)
    if density <= 0.0:
        return -math.inf
    total = math.log(density)
    sag_sd = math.sqrt(1.5 * local * local + 4e-4 + (0.25 * item[5]) ** 2)
    away = (sag - item[5] * min(length / item[4], 1.0)) / sag_sd
    total -= 0.5 * away * away + math.log(sag_sd) + 0.5 * _LOG_2PI
    if run[6] > 0.0:
        z_sd = math.hypot(run[6], mode[6])
        away = (run[2] - item[2]) / z_sd
        total -= 0.5 * away * away + math.log(z_sd) + 0.5 * _LOG_2PI
    missing = max(expected - length, 0.0)
    c, s = math.cos(item[3]), math.sin(item[3])
    value[0] = c * (px - item[0]) + s * (py - item[1])
    value[1] = -s * (px - item[0]) + c * (py - item[1])
    value[2] = turn
    variance[0] = terms[5] ** 2 + missing * missing / 12.0 + item[6] * terms[6] ** 2 / 4.0
    variance[1] = terms[4] ** 2 + (0.5 * item[5] * item[4]) ** 2
    return total + 2.0 * math.log(factor) - run[7]


@kernel
def _log_add(a: float, b: float) -> float:
    if a == -math.inf:
        return b
    if b == -math.inf:
        return a
    top = max(a, b)
    return top + math.log(math.exp(a - top) + math.exp(b - top))


@kernel
def sheet_log_likelihood(
    items: Array,
    runs: Array,
    modes: Array,
    background: Array,
    centre: Array,
    terms: Array,
    totals: Array,
    keep: Array,
) -> float:
    """Log-likelihood of a sheet over that of all its runs being no workings here.

    Parameters
    ----------
    items : (S, N_OBJECT) numpy.ndarray
        Workings of a scene, as ``stretches`` gives them.
    runs : (n, N_RUN) numpy.ndarray
        Runs of the sheet.
    modes : (m, N_MODE) numpy.ndarray
        Ties and blunders.
    background : (m, n) numpy.ndarray
        Log factor by mode on the density of a run that is no working of the scene.
    centre : (2,) numpy.ndarray
        Point of the sheet about which it turns, metres.
    terms : (8,) numpy.ndarray
        P(drawn), P(unsurveyed), length unsurveyed, P(part), local and end sd (metres), that
        of an end that is cut by the window, expected number of drawn workings where the
        log densities of ``runs`` are spread.
    totals : (m,) numpy.ndarray
        Left: log weight of each mode, shares included.
    keep : (n, 7) numpy.ndarray
        If it has rows: the weight, over all modes and matches, with which each run is matched is
        added to column 0; in 1 to 4 the same times the mean of T, in 5 the same times that of the
        squared length of the shift, in 6 that of modes without a factor or a mirror (to which 1 to
        5 belong). Each weight is relative to the returned likelihood.

    Returns
    -------
    float
    """
    n_object = 0
    where = np.zeros(3, np.int64)
    for k in range(items.shape[0]):
        if items[k, 7] > 0.0 and n_object < 3:
            where[n_object] = k
            n_object += 1
    for m in range(modes.shape[0]):
        totals[m] = modes[m, 0]
    if n_object == 0:
        return 0.0
    log_miss = math.log(1.0 - terms[0])
    log_hit = math.log(terms[0]) - math.log(terms[7])
    p = np.zeros((4, 4, 4))
    b = np.zeros((4, 4))
    work, mean = np.zeros((4, 4)), np.zeros(4)
    rows = np.zeros((3, 3, 4))
    count = np.zeros(3, np.int64)
    which = np.zeros((3, 8), np.int64)
    score, fixed = np.zeros((3, 8)), np.zeros((3, 8))
    value, variance = np.zeros((3, 8, 3)), np.zeros((3, 8, 3))
    new_value, new_variance = np.zeros(3), np.zeros(3)
    for k in range(n_object):
        _rows(items[where[k]], centre, rows[k])
    known, answer = 0.0, -math.inf
    passes = 2 if keep.shape[0] > 0 else 1
    for turn in range(passes):
        if turn == 1:
            known = answer
        answer = -math.inf
        for m in range(modes.shape[0]):
            p[0] = 0.0
            b[0] = 0.0
            log_prior = 0.0
            spread = (modes[m, 1], modes[m, 1], modes[m, 2], modes[m, 3])
            for i in range(4):
                p[0, i, i] = 1.0 / (spread[i] * spread[i])
                log_prior -= math.log(spread[i])
            for k in range(n_object):
                count[k] = 0
                for j in range(runs.shape[0]):
                    plain = _pair(
                        items[where[k]], runs[j], modes[m], centre, terms, new_value, new_variance
                    )
                    plain -= background[m, j]
                    if plain < _NEGLIGIBLE:
                        continue
                    _add(p[0], b[0], rows[k], new_value, new_variance, p[1], b[1])
                    constant = plain
                    for i in range(3):
                        constant -= 0.5 * (
                            new_value[i] ** 2 / new_variance[i]
                            + math.log(new_variance[i])
                            + _LOG_2PI
                        )
                    fit = constant + _evidence(p[1], b[1], work, mean)
                    at = count[k]
                    if at == 8:
                        at = int(np.argmin(score[k]))
                        if score[k, at] >= fit:
                            continue
                    else:
                        count[k] += 1
                    which[k, at], score[k, at], fixed[k, at] = j, fit, constant
                    value[k, at], variance[k, at] = new_value, new_variance
            total = -math.inf
            for i0 in range(-1, count[0]):
                n0 = 0
                sum0 = log_miss
                if i0 >= 0:
                    _add(p[0], b[0], rows[0], value[0, i0], variance[0, i0], p[1], b[1])
                    n0, sum0 = 1, log_hit + fixed[0, i0]
                for i1 in range(-1, count[1] if n_object > 1 else 0):
                    n1, sum1 = n0, sum0
                    if n_object > 1:
                        sum1 += log_miss
                    if i1 >= 0:
                        if i0 >= 0 and which[1, i1] == which[0, i0]:
                            continue
                        _add(p[n0], b[n0], rows[1], value[1, i1], variance[1, i1],
                             p[n0 + 1], b[n0 + 1])  # fmt: skip
                        n1, sum1 = n0 + 1, sum0 + log_hit + fixed[1, i1]
                    for i2 in range(-1, count[2] if n_object > 2 else 0):
                        n2, sum2 = n1, sum1
                        if n_object > 2:
                            sum2 += log_miss
                        if i2 >= 0:
                            j2 = which[2, i2]
                            if (i0 >= 0 and j2 == which[0, i0]) or (i1 >= 0 and j2 == which[1, i1]):
                                continue
                            _add(p[n1], b[n1], rows[2], value[2, i2], variance[2, i2],
                                 p[n1 + 1], b[n1 + 1])  # fmt: skip
                            n2, sum2 = n1 + 1, sum1 + log_hit + fixed[2, i2]
                        term = sum2
                        if n2 > 0:
                            term += log_prior + _evidence(p[n2], b[n2], work, mean)
                        total = _log_add(total, term)
                        if turn == 1 and n2 > 0:
                            share = math.exp(modes[m, 0] + term - known)
                            plain_mode = modes[m, 5] == 0.0 and modes[m, 4] == 1.0
                            for k, i in ((0, i0), (1, i1), (2, i2)):
                                if i < 0:
                                    continue
                                j = which[k, i]
                                keep[j, 0] += share
                                if plain_mode:
                                    for e in range(4):
                                        keep[j, 1 + e] += share * mean[e]
                                    keep[j, 5] += share * (mean[0] ** 2 + mean[1] ** 2)
                                    keep[j, 6] += share
            totals[m] = modes[m, 0] + total
            answer = _log_add(answer, totals[m])
    return answer
