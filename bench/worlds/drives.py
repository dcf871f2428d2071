"""Straight drives drawn across an area."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Float = NDArray[np.float64]


@dataclass(frozen=True)
class Drive:
    """A straight drive between two points of its axis.

    Attributes
    ----------
    start, end : ndarray, shape (3,)
        Ends of the axis in metres, z up.
    radius : float
        Metres.
    """

    start: Float
    end: Float
    radius: float


@dataclass(frozen=True)
class Area:
    """A rectangle, and how far a drive goes on outside it.

    Attributes
    ----------
    low, high : ndarray, shape (2,)
    beyond : float
        Metres.
    """

    low: Float
    high: Float
    beyond: float

    def chord(self, point: Float, direction: Float) -> tuple[float, float]:
        """Parameters at which the line point + t direction enters and leaves the rectangle."""
        with np.errstate(divide="ignore"):
            t = np.stack([(self.low - point) / direction, (self.high - point) / direction])
        return float(t.min(axis=0).max()), float(t.max(axis=0).min())

    def inside(self, start: Float, end: Float) -> Float:
        """Clip an axis that crosses the rectangle to it, shape (2, 3)."""
        t0, t1 = self.chord(start[:2], end[:2] - start[:2])
        return np.stack([start + t * (end - start) for t in (max(t0, 0.0), min(t1, 1.0))])


def crossing_drive(
    rng: np.random.Generator,
    area: Area,
    radius: float,
    depth: tuple[float, float],
    least_cover: float,
    most_grade: float = 0.04,
) -> Drive:
    """Draw a drive of any heading through the middle half of an area.

    Parameters
    ----------
    rng : numpy.random.Generator
    area : Area
    radius : float
    depth : (low, high)
        Range of the depth of the axis half-way along the chord, metres.
    least_cover : float
        The grade is limited so that this much ground stays over the crown, metres.
    most_grade : float
        Largest slope of the axis.
    """
    quarter = (area.high - area.low) / 4
    point = rng.uniform(area.low + quarter, area.high - quarter)
    heading = rng.uniform(0, np.pi)
    u = np.array([np.cos(heading), np.sin(heading)])
    t0, t1 = area.chord(point, u)
    half = 0.5 * (t1 - t0) + area.beyond
    middle = point + 0.5 * (t0 + t1) * u
    z = rng.uniform(*depth)
    limit = min(most_grade, max(z - radius - least_cover, 0.0) / half)
    rise = rng.uniform(-limit, limit) * half
    return Drive(
        np.array([*(middle - half * u), -z - rise]),
        np.array([*(middle + half * u), -z + rise]),
        radius,
    )
