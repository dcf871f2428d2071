"""When to stop: four rules side by side, what each rests on, and what is not cleared."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from subterra.evidence import BoreholeEvidence, Evidence
from subterra.inference import computed_words, p_any, probability_words
from subterra.inference.belief import Belief
from subterra.inference.words import support_limit
from subterra.scene import FILLS, object_counts
from subterra.search import Hole
from subterra.search.declared import DeclaredClass, declare, in_class, touches_area
from subterra.search.presence import (
    Presence,
    after_doubt,
    left_out,
    presence,
    prior_needed,
    under_prior,
)
from subterra.search.worst_case import Detection, detection_of_class
from subterra.site.actions import weigh_actions
from subterra.site.assemble import assemble
from subterra.site.belief_store import CurrentBelief, current_belief
from subterra.site.config import to_terms
from subterra.site.folder import Site
from subterra.site.gates import gated_terms
from subterra.site.holes import logged_holes, logged_voids, void_places
from subterra.site.second_look import as_believed
from subterra.site.stop_rules import (
    OPEN_FILLS,
    Rule,
    StopTerms,
    action_rule,
    practice_rule,
    probability_rule,
    sampling_statement,
    value_rule,
    worst_rule,
)
from subterra.site.survey_forecast import measured_seeing

__all__ = ["OPEN_FILLS", "Assessment", "Rule", "StopTerms", "assess"]

Array = npt.NDArray[Any]

PRIORS: Final = (0.1, 0.3, 0.5, 0.7, 0.9)
DOUBTS: Final = (0.05, 0.1, 0.2)
LEAST_DECIBANS: Final = 3.0
"""The evidence must at least halve the odds: what the prior alone says is never certified."""
_WEAKER: Final = 0.8


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
    left_out : mapping of str to str
        Surveys whose power could not be judged, and why.
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
    statement = sampling_statement(belief, declared, holes, drilling, asked)
    rules = (
        probability_rule(found, belief.info.n_scenes, asked),
        _value(site, belief, holes, asked),
        practice_rule(belief, declared, holes, asked),
        worst_rule(detection, statement),
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


def _value(site: Site, belief: Belief, holes: Sequence[Hole], asked: StopTerms) -> Rule:
    """Judge by the next hole alone, or by all actions of the site, where a loss is at stake."""
    if not asked.actions or asked.loss == 0.0:
        permitted = gated_terms(site, belief, count=False).drilling
        return value_rule(belief, permitted, holes, logged_voids(site), asked)
    return action_rule(weigh_actions(site, loss_unfound=asked.loss).weighed, asked)


def _reasons(current: CurrentBelief, found: Presence, asked: StopTerms) -> tuple[str, ...]:
    """Why no certificate can be issued."""
    out: list[str] = []
    if current.stale:
        out.append("the belief is older than the evidence: run infer first")
    out += found.reasons
    # A probability held at its bound, or told by a handful of scenes, may stand above a small prior
    # and says nothing by that: it must do so by as much as its upper bound stands above it.
    least = 2.0 * found.p - found.upper
    held = found.p >= 1.0 - support_limit(current.belief.info.n_scenes)
    if found.decibans >= LEAST_DECIBANS and least > 2.0 * found.prior:
        out.append(
            "the evidence speaks for a target of this class: it has changed the odds by "
            f"{'at least ' if held else ''}{found.decibans:+.1f} decibans"
        )
    elif -found.decibans < LEAST_DECIBANS:
        out.append(
            "the evidence is uninformative about this class: it has changed the odds by "
            f"{found.decibans:+.1f} decibans, and −{LEAST_DECIBANS:g} or less is asked, so that "
            "no certificate rests on the prior alone"
        )
    if not found.upper < asked.epsilon:
        most = (
            f"may be as high as {found.upper:.2g}"
            if found.upper < 1.0 or found.p > 0.5
            else "cannot be bounded by so few scenes"
        )
        out.append(f"P(target of this class) {most}; below {asked.epsilon:g} is asked")
    return tuple(out)


def _logged_voids(site: Site, belief: Belief, declared: DeclaredClass) -> list[str]:
    """Voids that were logged in the declared ground: whatever the model makes of them."""
    surface, out = belief.prior.surface, list[str]()
    for void, (x, y, z) in void_places(site):
        depth = float(surface.at(x, y)) - float(z)
        if depth < declared.above_m and touches_area(float(x), float(y), declared.polygon):
            out.append(
                f"hole {void.hole.name} logged a void from {void.from_m:g} to {void.to_m:g} m in "
                "the declared ground: no ground with a logged void is certified, even where the "
                "model takes it for a false one"
            )
    return out


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
        words += (
            "; the least favourable one would have been detected with probability "
            f"{computed_words(worst)}"
        )
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
