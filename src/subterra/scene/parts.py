"""Objects of two chains as objects of one: a branch, or the second half of a conduit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from subterra.scene.families import family_code
from subterra.scene.rows import taken_rows
from subterra.scene.scenes import CONTINUED, FORKED, Objects

__all__ = ["add_parts", "parts", "round_ends", "segments"]

Array = npt.NDArray[Any]

_SHAFT: Final = family_code("shaft")


def _one_chain(objects: Objects, rows: Array, x: Array, y: Array, z: Array) -> Objects:
    """Rows of objects with another axis and no second chain."""
    kept = taken_rows(objects, rows)
    return replace(kept, x=x, y=y, z=z, branch=np.zeros(len(rows), np.int8))


def parts(objects: Objects) -> list[tuple[Array, Objects]]:
    """Split objects into groups whose axes are one chain each.

    Parameters
    ----------
    objects : Objects
        Leading shape (n,).

    Returns
    -------
    list of (rows, Objects)
        Objects of one chain and the rows they belong to, each row once in a group: the first
        chains (V vertices), whole conduits (2 V − 1 vertices) and branches (V vertices). Groups
        that would be empty are left out.
    """
    first = (objects.x, objects.y, objects.z)
    second = (objects.branch_x, objects.branch_y, objects.branch_z)
    groups: list[tuple[Array, Objects]] = []
    rows = np.flatnonzero(objects.branch != CONTINUED)
    if len(rows) == len(objects):
        groups.append((rows, replace(objects, branch=np.zeros_like(objects.branch))))
    elif len(rows):
        groups.append((rows, _one_chain(objects, rows, *(v[rows] for v in first))))
    rows = np.flatnonzero(objects.branch == CONTINUED)
    if len(rows):
        whole = (
            np.concatenate([a[rows], b[rows, 1:]], axis=1)
            for a, b in zip(first, second, strict=True)
        )
        groups.append((rows, _one_chain(objects, rows, *whole)))
    rows = np.flatnonzero(objects.branch == FORKED)
    if len(rows):
        groups.append((rows, _one_chain(objects, rows, *(v[rows] for v in second))))
    return groups


def add_parts(objects: Objects, response: Callable[[Objects], Array]) -> Array:
    """Response of objects as the sum of that of their parts.

    Parameters
    ----------
    objects : Objects
        Leading shape (n,).
    response : callable
        From objects of one chain, leading shape (m,), to an array (m, n_data).

    Returns
    -------
    (n, n_data) numpy.ndarray
    """
    groups = parts(objects)
    rows, some = groups[0]
    one = response(some)
    if len(rows) == len(objects):
        total = one
    else:
        total = np.zeros((len(objects), *one.shape[1:]), one.dtype)
        total[rows] = one
    for rows, some in groups[1:]:
        total[rows] += response(some)
    return total


def segments(objects: Objects) -> tuple[Array, Array]:
    """Starts and ends of all segments of both chains.

    Parameters
    ----------
    objects : Objects
        Any leading shape.

    Returns
    -------
    start, end : (3, ..., M) numpy.ndarray
        Metres. Without any second chain M is V − 1, else twice that, and what an object does not
        have lies at its last vertex with no length.
    """
    first = np.stack([objects.x, objects.y, objects.z])
    if not objects.branch.any():
        return first[..., :-1], first[..., 1:]
    second = np.stack([objects.branch_x, objects.branch_y, objects.branch_z])
    second = np.where((objects.branch > 0)[..., None], second, first[..., -1:])
    return (
        np.concatenate([first[..., :-1], second[..., :-1]], axis=-1),
        np.concatenate([first[..., 1:], second[..., 1:]], axis=-1),
    )


def round_ends(objects: Objects) -> Objects:
    """Objects whose shafts, as capsules, end where they do as cylinders.

    The ends of a capsule reach a radius beyond its axis; a drill that comes down on the mouth of a
    shaft meets it at the mouth. The axis is drawn in by a radius at both ends, at most to its
    middle. Other families end far from where anybody looks.

    Parameters
    ----------
    objects : Objects
        Any leading shape.

    Returns
    -------
    Objects
        The same object where there is no shaft.
    """
    shaft = objects.family == _SHAFT
    if not shaft.any():
        return objects
    axis = np.stack([objects.x, objects.y, objects.z])[:, shaft]
    middle = 0.5 * (axis[..., :1] + axis[..., -1:])
    length = np.linalg.norm(axis[..., -1] - axis[..., 0], axis=0)
    share = np.maximum(1.0 - 2.0 * objects.radius[shaft] / np.maximum(length, 1e-9), 0.0)
    drawn = middle + (axis - middle) * share[:, None]
    x, y, z = objects.x.copy(), objects.y.copy(), objects.z.copy()
    x[shaft], y[shaft], z[shaft] = drawn
    return replace(objects, x=x, y=y, z=z)
