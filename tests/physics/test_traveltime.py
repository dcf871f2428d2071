"""First arrivals past voids: limits, symmetries, and two kinds of foreign physics."""

from __future__ import annotations

import numpy as np
import pytest
from cylinder_oracle import first_break_shift
from eikonal import first_arrivals
from hypothesis import given, settings
from hypothesis import strategies as st

from subterra.physics import make_rays, traveltime_response
from subterra.physics.void_delays import detour
from subterra.scene import make_scene, slot

LIGHT = 299792458.0
GRANITE = np.sqrt(7.0) / LIGHT
ROCK = 1.0 / 4000.0


def void(radius=1.0, fill="air", family="driven", axis=((0.0, -60.0, 0.0), (0.0, 60.0, 0.0))):
    item = {"family": family, "fill": fill, "axis": np.array(axis), "radius": radius}
    return slot(make_scene([item]), 0)


def level_rays(offsets, length=15.0, part=0.5):
    """Rays along x at given heights; the axis x = z = 0 is met at ``part`` of their length."""
    offsets = np.asarray(offsets, float)
    start = np.column_stack([np.full(len(offsets), -part * length), 0 * offsets, offsets])
    return make_rays(start, start + np.array([length, 0.0, 0.0]))


def times(objects, rays, medium="radar", host=GRANITE, wavelength=0.0, **more):
    n = len(rays)
    return traveltime_response(
        objects, rays, np.full(n, host), np.full(n, wavelength), medium, **more
    )[0].astype(float)


@pytest.mark.parametrize(("permittivity", "advance"), [(6.0, 9.7), (7.0, 11.0), (8.0, 12.2)])
def test_advance_of_a_chord_of_two_metres(permittivity, advance):
    host = np.sqrt(permittivity) / LIGHT
    assert -times(void(), level_rays([0.0]), host=host)[0] == pytest.approx(advance, abs=0.05)


def section_times(radius, offset, host, fill, h=0.05):
    """Eikonal time past a cylinder in its section less that of the host alone."""
    shape = (round(16.0 / h) + 1, round(12.0 / h) + 1)
    x, z = np.meshgrid(h * np.arange(shape[0]), h * np.arange(shape[1]), indexing="ij")
    inside = (x - 8.0) ** 2 + (z - 6.0) ** 2 < radius**2
    node = round(0.5 / h), round((6.0 + offset) / h)
    end = round(15.5 / h), node[1]
    even = np.full(shape, host)
    return (
        first_arrivals(np.where(inside, fill, host), h, node)[end]
        - first_arrivals(even, h, node)[end]
    )


@pytest.mark.parametrize("radius", [0.6, 1.0])
def test_short_waves_follow_the_eikonal_equation_through_air(radius):
    offsets = np.array([0.0, 0.5, 1.0, 1.5, 2.0])
    found = times(void(radius), level_rays(offsets))
    solved = [section_times(radius, b, GRANITE * 1e9, 1e9 / LIGHT) for b in offsets]
    np.testing.assert_allclose(found, solved, atol=0.05 * np.abs(solved).max())


@pytest.mark.parametrize("radius", [1.0, 2.0])
def test_short_waves_follow_the_eikonal_equation_around_air(radius):
    offsets = np.array([0.0, 0.4, 0.8])
    found = times(void(radius), level_rays(offsets), "seismic", ROCK)
    coarse, fine = (
        np.array([section_times(radius, b, ROCK * 1e3, 1e3 / 340.0, h) for b in offsets])
        for h in (0.05, 0.025)
    )
    # The solver is of first order: both steps together are of second.
    solved = 2.0 * fine - coarse
    np.testing.assert_allclose(found, solved, atol=0.12 * np.max(solved))


@pytest.mark.parametrize("radius", [0.5, 1.0, 1.5])
@pytest.mark.parametrize("frequency", [5e7, 1e8, 2e8])
def test_first_breaks_of_pulses_past_an_air_tunnel(frequency, radius):
    offsets = np.array([0.0, 0.5, 1.0, 1.5, 2.0, 2.5, 3.0])
    wavelength = 1.0 / (GRANITE * frequency)
    found = times(void(radius), level_rays(offsets), wavelength=wavelength)
    exact = 1e9 * first_break_shift(frequency, offsets, radius, GRANITE, 1.0 / LIGHT)
    assert np.sqrt(np.mean((found - exact) ** 2)) <= 0.2 * np.sqrt(np.mean(exact**2))


@pytest.mark.parametrize("radius", [0.5, 1.0])
@pytest.mark.parametrize("wavelength", [0.3, 1.0, 3.0])
def test_first_breaks_of_waves_past_a_cavity(wavelength, radius):
    offsets = np.array([0.0, 0.5, 1.0, 1.5, 2.0, 3.0])
    found = times(void(radius), level_rays(offsets), "seismic", ROCK, wavelength)
    frequency = 1.0 / (ROCK * wavelength)
    exact = 1e3 * first_break_shift(frequency, offsets, radius, ROCK, None, level=0.03)
    assert np.sqrt(np.mean((found - exact) ** 2)) <= 0.3 * np.sqrt(np.mean(exact**2))


@pytest.mark.parametrize(
    ("medium", "fill", "sign"),
    [
        ("radar", "air", -1.0),
        ("radar", "rubble", -1.0),
        ("radar", "water", 1.0),
        ("seismic", "air", 1.0),
        ("seismic", "rubble", 1.0),
        ("seismic", "water", 1.0),
    ],
)
def test_sign_of_a_void(medium, fill, sign):
    host, wavelength = (GRANITE, 1.1) if medium == "radar" else (ROCK, 2.0)
    for family in ("driven", "chamber"):
        axis = [[0.0, 0.0, 0.0]] if family == "chamber" else ((0, -60, 0), (0, 60, 0))
        found = times(void(1.0, fill, family, axis), level_rays([0.0, 0.5]), medium, host,
                      wavelength)  # fmt: skip
        assert np.all(sign * found > 0.0)


def test_water_in_soft_soil_is_faster_than_the_soil():
    assert times(void(1.0, "water"), level_rays([0.0]), "seismic", 1.0 / 400.0, 1.0)[0] < 0.0


axes = st.tuples(*[st.floats(-4.0, 4.0) for _ in range(6)])
ends = st.tuples(*[st.floats(-12.0, 12.0) for _ in range(6)])


def general(axis, end):
    axis, end = np.array(axis).reshape(2, 3), np.array(end).reshape(2, 3)
    axis[1] += [0.0, 3.0, 0.0]
    end[1] += [14.0, 0.0, 0.0]
    return axis, end


@settings(deadline=None, max_examples=40)
@given(axes, ends, st.sampled_from(["radar", "seismic"]), st.sampled_from(["air", "water"]))
def test_source_and_receiver_may_be_swapped(axis, end, medium, fill):
    axis, end = general(axis, end)
    host = GRANITE if medium == "radar" else ROCK
    there, back = make_rays(end[:1], end[1:]), make_rays(end[1:], end[:1])
    void_ = void(0.9, fill, axis=axis)
    first, second = (times(void_, rays, medium, host, 1.2)[0] for rays in (there, back))
    assert first == pytest.approx(second, abs=1e-5 * max(1.0, abs(first)))


@settings(deadline=None, max_examples=30)
@given(axes, ends, st.floats(0.0, 6.3), st.floats(-1e6, 1e6))
def test_the_frame_may_be_turned_about_the_vertical_and_moved(axis, end, angle, shift):
    axis, end = general(axis, end)
    turn = np.array([[np.cos(angle), -np.sin(angle), 0], [np.sin(angle), np.cos(angle), 0],
                     [0, 0, 1]])  # fmt: skip
    first = times(void(0.9, axis=axis), make_rays(end[:1], end[1:]), wavelength=1.2)[0]
    moved, there = (p @ turn.T + [shift, -shift, 100.0] for p in (axis, end))
    second = times(void(0.9, axis=moved), make_rays(there[:1], there[1:]), wavelength=1.2)[0]
    assert second == pytest.approx(first, abs=1e-3 * max(1.0, abs(first)))


def test_heights_above_and_below_the_axis_are_alike_and_far_ones_see_nothing():
    found = times(void(), level_rays([-40.0, -1.3, 1.3, 40.0]), wavelength=1.1)
    assert found[1] == pytest.approx(found[2], rel=1e-6)
    assert found[0] == found[3] == 0.0


def test_a_chain_of_segments_is_one_tunnel():
    long = times(void(axis=((0, -60, 0), (0, 60, 0))), level_rays([0.0, 0.7]), wavelength=1.1)
    joint = times(void(axis=((0, -60, 0), (0, 180, 0))), level_rays([0.0, 0.7]), wavelength=1.1)
    np.testing.assert_allclose(joint, long, rtol=1e-6)


def test_a_tunnel_that_stops_at_the_panel_counts_half_and_one_before_it_not_at_all():
    full = times(void(), level_rays([0.0]), wavelength=1.1)[0]
    touching = times(void(axis=((0, 0, 0), (0, 60, 0))), level_rays([0.0]), wavelength=1.1)[0]
    before = times(void(axis=((0, 6, 0), (0, 60, 0))), level_rays([0.0]), wavelength=1.1)[0]
    assert touching == pytest.approx(0.5 * full, rel=1e-5)
    assert abs(before) < 1e-3 * abs(full)


def test_delays_of_two_objects_add():
    scene = make_scene(
        [
            {"family": "driven", "fill": "air", "axis": [[0, -60, 0], [0, 60, 0]], "radius": 1.0},
            {"family": "chamber", "fill": "water", "axis": [[3, 0, 1]], "radius": 0.8},
        ]
    )
    rays = level_rays(np.linspace(-2, 2, 9))
    alone = [times(slot(scene, k), rays, wavelength=1.1) for k in (0, 1, 2)]
    assert np.all(alone[2] == 0.0)
    assert np.abs(alone[0]).max() > 5.0
    assert np.abs(alone[1]).max() > 1.0


@pytest.mark.parametrize("medium", ["radar", "seismic"])
def test_a_ray_that_begins_in_the_void_is_changed_by_the_part_inside(medium):
    host, unit = (GRANITE, 1e-9) if medium == "radar" else (ROCK, 1e-3)
    slow = 1.0 / LIGHT if medium == "radar" else 1.0 / 340.0
    rays = make_rays(np.array([[0.2, 0.0, 0.0]]), np.array([[15.0, 0.0, 0.0]]))
    found = times(void(), rays, medium, host, 1.1)[0]
    assert found == pytest.approx((slow - host) * 0.8 / unit, rel=1e-5)


def test_a_void_behind_the_receiver_is_not_seen():
    rays = make_rays(np.array([[-15.0, 0.0, 0.0]]), np.array([[-1.5, 0.0, 0.0]]))
    assert times(void(), rays, wavelength=1.1)[0] == 0.0


def test_water_in_the_invert_takes_away_what_is_under_it():
    rays = level_rays([-1.5, -0.5, 0.0, 0.5, 1.5])
    dry, half, full = (times(void(), rays, wavelength=0.3, invert=part) for part in (0, 0.6, 1))
    assert np.all(half >= dry)
    assert half[-1] == pytest.approx(dry[-1], rel=1e-6)
    assert half[0] > 0.9 * dry[0]
    assert np.all(full > dry)


def test_the_path_around_an_oblique_cylinder_unrolls():
    # Section path p, along the axis q: the geodesic is the hypotenuse of both.
    section = detour(7.0, 8.0, 0.3, 1.0, 0.0) + 15.0
    assert detour(7.0, 8.0, 0.3, 1.0, 9.0) == pytest.approx(
        np.hypot(section, 9.0) - np.hypot(15.0, 9.0), rel=1e-9
    )
    tangent = 2.0 * np.sqrt(7.5**2 - 1.0) + 2.0 * np.arcsin(1.0 / 7.5)
    assert detour(7.5, 7.5, 0.0, 1.0, 0.0) == pytest.approx(tangent - 15.0, rel=1e-9)


def test_a_void_right_at_an_antenna_gives_finite_times():
    axis = ((-7.4, -60, 1.2), (-7.4, 60, 1.2))
    for medium, host in (("radar", GRANITE), ("seismic", ROCK)):
        found = times(void(axis=axis), level_rays(np.linspace(-3, 3, 60)), medium, host, 1.1)
        assert np.isfinite(found).all()
        assert np.abs(found).max() < 15.0
