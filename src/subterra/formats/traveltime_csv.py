"""Travel times as CSV: ``sx,sy,sz,rx,ry,rz,time_ns|time_us|time_ms|time_s[,sd_…][,medium,…]``."""

from __future__ import annotations

from pathlib import Path

from subterra.formats.csv_table import CsvTable, header_names, read_csv, write_csv
from subterra.formats.text import MAX_BYTES, Place
from subterra.tables import MEDIA, TIME_UNITS_S, TravelTimeTable
from subterra.tables.columns import RowError, words

__all__ = ["read_traveltime", "sniff_traveltime", "write_traveltime"]

_REQUIRED = ("sx", "sy", "sz", "rx", "ry", "rz")
_TIMES = tuple(f"time_{unit}" for unit in ("ns", "ms", "us", "s"))
_ERRORS = tuple(f"sd_{unit}" for unit in ("ns", "ms", "us", "s"))
_OPTIONAL = (*_TIMES, *_ERRORS, "frequency_hz", "medium", "panel", "shot")


def read_traveltime(
    path: Path | str, *, medium: str | None = None, max_bytes: int = MAX_BYTES
) -> TravelTimeTable:
    """Read first arrivals between two holes: metres, z up, times in the unit of their column.

    Parameters
    ----------
    path : Path or str
        CSV file with the columns above, in any order, and optionally ``panel`` (pair of holes),
        ``shot`` (firing; each then has a zero time of its own), ``frequency_hz`` (of the pulse)
        and ``medium``, the same word on every row.
    medium : str, optional
        ``radar`` or ``seismic``, where the file does not say; else nanoseconds are taken for
        radar and longer units for seismics.
    max_bytes : int
        Size beyond which the file is refused.

    Returns
    -------
    TravelTimeTable

    Raises
    ------
    InputError
        Anything that cannot be used, with line and column; among it more than one column of
        times, an error in another unit than the time, and times that no wave of the medium takes.
    """
    table = read_csv(path, _REQUIRED, _OPTIONAL, max_bytes=max_bytes)
    unit = _unit(table)
    with table.locating():
        return TravelTimeTable(
            medium=_medium(table, medium, unit),
            unit=unit,
            sx_m=table.numbers("sx"),
            sy_m=table.numbers("sy"),
            sz_m=table.numbers("sz"),
            rx_m=table.numbers("rx"),
            ry_m=table.numbers("ry"),
            rz_m=table.numbers("rz"),
            time=table.numbers(f"time_{unit}"),
            sd=table.optional_numbers(f"sd_{unit}"),
            frequency_hz=table.optional_numbers("frequency_hz"),
            panel=table.optional_text("panel"),
            shot=table.optional_text("shot"),
            extra=table.extra(),
        )


def write_traveltime(table: TravelTimeTable, path: Path | str) -> None:
    """Write travel times so that `read_traveltime` gives back the same table."""
    columns = {
        "sx": table.sx_m,
        "sy": table.sy_m,
        "sz": table.sz_m,
        "rx": table.rx_m,
        "ry": table.ry_m,
        "rz": table.rz_m,
        f"time_{table.unit}": table.time,
        f"sd_{table.unit}": table.sd,
        "frequency_hz": table.frequency_hz,
        "medium": (table.medium,) * len(table),
        "panel": table.panel,
        "shot": table.shot,
    }
    write_csv(path, columns, table.extra, required=_REQUIRED, optional=_OPTIONAL)


def sniff_traveltime(head: bytes) -> bool:
    """Whether the first bytes of a file are the header of a table of travel times.

    A time without unit or in an unknown one is recognised too, so that reading can say what is
    wrong.
    """
    names = header_names(head)
    timed = any(name.casefold().startswith("time") for name in names)
    return timed and {"sx", "sy", "rx", "ry"} <= names


def _unit(table: CsvTable) -> str:
    """Unit of the one column of times, and of its errors."""
    at = Place(table.path, 1)
    times = [name for name in _TIMES if name in table.names]
    if len(times) != 1:
        found = " and ".join(times) if times else "none"
        at.refuse(f"expected one column of times ({', '.join(_TIMES)}), found {found}")
    unit = times[0].removeprefix("time_")
    for name in _ERRORS:
        if name in table.names and name != f"sd_{unit}":
            column = table.names.index(name) + 1
            at.refuse(f"found column {name!r}, expected 'sd_{unit}' as the time", column=column)
    return unit


def _medium(table: CsvTable, said: str | None, unit: str) -> str:
    """Radar or seismic: from the option, the file, or the unit of time."""
    given = table.optional_text("medium")
    if given is None:
        return said or ("radar" if TIME_UNITS_S[unit] < 1e-6 else "seismic")
    column = words(given, "medium", len(given), MEDIA)
    for row, word in enumerate(column):
        if word != column[0] or (said is not None and word != said):
            problem = f"expected {said or column[0]} on every row, found {word}"
            raise RowError(problem, field="medium", row=row)
    return column[0]
