"""Vertical gravity of objects, µGal, positive down: a void is negative.

The main path: a segment is a finite line mass, a chamber a point. With ``v1``, ``v2`` the vectors
from the station to its ends, ``r1``, ``r2`` their lengths and ``L`` the segment's,

    g = G λ · 2 L / ((r1 + r2)² − L²) · (v1/r1 + v2/r2),

the gradient of the rod potential ``G λ ln((r1+r2+L)/(r1+r2−L))`` (Kellogg 1929, §III.3), in single
precision. Stations that are near a free end, a rectangular section or a spheroid, or inside an
object, are then made anew by the exact bodies of ``gravity_near``, which also states how near that
is and what is left over.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from subterra.kernel import kernel, single
from subterra.physics.gravity_line import G_UGAL
from subterra.physics.gravity_near import CHAMBER, near_fill
from subterra.scene import Objects, add_parts

__all__ = ["gravity_response", "point_or_line_mass", "respond"]

Array = npt.NDArray[Any]


@kernel
def _gravity_fill(
    sphere: Array,
    x: Array,
    y: Array,
    z: Array,
    mass: Array,
    sx: Array,
    sy: Array,
    sz: Array,
    out: Array,
) -> None:
    n_station = sx.size
    before = np.empty(n_station, np.float32)
    two = np.float32(2.0)
    tiny = np.float32(1e-6)
    for i in range(mass.size):
        if mass[i] == 0.0:
            for j in range(n_station):
                out[i, j] = np.float32(0.0)
            continue
        if sphere[i]:
            for j in range(n_station):
                dx, dy, dz = x[i, 0] - sx[j], y[i, 0] - sy[j], z[i, 0] - sz[j]
                r2 = dx * dx + dy * dy + dz * dz
                out[i, j] = -mass[i] * dz / (r2 * math.sqrt(r2))
            continue
        for j in range(n_station):
            dx, dy, dz = x[i, 0] - sx[j], y[i, 0] - sy[j], z[i, 0] - sz[j]
            before[j] = math.sqrt(dx * dx + dy * dy + dz * dz)
            out[i, j] = np.float32(0.0)
        for k in range(1, x.shape[1]):
            x2, y2, z2 = x[i, k], y[i, k], z[i, k]
            z1 = z[i, k - 1]
            ex, ey, ez = x2 - x[i, k - 1], y2 - y[i, k - 1], z2 - z1
            length_2 = ex * ex + ey * ey + ez * ez
            factor = -two * math.sqrt(length_2) * mass[i]
            for j in range(n_station):
                dx, dy, dz = x2 - sx[j], y2 - sy[j], z2 - sz[j]
                r2 = np.float32(math.sqrt(dx * dx + dy * dy + dz * dz))
                r1 = before[j]
                total = r1 + r2
                product = r1 * r2
                gap = max(total * total - length_2, tiny * product)
                out[i, j] += factor * ((z1 - sz[j]) * r2 + dz * r1) / (gap * product)
                before[j] = r2


def point_or_line_mass(objects: Objects, g: float) -> Array:
    """Mass (n,) of the fast path: kg of a chamber, kg per metre of a line, times g and the halo.

    A lining adds the mass of its shell; a caved-in line has the area of its whole caved zone.
    """
    radius = objects.radius.astype(np.float64)
    sphere = objects.family == CHAMBER
    size = np.where(sphere, 4.0 / 3.0 * np.pi * radius**3, np.pi * radius**2)
    present = objects.family > 0
    if objects.chimney_m.any():
        width = radius * np.sqrt(np.pi / objects.aspect)
        size = size + np.where(sphere, 0.0, width * objects.chimney_m)
    mass = present * g * size * objects.density_contrast * objects.halo_gravity
    if objects.lining_m.any():
        shell = _shell(objects, sphere, radius, size)
        mass = mass + present * g * shell * objects.lining_contrast * objects.halo_gravity
    return mass


def _shell(objects: Objects, sphere: Array, radius: Array, size: Array) -> Array:
    """Section in m² of a line's lining, or volume in m³ of a chamber's."""
    t = objects.lining_m.astype(np.float64)
    across = radius * np.cbrt(1.0 / objects.aspect)
    ball = 4.0 / 3.0 * np.pi * (across + t) ** 2 * (across * objects.aspect + t) - size
    caved = objects.chimney_m > 0.0
    width = radius * np.sqrt(np.pi / objects.aspect)
    perimeter = 2.0 * (width * (1.0 + objects.aspect) + objects.chimney_m)
    frame = perimeter * t + 4.0 * t * t
    ring = np.pi * t * (2.0 * radius + t)
    return np.where(sphere, ball, np.where(objects.rectangular | caved, frame, ring))


def gravity_response(objects: Objects, x: Array, y: Array, z: Array) -> Array:
    """Gravity of objects at stations.

    Parameters
    ----------
    objects : Objects
        Leading shape (n,).
    x, y, z : (n_station,) numpy.ndarray
        Place of the sensor in metres, z up; anywhere, also beside or inside an object.

    Returns
    -------
    (n, n_station) numpy.ndarray of float32
        µGal, positive down; negative over a void, positive under it.
    """
    return respond(objects, x, y, z, G_UGAL, gradient=False, fill=_gravity_fill)


def respond(
    objects: Objects,
    x: Array,
    y: Array,
    z: Array,
    g: float,
    *,
    gradient: bool,
    fill: Callable[..., None],
) -> Array:
    """Fast path ``fill`` for all stations, then exact bodies for those that are near.

    Parameters
    ----------
    objects : Objects
        Leading shape (n,).
    x, y, z : (n_station,) numpy.ndarray
        Sensors in metres.
    g : float
        Gravitational constant in the unit of the response.
    gradient : bool
        Whether the response is the gradient.
    fill : callable
        Kernel of line and point masses.

    Returns
    -------
    (n, n_station) numpy.ndarray of float32
    """
    if objects.branch.any():
        return add_parts(
            objects, lambda some: respond(some, x, y, z, g, gradient=gradient, fill=fill)
        )
    sphere = objects.family == CHAMBER
    mass = point_or_line_mass(objects, g)
    out = np.empty((len(objects), len(x)), np.float32)
    # Projected coordinates run to millions of metres: single precision is kept for what is local.
    x, y, z = (np.asarray(v, np.float64) for v in (x, y, z))
    x0, y0, z0 = (float(v.mean()) if v.size else 0.0 for v in (x, y, z))
    ox, oy, oz = single(objects.x - x0), single(objects.y - y0), single(objects.z - z0)
    sx, sy, sz = single(x - x0), single(y - y0), single(z - z0)
    caved = objects.chimney_m
    middle = single(oz + 0.5 * caved[:, None]) if caved.any() else oz
    fill(sphere, ox, oy, middle, single(mass), sx, sy, sz, out)
    near_fill(
        np.ascontiguousarray(objects.family),
        ox,
        oy,
        oz,
        single(objects.radius),
        np.ascontiguousarray(objects.rectangular),
        single(objects.aspect),
        single(caved),
        single(objects.lining_m),
        single(objects.density_contrast),
        single(objects.lining_contrast),
        single(objects.halo_gravity),
        g,
        gradient,
        sx,
        sy,
        sz,
        out,
    )
    return out
