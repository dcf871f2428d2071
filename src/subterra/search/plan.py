"""Ranked boreholes: which to drill next, and what each is expected to find."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from subterra.errors import InputError
from subterra.inference.belief import Belief
from subterra.search.axes import gather_axes
from subterra.search.candidates import candidate_holes
from subterra.search.holes import Hole
from subterra.search.met import LoggedVoid, met_targets
from subterra.search.objective import Objective
from subterra.search.plan_rows import PlannedHole, planned_row, second_thoughts
from subterra.search.plan_values import PlanTask, refine, revalue_best, value_holes
from subterra.search.score import start_pending
from subterra.search.terms import DrillTerms

__all__ = ["PlannedHole", "plan_holes"]


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
    task = PlanTask(belief, axes, terms, worth, met, spacing, threads, robust, look_ahead)
    open_scenes = np.zeros(len(belief.weight), bool)
    open_scenes[axes.scene[axes.target]] = True
    pending = start_pending(belief.weight, belief.info.island, open_scenes)
    valued = value_holes(task, pool, pending, drilled, choose_length=True)
    names = _free_names(drilled)
    rows: list[PlannedHole] = []
    taken = list(drilled)
    for _ in range(n):
        fresh, valued = revalue_best(task, valued, pending, taken)
        fresh = refine(task, fresh, pending, taken)
        if len(fresh.holes) == 0:
            break
        best, second_thought = second_thoughts(task, fresh, pending, first=not rows)
        row, hole, pending = planned_row(
            task, fresh, best, pending, next(names), bool(rows), second_thought
        )
        rows.append(row)
        taken.append(hole)
    return rows


def _free_names(drilled: Sequence[Hole]) -> Iterator[str]:
    """Names P1, P2, … that continue those of holes already drilled."""
    numbers = [h.name[1:] for h in drilled if h.name[:1] == "P"]
    first = max((int(v) for v in numbers if v.isascii() and v.isdigit()), default=0)
    return (f"P{first + k}" for k in range(1, 1_000_000))
