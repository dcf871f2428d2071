"""Probability of containment: at a point, under a place, and as a map.

All of it is geometry: what a drill would miss plays no part. Beside every map stands the row,
the rest of the world: 1 - P(any target in the bounds).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt

from subterra.errors import InputError
from subterra.inference.belief import Belief, p_any
from subterra.kernel import kernel
from subterra.scene.geometry import point_segment, trace_capsule
from subterra.search.axes import Axes, gather_axes
from subterra.search.footprint import paint_targets

if TYPE_CHECKING:
    import xarray

__all__ = ["PocGrid", "poc_grid", "poc_xarray", "query"]

Array = npt.NDArray[Any]

MAX_CELLS: Final = 4_000_000
"""Most cells of a map or a volume; beyond it the cell size is surely a slip."""


@dataclass(frozen=True)
class PocGrid:
    """Map of the probability of containment over the bounds.

    Parameters
    ----------
    cell_m : float
        Side of a cell, m.
    x_m : (nx,) numpy.ndarray
        Centres of the columns, m. Cells start at the lower left corner of the bounds; the last
        ones may reach beyond the upper right.
    y_m : (ny,) numpy.ndarray
        Centres of the rows, m.
    poc : (ny, nx) numpy.ndarray
        P(the plan footprint of a target meets the cell).
    depth_m : (ny, nx) numpy.ndarray
        Posterior mean depth under the surface of the shallowest such target's axis, where it
        passes closest to the cell's centre, given that there is one; NaN where ``poc`` is 0.
    p_any : float
        P(any target in the bounds).
    row : float
        Rest of the world, 1 - ``p_any``.
    """

    cell_m: float
    x_m: Array
    y_m: Array
    poc: Array
    depth_m: Array
    p_any: float
    row: float


@kernel
def _inside(axes: Axes, hit: Array, x: float, y: float, z: float) -> None:
    """Mark in ``hit`` (n,) the scenes in which a point lies inside a target."""
    for k in range(axes.scene.shape[0]):
        if not axes.target[k]:
            continue
        for i in range(axes.x.shape[1] - 1):
            distance, _ = point_segment(
                x, y, z,
                axes.x[k, i], axes.y[k, i], axes.z[k, i],
                axes.x[k, i + 1], axes.y[k, i + 1], axes.z[k, i + 1],
            )  # fmt: skip
            if distance <= axes.radius[k]:
                hit[axes.scene[k]] = True


@kernel
def _under(axes: Axes, hit: Array, x: float, y: float, z: float, depth: float) -> None:
    """Mark in ``hit`` (n,) the scenes in which a plumb line of length ``depth`` meets a target."""
    for k in range(axes.scene.shape[0]):
        if not axes.target[k]:
            continue
        for i in range(axes.x.shape[1] - 1):
            t_from, _ = trace_capsule(
                x, y, z, 0.0, 0.0, -1.0, depth,
                axes.x[k, i], axes.y[k, i], axes.z[k, i],
                axes.x[k, i + 1], axes.y[k, i + 1], axes.z[k, i + 1],
                axes.radius[k],
            )  # fmt: skip
            if t_from == t_from:
                hit[axes.scene[k]] = True


def query(belief: Belief, x: float, y: float, z: float | None = None) -> float:
    """Probability of a target under a place or at a point.

    Parameters
    ----------
    belief : Belief
        Weighted scenes.
    x, y : float
        Place, m, site frame, inside the bounds.
    z : float, optional
        Height of a point, m, up. Without it the question is the vertical line from the ground to
        the site's depth.

    Returns
    -------
    float
        P(the line meets a target), or P(the point lies inside one).

    Raises
    ------
    InputError
        For a place outside the bounds, a point above the ground or below the site's depth, or a
        number that is not finite: the belief says nothing there.
    """
    prior = belief.prior
    x0, y0, x1, y1 = prior.bounds
    if not (x0 <= x <= x1 and y0 <= y <= y1):
        problem = f"({x}, {y}) lies outside the bounds {prior.bounds}: nothing is known there"
        raise InputError(problem)
    ground = float(prior.surface.at(np.array(x), np.array(y)))
    if z is not None and not ground - prior.depth_m <= z <= ground:
        problem = (
            f"z is a height, up: at ({x}, {y}) the ground is at {ground:g} m and the site is "
            f"searched down to {ground - prior.depth_m:g} m, found {z}"
        )
        raise InputError(problem)
    axes = gather_axes(belief.scenes, prior)
    hit = np.zeros(len(belief.scenes), np.bool_)
    place = (float(x) - axes.origin[0], float(y) - axes.origin[1])
    if z is None:
        _under(axes, hit, *place, ground - axes.origin[2], prior.depth_m)
    else:
        _inside(axes, hit, *place, float(z) - axes.origin[2])
    return min(float(belief.weight[hit].sum()), 1.0)


def poc_grid(belief: Belief, cell_m: float) -> PocGrid:
    """Map of the probability of containment.

    The value of a cell is P(the plan footprint of a target meets the square): that of the
    vertical line through its centre, widened to the cell. A footprint is all within the radius
    of the axis in plan, as far as the roof is within the site's depth. Values of neighbouring
    cells are those of the same targets and do not add up.

    Parameters
    ----------
    belief : Belief
        Weighted scenes.
    cell_m : float
        Side of the square cells, m.

    Returns
    -------
    PocGrid

    Raises
    ------
    InputError
        If the cell size is not positive or gives more than four million cells.
    """
    x0, y0, x1, y1 = belief.prior.bounds
    if not 0.0 < cell_m < math.inf:
        problem = f"the cell size must be positive metres, found {cell_m}"
        raise InputError(problem)
    # A width that is a whole number of cells must not gain one by rounding.
    nx, ny = (max(1, math.ceil(width / cell_m - 1e-9)) for width in (x1 - x0, y1 - y0))
    if nx * ny > MAX_CELLS:
        problem = f"cells of {cell_m:g} m make a map of {nx} × {ny}, more than {MAX_CELLS} cells"
        raise InputError(problem)
    axes = gather_axes(belief.scenes, belief.prior)
    ground = belief.prior.surface.at(
        axes.x.astype(np.float64) + axes.origin[0], axes.y.astype(np.float64) + axes.origin[1]
    )
    depth = np.ascontiguousarray(ground - (axes.z + axes.origin[2]))
    totals = np.zeros((2, ny, nx))
    grid = (x0 - float(axes.origin[0]), y0 - float(axes.origin[1]), float(cell_m))
    paint_targets(axes, depth, belief.weight, belief.prior.depth_m, grid, totals)
    mean = np.full((ny, nx), np.nan)
    np.divide(totals[1], totals[0], out=mean, where=totals[0] > 0.0)
    x_m, y_m = x0 + (np.arange(nx) + 0.5) * cell_m, y0 + (np.arange(ny) + 0.5) * cell_m
    present = min(p_any(belief), 1.0)
    poc = np.minimum(totals[0], 1.0)
    return PocGrid(float(cell_m), x_m, y_m, poc, mean, present, 1.0 - present)


def poc_xarray(belief: Belief, cell_m: float) -> xarray.DataArray:
    """Map of the probability of containment as a labelled array.

    Parameters
    ----------
    belief : Belief
        Weighted scenes.
    cell_m : float
        Side of the square cells, m.

    Returns
    -------
    xarray.DataArray
        Dimensions ``y`` and ``x`` in metres, with the mean depth of a target as the coordinate
        ``depth_m``; attributes carry ``p_any``, ``row`` and the cell size.
    """
    import xarray as xr

    grid = poc_grid(belief, cell_m)
    return xr.DataArray(
        grid.poc,
        dims=("y", "x"),
        coords={
            "x": ("x", grid.x_m, {"units": "m", "long_name": "east"}),
            "y": ("y", grid.y_m, {"units": "m", "long_name": "north"}),
            "depth_m": (
                ("y", "x"),
                grid.depth_m,
                {"units": "m", "long_name": "mean depth of a target's axis, given one"},
            ),
        },
        name="poc",
        attrs={
            "long_name": "probability that a target's plan footprint meets the cell",
            "units": "1",
            "cell_m": grid.cell_m,
            "p_any": grid.p_any,
            "row": grid.row,
        },
    )
