"""Kernels of `subterra.physics.resistivity`: moments of a body, and their sum over all data."""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from subterra.kernel import kernel, part
from subterra.physics.background import FieldTables, gridded_fields, layered_fields
from subterra.physics.channelling import CHANNELLED_ABOVE, axial_operator, channel
from subterra.physics.electrode_fields import carry_section, electrode_fields, section_fields
from subterra.physics.line_points import MAX_POINTS, place_points
from subterra.physics.polarisation import (
    along_factor,
    image_series,
    sphere_factor,
    transverse_factor,
)

__all__ = ["resistivity_fill"]

Array = npt.NDArray[Any]

_FAT: Final = (0.15, 0.25)
"""Radius over depth between which the second order of the section is faded in."""


@kernel
def _difference(fields: Array, pairs: Array, width: int, out: Array) -> None:
    """Fields of dipoles from fields of electrodes, (n, width); −1 is remote and adds nothing."""
    for p in range(pairs.shape[0]):
        a, b = pairs[p, 0], pairs[p, 1]
        row = out[p]
        if a >= 0 and b >= 0:
            plus, minus = fields[a], fields[b]
            for q in range(width):
                row[q] = plus[q] - minus[q]
        elif a >= 0:
            plus = fields[a]
            for q in range(width):
                row[q] = plus[q]
        else:
            minus = fields[b]
            for q in range(width):
                row[q] = -minus[q]


@kernel
def _polarise(fields: Array, tensor: Array, section: Array, stride: int, moments: Array) -> None:
    """Moments that each electrode's field (n_electrode, 3 or 5 blocks) raises at every point."""
    xx, yy, zz, xy, xz, yz = tensor[0], tensor[1], tensor[2], tensor[3], tensor[4], tensor[5]
    for e in range(fields.shape[0]):
        x, y, z = fields[e, :stride], fields[e, stride : 2 * stride], fields[e, 2 * stride :]
        mx, my, mz = moments[e, :stride], moments[e, stride : 2 * stride], moments[e, 2 * stride :]
        for q in range(stride):
            gx, gy, gz = x[q], y[q], z[q]
            mx[q] = xx[q] * gx + xy[q] * gy + xz[q] * gz
            my[q] = xy[q] * gx + yy[q] * gy + yz[q] * gz
            mz[q] = xz[q] * gx + yz[q] * gy + zz[q] * gz
        for block in range(3, fields.shape[1] // stride):
            second, out = fields[e, block * stride :], moments[e, block * stride :]
            for q in range(stride):
                out[q] = section[q] * second[q]


@part
def _line_tensor(
    point: Array,
    frame: Array,
    cell: Array,
    n: int,
    radius: float,
    ratio: float,
    fade: float,
    tensor: Array,
    section: Array,
) -> float:
    """Fill weighted polarisation of each point: tensor (6, n), second order (n); mean across.

    Points rise to the centre of their images on the way. A shaft goes on in its own image, so that
    a vertical axis polarises as one in full space; in between, factors go with the square of the
    cosine of the dip.
    """
    k = 0.5 * transverse_factor(ratio)
    area = math.pi * radius * radius
    mean = 0.0
    for q in range(n):
        depth = -point[2, q]
        tx, ty, tz = frame[0, q], frame[1, q], frame[2, q]
        level = 1.0 - tz * tz
        strength, rise = image_series(ratio, radius, depth)
        across = 2.0 * k * (1.0 + level * (strength - 1.0))
        rise *= level
        along = 0.0
        if ratio < CHANNELLED_ABOVE:
            along = level * along_factor(ratio, radius, depth) + (1.0 - level) * (1.0 - ratio)
        w = area * cell[q]
        extra = w * (along - across)
        tensor[0, q] = w * across + extra * tx * tx
        tensor[1, q] = w * across + extra * ty * ty
        tensor[2, q] = w * across + extra * tz * tz
        tensor[3, q] = extra * tx * ty
        tensor[4, q] = extra * tx * tz
        tensor[5, q] = extra * ty * tz
        section[q] = fade * 4.0 * w * k * radius * radius
        point[2, q] += rise
        mean += across / n
    return mean


@kernel
def _products(
    injected: Array, sensed: Array, current_of: Array, potential_of: Array, width: int, out: Array
) -> None:
    """Scalar product of injected and sensed fields over all points, one per datum."""
    for d in range(out.size):
        a, b = injected[current_of[d]], sensed[potential_of[d]]
        total = np.float32(0.0)
        for q in range(width):
            total += a[q] * b[q]
        out[d] = total


@part
def _whole_vectors(n: int, point: Array, tensor: Array, frame: Array, section: Array) -> int:
    """Pad n points to the next multiple of eight, returned, by such as carry no weight."""
    stride = 8 * ((n + 7) // 8)
    for q in range(n, stride):
        for c in range(3):
            point[c, q] = point[c, n - 1]
        for c in range(6):
            tensor[c, q] = 0.0
        for c in range(8):
            frame[c, q] = 0.0
        section[q] = 0.0
    return stride


@kernel
def _background_fields(
    ex: Array,
    ey: Array,
    ez: Array,
    point: Array,
    n: int,
    tables: FieldTables | None,
    column: Array,
    out: Array,
) -> None:
    """Fill ``out`` with ∇φ of every electrode at n points: half-space, solved or layered."""
    px, py, pz = point[0], point[1], point[2]
    if tables is None:
        electrode_fields(ex, ey, ez, px, py, pz, n, out)
    else:
        of, node, primary, table, axis, shape, grid = tables
        if grid.size > 0:
            gridded_fields(ex, ey, px, py, pz, n, node, axis, shape, grid, out)
        else:
            layered_fields(ex, ey, ez, px, py, pz, n, of, node, primary, table, column, out)


@kernel
def _scratch(tables: FieldTables | None) -> Array:
    """Room for the tables of layers at the depths of all points."""
    if tables is None:
        return np.zeros((0, 1), np.float32)
    else:  # noqa: RET505 - the kernel of a half-space must not hold this at all
        return np.zeros((MAX_POINTS, 2 * tables[3].shape[2] + 1), np.float32)


@kernel
def resistivity_fill(
    sphere: Array,
    active: Array,
    x: Array,
    y: Array,
    z: Array,
    radius: Array,
    ratio: Array,
    halo: Array,
    surface: tuple[float, float, float],
    ex: Array,
    ey: Array,
    ez: Array,
    window: Array,
    current: Array,
    potential: Array,
    current_of: Array,
    potential_of: Array,
    scale: Array,
    tables: FieldTables | None,
    out: Array,
) -> None:
    """Fill ``out`` (n, n_data) with F of every object alone; rows of inactive ones with 0.

    ``surface`` is the height of the ground at the layout's origin and its slopes; ``scale`` is
    1/(2πK) of each datum; a half-space has no ``tables`` and its kernel is compiled without what
    reads them; see `subterra.physics.resistivity` for the rest.
    """
    column = _scratch(tables)
    point = np.zeros((3, MAX_POINTS), np.float32)
    frame = np.zeros((8, MAX_POINTS), np.float32)
    tensor = np.zeros((6, MAX_POINTS), np.float32)
    cell = np.zeros(MAX_POINTS, np.float32)
    section = np.zeros(MAX_POINTS, np.float32)
    direct, mixed = np.zeros((0, 0), np.float32), np.zeros((0, 0), np.float32)
    n_current, n_potential = current.shape[0], potential.shape[0]
    held_fields = np.zeros(ex.size * 5 * MAX_POINTS, np.float32)
    held_moments = np.zeros(ex.size * 5 * MAX_POINTS, np.float32)
    held_injected = np.zeros(n_current * 5 * MAX_POINTS, np.float32)
    held_sensed = np.zeros(n_potential * 5 * MAX_POINTS, np.float32)
    for i in range(radius.size):
        n, fade, channelled = 0, 0.0, False
        if active[i]:
            if sphere[i]:
                n = 1
                depth = surface[0] + surface[1] * x[i, 0] + surface[2] * y[i, 0] - z[i, 0]
                point[0, 0], point[1, 0], point[2, 0] = x[i, 0], y[i, 0], -depth
                volume = 4.0 / 3.0 * math.pi * radius[i] ** 3
                tensor[:3, 0] = volume * sphere_factor(ratio[i])
                tensor[3:, 0] = 0.0
            else:
                n, nearest = place_points(
                    x[i], y[i], z[i], radius[i], window, surface, ex, ey, ez, point, frame, cell
                )
                if n > 0:
                    slender = radius[i] / nearest
                    fade = min(max((slender - _FAT[0]) / (_FAT[1] - _FAT[0]), 0.0), 1.0)
                    channelled = ratio[i] >= CHANNELLED_ABOVE
                    across = _line_tensor(
                        point, frame, cell, n, radius[i], ratio[i], fade, tensor, section
                    )
                    if channelled:
                        direct, mixed = axial_operator(
                            point, frame, cell, n, radius[i], ratio[i], across
                        )
        if n == 0:
            for d in range(scale.size):
                out[i, d] = np.float32(0.0)
            continue
        stride = _whole_vectors(n, point, tensor, frame, section)
        width = (5 if fade > 0.0 else 3) * stride
        # Rows as short as the points allow stay in the fast caches.
        fields = held_fields[: ex.size * width].reshape(ex.size, width)
        moments = held_moments[: ex.size * width].reshape(ex.size, width)
        injected = held_injected[: n_current * width].reshape(n_current, width)
        sensed = held_sensed[: n_potential * width].reshape(n_potential, width)
        _background_fields(ex, ey, ez, point, stride, tables, column, fields)
        if fade > 0.0:
            section_fields(ex, ey, ez, point, frame, stride, fields)
            if tables is not None:
                carry_section(ex, ey, ez, point, stride, fields)
        _difference(fields, potential, width, sensed)
        _polarise(fields, tensor, section, stride, moments)
        if channelled:
            channel(fields, stride, n, frame, cell, direct, mixed, moments)
        _difference(moments, current, width, injected)
        _products(injected, sensed, current_of, potential_of, width, out[i])
        for d in range(scale.size):
            out[i, d] *= scale[d] * halo[i]
