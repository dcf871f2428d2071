"""The similarity of the plane that brings points onto points, by weighted least squares.

Points are complex numbers, x + iy, and a similarity is ``x = q + c (u − m)``: with m and q the
weighted means of both sides, ``c = Σ w conj(u − m) (x − q) / Σ w |u − m|²`` is its scale times its
turn (B. K. P. Horn 1987, J. Opt. Soc. Am. A 4, 629, in the plane). About m the shift and c are
uncorrelated, so that the place of a point varies by ``1/Σ w + |u − m|²/Σ w |u − m|²`` per axis.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from subterra.errors import InputError

__all__ = ["Similarity", "fit_similarity"]

Array = npt.NDArray[Any]


@dataclass(frozen=True)
class Similarity:
    """A fitted similarity.

    Parameters
    ----------
    factor : complex
        c: its absolute value is the scale, its angle the counter-clockwise turn.
    middle, target : complex
        m, and its place q.
    weight, spread : float
        Σ w and Σ w |u − m|² of the points it was fitted to.
    """

    factor: complex
    middle: complex
    target: complex
    weight: float
    spread: float

    def place(self, points: Array) -> Array:
        """Places (n,) of points (n,), both complex."""
        return self.target + self.factor * (points - self.middle)

    def variance(self, points: Array) -> Array:
        """Variance (n,) per axis of the places of points, for weights that are 1/variance."""
        return 1.0 / self.weight + np.abs(points - self.middle) ** 2 / self.spread


def fit_similarity(points: Array, places: Array, weight: Array) -> Similarity:
    """Fit a similarity.

    Parameters
    ----------
    points, places : (n,) numpy.ndarray of complex
        What is brought onto what.
    weight : (n,) numpy.ndarray
        1/variance per axis of each place.

    Returns
    -------
    Similarity

    Raises
    ------
    InputError
        If all points are in one place.
    """
    middle, target = (complex(np.average(v, weights=weight)) for v in (points, places))
    away = points - middle
    spread = float(weight @ np.abs(away) ** 2)
    if spread == 0.0:
        problem = "the control points are in one place: nothing tells how they are turned"
        raise InputError(problem)
    factor = complex((weight * np.conj(away)) @ (places - target)) / spread
    return Similarity(factor, middle, target, float(weight.sum()), spread)
