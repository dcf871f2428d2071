"""What a hole would meet in every scene: probability of a logged hit, and its depths."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from subterra.evidence.borehole_kernel import HoleArrays
from subterra.kernel import kernel
from subterra.scene import Prior, Scenes
from subterra.search.axes import Axes, View, gather_axes, view_axes
from subterra.search.holes import Hole, Holes, as_arrays, take_holes
from subterra.search.meet import collect_hits, hits_by_scene
from subterra.search.surveyed import SURVEY_SD_PER_M, balls, collect_surveyed, trace_arrays
from subterra.search.terms import DrillTerms

__all__ = [
    "HoleHits",
    "by_direction",
    "collars_in_view",
    "hit_probability",
    "run_chunks",
    "weighted_quantile",
]

Array = npt.NDArray[Any]
T = TypeVar("T")
R = TypeVar("R")


@dataclass(frozen=True)
class HoleHits:
    """Outcome of ``h`` holes in each of ``n`` scenes.

    Parameters
    ----------
    p_hit : (h, n) numpy.ndarray of float32
        P(the hole meets a target and logs it).
    p_void : (h, n) numpy.ndarray of float32
        P(a void is logged): targets, other objects and false voids together.
    from_m, to_m : (h, n) numpy.ndarray of float32
        Depths along the hole at which it is expected to enter and leave the target that it meets
        most probably, m; NaN where it meets none.
    """

    p_hit: Array
    p_void: Array
    from_m: Array
    to_m: Array


@kernel
def _fill_hits(
    axes: Axes,
    view: View,
    collars: Array,
    deviation: float,
    false_void_per_m: float,
    out: tuple[Array, Array, Array, Array],
) -> None:
    """Fill (h, n) arrays p_hit, p_void, from, to for ``collars`` (h, 4) of one direction."""
    k = axes.scene.shape[0]
    index, found = np.empty(k, np.int32), np.empty((k, 4), np.float32)
    rows = np.empty((k, 3), np.float64)
    for h in range(collars.shape[0]):
        length = collars[h, 3]
        hole = (collars[h, 0], collars[h, 1], collars[h, 2], length)
        count = collect_hits(view, axes.radius, hole, deviation, index, found)
        _fill_hole(axes, (index, found, rows), count, length, false_void_per_m, h, out)


@kernel
def _fill_hole(
    axes: Axes,
    work: tuple[Array, Array, Array],
    count: int,
    length: float,
    false_void_per_m: float,
    h: int,
    out: tuple[Array, Array, Array, Array],
) -> None:
    """Fill row ``h`` of the outcomes from the objects that a hole may meet."""
    p_hit, p_void, from_m, to_m = out
    index, found, rows = work
    silent = math.exp(-false_void_per_m * length)
    p_void[h, :] = 1.0 - silent
    for r in range(hits_by_scene(axes, index, found, count, length, rows)):
        scene = int(rows[r, 0])
        p_hit[h, scene] = rows[r, 1]
        p_void[h, scene] = 1.0 - (1.0 - rows[r, 1]) * (1.0 - rows[r, 2]) * silent
    best, scene = 0.0, -1
    for i in range(count):
        if not axes.target[index[i]]:
            continue
        if axes.scene[index[i]] != scene:
            scene, best = axes.scene[index[i]], 0.0
        if found[i, 0] > best:
            best = found[i, 0]
            from_m[h, scene], to_m[h, scene] = found[i, 1], found[i, 2]


@kernel
def _fill_surveyed(
    axes: Axes,
    ball: Array,
    holes: HoleArrays,
    rows_of: Array,
    rates: tuple[float, float, float],
    out: tuple[Array, Array, Array, Array],
) -> None:
    """Fill the rows ``rows_of`` of the outcomes for holes along their surveyed traces."""
    deviation, survey_sd, false_void_per_m = rates
    k = axes.scene.shape[0]
    index, found = np.empty(k, np.int32), np.empty((k, 4), np.float32)
    rows = np.empty((k, 3), np.float64)
    for h in range(rows_of.shape[0]):
        count = collect_surveyed(axes, ball, holes, h, (deviation, survey_sd), index, found)
        length = holes.length[h]
        _fill_hole(axes, (index, found, rows), count, length, false_void_per_m, rows_of[h], out)


def collars_in_view(view: View, axes: Axes, holes: Holes) -> Array:
    """Collars (p, q, t) in a view and lengths of holes of its direction, shape (h, 4), m."""
    at = np.stack([holes.x, holes.y, holes.z], axis=1) - axes.origin
    return np.ascontiguousarray(np.column_stack([at @ view.basis.T, holes.length_m]))


def by_direction(holes: Holes) -> list[tuple[float, float, Array]]:
    """Group holes by direction: azimuth, inclination and the indices of its holes, sorted."""
    vertical = np.abs(holes.inclination_deg) == 90.0
    keys = np.column_stack([np.where(vertical, 0.0, holes.azimuth_deg), holes.inclination_deg])
    unique, group = np.unique(keys, axis=0, return_inverse=True)
    group = group.reshape(-1)
    return [
        (float(azimuth), float(inclination), np.flatnonzero(group == g))
        for g, (azimuth, inclination) in enumerate(unique)
    ]


def run_chunks(work: Callable[[T], R], chunks: Sequence[T], threads: int | None) -> list[R]:
    """Map over fixed chunks on threads; the result does not depend on their number."""
    workers = max(1, min(len(chunks), threads or os.cpu_count() or 1))
    if workers == 1:
        return [work(chunk) for chunk in chunks]
    with ThreadPoolExecutor(workers) as pool:
        return list(pool.map(work, chunks))


def hit_probability(
    scenes: Scenes,
    prior: Prior,
    holes: Sequence[Hole],
    *,
    terms: DrillTerms | None = None,
    met: Array | None = None,
    threads: int | None = None,
) -> HoleHits:
    """Probability that each hole meets a target and logs it, scene by scene.

    In a scene with several targets a hole hits unless it misses all, 1 - ∏(1 - p), but never
    with more than the largest ``p_detect`` among them.

    Parameters
    ----------
    scenes : Scenes
        ``n`` scenes.
    prior : Prior
        Says which families are targets.
    holes : sequence of Hole
        ``h`` holes. Those that were surveyed are followed along their trace, as the evidence
        follows them; they deviate below the survey only. The result has ``h·n`` entries; planning
        over many candidates streams them instead.
    terms : DrillTerms, optional
        Detection, false voids and deviation.
    met : (n, S) numpy.ndarray of bool, optional
        Targets that were met already: they count as voids that may be logged, not as hits.
    threads : int, optional
        Threads to use; all by default. The result does not depend on it.

    Returns
    -------
    HoleHits
    """
    terms = terms or DrillTerms()
    axes = gather_axes(scenes, prior, terms.p_detect, terms.extraction, met)
    shape = (len(holes), len(scenes))
    p_hit, p_void = np.zeros(shape, np.float32), np.zeros(shape, np.float32)
    from_m, to_m = (np.full(shape, np.nan, np.float32) for _ in range(2))
    arrays = as_arrays(holes)
    bent = np.array([bool(hole.trace) for hole in holes], bool)

    def work(group: tuple[float, float, Array]) -> None:
        azimuth, inclination, which = group
        view = view_axes(axes, azimuth, inclination)
        part = take_holes(arrays, which)
        out = (p_hit[which], p_void[which], from_m[which], to_m[which])
        _fill_hits(
            axes,
            view,
            collars_in_view(view, axes, part),
            terms.deviation_sd_per_m,
            terms.false_void_per_m,
            out,
        )
        p_hit[which], p_void[which], from_m[which], to_m[which] = out

    plumb = np.flatnonzero(~bent)
    groups = by_direction(take_holes(arrays, plumb))
    run_chunks(work, [(az, down, plumb[part]) for az, down, part in groups], threads)
    if bent.any():
        traces = trace_arrays([hole for hole in holes if hole.trace], axes.origin)
        rates = (terms.deviation_sd_per_m, SURVEY_SD_PER_M, terms.false_void_per_m)
        out = (p_hit, p_void, from_m, to_m)
        _fill_surveyed(axes, balls(axes), traces, np.flatnonzero(bent), rates, out)
    return HoleHits(p_hit, p_void, from_m, to_m)


def weighted_quantile(values: Array, weight: Array, at: Sequence[float]) -> Array:
    """Smallest values whose cumulative weight reaches each of the shares ``at`` in [0, 1].

    Parameters
    ----------
    values, weight : (n,) numpy.ndarray
        Values and their weights, not all zero.
    at : sequence of float
        Shares of the total weight.

    Returns
    -------
    (len(at),) numpy.ndarray
    """
    order = np.argsort(values, kind="stable")
    cumulative = np.cumsum(weight[order])
    wanted = np.asarray(at) * cumulative[-1]
    return values[order][np.minimum(np.searchsorted(cumulative, wanted), len(values) - 1)]
