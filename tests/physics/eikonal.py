"""First arrivals on a grid: a small solver of the eikonal equation in two dimensions, as oracle."""

from __future__ import annotations

import math

import numba
import numpy as np


@numba.njit(cache=True)
def sweep(time, slowness, h, fixed, rounds):
    """Godunov upwind fast sweeping in four orders (Zhao 2005), in place."""
    nx, nz = time.shape
    for turn in range(4 * rounds):
        flip_x, flip_z = turn % 2 == 1, (turn // 2) % 2 == 1
        for ii in range(nx):
            i = nx - 1 - ii if flip_x else ii
            for kk in range(nz):
                k = nz - 1 - kk if flip_z else kk
                if fixed[i, k]:
                    continue
                a = min(time[i - 1, k] if i > 0 else 1e30, time[i + 1, k] if i < nx - 1 else 1e30)
                b = min(time[i, k - 1] if k > 0 else 1e30, time[i, k + 1] if k < nz - 1 else 1e30)
                step = slowness[i, k] * h
                if abs(a - b) >= step:
                    found = min(a, b) + step
                else:
                    found = 0.5 * (a + b + math.sqrt(2.0 * step * step - (a - b) ** 2))
                time[i, k] = min(time[i, k], found)


def first_arrivals(slowness, h, source, rounds=2, near=12):
    """Times (nx, nz) from a grid node; straight lines at mean slowness within ``near`` cells."""
    nx, nz = slowness.shape
    i, k = np.meshgrid(np.arange(nx), np.arange(nz), indexing="ij")
    away = h * np.hypot(i - source[0], k - source[1])
    time = np.full(slowness.shape, 1e30)
    fixed = away <= near * h
    mean = 0.5 * (slowness + slowness[source])
    time[fixed] = (away * mean)[fixed]
    sweep(time, slowness, h, fixed, rounds)
    return time
