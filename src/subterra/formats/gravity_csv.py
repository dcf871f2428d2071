"""Gravity as CSV: ``station,x,y[,z],g_ugal[,sd_ugal][,loop,time]``."""

from __future__ import annotations

from pathlib import Path

from subterra.formats.csv_table import header_names, read_csv, write_csv
from subterra.formats.text import MAX_BYTES
from subterra.tables import GravityTable

__all__ = ["read_gravity", "sniff_gravity", "write_gravity"]

_REQUIRED = ("station", "x", "y", "g_ugal")
_OPTIONAL = ("z", "sd_ugal", "loop", "time")


def read_gravity(path: Path | str, *, max_bytes: int = MAX_BYTES) -> GravityTable:
    """Read gravity stations: metres, µGal positive down (a void is negative).

    Parameters
    ----------
    path : Path or str
        CSV file with the columns above, in any order.
    max_bytes : int
        Size beyond which the file is refused.

    Returns
    -------
    GravityTable

    Raises
    ------
    InputError
        Anything that cannot be used, with line and column.
    """
    table = read_csv(path, _REQUIRED, _OPTIONAL, max_bytes=max_bytes)
    with table.locating():
        return GravityTable(
            station=table.text("station"),
            x_m=table.numbers("x"),
            y_m=table.numbers("y"),
            z_m=table.optional_numbers("z"),
            g_ugal=table.numbers("g_ugal"),
            sd_ugal=table.optional_numbers("sd_ugal"),
            loop=table.optional_text("loop"),
            time=table.optional_text("time"),
            extra=table.extra(),
        )


def write_gravity(table: GravityTable, path: Path | str) -> None:
    """Write gravity stations so that `read_gravity` gives back the same table."""
    columns = {
        "station": table.station,
        "x": table.x_m,
        "y": table.y_m,
        "z": table.z_m,
        "g_ugal": table.g_ugal,
        "sd_ugal": table.sd_ugal,
        "loop": table.loop,
        "time": table.time,
    }
    write_csv(path, columns, table.extra, required=_REQUIRED, optional=_OPTIONAL)


def sniff_gravity(head: bytes) -> bool:
    """Whether the first bytes of a file are the header of a gravity table.

    A gravity column in another unit is recognised too, so that reading can say what is wrong.
    """
    names = header_names(head)
    return "station" in names and any(name == "g" or name.startswith("g_") for name in names)
