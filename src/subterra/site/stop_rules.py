"""The four rules of a stop certificate, and what sampling theory alone would state."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from subterra.errors import InputError
from subterra.inference import computed_words, probability_words
from subterra.inference.belief import Belief
from subterra.scene import FILLS
from subterra.search import Hole, plan_holes
from subterra.search.action_words import action_rows
from subterra.search.actions import Weighed
from subterra.search.declared import DeclaredClass
from subterra.search.met import LoggedVoid
from subterra.search.objective import Objective
from subterra.search.practice import grid_coverage
from subterra.search.practice import practice_rule as named_rule
from subterra.search.presence import Presence
from subterra.search.terms import DrillTerms
from subterra.search.worst_case import Detection, random_drive_hit
from subterra.search.zero_in_n import upper_share

__all__ = [
    "OPEN_FILLS",
    "Rule",
    "StopTerms",
    "action_rule",
    "practice_rule",
    "probability_rule",
    "sampling_statement",
    "value_rule",
    "worst_rule",
]

OPEN_FILLS: Final = ("air", "water")
"""What the class is filled with in the worst case: a caved-in drive is spoken of by itself."""
WORST_CASE: Final = 0.95
"""Probability with which the least favourable target must have been detected."""


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
    actions : bool
        Whether panels and survey lines are weighed with the next hole in the rule of value.

    Raises
    ------
    InputError
        For a number outside its range.
    """

    epsilon: float = 0.05
    loss: float = 100.0
    rule: str | None = None
    length_m: float | None = None
    actions: bool = False

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


def probability_rule(found: Presence, n: int, asked: StopTerms) -> Rule:
    """P(class) must be below ε, at its upper bound; ``n`` scenes support it."""
    words = (
        f"P(target of the declared class) is {probability_words(found.p, n)}, at most "
        f"{found.upper:.2g} with 95 % confidence in the computation; asked: below "
        f"{asked.epsilon:g}. Before any evidence it was {found.prior:.2g}"
    )
    judged = None if found.reasons else found.upper < asked.epsilon
    return Rule("probability", judged, found.upper, asked.epsilon, words)


def value_rule(
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
        f"{asked.loss:g}; panels and survey lines are not weighed (--actions)"
    )
    return Rule("value", avoided <= hole.cost, avoided, hole.cost, words)


def action_rule(weighed: Sequence[Weighed], asked: StopTerms) -> Rule:
    """No hole, panel or survey line is worth its cost, with what would be drilled after it."""
    rows = action_rows(weighed)
    if not rows:
        return Rule("value", True, 0.0, 1.0, "no action could find a target")
    best = rows[0]
    words = (
        f"of holes, panels and survey lines that are permitted the best is the {best.action} at "
        f"{best.place}: with what would be drilled after it, it avoids an expected loss of "
        f"{best.loss_avoided:.2g} for {best.cost:.2g}, {best.per_cost:.2g} per cost, a target left "
        f"unfound costing {asked.loss:g}"
    )
    return Rule("value", not any(row.worth_its_cost for row in rows), best.per_cost, 1.0, words)


def practice_rule(
    belief: Belief, declared: DeclaredClass, holes: Sequence[Hole], asked: StopTerms
) -> Rule:
    """Holes must lie as near to one another as the named rule of law or practice asks."""
    if asked.rule is None:
        words = "no rule of law or practice was named (--rule), so none was judged"
        return Rule("practice", None, None, None, words)
    rule = named_rule(asked.rule)
    spacing = rule.spacing(declared.diameter_m)
    share = grid_coverage(belief.prior, declared, holes, spacing)
    words = (
        f"{rule.words} ({rule.source}): {share:.0%} of the area is as near to a hole down to "
        f"{declared.above_m:g} m as a grid of {spacing:.2f} m would make it"
    )
    return Rule("practice", share >= 1.0, share, 1.0, words)


def worst_rule(detection: Detection | None, statement: Mapping[str, float]) -> Rule:
    """The least favourable target of the class must have been detected with 95 %."""
    if detection is None:
        words = "nothing was measured or drilled that could have detected a target"
        return Rule("worst-case", False, 0.0, WORST_CASE, words)
    p, fill, depth, place = detection.worst(OPEN_FILLS)
    words = (
        f"the least favourable target, a drive {detection.length_m:g} m long filled with {fill}, "
        f"its axis {depth:.1f} m deep at ({detection.x_m[place]:.1f}, {detection.y_m[place]:.1f}) "
        f"towards azimuth {detection.azimuth_deg[place]:.0f}°, would have been detected with "
        f"probability {computed_words(p)}; over all places, directions and depths it is "
        f"{computed_words(detection.mean(OPEN_FILLS))}. "
    )
    if statement["holes"] > 0:
        words += (
            "Holes alone, as sampling theory counts them: such a drive at random is met with "
            f"probability {computed_words(statement['mean'])}, at the worst azimuth "
            f"{computed_words(statement['worst'])}; "
            f"{statement['holes']:.0f} holes without a find say with 95 % confidence that at most "
            f"{statement['upper_share']:.2g} of the area is underlain, if they were placed at "
            "random"
        )
    else:
        words += "There is no hole, so sampling theory has nothing to state"
    return Rule("worst-case", p >= WORST_CASE, p, WORST_CASE, words)


def sampling_statement(
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
