"""GeoJSON out: lines with their properties as one FeatureCollection."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from typing import Any

from subterra.tables import CentreLineTable, MineMapTable

__all__ = ["geojson_lines"]


def geojson_lines(
    table: CentreLineTable | MineMapTable, properties: Sequence[Mapping[str, Any]]
) -> str:
    """Write the lines of a table as GeoJSON.

    Parameters
    ----------
    table : CentreLineTable or MineMapTable
        Lines in the file's frame; heights, m, are written where all of a line are known.
    properties : sequence of mapping
        Properties of each line: texts and finite numbers.

    Returns
    -------
    str
        With a ``crs`` member where the table says its system.
    """
    document: dict[str, Any] = {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "properties": dict(said),
                "geometry": {"type": "LineString", "coordinates": _positions(table, k)},
            }
            for k, said in enumerate(properties)
        ],
    }
    if table.crs:
        document["crs"] = {"type": "name", "properties": {"name": table.crs}}
    return json.dumps(document, indent=1, allow_nan=False) + "\n"


def _positions(table: CentreLineTable | MineMapTable, k: int) -> list[list[float]]:
    part = slice(int(table.start[k]), int(table.start[k + 1]))
    columns = [table.x[part].tolist(), table.y[part].tolist()]
    heights: list[float] = table.z_m[part].tolist()
    if not any(math.isnan(z) for z in heights):
        columns.append(heights)
    return [list(place) for place in zip(*columns, strict=True)]
