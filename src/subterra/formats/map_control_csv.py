"""Control points of scanned sheets as CSV: ``sheet,px,py,x,y[,sd_m]``; rows of pixels downwards."""

from __future__ import annotations

from pathlib import Path

from subterra.formats.csv_table import header_names, read_csv, write_csv
from subterra.formats.text import MAX_BYTES, located
from subterra.tables import ControlPointTable

__all__ = ["read_control_points", "sniff_control_points", "write_control_points"]

_REQUIRED = ("sheet", "px", "py", "x", "y")
_OPTIONAL = ("sd_m",)
_COLUMNS = ("column_px", "row_px", "x_m", "y_m", "sd_m")


def read_control_points(path: Path | str, *, max_bytes: int = MAX_BYTES) -> ControlPointTable:
    """Read control points.

    Parameters
    ----------
    path : Path or str
        CSV file with the columns above, in any order.
    max_bytes : int
        Size beyond which the file is refused.

    Returns
    -------
    ControlPointTable

    Raises
    ------
    InputError
        Anything that cannot be used, with line and column.
    """
    table = read_csv(path, _REQUIRED, _OPTIONAL, max_bytes=max_bytes)
    columns = {
        name: (given, table.names.index(given) + 1 if given in table.names else None)
        for name, given in zip(_COLUMNS, (*_REQUIRED[1:], *_OPTIONAL), strict=True)
    }
    with located(path, {"": table.lines}, columns):
        return ControlPointTable(
            sheet=table.text("sheet"),
            column_px=table.numbers("px"),
            row_px=table.numbers("py"),
            x_m=table.numbers("x"),
            y_m=table.numbers("y"),
            sd_m=table.numbers("sd_m", missing=True),
        )


def write_control_points(table: ControlPointTable, path: Path | str) -> None:
    """Write control points so that `read_control_points` gives back the same table."""
    columns = {
        "sheet": table.sheet,
        "px": table.column_px,
        "py": table.row_px,
        "x": table.x_m,
        "y": table.y_m,
        "sd_m": table.sd_m,
    }
    write_csv(path, columns, {}, required=_REQUIRED, optional=_OPTIONAL)


def sniff_control_points(head: bytes) -> bool:
    """Whether the first bytes of a file are the header of control points."""
    return set(_REQUIRED) <= header_names(head)
