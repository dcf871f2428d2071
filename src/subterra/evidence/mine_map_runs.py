"""From drawn lines to runs: nearly straight stretches that one object of a scene can follow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

import numpy as np
import numpy.typing as npt

__all__ = ["Run", "clip_line", "merge_lines", "run_of", "split_line"]

Array = npt.NDArray[Any]

_CORNER_DEG: Final = 25.0
_TOLERANCE_M: Final = 1.0
_SHORTEST_M: Final = 10.0
"""Shorter stretches, such as cross-cuts, say little of where a working runs."""


@dataclass(frozen=True)
class Run:
    """A nearly straight stretch of a drawn line.

    Parameters
    ----------
    x, y, z : float
        Middle of its arc, metres; z is NaN where the map gives no height.
    angle : float
        Direction of its chord, radians from east towards north, in [0, π).
    length : float
        Length of its arc, metres.
    sag : float
        How far the middle lies off the chord, to the left of ``angle``, over the length.
    points : (k, 2) numpy.ndarray
        Its course in plan, for drawing.
    """

    x: float
    y: float
    z: float
    angle: float
    length: float
    sag: float
    points: Array


def merge_lines(lines: Sequence[Array]) -> list[Array]:
    """Join lines (k, 3) that meet end to end at a place where no third line ends."""
    import shapely

    keyed = [np.column_stack([line[:, :2], np.nan_to_num(line[:, 2], nan=0.0)]) for line in lines]
    merged = shapely.line_merge(shapely.multilinestrings(keyed))
    parts = [np.asarray(shapely.get_coordinates(p, include_z=True)) for p in _parts(merged)]
    if any(np.isnan(line[:, 2]).any() for line in lines):
        parts = [np.column_stack([p[:, :2], np.full(len(p), np.nan)]) for p in parts]
    return parts


def _parts(geometry: Any) -> list[Any]:
    import shapely

    return list(shapely.get_parts(geometry))


def clip_line(line: Array, box: tuple[float, float, float, float]) -> list[Array]:
    """Cut a line (k, 3) to a plan rectangle; the pieces inside keep their heights."""
    import shapely

    plan = shapely.linestrings(line[:, :2])
    inside = shapely.intersection(plan, shapely.box(*box))
    pieces: list[Array] = []
    for part in _parts(inside):
        points = np.asarray(shapely.get_coordinates(part))
        if shapely.get_type_id(part) != 1 or len(points) < 2:
            continue
        at = np.asarray(shapely.line_locate_point(plan, shapely.points(points)))
        steps = np.hypot(*np.diff(line[:, :2], axis=0).T)
        arc = np.concatenate([[0.0], np.cumsum(steps)])
        pieces.append(np.column_stack([points, np.interp(at, arc, line[:, 2])]))
    return pieces


def split_line(line: Array) -> list[Array]:
    """Split a line (k, 3) at its corners, after small wiggles are smoothed."""
    import shapely

    points = np.asarray(
        shapely.get_coordinates(
            shapely.simplify(shapely.linestrings(line), _TOLERANCE_M, preserve_topology=False),
            include_z=True,
        )
    )
    if np.isnan(line[:, 2]).any():
        points[:, 2] = np.nan
    steps = np.diff(points[:, :2], axis=0)
    angle = np.arctan2(steps[:, 1], steps[:, 0])
    turn = np.abs((np.diff(angle) + np.pi) % (2.0 * np.pi) - np.pi)
    corners = 1 + np.flatnonzero(turn > np.deg2rad(_CORNER_DEG))
    edges = [0, *corners.tolist(), len(points) - 1]
    return [points[a : b + 1] for a, b in pairwise(edges) if b > a]


def run_of(points: Array) -> Run | None:
    """Describe a stretch (k, 3); None where it is shorter than 10 m."""
    steps = np.hypot(*np.diff(points[:, :2], axis=0).T)
    length = float(steps.sum())
    chord = points[-1, :2] - points[0, :2]
    if length < _SHORTEST_M or float(np.hypot(*chord)) < 0.5 * length:
        return None
    arc = np.concatenate([[0.0], np.cumsum(steps)])
    middle = np.array([np.interp(0.5 * length, arc, points[:, i]) for i in range(3)])
    angle = float(np.arctan2(chord[1], chord[0]))
    turned = angle < 0.0 or angle >= np.pi
    angle %= np.pi
    unit = np.array([np.cos(angle), np.sin(angle)])
    first = points[-1, :2] if turned else points[0, :2]
    away = middle[:2] - first
    sag = float(unit[0] * away[1] - unit[1] * away[0]) / length
    return Run(
        float(middle[0]), float(middle[1]), float(middle[2]), angle, length, sag, points[:, :2]
    )
