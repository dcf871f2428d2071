"""Right-hand sides of the potentials of electrodes, from which a half-space's is removed.

The half-space potential ``u0`` of each electrode, with the conductivity σ0 that it stands in and
its image in its local surface, is removed (Lowry, Allen & Shive 1989, Geophysics 54, 766);
topography enters by the flux of u0 through the surface.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import numpy.typing as npt

from subterra.ground.mesh import ColumnMesh, interpolator
from subterra.ground.mesh_operator import outer_sides

__all__ = ["PoleSources", "pole"]

Array = npt.NDArray[Any]

_GAUSS: Final = 0.5 + np.array([-0.5, 0.5]) / np.sqrt(3.0)
_QUARTERS: Final = (np.arange(4) + 0.5) / 4.0
_ON_SURFACE_M: Final = 1e-3
_NEAR: Final = 2.5
"""Cells within this many of their widths of an electrode are integrated in 4³ parts."""


def _gradient_of_pole(point: Array, electrode: Array, mirror: float) -> Array:
    """∇φ of an electrode and its image, points (..., 3)."""
    out = np.zeros(point.shape)
    for z in (electrode[2], mirror):
        d = point - np.array([electrode[0], electrode[1], z])
        out -= 0.5 * d * ((d**2).sum(axis=-1, keepdims=True) + 1e-12) ** -1.5
    return out


def pole(point: Array, electrode: Array, mirror: float) -> Array:
    """φ of an electrode and its image at points (..., 3), 1/m."""
    out = np.zeros(point.shape[:-1])
    for z in (electrode[2], mirror):
        d = point - np.array([electrode[0], electrode[1], z])
        out += 0.5 / np.sqrt((d**2).sum(axis=-1) + 1e-12)
    return out


class PoleSources:
    """Right-hand sides −∫ (σ − σ0) ∇u0·∇v − ∮ σ0 ∂_n u0 v of electrodes."""

    def __init__(self, mesh: ColumnMesh, sigma: Array) -> None:
        self.mesh, self.sigma = mesh, sigma
        self.corner, self.node = mesh.corners(), mesh.nodes()
        self.centre = self.node[self.corner].mean(axis=1)
        self.width = np.stack(mesh.widths(), axis=1)
        self.slope = np.stack(mesh.slopes(), axis=1)
        one = outer_sides(mesh, np.ones_like(sigma))
        self.sides = np.flatnonzero(one)
        self.side_sigma = outer_sides(mesh, sigma)[self.sides]
        self.side_one = one[self.sides]
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
        """Return the right-hand side (n_node,) of one electrode (3,), metres; σ0 in S/m."""
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
        removed = pole(self.node[self.sides], electrode, mirror) / sigma0
        out[self.sides] -= (self.side_sigma - sigma0 * self.side_one) * removed
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
        return interpolator(self.mesh, electrode[None, :]).toarray()[0]

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
