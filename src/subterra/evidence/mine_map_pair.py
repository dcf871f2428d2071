"""Kernels: a drawn run beside a working of the scene, and how its place hangs on the sheet's.

Columns of a working are those of ``mine_map_stretch``, of a run and a mode those of
``mine_map_kernel``.
"""

from __future__ import annotations

import math
from typing import Any, Final

import numpy.typing as npt

from subterra.kernel import kernel

__all__ = ["LOG_2PI", "by_transform", "length_density", "length_spread", "pair_density"]

Array = npt.NDArray[Any]

LOG_2PI: Final = 1.8378770664093453


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
def by_transform(item: Array, centre: Array, out: Array) -> None:
    """Derivatives of a run's place along and across a working, and of its angle, by T."""
    c, s = math.cos(item[3]), math.sin(item[3])
    qx, qy = item[0] - centre[0], item[1] - centre[1]
    out[0, 0], out[0, 1] = c, s
    out[0, 2], out[0, 3] = -c * qy + s * qx, c * qx + s * qy
    out[1, 0], out[1, 1] = -s, c
    out[1, 2], out[1, 3] = s * qy + c * qx, -s * qx + c * qy
    out[2, 0], out[2, 1], out[2, 2], out[2, 3] = 0.0, 0.0, 1.0, 0.0


@kernel
def pair_density(
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
    total -= 0.5 * away * away + math.log(sag_sd) + 0.5 * LOG_2PI
    if run[6] > 0.0:
        z_sd = math.hypot(run[6], mode[6])
        away = (run[2] - item[2]) / z_sd
        total -= 0.5 * away * away + math.log(z_sd) + 0.5 * LOG_2PI
    missing = max(expected - length, 0.0)
    c, s = math.cos(item[3]), math.sin(item[3])
    value[0] = c * (px - item[0]) + s * (py - item[1])
    value[1] = -s * (px - item[0]) + c * (py - item[1])
    value[2] = turn
    variance[0] = terms[5] ** 2 + missing * missing / 12.0 + item[6] * terms[6] ** 2 / 4.0
    variance[1] = terms[4] ** 2 + (0.5 * item[5] * item[4]) ** 2
    return total + 2.0 * math.log(factor) - run[7]
