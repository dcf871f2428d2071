"""Ground through points: exact at them, level across a straight line, no overshoot."""

from __future__ import annotations

import numpy as np
import pytest

from subterra.ground import surface_through

RNG = np.random.default_rng(4)


def test_a_section_goes_on_level_across_its_line():
    along = np.linspace(0.0, 20.0, 21)
    x, y = 3.0 + 0.6 * along, 5.0 + 0.8 * along
    height = np.sin(along / 3.0)
    ground = surface_through(x, y, height)
    assert ground(x, y) == pytest.approx(height)
    assert ground(x - 0.8 * 7.0, y + 0.6 * 7.0) == pytest.approx(height)
    middle = 0.5 * (height[3] + height[4])
    assert ground(x[3:4] + 0.3, y[3:4] + 0.4) == pytest.approx(middle)
    # Beyond the ends the last height goes on.
    assert ground(x[:1] - 60.0, y[:1] - 80.0) == pytest.approx(height[0])


def test_a_plan_is_met_at_its_points_and_not_overshot():
    x, y = RNG.uniform(0.0, 30.0, (2, 60))
    height = 0.1 * x + np.sin(y / 4.0)
    ground = surface_through(x, y, height)
    assert ground(x, y) == pytest.approx(height, abs=1e-6)
    px, py = np.meshgrid(np.linspace(-20, 50, 30), np.linspace(-20, 50, 30))
    found = ground(px, py)
    assert found.shape == px.shape
    assert found.min() >= height.min()
    assert found.max() <= height.max()


def test_of_points_in_one_place_the_highest_stands_on_the_ground():
    x = np.repeat(np.arange(6.0), 2)
    height = np.tile([0.5, -3.0], 6)
    ground = surface_through(x, 0.0 * x, height)
    assert ground(np.array([2.5]), np.array([1.0])) == pytest.approx(0.5)


def test_the_frame_does_not_matter():
    x, y = RNG.uniform(0.0, 30.0, (2, 40))
    height = RNG.normal(size=40)
    at = RNG.uniform(5.0, 25.0, (2, 10))
    here = surface_through(x, y, height)(*at)
    there = surface_through(x + 4e5, y + 5e6, height)(at[0] + 4e5, at[1] + 5e6)
    assert there == pytest.approx(here, abs=1e-6)
