"""Bins over the four scanned columns of the unit cube: where a quantile lies, and how large."""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from subterra.kernel import kernel

__all__ = [
    "COLUMNS",
    "Edges",
    "cells_of",
    "n_cells",
    "place_points",
    "sizes",
    "within_bins",
]

Array = npt.NDArray[Any]
Edges = tuple[Array, Array, Array, Array]

COLUMNS: Final = (0, 1, 4, 7)
"""Scanned parameters: heading or x, offset or y, depth (of a shaft, of its mouth), radius."""


def sizes(edges: Edges) -> Array:
    """Volumes of all bins in the unit cube, (k0, k1, k2, k3)."""
    return np.einsum("i,j,k,l->ijkl", *(np.diff(e) for e in edges))


def n_cells(edges: Edges) -> int:
    """Number of bins."""
    return math.prod(len(e) - 1 for e in edges)


def place_points(edges: Edges, most: int, rng: np.random.Generator) -> tuple[Array, Array]:
    """Stratified points (n, 3) and the flat index of the place bin of each."""
    shape = tuple(len(e) - 1 for e in edges[:3])
    size = int(np.prod(shape))
    per_bin = int(np.clip(most // size, 1, 4))
    owner = np.repeat(np.arange(size), per_bin)
    index = np.unravel_index(owner, shape)
    out = np.empty((len(owner), 3))
    for c, (e, i) in enumerate(zip(edges[:3], index, strict=True)):
        out[:, c] = e[i] + rng.random(len(owner)) * np.diff(e)[i]
    return out, owner


@kernel
def _squeeze(e0: Array, e1: Array, e2: Array, e3: Array, cell: Array, place: Array) -> None:
    for i in range(cell.size):
        rest, d = divmod(cell[i], e3.size - 1)
        rest, c = divmod(rest, e2.size - 1)
        a, b = divmod(rest, e1.size - 1)
        place[i, 0] = e0[a] + place[i, 0] * (e0[a + 1] - e0[a])
        place[i, 1] = e1[b] + place[i, 1] * (e1[b + 1] - e1[b])
        place[i, 2] = e2[c] + place[i, 2] * (e2[c + 1] - e2[c])
        place[i, 3] = e3[d] + place[i, 3] * (e3[d + 1] - e3[d])


def within_bins(edges: Edges, cell: Array, unit: Array) -> Array:
    """Squeeze uniform quantiles (n, P) into the bins of flat index ``cell``."""
    out = unit.copy()
    place = np.ascontiguousarray(unit[:, COLUMNS])
    _squeeze(*edges, cell, place)
    out[:, COLUMNS] = place
    return out


@kernel
def _bin(edges: Array, value: float) -> int:
    """The bin that holds a value; the first or the last where it lies outside."""
    low, high = 0, edges.size - 1
    while high - low > 1:
        middle = (low + high) // 2
        if value >= edges[middle]:
            low = middle
        else:
            high = middle
    return low


@kernel
def _locate(
    e0: Array, e1: Array, e2: Array, e3: Array, place: Array, cell: Array, volume: Array
) -> None:
    for i in range(place.shape[0]):
        a, b = _bin(e0, place[i, 0]), _bin(e1, place[i, 1])
        c, d = _bin(e2, place[i, 2]), _bin(e3, place[i, 3])
        cell[i] = ((a * (e1.size - 1) + b) * (e2.size - 1) + c) * (e3.size - 1) + d
        volume[i] = (e0[a + 1] - e0[a]) * (e1[b + 1] - e1[b])
        volume[i] *= (e2[c + 1] - e2[c]) * (e3[d + 1] - e3[d])


def cells_of(edges: Edges, unit: Array) -> tuple[Array, Array]:
    """Flat index of the bin of each object, from its quantiles (n, P), and the bin's volume."""
    cell, volume = np.empty(len(unit), np.int64), np.empty(len(unit))
    _locate(*edges, np.ascontiguousarray(unit[:, COLUMNS]), cell, volume)
    return cell, volume
