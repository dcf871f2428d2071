"""What a drill and a report say of shafts and of branches."""

from __future__ import annotations

import numpy as np
import pytest
from length_laws import length_gain
from samples import drilled, reports
from scipy.stats import norm

from subterra.evidence import DrillLogTerms
from subterra.scene import Prior, concatenate, make_scene
from subterra.testing import check_normalised

PRIOR = Prior((0.0, 0.0, 40.0, 40.0), 15.0, targets=("shaft", "working"))
TERMS = DrillLogTerms()


def shaft(x=20.0, y=20.0, mouth=3.0, bottom=33.0, radius=1.5, fill="air"):
    axis = [[x, y, -mouth], [x, y, -bottom]]
    return make_scene([{"family": "shaft", "fill": fill, "axis": axis, "radius": radius}])


def forked(end=32.0):
    main = [[10.0, -20.0, -5.0], [10.0, 60.0, -5.0]]
    branch = np.array([[11.0, 20.0, -5.0], [end, 20.0, -5.0]])
    item = {"family": "working", "fill": "air", "axis": main, "radius": 1.0, "branch": branch}
    return make_scene([item])


def hole(*intervals, x=20.0, y=20.0, length=12.0):
    rows = [("h", *i) for i in intervals] or [("h", 0.0, length, "intact")]
    return drilled(("h", x, y, 0.0, 90.0, length), intervals=rows, terms=TERMS, prior=PRIOR)


def ratio(evidence, scene):
    logs = evidence.log_likelihood(concatenate([scene, make_scene([])]))
    return float(np.exp(logs[0] - logs[1]))


@pytest.mark.parametrize("top", [2.6, 3.0, 3.9])
def test_a_hole_down_a_shaft_meets_its_mouth(top):
    """The depth of the log counts from the flat mouth, not from a cap a radius higher."""
    evidence = hole((0.0, top, "intact"), (top, 12.0, "void"))
    sd, p = TERMS.depth_sd_m + 3.0 * TERMS.depth_sd_relative, TERMS.p_detect[0]
    gain = norm.pdf(top, 3.0, sd) / TERMS.false_void_per_m
    want = 1.0 - p + p * gain * length_gain(12.0 - top, 30.0, unended=True)
    assert ratio(evidence, shaft()) == pytest.approx(want, rel=1e-4)


def test_a_dry_hole_beside_or_above_a_shaft_says_nothing_of_it():
    assert ratio(hole(), shaft()) == pytest.approx(1.0 - TERMS.p_detect[0], rel=1e-4)
    assert ratio(hole(), shaft(x=22.0)) == pytest.approx(1.0, abs=1e-4)
    # Drilled to 2.5 m, over a mouth at 3 m; started below the bottom of another.
    assert ratio(hole(length=2.5), shaft()) == 1.0
    assert ratio(hole(), shaft(x=21.6)) > 0.9
    assert ratio(hole(), shaft(x=21.4)) < 0.35


def test_a_hole_across_a_shaft_meets_its_wall():
    """Level from the side along the ground: through a shaft that stands out, over a deep one."""
    level = drilled(("h", 10.0, 20.0, 90.0, 0.001, 15.0), terms=TERMS, prior=PRIOR)
    assert ratio(level, shaft(mouth=-10.0, bottom=10.0)) == pytest.approx(0.05, rel=1e-3)
    assert ratio(level, shaft(mouth=3.0)) == pytest.approx(1.0, abs=1e-6)


def test_a_hole_into_a_branch_hits_its_object_once():
    evidence = hole((0.0, 4.0, "intact"), (4.0, 6.0, "void"), (6.0, 12.0, "intact"))
    assert ratio(evidence, forked()) > 100.0
    assert ratio(evidence, forked(end=15.0)) == pytest.approx(1.0, abs=1e-6)
    # At the fork both chains are met: still one void, logged or missed.
    dry = hole(x=10.3, y=20.0)
    assert ratio(dry, forked()) == pytest.approx(1.0 - TERMS.p_detect[0], rel=1e-3)
    predicted = evidence.predict(forked())[0, 0]
    assert predicted == pytest.approx(TERMS.p_detect[0] + 12.0 * TERMS.false_void_per_m, rel=1e-6)


@pytest.mark.parametrize("scene", [shaft(), forked()], ids=["shaft", "forked"])
def test_likelihoods_are_densities(scene):
    check_normalised(hole((0.0, 3.0, "intact"), (3.0, 12.0, "void")), scene, make_scene([]))
    item = {"x": 20.0, "y": 21.0, "sd_m": 5.0, "heading_deg": 30.0, "heading_sd_deg": 20.0}
    other = forked(end=20.0) if scene.objects.branch.any() else shaft(x=22.0, y=18.0)
    check_normalised(reports(item, prior=PRIOR), scene, other)


def test_a_report_of_a_place_fits_a_branch_and_a_shaft_has_no_heading():
    near = reports({"x": 28.0, "y": 20.0, "sd_m": 2.0}, prior=PRIOR)
    assert ratio(near, forked()) > 1.5 * ratio(near, forked(end=14.0))
    for heading in (0.0, 77.0):
        item = {"x": 20.0, "y": 20.0, "heading_deg": heading, "heading_sd_deg": 10.0}
        plain = ratio(reports({"x": 20.0, "y": 20.0}, prior=PRIOR), shaft())
        assert ratio(reports(item, prior=PRIOR), shaft()) == pytest.approx(plain, rel=1e-6)
