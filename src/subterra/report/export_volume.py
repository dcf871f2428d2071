"""The probability of containment as a volume."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from subterra.errors import InputError
from subterra.inference.belief import Belief
from subterra.scene import Objects, target_mask
from subterra.search.poc import MAX_CELLS

__all__ = ["axis_volume"]

Array = npt.NDArray[Any]


def axis_volume(
    belief: Belief, cell_m: float, step_m: float
) -> tuple[Array, tuple[float, float, float]]:
    """P(the axis of a target passes through a cell) over bounds and depth of a site.

    Values of neighbouring cells are those of the same targets and do not add up.

    Parameters
    ----------
    belief : Belief
        Weighted scenes.
    cell_m, step_m : float
        Side of the cells in plan and their height, m.

    Returns
    -------
    values : (nz, ny, nx) numpy.ndarray
        From the lowest, southernmost, westernmost cell on.
    origin : (x, y, z)
        Corner of that cell, m.

    Raises
    ------
    InputError
        If there would be more than four million cells.
    """
    x0, y0, x1, y1 = belief.prior.bounds
    corners = belief.prior.surface.at(np.array([x0, x0, x1, x1]), np.array([y0, y1, y0, y1]))
    low, high = float(corners.min()) - belief.prior.depth_m, float(corners.max())
    shape = (
        max(1, math.ceil((high - low) / step_m)),
        max(1, math.ceil((y1 - y0) / cell_m)),
        max(1, math.ceil((x1 - x0) / cell_m)),
    )
    if math.prod(shape) > MAX_CELLS:
        problem = f"a volume of {' x '.join(map(str, shape))} cells is more than {MAX_CELLS:,}"
        raise InputError(problem)
    total = np.zeros(math.prod(shape))
    objects = belief.scenes.objects
    target = target_mask(belief.prior)[objects.family]
    size = np.array([step_m, cell_m, cell_m])
    origin = np.array([low, y0, x0])
    for i in range(len(belief.weight)):
        paths = [
            _dense(chain, size)
            for k in np.flatnonzero(target[i])
            for chain in _chains(objects, i, int(k))
        ]
        if paths:
            cell = np.floor((np.concatenate(paths) - origin) / size).astype(np.int64)
            inside = ((cell >= 0) & (cell < shape)).all(axis=1)
            flat = np.ravel_multi_index(tuple(cell[inside].T), shape)
            # A scene counts once in a cell, however many of its targets are there.
            total[np.unique(flat)] += belief.weight[i]
    volume = np.minimum(total, 1.0).reshape(shape)
    return volume, (x0, y0, low)


def _chains(objects: Objects, scene: int, slot: int) -> Iterator[Array]:
    """Vertices (V, 3) as z, y, x of an object's axis, and of its second chain if it has one."""
    at = scene, slot
    yield np.column_stack([objects.z[at], objects.y[at], objects.x[at]])
    if objects.branch[at] > 0:
        yield np.column_stack([objects.branch_z[at], objects.branch_y[at], objects.branch_x[at]])


def _dense(vertices: Array, size: Array) -> Array:
    """Points along an axis, a fifth of a cell apart."""
    step = np.abs(np.diff(vertices, axis=0)) / size
    count = max(2, int(5.0 * step.sum()) + 2)
    along = np.concatenate([[0.0], np.cumsum(step.sum(axis=1))])
    if along[-1] == 0.0:
        return vertices[:1]
    at = np.linspace(0.0, along[-1], count)
    return np.column_stack([np.interp(at, along, column) for column in vertices.T])
