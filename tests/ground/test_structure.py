"""The test for structure: even under its own models, sharp where the models know nothing."""

from __future__ import annotations

import numpy as np
import pytest
from test_outliers import bases_of, one, survey

from subterra.ground import (
    Structure,
    factorise,
    log_likelihood,
    neighbours_of,
    residual_structure,
    simulate_noise,
    structure_words,
    widened,
    with_data,
)
from subterra.ground.precision import precision_of


def test_p_values_are_even_under_the_models():
    models, _, _, place, _ = survey(0, 8, grid=one(2.0, 1.0))
    rng, around = np.random.default_rng(1), neighbours_of(place, 8)
    found = [
        residual_structure(with_data(models, simulate_noise(models, rng)[0]), np.zeros(64), around)
        for _ in range(300)
    ]
    for p in ([f.p_local for f in found], [f.p_chi for f in found]):
        counts = np.histogram(p, 5, (0.0, 1.0))[0]
        assert np.all(np.abs(counts - 60.0) < 4.0 * np.sqrt(48.0))
    assert np.mean([f.local for f in found]) == pytest.approx(1.0, abs=0.03)
    assert np.mean([f.chi for f in found]) == pytest.approx(1.0, abs=0.03)


def test_ground_that_is_modelled_leaves_no_structure_and_other_ground_does():
    structured = []
    for seed in range(6):
        known, *_, place, observed = survey(seed, grid=one(3.0, 1.0))
        around, none = neighbours_of(place, 8), np.zeros(len(place))
        assert residual_structure(known, none, around).p_local > 0.005
        blind = factorise(observed, known.noise, bases_of(known), ["one"], one(1e-3, 1.0))
        structured.append(residual_structure(blind, none, around))
    assert all(s.structured for s in structured)
    assert min(s.local for s in structured) > 2.0


def test_draws_have_the_precision_as_covariance():
    models, covariance, *_ = survey(2, 4, grid=one(2.0, 1.3), shared=2)
    precision = precision_of(models, np.zeros(16))
    drawn = precision.draw(0, 0, 60_000, np.random.default_rng(0))
    whole = precision.columns(0, 0, range(16))
    scale = np.sqrt(np.outer(np.diag(whole), np.diag(whole)))
    assert np.abs((drawn @ drawn.T / 60_000 - whole) / scale).max() < 0.03
    assert covariance.shape == (16, 16)


def test_widening_multiplies_the_noise_scales():
    models, *_ = survey(3)
    wide = widened(models, 1.7)
    assert wide.grid.noise == pytest.approx(1.7 * models.grid.noise)
    f = np.random.default_rng(0).normal(size=(3, 81))
    assert log_likelihood(widened(models, 1.0), f) == pytest.approx(log_likelihood(models, f))
    assert not np.allclose(log_likelihood(wide, f), log_likelihood(models, f))


def test_words():
    plain = Structure(chi=1.0, moran=0.0, local=0.97, p_local=0.6, p_chi=0.5)
    bad = Structure(chi=1.6, moran=0.4, local=1.9, p_local=0.005, p_chi=0.005)
    assert structure_words(plain) == (
        "The residuals show no more structure than the ground models expect."
    )
    assert "1.9 times" in structure_words(bad)
    assert "1.6 times" in structure_words(bad)
    assert "1 datum stands out" in structure_words(plain, (4,))
    assert "3 data stand out" in structure_words(plain, (4, 5, 6))
    assert (plain.widening, bad.widening) == (1.0, 1.9)
