"""Boreholes: candidates, straight from their collar, and drilled ones, along their survey."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from subterra.errors import InputError

__all__ = [
    "Hole",
    "Holes",
    "as_arrays",
    "concatenate_holes",
    "course",
    "direction",
    "place_at",
    "take_holes",
    "trace_separation",
]

Array = npt.NDArray[Any]


@dataclass(frozen=True)
class Hole:
    """One borehole, straight unless it was surveyed.

    Parameters
    ----------
    name : str
        Name of the hole.
    x, y, z : float
        Collar, m, site frame, z up.
    azimuth_deg : float
        Clockwise from north; without meaning for a vertical hole.
    inclination_deg : float
        Positive down from horizontal; 90 is vertical.
    length_m : float
        Length along the hole.
    trace : tuple of (depth, x, y, z)
        As surveyed: ends of its chords from the collar on, by rising depth along the hole, m. Empty
        for a straight hole. Below the last the hole goes on as the last chord does.
    surveyed_m : float
        Depth along the hole down to which it was surveyed; below, it may have deviated.

    Raises
    ------
    InputError
        For a number that is not finite, an inclination beyond ±90°, a length that is not
        positive or a trace that does not go down from the collar.
    """

    name: str
    x: float
    y: float
    z: float
    azimuth_deg: float
    inclination_deg: float
    length_m: float
    trace: tuple[tuple[float, float, float, float], ...] = field(default=(), kw_only=True)
    surveyed_m: float = field(default=0.0, kw_only=True)

    def __post_init__(self) -> None:
        numbers = (self.x, self.y, self.z, self.azimuth_deg, self.inclination_deg, self.length_m)
        self._check_trace()
        if not all(math.isfinite(v) for v in numbers):
            problem = f"hole {self.name!r}: every number must be finite, found {numbers}"
            raise InputError(problem)
        if not -90.0 <= self.inclination_deg <= 90.0:
            problem = (
                f"hole {self.name!r}: inclination is degrees down from horizontal, -90 to 90, "
                f"found {self.inclination_deg}"
            )
            raise InputError(problem)
        if not self.length_m > 0.0:
            problem = f"hole {self.name!r}: length must be positive metres, found {self.length_m}"
            raise InputError(problem)

    def _check_trace(self) -> None:
        if not self.trace:
            return
        rows = np.array(self.trace, np.float64)
        if (
            rows.shape != (len(self.trace), 4)
            or len(rows) < 2
            or not np.isfinite(rows).all()
            or rows[0, 0] != 0.0
            or np.any(np.diff(rows[:, 0]) <= 0.0)
        ):
            problem = (
                f"hole {self.name!r}: a trace is two points (depth, x, y, z) at least, from "
                "depth 0 on, by rising depth"
            )
            raise InputError(problem)


@dataclass(frozen=True)
class Holes:
    """Structure of arrays of ``n`` holes, all (n,) float64.

    Parameters
    ----------
    x, y, z : numpy.ndarray
        Collars, m; traces are straight.
    azimuth_deg, inclination_deg : numpy.ndarray
        As in ``Hole``.
    length_m : numpy.ndarray
        Length along the hole, m; for a candidate, the longest that is allowed.
    """

    x: Array
    y: Array
    z: Array
    azimuth_deg: Array
    inclination_deg: Array
    length_m: Array

    def __len__(self) -> int:
        return len(self.x)


def as_arrays(holes: Sequence[Hole]) -> Holes:
    """Turn holes into a structure of arrays, in their order."""
    columns = ("x", "y", "z", "azimuth_deg", "inclination_deg", "length_m")
    return Holes(*(np.array([getattr(h, c) for h in holes], np.float64) for c in columns))


def take_holes(holes: Holes, index: Array | slice) -> Holes:
    """Select holes by an integer array, a boolean mask or a slice."""
    return Holes(*(v[index] for v in vars(holes).values()))


def concatenate_holes(parts: Sequence[Holes]) -> Holes:
    """Join holes one after the other."""
    return Holes(*(np.concatenate([getattr(p, c) for p in parts]) for c in vars(parts[0])))


def direction(azimuth_deg: float | Array, inclination_deg: float | Array) -> Array:
    """Turn azimuth and inclination into unit vectors along holes.

    Parameters
    ----------
    azimuth_deg, inclination_deg : float or numpy.ndarray
        Of any common shape.

    Returns
    -------
    (3, ...) numpy.ndarray
        East, north and up components; up is negative for a hole that goes down.
    """
    azimuth, inclination = np.radians(azimuth_deg), np.radians(inclination_deg)
    level = np.cos(inclination)
    # cos(90°) is 6e-17 in floating point: keep a vertical hole exactly vertical.
    level = np.where(np.abs(np.asarray(inclination_deg)) == 90.0, 0.0, level)
    return np.stack([level * np.sin(azimuth), level * np.cos(azimuth), -np.sin(inclination)])


def course(hole: Hole) -> Array:
    """Where a hole runs: depth along it, x, y, z (k, 4) of the ends of its chords, m.

    From the collar to its length: as surveyed where it was, else two points.
    """
    if not hole.trace:
        start = np.array([hole.x, hole.y, hole.z])
        end = start + hole.length_m * direction(hole.azimuth_deg, hole.inclination_deg)
        return np.array([[0.0, *start], [hole.length_m, *end]])
    rows = np.array(hole.trace, np.float64)
    inside = rows[rows[:, 0] < hole.length_m]
    return np.vstack([inside, [[hole.length_m, *_along(rows, hole.length_m)]]])


def place_at(hole: Hole, depth_m: float) -> Array:
    """Place (3,) at a depth along a hole, m; beyond its end as its last chord goes on."""
    return _along(course(hole), depth_m)


def _along(rows: Array, depth_m: float) -> Array:
    k = int(np.clip(np.searchsorted(rows[:, 0], depth_m) - 1, 0, len(rows) - 2))
    part = (depth_m - rows[k, 0]) / (rows[k + 1, 0] - rows[k, 0])
    return rows[k, 1:] + part * (rows[k + 1, 1:] - rows[k, 1:])


def trace_separation(holes: Holes, other: Hole) -> Array:
    """How far holes stray from another hole over the length that they share.

    Parameters
    ----------
    holes : Holes
        ``n`` holes.
    other : Hole
        The hole to compare with, along its survey if it has one.

    Returns
    -------
    (n,) numpy.ndarray
        Metres: the largest distance between the two traces at equal depths along them, from the
        collars to the end of the shorter one.
    """
    step = direction(holes.azimuth_deg, holes.inclination_deg)
    collar = np.stack([holes.x, holes.y, holes.z])
    rows, apart = course(other), np.zeros(len(holes))
    for (top, *start), (base, *end) in pairwise(rows.tolist()):
        # The distance of two straight pieces is largest where either ends.
        slope = (np.array(end) - np.array(start)) / (base - top)
        for at in (np.minimum(holes.length_m, top), np.minimum(holes.length_m, base)):
            place = np.array(start)[:, None] + slope[:, None] * (at - top)
            away = np.sqrt(np.sum((collar + at * step - place) ** 2, axis=0))
            apart = np.where(at >= top, np.maximum(apart, away), apart)
    return apart
