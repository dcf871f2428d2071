"""Surveyed holes are followed along their trace, by the planner as by the evidence."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from search_samples import NOTHING, PRIOR, belief, chamber, drive, random_contents

from subterra.errors import InputError
from subterra.evidence import borehole_evidence
from subterra.evidence.desurvey import hole_traces
from subterra.evidence.drill_words import DrillLogTerms
from subterra.scene import concatenate, make_scene
from subterra.search import DrillTerms, Hole, as_arrays, hit_probability
from subterra.search.declared import declare
from subterra.search.holes import course, direction, place_at, trace_separation
from subterra.search.met import LoggedVoid, met_targets
from subterra.search.practice import grid_coverage
from subterra.tables import BoreholeTable, IntervalTable, SurveyTable

STATIONS = ((0.0, 90.0), (6.0, 80.0), (12.0, 65.0), (20.0, 50.0))
"""Depth and inclination of a hole that swings to the east."""


def swinging(length=20.0, x=30.0, y=20.0):
    """The same hole as tables of the evidence and as a hole of the planner."""
    one = [np.array([v]) for v in (x, y, 0.0, 90.0, 90.0, length)]
    collars = BoreholeTable(("B1",), *one)
    depth, down = (np.array(v) for v in zip(*STATIONS, strict=True))
    surveys = SurveyTable(("B1",) * 4, depth, np.full(4, 90.0), down)
    rows = hole_traces(collars, surveys, PRIOR)["B1"]
    trace = tuple((d, e, n, u) for d, e, n, u in rows.tolist())
    hole = Hole("B1", x, y, 0.0, 90.0, 90.0, length, trace=trace, surveyed_m=float(depth[-1]))
    return collars, surveys, hole


def test_a_straight_trace_is_a_straight_hole() -> None:
    rng = np.random.default_rng(3)
    held = belief(random_contents(400, rng))
    terms = DrillTerms()
    for azimuth, down in ((0.0, 90.0), (70.0, 55.0)):
        plain = Hole("S", 28.0, 17.0, 0.0, azimuth, down, 25.0)
        end = 25.0 * direction(azimuth, down) + np.array([28.0, 17.0, 0.0])
        same = replace(plain, trace=((0.0, 28.0, 17.0, 0.0), (25.0, *map(float, end))))
        found = hit_probability(held.scenes, held.prior, [same, plain, same], terms=terms)
        assert found.p_hit[0] == pytest.approx(found.p_hit[2])
        # Two closed forms of the same integral: they part where a hole grazes an end.
        assert found.p_hit[0] == pytest.approx(found.p_hit[1], abs=0.06)
        assert found.p_void[0] == pytest.approx(found.p_void[1], abs=0.06)
        assert np.mean(np.abs(found.p_hit[0] - found.p_hit[1])) < 0.01
        at = np.isfinite(found.from_m[0]) & np.isfinite(found.from_m[1]) & (found.p_hit[1] > 0.2)
        assert at.sum() > 3
        assert found.from_m[0, at] == pytest.approx(found.from_m[1, at], abs=0.6)


def test_hits_along_a_survey_are_those_of_the_evidence() -> None:
    collars, surveys, hole = swinging()
    rng = np.random.default_rng(5)
    contents = [
        [drive(float(y), depth=float(d))] for y, d in rng.uniform((17, 3), (23, 18), (40, 2))
    ]
    contents += [
        [chamber(float(x), 20.0, float(d), radius=1.5)]
        for x, d in rng.uniform((29, 4), (38, 16), (20, 2))
    ]
    prior = replace(PRIOR, targets=("driven", "chamber"))
    scenes = concatenate([make_scene(objects) for objects in contents])
    terms = DrillTerms(p_detect=(1.0, 1.0, 1.0), false_void_per_m=0.0)
    mine = hit_probability(scenes, prior, [hole], terms=terms).p_hit[0]
    intact = IntervalTable(("B1",), np.array([0.0]), np.array([20.0]), ("intact",))
    held = borehole_evidence(
        collars, intact, prior, surveys=surveys,
        terms=DrillLogTerms(p_detect=(1.0, 1.0, 1.0), false_void_per_m=1e-9),
    )  # fmt: skip
    theirs = 1.0 - np.exp(held.log_likelihood(scenes))
    assert mine == pytest.approx(theirs, abs=1e-4)
    assert np.sum(mine > 0.5) > 5
    straight = replace(hole, trace=(), surveyed_m=0.0)
    assert np.any(
        np.abs(hit_probability(scenes, prior, [straight], terms=terms).p_hit[0] - mine) > 0.9
    )


def test_a_void_is_met_where_the_survey_puts_it() -> None:
    *_, hole = swinging()
    there = place_at(hole, 17.0)
    assert there[0] > 32.0
    contents = [
        [chamber(float(there[0]), 20.0, float(-there[2]), radius=1.0)],
        [chamber(30.0, 20.0, 17.0, radius=1.0)],
        NOTHING,
    ]
    prior = replace(PRIOR, targets=("chamber",))
    scenes = concatenate([make_scene(objects) for objects in contents])
    along = met_targets(scenes, prior, [LoggedVoid(hole, 16.5, 17.5)])
    assert along.any(axis=1).tolist() == [True, False, False]
    straight = LoggedVoid(replace(hole, trace=(), surveyed_m=0.0), 16.5, 17.5)
    assert met_targets(scenes, prior, [straight]).any(axis=1).tolist() == [False, True, False]


def test_a_survey_narrows_how_far_a_void_may_reach() -> None:
    """Straight and surveyed as such: 3 (0.3 + 0.01·50 + 0.01·50) m of reach shrink."""
    plain = Hole("S", 30.0, 20.0, 0.0, 0.0, 90.0, 60.0)
    known = replace(
        plain, trace=((0.0, 30.0, 20.0, 0.0), (60.0, 30.0, 20.0, -60.0)), surveyed_m=60.0
    )
    prior = replace(PRIOR, depth_m=70.0)
    # The wall is 3.0 m away: within 3.9 m, beyond 2.7 m.
    scenes = make_scene([drive(24.0, depth=50.0)])
    assert met_targets(scenes, prior, [LoggedVoid(plain, 50.0, 50.5)]).any()
    assert not met_targets(scenes, prior, [LoggedVoid(known, 50.0, 50.5)]).any()


def test_courses_end_where_the_hole_ends() -> None:
    *_, hole = swinging()
    short = course(replace(hole, length_m=9.0))
    assert short[-1, 0] == 9.0
    assert short[-1, 1:] == pytest.approx(place_at(hole, 9.0))
    assert np.all(np.diff(short[:, 0]) > 0.0)
    deep = replace(hole, length_m=25.0)
    step = place_at(deep, 25.0) - place_at(deep, 20.0)
    assert np.linalg.norm(step) == pytest.approx(5.0, abs=1e-3)
    with pytest.raises(InputError, match="trace"):
        replace(hole, trace=((1.0, 0.0, 0.0, 0.0), (2.0, 0.0, 0.0, -1.0)))


def test_separation_follows_the_survey() -> None:
    *_, hole = swinging()
    upright = as_arrays([Hole("U", 30.0, 20.0, 0.0, 0.0, 90.0, v) for v in (5.0, 20.0, 30.0)])
    found = trace_separation(upright, hole)
    away = [np.hypot(place_at(hole, v)[0] - 30.0, place_at(hole, v)[2] + v) for v in (5.0, 20.0)]
    assert found == pytest.approx([away[0], away[1], away[1]], abs=0.02)
    assert trace_separation(upright, replace(hole, trace=()))[1] == 0.0


def test_a_grid_of_practice_looks_where_holes_pass() -> None:
    *_, hole = swinging()
    square = np.array([(27.5, 19.0), (31.0, 19.0), (31.0, 21.0), (27.5, 21.0)])
    declared = declare(PRIOR, above_m=12.0, polygon=square)
    straight = replace(hole, trace=(), surveyed_m=0.0)
    bent, plumb = (grid_coverage(PRIOR, declared, [h], 4.0) for h in (hole, straight))
    assert 0.0 < bent < plumb
