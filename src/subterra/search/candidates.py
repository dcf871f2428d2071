"""Where holes could start: a grid of collars, and collars aimed at the posterior's targets."""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from subterra.errors import InputError
from subterra.inference.belief import Belief
from subterra.scene import Prior, target_mask
from subterra.search.clearance import clear_holes
from subterra.search.gates import gated
from subterra.search.holes import Holes, direction, take_holes
from subterra.search.terms import DrillTerms

__all__ = ["allowed", "candidate_holes", "collar_grid", "holes_from", "inside_polygon"]

Array = npt.NDArray[Any]

MAX_COLLARS: Final = 1200
"""Most collars of the grid; with 17 directions and the aimed holes some 25,000 candidates."""

AIMED_POINTS: Final = 300
"""Points of target axes, drawn by weight, at which holes of every direction are aimed."""

COLLAR_STEP_M: Final = 0.1
"""Collars are set out, and holes measured, to the decimetre."""

_AXIS_POINTS: Final = 33


def inside_polygon(x: Array, y: Array, polygon: Array) -> Array:
    """Which points lie inside a polygon, by the even-odd rule.

    Parameters
    ----------
    x, y : (n,) numpy.ndarray
        Points, m.
    polygon : (k, 2) numpy.ndarray
        Its corners in order, closed or not, m.

    Returns
    -------
    (n,) numpy.ndarray of bool
    """
    ring = np.asarray(polygon, np.float64)
    inside = np.zeros(len(x), bool)
    for (ax, ay), (bx, by) in zip(ring, np.roll(ring, -1, axis=0), strict=True):
        if ay == by:
            continue
        crosses = (ay > y) != (by > y)
        inside ^= crosses & (x < ax + (y - ay) / (by - ay) * (bx - ax))
    return inside


def allowed(prior: Prior, terms: DrillTerms, x: Array, y: Array) -> Array:
    """Which collars lie within the bounds and outside every no-go polygon, (n,) bool."""
    x0, y0, x1, y1 = prior.bounds
    keep = (x >= x0) & (x <= x1) & (y >= y0) & (y <= y1)
    for polygon in terms.no_go:
        keep &= ~inside_polygon(x, y, polygon)
    return keep


def _descent(prior: Prior, azimuth_deg: Any, inclination_deg: Any) -> Array:
    """Metres of depth under the surface gained per metre along a hole."""
    dx, dy, dz = direction(azimuth_deg, inclination_deg)
    return prior.surface.slope_x * dx + prior.surface.slope_y * dy - dz


def holes_from(
    prior: Prior, terms: DrillTerms, x: Array, y: Array, azimuth_deg: Array, inclination_deg: Array
) -> Holes:
    """Candidates from collars on the surface, as long as the rig and the site's depth allow.

    Parameters
    ----------
    prior : Prior
        Bounds, surface and depth of the site.
    terms : DrillTerms
        Longest hole, no-go areas and what to keep clear of.
    x, y, azimuth_deg, inclination_deg : (n,) numpy.ndarray
        Collars, m, and directions. Collars are rounded to the decimetre.

    Returns
    -------
    Holes
        Those whose collar is allowed and which keep clear of what the terms name, cut short where
        a gate says.
    """
    x, y = (np.round(v / COLLAR_STEP_M) * COLLAR_STEP_M for v in (x, y))
    keep = allowed(prior, terms, x, y)
    x, y, azimuth, inclination = x[keep], y[keep], azimuth_deg[keep], inclination_deg[keep]
    descent = _descent(prior, azimuth, inclination)
    # A hole that never gains depth, into a hillside, is limited by the rig alone.
    to_floor = np.full(len(x), math.inf)
    np.divide(prior.depth_m, descent, out=to_floor, where=descent > 0.0)
    longest = np.minimum(terms.max_length_m, to_floor)
    longest = np.maximum(np.floor(longest / COLLAR_STEP_M + 1e-6), 1.0) * COLLAR_STEP_M
    holes = Holes(x, y, prior.surface.at(x, y), azimuth, inclination, longest)
    for gate in terms.gates:
        holes, _ = gated(holes, gate, terms.deviation_sd_per_m)
    return take_holes(holes, clear_holes(holes, terms.keep_clear, terms.deviation_sd_per_m))


def collar_grid(prior: Prior, terms: DrillTerms) -> tuple[Array, Array, float]:
    """Grid of allowed collars.

    Parameters
    ----------
    prior : Prior
        Bounds of the site.
    terms : DrillTerms
        Spacing and no-go areas.

    Returns
    -------
    x, y : (n,) numpy.ndarray
        Collars, m.
    spacing_m : float
        The spacing used: that of the terms, or coarser so that at most ``MAX_COLLARS`` remain.

    Raises
    ------
    InputError
        If no collar is allowed anywhere.
    """
    x0, y0, x1, y1 = prior.bounds
    spacing = max(terms.collar_spacing_m, math.sqrt((x1 - x0) * (y1 - y0) / MAX_COLLARS))
    counts = [max(1, math.floor(width / spacing)) for width in (x1 - x0, y1 - y0)]
    x, y = (
        low + (np.arange(n) + 0.5) * (high - low) / n
        for low, high, n in ((x0, x1, counts[0]), (y0, y1, counts[1]))
    )
    x, y = (v.ravel() for v in np.meshgrid(x, y))
    keep = allowed(prior, terms, x, y)
    if not keep.any():
        problem = "the no-go areas leave no place for a collar inside the bounds"
        raise InputError(problem)
    return x[keep], y[keep], spacing


def _aim_points(belief: Belief, seed: int, met: Array | None) -> tuple[Array, Array, Array]:
    """Points (x, y, z) inside the bounds on target axes, scenes drawn by weight.

    Of an object of two chains one or the other is aimed at, at even odds.
    """
    objects = belief.scenes.objects
    aims = target_mask(belief.prior)[objects.family]
    if met is not None and np.any(belief.weight @ (aims & ~met) > 0.0):
        aims = aims & ~met
    scene, slot = np.nonzero(aims)
    weight = np.cumsum(belief.weight[scene])
    rng = np.random.default_rng(seed)
    at = (np.arange(AIMED_POINTS) + rng.random()) / AIMED_POINTS * weight[-1]
    drawn = np.minimum(np.searchsorted(weight, at, side="right"), len(weight) - 1)
    pick = scene[drawn], slot[drawn]
    second = objects.branch[pick] > 0
    second[second] = rng.random(int(second.sum())) < 0.5
    knots = np.linspace(0.0, objects.x.shape[2] - 1.0, _AXIS_POINTS)
    first = np.minimum(knots.astype(int), objects.x.shape[2] - 2)
    part = knots - first
    chains = (
        (objects.x, objects.branch_x),
        (objects.y, objects.branch_y),
        (objects.z, objects.branch_z),
    )
    axes = (np.where(second[:, None], other[pick], main[pick]) for main, other in chains)
    x, y, z = ((1.0 - part) * v[:, first] + part * v[:, first + 1] for v in axes)
    x0, y0, x1, y1 = belief.prior.bounds
    inside = (x >= x0) & (x <= x1) & (y >= y0) & (y <= y1)
    rank = np.floor(rng.random(AIMED_POINTS) * inside.sum(axis=1)) + 1
    chosen = np.argmax(np.cumsum(inside, axis=1) == rank[:, None], axis=1)
    row = np.flatnonzero(inside.any(axis=1))
    chosen = chosen[row]
    return x[row, chosen], y[row, chosen], z[row, chosen]


def candidate_holes(
    belief: Belief, terms: DrillTerms, *, met: Array | None = None, seed: int = 0
) -> tuple[Holes, float]:
    """All candidates of a plan.

    Parameters
    ----------
    belief : Belief
        Weighted scenes, at least one with a target.
    terms : DrillTerms
        Directions, spacing, lengths and no-go areas.
    met : (n, S) numpy.ndarray of bool, optional
        Targets met already, at which no hole is aimed while there are others.
    seed : int
        Seed of the draw of points to aim at.

    Returns
    -------
    holes : Holes
        Every direction from every collar of the grid, then holes aimed at points of target axes:
        a grid alone can straddle a narrow target that is known well.
    spacing_m : float
        Spacing of the grid, m.
    """
    prior = belief.prior
    directions = np.array(terms.directions())
    grid_x, grid_y, spacing = collar_grid(prior, terms)
    azimuth, inclination = (np.repeat(v, len(grid_x)) for v in directions.T)
    x, y = np.tile(grid_x, len(directions)), np.tile(grid_y, len(directions))

    at_x, at_y, at_z = _aim_points(belief, seed, met)
    depth = prior.surface.at(at_x, at_y) - at_z
    aim_azimuth, aim_inclination = (np.repeat(v, len(at_x)) for v in directions.T)
    dx, dy, _ = direction(aim_azimuth, aim_inclination)
    descent = _descent(prior, aim_azimuth, aim_inclination)
    back = np.full(len(descent), math.inf)
    np.divide(np.tile(depth, len(directions)), descent, out=back, where=descent > 0.0)
    reachable = (back > 0.0) & (back <= terms.max_length_m)
    back = back[reachable]
    aim_x = np.tile(at_x, len(directions))[reachable] - back * dx[reachable]
    aim_y = np.tile(at_y, len(directions))[reachable] - back * dy[reachable]

    holes = holes_from(
        prior,
        terms,
        np.concatenate([x, aim_x]),
        np.concatenate([y, aim_y]),
        np.concatenate([azimuth, aim_azimuth[reachable]]),
        np.concatenate([inclination, aim_inclination[reachable]]),
    )
    return holes, spacing
