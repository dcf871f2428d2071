"""Ranked boreholes: which to drill next, and what each is expected to find."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from subterra.errors import InputError
from subterra.inference.belief import Belief
from subterra.inference.words import probability_words
from subterra.search.axes import Axes, gather_axes
from subterra.search.candidates import COLLAR_STEP_M, candidate_holes, holes_from
from subterra.search.hit import HoleHits, hit_probability, weighted_quantile
from subterra.search.holes import Hole, Holes, concatenate_holes, take_holes, trace_separation
from subterra.search.met import LoggedVoid, met_targets
from subterra.search.objective import Objective
from subterra.search.score import Pending, Scores, score_holes, start_pending, with_hole
from subterra.search.shortlist import alternative_weights, regrets, two_step_values
from subterra.search.terms import DrillTerms

__all__ = ["PlannedHole", "plan_holes"]

Array = npt.NDArray[Any]

TIE: Final = 0.005
"""Utilities that differ by less than this share are a tie: the cheapest hole wins, then the one
that tells most to the hundredth of a bit, then the one that goes most through the middle."""
NEAR: Final = 0.03
"""Share of the utility that two populations of a thousand scenes cannot tell from chance: of many
holes over one drive the best is the one that chance has flattered."""

REPEAT_SHARE: Final = 0.9
"""A hole already drilled to this share of a candidate's length has tested its ground."""

DEPTH_QUANTILES: Final = (0.1, 0.9)
"""Entry is expected below the first, exit above the second, given that the hole hits."""

_STARTS: Final = 4
_SHORTLIST: Final = 48
_LEAST_UTILITY: Final = 1e-9
_BLOCK: Final = 2048


@dataclass(frozen=True)
class PlannedHole:
    """One row of a drill plan; row n assumes that rows 1 … n-1 have no result yet.

    Parameters
    ----------
    hole : str
        Name, P1, P2, … in order of rank.
    x, y, z : float
        Collar, m.
    azimuth_deg, inclination_deg, length_m : float
        As in ``Hole``.
    target_from_m, target_to_m : float
        Depths along the hole between which the target is expected, given a hit: the 10 %
        quantile of entry and the 90 % quantile of exit, m.
    p_hit : float
        P(the hole meets a target and logs it).
    p_hit_given_previous_miss : float
        The same given that no earlier row logs a void.
    information_bits : float
        What the outcome void / no void tells about the scene beyond the earlier rows' outcomes.
    cost : float
        In the units of the drill terms.
    reason : str
        Why this hole, and what the runner-up was.
    """

    hole: str
    x: float
    y: float
    z: float
    azimuth_deg: float
    inclination_deg: float
    length_m: float
    target_from_m: float
    target_to_m: float
    p_hit: float
    p_hit_given_previous_miss: float
    information_bits: float
    cost: float
    reason: str


@dataclass(frozen=True)
class _Valued:
    """Holes with their lengths chosen, and their values for the row at hand."""

    holes: Holes
    scores: Scores

    def take(self, index: Array) -> _Valued:
        return _Valued(take_holes(self.holes, index), self.scores.take(index))

    def hole(self, index: int, name: str = "") -> Hole:
        return Hole(name, *(float(v[index]) for v in vars(self.holes).values()))


@dataclass(frozen=True)
class _Task:
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


def plan_holes(
    belief: Belief,
    n: int = 5,
    *,
    terms: DrillTerms | None = None,
    drilled: Sequence[Hole] = (),
    voids: Sequence[LoggedVoid] = (),
    objective: Objective | None = None,
    robust: bool = False,
    look_ahead: bool = False,
    seed: int = 0,
    threads: int | None = None,
) -> list[PlannedHole]:
    """Rank boreholes by what they are expected to find and to tell, per cost.

    Greedy: each row maximises (P(it hits and no earlier row does) + w · information) / cost,
    where the information is exact for the binary outcome with missed and false voids. A target that
    a logged void has met already is no hit again, but its course is still learnt. Both terms
    can only shrink as rows are added, so that earlier values bound later ones and few candidates
    are valued again; that does not hold of the objective to clear, for which all are. The best
    collars of a coarse grid and of holes aimed at targets drawn from the belief are refined to
    0.1 m.

    Parameters
    ----------
    belief : Belief
        Weighted scenes. The results of drilled holes are already in it.
    n : int
        Number of holes wanted.
    terms : DrillTerms, optional
        What the rig can do, costs and no-go areas.
    drilled : sequence of Hole
        Holes already drilled, whose ground is not planned again.
    voids : sequence of LoggedVoid
        What they have met.
    objective : Objective, optional
        Worths of finding, learning and clearing; by default those of the terms: one target found
        and ``information_weight`` for a bit.
    robust : bool
        Choose each row among the best few by the smallest regret under alternative priors.
    look_ahead : bool
        Choose the first row among the best few by what it and the best hole after it would find.
    seed : int
        Seed of the draw of targets to aim at; the same seed gives the same plan.
    threads : int, optional
        Threads to use; all by default. The plan does not depend on it.

    Returns
    -------
    list of PlannedHole
        Fewer than ``n`` where no further hole could hit; empty where no scene holds a target.

    Raises
    ------
    InputError
        If ``n`` is negative or the no-go areas cover the bounds.
    """
    if n < 0:
        problem = f"the number of holes must not be negative, found {n}"
        raise InputError(problem)
    terms = terms or DrillTerms()
    met = met_targets(belief.scenes, belief.prior, voids, terms)
    axes = gather_axes(belief.scenes, belief.prior, terms.p_detect, terms.extraction, met)
    if n == 0 or not np.any(belief.weight[axes.scene[axes.aim]] > 0.0):
        return []
    worth = objective or Objective(find=1.0, learn=terms.information_weight)
    pool, spacing = candidate_holes(belief, terms, met=met, seed=seed)
    task = _Task(belief, axes, terms, worth, met, spacing, threads, robust, look_ahead)
    open_scenes = np.zeros(len(belief.weight), bool)
    open_scenes[axes.scene[axes.target]] = True
    pending = start_pending(belief.weight, belief.info.island, open_scenes)
    valued = _value(task, pool, pending, drilled, choose_length=True)
    names = _free_names(drilled)
    rows: list[PlannedHole] = []
    taken = list(drilled)
    for _ in range(n):
        fresh, valued = _revalue_best(task, valued, pending, taken)
        fresh = _refine(task, fresh, pending, taken)
        if len(fresh.holes) == 0:
            break
        best, second_thought = _second_thoughts(task, fresh, pending, first=not rows)
        row, hole, pending = _row(
            task, fresh, best, pending, next(names), bool(rows), second_thought
        )
        rows.append(row)
        taken.append(hole)
    return rows


def _free_names(drilled: Sequence[Hole]) -> Any:
    """Names P1, P2, … that continue those of holes already drilled."""
    numbers = [h.name[1:] for h in drilled if h.name[:1] == "P"]
    first = max((int(v) for v in numbers if v.isascii() and v.isdigit()), default=0)
    return (f"P{first + k}" for k in range(1, 1_000_000))


def _value(
    task: _Task, holes: Holes, pending: Pending, taken: Sequence[Hole], *, choose_length: bool
) -> _Valued:
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
    valued = _Valued(Holes(**columns), scores)
    useful = scores.p_gain > 0.0
    if task.objective.clear > 0.0 or task.met.any():
        # With nothing new to find a hole may still tell about what was met.
        useful = scores.utility > _LEAST_UTILITY
    return valued.take(np.flatnonzero(useful & ~_repeats(task, valued, taken)))


def _repeats(task: _Task, valued: _Valued, taken: Sequence[Hole]) -> Array:
    """Which holes would test ground that a taken hole tests to about the same depth."""
    repeats = np.zeros(len(valued.holes), bool)
    for hole in taken:
        deep = hole.length_m >= REPEAT_SHARE * valued.holes.length_m
        repeats |= deep & (trace_separation(valued.holes, hole) < task.terms.separation_m)
    return repeats


def _choose(scores: Scores, find: float = 1.0) -> int:
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


def _distinct(task: _Task, valued: _Valued, best: int) -> Array:
    """Which holes are another proposal than ``best``, not the same one shifted a little."""
    apart = max(task.spacing_m, 2.0 * task.terms.separation_m)
    return trace_separation(valued.holes, valued.hole(best)) > apart


def _revalue_best(
    task: _Task, valued: _Valued, pending: Pending, taken: Sequence[Hole]
) -> tuple[_Valued, _Valued]:
    """Value again, best first, until no other candidate can be the best or the runner-up.

    Returns
    -------
    fresh : _Valued
        Candidates valued for this row.
    valued : _Valued
        All candidates still of use, with the tightest bounds known.
    """
    order = np.argsort(-valued.scores.utility, kind="stable")
    valued = valued.take(order)
    if not taken or len(pending.branches) == 1:
        return valued, valued
    parts: list[_Valued] = []
    for start in range(0, len(order), _BLOCK):
        block = take_holes(valued.holes, slice(start, start + _BLOCK))
        parts.append(_value(task, block, pending, taken, choose_length=False))
        fresh = _join(parts)
        if len(fresh.holes) == 0:
            continue
        distinct = _distinct(task, fresh, _choose(fresh.scores, task.objective.find))
        floor = np.max(fresh.scores.utility[distinct], initial=0.0)
        rest = valued.scores.utility[start + _BLOCK : start + _BLOCK + 1]
        if task.objective.clear == 0.0 and np.all(rest < (1.0 - NEAR) * floor):
            break
    done = sum(_BLOCK for _ in parts)
    fresh = _join(parts)
    remaining = valued.take(np.arange(min(done, len(order)), len(order)))
    return fresh, _join([fresh, remaining])


def _join(parts: Sequence[_Valued]) -> _Valued:
    """Join valued holes one after the other."""
    names = vars(parts[0].scores)
    scores = Scores(*(np.concatenate([getattr(p.scores, f) for p in parts]) for f in names))
    return _Valued(concatenate_holes([p.holes for p in parts]), scores)


def _refine(task: _Task, fresh: _Valued, pending: Pending, taken: Sequence[Hole]) -> _Valued:
    """Move the collars of the best few distinct holes downhill in ever smaller steps."""
    left, starts = fresh, []
    while len(left.holes) and len(starts) < _STARTS:
        best = _choose(left.scores, task.objective.find)
        starts.append(left.take(np.array([best])))
        left = left.take(np.flatnonzero(_distinct(task, left, best)))
    moved: list[_Valued] = []
    for start in starts:
        at, step = start, 0.5 * task.spacing_m
        while step >= COLLAR_STEP_M:
            trial = _value(task, _neighbours(task, at, step), pending, taken, choose_length=True)
            at = _join([at, trial])
            at = at.take(np.array([np.argmax(at.scores.utility)]))
            step *= 0.5
        moved.append(at)
    return _join([*moved, fresh])


def _neighbours(task: _Task, at: _Valued, step: float) -> Holes:
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


def _row(
    task: _Task,
    fresh: _Valued,
    best: int,
    pending: Pending,
    name: str,
    later: bool,
    second_thought: str,
) -> tuple[PlannedHole, Hole, Pending]:
    """Write one row of the plan and the state after it."""
    hole = fresh.hole(best, name)
    scores = fresh.scores.take(np.array([best]))
    belief = task.belief
    hits = hit_probability(belief.scenes, belief.prior, [hole], terms=task.terms, threads=1)
    # What is logged, and scored later, is a void in any target, met before or not.
    p_hit, p_dry = _chances(task, fresh, best, pending)
    new = hits
    if task.met.any():
        new = hit_probability(
            belief.scenes, belief.prior, [hole], terms=task.terms, met=task.met, threads=1
        )
    from_m, to_m = _depths(belief.weight * hits.p_hit[0], hits, hole)
    # Weights may sum to 1 + 1e-16; what is printed never exceeds what the drill can detect.
    ceiling = max(task.terms.p_detect)
    row = PlannedHole(
        hole=name,
        x=round(hole.x, 3),
        y=round(hole.y, 3),
        z=round(hole.z, 3),
        azimuth_deg=hole.azimuth_deg,
        inclination_deg=hole.inclination_deg,
        length_m=hole.length_m,
        target_from_m=round(from_m, 2),
        target_to_m=round(min(to_m, hole.length_m), 2),
        p_hit=min(p_hit, ceiling),
        p_hit_given_previous_miss=min(p_dry, ceiling),
        information_bits=float(scores.bits[0]),
        cost=float(scores.cost[0]),
        reason=_reason(task, fresh, best, later, pending) + second_thought,
    )
    return row, hole, with_hole(pending, new.p_hit[0], new.p_void[0])


def _depths(weight: Array, hits: HoleHits, hole: Hole) -> tuple[float, float]:
    """Depths along a hole between which a target is expected; all of it where none is."""
    some = weight > 0.0
    if not some.any():
        return 0.0, hole.length_m
    low = weighted_quantile(hits.from_m[0, some].astype(float), weight[some], DEPTH_QUANTILES[:1])
    high = weighted_quantile(hits.to_m[0, some].astype(float), weight[some], DEPTH_QUANTILES[1:])
    return float(low[0]), float(high[0])


def _second_thoughts(
    task: _Task, fresh: _Valued, pending: Pending, *, first: bool
) -> tuple[int, str]:
    """Choose a row; if asked, among the best few by regret or by what would come next."""
    best = _choose(fresh.scores, task.objective.find)
    ahead = task.look_ahead and first
    if not task.robust and not ahead:
        return best, ""
    order = np.argsort(-fresh.scores.utility, kind="stable")[:_SHORTLIST]
    few = fresh.take(order)
    belief = task.belief
    holes = [few.hole(k) for k in range(len(few.holes))]
    hits = hit_probability(
        belief.scenes, belief.prior, holes, terms=task.terms, met=task.met, threads=task.threads
    )
    weight = np.maximum(pending.weight, 1e-300)
    unfound = pending.unfound / weight
    found = regrets(alternative_weights(belief), unfound, hits, few.scores.cost, task.objective)
    own = int(np.flatnonzero(order == best)[0]) if best in order else 0
    chosen, words = own, ""
    if ahead:
        values = two_step_values(pending.weight, unfound, hits, few.scores.cost)
        if values.max() > (1.0 + TIE) * values[own]:
            chosen = int(np.argmax(values))
            words = (
                f"; chosen because with the best hole after it {values[chosen] / values[own]:.2f} "
                "times as much is found per cost as from the best single hole"
            )
    if task.robust:
        chosen = int(np.argmin(np.round(found.largest, 3)))
        words = (
            f"; under other priors it is at most {found.largest[chosen]:.0%} worse than the best "
            f"(if {found.worst_prior(chosen)})"
        )
        if chosen != own:
            words += (
                f", the best as believed, {_describe(few.hole(own))}, up to "
                f"{found.largest[own]:.0%} (if {found.worst_prior(own)})"
            )
    return int(order[chosen]), words


def _chances(task: _Task, fresh: _Valued, best: int, pending: Pending) -> tuple[float, float]:
    """P(a void in any target is logged), and that given that no pending hole logs one."""
    if not task.met.any():
        return float(fresh.scores.p_hit[best]), float(fresh.scores.p_dry[best])
    belief = task.belief
    hits = hit_probability(
        belief.scenes, belief.prior, [fresh.hole(best)], terms=task.terms, threads=1
    )
    silent = max(float(pending.silent.sum()), 1e-300)
    p_hit = float(belief.weight @ hits.p_hit[0])
    return p_hit, float(pending.silent @ hits.p_hit[0]) / silent


def _reason(task: _Task, fresh: _Valued, best: int, later: bool, pending: Pending) -> str:
    """Say in plain words why a hole was chosen and what came second."""
    scores, count = fresh.scores, len(task.belief.scenes)
    p_hit, p_dry = _chances(task, fresh, best, pending)
    learnt = task.objective.learn * float(scores.bits[best])
    text = f"chance of a hit {probability_words(p_hit, count)}"
    if later:
        text += f", {probability_words(p_dry, count)} if the earlier holes find nothing"
    fresh_gain = task.objective.find * float(scores.p_gain[best])
    if task.met.any():
        new = probability_words(float(scores.p_hit[best]), count)
        text += f", of a target that no hole has met yet {new}"
    if task.objective.clear * scores.clear_bits[best] > max(learnt, fresh_gain):
        text += "; chosen mainly to clear the ground"
    elif learnt > fresh_gain:
        text += "; chosen mainly for what its outcome tells"
    else:
        text += "; the best chance of a first hit for its cost"
    others = fresh.take(np.flatnonzero(_distinct(task, fresh, best)))
    if len(others.holes) == 0:
        return text + "; no other place could hit"
    second = _choose(others.scores, task.objective.find)
    hole, rival = others.hole(second), others.scores.take(np.array([second]))
    chance = float(rival.p_dry[0] if later else rival.p_hit[0])
    what = "chance of a new target" if task.met.any() else "chance"
    return (
        f"{text}. Runner-up: {_describe(hole)}, {what} {probability_words(chance, count)}"
        f"{' if the earlier holes find nothing' if later else ''}, "
        f"cost {float(rival.cost[0]):.2f} against {float(scores.cost[best]):.2f}, "
        f"{_compare(scores, best, rival)}"
    )


def _compare(scores: Scores, best: int, rival: Scores) -> str:
    """Say by what the runner-up lost."""
    ratio = float(rival.utility[0] / scores.utility[best])
    if ratio < 1.0 - NEAR:
        return f"{100.0 * (1.0 - ratio):.0f} % less for its cost"
    if scores.cost[best] < rival.cost[0]:
        return "as good for its cost but dearer"
    if rival.p_sure[0] < (1.0 - TIE) * scores.p_sure[best]:
        return "about as good, but the independent runs agree on it less"
    return "as good, but its result tells less"


def _describe(hole: Hole) -> str:
    """Place and direction of a hole in words."""
    place = f"({hole.x:.1f}, {hole.y:.1f})"
    if hole.inclination_deg == 90.0:
        return f"a vertical hole at {place}"
    return (
        f"a hole inclined {hole.inclination_deg:.0f}° towards azimuth "
        f"{hole.azimuth_deg:.0f}° from {place}"
    )
