"""Scenes that cannot be: two objects in the same ground.

Responses add, so a resistive and a conductive object in one place would cancel to whatever the data
want, and two coaxial drives would be one of any strength. Drives may cross, and a drive may break
into a cave; what cannot be is that two axes run on inside each other, or that a chamber's centre
lies in another object's void.
"""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from subterra.kernel import kernel, part
from subterra.scene.geometry import point_segment
from subterra.scene.scenes import Objects

__all__ = ["SHARED_REACHES", "collide"]

Array = npt.NDArray[Any]

SHARED_REACHES: Final = 6.0
"""Longest way that two axes may run within ``r₁ + r₂`` of each other, in units of it.

Straight drives that cross at an angle θ share 2/sin θ: 6 lets them cross at 20° or more."""
_STEP: Final = 0.25


@part
def _chain_gap(
    x: Array, y: Array, z: Array, i: int, k: int, px: float, py: float, pz: float
) -> float:
    """Distance from a point to a chain."""
    best = np.inf
    for j in range(x.shape[2] - 1):
        distance, _ = point_segment(
            px, py, pz,
            x[i, k, j], y[i, k, j], z[i, k, j],
            x[i, k, j + 1], y[i, k, j + 1], z[i, k, j + 1],
        )  # fmt: skip
        best = min(best, distance)
    return best


@kernel
def _gap(
    x: Array,
    y: Array,
    z: Array,
    second: Array,
    bx: Array,
    by: Array,
    bz: Array,
    i: int,
    k: int,
    px: float,
    py: float,
    pz: float,
) -> float:
    """Distance from a point to the axes of an object, one chain or two."""
    gap = _chain_gap(x, y, z, i, k, px, py, pz)
    if second[i, k] > 0:
        gap = min(gap, _chain_gap(bx, by, bz, i, k, px, py, pz))
    return gap


@kernel
def _shared(
    x: Array,
    y: Array,
    z: Array,
    second: Array,
    bx: Array,
    by: Array,
    bz: Array,
    i: int,
    ax: Array,
    ay: Array,
    az: Array,
    k: int,
    other: int,
    reach: float,
) -> float:
    """Length of a chain of object k, of those in ax … az, that lies within reach of another object.

    A distance changes by no more than the way walked, so that far away steps are long.
    """
    fine = _STEP * reach
    total = 0.0
    for j in range(ax.shape[2] - 1):
        x0, y0, z0 = ax[i, k, j], ay[i, k, j], az[i, k, j]
        dx, dy, dz = ax[i, k, j + 1] - x0, ay[i, k, j + 1] - y0, az[i, k, j + 1] - z0
        length = math.sqrt(dx * dx + dy * dy + dz * dz)
        at = 0.5 * min(fine, length)
        while at < length:
            t = at / length
            px, py, pz = x0 + t * dx, y0 + t * dy, z0 + t * dz
            gap = _gap(x, y, z, second, bx, by, bz, i, other, px, py, pz)
            if gap < reach:
                total += min(fine, length)
            at += max(gap - reach, fine)
    return total


@part
def _beside(
    x: Array,
    y: Array,
    z: Array,
    second: Array,
    bx: Array,
    by: Array,
    bz: Array,
    radius: Array,
    i: int,
    k: int,
    other: int,
) -> bool:
    """Whether object k lies in the ground of another, seen along its own axes."""
    last = x.shape[2] - 1
    extent = max(
        abs(x[i, k, last] - x[i, k, 0]),
        abs(y[i, k, last] - y[i, k, 0]),
        abs(z[i, k, last] - z[i, k, 0]),
    )
    if extent == 0.0:
        at = x[i, k, 0], y[i, k, 0], z[i, k, 0]
        return _gap(x, y, z, second, bx, by, bz, i, other, *at) < radius[i, other]
    reach = radius[i, k] + radius[i, other]
    total = _shared(x, y, z, second, bx, by, bz, i, x, y, z, k, other, reach)
    if second[i, k] > 0:
        total += _shared(x, y, z, second, bx, by, bz, i, bx, by, bz, k, other, reach)
    return total > SHARED_REACHES * reach


@kernel
def _collide(
    family: Array,
    x: Array,
    y: Array,
    z: Array,
    second: Array,
    bx: Array,
    by: Array,
    bz: Array,
    radius: Array,
    out: Array,
) -> None:
    for i in range(family.shape[0]):
        out[i] = False
        for k in range(family.shape[1]):
            for other in range(family.shape[1]):
                if other == k or family[i, k] == 0 or family[i, other] == 0 or out[i]:
                    continue
                out[i] = _beside(x, y, z, second, bx, by, bz, radius, i, k, other)


def collide(objects: Objects) -> Array:
    """Whether two objects of a scene lie in the same ground.

    Parameters
    ----------
    objects : Objects
        Leading shape (n, S).

    Returns
    -------
    (n,) numpy.ndarray of bool
        True where two axes run within the sum of the radii of each other for more than
        ``SHARED_REACHES`` times that sum, or where a chamber's centre lies inside another object.
        It does not depend on the order of the objects.
    """
    out = np.zeros(objects.family.shape[0], np.bool_)
    rows = np.flatnonzero((objects.family > 0).sum(axis=1) > 1)
    if len(rows) == 0:
        return out
    found = np.empty(len(rows), np.bool_)
    _collide(
        objects.family[rows],
        objects.x[rows],
        objects.y[rows],
        objects.z[rows],
        objects.branch[rows],
        objects.branch_x[rows],
        objects.branch_y[rows],
        objects.branch_z[rows],
        objects.radius[rows],
        found,
    )
    out[rows] = found
    return out
