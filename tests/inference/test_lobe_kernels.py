"""Compiled pieces of lobes against the same in NumPy, line by line as it is defined."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.linalg import solve_triangular
from scipy.special import ndtri

from subterra.inference.lobe_kernels import fit_normal, log_over_prior, place_gaps

Array = np.ndarray
SEEDS = st.integers(0, 2**32 - 1)


def log_ratio(z: Array, mean: Array, root: Array) -> Array:
    white = solve_triangular(root, (z - mean).T, lower=True)
    return 0.5 * (z * z).sum(axis=1) - 0.5 * (white**2).sum(axis=0) - np.log(np.diag(root)).sum()


def fitted(z: Array, member: Array, left: Array) -> tuple[Array, Array, Array] | None:
    d = z.shape[1]
    share, mean, root = member.astype(np.float64), np.zeros(d), np.eye(d)
    for _ in range(5):
        total = share.sum()
        if total < 2.0 * d:
            return None
        mean = share @ z / total
        away = z - mean
        spread = (away * share[:, None]).T @ away / total
        kept = total / (total + d)
        spread = kept * spread + np.diag((1.0 - kept) * np.diag(spread) + 1e-5)
        root = np.linalg.cholesky(spread)
        weight = np.clip(total / left.sum(), 1e-3, 1.0 - 1e-3)
        odds = log_ratio(z, mean, root) + np.log(weight / (1.0 - weight))
        share = left / (1.0 + np.exp(-np.clip(odds, -500.0, 500.0)))
    return mean, root, share


def gaps(unit: Array, turns: Array, at: Array, left: Array) -> Array:
    """Distances from places that each candidate has turned and mirrored for itself."""
    heading = unit[:, 0] + turns[:, None]
    crossed = (heading < 0.0) | (heading >= 1.0)
    offset = np.where(crossed, 1.0 - unit[:, 1], unit[:, 1])
    depth = np.broadcast_to(unit[:, 2], heading.shape)
    places = ndtri(np.stack([np.mod(heading, 1.0), offset, depth], axis=2))
    own = places[np.arange(len(at)), at]
    distance = np.max(np.abs(places - own[:, None]) * np.array([1.0, 1.0, 0.3]), axis=2)
    distance[:, left <= 0.5] = np.inf
    return distance


@settings(deadline=None, max_examples=40)
@given(SEEDS, st.integers(1, 15), st.integers(1, 40))
def test_density_over_the_prior(seed: int, d: int, n: int) -> None:
    rng = np.random.default_rng(seed)
    z, mean = 3.0 * rng.standard_normal((n, d)), rng.standard_normal(d)
    root = np.tril(rng.standard_normal((d, d)), -1) + np.diag(rng.uniform(0.1, 2.0, d))
    out = np.empty(n)
    log_over_prior(z, mean, root, out)
    np.testing.assert_allclose(out, log_ratio(z, mean, root), rtol=1e-7, atol=1e-7)


@settings(deadline=None, max_examples=40)
@given(SEEDS, st.integers(1, 12), st.integers(20, 120), st.floats(0.01, 1.0))
def test_fit_is_that_of_its_slow_twin(seed: int, d: int, n: int, width: float) -> None:
    rng = np.random.default_rng(seed)
    z = rng.standard_normal((n, d))
    many = n // 2
    z[:many] = rng.standard_normal(d) + width * z[:many]
    left = rng.uniform(0.3, 1.0, n)
    member = np.arange(n) < many + n // 10
    expected = fitted(z, member, left)
    mean, root, share = np.empty(d), np.full((d, d), np.nan), member.astype(np.float64)
    assert fit_normal(z, left, share, mean, root) == (expected is not None)
    if expected is not None:
        for found, twin in zip((mean, np.tril(root), share), expected, strict=True):
            np.testing.assert_allclose(found, twin, rtol=1e-6, atol=1e-8)
        assert np.array_equal(root, np.tril(root))


def test_a_fit_that_loses_its_objects_is_none() -> None:
    z = np.random.default_rng(1).standard_normal((30, 10))
    share, left = np.repeat([1.0, 0.0], (19, 11)), np.ones(30)
    assert not fit_normal(z, left, share, np.empty(10), np.empty((10, 10)))


@settings(deadline=None, max_examples=40)
@given(SEEDS, st.integers(1, 8), st.integers(8, 60))
def test_gaps_are_those_of_places_turned_one_by_one(seed: int, c: int, n: int) -> None:
    rng = np.random.default_rng(seed)
    unit = rng.uniform(1e-6, 1.0 - 1e-6, (n, 3))
    at, left = rng.choice(n, c, replace=False), rng.random(n)
    turns = 0.5 - unit[at, 0]
    heading = unit[:, 0] + turns[:, None]
    crossed = (heading < 0.0) | (heading >= 1.0)
    out = np.empty((c, n))
    seen = ndtri(np.mod(heading, 1.0))
    place_gaps(seen, crossed, ndtri(unit[:, 1]), ndtri(unit[:, 2]), at, left, out)
    assert np.isinf(out).sum() == c * (left <= 0.5).sum()
    # The probit of 1 − u loses digits where u is tiny; that of u, negated, does not.
    assert out == pytest.approx(gaps(unit, turns, at, left), rel=1e-7, abs=1e-7)
