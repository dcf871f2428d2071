"""What holes meet in scenes: exact geometry, sampled deviations, and the limits of a drill."""

from __future__ import annotations

import math

import numpy as np
import pytest
from search_samples import NOTHING, PRIOR, belief, chamber, drive, random_contents

from subterra.scene import Prior, make_scene, target_mask
from subterra.scene.geometry import trace_capsule
from subterra.search import DrillTerms, Hole, direction, hit_probability

SURE = DrillTerms(p_detect=(1.0, 1.0, 1.0), false_void_per_m=0.0, deviation_sd_per_m=0.0)


def vertical(x, y, length=20.0):
    return Hole("V", x, y, 0.0, 0.0, 90.0, length)


def slow_interval(objects, slot, start, step, length):
    """Interval of a straight trace in one object, segment by segment."""
    spans = []
    for i in range(objects.x.shape[-1] - 1):
        a, b = (
            [float(v[0, slot, j]) for v in (objects.x, objects.y, objects.z)] for j in (i, i + 1)
        )
        spans.append(trace_capsule(*start, *step, length, *a, *b, float(objects.radius[0, slot])))
    met = [s for s in spans if not math.isnan(s[0])]
    return (min(s[0] for s in met), max(s[1] for s in met)) if met else None


def slow_hit(scene, prior, hole, tilt=(0.0, 0.0)):
    """Depth interval in the first target met by a hole that is tilted by two small angles."""
    step = direction(hole.azimuth_deg, hole.inclination_deg)
    across = np.cross(step, (0.0, 0.0, 1.0) if abs(step[2]) < 0.9 else (1.0, 0.0, 0.0))
    across /= np.linalg.norm(across)
    step = step + tilt[0] * across + tilt[1] * np.cross(step, across)
    step /= np.linalg.norm(step)
    objects = scene.objects
    for slot in np.flatnonzero(target_mask(prior)[objects.family[0]]):
        found = slow_interval(objects, slot, (hole.x, hole.y, hole.z), step, hole.length_m)
        if found:
            return found
    return None


def test_without_deviation_hits_are_those_of_exact_geometry():
    rng = np.random.default_rng(7)
    prior = Prior(PRIOR.bounds, 20.0, targets=("driven", "working", "chamber"))
    contents = [c[:1] for c in random_contents(60, rng, p_none=0.1)]
    scenes = belief(contents, prior=prior).scenes
    holes = [
        Hole(f"H{k}", *rng.uniform(0, (60, 40)), 0.0, *rng.uniform((0, 35), (360, 90)), 25.0)
        for k in range(160)
    ]
    hits = hit_probability(scenes, prior, holes, terms=SURE)
    agree = met = 0
    for n, objects in enumerate(contents):
        scene = make_scene(objects)
        for h, hole in enumerate(holes):
            exact = slow_hit(scene, prior, hole)
            agree += (hits.p_hit[h, n] > 0.5) == (exact is not None)
            if exact is None or hits.p_hit[h, n] < 0.5:
                continue
            met += 1
            middle = 0.5 * (hits.from_m[h, n] + hits.to_m[h, n])
            # Straightening the round ends moves the chord's ends, never by more than a radius.
            assert middle == pytest.approx(
                0.5 * (exact[0] + exact[1]), abs=contents[n][0]["radius"]
            )
    assert met > 100
    # Only a hole cut short inside the rounding of an end may be judged otherwise.
    assert agree >= 9600 - 10


@pytest.mark.parametrize(
    ("hole", "content"),
    [
        (vertical(30.0, 20.0), drive(20.6, 12.0)),
        (vertical(30.0, 20.0), drive(21.4, 15.0, radius=1.3)),
        (vertical(30.0, 20.0), drive(20.1, 15.0, x=(30.1, 90.0))),
        (vertical(30.0, 20.0), chamber(30.5, 20.4, 14.0, radius=0.8)),
        (Hole("I", 30.0, 8.0, 0.0, 0.0, 50.0, 25.0), drive(18.5, 12.0)),
        (Hole("O", 24.0, 12.0, 0.0, 40.0, 55.0, 25.0), drive(20.0, 12.0)),
        (vertical(30.0, 20.0), drive(20.5, 12.0, x=(29.5, 30.5), radius=0.5)),
    ],
)
def test_deviation_integral_against_sampled_holes(hole, content):
    """Straight holes with normal tilts, tested by exact geometry one at a time."""
    terms = DrillTerms(p_detect=(1.0, 1.0, 1.0), false_void_per_m=0.0, deviation_sd_per_m=0.03)
    prior = Prior(PRIOR.bounds, 20.0, targets=("driven", "chamber"))
    scene = make_scene([content])
    tilts = np.random.default_rng(11).normal(0.0, 0.03, (3000, 2))
    found = [slow_hit(scene, prior, hole, tilt) for tilt in tilts]
    share = np.mean([f is not None for f in found])
    hits = hit_probability(scene, prior, [hole], terms=terms)
    assert hits.p_hit[0, 0] == pytest.approx(share, abs=4.0 * math.sqrt(0.25 / 3000) + 0.01)
    spans = np.array([f for f in found if f is not None])
    assert hits.from_m[0, 0] == pytest.approx(spans[:, 0].mean(), abs=0.35)
    assert hits.to_m[0, 0] == pytest.approx(spans[:, 1].mean(), abs=0.35)


def test_a_hit_is_never_surer_than_the_drill():
    rng = np.random.default_rng(5)
    prior = Prior(PRIOR.bounds, 20.0, targets=("driven", "working", "chamber"))
    scenes = belief(random_contents(150, rng), prior=prior).scenes
    holes = [Hole("H", *rng.uniform(0, (60, 40)), 0.0, 30.0, 60.0, 22.0) for _ in range(80)]
    terms = DrillTerms(p_detect=(0.9, 0.8, 0.4))
    p_hit = hit_probability(scenes, prior, holes, terms=terms).p_hit
    assert p_hit.max() == pytest.approx(0.9, abs=1e-3)
    assert p_hit.max() <= np.float32(0.9)
    rubble = belief([[drive(20.0, fill="rubble"), drive(20.0, 12.0, fill="rubble")]])
    assert hit_probability(rubble.scenes, PRIOR, holes, terms=terms).p_hit.max() <= np.float32(0.4)


def test_two_targets_on_one_hole_join_below_the_drills_limit():
    half = DrillTerms(p_detect=(0.9, 0.9, 0.9), deviation_sd_per_m=0.1)
    far, near = drive(21.2, 8.0), drive(21.4, 16.0)
    alone = [
        float(hit_probability(make_scene([c]), PRIOR, [vertical(30, 20)], terms=half).p_hit[0, 0])
        for c in (far, near)
    ]
    both = hit_probability(make_scene([far, near]), PRIOR, [vertical(30, 20)], terms=half).p_hit
    assert both[0, 0] == pytest.approx(1.0 - (1.0 - alone[0]) * (1.0 - alone[1]), abs=1e-6)


def test_a_hole_meets_only_what_it_reaches():
    scene = make_scene([drive(20.0, 8.0, radius=1.0)])
    lengths = (6.9, 7.1, 20.0)
    hits = hit_probability(scene, PRIOR, [vertical(30, 20, v) for v in lengths], terms=SURE)
    assert hits.p_hit[:, 0].tolist() == [0.0, 1.0, 1.0]
    np.testing.assert_allclose(hits.from_m[1:, 0], 7.0, atol=1e-4)
    np.testing.assert_allclose(hits.to_m[:, 0], (np.nan, 7.1, 9.0), atol=1e-4)


def test_natural_voids_are_logged_but_are_no_hits():
    terms = DrillTerms(p_detect=(0.9, 0.9, 0.5), false_void_per_m=0.01)
    b = belief([[chamber(30, 20, 8)], NOTHING])
    hits = hit_probability(b.scenes, PRIOR, [vertical(30, 20, 10.0)], terms=terms)
    assert hits.p_hit.max() == 0.0
    silent = math.exp(-0.1)
    np.testing.assert_allclose(hits.p_void[0], (1.0 - 0.1 * silent, 1.0 - silent), rtol=1e-6)
    assert np.isnan(hits.from_m).all()


def test_depths_along_a_hole():
    b = belief([[drive(20.0, 6.0)], [drive(20.0, 10.0)], NOTHING])
    hits = hit_probability(b.scenes, PRIOR, [vertical(30, 20), vertical(30, 35)], terms=SURE)
    np.testing.assert_allclose(hits.p_hit, [[1.0, 1.0, 0.0], [0.0, 0.0, 0.0]], atol=1e-6)
    np.testing.assert_allclose(hits.from_m[0], (5.0, 9.0, np.nan), atol=1e-3)
    np.testing.assert_allclose(hits.to_m[0], (7.0, 11.0, np.nan), atol=1e-3)
    assert np.isnan(hits.from_m[1]).all()


def test_large_coordinates_cost_nothing():
    east, north = 65536.0, 131072.0
    prior = Prior((east, north, east + 60.0, north + 40.0), 20.0)
    moved = make_scene(
        [{**drive(20.0), "axis": [(east - 40, north + 20.0, -8), (east + 100, north + 20.0, -8)]}]
    )
    hole, away = vertical(30, 20.7), vertical(east + 30, north + 20.7)
    here = hit_probability(make_scene([drive(20.0)]), PRIOR, [hole])
    there = hit_probability(moved, prior, [away])
    np.testing.assert_allclose(there.p_hit, here.p_hit, atol=1e-6)


def test_threads_do_not_change_the_result():
    rng = np.random.default_rng(2)
    b = belief(random_contents(80, rng))
    holes = [
        Hole("H", *rng.uniform(0, (60, 40)), 0.0, float(a), float(i), 22.0)
        for a in (0, 90, 200)
        for i in (50, 70, 90)
        for _ in range(5)
    ]
    one, many = (hit_probability(b.scenes, PRIOR, holes, threads=t) for t in (1, 4))
    for name in ("p_hit", "p_void", "from_m", "to_m"):
        np.testing.assert_array_equal(getattr(one, name), getattr(many, name))
