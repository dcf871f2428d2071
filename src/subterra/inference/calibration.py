"""Simulation-based calibration: whether the truth is an ordinary draw from the belief.

If truths come from the prior and data from the likelihood, the rank of any function of the truth
among the belief's scenes is uniform (Cook, Gelman & Rubin 2006; Talts et al. 2018). Functions that
look at the data as well, the likelihood first of all, see errors that plain parameters miss
(Modrák et al. 2023). Functions that only scenes with a target have are ranked among those, where
the truth has one too.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from subterra.evidence import Evidence
from subterra.inference.belief import Belief, p_any
from subterra.inference.population import score_scenes, scorer
from subterra.inference.quantities import QUANTITIES, scene_quantities
from subterra.inference.ranks import rank_bands, uniform_probability
from subterra.inference.reliability import CellScore, Reliability, binned
from subterra.inference.run import infer
from subterra.inference.summary import convergence
from subterra.scene import Prior, Scenes, concatenate
from subterra.simulate import World, simulate_world

__all__ = [
    "NAMES",
    "Calibration",
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
CellJudge = Callable[[Belief, Scenes], CellScore]

NAMES = ("log_likelihood", *QUANTITIES)
"""Test quantities that are ranked."""


@dataclass(frozen=True)
class Verdict:
    """How one world's belief met its truth.

    Parameters
    ----------
    rank : mapping of str to float
        Rank of the truth in the belief by test quantity, in [0, 1], ties broken at random; NaN
        where the truth does not have the quantity.
    p_any : float
        P(at least one target) by the belief.
    any_target : bool
        Whether there is one.
    converged : bool
        Whether the belief passed its own checks.
    ess : float
        Effective number of scenes.
    cells : CellScore or None
        The map against the truth.
    """

    rank: Mapping[str, float]
    p_any: float
    any_target: bool
    converged: bool
    ess: float
    cells: CellScore | None = None


@dataclass(frozen=True)
class Calibration:
    """Verdicts over ``n`` worlds.

    Parameters
    ----------
    names : tuple of str
        Test quantities, k.
    rank : (n, k) numpy.ndarray
        Rank of the truth in [0, 1]; uniform if the beliefs are calibrated. NaN where there is none.
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
    cells : tuple of CellScore
        Maps against truths, where they were judged.
    """

    names: tuple[str, ...]
    rank: Array
    p_any: Array
    any_target: Array
    converged: Array
    ess: Array
    n_scenes: int
    seed: int
    cells: tuple[CellScore, ...] = ()


def _rank(value: Array, weight: Array, u: float) -> float:
    """Rank of the first value among the others; NaN stands for "not there".

    The truth counts as one effective scene more, so that the ranks of a belief of independent
    draws are uniform exactly.
    """
    if np.isnan(value[0]):
        return float("nan")
    known = ~np.isnan(value[1:])
    w, v = weight[known], value[1:][known]
    total = float(w.sum())
    if total <= 0.0:
        return u
    w = w / total
    own = float(np.sum(w**2))
    below, tied = float(w[v < value[0]].sum()), float(w[v == value[0]].sum())
    return (below + u * (tied + own)) / (1.0 + own)


def judge(
    world: World, belief: Belief, rng: np.random.Generator, cells: CellJudge | None = None
) -> Verdict:
    """Rank a world's truth among the scenes of the belief from its evidence.

    Parameters
    ----------
    world : World
        Truth and evidence.
    belief : Belief
        Belief from that evidence.
    rng : numpy.random.Generator
        Breaks ties.
    cells : callable, optional
        Judges the map of the belief by the truth.

    Returns
    -------
    Verdict
    """
    both = concatenate([world.scenes, belief.scenes])
    values = scene_quantities(belief.prior, both)
    with scorer(belief.prior, world.evidence) as engine:
        total = score_scenes(engine, both).sum(axis=1)
    # Scenes that differ in nothing the data can see must tie, whatever the order of summation.
    values["log_likelihood"] = np.round(total, 4)
    weight = belief.weight / belief.weight.sum()
    return Verdict(
        {name: _rank(v, weight, float(rng.random())) for name, v in values.items()},
        p_any(belief),
        bool(values["n_targets"][0] > 0),
        convergence(belief).converged,
        belief.info.ess,
        None if cells is None else cells(belief, world.scenes),
    )


def gather(verdicts: Sequence[Verdict], n_scenes: int, seed: int) -> Calibration:
    """Put verdicts into arrays."""
    return Calibration(
        NAMES,
        np.array([[v.rank[name] for name in NAMES] for v in verdicts]).reshape(-1, len(NAMES)),
        np.array([v.p_any for v in verdicts], np.float64),
        np.array([v.any_target for v in verdicts], bool),
        np.array([v.converged for v in verdicts], bool),
        np.array([v.ess for v in verdicts], np.float64),
        n_scenes,
        seed,
        tuple(v.cells for v in verdicts if v.cells is not None),
    )


def calibrate(
    prior: Prior,
    evidence: Sequence[Evidence],
    *,
    n_worlds: int,
    n_scenes: int,
    seed: int,
    wrong: str | None = None,
    progress: Callable[[float, str], None] | None = None,
    spoil: Callable[[Belief], Belief] | None = None,
    cells: CellJudge | None = None,
    known: Mapping[int, Verdict] | None = None,
    keep: Callable[[int, Verdict], None] | None = None,
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
        Seed of worlds, inference and ties. World k and its verdict depend on the seed and k alone.
    wrong : str, optional
        Assumption that does not hold in the worlds; see `subterra.simulate.wrong`.
    progress : callable, optional
        Told the fraction done and a few words.
    spoil : callable, optional
        Applied to every belief before it is judged: proof that the test can fail.
    cells : callable, optional
        Judges the map of each belief by the truth.
    known : mapping of int to Verdict, optional
        Worlds that were judged before, by index.
    keep : callable, optional
        Told the index and verdict of each world that is judged now.
    threads : int, optional
        As in ``infer``.

    Returns
    -------
    Calibration
    """
    verdicts = {k: v for k, v in (known or {}).items() if k < n_worlds}
    missing = [k for k in range(n_worlds) if k not in verdicts]
    started = time.perf_counter()
    for done, index in enumerate(missing, start=1):
        world = simulate_world(prior, evidence, index, seed, wrong)
        key = np.random.SeedSequence(seed, spawn_key=(index, 1))
        run_seed = int(key.generate_state(1)[0])
        belief = infer(prior, world.evidence, n_scenes=n_scenes, seed=run_seed, threads=threads)
        if spoil is not None:
            belief = spoil(belief)
        verdicts[index] = judge(world, belief, np.random.default_rng(key), cells)
        if keep is not None:
            keep(index, verdicts[index])
        if progress is not None:
            left = (time.perf_counter() - started) / done * (len(missing) - done)
            words = f"world {len(verdicts)} of {n_worlds}, {_duration(left)} left"
            progress(len(verdicts) / n_worlds, words)
    return gather([verdicts[k] for k in range(n_worlds)], n_scenes, seed)


def _duration(seconds: float) -> str:
    if seconds < 90.0:
        return f"about {seconds:.0f} s"
    return f"about {seconds / 60.0:.0f} min" if seconds < 5400.0 else f"{seconds / 3600.0:.1f} h"


def uniformity(calibration: Calibration) -> Mapping[str, float]:
    """Probability, by quantity, that uniform ranks would stray as far from uniform as these."""
    columns = zip(calibration.names, calibration.rank.T, strict=True)
    return {name: uniform_probability(rank) for name, rank in columns}


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
    """Compare predicted and observed shares of worlds with a target, in even bins."""
    return binned(calibration.p_any, calibration.any_target, n_bins)
