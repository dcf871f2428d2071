"""The verb ``centreline``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from subterra.cli.output import JsonFlag, Output
from subterra.counting import counted
from subterra.errors import InputError

__all__ = ["centreline"]


def centreline(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="Survex .svx or .3d, KML, or CSV line,x,y[,z].")
    ],
    to: Annotated[Path, typer.Option("--to", metavar="FILE", help="GeoJSON to write, a mine map.")],
    tie: Annotated[
        str, typer.Option(metavar="TIE", help="How the lines were tied to the ground.")
    ] = "survey",
    json: JsonFlag = False,
) -> None:
    """Turn surveyed centre lines into a mine map, loops closed."""
    from subterra.formats import (
        centreline_geojson,
        read_centreline_csv,
        read_kml_lines,
        read_survex,
        read_survex_3d,
    )
    from subterra.site.atomic import write_atomic

    readers = {
        ".svx": read_survex,
        ".3d": read_survex_3d,
        ".kml": read_kml_lines,
        ".csv": read_centreline_csv,
    }
    reader = readers.get(file.suffix.lower())
    if reader is None:
        problem = f"expected a file that ends in {', '.join(readers)}"
        raise InputError(problem, path=file)
    table = reader(file)
    try:
        write_atomic(to, centreline_geojson(table, sheet=file.stem, tie=tie))
    except OSError as error:
        problem = f"the file cannot be written: {error.strerror or error}"
        raise InputError(problem, path=to) from error
    out = Output(json)
    off = table.misclosure_m
    loops = "" if off is None else f"; legs are off by {off:.2f} m per axis after closing the loops"
    out.say(f"Wrote {counted(len(table), 'line')} to {to}{loops}.")
    out.document({"file": str(to), "lines": len(table), "misclosure_m": off})
