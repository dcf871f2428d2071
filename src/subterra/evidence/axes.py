"""Axes of objects of one or two chains, as what people say of a place sees them.

A chain that goes on is one axis of twice the vertices. A branch counts for places along the object
alone: ends, course and depth are those of the *trunk*, the chain it leaves. What is steep or has no
length, a shaft or a chamber, is known by its mouth, the first vertex, and has no course.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from subterra.scene import FORKED, Objects

__all__ = ["Axes", "axes_of", "mouths"]

Array = npt.NDArray[Any]


@dataclass(frozen=True)
class Axes:
    """Vertices of axes in one row each.

    Parameters
    ----------
    x, y, z : (..., M) numpy.ndarray
        Vertices, m: V, or 2 V where any object has a second chain; rows of one chain then repeat
        their last vertex.
    trunk : (...,) numpy.ndarray of int
        Vertices of the trunk: M, or V of an object with a branch. No segment leads from vertex
        trunk − 1 to vertex trunk.
    """

    x: Array
    y: Array
    z: Array
    trunk: Array


def axes_of(objects: Objects) -> Axes:
    """Return the axes of objects of any leading shape."""
    n_vertex = objects.x.shape[-1]
    shape = objects.family.shape
    if not objects.branch.any():
        return Axes(objects.x, objects.y, objects.z, np.full(shape, n_vertex, np.int64))
    two = (objects.branch > 0)[..., None]
    x, y, z = (
        np.concatenate([first, np.where(two, second, first[..., -1:])], axis=-1)
        for first, second in (
            (objects.x, objects.branch_x),
            (objects.y, objects.branch_y),
            (objects.z, objects.branch_z),
        )
    )
    trunk = np.where(objects.branch == FORKED, n_vertex, 2 * n_vertex)
    return Axes(x, y, z, trunk.astype(np.int64))


def mouths(axes: Axes) -> Axes:
    """Draw axes that are steep or have no length in to their first vertex.

    Steep is a trunk that does not lead further in plan, from end to end, than it leads up or down.
    """
    last = (axes.trunk - 1)[..., None]
    dx, dy, dz = (
        (np.take_along_axis(v, last, -1) - v[..., :1])[..., 0] for v in (axes.x, axes.y, axes.z)
    )
    steep = dx * dx + dy * dy <= dz * dz
    if not steep.any():
        return axes
    x, y, z = (np.where(steep[..., None], v[..., :1], v) for v in (axes.x, axes.y, axes.z))
    return Axes(x, y, z, axes.trunk)
