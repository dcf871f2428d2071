"""Records of sources as CSV.

Columns are ``source,confirmed,false`` and, optional, ``site,note``.
"""

from __future__ import annotations

from pathlib import Path

from subterra.formats.csv_table import header_names, read_csv, write_csv
from subterra.formats.text import MAX_BYTES
from subterra.tables import SourceTable

__all__ = ["read_sources", "sniff_sources", "write_sources"]

_REQUIRED = ("source", "confirmed", "false")
_OPTIONAL = ("site", "note")


def read_sources(path: Path | str, *, max_bytes: int = MAX_BYTES) -> SourceTable:
    """Read what became of sources' earlier items.

    Parameters
    ----------
    path : Path or str
        CSV file with the columns above, in any order.
    max_bytes : int
        Size beyond which the file is refused.

    Returns
    -------
    SourceTable

    Raises
    ------
    InputError
        Anything that cannot be used, with line and column.
    """
    table = read_csv(path, _REQUIRED, _OPTIONAL, max_bytes=max_bytes)
    with table.locating():
        return SourceTable(
            source=table.text("source"),
            confirmed=table.numbers("confirmed"),
            false=table.numbers("false"),
            site=table.text("site"),
            note=table.text("note"),
            extra=table.extra(),
        )


def write_sources(table: SourceTable, path: Path | str) -> None:
    """Write records of sources so that `read_sources` gives back the same table."""
    columns = {
        "source": table.source,
        "confirmed": table.confirmed,
        "false": table.false,
        "site": table.site,
        "note": table.note,
    }
    write_csv(path, columns, table.extra, required=_REQUIRED, optional=_OPTIONAL)


def sniff_sources(head: bytes) -> bool:
    """Whether the first bytes of a file are the header of a table of sources' records."""
    return {"source", "confirmed", "false"} <= header_names(head)
