"""Correlation functions and their averages over cells against quadrature and closed forms."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import dblquad
from scipy.special import gamma, kv

from subterra.ground import averaged_correlation, correlation

lengths = st.floats(0.2, 20.0)


@pytest.mark.parametrize("smoothness", [0.5, 1.5])
def test_matern(smoothness):
    """The closed forms are the Matérn family with argument √(2ν) d/l."""
    lag, length = np.array([0.01, 0.4, 1.0, 3.0, 9.0]), 1.7
    u = np.sqrt(2.0 * smoothness) * lag / length
    matern = 2.0 ** (1.0 - smoothness) / gamma(smoothness) * u**smoothness * kv(smoothness, u)
    assert correlation(lag, length, smoothness) == pytest.approx(matern, rel=1e-12)
    assert correlation(np.zeros(1), length, smoothness) == 1.0
    assert correlation(-lag, length, smoothness) == pytest.approx(matern)


def test_other_smoothness_is_refused():
    with pytest.raises(ValueError, match="smoothness must be"):
        correlation(np.ones(1), 1.0, 2.5)


@pytest.mark.parametrize("smoothness", [0.5, 1.5])
def test_averages_against_quadrature(smoothness):
    edges, length = np.array([-1.0, 0.0, 0.4, 2.5, 6.0]), 1.3
    mean = averaged_correlation(edges, length, smoothness)

    def c(u, v):
        return float(correlation(np.array(u - v), length, smoothness))

    for i in range(4):
        for j in range(i + 1):
            slow, _ = dblquad(c, edges[i], edges[i + 1], edges[j], edges[j + 1], epsabs=1e-7)
            slow /= np.diff(edges)[i] * np.diff(edges)[j]
            assert mean[i, j] == pytest.approx(slow, rel=1e-5)


def exponential_average(edges, length):
    """Averages of exp(−d/l) written as products of one-cell integrals: with itself, and apart."""
    w = np.diff(edges) / length
    full = np.expm1(-w) / w
    gap = (edges[None, :-1] - edges[1:, None]) / length
    upper = np.triu(np.exp(-np.maximum(gap, 0.0)) * np.outer(full, full), 1)
    return upper + upper.T + np.diag(2.0 / w * (1.0 + full))


@settings(deadline=None, max_examples=40)
@given(st.lists(st.floats(0.1, 12.0), min_size=1, max_size=8), lengths)
def test_averages_of_the_exponential(widths, length):
    edges = np.concatenate([[0.0], np.cumsum(widths)])
    mean = averaged_correlation(edges, length, 0.5)
    exact = exponential_average(edges, length)
    assert mean == pytest.approx(exact, rel=1e-6, abs=1e-9)


@settings(deadline=None, max_examples=30)
@given(st.lists(st.floats(0.1, 8.0), min_size=2, max_size=8), lengths, st.sampled_from([0.5, 1.5]))
def test_averages_are_a_covariance(widths, length, smoothness):
    edges = np.concatenate([[0.0], np.cumsum(widths)])
    mean = averaged_correlation(edges, length, smoothness)
    assert mean == pytest.approx(mean.T, abs=1e-12)
    assert np.all(mean > -1e-9)
    assert np.all(mean <= 1.0 + 1e-12)
    assert np.linalg.eigvalsh(mean).min() > -1e-9
    # Averaging lowers the variance, the more the wider the cell.
    assert np.all(np.diff(np.diag(mean)[np.argsort(widths)]) <= 1e-9)
