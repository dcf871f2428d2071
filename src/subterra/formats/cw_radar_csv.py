"""Continuous-wave radar as CSV: ``sx,sy,sz,rx,ry,rz,frequency_mhz,amplitude_db[,…]``."""

from __future__ import annotations

from pathlib import Path

from subterra.formats.csv_table import header_names, read_csv, write_csv
from subterra.formats.text import MAX_BYTES
from subterra.tables import CwRadarTable

__all__ = ["read_cw_radar", "sniff_cw_radar", "write_cw_radar"]

_REQUIRED = ("sx", "sy", "sz", "rx", "ry", "rz", "frequency_mhz", "amplitude_db")
_OPTIONAL = ("sd_db", "panel")


def read_cw_radar(path: Path | str, *, max_bytes: int = MAX_BYTES) -> CwRadarTable:
    """Read levels of a continuous wave between two holes: metres, z up, MHz, dB on any datum.

    Parameters
    ----------
    path : Path or str
        CSV file with the columns above, in any order.
    max_bytes : int
        Size beyond which the file is refused.

    Returns
    -------
    CwRadarTable

    Raises
    ------
    InputError
        Anything that cannot be used, with line and column.
    """
    table = read_csv(path, _REQUIRED, _OPTIONAL, max_bytes=max_bytes)
    with table.locating():
        return CwRadarTable(
            sx_m=table.numbers("sx"),
            sy_m=table.numbers("sy"),
            sz_m=table.numbers("sz"),
            rx_m=table.numbers("rx"),
            ry_m=table.numbers("ry"),
            rz_m=table.numbers("rz"),
            frequency_mhz=table.numbers("frequency_mhz"),
            amplitude_db=table.numbers("amplitude_db"),
            sd_db=table.optional_numbers("sd_db"),
            panel=table.optional_text("panel"),
            extra=table.extra(),
        )


def write_cw_radar(table: CwRadarTable, path: Path | str) -> None:
    """Write levels so that `read_cw_radar` gives back the same table."""
    columns = {
        "sx": table.sx_m,
        "sy": table.sy_m,
        "sz": table.sz_m,
        "rx": table.rx_m,
        "ry": table.ry_m,
        "rz": table.rz_m,
        "frequency_mhz": table.frequency_mhz,
        "amplitude_db": table.amplitude_db,
        "sd_db": table.sd_db,
        "panel": table.panel,
    }
    write_csv(path, columns, table.extra, required=_REQUIRED, optional=_OPTIONAL)


def sniff_cw_radar(head: bytes) -> bool:
    """Whether the first bytes of a file are the header of a table of levels between two holes."""
    names = header_names(head)
    level = any(name.casefold().startswith("amplitude") for name in names)
    return level and {"sx", "sy", "rx", "ry"} <= names
