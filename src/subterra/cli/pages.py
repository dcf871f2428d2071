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
        Path | None, typer.Option("--out", metavar="FILE", help="Where to write the page.")
    ] = None,
    json: JsonFlag = False,
) -> None:
    """Write one self-contained HTML page: map, sections, fits, ledger, plan and limits."""
    from subterra.report import write_report
    from subterra.site import Site
    from subterra.site.belief_store import current_belief

    output = Output(json)
    opened = Site.open(site)
    stale = current_belief(opened).stale
    if stale:
        output.warn_of_age(site)
    path = write_report(opened, out=out)
    output.say(f"Wrote {path}.")
    output.document({"report": str(path), "stale": stale})
