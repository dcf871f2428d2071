"""Standoff rules: distances against geometry by hand, thresholds, what cannot be said."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from search_samples import INFO, NOTHING, belief, chamber, drive, random_contents

from subterra.errors import InputError
from subterra.scene import Prior
from subterra.search.standoff import (
    RULES,
    Face,
    StandoffRule,
    clearances,
    find_rule,
    shallow_under,
    standoff,
)

WIDE = Prior((-500.0, -500.0, 500.0, 500.0), 200.0)


def face(x, y, z):
    return Face((x, y, z), (x, y, z))


def many(contents, weight=None):
    b = belief(contents, weight, WIDE)
    return replace(b, info=replace(INFO, n_scenes=4096, island=(len(contents),)))


def test_the_distance_of_a_drive_by_pythagoras():
    """A level drive 8 m deep and 30 m off, radius 1: √(30² + 3²) − 1 from a face at 5 m."""
    b = many([[drive(30.0)], NOTHING])
    found = clearances(b.scenes, face(10.0, 0.0, -5.0))
    assert found[0] == pytest.approx(np.hypot(30.0, 3.0) - 1.0, abs=1e-5)
    assert found[1] == np.inf


def slow_clearance(contents, point):
    """Nearest of points taken every centimetre along the axes."""
    best = np.inf
    for item in contents:
        if item["family"] == "chamber":
            continue
        a, b = np.asarray(item["axis"][0], float), np.asarray(item["axis"][-1], float)
        share = np.linspace(0.0, 1.0, 4001)[:, None]
        away = np.linalg.norm(a + share * (b - a) - point, axis=1).min()
        best = min(best, away - item["radius"])
    return best


def test_distances_against_sampled_axes():
    contents = random_contents(40, np.random.default_rng(3))
    point = np.array([31.0, 12.0, -6.0])
    found = clearances(many(contents).scenes, face(*point))
    slow = [slow_clearance(objects, point) for objects in contents]
    np.testing.assert_allclose(found, slow, atol=0.02)


@settings(deadline=None, max_examples=25)
@given(st.floats(-50.0, 50.0), st.floats(-50.0, 50.0), st.floats(-30.0, 0.0))
def test_a_line_is_as_near_as_its_nearest_point(x, y, z):
    b = many([[drive(7.0)], [drive(-3.0, 12.0)]])
    line = clearances(b.scenes, Face((x, y, z), (0.0, 0.0, 0.0)))
    points = [clearances(b.scenes, face(x * s, y * s, z * s)) for s in np.linspace(0.0, 1.0, 201)]
    step = np.hypot(np.hypot(x, y), z) / 200.0
    nearest = np.min(points, axis=0)
    assert np.all(line <= nearest + 1e-6)
    assert np.all(line >= nearest - step)


def test_probabilities_and_the_threshold():
    """Three scenes of ten have workings within 50 ft: P = 0.3, whatever else there is."""
    near, far, cave = [drive(10.0)], [drive(40.0)], [chamber(10.0, 1.0, 5.0)]
    b = many([near, far, cave, NOTHING], [0.3, 0.4, 0.2, 0.1])
    rule = find_rule("us-57.22241-surveyed")
    assert rule.distance_m == pytest.approx(15.24)
    found = standoff(b, rule, face(10.0, 0.0, -5.0))
    assert found.p_within == pytest.approx(0.3)
    assert found.applies is True
    assert found.covered
    assert standoff(b, rule, face(10.0, 0.0, -5.0), epsilon=0.4).applies is False
    # 200 ft reach the far one too; the cave is no working unless it is asked for.
    unsurveyed = find_rule("us-75.388-unsurveyed")
    assert unsurveyed.distance_m == pytest.approx(60.96)
    assert standoff(b, unsurveyed, face(10.0, 0.0, -5.0)).p_within == pytest.approx(0.7)
    asked = standoff(b, rule, face(10.0, 0.0, -5.0), families=["chamber"])
    assert asked.p_within == pytest.approx(0.2)
    low, middle = found.distance_quantiles_m or (0.0, 0.0)
    assert low == pytest.approx(np.hypot(10.0, 3.0) - 1.0, abs=1e-4)
    assert middle == pytest.approx(np.hypot(40.0, 3.0) - 1.0, abs=1e-4)


def test_gretley():
    """Mapped 100 m away, truly 8 m: the rule applies as soon as the belief gives 8 m a share."""
    b = many([[drive(107.0, 100.0)], [drive(9.0, 100.0)]], [0.8, 0.2])
    rule = StandoffRule("within-15-m", 15.0, "stop", "asked for")
    found = standoff(b, rule, face(0.0, 0.0, -100.0))
    assert found.p_within == pytest.approx(0.2)
    assert found.applies is True
    assert found.distance_quantiles_m == pytest.approx((8.0, 106.0), abs=1e-4)


def test_what_lies_outside_the_site_is_not_ruled_out():
    b = many([NOTHING, NOTHING])
    rule = find_rule("us-57.22241-unsurveyed")
    inside = standoff(b, rule, face(0.0, 0.0, -50.0))
    assert (inside.covered, inside.applies) == (True, False)
    assert inside.distance_quantiles_m is None
    for place in ((450.0, 0.0, -50.0), (0.0, 0.0, -150.0)):
        edge = standoff(b, rule, face(*place))
        assert (edge.covered, edge.applies) == (False, None)
    # So small a threshold is not supported by uncalibrated scenes.
    assert standoff(b, rule, face(0.0, 0.0, -50.0), epsilon=0.001).applies is None


@pytest.mark.parametrize(
    ("depth", "radius", "shallow"),
    [(15.0, 1.0, True), (22.5, 1.0, False), (29.0, 2.0, True), (33.0, 2.0, False)],
)
def test_shallow_workings(depth, radius, shallow):
    """Shallow is a roof no deeper than ten heights, 30 m at most."""
    b = many([[drive(0.0, depth, radius=radius)]])
    assert shallow_under(b.scenes, face(5.0, 0.5, 0.0), 30.0)[0] == shallow
    assert not shallow_under(b.scenes, face(5.0, 3.0, 0.0), 30.0)[0]
    found = standoff(b, find_rule("uk-shallow"), face(5.0, 0.5, 0.0))
    assert found.p_within == float(shallow)


def test_every_rule_has_a_source_and_a_duty():
    assert all(rule.source and rule.duty and rule.distance_m > 0.0 for rule in RULES.values())
    assert all(name == rule.name for name, rule in RULES.items())


def test_bad_questions_are_refused():
    b = many([NOTHING])
    with pytest.raises(InputError, match=r"known: us-57\.22241-surveyed"):
        find_rule("nothing")
    with pytest.raises(InputError, match="epsilon"):
        standoff(b, find_rule("uk-shallow"), face(0.0, 0.0, 0.0), epsilon=1.0)
    with pytest.raises(InputError, match="finite"):
        face(np.nan, 0.0, 0.0)
    with pytest.raises(InputError, match="unknown family"):
        clearances(b.scenes, face(0.0, 0.0, 0.0), families=["cellar"])
