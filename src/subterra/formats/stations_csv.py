"""Stations of a gravimeter dump as CSV: ``station,x,y[,z]``."""

from __future__ import annotations

from pathlib import Path

from subterra.formats.csv_table import header_names, read_csv, write_csv
from subterra.formats.text import MAX_BYTES, Place
from subterra.tables import StationTable

__all__ = ["read_stations", "sniff_stations", "write_stations"]

_REQUIRED = ("station", "x", "y")
_OPTIONAL = ("z",)


def read_stations(path: Path | str, *, max_bytes: int = MAX_BYTES) -> StationTable:
    """Read where stations are, in metres.

    Parameters
    ----------
    path : Path or str
        CSV file with the columns above, in any order.
    max_bytes : int
        Size beyond which the file is refused.

    Returns
    -------
    StationTable

    Raises
    ------
    InputError
        Anything that cannot be used, with line and column; and a file that holds readings.
    """
    table = read_csv(path, _REQUIRED, _OPTIONAL, max_bytes=max_bytes)
    for position, name in enumerate(table.names, start=1):
        if _is_reading(name):
            problem = f"found column {name!r}: this is a table of readings, not of stations alone"
            Place(path, 1).refuse(problem, column=position)
    with table.locating():
        return StationTable(
            station=table.text("station"),
            x_m=table.numbers("x"),
            y_m=table.numbers("y"),
            z_m=table.optional_numbers("z"),
            extra=table.extra(),
        )


def write_stations(table: StationTable, path: Path | str) -> None:
    """Write stations so that `read_stations` gives back the same table."""
    columns = {"station": table.station, "x": table.x_m, "y": table.y_m, "z": table.z_m}
    write_csv(path, columns, table.extra, required=_REQUIRED, optional=_OPTIONAL)


def _is_reading(name: str) -> bool:
    return name in ("g", "gzz") or name.startswith(("g_", "gzz_"))


def sniff_stations(head: bytes) -> bool:
    """Whether the first bytes of a file are the header of stations without readings.

    With heights, which readings need: without them it may as well be a plan.
    """
    names = header_names(head)
    return {*_REQUIRED, *_OPTIONAL} <= names and not any(_is_reading(name) for name in names)
