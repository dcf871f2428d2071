"""A drill plan as JSON, CSV and GeoPackage."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, asdict, fields
from pathlib import Path
from typing import Any, Final

import numpy as np

from subterra.formats.csv_table import csv_text
from subterra.formats.geopackage import VectorLayer, write_layers
from subterra.search import PlannedHole, direction

__all__ = ["plan_csv", "plan_geopackage", "plan_json", "read_kept_out", "read_plan_json"]

_FORMAT: Final = 1
_COLUMNS: Final = tuple(f.name for f in fields(PlannedHole))


def plan_json(holes: Sequence[PlannedHole], facts: Mapping[str, Any]) -> bytes:
    """Write a plan and how it was made as JSON."""
    content = {"format": _FORMAT, **facts, "holes": [asdict(hole) for hole in holes]}
    return (json.dumps(content, indent=1, allow_nan=False) + "\n").encode("utf-8")


def read_plan_json(content: bytes) -> tuple[PlannedHole, ...]:
    """Read the holes of a plan.

    Raises
    ------
    ValueError, KeyError, TypeError
        If it is not a plan.
    """
    found = json.loads(content)
    if found["format"] != _FORMAT:
        problem = f"expected format {_FORMAT}, found {found['format']}"
        raise ValueError(problem)
    return tuple(_read_hole(hole) for hole in found["holes"])


def _read_hole(hole: Mapping[str, Any]) -> PlannedHole:
    """Read a row; what has a default may be missing in a plan of an earlier version."""
    given = {f.name for f in fields(PlannedHole) if f.default is MISSING or f.name in hole}
    return PlannedHole(**{name: hole[name] for name in given})


def read_kept_out(content: bytes) -> tuple[str, ...]:
    """Read what the gates of a plan kept out, in words; empty for a plan of before there were any.

    Raises
    ------
    ValueError, TypeError
        If it is not a plan.
    """
    return tuple(str(words) for words in json.loads(content).get("kept_out", ()))


def plan_csv(holes: Sequence[PlannedHole]) -> bytes:
    """Write a plan as a table whose first columns are those of a table of collars."""
    rows = [[getattr(hole, name) for name in _COLUMNS] for hole in holes]
    return csv_text([_COLUMNS, *rows]).encode("utf-8")


def plan_geopackage(holes: Sequence[PlannedHole], crs: str | None) -> bytes:
    """Write a plan as a GeoPackage: points ``collars`` and lines ``traces``, both with z.

    Parameters
    ----------
    holes : sequence of PlannedHole
        At least one.
    crs : str or None
        ``EPSG:n``; without it the layers have no coordinate reference system.

    Returns
    -------
    bytes
        The content of the file.
    """
    import shapely

    start = np.array([[h.x, h.y, h.z] for h in holes])
    ways = [direction(h.azimuth_deg, h.inclination_deg) * h.length_m for h in holes]
    traces = np.stack([start, start + np.array(ways)], axis=1)
    columns = {name: [getattr(hole, name) for hole in holes] for name in _COLUMNS}
    layers = (
        VectorLayer("collars", "Point Z", np.asarray(shapely.points(start)), columns),
        VectorLayer("traces", "LineString Z", np.asarray(shapely.linestrings(traces)), columns),
    )
    with tempfile.TemporaryDirectory(prefix="subterra-") as folder:
        path = Path(folder) / "plan.gpkg"
        write_layers(path, layers, crs)
        return path.read_bytes()
