"""Blunders among the data: leave-one-out residuals and a latent set of outliers.

With P the precision of the data in one ground model, trend projected out, and r = d − f, the
residual of a datum predicted from all others and its variance are

    r_i − r̂_i = [P r]_i / P_ii,    var = 1 / P_ii        (kriging: Dubrule 1983).

A datum is a blunder with a small prior rate π; its error then is ``q`` times the stated one, so
that its variance grows by τ = (q² − 1) e² sd². Given all other labels its odds are

    π/(1 − π) · (1 + τ P_ii)^−½ · exp(½ [P r]_i² τ / (1 + τ P_ii)),

and a label that changes updates P by one column. Labels are set one at a time, the surest first,
with the weights of the ground models renewed after each, until none wants to change (iterated
conditional modes). One blunder hides no other and is not spread over its neighbours.

A void is no blunder. An anomaly that several data share is predicted by the neighbours; and where,
without a datum, a neighbour stands out to the same side, both are left alone, for independent
blunders seldom agree.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from scipy.spatial import KDTree

from subterra.ground.fit import with_noise
from subterra.ground.marginal import GroundModels
from subterra.ground.noise import make_whitening
from subterra.ground.precision import Precision, precision_of

__all__ = [
    "LeaveOneOut",
    "OutlierModel",
    "find_outliers",
    "leave_one_out",
    "neighbours_of",
    "outlier_odds",
    "with_outliers",
]

Array = npt.NDArray[Any]

_NODES: Final = 6
"""Ground models over which residuals are averaged."""
_SHARE: Final = 0.02
"""Ground models of a smaller share of the best one's weight do not count."""
_AGREES: Final = 2.0
"""A neighbour that stands out by so many standard deviations speaks against a blunder."""


@dataclass(frozen=True)
class OutlierModel:
    """Blunders of a survey.

    Parameters
    ----------
    rate : float
        Prior probability that a datum is one.
    inflation : float
        Standard error of a blunder over the stated one.
    most : float
        Largest share of the data that may be called blunders; more is another kind of noise.
    """

    rate: float = 0.01
    inflation: float = 10.0
    most: float = 0.1


@dataclass(frozen=True)
class LeaveOneOut:
    """Each datum against its prediction from all others.

    Parameters
    ----------
    residual : (n,) numpy.ndarray
        Datum minus prediction, in the unit of the data.
    sd : (n,) numpy.ndarray
        Its expected standard deviation, the datum's own error included; infinite for a datum that
        no other predicts (it alone fixes a column of the trend).
    """

    residual: Array
    sd: Array

    @property
    def scaled(self) -> Array:
        """Residuals over their standard deviations; normal with variance 1 if all is well."""
        return self.residual / self.sd


def _best_nodes(logs: Array) -> list[tuple[int, int, float]]:
    """Ground models that matter with their shares: (kernel, node, share)."""
    share = np.exp(logs - logs.max())
    order = np.argsort(-share, axis=None)[:_NODES]
    found = [np.unravel_index(int(i), share.shape) for i in order]
    kept = [(int(g), int(j)) for g, j in found if share[g, j] >= _SHARE]
    total = sum(float(share[g, j]) for g, j in kept)
    return [(g, j, float(share[g, j]) / total) for g, j in kept]


def _inlier_terms(
    precision: Precision, g: int, j: int, index: Sequence[int], inflation: float
) -> tuple[Array, Array, Array]:
    """[P r]_i and P_ii with datum i as an inlier and ``index`` inflated, and τ; (n,) each."""
    product, diagonal = precision.weighted(g, j)
    tau = (inflation**2 - 1.0) * (precision.e[j] * precision.sd) ** 2
    if index:
        some = list(index)
        columns = precision.columns(g, j, some)
        core = np.diag(1.0 / tau[some]) + columns[some]
        gain = np.linalg.solve(core, columns.T)
        diagonal = diagonal - (columns.T * gain).sum(axis=0)
        product = product - gain.T @ product[some]
        # As an inlier: what its own inflation took is given back.
        shrink = 1.0 - tau[some] * diagonal[some]
        product[some] /= shrink
        diagonal[some] /= shrink
    return product, np.maximum(diagonal, 1e-12 / precision.sd**2), tau


def _averages(
    precision: Precision, index: Sequence[int], model: OutlierModel
) -> tuple[Array, Array, Array]:
    """Log odds of a blunder, leave-one-out residual and variance, averaged over ground models."""
    nodes = _best_nodes(precision.node_logs(index, model.inflation))
    n = len(precision.sd)
    odds, mean, square = np.zeros(n), np.zeros(n), np.zeros(n)
    start = float(np.log(model.rate) - np.log1p(-model.rate))
    for g, j, share in nodes:
        product, diagonal, tau = _inlier_terms(precision, g, j, index, model.inflation)
        grown = 1.0 + tau * diagonal
        odds += share * (start - 0.5 * np.log(grown) + 0.5 * product**2 * tau / grown)
        residual = product / diagonal
        mean += share * residual
        square += share * (1.0 / diagonal + residual**2)
    return odds, mean, square - mean**2


def leave_one_out(models: GroundModels, response: Array) -> LeaveOneOut:
    """Predict each datum from all others, averaged over the ground models.

    Parameters
    ----------
    models : GroundModels
        The survey.
    response : (n,) numpy.ndarray
        Response of the scene, or its posterior mean.

    Returns
    -------
    LeaveOneOut
    """
    _, mean, variance = _averages(precision_of(models, response), (), OutlierModel())
    lonely = variance > 1e11 * models.sd**2
    return LeaveOneOut(mean, np.where(lonely, np.inf, np.sqrt(variance)))


def outlier_odds(
    models: GroundModels,
    responses: Array,
    weight: Array,
    index: Sequence[int],
    model: OutlierModel | None = None,
) -> Array:
    """Probability (n,) that each datum is a blunder, averaged over scenes.

    Parameters
    ----------
    models : GroundModels
        The survey with the errors stated, none inflated.
    responses : (k, n) numpy.ndarray
        Response of some scenes; each costs one pass, a few dozen will do.
    weight : (k,) numpy.ndarray
        Their weights.
    index : sequence of int
        Data taken for blunders at present: the others are judged with these inflated.
    model : OutlierModel, optional
        Prior of blunders.

    Returns
    -------
    (n,) numpy.ndarray
    """
    chance = np.zeros(len(models.sd))
    for share, response in zip(weight / np.sum(weight), responses, strict=True):
        odds = _averages(precision_of(models, response), index, model or OutlierModel())[0]
        chance += share / (1.0 + np.exp(-np.clip(odds, -500.0, 500.0)))
    return chance


def neighbours_of(place: Array, count: int = 4) -> Array:
    """Nearest other data of each datum, (n, count) int, by place (n, d) in like units."""
    found = KDTree(place).query(place, k=min(count + 1, len(place)))[1]
    own = np.arange(len(place))[:, None]
    # Of several data in one place any may come first.
    order = np.argsort(found == own, axis=1, kind="stable")
    return np.take_along_axis(found, order, axis=1)[:, :-1]


def _overshoots(scaled: Array, neighbours: Array, shared: Array) -> Array:
    """Data (n,) beside one of a shared anomaly that stands out more than they do.

    Around such an anomaly the predictions overshoot to the other side.
    """
    size = np.abs(scaled)
    return np.any(shared[neighbours] & (size[neighbours] > size[:, None]), axis=1)


def find_outliers(
    models: GroundModels,
    response: Array,
    neighbours: Array,
    model: OutlierModel | None = None,
) -> tuple[int, ...]:
    """Find the most probable set of blunders for one response.

    Parameters
    ----------
    models : GroundModels
        The survey with the errors stated, none inflated.
    response : (n,) numpy.ndarray
        Response of the scene; zeros before anything is known of it.
    neighbours : (n, k) numpy.ndarray of int
        Data beside each datum, from ``neighbours_of``.
    model : OutlierModel, optional
        Prior of blunders.

    Returns
    -------
    tuple of int
        Data to be inflated, ascending. Empty if more than the largest believable share would be:
        then the errors are not those stated, and the noise scale must answer for it.
    """
    model = model or OutlierModel()
    precision = precision_of(models, response)
    found: list[int] = []
    most = max(1, int(model.most * len(models.sd)))
    shared = np.zeros(len(models.sd), bool)
    odds, scaled = _judged(precision, found, model)
    while True:
        wants = np.where(shared | _overshoots(scaled, neighbours, shared), -np.inf, odds)
        wants[found] = -odds[found]
        best = int(np.argmax(wants))
        if wants[best] <= 0.0:
            return tuple(sorted(found))
        if best in found:
            found.remove(best)
            # Once freed it stays so, which ends the search.
            shared[best] = True
            odds, scaled = _judged(precision, found, model)
            continue
        trial = _judged(precision, [*found, best], model)
        beside = trial[1][neighbours[best]] * np.sign(scaled[best])
        if np.any(beside > _AGREES):
            shared[best] = True
            continue
        found.append(best)
        odds, scaled = trial
        if len(found) > most:
            return ()


def _judged(precision: Precision, index: Sequence[int], model: OutlierModel) -> tuple[Array, Array]:
    """Log odds of a blunder, and leave-one-out residuals over their standard deviations."""
    odds, mean, variance = _averages(precision, index, model)
    return odds, mean / np.sqrt(variance)


def with_outliers(
    models: GroundModels, index: Sequence[int], model: OutlierModel | None = None
) -> GroundModels:
    """Return the same survey with the errors of some data inflated.

    Parameters
    ----------
    models : GroundModels
        The survey with the errors stated, none inflated.
    index : sequence of int
        Data taken for blunders.
    model : OutlierModel, optional
        Gives the inflation.

    Returns
    -------
    GroundModels
    """
    if not len(index):
        return models
    factor = np.ones(len(models.sd))
    factor[list(index)] = (model or OutlierModel()).inflation
    noise = models.noise
    # Disturbances that data share keep their size in the unit of the data.
    columns = models.sd[:, None] * noise.modes * noise.spread
    return with_noise(models, make_whitening(factor * models.sd, columns))
