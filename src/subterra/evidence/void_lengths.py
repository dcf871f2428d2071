"""How long a logged void is, over an object and where there is none.

A tunnel is logged over metres, an open joint over decimetres. Over an object whose nominal chord
is c and whose longest chord is D, half of all logged voids are the chord as it is, nearly half are
anything shorter (grazed by a hole that strayed, partly filled, noticed late), both blurred by s,
and a few go on (a fallen roof, a crossing):

    f(l) = w₁ N(l; c, s)/Φ(c/s) + w₂ Φ((D − l)/s)/Z + w₃ exp(−l/D)/D,  l > 0,
    Z = D Φ(D/s) + s φ(D/s),  s² = s_d² + (c/5)²,

with w = (0.5, 0.45, 0.05) and s_d the error of a logged depth. A void that is no object has the
exponential law of its cause. Where the log ends within a void only "at least l" is known, and both
laws are replaced by their survival functions. Shares and spreads are judgement.
"""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from subterra.kernel import kernel, part

__all__ = ["draw_length", "length_ratio", "normal_cdf"]

Array = npt.NDArray[Any]

_WHOLE, _SHORTER, _LONGER = 0.5, 0.45, 0.05
_SHAPE: Final = 0.2
_FAR_SD: Final = 8.0
_LEAST: Final = 1e-12


@part
def normal_cdf(x: float) -> float:
    """Standard normal distribution function."""
    return 0.5 * math.erfc(-0.7071067811865476 * x)


@part
def _normal_pdf(x: float) -> float:
    return 0.3989422804014327 * math.exp(-0.5 * x * x)


@kernel
def length_ratio(
    length: float,
    unended: bool,
    inside: float,
    longest: float,
    depth_sd: float,
    cause: Array,
    mean: Array,
) -> float:
    """Density of a void's logged length over an object, over that where there is none.

    Parameters
    ----------
    length : float
        Logged length, m.
    unended : bool
        Whether the log ends within the void, which is then at least so long.
    inside, longest : float
        Chord of the hole as drilled, and of one through the middle, m.
    depth_sd : float
        Error of a logged depth, m.
    cause, mean : (causes,) numpy.ndarray
        Share of each cause of false voids, and mean length of its voids, m.

    Returns
    -------
    float
        Finite, not negative.
    """
    sd = math.hypot(depth_sd, _SHAPE * inside)
    past, left = (length - inside) / sd, (longest - length) / sd
    room = longest * normal_cdf(longest / sd) + sd * _normal_pdf(longest / sd)
    if unended:
        whole = normal_cdf(-past)
        shorter = (sd * left * normal_cdf(left) + sd * _normal_pdf(left)) / room
    else:
        whole = _normal_pdf(past) / sd
        shorter = normal_cdf(left) / room
    longer = math.exp(-length / longest) / (1.0 if unended else longest)
    true = _WHOLE * whole / normal_cdf(inside / sd) + _SHORTER * shorter + _LONGER * longer
    false = 0.0
    for k in range(cause.size):
        false += cause[k] * math.exp(-length / mean[k]) / (1.0 if unended else mean[k])
    return true / max(false, _LEAST)


def draw_length(inside: float, longest: float, depth_sd: float, rng: np.random.Generator) -> float:
    """Draw a logged length, m, over an object; parameters as of `length_ratio`."""
    sd = math.hypot(depth_sd, _SHAPE * inside)
    kind = rng.random()
    if kind < _LONGER:
        return float(rng.exponential(longest))
    while True:
        if kind < _LONGER + _WHOLE:
            length = inside + sd * rng.standard_normal()
        else:
            length = (longest + _FAR_SD * sd) * rng.random()
            if rng.random() >= normal_cdf((longest - length) / sd):
                continue
        if length > 0.0:
            return float(length)
