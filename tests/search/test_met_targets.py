"""After a hit: what was met is no gain again, and plans have stated objectives."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from search_samples import NOTHING, PRIOR, belief, chamber, drive, random_contents

from subterra.errors import InputError
from subterra.scene import concatenate, make_scene
from subterra.search import DrillTerms, Hole, as_arrays, hit_probability, plan_holes
from subterra.search.axes import gather_axes
from subterra.search.hit import HoleHits
from subterra.search.met import LoggedVoid, met_targets
from subterra.search.objective import Objective, parse_objective
from subterra.search.score import binary_entropy, score_holes, start_pending, with_hole
from subterra.search.shortlist import alternative_weights, regrets, two_step_values

HIT = Hole("P1", 30.0, 20.0, 0.0, 0.0, 90.0, 12.0)
VOID = LoggedVoid(HIT, 7.0, 9.0)


def met_in(contents, voids=(VOID,), prior=PRIOR):
    scenes = concatenate([make_scene(objects) for objects in contents])
    return met_targets(scenes, prior, voids)


def test_a_void_has_met_the_nearest_target_within_its_reach() -> None:
    found = met_in(
        [
            [drive(20.0)],
            [drive(20.5), drive(20.0)],
            [drive(10.0)],
            [drive(20.0, depth=13.0)],
            [chamber(30.0, 20.0, 8.0)],
            [chamber(30.0, 20.0, 8.0), drive(22.0)],
            NOTHING,
        ]
    )
    assert found[:, :2].tolist() == [
        [True, False], [False, True], [False, False], [False, False],
        [False, False], [False, True], [False, False],
    ]  # fmt: skip
    both = met_in([[drive(20.0), drive(20.0, depth=14.0)]], (VOID, LoggedVoid(HIT, 13.0, 15.0)))
    assert both[0, :2].tolist() == [True, True]
    assert not met_in([[drive(20.0)]], ()).any()


def after_hit(extra=0.3, n=200):
    """A drive met at (30, 20) whose course is not known, and perhaps another in the south."""
    rng = np.random.default_rng(1)
    contents = []
    for _ in range(n):
        slope = rng.uniform(-0.4, 0.4)
        ends = [(0.0, 20.0 - 30.0 * slope, -8.0), (60.0, 20.0 + 30.0 * slope, -8.0)]
        objects = [{"family": "driven", "fill": "air", "radius": 1.0, "axis": ends}]
        if rng.random() < extra:
            objects.append(drive(3.0, depth=6.0))
        contents.append(objects)
    return belief(contents)


def test_the_next_hole_is_not_beside_the_one_that_hit() -> None:
    held = after_hit()
    before = plan_holes(held, 1, drilled=[HIT])[0]
    assert before.p_hit > 0.9
    assert abs(before.y - 20.0) < 4.0
    row = plan_holes(held, 1, drilled=[HIT], voids=[VOID])[0]
    assert abs(row.y - 3.0) < 6.0
    assert row.p_hit == pytest.approx(0.3, abs=0.08)
    assert "no hole has met yet 0.2" in row.reason or "no hole has met yet 0.3" in row.reason


def test_learning_goes_where_the_course_is_not_known() -> None:
    row = plan_holes(
        after_hit(extra=0.0), 1, drilled=[HIT], voids=[VOID], objective=Objective(learn=1.0)
    )[0]
    # Half of the courses pass there: one bit, less what the drill misses.
    assert row.information_bits > 0.6
    assert 0.25 < row.p_hit < 0.75
    assert abs(row.x - 30.0) > 5.0
    assert "tells" in row.reason


def test_when_all_is_met_there_is_nothing_to_find() -> None:
    held = after_hit(extra=0.0)
    rows = plan_holes(held, 1, drilled=[HIT], voids=[VOID], objective=Objective(find=1.0))
    assert rows == []


def brute_clearance(weight, open_scenes, void, new):
    """I(outcome; any target not met | outcomes of others) from the table of all outcomes."""
    bits = 0.0
    for pattern in range(2 ** len(void)):
        like = np.ones_like(weight)
        for k, q in enumerate(void):
            like = like * (q if pattern >> k & 1 else 1.0 - q)
        w = weight * like
        if w.sum() == 0.0:
            continue
        bits += w.sum() * binary_entropy(float(w @ new / w.sum()))
        for mask in (open_scenes, ~open_scenes):
            total = w[mask].sum()
            if total > 0.0:
                bits -= total * binary_entropy(float(w[mask] @ new[mask] / total))
    return bits


def test_clearing_against_the_table_of_outcomes() -> None:
    rng = np.random.default_rng(7)
    held = belief(random_contents(40, rng), weight=rng.dirichlet(np.ones(40)))
    terms = DrillTerms(p_detect=(0.9, 0.8, 0.5), false_void_per_m=0.004)
    holes = [
        Hole(f"H{k}", *rng.uniform(5, (55, 35)), 0.0, *rng.uniform((0, 45), (360, 90)), 20.0)
        for k in range(10)
    ]
    axes = gather_axes(held.scenes, held.prior, terms.p_detect)
    open_scenes = np.zeros(40, bool)
    open_scenes[axes.scene[axes.target]] = True
    hits = hit_probability(held.scenes, held.prior, holes, terms=terms)
    pending = start_pending(held.weight, (), open_scenes)
    for k in range(2):
        pending = with_hole(pending, hits.p_hit[k], hits.p_void[k])
    scores = score_holes(
        axes, as_arrays(holes), pending, terms, objective=Objective(clear=1.0), fixed_length=True
    )
    void = hits.p_void.astype(float)
    for k in range(10):
        expected = brute_clearance(held.weight, open_scenes, void[:2], void[k])
        assert scores.clear_bits[k] == pytest.approx(expected, abs=1e-6)
    assert scores.utility == pytest.approx(scores.clear_bits / scores.cost)
    assert np.all(scores.clear_bits <= scores.bits + 1e-6)


def test_objectives_in_words() -> None:
    assert parse_objective("find") == Objective(find=1.0)
    assert parse_objective("find=1, learn=0.05") == Objective(find=1.0, learn=0.05)
    assert Objective(find=1.0, clear=2.0).words == "find 1 + clear 2"
    for slip in ("hide", "find=a", "find,find", "learn=-1", "find=0", ""):
        with pytest.raises(InputError):
            parse_objective(slip)


def test_alternative_priors_keep_the_chance_of_a_target_and_tilt_the_rest() -> None:
    held = belief([[drive(5.0, depth=4.0)], [drive(5.0, depth=9.0)], NOTHING], (0.3, 0.3, 0.4))
    found = alternative_weights(held)
    assert found["as believed"] == pytest.approx((0.3, 0.3, 0.4))
    assert found["targets deeper"] == pytest.approx((0.12, 0.48, 0.4))
    assert found["targets shallower"] == pytest.approx((0.48, 0.12, 0.4))
    assert found["targets less likely"] == pytest.approx(np.array((0.3, 0.3, 1.6)) / 2.2)


def hits_of(p):
    p = np.asarray(p, float)
    return HoleHits(p, p, p, p)


def test_regret_prefers_the_hole_that_is_never_bad() -> None:
    weights = {"a": np.array([0.9, 0.1, 0.0]), "b": np.array([0.1, 0.9, 0.0])}
    hits = hits_of([[1, 0, 0], [0, 1, 0], [0.8, 0.8, 0]])
    found = regrets(weights, np.ones(3), hits, np.ones(3), Objective(find=1.0))
    assert found.largest == pytest.approx([1 - 0.1 / 0.9, 1 - 0.1 / 0.9, 1 - 0.8 / 0.9])
    assert found.worst_prior(0) == "b"


def test_two_steps_against_a_tree_by_hand() -> None:
    weight = np.array([0.4, 0.3, 0.3])
    p = [[1, 0, 0], [0, 1, 0], [0, 0.5, 0.5]]
    cost = np.array([1.0, 1.0, 2.0])
    found = two_step_values(weight, np.ones(3), hits_of(p), cost)
    # First hole 0: found .4, then of the rest hole 1 finds .3 per 1, hole 2 .3 per 2.
    assert found[0] == pytest.approx((0.4 + 0.3) / (1.0 + 0.6 + 0.4 * 1.0))
    assert found[1] == pytest.approx((0.3 + 0.4) / 2.0)


def test_robust_and_look_ahead_rows_say_why() -> None:
    held = after_hit()
    robust = plan_holes(held, 2, robust=True)
    assert all("under other priors" in row.reason for row in robust)
    ahead = plan_holes(held, 1, look_ahead=True)[0]
    plain = plan_holes(held, 1)[0]
    assert ahead.p_hit <= plain.p_hit + 0.05
    assert replace(plain, reason="") == replace(plan_holes(held, 1)[0], reason="")
