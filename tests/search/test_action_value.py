"""The currency of actions against brute force over outcomes and against closed forms."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from scipy.special import ndtr

from subterra.errors import InputError
from subterra.search.branches import (
    Branches,
    draw_by_stratum,
    hole_branches,
    join_branches,
    simulated_branches,
)
from subterra.search.value import FollowUps, Stakes, bayes_loss, value


def some_holes(rng, n, h):
    p_hit = rng.uniform(0.0, 1.0, (h, n)) * (rng.random((h, n)) < 0.4)
    p_void = np.minimum(p_hit + rng.uniform(0.0, 0.1, (h, n)), 1.0)
    return FollowUps.of(p_hit, p_void, rng.uniform(0.5, 3.0, h))


def brute(weight, unfound, first, cost, then, stakes):
    """Largest loss avoided per cost over every choice of a follow-up after dry and after void."""

    def loss(mass, open_mass):
        return min(stakes.unfound * open_mass, stakes.precaution * mass)

    def after(w, u, k):
        if k < 0:
            return loss(w.sum(), u.sum())
        hit, void = then.p_hit[k], then.p_void[k]
        dry = loss((w * (1 - void)).sum(), (u * (1 - void)).sum())
        return dry + loss((w * void).sum(), (u * (void - hit)).sum())

    hit, void = first
    outcomes = [
        (weight * (1 - void), unfound * (1 - void)),
        (weight * void, unfound * (void - hit)),
    ]
    now, best = loss(weight.sum(), unfound.sum()), 0.0
    for choice in itertools.product(range(-1, len(then.cost)), repeat=2):
        left = sum(after(w, u, k) for (w, u), k in zip(outcomes, choice, strict=True))
        spent = cost + sum(
            w.sum() * then.cost[k] for (w, _), k in zip(outcomes, choice, strict=True) if k >= 0
        )
        best = max(best, (now - left) / spent)
    return best


@pytest.mark.parametrize("precaution", [math.inf, 30.0, 8.0])
@pytest.mark.parametrize("seed", range(5))
def test_a_hole_and_its_follow_up_against_every_policy(seed, precaution):
    rng = np.random.default_rng(seed)
    n = 30
    weight = rng.dirichlet(np.ones(n))
    unfound = weight * (rng.random(n) < 0.6)
    holes = some_holes(rng, n, 6)
    stakes = Stakes(100.0, precaution)
    then = FollowUps.of(holes.p_hit[1:], holes.p_void[1:], holes.cost[1:])
    action = hole_branches(weight, unfound, holes.p_hit[0], holes.p_void[0], holes.cost[0])
    found = value(weight, unfound, action, then, stakes, holes=1)
    first = holes.p_hit[0], holes.p_void[0]
    expected = brute(weight, unfound, first, holes.cost[0], then, stakes)
    assert found.index == pytest.approx(expected, rel=1e-9)
    assert found.index_sd == 0.0
    assert found.avoided / found.cost == pytest.approx(found.index)
    assert found.avoided >= found.alone - 1e-9


def brute_policy(w, u, then, stakes, price, holes, used=()):
    """Smallest loss plus price times cost of drilling on while it is dry, over all orders."""
    best = min(stakes.unfound * u.sum(), stakes.precaution * w.sum())
    for k in range(len(then.cost) if holes else 0):
        if k in used:
            continue
        hit, void = then.p_hit[k], then.p_void[k]
        mass, left = (w * void).sum(), (u * (void - hit)).sum()
        found = min(stakes.unfound * left, stakes.precaution * mass)
        rest = brute_policy(
            w * (1 - void), u * (1 - void), then, stakes, price, holes - 1, (*used, k)
        )
        best = min(best, price * then.cost[k] * w.sum() + found + rest)
    return best


@pytest.mark.parametrize("seed", range(6))
def test_holes_one_at_a_time_come_close_to_the_best_order(seed):
    """Dinkelbach's condition at the index: no order of up to three holes does much better."""
    rng = np.random.default_rng(100 + seed)
    n = 25
    weight = rng.dirichlet(np.ones(n))
    unfound = weight * (rng.random(n) < 0.6)
    holes, stakes = some_holes(rng, n, 6), Stakes(100.0)
    then = FollowUps.of(holes.p_hit[1:], holes.p_void[1:], holes.cost[1:])
    action = hole_branches(weight, unfound, holes.p_hit[0], holes.p_void[0], holes.cost[0])
    found = value(weight, unfound, action, then, stakes, holes=3)
    now = float(bayes_loss(weight, unfound, stakes))
    # F(λ) = max avoided − λ cost vanishes at the best index and falls by the cost with it.
    left = found.index * holes.cost[0] + sum(
        brute_policy(w, u, then, stakes, found.index, 3)
        for w, u in zip(action.weight, action.unfound, strict=True)
    )
    beyond = now - left
    assert beyond >= -1e-9
    assert beyond / holes.cost[0] <= 0.05 * found.index
    assert found.holes_follow >= found.p_follow


def test_a_hole_alone_avoids_what_it_finds():
    weight, unfound = np.array([0.3, 0.7]), np.array([0.3, 0.0])
    action = hole_branches(weight, unfound, np.array([0.9, 0.0]), np.array([0.91, 0.01]), 2.0)
    none = FollowUps.of(np.empty((0, 2)), np.empty((0, 2)), np.empty(0))
    found = value(weight, unfound, action, none, Stakes(100.0))
    assert found.alone == pytest.approx(27.0)
    assert found.index == pytest.approx(13.5)
    assert found.p_follow == 0.0


def test_an_action_that_tells_nothing_is_worth_less_than_the_hole_alone():
    weight, unfound = np.array([0.4, 0.6]), np.array([0.4, 0.0])
    hole = FollowUps.of(np.array([[0.9, 0.0]]), np.array([[0.9, 0.0]]), np.array([2.0]))
    nothing = Branches(
        weight[None], unfound[None], weight[None], unfound[None], np.array([0.5]), np.array([-1])
    )
    idle = value(weight, unfound, nothing, hole, Stakes(100.0))
    none = FollowUps.of(np.empty((0, 2)), np.empty((0, 2)), np.empty(0))
    drilled = hole_branches(weight, unfound, hole.p_hit[0], hole.p_void[0], 2.0)
    alone = value(weight, unfound, drilled, none, Stakes(100.0))
    assert idle.alone == 0.0
    assert idle.index == pytest.approx(36.0 / 2.5)
    assert idle.index < alone.index


def test_precaution_bounds_the_loss():
    weight, unfound = np.array([0.5, 0.5]), np.array([0.5, 0.0])
    assert bayes_loss(weight, unfound, Stakes(100.0)) == pytest.approx(50.0)
    assert bayes_loss(weight, unfound, Stakes(100.0, 20.0)) == pytest.approx(20.0)
    for bad in ((0.0, 1.0), (math.inf, 1.0), (1.0, 0.0)):
        with pytest.raises(InputError):
            Stakes(*bad)


def survey_of_two(snr, k, copies, rng, precaution=25.0):
    """A target or none, each a heap of equal scenes, and data y ~ N(snr or 0, 1)."""
    weight = np.full(2 * copies, 0.5 / copies)
    held = np.arange(2 * copies) < copies
    unfound = weight * held
    stratum = np.where(held, 0, 1)
    truth, mass = draw_by_stratum(weight, stratum, {0: k // 2, 1: k // 2}, rng)
    mean = np.where(held, snr, 0.0)
    data = mean[truth] + rng.standard_normal(len(truth))
    told = -0.5 * (data[:, None] - mean) ** 2
    action = simulated_branches(weight, unfound, truth, mass, told, 1.0, stratum)
    none = FollowUps.of(np.empty((0, 2 * copies)), np.empty((0, 2 * copies)), np.empty(0))
    return value(weight, unfound, action, none, Stakes(100.0, precaution))


@pytest.mark.parametrize("snr", [0.5, 1.5, 3.0])
def test_a_survey_against_the_closed_form(snr):
    """Leave or make safe by one normal datum: the value is known exactly."""
    found = survey_of_two(snr, 5_000, 150, np.random.default_rng(3))
    # Safe where 100 p(y | target) > 25 [p(y | target) + p(y | none)]: y above a threshold.
    y = 0.5 * snr + math.log(25.0 / 75.0) / snr
    miss, alarm = float(ndtr(y - snr)), float(ndtr(-y))
    left = 0.5 * (100.0 * miss + 25.0 * (1.0 - miss)) + 0.5 * 25.0 * alarm
    assert found.index == pytest.approx(25.0 - left, abs=4.0 * found.index_sd + 0.15)
    assert found.index_sd < 0.5


def test_scenes_do_not_recognise_their_own_data():
    """A hundred scenes, pure noise: with its own scene left in, each would know its data."""
    rng = np.random.default_rng(8)
    n = 100
    weight = np.full(n, 1.0 / n)
    unfound = weight.copy()
    told = np.zeros((n, n)) + 50.0 * np.eye(n)
    holes = FollowUps.of(0.9 * np.eye(n), 0.9 * np.eye(n), np.ones(n))
    truth = np.arange(n)
    action = simulated_branches(
        weight, unfound, truth, weight, told + rng.normal(0.0, 1e-9, (n, n)), 1.0, np.zeros(n, int)
    )
    found = value(weight, unfound, action, holes, Stakes(100.0))
    assert found.index <= 1.0


def test_draws_stand_for_all_mass():
    rng = np.random.default_rng(1)
    weight = rng.dirichlet(np.ones(50))
    stratum = rng.integers(0, 3, 50)
    index, mass = draw_by_stratum(weight, stratum, {0: 10, 1: 7, 2: 5}, rng)
    assert len(index) == 22
    for label in range(3):
        assert mass[stratum[index] == label].sum() == pytest.approx(weight[stratum == label].sum())
    assert len(draw_by_stratum(weight, stratum, {3: 4}, rng)[0]) == 0


def test_joined_branches_keep_every_outcome():
    weight, unfound = np.array([0.4, 0.6]), np.array([0.4, 0.0])
    one = hole_branches(weight, unfound, np.array([0.5, 0.0]), np.array([0.5, 0.1]), 1.0)
    both = join_branches([one, one])
    assert len(both) == 4
    assert one.paid_weight.sum() == pytest.approx(1.0)
