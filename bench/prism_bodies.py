"""Bodies cut into small axis-parallel prisms, pulled by choclo: an independent oracle."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from choclo.prism import gravity_u, gravity_uu
from numba import njit


@njit
def _sum(stations, centre, half, share, gradient):
    out = np.zeros(len(stations))
    for i in range(len(stations)):
        for j in range(len(centre)):
            box = (
                centre[j, 0] - half,
                centre[j, 0] + half,
                centre[j, 1] - half,
                centre[j, 1] + half,
                centre[j, 2] - half,
                centre[j, 2] + half,
                share[j],
            )
            x, y, z = stations[i]
            if gradient:
                out[i] += 1e9 * gravity_uu(x, y, z, *box)
            else:
                out[i] -= 1e8 * gravity_u(x, y, z, *box)
    return out


def voxels(inside, low, high, voxel):
    """Centres of cubes and the share of each that is inside, by 4 × 4 × 4 points."""
    axes = [np.arange(a + 0.5 * voxel, b, voxel) for a, b in zip(low, high, strict=True)]
    centre = np.stack(np.meshgrid(*axes, indexing="ij"), -1).reshape(-1, 3)
    sub = (np.arange(4) - 1.5) / 4.0 * voxel
    share = np.zeros(len(centre))
    for offset in np.stack(np.meshgrid(sub, sub, sub, indexing="ij"), -1).reshape(-1, 3):
        share += inside(centre + offset)
    share /= 64.0
    return centre[share > 0.0], share[share > 0.0]


def cut(inside, low, high, voxel, volume):
    """The same, scaled to the body's exact volume."""
    centre, share = voxels(inside, np.asarray(low, float), np.asarray(high, float), voxel)
    return centre, share * volume / (share.sum() * voxel**3)


def pull(stations, centre, share, voxel, contrast, *, gradient=False):
    """µGal positive down, or E."""
    return contrast * _sum(np.asarray(stations, float), centre, 0.5 * voxel, share, gradient)


def tube(axis, radius):
    """Inside test of a polyline of flat-ended cylinders joined by balls; axis (k, 3)."""

    def inside(p):
        hit = np.zeros(len(p), bool)
        for k, (a, b) in enumerate(pairwise(axis)):
            d = b - a
            length = np.linalg.norm(d)
            t = (p - a) @ d / length
            r2 = ((p - a) ** 2).sum(axis=1) - t**2
            hit |= (t >= 0) & (t <= length) & (r2 <= radius**2)
            if k:
                hit |= ((p - a) ** 2).sum(axis=1) <= radius**2
        return hit

    return inside


def block(start, end, width, height):
    """Inside test of a box along an axis with one horizontal edge across."""
    start, end = np.asarray(start, float), np.asarray(end, float)
    t = (end - start) / np.linalg.norm(end - start)
    flat = np.hypot(t[0], t[1])
    across = np.array([t[1], -t[0], 0.0]) / flat if flat > 1e-9 else np.array([1.0, 0.0, 0.0])
    third = np.cross(across, t)
    length = np.linalg.norm(end - start)

    def inside(p):
        d = p - start
        along = d @ t
        side = (np.abs(d @ across) <= 0.5 * width) & (np.abs(d @ third) <= 0.5 * height)
        return side & (along >= 0) & (along <= length)

    return inside
