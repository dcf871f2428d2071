"""Information, gains and lengths of holes against brute force over every outcome."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from search_samples import NOTHING, belief, chamber, drive, random_contents

from subterra.search import (
    DrillTerms,
    Hole,
    as_arrays,
    hit_probability,
    score_holes,
    start_pending,
    with_hole,
)
from subterra.search.axes import gather_axes
from subterra.search.score import MAX_BRANCHES, binary_entropy

TERMS = DrillTerms(p_detect=(0.9, 0.8, 0.5), false_void_per_m=0.004)


def entropy(p):
    p = np.asarray(p, float)
    return -np.sum(p[p > 0.0] * np.log2(p[p > 0.0]))


def brute_information(weight, void, new):
    """I(new outcome; scene | outcomes of the others) from the joint table of all outcomes."""
    bits = 0.0
    for outcome in itertools.product((0, 1), repeat=len(void)):
        likelihood = np.prod(
            [q if o else 1.0 - q for o, q in zip(outcome, void, strict=True)], axis=0
        ) * np.ones_like(weight)
        p = np.sum(weight * likelihood)
        if p == 0.0:
            continue
        posterior = weight * likelihood / p
        yes = np.sum(posterior * new)
        told = sum(
            mass * (entropy(posterior) - entropy(posterior * given / mass))
            for mass, given in ((yes, new), (1.0 - yes, 1.0 - new))
            if mass > 0.0
        )
        bits += p * told
    return bits


def setting(seed=3, n=40):
    rng = np.random.default_rng(seed)
    b = belief(random_contents(n, rng), weight=rng.dirichlet(np.ones(n)))
    holes = [
        Hole(f"H{k}", *rng.uniform(5, (55, 35)), 0.0, *rng.uniform((0, 45), (360, 90)), 20.0)
        for k in range(12)
    ]
    return b, holes, gather_axes(b.scenes, b.prior, TERMS.p_detect)


@given(st.floats(0.0, 1.0))
@settings(deadline=None)
def test_binary_entropy(p):
    assert binary_entropy(p) == pytest.approx(entropy([p, 1.0 - p]), abs=1e-12)


def test_information_of_one_hole_is_what_entropy_falls_by():
    b, holes, axes = setting()
    void = hit_probability(b.scenes, b.prior, holes, terms=TERMS).p_void.astype(float)
    scores = score_holes(axes, as_arrays(holes), start_pending(b.weight), TERMS, fixed_length=True)
    brute = [brute_information(b.weight, [], q) for q in void]
    np.testing.assert_allclose(scores.bits, brute, atol=1e-5)
    assert scores.bits.max() > 0.1


def test_two_hypotheses_have_the_textbook_information():
    """EIG = h(πs + (1 - π)f) - π h(s) - (1 - π) h(f) with sensitivity s and false voids f."""
    b = belief([[drive(20.0)], NOTHING], weight=(0.3, 0.7))
    hole = Hole("H", 30.0, 20.0, 0.0, 0.0, 90.0, 12.0)
    axes = gather_axes(b.scenes, b.prior, TERMS.p_detect)
    scores = score_holes(axes, as_arrays([hole]), start_pending(b.weight), TERMS, fixed_length=True)
    f = 1.0 - math.exp(-0.004 * 12.0)
    s = 1.0 - (1.0 - 0.9) * (1.0 - f)
    h = binary_entropy
    expected = h(0.3 * s + 0.7 * f) - 0.3 * h(s) - 0.7 * h(f)
    assert scores.bits[0] == pytest.approx(expected, abs=1e-6)
    assert scores.p_hit[0] == pytest.approx(0.27, abs=1e-6)


def test_a_dry_hole_lowers_the_next_one_as_bayes_says():
    b = belief([[drive(20.0)], NOTHING], weight=(0.6, 0.4))
    terms = DrillTerms(p_detect=(0.9, 0.9, 0.9), false_void_per_m=0.0)
    holes = [
        Hole("A", 20.0, 20.0, 0.0, 0.0, 90.0, 12.0),
        Hole("B", 40.0, 20.0, 0.0, 0.0, 90.0, 12.0),
    ]
    axes = gather_axes(b.scenes, b.prior, terms.p_detect)
    hits = hit_probability(b.scenes, b.prior, holes[:1], terms=terms)
    pending = with_hole(start_pending(b.weight), hits.p_hit[0], hits.p_void[0])
    scores = score_holes(axes, as_arrays(holes[1:]), pending, terms, fixed_length=True)
    p = 0.6 * 0.1 / (0.6 * 0.1 + 0.4)
    assert scores.p_hit[0] == pytest.approx(0.54, abs=1e-6)
    assert scores.p_dry[0] == pytest.approx(0.9 * p, abs=1e-6)
    assert scores.p_gain[0] == pytest.approx(0.6 * 0.1 * 0.9, abs=1e-6)


def test_values_given_pending_holes_against_all_outcomes():
    b, holes, axes = setting()
    hits = hit_probability(b.scenes, b.prior, holes, terms=TERMS)
    pending = start_pending(b.weight)
    for k in range(3):
        pending = with_hole(pending, hits.p_hit[k], hits.p_void[k])
    np.testing.assert_allclose(pending.branches.sum(axis=0), b.weight, atol=1e-12)
    scores = score_holes(axes, as_arrays(holes), pending, TERMS, fixed_length=True)
    void, hit = hits.p_void.astype(float), hits.p_hit.astype(float)
    bits = [brute_information(b.weight, void[:3], q) for q in void]
    np.testing.assert_allclose(scores.bits, bits, atol=1e-5)
    unfound = b.weight * np.prod(1.0 - hit[:3], axis=0)
    silent = b.weight * np.prod(1.0 - void[:3], axis=0)
    np.testing.assert_allclose(scores.p_gain, hit @ unfound, atol=1e-6)
    np.testing.assert_allclose(scores.p_dry, hit @ silent / silent.sum(), atol=1e-6)


def test_values_only_shrink_as_holes_are_added():
    b, holes, axes = setting(seed=8)
    hits = hit_probability(b.scenes, b.prior, holes, terms=TERMS)
    pending = start_pending(b.weight)
    before = score_holes(axes, as_arrays(holes), pending, TERMS, fixed_length=True)
    for k in range(6):
        pending = with_hole(pending, hits.p_hit[k], hits.p_void[k])
        after = score_holes(axes, as_arrays(holes), pending, TERMS, fixed_length=True)
        assert np.all(after.p_gain <= before.p_gain + 1e-12)
        assert np.all(after.bits <= before.bits + 1e-6)
        before = after


def test_many_pending_holes_merge_rare_outcomes_and_lose_no_weight():
    b, holes, axes = setting(seed=9)
    hits = hit_probability(b.scenes, b.prior, holes, terms=TERMS)
    pending = start_pending(b.weight)
    for k in range(9):
        pending = with_hole(pending, hits.p_hit[k], hits.p_void[k])
    assert len(pending.branches) == MAX_BRANCHES
    np.testing.assert_allclose(pending.branches.sum(axis=0), b.weight, atol=1e-12)
    void = hits.p_void.astype(float)
    scores = score_holes(axes, as_arrays(holes[9:]), pending, TERMS, fixed_length=True)
    exact = [brute_information(b.weight, void[:9], q) for q in void[9:]]
    # A coarser record leaves no less to learn.
    assert np.all(scores.bits >= np.array(exact) - 1e-5)
    np.testing.assert_allclose(scores.bits, exact, atol=0.02)


def test_length_passes_the_targets_and_no_more():
    b = belief([[drive(20.0, 5.0)], [drive(20.0, 9.0)], [drive(35.0, 18.0)], NOTHING])
    axes = gather_axes(b.scenes, b.prior, TERMS.p_detect)
    candidates = as_arrays(
        [
            Hole("over", 30.0, 20.0, 0.0, 0.0, 90.0, 20.0),
            Hole("short rig", 30.0, 20.0, 0.0, 0.0, 90.0, 6.6),
            Hole("nothing", 30.0, 5.0, 0.0, 0.0, 90.0, 20.0),
        ]
    )
    scores = score_holes(axes, candidates, start_pending(b.weight), TERMS)
    # Far sides at 6 and 10 m; one metre beyond, in half metres.
    assert scores.length_m[0] == 11.0
    assert scores.length_m[1] == 6.6
    assert scores.length_m[2] == 20.0
    np.testing.assert_allclose(scores.p_hit, (0.45, 0.225, 0.0), atol=1e-6)
    np.testing.assert_allclose(scores.cost, 1.0 + 0.05 * scores.length_m)


def test_natural_voids_blur_what_a_hole_tells():
    target = [[drive(20.0)], NOTHING]
    rivals = [[drive(20.0)], [chamber(30.0, 20.0, 8.0)]]
    hole = as_arrays([Hole("H", 30.0, 20.0, 0.0, 0.0, 90.0, 12.0)])
    bits = []
    for contents in (target, rivals):
        b = belief(contents)
        axes = gather_axes(b.scenes, b.prior, TERMS.p_detect)
        bits.append(
            score_holes(axes, hole, start_pending(b.weight), TERMS, fixed_length=True).bits[0]
        )
    assert bits[0] > 0.3
    assert bits[1] < 1e-3


def test_threads_do_not_change_the_scores():
    b, holes, axes = setting()
    one, many = (
        score_holes(axes, as_arrays(holes), start_pending(b.weight), TERMS, threads=t)
        for t in (1, 5)
    )
    for name in vars(one):
        np.testing.assert_array_equal(getattr(one, name), getattr(many, name))


def test_a_hole_counts_as_far_as_all_islands_support_it():
    """Twenty scenes of each island; with equal shares the smaller chance counts."""
    b, holes, axes = setting()
    hits = hit_probability(b.scenes, b.prior, holes, terms=TERMS).p_hit.astype(float)
    even = np.full(40, 1.0 / 40.0)
    scores = score_holes(
        axes, as_arrays(holes), start_pending(even, (20, 20)), TERMS, fixed_length=True
    )
    parts = np.array([hits[:, :20].mean(axis=1), hits[:, 20:].mean(axis=1)])
    np.testing.assert_allclose(scores.p_sure, parts.min(axis=0), atol=1e-5)
    np.testing.assert_allclose(scores.p_gain, parts.mean(axis=0), atol=1e-5)
    assert np.any(scores.p_sure < scores.p_gain - 0.01)
    alone = score_holes(axes, as_arrays(holes), start_pending(even), TERMS, fixed_length=True)
    np.testing.assert_allclose(alone.p_sure, alone.p_gain, atol=1e-12)


def test_an_island_without_weight_has_no_say():
    _, holes, axes = setting()
    weight = np.repeat([1.0 / 20.0, 0.0], 20)
    scores = score_holes(
        axes, as_arrays(holes), start_pending(weight, (20, 20)), TERMS, fixed_length=True
    )
    np.testing.assert_allclose(scores.p_sure, scores.p_gain, atol=1e-12)
