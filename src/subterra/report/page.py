"""The report of a site: its sections in the order in which a client reads them."""

from __future__ import annotations

from subterra.report.anchors import anchors_of
from subterra.report.annex import annex_section
from subterra.report.blocks import Document
from subterra.report.brief import brief_section, opening
from subterra.report.content import ReportContent, verdict_words
from subterra.report.desk import desk_section
from subterra.report.factual import factual_section
from subterra.report.findings import best_object, printer_of
from subterra.report.html import html_page
from subterra.report.limitations import limits_section
from subterra.report.model import model_section
from subterra.report.pdf import pdf_of
from subterra.report.posterior import object_posterior
from subterra.report.proposal import plan_section
from subterra.report.residual import residual_section
from subterra.report.trust import trust_section

__all__ = ["render_page", "render_pdf", "report_document"]


def report_document(content: ReportContent) -> Document:
    """Put a report together.

    Parameters
    ----------
    content : ReportContent
        What to show.

    Returns
    -------
    Document
        The order follows EN 1997-2, clause 6: what is fact stands before what is interpreted.
    """
    printer, anchors = printer_of(content), anchors_of(content)
    item = best_object(content)
    best = None if item is None else object_posterior(content.belief, item)
    x0, y0, x1, y1 = content.belief.prior.bounds
    facts = (
        f"Coordinates in metres ({content.crs}) · searched area {x1 - x0:g} m × {y1 - y0:g} m, to "
        f"{content.belief.prior.depth_m:g} m depth"
    ) + (f" · made {content.made}" if content.made else "")
    return Document(
        f"{content.title}: where to look for voids",
        facts,
        verdict_words(content, short=True),
        content.calibrated,
        opening(content, printer, best),
        (
            brief_section(content, printer, best),
            factual_section(content, anchors),
            desk_section(content, anchors, printer),
            model_section(content, anchors, printer, best),
            limits_section(content),
            plan_section(content, anchors, printer),
            residual_section(content, printer),
            trust_section(content, printer),
            annex_section(content),
        ),
        f"Made by Subterra {content.belief.info.version}. Depth is vertical below the ground "
        "surface unless it is said to run along a hole; inclination is positive down from "
        "horizontal; azimuth is clockwise from grid north.",
    )


def render_page(content: ReportContent) -> str:
    """Make the report as one self-contained HTML page; see ``html_page``."""
    return html_page(report_document(content))


def render_pdf(content: ReportContent) -> bytes:
    """Make the same report as a PDF; see ``pdf_of``."""
    return pdf_of(report_document(content), f"Subterra {content.belief.info.version}")
