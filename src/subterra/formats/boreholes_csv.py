"""Boreholes as CSV: collars, surveys and logged intervals.

Collars are ``hole,x,y[,z],azimuth_deg,inclination_deg,length_m``, surveys
``hole,depth_m,azimuth_deg,inclination_deg``, intervals ``hole,from_m,to_m,log``.
"""

from __future__ import annotations

from pathlib import Path

from subterra.formats.csv_table import header_names, read_csv, write_csv
from subterra.formats.text import MAX_BYTES
from subterra.tables import (
    BoreholeTable,
    IntervalTable,
    SurveyTable,
    check_intervals,
    check_surveys,
)

__all__ = [
    "read_boreholes",
    "read_hole_surveys",
    "read_intervals",
    "sniff_boreholes",
    "sniff_hole_surveys",
    "sniff_intervals",
    "write_boreholes",
    "write_hole_surveys",
    "write_intervals",
]

_COLLAR = ("hole", "x", "y", "azimuth_deg", "inclination_deg", "length_m")
_COLLAR_OPTIONAL = ("z",)
_SURVEY = ("hole", "depth_m", "azimuth_deg", "inclination_deg")
_INTERVAL = ("hole", "from_m", "to_m", "log")


def read_boreholes(path: Path | str, *, max_bytes: int = MAX_BYTES) -> BoreholeTable:
    """Read collars: metres, azimuth clockwise from north, inclination positive down.

    Parameters
    ----------
    path : Path or str
        CSV file with the columns above, in any order.
    max_bytes : int
        Size beyond which the file is refused.

    Returns
    -------
    BoreholeTable

    Raises
    ------
    InputError
        Anything that cannot be used, with line and column.
    """
    table = read_csv(path, _COLLAR, _COLLAR_OPTIONAL, max_bytes=max_bytes)
    with table.locating():
        return BoreholeTable(
            hole=table.text("hole"),
            x_m=table.numbers("x"),
            y_m=table.numbers("y"),
            z_m=table.optional_numbers("z"),
            azimuth_deg=table.numbers("azimuth_deg"),
            inclination_deg=table.numbers("inclination_deg"),
            length_m=table.numbers("length_m"),
            extra=table.extra(),
        )


def read_intervals(
    path: Path | str, *, collars: BoreholeTable | None = None, max_bytes: int = MAX_BYTES
) -> IntervalTable:
    """Read logged intervals; with `collars`, check them against the holes.

    Parameters
    ----------
    path : Path or str
        CSV file with the columns above, in any order.
    collars : BoreholeTable, optional
        Holes that the intervals must lie in; see `subterra.tables.check_intervals`.
    max_bytes : int
        Size beyond which the file is refused.

    Returns
    -------
    IntervalTable

    Raises
    ------
    InputError
        Anything that cannot be used, with line and column.
    """
    table = read_csv(path, _INTERVAL, max_bytes=max_bytes)
    with table.locating():
        intervals = IntervalTable(
            hole=table.text("hole"),
            from_m=table.numbers("from_m"),
            to_m=table.numbers("to_m"),
            log=table.text("log"),
            extra=table.extra(),
        )
        if collars is not None:
            check_intervals(collars, intervals)
    return intervals


def read_hole_surveys(
    path: Path | str, *, collars: BoreholeTable | None = None, max_bytes: int = MAX_BYTES
) -> SurveyTable:
    """Read measured directions; with `collars`, check them against the holes.

    Parameters
    ----------
    path : Path or str
        CSV file with the columns above, in any order.
    collars : BoreholeTable, optional
        Holes that the stations must lie in; see `subterra.tables.check_surveys`.
    max_bytes : int
        Size beyond which the file is refused.

    Returns
    -------
    SurveyTable

    Raises
    ------
    InputError
        Anything that cannot be used, with line and column.
    """
    table = read_csv(path, _SURVEY, max_bytes=max_bytes)
    with table.locating():
        surveys = SurveyTable(
            hole=table.text("hole"),
            depth_m=table.numbers("depth_m"),
            azimuth_deg=table.numbers("azimuth_deg"),
            inclination_deg=table.numbers("inclination_deg"),
            extra=table.extra(),
        )
        if collars is not None:
            check_surveys(collars, surveys)
    return surveys


def write_boreholes(table: BoreholeTable, path: Path | str) -> None:
    """Write collars so that `read_boreholes` gives back the same table."""
    columns = {
        "hole": table.hole,
        "x": table.x_m,
        "y": table.y_m,
        "z": table.z_m,
        "azimuth_deg": table.azimuth_deg,
        "inclination_deg": table.inclination_deg,
        "length_m": table.length_m,
    }
    write_csv(path, columns, table.extra, required=_COLLAR, optional=_COLLAR_OPTIONAL)


def write_intervals(table: IntervalTable, path: Path | str) -> None:
    """Write intervals so that `read_intervals` gives back the same table."""
    columns = {"hole": table.hole, "from_m": table.from_m, "to_m": table.to_m, "log": table.log}
    write_csv(path, columns, table.extra, required=_INTERVAL, optional=())


def write_hole_surveys(table: SurveyTable, path: Path | str) -> None:
    """Write measured directions so that `read_hole_surveys` gives back the same table."""
    columns = {
        "hole": table.hole,
        "depth_m": table.depth_m,
        "azimuth_deg": table.azimuth_deg,
        "inclination_deg": table.inclination_deg,
    }
    write_csv(path, columns, table.extra, required=_SURVEY, optional=())


def sniff_boreholes(head: bytes) -> bool:
    """Whether the first bytes of a file are the header of a table of collars."""
    return _has_directions(head) and not sniff_hole_surveys(head)


def sniff_hole_surveys(head: bytes) -> bool:
    """Whether the first bytes of a file are the header of a table of directions along holes."""
    names = header_names(head)
    # A collar has a place and a length; a station along a hole has neither.
    placed = {"x", "y"} & names or any(name.startswith("length") for name in names)
    at_depth = any(name == "depth" or name.startswith("depth_") for name in names)
    return _has_directions(head) and at_depth and not placed


def _has_directions(head: bytes) -> bool:
    names = header_names(head)
    return "hole" in names and any(name.startswith(("azimuth", "inclination")) for name in names)


def sniff_intervals(head: bytes) -> bool:
    """Whether the first bytes of a file are the header of a table of logged intervals."""
    names = header_names(head)
    return "hole" in names and any(name == "from" or name.startswith("from_") for name in names)
