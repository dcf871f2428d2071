"""The fused sum over nuisance nodes against its formula in NumPy."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import logsumexp

from subterra.ground.nodes import log_sum_nodes


def twin(log_norm, data_square, cross, square, kappa_2, amplitude):
    """The marginal likelihood of the module's head, term by term."""
    a = amplitude[None, :, None]
    yf, ff = a * cross[:, None, :].astype(float), a * a * square[:, None, :].astype(float)
    gain = 1.0 + kappa_2 * ff
    quadratic = data_square - 2.0 * yf + ff - kappa_2 * (yf - ff) ** 2 / gain
    return logsumexp(log_norm - 0.5 * (quadratic + np.log(gain)), axis=2)


@settings(deadline=None, max_examples=60)
@given(
    st.integers(0, 10_000),
    st.integers(1, 40),
    st.sampled_from([0.0, 0.05, 0.2, 1.0]),
    st.sampled_from([1e-3, 1.0, 1e3, 1e7]),
)
def test_against_the_formula(seed, n_node, kappa, size):
    """From no response to one so large that only the error of the response explains it."""
    rng = np.random.default_rng(seed)
    n = 5
    square = (size * rng.random((n, n_node))).astype(np.float32)
    data_square = size * rng.random(n_node)
    # Cauchy–Schwarz: |d'Wf| cannot exceed √(d'Wd · f'Wf).
    reach = np.sqrt(square * data_square)
    cross = (reach * rng.uniform(-1.0, 1.0, (n, n_node))).astype(np.float32)
    square[0], cross[0] = 0.0, 0.0
    log_norm = 50.0 * rng.standard_normal(n_node)
    amplitude = np.array([-1.0, 0.0, 0.3, 1.0, 1.8])
    out = np.empty((n, len(amplitude)))
    log_sum_nodes(
        log_norm, data_square, cross, square, np.full(len(cross), kappa**2), amplitude, out
    )
    expected = twin(log_norm, data_square, cross, square, kappa**2, amplitude)
    assert out == pytest.approx(expected, rel=1e-9, abs=1e-9)
    nothing = logsumexp(log_norm - 0.5 * data_square)
    assert out[0] == pytest.approx(np.full(5, nothing), rel=1e-12)
    assert out[:, 1] == pytest.approx(np.full(n, nothing), rel=1e-12)
