"""P(a target of a declared class is there), how well it is supported and what it rests on."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from subterra.inference.belief import Belief
from subterra.inference.binomial import clopper_pearson
from subterra.inference.summary import convergence, supported
from subterra.scene import object_counts
from subterra.scene.sample import sample_prior
from subterra.search.declared import DeclaredClass, in_class

__all__ = [
    "LEAST_P0",
    "Presence",
    "after_doubt",
    "left_out",
    "presence",
    "prior_needed",
    "under_prior",
]

Array = npt.NDArray[Any]

LEAST_P0: Final = 0.001
"""Smallest p0 that sensitivities ask for."""
_PRIOR_SCENES: Final = 20_000
_MIN_EFFECTIVE: Final = 30.0


@dataclass(frozen=True, eq=False)
class Presence:
    """Posterior probability of a declared class.

    Parameters
    ----------
    member : (n,) numpy.ndarray of bool
        Scenes that hold a target of the class.
    prior : float
        P(class) before any evidence, from the prior of the belief.
    p : float
        P(class), as the scenes have it.
    upper : float
        Upper bound of ``p`` over the randomness of the computation: the larger of the 95 % binomial
        bound for the effective number of scenes and of what the highest of the independent runs
        says, for runs may differ by more than their scenes do.
    islands : tuple of float
        ``p`` by independent run.
    decibans : float
        What the evidence has done to the odds, 10 log10; a bound where ``p`` is held at its bound.
    reasons : tuple of str
        Why nothing can be certified from this belief; empty if it can.
    """

    member: Array
    prior: float
    p: float
    upper: float
    islands: tuple[float, ...]
    decibans: float
    reasons: tuple[str, ...]


def _odds(p: float) -> float:
    return p / (1.0 - p) if p < 1.0 else math.inf


def presence(
    belief: Belief, declared: DeclaredClass, *, calibrated: bool = False, seed: int = 1
) -> Presence:
    """Read the probability of a declared class off a belief.

    Parameters
    ----------
    belief : Belief
        Weighted scenes.
    declared : DeclaredClass
        The class.
    calibrated : bool
        Whether the site's calibration supports probabilities beyond 0.01–0.99.
    seed : int
        Of the draws from the prior.

    Returns
    -------
    Presence
    """
    member: Array = np.any(in_class(belief.scenes, belief.prior, declared), axis=1)
    drawn = sample_prior(belief.prior, _PRIOR_SCENES, np.random.default_rng(seed))
    before = float(in_class(drawn, belief.prior, declared).any(axis=1).mean())
    p = min(float(belief.weight[member].sum()), 1.0)
    edges = np.concatenate([[0], np.cumsum(belief.info.island)])
    islands = tuple(
        float(belief.weight[a:b][member[a:b]].sum() / belief.weight[a:b].sum())
        for a, b in pairwise(edges)
    )
    state = convergence(belief)
    reasons = list(state.reasons)
    if before * _PRIOR_SCENES < _MIN_EFFECTIVE:
        reasons.append("the prior holds hardly any target of this class: nothing was searched for")
    held = supported(p, belief.info.n_scenes, calibrated)
    prior = min(max(before, 1.0 / _PRIOR_SCENES), 1.0 - 1.0 / _PRIOR_SCENES)
    decibans = 10.0 * math.log10(_odds(held) / _odds(prior))
    return Presence(
        member, before, p, _upper(belief, p, islands, calibrated), islands, decibans, tuple(reasons)
    )


def _upper(belief: Belief, p: float, islands: Sequence[float], calibrated: bool) -> float:
    n = belief.info.ess
    of_scenes = float(clopper_pearson(p * n, n)[1])
    held = supported(p, belief.info.n_scenes, calibrated)
    return min(max(held, of_scenes, *islands), 1.0)


def under_prior(belief: Belief, member: Array, p0: float) -> float:
    """P(class) had the user said ``p0`` for "no target", all else the same.

    Scenes with and without targets are re-weighted by the ratio of the two priors; exact.
    """
    n_target, _ = object_counts(belief.scenes.objects.family, belief.prior)
    old = belief.prior.p_none
    factor = np.where(n_target > 0, (1.0 - p0) / (1.0 - old), p0 / old)
    weight = belief.weight * factor
    return float(weight[member].sum() / weight.sum())


def prior_needed(belief: Belief, member: Array, epsilon: float) -> float | None:
    """Smallest p0 with which P(class) is below ``epsilon``; None if none up to 0.999 will do."""
    low, high = LEAST_P0, 1.0 - LEAST_P0
    if under_prior(belief, member, high) >= epsilon:
        return None
    if under_prior(belief, member, low) < epsilon:
        return low
    for _ in range(40):
        middle = 0.5 * (low + high)
        if under_prior(belief, member, middle) < epsilon:
            high = middle
        else:
            low = middle
    return high


def after_doubt(found: Presence, worthless: float) -> float:
    """P(class) if the whole search was worthless with some probability.

    Worthless evidence would have come out as it did with or without a target, so the Bayes factor
    B of the class becomes (1 − q) B + q. The two years lost in the search for Air France 447 were
    the price of leaving this possibility out.

    Parameters
    ----------
    found : Presence
        The class.
    worthless : float
        q.

    Returns
    -------
    float
    """
    factor = (1.0 - worthless) * 10.0 ** (found.decibans / 10.0) + worthless
    odds = _odds(found.prior) * factor
    return odds / (1.0 + odds) if math.isfinite(odds) else 1.0


def left_out(weight: Array, member: Array, log_piece: Array) -> float | None:
    """P(class) without one piece of evidence, all others staying.

    Parameters
    ----------
    weight : (n,) numpy.ndarray
        Posterior weights.
    member : (n,) numpy.ndarray of bool
        Scenes of the class.
    log_piece : (n,) numpy.ndarray
        Log-likelihood of the piece, or what is taken from it.

    Returns
    -------
    float or None
        None where fewer than 30 effective scenes of either sort would carry the answer.
    """
    with np.errstate(divide="ignore"):
        logs = np.where(weight > 0.0, np.log(weight), -np.inf) - log_piece
    w = np.exp(logs - logs.max())
    for some in (w[member], w[~member]):
        total = float(some.sum())
        if total <= 0.0 or total**2 / float(np.sum(some**2)) < _MIN_EFFECTIVE:
            return None
    return float(w[member].sum() / w.sum())
