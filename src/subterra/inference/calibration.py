"""Simulation-based calibration: whether the truth is an ordinary draw from the belief.

If truths come from the prior and data from the likelihood, the rank of any function of the truth
among the belief's scenes is uniform (Cook, Gelman & Rubin 2006; Talts et al. 2018). Functions that
look at the data as well, the likelihood first of all, see errors that plain parameters miss
(Modrák et al. 2023). Ranks are judged by simultaneous bands of their distribution function
(Säilynoja, Bürkner & Vehtari 2022).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from scipy.stats import binom

from subterra.evidence import Evidence
from subterra.inference.belief import Belief, p_any
from subterra.inference.population import score_scenes, scorer
from subterra.inference.quantities import QUANTITIES, scene_quantities
from subterra.inference.run import infer
from subterra.inference.summary import convergence
from subterra.scene import Prior, concatenate
from subterra.simulate import World, simulate_worlds

__all__ = [
    "Calibration",
    "Reliability",
    "Verdict",
    "any_excess",
    "brier_score",
    "calibrate",
    "gather",
    "inside_bands",
    "judge",
    "log_score",
    "rank_bands",
    "reliability",
    "uniformity",
]

Array = npt.NDArray[Any]

_NULL_DRAWS: Final = 10000
_MAX_PLACES: Final = 100


@dataclass(frozen=True)
class Verdict:
    """How one world's belief met its truth.

    Parameters
    ----------
    rank : mapping of str to float
        Rank of the truth in the belief by test quantity, in [0, 1], ties broken at random.
    p_any : float
        P(at least one target) by the belief.
    any_target : bool
        Whether there is one.
    converged : bool
        Whether the belief passed its own checks.
    ess : float
        Effective number of scenes.
    """

    rank: Mapping[str, float]
    p_any: float
    any_target: bool
    converged: bool
    ess: float


@dataclass(frozen=True)
class Calibration:
    """Verdicts over ``n`` worlds.

    Parameters
    ----------
    names : tuple of str
        Test quantities, k.
    rank : (n, k) numpy.ndarray
        Rank of the truth in [0, 1]; uniform if the beliefs are calibrated.
    p_any : (n,) numpy.ndarray
        P(at least one target) by each belief.
    any_target : (n,) numpy.ndarray of bool
        Whether the truth has one.
    converged : (n,) numpy.ndarray of bool
        Whether each belief passed its own checks. No world is left out for failing them.
    ess : (n,) numpy.ndarray
        Effective number of scenes of each belief.
    n_scenes, seed : int
        Scenes in each belief and the seed of the worlds.
    """

    names: tuple[str, ...]
    rank: Array
    p_any: Array
    any_target: Array
    converged: Array
    ess: Array
    n_scenes: int
    seed: int


@dataclass(frozen=True)
class Reliability:
    """Reliability of P(any target) by bins of the prediction; bins without a world are left out.

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


def judge(world: World, belief: Belief, rng: np.random.Generator) -> Verdict:
    """Rank a world's truth among the scenes of the belief from its evidence.

    Parameters
    ----------
    world : World
        Truth and evidence.
    belief : Belief
        Belief from that evidence.
    rng : numpy.random.Generator
        Breaks ties.

    Returns
    -------
    Verdict
        The truth counts as one effective scene more, so that the ranks of a belief of independent
        draws are uniform exactly.
    """
    both = concatenate([world.scenes, belief.scenes])
    values = scene_quantities(belief.prior, both)
    with scorer(belief.prior, world.evidence) as engine:
        total = score_scenes(engine, both).sum(axis=1)
    # Scenes that differ in nothing the data can see must tie, whatever the order of summation.
    values["log_likelihood"] = np.round(total, 4)
    weight = belief.weight / belief.weight.sum()
    own = float(np.sum(weight**2))
    rank = {
        name: float(
            (weight[v[1:] < v[0]].sum() + rng.random() * (weight[v[1:] == v[0]].sum() + own))
            / (1.0 + own)
        )
        for name, v in values.items()
    }
    return Verdict(
        rank,
        p_any(belief),
        bool(values["n_targets"][0] > 0),
        convergence(belief).converged,
        belief.info.ess,
    )


def gather(verdicts: Sequence[Verdict], n_scenes: int, seed: int) -> Calibration:
    """Put verdicts into arrays."""
    names = ("log_likelihood", *QUANTITIES)
    return Calibration(
        names,
        np.array([[v.rank[name] for name in names] for v in verdicts]).reshape(-1, len(names)),
        np.array([v.p_any for v in verdicts], np.float64),
        np.array([v.any_target for v in verdicts], bool),
        np.array([v.converged for v in verdicts], bool),
        np.array([v.ess for v in verdicts], np.float64),
        n_scenes,
        seed,
    )


def calibrate(
    prior: Prior,
    evidence: Sequence[Evidence],
    *,
    n_worlds: int,
    n_scenes: int,
    seed: int,
    progress: Callable[[float, str], None] | None = None,
    spoil: Callable[[Belief], Belief] | None = None,
    threads: int | None = None,
) -> Calibration:
    """Carry worlds from the prior through the whole inference and rank their truths.

    Parameters
    ----------
    prior : Prior
        Site prior.
    evidence : sequence of Evidence
        Gives the layouts; its data are not used.
    n_worlds : int
        Number of worlds.
    n_scenes : int
        Scenes in each belief.
    seed : int
        Seed of worlds, inference and ties.
    progress : callable, optional
        Told the fraction done and a few words.
    spoil : callable, optional
        Applied to every belief before it is judged: proof that the test can fail.
    threads : int, optional
        As in ``infer``.

    Returns
    -------
    Calibration
    """
    verdicts: list[Verdict] = []
    for world in simulate_worlds(prior, evidence, n_worlds, seed):
        key = np.random.SeedSequence(seed, spawn_key=(world.index, 1))
        run_seed = int(key.generate_state(1)[0])
        belief = infer(prior, world.evidence, n_scenes=n_scenes, seed=run_seed, threads=threads)
        if spoil is not None:
            belief = spoil(belief)
        verdicts.append(judge(world, belief, np.random.default_rng(key)))
        if progress is not None:
            progress(len(verdicts) / n_worlds, f"world {len(verdicts)} of {n_worlds}")
    return gather(verdicts, n_scenes, seed)


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


def uniformity(calibration: Calibration) -> Mapping[str, float]:
    """Probability, by quantity, that uniform ranks would stray as far from uniform as these."""
    n = len(calibration.rank)
    null = _null_tails(n)
    share = np.searchsorted(null, _tail(calibration.rank), side="right") / len(null)
    return {name: float(p) for name, p in zip(calibration.names, share, strict=True)}


def inside_bands(calibration: Calibration, level: float) -> Mapping[str, bool]:
    """Whether the ranks of each quantity lie inside simultaneous bands everywhere.

    Parameters
    ----------
    calibration : Calibration
        At least two worlds.
    level : float
        Probability that uniform ranks of one quantity stay inside.

    Returns
    -------
    mapping of str to bool
    """
    return {name: p > 1.0 - level for name, p in uniformity(calibration).items()}


def brier_score(calibration: Calibration) -> float:
    """Mean square of P(any target) less the truth; 0 is perfect, 0.25 says nothing."""
    return float(np.mean((calibration.p_any - calibration.any_target) ** 2))


def log_score(calibration: Calibration) -> float:
    """Mean −ln of the probability given to the truth, held at 1/(n_scenes + 1) from below."""
    given = np.where(calibration.any_target, calibration.p_any, 1.0 - calibration.p_any)
    return float(-np.mean(np.log(np.maximum(given, 1.0 / (calibration.n_scenes + 1.0)))))


def any_excess(calibration: Calibration) -> float:
    """Standardised excess of worlds with a target over the sum of the predictions.

    Returns
    -------
    float
        (Σ truth − Σ p)/√Σ p(1 − p): normal of unit width if calibrated, positive if P(any target)
        is too low on the whole.
    """
    p = calibration.p_any
    excess = float(np.sum(calibration.any_target) - np.sum(p))
    return excess / float(np.sqrt(max(np.sum(p * (1.0 - p)), 1e-12)))


def reliability(calibration: Calibration, n_bins: int = 5) -> Reliability:
    """Compare predicted and observed shares of worlds with a target.

    Parameters
    ----------
    calibration : Calibration
        Verdicts.
    n_bins : int
        Even bins of P(any target).

    Returns
    -------
    Reliability
    """
    edges = np.linspace(0.0, 1.0, n_bins + 1)
    bin_of = np.clip(np.searchsorted(edges, calibration.p_any, side="right") - 1, 0, n_bins - 1)
    count = np.bincount(bin_of, minlength=n_bins)
    used = np.flatnonzero(count)
    predicted = np.bincount(bin_of, calibration.p_any, n_bins)[used] / count[used]
    observed = np.bincount(bin_of, calibration.any_target, n_bins)[used] / count[used]
    return Reliability(edges[used], edges[used + 1], count[used], predicted, observed)
