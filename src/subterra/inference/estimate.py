"""How long a run of the inference will take and how much memory it will hold, before it is made.

Time: a pilot of few scenes goes through the whole run, which tells how long the scan takes, which
does not depend on the number of scenes, and how many moves the ladder of this evidence asks for.
Sweeps of moves over two sizes of population then tell how their time grows, for it has a part that
is the same for any number of scenes; starting scenes are timed by themselves.

Memory: sizes of arrays. What the evidence holds, and for each of two islands the responses of its
scenes to every survey, (scenes, slots, data) in single precision, once in the population, once
while it is resampled, and half while half of it is moved; scenes likewise, and the starting scenes,
of which there are many more but which have no responses; and for each thread what scoring one chunk
takes, which is measured. Before, the scan holds what it has been measured to hold in the pilot.

The forecast is of one run. A run that does not converge, or whose surveys are judged anew by the
belief, goes on: each time adds as much again.
"""

from __future__ import annotations

import os
import time
import tracemalloc
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields, is_dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from subterra.evidence import Evidence
from subterra.inference.outlook import no_outlook, with_hints
from subterra.inference.population import CHUNK, Scorer, score_scenes, scorer
from subterra.inference.run import HEAD_START, N_ISLANDS, infer
from subterra.inference.smc import Climb, first_rung, stream
from subterra.inference.start import start_scenes
from subterra.scene import N_SLOTS, Prior, Scenes, sample_prior

__all__ = ["SPREAD", "RunEstimate", "estimate_run", "held_bytes"]

Array = npt.NDArray[Any]

SPREAD: Final = 2.0
"""Factor within which seconds and bytes are meant: ladders of one site differ by chance alone."""

_PILOT: Final = 256
_SWEPT: Final = (128, 1024)
_COPIES: Final = 2.5
"""Populations alive at once in an island: its own, the one resampled from, half of proposals."""
_DRAWN: Final = 2.2
"""Copies of the starting scenes while they are drawn: before and after some are placed anew."""


@dataclass(frozen=True)
class RunEstimate:
    """What a run will take.

    Parameters
    ----------
    n_scenes : int
        Scenes of the run.
    scan_s, start_s, moves_s : float
        Wall-clock seconds of the scan, of scoring starting scenes, and of moving on the ladder.
    steps : int
        Steps of the pilot's ladder.
    pilot_s : float
        What it took to find this out, s.
    evidence_bytes : int
        Held by the evidence, ground models first of all.
    population_bytes : int
        Held by the scenes of both islands and their responses at their most.
    working_bytes : int
        Held by the threads while they score.
    scan_bytes : int
        Held by the scan, before there is a population.
    """

    n_scenes: int
    scan_s: float
    start_s: float
    moves_s: float
    steps: int
    pilot_s: float
    evidence_bytes: int
    population_bytes: int
    working_bytes: int
    scan_bytes: int

    @property
    def seconds(self) -> float:
        """Wall-clock seconds of the whole run."""
        return self.scan_s + self.start_s + self.moves_s

    @property
    def run_bytes(self) -> int:
        """Most that the run holds beside its evidence."""
        return max(self.population_bytes + self.working_bytes, self.scan_bytes)


def estimate_run(
    prior: Prior,
    evidence: Sequence[Evidence],
    *,
    n_scenes: int = 4096,
    seed: int = 1,
    threads: int | None = None,
) -> RunEstimate:
    """Forecast time and memory of ``infer`` on this machine.

    Parameters
    ----------
    prior : Prior
        Site prior.
    evidence : sequence of Evidence
        All evidence, ground models made.
    n_scenes : int
        Scenes of the run that is asked about.
    seed : int
        Of the pilot.
    threads : int, optional
        Of the run, by default the machine's cores.

    Returns
    -------
    RunEstimate
        Meant within a factor of ``SPREAD``, on a machine as busy as it is now.

    Raises
    ------
    InputError
        As ``infer``.
    """
    begun = time.perf_counter()
    half, used = n_scenes // N_ISLANDS, threads or os.cpu_count() or 1
    with _traced() as pilot_memory:
        pilot = _Laps(pilot_memory)
        belief = infer(
            prior, evidence, n_scenes=_PILOT, seed=seed, progress=pilot.told, threads=threads
        )
    with scorer(prior, evidence, threads=threads) as engine:
        per_scene = _seconds_per_scene(engine, seed)
        small, large = (_seconds_per_sweep(engine, m, seed) for m in _SWEPT)
        working = _chunk_bytes(engine, seed) * used
    moved = max(pilot.after_scan - HEAD_START * _PILOT * per_scene, 0.1 * pilot.after_scan)
    slope = max(large - small, 0.0) / (_SWEPT[1] - _SWEPT[0])
    growth = 1.0 + slope * (half - _SWEPT[0]) / small
    return RunEstimate(
        n_scenes,
        pilot.scan,
        HEAD_START * n_scenes * per_scene,
        moved * max(growth, 1.0),
        len(belief.info.temperatures) - 1,
        time.perf_counter() - begun,
        sum(held_bytes(item) for item in evidence),
        _population_bytes(prior, evidence, n_scenes, used),
        working,
        pilot.scan_bytes,
    )


class _Traced:
    """Most memory that was held since tracing began, bytes."""

    def __init__(self) -> None:
        self._mine = not tracemalloc.is_tracing()
        if self._mine:
            tracemalloc.start()
        tracemalloc.reset_peak()
        self._before, _ = tracemalloc.get_traced_memory()

    def peak(self) -> int:
        _, peak = tracemalloc.get_traced_memory()
        return max(peak - self._before, 0)

    def end(self) -> None:
        """Stop tracing, if it was not going on before."""
        if self._mine and tracemalloc.is_tracing():
            tracemalloc.stop()


@contextmanager
def _traced() -> Generator[_Traced]:
    made = _Traced()
    try:
        yield made
    finally:
        made.end()


class _Laps:
    """Seconds of a run up to the end of its scan, and after it; and what the scan held."""

    def __init__(self, memory: _Traced) -> None:
        self._memory = memory
        self._begun = time.perf_counter()
        self._told: list[float] = []
        self.scan_bytes = 0

    def told(self, fraction: float, words: str) -> None:
        """Take the time when the run tells how far it is: at the scan, after it, and so on."""
        del fraction, words
        self._told.append(time.perf_counter() - self._begun)
        if len(self._told) == 2:
            self.scan_bytes = self._memory.peak()
            # What comes after is timed, and tracing would slow it down.
            self._memory.end()

    @property
    def scan(self) -> float:
        return self._told[1]

    @property
    def after_scan(self) -> float:
        return self._told[-1] - self._told[1]


def _shortest(work: Callable[[], object], rounds: int = 3) -> float:
    taken: list[float] = []
    for _ in range(rounds):
        begun = time.perf_counter()
        work()
        taken.append(time.perf_counter() - begun)
    return min(taken)


def _scenes(prior: Prior, n: int, seed: int) -> Scenes:
    return sample_prior(prior, n, stream(seed, 200, n))


def _seconds_per_scene(engine: Scorer, seed: int, n: int = 512) -> float:
    scenes = _scenes(engine.prior, n, seed)
    return _shortest(lambda: score_scenes(engine, scenes)) / n


def _seconds_per_sweep(engine: Scorer, n: int, seed: int) -> float:
    """Seconds of moving n scenes once, as the difference of three sweeps and one."""
    outlook = with_hints(no_outlook(), engine)
    drawn = start_scenes(engine.prior, outlook, n, stream(seed, 201, n))

    def climbed(sweeps: int) -> Callable[[], object]:
        climb = Climb(outlook, n, seed, 0, (sweeps, sweeps, sweeps), ())
        return lambda: first_rung(engine, *drawn, climb)

    once, thrice = (_shortest(climbed(sweeps), 2) for sweeps in (1, 3))
    return max(0.5 * (thrice - once), 1e-6)


def _chunk_bytes(engine: Scorer, seed: int) -> int:
    """Most that scoring one chunk holds for a while."""
    scenes = _scenes(engine.prior, CHUNK, seed)
    with _traced() as memory:
        score_scenes(engine, scenes)
        return memory.peak()


def _population_bytes(
    prior: Prior, evidence: Sequence[Evidence], n_scenes: int, threads: int
) -> int:
    """Most that both islands hold; those that do not run side by side hold one population."""
    response = 4 * N_SLOTS * sum(_n_data(item) for item in evidence)
    scene = held_bytes(_scenes(prior, 64, 0)) / 64 + 8 * len(evidence)
    drawing = _DRAWN * HEAD_START * scene
    moving = HEAD_START * scene + _COPIES * (response + scene)
    abreast = min(N_ISLANDS, threads)
    each = abreast * max(drawing, moving) + (N_ISLANDS - abreast) * (response + scene)
    return int(n_scenes / N_ISLANDS * each)


def _n_data(item: Evidence) -> int:
    """Data of a survey, whose responses each scene keeps; nothing is kept of other evidence."""
    models = getattr(item, "models", None)
    return 0 if models is None else int(models.sd.size)


def held_bytes(thing: object) -> int:
    """Bytes of all arrays in a dataclass, tuple, list or mapping, each counted once."""
    return _held(thing, set())


def _held(thing: object, seen: set[int]) -> int:
    if id(thing) in seen:
        return 0
    seen.add(id(thing))
    if isinstance(thing, np.ndarray):
        base: Any = thing if thing.base is None else thing.base
        if isinstance(base, np.ndarray) and base is not thing:
            return _held(base, seen)
        return int(thing.nbytes)
    if isinstance(thing, dict):
        return sum(_held(v, seen) for v in thing.values())
    if isinstance(thing, tuple | list):
        return sum(_held(v, seen) for v in thing)
    if is_dataclass(thing):
        return sum(_held(getattr(thing, f.name), seen) for f in fields(thing))
    return 0
