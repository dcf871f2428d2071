"""Holes, panels and lines weighed against one another on beliefs whose answer is plain."""

from __future__ import annotations

import numpy as np
import pytest
from search_samples import NOTHING, belief, chamber

from subterra.evidence import gravity_evidence, traveltime_evidence
from subterra.scene import Prior
from subterra.search import DrillTerms, Hole, hit_probability
from subterra.search.action_words import action_rows
from subterra.search.actions import Survey, weigh
from subterra.search.lines import Line
from subterra.search.met import LoggedVoid
from subterra.search.survey_scenes import repeated, thinned
from subterra.search.value import Stakes
from subterra.simulate.line_layouts import gravity_line, radar_panel

TERMS = DrillTerms(max_length_m=60.0, false_void_per_m=0.0)


def north(x, depth, radius=1.0):
    axis = [(x, -200.0, -depth), (x, 200.0, -depth)]
    return {"family": "driven", "fill": "air", "axis": axis, "radius": radius}


def crossings(depth, n=240, width=60.0, p=0.5, seed=2, sd=2.0):
    """A drive from south to north, somewhere along 60 m of easting, with probability ``p``."""
    rng = np.random.default_rng(seed)
    x = (np.arange(n) + 0.5) / n * width
    contents = [[north(v, depth + sd * rng.standard_normal())] for v in x]
    weight = np.append(np.full(n, p / n), np.full(40, (1.0 - p) / 40))
    prior = Prior((0.0, 0.0, width, 20.0), 60.0)
    return belief([*contents, *[NOTHING] * 40], weight=weight, prior=prior)


def hole(x, depth=60.0, name="H"):
    return Hole(name, x, 10.0, 0.0, 0.0, 90.0, depth)


def panel(b, x0, x1, from_m, to_m, cost=1.5):
    table = radar_panel((x0, 10.0, 0.0), (x1, 10.0, 0.0), from_m, to_m, 1.0)
    survey = traveltime_evidence([table], b.prior, lens=0.03)
    holes = (hole(x0, to_m, "A"), hole(x1, to_m, "B"))
    return Survey("panel", Line(x0, 10.0, x1, 10.0), survey, cost, holes)


def stations(b, length, step=2.0, cost=2.0):
    table = gravity_line((0.0, 10.0), (length, 10.0), step, 3.0)
    survey = gravity_evidence([table], b.prior)
    return Survey("gravity line", Line(0.0, 10.0, length, 10.0), survey, cost)


def test_a_single_hole_is_worth_what_it_finds_and_what_comes_after():
    b = crossings(10.0)
    found = weigh(b, [hole(20.0, 15.0)], [], terms=TERMS)[0]
    hits = hit_probability(b.scenes, b.prior, [hole(20.0, 15.0)], terms=TERMS)
    p_hit = float(b.weight @ hits.p_hit[0])
    assert found.p_find == pytest.approx(p_hit)
    assert found.worth.alone == pytest.approx(100.0 * p_hit)
    assert found.worth.index == pytest.approx(100.0 * p_hit / 1.75)
    assert found.then is None
    pair = weigh(b, [hole(20.0, 15.0), hole(40.0, 15.0)], [], terms=TERMS)
    assert all(item.worth.index >= found.worth.index - 1e-9 for item in pair)


def test_radar_turns_the_gap_between_two_holes_into_a_tested_panel():
    """At 40 m a hole meets 2 m of 60, a panel tests 15 m: where holes cost most, the panel wins."""
    b = crossings(40.0)
    single = [hole(x, 46.0) for x in (10.0, 30.0, 50.0)]
    found = weigh(b, single, [panel(b, 22.0, 37.0, 32.0, 46.0)], terms=TERMS, draws=48)
    assert isinstance(found[0].action, Survey)
    best = next(item for item in found if isinstance(item.action, Hole))
    assert found[0].worth.index - best.worth.index > 2.0 * found[0].worth.index_sd
    # A quarter of the drives cross it, and the hole after it is put where the radar saw one.
    assert found[0].worth.avoided > 2.0 * found[0].worth.alone
    assert found[0].then is not None
    assert 22.0 < found[0].then.x < 37.0


def test_a_line_over_shallow_ground_tells_where_to_drill_and_over_deep_ground_nothing():
    shallow, deep = crossings(4.0, sd=0.3), crossings(40.0)
    near = weigh(shallow, [hole(30.0, 8.0)], [stations(shallow, 60.0)], terms=TERMS, draws=48)
    line = next(item for item in near if isinstance(item.action, Survey))
    one = next(item for item in near if isinstance(item.action, Hole))
    assert line.worth.index > 2.0 * one.worth.index
    assert 0.0 < line.worth.p_follow < 1.0
    # Few draws of data that tell nothing still happen to favour some scenes.
    far = weigh(deep, [hole(30.0, 46.0)], [stations(deep, 60.0)], terms=TERMS, draws=192)
    assert isinstance(far[0].action, Hole)
    told = next(item for item in far if isinstance(item.action, Survey))
    assert told.worth.index < far[0].worth.index
    # What it says changes no decision: its holes are worth no more than a hole without it.
    drilled = told.worth.avoided / (told.worth.cost - told.action.cost)
    assert drilled <= far[0].worth.index + 3.0 * told.worth.index_sd


def test_what_a_void_has_met_is_no_gain():
    b = crossings(10.0, n=60, width=3.0, p=1.0, sd=0.1)
    first = hole(1.5, 15.0, "done")
    fresh = weigh(b, [hole(1.5, 15.0)], [], terms=TERMS)[0]
    met = weigh(b, [hole(2.9, 15.0)], [], terms=TERMS, voids=[LoggedVoid(first, 9.0, 11.0)])[0]
    assert fresh.p_find > 0.5
    assert met.p_find < 0.05


def test_repeated_scenes_are_the_same_belief_in_finer_steps():
    b = crossings(20.0, n=40, sd=2.0)
    seen = np.arange(80) < 40
    line = Line(0.0, 10.0, 60.0, 10.0)
    finer, again = repeated(b, seen, np.zeros(b.scenes.objects.family.shape, bool), line, seed=3)
    assert len(finer.weight) == 600 + 40
    np.testing.assert_allclose(np.bincount(again, finer.weight), b.weight)
    x, z = (getattr(finer.scenes.objects, v)[:600, 0, 0] for v in "xz")
    assert len(np.unique(x)) == 600
    assert np.mean(x) == pytest.approx(30.0, abs=2.0)
    assert np.mean(z) == pytest.approx(-20.0, abs=0.8)
    assert np.all(finer.scenes.objects.y[:600, 0, 0] == -200.0)
    same, rows = repeated(b, ~seen, np.zeros(b.scenes.objects.family.shape, bool), line)
    assert same is b
    assert len(rows) == 80


def test_rows_say_why_and_what_is_not_worth_its_cost():
    b = crossings(10.0)
    found = weigh(b, [hole(20.0, 15.0), hole(40.0, 15.0)], [], terms=TERMS, stakes=Stakes(10.0))
    rows = action_rows(found)
    assert [row.action for row in rows] == ["hole", "hole"]
    assert not any(row.worth_its_cost for row in rows)
    assert "not worth its cost" in rows[0].reason
    assert rows[0].per_cost == pytest.approx(rows[0].loss_avoided / rows[0].cost)


def test_fewer_scenes_keep_the_mass_of_every_stratum():
    rng = np.random.default_rng(5)
    b = belief([[chamber(30, 20, 8)]] * 90 + [NOTHING] * 30, weight=rng.dirichlet(np.ones(120)))
    stratum = np.repeat([0, 2], [90, 30])
    few, kept = thinned(b, stratum, {0: 20, 2: 60}, seed=1)
    assert len(kept) == len(set(kept.tolist())) <= 50
    assert few.weight.sum() == pytest.approx(1.0)
    assert few.weight[stratum[kept] == 0].sum() == pytest.approx(b.weight[:90].sum())
    assert np.all(np.isin(np.arange(90, 120), kept))
