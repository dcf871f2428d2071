"""Evidence against the belief and against the rest: what fits, what does not."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from calibration_site import gravity_table, small_prior
from toy_evidence import ToyEvidence, host_quantile

from subterra.evidence import GravityEvidence, gravity_evidence
from subterra.ground import with_data
from subterra.inference import infer
from subterra.inference.predictive import examined, survey_misfit, tension, warnings_of
from subterra.scene import make_scene, sample_prior, take

PRIOR = small_prior()
N = 300


@pytest.fixture(scope="module")
def survey() -> GravityEvidence:
    return gravity_evidence([gravity_table()], PRIOR)


def misfit_of(survey: GravityEvidence, seed: int) -> float:
    empty = take(make_scene([]), np.zeros(4, int))
    rng = np.random.default_rng(seed)
    return survey_misfit(survey, empty, np.full(4, 0.25), rng)["p_misfit"]


def test_data_of_the_models_fit_and_wild_data_do_not(survey: GravityEvidence) -> None:
    p = [misfit_of(survey.simulate(make_scene([]), np.random.default_rng(k)), k) for k in range(40)]
    assert np.mean(p) == pytest.approx(0.5, abs=0.1)
    assert min(p) > 0.01
    rough = 4000.0 * (-1.0) ** np.arange(len(survey.observed))
    wild = replace(survey, observed=rough, models=with_data(survey.models, rough))
    assert misfit_of(wild, 1) < 1e-6


def test_squares_are_those_of_the_dense_covariance(survey: GravityEvidence) -> None:
    """One kernel and node at a time against a covariance that is formed."""
    from subterra.inference.predictive import _squares

    rng = np.random.default_rng(2)
    drawn = survey.simulate(make_scene([]), rng)
    response = 5.0 * rng.standard_normal((2, len(drawn.observed)))
    square, share = _squares(drawn.models, response)
    assert share.sum(axis=1) == pytest.approx([1.0, 1.0])
    models = drawn.models
    s, e = models.grid.nodes()
    for g, j in ((0, 3), (len(models.basis) - 1, 17)):
        basis = models.basis[g].astype(np.float64)
        unit = basis.T * models.eigen[g] @ basis
        space = np.linalg.svd(models.trend, full_matrices=True)[0][:, models.trend.shape[1] :]
        for k in range(2):
            white = response[k] / models.sd
            f = space.T @ white
            covariance = s[j] ** 2 * space.T @ unit @ space + e[j] ** 2 * np.eye(len(f))
            covariance += models.grid.kappa**2 * np.outer(f, f)
            r = space.T @ (models.detrended - white)
            expected = r @ np.linalg.solve(covariance, r)
            found = square[k, g * len(s) + j]
            assert found == pytest.approx(expected, rel=2e-3)


def weights_near(quantile: float) -> np.ndarray:
    scenes = sample_prior(PRIOR, N, np.random.default_rng(1))
    w = np.exp(-0.5 * ((host_quantile(scenes) - quantile) / 0.05) ** 2)
    return w / w.sum()


def test_a_piece_that_contradicts_the_rest_is_told() -> None:
    scenes = sample_prior(PRIOR, N, np.random.default_rng(1))
    rest = weights_near(0.2)
    for datum, low, high in ((0.2, 0.1, 1.0), (0.9, 0.0, 0.02)):
        item = ToyEvidence("toy", host_quantile, datum, 0.05)
        found = tension(item, PRIOR, scenes, rest, np.random.default_rng(3))
        assert low <= found["p_tension"] <= high
    assert found["tension"] > 10.0


def test_tension_of_agreeing_evidence_has_even_probabilities() -> None:
    scenes = sample_prior(PRIOR, N, np.random.default_rng(1))
    rest = weights_near(0.5)
    p = []
    for k in range(60):
        rng = np.random.default_rng(100 + k)
        truth = take(scenes, rng.choice(N, 1, p=rest))
        item = ToyEvidence("toy", host_quantile, 0.0, 0.1).simulate(truth, rng)
        p.append(tension(item, PRIOR, scenes, rest, rng)["p_tension"])
    assert np.mean(np.array(p) <= 0.5) == pytest.approx(0.5, abs=0.2)
    assert np.mean(np.array(p) <= 0.1) < 0.25


def test_examined_belief_says_who_disagrees() -> None:
    evidence = [
        ToyEvidence("one", host_quantile, 0.1, 0.1),
        ToyEvidence("two", host_quantile, 0.3, 0.1),
    ]
    belief = examined(infer(PRIOR, evidence, n_scenes=128, seed=1, threads=1), evidence)
    assert set(belief.info.checks) == {"one", "two"}
    assert all(v["p_tension"] > 0.02 for v in belief.info.checks.values() if v)
    assert warnings_of(belief.info.checks) == ()
    alone = [ToyEvidence("far", host_quantile, 3.0, 0.1)]
    found = examined(infer(PRIOR, alone, n_scenes=128, seed=1, threads=1), alone)
    assert found.info.checks["far"]["p_tension"] == pytest.approx(0.01, abs=0.02)
    assert "far contradicts" in warnings_of(found.info.checks)[0]
    bad = {"gravity": {"chi2_per_datum": 3.1, "p_misfit": 0.001}}
    assert "fits worse" in warnings_of(bad)[0]
