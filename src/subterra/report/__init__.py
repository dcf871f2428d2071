"""Reports: one document about a site, as a self-contained HTML page and as a PDF."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from subterra.report.content import (
    DrilledHole,
    ReportContent,
    SightedReport,
    SourceItem,
    TruthObject,
)
from subterra.report.page import render_page, render_pdf

if TYPE_CHECKING:
    from subterra.site import Site

__all__ = [
    "DrilledHole",
    "ReportContent",
    "SightedReport",
    "SourceItem",
    "TruthObject",
    "render_page",
    "render_pdf",
    "write_report",
    "write_reports",
]

_PDF: Final = ".pdf"


def write_report(site: Site, *, out: Path | None = None) -> Path:
    """Write the page of a site, or its PDF where ``out`` ends so; see `write_reports`."""
    return write_reports(site, out=out)[0]


def write_reports(site: Site, *, out: Path | None = None, pdf: bool = False) -> list[Path]:
    """Write the report of a site.

    Parameters
    ----------
    site : Site
        The site, with a belief.
    out : Path, optional
        Where to; by default ``report/report.html`` in the site folder. What is there is replaced
        in one step. A name that ends in ``.pdf`` is written as a PDF.
    pdf : bool
        Whether a PDF of the same name is written beside the page.

    Returns
    -------
    list of Path
        What was written: the page first, if there is one.

    Raises
    ------
    SiteError
        If there is no belief, a file of the site is missing or was changed, or a file cannot be
        written.
    InputError
        If a file of evidence cannot be used.
    """
    from subterra.report.collect import collect

    path = site.path / "report" / "report.html" if out is None else out
    content = collect(site)
    if path.suffix.lower() == _PDF:
        return [_written(path, render_pdf(content))]
    paths = [_written(path, render_page(content).encode("utf-8"))]
    if pdf:
        paths.append(_written(path.with_suffix(_PDF), render_pdf(content)))
    return paths


def _written(path: Path, data: bytes) -> Path:
    from subterra.errors import SiteError
    from subterra.site.atomic import write_atomic

    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomic(path, data)
    except OSError as error:
        problem = f"{path}: the report cannot be written: {error.strerror or error}"
        raise SiteError(problem) from error
    return path
