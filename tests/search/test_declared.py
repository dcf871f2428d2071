"""Which objects a declared class holds, and what is read off a belief of them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from search_samples import NOTHING, PRIOR, belief, chamber, drive, random_contents

from subterra.errors import InputError
from subterra.scene import concatenate, make_scene
from subterra.search.declared import declare, in_class, rectangle
from subterra.search.presence import after_doubt, left_out, presence, prior_needed, under_prior

SOUTH = np.array([[0.0, 0.0], [60.0, 0.0], [60.0, 10.0], [0.0, 10.0]])


def members(contents, **asked):
    scenes = concatenate([make_scene(objects) for objects in contents])
    return in_class(scenes, PRIOR, declare(PRIOR, **asked))


def test_width_depth_area_and_family_all_count() -> None:
    contents = [
        [drive(5.0)],
        [drive(5.0, radius=0.5)],
        [drive(5.0, depth=13.5)],
        [drive(20.0)],
        [drive(5.0, family="working")],
        [chamber(30.0, 5.0, 6.0), drive(5.0)],
        NOTHING,
    ]
    found = members(contents, diameter_m=2.0, above_m=12.0, polygon=SOUTH)
    assert found.any(axis=1).tolist() == [True, False, False, False, False, True, False]
    assert found[5].tolist() == [False, True, False]


def test_the_roof_and_the_wall_decide_not_the_axis() -> None:
    for depth, shallow in ((12.9, True), (13.1, False)):
        found = members([[drive(5.0, depth=depth)]], above_m=12.0)
        assert found.any() == shallow
    for y, inside in ((10.9, True), (11.1, False)):
        assert members([[drive(y)]], polygon=SOUTH).any() == inside


def test_a_drive_that_is_shallow_only_elsewhere_is_not_of_the_class() -> None:
    """It dips under the area and rises beyond it."""
    dipping = {
        "family": "driven", "fill": "air", "radius": 1.0,
        "axis": [(30.0, 5.0, -15.0), (30.0, 35.0, -3.0)],
    }  # fmt: skip
    assert members([[dipping]], above_m=8.0).any()
    assert not members([[dipping]], above_m=8.0, polygon=SOUTH).any()


@given(st.integers(0, 2**31))
@settings(max_examples=20, deadline=None)
def test_members_against_dense_points(seed) -> None:
    """Brute force: 2,000 points of every axis, and the distance to a rectangle by its sides."""
    rng = np.random.default_rng(seed)
    contents = random_contents(8, rng)
    scenes = concatenate([make_scene(objects) for objects in contents])
    above = float(rng.uniform(3.0, 12.0))
    box = (10.0, 5.0, 35.0, 25.0)
    found = in_class(
        scenes, PRIOR, declare(PRIOR, diameter_m=1.2, above_m=above, polygon=rectangle(box))
    )
    objects = scenes.objects
    s = np.linspace(0.0, 4.0, 2001)
    for i, k in np.ndindex(found.shape):
        x, y, z = (np.interp(s, np.arange(5), v[i, k]) for v in (objects.x, objects.y, objects.z))
        r = float(objects.radius[i, k])
        away = np.hypot(
            np.maximum(np.maximum(box[0] - x, x - box[2]), 0.0),
            np.maximum(np.maximum(box[1] - y, y - box[3]), 0.0),
        )
        fits = objects.family[i, k] == 1 and r >= 0.6
        slack = [((-z - r < above - d) & (away <= r - d)).any() and fits for d in (0.05, -0.05)]
        if slack[0] == slack[1]:
            assert found[i, k] == slack[0]


@pytest.mark.parametrize(
    "asked",
    [
        {"diameter_m": 0.1},
        {"diameter_m": 9.0},
        {"above_m": 21.0},
        {"above_m": 0.0},
        {"polygon": np.array([[0, 0], [70, 0], [70, 10]])},
        {"polygon": np.array([[0, 0], [70, 0]])},
    ],
)
def test_what_was_not_searched_for_cannot_be_declared(asked) -> None:
    with pytest.raises(InputError):
        declare(PRIOR, **asked)


def test_presence_and_its_bound() -> None:
    n = 400
    held = belief([[drive(5.0)]] * 4 + [NOTHING] * (n - 4))
    held = replace(
        held, info=replace(held.info, ess=400.0, n_scenes=n, island=(200, 200),
                           p_any_islands=(0.02, 0.0), log_evidence=(0.0, 0.0)),
    )  # fmt: skip
    found = presence(held, declare(PRIOR))
    assert found.p == pytest.approx(0.01)
    assert found.islands == pytest.approx((0.02, 0.0))
    # Of 4 in 400 the binomial bound is 0.0227; a run that says more is believed over it.
    assert found.upper == pytest.approx(0.0227, abs=2e-4)
    info = replace(held.info, island=(10, 390), p_any_islands=(0.4, 0.0))
    assert presence(replace(held, info=info), declare(PRIOR)).upper == pytest.approx(0.4)
    assert found.prior == pytest.approx(0.5, abs=0.02)
    assert found.decibans == pytest.approx(10 * np.log10(0.01 / 0.99), abs=0.4)
    assert found.reasons == ()


def test_another_prior_is_bayes_rule_on_the_odds() -> None:
    held = belief([[drive(5.0)], [drive(20.0)], NOTHING], weight=[0.1, 0.2, 0.7])
    member = np.array([True, False, False])
    # p0 from 0.5 to 0.8: scenes with a target count 0.2/0.5, without one 0.8/0.5.
    expected = 0.1 * 0.4 / (0.3 * 0.4 + 0.7 * 1.6)
    assert under_prior(held, member, 0.8) == pytest.approx(expected)
    assert under_prior(held, member, 0.5) == pytest.approx(0.1)
    needed = prior_needed(held, member, 0.03)
    assert under_prior(held, member, needed) == pytest.approx(0.03, rel=1e-6)
    assert prior_needed(held, member, 1e-9) is None


def test_worthless_search_leaves_the_prior() -> None:
    held = belief([[drive(5.0)]] + [NOTHING] * 19)
    held = replace(held, info=replace(held.info, ess=400.0, n_scenes=20, island=(20,)))
    found = presence(held, declare(PRIOR))
    assert after_doubt(found, 0.0) == pytest.approx(found.p)
    assert after_doubt(found, 1.0) == pytest.approx(found.prior)
    doubts = [after_doubt(found, q) for q in (0.0, 0.1, 0.5, 1.0)]
    assert doubts == sorted(doubts)


def test_leaving_a_piece_out_divides_by_its_likelihood() -> None:
    n = 100
    member = np.arange(n) < 50
    likelihood = np.where(member, 0.2, 1.0)
    weight = likelihood / likelihood.sum()
    assert left_out(weight, member, np.log(likelihood)) == pytest.approx(0.5)
    assert left_out(weight, np.arange(n) < 5, np.zeros(n)) is None
