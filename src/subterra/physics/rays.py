"""Straight rays between two holes, and where each passes an object's segment: scalar kernels.

A ray runs from source S to receiver R, ``S + t·d`` with ``|d| = 1`` and ``0 <= t <= L``. Its first
Fresnel zone at t, the points whose detour is shorter than half a wavelength λ, has the radius
``r_F = √(λ t (L − t)/L)``, at mid-path √(λL)/2.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from subterra.kernel import kernel

__all__ = ["Rays", "make_rays", "normal_mass", "ray_crossing"]

Array = npt.NDArray[Any]

_SQRT_HALF = math.sqrt(0.5)


@dataclass(frozen=True)
class Rays:
    """Rays in metres, relative to ``origin``; columns of length n, double precision.

    Parameters
    ----------
    origin : (3,) numpy.ndarray
        Middle of the survey in the site frame, m.
    x, y, z : (n,) numpy.ndarray
        Sources.
    dx, dy, dz : (n,) numpy.ndarray
        Unit direction from source to receiver.
    length : (n,) numpy.ndarray
        Distance between source and receiver, m, above zero.
    """

    origin: Array
    x: Array
    y: Array
    z: Array
    dx: Array
    dy: Array
    dz: Array
    length: Array

    def __len__(self) -> int:
        return len(self.length)

    def at(self, fraction: float) -> Array:
        """Points (n, 3) at a fraction of each ray's length, site frame, m."""
        t = fraction * self.length
        local = np.column_stack([self.x + t * self.dx, self.y + t * self.dy, self.z + t * self.dz])
        return local + self.origin


def make_rays(source: Array, receiver: Array) -> Rays:
    """Make rays from their ends.

    Parameters
    ----------
    source, receiver : (n, 3) numpy.ndarray
        x, y, z in metres, site frame.

    Returns
    -------
    Rays

    Raises
    ------
    ValueError
        If a source and its receiver are in the same place.
    """
    source, receiver = np.asarray(source, np.float64), np.asarray(receiver, np.float64)
    origin = 0.5 * (source.mean(axis=0) + receiver.mean(axis=0))
    away = receiver - source
    length = np.linalg.norm(away, axis=1)
    if np.any(length <= 0.0):
        problem = f"source and receiver of ray {int(np.argmin(length))} are in the same place"
        raise ValueError(problem)
    direction = away / length[:, None]
    columns = (*(source - origin).T, *direction.T, length)
    return Rays(origin, *(np.ascontiguousarray(v) for v in columns))


@kernel
def normal_mass(low: float, high: float, sd: float) -> float:
    """Probability that a centred normal variable lies between two bounds; sd above zero."""
    scale = _SQRT_HALF / sd
    return 0.5 * (math.erf(high * scale) - math.erf(low * scale))


@kernel
def ray_crossing(
    wx: float,
    wy: float,
    wz: float,
    dx: float,
    dy: float,
    dz: float,
    ux: float,
    uy: float,
    uz: float,
    span: float,
) -> tuple[float, float, float, float, float]:
    """Where the endless line of a ray comes closest to the endless line of a segment.

    Parameters
    ----------
    wx, wy, wz : float
        Start of the segment minus source of the ray, m.
    dx, dy, dz : float
        Unit direction of the ray.
    ux, uy, uz : float
        Unit direction of the segment; zeros for a sphere.
    span : float
        Length of the segment, m.

    Returns
    -------
    t : float
        Distance along the ray of the closest place, m.
    s : float
        Distance along the segment, m.
    b : float
        Distance between the lines there, m, at least 0.
    sine : float
        Of the angle between the lines, at least 0.05 (an angle of 3°).
    rise : float
        Height of the ray over the segment there, m.
    """
    cosine = dx * ux + dy * uy + dz * uz
    along_ray = wx * dx + wy * dy + wz * dz
    along_axis = wx * ux + wy * uy + wz * uz
    square = 1.0 - cosine * cosine
    if square > 0.0025:
        t = (along_ray - cosine * along_axis) / square
        s = cosine * t - along_axis
        sine = math.sqrt(square)
    else:
        # Nearly parallel: they are compared at the middle of the segment.
        s = 0.5 * span
        t = along_ray + s * cosine
        sine = 0.05
    x, y, z = t * dx - wx - s * ux, t * dy - wy - s * uy, t * dz - wz - s * uz
    return t, s, math.sqrt(x * x + y * y + z * z), sine, z
