"""Resistivity as a plain table of four electrodes and a value.

Either ``a,b,m,n`` along a line (metres; with the option ``spacing`` electrode numbers from 1), or
coordinates ``ax,ay[,az],bx,by[,bz],mx,my[,mz],nx,ny[,nz]``; a blank is a remote electrode. The
value is ``rhoa`` (Ω·m) or ``r`` (Ω, voltage over current, on even ground), the error ``err`` is
relative.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from subterra.formats.csv_table import CsvTable, header_names, read_csv
from subterra.formats.electrodes import check_frame
from subterra.formats.spreads import table_of_spreads
from subterra.formats.text import MAX_BYTES, Place, read_bytes
from subterra.tables import FloatArray, ResistivityTable

__all__ = ["read_abmn", "sniff_abmn"]

_ROLES = ("a", "b", "m", "n")
_PLANE = tuple(f"{role}{axis}" for role in _ROLES for axis in "xy")
_HEIGHTS = tuple(f"{role}z" for role in _ROLES)
_VALUES = ("rhoa", "r", "err")


def read_abmn(
    path: Path | str,
    *,
    origin: tuple[float, float] | None = None,
    rotation_deg: float = 0.0,
    spacing: float | None = None,
    max_bytes: int = MAX_BYTES,
) -> ResistivityTable:
    """Read a table of four-electrode data.

    Parameters
    ----------
    path : Path or str
        The file.
    origin : (float, float), optional
        Site coordinates of the survey's point (0, 0), m.
    rotation_deg : float
        Direction of the survey's x axis, counter-clockwise from the site's.
    spacing : float, optional
        Makes ``a,b,m,n`` numbers of electrodes from 1 that are so many metres apart.
    max_bytes : int
        Size beyond which the file is refused.

    Returns
    -------
    ResistivityTable

    Raises
    ------
    InputError
        Anything that cannot be used, with line and column.
    """
    frame = check_frame(origin, rotation_deg)
    flat = _has_plane(path, max_bytes)
    required = _PLANE if flat else _ROLES
    optional = (*_HEIGHTS, *_VALUES) if flat else _VALUES
    table = read_csv(path, required, optional, max_bytes=max_bytes)
    given = [name for name in ("rhoa", "r") if name in table.names]
    if len(given) != 1:
        found = "both" if given else "neither"
        Place(path, 1).refuse(f"expected a column rhoa or a column r, found {found}")
    if flat and spacing is not None:
        Place(path, 1).refuse("spacing belongs to numbers of electrodes; this file has places")
    spread = _places(table) if flat else _along(table, spacing)
    err = table.optional_numbers("err")
    value = table.numbers(given[0])
    columns = {
        "rhoa_ohmm": (given[0], table.names.index(given[0]) + 1),
        "err_relative": ("err", table.names.index("err") + 1 if err is not None else None),
    }
    return table_of_spreads(
        path,
        table.lines,
        spread,
        value,
        resistance=given[0] == "r",
        frame=frame,
        err_relative=err,
        extra=table.extra(),
        columns=columns,
    )


def sniff_abmn(head: bytes) -> bool:
    """Whether the first bytes of a file are the header of a table of four-electrode data."""
    names = header_names(head)
    placed = set(_ROLES) <= names or set(_PLANE) <= names
    return placed and bool({"rhoa", "r"} & {name.split("_")[0] for name in names})


def _has_plane(path: Path | str, max_bytes: int) -> bool:
    return set(_PLANE) <= header_names(read_bytes(path, max_bytes=max_bytes)[:4096])


def _along(table: CsvTable, spacing: float | None) -> FloatArray:
    spread = np.zeros((len(table.lines), 4, 3))
    for k, role in enumerate(_ROLES):
        if spacing is None:
            spread[:, k, 0] = table.numbers(role, missing=True)
            continue
        number = table.numbers(role, missing=True)
        for row, value in enumerate(number):
            if not np.isnan(value) and (value < 0.0 or not float(value).is_integer()):
                Place(table.path, table.lines[row]).refuse(
                    f"{role}: expected a number of an electrode, found {value:g}",
                    column=table.names.index(role) + 1,
                )
        spread[:, k, 0] = np.where(number == 0.0, np.nan, (number - 1.0) * spacing)
    return spread


def _places(table: CsvTable) -> FloatArray:
    spread = np.zeros((len(table.lines), 4, 3))
    heights = any(name in table.names for name in _HEIGHTS)
    for k, role in enumerate(_ROLES):
        spread[:, k, 0] = table.numbers(f"{role}x", missing=True)
        spread[:, k, 1] = table.numbers(f"{role}y", missing=True)
        if heights:
            known = ~np.isnan(spread[:, k, 0])
            z = table.numbers(f"{role}z", missing=True)
            if np.isnan(z[known]).any():
                row = int(np.argmax(known & np.isnan(z)))
                Place(table.path, table.lines[row]).refuse(
                    f"{role}z is missing here but z is given elsewhere; give it for all or for none"
                )
            spread[:, k, 2] = z
    return spread
