"""Two objects are not in the same ground: by a slow twin, by hand, and in every draw."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from subterra.inference.outlook import no_outlook
from subterra.inference.start import start_scenes
from subterra.scene import (
    DEFAULT_FAMILIES,
    Prior,
    collide,
    concatenate,
    make_scene,
    sample_independent,
    sample_prior,
    take,
)
from subterra.scene.collide import SHARED_REACHES

CROWDED = Prior(
    (0.0, 0.0, 12.0, 12.0),
    6.0,
    targets=("driven", "working"),
    p_none=0.05,
    more_targets=(0.2, 0.4, 0.4),
    families={
        name: replace(item, expected=0.7 if name in ("chamber", "shaft", "conduit") else 0.0)
        for name, item in DEFAULT_FAMILIES.items()
    },
)


def drive(start, end, radius=1.0):
    return {"family": "driven", "fill": "air", "axis": [start, end], "radius": radius}


def cave(at, radius):
    return {"family": "chamber", "fill": "water", "axis": [at], "radius": radius}


def test_drives_inside_each_other_cannot_be():
    one = drive((-50, 0, -5), (50, 0, -5))
    for other, expected in (
        (drive((-50, 0, -5), (50, 0, -5)), True),
        (drive((-40, 0.5, -5.5), (60, 0.5, -4.5), 0.6), True),
        # Beside each other, wall to wall.
        (drive((-50, 2.05, -5), (50, 2.05, -5)), False),
        (drive((-50, 1.95, -5), (50, 1.95, -5)), True),
        # One above the other.
        (drive((-50, 0, -7.05), (50, 0, -7.05)), False),
        # Crossings at 90 and 25 degrees may be, at 10 not.
        (drive((0, -50, -5), (0, 50, -5)), False),
        (drive((-45.3, -21.1, -5), (45.3, 21.1, -5)), False),
        (drive((-49.2, -8.7, -5), (49.2, 8.7, -5)), True),
        # One goes on where the other ends.
        (drive((50, 0, -5), (150, 0, -5)), False),
    ):
        for pair in ([one, other], [other, one]):
            assert bool(collide(make_scene(pair).objects)[0]) is expected, other


def test_a_cave_may_be_broken_into_but_not_lie_in_the_void():
    one = drive((-50, 0, -5), (50, 0, -5), 1.2)
    for other, expected in (
        (cave((0, 0.5, -5), 3.0), True),
        (cave((0, 1.5, -5), 3.0), False),
        (cave((0, 1.0, -5), 0.5), True),
    ):
        for pair in ([one, other], [other, one]):
            assert bool(collide(make_scene(pair).objects)[0]) is expected, other
    both = [cave((0, 0, -5), 1.0), cave((2, 0, -5), 3.0)]
    assert collide(make_scene(both).objects)[0]
    assert not collide(make_scene([both[0], cave((3.5, 0, -5), 3.0)]).objects)[0]
    assert not collide(make_scene([one]).objects)[0]


def dense(objects, i, k, n=4000):
    """Points at even steps along all axes of an object, and the step."""
    chains = [np.stack([v[i, k] for v in (objects.x, objects.y, objects.z)], -1)]
    if objects.branch[i, k]:
        second = (objects.branch_x, objects.branch_y, objects.branch_z)
        chains.append(np.stack([v[i, k] for v in second], -1))
    points, steps = [], []
    for a, b in ((c[j], c[j + 1]) for c in chains for j in range(len(c) - 1)):
        points.append(a + (np.arange(n)[:, None] + 0.5) / n * (b - a))
        steps.append(np.full(n, np.linalg.norm(b - a) / n))
    return np.concatenate(points), np.concatenate(steps)


def shared_in_reaches(objects, i, k, other):
    """Length of the axes of k within reach of the points of the other, in reaches."""
    points, steps = dense(objects, i, k, 200)
    others, _ = dense(objects, i, other, 400)
    reach = float(objects.radius[i, k]) + float(objects.radius[i, other])
    gap = np.array([np.sqrt(((others - p) ** 2).sum(axis=1).min()) for p in points])
    return float(steps[gap < reach].sum()) / reach


def test_agrees_with_a_slow_twin():
    rng = np.random.default_rng(5)
    scenes = sample_independent(CROWDED, 70, rng)
    objects, found, seen = scenes.objects, collide(scenes.objects), 0
    for i in range(len(scenes)):
        there = np.flatnonzero(objects.family[i] > 0)
        lines = [k for k in there if np.ptp(objects.z[i, k]) + np.ptp(objects.x[i, k]) > 0.0]
        if len(there) < 2 or len(lines) < len(there):
            continue
        most = max(shared_in_reaches(objects, i, k, o) for k in lines for o in lines if o != k)
        # Both sample the axes: what lies near the limit may be told apart differently.
        if abs(most - SHARED_REACHES) > 1.0:
            assert found[i] == (most > SHARED_REACHES), most
            seen += 1
    assert seen > 12
    assert 1 < found.sum() < 60


def test_no_draw_collides():
    rng = np.random.default_rng(2)
    free = collide(sample_independent(CROWDED, 2000, rng).objects).mean()
    assert 0.02 < free < 0.9
    scenes = sample_prior(CROWDED, 2000, rng)
    assert len(scenes) == 2000
    assert not collide(scenes.objects).any()
    started, log_weight = start_scenes(CROWDED, no_outlook(), 2000, rng)
    assert np.array_equal(collide(started.objects), np.isneginf(log_weight))
    assert np.exp(log_weight).mean() == pytest.approx(1.0 - free, abs=0.05)


def test_the_order_of_scenes_and_objects_does_not_matter():
    scenes = sample_independent(CROWDED, 300, np.random.default_rng(3))
    found = collide(scenes.objects)
    order = np.random.default_rng(4).permutation(300)
    assert np.array_equal(collide(take(scenes, order).objects), found[order])
    turned = replace(scenes.objects, **{k: v[:, ::-1] for k, v in vars(scenes.objects).items()})
    assert np.array_equal(collide(turned), found)
    assert len(concatenate([scenes, scenes])) == 600
