"""The verb ``standoff``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from subterra.cli.inference import warn_if_stale
from subterra.cli.output import JsonFlag, Output, SiteArgument
from subterra.errors import InputError

if TYPE_CHECKING:
    from subterra.search.standoff import StandoffAnswer, StandoffRule

__all__ = ["standoff"]

Point = tuple[float, float, float]


def standoff(
    site: SiteArgument,
    rule: Annotated[
        str | None, typer.Argument(metavar="RULE", help="Name of a rule; all by default.")
    ] = None,
    face: Annotated[
        Point | None, typer.Option(metavar="X Y Z", help="The face, or one end of it.")
    ] = None,
    to: Annotated[
        Point | None, typer.Option(metavar="X Y Z", help="The other end of the face.")
    ] = None,
    within: Annotated[
        float | None, typer.Option(metavar="M", help="A distance of your own instead of a rule.")
    ] = None,
    family: Annotated[
        list[str] | None, typer.Option(metavar="F", help="What counts as workings.")
    ] = None,
    epsilon: Annotated[
        float, typer.Option(metavar="P", help="Probability from which on a rule applies.")
    ] = 0.05,
    json: JsonFlag = False,
) -> None:
    """Ask rules of law and practice at a face: how likely workings are within their distance."""
    from subterra.search import standoff as rules
    from subterra.site import Site
    from subterra.site.belief_store import current_belief

    out = Output(json)
    if face is None:
        problem = "say where the face is with --face X Y Z"
        raise InputError(problem)
    asked = _asked(rule, within)
    current = current_belief(Site.open(site))
    belief = current.belief
    place = rules.Face(face, to or face)
    answers = [
        rules.standoff(belief, each, place, epsilon=epsilon, families=family or ())
        for each in asked
    ]
    warn_if_stale(out, current, site)
    for answer in answers:
        _say(out, answer, belief.info.n_scenes)
    rows = [_facts(answer, belief.info.n_scenes) for answer in answers]
    out.document({"face": [list(face), list(to or face)], "rules": rows, "stale": current.stale})


def _asked(rule: str | None, within: float | None) -> list[StandoffRule]:
    from subterra.search.standoff import RULES, StandoffRule, find_rule

    if within is not None:
        if rule is not None:
            problem = "say either a rule or --within M"
            raise InputError(problem)
        if not 0.0 < within < float("inf"):
            problem = f"--within must be a positive number of metres, found {within:g}"
            raise InputError(problem)
        return [StandoffRule(f"within-{within:g}-m", within, "your own distance", "asked for")]
    return list(RULES.values()) if rule is None else [find_rule(rule)]


def _say(out: Output, answer: StandoffAnswer, n_scenes: int) -> None:
    from subterra.cli.words import stated

    rule = answer.rule
    what = (
        "shallow workings under this place"
        if rule.shallow
        else (f"workings within {rule.distance_m:.1f} m of this face")
    )
    said = "it cannot be said whether the rule applies"
    if answer.applies is not None:
        said = "the rule applies" if answer.applies else "the rule does not apply"
    out.say(
        f"{rule.name}: P({what}) {stated(answer.p_within, n_scenes)}; at the threshold of "
        f"{answer.epsilon:g} {said}."
    )
    if answer.applies:
        out.say(f"  {rule.source}: {rule.duty}.")
    if not answer.covered:
        out.warn(
            f"{rule.name}: part of that ground lies outside the site; the belief does not speak of "
            "it, and the probability is a lower bound"
        )


def _facts(answer: StandoffAnswer, n_scenes: int) -> dict[str, Any]:
    from subterra.inference import supported

    low, middle = answer.distance_quantiles_m or (None, None)
    return {
        "rule": answer.rule.name,
        "distance_m": answer.rule.distance_m,
        "p_within": supported(answer.p_within, n_scenes, False),
        "applies": answer.applies,
        "epsilon": answer.epsilon,
        "distance_m_5": low,
        "distance_m_50": middle,
        "covered": answer.covered,
        "duty": answer.rule.duty,
        "source": answer.rule.source,
    }
