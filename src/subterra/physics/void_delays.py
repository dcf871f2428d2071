"""Kernels: what one void that holds neither end of a ray adds to its first arrival.

Distances in metres, slowness p in any unit of time per metre (the delays are in that unit of time).
Host p0, fill pf, wavelength λ in the host, period T = λ p0. The ray passes the axis of a segment at
distance b, at h1 and h2 from its ends, under the angle θ; radius a.

*Fast fill* (pf < p0: air for radar). With G = p0 − pf a path through the section at height y gains

    D = max_y  G w(y) − ½ p0 H (b − y)²,   w = 2√(a² − y²)/sin θ,   H = 1/(h1 − a) + 1/(h2 − a),

the chord through the middle, ``(√εr − 1) 2a/c`` for radar, less what it costs to bend towards it
(paraxial). The maximum is taken at the stationary point of the parabola through the middle,
``y = b K1/(K1 + K2)``, K1 = p0 H, K2 = 2G/(a sin θ). The void spreads
what passes through it like a diverging lens, to an amplitude of about √(a/h), h = 2 h1 h2/L, so
that an arrival early by less than half a period is lost in the direct wave (wavefront healing):
the first break moves by

    Δt = −max( D²/(D + 0.125 √(h/a) (λ/a)^0.2 T),  G ℓ q ).

*Slow fill* (pf > p0: air for seismics, water for radar). The wave goes around, straight – arc –
straight on the cylinder, longer by E, or through it, later by (pf − p0) ℓ q:

    Δt = A B/√(A² + B²),   A = (pf − p0) ℓ q,   B = p0 E + 0.4 T q.

Here q is the part of the first Fresnel zone that the void covers: the zone is a normal density of
standard deviation σ = r_F/2 across the ray, r_F = √(λ h1 h2/L), so that q = Φ((a−b)/σ) −
Φ((−a−b)/σ); ℓ is the mean chord, πa/(2 sin θ). Along the axis a segment counts with the part of
the zone that lies over it. A sphere has sin θ = 1 and counts with q(b) q(0).
For λ → 0 the forms are those of the eikonal equation. 0.125 and 0.4 were fitted to first breaks
(2–5 % of the peak) of pulses from the exact series of a line source beside a cylinder (L = 15 m, a
from 0.5 to 2 m, λ from 0.3 to 3 m, offsets to 3 m): the misfit is 5–25 % of the signal, which the
multiplicative error of the likelihood carries. Picks of a peak or of a
cross-correlation heal sooner and see smaller voids late or not at all; they do not follow these
forms.
"""

from __future__ import annotations

import math
from typing import Final

from subterra.kernel import kernel
from subterra.physics.rays import normal_mass

__all__ = ["detour", "fast_advance", "passing_delay", "slow_delay"]

_HEALING: Final = 0.125
_SHADOW: Final = 0.4


@kernel
def detour(h1: float, h2: float, b: float, radius: float, along: float) -> float:
    """Extra length of the shortest path around a cylinder, straight – arc – straight.

    Parameters
    ----------
    h1, h2 : float
        Distances in metres, normal to the axis, from the closest place to source and receiver.
    b : float
        Distance in metres at which the straight ray passes the axis.
    radius : float
        Metres.
    along : float
        Metres between source and receiver along the axis; the path unrolls to a straight line, so
        that its length is √(section² + along²).

    Returns
    -------
    float
        Metres; 0 where the straight ray misses, and finite where an end lies inside.
    """
    if b >= radius or h1 <= 0.0 or h2 <= 0.0:
        return 0.0
    d1 = math.sqrt(max(h1 * h1 + b * b, radius * radius))
    d2 = math.sqrt(max(h2 * h2 + b * b, radius * radius))
    arc = math.atan2(h1, b) + math.atan2(h2, b) - math.acos(radius / d1) - math.acos(radius / d2)
    around = math.sqrt(d1 * d1 - radius * radius) + math.sqrt(d2 * d2 - radius * radius)
    around += radius * max(arc, 0.0)
    straight = h1 + h2
    longer = (around - straight) * (around + straight)
    full = math.sqrt(straight * straight + along * along)
    return max(longer, 0.0) / (math.sqrt(around * around + along * along) + full)


@kernel
def fast_advance(
    h1: float,
    h2: float,
    b: float,
    radius: float,
    sine: float,
    host: float,
    gain: float,
    low: float,
    longest: float,
) -> float:
    """How much earlier the best path through a fast cylinder arrives than the straight one.

    Parameters
    ----------
    h1, h2 : float
        Metres along the ray from the closest place to source and receiver.
    b : float
        Distance in metres from the axis, signed: positive on the side of heights ``y > 0``.
    radius : float
        Metres.
    sine : float
        Of the angle between ray and axis.
    host, gain : float
        Slowness of the host, and by how much the fill's is smaller.
    low : float
        Lowest height y in metres of a path through the fast part; −radius without water in it.
    longest : float
        Bound on the chord, metres.

    Returns
    -------
    float
        D, at least 0, in the time unit of the slownesses.
    """
    near = 0.1 * radius
    legs = 1.0 / max(h1 - radius, near) + 1.0 / max(h2 - radius, near)
    bend = host * legs
    y = b * bend / (bend + 2.0 * gain / (radius * sine))
    y = min(max(y, low), radius)
    chord = 2.0 * math.sqrt(max(radius * radius - y * y, 0.0)) / sine
    away = b - y
    return max(gain * min(chord, longest) - 0.5 * bend * away * away, 0.0)


@kernel
def slow_delay(through: float, around: float) -> float:
    """Smooth minimum of the delays through and around, A B/√(A² + B²); 0 if either is 0."""
    if through <= 0.0 or around <= 0.0:
        return 0.0
    return through * around / math.sqrt(through * through + around * around)


@kernel
def passing_delay(
    t: float,
    side: float,
    level: float,
    sine: float,
    length: float,
    longest: float,
    radius: float,
    sphere: bool,
    host: float,
    fill: float,
    wavelength: float,
    invert: float,
    water: float,
) -> float:
    """Change of the travel time by an endless cylinder (or a sphere) that holds neither end.

    ``side`` is the distance between ray and axis, positive where the ray is higher; ``level`` the
    vertical part of the direction in which it is measured.
    """
    h1, h2 = t, length - t
    if h1 <= 0.0 or h2 <= 0.0:
        return 0.0
    b = abs(side)
    spread = 0.5 * math.sqrt(wavelength * h1 * h2 / length) + 1e-9 * radius
    cover = normal_mass(-radius - b, radius - b, spread)
    if sphere:
        cover *= normal_mass(-radius, radius, spread)
    mean_chord = min(0.5 * math.pi * radius / sine, longest)
    period = wavelength * host
    if fill < host:
        gain = host - fill
        low = radius * (2.0 * invert - 1.0) if level > 0.5 else -radius
        early = fast_advance(h1, h2, side, radius, sine, host, gain, low, longest)
        if level <= 0.5:
            # A steep ray has to go through the water in the invert.
            early = max(early - 2.0 * radius * invert * (water - fill), 0.0)
        weak = math.sqrt(2.0 * h1 * h2 / (length * radius)) * (wavelength / radius) ** 0.2
        first = early * early / (early + _HEALING * weak * period) if early > 0.0 else 0.0
        return -max(first, gain * mean_chord * cover * (1.0 - invert))
    along = length * math.sqrt(max(1.0 - sine * sine, 0.0))
    longer = detour(h1 * sine, h2 * sine, b, radius, along)
    through = (fill - host) * mean_chord * cover
    return slow_delay(through, host * longer + _SHADOW * period * cover)
