"""Leave-one-out residuals against brute force; planted blunders found, anomalies left alone."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from subterra.ground import (
    CovarianceRoot,
    NuisanceGrid,
    OutlierModel,
    correlation,
    eigenbases,
    factorise,
    find_outliers,
    focus,
    leave_one_out,
    log_likelihood,
    make_whitening,
    neighbours_of,
    outlier_odds,
    with_noise,
)
from subterra.ground.outliers import _averages
from subterra.ground.precision import precision_of


def survey(seed=0, side=9, ground=3.0, grid=None, dtype=np.float64, shared=0):
    """Stations on a square grid over correlated ground, with a plane and unit noise."""
    rng = np.random.default_rng(seed)
    x, y = (v.ravel() for v in np.meshgrid(4.0 * np.arange(side), 4.0 * np.arange(side)))
    place = np.column_stack([x, y])
    lag = np.linalg.norm(place[:, None] - place[None], axis=2)
    covariance = correlation(lag, 12.0, 1.5)
    n = len(x)
    sd = rng.uniform(0.8, 1.2, n)
    trend = np.column_stack([np.ones(n), x, y])
    columns = rng.normal(0.0, 1.0, (n, shared)) * (rng.random((n, shared)) < 0.3)
    field = np.linalg.cholesky(covariance + 1e-9 * np.eye(n)) @ rng.normal(size=n)
    noise = sd * rng.normal(size=n) + columns @ rng.normal(size=shared)
    observed = 40.0 + 0.3 * x - 0.2 * y + ground * field + noise
    grid = grid or NuisanceGrid(np.array([1.0, 3.0, 9.0]), np.array([1.0, 1.6, 2.6]), 0.1)
    model = make_whitening(sd, columns)
    bases = eigenbases(model, trend, [covariance], dtype)
    return factorise(observed, model, bases, ["one"], grid), covariance, trend, place, observed


def one(s, e):
    return NuisanceGrid(np.array([s]), np.array([e]), 0.0)


@settings(deadline=None, max_examples=15)
@given(st.integers(0, 1000), st.floats(0.1, 5.0), st.floats(0.5, 2.0), st.integers(0, 24))
def test_leave_one_out_is_kriging_without_the_datum(seed, s, e, i):
    models, covariance, trend, _, observed = survey(seed, 5, grid=one(s, e))
    found = leave_one_out(models, np.zeros(25))
    v = s * s * covariance + e * e * np.diag(models.sd**2)
    rest = np.arange(25) != i
    inverse = np.linalg.inv(v[np.ix_(rest, rest)])
    b, b_i = trend[rest], trend[i]
    inner = np.linalg.inv(b.T @ inverse @ b)
    beta = inner @ b.T @ inverse @ observed[rest]
    cross = v[i, rest] @ inverse
    prediction = b_i @ beta + cross @ (observed[rest] - b @ beta)
    away = b_i - cross @ b
    variance = v[i, i] - cross @ v[rest, i] + away @ inner @ away
    assert found.residual[i] == pytest.approx(observed[i] - prediction, rel=1e-7, abs=1e-8)
    assert found.sd[i] == pytest.approx(np.sqrt(variance), rel=1e-8)


@pytest.mark.parametrize("shared", [0, 3])
def test_odds_are_those_of_the_two_dense_models(shared):
    """With other data inflated, with noise that data share: brute force by determinants."""
    models, covariance, trend, _, observed = survey(3, 5, grid=one(2.0, 1.2), shared=shared)
    model, others = OutlierModel(0.03, 6.0), [4, 11]
    odds = _averages(precision_of(models, np.zeros(25)), others, model)[0]
    noise = models.noise
    full = (noise.modes * noise.spread**2) @ noise.modes.T
    full = models.sd[:, None] * (np.eye(25) + full) * models.sd

    def log_evidence(index):
        extra = np.zeros(25)
        extra[list(index)] = 35.0 * models.sd[list(index)] ** 2
        v = 4.0 * covariance + 1.44 * (full + np.diag(extra))
        inverse = np.linalg.inv(v)
        inner = trend.T @ inverse @ trend
        half = inverse @ trend
        project = inverse - half @ np.linalg.solve(inner, half.T)
        logs = np.linalg.slogdet(v)[1] + np.linalg.slogdet(inner)[1]
        return -0.5 * (logs + observed @ project @ observed)

    for i in (0, 4, 7, 11, 24):
        without = [j for j in others if j != i]
        expected = log_evidence([*without, i]) - log_evidence(without) + np.log(0.03 / 0.97)
        assert odds[i] == pytest.approx(expected, abs=1e-7)


def test_planted_blunders_are_found_and_nothing_else():
    wrong, kept = [], 0
    for seed in range(12):
        models, _, _, place, observed = survey(seed)
        rng = np.random.default_rng([7, seed])
        planted = np.sort(rng.choice(len(place), 3, replace=False))
        size = rng.uniform(12.0, 30.0, 3) * rng.choice([-1.0, 1.0], 3)
        spoiled = observed.copy()
        spoiled[planted] += size
        bad = factorise(spoiled, models.noise, bases_of(models), models.labels, models.grid)
        found = find_outliers(bad, np.zeros(len(place)), neighbours_of(place))
        wrong += [i for i in found if i not in planted]
        kept += len(set(planted) - set(found))
        assert len(find_outliers(models, np.zeros(len(place)), neighbours_of(place))) <= 1
    assert len(wrong) <= 1
    # Seed 8 plants two of one sign side by side, which is what a void looks like.
    assert kept <= 4


def bases_of(models):
    flat = [models.trend]
    for parts in zip(models.basis, models.eigen, models.rest, strict=True):
        flat.extend(parts)
    return flat


@pytest.mark.parametrize("size", [-10.0, -20.0, -40.0])
@pytest.mark.parametrize("width", [3.0, 5.0, 9.0])
def test_an_anomaly_that_neighbours_share_is_no_blunder(size, width):
    """A void between or under stations: whatever is flagged must not take its signal away."""
    for seed in range(3):
        models, _, _, place, observed = survey(seed)
        at = np.array([16.0, 14.0])
        bump = size * np.exp(-((place - at) ** 2).sum(axis=1) / width**2)
        data = factorise(observed + bump, models.noise, bases_of(models), ["one"], models.grid)
        found = find_outliers(data, np.zeros(len(place)), neighbours_of(place))
        strong = np.flatnonzero(np.abs(bump) > 3.0)
        assert not set(found) & set(strong)


def test_too_many_are_noise():
    models, _, _, place, observed = survey(1)
    rng = np.random.default_rng(0)
    heavy = observed + 15.0 * rng.standard_t(1.5, len(place))
    data = factorise(heavy, models.noise, bases_of(models), ["one"], models.grid)
    assert len(find_outliers(data, np.zeros(len(place)), neighbours_of(place))) <= 8


def test_a_scene_that_explains_a_datum_frees_it():
    models, _, _, place, observed = survey(2)
    spike = np.zeros(len(place))
    spike[40] = 20.0
    data = factorise(observed + spike, models.noise, bases_of(models), ["one"], models.grid)
    responses = np.stack([np.zeros_like(spike), spike])
    chance = [outlier_odds(data, responses, w, ())[40] for w in (np.array([1.0, 0.0]), [0.5, 0.5])]
    assert chance[0] > 0.99
    assert chance[1] == pytest.approx(0.5, abs=0.02)


@pytest.mark.parametrize("rank", [None, 6])
def test_other_noise_without_the_covariances(rank):
    """Inflated data and shared columns put in afterwards are those put in at once."""
    models, covariance, trend, _, observed = survey(4, 6)
    if rank:
        source = np.linalg.cholesky(covariance + 1e-9 * np.eye(36))[:, :rank]
        covariance = CovarianceRoot(source)
    sd = models.sd
    plain = factorise(
        observed, sd, eigenbases(sd, trend, [covariance, covariance], np.float64), "ab", models.grid
    )
    sd = np.where(np.isin(np.arange(36), [3, 20]), 10.0, 1.0) * sd
    columns = np.random.default_rng(0).normal(size=(36, 2))
    noise = make_whitening(sd, columns)
    bases = eigenbases(noise, trend, [covariance, covariance], np.float64)
    expected = factorise(observed, noise, bases, "ab", models.grid)
    found = with_noise(plain, noise)
    scenes = np.random.default_rng(1).normal(size=(5, 36)) * 3.0
    assert log_likelihood(found, scenes) == pytest.approx(
        log_likelihood(expected, scenes), abs=1e-8
    )
    half = with_noise(focus(plain, [1]), noise)
    assert log_likelihood(half, scenes) == pytest.approx(
        log_likelihood(focus(expected, [1]), scenes), abs=1e-8
    )
