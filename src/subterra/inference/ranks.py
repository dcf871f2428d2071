"""Are ranks uniform? Simultaneous bands of their distribution function.

Säilynoja, Bürkner & Vehtari (2022): at each place the number of n uniform ranks at or below it is
binomial; the pointwise level is set so that a share of all uniform samples stays inside everywhere.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from scipy.stats import binom

__all__ = ["rank_bands", "uniform_probability"]

Array = npt.NDArray[Any]

_NULL_DRAWS: Final = 10000
_MAX_PLACES: Final = 100


def _places(n: int) -> Array:
    """Where the distribution function is looked at: inner points of an even grid."""
    k = min(n, _MAX_PLACES)
    return np.arange(1, k) / k


def _tail(rank: Array) -> Array:
    """Smallest two-sided pointwise tail probability of each column's distribution function.

    Parameters
    ----------
    rank : (n, m) numpy.ndarray
        m samples of n ranks.

    Returns
    -------
    (m,) numpy.ndarray
    """
    n = len(rank)
    place = _places(n)
    count = np.sort(rank, axis=0)
    below = np.array([np.searchsorted(column, place, side="right") for column in count.T])
    table = np.arange(n + 1)[:, None]
    lower, upper = binom.cdf(table, n, place), binom.sf(table - 1, n, place)
    either = 2.0 * np.minimum(lower, upper)
    return either[below, np.arange(len(place))].min(axis=1)


@lru_cache(maxsize=16)
def _null_tails(n: int) -> Array:
    """Sorted ``_tail`` of many samples of n uniform ranks; the same for the same n."""
    rng = np.random.default_rng(20220317)
    parts = [_tail(rng.random((n, 500))) for _ in range(_NULL_DRAWS // 500)]
    return np.sort(np.concatenate(parts))


def rank_bands(n: int, level: float) -> tuple[Array, Array, Array]:
    """Simultaneous bands of the distribution function of n uniform ranks.

    Parameters
    ----------
    n : int
        Number of ranks, at least 2.
    level : float
        Probability that uniform ranks stay inside everywhere.

    Returns
    -------
    place, low, high : (k,) numpy.ndarray
        Ranks at which it is looked at, and the bounds of the share of ranks at or below them.
    """
    alpha = float(np.quantile(_null_tails(n), 1.0 - level, method="lower"))
    place = _places(n)
    low = binom.ppf(0.5 * alpha, n, place)
    high = binom.isf(0.5 * alpha, n, place)
    return place, low / n, high / n


def uniform_probability(rank: Array) -> float:
    """Probability that uniform ranks would stray as far from uniform as these.

    Parameters
    ----------
    rank : (n,) numpy.ndarray
        Ranks in [0, 1]; NaN where there is none.

    Returns
    -------
    float
        1 where fewer than two ranks are left: nothing speaks against them.
    """
    known = rank[~np.isnan(rank)]
    if len(known) < 2:
        return 1.0
    null = _null_tails(len(known))
    return float(np.searchsorted(null, _tail(known[:, None])[0], side="right") / len(null))
