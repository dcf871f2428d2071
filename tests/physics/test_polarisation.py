"""Polarisation factors: limits, the tie through one ratio, and the exact axial mode."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import special
from scipy.integrate import quad

from subterra.physics import (
    along_factor,
    bessel_k0,
    image_series,
    sphere_factor,
    transverse_factor,
)

ratios = st.floats(0.0, 100.0)


@pytest.mark.parametrize("x", [*np.geomspace(1e-6, 1.999, 25), 2.0, *np.linspace(2.001, 30.0, 25)])
def test_bessel_k0(x):
    assert bessel_k0(x) == pytest.approx(special.k0(x), rel=2e-6, abs=2e-7)


def test_bessel_k0_is_the_integral_it_is_defined_by():
    """K0(x) = ∫ exp(−x cosh t) dt over t > 0."""
    for x in (0.1, 0.7, 3.0):
        slow, _ = quad(lambda t, x=x: np.exp(-x * np.cosh(t)), 0.0, 12.0)
        assert bessel_k0(x) == pytest.approx(slow, rel=2e-6)


def test_air_and_nothing():
    assert transverse_factor(0.0) == 2.0
    assert along_factor(0.0, 1e-3, 1.0) == pytest.approx(1.0, abs=1e-5)
    assert sphere_factor(0.0) == 1.5
    for factor in (transverse_factor(1.0), along_factor(1.0, 1.0, 4.0), sphere_factor(1.0)):
        assert factor == 0.0


def test_perfect_conductors():
    assert transverse_factor(1e9) == pytest.approx(-2.0)
    assert sphere_factor(1e9) == pytest.approx(-3.0)
    # Along a conductor the current saturates at a value that its length sets, not its ratio.
    ka = 0.25
    limit = -1.0 / (0.5 * ka**2 * special.k0(ka))
    assert along_factor(1e9, 1.0, 4.0) == pytest.approx(limit, rel=1e-5)


@given(ratios, st.floats(0.05, 0.9))
def test_all_factors_have_the_sign_of_the_contrast(ratio, radius_over_depth):
    factors = (
        transverse_factor(ratio),
        along_factor(ratio, radius_over_depth, 1.0),
        sphere_factor(ratio),
    )
    assert all(np.sign(f) == np.sign(1.0 - ratio) for f in factors)


@given(ratios, st.floats(0.0, 5.0))
def test_more_resistive_polarises_more(ratio, more):
    for factor in (transverse_factor, sphere_factor, lambda r: along_factor(r, 0.3, 1.0)):
        assert factor(ratio) >= factor(ratio + more)


@given(st.floats(0.98, 1.02))
def test_weak_contrasts_are_borns(ratio):
    born = 1.0 - ratio
    assert transverse_factor(ratio) == pytest.approx(born, rel=0.02, abs=1e-12)
    assert sphere_factor(ratio) == pytest.approx(born, rel=0.02, abs=1e-12)
    assert along_factor(ratio, 0.1, 1.0) == pytest.approx(born, rel=0.02, abs=1e-12)
    # The saturation term is there at any ratio; the exact mode has none at ratio 1.
    assert along_factor(ratio, 0.3, 1.0) == pytest.approx(born, rel=0.07, abs=1e-12)


@given(st.floats(0.001, 100.0))
def test_a_cylinder_and_its_inverse_polarise_oppositely(ratio):
    """In the plane the roles of two conductivities can be exchanged (Keller 1964)."""
    assert transverse_factor(1.0 / ratio) == pytest.approx(-transverse_factor(ratio), abs=1e-9)


@pytest.mark.parametrize("ratio", [0.0, 0.2, 0.8, 1.2, 1.5])
@pytest.mark.parametrize("radius_over_depth", [0.1, 1.0 / 3.0, 0.5])
def test_along_a_cylinder_against_the_exact_mode(ratio, radius_over_depth):
    """Exact m = 0 mode B = (1 − ρ) I1/(K1 + ρ K0 I1/I0), normalised to the slender limit ½ka(1−ρ).

    The closed form is 0.90 to 1.00 of it where it is used, up to ρ = 1.5.
    """
    ka = radius_over_depth
    i0, i1, k0, k1 = (f(ka) for f in (special.i0, special.i1, special.k0, special.k1))
    exact = (1.0 - ratio) * i1 / (k1 + ratio * k0 * i1 / i0) / (0.5 * ka * ka)
    share = along_factor(ratio, ka, 1.0) / exact
    assert 0.90 <= share <= 1.0


@given(st.floats(0.0, 20.0), st.floats(0.05, 0.9))
def test_images_against_their_series(ratio, slender):
    """Sum and centre of the repeated images; their strength grows towards the surface."""
    strength, rise = image_series(ratio, slender, 1.0)
    k = (1.0 - ratio) / (1.0 + ratio)
    moment, height, total, mean = 1.0, 0.0, 1.0, 0.0
    for _ in range(200):
        far = 2.0 - height
        moment, height = k * moment * slender**2 / far**2, slender**2 / far
        total, mean = total + moment, mean + moment * height
    assert strength == pytest.approx(total, abs=1e-3)
    assert rise == pytest.approx(mean / total, abs=1e-3)
    assert (strength - 1.0) * k >= 0.0


def test_images_of_a_slender_cylinder_are_nothing():
    strength, rise = image_series(0.0, 0.01, 1.0)
    assert strength == pytest.approx(1.0 + 0.01**2 / 4.0, abs=1e-7)
    assert rise == pytest.approx(0.0, abs=1e-7)


def test_deeper_than_its_radius_or_not():
    """An axis nearer to the surface than the radius is treated as touching it."""
    assert along_factor(5.0, 2.0, 0.5) == along_factor(5.0, 2.0, 2.0)
