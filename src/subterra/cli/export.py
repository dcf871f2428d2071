"""The verb ``export``."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from subterra.cli.output import JsonFlag, Output, SiteArgument
from subterra.errors import InputError

__all__ = ["export"]


def export(
    site: SiteArgument,
    ags4: Annotated[bool, typer.Option("--ags4", help="Holes, surveys and logs as AGS4.")] = False,
    plan: Annotated[bool, typer.Option("--plan", help="With the planned holes.")] = False,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="Where to write it.")
    ] = None,
    json: JsonFlag = False,
) -> None:
    """Write what the site holds in a format of the field: --ags4."""
    from subterra.site import Site
    from subterra.site.export import export_ags4

    output = Output(json)
    if not ags4:
        problem = "say what to write: --ags4"
        raise InputError(problem)
    opened = Site.open(site)
    path = opened.path / "report" / "holes.ags" if out is None else out
    count = export_ags4(opened, path, date=f"{datetime.now(UTC):%Y-%m-%d}", planned=plan)
    output.say(f"Wrote {count} {'hole' if count == 1 else 'holes'} to {path}.")
    output.document({"format": "ags4", "file": str(path), "holes": count})
