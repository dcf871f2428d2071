"""The verb ``stop``: may the search end, and what can be signed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from subterra.cli.inference import warn_if_stale
from subterra.cli.output import JsonFlag, Output, SiteArgument

if TYPE_CHECKING:
    from subterra.site.stopping import Assessment

__all__ = ["stop"]


def stop(
    site: SiteArgument,
    diameter: Annotated[
        float | None,
        typer.Option(metavar="D", help="Smallest target, metres wide [smallest of the prior]."),
    ] = None,
    above: Annotated[
        float | None,
        typer.Option(metavar="Z", help="Roof shallower than this, metres under ground [all]."),
    ] = None,
    inside: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Area: GeoJSON polygon or CSV x,y [the whole site]."),
    ] = None,
    epsilon: Annotated[
        float, typer.Option(metavar="E", help="Accepted probability of such a target.")
    ] = 0.05,
    loss: Annotated[
        float, typer.Option(metavar="L", help="Cost of a target unfound, in drilling's unit.")
    ] = 100.0,
    rule: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Judge by 3-ft-grid, 8-ft-probe or half-diameter."),
    ] = None,
    length: Annotated[
        float | None,
        typer.Option(metavar="L", help="Shortest target, metres [shortest of the prior]."),
    ] = None,
    actions: Annotated[
        bool,
        typer.Option("--actions", help="Weigh panels and survey lines in the rule of value, too."),
    ] = False,
    json: JsonFlag = False,
) -> None:
    """Judge whether the search may stop: four rules, what they rest on, what is not cleared.

    Exit status 0 also where nothing is certified.
    """
    from subterra.formats.polygon import read_polygon
    from subterra.report.stop import write_certificate
    from subterra.site import Site
    from subterra.site.stopping import StopTerms, assess

    out = Output(json)
    terms = StopTerms(epsilon, loss, rule, length, actions)
    polygon = None if inside is None else read_polygon(inside)
    opened = Site.open(site)
    made = assess(opened, diameter_m=diameter, above_m=above, polygon=polygon, terms=terms)
    changed, certificate = write_certificate(opened, made)
    warn_if_stale(out, made.current, site)
    _say(out, made)
    for name in certificate.files:
        out.say(f"  {changed.path / name}")
    facts = {**certificate.document, "files": list(certificate.files)}
    facts["sha256"] = dict(zip(certificate.files, certificate.sha256, strict=True))
    out.document(facts)


def _say(out: Output, made: Assessment) -> None:
    from subterra.cli.words import stated
    from subterra.report.stop import found_words

    n = made.current.belief.info.n_scenes
    declared = made.declared
    what = f"target at least {declared.diameter_m:g} m wide above {declared.above_m:g} m"
    if made.certified:
        out.say(f"Certified: P(no {what}) ≥ {1.0 - made.terms.epsilon:g}.")
    else:
        out.say(f"NOT certified that there is no {what}:")
        for reason in made.reasons:
            out.say(f"  {reason}.")
    out.say(f"P(such a target) {stated(made.found.p, n)}.")
    rows = [
        (
            rule.name,
            "not judged" if rule.met is None else "yes" if rule.met else "no",
            found_words(made, rule),
            "" if rule.bound is None else f"{rule.bound:.3g}",
        )
        for rule in made.rules
    ]
    out.table(("rule", "met", "found", "held against"), rows)
    for rule in made.rules:
        out.say(f"{rule.name}: {rule.words}.")
    out.say("Not cleared:")
    for line in made.not_cleared:
        out.say(f"  {line}.")
