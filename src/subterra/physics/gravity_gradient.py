"""Vertical gravity gradient of objects, E, of the sign of the pull: a void is negative above it.

The same main path as ``gravity``, with the second derivative of the rod's potential (see
``gravity_line`` for it, the sign and the unit), and the same exact bodies for stations that are
near. The gradient falls off with one power more of the distance, so that what a line leaves out
of a section or an end weighs about twice as much as in the pull.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from subterra.kernel import kernel
from subterra.physics.gravity import respond
from subterra.physics.gravity_line import G_EOTVOS
from subterra.scene import Objects

__all__ = ["gradient_response"]

Array = npt.NDArray[Any]


@kernel
def _gradient_fill(
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
    one, two, three = np.float32(1.0), np.float32(2.0), np.float32(3.0)
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
                out[i, j] = mass[i] * (three * dz * dz - r2) / (r2 * r2 * math.sqrt(r2))
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
            factor = two * math.sqrt(length_2) * mass[i]
            for j in range(n_station):
                dx, dy, dz = x2 - sx[j], y2 - sy[j], z2 - sz[j]
                r2 = np.float32(math.sqrt(dx * dx + dy * dy + dz * dz))
                r1 = before[j]
                total = r1 + r2
                product = r1 * r2
                gap = max(total * total - length_2, tiny * product)
                inverse = one / (gap * product)
                per_1, per_2 = gap * inverse * r2, gap * inverse * r1
                c1, c2 = (z1 - sz[j]) * per_1, dz * per_2
                slope = c1 + c2
                bend = (one - c1 * c1) * per_1 + (one - c2 * c2) * per_2
                per_gap = product * inverse
                out[i, j] += factor * per_gap * (two * total * slope * slope * per_gap - bend)
                before[j] = r2


def gradient_response(objects: Objects, x: Array, y: Array, z: Array) -> Array:
    """Vertical gradient of the gravity of objects at stations.

    Parameters
    ----------
    objects : Objects
        Leading shape (n,).
    x, y, z : (n_station,) numpy.ndarray
        Place of the sensor in metres, z up.

    Returns
    -------
    (n, n_station) numpy.ndarray of float32
        E; negative straight over a void.
    """
    return respond(objects, x, y, z, G_EOTVOS, gradient=True, fill=_gradient_fill)
