from __future__ import annotations

import numpy as np
import pytest

from subterra.inference import target_clusters
from subterra.inference.belief import Belief, RunInfo
from subterra.scene import Prior, concatenate, make_scene
from subterra.search.hit import hit_probability
from subterra.search.holes import Hole
from subterra.search.outcomes import plan_outcomes
from subterra.search.rivals import ELSEWHERE, fit_by_rival, lines_of, rival_explanations
from subterra.search.terms import DrillTerms

NORTH, SOUTH, FAR = 80.0, 20.0, 50.0
# Along y = 80 with air, the same with water, along y = 20 with air, nothing, and a chamber that is
# no target; each in as many scenes as it has hundredths of the weight.
SHARES = {"north air": 50, "north water": 20, "south": 15, "nothing": 10, "chamber": 5}


def _scene(name, k):
    wobble = 0.01 * (k % 5)
    if name == "nothing":
        return make_scene([])
    if name == "chamber":
        return make_scene(
            [{"family": "chamber", "fill": "water", "axis": [[FAR, FAR, -5.0]], "radius": 2.0}]
        )
    y = SOUTH if name == "south" else NORTH
    axis = [[0.0, y + wobble, -4.0], [50.0, y + wobble, -5.0], [100.0, y + wobble, -6.0]]
    fill = "water" if name == "north water" else "air"
    radius = 1.0 + 0.01 * (k % 9)
    return make_scene([{"family": "driven", "fill": fill, "axis": axis, "radius": radius}])


@pytest.fixture(scope="module")
def belief():
    n = 10 * sum(SHARES.values())
    scenes = [_scene(name, k) for name, share in SHARES.items() for k in range(10 * share)]
    prior = Prior((0.0, 0.0, 100.0, 100.0), 12.0)
    info = RunInfo(1, n, 1.0, (0.0,), (0.85,), (n,), 1.0 * n, {}, (0.0, 1.0), {})
    return Belief(concatenate(scenes), np.full(n, 1.0 / n), prior, info)


@pytest.fixture(scope="module")
def rivals(belief):
    return rival_explanations(belief, target_clusters(belief))


def test_explanations_are_the_sorts_of_scenes_with_their_weight(rivals):
    found = [(r.place, r.family, r.fill, round(r.p, 3)) for r in rivals.best]
    assert found == [
        (1, "driven", "air", 0.5),
        (1, "driven", "water", 0.2),
        (2, "driven", "air", 0.15),
        (None, "", "", 0.1),
        (None, "chamber", "water", 0.05),
    ]
    assert [r.is_target for r in rivals.best] == [True, True, True, False, False]


def test_probabilities_sum_to_one_and_no_scene_is_in_two(belief, rivals):
    few = rival_explanations(belief, target_clusters(belief), most=1)
    for made in (rivals, few):
        assert sum(r.p for r in made.best) + made.p_other == pytest.approx(1.0)
        assert np.sum([r.holds for r in made.best], axis=0).max() == 1
    assert [r.family for r in few.best] == ["driven", ""]
    assert (few.n_other, round(few.p_other, 3)) == (3, 0.4)
    weight = np.bincount(few.group, weights=belief.weight)
    assert weight == pytest.approx([0.5, 0.1, 0.4])


def test_nothing_there_is_always_listed_even_where_no_scene_is_empty(belief):
    full = belief.scenes.objects.family[:, 0] > 0
    weight = np.where(full, 1.0 / full.sum(), 0.0)
    certain = Belief(belief.scenes, weight, belief.prior, belief.info)
    made = rival_explanations(certain, target_clusters(certain))
    assert made.best[-1].family == ""
    assert made.best[-1].p == 0.0
    assert made.best[-1].depth_m is None


def test_a_target_in_no_cluster_is_elsewhere(belief):
    made = rival_explanations(belief, target_clusters(belief)[:1])
    elsewhere = next(r for r in made.best if r.place == ELSEWHERE)
    assert elsewhere.p == pytest.approx(0.15)


def test_depth_is_the_mean_along_the_axis_inside_the_bounds(rivals):
    low, middle, high = rivals.best[0].depth_m
    assert (low, middle, high) == pytest.approx((5.0, 5.0, 5.0), abs=1e-5)
    low, middle, high = rivals.best[0].radius_m
    assert (low, high) == pytest.approx((1.0, 1.08), abs=1e-6)
    assert middle == pytest.approx(1.04, abs=1e-6)


def test_lines_are_of_scenes_of_the_explanation(belief, rivals):
    lines = lines_of(belief, rivals.best[2], 7)
    assert len(lines) == 7
    assert all(np.abs(line[..., 1] - SOUTH).max() < 0.1 for line in lines)
    assert lines_of(belief, rivals.best[3]) == []


def test_fit_is_the_mean_difference_in_decibans(belief, rivals):
    value = np.where(rivals.group == 2, -2.0, 1.0)
    fit = fit_by_rival(belief, rivals, {"survey": value})["survey"]
    assert fit[0] == pytest.approx(0.0)
    assert fit[2] == pytest.approx(-3.0 * 10.0 / np.log(10.0))
    # One scene with half of the weight speaks for nobody but itself.
    one = np.zeros(len(belief.weight))
    one[np.flatnonzero(rivals.group == 2)[0]] = 1.0
    thin = Belief(belief.scenes, 0.5 * belief.weight + 0.5 * one, belief.prior, belief.info)
    made = rival_explanations(thin, target_clusters(thin))
    lone = next(k for k, r in enumerate(made.best) if r.place is not None and r.effective < 30.0)
    assert fit_by_rival(thin, made, {"survey": value})["survey"][lone] is None


def test_outcomes_follow_bayes_rule(belief, rivals):
    terms = DrillTerms(p_detect=(0.9, 0.9, 0.9), false_void_per_m=0.0, deviation_sd_per_m=0.0)
    over = Hole("over", 50.0, NORTH, 0.0, 0.0, 90.0, 10.0)
    away = Hole("away", 50.0, 99.0, 0.0, 0.0, 90.0, 10.0)
    hits = hit_probability(belief.scenes, belief.prior, [over, away], terms=terms)
    first, second = plan_outcomes(belief, ["over", "away"], hits, rivals)
    # Nine of ten holes through the northern drive log it.
    assert first.p_void == pytest.approx(0.7 * 0.9, abs=1e-3)
    assert first.any_if_void == pytest.approx(1.0)
    assert first.any_if_dry == pytest.approx((0.07 + 0.15) / 0.37, abs=1e-3)
    assert first.rivals_if_dry[2] == pytest.approx(0.15 / 0.37, abs=1e-3)
    assert first.p_void_by_rival[:4] == pytest.approx([0.9, 0.9, 0.0, 0.0], abs=1e-3)
    # The outcome depends on the explanation alone: information is that of the two groups.
    q = np.array([0.7, 0.3])
    p = np.array([0.9, 0.0])
    mean = q @ p
    entropy = -sum(v * np.log2(v) for v in (mean, 1.0 - mean))
    inside = 0.7 * -(0.9 * np.log2(0.9) + 0.1 * np.log2(0.1))
    assert first.bits == pytest.approx(entropy - inside, abs=2e-3)
    assert second.p_void == pytest.approx(0.0)
    assert second.any_if_void is None
    assert second.any_if_dry == pytest.approx(0.85)
    assert second.bits == pytest.approx(0.0, abs=1e-9)
