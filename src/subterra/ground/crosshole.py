"""Covariance of crosshole data over random ground: straight fat rays in a panel or a volume.

A travel time is the integral of slowness along its ray, averaged over the first Fresnel zone, a
level that of attenuation. On a tensor
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
    "GroundMixture",
    "RayMesh",
    "crosshole_covariance",
    "crosshole_grid",
    "crosshole_root",
    "crosshole_variance",
    "make_ray_mesh",
    "ray_lengths",
    "typical_spacing",
]

Array = npt.NDArray[Any]


@dataclass(frozen=True)
class GroundMixture:
    """Sum of independent fields of equal variance, one per correlation.

    One part is a field of one scale; several, each a few times longer than the one before, are
    self-similar ground, as sonic logs in crystalline and sedimentary rock show it (a spectrum that
    falls with about 1/k over decades; Goff & Holliger 1999).

    Parameters
    ----------
    parts : tuple of GroundKernel
        At least one.
    """

    parts: tuple[GroundKernel, ...]

    @property
    def label(self) -> str:
        """Short names of the parts."""
        return " + ".join(part.label for part in self.parts)


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

    The larger of the median distance between neighbouring antenna places and a thirtieth of the
    median ray.
    """
    start, end = _ends(rays, 0.0)
    places = np.unique(np.round(np.concatenate([start, end]), 3), axis=0)
    away = np.linalg.norm(places[1:] - places[:-1], axis=1)
    step = float(np.median(away)) if len(away) else 0.0
    return max(step, float(np.median(rays.length)) / 30.0)


def make_ray_mesh(rays: Rays, cell_m: float, max_entries: float = 4e7) -> RayMesh:
    """Mesh that holds all rays.

    Parameters
    ----------
    rays : Rays
        The survey.
    cell_m : float
        Width of the cells, m.
    max_entries : float
        Bound on rays × cells of a plane survey, which bounds the memory; cells are made larger to
        keep it. A volume has 0.4 of it, for it costs more products.

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
        most = max_entries if count.min() == 1 else 0.4 * max_entries
        if float(np.prod(count, dtype=np.float64)) * len(rays) <= most or count.max() == 1:
            break
        cell_m *= 1.1
    pad = 1e-6 * (1.0 + float(np.max(high - low)))
    edges = [np.linspace(low[i] - pad, high[i] + pad, int(count[i]) + 1) for i in range(3)]
    return RayMesh(heading, *edges)


@kernel
def _cell(at: float, edges: Array) -> int:
    """Index of the cell of an even axis; places outside count to the outermost cells."""
    n = edges.size - 1
    return min(max(int((at - edges[0]) / (edges[n] - edges[0]) * n), 0), n - 1)


@kernel
def _lengths_fill(
    start: Array,
    end: Array,
    length: Array,
    wavelength: Array,
    node: Array,
    weight: Array,
    step: float,
    u: Array,
    v: Array,
    z: Array,
    out: Array,
) -> None:
    flat = v.size == 2 or u.size == 2 or z.size == 2
    for r in range(length.size):
        dx, dy, dz = (end[r] - start[r]) / length[r]
        # Two directions across the ray; in a plane survey the first lies in its plane.
        if z.size == 2:
            px, py, pz = -dy, dx, 0.0
        else:
            across = math.sqrt(dx * dx + dy * dy)
            if across < 1e-6:
                px, py, pz = 1.0, 0.0, 0.0
            else:
                px, py, pz = -dx * dz / across, -dy * dz / across, across
        qx, qy, qz = dy * pz - dz * py, dz * px - dx * pz, dx * py - dy * px
        n = max(math.ceil(length[r] / step), 1)
        piece = length[r] / n
        for k in range(n):
            t = (k + 0.5) * piece
            spread = 0.5 * math.sqrt(wavelength[r] * t * (length[r] - t) / length[r])
            x, y, h = start[r, 0] + t * dx, start[r, 1] + t * dy, start[r, 2] + t * dz
            for i in range(node.size):
                a = spread * node[i]
                for j in range(1 if flat else node.size):
                    b = 0.0 if flat else spread * node[j]
                    share = weight[i] if flat else weight[i] * weight[j]
                    iu = _cell(x + a * px + b * qx, u)
                    iv = _cell(y + a * py + b * qy, v)
                    iz = _cell(h + a * pz + b * qz, z)
                    out[r, iu, iv, iz] += np.float32(share * piece)


def ray_lengths(rays: Rays, mesh: RayMesh, wavelength: Array) -> Array:
    """Length of each fat ray in each cell.

    A wave of finite length averages the slowness over its first Fresnel zone, here with a normal
    weight of standard deviation r_F/2 across the ray (as for objects), by a three-point
    Gauss-Hermite rule in each direction across and the midpoint rule along it.

    Parameters
    ----------
    rays : Rays
        The survey.
    mesh : RayMesh
        Cells.
    wavelength : (n,) numpy.ndarray
        m; 0 for thin rays.

    Returns
    -------
    (n, n_u, n_v, n_z) numpy.ndarray of float32
        m; rows sum to the length of the ray. What is outside the mesh counts to its rim.
    """
    start, end = _ends(rays, mesh.heading)
    cells = [float(np.ptp(e)) / (len(e) - 1) for e in (mesh.u, mesh.v, mesh.z) if len(e) > 2]
    step = 0.5 * min(cells, default=float(rays.length.min()))
    node = np.array([-math.sqrt(3.0), 0.0, math.sqrt(3.0)])
    weight = np.array([1.0, 4.0, 1.0]) / 6.0
    out = np.zeros((len(rays), *mesh.shape), np.float32)
    _lengths_fill(
        start,
        end,
        rays.length,
        np.asarray(wavelength, np.float64),
        node,
        weight,
        step,
        mesh.u,
        mesh.v,
        mesh.z,
        out,
    )
    return out


def _axis_correlations(mesh: RayMesh, ground: GroundKernel) -> tuple[Array, Array, Array]:
    nu = ground.smoothness
    return (
        averaged_correlation(mesh.u, ground.horizontal_m, nu),
        averaged_correlation(mesh.v, ground.horizontal_m, nu),
        averaged_correlation(mesh.z, ground.vertical_m, nu),
    )


def _correlated(lengths: Array, mesh: RayMesh, ground: GroundKernel) -> Array:
    """J K as (n, cells): three small products."""
    ku, kv, kz = (k.astype(np.float32) for k in _axis_correlations(mesh, ground))
    part = np.matmul(kv, lengths @ kz)
    return np.einsum("ij,njkl->nikl", ku, part, optimize=True).reshape(len(lengths), -1)


def crosshole_covariance(lengths: Array, mesh: RayMesh, ground: GroundMixture) -> Array:
    """Covariance of integrals along rays through a field of unit standard deviation.

    Parameters
    ----------
    lengths : (n, n_u, n_v, n_z) numpy.ndarray of float32
        From ``ray_lengths``, or rows scaled into the unit of the data.
    mesh : RayMesh
        Cells.
    ground : GroundMixture
        Correlations, each a product over the three axes.

    Returns
    -------
    (n, n) numpy.ndarray of float64
        J K J'.
    """
    n = len(lengths)
    flat = lengths.reshape(n, -1)
    out = np.empty((n, n))
    batch = max(1, int(2e7 // flat.shape[1]))
    for start in range(0, n, batch):
        part = lengths[start : start + batch]
        field = sum(_correlated(part, mesh, one) for one in ground.parts)
        out[start : start + batch] = field @ flat.T
    return (0.5 / len(ground.parts)) * (out + out.T)


def crosshole_variance(lengths: Array, mesh: RayMesh, ground: GroundMixture) -> Array:
    """Diagonal (n,) of ``crosshole_covariance`` alone."""
    flat = lengths.reshape(len(lengths), -1)
    out = np.zeros(len(lengths))
    batch = max(1, int(2e7 // flat.shape[1]))
    for start in range(0, len(lengths), batch):
        part = slice(start, start + batch)
        for one in ground.parts:
            out[part] += np.sum(_correlated(lengths[part], mesh, one) * flat[part], axis=1)
    return out / len(ground.parts)


def crosshole_root(
    lengths: Array, mesh: RayMesh, ground: GroundMixture, rank: int
) -> tuple[Array, float]:
    """Low-rank root R of the covariance, R R' ≈ J K J', from the separable eigenvectors of K.

    Parameters
    ----------
    lengths, mesh, ground
        As for ``crosshole_covariance``.
    rank : int
        Largest number of columns, shared by the parts; the modes of each K with the largest
        eigenvalues are kept.

    Returns
    -------
    root : (n, r) numpy.ndarray of float32
        J U √Λ.
    kept : float
        Share of the field's variance that the modes hold.
    """
    share = rank // len(ground.parts)
    roots = [_part_root(lengths, mesh, one, share) for one in ground.parts]
    root = np.hstack([part for part, _ in roots]) / np.float32(math.sqrt(len(roots)))
    return root, float(np.mean([kept for _, kept in roots]))


def _part_root(
    lengths: Array, mesh: RayMesh, ground: GroundKernel, rank: int
) -> tuple[Array, float]:
    values: list[Array] = []
    vectors: list[Array] = []
    for correlations in _axis_correlations(mesh, ground):
        value, vector = np.linalg.eigh(correlations)
        values.append(np.maximum(value[::-1], 0.0))
        vectors.append(vector[:, ::-1].astype(np.float32))
    modes = np.einsum("i,j,k->ijk", *values)
    order = np.argsort(-modes, axis=None, kind="stable")[:rank]
    picked = np.unravel_index(order, modes.shape)
    used = [v[:, : int(index.max()) + 1] for v, index in zip(vectors, picked, strict=True)]
    part = np.einsum("nijk,ia,jb,kc->nabc", lengths, *used, optimize=True)
    strongest = modes.ravel()[order]
    root = part[(slice(None), *picked)] * np.sqrt(strongest).astype(np.float32)
    return np.ascontiguousarray(root), float(strongest.sum() / modes.sum())


def crosshole_grid(spacing_m: float) -> tuple[GroundMixture, ...]:
    """Ground models of a crosshole survey that resolves ``spacing_m`` (see `typical_spacing`).

    Returns
    -------
    tuple of GroundMixture
        One scale, isotropic short to bedded long, rough (exponential) and smooth (Matérn 3/2);
        then self-similar ground, isotropic and bedded. Lengths well below the spacing act like
        noise, those beyond the panel like trend.
    """
    d = spacing_m
    scales = (3.0 * d, 8.0 * d, 24.0 * d)
    return (
        GroundMixture((GroundKernel(3.0 * d, 1.0, 0.5),)),
        GroundMixture((GroundKernel(8.0 * d, 1.0, 0.5),)),
        GroundMixture((GroundKernel(8.0 * d, 4.0, 0.5),)),
        GroundMixture((GroundKernel(24.0 * d, 6.0, 0.5),)),
        GroundMixture((GroundKernel(8.0 * d, 1.0, 1.5),)),
        GroundMixture((GroundKernel(8.0 * d, 2.0, 1.5),)),
        GroundMixture((GroundKernel(24.0 * d, 6.0, 1.5),)),
        GroundMixture(tuple(GroundKernel(scale, 1.0, 0.5) for scale in scales)),
        GroundMixture(tuple(GroundKernel(scale, 4.0, 0.5) for scale in scales)),
    )
