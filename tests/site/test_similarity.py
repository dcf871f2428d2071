"""The closed form of the similarity is that of the four normal equations."""

from __future__ import annotations

import numpy as np
import pytest

from subterra.errors import InputError
from subterra.site.similarity import fit_similarity


def design(u):
    one, nothing = np.ones(len(u)), np.zeros(len(u))
    return np.vstack(
        [
            np.column_stack([u.real, -u.imag, one, nothing]),
            np.column_stack([u.imag, u.real, nothing, one]),
        ]
    )


def test_it_is_the_weighted_least_squares_of_the_design_matrix():
    rng = np.random.default_rng(4)
    u = rng.uniform(0.0, 2e3, 9) + 1j * rng.uniform(-1e3, 0.0, 9)
    x = 4e5 + 5e6j + 0.3 * np.exp(0.4j) * u + rng.normal(size=9) + 1j * rng.normal(size=9)
    sd = rng.uniform(0.5, 4.0, 9)
    found = fit_similarity(u, x, sd**-2.0)
    rows = design(u)
    normal = (rows.T * np.tile(sd**-2.0, 2)) @ rows
    data = np.concatenate([x.real - 4e5, x.imag - 5e6])
    wanted = np.linalg.solve(normal, rows.T @ (np.tile(sd**-2.0, 2) * data))
    assert found.factor == pytest.approx(complex(wanted[0], wanted[1]), rel=1e-9)
    at = np.array([100.0 - 900.0j, 1500.0 + 20.0j])
    there = (design(at) @ wanted).reshape(2, 2)
    np.testing.assert_allclose(found.place(at) - (4e5 + 5e6j), there[0] + 1j * there[1], atol=1e-6)
    variance = np.einsum("ij,jk,ik->i", design(at), np.linalg.inv(normal), design(at))
    np.testing.assert_allclose(found.variance(at), variance[:2], rtol=1e-9)


def test_points_in_one_place_are_refused():
    with pytest.raises(InputError, match="in one place"):
        fit_similarity(np.zeros(3, complex), np.arange(3) + 0j, np.ones(3))
