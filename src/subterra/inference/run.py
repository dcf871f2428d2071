"""From prior and evidence to belief, and from belief and new evidence to belief."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from importlib.metadata import PackageNotFoundError, version
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from subterra.errors import InputError
from subterra.evidence import Evidence
from subterra.inference.belief import Belief, RunInfo
from subterra.inference.population import Scorer, score_scenes, scorer, without_targets
from subterra.inference.scan import flat_scan, scan_evidence
from subterra.inference.smc import Island, run_island, stream
from subterra.inference.start import start_scenes
from subterra.inference.weight import (
    effective_share,
    explained_decibans,
    ledger_weights,
    log_total,
    normalised,
)
from subterra.scene import Prior, Scenes, concatenate, object_counts, take

__all__ = ["infer", "rescored", "update"]

Array = npt.NDArray[Any]
Progress = Callable[[float, str], None]

N_ISLANDS: Final = 2
_HEAD_START: Final = 8
_UPDATE_SWEEPS: Final = (3, 4)
_SURPRISE: Final = 0.1
"""Below this effective share new evidence contradicts the belief: places are looked for anew."""


def _silent(fraction: float, words: str) -> None:
    del fraction, words


def _version() -> str:
    try:
        return version("subterra")
    except PackageNotFoundError:
        return "unknown"


def _p_any(scenes: Scenes, log_weight: Array, prior: Prior) -> float:
    weight = normalised(log_weight)
    return min(float(weight[object_counts(scenes.objects.family, prior)[0] > 0].sum()), 1.0)


def _join(
    islands: Sequence[Island],
    log_before: Sequence[float],
    engine: Scorer,
    seed: int,
    started: float,
) -> Belief:
    """Weigh the islands by their evidence and put them together."""
    log_evidence = [b + i.log_evidence for b, i in zip(log_before, islands, strict=True)]
    parts = [i.population.scenes for i in islands]
    log_weight = np.concatenate(
        [
            i.log_weight - log_total(i.log_weight) + z
            for i, z in zip(islands, log_evidence, strict=True)
        ]
    )
    weight = normalised(log_weight)
    scenes = concatenate(parts)
    log_each = np.concatenate([i.population.log_each for i in islands])
    evidence = (*engine.surveys, *engine.others)
    has_target = object_counts(scenes.objects.family, engine.prior)[0] > 0
    names = [e.id for e in evidence]
    bare = np.concatenate([without_targets(engine, i.population) for i in islands])
    info = RunInfo(
        seed,
        len(weight),
        time.perf_counter() - started,
        tuple(log_evidence),
        tuple(_p_any(p, i.log_weight, engine.prior) for p, i in zip(parts, islands, strict=True)),
        tuple(len(p) for p in parts),
        float(1.0 / np.sum(weight**2)) * min(min(1.0, 2.0 * i.effective) for i in islands),
        {
            name: float(np.mean([i.acceptance[name] for i in islands]))
            for name in islands[0].acceptance
        },
        islands[0].temperatures,
        {e.id: e.fingerprint for e in evidence},
        ledger_weights(names, log_each, weight, has_target),
        explained_decibans(names, log_each - bare, weight, has_target),
        _version(),
    )
    return Belief(scenes, weight, engine.prior, info)


def infer(
    prior: Prior,
    evidence: Sequence[Evidence],
    *,
    n_scenes: int = 4096,
    seed: int = 1,
    progress: Progress | None = None,
    threads: int | None = None,
) -> Belief:
    """Compute the belief from the prior and all evidence.

    Two independent islands of half the scenes each are carried through the ladder; their spread
    tells how far the answer can be trusted.

    Parameters
    ----------
    prior : Prior
        Site prior.
    evidence : sequence of Evidence
        At least one piece.
    n_scenes : int
        Scenes in the belief, at least 128.
    seed : int
        Same seed, same answer, whatever the number of threads.
    progress : callable, optional
        Told a fraction from 0 to 1 and a few words.
    threads : int, optional
        Threads, by default the machine's cores.

    Returns
    -------
    Belief

    Raises
    ------
    InputError
        If there is no evidence, two pieces share an id, or too few scenes are asked for.
    """
    tell = progress or _silent
    _check(evidence, n_scenes)
    started = time.perf_counter()
    half = n_scenes // N_ISLANDS
    islands: list[Island] = []
    with scorer(prior, evidence, threads=threads) as engine:
        tell(0.0, "scan of single objects")
        scan = scan_evidence(engine, stream(seed, 0, 0, 1))
        for k in range(N_ISLANDS):
            words = f"island {k + 1} of {N_ISLANDS}"
            tell(k / N_ISLANDS, words)
            start, log_start = start_scenes(prior, scan, _HEAD_START * half, stream(seed, k, 0, 0))
            report = _reporter(tell, k, words)
            islands.append(run_island(engine, start, log_start, scan, half, seed, k, report))
        belief = _join(islands, [0.0] * N_ISLANDS, engine, seed, started)
    tell(1.0, "done")
    return belief


def _reporter(tell: Progress, k: int, words: str) -> Callable[[float], None]:
    """Progress within one island: the ladder's logarithm moves more evenly than λ itself."""

    def report(temperature: float) -> None:
        part = 1.0 + np.log10(max(temperature, 1e-4)) / 4.0
        tell((k + float(part)) / N_ISLANDS, words)

    return report


def update(
    belief: Belief,
    evidence: Sequence[Evidence],
    new: Sequence[Evidence],
    *,
    seed: int = 1,
    progress: Progress | None = None,
    threads: int | None = None,
) -> Belief:
    """Add evidence to a belief without starting over: re-weight, resample, rejuvenate.

    Parameters
    ----------
    belief : Belief
        Belief that holds all of ``evidence`` but ``new``.
    evidence : sequence of Evidence
        All evidence, new included, each under its own id.
    new : sequence of Evidence
        What is new.
    seed : int
        Seed of the rejuvenation.
    progress : callable, optional
        As in ``infer``.
    threads : int, optional
        As in ``infer``.

    Returns
    -------
    Belief
    """
    tell = progress or _silent
    _check(evidence, len(belief.weight))
    started = time.perf_counter()
    fresh = {e.id for e in new}
    always = [e.id for e in evidence if e.id not in fresh]
    islands: list[Island] = []
    edges = np.concatenate([[0], np.cumsum(belief.info.island)])
    with scorer(belief.prior, evidence, always, threads) as engine:
        surprise = sum((e.log_likelihood(belief.scenes) for e in new), np.zeros(len(belief.weight)))
        with np.errstate(divide="ignore"):
            surprised = effective_share(np.log(belief.weight) + surprise) < _SURPRISE
        scan = scan_evidence(engine, stream(seed, 100, 0, 1)) if surprised else flat_scan()
        for k in range(len(belief.info.island)):
            words = f"island {k + 1} of {len(belief.info.island)}"
            part = slice(int(edges[k]), int(edges[k + 1]))
            start, weight = take(belief.scenes, part), belief.weight[part]
            n = len(weight)
            with np.errstate(divide="ignore"):
                log_start = np.log(weight * (n / weight.sum()))
            report = _reporter(tell, k, words)
            islands.append(
                run_island(engine, start, log_start, scan, n, seed, 100 + k, report, _UPDATE_SWEEPS)
            )
        joined = _join(islands, belief.info.log_evidence, engine, seed, started)
    tell(1.0, "done")
    return joined


def _check(evidence: Sequence[Evidence], n_scenes: int) -> None:
    if not evidence:
        problem = "there is no evidence yet; add some before inferring"
        raise InputError(problem)
    if len({e.id for e in evidence}) != len(evidence):
        problem = "two pieces of evidence share an id"
        raise InputError(problem)
    if n_scenes < 128:
        problem = f"at least 128 scenes are needed to support any probability, found {n_scenes}"
        raise InputError(problem)


def rescored(belief: Belief, evidence: Sequence[Evidence]) -> Array:
    """Log-likelihood (n, k) of each piece of evidence for the scenes of a belief."""
    with scorer(belief.prior, evidence) as engine:
        return score_scenes(engine, belief.scenes).log_each
