"""Field and gradient of a circular cylinder with flat ends, inside and outside, in closed form.

Integrated along the axis, the pull of a cylinder is a difference of terms of its two end discs:
the potential V of a uniform disc (Lass & Blitzer 1983) gives the axial pull, its derivatives (the
solid angle and the ring's vector potential) the gradient, and the integral over the side,

    I(ξ) = ξ a r ∫ sin²φ / (s² √(s² + ξ²)) dφ,   s² = a² + r² − 2 a r cos φ,

the radial pull. All are Bulirsch's general complete elliptic integral

    cel(kc, p, c, s) = ∫₀^{π/2} (c cos²θ + s sin²θ)/((cos²θ + p sin²θ) √(cos²θ + kc² sin²θ)) dθ

(Bulirsch 1965; Derby & Olbert 2010 for the same integrals in the field of a solenoid). Outside, an
*endless* cylinder pulls exactly as its line mass: only ends make a difference.

Limits: double precision; the differences lose digits as (distance/radius)³ far away, so that the
line mass takes over there. On the rim itself the gradient is infinite.
"""

from __future__ import annotations

import math

from subterra.kernel import kernel

__all__ = ["cel", "cel_pairs", "cylinder_field", "disc_terms"]

_TOLERANCE = 1e-8
_COARSE = 1e-5
_NUDGE = 1e-9


@kernel
def cel(kc: float, p: float, c: float, s: float) -> float:
    """Bulirsch's general complete elliptic integral for kc ≠ 0 and p > 0, to 1e-15."""
    k = abs(kc)
    root = math.sqrt(p)
    cc, ss, em = c, s / root, 1.0
    f = cc
    cc += ss / root
    g = k / root
    ss = 2.0 * (ss + f * g)
    root += g
    g = em
    em += k
    kk = k
    while abs(g - k) > g * _TOLERANCE:
        k = 2.0 * math.sqrt(kk)
        kk = k * em
        f = cc
        cc += ss / root
        g = kk / root
        ss = 2.0 * (ss + f * g)
        root += g
        g = em
        em += k
    return 0.5 * math.pi * (ss + cc * em) / (em * (em + root))


@kernel
def cel_pairs(kc: float, p: float) -> tuple[float, float, float, float]:
    """cel(kc, 1, 1, 0), cel(kc, 1, 0, 1), cel(kc, p, 1, 0), cel(kc, p, 0, 1), to 1e-10.

    They share the arithmetic–geometric mean of kc, which is most of the work; four calls of
    ``cel`` take three times as long.
    """
    k, em, kk = kc, 1.0 + kc, kc
    m, n = 1.0, math.sqrt(p)
    c1, s1, c2, s2 = 1.0, 0.0, 0.0, 1.0
    c3, s3, c4, s4 = 1.0, 0.0, 0.0, 1.0 / n
    g = 1.0
    f, h = k / m, k / n
    c1, s1 = c1 + s1 / m, 2.0 * (s1 + c1 * f)
    c2, s2 = c2 + s2 / m, 2.0 * (s2 + c2 * f)
    c3, s3 = c3 + s3 / n, 2.0 * (s3 + c3 * h)
    c4, s4 = c4 + s4 / n, 2.0 * (s4 + c4 * h)
    m, n = m + f, n + h
    while abs(g - k) > g * _COARSE:
        k = 2.0 * math.sqrt(kk)
        kk = k * em
        per_m, per_n = 1.0 / m, 1.0 / n
        f, h = kk * per_m, kk * per_n
        c1, s1 = c1 + s1 * per_m, 2.0 * (s1 + c1 * f)
        c2, s2 = c2 + s2 * per_m, 2.0 * (s2 + c2 * f)
        c3, s3 = c3 + s3 * per_n, 2.0 * (s3 + c3 * h)
        c4, s4 = c4 + s4 * per_n, 2.0 * (s4 + c4 * h)
        m, n = m + f, n + h
        g = em
        em += k
    to_m, to_n = 0.5 * math.pi / (em * (em + m)), 0.5 * math.pi / (em * (em + n))
    return (
        to_m * (s1 + c1 * em),
        to_m * (s2 + c2 * em),
        to_n * (s3 + c3 * em),
        to_n * (s4 + c4 * em),
    )


@kernel
def disc_terms(r: float, h: float, a: float) -> tuple[float, float, float, float]:
    """Terms of one end disc at radial distance r and signed height h of the station over it.

    Parameters
    ----------
    r, h, a : float
        Metres; r is not a (see ``cylinder_field``).

    Returns
    -------
    potential : float
        V = ∫ dA/R, m.
    solid_angle : float
        −∂V/∂h, positive for h > 0.
    slope : float
        ∂V/∂r.
    side : float
        I(h), odd in h, so that the radial pull of a cylinder is −a (I(top) − I(bottom)).
    """
    outer = (a + r) * (a + r)
    q = math.sqrt(outer + h * h)
    kc = math.sqrt((a - r) * (a - r) + h * h) / q
    ratio = (a - r) / (a + r)
    p = ratio * ratio
    third = cel(kc, p, 1.0, 1.0)
    second = a * a - r * r
    first = cel(kc, 1.0, q * q + second, q * q * kc * kc + second)
    potential = 2.0 / q * (first + h * h * ratio * third)
    angle = -2.0 * h / q * (cel(kc, 1.0, 1.0, 1.0) + ratio * third)
    if r < a:
        potential -= 2.0 * math.pi * abs(h)
        angle += math.copysign(2.0 * math.pi, h)
    slope = -4.0 * a / q * cel(kc, 1.0, -1.0, 1.0)
    side = 4.0 * h / q * (cel(kc, 1.0, 0.0, 1.0) - p * cel(kc, p, 0.0, 1.0))
    return potential, angle, slope, side


@kernel
def cylinder_field(
    along: float, r: float, length: float, a: float, tz: float, ez: float
) -> tuple[float, float]:
    """Downward pull of a cylinder and its vertical gradient, per unit of G·Δρ.

    Parameters
    ----------
    along : float
        Place of the station along the axis from its first end, metres.
    r : float
        Distance of the station from the axis, metres; 0 is allowed. A station that is on the side
        to 1e-9 is moved off it by that.
    length, a : float
        Length and radius of the cylinder, metres, positive.
    tz, ez : float
        Upward components of the unit vectors along the axis and from the axis to the station.

    Returns
    -------
    gz, gzz : float
        m and 1; positive above a mass.
    """
    if abs(r - a) < _NUDGE * a:
        r = a * (1.0 + _NUDGE)
    v0, w0, d0, i0 = disc_terms(r, along, a)
    v1, w1, d1, i1 = disc_terms(r, along - length, a)
    axial, radial = v0 - v1, a * (i1 - i0)
    t_axial, t_mixed = w1 - w0, d0 - d1
    inside = 4.0 * math.pi if r < a and 0.0 < along < length else 0.0
    around = radial / r if r > 1e-6 * a else 0.5 * (-inside - t_axial)
    t_radial = -inside - t_axial - around
    gz = -(axial * tz + radial * ez)
    gzz = t_axial * tz * tz + 2.0 * t_mixed * tz * ez + t_radial * ez * ez
    return gz, gzz + around * (1.0 - tz * tz - ez * ez)
