"""Control points of a local grid as CSV: ``point,local_x,local_y,x,y[,sd_m]``."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np

from subterra.formats.csv_table import read_csv
from subterra.formats.text import MAX_BYTES
from subterra.tables import GridControlTable

__all__ = ["read_grid_control"]

_REQUIRED: Final = ("point", "local_x", "local_y", "x", "y")
_OPTIONAL: Final = ("sd_m",)


def read_grid_control(path: Path | str, *, max_bytes: int = MAX_BYTES) -> GridControlTable:
    """Read control points.

    Parameters
    ----------
    path : Path or str
        CSV file with the columns above, in any order; without ``sd_m`` all count alike.
    max_bytes : int
        Size beyond which the file is refused.

    Returns
    -------
    GridControlTable

    Raises
    ------
    InputError
        Anything that cannot be used, with line and column.
    """
    table = read_csv(path, _REQUIRED, _OPTIONAL, max_bytes=max_bytes)
    sd = table.optional_numbers("sd_m")
    with table.locating():
        return GridControlTable(
            table.text("point"),
            *(table.numbers(name) for name in _REQUIRED[1:]),
            sd_m=np.ones(len(table.lines)) if sd is None else sd,
        )
