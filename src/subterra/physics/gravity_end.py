"""What a line mass leaves out at the flat end of a round tunnel or the mouth of a shaft.

A cylinder from the end on, endless into its body, less the line mass of the same section:

    ΔF_ζ = V − πa²/R,    ΔF_r = −a (I∞ + I) + (πa²/r)(1 + ζ/R),    R² = r² + ζ²,

with the disc's V and I of ``gravity_cylinder`` and I∞ = πa/r beside, πr/a before the end. Away
from the end both die out as (a/R)² of the end's own pull; alongside the body nothing else is left
out, so that one such term per free end makes a round line exact at any station outside it.
"""

from __future__ import annotations

import math

from subterra.kernel import kernel, part
from subterra.physics.gravity_cylinder import cel_pairs

__all__ = ["end_gz", "end_gzz"]

_NUDGE = 1e-9


@part
def _off_rim(r: float, a: float) -> float:
    """Move a station off the cylinder's side and axis by a billionth of the radius."""
    r = max(r, _NUDGE * a)
    return a * (1.0 + _NUDGE) if abs(r - a) < _NUDGE * a else r


@part
def _around(r: float, h: float, a: float, q: float, side: float, distance: float) -> float:
    """ΔF_r over r, 1; before the end with r < a it is taken of the body on that side alone.

    ``side`` is I·q/4h: what is left of I by the elliptic integrals.
    """
    pull = 4.0 * a * h * side / (q * r)
    area = math.pi * a * a
    if r >= a:
        return area * h / (r * r * distance) - pull
    # 1 ± h/R without cancellation near the axis; the two sides mirror one another.
    line = area / (distance * (distance + abs(h)))
    return (line - math.pi if h < 0.0 else math.pi - line) - pull


@kernel
def end_gz(h: float, r: float, a: float, tz: float, ez: float) -> float:
    """Downward pull that a line mass leaves out at one end, per unit of G·Δρ, m.

    Parameters
    ----------
    h : float
        Place of the station along the axis from the end, metres, positive into the body.
    r : float
        Distance of the station from the axis, metres. The station is not inside the body.
    a : float
        Radius, metres.
    tz, ez : float
        Upward components of the unit vectors along the axis into the body and from the axis to
        the station.
    """
    r = _off_rim(r, a)
    q2 = (a + r) * (a + r) + h * h
    q = math.sqrt(q2)
    k2 = (a - r) * (a - r) + h * h
    ratio = (a - r) / (a + r)
    p = ratio * ratio
    one, two, three, four = cel_pairs(math.sqrt(k2) / q, p)
    second = a * a - r * r
    potential = (q2 + second) * one + (k2 + second) * two + h * h * ratio * (three + four)
    potential *= 2.0 / q
    if r < a:
        potential -= 2.0 * math.pi * abs(h)
    distance = math.sqrt(r * r + h * h)
    axial = potential - math.pi * a * a / distance
    return -(axial * tz + r * _around(r, h, a, q, two - p * four, distance) * ez)


@kernel
def end_gzz(h: float, r: float, a: float, tz: float, ez: float) -> float:
    """Vertical gradient that a line mass leaves out at one end; arguments as for ``end_gz``."""
    r = _off_rim(r, a)
    q2 = (a + r) * (a + r) + h * h
    q = math.sqrt(q2)
    ratio = (a - r) / (a + r)
    p = ratio * ratio
    one, two, three, four = cel_pairs(math.sqrt((a - r) * (a - r) + h * h) / q, p)
    angle = -2.0 * h / q * (one + two + ratio * (three + four))
    if r < a:
        angle += math.copysign(2.0 * math.pi, h)
    slope = -4.0 * a / q * (two - one)
    distance = math.sqrt(r * r + h * h)
    point = math.pi * a * a / (distance * distance * distance)
    axial, mixed = point * h - angle, slope + point * r
    around = _around(r, h, a, q, two - p * four, distance)
    radial = -axial - around
    gzz = axial * tz * tz + 2.0 * mixed * tz * ez + radial * ez * ez
    return gzz + around * (1.0 - tz * tz - ez * ez)
