"""Scores of detection, place and drilling, and what can be said about their differences.

Probabilities are of "there is a target". Axes are polylines (n, 3) sampled half a metre apart.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq

Float = NDArray[np.float64]

CUT = 0.01
"""Probabilities are cut to 0.01-0.99 before the logarithm: what no site of 120 can support."""
GOSPA_CUT_M = 10.0


def roc_area(score: Float, truth: Float) -> float:
    """P(a site with a target scores higher than one without), ties counted half."""
    some, none = score[truth > 0], score[truth == 0]
    if not len(some) or not len(none):
        return float("nan")
    more = (some[:, None] > none).mean() + 0.5 * (some[:, None] == none).mean()
    return float(more)


def log_score(p: Float, truth: Float) -> Float:
    """Negative log probability of what was there, nats; smaller is better."""
    q = np.clip(p, CUT, 1.0 - CUT)
    return -np.where(truth > 0, np.log(q), np.log1p(-q))


def brier(p: Float, truth: Float) -> Float:
    """Squared error of the probability; smaller is better."""
    return (p - truth) ** 2


def logit(p: Float) -> Float:
    """Log odds of probabilities cut to 0.01-0.99."""
    q = np.clip(p, CUT, 1.0 - CUT)
    return np.log(q) - np.log1p(-q)


@dataclass(frozen=True)
class Logistic:
    """P = 1 / (1 + exp(-(intercept + slope (score - centre) / scale)))."""

    intercept: float
    slope: float
    centre: float = 0.0
    scale: float = 1.0

    def __call__(self, score: Float) -> Float:
        """Probabilities of scores."""
        t = self.intercept + self.slope * (np.asarray(score) - self.centre) / self.scale
        return 1.0 / (1.0 + np.exp(-np.clip(t, -30.0, 30.0)))


def fit_logistic(score: Float, truth: Float, prior_sd: float | None = 2.0) -> Logistic:
    """Fit a logistic curve by Newton's method.

    Parameters
    ----------
    score, truth : ndarray, shape (n,)
    prior_sd : float or None
        Standard deviation of a normal prior of the slope per standard deviation of the score: ten
        tuning sites are often separated without error, and a step is no probability. None fits by
        maximum likelihood on the scores as they are, as the slope of a calibration is.
    """
    centre, scale = (float(score.mean()), float(score.std()) or 1.0) if prior_sd else (0.0, 1.0)
    x = np.column_stack([np.ones(len(score)), (score - centre) / scale])
    penalty = np.diag([1e-6, 1.0 / prior_sd**2 if prior_sd else 1e-6])
    beta = np.zeros(2)
    for _ in range(100):
        p = 1.0 / (1.0 + np.exp(-np.clip(x @ beta, -30.0, 30.0)))
        gradient = x.T @ (truth - p) - penalty @ beta
        step = np.linalg.solve(x.T @ (x * (p * (1 - p))[:, None]) + penalty, gradient)
        # Newton overshoots on nearly separated data.
        beta = beta + step * min(1.0, 2.0 / max(float(np.abs(step).max()), 1e-12))
        if float(np.abs(step).max()) < 1e-9:
            break
    return Logistic(float(beta[0]), float(beta[1]), centre, scale)


def calibration_slope(p: Float, truth: Float) -> float:
    """Slope of a logistic fit of the truth to the log odds; 1 is calibrated, less is too sure."""
    return fit_logistic(logit(p), truth, prior_sd=None).slope


def calibration_shift(p: Float, truth: Float) -> float:
    """Shift of the log odds after which as many targets are there as promised.

    0 is calibrated in the large, less than 0 is too ready to say that there is one.
    """
    odds = logit(p)

    def too_many(shift: float) -> float:
        return float(np.sum(1.0 / (1.0 + np.exp(-odds - shift)) - truth))

    if not 0.0 < truth.mean() < 1.0:
        return np.nan
    return float(brentq(too_many, -30.0, 30.0))


def plan_distance(axis: Float, truth: Float) -> float:
    """RMS plan distance in metres of the points of an axis from the nearest true one."""
    d = np.linalg.norm(axis[:, None, :2] - truth[None, :, :2], axis=2).min(axis=1)
    return float(np.sqrt((d**2).mean()))


def depth_error(axis: Float, truth: Float) -> float:
    """Mean difference in metres, deeper positive, where the axis runs beside the true one."""
    near = np.linalg.norm(axis[:, None, :2] - truth[None, :, :2], axis=2)
    beside = near.min(axis=1) < GOSPA_CUT_M
    if not beside.any():
        return float("nan")
    return float((truth[near.argmin(axis=1), 2] - axis[:, 2])[beside].mean())


def axis_distance(one: Float, other: Float) -> float:
    """Mean distance in space between two polylines, both ways averaged, metres."""
    d = np.linalg.norm(one[:, None] - other[None], axis=2)
    return float(0.5 * (d.min(axis=1).mean() + d.min(axis=0).mean()))


def gospa(found: list[Float], truth: list[Float], cut: float = GOSPA_CUT_M) -> float:
    """GOSPA with p = 1, alpha = 2: matched distances, and half the cut for each miss or extra.

    Rahmathullah, Garcia-Fernandez and Svensson 2017; the base distance is `axis_distance`. Sets
    hold at most three axes, all assignments are tried.
    """
    if not found or not truth:
        return 0.5 * cut * (len(found) + len(truth))
    d = np.array([[axis_distance(a, b) for b in truth] for a in found])
    return 0.5 * cut * (len(found) + len(truth)) + _saved(np.minimum(d, cut) - cut, 0, frozenset())


def _saved(gain: Float, row: int, used: frozenset[int]) -> float:
    """Smallest sum of gains (never positive) over all ways to match rows from `row` on."""
    if row == len(gain):
        return 0.0
    ways = [_saved(gain, row + 1, used)]
    ways += [
        float(gain[row, k]) + _saved(gain, row + 1, used | {k})
        for k in range(gain.shape[1])
        if k not in used
    ]
    return min(ways)


def restricted_mean(holes: Float, cap: int) -> float:
    """Mean number of holes to the first hit, never more than the cap (a miss counts cap)."""
    return float(np.minimum(holes, cap).mean())


@dataclass(frozen=True)
class Interval:
    """A value with its 95 % bootstrap interval."""

    value: float
    low: float
    high: float

    @property
    def excludes_zero(self) -> bool:
        """Whether the interval lies on one side of 0."""
        return self.low > 0.0 or self.high < 0.0


def resamples(stratum: NDArray[np.int64], n: int = 4000, seed: int = 1) -> NDArray[np.int64]:
    """Indices (n, sites) of bootstrap samples, each stratum resampled in itself."""
    rng = np.random.default_rng(seed)
    out = np.empty((n, len(stratum)), dtype=np.int64)
    for value in np.unique(stratum):
        mine = np.flatnonzero(stratum == value)
        out[:, mine] = mine[rng.integers(len(mine), size=(n, len(mine)))]
    return out


def interval(value: float, samples: Float) -> Interval:
    """Percentile interval; samples that are undefined are left out."""
    kept = samples[np.isfinite(samples)]
    if not len(kept):
        return Interval(value, float("nan"), float("nan"))
    return Interval(value, *(float(v) for v in np.quantile(kept, (0.025, 0.975))))
