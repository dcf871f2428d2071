"""The verb ``export``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from subterra.cli.output import JsonFlag, Output, SiteArgument

__all__ = ["export"]


def export(
    site: SiteArgument,
    to: Annotated[
        Path, typer.Option("--to", metavar="FOLDER", help="Where to; made if it is not there.")
    ],
    only: Annotated[
        list[str] | None,
        typer.Option(
            "--only",
            metavar="FORMAT",
            help="One of gpkg (with a QGIS project), geotiff, vtk, kml, tak, csv, pdf; several "
            "times for several [all].",
        ),
    ] = None,
    cell: Annotated[
        float | None, typer.Option("--cell", metavar="M", help="Side of the map's cells.")
    ] = None,
    json: JsonFlag = False,
) -> None:
    """Write the site for QGIS, ParaView, phones and the drill crew."""
    from subterra.report.export import export_site
    from subterra.site import Site

    out = Output(json)
    made = export_site(Site.open(site), to, only, cell_m=cell)
    if made.stale:
        out.warn(f"the belief is older than the evidence; run: subterra infer {site}")
    for name, reason in made.skipped.items():
        out.warn(f"no {name}: {reason}")
    for path in made.files:
        out.say(f"Wrote {path}.")
    if made.accuracy_m is not None:
        out.say(f"Longitudes and latitudes are good to {made.accuracy_m:g} m.")
    out.document(
        {
            "files": [str(path) for path in made.files],
            "skipped": dict(made.skipped),
            "stale": made.stale,
            "accuracy_m": made.accuracy_m,
        }
    )
