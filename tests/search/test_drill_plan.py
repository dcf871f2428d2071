"""Drill plans on beliefs whose best holes are obvious."""

from __future__ import annotations

import itertools
from dataclasses import asdict

import numpy as np
import pytest
from search_samples import NOTHING, PRIOR, belief, chamber, drive, random_contents

import subterra.search.plan_values as plan_values
from subterra.errors import InputError
from subterra.scene import Plane, Prior
from subterra.search import (
    DrillTerms,
    Hole,
    as_arrays,
    direction,
    hit_probability,
    plan_holes,
    score_holes,
    start_pending,
)
from subterra.search.axes import gather_axes

PLACE = ["hole", "x", "y", "z", "azimuth_deg", "inclination_deg", "length_m"]
FINDING = ["target_from_m", "target_to_m", "p_hit", "p_hit_given_previous_miss"]
DOCUMENT = [*PLACE, *FINDING, "information_bits", "cost", "reason", "z_from", "above_plane_m"]


def narrow(y=20.0, sd=0.3, n=60, p=0.9, seed=1, depth=8.0):
    """An east-west drive known to ``sd`` metres, with probability ``p``."""
    rng = np.random.default_rng(seed)
    contents = [[drive(y + rng.normal(0, sd), depth + rng.normal(0, 0.2))] for _ in range(n)]
    weight = np.append(np.full(n, p / n), 1.0 - p)
    return belief([*contents, NOTHING], weight=weight)


def as_hole(row):
    return Hole(row.hole, row.x, row.y, row.z, row.azimuth_deg, row.inclination_deg, row.length_m)


def test_first_hole_stands_over_the_drive_and_goes_straight_down():
    row = plan_holes(narrow(), 1)[0]
    assert list(asdict(row)) == DOCUMENT
    assert row.hole == "P1"
    assert abs(row.y - 20.0) < 0.5
    assert row.inclination_deg == 90.0
    assert row.p_hit == pytest.approx(0.9 * 0.95, abs=0.01)
    assert row.p_hit_given_previous_miss == row.p_hit
    assert 6.0 < row.target_from_m < 8.0 < row.target_to_m < 10.0
    assert row.target_to_m < row.length_m < 12.5
    assert row.cost == pytest.approx(1.0 + 0.05 * row.length_m)
    assert "0.8" in row.reason
    assert "Runner-up" in row.reason


def test_a_vertical_hole_wins_over_an_equally_sure_inclined_one():
    """A ball known exactly is hit surely from every side; straight down goes through the middle."""
    prior = Prior(PRIOR.bounds, 20.0, targets=("chamber",))
    b = belief([[chamber(30, 20, 10, radius=3.0)]], prior=prior)
    row = plan_holes(b, 1, terms=DrillTerms(deviation_sd_per_m=0.0))[0]
    assert row.inclination_deg == 90.0
    assert np.hypot(row.x - 30.0, row.y - 20.0) < 1.5
    assert row.p_hit == pytest.approx(0.95)
    only_inclined = DrillTerms(inclinations_deg=(60.0, 45.0), deviation_sd_per_m=0.0)
    leaning = plan_holes(b, 1, terms=only_inclined)[0]
    assert leaning.p_hit == pytest.approx(0.95)
    assert leaning.cost >= row.cost


def test_an_inclined_hole_wins_where_it_alone_can_cross():
    """A drive of known depth but unknown place: a slanting hole sweeps across it."""
    contents = [[drive(y, 10.0, radius=0.5)] for y in np.linspace(12.0, 28.0, 81)]
    terms = DrillTerms(inclinations_deg=(90.0, 30.0), azimuths_deg=(0.0, 180.0))
    row = plan_holes(belief(contents), 1, terms=terms)[0]
    assert row.inclination_deg == 30.0


def test_later_holes_go_where_the_earlier_ones_would_have_missed():
    contents = [[drive(12.0)], [drive(30.0)], NOTHING]
    b = belief(contents, weight=(0.5, 0.3, 0.2))
    first, second = plan_holes(b, 2)
    assert (round(first.y), round(second.y)) == pytest.approx((12, 30), abs=1)
    assert (first.hole, second.hole) == ("P1", "P2")
    assert second.p_hit == pytest.approx(0.3 * 0.95, abs=1e-3)
    silent = np.array([0.05, 1.0, 1.0]) * (0.5, 0.3, 0.2)
    expected = 0.95 * silent[1] / silent.sum()
    assert second.p_hit_given_previous_miss == pytest.approx(expected, abs=2e-3)
    assert "if the earlier holes find nothing" in second.reason


def test_greedy_pair_is_the_best_pair_of_a_small_set():
    """With one cost, no information and disjoint targets greedy is exhaustive."""
    rng = np.random.default_rng(6)
    ys = (6.0, 13.0, 20.0, 27.0, 34.0)
    weight = rng.dirichlet(np.ones(6))
    b = belief([*[[drive(y, 8.0)] for y in ys], NOTHING], weight=weight)
    terms = DrillTerms(
        information_weight=0.0, inclinations_deg=(90.0,), deviation_sd_per_m=0.0, cost_per_m=0.0
    )
    rows = plan_holes(b, 2, terms=terms)
    holes = [Hole(str(y), 30.0, y, 0.0, 0.0, 90.0, 12.0) for y in ys]
    p = hit_probability(b.scenes, b.prior, holes, terms=terms).p_hit.astype(float)
    pairs = {
        (i, j): float(weight @ (1.0 - (1.0 - p[i]) * (1.0 - p[j])))
        for i, j in itertools.combinations(range(5), 2)
    }
    planned = hit_probability(b.scenes, b.prior, [as_hole(r) for r in rows], terms=terms).p_hit
    reached = float(weight @ (1.0 - np.prod(1.0 - planned.astype(float), axis=0)))
    assert reached == pytest.approx(max(pairs.values()), abs=1e-6)


def test_revaluing_only_the_best_gives_the_plan_of_revaluing_all(monkeypatch):
    b = belief(random_contents(120, np.random.default_rng(12), p_none=0.2))
    lazy = plan_holes(b, 4)
    monkeypatch.setattr(plan_values, "_BLOCK", 10_000_000)
    assert plan_holes(b, 4) == lazy


def test_refined_hole_beats_every_coarse_candidate():
    b = belief(random_contents(60, np.random.default_rng(4)))
    terms = DrillTerms()
    row = plan_holes(b, 1, terms=terms)[0]
    rng = np.random.default_rng(0)
    trial = [Hole("T", *rng.uniform(0, (60, 40)), 0.0, *d, 20.0) for d in terms.directions() * 40]
    axes = gather_axes(b.scenes, b.prior, terms.p_detect)
    scores = score_holes(axes, as_arrays(trial), start_pending(b.weight), terms)
    reached = (row.p_hit + terms.information_weight * row.information_bits) / row.cost
    assert reached >= (1.0 - plan_values.TIE) * scores.utility.max()


def test_rows_are_consistent_with_the_hits_they_promise():
    b = belief(random_contents(80, np.random.default_rng(21), p_none=0.3))
    terms = DrillTerms(p_detect=(0.9, 0.85, 0.5), max_length_m=18.0)
    rows = plan_holes(b, 5, terms=terms)
    assert len(rows) == 5
    silent = b.weight.copy()
    for row in rows:
        hits = hit_probability(b.scenes, b.prior, [as_hole(row)], terms=terms)
        assert row.p_hit == pytest.approx(float(b.weight @ hits.p_hit[0]), abs=1e-6)
        assert row.p_hit <= 0.9
        dry = float(silent @ hits.p_hit[0] / silent.sum())
        assert row.p_hit_given_previous_miss == pytest.approx(dry, abs=1e-6)
        silent = silent * (1.0 - hits.p_void[0])
        assert 0.0 <= row.target_from_m <= row.target_to_m <= row.length_m <= 18.0
        assert row.z - row.length_m * np.sin(np.radians(row.inclination_deg)) >= -20.0 - 1e-9
        assert row.x == round(row.x, 1)
        assert row.information_bits > 0.0


def test_same_seed_same_plan_whatever_the_threads():
    b = belief(random_contents(80, np.random.default_rng(30)))
    assert plan_holes(b, 3, threads=1) == plan_holes(b, 3, threads=4)


def test_no_collar_stands_in_a_no_go_area():
    ring = np.array([(0, 10), (50, 10), (50, 30), (0, 30)], float)
    terms = DrillTerms(no_go=(ring,))
    rows = plan_holes(narrow(), 3, terms=terms)
    assert rows
    for row in rows:
        assert not (row.x < 50.0 and 10.0 < row.y < 30.0)
    assert rows[0].p_hit > 0.8


def test_drilled_ground_is_not_planned_again_and_names_go_on():
    b = narrow(n=20)
    first = plan_holes(b, 1)[0]
    done = Hole("P7", first.x, first.y, first.z, 0.0, 90.0, first.length_m)
    again = plan_holes(b, 1, drilled=[done])[0]
    assert again.hole == "P8"
    assert np.hypot(again.x - first.x, again.y - first.y) >= 1.0
    shallow = Hole("old", first.x, first.y, first.z, 0.0, 90.0, 3.0)
    assert plan_holes(b, 1, drilled=[shallow])[0].x == first.x


def test_a_faint_target_is_still_planned_for():
    b = belief(
        [[drive(13.0)], *[NOTHING] * 199], weight=np.append(1e-6, [(1.0 - 1e-6) / 199] * 199)
    )
    rows = plan_holes(b, 2)
    assert abs(rows[0].y - 13.0) < 1.5
    assert 0.0 < rows[0].p_hit <= 1e-6
    assert "< 0.01" in rows[0].reason


def test_without_any_target_there_is_nothing_to_plan():
    assert plan_holes(belief([NOTHING, [chamber(30, 20, 8)]]), 3) == []
    assert plan_holes(belief([NOTHING, [drive(20.0)]], weight=(1.0, 0.0)), 3) == []
    assert plan_holes(narrow(), 0) == []
    with pytest.raises(InputError):
        plan_holes(narrow(), -1)


def test_holes_start_on_a_sloping_surface():
    prior = Prior(PRIOR.bounds, 20.0, surface=Plane(50.0, 0.1, -0.05))
    axis = [(-20.0, 20.0, 50.0 - 2.0 - 1.0 - 8.0), (80.0, 20.0, 50.0 + 8.0 - 1.0 - 8.0)]
    b = belief([[{"family": "driven", "fill": "air", "axis": axis, "radius": 1.0}]], prior=prior)
    row = plan_holes(b, 1)[0]
    assert row.z == pytest.approx(50.0 + 0.1 * row.x - 0.05 * row.y, abs=1e-3)
    middle = 0.5 * (row.target_from_m + row.target_to_m)
    step = direction(row.azimuth_deg, row.inclination_deg)
    at = np.array([row.x, row.y, row.z]) + middle * step
    assert abs(at[1] - 20.0) < 1.1
    assert at[2] == pytest.approx(39.0 + 0.1 * (at[0] + 20.0), abs=1.1)
