"""Continuous-wave radar between two holes: the change in level by a void, in decibels.

The wave of an electric line source along a tunnel's axis, exactly (TM series, `cylinder_waves`;
Burrell & Peden 1979): destructive behind the tunnel, with two dips where the wavelength in the
rock is about the diameter. Ratios of scattered to direct wave are the same for a dipole in three
dimensions where the crossing is in the far field of both antennas.

A ray that meets the axis under the angle θ has the wavenumber k sin θ normal to it, in the fill
√(k1² − k² cos² θ), and the section's distances; what couples the two polarisations is left out,
which is of second order in cos θ. Beyond 45° from the normal the form is kept at its value for
45°. Polarisation across the axis (holes normal to a level tunnel have it along the dip) is not the
series' either; the two differ by less than the discrepancy for k a > 1. A segment's end weighs
with the part of the first Fresnel zone that lies over the segment; a chamber is a piece of
cylinder across the ray as long as wide (√π a), no Mie series. Water in the invert, linings and a
bent axis within the zone are left out. Where the direct wave vanishes the level is kept above
−30 dB. Voids behind an antenna, and farther than four Fresnel radii, do not count.
"""

from __future__ import annotations

import cmath
import math
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from subterra.kernel import kernel
from subterra.physics.cylinder_waves import (
    MAX_ORDER,
    cylinder_coefficients,
    scattered_ratio,
)
from subterra.physics.media import LIGHT_M_PER_S, WATER_PERMITTIVITY, pore_share
from subterra.physics.rays import Rays, normal_mass, ray_crossing
from subterra.scene import FAMILIES, Objects, add_parts

__all__ = ["cw_response", "relative_permittivity", "wavenumber"]

Array = npt.NDArray[Any]

_VACUUM: Final = 8.8541878128e-12
_CHAMBER = FAMILIES.index("chamber")
_LOWEST: Final = 10.0 ** (-30.0 / 20.0)
_NORMAL_SINE: Final = math.sqrt(0.5)
_ZONES: Final = 4.0


def wavenumber(
    frequency_hz: Array, permittivity: Array | float, conductivity: Array | float
) -> Array:
    """Complex wavenumber k = (ω/c) √(εr + iσ/(ωε0)), 1/m, of a lossy medium; Im k ≥ 0.

    Parameters
    ----------
    frequency_hz : numpy.ndarray
        Frequency, Hz.
    permittivity : float or numpy.ndarray
        Relative permittivity.
    conductivity : float or numpy.ndarray
        S/m.
    """
    omega = 2.0 * np.pi * np.asarray(frequency_hz, np.float64)
    relative = np.asarray(permittivity) + 1j * np.asarray(conductivity) / (omega * _VACUUM)
    return omega / LIGHT_M_PER_S * np.sqrt(relative)


def relative_permittivity(objects: Objects, host: float) -> Array:
    """Relative permittivity (n,) of each object's fill; rubble is a CRIM mixture with air."""
    pores = pore_share(objects)
    rubble = ((1.0 - pores) * math.sqrt(host) + pores) ** 2
    water = np.full(len(objects), WATER_PERMITTIVITY)
    return np.choose(objects.fill, (np.ones(len(objects)), water, rubble))


@kernel
def _decibel(ratio: complex) -> float:
    """Level of 1 + ratio."""
    return 20.0 * math.log10(max(abs(1.0 + ratio), _LOWEST))


@kernel
def _normal_part(k: complex, host: complex, cosine: float) -> complex:
    """Wavenumber normal to the axis, for the host's wavenumber along it; never 0."""
    square = k * k - host * host * cosine * cosine
    if abs(square) < 1e-4 * abs(k * k):
        square = 1e-4 * k * k
    root = cmath.sqrt(square)
    return root if root.imag >= 0.0 else -root


@kernel
def _cw_fill(
    sphere: Array,
    x: Array,
    y: Array,
    z: Array,
    radius: Array,
    sx: Array,
    sy: Array,
    sz: Array,
    dx: Array,
    dy: Array,
    dz: Array,
    length: Array,
    host: Array,
    inner: Array,
    wavenumber_sd: float,
    out: Array,
) -> None:
    if radius.size == 0:
        return
    work = np.empty((3, 128), np.complex128)
    factor = np.empty(MAX_ORDER + 1, np.complex128)
    ratio = np.empty(length.size, np.complex128)
    for i in range(radius.size):
        a = radius[i]
        for j in range(length.size):
            ratio[j] = 0.0
            out[i, j] = np.float32(0.0)
        if a <= 0.0:
            continue
        for k in range(1, 2 if sphere[i] else x.shape[1]):
            ax, ay, az = x[i, k - 1], y[i, k - 1], z[i, k - 1]
            ux, uy, uz = x[i, k] - ax, y[i, k] - ay, z[i, k] - az
            span = math.sqrt(ux * ux + uy * uy + uz * uz)
            ball = bool(sphere[i]) or span == 0.0
            if span > 0.0:
                ux, uy, uz = ux / span, uy / span, uz / span
            known_outside, known_inside, top = 0.0j, 0.0j, 0
            for j in range(length.size):
                wx, wy, wz = ax - sx[j], ay - sy[j], az - sz[j]
                t, s, b, sine, _ = ray_crossing(wx, wy, wz, dx[j], dy[j], dz[j], ux, uy, uz, span)
                h1, h2 = t, length[j] - t
                if h1 <= 0.0 or h2 <= 0.0:
                    continue
                wavelength = 2.0 * math.pi / host[j].real
                zone = 0.5 * math.sqrt(wavelength * h1 * h2 / length[j])
                if b > a + 2.0 * _ZONES * zone:
                    continue
                end = math.sqrt(zone * zone + 0.0625 * a * a) / sine
                if ball:
                    half = 0.5 * math.sqrt(math.pi) * a
                    share = normal_mass(-half, half, end)
                    sine = 1.0
                else:
                    if s < -_ZONES * end or s > span + _ZONES * end:
                        continue
                    share = normal_mass(-s, span - s, end)
                sine = max(sine, _NORMAL_SINE)
                cosine = math.sqrt(max(1.0 - sine * sine, 0.0))
                outside = host[j] * sine
                inside = _normal_part(inner[i, j], host[j], cosine)
                moved = abs(outside - known_outside) + abs(inside - known_inside)
                if moved > 1e-3 * abs(outside):
                    known_outside, known_inside = outside, inside
                    size = abs(outside) * a
                    top = min(int(size + 4.0 * size ** (1.0 / 3.0)) + 5, MAX_ORDER)
                    cylinder_coefficients(
                        outside * a,
                        inside * a,
                        host[j] * host[j] / outside,
                        inner[i, j] * inner[i, j] / inside,
                        top,
                        work,
                        factor,
                    )
                # Scattered waves lose their phase to what is not known of the host.
                unsure = wavenumber_sd * host[j].real * 0.5 * b * b * (1.0 / h1 + 1.0 / h2)
                share *= math.exp(-0.5 * unsure * unsure)
                h1, h2 = h1 * sine, h2 * sine
                near = max(math.sqrt(h1 * h1 + b * b), 1.05 * a)
                far = max(math.sqrt(h2 * h2 + b * b), 1.05 * a)
                angle = math.atan2(h1, b) + math.atan2(h2, b)
                ratio[j] += share * scattered_ratio(
                    outside * near, outside * far, outside * (h1 + h2), angle, top, factor, work[0]
                )
        for j in range(length.size):
            out[i, j] = np.float32(_decibel(ratio[j]))


def cw_response(
    objects: Objects,
    rays: Rays,
    frequency_hz: Array,
    *,
    permittivity: float = 7.0,
    conductivity_s_m: float = 1e-3,
    wavenumber_sd: float = 0.05,
) -> Array:
    """Change of continuous-wave levels by objects.

    Parameters
    ----------
    objects : Objects
        Leading shape (n,).
    rays : Rays
        Transmitters and receivers.
    frequency_hz : (n_ray,) numpy.ndarray
        Frequency of each datum, Hz.
    permittivity : float
        Relative permittivity of the host.
    conductivity_s_m : float
        Of the host, S/m; the fill's is the object's conductivity ratio times it.
    wavenumber_sd : float
        Relative uncertainty of the host's wavenumber. The scattered wave is its mean over it,
        less by exp(−½(wavenumber_sd k Δ)²) for a detour Δ over the void: ripples far from the
        void's shadow, whose phase nobody knows, die away.

    Returns
    -------
    (n, n_ray) numpy.ndarray of float32
        Decibels; negative in the shadow of a void, and 0 for an empty slot.
    """
    if objects.branch.any():
        return add_parts(
            objects,
            lambda some: cw_response(
                some,
                rays,
                frequency_hz,
                permittivity=permittivity,
                conductivity_s_m=conductivity_s_m,
                wavenumber_sd=wavenumber_sd,
            ),
        )
    frequency = np.asarray(frequency_hz, np.float64)
    host = wavenumber(frequency, permittivity, conductivity_s_m)
    filled = relative_permittivity(objects, permittivity)
    flow = conductivity_s_m * objects.conductivity_ratio.astype(np.float64)
    out = np.empty((len(objects), len(rays)), np.float32)
    x0, y0, z0 = rays.origin
    _cw_fill(
        objects.family == _CHAMBER,
        np.ascontiguousarray(objects.x - x0),
        np.ascontiguousarray(objects.y - y0),
        np.ascontiguousarray(objects.z - z0),
        np.where(objects.family > 0, objects.radius, 0.0).astype(np.float64),
        rays.x,
        rays.y,
        rays.z,
        rays.dx,
        rays.dy,
        rays.dz,
        rays.length,
        host,
        wavenumber(frequency[None, :], filled[:, None], flow[:, None]),
        wavenumber_sd,
        out,
    )
    return out
