"""Scores of proposals are the scores of the same scenes from nothing; islands end together."""

from __future__ import annotations

import threading
from dataclasses import replace

import numpy as np
import pytest
from calibration_site import gravity_table, hole, small_prior

from subterra.evidence import Evidence, borehole_evidence, gravity_evidence
from subterra.inference import infer
from subterra.inference.moves import MOVES, propose
from subterra.inference.outlook import no_outlook
from subterra.inference.population import (
    kernels,
    populate,
    propose_scores,
    score_scenes,
    scorer,
    with_kernels,
)
from subterra.inference.proposals import object_pool
from subterra.inference.scan import flat_scan
from subterra.scene import Prior, make_scene, sample_prior, take

N = 700


@pytest.fixture(scope="module")
def prior() -> Prior:
    return small_prior()


@pytest.fixture(scope="module")
def evidence(prior: Prior) -> list[Evidence]:
    axis = [[5.0, 2.0, -3.0], [30.0, 38.0, -3.4]]
    truth = make_scene([{"family": "driven", "fill": "air", "axis": axis, "radius": 0.8}])
    survey = gravity_evidence([gravity_table()], prior)
    return [
        survey.simulate(truth, np.random.default_rng(21)),
        borehole_evidence(*hole("B1", 26.0, 20.0), prior),
    ]


def test_scores_are_the_log_likelihoods_of_the_evidence(
    prior: Prior, evidence: list[Evidence]
) -> None:
    """Scenes without objects share one score; it is their own."""
    scenes = sample_prior(prior, N, np.random.default_rng(2))
    empty = (scenes.objects.family == 0).all(axis=1)
    assert 0.1 < empty.mean() < 0.9
    with scorer(prior, evidence, threads=2) as engine:
        found = score_scenes(engine, scenes)
        nothing = score_scenes(engine, take(scenes, empty))
    expected = np.column_stack([e.log_likelihood(scenes) for e in evidence])
    assert found == pytest.approx(expected, abs=1e-3)
    assert nothing == pytest.approx(expected[empty], abs=1e-3)


def test_proposals_are_scored_as_from_nothing(prior: Prior, evidence: list[Evidence]) -> None:
    rng = np.random.default_rng(3)
    scenes = sample_prior(prior, N, rng)
    with scorer(prior, evidence, threads=2) as engine:
        population = populate(engine, scenes, score_scenes(engine, scenes))
        rows = rng.permutation(N)[: N // 2]
        others, height = sample_prior(prior, 300, rng), np.zeros(300)
        pool = object_pool(prior, others, height, no_outlook(), flat_scan(), rng)
        move = propose(prior, take(scenes, rows), pool, rng)
        able = np.flatnonzero(np.isfinite(move.log_ratio))
        changed = take(move.scenes, able)
        whole = move.whole[able]
        found = propose_scores(engine, population, rows[able], changed, move.slots[able], whole)
        expected = populate(engine, changed, score_scenes(engine, changed))
    assert set(move.kind[able]) == set(range(len(MOVES)))
    assert np.array_equal(found.responses[0], expected.responses[0])
    assert found.log_each == pytest.approx(expected.log_each, abs=1e-3)
    # A fill drawn again as it was moves nothing, and its score is not computed anew.
    still = (found.responses[0] == population.responses[0][rows[able]]).all(axis=(1, 2)) & ~whole
    assert still.any()
    assert np.array_equal(found.log_each[still, 0], population.log_each[rows[able][still], 0])


def test_kernels_by_label(prior: Prior, evidence: list[Evidence]) -> None:
    scenes = sample_prior(prior, 200, np.random.default_rng(4))
    with scorer(prior, evidence) as engine:
        labels = kernels(engine)
        assert len(set(labels[0])) == len(labels[0]) > 2
        some = with_kernels(engine, [[labels[0][2], labels[0][0]]])
        assert kernels(some) == ((labels[0][2], labels[0][0]),)
        parts = [score_scenes(with_kernels(engine, [[v]]), scenes)[:, 0] for v in labels[0]]
        whole = score_scenes(engine, scenes)[:, 0]
    assert np.logaddexp.reduce(parts, axis=0) == pytest.approx(whole, abs=1e-3)


class Broken(Exception):
    """What the evidence below fails with."""


def test_an_island_that_fails_ends_the_run(prior: Prior, evidence: list[Evidence]) -> None:
    """The failure itself is raised, whichever island meets it, and no thread stays behind."""
    before = set(threading.enumerate())
    calls = 0

    class Failing:
        id, kind, fingerprint = "failing", "toy", "failing"

        def log_likelihood(self, scenes):
            nonlocal calls
            calls += 1
            # The scan comes first.
            if calls > 250:
                raise Broken
            return np.zeros(len(scenes))

    with pytest.raises(Broken):
        infer(prior, [*evidence, Failing()], n_scenes=512, threads=2)
    assert set(threading.enumerate()) <= before


def test_a_survey_that_says_the_same_twice(prior: Prior, evidence: list[Evidence]) -> None:
    """Two copies of a survey double its log-likelihood and share nothing else."""
    twice = [evidence[0], replace(evidence[0], id="again")]
    scenes = sample_prior(prior, 300, np.random.default_rng(6))
    with scorer(prior, twice, threads=1) as engine:
        found = score_scenes(engine, scenes)
    assert np.array_equal(found[:, 0], found[:, 1])
