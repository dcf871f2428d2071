"""When to stop: four rules side by side, what each rests on, and what is not cleared."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from subterra.errors import InputError
from subterra.evidence import BoreholeEvidence, Evidence
from subterra.inference import p_any, probability_words
from subterra.inference.belief import Belief
from subterra.scene import FILLS, object_counts
from subterra.search import Hole, direction, plan_holes
from subterra.search.declared import DeclaredClass, declare, in_class, touches_area
from subterra.search.met import LoggedVoid
from subterra.search.objective import Objective
from subterra.search.practice import grid_coverage, practice_rule
from subterra.search.presence import (
    Presence,
    after_doubt,
    left_out,
    presence,
    prior_needed,
    under_prior,
)
from subterra.search.terms import DrillTerms
from subterra.search.worst_case import Detection, detection_of_class, random_drive_hit
from subterra.search.zero_in_n import upper_share
from subterra.site.assemble import assemble
from subterra.site.belief_store import CurrentBelief, current_belief
from subterra.site.config import to_terms
from subterra.site.folder import Site
from subterra.site.holes import logged_holes, logged_voids
from subterra.site.second_look import as_believed
from subterra.site.survey_forecast import measured_seeing

__all__ = ["Assessment", "Rule", "StopTerms", "assess"]

Array = npt.NDArray[Any]

OPEN_FILLS: Final = ("air", "water")
PRIORS: Final = (0.1, 0.3, 0.5, 0.7, 0.9)
DOUBTS: Final = (0.05, 0.1, 0.2)
WORST_CASE: Final = 0.95
LEAST_DECIBANS: Final = 3.0
"""The evidence must at least halve the odds: what the prior alone says is never certified."""
_WEAKER: Final = 0.8


@dataclass(frozen=True)
class StopTerms:
    """What is asked of a certificate.

    Parameters
    ----------
    epsilon : float
        Accepted P(target of the class).
    loss : float
        Cost of leaving a target unfound, in the units of the drilling costs.
    rule : str or None
        Name of a rule of law or practice to judge by; none by default.
    length_m : float or None
        Shortest target of the class for the worst case; by default the shortest of the prior.

    Raises
    ------
    InputError
        For a number outside its range.
    """

    epsilon: float = 0.05
    loss: float = 100.0
    rule: str | None = None
    length_m: float | None = None

    def __post_init__(self) -> None:
        if not 0.0 < self.epsilon < 1.0:
            problem = f"epsilon is a probability between 0 and 1, found {self.epsilon:g}"
            raise InputError(problem)
        if not 0.0 <= self.loss < float("inf"):
            problem = f"the loss of a target unfound must not be negative, found {self.loss:g}"
            raise InputError(problem)
        if self.length_m is not None and not 0.0 < self.length_m < float("inf"):
            problem = f"the length of a target must be positive metres, found {self.length_m:g}"
            raise InputError(problem)


@dataclass(frozen=True)
class Rule:
    """One rule.

    Parameters
    ----------
    name : str
        ``probability``, ``value``, ``practice`` or ``worst-case``.
    met : bool or None
        None where it could not be judged.
    value, bound : float or None
        The number judged and what it is held against.
    words : str
        What it says here.
    """

    name: str
    met: bool | None
    value: float | None
    bound: float | None
    words: str


@dataclass(frozen=True, eq=False)
class Assessment:
    """Everything that a stop certificate says.

    Parameters
    ----------
    declared : DeclaredClass
        The class.
    terms : StopTerms
        What was asked.
    current : CurrentBelief
        The belief it is read from.
    found : Presence
        P(class) and its support.
    rules : tuple of Rule
        The four.
    certified : bool
        Whether P(no target of the class) ≥ 1 − ε can be signed.
    reasons : tuple of str
        Why not; empty if certified.
    priors, doubts : tuple of (float, float)
        p0, or the probability that the search was worthless, and P(class) with it.
    pieces : mapping of str to float or None
        P(class) without each piece of evidence; None where the scenes cannot tell.
    weaker_holes : float or None
        P(class) if the drill found 20 % less than stated; None without holes, or unsupported.
    prior_needed : float or None
        Smallest p0 with which P(class) < ε.
    detection : Detection or None
        Of the class by everything that was done; None where nothing was.
    frequentist : mapping of str to float
        What sampling theory would state; see ``docs/stop.md``.
    not_cleared : tuple of str
        In words.
    """

    declared: DeclaredClass
    terms: StopTerms
    current: CurrentBelief
    found: Presence
    rules: tuple[Rule, ...]
    certified: bool
    reasons: tuple[str, ...]
    priors: tuple[tuple[float, float], ...]
    doubts: tuple[tuple[float, float], ...]
    pieces: Mapping[str, float | None]
    weaker_holes: float | None
    prior_needed: float | None
    detection: Detection | None
    frequentist: Mapping[str, float]
    not_cleared: tuple[str, ...]
    left_out: Mapping[str, str] = field(default_factory=dict[str, str])


def assess(
    site: Site,
    *,
    diameter_m: float | None = None,
    above_m: float | None = None,
    polygon: Array | None = None,
    terms: StopTerms | None = None,
) -> Assessment:
    """Judge whether the search may stop.

    Parameters
    ----------
    site : Site
        The site, with a belief.
    diameter_m, above_m, polygon
        The declared class; see ``subterra.search.declared.declare``.
    terms : StopTerms, optional
        What is asked.

    Returns
    -------
    Assessment

    Raises
    ------
    SiteError
        If there is no belief, or a file is missing or was changed.
    InputError
        If the class reaches beyond what was searched for.
    """
    asked = terms or StopTerms()
    current = current_belief(site)
    belief = current.belief
    declared = declare(belief.prior, diameter_m=diameter_m, above_m=above_m, polygon=polygon)
    drilling = to_terms(site.config)
    holes = logged_holes(site)
    evidence = as_believed(belief, assemble(site))
    found = presence(belief, declared)
    seeing, unjudged = measured_seeing(site, belief)
    detection = None
    if seeing or holes:
        detection = detection_of_class(
            belief.prior, declared, seeing, holes, drilling, length_m=asked.length_m
        )
    statement = _frequentist(belief, declared, holes, drilling, asked)
    rules = (
        _probability_rule(found, belief.info.n_scenes, asked),
        _value_rule(belief, drilling, holes, logged_voids(site), asked),
        _practice_rule(belief, declared, holes, asked),
        _worst_rule(detection, statement),
    )
    reasons = (*_reasons(current, found, asked), *_logged_voids(site, belief, declared))
    return Assessment(
        declared,
        asked,
        current,
        found,
        rules,
        not reasons,
        reasons,
        tuple((p0, under_prior(belief, found.member, p0)) for p0 in PRIORS),
        tuple((q, after_doubt(found, q)) for q in DOUBTS),
        _pieces(belief, found, evidence),
        _weaker_holes(belief, found, evidence),
        prior_needed(belief, found.member, asked.epsilon),
        detection,
        statement,
        _not_cleared(belief, declared, found, detection),
        unjudged,
    )


def _reasons(current: CurrentBelief, found: Presence, asked: StopTerms) -> tuple[str, ...]:
    """Why no certificate can be issued."""
    out: list[str] = []
    if current.stale:
        out.append("the belief is older than the evidence: run infer first")
    out += found.reasons
    # A probability held at its bound, or told by a handful of scenes, may stand above a small prior
    # and says nothing by that: it must do so by as much as its upper bound stands above it.
    least = 2.0 * found.p - found.upper
    if found.decibans >= LEAST_DECIBANS and least > 2.0 * found.prior:
        out.append(
            "the evidence speaks for a target of this class: it has changed the odds by "
            f"{found.decibans:+.1f} decibans"
        )
    elif -found.decibans < LEAST_DECIBANS:
        out.append(
            "the evidence is uninformative about this class: it has changed the odds by "
            f"{found.decibans:+.1f} decibans, and −{LEAST_DECIBANS:g} or less is asked, so that "
            "no certificate rests on the prior alone"
        )
    if not found.upper < asked.epsilon:
        out.append(
            f"P(target of this class) may be as high as {found.upper:.2g}, not below "
            f"{asked.epsilon:g}"
        )
    return tuple(out)


def _logged_voids(site: Site, belief: Belief, declared: DeclaredClass) -> list[str]:
    """Voids that were logged in the declared ground: whatever the model makes of them."""
    surface, out = belief.prior.surface, list[str]()
    for void in logged_voids(site):
        hole = void.hole
        along = direction(hole.azimuth_deg, hole.inclination_deg)
        x, y, z = np.array([hole.x, hole.y, hole.z]) + along * void.from_m
        depth = float(surface.at(x, y)) - float(z)
        if depth < declared.above_m and touches_area(float(x), float(y), declared.polygon):
            out.append(
                f"hole {hole.name} logged a void from {void.from_m:g} to {void.to_m:g} m in the "
                "declared ground: no ground with a logged void is certified, even where the model "
                "takes it for a false one"
            )
    return out


def _probability_rule(found: Presence, n: int, asked: StopTerms) -> Rule:
    words = (
        f"P(target of the declared class) is {probability_words(found.p, n)}, at most "
        f"{found.upper:.2g} with 95 % confidence in the computation; asked: below "
        f"{asked.epsilon:g}. Before any evidence it was {found.prior:.2g}"
    )
    judged = None if found.reasons else found.upper < asked.epsilon
    return Rule("probability", judged, found.upper, asked.epsilon, words)


def _value_rule(
    belief: Belief,
    drilling: DrillTerms,
    holes: Sequence[Hole],
    voids: Sequence[LoggedVoid],
    asked: StopTerms,
) -> Rule:
    """No hole is worth its cost: chance of finding times the loss avoided, against its cost."""
    best = plan_holes(
        belief, 1, terms=drilling, drilled=holes, voids=voids, objective=Objective(find=1.0)
    )
    if not best:
        return Rule("value", True, 0.0, 0.0, "no further hole could meet a target")
    hole = best[0]
    avoided, n = hole.p_hit * asked.loss, belief.info.n_scenes
    words = (
        f"the best next hole, at ({hole.x:.1f}, {hole.y:.1f}), would find a target with "
        f"probability {probability_words(hole.p_hit, n)} and so avoid an expected loss of "
        f"{avoided:.2g} for a cost of {hole.cost:.2g}, a target left unfound costing "
        f"{asked.loss:g}; further surveys are not weighed here"
    )
    return Rule("value", avoided <= hole.cost, avoided, hole.cost, words)


def _practice_rule(
    belief: Belief, declared: DeclaredClass, holes: Sequence[Hole], asked: StopTerms
) -> Rule:
    if asked.rule is None:
        words = "no rule of law or practice was named (--rule), so none was judged"
        return Rule("practice", None, None, None, words)
    rule = practice_rule(asked.rule)
    spacing = rule.spacing(declared.diameter_m)
    share = grid_coverage(belief.prior, declared, holes, spacing)
    words = (
        f"{rule.words} ({rule.source}): {share:.0%} of the area is as near to a hole down to "
        f"{declared.above_m:g} m as a grid of {spacing:.2f} m would make it"
    )
    return Rule("practice", share >= 1.0, share, 1.0, words)


def _worst_rule(detection: Detection | None, statement: Mapping[str, float]) -> Rule:
    if detection is None:
        words = "nothing was measured or drilled that could have detected a target"
        return Rule("worst-case", False, 0.0, WORST_CASE, words)
    p, fill, depth, place = detection.worst(OPEN_FILLS)
    words = (
        f"the least favourable target, a drive {detection.length_m:g} m long filled with {fill}, "
        f"its axis {depth:.1f} m deep at ({detection.x_m[place]:.1f}, {detection.y_m[place]:.1f}) "
        f"towards azimuth {detection.azimuth_deg[place]:.0f}°, would have been detected with "
        f"probability {p:.2f}; over all places, directions and depths it is "
        f"{detection.mean(OPEN_FILLS):.2f}. "
    )
    if statement["holes"] > 0:
        words += (
            "Holes alone, as sampling theory counts them: such a drive at random is met with "
            f"probability {statement['mean']:.2f}, at the worst azimuth {statement['worst']:.2f}; "
            f"{statement['holes']:.0f} holes without a find say with 95 % confidence that at most "
            f"{statement['upper_share']:.2g} of the area is underlain, if they were placed at "
            "random"
        )
    else:
        words += "There is no hole, so sampling theory has nothing to state"
    return Rule("worst-case", p >= WORST_CASE, p, WORST_CASE, words)


def _frequentist(
    belief: Belief,
    declared: DeclaredClass,
    holes: Sequence[Hole],
    drilling: DrillTerms,
    asked: StopTerms,
) -> dict[str, float]:
    """What Visual Sample Plan would state of the holes: no physics, no prior."""
    mean, worst = random_drive_hit(
        belief.prior,
        declared,
        holes,
        miss=1.0 - max(drilling.p_detect[FILLS.index(fill)] for fill in OPEN_FILLS),
        length_m=asked.length_m,
    )
    return {
        "holes": float(len(holes)),
        "mean": mean,
        "worst": worst,
        "upper_share": upper_share(len(holes)),
    }


def _pieces(
    belief: Belief, found: Presence, evidence: Sequence[Evidence]
) -> dict[str, float | None]:
    out: dict[str, float | None] = {}
    for piece in evidence:
        log_piece = piece.log_likelihood(belief.scenes)
        out[piece.id] = left_out(belief.weight, found.member, np.asarray(log_piece, np.float64))
    return out


def _weaker_holes(belief: Belief, found: Presence, evidence: Sequence[Evidence]) -> float | None:
    """P(class) had every hole found 20 % less of what it met."""
    taken = np.zeros(len(belief.weight))
    any_hole = False
    for piece in evidence:
        if isinstance(piece, BoreholeEvidence):
            p_detect = tuple(_WEAKER * p for p in piece.terms.p_detect)
            weaker = replace(piece, terms=replace(piece.terms, p_detect=p_detect))
            taken += piece.log_likelihood(belief.scenes) - weaker.log_likelihood(belief.scenes)
            any_hole = True
    return left_out(belief.weight, found.member, taken) if any_hole else None


def _not_cleared(
    belief: Belief, declared: DeclaredClass, found: Presence, detection: Detection | None
) -> tuple[str, ...]:
    """Say what the certificate does not speak of, with what is known of it."""

    def say(p: float) -> str:
        words = probability_words(p, belief.info.n_scenes)
        return f"= {words}" if words[0].isdigit() else words

    prior = belief.prior
    _, n_other = object_counts(belief.scenes.objects.family, prior)
    whole = p_any(belief)
    out = [
        f"narrower: targets less than {declared.diameter_m:g} m wide",
        f"deeper: whatever has its roof {declared.above_m:g} m or more under the ground",
        "elsewhere: whatever does not touch the area in plan",
    ]
    rubble = (belief.scenes.objects.fill == FILLS.index("rubble")) & in_class(
        belief.scenes, prior, declared
    )
    p_rubble = float(belief.weight[rubble.any(axis=1)].sum())
    words = f"collapsed: caved-in or backfilled targets (within the class P {say(p_rubble)})"
    if detection is not None:
        worst = detection.worst(("rubble",))[0]
        words += f"; the least favourable one would have been detected with probability {worst:.2f}"
    out.append(words)
    beyond = max(whole - found.p, 0.0)
    out.append(
        f"any target beyond the class: P(any target on the site) {say(whole)}, P(one, but none of "
        f"the class) {say(beyond)}"
    )
    names = [name for name in prior.families if name not in prior.targets]
    if names:
        p_other = float(belief.weight[n_other > 0].sum())
        out.append(
            f"what the search is not for ({', '.join(names)}): P(at least one) {say(p_other)}"
        )
    return tuple(out)
