"""Signs at the surface as CSV.

Columns are ``id,kind,x,y,sd_m`` and, optional,
``volume_m3,p_notice,origin,season,weather,area,date,text``.
"""

from __future__ import annotations

from pathlib import Path

from subterra.formats.csv_table import header_names, read_csv, write_csv
from subterra.formats.text import MAX_BYTES
from subterra.tables import LOOKED, SIGN_KINDS, SignTable

__all__ = ["read_signs", "sniff_signs", "write_signs"]

_REQUIRED = ("id", "kind", "x", "y", "sd_m")
_TEXTS = ("origin", "season", "weather", "area", "date", "text")
_OPTIONAL = ("volume_m3", "p_notice", *_TEXTS)


def read_signs(path: Path | str, *, max_bytes: int = MAX_BYTES) -> SignTable:
    """Read signs and areas that were looked at: metres, cubic metres of loose spoil.

    Parameters
    ----------
    path : Path or str
        CSV file with the columns above, in any order.
    max_bytes : int
        Size beyond which the file is refused.

    Returns
    -------
    SignTable

    Raises
    ------
    InputError
        Anything that cannot be used, with line and column.
    """
    table = read_csv(path, _REQUIRED, _OPTIONAL, max_bytes=max_bytes)
    with table.locating():
        return SignTable(
            id=table.text("id"),
            kind=table.text("kind"),
            x_m=table.numbers("x"),
            y_m=table.numbers("y"),
            sd_m=table.numbers("sd_m"),
            volume_m3=table.numbers("volume_m3", missing=True),
            p_notice=table.numbers("p_notice", missing=True),
            **{name: table.text(name) for name in _TEXTS},
            extra=table.extra(),
        )


def write_signs(table: SignTable, path: Path | str) -> None:
    """Write signs so that `read_signs` gives back the same table."""
    columns = {
        "id": table.id,
        "kind": table.kind,
        "x": table.x_m,
        "y": table.y_m,
        "sd_m": table.sd_m,
        "volume_m3": table.volume_m3,
        "p_notice": table.p_notice,
        **{name: getattr(table, name) for name in _TEXTS},
    }
    write_csv(path, columns, table.extra, required=_REQUIRED, optional=_OPTIONAL)


def sniff_signs(head: bytes) -> bool:
    """Whether the first bytes of a file are a table of signs, by its header and first kind."""
    names = header_names(head)
    if not set(_REQUIRED) <= names or {"reliability", "credibility"} & names:
        return False
    text = head.decode("utf-8", "replace")
    return any(word in text for word in (*SIGN_KINDS, LOOKED))
