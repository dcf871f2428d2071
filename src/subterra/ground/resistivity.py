"""Covariance of ln ρa over a random resistivity field, to first order.

On a tensor mesh the sensitivity of a datum to the ln-resistivity of a cell is

    J = ∂ln ρa/∂ln ρ = 1/(2πK) ∫_cell ∇φ_AB · ∇φ_MN dV,

whose sum over the half-space is 1. With a correlation that is a product over the axes, J K J' costs
three small matrix products and no dense K.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from subterra.ground.correlation import averaged_correlation
from subterra.ground.nuisance import GroundKernel
from subterra.kernel import single
from subterra.physics import Quadripoles, electrode_fields

__all__ = ["SensitivityMesh", "make_mesh", "resistivity_covariance", "sensitivity"]

Array = npt.NDArray[Any]


@dataclass(frozen=True)
class SensitivityMesh:
    """Edges in metres of a tensor mesh; ``z`` is the height over the surface, from 0 down."""

    x: Array
    y: Array
    z: Array

    @property
    def shape(self) -> tuple[int, int, int]:
        """Number of cells along each axis."""
        return len(self.x) - 1, len(self.y) - 1, len(self.z) - 1


def _padded(low: float, high: float, cell: float, reach: float) -> Array:
    """Even cells between low and high, then cells that grow by 1.6 out to ``reach``."""
    n = max(int(np.ceil((high - low) / cell - 1e-3)), 1)
    core = np.linspace(low, high, n + 1)
    steps = [cell]
    while sum(steps) < reach:
        steps.append(1.6 * steps[-1])
    out = np.cumsum(steps)
    return np.concatenate([(low - out)[::-1], core, high + out])


def make_mesh(layout: Quadripoles, spacing_m: float, max_entries: float = 4e7) -> SensitivityMesh:
    """Mesh under a survey, fine beneath the electrodes and growing away from them.

    Parameters
    ----------
    layout : Quadripoles
        Electrodes and data.
    spacing_m : float
        Typical electrode spacing in metres; cells are half of it.
    max_entries : float
        Bound on data × cells, which bounds the memory; cells are made larger to keep it.

    Returns
    -------
    SensitivityMesh
    """
    x, y, z = (np.asarray(v, np.float64) for v in (layout.x, layout.y, layout.z))
    reach = 1.5 * max(float(np.ptp(x)), float(np.ptp(y)), 4.0 * spacing_m)
    deepest = float(-z.min())
    cell = 0.5 * spacing_m
    while True:
        down = [0.5 * cell]
        while sum(down) < reach + deepest:
            grow = 1.0 if sum(down) < deepest + cell else 1.22
            down.append(min(down[-1] * grow, 0.25 * reach))
        mesh = SensitivityMesh(
            _padded(x.min() - cell, x.max() + cell, cell, reach),
            _padded(y.min() - cell, y.max() + cell, cell, reach),
            -np.concatenate([[0.0], np.cumsum(down)]),
        )
        if np.prod(mesh.shape) * len(layout.abmn) <= max_entries:
            return mesh
        cell *= 1.15


def _cell_fields(layout: Quadripoles, mesh: SensitivityMesh) -> Array:
    """∇φ of each electrode averaged over each cell, (n_electrode, 3, n_cell) float32.

    Cells within two widths of an electrode are averaged over 4³ points, the others over 2³.
    """
    centre = [0.5 * (e[1:] + e[:-1]) for e in (mesh.x, mesh.y, mesh.z)]
    width = [np.abs(np.diff(e)) for e in (mesh.x, mesh.y, mesh.z)]
    grid = np.meshgrid(*centre, indexing="ij")
    sizes = np.meshgrid(*width, indexing="ij")
    cx, cy, cz = (g.ravel() for g in grid)
    wx, wy, wz = (s.ravel() for s in sizes)
    n_electrode, n_cell = len(layout.x), len(cx)
    mean = np.zeros((n_electrode, 3 * n_cell), np.float32)
    held = np.empty_like(mean)
    for ox in (-0.25, 0.25):
        for oy in (-0.25, 0.25):
            for oz in (-0.25, 0.25):
                px, py, pz = single(cx + ox * wx), single(cy + oy * wy), single(cz + oz * wz)
                electrode_fields(layout.x, layout.y, layout.z, px, py, pz, n_cell, held)
                mean += held / np.float32(8.0)
    mean = mean.reshape(n_electrode, 3, n_cell)
    offset = (np.arange(4) + 0.5) / 4.0 - 0.5
    ox, oy, oz = (o.ravel() for o in np.meshgrid(offset, offset, offset, indexing="ij"))
    for e in range(n_electrode):
        away = np.sqrt(
            ((cx - layout.x[e]) / wx) ** 2
            + ((cy - layout.y[e]) / wy) ** 2
            + ((cz - layout.z[e]) / wz) ** 2
        )
        near = np.flatnonzero(away < 2.0)
        px, py, pz = (
            single((c[near, None] + o[None, :] * w[near, None]).ravel())
            for c, o, w in ((cx, ox, wx), (cy, oy, wy), (cz, oz, wz))
        )
        fine = np.empty((1, 3 * len(px)), np.float32)
        one = slice(e, e + 1)
        electrode_fields(layout.x[one], layout.y[one], layout.z[one], px, py, pz, len(px), fine)
        mean[e][:, near] = fine.reshape(3, len(near), 64).mean(axis=2)
    return mean


def sensitivity(layout: Quadripoles, mesh: SensitivityMesh) -> Array:
    """Sensitivity of ln ρa to the ln-resistivity of each cell.

    Parameters
    ----------
    layout : Quadripoles
        Electrodes and data.
    mesh : SensitivityMesh
        Cells.

    Returns
    -------
    (n_data, n_x, n_y, n_z) numpy.ndarray of float32
        Rows sum to nearly 1 (what lies beyond the mesh is missing).
    """
    fields = _cell_fields(layout, mesh)
    fields = np.concatenate([fields, np.zeros_like(fields[:1])])
    volume = np.abs(
        np.diff(mesh.x)[:, None, None] * np.diff(mesh.y)[None, :, None] * np.diff(mesh.z)
    ).astype(np.float32)
    out = np.empty((len(layout.abmn), volume.size), np.float32)
    a, b, m, n = layout.abmn.T
    for i in range(len(out)):
        injected = fields[a[i]] - fields[b[i]]
        sensed = fields[m[i]] - fields[n[i]]
        out[i] = np.einsum("ck,ck->k", injected, sensed)
    out *= volume.ravel() / np.float32(2.0 * np.pi)
    out /= layout.k_sum[:, None].astype(np.float32)
    return out.reshape(len(out), *mesh.shape)


def resistivity_covariance(
    sensitivities: Array, mesh: SensitivityMesh, kernel: GroundKernel
) -> Array:
    """Covariance of ln ρa for a field of unit standard deviation of ln ρ.

    Parameters
    ----------
    sensitivities : (n, n_x, n_y, n_z) numpy.ndarray of float32
        From ``sensitivity``.
    mesh : SensitivityMesh
        Cells.
    kernel : GroundKernel
        Correlation, a product over the three axes.

    Returns
    -------
    (n, n) numpy.ndarray of float64
        J K J'.
    """
    nu = kernel.smoothness
    kx, ky, kz = (
        averaged_correlation(np.sort(edges), length, nu).astype(np.float32)
        for edges, length in (
            (mesh.x, kernel.horizontal_m),
            (mesh.y, kernel.horizontal_m),
            (mesh.z, kernel.vertical_m),
        )
    )
    kz = kz[::-1, ::-1]
    n = len(sensitivities)
    out = np.empty((n, n))
    flat = sensitivities.reshape(n, -1)
    batch = max(1, int(2e7 // flat.shape[1]))
    for start in range(0, n, batch):
        part = sensitivities[start : start + batch]
        part = part @ kz
        part = np.matmul(ky, part)
        part = np.einsum("ij,njkl->nikl", kx, part, optimize=True)
        out[start : start + batch] = part.reshape(len(part), -1) @ flat.T
    return 0.5 * (out + out.T)
