"""Covariance of crosshole data over random ground: straight rays through a panel or a volume.

A travel time is the integral of slowness along its ray, a level that of attenuation. On a tensor
mesh whose first axis lies along the survey's main horizontal direction, J holds the length of each
ray in each cell, and with a correlation that is a product over the axes, J K J' costs three small
matrix products and no dense K. Heterogeneity of 5 % bends a ray by less than the straight-ray error
floor of the evidence.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from subterra.ground.correlation import averaged_correlation
from subterra.ground.nuisance import GroundKernel
from subterra.kernel import kernel
from subterra.physics.rays import Rays

__all__ = [
    "RayMesh",
    "crosshole_covariance",
    "crosshole_grid",
    "crosshole_root",
    "make_ray_mesh",
    "ray_lengths",
    "typical_spacing",
]

Array = npt.NDArray[Any]


@dataclass(frozen=True)
class RayMesh:
    """Tensor mesh around a survey, in the frame of its rays' origin.

    Parameters
    ----------
    heading : float
        Direction of the first axis, radians from x towards y.
    u, v, z : (n + 1,) numpy.ndarray
        Cell edges in metres, increasing; a plane survey has one cell along the axis normal to it.
    """

    heading: float
    u: Array
    v: Array
    z: Array

    @property
    def shape(self) -> tuple[int, int, int]:
        """Number of cells along each axis."""
        return len(self.u) - 1, len(self.v) - 1, len(self.z) - 1


def _ends(rays: Rays, heading: float) -> tuple[Array, Array]:
    """Both ends (n, 3) of each ray in the frame of a mesh."""
    c, s = math.cos(heading), math.sin(heading)
    turn = np.array([[c, s, 0.0], [-s, c, 0.0], [0.0, 0.0, 1.0]])
    start = np.column_stack([rays.x, rays.y, rays.z])
    step = np.column_stack([rays.dx, rays.dy, rays.dz]) * rays.length[:, None]
    return start @ turn.T, (start + step) @ turn.T


def typical_spacing(rays: Rays) -> float:
    """Length in metres below which the survey resolves nothing.

    The larger of the median distance between neighbouring antenna places and a fifteenth of the
    median ray.
    """
    start, end = _ends(rays, 0.0)
    places = np.unique(np.round(np.concatenate([start, end]), 3), axis=0)
    away = np.linalg.norm(places[1:] - places[:-1], axis=1)
    step = float(np.median(away)) if len(away) else 0.0
    return max(step, float(np.median(rays.length)) / 15.0)


def make_ray_mesh(rays: Rays, cell_m: float, max_entries: float = 2e7) -> RayMesh:
    """Mesh that holds all rays.

    Parameters
    ----------
    rays : Rays
        The survey.
    cell_m : float
        Width of the cells, m.
    max_entries : float
        Bound on rays × cells, which bounds the memory; cells are made larger to keep it.

    Returns
    -------
    RayMesh
    """
    start, end = _ends(rays, 0.0)
    plan = np.concatenate([start, end])[:, :2]
    _, _, axes = np.linalg.svd(plan - plan.mean(axis=0), full_matrices=False)
    heading = math.atan2(float(axes[0, 1]), float(axes[0, 0]))
    places = np.concatenate(_ends(rays, heading))
    low, high = places.min(axis=0), places.max(axis=0)
    while True:
        count = np.maximum(np.ceil((high - low) / cell_m), 1.0).astype(int)
        if float(np.prod(count, dtype=np.float64)) * len(rays) <= max_entries or count.max() == 1:
            break
        cell_m *= 1.1
    pad = 1e-6 * (1.0 + float(np.max(high - low)))
    edges = [np.linspace(low[i] - pad, high[i] + pad, int(count[i]) + 1) for i in range(3)]
    return RayMesh(heading, *edges)


@kernel
def _cell_length(first: float, last: float, low: float, high: float) -> tuple[float, float]:
    """Fractions of a ray from ``first`` to ``last`` at which it is inside one slab."""
    step = last - first
    if abs(step) < 1e-12:
        return (0.0, 1.0) if low <= first < high else (1.0, 0.0)
    t0, t1 = (low - first) / step, (high - first) / step
    return (t0, t1) if t0 < t1 else (t1, t0)


@kernel
def _lengths_fill(
    start: Array, end: Array, length: Array, u: Array, v: Array, z: Array, out: Array
) -> None:
    n_u, n_v, n_z = u.size - 1, v.size - 1, z.size - 1
    for r in range(length.size):
        for i in range(n_u):
            u0, u1 = _cell_length(start[r, 0], end[r, 0], u[i], u[i + 1])
            u0, u1 = max(u0, 0.0), min(u1, 1.0)
            if u1 <= u0:
                continue
            for j in range(n_v):
                v0, v1 = _cell_length(start[r, 1], end[r, 1], v[j], v[j + 1])
                v0, v1 = max(u0, v0), min(u1, v1)
                if v1 <= v0:
                    continue
                for k in range(n_z):
                    z0, z1 = _cell_length(start[r, 2], end[r, 2], z[k], z[k + 1])
                    z0, z1 = max(v0, z0), min(v1, z1)
                    if z1 > z0:
                        out[r, i, j, k] = np.float32((z1 - z0) * length[r])


def ray_lengths(rays: Rays, mesh: RayMesh) -> Array:
    """Length of each ray in each cell, (n, n_u, n_v, n_z) float32, m; rows sum to the ray's."""
    start, end = _ends(rays, mesh.heading)
    out = np.zeros((len(rays), *mesh.shape), np.float32)
    _lengths_fill(start, end, rays.length, mesh.u, mesh.v, mesh.z, out)
    return out


def _axis_correlations(mesh: RayMesh, ground: GroundKernel) -> tuple[Array, Array, Array]:
    nu = ground.smoothness
    return (
        averaged_correlation(mesh.u, ground.horizontal_m, nu),
        averaged_correlation(mesh.v, ground.horizontal_m, nu),
        averaged_correlation(mesh.z, ground.vertical_m, nu),
    )


def crosshole_covariance(lengths: Array, mesh: RayMesh, ground: GroundKernel) -> Array:
    """Covariance of integrals along rays through a field of unit standard deviation.

    Parameters
    ----------
    lengths : (n, n_u, n_v, n_z) numpy.ndarray of float32
        From ``ray_lengths``, or rows scaled into the unit of the data.
    mesh : RayMesh
        Cells.
    ground : GroundKernel
        Correlation, a product over the three axes.

    Returns
    -------
    (n, n) numpy.ndarray of float64
        J K J'.
    """
    ku, kv, kz = (k.astype(np.float32) for k in _axis_correlations(mesh, ground))
    n = len(lengths)
    flat = lengths.reshape(n, -1)
    out = np.empty((n, n))
    batch = max(1, int(2e7 // flat.shape[1]))
    for start in range(0, n, batch):
        part = lengths[start : start + batch] @ kz
        part = np.matmul(kv, part)
        part = np.einsum("ij,njkl->nikl", ku, part, optimize=True)
        out[start : start + batch] = part.reshape(len(part), -1) @ flat.T
    return 0.5 * (out + out.T)


def crosshole_root(
    lengths: Array, mesh: RayMesh, ground: GroundKernel, rank: int
) -> tuple[Array, float]:
    """Low-rank root R of the covariance, R R' ≈ J K J', from the separable eigenvectors of K.

    Parameters
    ----------
    lengths, mesh, ground
        As for ``crosshole_covariance``.
    rank : int
        Largest number of columns; the modes of K with the largest eigenvalues are kept.

    Returns
    -------
    root : (n, r) numpy.ndarray of float32
        J U √Λ.
    kept : float
        Share of the field's variance that the modes hold.
    """
    values: list[Array] = []
    vectors: list[Array] = []
    for correlations in _axis_correlations(mesh, ground):
        value, vector = np.linalg.eigh(correlations)
        values.append(np.maximum(value[::-1], 0.0))
        vectors.append(vector[:, ::-1].astype(np.float32))
    modes = np.einsum("i,j,k->ijk", *values)
    order = np.argsort(-modes, axis=None, kind="stable")[:rank]
    picked = np.unravel_index(order, modes.shape)
    used = [
        vector[:, : int(index.max()) + 1] for vector, index in zip(vectors, picked, strict=True)
    ]
    part = np.einsum("nijk,ia,jb,kc->nabc", lengths, *used, optimize=True)
    strongest = modes.ravel()[order]
    root = part[(slice(None), *picked)] * np.sqrt(strongest).astype(np.float32)
    return np.ascontiguousarray(root), float(strongest.sum() / modes.sum())


def crosshole_grid(spacing_m: float) -> tuple[GroundKernel, ...]:
    """Ground models of a crosshole survey that resolves ``spacing_m`` (see `typical_spacing`).

    Returns
    -------
    tuple of GroundKernel
        Isotropic short to bedded long, exponential, and one smoother kernel. Lengths well below
        the spacing act like noise, those beyond the panel like trend.
    """
    d = spacing_m
    return (
        GroundKernel(1.5 * d, 1.0, 0.5),
        GroundKernel(4.0 * d, 1.0, 0.5),
        GroundKernel(4.0 * d, 4.0, 0.5),
        GroundKernel(10.0 * d, 2.0, 0.5),
        GroundKernel(12.0 * d, 6.0, 0.5),
        GroundKernel(4.0 * d, 2.0, 1.5),
    )
