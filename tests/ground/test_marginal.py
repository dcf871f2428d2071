"""Marginal likelihood against the dense restricted likelihood; fits, focus and simulation."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import logsumexp
from twins_ground import dense_reml, restricted_projection

from subterra.ground import (
    NuisanceGrid,
    amplitude_scan,
    correlation,
    eigenbases,
    factorise,
    focus,
    ground_fit,
    log_likelihood,
    matched_snr,
    model_weights,
    simulate_noise,
    with_data,
)

N = 24
GRID = NuisanceGrid(np.array([0.5, 2.0, 6.0]), np.array([0.8, 1.3]), 0.2)


class Survey:
    """A made-up survey of one line with two ground kernels; everything dense is at hand."""

    def __init__(self, seed=0, n=N, columns=2):
        rng = np.random.default_rng(seed)
        self.rng = rng
        x = np.sort(rng.uniform(0.0, 30.0, n))
        lag = np.abs(x[:, None] - x[None, :])
        self.sd = rng.uniform(0.5, 2.0, n)
        self.trend = np.column_stack([np.ones(n), x / 30.0, (x / 30.0) ** 2])[:, :columns]
        self.covariances = [correlation(lag, 2.0, 0.5), 3.0 * correlation(lag, 8.0, 1.5)]
        self.observed = 5.0 + 0.1 * x + rng.normal(0.0, 2.0, n)
        self.response = -6.0 / (1.0 + (x - 14.0) ** 2 / 9.0)
        self.bases = eigenbases(self.sd, self.trend, self.covariances)

    def models(self, grid=GRID, observed=None, only=None):
        bases, labels = self.bases, ["short", "long"]
        if only is not None:
            bases, labels = [bases[0], *bases[1 + 3 * only : 4 + 3 * only]], [labels[only]]
        data = self.observed if observed is None else observed
        return factorise(data, self.sd, bases, labels, grid)

    def scenes(self, *amplitudes):
        return np.outer(amplitudes, self.response).astype(np.float32)


def one(amplitude, noise, kappa):
    return NuisanceGrid(np.array([amplitude]), np.array([noise]), kappa)


@settings(deadline=None, max_examples=30)
@given(
    st.integers(0, 1000),
    st.integers(1, 3),
    st.floats(0.05, 20.0),
    st.floats(0.5, 3.0),
    st.floats(0.0, 0.5),
    st.floats(-3.0, 3.0),
    st.integers(0, 1),
)
def test_each_node_is_the_dense_restricted_likelihood(seed, columns, s, e, kappa, scale, kernel):
    survey = Survey(seed, columns=columns)
    found = log_likelihood(survey.models(one(s, e, kappa), only=kernel), survey.scenes(scale))[0]
    response = survey.scenes(scale)[0].astype(float)
    cov = survey.covariances[kernel]
    dense = dense_reml(survey.observed, response, survey.sd, survey.trend, cov, s, e, kappa)
    assert found == pytest.approx(dense, rel=3e-6, abs=2e-4)


def test_nodes_and_kernels_are_summed_with_equal_prior():
    """Differences between nodes count as much as differences between scenes."""
    survey = Survey(1)
    nodes = [(c, s, e) for c in range(2) for s in GRID.amplitude for e in GRID.noise]
    amplitudes = (0.0, 0.5, 1.0, -1.0, 3.0)
    expected = []
    for f in survey.scenes(*amplitudes).astype(float):
        terms = [
            dense_reml(
                survey.observed, f, survey.sd, survey.trend, survey.covariances[c], s, e, GRID.kappa
            )
            for c, s, e in nodes
        ]
        expected.append(logsumexp(terms) - np.log(len(nodes)))
    found = log_likelihood(survey.models(), survey.scenes(*amplitudes))
    assert found == pytest.approx(expected, abs=2e-4)


def test_likelihood_is_a_density():
    """Over data in one free dimension (n = q + 1) its integral does not depend on the scene."""
    survey = Survey(3, n=4, columns=3)
    direction = np.linalg.svd(survey.trend.T)[2][-1]
    t = np.linspace(-400.0, 400.0, 40001)
    grid = NuisanceGrid(np.array([0.5, 2.0]), np.array([0.8, 1.3]), 0.2)
    empty = survey.models(grid, np.zeros(4))
    area = []
    for f in survey.scenes(0.0, 1.0, 4.0):
        # A response along the data is the same as data along the response, up to kappa.
        logs = [
            log_likelihood(with_data(empty, step * direction), f[None, :])[0] for step in t[::40]
        ]
        area.append(np.trapezoid(np.exp(logs), t[::40]))
    assert area == pytest.approx(area[0] * np.ones(3), rel=1e-3)


@pytest.mark.parametrize("size", [0.0, 1e3, -5e4, 9.8e8])
def test_a_trend_of_any_size_changes_nothing(size):
    """Absolute gravity is 9.8e8 µGal; the datum has a flat prior."""
    survey = Survey(2)
    scenes = survey.scenes(0.0, 1.0, 2.0)
    plain = log_likelihood(survey.models(), scenes)
    lifted = survey.observed + size * (1.0 + 0.3 * survey.trend[:, 1])
    found = log_likelihood(survey.models(observed=lifted), scenes)
    assert found == pytest.approx(plain, abs=1e-3)
    trended = (scenes + 40.0 * survey.trend[:, 1]).astype(np.float32)
    flat = survey.models(NuisanceGrid(GRID.amplitude, GRID.noise, 0.0))
    assert log_likelihood(flat, trended) == pytest.approx(log_likelihood(flat, scenes), abs=2e-3)


def test_new_data_on_the_same_layout():
    survey = Survey(4)
    other = survey.rng.normal(0.0, 3.0, N)
    renewed, made = with_data(survey.models(), other), survey.models(observed=other)
    scenes = survey.scenes(0.0, 1.0)
    assert np.array_equal(log_likelihood(renewed, scenes), log_likelihood(made, scenes))
    assert not np.allclose(
        log_likelihood(renewed, scenes), log_likelihood(survey.models(), scenes), atol=0.1
    )


def test_focus_keeps_the_share_of_the_prior():
    survey = Survey(5)
    models, scenes = survey.models(), survey.scenes(0.0, 1.0, -2.0)
    parts = [log_likelihood(focus(models, [g]), scenes) for g in range(2)]
    assert logsumexp(parts, axis=0) == pytest.approx(log_likelihood(models, scenes), abs=1e-5)
    share = np.exp(np.array(parts) - log_likelihood(models, scenes)).T
    assert model_weights(models, scenes) == pytest.approx(share, abs=1e-5)
    assert model_weights(models, scenes).sum(axis=1) == pytest.approx(np.ones(3))
    both = focus(models, [1, 0])
    assert both.labels == ("long", "short")
    assert log_likelihood(both, scenes) == pytest.approx(log_likelihood(models, scenes), abs=1e-5)


def test_amplitude_scan_is_the_likelihood_ratio():
    survey = Survey(6)
    models, trial = survey.models(), np.array([-1.0, 0.0, 0.3, 1.0, 1.8])
    found = amplitude_scan(models, survey.scenes(1.0, 2.0), trial)
    null = log_likelihood(models, survey.scenes(0.0))[0]
    for row, base in zip(found, (1.0, 2.0), strict=True):
        expected = log_likelihood(models, survey.scenes(*(base * trial))) - null
        assert row == pytest.approx(expected, abs=2e-4)


@pytest.mark.parametrize("scale", [0.1, 1.0, 5.0])
def test_matched_snr(scale):
    """√(f'Pf) with the trend projected out; over several nodes between the extremes of them."""
    survey = Survey(7)
    f = survey.scenes(scale)[0].astype(float)
    cov = survey.covariances[1]
    project = restricted_projection(survey.sd, survey.trend, cov, 2.0, 1.3)
    found = matched_snr(survey.models(one(2.0, 1.3, 0.1), only=1), survey.scenes(scale))[0]
    assert found == pytest.approx(np.sqrt(f @ project @ f), rel=1e-5)
    extremes = [
        matched_snr(survey.models(one(s, e, 0.1), only=c), survey.scenes(scale))[0]
        for s in GRID.amplitude
        for e in GRID.noise
        for c in range(2)
    ]
    assert min(extremes) <= matched_snr(survey.models(), survey.scenes(scale))[0] <= max(extremes)


def test_fit_of_the_ground_is_kriging():
    survey = Survey(8)
    f = survey.response
    s, e = 2.0, 0.8
    ground, noise = ground_fit(survey.models(one(s, e, 0.0), only=0), f)
    cov = survey.covariances[0]
    project = restricted_projection(survey.sd, survey.trend, cov, s, e)
    weights = project @ (survey.observed - f)
    # Trend-free parts: what the flat trend would take is taken from each.
    whitened = survey.trend / survey.sd[:, None]
    q, _ = np.linalg.qr(whitened)
    clear = np.eye(N) - survey.sd[:, None] * (q @ q.T) / survey.sd
    assert ground == pytest.approx(clear @ (s**2 * cov @ weights), abs=1e-4)
    assert noise == pytest.approx(clear @ (e**2 * survey.sd**2 * weights), abs=1e-4)


def test_fit_adds_up():
    """Observed = response + trend + ground + noise, and the trend is one."""
    survey = Survey(9)
    for models in (survey.models(), survey.models(one(1e-6, 1.0, 0.0))):
        ground, noise = ground_fit(models, survey.response)
        rest = survey.observed - survey.response - ground - noise
        fitted = survey.trend @ np.linalg.lstsq(survey.trend, rest, rcond=None)[0]
        assert rest == pytest.approx(fitted, abs=1e-4)
    # Without ground all that is left is noise.
    assert np.abs(ground).max() < 1e-6


def test_simulated_noise_has_the_moments_of_the_models():
    survey = Survey(10, n=7, columns=2)
    grid = NuisanceGrid(np.array([0.4, 1.0]), np.array([0.5, 2.0]), 0.2)
    models, rng = survey.models(grid), np.random.default_rng(0)
    draws, errors = zip(*(simulate_noise(models, rng) for _ in range(20000)), strict=True)
    draws = np.array(draws)
    q, _ = np.linalg.qr(survey.trend / survey.sd[:, None])
    clear = np.eye(7) - survey.sd[:, None] * (q @ q.T) / survey.sd
    nodes = [(c, s, e) for c in survey.covariances for s in grid.amplitude for e in grid.noise]
    mean = np.mean([s * s * c + e * e * np.diag(survey.sd**2) for c, s, e in nodes], axis=0)
    expected = clear @ mean @ clear.T
    scale = np.sqrt(np.outer(np.diag(expected), np.diag(expected)))
    assert np.abs(np.cov(draws.T) - expected).max() < 0.08 * scale.max()
    assert np.abs(draws.mean(axis=0) / np.sqrt(np.diag(expected))).max() < 0.04
    assert np.std(errors) == pytest.approx(grid.kappa, rel=0.03)
    # Noise without trend: the flat prior of the trend has nothing to draw from.
    assert np.abs((draws / survey.sd) @ q).max() < 1e-4 * np.abs(draws).max()


def test_simulated_data_prefer_the_scene_they_came_from():
    survey = Survey(11)
    models, rng = survey.models(), np.random.default_rng(1)
    for truth in (0.0, 3.0):
        f = survey.scenes(truth)[0].astype(float)
        gain = []
        for _ in range(200):
            noise, error = simulate_noise(models, rng)
            at = log_likelihood(
                with_data(models, (1.0 + error) * f + noise), survey.scenes(0.0, 3.0)
            )
            gain.append((at[0] - at[1]) * (1.0 if truth == 0.0 else -1.0))
        assert np.mean(gain) > 4.0 * np.std(gain) / np.sqrt(200)


def test_a_response_beyond_the_domain_is_trusted_less():
    """Three times the domain has three times the error; inside it nothing changes."""
    survey = Survey(5)
    largest = float(np.abs(survey.response).max())
    inside = NuisanceGrid(GRID.amplitude, GRID.noise, 0.2, domain=1.01 * largest)
    beyond = NuisanceGrid(GRID.amplitude, GRID.noise, 0.2, domain=largest / 3.0)
    wider = NuisanceGrid(GRID.amplitude, GRID.noise, 0.6)
    scenes = survey.scenes(1.0)
    plain = log_likelihood(survey.models(), scenes)
    assert log_likelihood(survey.models(inside), scenes) == pytest.approx(plain, abs=1e-6)
    found = log_likelihood(survey.models(beyond), scenes)
    assert found == pytest.approx(log_likelihood(survey.models(wider), scenes), abs=1e-4)
    assert found != pytest.approx(plain, abs=0.01)
    assert beyond.response_error(survey.scenes(0.1, -2.0)) == pytest.approx([0.2, 1.2], rel=1e-5)
