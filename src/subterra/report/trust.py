"""Calibration: how far the numbers and the computation can be trusted."""

from __future__ import annotations

from collections.abc import Mapping

from subterra.report.blocks import (
    Block,
    Heading,
    Section,
    bullets,
    first_upper,
    section,
    table,
)
from subterra.report.calibration import calibration_blocks
from subterra.report.content import ReportContent, verdict_words
from subterra.report.findings import Printer, trust

__all__ = ["fit_words", "trust_section"]


def trust_section(content: ReportContent, printer: Printer) -> Section:
    """Show the calibration, stated chances against outcomes, and how the answer was computed."""
    return section(
        "calibration",
        "Calibration: are the probabilities what they say?",
        calibration_blocks(content),
        (Heading("Chances stated before drilling"), *bullets(f"{w}." for w in content.predictions))
        if content.predictions
        else None,
        Heading("How the answer was computed", "trust"),
        bullets([*trust(content, printer), _said(content)]),
        _diagnostics(content, printer),
    )


def _said(content: ReportContent) -> str:
    if content.calibrated:
        return "Probabilities of this kind have been scored against known outcomes."
    return f"{first_upper(verdict_words(content))}. None is printed beyond 0.01 or 0.99."


def _diagnostics(content: ReportContent, printer: Printer) -> tuple[Block, ...]:
    info, checks = content.belief.info, content.summary.get("checks", {})
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
    ]
    return table("Diagnostics", ("quantity", "value"), rows, words=(0, 1))


def fit_words(values: Mapping[str, float | None]) -> str:
    """Say how well a piece of evidence fits the belief and the rest of the evidence."""
    out: list[str] = []
    if values.get("p_tension") is not None:
        out.append(f"tension {values['tension']:.1f} nats, p = {values['p_tension']:.2f}")
    if values.get("p_misfit") is not None:
        out.append(f"χ² {values['chi2_per_datum']:.2f} per datum, p = {values['p_misfit']:.2f}")
    return "; ".join(out)
