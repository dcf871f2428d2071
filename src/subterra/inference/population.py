"""A population of scenes with everything computed about it, and how it is scored in chunks."""

from __future__ import annotations

import os
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, fields, replace
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from threadpoolctl import threadpool_limits

from subterra.evidence import AdditiveEvidence, Evidence, focus_survey
from subterra.scene import N_SLOTS, Objects, Prior, Scenes, slot, take, target_mask

__all__ = [
    "Population",
    "Scorer",
    "focus",
    "propose_scores",
    "put",
    "resample",
    "rescore",
    "score_scenes",
    "scorer",
    "without_targets",
]

Array = npt.NDArray[Any]

_CHUNK: Final = 128
"""Scenes per task. Fixed, so that results do not depend on the number of threads."""


@dataclass(frozen=True)
class Scorer:
    """Evidence split into what is always on and what is tempered.

    Parameters
    ----------
    prior : Prior
        Site prior.
    surveys : tuple of AdditiveEvidence
        Evidence whose object responses add.
    others : tuple of Evidence
        All other evidence.
    tempered : tuple of bool
        For each survey, then each other: is it tempered (True) or always on (False).
    pool : ThreadPoolExecutor
        Threads for the chunks; each runs BLAS single-threaded.
    """

    prior: Prior
    surveys: tuple[AdditiveEvidence, ...]
    others: tuple[Evidence, ...]
    tempered: tuple[bool, ...]
    pool: ThreadPoolExecutor

    def over_chunks(self, n: int, work: Callable[[slice], None]) -> None:
        """Run ``work`` over fixed slices of ``range(n)``."""
        parts = [slice(i, min(i + _CHUNK, n)) for i in range(0, n, _CHUNK)]
        for _ in self.pool.map(work, parts):
            pass


@dataclass(frozen=True)
class Population:
    """Scenes with their responses and log-likelihoods.

    Parameters
    ----------
    scenes : Scenes
        ``n`` scenes.
    responses : tuple of (n, S, n_data) numpy.ndarray of float32
        Object responses, one array per survey.
    log_each : (n, k) numpy.ndarray
        Log-likelihood by piece of evidence, surveys first.
    """

    scenes: Scenes
    responses: tuple[Array, ...]
    log_each: Array

    def __len__(self) -> int:
        return len(self.scenes)


@contextmanager
def scorer(
    prior: Prior,
    evidence: Sequence[Evidence],
    always_on: Sequence[str] = (),
    threads: int | None = None,
) -> Generator[Scorer]:
    """Open the threads that score scenes.

    Parameters
    ----------
    prior : Prior
        Site prior.
    evidence : sequence of Evidence
        All evidence.
    always_on : sequence of str
        Ids that are not tempered.
    threads : int, optional
        Number of threads, by default the machine's cores. The result does not depend on it.
    """
    surveys = tuple(e for e in evidence if isinstance(e, AdditiveEvidence))
    others = tuple(e for e in evidence if not isinstance(e, AdditiveEvidence))
    tempered = tuple(e.id not in always_on for e in (*surveys, *others))
    with (
        threadpool_limits(1),
        ThreadPoolExecutor(threads or os.cpu_count() or 1) as pool,
    ):
        yield Scorer(prior, surveys, others, tempered, pool)


def score_scenes(scorer: Scorer, scenes: Scenes) -> Population:
    """Compute every response and log-likelihood of scenes."""
    n = len(scenes)
    responses = tuple(np.empty((n, N_SLOTS, e.models.sd.size), np.float32) for e in scorer.surveys)
    log_each = np.empty((n, len(scorer.tempered)))

    def work(part: slice) -> None:
        some = take(scenes, part)
        for i, survey in enumerate(scorer.surveys):
            for k in range(N_SLOTS):
                responses[i][part, k] = survey.object_response(slot(some, k))
        log_each[part] = _log_each(scorer, some, [r[part].sum(axis=1) for r in responses])

    scorer.over_chunks(n, work)
    return Population(scenes, responses, log_each)


def _log_each(scorer: Scorer, scenes: Scenes, totals: Sequence[Array]) -> Array:
    out = np.empty((len(scenes), len(scorer.tempered)))
    for i, (survey, total) in enumerate(zip(scorer.surveys, totals, strict=True)):
        out[:, i] = survey.score(total) + survey.site_log_likelihood(scenes)
    for j, other in enumerate(scorer.others, start=len(scorer.surveys)):
        out[:, j] = other.log_likelihood(scenes)
    return out


def propose_scores(
    scorer: Scorer, population: Population, changed: Scenes, slots: Array, whole: Array
) -> Population:
    """Score proposed scenes that differ from a population in one slot each.

    Parameters
    ----------
    scorer : Scorer
        Evidence.
    population : Population
        Where the proposals start from, ``n`` scenes in the same order.
    changed : Scenes
        Proposals.
    slots : (n,) numpy.ndarray of int
        The slot that differs.
    whole : (n,) numpy.ndarray of bool
        Proposals whose site state differs: all their slots are computed anew.

    Returns
    -------
    Population
        The proposals, scored.
    """
    n = len(changed)
    responses = tuple(np.empty_like(r) for r in population.responses)
    log_each = np.empty((n, len(scorer.tempered)))

    def work(part: slice) -> None:
        some, where, anew = take(changed, part), slots[part], whole[part]
        rows = np.arange(len(some))
        for i, survey in enumerate(scorer.surveys):
            held = population.responses[i][part].copy()
            held[rows, where] = survey.object_response(slot(some, where))
            if anew.any():
                site = take(some, anew)
                for k in range(N_SLOTS):
                    held[anew, k] = survey.object_response(slot(site, k))
            responses[i][part] = held
        log_each[part] = _log_each(scorer, some, [r[part].sum(axis=1) for r in responses])

    scorer.over_chunks(n, work)
    return Population(changed, responses, log_each)


def without_targets(scorer: Scorer, population: Population) -> Array:
    """Log-likelihood (n, k) by piece of evidence of the same scenes with their targets removed."""
    target = target_mask(scorer.prior)[population.scenes.objects.family]
    family = np.where(target, 0, population.scenes.objects.family).astype(np.int8)
    scenes = replace(population.scenes, objects=replace(population.scenes.objects, family=family))
    log_each = np.empty_like(population.log_each)

    def work(part: slice) -> None:
        keep = ~target[part][:, :, None]
        totals = [(r[part] * keep).sum(axis=1) for r in population.responses]
        log_each[part] = _log_each(scorer, take(scenes, part), totals)

    scorer.over_chunks(len(population), work)
    return log_each


def put(population: Population, index: Array, part: Population) -> None:
    """Write a part's scenes into rows ``index`` of a population, in place."""
    a, b = population.scenes, part.scenes
    for f in fields(Objects):
        getattr(a.objects, f.name)[index] = getattr(b.objects, f.name)
    a.host_density[index] = b.host_density
    a.host_resistivity[index] = b.host_resistivity
    a.unit[index] = b.unit
    a.site_unit[index] = b.site_unit
    for old, new in zip(population.responses, part.responses, strict=True):
        old[index] = new
    population.log_each[index] = part.log_each


def resample(population: Population, index: Array) -> Population:
    """Select scenes of a population by integer index."""
    return Population(
        take(population.scenes, index),
        tuple(r[index] for r in population.responses),
        population.log_each[index],
    )


def focus(scorer: Scorer, population: Population) -> tuple[Scorer, Population]:
    """Drop ground kernels that no scene supports, and rescore the surveys that changed."""
    surveys = tuple(
        focus_survey(e, r.sum(axis=1))
        for e, r in zip(scorer.surveys, population.responses, strict=True)
    )
    if all(a is b for a, b in zip(surveys, scorer.surveys, strict=True)):
        return scorer, population
    focused = Scorer(scorer.prior, surveys, scorer.others, scorer.tempered, scorer.pool)
    return focused, rescore(focused, population)


def rescore(scorer: Scorer, population: Population) -> Population:
    """Score the same scenes and responses with another scorer's ground models."""
    log_each = np.empty_like(population.log_each)

    def work(part: slice) -> None:
        totals = [r[part].sum(axis=1) for r in population.responses]
        log_each[part] = _log_each(scorer, take(population.scenes, part), totals)

    scorer.over_chunks(len(population), work)
    return Population(population.scenes, population.responses, log_each)
