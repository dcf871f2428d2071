"""Responses over a layered background: limits, symmetries, quadrature, and foreign arithmetic."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from subterra.errors import InputError
from subterra.kernel import single
from subterra.physics import (
    LayeredEarth,
    layered_background,
    layered_gradient,
    layered_sum,
    make_quadripoles,
    resistivity_response,
)
from subterra.physics.background import layered_fields
from subterra.scene import Plane, make_scene, slot

THREE = LayeredEarth((100.0, 20.0, 700.0), (1.5, 3.0))
quickly = settings(deadline=None, max_examples=6)
spot = st.tuples(st.floats(-4.0, 4.0), st.floats(-4.0, 4.0)).map(np.array)
arrays = st.lists(spot, min_size=4, max_size=4).filter(
    lambda p: min(np.linalg.norm(p[i] - p[j]) for i in range(4) for j in range(i)) > 0.7
)
earths = st.builds(
    lambda a, b, c, h, t: LayeredEarth((a, b, c), (h, t)),
    *[st.sampled_from([20.0, 100.0, 400.0])] * 3,
    st.floats(0.5, 2.0),
    st.floats(0.5, 3.0),
)


def drive(depth=3.0, radius=0.5, ratio=0.0, x=0.4, family="working"):
    item = {
        "family": family,
        "fill": "air" if ratio < 1e-3 else "water",
        "axis": [[x, -60.0, -depth], [x + 0.3, 60.0, -depth]],
        "radius": radius,
        "conductivity_ratio": ratio,
    }
    if family == "chamber":
        item["axis"] = [[x, 0.5, -depth]]
    return slot(make_scene([item]), 0)


def over(earth, layout, body, surface=None):
    background = layered_background(earth, layout, deepest_m=12.0, spacing_m=1.0)
    return resistivity_response(body, layout, surface, background)[0].astype(float)


def line(n=12, spacing=1.0):
    x = spacing * (np.arange(n) - 0.5 * (n - 1))
    abmn = [(i, i + 1, i + 1 + k, i + 2 + k) for k in range(1, 5) for i in range(n - k - 2)]
    return make_quadripoles(x, 0.0 * x, None, np.array(abmn))


@pytest.mark.parametrize(
    ("burial", "worst", "rms"),
    [(0.0, 1.5e-3, 5e-4), (0.4, 1.5e-3, 5e-4), (2.0, 1.5e-3, 5e-4), (5.5, 2e-2, 3e-3)],
)
def test_tables_hold_the_fields(burial, worst, rms):
    """The last electrode lies in a resistive basement whose far field the conductor over it takes
    away: there the table is a small difference of large numbers."""
    rng = np.random.default_rng(3)
    x, y = np.array([0.0, 3.0, 5.0, 9.0]), np.array([0.0, 1.0, 0.5, 0.0])
    layout = make_quadripoles(x, y, np.full(4, -burial), np.array([[0, 1, 2, 3]]))
    background = layered_background(THREE, layout, deepest_m=12.0, spacing_m=1.0)
    of, node, primary, table, *_ = background.tables
    m = 200
    place = rng.uniform([-6.0, -6.0, -10.0], [14.0, 8.0, -0.3], (m, 3))
    out = np.zeros((4, 3 * m), np.float32)
    column = np.zeros((m, 2 * table.shape[2] + 1), np.float32)
    qx, qy = single(place[:, 0] - layout.origin[0]), single(place[:, 1] - layout.origin[1])
    qz = single(place[:, 2])
    layered_fields(
        layout.x, layout.y, layout.z, qx, qy, qz, m, of, node, primary, table, column, out
    )
    share = np.sqrt(background.reference_ohmm / THREE.resistivity_at(-place[:, 2]))
    for e in range(4):
        dx, dy = place[:, 0] - x[e], place[:, 1] - y[e]
        r = np.hypot(dx, dy)
        radial, up = np.transpose(
            [layered_gradient(THREE, a, burial, -b) for a, b in zip(r, place[:, 2], strict=True)]
        )
        exact = np.stack([radial * dx / r, radial * dy / r, up]) * share / background.reference_ohmm
        error = np.linalg.norm(out[e].reshape(3, m) - exact, axis=0)
        error /= np.linalg.norm(exact, axis=0)
        assert error.max() < worst
        assert np.sqrt(np.mean(error**2)) < rms


@quickly
@given(arrays, st.floats(1.5, 6.0), st.sampled_from([0.0, 4.0]))
def test_equal_layers_change_nothing(places, depth, ratio):
    layout = make_quadripoles(*np.array(places).T, None, np.array([[0, 1, 2, 3]]))
    if abs(layout.k_sum[0]) < 0.05:
        return
    body = drive(depth, 0.4, ratio)
    same = LayeredEarth((70.0, 70.0), (2.0,))
    plain = resistivity_response(body, layout)[0]
    assert over(same, layout, body) == pytest.approx(plain, rel=1e-5, abs=1e-6)


@quickly
@given(arrays, earths, st.sampled_from([0.0, 4.0]))
def test_current_and_potential_electrodes_can_be_exchanged(places, earth, ratio):
    quads = np.array([[0, 1, 2, 3], [2, 3, 0, 1], [1, 0, 2, 3]])
    layout = make_quadripoles(*np.array(places).T, None, quads)
    total = layered_sum(earth, layout.x, layout.y, layout.z, quads)
    if np.any(total / layout.k_sum <= 0.0) or abs(layout.k_sum[0]) < 0.05:
        return
    one, other, turned = over(earth, layout, drive(2.5, 0.5, ratio))
    assert [other, turned] == pytest.approx([one, one], rel=1e-4, abs=1e-6)


@quickly
@given(earths, st.floats(0.0, 3.1), st.floats(-50.0, 50.0))
def test_turning_and_moving_everything_changes_little(earth, angle, east):
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    layout = line()
    ball = drive(2.5, 0.6, 0.0, family="chamber")
    here = over(earth, layout, ball)
    x = np.column_stack([layout.x, layout.y]) @ turn.T + [east, 0.0]
    moved = make_quadripoles(x[:, 0], x[:, 1], None, layout.abmn)
    place = np.array([0.4, 0.5]) @ turn.T + [east, 0.0]
    item = {"family": "chamber", "fill": "air", "axis": [[*place, -2.5]], "radius": 0.6}
    there = over(earth, moved, slot(make_scene([item | {"conductivity_ratio": 0.0}]), 0))
    assert there == pytest.approx(here, abs=1e-3 * np.abs(here).max())


@quickly
@given(earths)
def test_responses_of_parts_add(earth):
    layout = line()
    halves = [
        {
            "family": "working",
            "fill": "air",
            "axis": [[0.0, a, -2.5], [0.0, b, -2.5]],
            "radius": 0.4,
            "conductivity_ratio": 0.0,
        }
        for a, b in ((-40.0, 0.0), (0.0, 40.0), (-40.0, 40.0))
    ]
    one, two, whole = (over(earth, layout, slot(make_scene([h]), 0)) for h in halves)
    assert one + two == pytest.approx(whole, abs=0.06 * np.abs(whole).max())


@quickly
@given(earths, st.floats(1.5, 4.0))
def test_air_reads_high_and_water_low_under_a_small_array_across(earth, depth):
    places = 0.3 * depth * np.array([[-1.5, 0.0], [1.5, 0.0], [-0.5, 0.0], [0.5, 0.0]])
    layout = make_quadripoles(*places.T, None, np.array([[0, 1, 2, 3]]))
    local = float(earth.resistivity_at(depth))
    rhoa = float(layered_sum(earth, layout.x, layout.y, layout.z, layout.abmn)[0] / layout.k_sum[0])
    assert over(earth, layout, drive(depth, 0.3, 0.0, 0.0))[0] >= 0.0
    # A fill counts from the apparent resistivity: eight times more conductive than the layer.
    wet = drive(depth, 0.3, 8.0 * rhoa / local, 0.0)
    assert over(earth, layout, wet)[0] <= 0.0


def test_what_conducts_as_its_layer_is_silent():
    """The fill's conductivity counts from the mean apparent resistivity, not from its layer."""
    layout = line()
    background = layered_background(THREE, layout, deepest_m=12.0, spacing_m=1.0)
    silent = background.reference_ohmm / 20.0
    assert background.host_factor(np.array([3.0]))[0] == pytest.approx(1.0 / silent)
    response = resistivity_response(drive(3.0, 0.5, silent), layout, None, background)
    assert np.abs(response).max() < 1e-6
    louder = resistivity_response(drive(3.0, 0.5, 3.0 * silent), layout, None, background)
    assert np.abs(louder).max() > 0.01


def test_a_ball_agrees_with_its_dipole():
    """F = σ_b V (3/2) ∇ψ_AB·∇ψ_MN/(2π K), fields by the digital filter alone."""
    layout = line(8)
    body = drive(2.2, 0.3, 0.0, 0.4, family="chamber")
    place = np.array([0.4, 0.5, -2.2])
    x, y = layout.x + layout.origin[0], layout.y + layout.origin[1]
    field = np.empty((8, 3))
    for e in range(8):
        d = place[:2] - [x[e], y[e]]
        r = np.hypot(*d)
        radial, up = layered_gradient(THREE, r, 0.0, 2.2)
        field[e] = [radial * d[0] / r, radial * d[1] / r, up]
    a, b, m, n = layout.abmn.T
    product = ((field[a] - field[b]) * (field[m] - field[n])).sum(axis=1)
    total = layered_sum(THREE, layout.x, layout.y, layout.z, layout.abmn)
    volume = 4.0 / 3.0 * np.pi * 0.3**3
    expected = volume * 1.5 * product / 20.0 / (2.0 * np.pi * total)
    assert over(THREE, layout, body) == pytest.approx(expected, abs=1e-3 * np.abs(expected).max())


def test_layers_follow_a_dipping_plane():
    """Layers hang under the surface: a plane at another height is the same ground."""
    layout = line()
    high = make_quadripoles(layout.x, layout.y, np.full(12, 250.0), layout.abmn, Plane(250.0))
    lifted = {
        "family": "working",
        "fill": "air",
        "axis": [[0.4, -60.0, 247.0], [0.7, 60.0, 247.0]],
        "radius": 0.5,
        "conductivity_ratio": 0.0,
    }
    there = over(THREE, high, slot(make_scene([lifted]), 0), Plane(250.0))
    assert there == pytest.approx(over(THREE, layout, drive()), rel=1e-3, abs=1e-6)


def test_a_quadripole_that_layers_turn_round_is_refused():
    """Two buried electrodes and one in a conductor over them: the voltage changes its sign."""
    x, z = np.array([0.0, 3.0, 1.0]), np.array([-2.0, -2.0, -0.5])
    layout = make_quadripoles(x, 0.0 * x, z, np.array([[0, -1, 1, 2]]))
    with pytest.raises(InputError, match="datum 1 has no positive"):
        layered_background(LayeredEarth((1.0, 1e5), (1.0,)), layout, deepest_m=5.0, spacing_m=1.0)
