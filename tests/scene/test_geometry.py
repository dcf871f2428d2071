"""Distances and intersections against slow readable twins, and by their symmetries."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize
from scipy.spatial.transform import Rotation

from subterra.scene.geometry import point_segment, segment_segment, trace_capsule, trace_sphere

metres = st.floats(-50.0, 50.0, allow_nan=False, width=32)
points = st.tuples(metres, metres, metres).map(np.array)
angles = st.floats(-math.pi, math.pi)
unit_vectors = st.tuples(angles, st.floats(-1.0, 1.0)).map(
    lambda v: np.array(
        [
            math.sqrt(1.0 - v[1] ** 2) * math.cos(v[0]),
            math.sqrt(1.0 - v[1] ** 2) * math.sin(v[0]),
            v[1],
        ]
    )
)
motions = st.tuples(points, st.tuples(angles, angles, angles))


def slow_segment_segment(a, b, c, d):
    """Smallest distance by bounded minimisation of a convex function, from five starts."""

    def square(v):
        return float(np.sum((a + v[0] * (b - a) - c - v[1] * (d - c)) ** 2))

    starts = ((0.5, 0.5), (0.0, 0.0), (0.0, 1.0), (1.0, 0.0), (1.0, 1.0))
    found = (minimize(square, s, bounds=[(0, 1), (0, 1)], method="L-BFGS-B").fun for s in starts)
    return math.sqrt(min(found))


def slow_inside(o, d, t, a, b, radius):
    """Which points of a trace lie within ``radius`` of a segment."""
    p = o + t[:, None] * d
    u = b - a
    s = np.clip((p - a) @ u / max(u @ u, 1e-300), 0.0, 1.0)
    return np.linalg.norm(p - a - s[:, None] * u, axis=1) <= radius


def moved(motion, *points):
    shift, euler = motion
    rotation = Rotation.from_euler("xyz", euler)
    return [rotation.apply(p) + shift for p in points]


@given(points, points, points, points)
@settings(max_examples=60, deadline=None)
def test_segment_distance_equals_the_convex_minimum(a, b, c, d):
    assert segment_segment(*a, *b, *c, *d)[0] == pytest.approx(
        slow_segment_segment(a, b, c, d), abs=2e-3
    )


@given(points, points, points, points)
@settings(deadline=None)
def test_segment_parameters_give_the_distance_and_are_symmetric(a, b, c, d):
    distance, s, t = segment_segment(*a, *b, *c, *d)
    assert 0.0 <= s <= 1.0
    assert 0.0 <= t <= 1.0
    at_places = np.linalg.norm(a + s * (b - a) - c - t * (d - c))
    assert distance == pytest.approx(at_places, abs=1e-9)
    assert segment_segment(*c, *d, *a, *b)[0] == pytest.approx(distance, abs=1e-9)
    assert segment_segment(*b, *a, *c, *d)[0] == pytest.approx(distance, abs=1e-9)


@given(points, points, points, points, motions)
@settings(deadline=None)
def test_segment_distance_survives_rigid_motion(a, b, c, d, motion):
    before = segment_segment(*a, *b, *c, *d)[0]
    a, b, c, d = moved(motion, a, b, c, d)
    assert segment_segment(*a, *b, *c, *d)[0] == pytest.approx(before, abs=1e-6)


@given(points, points, points, st.floats(-2.0, 2.0), st.floats(-1e-9, 1e-9))
@settings(deadline=None)
def test_parallel_segments(a, b, side, stretch, tilt):
    """Parallel, anti-parallel and all but parallel: never above the distance of any two ends."""
    c = a + side
    d = c + stretch * (b - a) + tilt
    distance = segment_segment(*a, *b, *c, *d)[0]
    samples = np.linspace(0.0, 1.0, 41)[:, None]
    p, q = a + samples * (b - a), c + samples * (d - c)
    nearest = np.linalg.norm(p[:, None] - q[None], axis=2).min()
    assert distance <= nearest + 1e-9
    step = max(np.linalg.norm(b - a), np.linalg.norm(d - c)) / 40.0
    assert distance >= nearest - step


def test_segments_that_cross_touch_or_are_points():
    assert segment_segment(-1, 0, 0, 1, 0, 0, 0, -1, 0, 0, 1, 0) == pytest.approx((0.0, 0.5, 0.5))
    assert segment_segment(-1, 0, 3, 1, 0, 3, 0, -1, 0, 0, 1, 0)[0] == pytest.approx(3.0)
    assert segment_segment(1, 2, 3, 1, 2, 3, 1, 2, 8, 1, 2, 8)[0] == pytest.approx(5.0)
    assert segment_segment(0, 0, 0, 4, 0, 0, 1, 0, 0, 3, 0, 0)[0] == 0.0
    distance, s, t = segment_segment(0, 0, 0, 4, 0, 0, 7, 4, 0, 9, 4, 0)
    assert (distance, s, t) == pytest.approx((5.0, 1.0, 0.0))


@given(points, points, points)
@settings(deadline=None)
def test_point_distance_is_the_limit_of_a_short_segment(p, a, b):
    distance, s = point_segment(*p, *a, *b)
    assert segment_segment(*p, *p, *a, *b)[0] == pytest.approx(distance, abs=1e-9)
    assert distance == pytest.approx(np.linalg.norm(a + s * (b - a) - p), abs=1e-9)
    along = np.linspace(0.0, 1.0, 101)[:, None]
    assert distance <= np.linalg.norm(a + along * (b - a) - p, axis=1).min() + 1e-9


@given(points, unit_vectors, points, points, st.floats(0.1, 20.0), st.floats(1.0, 120.0))
@settings(deadline=None)
def test_chord_of_a_capsule_against_dense_points(o, d, a, b, radius, length):
    t = np.linspace(0.0, length, 4001)
    inside = slow_inside(o, d, t, a, b, radius)
    step = t[1]
    t_from, t_to = trace_capsule(*o, *d, length, *a, *b, radius)
    if math.isnan(t_from):
        assert math.isnan(t_to)
        assert not slow_inside(o, d, t, a, b, radius - 1e-6).any()
        return
    assert 0.0 <= t_from <= t_to <= length
    if inside.any():
        # Dense points may fall short of a grazing chord's ends by one step each.
        assert t[inside][0] - step - 1e-6 <= t_from <= t[inside][0] + 1e-6
        assert t[inside][-1] - 1e-6 <= t_to <= t[inside][-1] + step + 1e-6
    else:
        assert t_to - t_from <= step + 1e-6


@given(points, unit_vectors, points, points, st.floats(0.1, 20.0), motions)
@settings(deadline=None)
def test_chord_survives_rigid_motion_and_turning_the_axis(o, d, a, b, radius, motion):
    before = trace_capsule(*o, *d, 80.0, *a, *b, radius)
    assume(not math.isnan(before[0]))
    assume(before[1] - before[0] > 1e-2)
    assert trace_capsule(*o, *d, 80.0, *b, *a, radius) == pytest.approx(before, abs=1e-6)
    end, o, a, b = moved(motion, o + d, o, a, b)
    # Close to grazing, the chord's ends move with the square root of a rounding error.
    assert trace_capsule(*o, *(end - o), 80.0, *a, *b, radius) == pytest.approx(before, abs=1e-4)


@given(points, unit_vectors, points, st.floats(0.1, 20.0))
@settings(deadline=None)
def test_capsule_of_no_length_is_a_sphere(o, d, centre, radius):
    np.testing.assert_allclose(
        trace_capsule(*o, *d, 90.0, *centre, *centre, radius),
        trace_sphere(*o, *d, 90.0, *centre, radius),
    )


def test_chords_known_by_hand():
    down = (0.0, 0.0, -1.0)
    level = (-50.0, 0.0, -10.0, 50.0, 0.0, -10.0)
    assert trace_capsule(0, 0, 0, *down, 20, *level, 2) == pytest.approx((8.0, 12.0))
    assert trace_capsule(0, 1, 0, *down, 20, *level, 2) == pytest.approx(
        (10 - math.sqrt(3), 10 + math.sqrt(3))
    )
    assert trace_capsule(0, 0, 0, *down, 9, *level, 2) == pytest.approx((8.0, 9.0))
    assert all(math.isnan(v) for v in trace_capsule(0, 0, 0, *down, 7.9, *level, 2))
    assert all(math.isnan(v) for v in trace_capsule(0, 2.1, 0, *down, 20, *level, 2))
    # Past the end only the round cap is left.
    assert trace_capsule(51, 0, 0, *down, 20, *level, 2) == pytest.approx(
        (10 - math.sqrt(3), 10 + math.sqrt(3))
    )
    # Along the axis: a shaft under the collar, with both caps.
    assert trace_capsule(0, 0, 0, *down, 50, 0, 0, -10, 0, 0, -30, 1) == pytest.approx((9.0, 31.0))
    # A 45° trace through a level tube.
    slope = (0.0, math.sqrt(0.5), -math.sqrt(0.5))
    assert trace_capsule(0, -10, 0, *slope, 40, *level, 1) == pytest.approx(
        (10 * math.sqrt(2) - 1, 10 * math.sqrt(2) + 1)
    )


def test_a_trace_that_is_all_but_square_to_an_axis():
    """A slope whose reciprocal is infinite: the tube's ends are endlessly far away."""
    level = (0.0, 0.0, 0.0, 1.0, 0.0, 2.2250738585e-308)
    for ends in ((0.0, 0.0, 0.0, 0.0, 0.0, 4.0), (0.0, 0.0, 4.0, 0.0, 0.0, 0.0)):
        assert trace_capsule(*level, 80.0, *ends, 1.0) == pytest.approx((0.0, 1.0))
