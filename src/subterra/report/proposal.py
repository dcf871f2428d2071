"""Proposed investigation: the holes, why each of them, and what each outcome would mean."""

from __future__ import annotations

from typing import Final

from subterra.report.anchors import Anchors
from subterra.report.blocks import (
    Block,
    Bullets,
    Heading,
    Link,
    Row,
    Section,
    Words,
    paragraph,
    section,
    table,
)
from subterra.report.content import ReportContent
from subterra.report.findings import BEFORE_DRILLING, Printer
from subterra.search.outcomes import Outcome
from subterra.site.plan_ground import collar_words

__all__ = ["plan_section"]

_OUTDATED: Final = (
    "This plan is older than the answer: its P(hit), bits and reasons are those of the day it was "
    "made. Plan again before drilling."
)


def plan_section(content: ReportContent, anchors: Anchors, printer: Printer) -> Section:
    """Show the plan, the reason of each hole and the meaning of its outcomes."""
    reasons: tuple[Words, ...] = tuple(
        (anchors.hole(h.hole), f": {h.reason}") for h in content.planned if h.reason
    )
    return section(
        "plan",
        "Proposed investigation and its justification",
        paragraph(_OUTDATED, "warning") if content.plan_outdated else None,
        _plan_table(content, printer),
        (Heading("Why these holes"), Bullets(reasons, numbered=True)) if reasons else None,
        _kept_out(content),
        _outcomes(content, anchors, printer),
        paragraph(BEFORE_DRILLING, "note"),
    )


def _kept_out(content: ReportContent) -> tuple[Block, ...]:
    """Say what rules, permits and services kept out of the plan."""
    if not content.kept_out:
        return ()
    words: tuple[Words, ...] = tuple(f"{words}." for words in content.kept_out)
    return (Heading("Kept out of the plan"), Bullets(words))


def _plan_table(content: ReportContent, printer: Printer) -> tuple[Block, ...]:
    unit = f" ({content.cost_unit})" if content.cost_unit else ""
    header = (
        "", "hole", "E (m)", "N (m)", "z (m)", "z from", "azimuth (°)", "inclin. (°)", "length (m)",
        "target (m along hole)", "P(hit)", "P(hit | earlier missed)", "bits", f"cost{unit}",
    )  # fmt: skip
    means = {outcome.hole for outcome in content.outcomes}
    rows: list[Row] = []
    for k, h in enumerate(content.planned, start=1):
        p_hit = printer(h.p_hit)
        cells: tuple[Words, ...] = (
            str(k), h.hole, f"{h.x:.1f}", f"{h.y:.1f}", f"{h.z:.1f}", collar_words(h),
            f"{h.azimuth_deg:.0f}",
            f"{h.inclination_deg:.0f}", f"{h.length_m:.1f}",
            f"{h.target_from_m:.1f}–{h.target_to_m:.1f}",
            Link(p_hit, "outcomes") if h.hole in means else p_hit,
            printer(h.p_hit_given_previous_miss), f"{h.information_bits:.2f}", _cost(h.cost),
        )  # fmt: skip
        rows.append(Row(cells, f"planned-{k}"))
    return table(
        "Planned holes, in order; row n assumes that rows above have no result yet. Bits: what the "
        "outcome tells beyond that of the rows above",
        header,
        rows,
        words=(1, 5),
        empty="No holes are planned.",
    )


def _cost(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100.0 else f"{value:.2f}"


def _outcomes(content: ReportContent, anchors: Anchors, printer: Printer) -> tuple[Block, ...]:
    """Two rows for each hole: what follows from a logged void, and from none."""
    rivals = content.rivals
    if not content.outcomes or rivals is None:
        return ()
    letters = [chr(ord("A") + k) for k in range(len(rivals.best))]
    header = ("hole", "its log says", "P of that", "P(any target) then", *letters)
    rows = [row for o in content.outcomes for row in _pair(o, anchors, printer)]
    return (
        Heading("What each outcome would mean", "outcomes"),
        paragraph(
            (
                "Each hole as if it were drilled first. A to ",
                f"{letters[-1]} are the ",
                Link("rival explanations", "rivals"),
                ", with their probabilities after that outcome. A log can miss a void and can name "
                "one where there is none; both are in these numbers.",
            )
        ),
        *table("The answer after each outcome", header, rows, words=(0, 1)),
    )


def _pair(made: Outcome, anchors: Anchors, printer: Printer) -> tuple[Row, Row]:
    def row(said: str, p: float, target: float | None, after: tuple[float | None, ...]) -> Row:
        return Row(
            (
                anchors.hole(made.hole),
                said,
                printer(min(p, 1.0)),
                printer(target),
                *(printer(v) for v in after),
            )
        )

    return (
        row("void", made.p_void, made.any_if_void, made.rivals_if_void),
        row("no void", 1.0 - made.p_void, made.any_if_dry, made.rivals_if_dry),
    )
