"""Response of four-electrode arrays against quadrature, closed forms, limits and symmetries."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from twins import Body, field, insulating_cylinder, potential, resistivity
from twins import geometric_sum as slow_sum

from subterra.errors import InputError
from subterra.physics import (
    electrode_fields,
    geometric_sum,
    log_response,
    make_quadripoles,
    resistivity_response,
)
from subterra.scene import Plane, make_scene, slot

quickly = settings(deadline=None, max_examples=25)
metres = st.floats(-4.0, 4.0)
depths = st.floats(1.0, 5.0)
ratios = st.sampled_from([0.0, 0.3, 3.0, 8.0])
vertex = st.tuples(metres, metres, depths).map(lambda v: np.array([v[0], v[1], -v[2]]))
heading = st.floats(0.0, np.pi)


def _through(middle, angle, grade):
    """A line that ends far beyond every array, where the midpoint rule has nothing to lose."""
    step = 60.0 * np.array([np.sin(angle), np.cos(angle), grade])
    return np.array([middle - step, middle + step])


through = st.builds(_through, vertex, heading, st.floats(-0.005, 0.005))
lines = st.builds(Body, through, st.floats(0.2, 0.45), st.just(-1.0), ratios)
balls = st.builds(
    Body, vertex.map(lambda v: v[None, :]), st.floats(0.2, 0.9), st.just(-1.0), ratios
)
bodies = st.one_of(lines, balls)
spot = st.tuples(metres, metres).map(np.array)
arrays = st.lists(spot, min_size=4, max_size=4).filter(
    lambda p: min(np.linalg.norm(p[i] - p[j]) for i in range(4) for j in range(i)) > 0.5
)


def respond(body, places, abmn=((0, 1, 2, 3),), surface=None):
    """F of one body, and the layout; ``places`` (k, 2) on the surface or (k, 3) below it."""
    places = np.asarray(places, float)
    z = places[:, 2] if places.shape[1] == 3 else None
    layout = make_quadripoles(places[:, 0], places[:, 1], z, np.array(abmn), surface)
    objects = slot(make_scene([body.item]), 0)
    return resistivity_response(objects, layout, surface)[0].astype(float)


def corners(places, abmn=(0, 1, 2, 3)):
    places = np.asarray(places, float)
    if places.shape[1] == 2:
        places = np.column_stack([places, np.zeros(len(places))])
    return [None if i < 0 else places[i] for i in abmn]


def well_posed(places):
    return abs(slow_sum(corners(places))) > 0.05


@settings(deadline=None, max_examples=12)
@given(bodies, arrays.filter(well_posed))
def test_agrees_with_quadrature(body, places):
    slow = resistivity(body, corners(places))
    scale = 0.02 / abs(slow_sum(corners(places)))
    assert respond(body, places)[0] == pytest.approx(slow, rel=0.01, abs=0.003 * scale)


@quickly
@given(bodies, arrays.filter(well_posed))
def test_current_and_potential_electrodes_can_be_exchanged(body, places):
    one, other = respond(body, places, [(0, 1, 2, 3), (2, 3, 0, 1)])
    assert other == pytest.approx(one, rel=1e-4, abs=1e-6)


@quickly
@given(bodies, arrays.filter(well_posed))
def test_turning_a_pair_round_changes_nothing(body, places):
    one, other, both = respond(body, places, [(0, 1, 2, 3), (1, 0, 2, 3), (1, 0, 3, 2)])
    assert [other, both] == pytest.approx([one, one], rel=1e-4, abs=1e-6)


@quickly
@given(balls, arrays.filter(well_posed), st.floats(-3.0, 3.0), metres, metres)
def test_turning_and_moving_everything_changes_nothing(body, places, angle, east, north):
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    axis = np.column_stack([body.axis[:, :2] @ turn.T + [east, north], body.axis[:, 2]])
    moved = Body(axis, body.radius, body.contrast, body.ratio)
    there = respond(moved, np.asarray(places) @ turn.T + [east, north])[0]
    assert there == pytest.approx(respond(body, places)[0], rel=1e-3, abs=1e-6)


@quickly
@given(lines, arrays.filter(well_posed), heading, metres, metres)
def test_turning_and_moving_a_tunnel_changes_little(body, places, angle, east, north):
    """The window that cuts a long object is a box along the axes, so ends move a little."""
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    axis = np.column_stack([body.axis[:, :2] @ turn.T + [east, north], body.axis[:, 2]])
    moved = Body(axis, body.radius, body.contrast, body.ratio)
    scale = 0.02 / abs(slow_sum(corners(places)))
    there = respond(moved, np.asarray(places) @ turn.T + [east, north])[0]
    assert there == pytest.approx(respond(body, places)[0], rel=0.01, abs=0.003 * scale)


@quickly
@given(balls, arrays.filter(well_posed), st.floats(0.3, 4.0))
def test_apparent_resistivity_has_no_scale(body, places, scale):
    larger = Body(scale * body.axis, scale * body.radius, body.contrast, body.ratio)
    there = respond(larger, scale * np.asarray(places))[0]
    assert there == pytest.approx(respond(body, places)[0], rel=1e-3, abs=1e-6)


@quickly
@given(lines.filter(lambda b: b.ratio < 1.5), arrays.filter(well_posed), st.floats(0.3, 0.7))
def test_a_line_that_carries_no_current_is_the_sum_of_its_parts(body, places, cut):
    middle = body.axis[0] + cut * (body.axis[1] - body.axis[0])
    parts = sum(
        respond(Body(axis, body.radius, body.contrast, body.ratio), places)[0]
        for axis in (np.array([body.axis[0], middle]), np.array([middle, body.axis[1]]))
    )
    scale = 0.02 / abs(slow_sum(corners(places)))
    # An end within the array costs the midpoint rule up to a few percent.
    assert parts == pytest.approx(respond(body, places)[0], rel=0.06, abs=0.06 * scale)


@quickly
@given(depths, st.floats(0.0, 1.0), st.floats(0.1, 0.45), st.booleans(), metres)
def test_a_small_array_over_an_insulator_reads_high(depth, ratio, slender, ball, north):
    spacing = 0.4 * depth
    wenner = [[-1.5, 0.0], [1.5, 0.0], [-0.5, 0.0], [0.5, 0.0]]
    places = spacing * np.array(wenner) + [0.0, north]
    line = [[0.0, -80.0, -depth], [0.0, 80.0, -depth]]
    axis = np.array([[0.0, north, -depth]] if ball else line)
    assert respond(Body(axis, slender * depth, -1.0, ratio), places)[0] >= 0.0
    assert respond(Body(axis, slender * depth, -1.0, 1.0 + 9.0 * ratio), places)[0] <= 0.0


def test_nothing_there_reads_nothing():
    places = [[0.0, 0.0], [3.0, 0.0], [1.0, 0.0], [2.0, 0.0]]
    host = Body(np.array([[1.0, 0.0, -1.0]]), 0.5, -1.0, 1.0)
    assert respond(host, places)[0] == 0.0
    layout = make_quadripoles(*np.array(places).T, None, np.array([[0, 1, 2, 3]]))
    assert not resistivity_response(slot(make_scene([]), 0), layout).any()


@pytest.mark.parametrize("ratio", [0.0, 0.5, 4.0])
@pytest.mark.parametrize("offset", [0.0, 1.5, 5.0, 12.0])
def test_cylinder_across_a_uniform_field(ratio, offset):
    """ΔE/E0 = 2 K a² (d² − x²)/(x² + d²)², K = (1 − ρ)/(1 + ρ): far A and B, close M and N."""
    a, d = 1.0, 5.0
    axis = np.array([[0.0, -300.0, -d], [0.0, 300.0, -d]])
    places = [[-900.0, 0.0], [900.0, 0.0], [offset - 0.1, 0.0], [offset + 0.1, 0.0]]
    k = (1.0 - ratio) / (1.0 + ratio)
    expected = 2.0 * k * a**2 * (d**2 - offset**2) / (offset**2 + d**2) ** 2
    found = respond(Body(axis, a, -1.0, ratio), places)[0]
    assert found == pytest.approx(expected, rel=0.01, abs=2e-4)


@pytest.mark.parametrize(
    ("slender", "exact", "error"),
    [
        (0.1, 0.0201, 0.005),
        (0.2, 0.0808, 0.005),
        (0.3, 0.1845, 0.005),
        (0.5, 0.5440, 0.005),
        (0.7, 1.2348, 0.04),
        (0.9, 3.2813, 0.22),
    ],
)
def test_published_table_over_an_insulating_cylinder(slender, exact, error):
    """The twin's image series gives every digit; ours is its sum at one place, good to a/d 0.7."""
    assert round(insulating_cylinder(slender, 1.0, 0.0), 4) == exact
    d = 4.0
    axis = np.array([[0.0, -250.0, -d], [0.0, 250.0, -d]])
    places = [[-800.0, 0.0], [800.0, 0.0], [-0.1, 0.0], [0.1, 0.0]]
    found = respond(Body(axis, slender * d), places)[0]
    assert found == pytest.approx(exact, rel=error)


def test_sphere_in_a_uniform_field():
    """Dipole moment a³ (1 − ρ)/(2 + ρ), doubled by its image: ΔE/E0 = 2 (a/d)³ at x = 0, ρ = 0.

    Over the centre the field of a dipole along x is −p/d³ with p = −½ a³ E0 for an insulator.
    """
    a, d = 0.8, 4.0
    places = [[-800.0, 0.0], [800.0, 0.0], [-0.05, 0.0], [0.05, 0.0]]
    for ratio, k in ((0.0, 0.5), (5.0, -4.0 / 7.0), (1e6, -1.0)):
        found = respond(Body(np.array([[0.0, 0.0, -d]]), a, -1.0, ratio), places)[0]
        assert found == pytest.approx(2.0 * k * (a / d) ** 3, rel=2e-3)


def test_a_uniform_field_along_an_endless_tunnel_is_not_disturbed():
    axis = np.array([[0.0, -300.0, -4.0], [0.0, 300.0, -4.0]])
    places = [[0.0, -800.0], [0.0, 800.0], [0.0, -0.1], [0.0, 0.1]]
    across = [[-800.0, 0.0], [800.0, 0.0], [-0.1, 0.0], [0.1, 0.0]]
    for ratio in (0.0, 5.0):
        body = Body(axis, 1.0, -1.0, ratio)
        assert abs(respond(body, places)[0]) < 0.03 * abs(respond(body, across)[0])


@pytest.mark.parametrize("n", [1, 2, 6])
@pytest.mark.parametrize("a", [0.5, 3.0])
def test_closed_forms_of_geometric_factors(a, n):
    """k = 2π/K of the common arrays on the surface."""
    x = a * np.array([0.0, 1.0, 1.0 + n, 2.0 + n])
    cases = {
        "Wenner": ((0.0, 3 * a, a, 2 * a), 2.0 * np.pi * a),
        "Schlumberger": ((0.0, (2 * n + 1) * a, n * a, (n + 1) * a), np.pi * n * (n + 1) * a),
        "dipole-dipole": ((x[1], x[0], x[2], x[3]), np.pi * n * (n + 1) * (n + 2) * a),
        "pole-dipole": ((x[1], None, x[2], x[3]), 2.0 * np.pi * n * (n + 1) * a),
        "pole-pole": ((0.0, None, a, None), 2.0 * np.pi * a),
    }
    for name, (place, expected) in cases.items():
        at = np.array([0.0 if p is None else p for p in place])
        abmn = np.array([[-1 if p is None else i for i, p in enumerate(place)]])
        total = geometric_sum(at, 0 * at, 0 * at, abmn)
        assert 2.0 * np.pi / total[0] == pytest.approx(expected, rel=1e-9), name


def test_deep_electrodes_are_in_a_whole_space_and_shallow_ones_on_a_half_space():
    """φ goes from 1/r on the surface to 1/(2r) far below it."""
    x = np.array([0.0, 0.0, 2.0, 2.0])
    z = np.array([-1000.0, 0.0, -1000.0, 0.0])
    deep, shallow = geometric_sum(x, 0 * x, z, np.array([[0, -1, 2, -1], [1, -1, 3, -1]]))
    assert deep == pytest.approx(0.5 / 2.0, rel=2e-3)
    assert shallow == pytest.approx(1.0 / 2.0)


@quickly
@given(vertex, vertex)
def test_fields_are_gradients_of_the_potential_with_image(electrode, place):
    away = np.linalg.norm(place - electrode)
    if away < 0.5:
        return
    step = 1e-4
    slope = [
        (potential(electrode, place + d) - potential(electrode, place - d)) / (2.0 * step)
        for d in step * np.eye(3)
    ]
    out = np.empty((1, 3), np.float32)
    e, q = (np.asarray(v, np.float32)[:, None] for v in (electrode, place))
    electrode_fields(*e, *q, 1, out)
    assert out[0] == pytest.approx(slope, rel=1e-4, abs=1e-5)
    assert field(electrode, place) == pytest.approx(slope, rel=1e-5, abs=1e-6)


def test_no_current_leaves_through_the_surface():
    electrode = np.array([1.0, -2.0, -3.0])
    out = np.empty((1, 3 * 40), np.float32)
    x, y = np.random.default_rng(0).uniform(-9.0, 9.0, (2, 40)).astype(np.float32)
    e = (v[None] for v in electrode.astype(np.float32))
    electrode_fields(*e, x, y, np.zeros(40, np.float32), 40, out)
    assert np.abs(out[0, 80:]).max() < 1e-6


@pytest.mark.parametrize("ratio", [0.0, 5.0])
@pytest.mark.parametrize("miss", [0.6, 1.0, 2.0])
def test_tunnel_between_electrode_strings(miss, ratio):
    """Buried electrodes: the quadrature must follow the distance to them, not the depth."""
    string = -np.arange(1.0, 9.0)
    places = np.array([[x, 0.0, z] for x in (0.0, 4.0) for z in string])
    abmn = [(i, 8 + i, j, 8 + j) for i in range(8) for j in range(8) if i != j][::3]
    body = Body(np.array([[miss, -25.0, -5.3], [miss + 0.4, 25.0, -5.3]]), 0.4, -1.0, ratio)
    slow = [resistivity(body, corners(places, q), list(places)) for q in abmn]
    found = respond(body, places, abmn)
    assert found == pytest.approx(slow, abs=0.015 * np.abs(slow).max())


def test_electrodes_at_a_body_give_numbers():
    """A hypothesis may put a body on an electrode; its response must stay a number."""
    places = np.array([[0.0, 0.0, -2.0], [4.0, 0.0, -2.0], [0.0, 0.0, -4.0], [4.0, 0.0, -4.0]])
    for axis in ([[0.0, 0.0, -4.0]], [[0.0, -9.0, -4.0], [0.0, 9.0, -4.0]]):
        found = respond(Body(np.array(axis), 0.5), places)
        assert np.isfinite(log_response(found)).all()


def test_remote_electrodes_are_the_limit_of_far_ones():
    body = Body(np.array([[0.5, -40.0, -2.0], [0.5, 40.0, -2.0]]), 0.5)
    places = np.array([[0.0, 0.0], [1e5, 0.0], [2.0, 0.0], [3.0, 0.0]])
    remote, far = respond(body, places[[0, 2, 3]], [(0, -1, 1, 2)]), respond(body, places)
    assert remote[0] == pytest.approx(far[0], rel=1e-3)
    assert remote[0] == pytest.approx(resistivity(body, corners(places, (0, -1, 2, 3))), rel=0.01)
    swapped = respond(body, places[[0, 2, 3]], [(-1, 0, 1, 2)])
    assert swapped[0] == pytest.approx(remote[0], rel=1e-5)


def test_an_object_beyond_the_window_is_silent():
    far = Body(np.array([[500.0, -60.0, -3.0], [500.0, 60.0, -3.0]]), 1.0)
    places = [[0.0, 0.0], [3.0, 0.0], [1.0, 0.0], [2.0, 0.0]]
    assert respond(far, places)[0] == 0.0
    # What is cut off is small indeed.
    assert abs(resistivity(far, corners(places))) < 1e-6


def test_a_level_surface_may_lie_at_any_height():
    body = Body(np.array([[0.5, -40.0, -2.0], [0.5, 40.0, -2.2]]), 0.5)
    lifted = Body(body.axis + np.array([0.0, 0.0, 250.0]), 0.5)
    places = np.array([[0.0, 0.0], [3.0, 0.0], [1.0, 0.0], [2.0, 0.0]])
    high = np.column_stack([places, np.full(4, 250.0)])
    expected = respond(body, places)[0]
    assert respond(lifted, high, surface=Plane(250.0))[0] == pytest.approx(expected, rel=1e-3)
    assert respond(lifted, places, surface=Plane(250.0))[0] == pytest.approx(expected, rel=1e-3)


def test_bad_layouts_are_refused():
    x, z = np.arange(4.0), np.array([0.0, 0.0, 1.0, 0.0])
    with pytest.raises(InputError, match=r"electrode 3 lies 1\.00 m above"):
        make_quadripoles(x, 0 * x, z, np.array([[0, 1, 2, 3]]))
    # M and N on a circle around A, B remote: no voltage, whatever the ground.
    y = np.array([0.0, 0.0, 1.0, -1.0])
    with pytest.raises(InputError, match="datum 1"):
        make_quadripoles(np.zeros(4), y, None, np.array([[0, -1, 2, 3]]))


def test_response_of_the_datum():
    fraction = np.array([-5.0, -0.9, -0.5, 0.0, 1.0, 50.0])
    expected = np.log([0.1, 0.1, 0.5, 1.0, 2.0, 51.0])
    assert log_response(fraction) == pytest.approx(expected)
