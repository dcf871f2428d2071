"""Kernels of `subterra.evidence.radar_picks`: apexes on profiles, and densities of picks."""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from subterra.kernel import kernel

__all__ = ["pick_apexes", "pick_densities"]

Array = npt.NDArray[Any]

_END: Final = 1e-6
"""An apex so near the end of its profile, m, is none: the closest place lies beyond."""


@kernel
def _closest(
    p0: Array, px: float, py: float, pz: float, length: float, a: Array, b: Array
) -> tuple[float, float]:
    """Place along a profile and distance where it comes closest to a segment a-b.

    (px, py, pz) is the unit vector of the profile. C. Ericson (2005), Real-Time Collision
    Detection, section 5.1.9.
    """
    ex, ey, ez = b[0] - a[0], b[1] - a[1], b[2] - a[2]
    rx, ry, rz = p0[0] - a[0], p0[1] - a[1], p0[2] - a[2]
    e = ex * ex + ey * ey + ez * ez
    along_profile = px * rx + py * ry + pz * rz
    if e < 1e-12:
        s = min(max(-along_profile, 0.0), length)
        t = 0.0
    else:
        f = ex * rx + ey * ry + ez * rz
        cross = px * ex + py * ey + pz * ez
        denominator = e - cross * cross
        s = 0.0
        if denominator > 1e-9 * e:
            s = min(max((cross * f - along_profile * e) / denominator, 0.0), length)
        t = (cross * s + f) / e
        if t < 0.0:
            t = 0.0
            s = min(max(-along_profile, 0.0), length)
        elif t > 1.0:
            t = 1.0
            s = min(max(cross - along_profile, 0.0), length)
    dx = rx + s * px - t * ex
    dy = ry + s * py - t * ey
    dz = rz + s * pz - t * ez
    return s, math.sqrt(dx * dx + dy * dy + dz * dz)


@kernel
def _closest_of(
    p0: Array, way: Array, length: float, x: Array, y: Array, z: Array, first: int, last: int
) -> tuple[float, float]:
    """Place along a profile and distance where it comes closest to vertices first to last."""
    a, b = np.empty(3), np.empty(3)
    best_s, best_r = 0.0, 1e30
    for v in range(first, last):
        a[0], a[1], a[2] = x[v], y[v], z[v]
        b[0], b[1], b[2] = x[v + 1], y[v + 1], z[v + 1]
        s, r = _closest(p0, way[0], way[1], way[2], length, a, b)
        if r < best_r:
            best_s, best_r = s, r
    return best_s, best_r


@kernel
def pick_apexes(
    family: Array, x: Array, y: Array, z: Array, trunk: Array, radius: Array, start: Array,
    way: Array, length: Array, reach: Array, place: Array, distance: Array,
) -> None:  # fmt: skip
    """Apex of each trunk, then of each branch, on each profile: place and distance, or NaN.

    A branch that comes closest where it forks off shows no apex of its own.
    """
    n_slot = family.shape[1]
    for i in range(family.shape[0]):
        for k in range(place.shape[1]):
            slot, fork = k % n_slot, trunk[i, k % n_slot]
            for line in range(length.size):
                place[i, k, line] = math.nan
                distance[i, k, line] = math.nan
                first, last = 0, fork - 1
                if k >= n_slot:
                    first, last = fork, x.shape[2] - 1
                if family[i, slot] == 0 or first >= last:
                    continue
                p0, along = start[line], way[line]
                u, v, w = x[i, slot], y[i, slot], z[i, slot]
                best_s, best_r = _closest_of(p0, along, length[line], u, v, w, first, last)
                inside = _END < best_s < length[line] - _END
                if inside and k >= n_slot:
                    there = np.array([u[first], v[first], w[first]])
                    _, joint = _closest(
                        p0, along[0], along[1], along[2], length[line], there, there
                    )
                    inside = best_r < joint - _END
                roof = best_r - radius[i, slot]
                if inside and 0.0 < roof < reach[line]:
                    place[i, k, line] = best_s
                    distance[i, k, line] = roof


@kernel
def pick_densities(
    place: Array, distance: Array, line: Array, s: Array, d: Array, sd: Array, out: Array
) -> None:
    """Density (n, m), 1/m², of each pick given one pick from each crossing."""
    for i in range(place.shape[0]):
        for j in range(line.size):
            total = 0.0
            for k in range(place.shape[1]):
                at = place[i, k, line[j]]
                if at == at:
                    u = (s[j] - at) / sd[j, 0]
                    v = (d[j] - distance[i, k, line[j]]) / sd[j, 1]
                    total += math.exp(-0.5 * (u * u + v * v))
            out[i, j] = total / (6.283185307179586 * sd[j, 0] * sd[j, 1])
