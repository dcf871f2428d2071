"""Worlds: a true scene drawn from the prior, and a site's evidence drawn anew for it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt

from subterra.errors import InputError
from subterra.evidence import Evidence
from subterra.scene import Prior, Scenes, sample_prior, take
from subterra.simulate.wrong import other_prior, wrongly_simulated

__all__ = ["World", "simulate_world", "simulate_worlds"]

Array = npt.NDArray[Any]

_BATCH: Final = 64
_MAX_BATCHES: Final = 1000


@dataclass(frozen=True)
class World:
    """One synthetic site.

    Parameters
    ----------
    index : int
        Place in the sequence of worlds of its seed.
    scenes : Scenes
        The truth, a population of one.
    evidence : tuple of Evidence
        Evidence of the same layouts with data drawn for the truth.
    """

    index: int
    scenes: Scenes
    evidence: tuple[Evidence, ...]


@runtime_checkable
class _Selective(Protocol):
    """Evidence whose layout is itself an outcome, likelier under some scenes than under others.

    A file of two reports is such an outcome: somebody had two things to report.
    """

    def layout_probability(self, scenes: Scenes) -> Array: ...


def simulate_worlds(
    prior: Prior, evidence: Sequence[Evidence], n: int, seed: int
) -> Iterator[World]:
    """Draw worlds in which a site's evidence could have been gathered.

    The truth is a draw from the prior. Evidence with a ``layout_probability`` thins the draws by
    rejection, so that truth and data together follow prior times likelihood.

    Parameters
    ----------
    prior : Prior
        Site prior.
    evidence : sequence of Evidence
        Gives the layouts; its data are not used.
    n : int
        Number of worlds.
    seed : int
        World ``k`` depends on the seed and ``k`` alone, not on ``n``.

    Yields
    ------
    World

    Raises
    ------
    InputError
        If no scene of the prior could have given these layouts.
    """
    for index in range(n):
        yield simulate_world(prior, evidence, index, seed)


def simulate_world(
    prior: Prior, evidence: Sequence[Evidence], index: int, seed: int, wrong: str | None = None
) -> World:
    """Draw one world of those of `simulate_worlds`.

    Parameters
    ----------
    prior, evidence, seed
        As in ``simulate_worlds``.
    index : int
        Place in the sequence.
    wrong : str, optional
        Which of the site's assumptions does not hold in the world; see `subterra.simulate.wrong`.

    Returns
    -------
    World
    """
    rng = np.random.Generator(np.random.Philox(np.random.SeedSequence(seed, spawn_key=(index,))))
    truth = _draw_truth(other_prior(prior) if wrong == "prior" else prior, evidence, rng)
    if wrong is None:
        return World(index, truth, tuple(e.simulate(truth, rng) for e in evidence))
    return World(index, truth, tuple(wrongly_simulated(e, truth, rng, wrong) for e in evidence))


def _draw_truth(prior: Prior, evidence: Sequence[Evidence], rng: np.random.Generator) -> Scenes:
    for _ in range(_MAX_BATCHES):
        drawn = sample_prior(prior, _BATCH, rng)
        chance = np.ones(_BATCH)
        for item in evidence:
            if isinstance(item, _Selective):
                chance = chance * item.layout_probability(drawn)
        kept = np.flatnonzero(rng.random(_BATCH) < chance)
        if len(kept):
            return take(drawn, kept[:1])
    problem = f"none of {_BATCH * _MAX_BATCHES} scenes of the prior could give evidence so laid out"
    raise InputError(problem)
