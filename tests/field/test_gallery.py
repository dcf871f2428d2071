"""The real survey over the Rothschönberg adit; the full table is ``bench/gallery.py``."""

import os
from pathlib import Path

import pytest

from bench_scripts import load
from subterra.evidence import resistivity_evidence
from subterra.formats import read_unified
from subterra.inference import infer
from subterra.scene import Prior
from subterra.search import plan_holes

pytestmark = pytest.mark.field


@pytest.fixture(scope="module")
def belief():
    folder = os.environ.get("SUBTERRA_DATA")
    if not folder:
        pytest.skip("the gallery survey is found through SUBTERRA_DATA, which is not set")
    survey = Path(folder) / "ert_gallery_freiberg" / "gallery3d.dat"
    if not survey.exists():
        pytest.skip(f"{survey} does not exist")
    prior = Prior((0.0, 0.0, 20.0, 32.5), 12.0, targets=("working",))
    evidence = resistivity_evidence([read_unified(survey)], prior)
    return infer(prior, [evidence], n_scenes=1024, seed=1)


def test_the_adit_is_found_and_the_compact_body_is_not_taken_for_one(belief):
    found = load("gallery").measures(belief)
    assert found["p_adit"] >= 0.9
    assert found["p_resistive"] > 0.8
    assert found["p_compact"] <= 0.2
    assert 60.0 < found["azimuth_deg"] < 120.0


def test_the_first_hole_meets_the_line_that_others_inverted(belief):
    _, at_target = load("gallery").hole_distance(plan_holes(belief, 1)[0])
    assert at_target < 2.5
