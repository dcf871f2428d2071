"""Placing local frames; geometric factors."""

from __future__ import annotations

import numpy as np
import pytest

from subterra.formats.electrodes import flat_surface_factor, place


@pytest.mark.parametrize(
    ("rotation_deg", "axis_x", "axis_y"),
    [
        (0.0, (1, 0), (0, 1)),
        (90.0, (0, 1), (-1, 0)),
        (180.0, (-1, 0), (0, -1)),
        (-90.0, (0, -1), (1, 0)),
        (450.0, (0, 1), (-1, 0)),
        (45.0, (np.sqrt(0.5), np.sqrt(0.5)), (-np.sqrt(0.5), np.sqrt(0.5))),
    ],
)
def test_local_axes_turn_counter_clockwise(rotation_deg, axis_x, axis_y):
    x_m, y_m = place(np.array([1.0, 0.0]), np.array([0.0, 1.0]), (10.0, 20.0), rotation_deg)
    np.testing.assert_allclose(x_m, [10 + axis_x[0], 10 + axis_y[0]], rtol=1e-15)
    np.testing.assert_allclose(y_m, [20 + axis_x[1], 20 + axis_y[1]], rtol=1e-15)


def test_factors_follow_from_the_potential_of_a_half_space():
    """U = rho I / (2 pi r) per current electrode, evaluated at M and N with rho = I = 1."""
    rng = np.random.default_rng(3)
    position = rng.uniform(0, 50, (20, 3))
    abmn = np.array([rng.permutation(20)[:4] for _ in range(50)])

    def potential(i, at):
        return 1 / (2 * np.pi * np.linalg.norm(position[i] - position[at]))

    voltage = [
        potential(a, m) - potential(b, m) - potential(a, n) + potential(b, n) for a, b, m, n in abmn
    ]
    factor = flat_surface_factor(position, abmn.astype(np.int32))
    np.testing.assert_allclose(factor * voltage, 1.0, rtol=1e-9)


def test_swapping_m_and_n_turns_the_sign():
    position = np.column_stack([np.arange(4.0), np.zeros(4), np.zeros(4)])
    abmn = np.array([[0, 1, 2, 3], [0, 1, 3, 2], [0, -1, 1, -1]], dtype=np.int32)
    factor = flat_surface_factor(position, abmn)
    np.testing.assert_allclose(factor, [-6 * np.pi, 6 * np.pi, 2 * np.pi], rtol=1e-12)


def test_where_no_potential_can_be_taken_there_is_no_factor():
    square = np.array([[0.0, 0, 0], [2, 0, 0], [1, 1, 0], [1, -1, 0], [0, 0, 0]])
    abmn = np.array([[0, 1, 2, 3], [0, 1, 4, 2]], dtype=np.int32)
    assert np.isnan(flat_surface_factor(square, abmn)).all()
