"""Head waves against the two-layer formula and the eikonal equation; nothing in even ground."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

from subterra.evidence.refraction import layer_slowness, overtaken_by_air, overtaken_by_layers
from subterra.physics import make_rays
from subterra.scene import Plane

sys.path.insert(0, str(Path(__file__).parents[1] / "physics"))
from eikonal import first_arrivals


def panel(wide=5.0, deep=12.0, step=0.5):
    at = np.arange(1.0, deep - 0.9, step)
    a, b = (v.ravel() for v in np.meshgrid(at, at, indexing="ij"))
    near = np.abs(a - b) <= wide
    a, b = a[near], b[near]
    zero = np.zeros(len(a))
    return make_rays(np.column_stack([zero, zero, -a]), np.column_stack([zero + wide, zero, -b]))


def eikonal_times(profile, rays, wide=5.0, deep=12.0, h=0.05):
    """First arrivals through level ground of a slowness by depth."""
    z = h * np.arange(round(deep / h) + 1)
    slowness = np.tile(profile(z), (round(wide / h) + 1, 1))
    source, receiver = -rays.at(0.0)[:, 2], -rays.at(1.0)[:, 2]
    out = np.empty(len(rays))
    for depth in np.unique(source.round(6)):
        time = first_arrivals(slowness, h, (0, round(depth / h)))[-1]
        these = np.isclose(source, depth)
        out[these] = time[np.rint(receiver[these] / h).astype(int)]
    return out


def test_nothing_overtakes_in_even_ground():
    rays = panel()
    height, slowness = layer_slowness(rays, 10.0 * rays.length + 3.0)
    assert slowness == pytest.approx(10.0, rel=0.01)
    assert overtaken_by_layers(rays, height, slowness).max() < 0.01 * 10.0 * 5.0


def test_a_head_wave_arrives_when_the_textbook_says():
    """Source and receiver 1 m over a fast half-space: T = u X + 2 h √(s² − u²)."""
    slow, fast, wide = 10.0, 6.0, 5.0
    rays, height = panel(), np.linspace(-12.0, 0.0, 481)
    early = overtaken_by_layers(rays, height, np.where(height < -6.0, fast, slow))
    ends = np.column_stack([rays.at(0.0)[:, 2], rays.at(1.0)[:, 2]])
    [here] = np.flatnonzero(np.all(np.isclose(ends, -5.0), axis=1))
    expected = slow * wide - (fast * wide + 2.0 * np.sqrt(slow**2 - fast**2))
    # The steepest way along the half-space itself costs a little.
    assert early[here] == pytest.approx(expected, rel=0.1)
    # At 4 m over it X is below the critical distance.
    [far] = np.flatnonzero(np.all(np.isclose(ends, -2.0), axis=1))
    assert early[far] == 0.0


def step(z):
    return np.where(z < 6.0, 10.0, 7.0)


def gradual(z):
    return 10.0 - 3.0 / (1.0 + np.exp(-(z - 6.0) / 0.4))


@pytest.mark.parametrize(("profile", "most"), [(step, 3.0), (gradual, 1.5)])
def test_the_widening_covers_what_straight_rays_miss(profile, most):
    rays = panel()
    true = eikonal_times(profile, rays)
    depth = 0.05 * np.arange(241)
    early = overtaken_by_layers(rays, -depth[::-1], profile(depth)[::-1])
    fine = np.linspace(0.0, 1.0, 401)
    at = -(rays.at(0.0)[:, 2:] + (rays.at(1.0) - rays.at(0.0))[:, 2:] * fine)
    straight = rays.length * profile(at).mean(axis=1)
    missed = straight - true
    assert missed.max() > most
    assert np.corrcoef(early, missed)[0, 1] > 0.7
    assert np.all(early < missed + 2.0)
    # What is fitted from the times themselves says where it is, too.
    fitted = overtaken_by_layers(rays, *layer_slowness(rays, true))
    assert np.corrcoef(fitted, missed)[0, 1] > 0.6


def test_air_overtakes_near_the_surface_only():
    rays = panel()
    early = overtaken_by_air(rays, np.full(len(rays), 10.0), 3.336, Plane())
    ends = np.column_stack([rays.at(0.0)[:, 2], rays.at(1.0)[:, 2]])
    assert early[np.all(np.isclose(ends, -1.0), axis=1)][0] > 5.0
    assert early[np.all(ends < -3.0, axis=1)].max() == 0.0


def test_a_level_survey_knows_no_layers():
    rays = make_rays(np.zeros((60, 3)), np.column_stack([np.linspace(5, 9, 60), np.ones(60) * 2, np.zeros(60)]))  # fmt: skip # noqa: E501
    height, slowness = layer_slowness(rays, rays.length * 3.0)
    assert len(height) == 0
    assert overtaken_by_layers(rays, height, slowness) == pytest.approx(0.0)
