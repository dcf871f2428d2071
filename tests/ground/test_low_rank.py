"""Roots, truncated bases and the bound of the refinement, against dense double precision."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import logsumexp
from twins_ground import dense_reml, restricted_projection

from subterra.ground import (
    CovarianceRoot,
    NuisanceGrid,
    correlation,
    eigenbases,
    factorise,
    focus,
    ground_fit,
    log_likelihood,
    make_whitening,
    marginal,
    matched_snr,
    simulate_noise,
    spectrum,
    whitened,
)

GRID = NuisanceGrid(np.array([0.3, 1.5, 4.0]), np.array([0.8, 1.3]), 0.2)


def layout(seed, n=20, rank=9, shared=0):
    """Data on a line over unknowns on a finer line; noise columns shared by some data."""
    rng = np.random.default_rng(seed)
    x, source = np.sort(rng.uniform(0.0, 30.0, n)), np.linspace(-5.0, 35.0, rank)
    root = 3.0 / (1.0 + (x[:, None] - source) ** 2 / 8.0)
    sd = rng.uniform(0.5, 2.0, n)
    trend = np.column_stack([np.ones(n), x / 30.0])
    columns = rng.normal(0.0, 1.5, (n, shared)) * (rng.random((n, shared)) < 0.5)
    observed = 5.0 + 0.1 * x + rng.normal(0.0, 2.0, n)
    response = -6.0 / (1.0 + (x - 14.0) ** 2 / 9.0)
    return rng, sd, trend, root, columns, observed, response


def dense_log(observed, f, sd, trend, root, columns, grid):
    """Sum over nodes of the dense restricted likelihood whose noise is e²(D² + LL')."""
    noise = np.diag(sd**2) + columns @ columns.T
    half = np.linalg.cholesky(noise)
    terms = [
        dense_reml(
            np.linalg.solve(half, observed),
            np.linalg.solve(half, f),
            np.ones(len(sd)),
            np.linalg.solve(half, trend),
            np.linalg.solve(half, np.linalg.solve(half, root @ root.T).T),
            s,
            e,
            grid.kappa,
        )
        for s, e in zip(*grid.nodes(), strict=True)
    ]
    return logsumexp(terms) - np.log(len(terms))


@settings(deadline=None, max_examples=40)
@given(
    st.integers(0, 10_000),
    st.integers(8, 24),
    st.integers(1, 30),
    st.integers(0, 4),
    st.floats(0.0, 0.5),
    st.floats(-3.0, 3.0),
)
def test_root_and_dense_are_the_restricted_likelihood(seed, n, rank, shared, kappa, scale):
    """In double precision to 1e-9, whatever the rank, with noise that data share."""
    _, sd, trend, root, columns, observed, f = layout(seed, n, rank, shared)
    grid = NuisanceGrid(GRID.amplitude, GRID.noise, kappa)
    expected = dense_log(observed, scale * f, sd, trend, root, columns, grid)
    noise = make_whitening(sd, columns)
    for covariance in (CovarianceRoot(root), root @ root.T):
        bases = eigenbases(noise, trend, [covariance], np.float64)
        models = factorise(observed, noise, bases, ["one"], grid)
        found = log_likelihood(models, scale * f[None, :])[0]
        assert found == pytest.approx(expected, abs=1e-9 * max(1.0, abs(expected)))


def test_a_root_leaves_the_rest_to_totals():
    _, sd, trend, root, _, observed, _ = layout(1, 20, 5)
    bases = eigenbases(sd, trend, [CovarianceRoot(root)])
    assert bases[1].shape == (5, 20)
    models = factorise(observed, sd, bases, ["one"], GRID)
    assert models.free == 18
    gram = models.basis[0] @ models.basis[0].T
    assert gram == pytest.approx(np.eye(5), abs=1e-6)
    assert models.basis[0] @ models.trend == pytest.approx(np.zeros((5, 2)), abs=1e-6)


def test_fit_with_a_root_is_kriging():
    _, sd, trend, root, _, observed, f = layout(2)
    grid = NuisanceGrid(np.array([1.5]), np.array([0.8]), 0.0)
    bases = eigenbases(sd, trend, [CovarianceRoot(root)])
    models = factorise(observed, sd, bases, ["one"], grid)
    ground, noise = ground_fit(models, f)
    weights = restricted_projection(sd, trend, root @ root.T, 1.5, 0.8) @ (observed - f)
    q, _ = np.linalg.qr(trend / sd[:, None])
    clear = np.eye(len(sd)) - sd[:, None] * (q @ q.T) / sd
    assert ground == pytest.approx(clear @ (1.5**2 * root @ root.T @ weights), abs=1e-4)
    assert noise == pytest.approx(clear @ (0.8**2 * sd**2 * weights), abs=1e-4)


def test_noise_drawn_with_a_root_has_its_covariance():
    _, sd, trend, root, columns, observed, _ = layout(3, 8, 3, 2)
    noise = make_whitening(sd, columns)
    grid = NuisanceGrid(np.array([0.5, 1.0]), np.array([0.7, 1.5]), 0.2)
    bases = eigenbases(noise, trend, [CovarianceRoot(root)])
    models, rng = factorise(observed, noise, bases, ["one"], grid), np.random.default_rng(0)
    draws = np.array([simulate_noise(models, rng)[0] for _ in range(20000)])
    full = np.diag(sd**2) + columns @ columns.T
    mean = np.mean(
        [s * s * root @ root.T + e * e * full for s, e in zip(*grid.nodes(), strict=True)], axis=0
    )
    inverse = np.linalg.inv(full)
    inner = np.linalg.solve(trend.T @ inverse @ trend, trend.T @ inverse)
    clear = np.eye(8) - trend @ inner
    expected = clear @ mean @ clear.T
    assert np.abs(np.cov(draws.T) - expected).max() < 0.06 * np.diag(expected).max()


class Large:
    """A survey of 700 data over a field in the plane, large enough to be refined."""

    def __init__(self, seed=0, n=700):
        rng = np.random.default_rng(seed)
        self.place = rng.uniform(0.0, 60.0, (n, 2))
        lag = np.linalg.norm(self.place[:, None] - self.place[None], axis=2)
        self.sd = rng.uniform(0.5, 1.5, n)
        self.trend = np.column_stack([np.ones(n), self.place / 60.0])
        self.covariances = [correlation(lag, 6.0, 1.5), 2.0 * correlation(lag, 12.0, 0.5)]
        ground = np.linalg.cholesky(self.covariances[1] + 1e-9 * np.eye(n)) @ rng.normal(size=n)
        self.observed = 3.0 * ground + self.sd * rng.normal(size=n) + 900.0
        self.responses = np.array(
            [
                a * np.exp(-((self.place - at) ** 2).sum(axis=1) / width**2)
                for at in ((20.0, 30.0), (44.0, 9.0))
                for width in (1.5, 4.0, 15.0)
                for a in (-0.1, -2.0, -30.0)
            ]
        )

    def models(self, dtype):
        bases = eigenbases(self.sd, self.trend, self.covariances, dtype)
        return factorise(self.observed, self.sd, bases, ["short", "long"], GRID)


def test_refinement_keeps_its_bound(monkeypatch):
    """Narrow and wide, weak and strong responses: each within 0.002 of double precision."""
    survey = Large()
    quick = log_likelihood(survey.models(np.float32), survey.responses.astype(np.float32))
    snr = matched_snr(survey.models(np.float32), survey.responses.astype(np.float32))
    monkeypatch.setattr(marginal, "_SMALL", 10**6)
    whole = survey.models(np.float64)
    assert len(whole.ladder[0].rank) == 1
    exact = log_likelihood(whole, survey.responses)
    error = np.abs(quick - exact)
    assert np.all(error < 2e-3 + 2e-6 * np.abs(exact - exact.max()))
    assert error.max() > 1e-6
    assert snr == pytest.approx(matched_snr(whole, survey.responses), rel=1e-3)


def test_scenes_are_refined_one_by_one():
    """What stands beside a scene in its chunk changes its score by rounding only."""
    survey = Large(1)
    models, some = survey.models(np.float32), survey.responses.astype(np.float32)
    alone = np.array([log_likelihood(models, f[None, :])[0] for f in some])
    assert log_likelihood(models, some) == pytest.approx(alone, abs=2e-3)
    assert log_likelihood(focus(models, [1, 0]), some) == pytest.approx(alone, abs=3e-3)


@pytest.mark.parametrize("size", [1e3, 1e5])
def test_a_trend_in_the_response_does_not_leak(size):
    survey = Large(2)
    models = survey.models(np.float32)
    flat = factorise(
        survey.observed,
        survey.sd,
        eigenbases(survey.sd, survey.trend, survey.covariances),
        models.labels,
        NuisanceGrid(GRID.amplitude, GRID.noise, 0.0),
    )
    some = survey.responses.astype(np.float32)
    moved = (survey.responses + size * survey.trend[:, 1]).astype(np.float32)
    # The response itself loses digits in single precision: 6e-8 of the trend.
    assert log_likelihood(flat, moved) == pytest.approx(
        log_likelihood(flat, some), abs=2e-3 + 2e-4 * size / 1e2
    )


@pytest.mark.parametrize("shared", [0, 5])
def test_the_leading_part_of_a_large_covariance(monkeypatch, shared):
    """Leading eigenpairs, the mean of the others from the trace, and what that costs."""
    survey, rng = Large(3, 400), np.random.default_rng(0)
    columns = rng.normal(size=(400, shared)) * (rng.random((400, shared)) < 0.1)
    noise, covariance = make_whitening(survey.sd, columns), survey.covariances[0]
    whole = eigenbases(noise, survey.trend, [covariance], np.float64)
    monkeypatch.setattr(spectrum, "_SOLVED", 100)
    monkeypatch.setattr(spectrum, "_LEAST_KEPT", 200)
    _, vectors, values, (mean, top) = eigenbases(noise, survey.trend, [covariance], np.float64)
    assert vectors.shape == (200, 400)
    assert vectors @ vectors.T == pytest.approx(np.eye(200), abs=1e-8)
    assert values[:100] == pytest.approx(whole[2][:100], rel=1e-4)
    assert mean == pytest.approx(whole[2][200:].mean(), rel=0.02)
    assert mean <= top
    responses = survey.responses[:, :400]
    exact, found = (
        log_likelihood(factorise(survey.observed, noise, bases, ["one"], GRID), responses)
        for bases in (whole, [whole[0], vectors, values, np.array([mean, top])])
    )
    assert found - found[0] == pytest.approx(exact - exact[0], abs=0.4)


def test_coordinates_need_a_complete_basis():
    _, sd, trend, root, columns, observed, f = layout(5, 12, 12, 2)
    noise = make_whitening(sd, columns)
    dense = factorise(
        observed, noise, eigenbases(noise, trend, [root @ root.T], np.float64), ["one"], GRID
    )
    h = dense.project[0] @ f
    assert h == pytest.approx(dense.basis[0] @ whitened(dense, f), abs=1e-10)
    short = eigenbases(noise, trend, [CovarianceRoot(root[:, :3])])
    with pytest.raises(ValueError, match="do not span"):
        _ = factorise(observed, noise, short, ["one"], GRID).project


def test_the_root_of_many_data_is_solved_by_its_small_product(monkeypatch):
    _, sd, trend, root, _, observed, f = layout(8, 40, 12)
    found = []
    for solved in (4000, 10):
        monkeypatch.setattr(spectrum, "_SOLVED", solved)
        bases = eigenbases(sd, trend, [CovarianceRoot(root)], np.float64)
        assert bases[1] @ bases[1].T == pytest.approx(np.eye(len(bases[1])), abs=1e-6)
        models = factorise(observed, sd, bases, ["one"], GRID)
        found.append(log_likelihood(models, np.stack([0.0 * f, f, -2.0 * f])))
    assert found[1] == pytest.approx(found[0], abs=1e-6)
