"""Rows of a drill plan: what a chosen hole is expected to find, and why it was chosen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from subterra.inference.words import probability_words
from subterra.search.hit import HoleHits, hit_probability, weighted_quantile
from subterra.search.holes import Hole
from subterra.search.plan_values import NEAR, TIE, PlanTask, ValuedHoles, choose, distinct
from subterra.search.score import Pending, Scores, with_hole
from subterra.search.shortlist import alternative_weights, regrets, two_step_values

__all__ = ["PlannedHole", "planned_row", "second_thoughts"]

Array = npt.NDArray[Any]

DEPTH_QUANTILES: Final = (0.1, 0.9)
"""Entry is expected below the first, exit above the second, given that the hole hits."""

_SHORTLIST: Final = 48


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
    z_from : str
        What the height of the collar is from: ``plane``, that of the depths, or ``terrain``.
    above_plane_m : float
        Height of the collar over that plane, m.
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
    z_from: str = "plane"
    above_plane_m: float = 0.0


def second_thoughts(
    task: PlanTask, fresh: ValuedHoles, pending: Pending, *, first: bool
) -> tuple[int, str]:
    """Choose a row; if asked, among the best few by regret or by what would come next."""
    best = choose(fresh.scores, task.objective.find)
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


def planned_row(
    task: PlanTask,
    fresh: ValuedHoles,
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
        reason=_reason(task, fresh, best, later, (p_hit, p_dry)) + second_thought,
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


def _chances(
    task: PlanTask, fresh: ValuedHoles, best: int, pending: Pending
) -> tuple[float, float]:
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


def _reason(
    task: PlanTask, fresh: ValuedHoles, best: int, later: bool, chances: tuple[float, float]
) -> str:
    """Say in plain words why a hole was chosen and what came second."""
    scores, count = fresh.scores, len(task.belief.scenes)
    p_hit, p_dry = chances
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
    others = fresh.take(np.flatnonzero(distinct(task, fresh, best)))
    if len(others.holes) == 0:
        return text + "; no other place could hit"
    second = choose(others.scores, task.objective.find)
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
