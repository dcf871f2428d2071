"""Clusters of target axes on beliefs whose objects are known."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from subterra.inference.belief import Belief, RunInfo
from subterra.inference.objects import _square_distance, target_clusters
from subterra.scene import Prior, concatenate, make_scene

PRIOR = Prior((0.0, 0.0, 120.0, 80.0), 20.0)
INFO = RunInfo(1, 1, 0.0, (0.0,), (0.5,), (1,), 1.0, {}, (0.0, 1.0), {})


def drive(y, depth=8.0, *, x=(-40.0, 160.0), radius=1.0, family="driven", fill="air", slope=0.0):
    ends = [(v, y + slope * (v - 60.0), -depth) for v in x]
    return {"family": family, "fill": fill, "axis": ends, "radius": radius}


def belief(contents, weight=None, prior=PRIOR):
    scenes = concatenate([make_scene(c) for c in contents])
    n = len(contents)
    weight = np.full(n, 1.0 / n) if weight is None else np.asarray(weight, float)
    return Belief(scenes, weight, prior, INFO)


def test_no_target_gives_no_object():
    assert target_clusters(belief([[], []])) == []
    chamber = {"family": "chamber", "fill": "air", "axis": [(60, 40, -8)], "radius": 2.0}
    assert target_clusters(belief([[chamber]])) == []


def test_one_drive_with_its_spreads():
    rng = np.random.default_rng(1)
    y, depth = rng.normal(40.0, 0.5, 300), rng.normal(8.0, 0.4, 300)
    radius = np.exp(rng.normal(0.0, 0.1, 300))
    contents = [[drive(*v[:2], radius=v[2])] for v in zip(y, depth, radius, strict=True)]
    found = target_clusters(belief([*contents, *[[]] * 100]))
    assert len(found) == 1
    item = found[0]
    assert item.p == pytest.approx(0.75)
    axis = np.asarray(item.axis)
    assert np.all((axis[:, 0] >= -0.5) & (axis[:, 0] <= 120.5))
    assert np.ptp(axis[:, 0]) == pytest.approx(120.0, abs=1.5)
    np.testing.assert_allclose(axis[:, 1], 40.0, atol=0.3)
    # Distances from the medoid: the spread of the members and the medoid's own offset.
    offset = axis[0, 1] - y.mean()
    assert item.axis_sd_m == pytest.approx(np.hypot(y.std(), offset), rel=0.02)
    assert item.radius_m == pytest.approx(radius.mean(), rel=1e-3)
    assert item.radius_sd_m == pytest.approx(radius.std(), rel=1e-2)
    assert item.depth_m == pytest.approx(depth.mean(), abs=1e-2)
    assert item.depth_sd_m == pytest.approx(depth.std(), rel=1e-2)
    assert item.family == {"driven": pytest.approx(1.0)}
    assert item.fill == {"air": pytest.approx(1.0)}


def test_two_drives_are_two_objects_in_order_of_probability():
    rng = np.random.default_rng(2)
    contents, weight = [], []
    for _ in range(100):
        near, far = drive(20 + rng.normal(0, 0.3)), drive(60 + rng.normal(0, 0.3), 12.0)
        contents += [[near], [far], [far, near]]
        weight += [0.1, 0.5, 0.3]
    found = target_clusters(belief([*contents, []], weight=[v / 100 for v in weight] + [0.1]))
    assert [round(o.p, 6) for o in found] == [0.8, 0.4]
    assert np.mean(np.asarray(found[0].axis)[:, 1]) == pytest.approx(60.0, abs=0.5)
    assert found[0].depth_m == pytest.approx(12.0, abs=1e-3)


def test_two_members_in_one_scene_count_once():
    found = target_clusters(belief([[drive(40.0), drive(41.0)], []], weight=(0.6, 0.4)))
    assert len(found) == 1
    assert found[0].p == pytest.approx(0.6)


def test_family_and_fill_are_shares_of_the_cluster():
    prior = Prior(PRIOR.bounds, 20.0, targets=("driven", "working"))
    contents = [
        [drive(40.0)],
        [drive(40.2, family="working", fill="water")],
        [drive(39.9, fill="water")],
        [],
    ]
    item = target_clusters(belief(contents, weight=(0.4, 0.2, 0.2, 0.2), prior=prior))[0]
    assert item.p == pytest.approx(0.8)
    assert item.family == {"driven": pytest.approx(0.75), "working": pytest.approx(0.25)}
    assert item.fill == {"air": pytest.approx(0.5), "water": pytest.approx(0.5)}


def test_faint_objects_are_left_out_but_do_not_hide_others():
    contents = [[drive(20.0)], [drive(60.0)], []]
    b = belief(contents, weight=(0.04, 0.3, 0.66))
    assert [o.p for o in target_clusters(b)] == [pytest.approx(0.3)]
    assert [o.p for o in target_clusters(b, min_p=0.01)] == [
        pytest.approx(0.3),
        pytest.approx(0.04),
    ]


def test_clusters_are_the_same_every_time():
    rng = np.random.default_rng(5)
    contents = [[drive(rng.uniform(5, 75), slope=rng.normal(0, 0.2))] for _ in range(400)]
    b = belief(contents)
    first, second = target_clusters(b, min_p=0.02), target_clusters(b, min_p=0.02)
    assert first
    assert [(o.p, o.axis_sd_m) for o in first] == [(o.p, o.axis_sd_m) for o in second]


def test_light_scenes_do_not_outweigh_heavy_ones():
    """Many light axes in one place, few heavy ones in another: weight decides, not number."""
    light = [[drive(20.0 + 0.001 * k)] for k in range(5000)]
    heavy = [[drive(60.0 + 0.1 * k)] for k in range(5)]
    weight = np.concatenate([np.full(5000, 0.3 / 5000), np.full(5, 0.14)])
    found = target_clusters(belief([*light, *heavy], weight=weight))
    assert [round(o.p, 3) for o in found] == [0.7, 0.3]
    assert 60.0 <= np.mean(np.asarray(found[0].axis)[:, 1]) <= 60.5


def test_a_short_member_belongs_to_the_long_one():
    """A drive that ends half way is the same object; its spread is measured where it runs."""
    contents = [[drive(40.0)]] * 6 + [[drive(40.0, x=(-40.0, 55.0))]] * 4
    found = target_clusters(belief(contents))
    assert len(found) == 1
    assert found[0].p == pytest.approx(1.0)
    assert found[0].axis_sd_m == pytest.approx(0.0, abs=1e-3)


def test_a_crossing_drive_is_another_object():
    across = {
        "family": "driven",
        "fill": "air",
        "axis": [(60, -40, -8), (60, 120, -8)],
        "radius": 1,
    }
    found = target_clusters(belief([[drive(40.0)], [across]], weight=(0.6, 0.4)))
    assert [o.p for o in found] == [pytest.approx(0.6), pytest.approx(0.4)]


def slow_square_distance(points, axis):
    """Least over the segments, axis by axis and point by point."""
    out = []
    for path in points:
        each = []
        for p in path:
            away = []
            for a, b in itertools.pairwise(axis):
                t = np.clip((p - a) @ (b - a) / max((b - a) @ (b - a), 1e-12), 0.0, 1.0)
                away.append(np.sum((p - a - t * (b - a)) ** 2))
            each.append(min(away))
        out.append(np.mean(each))
    return np.array(out)


@pytest.mark.parametrize("dimensions", [2, 3])
def test_distance_from_a_polyline(dimensions):
    rng = np.random.default_rng(dimensions)
    points, axis = rng.normal(size=(7, 5, 3)), rng.normal(size=(4, 3))
    axis[2] = axis[1]
    found = _square_distance(points, axis, dimensions)
    expected = slow_square_distance(points[..., :dimensions], axis[:, :dimensions])
    np.testing.assert_allclose(found, expected, rtol=1e-12)
