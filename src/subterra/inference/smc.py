"""Tempered sequential Monte Carlo over scenes (Del Moral, Doucet & Jasra 2006).

Scenes start as draws from the prior (or from an earlier belief) and pass through the ladder of
densities ``prior · L_on · L_tempered^λ``, λ from 0 to 1. Each step's λ keeps a set share of the
population effective; scenes are resampled and moved. The product of mean weights is the evidence.

The even and the odd scenes are two halves. Each learns its proposals from the other and is
resampled within itself, so that no scene meets copies of itself there: a proposal that knows the
very object takes it for easily born and lets it die too often. The halves' evidence weighs them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from subterra.inference.moves import MOVES, propose
from subterra.inference.population import (
    Population,
    Scorer,
    focus,
    propose_scores,
    put,
    resample,
    rescore,
    score_scenes,
)
from subterra.inference.proposals import object_pool
from subterra.inference.scan import Scan
from subterra.inference.weight import effective_share, log_total, normalised
from subterra.scene import Scenes, take

__all__ = ["Island", "run_island", "stream"]

Array = npt.NDArray[Any]

_ESS_SHARE: Final = 0.75


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


def _tempered(scorer: Scorer, population: Population) -> tuple[Array, Array]:
    """Log-likelihood of the tempered evidence and of what is always on."""
    mask = np.array(scorer.tempered, bool)
    return population.log_each[:, mask].sum(axis=1), population.log_each[:, ~mask].sum(axis=1)


def _sweep(
    scorer: Scorer,
    population: Population,
    scan: Scan,
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
        pool = object_pool(take(population.scenes, halves[1 - mine]), scan, rng)
        move = propose(scorer.prior, take(population.scenes, halves[mine]), pool, rng)
        u = np.log(rng.random(len(halves[mine])))
        able = np.flatnonzero(np.isfinite(move.log_ratio))
        rows = halves[mine][able]
        here = resample(population, rows)
        kind = move.kind[able]
        there = propose_scores(
            scorer, here, take(move.scenes, able), move.slots[able], kind == MOVES.index("site")
        )
        new_hot, new_on = _tempered(scorer, there)
        old_hot, old_on = _tempered(scorer, here)
        log_alpha = move.log_ratio[able] + temperature * (new_hot - old_hot) + new_on - old_on
        taken = u[able] < log_alpha
        put(population, rows[taken], resample(there, np.flatnonzero(taken)))
        for k in range(len(MOVES)):
            tally[k] += [(move.kind == k).sum(), taken[kind == k].sum()]
    return tally


def run_island(
    scorer: Scorer,
    start: Scenes,
    log_start: Array,
    scan: Scan,
    n: int,
    seed: int,
    island: int,
    progress: Callable[[float], None],
    sweeps: tuple[int, int] = (5, 8),
) -> Island:
    """Carry scenes through the ladder.

    Parameters
    ----------
    scorer : Scorer
        Evidence, split into always on and tempered.
    start : Scenes
        Draws that, weighted, stand for the density at λ = 0; more than ``n`` of them make the
        first step surer.
    log_start : (len(start),) numpy.ndarray
        Their log weights, of mean weight 1. Even and odd scenes must share no ancestor.
    scan : Scan
        Where births look first.
    n : int
        Scenes to carry on.
    seed, island : int
        Key of the random numbers.
    progress : callable
        Told λ after each step.
    sweeps : (int, int)
        Sweeps of moves after each step and after the last.

    Returns
    -------
    Island
    """
    full = scorer
    population = score_scenes(scorer, start)
    temperature, log_evidence, effective = 0.0, 0.0, 1.0
    held = log_start
    ladder = [0.0]
    tally = np.zeros((len(MOVES), 2))
    while temperature < 1.0:
        hot, _ = _tempered(scorer, population)
        # Many starting scenes may carry the first step far: what counts is how many are left.
        spare = len(hot) / n
        new = _next_temperature(hot, held, temperature, _ESS_SHARE / spare)
        w = held + (new - temperature) * hot
        log_evidence += log_total(w) - float(np.log(len(w)))
        effective = min(effective, spare * effective_share(w))
        step = len(ladder)
        index, held = _resample_halves(w, n, seed, (island, step, 999))
        population = resample(population, index)
        temperature = new
        ladder.append(new)
        scorer, population = focus(scorer, population)
        tally[:] = 0.0
        for sweep in range(sweeps[temperature >= 1.0]):
            place = (island, step, sweep)
            tally += _sweep(scorer, population, scan, temperature, place, seed)
        progress(temperature)
    final = rescore(full, population)
    correction = (final.log_each - population.log_each).sum(axis=1)
    log_evidence += log_total(held + correction) - float(np.log(n))
    tried = np.maximum(tally[:, 0], 1.0)
    acceptance = {name: float(tally[k, 1] / tried[k]) for k, name in enumerate(MOVES)}
    return Island(final, held + correction, log_evidence, tuple(ladder), acceptance, effective)
