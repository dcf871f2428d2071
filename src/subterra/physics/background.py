"""Fields of a survey's electrodes in a ground that is not uniform, ready for the kernels.

The response of an object over any background is, by reciprocity,

    F = 1/(2π K) · ∫ σ_b ∇ψ_AB · α ∇ψ_MN dV,     K = ψ_AM − ψ_AN − ψ_BM + ψ_BN,

with ψ of `subterra.physics.layered` and the background's own conductivity σ_b at each point. The
kernels know only fields whose products need no σ_b; each is therefore handed out as
``√(σ_b ρ_ref) ∇ψ/ρ_ref`` and K as ``K/ρ_ref``: with σ_b = 1/ρ_ref everywhere that is ∇φ and K of
the half-space. ρ_ref is the geometric mean of the background's apparent resistivities: the host
resistivity of a scene, to which the conductivity ratio of a fill refers.

Layers enter as tables over depth and distance of the field in units of the mirror image's, where it
is smooth; under a buried electrode the direct pole stands for one of two such images. Distance is
looked up by the bits of the single-precision r², which are a piecewise linear logarithm.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from subterra.errors import InputError
from subterra.kernel import kernel, single
from subterra.physics.layered import LayeredEarth, layered_potential, secondary, transmission

__all__ = [
    "Background",
    "FieldTables",
    "gridded_fields",
    "layered_background",
    "layered_fields",
    "layered_sum",
    "no_tables",
]

Array = npt.NDArray[Any]

FieldTables = tuple[Array, Array, Array, Array, Array, Array, Array]
"""What the kernels read: table of each electrode; nodes in depth (over a grid: heights of the
electrodes and of their images); half-space factor of each table
and node with the bits of the smallest r² behind them; layer tables; nodes of a grid, x, y, z one
after the other; their numbers; fields on the grid."""

_BITS: Final = 20
"""Low bits of a float32 r² inside one cell of the table: 2³ cells per octave of r²."""
_STEP: Final = 0.12
"""Step of the nodes in depth over the distance to the nearest interface or electrode."""
_LEAST: Final = 0.02
"""Least step of the nodes in depth, in spacings of electrodes."""
_MAX_LEVELS: Final = 64
_MAX_ENTRIES: Final = 2e7


@dataclass(frozen=True)
class Background:
    """Ground between the objects, as a survey's electrodes see it.

    Parameters
    ----------
    label : str
        What it is, in words; goes into fingerprints.
    tables : tuple of numpy.ndarray
        For the kernels, see ``FieldTables``.
    k_sum : (n,) numpy.ndarray of float64
        K/ρ_ref of each datum, 1/m.
    log_rhoa : (n,) numpy.ndarray of float64
        ln of the background's own apparent resistivity, Ω·m.
    reference_ohmm : float
        ρ_ref, geometric mean of the apparent resistivities.
    depth_m, resistivity_ohmm : (n_layer,) numpy.ndarray
        Depth of the tops of layers and their resistivity: what a body at some depth lies in.
    """

    label: str
    tables: FieldTables
    k_sum: Array
    log_rhoa: Array
    reference_ohmm: float
    depth_m: Array
    resistivity_ohmm: Array

    def host_factor(self, depth: Array) -> Array:
        """Resistivity of the ground at depths in metres over ρ_ref, any shape."""
        layer = np.searchsorted(self.depth_m, depth, side="right") - 1
        return self.resistivity_ohmm[np.maximum(layer, 0)] / self.reference_ohmm


def no_tables() -> FieldTables:
    """Empty tables, in place of those that a background does not need."""
    return (
        np.zeros(0, np.int32),
        np.zeros(0, np.float32),
        np.zeros(0, np.float32),
        np.zeros((0, 0, 0, 2), np.float32),
        np.zeros(0, np.float32),
        np.zeros(3, np.int32),
        np.zeros((0, 4, 0, 0, 0), np.float32),
    )


def _first_bits(spacing: float) -> int:
    """Bits of the smallest r² that the tables tell apart, a twentieth of a spacing, on a node."""
    least = np.float32((0.05 * spacing) ** 2)
    return (int(least.view(np.int32)) >> _BITS) << _BITS


def _depth_nodes(earth: LayeredEarth, sources: Array, deepest: float, spacing: float) -> Array:
    """Nodes in depth, metres: dense at interfaces, electrodes and the surface, interfaces twice."""
    tops = earth.tops_m
    marks = np.unique(np.concatenate([tops, sources]))
    ends = np.append(tops[1:], max(deepest, 2.0 * tops[-1] + 4.0 * spacing))
    least = _LEAST * spacing
    nodes: list[float] = []
    for top, end in zip(tops, ends, strict=True):
        z = float(top)
        while z < end - 0.3 * least:
            nodes.append(z)
            below = marks[marks > z + 1e-9]
            ahead = min(float(below[0]), end) - z if below.size else np.inf
            behind = z - float(marks[marks <= z + 1e-9][-1])
            step = max(least, _STEP * behind)
            # Steps shrink towards what lies ahead as they grew away from what lies behind.
            z += min(step, max(least, _STEP * ahead), ahead)
        nodes.append(float(end))
    return np.array(nodes)


def _inside(earth: LayeredEarth, nodes: Array) -> Array:
    """Nodes moved off interfaces into the layer that they stand for."""
    moved = nodes.copy()
    first = np.append(True, nodes[1:] == nodes[:-1])
    last = np.append(nodes[1:] == nodes[:-1], False)
    scale = 1e-6 * np.maximum(nodes, 1e-3)
    moved[first] += scale[first]
    moved[last] -= scale[last]
    return moved


def _layer_tables(
    earth: LayeredEarth, layout: Any, deepest: float, spacing: float, reference: float
) -> FieldTables:
    z = -np.asarray(layout.z, np.float64)
    levels, of = np.unique(np.round(z, 3), return_inverse=True)
    if len(levels) > _MAX_LEVELS:
        step = float(np.ptp(levels)) / (_MAX_LEVELS - 1)
        levels, of = np.unique(np.round(z / step) * step, return_inverse=True)
    nodes = _depth_nodes(earth, levels, deepest, spacing)
    inside = _inside(earth, nodes)
    first = _first_bits(spacing)
    x0, y0, x1, y1 = (float(v) for v in layout.window)
    widest = np.float32((x1 - x0) ** 2 + (y1 - y0) ** 2)
    count = ((int(widest.view(np.int32)) - first) >> _BITS) + 3
    bits = np.arange(first, first + (count << _BITS), 1 << _BITS, dtype=np.int64).astype(np.int32)
    r = np.sqrt(bits.view(np.float32).astype(np.float64))
    if len(levels) * len(nodes) * len(r) > _MAX_ENTRIES:
        problem = "layers and electrodes at this many depths need too large a table"
        raise InputError(problem)
    share = np.sqrt(reference / earth.resistivity_at(inside)) / reference
    table = np.empty((len(levels), len(nodes), len(r), 2), np.float32)
    primary = np.empty((len(levels), len(nodes)), np.float32)
    for k, source in enumerate(levels):
        slope, fall = secondary(earth, float(source), inside, r)
        mirror = (r**2 + (inside[:, None] + source) ** 2) ** 1.5 * share[:, None]
        table[k, :, :, 0] = slope * mirror / r
        table[k, :, :, 1] = -fall * mirror / (inside[:, None] + source)
        primary[k] = 0.5 * share * transmission(earth, float(source), inside)
        table[k] += 2.0 * primary[k, :, None, None]
    empty = no_tables()
    held = np.append(primary.ravel(), np.array([first], np.int32).view(np.float32))
    return (of.reshape(-1).astype(np.int32), single(nodes), held, table, *empty[4:])


def layered_sum(earth: LayeredEarth, x: Array, y: Array, z: Array, abmn: Array) -> Array:
    """Sum K = ψ_AM − ψ_AN − ψ_BM + ψ_BN of quadripoles over layers.

    Parameters
    ----------
    earth : LayeredEarth
        Layers.
    x, y, z : (n_electrode,) numpy.ndarray
        Metres; z is the height over the flat surface (0 or negative).
    abmn : (n, 4) numpy.ndarray of int
        Zero-based electrodes, −1 remote.

    Returns
    -------
    (n,) numpy.ndarray
        Ω; V/I = K/2π. Over a uniform ground it is ρ times the geometric sum.
    """
    x, y, depth = np.asarray(x, np.float64), np.asarray(y, np.float64), -np.asarray(z, np.float64)
    pairs = [(i, j) for i in (0, 1) for j in (2, 3)]
    p = np.concatenate([abmn[:, i] for i, _ in pairs])
    q = np.concatenate([abmn[:, j] for _, j in pairs])
    psi = np.zeros(len(p))
    both = (p >= 0) & (q >= 0)
    r = np.round(np.hypot(x[p] - x[q], y[p] - y[q]), 6)
    for level in np.unique(depth[p[both]]):
        some = both & (depth[p] == level)
        psi[some] = layered_potential(earth, r[some], float(level), depth[q[some]])
    am, an, bm, bn = psi.reshape(4, -1)
    return am - an - bm + bn


def layered_background(
    earth: LayeredEarth, layout: Any, *, deepest_m: float, spacing_m: float
) -> Background:
    """Prepare layers for a survey.

    Parameters
    ----------
    earth : LayeredEarth
        Layers under the site's surface.
    layout : Quadripoles
        Electrodes and data; electrodes at more than 64 depths share the nearest of 64.
    deepest_m : float
        Depth in metres down to which bodies lie; deeper ones take the fields' ratio from there.
    spacing_m : float
        Typical spacing of electrodes in metres, which sets the resolution of the tables.

    Returns
    -------
    Background

    Raises
    ------
    InputError
        If a datum has no voltage over these layers, or the tables would be too large.
    """
    total = layered_sum(earth, layout.x, layout.y, layout.z, layout.abmn)
    rhoa = total / layout.k_sum
    if not np.all(np.isfinite(rhoa) & (rhoa > 0.0)):
        worst = int(np.flatnonzero(~(np.isfinite(rhoa) & (rhoa > 0.0)))[0]) + 1
        problem = f"datum {worst} has no positive apparent resistivity over the layers given"
        raise InputError(problem)
    log_rhoa = np.log(rhoa)
    reference = float(np.exp(log_rhoa.mean()))
    return Background(
        f"layers {earth.text()}",
        _layer_tables(earth, layout, deepest_m, spacing_m, reference),
        total / reference,
        log_rhoa,
        reference,
        earth.tops_m,
        np.asarray(earth.resistivity_ohmm, np.float64),
    )


@kernel
def _column(node: Array, primary: Array, rows: Array, qz: Array, n: int, column: Array) -> None:
    """Tables at the depths of n points: (2, n_r) each, and the half-space's factor in the end."""
    n_z, n_r = node.size, rows.shape[1]
    one = np.float32(1.0)
    for q in range(n):
        depth = min(max(-qz[q], node[0]), node[n_z - 1])
        low, high = 0, n_z - 1
        while high - low > 1:
            middle = (low + high) // 2
            if node[middle] <= depth:
                low = middle
            else:
                high = middle
        width = node[low + 1] - node[low]
        g = (depth - node[low]) / width if width > 0.0 else np.float32(0.0)
        above, under, out = rows[low], rows[low + 1], column[q]
        for k in range(n_r):
            out[2 * k] = (one - g) * above[k, 0] + g * under[k, 0]
            out[2 * k + 1] = (one - g) * above[k, 1] + g * under[k, 1]
        out[2 * n_r] = (one - g) * primary[low] + g * primary[low + 1]


@kernel
def layered_fields(
    ex: Array,
    ey: Array,
    ez: Array,
    qx: Array,
    qy: Array,
    qz: Array,
    n: int,
    of: Array,
    node: Array,
    primary: Array,
    table: Array,
    column: Array,
    out: Array,
) -> None:
    """Fill ``out`` as `electrode_fields` does, over layers.

    ``primary[-1]`` holds the bits of the table's smallest r²; ``column`` (n, 2 n_r + 1) is scratch.
    Nearer points take the table's edge, where layers add a constant share; so do points deeper or
    farther than the table.
    """
    stride = n
    n_z, n_r = table.shape[1], table.shape[2]
    one = np.float32(1.0)
    ball = np.float32(1e-6)
    cell = np.float32(1.0 / (1 << _BITS))
    first = np.int32(primary[primary.size - 1 :].view(np.int32)[0])
    last = np.int32((n_r - 1) * (1 << _BITS) - 1)
    held = -1
    for e in range(ex.size):
        xe, ye, ze = ex[e], ey[e], ez[e]
        if of[e] != held:
            held = of[e]
            _column(node, primary[held * n_z : (held + 1) * n_z], table[held], qz, n, column)
        ox, oy, oz = out[e, :stride], out[e, stride : 2 * stride], out[e, 2 * stride :]
        for q in range(n):
            dx, dy, up = qx[q] - xe, qy[q] - ye, qz[q] + ze
            plan = dx * dx + dy * dy + ball
            s2 = plan + up * up
            v = -one / (s2 * np.float32(math.sqrt(s2)))
            at = min(max(np.float32(plan).view(np.int32) - first, np.int32(0)), last)
            k = 2 * (at >> _BITS)
            f = np.float32(at & np.int32((1 << _BITS) - 1)) * cell
            row = column[q]
            across = v * (row[k] + f * (row[k + 2] - row[k]))
            ox[q] = dx * across
            oy[q] = dy * across
            oz[q] = up * v * (row[k + 1] + f * (row[k + 3] - row[k + 1]))
        if ze < 0.0:
            # What the tables took as a second image is the electrode itself.
            for q in range(n):
                dx, dy, dz, up = qx[q] - xe, qy[q] - ye, qz[q] - ze, qz[q] + ze
                plan = dx * dx + dy * dy + ball
                r2, s2 = plan + dz * dz, plan + up * up
                w = -one / (r2 * np.float32(math.sqrt(r2)))
                v = -one / (s2 * np.float32(math.sqrt(s2)))
                c = column[q, 2 * n_r]
                ox[q] += c * dx * (w - v)
                oy[q] += c * dy * (w - v)
                oz[q] += c * (dz * w - up * v)


@kernel
def _cell(axis: Array, at: float) -> tuple[int, float]:
    """Cell of a rising axis and the place in it, held to the ends."""
    low, high = 0, axis.size - 1
    while high - low > 1:
        middle = (low + high) // 2
        if axis[middle] <= at:
            low = middle
        else:
            high = middle
    left, right = axis[low], axis[low + 1]
    return low, min(max((at - left) / (right - left), 0.0), 1.0)


@kernel
def gridded_fields(
    ex: Array,
    ey: Array,
    qx: Array,
    qy: Array,
    qz: Array,
    n: int,
    height: Array,
    axis: Array,
    shape: Array,
    grid: Array,
    out: Array,
) -> None:
    """Fill ``out`` as `electrode_fields` does, over any ground, from fields on a grid.

    ``height`` (2 n_electrode,) holds the heights of the electrodes and of their images.

    ``grid`` (n_electrode, 4, n_x, n_y, n_z) holds what the ground adds to the half-space's field,
    over the magnitude of the electrode's own pole there, and the factor of the half-space; nodes
    of x, y, z lie one after the other in ``axis``. Points outside take the nearest node's share.
    """
    stride = n
    n_x, n_xy = shape[0], shape[0] + shape[1]
    axis_x, axis_y, axis_z = axis[:n_x], axis[n_x:n_xy], axis[n_xy : n_xy + shape[2]]
    one = np.float32(1.0)
    ball = np.float32(1e-6)
    for q in range(n):
        i, fx = _cell(axis_x, qx[q])
        j, fy = _cell(axis_y, qy[q])
        k, fz = _cell(axis_z, qz[q])
        for e in range(ex.size):
            dx, dy = qx[q] - ex[e], qy[q] - ey[e]
            dz, up = qz[q] - height[e], qz[q] - height[ex.size + e]
            plan = dx * dx + dy * dy
            r2, s2 = plan + dz * dz + ball, plan + up * up + ball
            w = -one / (r2 * np.float32(math.sqrt(r2)))
            v = -one / (s2 * np.float32(math.sqrt(s2)))
            part = grid[e]
            share = np.float32(0.0)
            sx, sy, sz = np.float32(0.0), np.float32(0.0), np.float32(0.0)
            for a in range(2):
                wx = fx if a == 1 else 1.0 - fx
                for b in range(2):
                    wy = fy if b == 1 else 1.0 - fy
                    for c in range(2):
                        weight = np.float32(wx * wy * (fz if c == 1 else 1.0 - fz))
                        sx += weight * part[0, i + a, j + b, k + c]
                        sy += weight * part[1, i + a, j + b, k + c]
                        sz += weight * part[2, i + a, j + b, k + c]
                        share += weight * part[3, i + a, j + b, k + c]
            half = np.float32(0.5) * share
            pole = one / s2
            out[e, q] = half * dx * (w + v) + pole * sx
            out[e, stride + q] = half * dy * (w + v) + pole * sy
            out[e, 2 * stride + q] = half * (dz * w + up * v) + pole * sz
