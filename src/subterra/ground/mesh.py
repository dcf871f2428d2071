"""Potentials of electrodes over any ground: trilinear finite elements that follow the surface.

Nodes lie on even columns: ``z = s(x, y) − t`` with the height s of the ground over the site's plane
and the depth t under it, so that on every cell (h_x, h_y, h_t) with slopes s_x, s_y

    ∇u = (∂_x u + s_x ∂_t u, ∂_y u + s_y ∂_t u, −∂_t u).

The half-space potential ``u0`` of each electrode, with the conductivity σ0 that it stands in, is
removed (Lowry, Allen & Shive 1989, Geophysics 54, 766; topography by the flux of u0 through the
surface); the rest is solved by conjugate gradients for all electrodes side by side. The
preconditioner is the same operator over a flat ground whose conductivity depends on depth only,
inverted exactly by the eigenvectors of its three axes (Lynch, Rice & Thomas 1964): iterations
depend on the lateral contrast, not on the size of the mesh. Outer sides are of mixed type.
NumPy and SciPy only.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp
from scipy.linalg import eigh

from subterra.errors import InputError, SubterraError

__all__ = ["ColumnMesh", "MeshPotentials", "solve_potentials"]

Array = npt.NDArray[Any]

_MASS: Final = np.array([[2.0, 1.0], [1.0, 2.0]]) / 6.0
_STIFF: Final = np.array([[1.0, -1.0], [-1.0, 1.0]])
_CROSS: Final = np.array([[-0.5, -0.5], [0.5, 0.5]])
"""∫ φ_i' φ_j of the two hat functions on a unit cell."""
_GAUSS: Final = 0.5 + np.array([-0.5, 0.5]) / np.sqrt(3.0)
_QUARTERS: Final = (np.arange(4) + 0.5) / 4.0
_BATCH: Final = 16
_ON_SURFACE_M: Final = 1e-3
_MOST_ITERATIONS: Final = 400
_NEAR: Final = 2.5
"""Cells within this many of their widths of an electrode are integrated in 4³ parts."""
_MOST_CELLS: Final = 400_000


@dataclass(frozen=True)
class ColumnMesh:
    """Mesh of columns under a survey.

    Parameters
    ----------
    x, y : (n_x,), (n_y,) numpy.ndarray
        Plan coordinates of the nodes in metres, rising, in the frame of the layout.
    t : (n_t,) numpy.ndarray
        Depths of the nodes under the ground in metres, rising from 0.
    surface : (n_x, n_y) numpy.ndarray
        Height of the ground over the site's plane in metres.

    Raises
    ------
    InputError
        If the mesh has more than 400,000 cells.
    """

    x: Array
    y: Array
    t: Array
    surface: Array = field(default_factory=lambda: np.zeros(0))

    def __post_init__(self) -> None:
        if self.surface.size == 0:
            object.__setattr__(self, "surface", np.zeros((len(self.x), len(self.y))))
        if self.n_cells > _MOST_CELLS:
            problem = f"the mesh would have {self.n_cells} cells; at most {_MOST_CELLS}"
            raise InputError(problem)

    @property
    def shape(self) -> tuple[int, int, int]:
        """Number of nodes along each axis."""
        return len(self.x), len(self.y), len(self.t)

    @property
    def n_cells(self) -> int:
        """Number of cells."""
        return (len(self.x) - 1) * (len(self.y) - 1) * (len(self.t) - 1)

    def widths(self) -> tuple[Array, Array, Array]:
        """Widths (n_cell,) of the cells along x, y and t, metres."""
        x, y, t = np.meshgrid(np.diff(self.x), np.diff(self.y), np.diff(self.t), indexing="ij")
        return x.ravel(), y.ravel(), t.ravel()

    def slopes(self) -> tuple[Array, Array]:
        """Slopes (n_cell,) of the surface over each cell."""
        s = self.surface
        rise_x = 0.5 * (np.diff(s[:, 1:], axis=0) + np.diff(s[:, :-1], axis=0))
        rise_y = 0.5 * (np.diff(s[1:], axis=1) + np.diff(s[:-1], axis=1))
        n = len(self.t) - 1
        return (
            np.repeat((rise_x / np.diff(self.x)[:, None]).ravel(), n),
            np.repeat((rise_y / np.diff(self.y)).ravel(), n),
        )

    def nodes(self) -> Array:
        """Places (n_node, 3) of the nodes: x, y, height over the plane."""
        x, y, t = np.meshgrid(self.x, self.y, self.t, indexing="ij")
        return np.column_stack([x.ravel(), y.ravel(), (self.surface[:, :, None] - t).ravel()])

    def corners(self) -> Array:
        """Nodes (n_cell, 8) of the cells."""
        number = np.arange(np.prod(self.shape)).reshape(self.shape)
        return np.stack(
            [
                number[i : i - 1 or None, j : j - 1 or None, k : k - 1 or None].ravel()
                for i in (0, 1)
                for j in (0, 1)
                for k in (0, 1)
            ],
            axis=1,
        )

    def centres(self) -> Array:
        """Places (n_cell, 3) of the centres of the cells."""
        return self.nodes()[self.corners()].mean(axis=1)

    def height(self, x: Array, y: Array) -> Array:
        """Height of the ground over the plane, bilinear, metres."""
        i, fx = _bracket(self.x, x)
        j, fy = _bracket(self.y, y)
        s = self.surface
        return (1 - fx) * ((1 - fy) * s[i, j] + fy * s[i, j + 1]) + fx * (
            (1 - fy) * s[i + 1, j] + fy * s[i + 1, j + 1]
        )


def _bracket(nodes: Array, at: Array) -> tuple[npt.NDArray[np.intp], Array]:
    """Cell of each value and the place in it."""
    k = np.clip(np.searchsorted(nodes, at, side="right") - 1, 0, len(nodes) - 2)
    return k, (at - nodes[k]) / (nodes[k + 1] - nodes[k])


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


def _stiffness(mesh: ColumnMesh, sigma: Array) -> sp.csr_matrix:
    """∫ σ ∇u·∇v with the mixed outer sides."""
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
    return inner + sp.diags(_sides(mesh, sigma), format="csr")


def _robin(nodes: Array) -> tuple[float, float]:
    """α = 1/R at the two ends of an axis."""
    half = 0.5 * float(nodes[-1] - nodes[0])
    return 1.0 / half, 1.0 / half


def _lumped(nodes: Array) -> Array:
    h = np.diff(nodes)
    return 0.5 * (np.append(h, 0.0) + np.append(0.0, h))


def _sides(mesh: ColumnMesh, sigma: Array) -> Array:
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


class _FlatInverse:
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


def _conjugate_gradients(
    matrix: sp.csr_matrix, inverse: _FlatInverse, right: Array, tolerance: float
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


def _gradient_of_pole(point: Array, electrode: Array, mirror: float) -> Array:
    """∇φ of an electrode and its image, points (..., 3)."""
    out = np.zeros(point.shape)
    for z in (electrode[2], mirror):
        d = point - np.array([electrode[0], electrode[1], z])
        out -= 0.5 * d * ((d**2).sum(axis=-1, keepdims=True) + 1e-12) ** -1.5
    return out


def _pole(point: Array, electrode: Array, mirror: float) -> Array:
    out = np.zeros(point.shape[:-1])
    for z in (electrode[2], mirror):
        d = point - np.array([electrode[0], electrode[1], z])
        out += 0.5 / np.sqrt((d**2).sum(axis=-1) + 1e-12)
    return out


class _Sources:
    """Right-hand sides −∫ (σ − σ0) ∇u0·∇v − ∮ σ0 ∂_n u0 v of electrodes."""

    def __init__(self, mesh: ColumnMesh, sigma: Array) -> None:
        self.mesh, self.sigma = mesh, sigma
        self.corner, self.node = mesh.corners(), mesh.nodes()
        self.centre = self.node[self.corner].mean(axis=1)
        self.width = np.stack(mesh.widths(), axis=1)
        self.slope = np.stack(mesh.slopes(), axis=1)
        self.sides = np.flatnonzero(_sides(mesh, np.ones_like(sigma)))
        self.side_sigma = _sides(mesh, sigma)[self.sides]
        self.side_one = _sides(mesh, np.ones_like(sigma))[self.sides]
        self.flat = not np.any(mesh.surface)

    def _gradients(self, cells: Array, place: Array) -> Array:
        """∇ of the eight shape functions (n_cell, 8, 3) at a place in the unit cube."""
        f = np.stack([1.0 - place, place])
        d = np.array([-1.0, 1.0])
        w, s = self.width[cells], self.slope[cells]
        out = np.empty((len(cells), 8, 3))
        for m, (i, j, k) in enumerate(np.ndindex(2, 2, 2)):
            gx = d[i] * f[j, 1] * f[k, 2] / w[:, 0]
            gy = f[i, 0] * d[j] * f[k, 2] / w[:, 1]
            gt = f[i, 0] * f[j, 1] * d[k] / w[:, 2]
            out[:, m] = np.stack([gx + s[:, 0] * gt, gy + s[:, 1] * gt, -gt], axis=1)
        return out

    def _points(self, cells: Array, place: Array) -> Array:
        f = np.stack([1.0 - place, place])
        weight = np.array([f[i, 0] * f[j, 1] * f[k, 2] for i, j, k in np.ndindex(2, 2, 2)])
        return np.einsum("m,cmi->ci", weight, self.node[self.corner[cells]])

    def __call__(self, electrode: Array, mirror: float, sigma0: float) -> Array:
        n = len(self.node)
        volume = self.width.prod(axis=1)
        excess = (self.sigma - sigma0) / sigma0
        away = np.abs(self.centre - electrode)
        near = (away < _NEAR * self.width + 1e-9).all(axis=1)
        out = np.zeros(n)
        for cells, rule in ((np.flatnonzero(~near), _GAUSS), (np.flatnonzero(near), _QUARTERS)):
            cells = cells[np.abs(excess[cells]) > 1e-12]
            if not len(cells):
                continue
            for place in np.ndindex(*[len(rule)] * 3):
                at = rule[list(place)]
                field = _gradient_of_pole(self._points(cells, at), electrode, mirror)
                weight = excess[cells] * volume[cells] / len(rule) ** 3
                part = np.einsum("cmi,ci->cm", self._gradients(cells, at), field)
                out -= np.bincount(self.corner[cells].ravel(), (part * weight[:, None]).ravel(), n)
        if not self.flat:
            through = self._through_surface(electrode, mirror)
            out -= through
            if mirror - electrode[2] < _ON_SURFACE_M:
                out += self._missing(electrode, through) * self._weights(electrode)
        pole = _pole(self.node[self.sides], electrode, mirror) / sigma0
        out[self.sides] -= (self.side_sigma - sigma0 * self.side_one) * pole
        return out

    def _missing(self, electrode: Array, through: Array) -> float:
        """2π less the solid angle of the ground at an electrode on a crest, slope or hollow.

        The ground's solid angle is that of the surface seen from the electrode and of the outer
        sides under the rim of the mesh.
        """
        mesh = self.mesh
        s = mesh.surface
        x, y = np.meshgrid(mesh.x, mesh.y, indexing="ij")
        rim = [
            np.concatenate([v[:-1, 0], v[-1, :-1], v[:0:-1, -1], v[0, :0:-1]]) for v in (x, y, s)
        ]
        d = np.stack(rim, axis=1) - electrode
        angle = np.unwrap(np.arctan2(d[:, 1], d[:, 0]))
        angle = np.append(angle, angle[0] + 2.0 * np.pi)
        lift = d[:, 2] / np.sqrt((d**2).sum(axis=1))
        outer = 2.0 * np.pi + float((0.5 * (lift + np.roll(lift, -1)) * np.diff(angle)).sum())
        return 2.0 * np.pi - (outer - float(through.sum()))

    def _weights(self, electrode: Array) -> Array:
        """Values of the shape functions at an electrode, per node."""
        return _interpolator(self.mesh, electrode[None, :]).toarray()[0]

    def _through_surface(self, electrode: Array, mirror: float) -> Array:
        """Flux of the removed pole through the surface, top cells in 4² parts."""
        n_t = self.mesh.shape[2] - 1
        top = np.arange(0, len(self.sigma), n_t)
        s = self.slope[top]
        normal = np.column_stack([-s, np.ones(len(top))])
        area = self.width[top, 0] * self.width[top, 1] / 16.0
        out = np.zeros(len(self.node))
        for place in np.ndindex(4, 4):
            fx, fy = (np.array(place) + 0.5) / 4.0
            point = self._points(top, np.array([fx, fy, 0.0]))
            flux = (_gradient_of_pole(point, electrode, mirror) * normal).sum(axis=1) * area
            for m, (i, j) in enumerate(np.ndindex(2, 2)):
                weight = (fx if i else 1.0 - fx) * (fy if j else 1.0 - fy)
                out += np.bincount(self.corner[top, 2 * m], weight * flux, len(out))
        return out


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


def _interpolator(mesh: ColumnMesh, place: Array) -> sp.csr_matrix:
    depth = np.maximum(mesh.height(place[:, 0], place[:, 1]) - place[:, 2], 0.0)
    i, fx = _bracket(mesh.x, place[:, 0])
    j, fy = _bracket(mesh.y, place[:, 1])
    k, ft = _bracket(mesh.t, depth)
    number = np.arange(np.prod(mesh.shape)).reshape(mesh.shape)
    rows = np.arange(len(place))
    total = sp.csr_matrix((len(place), number.size))
    for a, b, c in np.ndindex(2, 2, 2):
        weight = (fx if a else 1 - fx) * (fy if b else 1 - fy) * (ft if c else 1 - ft)
        total = total + sp.csr_matrix(
            (weight, (rows, number[i + a, j + b, k + c])), shape=total.shape
        )
    return total


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
    matrix, inverse = _stiffness(mesh, sigma), _FlatInverse(mesh, sigma)
    source, read = _Sources(mesh, sigma), _interpolator(mesh, electrodes)
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
        psi[e] += _pole(electrodes, electrodes[e], mirror[e]) / sigma0[e]
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
