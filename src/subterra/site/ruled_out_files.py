"""The ruled-out map as CSV and GeoPackage."""

from __future__ import annotations

import csv
import io
import math
import tempfile
import warnings
from pathlib import Path
from typing import Any, Final

import numpy as np

from subterra.search.ruled_out import RuledOut

__all__ = ["ruled_out_csv", "ruled_out_geopackage", "ruled_out_rows"]

_COLUMNS: Final = ("x", "y", "depth_from_m", "depth_to_m", "ruled_out_from_m", "standing")


def ruled_out_rows(found: RuledOut) -> list[tuple[Any, ...]]:
    """Rows of the map: cell, band of depth, diameter ruled out from (NaN if none) and in words.

    ``standing`` is ``ruled out`` where every target that was looked for is, ``partly`` where the
    wider ones are, ``possible`` where none is, ``not supported`` where it cannot be told.
    """
    rows: list[tuple[Any, ...]] = []
    for (k, i, j), value in np.ndenumerate(found.smallest_m):
        standing = "partly"
        if math.isnan(value):
            standing = "not supported"
        elif math.isinf(value):
            standing = "possible"
        elif value <= found.diameter_m[0]:
            standing = "ruled out"
        diameter = float(value) if math.isfinite(value) else math.nan
        top, base = (round(float(v), 3) for v in found.edge_m[k : k + 2])
        place = (round(float(found.x_m[j]), 3), round(float(found.y_m[i]), 3))
        rows.append((*place, top, base, round(diameter, 3), standing))
    return rows


def ruled_out_csv(found: RuledOut) -> bytes:
    """Write the map as CSV; the diameter is empty where there is none."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow(_COLUMNS)
    for row in ruled_out_rows(found):
        writer.writerow(["" if isinstance(v, float) and math.isnan(v) else v for v in row])
    return buffer.getvalue().encode("utf-8")


def ruled_out_geopackage(found: RuledOut, crs: str | None) -> bytes:
    """Write the map as a GeoPackage: one layer of cells for each band of depth.

    Parameters
    ----------
    found : RuledOut
        The map.
    crs : str or None
        ``EPSG:n``; without it the layers have no coordinate reference system.

    Returns
    -------
    bytes
        The content of the file.
    """
    import pyogrio.raw
    import shapely

    rows = ruled_out_rows(found)
    dx, dy = found.cell_m
    with tempfile.TemporaryDirectory(prefix="subterra-") as folder:
        path = Path(folder) / "ruled-out.gpkg"
        for top, base in sorted({(row[2], row[3]) for row in rows}):
            part = [row for row in rows if row[2] == top]
            x, y = (np.array([row[k] for row in part], float) for k in (0, 1))
            cells = shapely.box(x - 0.5 * dx, y - 0.5 * dy, x + 0.5 * dx, y + 0.5 * dy)
            columns = [np.array([row[k] for row in part], float) for k in range(2, 5)]
            words = np.array([row[5] for row in part], object)
            with warnings.catch_warnings():
                # A local frame has no reference system, and that is not news.
                warnings.filterwarnings("ignore", message="'crs' was not provided")
                pyogrio.raw.write(
                    path,
                    shapely.to_wkb(cells),
                    [*columns, words],
                    np.array(_COLUMNS[2:]),
                    layer=f"axis {top:g} to {base:g} m",
                    driver="GPKG",
                    geometry_type="Polygon",
                    crs=crs,
                    append=path.exists(),
                )
        return path.read_bytes()
