"""∫ σ ∇u·∇v on a mesh of columns, with mixed outer sides, and its inverse over flat ground.

With the height s of the ground and the depth t under it, on every cell (h_x, h_y, h_t) with slopes
s_x, s_y

    ∇u = (∂_x u + s_x ∂_t u, ∂_y u + s_y ∂_t u, −∂_t u).

The inverse is exact where the ground is flat and its conductivity depends on depth only: by the
eigenvectors of the three axes (Lynch, Rice & Thomas 1964).
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp
from scipy.linalg import eigh

from subterra.ground.mesh import ColumnMesh

__all__ = ["FlatInverse", "outer_sides", "stiffness"]

Array = npt.NDArray[Any]

_MASS: Final = np.array([[2.0, 1.0], [1.0, 2.0]]) / 6.0
_STIFF: Final = np.array([[1.0, -1.0], [-1.0, 1.0]])
_CROSS: Final = np.array([[-0.5, -0.5], [0.5, 0.5]])
"""∫ φ_i' φ_j of the two hat functions on a unit cell."""


def stiffness(mesh: ColumnMesh, sigma: Array) -> sp.csr_matrix:
    """Matrix (n_node, n_node) of ∫ σ ∇u·∇v with the mixed outer sides, σ (n_cell,) in S/m."""
    hx, hy, ht = mesh.widths()
    sx, sy = mesh.slopes()

    def kron(a: Array, b: Array, c: Array) -> Array:
        return np.kron(a, np.kron(b, c))

    mixed_x = kron(_CROSS, _MASS, _CROSS.T)
    mixed_y = kron(_MASS, _CROSS, _CROSS.T)
    parts = (
        (hy * ht / hx, kron(_STIFF, _MASS, _MASS)),
        (hx * ht / hy, kron(_MASS, _STIFF, _MASS)),
        (hx * hy / ht * (1.0 + sx**2 + sy**2), kron(_MASS, _MASS, _STIFF)),
        (hy * sx, mixed_x + mixed_x.T),
        (hx * sy, mixed_y + mixed_y.T),
    )
    data = np.zeros((len(sigma), 64))
    for factor, matrix in parts:
        data += (sigma * factor)[:, None] * matrix.ravel()
    corner = mesh.corners()
    rows, cols = np.repeat(corner, 8, axis=1).ravel(), np.tile(corner, (1, 8)).ravel()
    n = int(np.prod(mesh.shape))
    inner = sp.csr_matrix((data.ravel(), (rows, cols)), shape=(n, n))
    return inner + sp.diags(outer_sides(mesh, sigma), format="csr")


def _robin(nodes: Array) -> tuple[float, float]:
    """α = 1/R at the two ends of an axis."""
    half = 0.5 * float(nodes[-1] - nodes[0])
    return 1.0 / half, 1.0 / half


def _lumped(nodes: Array) -> Array:
    h = np.diff(nodes)
    return 0.5 * (np.append(h, 0.0) + np.append(0.0, h))


def outer_sides(mesh: ColumnMesh, sigma: Array) -> Array:
    """Lumped ∫ ασ over the outer sides but the surface, per node; α = cos θ/r (Dey & Morrison)."""
    s = sigma.reshape([n - 1 for n in mesh.shape])
    s = np.pad(s, ((0, 1), (0, 1), (0, 1)), mode="edge")
    x, y, t = (_lumped(v) for v in (mesh.x, mesh.y, mesh.t))
    middle = (0.5 * (mesh.x[0] + mesh.x[-1]), 0.5 * (mesh.y[0] + mesh.y[-1]))
    gx, gy, gt = np.meshgrid(mesh.x - middle[0], mesh.y - middle[1], mesh.t, indexing="ij")
    over = s / np.maximum(gx**2 + gy**2 + gt**2, 1e-6)
    out = np.zeros(mesh.shape)
    for end in (0, -1):
        out[end] += np.abs(gx[end]) * over[end] * np.outer(y, t)
        out[:, end] += np.abs(gy[:, end]) * over[:, end] * np.outer(x, t)
    out[:, :, -1] += gt[:, :, -1] * over[:, :, -1] * np.outer(x, y)
    return out.ravel()


class FlatInverse:
    """Inverse of the operator over a flat ground whose conductivity depends on depth only."""

    def __init__(self, mesh: ColumnMesh, sigma: Array) -> None:
        by_depth = np.exp(np.log(sigma).reshape([n - 1 for n in mesh.shape]).mean(axis=(0, 1)))
        self.shape = mesh.shape
        axes = []
        for nodes, robin, weight in (
            (mesh.x, _robin(mesh.x), np.ones(len(mesh.x) - 1)),
            (mesh.y, _robin(mesh.y), np.ones(len(mesh.y) - 1)),
            (mesh.t, (0.0, 1.0 / float(mesh.t[-1])), by_depth),
        ):
            axes.append(_axis_modes(nodes, robin, weight))
        (lx, self.x), (ly, self.y), (lt, self.t) = axes
        self.inverse = 1.0 / (lx[:, None, None] + ly[:, None] + lt)

    def __call__(self, residual: Array) -> Array:
        """Apply to (n_node, k)."""
        r = residual.reshape(*self.shape, -1)
        r = np.tensordot(self.x.T, r, (1, 0))
        r = np.matmul(self.y.T, r.reshape(r.shape[0], self.shape[1], -1)).reshape(r.shape)
        r = np.matmul(self.t.T, r)
        r = r * self.inverse[..., None]
        r = np.matmul(self.t, r)
        r = np.matmul(self.y, r.reshape(r.shape[0], self.shape[1], -1)).reshape(r.shape)
        return np.tensordot(self.x, r, (1, 0)).reshape(residual.shape)


def _axis_modes(nodes: Array, robin: tuple[float, float], weight: Array) -> tuple[Array, Array]:
    """Generalised eigenpairs of the weighted stiffness and mass of one axis."""
    n = len(nodes)
    stiff, mass = np.zeros((n, n)), np.zeros((n, n))
    for k, (h, w) in enumerate(zip(np.diff(nodes), weight, strict=True)):
        both = np.ix_([k, k + 1], [k, k + 1])
        stiff[both] += w / h * _STIFF
        mass[both] += w * h * _MASS
    stiff[0, 0] += robin[0] * weight[0]
    stiff[-1, -1] += robin[1] * weight[-1]
    values, vectors = eigh(stiff, mass)
    return values, vectors
