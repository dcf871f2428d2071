"""Forecast of time and memory against what a run takes."""

from __future__ import annotations

import time
import tracemalloc
from dataclasses import dataclass

import numpy as np
import pytest
from calibration_site import small_site

from subterra.inference import infer, run
from subterra.inference.estimate import HEAD_START, SPREAD, estimate_run, held_bytes


@dataclass(frozen=True)
class Box:
    first: np.ndarray
    more: tuple


def test_arrays_are_counted_once():
    one = np.zeros(1000)
    assert held_bytes(one) == 8000
    assert held_bytes(Box(one, (one, one[::2], {"a": np.zeros((2, 3), np.float32)}))) == 8024
    assert held_bytes("nothing") == 0


def test_starting_scenes_are_those_of_the_run():
    assert run.HEAD_START == HEAD_START


def gravity_site():
    prior, evidence = small_site()
    return prior, [e for e in evidence if e.kind != "resistivity"]


@pytest.mark.parametrize("n_scenes", [512, 2048])
def test_memory_of_a_small_site_is_foretold_within_a_factor_of_two(n_scenes):
    prior, evidence = gravity_site()
    infer(prior, evidence, n_scenes=128, threads=1)
    found = estimate_run(prior, evidence, n_scenes=n_scenes, threads=1)
    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        infer(prior, evidence, n_scenes=n_scenes, threads=1)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert 1.0 / SPREAD < found.run_bytes / (peak - before) < SPREAD


def test_memory_follows_scenes_and_data():
    prior, evidence = gravity_site()
    few, many = (estimate_run(prior, evidence, n_scenes=n, threads=1) for n in (512, 4096))
    assert many.population_bytes == pytest.approx(8.0 * few.population_bytes, rel=1e-6)
    assert many.evidence_bytes == few.evidence_bytes > 1e5
    # Times are measured on a machine that does other things too: their order is not asserted.
    assert all(v > 0.0 for run in (few, many) for v in (run.start_s, run.moves_s, run.pilot_s))


@pytest.mark.slow
def test_time_is_foretold_within_a_factor_of_two():
    prior, evidence = small_site()
    found = estimate_run(prior, evidence, n_scenes=4096, threads=1)
    begun = time.perf_counter()
    infer(prior, evidence, n_scenes=4096, threads=1)
    taken = time.perf_counter() - begun
    assert 1.0 / SPREAD < found.seconds / taken < SPREAD
