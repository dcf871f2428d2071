"""Kernels of `subterra.search.grids`: the rows of a grid across a shape, exact over the origin."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from subterra.kernel import kernel

__all__ = ["mean_silence"]

Array = npt.NDArray[Any]


@kernel
def _chord(strip: bool, a: float, b: float, cos: float, sin: float, t: float) -> tuple[Any, Any]:
    """Ends of the chord at height ``t`` of a shape turned by an angle; first > second if none."""
    if not strip:
        across = cos * cos / (a * a) + sin * sin / (b * b)
        mixed = cos * sin * (1.0 / (a * a) - 1.0 / (b * b))
        rest = 1.0 - (t / (a * b)) ** 2 / across
        if rest <= 0.0:
            return 1.0, -1.0
        half = math.sqrt(rest / across)
        return -mixed * t / across - half, -mixed * t / across + half
    low, high = -math.inf, math.inf
    for axis in range(2):
        slope, rise, side = (cos, sin, a) if axis == 0 else (-sin, cos, b)
        if abs(slope) < 1e-12:
            if abs(rise * t) > side:
                return 1.0, -1.0
            continue
        first, second = (-side - rise * t) / slope, (side - rise * t) / slope
        low, high = max(low, min(first, second)), min(high, max(first, second))
    return low, high


@kernel
def _silence(
    strip: bool,
    sides: tuple[float, float],
    cell: tuple[float, float, float],
    angle: float,
    part: float,
    f: float,
) -> float:
    """E[f^K] over origins along the rows, the rows at ``part`` of their distance; exact."""
    a, b = sides
    step, apart, shift = cell
    cos, sin = math.cos(angle), math.sin(angle)
    reach = math.sqrt((a * sin) ** 2 + (b * cos) ** 2)
    if strip:
        reach = a * abs(sin) + b * abs(cos)
    first = math.ceil(-reach / apart - part)
    last = math.floor(reach / apart - part)
    at = np.empty(4 * (last - first + 1) + 1)
    change = np.empty(4 * (last - first + 1) + 1)
    count, start, base = 0, 0, 0
    for row in range(first, last + 1):
        low, high = _chord(strip, a, b, cos, sin, (row + part) * apart)
        if high <= low:
            continue
        whole = math.floor((high - low) / step)
        base += whole
        rest = (high - low) - whole * step
        begin = (low - row * shift) % step
        end = begin + rest
        at[count], change[count] = begin, 1.0
        at[count + 1], change[count + 1] = end, -1.0
        count += 2
        if end > step:
            start += 1
            at[count - 1] = end - step
    if base > 0 and f == 0.0:
        return 0.0
    order = np.argsort(at[:count])
    total, inside, before = 0.0, start, 0.0
    for i in range(count):
        k = order[i]
        total += (at[k] - before) * math.pow(f, inside)
        before = at[k]
        inside += int(change[k])
    total += (step - before) * math.pow(f, inside)
    return float(math.pow(f, base) * total / step)


@kernel
def mean_silence(
    strip: bool,
    sides: tuple[float, float],
    cell: tuple[float, float, float],
    angles: Array,
    parts: Array,
    f: float,
) -> float:
    """Mean of ``_silence`` over pairs of angles and parts, (n,) each."""
    total = 0.0
    for i in range(angles.shape[0]):
        total += _silence(strip, sides, cell, angles[i], parts[i], f)
    return total / angles.shape[0]
