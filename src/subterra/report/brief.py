"""The first pages of a report: the answer in plain words, and what was asked."""

from __future__ import annotations

from subterra.report.blocks import Block, Heading, Section, Tiles, bullets, joined, section
from subterra.report.content import ReportContent
from subterra.report.findings import FAMILY_WORDS, Printer, findings, key_numbers, warnings
from subterra.report.numbers import coordinate
from subterra.report.posterior import ObjectPosterior

__all__ = ["brief_section", "opening"]


def opening(
    content: ReportContent, printer: Printer, best: ObjectPosterior | None
) -> tuple[Block, ...]:
    """Warnings, and the key numbers."""
    return joined(
        [bullets(warnings(content), "warning"), Tiles(key_numbers(content, printer, best))]
    )


def brief_section(
    content: ReportContent, printer: Printer, best: ObjectPosterior | None
) -> Section:
    """Give the findings in words and numbers, what was asked, and the remarks of the site."""
    prior = content.belief.prior
    x0, y0, x1, y1 = map(coordinate, prior.bounds)
    sought = " or ".join(FAMILY_WORDS[name] for name in prior.targets)
    asked = (
        f"Is there {sought} below E {x0} to {x1}, N {y0} to {y1} ({content.crs}), down to "
        f"{prior.depth_m:g} m under the ground; if so where; and which holes tell it best?",
        f"Before any evidence the chance of none was set to {prior.p_none:.2f}; the sections on "
        "limitations and in the annexes say what else was assumed.",
    )
    return section(
        "brief",
        "Brief: the answer in plain words",
        bullets(findings(content, printer, best)),
        Heading("What was asked"),
        bullets(asked),
        (Heading("Remarks"), *bullets(content.notes, "note")) if content.notes else None,
    )
