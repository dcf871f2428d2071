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

from subterra.evidence.mine_map_pair import LOG_2PI, by_transform, pair_density
from subterra.kernel import kernel

__all__ = ["N_MODE", "N_RUN", "sheet_log_likelihood"]

Array = npt.NDArray[Any]

N_RUN: Final = 8
"""x, y, z, angle, length, sag, sd of z, log density of a run that is no working."""
N_MODE: Final = 7
"""Log share, sd of shift (metres), rotation (radians), scale; factor, mirrored, extra sd of z."""
_NEGLIGIBLE: Final = -60.0


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
        by_transform(items[where[k]], centre, rows[k])
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
                    plain = pair_density(
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
                            + LOG_2PI
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
