"""A population of scenes with everything computed about it, and how it is scored in chunks."""

from __future__ import annotations

import os
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, fields, replace
from threading import Event
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from threadpoolctl import threadpool_limits

from subterra.evidence import AdditiveEvidence, Evidence, focus_survey
from subterra.evidence.protocol import responses_of
from subterra.ground import focus as focus_models
from subterra.scene import N_SLOTS, Objects, Prior, Scenes, slot, take, target_mask

__all__ = [
    "CHUNK",
    "Population",
    "Scorer",
    "Stopped",
    "focus",
    "kernels",
    "others_log_likelihood",
    "populate",
    "propose_scores",
    "put",
    "resample",
    "rescore",
    "score_scenes",
    "scored_population",
    "scorer",
    "summed",
    "with_kernels",
    "without_targets",
]

Array = npt.NDArray[Any]

CHUNK: Final = 256
"""Scenes per task. Fixed, so that results do not depend on the number of threads."""


class Stopped(Exception):
    """The run was told to end: an island meets this in its own thread."""


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
    stop : threading.Event
        Set to end the run before the next chunk.
    """

    prior: Prior
    surveys: tuple[AdditiveEvidence, ...]
    others: tuple[Evidence, ...]
    tempered: tuple[bool, ...]
    pool: ThreadPoolExecutor
    stop: Event

    def over_chunks(self, n: int, work: Callable[[slice], None]) -> None:
        """Run ``work`` over fixed slices of ``range(n)``.

        Raises
        ------
        Stopped
            If the run was told to end meanwhile.
        """

        def unless_stopped(part: slice) -> None:
            if self.stop.is_set():
                raise Stopped
            work(part)

        parts = [slice(i, min(i + CHUNK, n)) for i in range(0, n, CHUNK)]
        for _ in self.pool.map(unless_stopped, parts):
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
        yield Scorer(prior, surveys, others, tempered, pool, Event())


def others_log_likelihood(scorer: Scorer, scenes: Scenes) -> Array:
    """Log-likelihood (n,) of all evidence but the surveys."""
    return sum((e.log_likelihood(scenes) for e in scorer.others), np.zeros(len(scenes)))


def score_scenes(scorer: Scorer, scenes: Scenes) -> Array:
    """Log-likelihood (n, k) of scenes by piece of evidence; no response is kept."""
    log_each = np.empty((len(scenes), len(scorer.tempered)))

    def work(part: slice) -> None:
        some = take(scenes, part)
        log_each[part] = _log_each(scorer, some, [responses_of(s, some) for s in scorer.surveys])

    scorer.over_chunks(len(scenes), work)
    return log_each


def populate(scorer: Scorer, scenes: Scenes, log_each: Array) -> Population:
    """Make a population of scenes whose log-likelihoods are known."""
    n = len(scenes)
    responses = tuple(np.empty((n, N_SLOTS, s.models.sd.size), np.float32) for s in scorer.surveys)

    def work(part: slice) -> None:
        some = take(scenes, part)
        for survey, held in zip(scorer.surveys, responses, strict=True):
            held[part] = _responses(survey, some)

    scorer.over_chunks(n, work)
    return Population(scenes, responses, log_each)


def scored_population(scorer: Scorer, scenes: Scenes) -> Population:
    """Make a population of scenes, scored, with their responses."""
    n = len(scenes)
    responses = tuple(np.empty((n, N_SLOTS, s.models.sd.size), np.float32) for s in scorer.surveys)
    log_each = np.empty((n, len(scorer.tempered)))

    def work(part: slice) -> None:
        some = take(scenes, part)
        for survey, held in zip(scorer.surveys, responses, strict=True):
            held[part] = _responses(survey, some)
        log_each[part] = _log_each(scorer, some, [summed(held[part]) for held in responses])

    scorer.over_chunks(n, work)
    return Population(scenes, responses, log_each)


def _responses(survey: AdditiveEvidence, scenes: Scenes) -> Array:
    """Responses (n, S, n_data) of the objects in all slots."""
    flat = Objects(*(v.reshape(-1, *v.shape[2:]) for v in vars(scenes.objects).values()))
    return survey.object_response(flat).reshape(len(scenes), N_SLOTS, -1)


def summed(responses: Array) -> Array:
    """Sum over the slots of responses (n, S, n_data)."""
    total = responses[:, 0] + responses[:, 1]
    for k in range(2, responses.shape[1]):
        total += responses[:, k]
    return total


def _score(survey: AdditiveEvidence, total: Array) -> Array:
    """Scores (n,) of summed responses; scenes without any response share one."""
    silent = np.flatnonzero(~total.any(axis=1))
    if len(silent) < 2:
        return survey.score(total)
    kept = np.delete(np.arange(len(total)), silent[1:])
    out = np.empty(len(total))
    out[kept] = survey.score(total[kept])
    out[silent] = out[silent[0]]
    return out


def _log_each(scorer: Scorer, scenes: Scenes, totals: Sequence[Array]) -> Array:
    out = np.empty((len(scenes), len(scorer.tempered)))
    for i, (survey, total) in enumerate(zip(scorer.surveys, totals, strict=True)):
        out[:, i] = _score(survey, total) + survey.site_log_likelihood(scenes)
    for j, other in enumerate(scorer.others, start=len(scorer.surveys)):
        out[:, j] = other.log_likelihood(scenes)
    return out


def propose_scores(
    scorer: Scorer,
    population: Population,
    rows: Array,
    changed: Scenes,
    slots: Array,
    whole: Array,
) -> Population:
    """Score proposed scenes that differ from scenes of a population in one slot each.

    Parameters
    ----------
    scorer : Scorer
        Evidence.
    population : Population
        Holds the scenes that the proposals start from.
    rows : (n,) numpy.ndarray of int
        Where in the population each proposal starts from.
    changed : Scenes
        Proposals, ``n``.
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
    responses = tuple(np.empty((n, *r.shape[1:]), np.float32) for r in population.responses)
    log_each = np.empty((n, len(scorer.tempered)))

    def work(part: slice) -> None:
        some, where, anew = take(changed, part), slots[part], whole[part]
        before = population.log_each[rows[part]]
        each = np.arange(len(some))
        for i, survey in enumerate(scorer.surveys):
            held = responses[i][part]
            np.take(population.responses[i], rows[part], axis=0, out=held, mode="clip")
            fresh = survey.object_response(slot(some, where))
            differs = anew | (held[each, where] != fresh).any(axis=1)
            held[each, where] = fresh
            if anew.any():
                held[anew] = _responses(survey, take(some, anew))
            # The same response over the same site state has the same likelihood.
            before[differs, i] = _score(survey, summed(held)[differs])
            before[differs, i] += survey.site_log_likelihood(take(some, differs))
        for j, other in enumerate(scorer.others, start=len(scorer.surveys)):
            before[:, j] = other.log_likelihood(some)
        log_each[part] = before

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
        totals = [summed(r[part] * keep) for r in population.responses]
        log_each[part] = _log_each(scorer, take(scenes, part), totals)

    scorer.over_chunks(len(population), work)
    return log_each


def put(population: Population, index: Array, part: Population, chosen: Array) -> None:
    """Write the ``chosen`` scenes of a part into rows ``index`` of a population, in place."""
    a, b = population.scenes, part.scenes
    for f in fields(Objects):
        getattr(a.objects, f.name)[index] = getattr(b.objects, f.name)[chosen]
    a.host_density[index] = b.host_density[chosen]
    a.host_resistivity[index] = b.host_resistivity[chosen]
    a.unit[index] = b.unit[chosen]
    a.site_unit[index] = b.site_unit[chosen]
    for old, new in zip(population.responses, part.responses, strict=True):
        old[index] = new[chosen]
    population.log_each[index] = part.log_each[chosen]


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
        focus_survey(e, summed(r))
        for e, r in zip(scorer.surveys, population.responses, strict=True)
    )
    if all(a is b for a, b in zip(surveys, scorer.surveys, strict=True)):
        return scorer, population
    focused = replace(scorer, surveys=surveys)
    return focused, rescore(focused, population)


def kernels(scorer: Scorer) -> tuple[tuple[str, ...], ...]:
    """Labels of the ground kernels in use, by survey."""
    return tuple(s.models.labels for s in scorer.surveys)


def with_kernels(scorer: Scorer, labels: Sequence[Sequence[str]]) -> Scorer:
    """Keep the ground kernels of these labels only, by survey."""
    surveys: list[AdditiveEvidence] = []
    for survey, kept in zip(scorer.surveys, labels, strict=True):
        index = [survey.models.labels.index(label) for label in kept]
        surveys.append(survey.with_models(focus_models(survey.models, index)))
    return replace(scorer, surveys=tuple(surveys))


def rescore(scorer: Scorer, population: Population) -> Population:
    """Score the same scenes and responses with another scorer's ground models."""
    log_each = np.empty_like(population.log_each)

    def work(part: slice) -> None:
        totals = [summed(r[part]) for r in population.responses]
        log_each[part] = _log_each(scorer, take(population.scenes, part), totals)

    scorer.over_chunks(len(population), work)
    return Population(population.scenes, population.responses, log_each)
