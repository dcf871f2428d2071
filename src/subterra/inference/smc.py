"""Tempered sequential Monte Carlo over scenes (Del Moral, Doucet & Jasra 2006).

Scenes start as draws from the prior (or from an earlier belief) and pass through the ladder of
densities ``prior · L_on · L_tempered^λ``, λ from 0 to 1. Each step's λ keeps a set share of the
population effective; scenes are resampled and moved. The product of mean weights is the evidence.

The even and the odd scenes are two halves. Each learns its proposals from the other and is
resampled within itself, so that no scene meets copies of itself there: a proposal that knows the
very object takes it for easily born and lets it die too often. The halves' evidence weighs them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from subterra.inference.again import look_again
from subterra.inference.moves import MOVES, propose
from subterra.inference.outlook import Outlook
from subterra.inference.population import (
    Population,
    Scorer,
    focus,
    kernels,
    populate,
    propose_scores,
    put,
    resample,
    rescore,
    score_scenes,
    scored_population,
    with_kernels,
)
from subterra.inference.proposals import object_pool
from subterra.inference.scan import Scan
from subterra.inference.weight import effective_share, log_total, normalised
from subterra.scene import Scenes, take

__all__ = ["Climb", "Island", "Rung", "first_rung", "next_rung", "stream", "top_of"]

Array = npt.NDArray[Any]

_ESS_SHARE: Final = 0.5
_LOOKS: Final = (4,)
_MEMORY: Final = 0.6
"""Correlation of ranks below which moves may end (Kantas, Beskos & Jasra 2014 stop likewise)."""


@dataclass(frozen=True)
class Island:
    """One independent population at the end of its ladder.

    Parameters
    ----------
    population : Population
        Scenes; even and odd ones are halves that share no ancestor.
    log_weight : (n,) numpy.ndarray
        Weight of each half and correction for ground kernels dropped on the way, nearly zero.
    log_evidence : float
        Natural log of the tempered evidence.
    temperatures : tuple of float
        Ladder.
    acceptance : dict
        Accepted share by kind of move at the last temperature.
    effective : float
        Smallest effective share of the population over the ladder.
    """

    population: Population
    log_weight: Array
    log_evidence: float
    temperatures: tuple[float, ...]
    acceptance: dict[str, float]
    effective: float


@dataclass(frozen=True)
class Climb:
    """How one island's ladder is climbed.

    Parameters
    ----------
    outlook : Outlook
        Where births look first.
    n : int
        Scenes to carry.
    seed, island : int
        Key of the random numbers.
    sweeps : (int, int, int)
        Least sweeps of moves after each step and after the last, and most: between them moves go on
        while the scenes are as likely, by rank, as they were.
    looks : tuple of int
        Steps of the ladder after which the scan looks again; an easy ladder is shorter.
    """

    outlook: Outlook
    n: int
    seed: int
    island: int
    sweeps: tuple[int, int, int] = (8, 14, 24)
    looks: tuple[int, ...] = _LOOKS


@dataclass(frozen=True)
class Rung:
    """An island after a step of its ladder: with ``Climb``, all that the next step depends on.

    Parameters
    ----------
    population : Population
        ``n`` scenes.
    held : (n,) numpy.ndarray
        Log weight of each half, of mean weight 1.
    kernels : tuple of tuple of str
        Ground kernels still in use, by survey.
    log_evidence : float
        Natural log of the tempered evidence so far.
    temperatures : tuple of float
        Ladder so far.
    tally : (kinds, 2) numpy.ndarray
        Proposed and accepted moves at the last temperature.
    effective : float
        Smallest effective share so far.
    seen : (Scan, Scan) or None
        Where single objects are born in each half, if the scan has looked again.
    """

    population: Population
    held: Array
    kernels: tuple[tuple[str, ...], ...]
    log_evidence: float
    temperatures: tuple[float, ...]
    tally: Array
    effective: float
    seen: tuple[Scan, Scan] | None


def stream(seed: int, *place: int) -> np.random.Generator:
    """Counter-based random numbers keyed by seed and place (island, temperature, sweep, half)."""
    return np.random.Generator(np.random.Philox(np.random.SeedSequence(seed, spawn_key=place)))


def _next_temperature(log_tempered: Array, held: Array, temperature: float, share: float) -> float:
    """Largest λ whose incremental weights keep an effective share of the population.

    The share is that of the conditional effective sample size (Zhou, Johansen & Aston 2016),
    (Σ W w)²/Σ W w² with the weights W held so far and the increment w.
    """

    def effective(step: float) -> float:
        w = step * log_tempered
        top = 2.0 * log_total(held + w) - log_total(held + 2.0 * w)
        return float(np.exp(top - log_total(held)))

    room = 1.0 - temperature
    if effective(room) >= share:
        return 1.0
    low, high = 0.0, room
    for _ in range(60):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if effective(middle) >= share else (low, middle)
    return temperature + max(low, 1e-9)


def _systematic(log_weight: Array, n: int, rng: np.random.Generator) -> Array:
    edges = np.cumsum(normalised(log_weight))
    edges[-1] = 1.0
    return np.searchsorted(edges, (rng.random() + np.arange(n)) / n, side="right")


def _resample_halves(
    log_weight: Array, n: int, seed: int, place: tuple[int, ...]
) -> tuple[Array, Array]:
    """Resample the even and the odd scenes to ``n`` in all.

    Returns
    -------
    index : (n,) numpy.ndarray of int
        Scenes taken, even ones at even places.
    held : (n,) numpy.ndarray
        Log weight of each half, of mean weight 1.
    """
    index, held = np.empty(n, np.int64), np.empty(n)
    for half in (0, 1):
        rows = np.arange(half, len(log_weight), 2)
        to = slice(half, n, 2)
        rng = stream(seed, *place, half)
        index[to] = rows[_systematic(log_weight[rows], len(held[to]), rng)]
        held[to] = log_total(log_weight[rows]) - np.log(len(rows))
    return index, held - log_total(held) + float(np.log(n))


def _tempered(scorer: Scorer, log_each: Array) -> tuple[Array, Array]:
    """Log-likelihood of the tempered evidence and of what is always on."""
    mask = np.array(scorer.tempered, bool)
    return log_each[:, mask].sum(axis=1), log_each[:, ~mask].sum(axis=1)


def _sweep(
    scorer: Scorer,
    population: Population,
    outlook: Outlook,
    seen: tuple[Scan, Scan],
    temperature: float,
    place: tuple[int, ...],
    seed: int,
) -> Array:
    """Move both halves once, in place; returns (kinds, 2) counts of proposals and acceptances."""
    n = len(population)
    tally = np.zeros((len(MOVES), 2))
    halves = (np.arange(0, n, 2), np.arange(1, n, 2))
    for mine in (0, 1):
        rng = stream(seed, *place, mine)
        others = halves[1 - mine]
        height = population.log_each[others].sum(axis=1)
        pool = object_pool(
            scorer.prior, take(population.scenes, others), height, outlook, seen[mine], rng
        )
        move = propose(scorer.prior, take(population.scenes, halves[mine]), pool, rng)
        u = np.log(rng.random(len(halves[mine])))
        able = np.flatnonzero(np.isfinite(move.log_ratio))
        rows = halves[mine][able]
        kind = move.kind[able]
        there = propose_scores(
            scorer,
            population,
            rows,
            take(move.scenes, able),
            move.slots[able],
            move.whole[able],
        )
        new_hot, new_on = _tempered(scorer, there.log_each)
        old_hot, old_on = _tempered(scorer, population.log_each[rows])
        log_alpha = move.log_ratio[able] + temperature * (new_hot - old_hot) + new_on - old_on
        taken = u[able] < log_alpha
        put(population, rows[taken], there, np.flatnonzero(taken))
        for k in range(len(MOVES)):
            tally[k] += [(move.kind == k).sum(), taken[kind == k].sum()]
    return tally


def _weighed(
    scorer: Scorer, log_each: Array, held: Array, temperature: float, n: int
) -> tuple[float, Array, float]:
    """Next temperature, log weights of the scenes there and effective share of ``n`` scenes."""
    hot, _ = _tempered(scorer, log_each)
    # Many starting scenes may carry the first step far: what counts is how many are left.
    spare = len(hot) / n
    new = _next_temperature(hot, held, temperature, _ESS_SHARE / spare)
    log_weight = held + (new - temperature) * hot
    return new, log_weight, spare * effective_share(log_weight)


def _mean(log_weight: Array) -> float:
    """Log of the mean weight."""
    return log_total(log_weight) - float(np.log(len(log_weight)))


def first_rung(scorer: Scorer, start: Scenes, log_start: Array, climb: Climb) -> Rung:
    """Take the first step of the ladder.

    Parameters
    ----------
    scorer : Scorer
        Evidence, split into always on and tempered.
    start : Scenes
        Draws that, weighted, stand for the density at λ = 0; more than ``climb.n`` of them make
        the first step surer.
    log_start : (len(start),) numpy.ndarray
        Their log weights, of mean weight 1. Even and odd scenes must share no ancestor.
    climb : Climb
        How the ladder is climbed.

    Returns
    -------
    Rung
    """
    # Of many starting scenes few are left, and no response is kept.
    whole = scored_population(scorer, start) if len(start) == climb.n else None
    log_each = score_scenes(scorer, start) if whole is None else whole.log_each
    new, w, effective = _weighed(scorer, log_each, log_start, 0.0, climb.n)
    index, held = _resample_halves(w, climb.n, climb.seed, (climb.island, 1, 999))
    if whole is None:
        population = populate(scorer, take(start, index), log_each[index])
    else:
        population = resample(whole, index)
    ladder = (0.0, new)
    return _moved(
        scorer,
        population,
        held,
        ladder,
        _mean(w),
        min(1.0, effective),
        None,
        climb,
    )


def next_rung(scorer: Scorer, rung: Rung, climb: Climb) -> Rung:
    """Take the next step; ``scorer`` holds all ground kernels, as for the first one."""
    scorer = with_kernels(scorer, rung.kernels)
    population = rung.population
    new, w, effective = _weighed(
        scorer, population.log_each, rung.held, rung.temperatures[-1], climb.n
    )
    place = (climb.island, len(rung.temperatures), 999)
    index, held = _resample_halves(w, climb.n, climb.seed, place)
    return _moved(
        scorer,
        resample(population, index),
        held,
        (*rung.temperatures, new),
        rung.log_evidence + _mean(w),
        min(rung.effective, effective),
        rung.seen,
        climb,
    )


def _moved(
    scorer: Scorer,
    population: Population,
    held: Array,
    ladder: tuple[float, ...],
    log_evidence: float,
    effective: float,
    seen: tuple[Scan, Scan] | None,
    climb: Climb,
) -> Rung:
    """Move resampled scenes, in place, at the last temperature of a ladder."""
    scorer, population = focus(scorer, population)
    if len(ladder) - 1 in climb.looks:
        rng = stream(climb.seed, climb.island, len(ladder) - 1, 998)
        seen = look_again(scorer, population, climb.outlook.single, rng)
    born = seen or (climb.outlook.single, climb.outlook.single)
    tally = np.zeros((len(MOVES), 2))
    before = population.log_each.sum(axis=1)
    least = climb.sweeps[ladder[-1] >= 1.0]
    for sweep in range(climb.sweeps[2]):
        if sweep >= least and not _remembers(before, population):
            break
        place = (climb.island, len(ladder) - 1, sweep)
        tally += _sweep(scorer, population, climb.outlook, born, ladder[-1], place, climb.seed)
    return Rung(population, held, kernels(scorer), log_evidence, ladder, tally, effective, seen)


def _remembers(before: Array, population: Population) -> bool:
    """Whether the scenes' log-likelihoods are still correlated with those before the moves.

    Ranks, since one scene far below the others would speak for all.
    """
    now = population.log_each.sum(axis=1)
    ranks = [np.argsort(np.argsort(v, kind="stable"), kind="stable") for v in (before, now)]
    return float(np.corrcoef(ranks[0], ranks[1])[0, 1]) > _MEMORY


def top_of(scorer: Scorer, rung: Rung) -> Island:
    """Put the ground kernels that were dropped on the way back in, by weight."""
    final = rescore(scorer, rung.population)
    correction = (final.log_each - rung.population.log_each).sum(axis=1)
    log_evidence = rung.log_evidence + _mean(rung.held + correction)
    tried = np.maximum(rung.tally[:, 0], 1.0)
    acceptance = {name: float(rung.tally[k, 1] / tried[k]) for k, name in enumerate(MOVES)}
    return Island(
        final,
        rung.held + correction,
        log_evidence,
        rung.temperatures,
        acceptance,
        rung.effective,
    )
