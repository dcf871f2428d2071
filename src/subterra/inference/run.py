"""From prior and evidence to belief, and from belief and new evidence to belief."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from threading import Lock
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from subterra.errors import InputError
from subterra.evidence import Evidence
from subterra.inference.belief import Belief, RunInfo
from subterra.inference.checkpoint import Checkpoint, Unfinished, run_identity
from subterra.inference.outlook import Outlook, look, look_anew, no_outlook, with_hints
from subterra.inference.population import (
    Scorer,
    Stopped,
    score_scenes,
    scorer,
    without_targets,
)
from subterra.inference.smc import Climb, Island, Rung, first_rung, next_rung, stream, top_of
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
HEAD_START: Final = 8
"""Starting scenes for each that is carried."""
_UPDATE_SWEEPS: Final = (3, 4, 5)
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
    checkpoint: Checkpoint | None = None,
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
    checkpoint : Checkpoint, optional
        Keeps what is done after every step of the ladder. A run with the same prior, evidence,
        number of scenes, seed and code goes on there and ends with the belief, to the last bit, of
        a run that was never interrupted. The files stay until ``checkpoint.clear()``.

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
    identity = run_identity(prior, evidence, n_scenes, seed) if checkpoint is not None else {}
    run = Unfinished(checkpoint, identity)
    started = time.perf_counter() - run.seconds
    half = n_scenes // N_ISLANDS
    with scorer(prior, evidence, threads=threads) as engine:
        tell(0.0, "scan of single objects and pairs")
        outlook = run.outlook()
        if outlook is None:
            outlook = look(engine, stream(seed, 0, 0, 1))
            run.keep_outlook(outlook)
        outlook = with_hints(outlook, engine)
        tell(0.0, "starting scenes")
        told = _Told(tell, N_ISLANDS)

        def climb(k: int, outlook: Outlook = outlook) -> Island:
            how = Climb(outlook, half, seed, k)
            rung = run.rung(k, engine)
            if rung is None:
                drawn = start_scenes(prior, outlook, HEAD_START * half, stream(seed, k, 0, 0))
                rung = first_rung(engine, *drawn, how)

            def reached(rung: Rung) -> None:
                run.keep_rung(k, rung, time.perf_counter() - started)
                told.at(k, rung)

            return _climbed(engine, rung, how, reached)

        islands = _abreast(engine, climb, N_ISLANDS, threads)
        belief = _join(islands, [0.0] * N_ISLANDS, engine, seed, started)
    tell(1.0, "done")
    return belief


def _climbed(engine: Scorer, rung: Rung, how: Climb, reached: Callable[[Rung], None]) -> Island:
    """Carry an island from a rung to the top of its ladder."""
    reached(rung)
    while rung.temperatures[-1] < 1.0:
        rung = next_rung(engine, rung, how)
        reached(rung)
    return top_of(engine, rung)


def _abreast(
    engine: Scorer, climb: Callable[[int], Island], n: int, threads: int | None
) -> list[Island]:
    """Run islands side by side; if one fails or the run is interrupted, the others end too."""
    with ThreadPoolExecutor(min(n, threads or n)) as drivers:
        runs = [drivers.submit(climb, k) for k in range(n)]
        try:
            wait(runs, return_when=FIRST_EXCEPTION)
        finally:
            if not all(run.done() for run in runs):
                engine.stop.set()
    for run in runs:
        failure = run.exception()
        if failure is not None and not isinstance(failure, Stopped):
            raise failure
    return [run.result() for run in runs]


class _Told:
    """Progress of islands that run side by side, told one at a time."""

    def __init__(self, tell: Progress, n: int) -> None:
        self._tell = tell
        self._lock = Lock()
        self._part = [0.0] * n
        self._broken = False

    def at(self, island: int, rung: Rung) -> None:
        """Tell that an island has reached a rung.

        The ladder's logarithm moves more evenly than λ itself.

        Raises
        ------
        Stopped
            If telling has failed for another island.
        """
        with self._lock:
            if self._broken:
                raise Stopped
            self._broken = True
            self._part[island] = 1.0 + float(np.log10(max(rung.temperatures[-1], 1e-4))) / 4.0
            done = sum(part >= 1.0 for part in self._part)
            words = f"{done} of {len(self._part)} islands done"
            self._tell(sum(self._part) / len(self._part), words)
            self._broken = False


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
    n_islands = len(belief.info.island)
    edges = np.concatenate([[0], np.cumsum(belief.info.island)])
    with scorer(belief.prior, evidence, always, threads) as engine:
        surprise = sum((e.log_likelihood(belief.scenes) for e in new), np.zeros(len(belief.weight)))
        with np.errstate(divide="ignore"):
            surprised = effective_share(np.log(belief.weight) + surprise) < _SURPRISE
        outlook = look_anew(engine, stream(seed, 100, 0, 1)) if surprised else no_outlook()
        outlook = with_hints(outlook, engine)
        told = _Told(tell, n_islands)

        def climb(k: int) -> Island:
            part = slice(int(edges[k]), int(edges[k + 1]))
            weight = belief.weight[part]
            n = len(weight)
            with np.errstate(divide="ignore"):
                log_start = np.log(weight * (n / weight.sum()))
            how = Climb(outlook, n, seed, 100 + k, _UPDATE_SWEEPS, ())
            rung = first_rung(engine, take(belief.scenes, part), log_start, how)
            return _climbed(engine, rung, how, partial(told.at, k))

        islands = _abreast(engine, climb, n_islands, threads)
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
        return score_scenes(engine, belief.scenes)
