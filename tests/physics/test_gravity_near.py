"""Exact near fields: identities, independent prisms, and where the line mass is left for them."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from choclo.prism import gravity_u, gravity_uu
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import ellipe, ellipk, elliprd

from bench_scripts import load
from subterra.physics import (
    G_EOTVOS,
    G_UGAL,
    box_field,
    cylinder_field,
    ellipsoid_field,
    gradient_response,
    gravity_response,
    line_mass_gz,
    line_mass_gzz,
    point_mass_gz,
    point_mass_gzz,
)
from subterra.physics.gravity_cylinder import cel, cel_pairs
from subterra.physics.gravity_ellipsoid import carlson_rd
from subterra.physics.gravity_end import end_gz, end_gzz
from subterra.scene import make_scene, slot

bodies = load("prism_bodies")
block, cut, pull, tube = bodies.block, bodies.cut, bodies.pull, bodies.tube

quickly = settings(deadline=None, max_examples=60)
near = st.floats(-4.0, 4.0)
size = st.floats(0.3, 3.0)
RESPONSES = [gravity_response, gradient_response]


def respond(item, stations, response=gravity_response):
    made = {"family": "driven", "fill": "air", "radius": 1.0, "density_contrast": -2000.0}
    objects = slot(make_scene([{**made, **item}]), 0)
    return response(objects, *np.asarray(stations, float).T)[0].astype(float)


def grid(span, height=0.3, n=15):
    x, y = (
        v.ravel() for v in np.meshgrid(np.linspace(-span, span, n), np.linspace(-span, span, n))
    )
    return np.column_stack([x, y, np.full(x.size, height)])


def rms(found, exact):
    return np.sqrt(np.mean((found - exact) ** 2)) / np.sqrt(np.mean(exact**2))


def test_elliptic_integrals():
    k = np.array([0.05, 0.2, 0.7, 0.999])
    assert [cel(v, 1.0, 1.0, 1.0) for v in k] == pytest.approx(ellipk(1 - k**2), rel=1e-13)
    assert [cel(v, 1.0, 1.0, v**2) for v in k] == pytest.approx(ellipe(1 - k**2), rel=1e-13)
    for v in k:
        alone = [cel(v, p, c, s) for p in (1.0, 0.3) for c, s in ((1.0, 0.0), (0.0, 1.0))]
        assert cel_pairs(v, 0.3) == pytest.approx(alone, rel=1e-9)
    for args in ((1.0, 2.0, 3.0), (0.1, 5.0, 0.3), (0.0, 1.0, 2.0), (4.0, 4.0, 4.0)):
        assert carlson_rd(*args) == pytest.approx(elliprd(*args), rel=1e-13)


@quickly
@given(near, near, near, size, size, size)
def test_box_is_a_prism(x, y, z, length, half_width, half_height):
    # Place of the station from the prism's first end; stations on its faces are left out.
    sides = [abs(x), abs(x - length), abs(abs(y) - half_width), abs(abs(z) - half_height)]
    if min(sides) < 1e-3:
        return
    prism = (0.0, length, -half_width, half_width, -half_height, half_height, 1.0)
    gz, gzz = box_field(x, y, z, length, half_width, half_height, 0.0, 1.0)
    g = 6.6743e-11
    assert gz == pytest.approx(-gravity_u(x, y, z, *prism) / g, abs=1e-9)
    assert gzz == pytest.approx(gravity_uu(x, y, z, *prism) / g, abs=1e-9)


@quickly
@given(near, near, near, st.floats(0.0, np.pi))
def test_gradients_are_derivatives_and_laplace_holds(x, y, z, tilt):
    """−dg/dz is G_zz; three perpendicular gradients add to nothing outside, to −4π inside."""
    r, a, length, step = np.hypot(x, y), 1.0, 3.0, 1e-5
    if abs(r - a) < 0.05 or min(abs(z), abs(z - length)) < 0.05 or r < 0.05:
        return

    def cylinder(point, up):
        e = np.array([point[0], point[1], 0.0]) / np.hypot(point[0], point[1])
        radial = np.hypot(point[0], point[1])
        return cylinder_field(point[2], radial, length, a, up[2], float(e @ up))

    place = np.array([x, y, z])
    up = np.array([np.sin(tilt), 0.0, np.cos(tilt)])
    slope = (cylinder(place + step * up, up)[0] - cylinder(place - step * up, up)[0]) / (2 * step)
    assert cylinder(place, up)[1] == pytest.approx(-slope, abs=2e-5)
    inside = r < a and 0.0 < z < length
    total = sum(cylinder(place, axis)[1] for axis in np.eye(3))
    assert total == pytest.approx(-4.0 * np.pi * inside, abs=1e-9)


@quickly
@given(st.floats(-4.0, 10.0), st.floats(0.0, 5.0), st.floats(0.5, 8.0), st.floats(0.0, 1.0), near)
def test_a_line_and_its_two_ends_are_the_cylinder(along, r, length, tz, turn):
    a = 1.0
    if abs(r - a) < 0.02 or (r < a and -0.02 < along < length + 0.02):
        return
    ez = np.sqrt(1.0 - tz * tz) * np.cos(turn)
    r1, r2 = np.hypot(r, along), np.hypot(r, along - length)
    v1, v2 = -(along * tz + r * ez), -((along - length) * tz + r * ez)
    if min(r1, r2) < 1e-2 or (r < 1e-3 and 0.0 < along < length):
        return
    line = np.pi * line_mass_gz(r1, v1, r2, v2, length)
    line_zz = np.pi * line_mass_gzz(r1, v1, r2, v2, length)
    gz, gzz = cylinder_field(along, r, length, a, tz, ez)
    ends = end_gz(along, r, a, tz, ez) + end_gz(length - along, r, a, -tz, ez)
    assert line + ends == pytest.approx(gz, abs=1e-5 * (1.0 + abs(line)))
    ends = end_gzz(along, r, a, tz, ez) + end_gzz(length - along, r, a, -tz, ez)
    assert line_zz + ends == pytest.approx(gzz, abs=1e-4 * (1.0 + abs(line_zz)))


@quickly
@given(near, st.floats(0.05, 4.0), near, size, st.floats(0.1, 0.9), st.floats(0.0, 1.0))
def test_a_body_is_the_sum_of_its_parts(along, r, across, length, cut, tz):
    """Cut across the axis, anywhere in the field, inside too."""
    first = cut * length
    edges = (abs(along), abs(along - first), abs(along - length))
    if min(edges) < 1e-2 or abs(r - 1.0) < 1e-2 or abs(abs(across) - 0.8) < 1e-2:
        return
    ez = 0.6 * np.sqrt(1.0 - tz * tz)
    whole = cylinder_field(along, r, length, 1.0, tz, ez)
    parts = [
        cylinder_field(along, r, first, 1.0, tz, ez),
        cylinder_field(along - first, r, length - first, 1.0, tz, ez),
    ]
    assert np.sum(parts, axis=0) == pytest.approx(whole, abs=1e-8)
    up = np.sqrt(1.0 - tz * tz)
    whole = box_field(along, across, r, length, 0.8, 0.5, tz, up)
    parts = [
        box_field(along, across, r, first, 0.8, 0.5, tz, up),
        box_field(along - first, across, r, length - first, 0.8, 0.5, tz, up),
    ]
    if abs(r - 0.5) > 1e-2:
        assert np.sum(parts, axis=0) == pytest.approx(whole, abs=1e-9)


def test_far_away_every_body_is_its_mass():
    d = np.array([60.0, 50.0, 80.0])
    distance = np.linalg.norm(d)
    along, tz = d[2], 1.0
    r = np.hypot(d[0], d[1])
    point = d[2] / distance**3, (3.0 * d[2] ** 2 - distance**2) / distance**5
    shaft = cylinder_field(along + 1.0, r, 2.0, 1.0, tz, 0.0)
    assert shaft == pytest.approx([2.0 * np.pi * v for v in point], rel=1e-2)
    box = box_field(d[1] + 1.0, d[0], d[2], 2.0, 0.5, 1.5, 0.0, 1.0)
    assert box == pytest.approx([6.0 * v for v in point], rel=1e-2)


@quickly
@given(near, near, near, size, size, size)
def test_ellipsoid(x, y, z, a1, a2, a3):
    q = (x / a1) ** 2 + (y / a2) ** 2 + (z / a3) ** 2
    if abs(q - 1.0) < 0.05:
        return
    _, gzz = ellipsoid_field(x, y, z, a1, a2, a3)
    step = 1e-5
    above, below = (ellipsoid_field(x, y, z + d, a1, a2, a3)[0] for d in (step, -step))
    assert gzz == pytest.approx(-(above - below) / (2 * step), abs=1e-4)
    # Turning the ellipsoid: three gradients along its axes.
    total = gzz + ellipsoid_field(y, z, x, a2, a3, a1)[1] + ellipsoid_field(z, x, y, a3, a1, a2)[1]
    assert total == pytest.approx(-4.0 * np.pi * (q < 1.0), abs=1e-7)
    far = 300.0
    volume = 4.0 / 3.0 * np.pi * a1 * a2 * a3
    assert ellipsoid_field(far * 0.6, 0.0, far * 0.8, a1, a2, a3) == pytest.approx(
        (volume * 0.8 / far**2, volume * (3 * 0.64 - 1) / far**3), rel=1e-3
    )


@pytest.mark.parametrize("axes", [(1.0, 1.0, 2.0), (2.0, 1.0, 0.5)])
def test_ellipsoid_by_voxels(axes):
    a = np.array(axes)
    volume = 4.0 / 3.0 * np.pi * a.prod()
    centre, share = cut(lambda p: ((p / a) ** 2).sum(axis=1) <= 1, -a, a, 0.125, volume)
    stations = np.array([[0.3, 0.2, 2.3], [2.4, 0.5, 0.4], [-1.5, -2.0, 1.2], [0.0, 0.1, 5.0]])
    for k, (constant, gradient) in enumerate(((G_UGAL, False), (G_EOTVOS, True))):
        found = [constant * ellipsoid_field(*s, *a)[k] for s in stations]
        exact = pull(stations, centre, share, 0.125, 1.0, gradient=gradient)
        assert found == pytest.approx(exact, abs=2e-3 * np.abs(exact).max())


@pytest.mark.parametrize("response", RESPONSES)
@pytest.mark.parametrize("rectangular", [False, True])
@pytest.mark.parametrize(
    "axis",
    [
        [[-6.0, 1.0, -2.0], [7.0, -2.0, -2.0]],
        [[-4.0, -3.0, -2.0], [5.0, 4.0, -6.0]],
        [[0.5, 0.2, -1.5], [0.5, 0.2, -12.0]],
    ],
    ids=["oblique", "dipping", "shaft"],
)
def test_finite_objects_by_prisms(axis, rectangular, response):
    """Within 2 % (pull) and 4 % (gradient) of the signal, stations at half a metre to far."""
    start, end = np.array(axis)
    radius, aspect = 1.0, 1.6 if rectangular else 1.0
    width = radius * np.sqrt(np.pi / aspect)
    inside = (
        block(start, end, width, aspect * width) if rectangular else tube(np.array(axis), radius)
    )
    low, high = np.minimum(start, end) - 2.0, np.maximum(start, end) + 2.0
    volume = np.pi * radius**2 * np.linalg.norm(end - start)
    centre, share = cut(inside, low, high, 0.25, volume)
    stations = grid(9.0)
    gradient = response is gradient_response
    exact = pull(stations, centre, share, 0.25, -2000.0, gradient=gradient)
    found = respond(
        {"axis": axis, "rectangular": rectangular, "aspect": aspect}, stations, response
    )
    assert rms(found, exact) < (0.012 if gradient else 0.006)


@pytest.mark.parametrize("response", RESPONSES)
def test_a_curved_tunnel_by_prisms(response):
    turn = np.linspace(-0.5, 0.5, 5)
    axis = np.column_stack([20.0 * np.sin(turn), 20.0 * (1 - np.cos(turn)) - 2.0, -3.0 + turn])
    lengths = np.linalg.norm(np.diff(axis, axis=0), axis=1)
    centre, share = cut(
        tube(axis, 1.0), axis.min(axis=0) - 1.5, axis.max(axis=0) + 1.5, 0.25, np.pi * lengths.sum()
    )
    stations = grid(11.0)
    gradient = response is gradient_response
    exact = pull(stations, centre, share, 0.25, -2000.0, gradient=gradient)
    assert rms(respond({"axis": axis}, stations, response), exact) < (0.015 if gradient else 0.01)


@pytest.mark.parametrize("response", RESPONSES)
def test_stations_inside_and_beside_a_shaft(response):
    """Down its axis: nothing jumps at the mouth, and half way down a shaft pulls nothing."""
    axis = [[0.0, 0.0, -1.0], [0.0, 0.0, -21.0]]
    down = np.column_stack([np.full(9, 0.05), np.zeros(9), -np.linspace(2.0, 20.0, 9)])
    found = respond({"axis": axis}, down, response)
    gz = [cylinder_field(-1.0 - s[2], 0.05, 20.0, 1.0, -1.0, 0.0) for s in down]
    constant = G_EOTVOS if response is gradient_response else G_UGAL
    exact = -2000.0 * constant * np.array(gz)[:, int(response is gradient_response)]
    assert found == pytest.approx(exact, rel=1e-4, abs=1e-3 * np.abs(exact).max())
    if response is gravity_response:
        assert found == pytest.approx(-found[::-1], abs=1e-2)
        mouth = respond({"axis": axis}, [[0, 0, -1.0 + 1e-3], [0, 0, -1.0 - 1e-3]], response)
        assert mouth[0] == pytest.approx(mouth[1], rel=5e-3)


@pytest.mark.parametrize("response", RESPONSES)
@pytest.mark.parametrize("item", [
    {"axis": [[-30.0, 4.0, -4.0], [30.0, -2.0, -4.5]]},
    {"axis": [[-30.0, 4.0, -4.0], [30.0, -2.0, -4.5]], "rectangular": True, "aspect": 0.7},
    {"axis": [[1.0, 2.0, -4.0]], "family": "chamber", "aspect": 2.0},
    {"axis": [[1.0, 2.0, -3.0], [1.0, 2.0, -30.0]]},
])  # fmt: skip
def test_a_void_is_negative_straight_above_and_turning_changes_nothing(item, response):
    axis = np.array(item["axis"])
    above = axis.mean(axis=0) if "shaft" not in item else axis[0]
    above = np.array([[above[0], above[1], 0.3]])
    assert respond(item, above, response)[0] < 0.0
    stations = grid(8.0, n=5)
    angle, shift = 0.7, np.array([310.0, -45.0])
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])

    def move(points):
        return np.column_stack([points[:, :2] @ turn.T + shift, points[:, 2]])

    here = respond(item, stations, response)
    there = respond({**item, "axis": move(axis)}, move(stations), response)
    assert there == pytest.approx(here, abs=3e-3 * np.abs(here).max())


@pytest.mark.parametrize("response", RESPONSES)
def test_no_seam_where_the_line_takes_over(response):
    """Moving a station out through the reach of each near body: no step beyond what is stated."""
    out = np.linspace(1.5, 14.0, 600)
    above = np.column_stack([np.zeros_like(out), np.zeros_like(out), out])
    allowed = 0.02 if response is gravity_response else 0.05
    for item in (
        {"axis": [[0, 0, 0], [0, 0, -20]]},
        {"axis": [[-9, 0, 0], [9, 0, 0]], "rectangular": True, "aspect": 0.5},
        {"axis": [[0, 0, 0]], "family": "chamber", "aspect": 0.5},
    ):
        found = respond(item, above, response)
        smooth = np.abs(np.diff(found, 2)[1:-1]) / np.abs(found[2:-2])
        assert smooth.max() < allowed


def test_the_gradient_of_a_long_tunnel():
    """−2GAΔρ (z² − x²)/(x² + z²)²: negative over a void, zero at x = z, positive beyond."""
    item = {"axis": [[0.0, -500.0, -6.0], [0.0, 500.0, -6.0]], "density_contrast": -1800.0}
    x = np.array([0.0, 3.0, 6.0, 12.0])
    stations = np.column_stack([x, 0 * x, 0 * x])
    exact = -2 * G_EOTVOS * np.pi * 1800.0 * (36.0 - x**2) / (x**2 + 36.0) ** 2
    assert respond(item, stations, gradient_response) == pytest.approx(exact, abs=0.02)
    assert exact[0] == pytest.approx(-2 * G_EOTVOS * np.pi * 1800.0 / 36.0)


def test_points_and_lines_by_differences():
    step = 1e-4
    for d in ((1.0, 2.0, -3.0), (0.5, -1.0, 2.0)):
        slope = (
            point_mass_gz(d[0], d[1], d[2] - step) - point_mass_gz(d[0], d[1], d[2] + step)
        ) / (2 * step)
        assert point_mass_gzz(*d) == pytest.approx(-slope, rel=1e-6)
    a, b = np.array([-4.0, 1.0, -3.0]), np.array([9.0, 5.0, -4.0])

    def line(kernel, z):
        v1, v2 = a - [1, 2, z], b - [1, 2, z]
        r1, r2 = np.linalg.norm(v1), np.linalg.norm(v2)
        return kernel(r1, v1[2], r2, v2[2], np.linalg.norm(b - a))

    slope = (line(line_mass_gz, 0.3 + step) - line(line_mass_gz, 0.3 - step)) / (2 * step)
    assert line(line_mass_gzz, 0.3) == pytest.approx(-slope, rel=1e-6)


def test_single_precision_is_stated():
    """Against double precision: 2e-5 of the peak of the pull, 1e-4 of the gradient's."""
    axis = np.array([[-120.0, 30.0, -5.0], [140.0, -20.0, -7.0]])
    parts = np.linspace(0, 1, 5)[:, None] * (axis[1] - axis[0]) + axis[0]
    stations = grid(40.0, n=21)
    for response, kernel, constant, allowed in (
        (gravity_response, line_mass_gz, G_UGAL, 2e-5),
        (gradient_response, line_mass_gzz, G_EOTVOS, 1e-4),
    ):
        exact = np.zeros(len(stations))
        for a, b in pairwise(parts):
            for j, s in enumerate(stations):
                r1, r2 = np.linalg.norm(a - s), np.linalg.norm(b - s)
                exact[j] += kernel(r1, a[2] - s[2], r2, b[2] - s[2], np.linalg.norm(b - a))
        exact *= -2000.0 * np.pi * constant
        found = respond({"axis": axis}, stations, response)
        assert np.abs(found - exact).max() < allowed * np.abs(exact).max()


def test_a_lining_is_the_mass_of_its_shell():
    axis = [[-40.0, 0.0, -9.0], [40.0, 0.0, -9.0]]
    stations = grid(12.0, n=5)
    plain = respond({"axis": axis}, stations)
    lined = respond({"axis": axis, "lining_m": 0.25, "lining_contrast": 500.0}, stations)
    shell = np.pi * (1.25**2 - 1.0) * 500.0
    assert lined == pytest.approx(plain * (np.pi * 2000.0 - shell) / (np.pi * 2000.0), rel=1e-5)
    # Near the mouth of a shaft: two exact cylinders.
    mouth = [[0.0, 0.0, -0.5], [0.0, 0.0, -30.0]]
    item = {"axis": mouth, "lining_m": 0.25, "lining_contrast": 500.0}
    near_by = respond(item, [[0.6, 0.0, 0.3]])
    parts = [cylinder_field(-0.8, 0.6, 29.5, a, -1.0, 0.0)[0] for a in (1.0, 1.25)]
    exact = G_UGAL * (-2500.0 * parts[0] + 500.0 * parts[1])
    assert near_by[0] == pytest.approx(exact, rel=2e-3)


def test_a_caved_in_tunnel_keeps_its_deficit():
    """k = 1.3 spreads the void over 4.3 heights; far away only the shift upwards is seen."""
    axis = [[-200.0, 0.0, -40.0], [200.0, 0.0, -40.0]]
    height = np.sqrt(np.pi)
    chimney = height / 0.23 - height
    caved = {"axis": axis, "chimney_m": chimney, "density_contrast": -0.23 * 2300.0}
    lifted = [[x, y, z + 0.5 * chimney] for x, y, z in axis]
    stations = grid(30.0, n=5)
    point = respond({"axis": lifted, "density_contrast": -2300.0}, stations)
    assert respond(caved, stations) == pytest.approx(point, rel=2e-2)
