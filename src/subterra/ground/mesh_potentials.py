"""Potentials of electrodes over any ground: trilinear finite elements that follow the surface.

What is left when each electrode's half-space potential is removed is solved by conjugate gradients
for all electrodes side by side. The preconditioner is the same operator over a flat ground whose
conductivity depends on depth only: iterations depend on the lateral contrast, not on the size of
the mesh. NumPy and SciPy only.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from subterra.errors import InputError, SubterraError
from subterra.ground.mesh import ColumnMesh, interpolator
from subterra.ground.mesh_operator import FlatInverse, stiffness
from subterra.ground.mesh_sources import PoleSources, pole

__all__ = ["MeshPotentials", "solve_potentials"]

Array = npt.NDArray[Any]

_BATCH: Final = 16
_MOST_ITERATIONS: Final = 400


@dataclass(frozen=True)
class MeshPotentials:
    """Solved potentials of electrodes with unit current over 2π, u = I ψ/(2π).

    Parameters
    ----------
    mesh : ColumnMesh
        Mesh.
    electrodes : (n_e, 3) numpy.ndarray
        Places, metres: x, y, height over the plane.
    mirror : (n_e,) numpy.ndarray
        Height of each electrode's image in its local surface, metres.
    sigma0 : (n_e,) numpy.ndarray
        Conductivity of the half-space that was removed, S/m.
    secondary : (n_e, n_x, n_y, n_t) numpy.ndarray
        ψ less the half-space's, Ω.
    psi : (n_e, n_e) numpy.ndarray
        ψ between the electrodes, symmetric; the diagonal is without meaning.
    asymmetry : float
        Largest difference of ψ between two electrodes when they are exchanged, as a share.
    iterations : int
        Most iterations that a batch took.
    """

    mesh: ColumnMesh
    electrodes: Array
    mirror: Array
    sigma0: Array
    secondary: Array
    psi: Array
    asymmetry: float
    iterations: int


def _conjugate_gradients(
    matrix: sp.csr_matrix, inverse: FlatInverse, right: Array, tolerance: float
) -> tuple[Array, int]:
    """Solve for the columns of ``right`` side by side."""
    x = np.zeros_like(right)
    r = right.copy()
    z = inverse(r)
    p = z.copy()
    rz = (r * z).sum(axis=0)
    start = np.maximum(rz, 1e-300)
    for iteration in range(1, _MOST_ITERATIONS + 1):
        q = matrix @ p
        alpha = rz / np.maximum((p * q).sum(axis=0), 1e-300)
        x += alpha * p
        r -= alpha * q
        z = inverse(r)
        new = (r * z).sum(axis=0)
        if np.all(new <= tolerance**2 * start):
            return x, iteration
        p = z + new / np.maximum(rz, 1e-300) * p
        rz = new
    problem = f"the mesh solver did not converge in {_MOST_ITERATIONS} iterations"
    raise SubterraError(problem)


def _sigma_under(mesh: ColumnMesh, sigma: Array, electrodes: Array) -> Array:
    """Mean conductivity of the cells that touch each electrode."""
    cells = sigma.reshape([n - 1 for n in mesh.shape])
    depth = mesh.height(electrodes[:, 0], electrodes[:, 1]) - electrodes[:, 2]
    out = np.empty(len(electrodes))
    for e, (x, y, t) in enumerate(zip(electrodes[:, 0], electrodes[:, 1], depth, strict=True)):
        box = []
        for nodes, at in ((mesh.x, x), (mesh.y, y), (mesh.t, max(t, 0.0))):
            low = int(np.searchsorted(nodes[1:-1], at - 1e-3, side="left"))
            high = int(np.searchsorted(nodes[1:-1], at + 1e-3, side="right"))
            box.append(slice(low, high + 1))
        out[e] = cells[tuple(box)].mean()
    return out


def solve_potentials(
    mesh: ColumnMesh, sigma: Array, electrodes: Array, *, tolerance: float = 1e-6
) -> MeshPotentials:
    """Solve the potential of every electrode.

    Parameters
    ----------
    mesh : ColumnMesh
        Mesh; it reaches at least as far beyond the electrodes as they lie apart.
    sigma : (n_cell,) numpy.ndarray
        Conductivity of the cells, S/m, order x, y, t.
    electrodes : (n_e, 3) numpy.ndarray
        x, y and height over the site's plane, metres, on or under the ground.
    tolerance : float
        Reduction of the residual's energy norm.

    Returns
    -------
    MeshPotentials

    Raises
    ------
    InputError
        If a conductivity is not positive or an electrode lies outside.
    SubterraError
        If the iteration does not converge.
    """
    if not np.all(np.isfinite(sigma) & (sigma > 0.0)) or len(sigma) != mesh.n_cells:
        problem = "every cell of a mesh needs a positive conductivity"
        raise InputError(problem)
    x, y = electrodes[:, 0], electrodes[:, 1]
    inside = (x > mesh.x[0]) & (x < mesh.x[-1]) & (y > mesh.y[0]) & (y < mesh.y[-1])
    if not inside.all():
        problem = f"electrode {int(np.argmin(inside)) + 1} lies outside of the mesh"
        raise InputError(problem)
    surface = mesh.height(x, y)
    mirror = 2.0 * surface - electrodes[:, 2]
    sigma0 = _sigma_under(mesh, sigma, electrodes)
    matrix, inverse = stiffness(mesh, sigma), FlatInverse(mesh, sigma)
    source, read = PoleSources(mesh, sigma), interpolator(mesh, electrodes)
    n = len(electrodes)
    secondary = np.empty((n, int(np.prod(mesh.shape))))
    most = 0
    for start in range(0, n, _BATCH):
        some = range(start, min(start + _BATCH, n))
        right = np.stack([source(electrodes[e], mirror[e], sigma0[e]) for e in some], axis=1)
        if not np.any(right):
            secondary[some] = 0.0
            continue
        found, iterations = _conjugate_gradients(matrix, inverse, right, tolerance)
        secondary[some] = found.T
        most = max(most, iterations)
    psi = (read @ secondary.T).T
    for e in range(n):
        psi[e] += pole(electrodes, electrodes[e], mirror[e]) / sigma0[e]
    away = ~np.eye(n, dtype=bool)
    asymmetry = float(np.abs(psi - psi.T)[away].max() / np.abs(psi[away]).max()) if n > 1 else 0.0
    return MeshPotentials(
        mesh,
        electrodes,
        mirror,
        sigma0,
        secondary.reshape(n, *mesh.shape),
        0.5 * (psi + psi.T),
        asymmetry,
        most,
    )
