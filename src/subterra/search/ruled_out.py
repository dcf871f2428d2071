"""What the evidence has ruled out: the smallest target still possible, by place and depth.

A target is called possible at a place while the evidence has left at least a tenth of the
probability that it had before: P(axis passes there, at least d wide | evidence) against the same of
the prior. Small targets stay possible longest, so each place has a diameter from which on all wider
ones are ruled out. The ratio is of probabilities estimated from scenes; where too few scenes would
pass even if nothing were ruled out, nothing is said.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from subterra.errors import InputError
from subterra.inference.belief import Belief
from subterra.kernel import kernel, part
from subterra.scene import Prior, Scenes
from subterra.scene.sample import sample_prior
from subterra.search.axes import Axes, gather_axes

__all__ = ["RuledOut", "ruled_out"]

Array = npt.NDArray[Any]
_Grid = tuple[float, float, float, float, int, int]

POSSIBLE: Final = 0.1
"""A target is possible while this share of its prior probability is left."""
_PRIOR_SCENES: Final = 40_000
_MIN_EXPECTED: Final = 20.0
"""Effective scenes that would pass a place if nothing were ruled out there."""
_CELLS: Final = (12, 8, 6, 4)
"""Cells along the longer side: the most with which half of the places can be judged."""
_BANDS: Final = 3
_SIZES: Final = 5


@dataclass(frozen=True, eq=False)
class RuledOut:
    """Map of what is ruled out.

    Parameters
    ----------
    x_m : (nx,), y_m : (ny,) numpy.ndarray
        Centres of the cells, m.
    cell_m : (2,) tuple of float
        Their sides, m.
    edge_m : (nz + 1,) numpy.ndarray
        Edges of the bands of depth of the axis under the ground, m.
    diameter_m : (d,) numpy.ndarray
        Diameters that were asked for, rising; the first is the smallest of the prior.
    left : (nz, ny, nx, d) numpy.ndarray
        Share of the prior probability left of targets at least so wide; NaN where not supported.
    smallest_m : (nz, ny, nx) numpy.ndarray
        Diameter from which on targets are ruled out: smaller ones are still possible. The first
        of ``diameter_m`` where all are ruled out, ``inf`` where none is, NaN where not supported.
    """

    x_m: Array
    y_m: Array
    cell_m: tuple[float, float]
    edge_m: Array
    diameter_m: Array
    left: Array
    smallest_m: Array


@part
def _last_below(edges: Array, value: float) -> int:
    """Index of the last of rising edges that does not exceed a value; -1 if all do."""
    low, high = 0, edges.size
    while low < high:
        middle = (low + high) // 2
        if edges[middle] <= value:
            low = middle + 1
        else:
            high = middle
    return low - 1


@kernel
def _paint(
    axes: Axes,
    depth: Array,
    weight: Array,
    grid: tuple[float, float, float, float],
    edge: Array,
    radii: Array,
    out: Array,
) -> None:
    """Add each scene's weight to the size of its widest target in every cell that it passes.

    ``out`` is (nz, ny, nx, d); axes come in the order of the scenes.
    """
    x0, y0, dx, dy = grid
    nz, ny, nx = out.shape[:3]
    widest = np.empty((nz, ny, nx), np.int8)
    widest[:] = -1
    touched = np.empty((nz * ny * nx, 3), np.int64)
    count, scene = 0, -1
    step = 0.25 * min(dx, dy)
    for k in range(axes.scene.shape[0] + 1):
        if k == axes.scene.shape[0] or axes.scene[k] != scene:
            for i in range(count):
                a, b, c = touched[i, 0], touched[i, 1], touched[i, 2]
                out[a, b, c, widest[a, b, c]] += weight[scene]
                widest[a, b, c] = -1
            count = 0
            if k == axes.scene.shape[0]:
                break
            scene = axes.scene[k]
        if not axes.target[k]:
            continue
        size = _last_below(radii, axes.radius[k] * (1.0 + 1e-6))
        for i in range(axes.x.shape[1] - 1):
            ax, ay, az = axes.x[k, i], axes.y[k, i], depth[k, i]
            bx, by, bz = axes.x[k, i + 1], axes.y[k, i + 1], depth[k, i + 1]
            length = math.sqrt((bx - ax) ** 2 + (by - ay) ** 2)
            parts = int(length / step) + 1
            for j in range(parts + 1):
                s = j / parts
                column = math.floor((ax + s * (bx - ax) - x0) / dx)
                row = math.floor((ay + s * (by - ay) - y0) / dy)
                band = _last_below(edge, az + s * (bz - az))
                if 0 <= column < nx and 0 <= row < ny and 0 <= band < nz:
                    if widest[band, row, column] < 0:
                        touched[count, 0], touched[count, 1] = band, row
                        touched[count, 2] = column
                        count += 1
                    widest[band, row, column] = max(widest[band, row, column], size)


def _at_least(
    scenes: Scenes, prior: Prior, weight: Array, grid: _Grid, edge: Array, radii: Array
) -> Array:
    """P(axis of a target at least so wide passes), (nz, ny, nx, d)."""
    x0, y0, dx, dy, nx, ny = grid
    axes = gather_axes(scenes, prior)
    ground = prior.surface.at(
        axes.x.astype(np.float64) + axes.origin[0], axes.y.astype(np.float64) + axes.origin[1]
    )
    depth = np.ascontiguousarray(ground - (axes.z + axes.origin[2]))
    out = np.zeros((len(edge) - 1, ny, nx, len(radii)))
    relative = (x0 - float(axes.origin[0]), y0 - float(axes.origin[1]), dx, dy)
    _paint(axes, depth, np.asarray(weight, np.float64), relative, edge, radii, out)
    return np.cumsum(out[..., ::-1], axis=-1)[..., ::-1]


def ruled_out(belief: Belief, *, seed: int = 1) -> RuledOut:
    """Map what the evidence behind a belief has ruled out.

    Parameters
    ----------
    belief : Belief
        Weighted scenes.
    seed : int
        Of the draws from the prior.

    Returns
    -------
    RuledOut

    Raises
    ------
    InputError
        If the prior has no range of sizes or depths.
    """
    prior = belief.prior
    ranges = [prior.families[name] for name in prior.targets]
    low, high = min(f.radius_m[0] for f in ranges), max(f.radius_m[1] for f in ranges)
    top = min(f.depth_m[0] for f in ranges)
    bottom = min(max(f.depth_m[1] for f in ranges), prior.depth_m)
    if not top < bottom:
        problem = f"targets lie from {top:g} m down, below the depth of the site, {bottom:g} m"
        raise InputError(problem)
    radii = np.geomspace(low, high, _SIZES + 1)[:-1]
    edge = np.linspace(top, bottom, _BANDS + 1)
    edge[-1] *= 1.0 + 1e-6
    drawn = sample_prior(prior, _PRIOR_SCENES, np.random.default_rng(seed))
    even = np.full(_PRIOR_SCENES, 1.0 / _PRIOR_SCENES)
    grid = _grid(prior.bounds, _CELLS[0])
    before = expected = np.empty(0)
    for cells in _CELLS:
        grid = _grid(prior.bounds, cells)
        before = _at_least(drawn, prior, even, grid, edge, radii)
        expected = before * min(belief.info.ess, float(_PRIOR_SCENES))
        if np.median(expected[..., _SIZES // 2]) >= _MIN_EXPECTED:
            break
    x0, y0, dx, dy, nx, ny = grid
    after = _at_least(belief.scenes, prior, belief.weight, grid, edge, radii)
    left = np.full(before.shape, np.nan)
    np.divide(after, before, out=left, where=expected >= _MIN_EXPECTED)
    return RuledOut(
        x0 + dx * (np.arange(nx) + 0.5),
        y0 + dy * (np.arange(ny) + 0.5),
        (dx, dy),
        edge,
        2.0 * radii,
        left,
        _smallest(2.0 * radii, left),
    )


def _grid(bounds: tuple[float, float, float, float], cells: int) -> _Grid:
    """Corner, sides and numbers of about square cells over bounds."""
    x0, y0, x1, y1 = bounds
    cell = max(x1 - x0, y1 - y0) / cells
    nx, ny = (max(round(width / cell), 1) for width in (x1 - x0, y1 - y0))
    return x0, y0, (x1 - x0) / nx, (y1 - y0) / ny, nx, ny


def _smallest(diameter: Array, left: Array) -> Array:
    """Diameter from which on every supported share is below ``POSSIBLE``."""
    supported = np.isfinite(left)
    possible = supported & (np.nan_to_num(left) >= POSSIBLE)
    # The widest size that is still possible; all wider ones that can be judged are ruled out.
    widest = np.where(possible.any(-1), possible.shape[-1] - 1 - possible[..., ::-1].argmax(-1), -1)
    last = supported.shape[-1] - 1 - supported[..., ::-1].argmax(-1)
    ladder = np.append(diameter, np.inf)
    found = ladder[np.where(widest >= last, len(diameter), widest + 1)]
    return np.where(supported.any(-1), found, np.nan)
