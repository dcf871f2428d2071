"""Layered earth against the image series, quadrature of boundary conditions, and identities."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from twins_layered import layered, two_layers

from subterra.errors import InputError
from subterra.physics import LayeredEarth, layered_gradient, layered_potential, parse_layers

quickly = settings(deadline=None, max_examples=30)
rho = st.floats(np.log(5.0), np.log(5000.0)).map(lambda v: float(np.exp(v)))
thick = st.floats(0.3, 8.0)
earths = st.integers(1, 4).flatmap(
    lambda n: st.builds(
        lambda a, b: LayeredEarth(tuple(a), tuple(b)),
        st.lists(rho, min_size=n, max_size=n),
        st.lists(thick, min_size=n - 1, max_size=n - 1),
    )
)
below = st.floats(0.0, 15.0)
away = st.floats(0.3, 60.0)


@pytest.mark.parametrize("rho2", [1.0, 10.0, 1000.0, 1e5])
@pytest.mark.parametrize("thickness", [0.5, 2.0, 10.0])
def test_two_layers_are_the_image_series(rho2, thickness):
    r = thickness * np.array([0.05, 0.1, 0.5, 1.0, 5.0, 30.0])
    exact = [two_layers(100.0, rho2, thickness, v) for v in r]
    found = layered_potential(LayeredEarth((100.0, rho2), (thickness,)), r, 0.0, 0.0)
    assert found == pytest.approx(exact, rel=1e-4 if rho2 > 1e4 else 1e-6)


@pytest.mark.parametrize("source", [0.0, 1.0, 3.0, 7.0])
@pytest.mark.parametrize("depth", [0.6, 2.0, 6.0])
@pytest.mark.parametrize("r", [0.7, 5.0])
def test_agrees_with_quadrature_of_the_boundary_conditions(source, depth, r):
    rhos, thickness = (100.0, 20.0, 700.0), (1.5, 3.0)
    psi, radial, down = layered(rhos, thickness, source, depth, r)
    earth = LayeredEarth(rhos, thickness)
    size = np.hypot(radial, down)
    assert layered_potential(earth, r, source, depth) == pytest.approx(psi, rel=1e-5)
    along, up = layered_gradient(earth, r, source, depth)
    assert along == pytest.approx(radial, abs=1e-5 * size)
    assert up == pytest.approx(-down, abs=1e-5 * size)


@quickly
@given(earths, below, below, away)
def test_source_and_point_can_be_exchanged(earth, one, other, r):
    there = layered_potential(earth, r, one, other)
    assert layered_potential(earth, r, other, one) == pytest.approx(there, rel=2e-5)


@quickly
@given(rho, st.lists(thick, max_size=3), below, below, away)
def test_equal_layers_are_a_half_space(value, thickness, source, depth, r):
    earth = LayeredEarth((value,) * (len(thickness) + 1), tuple(thickness))
    near, far = np.hypot(r, depth - source), np.hypot(r, depth + source)
    expected = 0.5 * value * (1.0 / near + 1.0 / far)
    assert layered_potential(earth, r, source, depth) == pytest.approx(expected, rel=1e-9)


@quickly
@given(earths, below, below, away, st.floats(0.2, 5.0), st.floats(0.1, 10.0))
def test_lengths_and_resistivities_have_no_scale(earth, source, depth, r, length, level):
    larger = LayeredEarth(
        tuple(level * v for v in earth.resistivity_ohmm),
        tuple(length * v for v in earth.thickness_m),
    )
    scaled = layered_potential(larger, length * r, length * source, length * depth)
    here = layered_potential(earth, r, source, depth)
    assert scaled == pytest.approx(here * level / length, rel=2e-5)


@quickly
@given(earths, below, below, away)
def test_splitting_a_layer_changes_nothing(earth, source, depth, r):
    first = earth.thickness_m[0] if earth.thickness_m else 4.0
    split = LayeredEarth(
        (earth.resistivity_ohmm[0], *earth.resistivity_ohmm),
        (0.4 * first, 0.6 * first, *earth.thickness_m[1:]) if earth.thickness_m else (0.4 * first,),
    )
    here = layered_potential(earth, r, source, depth)
    assert layered_potential(split, r, source, depth) == pytest.approx(here, rel=4e-5)


@quickly
@given(earths, away, below)
def test_no_current_leaves_through_the_surface(earth, r, source):
    radial, vertical = layered_gradient(earth, r, source, 0.0)
    assert abs(vertical) < 1e-5 * abs(radial) + 1e-12


@quickly
@given(earths, away, below)
def test_current_and_potential_are_continuous_at_interfaces(earth, r, source):
    for k, z in enumerate(earth.tops_m[1:]):
        if abs(z - source) < 0.05:
            continue
        over, under = layered_gradient(earth, r, source, np.array([z - 1e-7, z + 1e-7]))[1]
        size = np.abs(layered_gradient(earth, r, source, z)[0])
        flux = (over / earth.resistivity_ohmm[k], under / earth.resistivity_ohmm[k + 1])
        assert flux[0] == pytest.approx(flux[1], rel=1e-3, abs=1e-5 * size)
        psi = layered_potential(earth, r, source, np.array([z - 1e-7, z + 1e-7]))
        # Both sides are exact to 2e-5.
        assert psi[0] == pytest.approx(psi[1], rel=4e-5)


def test_far_over_an_insulator_current_spreads_in_the_layer():
    """ψ falls by (ρ/h) ln 2 from r to 2r: all current stays in the layer."""
    earth = LayeredEarth((50.0, 1e6), (2.0,))
    near, far = layered_potential(earth, np.array([40.0, 80.0]), 0.0, 0.0)
    assert near - far == pytest.approx(50.0 / 2.0 * np.log(2.0), rel=3e-3)


def test_layers_are_read_and_written():
    earth = parse_layers("100:1.5, 20:3,700")
    assert earth == LayeredEarth((100.0, 20.0, 700.0), (1.5, 3.0))
    assert parse_layers(earth.text()) == earth
    assert parse_layers("80") == LayeredEarth((80.0,))
    assert list(earth.resistivity_at([0.0, 1.4, 1.5, 4.4, 4.5, 99.0])) == [
        100.0,
        100.0,
        20.0,
        20.0,
        700.0,
        700.0,
    ]
    for text in ("", "100:2", "100,20", "a:b,c", "100:2:3,5", "nan:1,3"):
        with pytest.raises(ValueError, match=r"RHO1:H1|expected"):
            parse_layers(text)


def test_impossible_layers_are_refused():
    for rhos, thickness in (((), ()), ((1.0, 2.0), ()), ((-1.0,), ()), ((1.0, 2.0), (0.0,))):
        with pytest.raises(InputError):
            LayeredEarth(rhos, thickness)
    with pytest.raises(InputError):
        layered_potential(LayeredEarth((1.0,)), 1.0, -1.0, 0.0)
