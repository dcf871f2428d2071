"""The verb ``report``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from subterra.cli.output import JsonFlag, Output, SiteArgument

__all__ = ["report"]


def report(
    site: SiteArgument,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", "-o", metavar="FILE", help="Where to write it; FILE.pdf is written as a PDF."
        ),
    ] = None,
    pdf: Annotated[
        bool, typer.Option("--pdf", help="Write a PDF of the same name beside the page.")
    ] = False,
    json: JsonFlag = False,
) -> None:
    """Write the report: answer, data, sources, rival explanations, limits, plan and annexes."""
    from subterra.report import write_reports
    from subterra.site import Site
    from subterra.site.belief_store import current_belief

    output = Output(json)
    opened = Site.open(site)
    stale = current_belief(opened).stale
    if stale:
        output.warn_of_age(site)
    paths = write_reports(opened, out=out, pdf=pdf)
    for path in paths:
        output.say(f"Wrote {path}.")
    pdfs = [str(path) for path in paths if path.suffix.lower() == ".pdf"]
    output.document({"report": str(paths[0]), "pdf": pdfs[0] if pdfs else None, "stale": stale})
