"""Covariance of ln ρa over a random resistivity field, to first order.

On a tensor mesh the sensitivity of a datum to the ln-resistivity of a cell is

    J = ∂ln ρa/∂ln ρ = 1/(2πK) ∫_cell ∇φ_AB · ∇φ_MN dV,

whose sum over the half-space is 1. With a correlation that is a product over the axes, J K J' costs
three small matrix products and no dense K.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

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
    """Edges in metres of a tensor mesh, in the frame of its layout.

    ``x`` and ``y`` count from the layout's origin, ``z`` is the height over the surface (≤ 0).
    """

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


_ENTRIES: Final = 4e7
"""Bound on data times cells, 160 MB; surveys of more than 1,000 data may have up to twice it."""
_SINGLE: Final = 4000
"""Covariances of more data are kept in single precision, to halve them."""


def _entries(n_data: int) -> float:
    return _ENTRIES * float(np.clip(n_data / 1000.0, 1.0, 2.0))


def make_mesh(
    layout: Quadripoles, spacing_m: float, max_entries: float | None = None
) -> SensitivityMesh:
    """Mesh under a survey, fine beneath the electrodes and growing away from them.

    Parameters
    ----------
    layout : Quadripoles
        Electrodes and data.
    spacing_m : float
        Typical electrode spacing in metres; cells are half of it.
    max_entries : float, optional
        Bound on data × cells, which bounds the memory; cells are made larger to keep it. By
        default 4e7, up to 8e7 for 2,000 data and more.

    Returns
    -------
    SensitivityMesh
    """
    x, y, z = (np.asarray(v, np.float64) for v in (layout.x, layout.y, layout.z))
    reach = 1.5 * max(float(np.ptp(x)), float(np.ptp(y)), 4.0 * spacing_m)
    deepest = float(-z.min())
    cell = 0.5 * spacing_m
    most = _entries(len(layout.abmn)) if max_entries is None else max_entries
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
        if np.prod(mesh.shape) * len(layout.abmn) <= most:
            return mesh
        cell *= 1.15


def _offsets(points: Array) -> Array:
    """Places (k³, 3) in a cell of unit width around its centre, from those (k,) along one axis."""
    return np.stack(np.meshgrid(points, points, points, indexing="ij"), -1).reshape(-1, 3)


_FAR: Final = _offsets(np.array([-0.5, 0.5]) / np.sqrt(3.0))
"""Two-point Gauss rule along each axis."""
_NEAR: Final = _offsets((np.arange(4) - 1.5) / 4.0)
"""Midpoints of 4³ parts, for cells within two widths of an electrode, where fields are steep."""


def _mean_product(layout: Quadripoles, centre: Array, width: Array, offsets: Array) -> Array:
    """∇φ_AB · ∇φ_MN of each datum averaged over the cells, (n_data, n_cell) float32.

    The mean is that of the product: fields averaged one by one would lose what they share.
    """
    n_cell = centre.shape[1]
    # The last row stays zero: index −1 is a remote electrode.
    fields = np.zeros((len(layout.x) + 1, 3 * n_cell), np.float32)
    out = np.zeros((len(layout.abmn), n_cell), np.float32)
    for offset in offsets:
        px, py, pz = (single(v) for v in centre + offset[:, None] * width)
        electrode_fields(layout.x, layout.y, layout.z, px, py, pz, n_cell, fields[:-1])
        for row, (a, b, m, n) in zip(out, layout.abmn, strict=True):
            product = (fields[a] - fields[b]) * (fields[m] - fields[n])
            row += product.reshape(3, n_cell).sum(axis=0)
    out /= np.float32(len(offsets))
    return out


def _near_electrodes(layout: Quadripoles, centre: Array, width: Array) -> Array:
    """Cells whose centre is within two of their widths of an electrode, as indices."""
    near = np.zeros(centre.shape[1], bool)
    for place in zip(layout.x, layout.y, layout.z, strict=True):
        away = (centre - np.array(place, np.float64)[:, None]) / width
        near |= (away * away).sum(axis=0) < 4.0
    return np.flatnonzero(near)


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
        Rows sum to 1 within about 1 % (and what lies beyond the mesh is missing).
    """
    edges = (mesh.x, mesh.y, mesh.z)
    centre, width = (
        np.stack([v.ravel() for v in np.meshgrid(*axes, indexing="ij")])
        for axes in ([0.5 * (e[1:] + e[:-1]) for e in edges], [np.abs(np.diff(e)) for e in edges])
    )
    out = _mean_product(layout, centre, width, _FAR)
    near = _near_electrodes(layout, centre, width)
    out[:, near] = _mean_product(layout, centre[:, near], width[:, near], _NEAR)
    out *= single(width.prod(axis=0) / (2.0 * np.pi))
    out /= single(layout.k_sum)[:, None]
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
    (n, n) numpy.ndarray
        J K J', in double precision up to 4,000 data and in single beyond.
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
    out = np.empty((n, n), np.float64 if n <= _SINGLE else np.float32)
    flat = sensitivities.reshape(n, -1)
    batch = max(1, int(2e7 // flat.shape[1]))
    for start in range(0, n, batch):
        part = sensitivities[start : start + batch]
        part = part @ kz
        part = np.matmul(ky, part)
        part = np.einsum("ij,njkl->nikl", kx, part, optimize=True)
        # One triangle of blocks; what lies in both is made symmetric below.
        end = start + len(part)
        out[start:end, :end] = part.reshape(len(part), -1) @ flat[:end].T
        out[:start, start:end] = out[start:end, :start].T
        out[start:end, start:end] += out[start:end, start:end].T.copy()
        out[start:end, start:end] *= 0.5
    return out
