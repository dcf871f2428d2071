"""Shafts and forked workings in plans, maps and queries."""

from __future__ import annotations

import numpy as np
import pytest
from search_samples import INFO, NOTHING, belief, drive

from subterra.inference.belief import Belief
from subterra.scene import DEFAULT_FAMILIES, Prior, sample_prior
from subterra.search import (
    DrillTerms,
    Hole,
    hit_probability,
    plan_holes,
    poc_grid,
    query,
)
from subterra.search.declared import declare, in_class
from subterra.search.met import LoggedVoid, met_targets

PRIOR = Prior((0.0, 0.0, 60.0, 40.0), 20.0, targets=("shaft", "working"))
SURE = DrillTerms(p_detect=(1.0, 1.0, 1.0), false_void_per_m=0.0, deviation_sd_per_m=0.0)


def shaft(x=30.0, y=20.0, mouth=3.0, bottom=43.0, radius=1.5):
    axis = [(x, y, -mouth), (x, y, -bottom)]
    return {"family": "shaft", "fill": "air", "axis": axis, "radius": radius}


def forked(y=20.0):
    branch = np.array([(30.0, y + 1.0, -8.0), (30.0, y + 15.0, -8.0)])
    return {**drive(y, family="working"), "branch": branch}


def vertical(x, y, length=20.0):
    return Hole("V", x, y, 0.0, 0.0, 90.0, length)


def test_a_hole_meets_a_shaft_at_its_mouth():
    b = belief([[shaft()]], prior=PRIOR)
    holes = [vertical(30.3, 20.0), vertical(31.6, 20.0), vertical(30.0, 20.0, 2.9)]
    hits = hit_probability(b.scenes, PRIOR, holes, terms=SURE)
    np.testing.assert_allclose(hits.p_hit[:, 0], [1.0, 0.0, 0.0], atol=1e-5)
    assert hits.from_m[0, 0] == pytest.approx(3.0, abs=1e-3)
    assert hits.to_m[0, 0] == pytest.approx(20.0, abs=1e-3)


def test_a_branch_is_hit_mapped_and_asked_for_as_its_object():
    b = belief([[forked()], NOTHING], prior=PRIOR)
    hits = hit_probability(
        b.scenes, PRIOR, [vertical(30.0, 30.0), vertical(35.0, 30.0)], terms=SURE
    )
    np.testing.assert_allclose(hits.p_hit, [[1.0, 0.0], [0.0, 0.0]], atol=1e-6)
    assert query(b, 30.0, 30.0) == pytest.approx(0.5)
    assert query(b, 30.0, 30.0, -8.5) == pytest.approx(0.5)
    assert query(b, 30.0, 36.5) == 0.0
    image = poc_grid(b, 1.0)
    row, column = np.argmin(abs(image.y_m - 30.0)), np.argmin(abs(image.x_m - 30.0))
    assert image.poc[row, column] == pytest.approx(0.5)
    assert image.poc[row, column + 5] == 0.0


def test_a_branch_belongs_to_a_declared_class_as_its_object_does():
    """The main drive runs south of the area; its branch reaches into it."""
    north = np.array([[0.0, 30.0], [60.0, 30.0], [60.0, 40.0], [0.0, 40.0]])
    scenes = belief([[forked()], [drive(20.0, family="working")]], prior=PRIOR).scenes
    found = in_class(scenes, PRIOR, declare(PRIOR, polygon=north))
    assert found.any(axis=1).tolist() == [True, False]


def test_a_void_in_a_branch_has_met_its_object():
    void = LoggedVoid(vertical(30.0, 30.0), 7.0, 9.0)
    scenes = belief([[forked()], [drive(20.0, family="working")]], prior=PRIOR).scenes
    assert met_targets(scenes, PRIOR, [void]).any(axis=1).tolist() == [True, False]


def test_a_shaft_is_a_circle_on_the_map():
    b = belief([[shaft()], NOTHING], prior=PRIOR)
    image = poc_grid(b, 0.5)
    x, y = np.meshgrid(image.x_m, image.y_m)
    r = np.hypot(x - 30.0, y - 20.0)
    assert np.all(image.poc[r < 1.0] == pytest.approx(0.5))
    assert np.all(image.poc[r > 2.0] == 0.0)
    assert query(b, 30.0, 20.0) == pytest.approx(0.5)
    # Deeper than the site is nobody's question; above the mouth there is nothing.
    assert query(b, 30.0, 20.0, -2.5) == 0.0


def test_a_plan_goes_for_a_shaft():
    rng = np.random.default_rng(3)
    contents = [[shaft(x, y)] for x, y in rng.normal((41.0, 12.0), 0.5, (200, 2))]
    holes = plan_holes(belief([*contents, *[NOTHING] * 50], prior=PRIOR), 1)
    first = holes[0]
    assert first.p_hit > 0.6
    assert np.hypot(first.x - 41.0, first.y - 12.0) < 12.0


def test_hits_of_prior_scenes_agree_with_points_inside():
    """Every family at once: P(a plumb line meets a target) three ways."""
    families = {**DEFAULT_FAMILIES}
    targets = ("working", "shaft", "conduit")
    prior = Prior((0.0, 0.0, 60.0, 40.0), 20.0, targets=targets, families=families, p_none=0.1)
    scenes = sample_prior(prior, 1500, np.random.default_rng(8))
    b = Belief(scenes, np.full(1500, 1.0 / 1500), prior, INFO)
    x, y = 23.0, 17.0
    inside = hit_probability(scenes, prior, [vertical(x, y)], terms=SURE)
    meets = float(b.weight @ inside.p_hit[0])
    assert meets > 0.02
    # A hole that is followed straight sees a polyline where it is closest: not at its corners.
    assert query(b, x, y) == pytest.approx(meets, abs=0.006)
    image = poc_grid(b, 2.0)
    row, column = np.argmin(abs(image.y_m - y)), np.argmin(abs(image.x_m - x))
    assert image.poc[row, column] > 0.8 * meets
