"""The ruled-out map as CSV and GeoPackage."""

from __future__ import annotations

import math
import tempfile
from itertools import groupby
from pathlib import Path
from typing import Any, Final

import numpy as np

from subterra.formats.csv_table import csv_text
from subterra.formats.geopackage import VectorLayer, write_layers
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
    rows = [
        ["" if isinstance(v, float) and math.isnan(v) else v for v in row]
        for row in ruled_out_rows(found)
    ]
    return csv_text([_COLUMNS, *rows]).encode("utf-8")


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
    import shapely

    dx, dy = found.cell_m
    layers: list[VectorLayer] = []
    bands = groupby(ruled_out_rows(found), key=lambda row: row[2:4])
    for (top, base), rows in bands:
        x, y, *columns = zip(*rows, strict=True)
        east, north = np.array(x), np.array(y)
        cells = shapely.box(east - 0.5 * dx, north - 0.5 * dy, east + 0.5 * dx, north + 0.5 * dy)
        said: dict[str, Any] = dict(zip(_COLUMNS[2:], columns, strict=True))
        layers.append(VectorLayer(f"axis {top:g} to {base:g} m", "Polygon", cells, said))
    with tempfile.TemporaryDirectory(prefix="subterra-") as folder:
        path = Path(folder) / "ruled-out.gpkg"
        write_layers(path, layers, crs)
        return path.read_bytes()
