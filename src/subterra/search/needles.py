"""Survey lines, line grids and fences against needles, strips and ellipses.

A line is found where it crosses the outline. Parallel lines a distance D apart, whose offset is
random, meet a convex target of extent w across them with probability min(1, w/D); over all azimuths
that is perimeter/(πD) while no extent exceeds D (McCammon, 1977), and Buffon's needle where there
is no breadth. A swath of width φ on each line adds to w.
"""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from subterra.errors import InputError
from subterra.search.planforms import Planform

__all__ = [
    "buffon",
    "fence_hit",
    "laplace",
    "line_grid_hit",
    "lines_hit",
    "lines_worst_azimuth",
]

Array = npt.NDArray[Any]

_ANGLES: Final = 20_000


def _positive(**values: float) -> None:
    for name, value in values.items():
        if not 0.0 < value < math.inf:
            problem = f"{name} must be positive, found {value}"
            raise InputError(problem)


def buffon(length: float, spacing: float) -> float:
    """P(a needle thrown at random crosses one of many parallel lines), exactly.

    2l/(πd) for l ≤ d; (2/π)(x − √(x² − 1) + acos(1/x)) with x = l/d beyond.

    Parameters
    ----------
    length, spacing : float
        Of the needle, and between the lines.

    Returns
    -------
    float

    Raises
    ------
    InputError
        If one is not positive.
    """
    _positive(length=length, spacing=spacing)
    x = length / spacing
    if x <= 1.0:
        return 2.0 * x / math.pi
    return 2.0 / math.pi * (x - math.sqrt(x * x - 1.0) + math.acos(1.0 / x))


def laplace(length: float, spacing: float) -> float:
    """P(a needle crosses a square net of lines): (4ld − l²)/(πd²) for l ≤ d.

    Raises
    ------
    InputError
        If one is not positive, or the needle is longer than the spacing; `line_grid_hit` has
        no such limit.
    """
    _positive(length=length, spacing=spacing)
    if length > spacing:
        problem = f"the closed form holds for needles up to the spacing, found {length} > {spacing}"
        raise InputError(problem)
    return (4.0 * length * spacing - length**2) / (math.pi * spacing**2)


def _crossed(width: Array, spacing: float, miss: float) -> Array:
    """P(at least one of K lines is crossed and says so), K being one of two neighbouring counts."""
    if math.isinf(spacing):
        return np.zeros_like(width)
    whole = np.floor(width / spacing)
    more = width / spacing - whole
    return 1.0 - miss**whole * (1.0 - more * (1.0 - miss))


def _angles() -> Array:
    return math.pi * (np.arange(_ANGLES) + 0.5) / _ANGLES


def lines_hit(
    target: Planform,
    spacing: float,
    *,
    swath: float = 0.0,
    miss: float = 0.0,
    angle_deg: float | None = None,
) -> float:
    """P(parallel survey lines with a random offset meet a target and say so).

    Parameters
    ----------
    target : Planform
        Ellipse, strip or needle.
    spacing : float
        Distance between lines, m.
    swath : float
        Width that a line sees, m; 0 for a line that sees only what lies right below it.
    miss : float
        P(a line that crosses the target does not say so), lines independent.
    angle_deg : float, optional
        Angle between the lines and the target's long axis; by default all are equally likely.

    Returns
    -------
    float
        Exact at one angle; over all angles a midpoint rule of 20,000 whose error is below 1e-6.

    Raises
    ------
    InputError
        For a length that is not positive or a probability outside [0, 1].
    """
    _check_lines(spacing, swath, miss)
    angle = _angles() if angle_deg is None else np.array([math.radians(angle_deg)])
    return float(_crossed(target.width(angle) + swath, spacing, miss).mean())


def _check_lines(spacing: float, swath: float, miss: float) -> None:
    _positive(spacing=spacing)
    if not 0.0 <= swath < math.inf or not 0.0 <= miss <= 1.0:
        problem = f"swath must not be negative and miss lie in [0, 1], found {swath} and {miss}"
        raise InputError(problem)


def lines_worst_azimuth(
    target: Planform, spacing: float, *, swath: float = 0.0, miss: float = 0.0
) -> tuple[float, float]:
    """Angle to the lines, degrees, at which they see a target least, and P(hit) there.

    The extent of an ellipse or strip across the lines is least where it lies along them, or for a
    short broad strip across: both are tried, with all whole degrees between.
    """
    _check_lines(spacing, swath, miss)
    angle = np.radians(np.arange(0.0, 180.0))
    p = _crossed(target.width(angle) + swath, spacing, miss)
    worst = int(np.argmin(np.round(p, 12)))
    return float(worst), float(p[worst])


def line_grid_hit(
    target: Planform, spacing: float, *, other_spacing: float | None = None, swath: float = 0.0
) -> float:
    """P(a net of survey lines in two directions meets a target), all azimuths equally likely.

    The offsets of the two sets are independent, 1 − E[(1 − w/D)₊ (1 − w⊥/D⊥)₊]; for a needle
    shorter than the spacing this is Laplace's closed form.

    Parameters
    ----------
    target : Planform
        Ellipse, strip or needle.
    spacing : float
        Distance between the lines of one direction, m.
    other_spacing : float, optional
        Between those of the other, m; the same by default.
    swath : float
        Width that a line sees, m.

    Returns
    -------
    float
    """
    second = spacing if other_spacing is None else other_spacing
    _check_lines(spacing, swath, 0.0)
    _check_lines(second, swath, 0.0)
    angle = _angles()
    first = _crossed(target.width(angle) + swath, spacing, 0.0)
    across = _crossed(target.width(angle + 0.5 * math.pi) + swath, second, 0.0)
    return float(1.0 - np.mean((1.0 - first) * (1.0 - across)))


def fence_hit(
    breadth: float, spacing: float, *, reach: float = 0.0, angle_deg: float = 0.0
) -> float:
    """P(one hole of a fence meets a long drive that passes through it): (w + φ)/(s cos θ).

    Parameters
    ----------
    breadth : float
        Of the drive, m.
    spacing : float
        Between the holes, m.
    reach : float
        Width beyond the drive at which a hole still tells of it, m, both sides together: the
        hole's own diameter, or what a probe in it sees.
    angle_deg : float
        Between the drive and the normal of the fence. An oblique drive cuts a longer slot.

    Returns
    -------
    float
        1 where every gap is smaller than the slot.

    Raises
    ------
    InputError
        For a spacing that is not positive, or a negative width.
    """
    _positive(spacing=spacing)
    if not (breadth >= 0.0 and reach >= 0.0):
        problem = f"breadth and reach must not be negative, found {breadth} and {reach}"
        raise InputError(problem)
    cosine = abs(math.cos(math.radians(angle_deg)))
    if cosine < 1e-12:
        return 1.0 if breadth + reach > 0.0 else 0.0
    return min(1.0, (breadth + reach) / (spacing * cosine))
