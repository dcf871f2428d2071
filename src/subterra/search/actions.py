"""Holes, crosshole panels and survey lines weighed against one another in one currency.

See `subterra.search.value` for the currency. A panel is a tree: the first hole that it takes; if it
is dry the second; if both are dry the radar between them, and then the holes, if any, to which it
points. Holes that stand already are no part of it and of its cost. The scenes for it are chosen in
`subterra.search.survey_scenes`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from subterra.evidence import AdditiveEvidence
from subterra.evidence.protocol import responses_of
from subterra.inference.belief import Belief
from subterra.scene import Scenes, take, target_mask
from subterra.search.axes import gather_axes
from subterra.search.branches import (
    Branches,
    draw_by_stratum,
    hole_branches,
    join_branches,
    known_branch,
    simulated_branches,
)
from subterra.search.candidates import holes_from
from subterra.search.hit import hit_probability
from subterra.search.holes import Hole, Holes, as_arrays, take_holes, trace_separation
from subterra.search.lines import Line
from subterra.search.met import LoggedVoid, met_targets
from subterra.search.score import score_holes, start_pending
from subterra.search.survey_scenes import repeated, shared_out, thinned
from subterra.search.terms import DrillTerms
from subterra.search.value import FollowUps, Stakes, Worth, value

__all__ = ["Survey", "Weighed", "weigh"]

Array = npt.NDArray[Any]

MAX_SCENES: Final = 1600
"""Scenes that a survey is weighed with: data of each draw are scored in all of them."""
DRAWS: Final = 64
"""Sets of data drawn for each survey."""
VISIBLE: Final = 0.3
"""Length of a response in standard errors from which on a scene is drawn from more often. All
ground is left out of it: what is less is seen by no means."""
_ALONG: Final = 41
"""Holes along a line or panel that may follow it."""


@dataclass(frozen=True, eq=False)
class Survey:
    """A line of stations, or radar between two holes, that is not made yet.

    Parameters
    ----------
    kind : str
        ``panel``, ``gravity line`` or ``resistivity line``.
    line : Line
        Its ends.
    evidence : AdditiveEvidence
        Its layout and errors; the data are stand-ins.
    cost : float
        Of the survey itself, without holes.
    holes : tuple of Hole
        Drilled for it, in this order: up to two for a panel.
    standing : tuple of Hole
        Holes of a panel that stand already: they cost nothing and find nothing more.
    depth_m : float
        How deep a panel reaches under the ground, m.
    """

    kind: str
    line: Line
    evidence: AdditiveEvidence
    cost: float
    holes: tuple[Hole, ...] = ()
    standing: tuple[Hole, ...] = ()
    depth_m: float = 0.0


@dataclass(frozen=True, eq=False)
class Weighed:
    """One action with its worth.

    Parameters
    ----------
    action : Hole or Survey
        What would be done.
    worth : Worth
        What that avoids and costs.
    p_find : float
        P(its own holes log an unmet target); 0 for a survey from the ground.
    then : Hole or None
        Of the holes that may follow, the one that follows most probably.
    """

    action: Hole | Survey
    worth: Worth
    p_find: float
    then: Hole | None


@dataclass(frozen=True, eq=False)
class _Task:
    belief: Belief
    unfound: Array
    met: Array
    terms: DrillTerms
    stakes: Stakes
    drilled: Sequence[Hole]
    threads: int | None


def weigh(
    belief: Belief,
    holes: Sequence[Hole],
    surveys: Sequence[Survey],
    *,
    terms: DrillTerms | None = None,
    stakes: Stakes | None = None,
    drilled: Sequence[Hole] = (),
    voids: Sequence[LoggedVoid] = (),
    draws: int = DRAWS,
    max_scenes: int = MAX_SCENES,
    seed: int = 0,
    threads: int | None = None,
) -> list[Weighed]:
    """Weigh actions, each with the holes that are best after each of its outcomes.

    Parameters
    ----------
    belief : Belief
        Weighted scenes.
    holes : sequence of Hole
        Single holes; each may also follow another action.
    surveys : sequence of Survey
        Panels and lines. Holes along them may follow, too.
    terms : DrillTerms, optional
        What a drill can do and costs.
    stakes : Stakes, optional
        What a target unfound costs.
    drilled : sequence of Hole
        Holes that were logged: none follows in their ground.
    voids : sequence of LoggedVoid
        What they have met: met targets count as found.
    draws, max_scenes : int
        Sets of data for each survey, and scenes they are scored in.
    seed : int
        Of scenes and data.
    threads : int, optional
        For hit probabilities.

    Returns
    -------
    list of Weighed
        The largest index first.
    """
    terms, stakes = terms or DrillTerms(), stakes or Stakes()
    all_met = met_targets(belief.scenes, belief.prior, voids, terms)
    is_target = target_mask(belief.prior)[belief.scenes.objects.family]
    held = np.any(is_target & (belief.scenes.objects.family > 0) & ~all_met, axis=1)
    unfound = belief.weight * held
    task = _Task(belief, unfound, all_met, terms, stakes, drilled, threads)
    pool = _untested(list(holes), [], drilled, terms)
    out = [_weigh_hole(task, hole, pool) for hole in holes]
    out += [_weigh_survey(task, survey, pool, (draws, max_scenes, seed)) for survey in surveys]
    return sorted(out, key=lambda item: -item.worth.index)


def _weigh_hole(task: _Task, hole: Hole, pool: Sequence[Hole]) -> Weighed:
    after = _untested(pool, [hole], task.drilled, task.terms)
    first = _hits(task, [hole])
    weight = task.belief.weight
    action = hole_branches(
        weight, task.unfound, first.p_hit[0], first.p_void[0], float(first.cost[0])
    )
    return _weighed(task, hole, action, after, float(task.unfound @ first.p_hit[0]))


def _weigh_survey(
    whole: _Task, survey: Survey, pool: Sequence[Hole], effort: tuple[int, int, int]
) -> Weighed:
    draws, max_scenes, seed = effort
    task, total, stratum = _seen_by(whole, survey, max_scenes, seed)
    weight, unfound, spent, p_find = task.belief.weight, task.unfound, 0.0, 0.0
    parts: list[Branches] = []
    for hole in survey.holes:
        one = _hits(task, [hole])
        spent += float(one.cost[0])
        p_find += float(unfound @ one.p_hit[0])
        both = hole_branches(weight, unfound, one.p_hit[0], one.p_void[0], spent)
        parts.append(_rows(both, slice(1, 2)))
        weight, unfound = both.weight[0], both.unfound[0]
    rng = np.random.default_rng([seed, 1])
    truth, mass = draw_by_stratum(weight, stratum, shared_out(draws, stratum), rng)
    told = _log_likelihoods(survey.evidence, task.belief, total, truth, rng)
    spent += survey.cost
    before = known_branch(weight, unfound, spent)
    parts.append(simulated_branches(weight, unfound, truth, mass, told, spent, stratum))
    along = _holes_along(task, survey.line)
    after = _untested([*pool, *along], survey.holes, task.drilled, task.terms)
    return _weighed(task, survey, join_branches(parts), after, p_find, before)


def _seen_by(
    whole: _Task, survey: Survey, max_scenes: int, seed: int
) -> tuple[_Task, Array, Array]:
    """Scenes for one survey, their responses, and their strata.

    Stratum 0 holds an unfound target and is seen, 1 is seen, 2 holds an unfound target, 3 neither.
    """
    stratum = np.where(whole.unfound > 0.0, 0, 1)
    stratum += np.where(_is_seen(survey.evidence, whole.belief.scenes), 0, 2)
    few, kept = thinned(whole.belief, stratum, shared_out(max_scenes, stratum), seed)
    share = np.divide(
        whole.unfound,
        whole.belief.weight,
        out=np.zeros(len(stratum)),
        where=whole.belief.weight > 0.0,
    )
    few, again = repeated(few, stratum[kept] == 0, whole.met[kept], survey.line, seed)
    kept = kept[again]
    task = replace(whole, belief=few, unfound=few.weight * share[kept], met=whole.met[kept])
    return task, responses_of(survey.evidence, few.scenes), stratum[kept]


def _is_seen(evidence: AdditiveEvidence, scenes: Scenes) -> Array:
    white = evidence.combine(responses_of(evidence, scenes)) / evidence.models.sd
    return np.einsum("ij,ij->i", white, white) > VISIBLE**2


def _weighed(
    task: _Task,
    what: Hole | Survey,
    action: Branches,
    after: Sequence[Hole],
    p_find: float,
    before: Branches | None = None,
) -> Weighed:
    worth = value(
        task.belief.weight,
        task.unfound,
        action,
        _hits(task, after),
        task.stakes,
        before=before,
    )
    share = np.bincount(
        worth.follow[worth.follow >= 0],
        action.paid_weight.sum(axis=1)[worth.follow >= 0],
        minlength=len(after),
    )
    then = after[int(np.argmax(share))] if share.sum() > 0.0 else None
    return Weighed(what, worth, p_find, then)


def _rows(branches: Branches, rows: slice) -> Branches:
    return Branches(*(column[rows] for column in vars(branches).values()))


def _hits(task: _Task, holes: Sequence[Hole]) -> FollowUps:
    arrays = as_arrays(holes)
    hits = hit_probability(
        task.belief.scenes,
        task.belief.prior,
        holes,
        terms=task.terms,
        met=task.met,
        threads=task.threads,
    )
    near = [trace_separation(arrays, hole) < task.terms.separation_m for hole in holes]
    cost = task.terms.cost(arrays.length_m, arrays.inclination_deg)
    same = np.array(near, bool).reshape(len(holes), len(holes)) | np.eye(len(holes), dtype=bool)
    return FollowUps.of(hits.p_hit, hits.p_void, cost, same)


def _untested(
    holes: Sequence[Hole], own: Sequence[Hole], drilled: Sequence[Hole], terms: DrillTerms
) -> list[Hole]:
    """Holes that would not test the ground of the action's own holes, or of drilled ones, again."""
    if not holes:
        return []
    arrays = as_arrays(holes)
    keep = np.ones(len(holes), bool)
    for other in (*own, *drilled):
        keep &= trace_separation(arrays, other) >= terms.separation_m
    return [hole for hole, kept in zip(holes, keep, strict=True) if kept]


def _holes_along(task: _Task, line: Line) -> list[Hole]:
    """Upright holes along a line that could find something, as long as they need to be."""
    if 90.0 not in task.terms.inclinations_deg:
        return []
    x, y = line.at(np.linspace(0.0, 1.0, _ALONG))
    upright = np.full(_ALONG, 90.0)
    holes = holes_from(task.belief.prior, task.terms, x, y, np.zeros(_ALONG), upright)
    if not len(holes):
        return []
    prior, scenes = task.belief.prior, task.belief.scenes
    axes = gather_axes(scenes, prior, task.terms.p_detect, task.terms.extraction, task.met)
    pending = start_pending(task.belief.weight)
    scores = score_holes(axes, holes, pending, task.terms, threads=task.threads)
    useful = scores.p_gain > 0.0
    held = take_holes(replace(holes, length_m=scores.length_m), useful)
    return _as_list(held)


def _as_list(holes: Holes) -> list[Hole]:
    columns = zip(*vars(holes).values(), strict=True)
    return [Hole(f"after {k + 1}", *map(float, row)) for k, row in enumerate(columns)]


def _log_likelihoods(
    evidence: AdditiveEvidence,
    belief: Belief,
    total: Array,
    truth: Array,
    rng: np.random.Generator,
) -> Array:
    """Log-likelihood (k, n) of data drawn from each true scene, in every scene.

    The part of the site state is left out: that a survey's level tells the resistivity of the
    host says nothing of where a target is.
    """
    out = np.empty((len(truth), len(total)))
    for row, scene in enumerate(truth):
        made = evidence.simulate(take(belief.scenes, np.array([scene])), rng)
        if not isinstance(made, AdditiveEvidence):
            problem = f"{evidence.kind} simulates what is no survey of objects"
            raise TypeError(problem)
        out[row] = made.score(total)
    return out
