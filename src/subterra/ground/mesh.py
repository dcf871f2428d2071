"""Meshes of even columns that follow the surface: what conductivities and potentials stand on.

Nodes lie at ``z = s(x, y) − t`` with the height s of the ground over the site's plane and the depth
t under it; cells are trilinear.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from subterra.errors import InputError

__all__ = ["ColumnMesh", "interpolator"]

Array = npt.NDArray[Any]

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


def interpolator(mesh: ColumnMesh, place: Array) -> sp.csr_matrix:
    """Weights (n, n_node) of the nodes at places (n, 3), metres; over the ground its surface."""
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
