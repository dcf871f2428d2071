"""Candidates of a plan with their values: chosen, told apart, valued again and refined."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from subterra.inference.belief import Belief
from subterra.search.axes import Axes
from subterra.search.candidates import COLLAR_STEP_M, holes_from
from subterra.search.holes import Hole, Holes, concatenate_holes, take_holes, trace_separation
from subterra.search.objective import Objective
from subterra.search.score import Pending, Scores, score_holes
from subterra.search.terms import DrillTerms

__all__ = [
    "NEAR",
    "TIE",
    "PlanTask",
    "ValuedHoles",
    "choose",
    "distinct",
    "refine",
    "revalue_best",
    "value_holes",
]

Array = npt.NDArray[Any]

TIE: Final = 0.005
"""Utilities that differ by less than this share are a tie: the cheapest hole wins, then the one
that tells most to the hundredth of a bit, then the one that goes most through the middle."""
NEAR: Final = 0.03
"""Share of the utility that two populations of a thousand scenes cannot tell from chance: of many
holes over one drive the best is the one that chance has flattered."""

REPEAT_SHARE: Final = 0.9
"""A hole already drilled to this share of a candidate's length has tested its ground."""

_STARTS: Final = 4
_LEAST_UTILITY: Final = 1e-9
_BLOCK: Final = 2048


@dataclass(frozen=True)
class ValuedHoles:
    """Holes with their lengths chosen, and their values for the row at hand."""

    holes: Holes
    scores: Scores

    def take(self, index: Array) -> ValuedHoles:
        """Return some of them."""
        return ValuedHoles(take_holes(self.holes, index), self.scores.take(index))

    def hole(self, index: int, name: str = "") -> Hole:
        """Return one of them by itself."""
        return Hole(name, *(float(v[index]) for v in vars(self.holes).values()))


@dataclass(frozen=True)
class PlanTask:
    """What stays the same over the rows of one plan."""

    belief: Belief
    axes: Axes
    terms: DrillTerms
    objective: Objective
    met: Array
    spacing_m: float
    threads: int | None
    robust: bool
    look_ahead: bool


def value_holes(
    task: PlanTask, holes: Holes, pending: Pending, taken: Sequence[Hole], *, choose_length: bool
) -> ValuedHoles:
    """Value holes; drop those that cannot hit or repeat a hole that is taken."""
    scores = score_holes(
        task.axes,
        holes,
        pending,
        task.terms,
        objective=task.objective,
        fixed_length=not choose_length,
        threads=task.threads,
    )
    columns = {**vars(holes), "length_m": scores.length_m}
    valued = ValuedHoles(Holes(**columns), scores)
    useful = scores.p_gain > 0.0
    if task.objective.clear > 0.0 or task.met.any():
        # With nothing new to find a hole may still tell about what was met.
        useful = scores.utility > _LEAST_UTILITY
    return valued.take(np.flatnonzero(useful & ~_repeats(task, valued, taken)))


def _repeats(task: PlanTask, valued: ValuedHoles, taken: Sequence[Hole]) -> Array:
    """Which holes would test ground that a taken hole tests to about the same depth."""
    repeats = np.zeros(len(valued.holes), bool)
    for hole in taken:
        deep = hole.length_m >= REPEAT_SHARE * valued.holes.length_m
        repeats |= deep & (trace_separation(valued.holes, hole) < task.terms.separation_m)
    return repeats


def choose(scores: Scores, find: float = 1.0) -> int:
    """Index of the best utility, near ones told apart by what all islands support.

    Of holes within ``NEAR`` of the best, those stay that are within ``TIE`` of the best when the
    chance counts only as far as every island supports it; of these the cheapest, then the one that
    tells most, then the one that crosses the target longest.
    """
    near = np.flatnonzero(scores.utility >= (1.0 - NEAR) * scores.utility.max())
    less = find * (scores.p_gain[near] - scores.p_sure[near]) / scores.cost[near]
    sure = scores.utility[near] - less
    tied = near[sure >= sure.max() - TIE * abs(sure.max())]
    bits = np.round(scores.bits[tied], 2)
    keys = (-scores.chord_m[tied], -bits, np.round(scores.cost[tied], 6))
    return int(tied[np.lexsort(keys)[0]])


def distinct(task: PlanTask, valued: ValuedHoles, best: int) -> Array:
    """Which holes are another proposal than ``best``, not the same one shifted a little."""
    apart = max(task.spacing_m, 2.0 * task.terms.separation_m)
    return trace_separation(valued.holes, valued.hole(best)) > apart


def revalue_best(
    task: PlanTask, valued: ValuedHoles, pending: Pending, taken: Sequence[Hole]
) -> tuple[ValuedHoles, ValuedHoles]:
    """Value again, best first, until no other candidate can be the best or the runner-up.

    Returns
    -------
    fresh : ValuedHoles
        Candidates valued for this row.
    valued : ValuedHoles
        All candidates still of use, with the tightest bounds known.
    """
    order = np.argsort(-valued.scores.utility, kind="stable")
    valued = valued.take(order)
    if not taken or len(pending.branches) == 1:
        return valued, valued
    parts: list[ValuedHoles] = []
    for start in range(0, len(order), _BLOCK):
        block = take_holes(valued.holes, slice(start, start + _BLOCK))
        parts.append(value_holes(task, block, pending, taken, choose_length=False))
        fresh = _join(parts)
        if len(fresh.holes) == 0:
            continue
        others = distinct(task, fresh, choose(fresh.scores, task.objective.find))
        floor = np.max(fresh.scores.utility[others], initial=0.0)
        rest = valued.scores.utility[start + _BLOCK : start + _BLOCK + 1]
        if task.objective.clear == 0.0 and np.all(rest < (1.0 - NEAR) * floor):
            break
    done = sum(_BLOCK for _ in parts)
    fresh = _join(parts)
    remaining = valued.take(np.arange(min(done, len(order)), len(order)))
    return fresh, _join([fresh, remaining])


def _join(parts: Sequence[ValuedHoles]) -> ValuedHoles:
    """Join valued holes one after the other."""
    names = vars(parts[0].scores)
    scores = Scores(*(np.concatenate([getattr(p.scores, f) for p in parts]) for f in names))
    return ValuedHoles(concatenate_holes([p.holes for p in parts]), scores)


def refine(
    task: PlanTask, fresh: ValuedHoles, pending: Pending, taken: Sequence[Hole]
) -> ValuedHoles:
    """Move the collars of the best few distinct holes downhill in ever smaller steps."""
    left, starts = fresh, []
    while len(left.holes) and len(starts) < _STARTS:
        best = choose(left.scores, task.objective.find)
        starts.append(left.take(np.array([best])))
        left = left.take(np.flatnonzero(distinct(task, left, best)))
    moved: list[ValuedHoles] = []
    for start in starts:
        at, step = start, 0.5 * task.spacing_m
        while step >= COLLAR_STEP_M:
            trial = value_holes(
                task, _neighbours(task, at, step), pending, taken, choose_length=True
            )
            at = _join([at, trial])
            at = at.take(np.array([np.argmax(at.scores.utility)]))
            step *= 0.5
        moved.append(at)
    return _join([*moved, fresh])


def _neighbours(task: PlanTask, at: ValuedHoles, step: float) -> Holes:
    """Eight collars around one hole, same direction."""
    dx, dy = (v.ravel() for v in np.meshgrid([-step, 0.0, step], [-step, 0.0, step]))
    around = (dx != 0.0) | (dy != 0.0)
    count = int(around.sum())
    return holes_from(
        task.belief.prior,
        task.terms,
        at.holes.x[0] + dx[around],
        at.holes.y[0] + dy[around],
        np.repeat(at.holes.azimuth_deg, count),
        np.repeat(at.holes.inclination_deg, count),
    )
