"""Kernels: the field of electrodes in a half-space, and its second order across a drive."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from subterra.kernel import kernel

__all__ = ["carry_section", "electrode_fields", "section_fields"]

Array = npt.NDArray[Any]


@kernel
def electrode_fields(
    ex: Array, ey: Array, ez: Array, qx: Array, qy: Array, qz: Array, n: int, out: Array
) -> None:
    """Fill ``out`` (n_electrode, ≥ 3·n) with ∇φ of every electrode at n points, 1/m².

    Components lie in the first three blocks of n columns: x, y, z. An electrode is a ball of 1 mm,
    so that a point that falls on it has a finite field.
    """
    stride = n
    half = np.float32(0.5)
    one = np.float32(1.0)
    ball = np.float32(1e-6)
    for e in range(ex.size):
        xe, ye, ze = ex[e], ey[e], ez[e]
        ox, oy, oz = out[e, :stride], out[e, stride : 2 * stride], out[e, 2 * stride :]
        if ze < 0.0:
            for q in range(n):
                dx, dy, dz, up = qx[q] - xe, qy[q] - ye, qz[q] - ze, qz[q] + ze
                plan = dx * dx + dy * dy
                r2, s2 = plan + dz * dz + ball, plan + up * up
                w = -one / (r2 * np.float32(math.sqrt(r2)))
                v = -one / (s2 * np.float32(math.sqrt(s2)))
                ox[q] = half * dx * (w + v)
                oy[q] = half * dy * (w + v)
                oz[q] = half * (dz * w + up * v)
        else:
            for q in range(n):
                dx, dy, dz = qx[q] - xe, qy[q] - ye, qz[q]
                r2 = dx * dx + dy * dy + dz * dz + ball
                w = -one / (r2 * np.float32(math.sqrt(r2)))
                ox[q] = dx * w
                oy[q] = dy * w
                oz[q] = dz * w


@kernel
def section_fields(
    ex: Array, ey: Array, ez: Array, point: Array, frame: Array, n: int, out: Array
) -> None:
    """Fill the fourth and fifth block of ``out`` with the second order of φ across the drive.

    Blocks of n columns: (φ_nn − φ_bb)/4 and φ_nb/2, 1/m³, at n points.
    """
    stride = n
    ball = np.float32(1e-6)
    x, y, z = point[0], point[1], point[2]
    nx, ny, bx, by, bz = frame[3], frame[4], frame[5], frame[6], frame[7]
    unit = np.float32(0.375)
    two = np.float32(2.0)
    for e in range(ex.size):
        xe, ye, ze = ex[e], ey[e], ez[e]
        even, odd = out[e, 3 * stride : 4 * stride], out[e, 4 * stride : 5 * stride]
        if ze < 0.0:
            for q in range(n):
                dx, dy = x[q] - xe, y[q] - ye
                dz, up = z[q] - ze, z[q] + ze
                plan = dx * dx + dy * dy
                r2, s2 = plan + dz * dz + ball, plan + up * up + ball
                w = unit / (r2 * r2 * np.float32(math.sqrt(r2)))
                v = unit / (s2 * s2 * np.float32(math.sqrt(s2)))
                across, level = nx[q] * dx + ny[q] * dy, bx[q] * dx + by[q] * dy
                near, far = level + bz[q] * dz, level + bz[q] * up
                even[q] = w * (across * across - near * near) + v * (across * across - far * far)
                odd[q] = two * across * (w * near + v * far)
        else:
            for q in range(n):
                dx, dy, dz = x[q] - xe, y[q] - ye, z[q]
                r2 = dx * dx + dy * dy + dz * dz + ball
                w = two * unit / (r2 * r2 * np.float32(math.sqrt(r2)))
                across = nx[q] * dx + ny[q] * dy
                near = bx[q] * dx + by[q] * dy + bz[q] * dz
                even[q] = w * (across * across - near * near)
                odd[q] = two * across * w * near


@kernel
def carry_section(ex: Array, ey: Array, ez: Array, point: Array, n: int, fields: Array) -> None:
    """Scale the half-space's second order to a background, as the field itself is scaled there."""
    x, y, z = point[0], point[1], point[2]
    half = np.float32(0.5)
    ball = np.float32(1e-6)
    for e in range(ex.size):
        for q in range(n):
            dx, dy = x[q] - ex[e], y[q] - ey[e]
            dz, up = z[q] - ez[e], z[q] + ez[e]
            plan = dx * dx + dy * dy
            r2, s2 = plan + dz * dz + ball, plan + up * up + ball
            w = -half / (r2 * np.float32(math.sqrt(r2)))
            v = -half / (s2 * np.float32(math.sqrt(s2)))
            gx, gy, gz = dx * (w + v), dy * (w + v), dz * w + up * v
            there = fields[e, q] * gx + fields[e, n + q] * gy + fields[e, 2 * n + q] * gz
            share = there / (gx * gx + gy * gy + gz * gz)
            fields[e, 3 * n + q] *= share
            fields[e, 4 * n + q] *= share
