"""Reports as CSV.

Columns are ``id,source,reliability,credibility,origin,x,y,sd_m`` and, optional,
``kind,heading_deg,heading_sd_deg,depth_m,depth_sd_m,date,text``.
"""

from __future__ import annotations

from pathlib import Path

from subterra.formats.csv_table import header_names, read_csv, write_csv
from subterra.formats.text import MAX_BYTES
from subterra.tables import ReportTable

__all__ = ["read_reports", "sniff_reports", "write_reports"]

_REQUIRED = ("id", "source", "reliability", "credibility", "origin", "x", "y", "sd_m")
_OPTIONAL = ("kind", "heading_deg", "heading_sd_deg", "depth_m", "depth_sd_m", "date", "text")
_DEFAULT_KIND = "tunnel"


def read_reports(path: Path | str, *, max_bytes: int = MAX_BYTES) -> ReportTable:
    """Read reports: metres, standard deviation per axis, depth positive down.

    Parameters
    ----------
    path : Path or str
        CSV file with the columns above, in any order; a blank kind is ``tunnel``, a blank
        heading or depth is "not reported".
    max_bytes : int
        Size beyond which the file is refused.

    Returns
    -------
    ReportTable

    Raises
    ------
    InputError
        Anything that cannot be used, with line and column.
    """
    table = read_csv(path, _REQUIRED, _OPTIONAL, max_bytes=max_bytes)
    with table.locating():
        return ReportTable(
            id=table.text("id"),
            source=table.text("source"),
            reliability=table.text("reliability"),
            credibility=table.whole_numbers("credibility"),
            origin=table.text("origin"),
            x_m=table.numbers("x"),
            y_m=table.numbers("y"),
            sd_m=table.numbers("sd_m"),
            kind=table.text("kind", default=_DEFAULT_KIND),
            heading_deg=table.numbers("heading_deg", missing=True),
            heading_sd_deg=table.numbers("heading_sd_deg", missing=True),
            depth_m=table.numbers("depth_m", missing=True),
            depth_sd_m=table.numbers("depth_sd_m", missing=True),
            date=table.text("date"),
            text=table.text("text"),
            extra=table.extra(),
        )


def write_reports(table: ReportTable, path: Path | str) -> None:
    """Write reports so that `read_reports` gives back the same table."""
    columns = {
        "id": table.id,
        "source": table.source,
        "reliability": table.reliability,
        "credibility": [str(grade) for grade in table.credibility.tolist()],
        "origin": table.origin,
        "x": table.x_m,
        "y": table.y_m,
        "sd_m": table.sd_m,
        "kind": table.kind,
        "heading_deg": table.heading_deg,
        "heading_sd_deg": table.heading_sd_deg,
        "depth_m": table.depth_m,
        "depth_sd_m": table.depth_sd_m,
        "date": table.date,
        "text": table.text,
    }
    write_csv(path, columns, table.extra, required=_REQUIRED, optional=_OPTIONAL)


def sniff_reports(head: bytes) -> bool:
    """Whether the first bytes of a file are the header of a table of reports."""
    return {"reliability", "credibility"} <= header_names(head)
