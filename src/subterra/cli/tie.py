"""The verb ``tie``."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Annotated

import typer

from subterra.cli.output import JsonFlag, Output

__all__ = ["tie"]

_SCALE_OFF = 1e-3


def tie(
    control: Annotated[
        Path,
        typer.Argument(metavar="FILE", help="CSV: point,local_x,local_y,x,y[,sd_m], metres."),
    ],
    json: JsonFlag = False,
) -> None:
    """Tie a local grid by control points; prints the options that place files of that grid."""
    from subterra.formats import read_grid_control
    from subterra.site.tie import tie_grid

    out = Output(json)
    table = read_grid_control(control)
    made = tie_grid(table)
    rows = [
        (name, f"{east:+.3f}", f"{north:+.3f}", "-" if math.isnan(missed) else f"{missed:.3f}")
        for name, (east, north), missed in zip(
            table.point, made.residual_m, made.left_out_m, strict=True
        )
    ]
    out.table(("point", "east m", "north m", "missed if left out m"), rows)
    out.say(f"Residuals {made.rms_m:.3f} m (rms); scale {made.scale:.6f}, which is not used.")
    if abs(made.scale - 1.0) > _SCALE_OFF:
        out.warn("the scale is not 1: is the local grid in feet, or in another projection?")
    if len(table) < 3:
        out.warn("two points tie the grid but nothing checks them; add a third")
    x, y = made.origin
    out.say(f"--option origin={x:.3f},{y:.3f} --option rotation_deg={made.rotation_deg:.6f}")
    out.document(
        {
            "origin": [x, y],
            "rotation_deg": made.rotation_deg,
            "scale": made.scale,
            "rms_m": made.rms_m,
            "residuals": [
                {
                    "point": name,
                    "east_m": float(east),
                    "north_m": float(north),
                    "left_out_m": None if math.isnan(missed) else float(missed),
                }
                for name, (east, north), missed in zip(
                    table.point, made.residual_m, made.left_out_m, strict=True
                )
            ],
        }
    )
