"""An area as a polygon: GeoJSON with one polygon, or CSV ``x,y`` with one corner a line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, cast

import numpy as np
import numpy.typing as npt

from subterra.formats.csv_table import read_csv
from subterra.formats.text import MAX_BYTES, Place, read_text

__all__ = ["read_polygon"]

_MAX_CORNERS = 100_000


def read_polygon(path: Path | str, *, max_bytes: int = MAX_BYTES) -> npt.NDArray[np.float64]:
    """Read the outline of an area in the frame of the site, metres.

    Parameters
    ----------
    path : Path or str
        GeoJSON whose only geometry is a polygon without holes, or CSV with the columns ``x`` and
        ``y``. Coordinates are taken as they stand: GeoJSON here means the site's own frame.
    max_bytes : int
        Size beyond which the file is refused.

    Returns
    -------
    (k, 2) numpy.ndarray
        Corners in order; the last is not the first again.

    Raises
    ------
    InputError
        Anything that cannot be used.
    """
    text = read_text(path, max_bytes=max_bytes)
    if text.lstrip().startswith("{"):
        ring = _geojson_ring(path, text)
    else:
        table = read_csv(path, ("x", "y"), (), max_bytes=max_bytes)
        with table.locating():
            ring = np.column_stack([table.numbers("x"), table.numbers("y")])
    if len(ring) > 1 and np.array_equal(ring[0], ring[-1]):
        ring = ring[:-1]
    if not 3 <= len(ring) <= _MAX_CORNERS:
        Place(path).refuse(f"an area needs 3 to {_MAX_CORNERS} corners, found {len(ring)}")
    shifted = ring - ring[0]
    area = 0.5 * abs(
        np.sum(
            shifted[:, 0] * np.roll(shifted[:, 1], -1) - np.roll(shifted[:, 0], -1) * shifted[:, 1]
        )
    )
    if not area > 0.0:
        Place(path).refuse("the corners lie on one line: they enclose no area")
    return ring


def _geojson_ring(path: Path | str, text: str) -> npt.NDArray[np.float64]:
    at = Place(path)
    try:
        content: Any = json.loads(text)
    except (ValueError, RecursionError) as error:
        line = error.lineno if isinstance(error, json.JSONDecodeError) else None
        Place(path, line).refuse("this is not JSON", cause=error)
    polygons = _polygons(content)
    if len(polygons) != 1:
        at.refuse(f"expected one polygon, found {len(polygons)}")
    rings = polygons[0]
    if not isinstance(rings, list) or len(cast("list[Any]", rings)) != 1:
        at.refuse("expected a polygon of one ring, without holes")
    points: list[tuple[float, float]] = []
    for point in cast("list[Any]", rings)[0] if isinstance(rings[0], list) else ():
        pair = cast("list[Any]", point)[:2] if isinstance(point, list) else []
        if len(pair) != 2 or not all(_is_number(v) for v in pair):
            at.refuse(f"corner {len(points) + 1}: expected two numbers, metres")
        points.append((float(pair[0]), float(pair[1])))
    return np.array(points, np.float64).reshape(-1, 2)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= 1e15


def _polygons(content: Any) -> list[Any]:
    """Coordinates of every polygon of a geometry, feature or collection of features."""
    if not isinstance(content, dict):
        return []
    found = cast("dict[str, Any]", content)
    kind = found.get("type")
    if kind == "Polygon":
        return [found.get("coordinates")]
    if kind == "Feature":
        return _polygons(found.get("geometry"))
    features = found.get("features")
    if kind == "FeatureCollection" and isinstance(features, list):
        return [p for f in cast("list[Any]", features) for p in _polygons(f)]
    return []
