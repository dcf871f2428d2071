"""Apparent resistivity over objects in a half-space, any four electrodes on or in the ground.

An electrode with unit current gives the potential ``φ/(2πσ)`` with ``φ = ½(1/r + 1/r')``, ``r'``
from its mirror image in the surface; at the surface ``φ = 1/r``. An object of polarisation ``α``
changes the apparent resistivity of the quadripole ABMN by the fraction

    F = 1/(2π K) · ∫ ∇φ_AB · α ∇φ_MN dV,     K = φ_AM − φ_AN − φ_BM + φ_BN,

the reciprocal (Lorentz) integral with the body's effective dipole instead of Born's ``1 − ρ``. The
datum is ``ln ρa`` and its response ``ln(1 + F)``. For a line object the integral runs on the axis:

* across, the dipole factor 2(1−ρ)/(1+ρ) times its images in the surface, at their centre;
* from radius/depth 0.15 on the second order of the section as well: of the potential
  ``r²(p cos 2θ + q sin 2θ)`` around the axis a cylinder answers with ``4πKa⁴(p p' + q q')`` per
  metre, ``K = (1−ρ)/(1+ρ)``;
* along, (1−ρ)/(1 + ½(ρ−1)(a/z)²K0(a/z)), and for ρ ≥ 1.5 the current that the drive channels;
* a shaft, whose image in the surface continues it, has no further images across and 1−ρ along.

Against finite elements (drive 2.5 m deep under 126 electrodes; air, ρ = 5, ρ = 20; radius/depth up
to 1/2) the rms error on lines across and oblique is 1–7 % of the signal, along the drive 2–14 %.
From radius/depth 0.7 on it exceeds 5 % even in a uniform field and grows fast; such drives answer
with |ln(1 + F)| above 0.6, where the discrepancy must be wider.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from subterra.errors import InputError
from subterra.kernel import kernel, single
from subterra.physics.background import (
    Background,
    FieldTables,
    gridded_fields,
    layered_fields,
    no_tables,
)
from subterra.physics.channelling import CHANNELLED_ABOVE, axial_operator, channel
from subterra.physics.line_points import MAX_POINTS, place_points
from subterra.physics.lining import Fillings, filled_ratio, lined_radius
from subterra.physics.polarisation import (
    along_factor,
    image_series,
    sphere_factor,
    transverse_factor,
)
from subterra.scene import FAMILIES, Objects, Plane, add_parts

__all__ = [
    "Quadripoles",
    "electrode_fields",
    "geometric_sum",
    "log_response",
    "make_quadripoles",
    "resistivity_response",
]

Array = npt.NDArray[Any]

_CHAMBER: Final = FAMILIES.index("chamber")
_RUBBLE: Final = 2
_FAT: Final = (0.15, 0.25)
"""Radius over depth between which the second order of the section is faded in."""
_HOST_POINTS: Final = 25
"""Places along an axis at which the ground's resistivity is taken."""
_FLOOR: Final = 0.1
"""Smallest 1 + F that is believed; only bodies far outside the closed form's domain reach it."""


@dataclass(frozen=True)
class Quadripoles:
    """Four-electrode layout prepared for the kernels.

    Parameters
    ----------
    origin : (float, float)
        Plan coordinates in metres, site frame, from which ``x``, ``y`` and ``window`` count.
    x, y, z : (n_electrode,) numpy.ndarray of float32
        Metres; ``z`` is the height over the surface, 0 or negative.
    abmn : (n, 4) numpy.ndarray of int32
        Electrodes of each datum, −1 remote.
    current, potential : (n_pair, 2) numpy.ndarray of int32
        Distinct current and potential dipoles.
    current_of, potential_of : (n,) numpy.ndarray of int32
        Dipole of each datum.
    k_sum : (n,) numpy.ndarray of float64
        Geometric sum K in 1/m; the geometric factor is 2π/K.
    window : (4,) numpy.ndarray of float32
        Plan box x0, y0, x1, y1 beyond which an object no longer matters.
    """

    origin: tuple[float, float]
    x: Array
    y: Array
    z: Array
    abmn: Array
    current: Array
    potential: Array
    current_of: Array
    potential_of: Array
    k_sum: Array
    window: Array


def _half_potential(x: Array, y: Array, z: Array, i: Array, j: Array) -> Array:
    """φ between electrodes i and j (−1 remote gives 0)."""
    plan = (x[i] - x[j]) ** 2 + (y[i] - y[j]) ** 2
    near = np.sqrt(plan + (z[i] - z[j]) ** 2)
    far = np.sqrt(plan + (z[i] + z[j]) ** 2)
    with np.errstate(divide="ignore"):
        phi = 0.5 * (1.0 / near + 1.0 / far)
    return np.where((i < 0) | (j < 0), 0.0, phi)


def geometric_sum(x: Array, y: Array, z: Array, abmn: Array) -> Array:
    """Geometric sum K of quadripoles.

    Parameters
    ----------
    x, y, z : (n_electrode,) numpy.ndarray
        Metres; z is the height over the flat surface (0 or negative).
    abmn : (n, 4) numpy.ndarray of int
        Zero-based electrodes, −1 remote.

    Returns
    -------
    (n,) numpy.ndarray
        1/m; V/I = ρ K / 2π.
    """
    x, y, z = (np.asarray(v, np.float64) for v in (x, y, z))
    a, b, m, n = np.asarray(abmn).T
    return (
        _half_potential(x, y, z, a, m)
        - _half_potential(x, y, z, a, n)
        - _half_potential(x, y, z, b, m)
        + _half_potential(x, y, z, b, n)
    )


def _largest_spread(x: Array, y: Array, abmn: Array) -> float:
    """Largest plan distance in metres between two electrodes of one datum."""
    widest = 0.0
    for i in range(4):
        for j in range(i):
            both = (abmn[:, i] >= 0) & (abmn[:, j] >= 0)
            if both.any():
                p, q = abmn[both, i], abmn[both, j]
                widest = max(widest, float(np.hypot(x[p] - x[q], y[p] - y[q]).max()))
    return widest


def make_quadripoles(
    x: Array,
    y: Array,
    z: Array | None,
    abmn: Array,
    surface: Plane | None = None,
    *,
    above_m: float = 0.05,
) -> Quadripoles:
    """Prepare a layout.

    Parameters
    ----------
    x, y : (n_electrode,) numpy.ndarray
        Metres, site frame.
    z : (n_electrode,) numpy.ndarray or None
        Elevation in metres; None puts all electrodes on the surface.
    abmn : (n, 4) numpy.ndarray of int
        Zero-based electrodes, −1 remote.
    surface : Plane, optional
        Ground surface, by default z = 0.
    above_m : float
        How far an electrode may stand over the surface; it is put onto it.

    Returns
    -------
    Quadripoles

    Raises
    ------
    InputError
        If an electrode lies more than ``above_m`` above the surface or a quadripole has no
        geometric factor.
    """
    plane = surface or Plane()
    height = np.zeros(len(x)) if z is None else np.asarray(z, np.float64) - plane.at(x, y)
    if np.any(height > above_m):
        worst = int(np.argmax(height))
        problem = (
            f"electrode {worst + 1} lies {height[worst]:.2f} m above the site's surface; "
            "give the site its surface plane"
        )
        raise InputError(problem)
    height = np.minimum(height, 0.0)
    quads = np.ascontiguousarray(abmn, np.int32)
    k_sum = geometric_sum(x, y, height, quads)
    bad = ~(np.abs(k_sum) > 1e-9) | ~np.isfinite(k_sum)
    if bad.any():
        problem = (
            f"datum {int(np.flatnonzero(bad)[0]) + 1}: its electrodes have no geometric factor"
        )
        raise InputError(problem)
    current, current_of = np.unique(quads[:, :2], axis=0, return_inverse=True)
    potential, potential_of = np.unique(quads[:, 2:], axis=0, return_inverse=True)
    used = np.unique(quads[quads >= 0])
    ux, uy = np.asarray(x)[used], np.asarray(y)[used]
    margin = 5.0 + _largest_spread(np.asarray(x), np.asarray(y), quads)
    window = [ux.min() - margin, uy.min() - margin, ux.max() + margin, uy.max() + margin]
    x0, y0 = float(np.mean(ux)), float(np.mean(uy))
    window = [window[0] - x0, window[1] - y0, window[2] - x0, window[3] - y0]
    return Quadripoles(
        (x0, y0),
        single(np.asarray(x) - x0),
        single(np.asarray(y) - y0),
        single(height),
        quads,
        np.ascontiguousarray(current, np.int32),
        np.ascontiguousarray(potential, np.int32),
        current_of.reshape(-1).astype(np.int32),
        potential_of.reshape(-1).astype(np.int32),
        k_sum,
        np.asarray(window, np.float32),
    )


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
def _section_fields(
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
def _carry_section(ex: Array, ey: Array, ez: Array, point: Array, n: int, fields: Array) -> None:
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


@kernel
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


@kernel
def _resistivity_fill(
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
    tables: FieldTables,
    out: Array,
) -> None:
    of, node, primary, table, axis, shape, grid = tables
    column = np.zeros((MAX_POINTS, 2 * table.shape[2] + 1), np.float32)
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
        # Whole vectors: the tail up to the next multiple of eight carries no weight.
        stride = 8 * ((n + 7) // 8)
        for q in range(n, stride):
            for c in range(3):
                point[c, q] = point[c, n - 1]
            for c in range(6):
                tensor[c, q] = 0.0
            for c in range(8):
                frame[c, q] = 0.0
            section[q] = 0.0
        width = (5 if fade > 0.0 else 3) * stride
        # Rows as short as the points allow stay in the fast caches.
        fields = held_fields[: ex.size * width].reshape(ex.size, width)
        moments = held_moments[: ex.size * width].reshape(ex.size, width)
        injected = held_injected[: n_current * width].reshape(n_current, width)
        sensed = held_sensed[: n_potential * width].reshape(n_potential, width)
        px, py, pz = point[0], point[1], point[2]
        if grid.size > 0:
            gridded_fields(ex, ey, px, py, pz, stride, node, axis, shape, grid, fields)
        elif of.size > 0:
            layered_fields(ex, ey, ez, px, py, pz, stride, of, node, primary, table, column, fields)
        else:
            electrode_fields(ex, ey, ez, px, py, pz, stride, fields)
        if fade > 0.0:
            _section_fields(ex, ey, ez, point, frame, stride, fields)
            if of.size + grid.size > 0:
                _carry_section(ex, ey, ez, point, stride, fields)
        _difference(fields, potential, width, sensed)
        _polarise(fields, tensor, section, stride, moments)
        if channelled:
            channel(fields, stride, n, frame, cell, direct, mixed, moments)
        _difference(moments, current, width, injected)
        _products(injected, sensed, current_of, potential_of, width, out[i])
        for d in range(scale.size):
            out[i, d] *= scale[d] * halo[i]


def resistivity_response(
    objects: Objects,
    layout: Quadripoles,
    surface: Plane | None = None,
    background: Background | None = None,
    fillings: Fillings | None = None,
) -> Array:
    """Fractional change F of apparent resistivity by each object alone.

    Parameters
    ----------
    objects : Objects
        Leading shape (n,).
    layout : Quadripoles
        Electrodes and data.
    surface : Plane, optional
        Ground surface, by default z = 0.
    background : Background, optional
        Ground between the objects, by default uniform. The conductivity ratio of a fill counts
        from the background's mean apparent resistivity; what polarises is its contrast to the
        ground at the object's own depth (mean of ln ρ along the part under the survey).
    fillings : Fillings, optional
        What is known of linings and of the water table, by default nothing.

    Returns
    -------
    (n, n_data) numpy.ndarray of float32
        F; the responses of several objects add before the logarithm (first order in their
        interaction).
    """
    if objects.branch.any():
        return add_parts(
            objects, lambda some: resistivity_response(some, layout, surface, background, fillings)
        )
    plane = surface or Plane()
    k_sum = layout.k_sum if background is None else background.k_sum
    out = np.empty((len(objects), len(layout.abmn)), np.float32)
    x0, y0 = layout.origin
    level = plane.z0_m + plane.slope_x * x0 + plane.slope_y * y0
    _resistivity_fill(
        objects.family == _CHAMBER,
        objects.family > 0,
        single(objects.x - x0),
        single(objects.y - y0),
        single(objects.z),
        single(_radius(objects, fillings)),
        single(_contrast(objects, layout, plane, background, fillings)),
        single(objects.halo_resistivity),
        (level, plane.slope_x, plane.slope_y),
        layout.x,
        layout.y,
        layout.z,
        layout.window,
        layout.current,
        layout.potential,
        layout.current_of,
        layout.potential_of,
        (1.0 / (2.0 * np.pi * k_sum)).astype(np.float32),
        no_tables() if background is None else background.tables,
        out,
    )
    return out


def _radius(objects: Objects, fillings: Fillings | None) -> Array:
    """Radius (n,) of the even cylinder or sphere that acts like each object, metres."""
    if fillings is None:
        return objects.radius
    line = objects.family != _CHAMBER
    rubble = objects.fill == _RUBBLE
    return lined_radius(objects.radius, rubble, line, objects.lining_m, fillings)


def _contrast(
    objects: Objects,
    layout: Quadripoles,
    plane: Plane,
    background: Background | None,
    fillings: Fillings | None,
) -> Array:
    """Conductivity of each object's fill over that of the ground in which it lies, (n,)."""
    ratio = objects.conductivity_ratio
    if background is None and fillings is None:
        return ratio
    depth, inside = _depths_inside(objects, layout, plane)
    if fillings is not None:
        mean = (depth * inside).sum(axis=1) / inside.sum(axis=1)
        line = objects.family != _CHAMBER
        rubble, thick = objects.fill == _RUBBLE, objects.lining_m
        ratio = filled_ratio(ratio, rubble, line, objects.radius, thick, mean, fillings)
    if background is not None:
        log_host = np.log(background.host_factor(depth))
        ratio = ratio * np.exp((log_host * inside).sum(axis=1) / inside.sum(axis=1))
    return ratio


def _depths_inside(objects: Objects, layout: Quadripoles, plane: Plane) -> tuple[Array, Array]:
    """Depths (n, points) along the axes in metres, and which points lie under the survey."""
    t = np.linspace(0.0, objects.x.shape[1] - 1.0, _HOST_POINTS)
    k = np.minimum(t.astype(int), objects.x.shape[1] - 2)
    x, y, z = (
        v[:, k] + (t - k) * (v[:, k + 1] - v[:, k]) for v in (objects.x, objects.y, objects.z)
    )
    depth = plane.at(x, y) - z
    x0, y0, x1, y1 = layout.window
    x, y = x - layout.origin[0], y - layout.origin[1]
    inside = (x >= x0) & (x <= x1) & (y >= y0) & (y <= y1)
    # An axis that slips between the points of the window is weighed whole.
    return depth, inside | ~inside.any(axis=1, keepdims=True)


def log_response(fraction: Array) -> Array:
    """Response of the datum ln ρa, ln(1 + F), with 1 + F held above 0.1."""
    return np.log1p(np.maximum(fraction, _FLOOR - 1.0))
