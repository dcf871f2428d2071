"""Boreholes to be drilled or already drilled, as straight traces from a collar."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from subterra.errors import InputError

__all__ = [
    "Hole",
    "Holes",
    "as_arrays",
    "concatenate_holes",
    "direction",
    "take_holes",
    "trace_separation",
]

Array = npt.NDArray[Any]


@dataclass(frozen=True)
class Hole:
    """One straight borehole.

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

    Raises
    ------
    InputError
        For a number that is not finite, an inclination beyond ±90° or a length that is not
        positive.
    """

    name: str
    x: float
    y: float
    z: float
    azimuth_deg: float
    inclination_deg: float
    length_m: float

    def __post_init__(self) -> None:
        numbers = (self.x, self.y, self.z, self.azimuth_deg, self.inclination_deg, self.length_m)
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


@dataclass(frozen=True)
class Holes:
    """Structure of arrays of ``n`` holes, all (n,) float64.

    Parameters
    ----------
    x, y, z : numpy.ndarray
        Collars, m.
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


def trace_separation(holes: Holes, other: Hole) -> Array:
    """How far holes stray from another hole over the length that they share.

    Parameters
    ----------
    holes : Holes
        ``n`` holes.
    other : Hole
        The hole to compare with.

    Returns
    -------
    (n,) numpy.ndarray
        Metres: the larger of the distance between the collars and the distance between the two
        traces at the end of the shorter one.
    """
    step = direction(holes.azimuth_deg, holes.inclination_deg)
    step = step - direction(other.azimuth_deg, other.inclination_deg)[:, None]
    apart = np.stack([holes.x - other.x, holes.y - other.y, holes.z - other.z])
    shared = np.minimum(holes.length_m, other.length_m)
    collars = np.sqrt(np.sum(apart**2, axis=0))
    return np.maximum(collars, np.sqrt(np.sum((apart + shared * step) ** 2, axis=0)))
