"""Residual risk: what is left after dry holes, what is ruled out, and stop certificates."""

from __future__ import annotations

from functools import partial

from subterra.counting import counted
from subterra.report.blocks import (
    Block,
    Heading,
    Picture,
    Section,
    bullets,
    paragraph,
    section,
    table,
)
from subterra.report.charts import draw_residual
from subterra.report.content import ReportContent
from subterra.report.findings import Printer
from subterra.report.ruled_out import ruled_out_blocks

__all__ = ["residual_section"]


def residual_section(content: ReportContent, printer: Printer) -> Section:
    """Show residual risk against holes, the ruled-out map and the certificates of the site."""
    return section(
        "residual",
        "Residual risk",
        _against_holes(content, printer),
        Heading("What is ruled out", "ruled-out"),
        ruled_out_blocks(content.belief),
        Heading("Stop certificates"),
        _certificates(content),
    )


def _against_holes(content: ReportContent, printer: Printer) -> tuple[Block, ...]:
    left, hit = content.p_left_after, content.p_any_hit
    if left is None or hit is None or len(left) < 2:
        return (
            paragraph(
                "No holes are planned, so that nothing can be said of what they would leave.",
                "empty",
            ),
        )
    n = len(left) - 1
    alt = (
        f"P(a target is there): {printer(left[0])} now, {printer(left[-1])} after "
        f"{counted(n, 'dry hole')}. "
        f"P(at least one of them hits): {printer(hit[-1])}."
    )
    caption = f"What is left if holes are drilled in order and all are dry. {alt}"
    names = ["none", *(row.hole for row in content.planned)]
    rows = [
        [str(k), name, printer(float(a)), printer(float(b))]
        for k, (name, a, b) in enumerate(zip(names, left, hit, strict=True))
    ]
    header = ("dry holes", "the last of them", "P(a target is there)", "P(one of them hits)")
    return (
        Picture(partial(draw_residual, left=left, hit=hit), 5.2, 3.1, alt, caption, "half"),
        *table("The same in numbers; all holes above are dry", header, rows, words=(1,)),
    )


def _certificates(content: ReportContent) -> tuple[Block, ...]:
    if not content.certificates:
        words = "None has been asked for; subterra stop judges whether the search may end."
        return (paragraph(words, "empty"),)
    rows = [
        [str(c.number), "certified" if c.certified else "NOT certified", f"{c.p_upper:.3g}",
         c.time[:10], c.page]
        for c in content.certificates
    ]  # fmt: skip
    header = ("certificate", "verdict", "P(target of the class) at most", "made", "page")
    made = table("Stop certificates of this site", header, rows, words=(1, 3, 4))
    note = "A certificate speaks for the evidence of its day and for the class that it names."
    return (*made, *bullets([note], "note"))
