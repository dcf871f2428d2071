"""Planned surveys: the files of a survey whose columns of data are not there yet.

Gravity as CSV ``station,x,y[,z][,sd_ugal]``; resistivity in the unified data format with
``a b m n`` and, if known, ``err``. Only a forecast reads them: as evidence they stay an error. The
tables that they give hold stand-ins in the place of data.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from subterra.formats.csv_table import header_names, read_csv
from subterra.formats.text import MAX_BYTES, Place
from subterra.formats.unified_data import read_unified_layout, sniff_unified
from subterra.tables import GravityTable
from subterra.tables.columns import shown
from subterra.tables.stand_in import STAND_IN_UGAL

__all__ = [
    "read_planned_gravity",
    "read_planned_resistivity",
    "sniff_planned_gravity",
    "sniff_planned_resistivity",
]

read_planned_resistivity = read_unified_layout

_REQUIRED = ("station", "x", "y")
_OPTIONAL = ("z", "sd_ugal")


def read_planned_gravity(path: Path | str, *, max_bytes: int = MAX_BYTES) -> GravityTable:
    """Read the stations of a gravity survey that is only planned.

    Parameters
    ----------
    path : Path or str
        CSV file with the columns above, in any order.
    max_bytes : int
        Size beyond which the file is refused.

    Returns
    -------
    GravityTable
        With a stand-in for each reading.

    Raises
    ------
    InputError
        Anything that cannot be used, with line and column; and a file that holds readings.
    """
    table = read_csv(path, _REQUIRED, _OPTIONAL, max_bytes=max_bytes)
    for position, name in enumerate(table.names, start=1):
        if _is_reading(name):
            problem = f"found column {shown(name)}: this survey has been measured, it is no plan"
            Place(path, 1).refuse(problem, column=position)
    with table.locating():
        return GravityTable(
            station=table.text("station"),
            x_m=table.numbers("x"),
            y_m=table.numbers("y"),
            z_m=table.optional_numbers("z"),
            g_ugal=np.full(len(table.lines), STAND_IN_UGAL),
            sd_ugal=table.optional_numbers("sd_ugal"),
            extra=table.extra(),
        )


def _is_reading(name: str) -> bool:
    return name == "g" or name.startswith("g_")


def sniff_planned_gravity(head: bytes) -> bool:
    """Whether the first bytes of a file are the header of stations without readings."""
    names = header_names(head)
    return set(_REQUIRED) <= names and not any(_is_reading(name) for name in names)


def sniff_planned_resistivity(head: bytes) -> bool:
    """Whether the first bytes of a file are electrodes in the unified data format.

    Whether data follow is often beyond the first bytes: reading tells.
    """
    return sniff_unified(head)
