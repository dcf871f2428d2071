"""First arrivals past voids: what an object adds to the travel time between two holes.

Distances in metres, slowness p in any unit of time per metre (the response is in that unit of
time). Host p0, fill pf, wavelength λ in the host, period T = λ p0. The ray passes the axis of a
segment at distance b, at h1 and h2 from its ends, under the angle θ; radius a.

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

A ray that begins or ends inside a void is late or early by the part inside, without healing; a void
within a radius of an antenna fades with its distance along the ray. An
arrival that runs along an oblique air tunnel, which is earlier still beyond 68° from the normal,
is not modelled; chords are cut at the overlap of ray and segment.
"""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from subterra.kernel import kernel
from subterra.physics.rays import Rays, normal_mass, ray_crossing
from subterra.scene import FAMILIES, Objects, add_parts
from subterra.scene.geometry import point_segment, trace_capsule

__all__ = [
    "SLOWNESS_AIR",
    "SLOWNESS_WATER",
    "TIME_UNIT_S",
    "detour",
    "fast_advance",
    "fill_slowness",
    "slow_delay",
    "traveltime_response",
]

Array = npt.NDArray[Any]

_LIGHT: Final = 299792458.0
SLOWNESS_AIR: Final = {"radar": 1.0 / _LIGHT, "seismic": 1.0 / 340.0}
"""s/m."""
SLOWNESS_WATER: Final = {"radar": math.sqrt(81.0) / _LIGHT, "seismic": 1.0 / 1480.0}
"""s/m; relative permittivity 81 (10 °C), sound 1,480 m/s."""
TIME_UNIT_S: Final = {"radar": 1e-9, "seismic": 1e-3}
"""Unit of travel times in surveys, s."""
_SOLID_KG_M3: Final = 2400.0
_CHAMBER = FAMILIES.index("chamber")
_HEALING: Final = 0.125
_SHADOW: Final = 0.4
_ZONES: Final = 4.0
"""Standard deviations of the Fresnel zone beyond which a void does not count."""


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
def _passing(
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


@kernel
def _segment_delay(
    sx: float,
    sy: float,
    sz: float,
    dx: float,
    dy: float,
    dz: float,
    length: float,
    ax: float,
    ay: float,
    az: float,
    ux: float,
    uy: float,
    uz: float,
    span: float,
    radius: float,
    sphere: bool,
    host: float,
    fill: float,
    wavelength: float,
    invert: float,
    water: float,
) -> float:
    """Change of one ray's time by one segment; 0 beyond the reach of its Fresnel zone."""
    wx, wy, wz = ax - sx, ay - sy, az - sz
    t, s, b, sine, rise = ray_crossing(wx, wy, wz, dx, dy, dz, ux, uy, uz, span)
    zone = 0.0
    if 0.0 < t < length:
        zone = 0.5 * math.sqrt(wavelength * t * (length - t) / length)
    # A fast void draws paths from as far as they gain: 2aG > ½ p0 H b², H ≥ 4/L.
    reach = radius + _ZONES * zone
    if fill < host:
        reach = max(reach, math.sqrt(radius * length))
    if b > reach:
        return 0.0
    end = math.sqrt(zone * zone + 0.0625 * radius * radius) / sine
    if sphere:
        share, longest = 1.0, 2.0 * radius
    else:
        if s < -_ZONES * end - radius or s > span + _ZONES * end + radius:
            return 0.0
        share = normal_mass(-s, span - s, end)
        longest = span + 2.0 * radius
    bx, by, bz = ax + span * ux, ay + span * uy, az + span * uz
    first, _ = point_segment(sx, sy, sz, ax, ay, az, bx, by, bz)
    ex, ey, ez = sx + length * dx, sy + length * dy, sz + length * dz
    last, _ = point_segment(ex, ey, ez, ax, ay, az, bx, by, bz)
    if min(first, last) < radius:
        enter, leave = trace_capsule(sx, sy, sz, dx, dy, dz, length, ax, ay, az, bx, by, bz, radius)
        return share * (fill - host) * (leave - enter) if leave > enter else 0.0
    side = b if rise >= 0.0 else -b
    level = math.sqrt(dx * dx + dy * dy) if sphere else abs(dx * uy - dy * ux) / sine
    # A void beside an antenna fades with its distance along the ray, to nothing behind it.
    share *= min(1.0, max(0.0, min(t, length - t)) / radius)
    return share * _passing(
        t, side, level, sine, length, longest, radius, sphere, host, fill, wavelength, invert, water
    )


@kernel
def _misses(
    wx: float,
    wy: float,
    wz: float,
    dx: float,
    dy: float,
    dz: float,
    ux: float,
    uy: float,
    uz: float,
    square: float,
) -> bool:
    """Whether two lines pass each other at more than the root of ``square``, without a root."""
    nx, ny, nz = dy * uz - dz * uy, dz * ux - dx * uz, dx * uy - dy * ux
    apart = wx * nx + wy * ny + wz * nz
    return apart * apart > square * (nx * nx + ny * ny + nz * nz)


@kernel
def _traveltime_fill(
    sphere: Array,
    x: Array,
    y: Array,
    z: Array,
    radius: Array,
    fixed: Array,
    solid: Array,
    invert: Array,
    sx: Array,
    sy: Array,
    sz: Array,
    dx: Array,
    dy: Array,
    dz: Array,
    length: Array,
    host: Array,
    wavelength: Array,
    zone: Array,
    water: float,
    out: Array,
) -> None:
    n_ray = length.size
    for i in range(radius.size):
        for j in range(n_ray):
            out[i, j] = np.float32(0.0)
        if radius[i] <= 0.0:
            continue
        ball = bool(sphere[i])
        for k in range(1, 2 if ball else x.shape[1]):
            ax, ay, az = x[i, k - 1], y[i, k - 1], z[i, k - 1]
            ux, uy, uz = x[i, k] - ax, y[i, k] - ay, z[i, k] - az
            span = math.sqrt(ux * ux + uy * uy + uz * uz)
            if span > 0.0:
                ux, uy, uz = ux / span, uy / span, uz / span
            for j in range(n_ray):
                far = radius[i] + 0.5 * _ZONES * zone[j]
                far = max(far * far, radius[i] * length[j])
                if span > 0.0 and _misses(
                    ax - sx[j], ay - sy[j], az - sz[j], dx[j], dy[j], dz[j], ux, uy, uz, far
                ):
                    continue
                out[i, j] += np.float32(
                    _segment_delay(
                        sx[j],
                        sy[j],
                        sz[j],
                        dx[j],
                        dy[j],
                        dz[j],
                        length[j],
                        ax,
                        ay,
                        az,
                        ux,
                        uy,
                        uz,
                        span,
                        radius[i],
                        ball or span == 0.0,
                        host[j],
                        fixed[i] + solid[i] * host[j],
                        wavelength[j],
                        invert[i],
                        water,
                    )
                )


def fill_slowness(objects: Objects, medium: str) -> tuple[Array, Array]:
    """Slowness of each object's fill, s/m, as ``fixed + solid · host slowness``.

    Parameters
    ----------
    objects : Objects
        Leading shape (n,).
    medium : str
        ``radar`` or ``seismic``.

    Returns
    -------
    fixed, solid : (n,) numpy.ndarray
        Air and water are what they are. Rubble is a time average (Wyllie; for radar the CRIM
        mixture) of host rock and of air in its pores, whose share is the lost density over the
        density of the solid.
    """
    air, water = SLOWNESS_AIR[medium], SLOWNESS_WATER[medium]
    pores = np.clip(-objects.density_contrast.astype(np.float64) / _SOLID_KG_M3, 0.02, 0.6)
    one = np.ones(len(objects))
    fixed = np.choose(objects.fill, (air * one, water * one, air * pores))
    solid = np.choose(objects.fill, (0.0 * one, 0.0 * one, 1.0 - pores))
    return fixed, solid


def traveltime_response(
    objects: Objects,
    rays: Rays,
    host: Array,
    wavelength: Array,
    medium: str,
    *,
    invert: float = 0.0,
) -> Array:
    """Change of first-arrival times by objects.

    Parameters
    ----------
    objects : Objects
        Leading shape (n,).
    rays : Rays
        Sources and receivers.
    host : (n_ray,) numpy.ndarray
        Slowness of the host along each ray, s/m.
    wavelength : (n_ray,) numpy.ndarray
        Dominant wavelength in the host, m; 0 for the eikonal equation.
    medium : str
        ``radar`` or ``seismic``.
    invert : float
        Share of the height of air-filled objects that stands under water, 0 to 1.

    Returns
    -------
    (n, n_ray) numpy.ndarray of float32
        Nanoseconds for radar, milliseconds for seismics; early is negative. Delays of several
        objects add. Zero for an empty slot.
    """
    if objects.branch.any():
        return add_parts(
            objects,
            lambda some: traveltime_response(some, rays, host, wavelength, medium, invert=invert),
        )
    unit = TIME_UNIT_S[medium]
    fixed, solid = fill_slowness(objects, medium)
    present = objects.family > 0
    wavelength = np.asarray(wavelength, np.float64)
    wet = np.where(objects.fill == 0, min(max(invert, 0.0), 1.0), 0.0)
    out = np.empty((len(objects), len(rays)), np.float32)
    x0, y0, z0 = rays.origin
    _traveltime_fill(
        objects.family == _CHAMBER,
        np.ascontiguousarray(objects.x - x0),
        np.ascontiguousarray(objects.y - y0),
        np.ascontiguousarray(objects.z - z0),
        np.where(present, objects.radius, 0.0).astype(np.float64),
        fixed / unit,
        solid,
        wet,
        rays.x,
        rays.y,
        rays.z,
        rays.dx,
        rays.dy,
        rays.dz,
        rays.length,
        np.asarray(host, np.float64) / unit,
        wavelength,
        0.5 * np.sqrt(wavelength * rays.length),
        SLOWNESS_WATER[medium] / unit,
        out,
    )
    return out
