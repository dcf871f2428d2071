"""Shafts among the objects of a belief, and new families in its document."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from subterra.inference.belief import Belief, RunInfo
from subterra.inference.objects import target_clusters
from subterra.inference.quantities import scene_quantities
from subterra.inference.summary import summarise
from subterra.scene import DEFAULT_FAMILIES, Prior, concatenate, make_scene

FAMILIES = {**DEFAULT_FAMILIES, "conduit": replace(DEFAULT_FAMILIES["conduit"], expected=0.5)}
PRIOR = Prior((0.0, 0.0, 120.0, 80.0), 20.0, targets=("shaft", "working"), families=FAMILIES)
INFO = RunInfo(1, 1, 0.0, (0.0,), (0.5,), (1,), 1.0, {}, (0.0, 1.0), {})


def shaft(x, y, mouth, lean=0.0, bottom=30.0):
    axis = [(x, y, -mouth), (x + lean * (bottom - mouth), y, -bottom)]
    return {"family": "shaft", "fill": "rubble", "axis": axis, "radius": 1.2}


def cave():
    s = np.linspace(0.0, 60.0, 9)
    axis = np.column_stack([s, 5.0 * np.sin(s / 9.0), np.full(9, -9.0)])
    return {"family": "conduit", "fill": "water", "axis": axis, "radius": 1.0}


def belief(contents):
    n = len(contents)
    scenes = concatenate([make_scene(c) for c in contents])
    info = replace(INFO, island=(n,), n_scenes=n)
    return Belief(scenes, np.full(n, 1.0 / n), PRIOR, info)


def test_shafts_are_one_object_with_a_place_and_a_mouth():
    rng = np.random.default_rng(4)
    x, y = rng.normal(40.0, 0.6, 200), rng.normal(30.0, 0.6, 200)
    mouth, lean = rng.normal(3.0, 0.5, 200), rng.normal(0.0, 0.02, 200)
    contents = [[shaft(*v)] for v in zip(x, y, mouth, lean, strict=True)]
    (item,) = target_clusters(belief([*contents, *[[]] * 50]))
    assert item.p == pytest.approx(0.8)
    assert item.family == {"shaft": pytest.approx(1.0)}
    np.testing.assert_allclose(item.axis[:, :2], [[40.0, 30.0]] * len(item.axis), atol=1.0)
    assert item.axis[0, 2] > item.axis[-1, 2] + 20.0
    # Both plan coordinates of the middle: √(2·0.6² + (0.02·13.5)²), and the medoid's own offset.
    assert item.axis_sd_m == pytest.approx(0.9, abs=0.12)
    assert item.depth_m == pytest.approx(mouth.mean(), abs=1e-3)
    assert item.depth_sd_m == pytest.approx(mouth.std(), rel=1e-3)


def test_a_shaft_and_a_drive_far_from_it_are_two_objects():
    drive = {
        "family": "working", "fill": "air", "axis": [(-20, 70, -8), (140, 70, -8)], "radius": 1.0,
    }  # fmt: skip
    found = target_clusters(belief([[shaft(40.0, 30.0, 3.0), drive]] * 5))
    assert sorted(max(i.family, key=i.family.get) for i in found) == ["shaft", "working"]


def test_the_document_names_natural_families_that_may_occur():
    document = summarise(belief([[shaft(40.0, 30.0, 3.0), cave()], [cave()], [], []]))
    assert document["p_by_family"] == pytest.approx(
        {"shaft": 0.25, "working": 0.2, "conduit": 0.5, "chamber": 0.2}
    )
    assert list(document["p_by_family"]) == ["working", "chamber", "shaft", "conduit"]
    assert [o["family"] for o in document["objects"]] == [{"shaft": 1.0}]


def test_volumes_and_depths_count_both_chains():
    main = [(20.0, 40.0, -8.0), (60.0, 40.0, -8.0)]
    branch = np.array([(40.0, 41.0, -8.0), (40.0, 61.0, -8.0)])
    item = {"family": "working", "fill": "air", "axis": main, "radius": 1.0}
    scenes = concatenate([make_scene([{**item, "branch": branch}]), make_scene([item])])
    found = scene_quantities(PRIOR, scenes)
    np.testing.assert_allclose(found["target_volume_m3"], np.pi * np.array([60.0, 40.0]))
    np.testing.assert_allclose(found["nearest_depth_m"], 8.0)
    # The middle of the bounds lies on the main drive's far end.
    np.testing.assert_allclose(found["nearest_distance_m"], 0.0, atol=0.4)
    winding = scene_quantities(PRIOR, make_scene([cave()]))
    assert winding["other_volume_m3"][0] > np.pi * 30.0
