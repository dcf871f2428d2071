"""Minimum curvature: closed forms, rotation, chords; deviation beyond what was surveyed."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from samples import PRIOR, nothing, tunnel
from scipy.stats import norm

from subterra.errors import InputError
from subterra.evidence import DrillLogTerms, borehole_evidence
from subterra.evidence.desurvey import hole_directions, minimum_curvature, trace_points
from subterra.scene import concatenate
from subterra.tables import BoreholeTable, IntervalTable, SurveyTable


def slow_arc(first, last, length, n=20000):
    """Integrate the direction along a great circle in small steps: what an arc is."""
    theta = np.arccos(np.clip(first @ last, -1.0, 1.0))
    share = (np.arange(n) + 0.5) / n
    if theta < 1e-9:
        return length * first
    steps = np.outer(np.sin((1 - share) * theta), first) + np.outer(np.sin(share * theta), last)
    return length * (steps / np.sin(theta)).mean(axis=0)


def test_a_quarter_of_a_circle():
    """From vertical to level towards the east over the arc πR/2: R down and R out."""
    radius = 40.0
    out = minimum_curvature(
        np.array([0.0, 0.5 * np.pi * radius]), np.array([90.0, 90.0]), np.array([90.0, 0.0])
    )
    assert out[1] == pytest.approx([radius, 0.0, -radius], abs=1e-9)


@pytest.mark.parametrize(("azimuth", "inclination"), [(30.0, 60.0), (200.0, 90.0), (0.0, -20.0)])
def test_a_straight_hole(azimuth, inclination):
    depth = np.array([0.0, 11.0, 30.0])
    out = minimum_curvature(depth, np.full(3, azimuth), np.full(3, inclination))
    direction = hole_directions(np.array([azimuth]), np.array([inclination]))[0]
    np.testing.assert_allclose(out, depth[:, None] * direction, atol=1e-12)


@settings(deadline=None, max_examples=40)
@given(st.floats(0.0, 360.0), st.floats(30.0, 90.0), st.floats(0.0, 360.0), st.floats(30.0, 90.0))
def test_an_arc_is_what_integrating_its_direction_gives(az1, in1, az2, in2):
    first, last = hole_directions(np.array([az1, az2]), np.array([in1, in2]))
    if first @ last < -0.45:
        return
    out = minimum_curvature(np.array([0.0, 25.0]), np.array([az1, az2]), np.array([in1, in2]))
    np.testing.assert_allclose(out[1], slow_arc(first, last, 25.0), atol=1e-5)
    # It is no longer than the hole, and turning the compass turns it.
    assert np.linalg.norm(out[1]) <= 25.0 + 1e-9
    turned = minimum_curvature(
        np.array([0.0, 25.0]), np.array([az1, az2]) + 90.0, np.array([in1, in2])
    )
    assert turned[1] == pytest.approx([out[1][1], -out[1][0], out[1][2]], abs=1e-9)


@settings(deadline=None, max_examples=25)
@given(st.lists(st.tuples(st.floats(0.0, 40.0), st.floats(50.0, 90.0)), min_size=2, max_size=6))
def test_chords_keep_to_the_arc(stations):
    azimuth, inclination = np.array(stations).T
    depth = 20.0 * np.arange(len(stations))
    depths, points = trace_points(depth, azimuth, inclination, depth[-1] + 7.0)
    assert depths[0] == 0.0
    assert depths[-1] == depth[-1] + 7.0
    assert np.all(np.diff(depths) > 0.0)
    np.testing.assert_allclose(
        points[np.searchsorted(depths, depth)],
        minimum_curvature(depth, azimuth, inclination),
        atol=1e-9,
    )
    chords = np.linalg.norm(np.diff(points, axis=0), axis=1)
    # A chord that leaves its arc by 1 cm is shorter than it by 8·(0.01)²/(3·L).
    assert np.all(np.diff(depths) - chords < 1e-3)


def test_stations_that_turn_round_are_refused():
    with pytest.raises(InputError, match="turns by 180°"):
        minimum_curvature(np.array([0.0, 10.0]), np.array([0.0, 180.0]), np.array([0.0, 0.0]))
    with pytest.raises(InputError, match="must rise"):
        minimum_curvature(np.array([0.0, 0.0]), np.zeros(2), np.zeros(2))


def surveyed(stations, *, terms, length=90.0, x=20.0, y=20.0, inclination=90.0):
    collar = BoreholeTable(("h",), [x], [y], None, [0.0], [inclination], [length])
    log = IntervalTable(("h",), [0.0], [length], ("intact",))
    table = None
    if stations:
        depth, azimuth, down = zip(*stations, strict=True)
        table = SurveyTable(("h",) * len(stations), depth, azimuth, down)
    return borehole_evidence(collar, log, PRIOR, surveys=table, terms=terms)


def p_cross(evidence, scene):
    logs = evidence.log_likelihood(concatenate([scene, nothing()]))
    return (1.0 - np.exp(logs[0])) / evidence.terms.p_detect[0]


def test_a_curved_hole_meets_what_lies_on_its_arc():
    """An arc of radius 40 m to the east reaches (x + 40, −40); the straight hole never does."""
    terms = DrillLogTerms(deviation_sd_per_m=0.0)
    stations = [(0.0, 90.0, 90.0), (0.5 * np.pi * 40.0, 90.0, 0.0)]
    half = 40.0 * np.sqrt(0.5)
    on_arc = tunnel(20.0 + 40.0 - half, half)
    curved, straight = (surveyed(s, terms=terms, length=63.0) for s in (stations, []))
    assert p_cross(curved, on_arc) == pytest.approx(1.0, abs=1e-9)
    assert p_cross(straight, on_arc) == 0.0
    assert p_cross(curved, tunnel(20.0, 50.0)) == 0.0


@pytest.mark.parametrize("depth", [30.0, 60.0, 80.0])
def test_deviation_grows_beyond_the_survey_only(depth):
    """Surveyed to 60 m: below, the sd is that of a hole begun there; above, that of the survey."""
    terms = DrillLogTerms(deviation_sd_per_m=0.02, survey_sd_per_m=0.0)
    stations = [(0.0, 0.0, 90.0), (60.0, 0.0, 90.0)]
    scene = tunnel(21.0, depth, 1.2)
    found = p_cross(surveyed(stations, terms=terms), scene)
    sd = max(0.02 * max(depth - 60.0, 0.0), 0.02)
    assert found == pytest.approx(norm.cdf(0.2 / sd) - norm.cdf(-2.2 / sd), abs=1e-6)
    whole = p_cross(surveyed([], terms=terms), scene)
    assert found > whole


def test_a_surveys_own_error():
    terms = DrillLogTerms(deviation_sd_per_m=0.02, survey_sd_per_m=0.01)
    stations = [(0.0, 0.0, 90.0), (60.0, 0.0, 90.0)]
    found = p_cross(surveyed(stations, terms=terms), tunnel(21.0, 50.0, 1.2))
    assert found == pytest.approx(norm.cdf(0.2 / 0.5) - norm.cdf(-2.2 / 0.5), abs=1e-6)


def test_the_collars_direction_stands_in_above_the_first_station():
    terms = DrillLogTerms()
    lone = surveyed([(60.0, 0.0, 80.0)], terms=terms, inclination=90.0)
    assert lone.holes.trace[0, 3:6] == pytest.approx([0.0, 0.0, -1.0], abs=0.02)
    assert lone.holes.trace[-1, 3:6] == pytest.approx(
        hole_directions(np.array([0.0]), np.array([80.0]))[0], abs=1e-6
    )
    assert lone.holes.surveyed[0] == 60.0
    stranger = SurveyTable(("k",), [1.0], [0.0], [90.0])
    collar = BoreholeTable(("h",), [20.0], [20.0], None, [0.0], [90.0], [40.0])
    log = IntervalTable(("h",), [0.0], [40.0], ("intact",))
    with pytest.raises(InputError, match="'k', which has no collar"):
        borehole_evidence(collar, log, PRIOR, surveys=stranger)
