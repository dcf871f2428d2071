"""Compiled pieces of lobes: who is near, a normal's density over the prior, and its fit.

The prior is the standard normal of probits, and serves as the background of a fit.
"""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from subterra.kernel import ordered

__all__ = ["fit_normal", "log_over_prior", "place_gaps"]

Array = npt.NDArray[Any]

_ROUNDS: Final = 5
_LEAST_VARIANCE: Final = 1e-5
_LEAST_WEIGHT: Final = 1e-3
_MOST_ODDS: Final = 500.0
_DEPTH_WEIGHT: Final = 0.3
"""How much depth counts beside heading and offset where objects are near each other."""


@ordered
def log_over_prior(z: Array, mean: Array, root: Array, out: Array) -> None:
    """Log of a normal's density over the standard normal's.

    Parameters
    ----------
    z : (n, d) numpy.ndarray
        Probits.
    mean : (d,) numpy.ndarray
        Centre.
    root : (d, d) numpy.ndarray
        Lower Cholesky factor of the covariance.
    out : (n,) numpy.ndarray
        Filled: −½ |root⁻¹ (z − mean)|² + ½ |z|² − ln det root.
    """
    n, d = z.shape
    white = np.empty(d)
    log_volume = 0.0
    for r in range(d):
        log_volume += math.log(root[r, r])
    for i in range(n):
        square = 0.0
        for r in range(d):
            away = z[i, r] - mean[r]
            for c in range(r):
                away -= root[r, c] * white[c]
            white[r] = away / root[r, r]
            square += white[r] * white[r] - z[i, r] * z[i, r]
        out[i] = -0.5 * square - log_volume


@ordered
def _moments(z: Array, share: Array, total: float, mean: Array, spread: Array) -> None:
    """Weighted mean, and lower half of the covariance drawn towards no correlation."""
    n, d = z.shape
    mean[:] = 0.0
    spread[:] = 0.0
    for i in range(n):
        for r in range(d):
            mean[r] += share[i] / total * z[i, r]
    for i in range(n):
        for r in range(d):
            away = share[i] / total * (z[i, r] - mean[r])
            for c in range(r + 1):
                spread[r, c] += away * (z[i, c] - mean[c])
    kept = total / (total + d)
    for r in range(d):
        for c in range(r):
            spread[r, c] *= kept
        spread[r, r] += _LEAST_VARIANCE


@ordered
def _factor(matrix: Array) -> None:
    """Replace the lower half of a positive definite matrix by its Cholesky factor."""
    for r in range(matrix.shape[0]):
        for c in range(r + 1):
            rest = matrix[r, c]
            for k in range(c):
                rest -= matrix[r, k] * matrix[c, k]
            matrix[r, c] = math.sqrt(rest) if r == c else rest / matrix[c, c]


@ordered
def fit_normal(z: Array, left: Array, share: Array, mean: Array, root: Array) -> bool:
    """Fit one normal over the prior as background, by expectation and maximisation.

    Parameters
    ----------
    z : (n, d) numpy.ndarray
        Probits of objects.
    left : (n,) numpy.ndarray
        What earlier lobes have left of each.
    share : (n,) numpy.ndarray
        In: 1 for the objects to begin with, 0 for others. Out: responsibilities.
    mean : (d,) numpy.ndarray
        Filled with the centre.
    root : (d, d) numpy.ndarray
        Filled with the lower Cholesky factor of the covariance.

    Returns
    -------
    bool
        Whether enough objects stayed with it; if not, what was filled means nothing.
    """
    n, d = z.shape
    odds = np.empty(n)
    for _ in range(_ROUNDS):
        total = np.sum(share)
        if total < 2.0 * d:
            return False
        # Correlations are learnt from few objects: they are drawn towards none.
        _moments(z, share, total, mean, root)
        _factor(root)
        weight = min(max(total / np.sum(left), _LEAST_WEIGHT), 1.0 - _LEAST_WEIGHT)
        log_weight = math.log(weight / (1.0 - weight))
        log_over_prior(z, mean, root, odds)
        for i in range(n):
            bounded = min(max(odds[i] + log_weight, -_MOST_ODDS), _MOST_ODDS)
            share[i] = left[i] / (1.0 + math.exp(-bounded))
    return True


@ordered
def place_gaps(
    heading: Array,
    crossed: Array,
    offset: Array,
    depth: Array,
    at: Array,
    left: Array,
    out: Array,
) -> None:
    """Largest difference in place between objects and candidates, headings turned for each.

    Parameters
    ----------
    heading : (candidates, n) numpy.ndarray
        Probits of turned headings.
    crossed : (candidates, n) numpy.ndarray of bool
        Whether a heading crossed the cut, so that the offset is mirrored.
    offset, depth : (n,) numpy.ndarray
        Probits.
    at : (candidates,) numpy.ndarray of int
        Object that each candidate is.
    left : (n,) numpy.ndarray
        What earlier lobes have left of each object; where it is half or less, it is no neighbour.
    out : (candidates, n) numpy.ndarray
        Filled; inf where there is no neighbour.
    """
    for c in range(at.size):
        own = at[c]
        mine = -offset[own] if crossed[c, own] else offset[own]
        for i in range(left.size):
            theirs = -offset[i] if crossed[c, i] else offset[i]
            gap = max(abs(heading[c, i] - heading[c, own]), abs(theirs - mine))
            gap = max(gap, _DEPTH_WEIGHT * abs(depth[i] - depth[own]))
            out[c, i] = gap if left[i] > 0.5 else np.inf
