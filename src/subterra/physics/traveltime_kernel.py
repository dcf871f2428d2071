"""Kernels of `subterra.physics.traveltime`: one ray and one segment, then all of them."""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from subterra.kernel import kernel
from subterra.physics.rays import normal_mass, ray_crossing
from subterra.physics.void_delays import passing_delay
from subterra.scene.geometry import point_segment, trace_capsule

__all__ = ["traveltime_fill"]

Array = npt.NDArray[Any]

_ZONES: Final = 4.0
"""Standard deviations of the Fresnel zone beyond which a void does not count."""


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
    return share * passing_delay(
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
def traveltime_fill(
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
    """Fill ``out`` (n_object, n_ray) with the change of each ray's time by each object.

    A fill's slowness is ``fixed + solid · host``, in the host's unit of time per metre; ``zone`` is
    the widest Fresnel radius of each ray, m, ``invert`` the share of the height under water.
    """
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
