"""Sections of the page that support the answer: evidence, surveys, limits, trust, sources."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from subterra.report.charts import draw_ledger, ledger_order
from subterra.report.content import ReportContent, verdict_words
from subterra.report.findings import Printer, limits, trust
from subterra.report.item_weights import item_weights
from subterra.report.markup import bullets, escape, figure, first_upper, paragraph, section, table
from subterra.report.style import figure_uri
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

__all__ = [
    "evidence_section",
    "limits_section",
    "source_section",
    "survey_section",
    "trust_section",
]


def evidence_section(content: ReportContent) -> str:
    """Show the ledger in decibans and the reports with their grades."""
    info = content.belief.info
    shown = _ledger(info.explained, info.ledger)
    rows = [
        [r.id, r.source, r.grade, r.origin, r.kind, f"{r.x_m:.1f}", f"{r.y_m:.1f}", f"{r.sd_m:.1f}",
         r.text]
        for r in content.reports
    ]  # fmt: skip
    header = ("report", "source", "grade", "origin", "kind", "E (m)", "N (m)", "sd (m)", "text")
    return section(
        "evidence",
        "Evidence: what moved the answer",
        shown,
        *item_weights(content.ledger),
        table(
            "Reports and signs. Grade: reliability of the source (A–F) and credibility of the item "
            "(1–6); F and 6 mean unknown, not false",
            header, rows, words=(0, 1, 2, 3, 4, 8),
        ),
    )  # fmt: skip


def _ledger(explained: Mapping[str, float], left_out: Mapping[str, float]) -> str:
    """Chart of what the targets explain, and a table that adds what leaving an item out changes."""
    if not explained:
        return paragraph("No evidence has been weighed yet.", "empty")
    if not np.isfinite(list(explained.values())).any():
        return paragraph("No scene of the answer has a target, so no weight for one can be given.")

    def say(value: float) -> str:
        return f"{value:+.1f}".replace("-", "−") if np.isfinite(value) else "not supported"

    items = ledger_order(explained)
    uri = figure_uri(partial(draw_ledger, ledger=explained), 5.2, 0.9 + 0.3 * len(items))
    weights = "; ".join(f"{name} {say(value)} decibans" for name, value in items)
    alt = f"Weight of evidence: {weights}"
    caption = (
        "By how much the targets of the answer explain each piece of evidence better than the same "
        "ground without them, before the price for choosing among many places. Ten decibans "
        "multiply the odds by ten."
    )
    rows = [[name, say(value), say(left_out.get(name, np.nan))] for name, value in items]
    return figure(uri, alt, caption, "half") + table(
        "Decibans. Left out: how much the odds of any target would fall without this piece, all "
        "others staying; not supported where the scenes at hand are too one-sided to tell",
        ("evidence", "explains (dB)", "left out (dB)"), rows, words=(0,),
    )  # fmt: skip


def survey_section(content: ReportContent) -> str:
    """Observed, predicted and residual panels of every survey with a verdict."""
    blocks = [_survey(fit) for fit in content.surveys]
    if not blocks:
        blocks = [paragraph("No survey is part of this answer.", "empty")]
    return section("surveys", "Surveys: observed, predicted, residual", *blocks)


def _survey(fit: SurveyFit) -> str:
    quality = fit_quality(fit)
    facts = (
        f"{quality.n} data; rms of residual over standard error {quality.chi:.2f} (1 or "
        f"somewhat less is as expected); {quality.outliers} beyond three standard errors."
    )
    groups, left_out = panel_groups(fit)
    height = panel_height(groups, fit)
    shown = [
        figure(
            figure_uri(partial(draw_panel, fit=fit, name=name, groups=groups), 4.8, height),
            f"{fit.label}: {name}, {'pseudosections' if groups[0].pseudosection else 'map'}.",
        )
        for name in panel_names(fit)
    ]
    sign = (
        " A void is a negative gravity anomaly." if fit.kind == "gravity" else
        " A void filled with air is resistive, a flooded one is usually conductive."
        if fit.kind == "resistivity" else ""
    )  # fmt: skip
    note = (
        "Observed and predicted share one colour scale. Triangles in the residual mark data beyond "
        f"two standard errors, pointing up where more was observed than predicted.{sign}"
    )
    if left_out:
        note += f" {left_out} data of other lines are part of the answer but are not drawn."
    return "\n".join(
        [
            f"<h3>{escape(fit.label)}</h3>",
            paragraph(f"{verdict(quality, fit.words)} {snr_sentence(float(fit.snr))}"),
            paragraph(facts, "note"),
            f'<div class="pair">{"".join(shown)}</div>',
            paragraph(note, "note"),
        ]
    )


def limits_section(content: ReportContent) -> str:
    """Say what the answer does not cover."""
    return section("limits", "What this answer does not cover", bullets(limits(content)))


def trust_section(content: ReportContent, printer: Printer) -> str:
    """How the answer was computed, and how well independent runs agree."""
    info = content.belief.info
    calibration = (
        "Probabilities of this kind have been scored against known outcomes."
        if content.calibrated
        else f"{first_upper(verdict_words(content))}. None is printed beyond 0.01 or 0.99."
    )
    checks = content.summary.get("checks", {})
    rows = [
        ["scenes", f"{len(content.belief.scenes):,}"],
        ["effective sample size", f"{info.ess:,.0f}"],
        ["P(target), by independent run", "; ".join(printer(v) for v in info.p_any_islands)],
        ["log evidence, by independent run", "; ".join(f"{v:.1f}" for v in info.log_evidence)],
        *(
            [f"R̂ between halves: {name}", "–" if value is None else f"{value:.3f}"]
            for name, value in content.summary.get("r_hat", {}).items()
        ),
        *([f"fit of {name}", fit_words(values)] for name, values in checks.items() if values),
        ["temperatures", str(len(info.temperatures))],
        *([f"accepted moves: {name}", f"{share:.2f}"] for name, share in info.acceptance.items()),
        ["seed", str(info.seed)],
        ["time of the inference", f"{info.seconds:.1f} s"],
        *([name, value] for name, value in content.provenance.items()),
    ]
    return section(
        "trust",
        "How far to trust the computation",
        bullets([*trust(content, printer), calibration]),
        table("Diagnostics", ("quantity", "value"), rows, words=(0, 1)),
    )


def fit_words(values: Mapping[str, float | None]) -> str:
    """Say how well a piece of evidence fits the belief and the rest of the evidence."""
    out: list[str] = []
    if values.get("p_tension") is not None:
        out.append(f"tension {values['tension']:.1f} nats, p = {values['p_tension']:.2f}")
    if values.get("p_misfit") is not None:
        out.append(f"χ² {values['chi2_per_datum']:.2f} per datum, p = {values['p_misfit']:.2f}")
    return "; ".join(out)


def source_section(content: ReportContent) -> str:
    """Files behind the evidence with their fingerprints."""
    rows = [[s.id, s.kind, s.name, s.fingerprint, s.note] for s in content.sources]
    return section(
        "sources",
        "Sources and fingerprints",
        table(
            "Evidence as given; a fingerprint changes with any byte of it",
            ("id", "kind", "file", "fingerprint", "remark"), rows, words=range(5),
            empty="No files are recorded.",
        ),
    )  # fmt: skip
