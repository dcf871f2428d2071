"""Reports: one self-contained HTML page about a site, with its figures inside."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from subterra.report.content import (
    DrilledHole,
    ReportContent,
    SightedReport,
    SourceItem,
    TruthObject,
)
from subterra.report.page import render_page

if TYPE_CHECKING:
    from subterra.site import Site

__all__ = [
    "DrilledHole",
    "ReportContent",
    "SightedReport",
    "SourceItem",
    "TruthObject",
    "render_page",
    "write_report",
]


def write_report(site: Site, *, out: Path | None = None) -> Path:
    """Write the page of a site.

    Parameters
    ----------
    site : Site
        The site, with a belief.
    out : Path, optional
        Where to; by default ``report/report.html`` in the site folder. What is there is replaced
        in one step.

    Returns
    -------
    Path
        The page.

    Raises
    ------
    SiteError
        If there is no belief, a file of the site is missing or was changed, or the page cannot
        be written.
    InputError
        If a file of evidence cannot be used.
    """
    from subterra.errors import SiteError
    from subterra.report.collect import collect
    from subterra.site.atomic import write_atomic

    path = site.path / "report" / "report.html" if out is None else out
    content = collect(site)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomic(path, render_page(content).encode("utf-8"))
    except OSError as error:
        problem = f"{path}: the report cannot be written: {error.strerror or error}"
        raise SiteError(problem) from error
    return path
