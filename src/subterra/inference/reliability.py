"""Are probabilities what they say? Reliability by bins, calibration line, scores.

The calibration line is logit P(truth) = a + b logit p (Cox 1958): a = 0 and b = 1 if calibrated,
b < 1 if the probabilities are too extreme. Its intervals are those of the profile likelihood, which
stay honest where predictions separate the outcomes completely and b has no upper bound.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from scipy.special import expit, logit
from scipy.stats import chi2

__all__ = [
    "CELL_EDGES",
    "CalibrationLine",
    "CellScore",
    "CellTable",
    "Reliability",
    "binned",
    "calibration_line",
    "cell_table",
]

Array = npt.NDArray[Any]

CELL_EDGES: Final = (0.0, 0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)
"""Bins of the probability of containment: most cells of a map have a small one."""

_INTERCEPTS: Final = np.linspace(-8.0, 8.0, 641)
_SLOPES: Final = np.linspace(-2.0, 10.0, 961)
_HALVINGS: Final = 48
_DRAWS: Final = 2000


@dataclass(frozen=True)
class Reliability:
    """Prediction against outcome by bins of the prediction; bins without a world are left out.

    Parameters
    ----------
    low, high : (b,) numpy.ndarray
        Edges of each bin.
    count : (b,) numpy.ndarray of int
        Worlds in it.
    predicted : (b,) numpy.ndarray
        Mean prediction.
    observed : (b,) numpy.ndarray
        Share of its worlds that have a target.
    """

    low: Array
    high: Array
    count: Array
    predicted: Array
    observed: Array


def binned(p: Array, truth: Array, n_bins: int = 5) -> Reliability:
    """Compare predictions (n,) with outcomes (n,) in even bins."""
    edges = np.linspace(0.0, 1.0, n_bins + 1)
    bin_of = np.clip(np.searchsorted(edges, p, side="right") - 1, 0, n_bins - 1)
    count = np.bincount(bin_of, minlength=n_bins)
    used = np.flatnonzero(count)
    predicted = np.bincount(bin_of, p, n_bins)[used] / count[used]
    observed = np.bincount(bin_of, truth, n_bins)[used] / count[used]
    return Reliability(edges[used], edges[used + 1], count[used], predicted, observed)


@dataclass(frozen=True)
class CalibrationLine:
    """Fit of logit P(truth) = a + b logit p.

    Parameters
    ----------
    intercept, slope : float
        Most likely a and b within the bounds of the search.
    intercept_interval, slope_interval : (low, high)
        95 % profile-likelihood intervals; an end that the outcomes do not bound is infinite.
    p_value : float
        Probability that calibrated predictions (a = 0, b = 1) would fit as much worse than the best
        line: likelihood ratio on two degrees of freedom.
    """

    intercept: float
    slope: float
    intercept_interval: tuple[float, float]
    slope_interval: tuple[float, float]
    p_value: float


def _log_likelihood(x: Array, truth: Array, a: Array, b: Array) -> Array:
    """Log-likelihood (k,) of lines a (k,), b (k,)."""
    linear = a[:, None] + b[:, None] * x
    return -np.logaddexp(0.0, np.where(truth, -linear, linear)).sum(axis=1)


def _best_other(
    x: Array, truth: Array, fixed: Array, bounds: tuple[float, float], slope: bool
) -> Array:
    """Best value (k,) of one parameter at each value (k,) of the other, by halving.

    The log-likelihood is concave, so its derivative changes sign once.
    """
    low, high = np.full(len(fixed), bounds[0]), np.full(len(fixed), bounds[1])
    weight = x if slope else np.ones_like(x)
    for _ in range(_HALVINGS):
        middle = 0.5 * (low + high)
        a, b = (fixed, middle) if slope else (middle, fixed)
        rises = ((truth - expit(a[:, None] + b[:, None] * x)) * weight).sum(axis=1) > 0.0
        low, high = np.where(rises, middle, low), np.where(rises, high, middle)
    return 0.5 * (low + high)


def _interval(grid: Array, profile: Array, best: float) -> tuple[float, float]:
    inside = grid[2.0 * (best - profile) <= chi2.ppf(0.95, 1)]
    low, high = float(inside[0]), float(inside[-1])
    return (
        low if low > grid[0] else -float("inf"),
        high if high < grid[-1] else float("inf"),
    )


def calibration_line(p: Array, truth: Array, n_scenes: int) -> CalibrationLine:
    """Fit the calibration line.

    Parameters
    ----------
    p : (n,) numpy.ndarray
        Predictions; held at 1/(n_scenes + 1) and 1 less this, beyond which none is supported.
    truth : (n,) numpy.ndarray of bool
        Outcomes.
    n_scenes : int
        Scenes behind each prediction.

    Returns
    -------
    CalibrationLine
    """
    least = 1.0 / (n_scenes + 1.0)
    x = logit(np.clip(p, least, 1.0 - least))
    y = np.asarray(truth, bool)
    slopes = (float(_SLOPES[0]), float(_SLOPES[-1]))
    intercepts = (float(_INTERCEPTS[0]), float(_INTERCEPTS[-1]))
    of_slope = _log_likelihood(x, y, _best_other(x, y, _SLOPES, intercepts, False), _SLOPES)
    best_b = _best_other(x, y, _INTERCEPTS, slopes, True)
    of_intercept = _log_likelihood(x, y, _INTERCEPTS, best_b)
    best = max(float(of_slope.max()), float(of_intercept.max()))
    asserted = float(_log_likelihood(x, y, np.zeros(1), np.ones(1))[0])
    return CalibrationLine(
        float(_INTERCEPTS[int(np.argmax(of_intercept))]),
        float(_SLOPES[int(np.argmax(of_slope))]),
        _interval(_INTERCEPTS, of_intercept, best),
        _interval(_SLOPES, of_slope, best),
        float(chi2.sf(max(2.0 * (best - asserted), 0.0), 2)),
    )


@dataclass(frozen=True)
class CellScore:
    """The map of one world against its truth, by bins of ``CELL_EDGES``.

    Parameters
    ----------
    count : (b,) numpy.ndarray of int
        Cells in each bin.
    predicted, observed : (b,) numpy.ndarray
        Sum of their probabilities, and number that a target passes.
    square : float
        Sum over all cells of (probability less outcome)².
    """

    count: Array
    predicted: Array
    observed: Array
    square: float


@dataclass(frozen=True)
class CellTable:
    """Reliability of the probability of containment over worlds.

    Parameters
    ----------
    predicted, observed : (b,) numpy.ndarray
        Mean probability and share of cells passed by a target, of bins with cells.
    low, high : (b,) numpy.ndarray
        90 % interval of ``observed``, bootstrapped by world: the cells of one map are not
        independent.
    count : (b,) numpy.ndarray of int
        Cells.
    brier : float
        Mean of (probability less outcome)².
    excess : (low, middle, high)
        Share of passed cells over the mean probability, with its 99 % bootstrap interval; 1 if
        calibrated.
    """

    predicted: Array
    observed: Array
    low: Array
    high: Array
    count: Array
    brier: float
    excess: tuple[float, float, float]


def cell_table(scores: Sequence[CellScore], seed: int) -> CellTable | None:
    """Put the maps of several worlds together; None without any cell.

    Parameters
    ----------
    scores : sequence of CellScore
        One per world.
    seed : int
        Of the bootstrap.
    """
    if not scores:
        return None
    count, predicted, observed = (
        np.array([getattr(s, name) for s in scores], np.float64)
        for name in ("count", "predicted", "observed")
    )
    if count.sum() == 0.0:
        return None
    n = len(scores)
    drawn = np.random.default_rng(seed).multinomial(n, np.full(n, 1.0 / n), size=_DRAWS)
    cells = np.maximum(drawn @ count, 1e-12)
    share = np.where(drawn @ count > 0.0, (drawn @ observed) / cells, np.nan)
    used = count.sum(axis=0) > 0.0
    low, high = np.nanquantile(share[:, used], [0.05, 0.95], axis=0)
    tiny = np.finfo(float).tiny
    ratio = (drawn @ observed.sum(axis=1)) / np.maximum(drawn @ predicted.sum(axis=1), tiny)
    total = count.sum(axis=0)[used]
    middle = observed.sum() / max(float(predicted.sum()), tiny)
    ends = np.quantile(ratio, [0.005, 0.995])
    return CellTable(
        predicted.sum(axis=0)[used] / total,
        observed.sum(axis=0)[used] / total,
        low,
        high,
        total.astype(np.int64),
        float(sum(s.square for s in scores) / count.sum()),
        (float(ends[0]), float(middle), float(ends[1])),
    )
