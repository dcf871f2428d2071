"""Exact bounds of a share that was seen in a number of trials (Clopper & Pearson 1934)."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.special import betainccinv, betaincinv

from subterra.errors import InputError

__all__ = ["clopper_pearson"]

Array = npt.NDArray[Any]


def clopper_pearson(
    found: npt.ArrayLike, n: npt.ArrayLike, tail: float = 0.05
) -> tuple[Array, Array]:
    """Lower and upper bound of a share of which ``found`` in ``n`` were seen.

    Parameters
    ----------
    found, n : array_like
        Counts, of one shape; effective ones need not be whole.
    tail : float
        Largest probability of being beyond one bound: 0.05 gives two one-sided 95 % bounds, or
        one 90 % interval.

    Returns
    -------
    low, high : numpy.ndarray
        0 where nothing was found, 1 where everything was.

    Raises
    ------
    InputError
        Unless 0 ≤ found ≤ n and 0 < tail < 1.
    """
    hits, trials = np.asarray(found, np.float64), np.asarray(n, np.float64)
    if not 0.0 < tail < 1.0:
        problem = f"the tail must lie between 0 and 1, found {tail}"
        raise InputError(problem)
    if not np.all((hits >= 0.0) & (hits <= trials)):
        problem = f"expected 0 <= found <= n, found {hits} and {trials}"
        raise InputError(problem)
    misses = trials - hits
    # A count of nought has its bound at the end, where the inverse is not defined.
    some_hits, some_misses = (np.where(count > 0.0, count, 1.0) for count in (hits, misses))
    low = np.where(hits > 0.0, betaincinv(some_hits, misses + 1.0, tail), 0.0)
    high = np.where(misses > 0.0, betainccinv(hits + 1.0, some_misses, tail), 1.0)
    return low, high
