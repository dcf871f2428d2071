"""Surveys in a report: observed, predicted and residual panels with a plain verdict."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from subterra.counting import counted
from subterra.report.blocks import (
    Block,
    Heading,
    Picture,
    Pictures,
    joined,
    paragraph,
)
from subterra.report.content import ReportContent
from subterra.report.profiles import draw_profile, is_profile
from subterra.report.surveys import (
    draw_panel,
    fit_quality,
    panel_groups,
    panel_height,
    panel_names,
    snr_sentence,
    verdict,
)

if TYPE_CHECKING:
    from subterra.evidence import SurveyFit

__all__ = ["survey_blocks"]

_SIGN: Final = {
    "gravity": " A void is a negative gravity anomaly.",
    "resistivity": " A void filled with air is resistive, a flooded one is usually conductive.",
}


def survey_blocks(content: ReportContent) -> tuple[Block, ...]:
    """Panels of every survey, each with its verdict."""
    if not content.surveys:
        return (paragraph("No survey is part of this answer.", "empty"),)
    blocks = [_survey(fit, f"survey-{k}") for k, fit in enumerate(content.surveys, start=1)]
    return joined(blocks)


def _survey(fit: SurveyFit, anchor: str) -> tuple[Block, ...]:
    quality = fit_quality(fit)
    facts = (
        f"{counted(quality.n, 'datum', 'data')}; rms of residual over standard error "
        f"{quality.chi:.2f} (1 or "
        f"somewhat less is as expected); {quality.outliers} beyond three standard errors."
    )
    head = (
        Heading(f"Survey {fit.label}: observed, predicted, residual", anchor),
        paragraph(f"{verdict(quality, fit.words)} {snr_sentence(float(fit.snr))}"),
        paragraph(facts, "note"),
    )
    sign = _SIGN.get(fit.kind, "")
    if is_profile(fit):
        alt = f"{fit.label}: observed, predicted and residual along a line of {quality.n} points."
        note = f"Dashed lines about the residual: two standard errors.{sign}"
        drawn = Picture(partial(draw_profile, fit=fit), 8.0, 4.2, alt, note, "wide")
        return (*head, drawn)
    return (*head, *_panels(fit, sign))


def _panels(fit: SurveyFit, sign: str) -> tuple[Block, ...]:
    groups, left_out = panel_groups(fit)
    height = panel_height(groups, fit)
    what = "pseudosections" if groups[0].pseudosection else "map"
    shown = tuple(
        Picture(
            partial(draw_panel, fit=fit, name=name, groups=groups),
            4.8,
            height,
            f"{fit.label}: {name}, {what}.",
        )
        for name in panel_names(fit)
    )
    note = (
        "Observed and predicted share one colour scale. Triangles in the residual mark data beyond "
        f"two standard errors, pointing up where more was observed than predicted.{sign}"
    )
    if left_out:
        more = counted(left_out, "datum", "data")
        note += f" Part of the answer but not drawn: {more} of other lines."
    return Pictures(shown, 2), paragraph(note, "note")
