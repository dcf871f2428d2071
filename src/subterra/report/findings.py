"""The words of a report: findings, what they do not cover, how far they can be trusted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np

from subterra.inference.belief import Belief, p_any
from subterra.inference.words import likelihood_word, probability_words, support_limit
from subterra.report.blocks import Link, Tile, Words, first_upper
from subterra.report.content import ReportContent
from subterra.report.numbers import coordinate
from subterra.report.posterior import ObjectPosterior
from subterra.scene import N_SLOTS, prior_any
from subterra.search.hit import weighted_quantile
from subterra.search.plan import PlannedHole

__all__ = [
    "BEFORE_DRILLING",
    "FAMILY_WORDS",
    "Printer",
    "best_object",
    "findings",
    "key_numbers",
    "limits",
    "printer_of",
    "trust",
    "warnings",
]

FAMILY_WORDS: Final = {
    "driven": "a driven tunnel",
    "working": "a mine working",
    "chamber": "a chamber",
    "shaft": "a shaft",
    "conduit": "a natural conduit",
}

BEFORE_DRILLING: Final = (
    "Before drilling: clear utilities, hold the permits needed to enter old workings, and be ready "
    "for gas, water under pressure and loss of ground at the collar. None of this was checked here."
)


class Printer:
    """Prints probabilities of one belief only as far as its scenes support them."""

    def __init__(self, belief: Belief, calibrated: bool, support: int | None = None) -> None:
        self._n = len(belief.scenes) if support is None else min(support, len(belief.scenes))
        self._calibrated = calibrated

    def __call__(self, p: float | None) -> str:
        """Return the probability as it may be printed."""
        return probability_words(None if p is None else float(p), self._n, self._calibrated)

    def held(self, p: float | None) -> str:
        """Return a probability of the summary, which holds it at the bound it is known to pass."""
        limit = support_limit(self._n, calibrated=self._calibrated)
        bound = max(1.0 / (self._n + 1.0), 0.0 if self._calibrated else limit)
        if p is not None and p <= bound * (1.0 + 1e-9):
            return self(0.0)
        if p is not None and p >= 1.0 - bound * (1.0 + 1e-9):
            return self(1.0)
        return self(p)

    def equals(self, p: float | None) -> str:
        """Return the same after an equals sign, unless it carries a sign of its own."""
        return _equals(self(p))


def printer_of(content: ReportContent) -> Printer:
    """Return the printer of a page: its calibration says how far it may go."""
    view = content.calibration
    if view is None:
        return Printer(content.belief, content.calibrated)
    return Printer(content.belief, view.fine, view.support)


def _equals(words: str) -> str:
    return words if words[0] in "<>" else f"= {words}"


def best_object(content: ReportContent) -> Mapping[str, Any] | None:
    """Return the first, most probable object of the summary, or ``None``."""
    objects = content.summary["objects"]
    return objects[0] if objects else None


def _is_are(word: str | None, what: str, number: str) -> Words:
    """Put the likelihood word into a sentence where the scale has one; the number always."""
    shown = Link(number, "evidence")
    if word is None:
        return (f"The chance that there is {what}: P ", shown, ".")
    if word == "roughly even chance":
        return (f"There is a roughly even chance of {what}: P ", shown, ".")
    if word == "almost no chance":
        return (f"There is almost no chance of {what}: P ", shown, ".")
    return (f"It is {word} that there is {what}: P ", shown, ".")


def _supported_word(p: float, printer: Printer) -> str | None:
    return None if printer(p)[0] in "<>n" else likelihood_word(p)


def key_numbers(
    content: ReportContent, printer: Printer, best: ObjectPosterior | None
) -> tuple[Tile, ...]:
    """Numbers for the head of the page, each with the place of what it rests on."""
    belief = content.belief
    before = f"before any evidence {prior_any(belief.prior):.2f}"
    items = [Tile("P(target inside the bounds)", printer(p_any(belief)), before, "evidence")]
    if best is not None and len(best.weight):
        low, middle, high = weighted_quantile(best.depth_m, best.weight, [0.05, 0.5, 0.95])
        span = f"90 % between {low:.1f} and {high:.1f} m"
        items.append(Tile("Depth of the best object", f"{middle:.1f} m", span, "object"))
    if content.planned:
        first = content.planned[0]
        place = f"at {_place(first)}"
        items.append(Tile(f"P(hit) of hole {first.hole}", printer(first.p_hit), place, "planned-1"))
    if content.p_left_after is not None and len(content.p_left_after) > 1:
        n = len(content.p_left_after) - 1
        label = f"If {_holes(n)} {'is' if n == 1 else 'are all'} dry"
        left = printer(content.p_left_after[-1])
        items.append(Tile(label, left, "P(a target is still there)", "residual"))
    return tuple(items)


def _holes(n: int) -> str:
    return "the planned hole" if n == 1 else f"the {n} planned holes"


def _place(hole: PlannedHole) -> str:
    return f"E {hole.x:.1f}, N {hole.y:.1f}"


def _course(hole: PlannedHole) -> str:
    if hole.inclination_deg == 90.0:
        return "vertical"
    return f"azimuth {hole.azimuth_deg:.0f}°, {hole.inclination_deg:.0f}° down from horizontal"


def findings(content: ReportContent, printer: Printer, best: ObjectPosterior | None) -> list[Words]:
    """Say the findings in words and numbers, the most important first."""
    belief, summary = content.belief, content.summary
    p = p_any(belief)
    searched = " or ".join(FAMILY_WORDS[name] for name in belief.prior.targets)
    what = f"{searched} inside the bounds and above {belief.prior.depth_m:g} m depth"
    lines = [_is_are(_supported_word(p, printer), what, printer.equals(p))]
    factor = summary.get("log10_bayes_factor")
    if factor is not None:
        way = "multiplies" if factor >= 0.0 else "divides"
        lines.append(
            (
                f"The evidence {way} the odds of any target by ",
                Link(_round(10.0 ** abs(factor)), "evidence"),
                f" (log10 Bayes factor {factor:+.1f}).",
            )
        )
    item = best_object(content)
    if item is not None and best is not None:
        lines += _object_lines(content, item, best, printer)
    if content.planned:
        lines.append(_first_hole(content.planned[0], printer))
    if content.p_left_after is not None and len(content.p_left_after) > 1:
        n = len(content.p_left_after) - 1
        lines.append(
            (
                f"If {_holes(n)} found nothing, P(target inside the bounds) would be ",
                Link(printer(content.p_left_after[-1]), "residual"),
                ".",
            )
        )
    return lines


def _first_hole(first: PlannedHole, printer: Printer) -> Words:
    return (
        f"Drill first: hole {first.hole} at {_place(first)}, {_course(first)}, "
        f"{first.length_m:.1f} m long; target expected between {first.target_from_m:.1f} and "
        f"{first.target_to_m:.1f} m along the hole; P(hit) ",
        Link(printer.equals(first.p_hit), "planned-1"),
        ".",
    )


def _round(value: float) -> str:
    """Write a number above 1 with two figures, without powers of ten."""
    return f"{round(value, 1 - int(np.floor(np.log10(value)))):,.12g}"


def _object_lines(
    content: ReportContent, item: Mapping[str, Any], best: ObjectPosterior, printer: Printer
) -> list[Words]:
    family = max(item["family"], key=lambda k: item["family"][k] or 0.0)
    fill = max(item["fill"], key=lambda k: item["fill"][k] or 0.0)
    axis = np.asarray(item["axis"], float)
    steep = abs(axis[-1, 2] - axis[0, 2]) > np.hypot(*(axis[-1, :2] - axis[0, :2]))
    course = (
        ("upright at" if steep else "centre at")
        if best.azimuth_deg is None
        else f"axis along azimuth {best.azimuth_deg:.0f}° from E {axis[0, 0]:.1f}, "
        f"N {axis[0, 1]:.1f} to E {axis[-1, 0]:.1f}, N {axis[-1, 1]:.1f}, through"
    )
    sd = item.get("axis_sd_m")
    across = "" if steep else "across the axis "
    place = f"E {best.x_m:.1f}, N {best.y_m:.1f}" + (
        "" if sd is None else f" (±{sd:.1f} m, 1 sd {across}in plan)"
    )
    p = printer(best.p) if item["p"] is None else printer.held(item["p"])
    share = _equals(printer.held(item["fill"][fill]))
    lines: list[Words] = [
        (
            f"Best object: {FAMILY_WORDS[family]} (P ",
            Link(_equals(p), "object-1"),
            f"), {course} {place}. Most probable fill: {fill} (P ",
            Link(share, "object-1"),
            " given the object).",
        )
    ]
    if len(best.weight):
        lines.append(_size_line(best, "mouth" if steep else "axis"))
    others = len(content.summary["objects"]) - 1
    if others:
        lines.append((f"Further candidates: {others}; see ", Link("the objects", "object"), "."))
    return lines


def _size_line(best: ObjectPosterior, where: str) -> Words:
    depth = weighted_quantile(best.depth_m, best.weight, [0.05, 0.5, 0.95])
    radius = weighted_quantile(best.radius_m, best.weight, [0.05, 0.5, 0.95])
    return (
        f"Vertical depth of its {where} there ",
        Link(f"{depth[1]:.1f} m", "object"),
        f" (90 % between {depth[0]:.1f} and {depth[2]:.1f} m); radius ",
        Link(f"{radius[1]:.2f} m", "object"),
        f" (90 % between {radius[0]:.2f} and {radius[2]:.2f} m).",
    )


def warnings(content: ReportContent) -> list[str]:
    """Say what must be read before anything else."""
    out: list[str] = []
    if content.summary.get("stale"):
        out.append(
            "This answer is older than the evidence: something was added or withdrawn after it "
            "was computed. Run the inference again before acting on it."
        )
    if not content.summary.get("converged", True):
        reasons = content.summary.get("not_converged_because") or ()
        because = f": {'; '.join(reasons)}" if reasons else ""
        out.append(
            f"The inference has not converged{because}. Run it again with more scenes before "
            "acting on it."
        )
    out += [f"{first_upper(words)}." for words in content.summary.get("in_tension", ())]
    if content.calibration is not None and not content.calibrated:
        out.append(f"{first_upper(content.calibration.words)}.")
    elif not content.calibrated:
        out.append(
            "Not yet calibrated: the probabilities on this page have not been scored against "
            "known outcomes, so they are printed only between 0.01 and 0.99."
        )
    return out


def trust(content: ReportContent, printer: Printer) -> list[str]:
    """How the answer was computed and how well its parts agree; says nothing of likelihoods."""
    info, summary = content.belief.info, content.summary
    state = "converged" if summary.get("converged", True) else "did not converge"
    lines = [
        f"The inference {state}. {len(content.belief.scenes):,} scenes carry the answer, worth "
        f"{info.ess:,.0f} independent ones (effective sample size)."
    ]
    spread = summary.get("seed_spread")
    if spread is not None:
        islands = "; ".join(printer(v) for v in info.p_any_islands)
        lines.append(
            f"Independent runs differ in P(target) by {spread:.3f}"
            + (f" ({islands})." * bool(islands))
        )
    return lines


def limits(content: ReportContent) -> list[str]:
    """Say what the answer does not cover; every report states it."""
    prior = content.belief.prior
    x0, y0, x1, y1 = map(coordinate, prior.bounds)
    narrow = ", ".join(
        f"{name} narrower than {2.0 * prior.families[name].radius_m[0]:.1f} m"
        for name in prior.targets
    )
    rivals = [
        name for name, item in prior.families.items()
        if name not in prior.targets and item.expected > 0.0
    ]  # fmt: skip
    covered = {*prior.targets, *rivals}
    absent = ", ".join(
        f"{words[2:]}s" for name, words in FAMILY_WORDS.items() if name not in covered
    )
    return [
        f"Anything outside E {x0} to {x1}, N {y0} to {y1}, or deeper than "
        f"{prior.depth_m:g} m below the surface.",
        f"Voids narrower than the search assumed: {narrow}. More than {N_SLOTS} objects at once.",
        f"Kinds of void not searched for. Searched for: {', '.join(prior.targets)}; allowed as a "
        f"competing explanation: {', '.join(rivals) or 'none'}; without a place in the answer: "
        f"{absent or 'none'}.",
        "Relief: the ground surface is taken as a plane. Buried structures, utilities and made "
        "ground are not modelled one by one.",
        "Collapsed, backfilled or flooded voids whose properties come close to those of the "
        "ground: they leave little for any survey to see, and a hole through rubble may be logged "
        "as intact.",
        f"The chance of no target before any evidence, {prior.p_none:.2f}, was chosen by the user; "
        "it does not grow or shrink with the area.",
        "A dry hole speaks only for the length drilled and logged. No number here proves absence, "
        "and none says that the ground is safe to build on or to work under.",
        *content.limits,
    ]
