"""Gravity gradient as CSV: ``station,x,y[,z],gzz_eotvos[,sd_eotvos][,loop,time]``."""

from __future__ import annotations

from pathlib import Path

from subterra.formats.csv_table import header_names, read_csv, write_csv
from subterra.formats.text import MAX_BYTES
from subterra.tables import GradientTable

__all__ = ["read_gradient", "sniff_gradient", "write_gradient"]

_REQUIRED = ("station", "x", "y", "gzz_eotvos")
_OPTIONAL = ("z", "sd_eotvos", "loop", "time")


def read_gradient(path: Path | str, *, max_bytes: int = MAX_BYTES) -> GradientTable:
    """Read vertical gravity gradients: metres, eötvös, negative straight above a void.

    Parameters
    ----------
    path : Path or str
        CSV file with the columns above, in any order.
    max_bytes : int
        Size beyond which the file is refused.

    Returns
    -------
    GradientTable

    Raises
    ------
    InputError
        Anything that cannot be used, with line and column.
    """
    table = read_csv(path, _REQUIRED, _OPTIONAL, max_bytes=max_bytes)
    with table.locating():
        return GradientTable(
            station=table.text("station"),
            x_m=table.numbers("x"),
            y_m=table.numbers("y"),
            z_m=table.optional_numbers("z"),
            gzz_eotvos=table.numbers("gzz_eotvos"),
            sd_eotvos=table.optional_numbers("sd_eotvos"),
            loop=table.optional_text("loop"),
            time=table.optional_text("time"),
            extra=table.extra(),
        )


def write_gradient(table: GradientTable, path: Path | str) -> None:
    """Write gradients so that `read_gradient` gives back the same table."""
    columns = {
        "station": table.station,
        "x": table.x_m,
        "y": table.y_m,
        "z": table.z_m,
        "gzz_eotvos": table.gzz_eotvos,
        "sd_eotvos": table.sd_eotvos,
        "loop": table.loop,
        "time": table.time,
    }
    write_csv(path, columns, table.extra, required=_REQUIRED, optional=_OPTIONAL)


def sniff_gradient(head: bytes) -> bool:
    """Whether the first bytes of a file are the header of a table of gravity gradients.

    A gradient in another unit is recognised too, so that reading can say what is wrong.
    """
    names = header_names(head)
    return "station" in names and any(n == "gzz" or n.startswith("gzz_") for n in names)
