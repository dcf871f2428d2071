"""The deviation integral against closed forms, quadrature and sampling."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.stats import ncx2, norm

from subterra.search.deviation import (
    chord_of_hits,
    mass_of_hits,
    normal_cdf,
    stadium_mass,
    strip_mass,
)

offsets = st.floats(-5.0, 5.0)
radii = st.floats(0.3, 4.0)
spreads = st.floats(0.02, 3.0)


@given(st.floats(-40.0, 40.0))
@settings(deadline=None)
def test_normal_distribution(x):
    assert normal_cdf(x) == pytest.approx(norm.cdf(x), abs=1e-6)


@given(offsets, radii, spreads)
@settings(deadline=None)
def test_strip_is_the_closed_form_and_symmetric(offset, radius, sd):
    exact = norm.cdf((radius - offset) / sd) - norm.cdf((-radius - offset) / sd)
    assert strip_mass(offset, radius, sd) == pytest.approx(exact, abs=2e-6)
    assert strip_mass(-offset, radius, sd) == pytest.approx(exact, abs=2e-6)


@given(offsets, offsets, radii, spreads)
@settings(deadline=None)
def test_disc_is_a_noncentral_chi_square(offset, end, radius, sd):
    """A disc's mass under an offset normal is a chi-square with two degrees of freedom."""
    exact = ncx2.cdf((radius / sd) ** 2, 2, (offset**2 + end**2) / sd**2)
    assert stadium_mass(offset, end, end, radius, sd) == pytest.approx(exact, abs=5e-3)


@given(offsets, offsets, st.floats(0.0, 8.0), radii, st.floats(0.1, 3.0))
@settings(max_examples=40, deadline=None)
def test_stadium_by_adaptive_quadrature(offset, start, length, radius, sd):
    end = start + length

    def density(v):
        c = math.sqrt(max(radius**2 - v**2, 0.0))
        along = norm.cdf((end + c) / sd) - norm.cdf((start - c) / sd)
        return norm.pdf(v, -offset, sd) * along

    kinks = [v for v in (-offset,) if abs(v) < radius] or None
    exact = quad(density, -radius, radius, points=kinks, limit=200)[0]
    assert stadium_mass(offset, start, end, radius, sd) == pytest.approx(exact, abs=5e-3)


@given(offsets, radii, st.floats(0.05, 1.0))
@settings(deadline=None)
def test_long_stadium_is_a_strip(offset, radius, sd):
    strip = strip_mass(offset, radius, sd)
    assert mass_of_hits(offset, -100.0, 100.0, radius, sd) == strip
    assert stadium_mass(offset, -100.0, 100.0, radius, sd) == pytest.approx(strip, abs=2e-3)
    assert mass_of_hits(offset, 50.0, 100.0, radius, sd) == 0.0


@given(offsets, radii)
@settings(deadline=None)
def test_without_deviation_a_hole_hits_or_misses(offset, radius):
    expected = 1.0 if abs(offset) < radius else 0.0
    if abs(abs(offset) - radius) > 1e-2:
        assert mass_of_hits(offset, -50.0, 50.0, radius, 1e-4) == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize(("offset", "sd"), [(0.0, 0.05), (0.5, 0.3), (1.1, 0.3), (0.0, 5.0)])
def test_chord_of_the_holes_that_hit_a_line(offset, sd):
    """Root mean square half chord of sampled holes, as near as a normal stands in for a strip."""
    v = np.random.default_rng(3).normal(offset, sd, 200_000)
    v = v[np.abs(v) < 1.0]
    sampled = math.sqrt(np.mean(1.0 - v**2))
    assert chord_of_hits(offset, 0.0, False, 1.0, sd) == pytest.approx(sampled, abs=0.2)


@pytest.mark.parametrize(("offset", "sd"), [(0.0, 0.05), (0.5, 0.3), (0.0, 5.0)])
def test_chord_of_the_holes_that_hit_a_sphere(offset, sd):
    rng = np.random.default_rng(4)
    u, v = rng.normal(0.0, sd, 400_000), rng.normal(offset, sd, 400_000)
    square = (u**2 + v**2)[u**2 + v**2 < 1.0]
    assert chord_of_hits(offset, 0.0, True, 1.0, sd) == pytest.approx(
        math.sqrt(np.mean(1.0 - square)), abs=0.12
    )
