"""The page of a stop certificate."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any, Final

from subterra.inference import probability_words
from subterra.report.blocks import (
    Block,
    Document,
    Picture,
    Tile,
    Tiles,
    bullets,
    joined,
    paragraph,
    section,
    table,
)
from subterra.report.html import html_page
from subterra.report.numbers import coordinate, signed
from subterra.report.ruled_out import ruled_out_blocks
from subterra.report.stop_map import draw_detection
from subterra.search.holes import Hole
from subterra.search.presence import LEAST_P0
from subterra.site.folder import Site
from subterra.site.holes import logged_holes
from subterra.site.stop_store import Certificate, freeze_certificate
from subterra.site.stopping import Assessment, Rule

__all__ = ["found_words", "render_stop", "stop_document", "write_certificate"]

_RULES: Final = {
    "probability": "Probability: P(target of the class) below the accepted chance",
    "value": "Value: no further hole is worth its cost",
    "practice": "Law or practice: the named rule is fulfilled",
    "worst-case": "Worst case: detection of the least favourable target at least 0.95",
}


def write_certificate(site: Site, made: Assessment) -> tuple[Site, Certificate]:
    """Freeze an assessment with its page in the site; see ``freeze_certificate``."""
    holes = logged_holes(site)

    def page(document: Mapping[str, Any], sha256: str) -> str:
        return render_stop(site.name, made, document, sha256, holes)

    return freeze_certificate(site, made, page)


def render_stop(
    name: str,
    made: Assessment,
    document: Mapping[str, Any],
    sha256: str,
    holes: list[Hole] | None = None,
) -> str:
    """Make the page of a certificate.

    Parameters
    ----------
    name : str
        Name of the site.
    made : Assessment
        What was judged.
    document : mapping
        The certificate as JSON holds it.
    sha256 : str
        Hash of that JSON file.
    holes : list of Hole, optional
        Logged holes, for the map.

    Returns
    -------
    str
        A self-contained HTML document.
    """
    return html_page(stop_document(name, made, document, sha256, holes or []))


def stop_document(
    name: str,
    made: Assessment,
    document: Mapping[str, Any],
    sha256: str,
    holes: list[Hole],
) -> Document:
    """Put the certificate together; see `render_stop`."""
    return Document(
        f"{name}: stop certificate {document['certificate']}",
        _facts(made, document),
        "certified" if made.certified else "NOT certified",
        made.certified,
        (Tiles(_numbers(made, document)),),
        (
            section("statement", "What is stated", _statement(made, document)),
            section("rules", "Four rules side by side", _rules(made), _rule_words(made)),
            section("cleared", "What is not cleared", bullets(made.not_cleared, "warning")),
            section("sensitivity", "What it rests on", _sensitivity(made)),
            section("detection", "What would have been detected", _detection(made, holes)),
            section("ruled-out", "What is ruled out", ruled_out_blocks(made.current.belief)),
            section("proof", "How it was computed", _proof(made, document, sha256)),
        ),
        "Depth is vertical below the ground surface. A probability speaks for the prior, the "
        "evidence and the model named here; it is no promise. Signed: ____________________   "
        "Date: ____________",
    )


def _facts(made: Assessment, document: Mapping[str, Any]) -> str:
    corners = made.declared.polygon
    low, high = ([coordinate(float(v)) for v in end] for end in (corners.min(0), corners.max(0)))
    return (
        f"Area of {len(corners)} corners between ({low[0]}, {low[1]}) and ({high[0]}, {high[1]}), "
        f"metres ({document['crs'] or 'local frame'}) · made {document['made']}"
    )


def _say(made: Assessment, p: float | None) -> str:
    return probability_words(p, made.current.belief.info.n_scenes)


def _numbers(made: Assessment, document: Mapping[str, Any]) -> tuple[Tile, ...]:
    detection = document["detection"]
    worst = "nothing was done" if detection is None else _pod(detection["worst_open"])
    found = made.found
    did = "decibans; −10 divides the odds by ten"
    asked = f"asked: below {made.terms.epsilon:g}"
    bound = "95 % bound of the computation"
    return (
        Tile("P(target of the class)", _say(made, found.p), asked, "proof"),
        Tile("at most", _say(made, found.upper), bound, "proof"),
        Tile("what the evidence did", signed(found.decibans), did, "sensitivity"),
        Tile("worst-case detection", worst, "of an open target; 0.95 is the rule", "detection"),
    )


def _pod(p: float) -> str:
    """Write a probability of detection to the hundredth, never as a certainty."""
    return probability_words(p, 100)


def _statement(made: Assessment, document: Mapping[str, Any]) -> tuple[Block, ...]:
    families = " or ".join(document["declared"]["families"])
    text = (
        f"Targets of the class are objects of the families {families}, at least "
        f"{made.declared.diameter_m:g} m wide (equivalent diameter), whose roof somewhere under "
        f"the area is shallower than {made.declared.above_m:g} m below the ground."
    )
    if made.certified:
        verdict = (
            f"P(no such target) ≥ {1.0 - made.terms.epsilon:g}: the scenes give P(target) "
            f"{_say(made, made.found.p)}, at most {_say(made, made.found.upper)}."
        )
        return paragraph(text), paragraph(verdict)
    return (
        paragraph(text),
        paragraph("No certificate is issued for this class:"),
        *bullets(made.reasons, "warning"),
    )


def _rules(made: Assessment) -> tuple[Block, ...]:
    rows = [
        [_RULES[rule.name], _verdict(rule), found_words(made, rule), _number(rule.bound)]
        for rule in made.rules
    ]
    return table(
        "Only the first decides; the others are for the engineer who signs",
        ("rule", "met", "found", "held against"),
        rows,
        words=(0, 1),
    )


def _verdict(rule: Rule) -> str:
    return "not judged" if rule.met is None else "yes" if rule.met else "no"


def found_words(made: Assessment, rule: Rule) -> str:
    """Write what a rule has found: probabilities only as far as they are supported."""
    if rule.value is not None and rule.name == "probability":
        return _say(made, min(rule.value, 1.0))
    if rule.value is not None and rule.name == "worst-case":
        return _pod(rule.value)
    return _number(rule.value)


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.3g}"


def _rule_words(made: Assessment) -> tuple[Block, ...]:
    return bullets(f"{_RULES[rule.name].split(':')[0]}: {rule.words}." for rule in made.rules)


def _sensitivity(made: Assessment) -> tuple[Block, ...]:
    say = partial(_say, made)
    own = made.current.belief.prior.p_none
    rows = [[f"p0, the probability of no target before the evidence, were {p0:g}", say(p)]
            for p0, p in made.priors]  # fmt: skip
    rows += [[f"the whole search was worthless with probability {q:g}", say(p)]
             for q, p in made.doubts]  # fmt: skip
    rows += [[f"{name} were left out", say(p)] for name, p in made.pieces.items()]
    if made.weaker_holes is not None or any(name.startswith("hole") for name in made.pieces):
        rows.append(["holes found a fifth less of what they meet", say(made.weaker_holes)])
    if made.prior_needed is None:
        needed = "No p0 up to 0.999 brings it below the accepted chance."
    elif made.prior_needed <= LEAST_P0:
        needed = f"It is below {made.terms.epsilon:g} for every p0."
    else:
        needed = f"It is below {made.terms.epsilon:g} for every p0 from {made.prior_needed:.2f} up."
    return (
        *table(
            "P(target of the class) if something were otherwise; not supported where the scenes at "
            "hand are too one-sided to tell",
            ("if", "P(target)"),
            rows,
            words=(0,),
        ),
        paragraph(f"{needed} The site file says p0 = {own:g}."),
    )


def _detection(made: Assessment, holes: list[Hole]) -> tuple[Block, ...]:
    found = made.detection
    if found is None:
        nothing = "Nothing was measured or drilled that could detect a target."
        return (paragraph(nothing, "empty"),)
    draw = partial(
        draw_detection,
        detection=found,
        polygon=made.declared.polygon,
        holes=holes,
        bounds=made.current.belief.prior.bounds,
    )
    rows = [
        [name, _pod(found.worst((name,))[0]), _pod(found.mean((name,)))] for name in found.fills
    ]
    means = [
        [name, _pod(float(pod[:2].min())), _pod(float(pod[:2].mean()))]
        for name, pod in found.by_means.items()
    ]
    notes = [f"{name} {why}; it counts as seeing nothing." for name, why in made.left_out.items()]
    caption = (
        "Smallest probability of detection of an open target of the class whose middle is there, "
        "over directions and depths. Grid north is up."
    )
    alt = "Map of the smallest probability of detection by place"
    return joined([
        Picture(draw, 6.2, 4.6, alt, caption, "map"),
        table(f"Drive {made.declared.diameter_m:g} m wide and {found.length_m:g} m long, by fill",
              ("fill", "worst", "mean"), rows, words=(0,)),
        table("By each means alone, open fills", ("means", "worst", "mean"), means, words=(0,)),
        bullets(notes),
    ])  # fmt: skip


def _proof(made: Assessment, document: Mapping[str, Any], sha256: str) -> tuple[Block, ...]:
    info = made.current.belief.info
    rows = [
        ["scenes; effective", f"{info.n_scenes:,}; {info.ess:,.0f}"],
        ["P(target of the class), by independent run",
         "; ".join(_say(made, p) for p in made.found.islands)],
        ["P(target of the class) before any evidence", f"{made.found.prior:.3g}"],
        ["P(no target) in the site file, p0", f"{made.current.belief.prior.p_none:g}"],
        ["calibration", str(document["calibration"])],
        ["belief", f"sha256 {made.current.record.sha256}"],
        ["this certificate as JSON", f"sha256 {sha256}"],
        *([f"evidence: {name}", value] for name, value in info.evidence.items()),
        ["version", info.version],
    ]  # fmt: skip
    return table("Facts", ("fact", "value"), rows, words=(0, 1))
