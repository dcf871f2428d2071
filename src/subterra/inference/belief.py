"""The posterior as data: weighted scenes and how they were come by."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from subterra.evidence import Judgement
from subterra.scene import Prior, Scenes, object_counts

__all__ = ["Belief", "RunInfo", "p_any"]

Array = npt.NDArray[Any]


@dataclass(frozen=True)
class RunInfo:
    """How a belief was computed.

    Parameters
    ----------
    seed : int
        Seed of the run.
    n_scenes : int
        Scenes in the belief, over all islands.
    seconds : float
        Wall-clock time of the inference.
    log_evidence : tuple of float
        Natural log of the evidence found by each independent island.
    p_any_islands : tuple of float
        P(at least one target) found by each island.
    island : tuple of int
        Number of scenes of each island, in the order of the belief's scenes.
    ess : float
        Effective number of distinct scenes.
    acceptance : mapping of str to float
        Accepted share of each kind of move over the last temperature.
    temperatures : tuple of float
        Ladder of the first island, from 0 to 1.
    evidence : mapping of str to str
        Fingerprint of each piece of evidence by its id.
    ledger : mapping of str to float
        Weight of each piece of evidence for "any target" in decibans, by leaving it out; NaN
        where leaving it out is not supported by the scenes at hand.
    explained : mapping of str to float
        By how many decibans the targets of the belief explain each piece of evidence better than
        the same scenes without them: the posterior mean log likelihood ratio, without the price
        for choosing among places.
    version : str
        Version of the code.
    checks : mapping of str to mapping of str to float
        By piece of evidence, how well it fits the belief and the rest; see
        `subterra.inference.predictive`. Empty if it was not examined.
    recipe : mapping of str to int
        ``scenes``, ``seed`` and ``runs`` from which ``infer_until_converged`` gives this belief
        again. Empty for one that was updated.
    code : str
        Hash of the sources and numerical libraries; see ``checkpoint.code_identity``.
    judged : mapping of str to Judgement
        What was judged of surveys by their ids after a first belief, and is in force in this one.
    judged_words : mapping of str to str
        The same as a sentence for each.
    """

    seed: int
    n_scenes: int
    seconds: float
    log_evidence: tuple[float, ...]
    p_any_islands: tuple[float, ...]
    island: tuple[int, ...]
    ess: float
    acceptance: Mapping[str, float]
    temperatures: tuple[float, ...]
    evidence: Mapping[str, str]
    ledger: Mapping[str, float] = field(default_factory=dict)
    explained: Mapping[str, float] = field(default_factory=dict)
    version: str = ""
    checks: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    recipe: Mapping[str, int] = field(default_factory=dict)
    code: str = ""
    judged: Mapping[str, Judgement] = field(default_factory=dict[str, Judgement])
    judged_words: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True)
class Belief:
    """Weighted scenes.

    Parameters
    ----------
    scenes : Scenes
        ``n`` scenes.
    weight : (n,) numpy.ndarray of float64
        Posterior weights that sum to 1.
    prior : Prior
        The prior they came from.
    info : RunInfo
        How they were computed.
    """

    scenes: Scenes
    weight: Array
    prior: Prior
    info: RunInfo


def p_any(belief: Belief) -> float:
    """Posterior probability of at least one target in the bounds, as the scenes have it."""
    n_target, _ = object_counts(belief.scenes.objects.family, belief.prior)
    return min(float(np.sum(belief.weight[n_target > 0])), 1.0)
