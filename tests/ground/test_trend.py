"""Trends and the grid of ground kernels."""

from __future__ import annotations

import numpy as np
import pytest

from subterra.ground import gravity_grid, gravity_trend, resistivity_grid, resistivity_trend


def spans(basis, column):
    fitted = basis @ np.linalg.lstsq(basis, column, rcond=None)[0]
    return np.abs(fitted - column).max() < 1e-9 * np.abs(column).max()


@pytest.mark.parametrize("origin", [(0.0, 0.0), (500_000.3, 5_600_000.7)])
def test_gravity_trend_is_a_plane(origin):
    rng = np.random.default_rng(0)
    x, y = rng.uniform(0.0, 100.0, (2, 30))
    basis = gravity_trend(x + origin[0], y + origin[1])
    assert basis.shape == (30, 3)
    assert all(spans(basis, c) for c in (np.ones(30), x, y))


def test_a_straight_line_has_one_gradient():
    s = np.linspace(0.0, 50.0, 20)
    assert gravity_trend(3.0 + 0.6 * s, 7.0 + 0.8 * s).shape == (20, 2)
    assert gravity_trend(s, np.full(20, 0.1)).shape == (20, 2)


def test_few_data_keep_few_trends():
    for n, columns in ((1, 1), (4, 1), (7, 1), (8, 2), (11, 2), (12, 3), (40, 3)):
        x = np.linspace(0.0, 1.0, n)
        assert gravity_trend(x, x**2).shape == (n, columns)


def test_resistivity_trend_lets_a_layered_ground_pass():
    rng = np.random.default_rng(1)
    x, y = rng.uniform(0.0, 30.0, (2, 40))
    depth = rng.uniform(0.3, 6.0, 40)
    basis = resistivity_trend(x, y, depth)
    assert basis.shape == (40, 4)
    assert all(spans(basis, c) for c in (np.ones(40), x, y, np.log(depth)))


def test_rounding_is_no_trend():
    """A constant that differs in its last digit between data is still a constant."""
    x = np.linspace(0.0, 9.0, 40)
    y = np.where(np.arange(40) % 3 == 0, 0.1, (0.1 + 0.1 + 0.1) / 3.0)
    assert np.ptp(y) > 0.0
    depth = np.where(np.arange(40) % 2 == 0, 0.519, 0.519 * (1.0 + 2e-16))
    assert resistivity_trend(x, y, depth).shape == (40, 2)
    assert resistivity_trend(x, y, np.where(np.arange(40) % 2 == 0, 1.0, 1.0 + 2e-16)).shape[1] == 2


@pytest.mark.parametrize("grid", [gravity_grid, resistivity_grid])
def test_grids_scale_with_the_spacing(grid):
    near, far = grid(2.0), grid(4.0)
    assert len({k.label for k in near}) == len(near) >= 5
    for a, b in zip(near, far, strict=True):
        assert b.horizontal_m == pytest.approx(2.0 * a.horizontal_m)
        assert (b.ratio, b.smoothness) == (a.ratio, a.smoothness)
        assert a.vertical_m * a.ratio == pytest.approx(a.horizontal_m)
    assert {k.smoothness for k in near} == {0.5, 1.5}
    assert min(k.ratio for k in near) == 1.0 < max(k.ratio for k in near)
