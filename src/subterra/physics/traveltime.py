"""First arrivals past voids: what an object adds to the travel time between two holes.

``subterra.physics.void_delays`` has the closed forms of one void that holds neither end of the ray.
A ray that begins or ends inside a void is late or early by the part inside, without healing; a void
within a radius of an antenna fades with its distance along the ray. An arrival that runs along an
oblique air tunnel, which is earlier still beyond 68° from the normal, is not modelled; chords are
cut at the overlap of ray and segment.
"""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from subterra.physics.media import LIGHT_M_PER_S, WATER_PERMITTIVITY, pore_share
from subterra.physics.rays import Rays
from subterra.physics.traveltime_kernel import traveltime_fill
from subterra.scene import FAMILIES, Objects, add_parts

__all__ = [
    "SLOWNESS_AIR",
    "SLOWNESS_WATER",
    "TIME_UNIT_S",
    "fill_slowness",
    "traveltime_response",
]

Array = npt.NDArray[Any]

SLOWNESS_AIR: Final = {"radar": 1.0 / LIGHT_M_PER_S, "seismic": 1.0 / 340.0}
"""s/m."""
SLOWNESS_WATER: Final = {
    "radar": math.sqrt(WATER_PERMITTIVITY) / LIGHT_M_PER_S,
    "seismic": 1.0 / 1480.0,
}
"""s/m."""
TIME_UNIT_S: Final = {"radar": 1e-9, "seismic": 1e-3}
"""Unit of travel times in surveys, s."""
_CHAMBER = FAMILIES.index("chamber")


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
    pores = pore_share(objects)
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
    traveltime_fill(
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
