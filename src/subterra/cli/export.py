"""``subterra export``: what a site holds, in the formats of those who use it next."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from subterra.cli.output import JsonFlag, Output, SiteArgument
from subterra.errors import InputError

if TYPE_CHECKING:
    from subterra.site import Site

__all__ = ["export"]


def export(
    site: SiteArgument,
    to: Annotated[
        Path | None,
        typer.Option("--to", metavar="FOLDER", help="Where to; made if it is not there."),
    ] = None,
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
    ags4: Annotated[bool, typer.Option("--ags4", help="Holes, surveys and logs as AGS4.")] = False,
    plan: Annotated[bool, typer.Option("--plan", help="AGS4 with the planned holes.")] = False,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="Where to write AGS4.")
    ] = None,
    json: JsonFlag = False,
) -> None:
    """Write the site for QGIS, ParaView, phones and the drill crew (--to), or as AGS4 (--ags4)."""
    from subterra.site import Site

    output = Output(json)
    if ags4 == (to is not None):
        problem = "say where to write everything, --to FOLDER, or that the holes go out as --ags4"
        raise InputError(problem)
    opened = Site.open(site)
    if to is None:
        _write_ags4(output, opened, out, planned=plan)
    else:
        _write_layers(output, opened, to, only, cell)


def _write_ags4(output: Output, site: Site, out: Path | None, *, planned: bool) -> None:
    from subterra.site.export import export_ags4

    path = site.path / "report" / "holes.ags" if out is None else out
    count = export_ags4(site, path, date=f"{datetime.now(UTC):%Y-%m-%d}", planned=planned)
    output.say(f"Wrote {count} {'hole' if count == 1 else 'holes'} to {path}.")
    output.document({"format": "ags4", "file": str(path), "holes": count})


def _write_layers(
    output: Output, site: Site, to: Path, only: list[str] | None, cell_m: float | None
) -> None:
    from subterra.report.export import export_site

    made = export_site(site, to, only, cell_m=cell_m)
    if made.stale:
        output.warn_of_age(site.path)
    for name, reason in made.skipped.items():
        output.warn(f"no {name}: {reason}")
    for path in made.files:
        output.say(f"Wrote {path}.")
    if made.accuracy_m is not None:
        output.say(f"Longitudes and latitudes are good to {made.accuracy_m:g} m.")
    output.document(
        {
            "files": [str(path) for path in made.files],
            "skipped": dict(made.skipped),
            "stale": made.stale,
            "accuracy_m": made.accuracy_m,
        }
    )
