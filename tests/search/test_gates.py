"""Rules of distance as hard gates, against the distances of every scene."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from search_samples import NOTHING, belief, drive, random_contents

from subterra.errors import InputError
from subterra.search import DrillTerms, Hole, as_arrays, plan_holes
from subterra.search.gates import Gate, gated, mapped_walls, walls_of
from subterra.search.holes import place_at
from subterra.search.kept_out import kept_out
from subterra.search.standoff import Face, StandoffRule, clearances, shallow_under

NEAR = StandoffRule("6 m", 6.0, "", "")


def some_holes(rng, n=60):
    return [
        Hole(f"H{k}", *rng.uniform(0, (60, 40)), 0.0, *rng.uniform((0, 40), (360, 90)), 18.0)
        for k in range(n)
    ]


def p_within(held, hole, length, distance, families=()):
    """P(a wall lies within the distance of the trace down to a length), by brute force."""
    start = (hole.x, hole.y, hole.z)
    face = Face(start, tuple(map(float, place_at(hole, length))))
    return float(held.weight @ (clearances(held.scenes, face, families=families) <= distance))


@pytest.mark.parametrize("p", [0.0, 0.05, 0.3])
def test_holes_are_cut_where_every_scene_says(p) -> None:
    rng = np.random.default_rng(2)
    held = belief(random_contents(80, rng), weight=rng.dirichlet(np.ones(80)))
    holes = some_holes(rng)
    left, kept = gated(as_arrays(holes), Gate(NEAR, walls_of(held), p), 0.0)
    allowed = dict(zip(np.flatnonzero(kept).tolist(), left.length_m.tolist(), strict=True))
    for k, hole in enumerate(holes):
        if k not in allowed:
            assert p_within(held, hole, 1.0, 6.0) > p
            continue
        assert p_within(held, hole, max(allowed[k] - 0.01, 1e-6), 6.0) <= p + 1e-9
        if allowed[k] < hole.length_m:
            assert p_within(held, hole, allowed[k] + 0.11, 6.0) > p
    if p == 0.05:
        assert 0 < len(allowed) < len(holes)
        assert np.any(left.length_m < 18.0)


def test_families_deviation_and_what_is_certain() -> None:
    held = belief([[drive(20.0, depth=10.0, family="working"), drive(30.0, depth=10.0)]])
    upright = as_arrays([Hole("A", 30.0, y, 0.0, 0.0, 90.0, 18.0) for y in (20.0, 30.0, 5.0)])
    left, kept = gated(upright, Gate(NEAR, walls_of(held, ["working"])), 0.0)
    assert kept.all()
    # The wall's top is 9 m deep: nearer than 6 m from 3 m on.
    assert left.length_m == pytest.approx([3.0, 18.0, 18.0], abs=0.11)
    wider, _ = gated(upright, Gate(NEAR, walls_of(held, ["working"])), 0.02)
    assert wider.length_m[0] == pytest.approx(3.0 - 3.0 * 0.02 * 10.0, abs=0.11)
    courses = [np.array([[0.0, 30.0, -10.0], [60.0, 30.0, -10.0]])]
    maps = Gate(NEAR, mapped_walls(courses, [1.0], (-20.0, 0.0)), 0.0)
    assert gated(upright, maps, 0.0)[0].length_m == pytest.approx([18.0, 2.0, 18.0], abs=0.11)
    unknown = [np.array([[0.0, 30.0, np.nan], [60.0, 30.0, np.nan]])]
    curtain = Gate(NEAR, mapped_walls(unknown, [0.0], (-20.0, 0.0)), 0.0)
    assert gated(upright, curtain, 0.0)[1].tolist() == [True, False, True]
    with pytest.raises(InputError):
        Gate(NEAR, walls_of(held), 1.0)


def test_no_collar_over_shallow_workings() -> None:
    rng = np.random.default_rng(9)
    held = belief(random_contents(60, rng))
    rule = StandoffRule("shallow", 30.0, "", "", shallow=True)
    holes = some_holes(rng)
    _, kept = gated(as_arrays(holes), Gate(rule, walls_of(held), 0.02), 0.0)
    for k, hole in enumerate(holes):
        place = (hole.x, hole.y, hole.z)
        under = shallow_under(held.scenes, Face(place, place), 30.0)
        assert kept[k] == (held.weight @ under <= 0.02 + 1e-9)
    assert 0 < kept.sum() < len(holes)


def test_a_plan_keeps_its_gates_and_says_so() -> None:
    """A drive to find, and an old working on the way to half of where it may be."""
    old = drive(10.0, depth=6.0, family="working", x=(-40.0, 30.0))
    held = belief([[drive(10.0, depth=14.0), old], [drive(10.5, depth=14.0), old], NOTHING])
    free = plan_holes(held, 1)[0]
    gate = Gate(replace(NEAR, distance_m=3.0), walls_of(held, ["working"]), 0.05, "old workings")
    terms = DrillTerms(gates=(gate,))
    rows = plan_holes(held, 3, terms=terms)
    assert rows
    for row in rows:
        hole = Hole("", row.x, row.y, row.z, row.azimuth_deg, row.inclination_deg, row.length_m)
        assert p_within(held, hole, row.length_m - 0.01, 3.0, ["working"]) <= 0.05
    assert rows[0].p_hit == pytest.approx(free.p_hit, abs=0.1)
    (words,) = kept_out(held, terms)
    assert words.startswith("6 m: no hole comes within 3.0 m of old workings with a probability")
    assert "kept out" in words
    assert "cut short" in words
    everywhere = DrillTerms(gates=(Gate(NEAR, walls_of(held), 0.0),))
    assert plan_holes(held, 1, terms=everywhere) == []
    assert kept_out(held, DrillTerms()) == []
