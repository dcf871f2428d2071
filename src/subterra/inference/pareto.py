"""Pareto-smoothed importance sampling: weights that say themselves whether they can be trusted.

The largest importance ratios are replaced by the quantiles of a generalised Pareto distribution
fitted to them; its shape k̂ tells how heavy the tail is (Vehtari, Simpson, Gelman, Yao and Gabry
2024, JMLR 25(72); the fit is that of Zhang and Stephens 2009, Technometrics 51, 316). Beyond 0.7
the error of the estimate falls so slowly with the number of draws that it says nothing.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

__all__ = ["MAX_K_HAT", "SmoothedWeights", "fit_tail", "smoothed_weights"]

Array = npt.NDArray[Any]

MAX_K_HAT: Final = 0.7
"""Shape of the tail beyond which re-weighted answers are not supported."""

_FEWEST_IN_TAIL: Final = 5
_PRIOR_DRAWS: Final = 10.0


@dataclass(frozen=True)
class SmoothedWeights:
    """Importance weights and how far they can be trusted.

    Parameters
    ----------
    weight : (n,) numpy.ndarray
        Weights that sum to 1.
    k_hat : float
        Shape of their tail; −inf where the largest weights are all alike.
    effective : float
        Effective number of draws, 1/Σw².
    """

    weight: Array
    k_hat: float
    effective: float

    @property
    def supported(self) -> bool:
        """Whether the tail is light enough."""
        return self.k_hat <= MAX_K_HAT


def fit_tail(excess: Array) -> tuple[float, float]:
    """Fit a generalised Pareto distribution to excesses over a threshold.

    Parameters
    ----------
    excess : (m,) numpy.ndarray
        Positive, rising, not all equal.

    Returns
    -------
    k, sigma : float
        Shape, drawn towards 0.5 as ten more draws would, and scale.
    """
    n = len(excess)
    count = 30 + math.isqrt(n)
    b = 1.0 - np.sqrt(count / (np.arange(1, count + 1) - 0.5))
    b = b / (3.0 * excess[int(n / 4 + 0.5) - 1]) + 1.0 / excess[-1]
    k = np.log1p(-b[:, None] * excess).mean(axis=1)
    likelihood = n * (np.log(-b / k) - k - 1.0)
    weight = np.exp(likelihood - likelihood.max())
    b_mean = float((b * weight).sum() / weight.sum())
    shape = float(np.log1p(-b_mean * excess).mean())
    sigma = -shape / b_mean
    return (n * shape + 0.5 * _PRIOR_DRAWS) / (n + _PRIOR_DRAWS), sigma


def _quantiles(share: Array, k: float, sigma: float) -> Array:
    if abs(k) < 1e-9:
        return -sigma * np.log1p(-share)
    return sigma * np.expm1(-k * np.log1p(-share)) / k


def smoothed_weights(log_ratio: Array) -> SmoothedWeights:
    """Smooth the tail of importance ratios and normalise them.

    Parameters
    ----------
    log_ratio : (n,) numpy.ndarray
        Logs of the ratios; −inf for a draw without weight.

    Returns
    -------
    SmoothedWeights
    """
    ratio = np.exp(log_ratio - np.max(log_ratio))
    n = len(ratio)
    size = int(min(0.2 * n, 3.0 * math.sqrt(n)))
    order = np.argsort(ratio, kind="stable")
    cut = ratio[order[max(n - size - 1, 0)]]
    tail = order[n - size :]
    # Draws that were copied share one ratio: only what lies above the cut tells of the tail.
    tail = tail[ratio[tail] > cut]
    k_hat = -math.inf
    if len(tail) >= _FEWEST_IN_TAIL and ratio[tail[-1]] > ratio[tail[0]]:
        k_hat, sigma = fit_tail(ratio[tail] - cut)
        share = (np.arange(len(tail)) + 0.5) / len(tail)
        ratio[tail] = np.minimum(cut + _quantiles(share, k_hat, sigma), 1.0)
    elif 0 < len(tail) < _FEWEST_IN_TAIL and ratio[tail].sum() > 0.1 * ratio.sum():
        # A handful of draws carries the answer, too few to say how heavy the tail is.
        k_hat = math.inf
    weight = ratio / ratio.sum()
    return SmoothedWeights(weight, k_hat, float(1.0 / np.sum(weight**2)))
