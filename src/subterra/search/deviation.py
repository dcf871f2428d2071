"""Chance that a deviating hole meets an object, with the deviation integrated out.

A drilled hole leaves its planned line. Its lateral offset at the depth of an object is taken as
normal, equal in both directions, with standard deviation s = ``deviation_sd_per_m`` · depth.
Seen along the hole an object of radius a is a stadium: a strip of half-width a with round ends,
or a disc. The probability of a hit is the mass of the normal distribution in it. Away from the
ends of a line this is closed, Φ((m + a)/s) - Φ((m - a)/s) with m the distance between the
lines; at an end, and for a disc, one dimension stays closed and the other is summed by
Gauss-Legendre quadrature.
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np
from scipy.special import ndtr

from subterra.kernel import kernel

__all__ = [
    "SD_FLOOR",
    "SD_REACH",
    "chord_of_hits",
    "mass_of_hits",
    "normal_cdf",
    "stadium_mass",
    "strip_mass",
]

SD_REACH: Final = 5.0
"""Standard deviations beyond which no mass is sought; what lies outside is below 6e-7."""

SD_FLOOR: Final = 1e-4
"""Least deviation, m: a hole at its collar."""

_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(20)
_ROOT_TWO_PI: Final = math.sqrt(2.0 * math.pi)

# Φ on a grid of 1/256 between -6 and 6: linear interpolation errs by less than 5e-7, which no
# probability here can notice, and is several times faster than the error function.
_PER_SD: Final = 256
_EDGE: Final = 6.0
_PHI: Final = ndtr(np.arange(2 * int(_EDGE) * _PER_SD + 2) / _PER_SD - _EDGE)


@kernel
def normal_cdf(x: float) -> float:
    """Evaluate the standard normal distribution function Φ to within 1e-6."""
    at = (min(max(x, -_EDGE), _EDGE) + _EDGE) * _PER_SD
    i = int(at)
    return _PHI[i] + (at - i) * (_PHI[i + 1] - _PHI[i])


@kernel
def _mean_square(offset: float, variance: float, sd: float, spread: float) -> float:
    """Mean square distance from the axis of the holes that hit, m².

    The object is replaced by a normal of its own ``variance`` across the axis; its product with
    the deviation's is normal. Exact for small and for large deviations, within a fifth of the
    radius in the chord between them; ``spread`` counts the dimensions.
    """
    share = variance / (variance + sd * sd)
    return (share * offset) ** 2 + spread * share * sd * sd


@kernel
def strip_mass(offset: float, radius: float, sd: float) -> float:
    """Integrate a normal over an endless strip.

    Parameters
    ----------
    offset : float
        Distance m of the strip's middle line from the mean, m.
    radius : float
        Half-width a of the strip, m.
    sd : float
        Standard deviation s > 0, m.

    Returns
    -------
    float
        Φ((m + a)/s) - Φ((m - a)/s).
    """
    inverse = 1.0 / sd
    return normal_cdf((offset + radius) * inverse) - normal_cdf((offset - radius) * inverse)


@kernel
def stadium_mass(offset: float, start: float, end: float, radius: float, sd: float) -> float:
    """Integrate a normal over a stadium: all within a radius of a segment in the plane.

    Parameters
    ----------
    offset : float
        Distance m of the segment's line from the mean, m.
    start, end : float
        Ends of the segment along its line, from the foot of the mean, m; equal for a disc.
    radius : float
        m.
    sd : float
        Standard deviation s > 0 in each direction, m.

    Returns
    -------
    float
        ∫ φ_s(v + m) [Φ((end + c)/s) - Φ((start - c)/s)] dv with c² = a² - v², over |v| < a.
    """
    low = max(-radius, -offset - SD_REACH * sd)
    high = min(radius, -offset + SD_REACH * sd)
    if low >= high:
        return 0.0
    middle, half = 0.5 * (low + high), 0.5 * (high - low)
    total = 0.0
    for i in range(_NODES.shape[0]):
        v = middle + half * _NODES[i]
        c = math.sqrt(max(radius * radius - v * v, 0.0))
        y = (v + offset) / sd
        along = normal_cdf((end + c) / sd) - normal_cdf((start - c) / sd)
        total += _WEIGHTS[i] * math.exp(-0.5 * y * y) * along
    return min(total * half / (sd * _ROOT_TWO_PI), 1.0)


@kernel
def chord_of_hits(offset: float, end: float, disc: bool, radius: float, sd: float) -> float:
    """Half the chord, square on, of the holes that hit an object.

    Parameters
    ----------
    offset : float
        Distance of the axis's line from the planned hole, m.
    end : float
        Distance of a disc's centre along that line, m; unused for a line.
    disc : bool
        Whether the object is met as a disc: a chamber, or an axis along the hole.
    radius, sd : float
        Radius of the object and deviation at its depth, m.

    Returns
    -------
    float
        √(a² - mean square miss of the holes that hit), m.
    """
    if disc:
        miss = math.sqrt(offset * offset + end * end)
        square = _mean_square(miss, radius * radius / 4.0, sd, 2.0)
    else:
        square = _mean_square(offset, radius * radius / 3.0, sd, 1.0)
    return math.sqrt(max(radius * radius - square, 0.0))


@kernel
def mass_of_hits(offset: float, start: float, end: float, radius: float, sd: float) -> float:
    """Probability by geometry that a deviating hole meets an object; see ``stadium_mass``.

    Away from the ends of a line the closed form of the endless strip is used.
    """
    clear = SD_REACH * sd
    if start < -clear and end > clear:
        return strip_mass(offset, radius, sd)
    if start - radius > clear or end + radius < -clear:
        return 0.0
    return stadium_mass(offset, start, end, radius, sd)
