"""Kinds of reports, grades, records, blunders and decoys against closed forms."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from samples import (
    NO_RUMOUR,
    all_sorts_of_reports,
    chamber,
    clutter_density,
    nothing,
    reports,
    told_evenly,
    tunnel,
)
from scipy.integrate import quad
from scipy.stats import beta as beta_distribution
from scipy.stats import kstest, norm

from subterra.errors import InputError
from subterra.evidence import RELIABILITY, ItemisedEvidence, ReportTerms, SourceRecord
from subterra.evidence.place import BLUR, decoy_ratio, draw_flat_top, flat_top
from subterra.evidence.report_terms import (
    DEPTH_BLUNDERS,
    beta_rule,
    credibility_odds,
    source_beta,
)
from subterra.scene import concatenate, updated_p_none
from subterra.testing import check_normalised

SHORT = tunnel(20.0, y=(10.0, 30.0))
NO_DECOYS = ReportTerms(decoy_share=0.0, **NO_RUMOUR)


def log_ratio(evidence, scene):
    logs = evidence.log_likelihood(concatenate([scene, nothing()]))
    return logs[0] - logs[1]


def even(sd, kind="tunnel"):
    """Density of clutter inside the bounds, 1/m²."""
    return clutter_density(20.0, 20.0, sd, kind)


def along(x, sd, n=20000):
    """Density at (x, 20) of a place spread evenly along SHORT, by a sum over the line."""
    y = 10.0 + 20.0 * (np.arange(n) + 0.5) / n
    return float(np.mean(norm.pdf(x, 20.0, sd) * norm.pdf(20.0, y, sd)))


def at_ends(x, sd):
    return norm.pdf(x, 20.0, sd) * norm.pdf(10.0, 0.0, sd)


def stated_depth(stated, true, sd):
    return sum(share * norm.pdf(stated, factor * true, sd) for factor, share in DEPTH_BLUNDERS)


def clutter_depth(stated, sd, deepest=15.0):
    tail = 0.5 * BLUR * sd
    each = (share * told_evenly(stated, f * deepest, tail) for f, share in DEPTH_BLUNDERS)
    return sum(each)


HEARD = float(np.hypot(4.0, ReportTerms().noise_spread_m))
BY_HAND = {
    "tunnel": ({}, along(22.0, 4.0) / even(4.0)),
    "time": ({"date": "May 1989"}, along(22.0, 4.0) / even(4.0)),
    "entrance": ({}, at_ends(22.0, 4.0) / even(4.0, "entrance")),
    "noise": ({}, along(22.0, HEARD) / even(HEARD)),
    "course": (
        {"heading_deg": 190.0, "heading_sd_deg": 8.0},
        along(22.0, 4.0) / even(4.0) * 180.0 * norm.pdf(10.0, 0.0, 8.0),
    ),
    "depth": (
        {"depth_m": 6.0, "depth_sd_m": 1.5},
        along(22.0, 4.0) / even(4.0) * stated_depth(6.0, 5.0, 1.5) / clutter_depth(6.0, 1.5),
    ),
}


@pytest.mark.parametrize("kind", BY_HAND)
@pytest.mark.parametrize("letter", "ACE")
def test_two_hypotheses(kind, letter):
    """Posterior odds of a tunnel against none are prior odds × [(1 − r) + r K/U]/(1 − r)."""
    more, ratio = BY_HAND[kind]
    item = {"x": 22.0, "kind": kind, "reliability": letter, **more}
    a, b = RELIABILITY[letter]
    rate = a / (a + b)
    expected = ((1.0 - rate) + rate * ratio) / (1.0 - rate)
    found = np.exp(log_ratio(reports(item, terms=NO_DECOYS), SHORT))
    assert found == pytest.approx(expected, rel=2e-3)
    prior = 0.3
    posterior = prior * found / (prior * found + 1.0 - prior)
    assert posterior / (1.0 - posterior) == pytest.approx(prior / 0.7 * expected, rel=2e-3)


@pytest.mark.parametrize("away", [0.0, 3.0, 10.0])
@pytest.mark.parametrize("p_notice", [0.2, 0.9])
def test_a_look_that_found_nothing_lowers_and_never_zeroes(away, p_notice):
    """P(nothing | target)/P(nothing | none) = 1 − r p exp(−d²/2s²), at the mean rate r."""
    item = {"x": 20.0 + away, "kind": "nothing", "sd_m": 6.0, "reliability": "B"}
    found = log_ratio(reports(item, terms=ReportTerms(p_notice=p_notice, **NO_RUMOUR)), SHORT)
    cover = p_notice * np.exp(-0.5 * (away / 6.0) ** 2)
    assert np.exp(found) == pytest.approx(1.0 - 0.8 * cover, rel=1e-6)
    assert -np.inf < found < 0.0


def test_silence_far_away_says_nothing_and_more_looks_say_more():
    far = {"x": 20.0, "y": 400.0, "kind": "nothing", "sd_m": 6.0}
    assert log_ratio(reports(far), SHORT) == pytest.approx(0.0, abs=1e-9)
    near = {"kind": "nothing", "sd_m": 6.0, "reliability": "C"}
    one = log_ratio(reports(near), SHORT)
    others = log_ratio(reports({**near, "source": "a"}, {**near, "source": "b"}), SHORT)
    # Two looks of one man rest on whether this man looks at all.
    same = log_ratio(reports(near, near), SHORT)
    assert others == pytest.approx(2.0 * one)
    assert others < same < one < 0.0


def test_a_report_graded_e_shifts_nothing_much():
    """Right on a tunnel across the site it moves the odds by less than a factor of two.

    One graded A, in the same words, moves them by more than forty.
    """
    found = {g: np.exp(log_ratio(reports({"reliability": g}), tunnel(20.0))) for g in "AE"}
    assert 1.0 < found["E"] < 2.0
    assert found["A"] > 40.0


@pytest.mark.parametrize("kind", ["tunnel", "entrance", "course", "nothing", "noise"])
def test_one_origin_told_ten_times_counts_once(kind):
    item = {"kind": kind, "origin": "o", "heading_deg": 10.0, "heading_sd_deg": 20.0}
    told = [{**item, "source": f"s{k}"} for k in range(10)]
    once = log_ratio(reports(item), SHORT)
    assert log_ratio(reports(*told), SHORT) == pytest.approx(once, abs=1e-9)


def test_credibility_counts_only_beyond_reliability():
    for digit, letter in enumerate("ABCDE", start=1):
        assert credibility_odds(letter, digit) == 1.0
        assert credibility_odds(letter, 6) == 1.0
    assert credibility_odds("F", 3) == 1.0
    # The better the digit the higher, and nothing beyond a factor of two.
    for letter in "ABCDEF":
        odds = [credibility_odds(letter, digit) for digit in (1, 2, 3, 4, 5)]
        assert np.all(np.diff(odds) <= 0.0)
        assert 0.5 <= min(odds) <= max(odds) <= 2.0
    assert credibility_odds("E", 1) == 2.0
    assert credibility_odds("A", 5) == 0.5


@pytest.mark.parametrize("letter", "ACF")
@pytest.mark.parametrize("digit", [1, 3, 5])
def test_credibility_moves_the_odds_of_its_own_item(letter, digit):
    """E over r of [(1 − r) + w r K/U]/(1 − r + w r) for one item, by quadrature."""
    a, b = RELIABILITY[letter]
    w, ratio = credibility_odds(letter, digit), BY_HAND["tunnel"][1]

    def factor(r, k):
        return (1.0 - r + w * r * k) / (1.0 - r + w * r) * beta_distribution.pdf(r, a, b)

    slow = [quad(factor, 0.0, 1.0, args=(k,), limit=200)[0] for k in (ratio, 0.0)]
    item = {"x": 22.0, "reliability": letter, "credibility": digit}
    assert log_ratio(reports(item), SHORT) == pytest.approx(np.log(slow[0] / slow[1]), rel=3e-3)


@pytest.mark.parametrize("letter", "ABCDEF")
@pytest.mark.parametrize("record", [(0, 25), (3, 1), (200, 100)])
def test_a_record_is_a_beta_update(letter, record):
    a, b = RELIABILITY[letter]
    assert source_beta(letter, SourceRecord(*record)) == (a + record[0], b + record[1])
    rate, weight = beta_rule(a + record[0], b + record[1])
    mean, var = beta_distribution.stats(a + record[0], b + record[1])
    assert rate @ weight == pytest.approx(float(mean), rel=1e-9)
    assert rate**2 @ weight == pytest.approx(float(var + mean**2), rel=1e-8)


def test_a_bad_record_silences_a_source():
    item = {"reliability": "F", "source": "medium"}
    none, bad, good = (
        log_ratio(reports(item, records={"medium": SourceRecord(*r)}), SHORT)
        for r in ((0, 0), (0, 25), (9, 1))
    )
    assert none == pytest.approx(log_ratio(reports(item), SHORT))
    rate = 1.0 / 27.0
    ratio = log_ratio(reports({"reliability": "C"}), SHORT)
    expected = np.log((1.0 - rate + rate * (np.exp(ratio) - 1.0)) / (1.0 - rate))
    assert bad == pytest.approx(expected, rel=1e-6)
    assert bad < 0.3 * none < none < good
    assert log_ratio(reports(item, records={"other": SourceRecord(0, 25)}), SHORT) == none


def test_no_find_at_25_sites_moves_the_prior_as_a_beta_update_does():
    """Jeffreys: 0 of 25 leaves (0 + 1/2)/(25 + 1) = 1.9 %."""
    assert 1.0 - updated_p_none(0.5, 0, 25) == pytest.approx(0.5 / 26.0)
    assert 1.0 - updated_p_none(0.2, 0, 25) == pytest.approx(0.8 / 26.0)
    assert updated_p_none(0.3, 0, 0) == pytest.approx(0.3)
    assert 1.0 - updated_p_none(0.5, 3, 4, weight=2.0) == pytest.approx(4.0 / 6.0)
    for wrong in ((0.5, 3, 2), (0.5, -1, 2), (0.0, 0, 2)):
        with pytest.raises(InputError, match="record"):
            updated_p_none(*wrong)


def test_forty_five_metres_told_as_forty_five_centimetres():
    """The item stays evidence of a deep tunnel at the share of that blunder, and no more."""
    deep = tunnel(20.0, 12.0, y=(10.0, 30.0))
    item = {"depth_m": 0.12, "depth_sd_m": 0.05, "reliability": "A"}
    plain = np.exp(log_ratio(reports({"reliability": "A"}), deep)) - 1.0
    share = dict(DEPTH_BLUNDERS)[0.01]
    expected = plain * share * norm.pdf(0.0, 0.0, 0.05) / clutter_depth(0.12, 0.05)
    assert np.exp(log_ratio(reports(item), deep)) - 1.0 == pytest.approx(expected, rel=1e-3)
    in_feet = {"depth_m": 39.37, "depth_sd_m": 1.0, "reliability": "A"}
    elsewhere = {"depth_m": 30.0, "depth_sd_m": 1.0, "reliability": "A"}
    assert log_ratio(reports(in_feet), deep) > log_ratio(reports(elsewhere), deep) + 0.5


def test_depths_of_targets_and_of_clutter_are_densities():
    stated = np.linspace(-60.0, 1800.0, 200_001)
    assert np.trapezoid(stated_depth(stated, 7.0, 1.0), stated) == pytest.approx(1.0, abs=1e-3)
    spread = clutter_depth(stated, 1.0)
    assert np.trapezoid(spread, stated) == pytest.approx(1.0, abs=1e-2)


def test_an_old_datum_is_a_second_place():
    shift, share = (9.0, 0.0), 0.2
    terms = ReportTerms(datum_shift_m=shift, datum_share=share, **NO_RUMOUR)
    for x in (20.0, 22.0, 29.0):
        a, b, c = (
            np.exp(log_ratio(reports({"x": v}, terms=t), SHORT)) - 1.0
            for v, t in ((x, terms), (x, None), (x - shift[0], None))
        )
        assert a == pytest.approx((1.0 - share) * b + share * c, rel=1e-6)


@settings(deadline=None, max_examples=25)
@given(st.floats(1.0, 1e4), st.floats(1e-3, 1e3))
def test_clutter_is_a_density_over_the_whole_line(side, tail):
    """Half of its tails lies within a tail's width, and nothing is lost beyond."""
    inside = quad(flat_top, 0.0, side, args=(0.0, side, tail))[0]
    beyond = quad(flat_top, side, np.inf, args=(0.0, side, tail))[0]
    near = quad(flat_top, -tail, 0.0, args=(0.0, side, tail))[0]
    assert inside == pytest.approx(side)
    assert beyond == pytest.approx(tail, rel=1e-6)
    assert near == pytest.approx(0.5 * tail)


@pytest.mark.parametrize(("side", "tail"), [(40.0, 5.0), (40.0, 300.0)])
def test_clutter_is_drawn_as_its_density_says(side, tail):
    rng = np.random.default_rng(1)
    drawn = np.array([draw_flat_top(0.0, side, tail, rng) for _ in range(20000)])

    def below(at):
        before = tail / (1.0 + np.maximum(-at, 0.0) / tail)
        after = np.maximum(at - side, 0.0)
        inside = np.clip(at, 0.0, side)
        return (before + inside + tail * after / (after + tail)) / (side + 2.0 * tail)

    assert kstest(drawn, below).pvalue > 1e-3


@settings(deadline=None, max_examples=15)
@given(st.floats(-30.0, 70.0), st.floats(-30.0, 70.0), st.floats(0.5, 30.0), st.floats(5.0, 200.0))
def test_decoys_are_a_density_with_a_hollow_at_the_true_end(ex, ey, sd, radius):
    box = np.array([0.0, 0.0, 40.0, 40.0])
    half = 0.5 * BLUR * sd
    at = -half + (40.0 + 2.0 * half) * (np.arange(60) + 0.5) / 60.0
    found = np.array([[decoy_ratio(x, y, ex, ey, sd, radius, box, 0.0) for x in at] for y in at])
    assert found.mean() == pytest.approx(1.0, abs=5e-3)
    assert found.min() >= 0.0
    inside = np.clip([ex, ey], 0.0, 40.0)
    there = decoy_ratio(*map(float, inside), ex, ey, sd, radius, box, 0.0)
    assert there <= found.max() + 1e-9


def test_decoys_make_an_entrance_far_from_the_truth_speak_for_it_a_little():
    """Entrance 28 m from the end of the tunnel: false there, so where is the true one?"""
    item = {"x": 39.0, "y": 39.0, "kind": "entrance", "sd_m": 1.0, "reliability": "E"}
    terms = ReportTerms(decoy_share=0.5, decoy_radius_m=10.0, **NO_RUMOUR)
    with_decoys, without = (log_ratio(reports(item, terms=t), SHORT) for t in (terms, NO_DECOYS))
    assert without < with_decoys < np.log(1.5)


@pytest.mark.parametrize(
    ("scene", "other", "draws"),
    [
        (SHORT, tunnel(21.0, 5.5, y=(11.0, 31.0)), 3000),
        (SHORT, nothing(), 3000),
        (nothing(), SHORT, 5000),
    ],
)
def test_reports_of_all_kinds_are_normalised(scene, other, draws):
    evidence = reports(
        {"kind": "entrance", "sd_m": 11.0, "reliability": "D", "credibility": 2},
        {"kind": "depth", "sd_m": 12.0, "depth_m": 4.0, "depth_sd_m": 6.0, "reliability": "E"},
        {"kind": "noise", "reliability": "C", "source": "guard"},
        {"kind": "nothing", "sd_m": 12.0, "reliability": "C", "source": "guard"},
        {"kind": "nothing", "sd_m": 9.0, "x": 30.0, "reliability": "B", "source": "walker"},
        records={"guard": SourceRecord(1, 3)},
        terms=ReportTerms(decoy_share=0.3, decoy_radius_m=15.0, datum_shift_m=(5.0, 5.0)),
    )
    check_normalised(evidence, scene, other, draws=draws)


OUTSIDE = tunnel(20.0, y=(25.0, 60.0))


@pytest.mark.parametrize(
    ("scene", "other"),
    [(OUTSIDE, nothing()), (OUTSIDE, SHORT), (nothing(), OUTSIDE), (SHORT, OUTSIDE)],
    ids=["outside, none", "outside, inside", "none, outside", "inside, outside"],
)
def test_reports_from_beyond_the_bounds_are_normalised(scene, other):
    """One end lies 20 m outside: what is told of there is genuine or of the tails of clutter."""
    evidence = reports(
        {"kind": "entrance", "sd_m": 9.0, "reliability": "C"},
        {"kind": "depth", "sd_m": 6.0, "depth_m": 4.0, "depth_sd_m": 4.0, "reliability": "E"},
        terms=ReportTerms(decoy_share=0.3, decoy_radius_m=15.0, datum_shift_m=(25.0, 5.0)),
    )
    check_normalised(evidence, scene, other, draws=2000)


def test_an_entrance_far_outside_is_no_proof():
    """At the end of the tunnel, a hundred metres out: told of a C, less than a hundredfold."""
    long = tunnel(20.0, y=(20.0, 140.0))
    told = {"kind": "entrance", "y": 140.0, "reliability": "C"}
    found = log_ratio(reports(told, terms=NO_DECOYS), long)
    ratio = 0.5 / (2.0 * np.pi * 16.0) / clutter_density(20.0, 140.0, 4.0, "entrance")
    assert found == pytest.approx(np.log(1.0 + ratio), rel=1e-3)
    there = log_ratio(reports({**told, "y": 20.0}, terms=NO_DECOYS), long)
    assert there < found


def test_items_can_be_left_out():
    evidence = all_sorts_of_reports()
    assert isinstance(evidence, ItemisedEvidence)
    assert evidence.item_ids == ("r0", "r1", "r2", "r3", "r4", "r5")
    assert evidence.origins["r4"] == evidence.origins["r3"] == "o3"
    scenes = concatenate([SHORT, tunnel(10.0), chamber(), nothing()])
    items = [
        {"kind": "entrance", "x": 18.0, "source": "a", "origin": "p"},
        {"x": 24.0, "source": "b", "reliability": "D", "origin": "q"},
        {"x": 12.0, "source": "a", "origin": "p"},
        {"kind": "nothing", "x": 30.0, "source": "c", "origin": "s"},
    ]
    whole = reports(*items)
    for gone in ((), (1,), (0, 3), (0, 2), (0, 1, 2, 3)):
        left = whole.without([f"r{k}" for k in gone])
        kept = [item for k, item in enumerate(items) if k not in gone]
        np.testing.assert_allclose(
            left.log_likelihood(scenes), reports(*kept).log_likelihood(scenes), atol=1e-9
        )
        assert left.item_ids == tuple(f"r{k}" for k in range(4) if k not in gone)
        assert set(left.origins) == set(left.item_ids)
    assert whole.without(["r1"]).fingerprint != whole.fingerprint
    with pytest.raises(InputError, match="no such item: r9"):
        whole.without(["r9"])


@pytest.mark.parametrize(
    "wrong", [{"decoy_share": 1.0}, {"p_imagine": 0.0}, {"decoy_radius_m": 0.0}, {"p_notice": -0.1}]
)
def test_terms_that_cannot_be(wrong):
    with pytest.raises(InputError):
        ReportTerms(**wrong)


def test_a_record_of_negative_counts_is_refused():
    with pytest.raises(InputError, match="counts items"):
        SourceRecord(-1.0, 2.0)
