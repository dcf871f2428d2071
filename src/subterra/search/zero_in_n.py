"""What no find in n random looks tells, without any prior: the frequentist statements.

These are the statements of accept-on-zero sampling, as Visual Sample Plan makes them: they speak of
places drawn at random, know nothing of physics, reports or maps, and count a hole as a point.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from subterra.errors import InputError

__all__ = [
    "accept_on_zero",
    "accept_on_zero_samples",
    "looks_for_share",
    "upper_share",
]

Array = npt.NDArray[Any]


def _confidence(confidence: float) -> None:
    if not 0.0 < confidence < 1.0:
        problem = f"confidence must lie between 0 and 1, found {confidence}"
        raise InputError(problem)


def upper_share(n: int, confidence: float = 0.95) -> float:
    """Upper bound of a share of which n random looks found nothing: 1 − (1 − C)^{1/n}.

    Parameters
    ----------
    n : int
        Looks, at random and independent.
    confidence : float
        C.

    Returns
    -------
    float
        1 for no look at all.

    Raises
    ------
    InputError
        For a negative number or a confidence outside (0, 1).
    """
    _confidence(confidence)
    if n < 0:
        problem = f"the number of looks must not be negative, found {n}"
        raise InputError(problem)
    return 1.0 if n == 0 else -math.expm1(math.log1p(-confidence) / n)


def looks_for_share(share: float, confidence: float = 0.95) -> int:
    """Fewest random looks without a find that bound a share from above."""
    _confidence(confidence)
    if not 0.0 < share < 1.0:
        problem = f"the share must lie between 0 and 1, found {share}"
        raise InputError(problem)
    return math.ceil(math.log1p(-confidence) / math.log1p(-share) - 1e-9)


def accept_on_zero(total: int, sampled: int, bad: int) -> float:
    """Confidence that fewer than ``bad`` of ``total`` places are bad, none of n sampled being so.

    1 − C(N − bad, n)/C(N, n): sampling without replacement from a finite number of places.

    Parameters
    ----------
    total, sampled, bad : int
        N places, n of them looked at, and the number of bad ones to be excluded.

    Returns
    -------
    float

    Raises
    ------
    InputError
        Unless 0 ≤ n ≤ N and 1 ≤ bad ≤ N.
    """
    if not (0 <= sampled <= total and 1 <= bad <= total):
        problem = f"expected 0 <= n <= N and 1 <= bad <= N, found {sampled}, {total} and {bad}"
        raise InputError(problem)
    if sampled > total - bad:
        return 1.0
    k = np.arange(sampled)
    return float(-np.expm1(np.sum(np.log1p(-bad / (total - k)))))


def accept_on_zero_samples(total: int, bad: int, confidence: float = 0.95) -> int:
    """Fewest places to look at, all good, to exclude ``bad`` or more bad ones of ``total``."""
    _confidence(confidence)
    low, high = 0, total
    while low < high:
        middle = (low + high) // 2
        if accept_on_zero(total, middle, bad) >= confidence:
            high = middle
        else:
            low = middle + 1
    return low
