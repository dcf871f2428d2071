"""A drill plan as JSON, CSV and GeoPackage."""

from __future__ import annotations

import csv
import io
import json
import tempfile
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any, Final

import numpy as np

from subterra.search import PlannedHole, direction

__all__ = ["plan_csv", "plan_geopackage", "plan_json", "read_plan_json"]

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
    return tuple(PlannedHole(**{name: hole[name] for name in _COLUMNS}) for hole in found["holes"])


def plan_csv(holes: Sequence[PlannedHole]) -> bytes:
    """Write a plan as a table whose first columns are those of a table of collars."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow(_COLUMNS)
    writer.writerows([getattr(hole, name) for name in _COLUMNS] for hole in holes)
    return buffer.getvalue().encode("utf-8")


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
    import pyogrio.raw
    import shapely

    start = np.array([[h.x, h.y, h.z] for h in holes])
    ways = [direction(h.azimuth_deg, h.inclination_deg) * h.length_m for h in holes]
    traces = np.stack([start, start + np.array(ways)], axis=1)
    layers = (
        ("collars", "Point Z", shapely.to_wkb(shapely.points(start))),
        ("traces", "LineString Z", shapely.to_wkb(shapely.linestrings(traces))),
    )
    columns = [np.array([getattr(hole, name) for hole in holes]) for name in _COLUMNS]
    data = [c.astype(object) if c.dtype.kind == "U" else c.astype(np.float64) for c in columns]
    with tempfile.TemporaryDirectory(prefix="subterra-") as folder:
        path = Path(folder) / "plan.gpkg"
        for name, geometry_type, geometry in layers:
            with warnings.catch_warnings():
                # A local frame has no reference system, and that is not news.
                warnings.filterwarnings("ignore", message="'crs' was not provided")
                pyogrio.raw.write(
                    path,
                    geometry,
                    data,
                    np.array(_COLUMNS),
                    layer=name,
                    driver="GPKG",
                    geometry_type=geometry_type,
                    crs=crs,
                    append=path.exists(),
                )
        return path.read_bytes()
