"""Reports: origins, sources that may be wrong, densities of place, heading and depth."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from samples import NO_RUMOUR, chamber, clutter_density, nothing, reports, site_reports, tunnel
from scipy.integrate import quad
from scipy.stats import beta as beta_distribution

from subterra.evidence import RELIABILITY, ReportTerms
from subterra.scene import concatenate, make_scene

NO_DECOYS = ReportTerms(decoy_share=0.0, **NO_RUMOUR)


def log_ratio(evidence, scene):
    logs = evidence.log_likelihood(concatenate([scene, nothing()]))
    return logs[0] - logs[1]


def density_ratio(item, scene):
    """K/U of one report, from two likelihoods: (1 − r) + r K/U is linear in K/U."""
    a, b = RELIABILITY[item.get("reliability", "B")]
    rate = a / (a + b)
    factor = np.exp(log_ratio(reports(item), scene)) * (1.0 - rate)
    return (factor - (1.0 - rate)) / rate


@pytest.mark.parametrize("n", [2, 5, 9])
def test_retellings_of_one_origin_count_once(n):
    scene = tunnel(20.0)
    once = log_ratio(reports({"origin": "first"}), scene)
    again = log_ratio(reports(*[{"origin": "first"}] * n), scene)
    assert again == pytest.approx(once, abs=1e-9)
    told_by_others = [{"origin": "first", "source": f"s{i}"} for i in range(n)]
    assert log_ratio(reports(*told_by_others), scene) == pytest.approx(once, abs=1e-9)
    # Told by n people who know of it themselves, one source's word still has its limits.
    assert 1.5 * once < log_ratio(reports(*[{}] * n), scene) < n * once


def test_an_origin_whose_tellings_differ_is_no_stronger_than_its_best():
    scene = tunnel(20.0)
    good, bad = {"origin": "o", "x": 20.0}, {"origin": "o", "x": 30.0}
    mixed = log_ratio(reports(good, bad), scene)
    assert log_ratio(reports(bad), scene) < mixed < log_ratio(reports(good), scene)


def test_reliability_orders_the_weight_of_a_report():
    scene = tunnel(20.0)
    weight = {k: log_ratio(reports({"reliability": k}), scene) for k in "ABCDEF"}
    assert weight["A"] > weight["B"] > weight["C"] > weight["D"] > weight["E"] > 0.0


def test_f_is_unknown_not_worthless():
    """Alone it weighs like an even chance; several of one unknown source stand or fall together."""
    scene = tunnel(20.0)
    one = {k: log_ratio(reports({"reliability": k}), scene) for k in "CEF"}
    assert one["F"] == pytest.approx(one["C"])
    assert one["F"] > one["E"]
    three = {k: log_ratio(reports(*[{"reliability": k}] * 3), scene) for k in "CF"}
    assert one["F"] < three["F"] < three["C"] < 3.0 * one["C"]


@settings(deadline=None, max_examples=25)
@given(st.floats(60.0, 5000.0), st.floats(-5000.0, 5000.0), st.sampled_from("ABCDEF"))
def test_reports_far_away_say_nothing_of_this_site(x, y, letter):
    for scene in (tunnel(20.0), chamber(20.0)):
        found = log_ratio(reports({"x": x + 40.0, "y": y, "reliability": letter}), scene)
        assert found == pytest.approx(0.0, abs=1e-6)


@settings(deadline=None, max_examples=40)
@given(
    st.floats(0.0, 40.0),
    st.floats(0.0, 40.0),
    st.floats(0.5, 300.0),
    st.sampled_from("ABCDEF"),
    st.sampled_from(["tunnel", "entrance"]),
    st.booleans(),
)
def test_one_report_can_only_speak_for_a_target(x, y, sd, letter, kind, deep):
    """A report that fits no target is taken for clutter, as it is where there is none."""
    item = {"x": x, "y": y, "sd_m": sd, "reliability": letter, "kind": kind}
    if deep:
        item |= {"depth_m": 14.0, "depth_sd_m": 1.0, "heading_deg": 80.0, "heading_sd_deg": 10.0}
    assert log_ratio(reports(item, terms=NO_DECOYS), tunnel(17.0)) >= -1e-9
    # Decoys, drawn away from the true ends, make false entrances rarer there by their share.
    assert log_ratio(reports(item), tunnel(17.0)) >= np.log(1.0 - ReportTerms().decoy_share)


def test_what_is_no_target_cannot_be_reported():
    assert log_ratio(site_reports(), chamber(20.0)) == 0.0


def test_the_closer_the_more():
    item = {"x": 20.0, "y": 20.0}
    weight = [log_ratio(reports(item), tunnel(20.0 + d)) for d in (0.0, 3.0, 6.0, 10.0, 15.0)]
    assert np.all(np.diff(weight) < 0.0)


def slow_density(item_sd, scene_x, at):
    """Round normal around a place spread evenly along a line across the bounds at x."""
    y = (np.arange(4000) + 0.5) / 100.0
    r2 = (at[0] - scene_x) ** 2 + (at[1] - y) ** 2
    return np.mean(np.exp(-0.5 * r2 / item_sd**2)) / (2.0 * np.pi * item_sd**2)


@pytest.mark.parametrize("at", [(20.0, 20.0), (24.0, 1.0), (12.0, 39.0), (20.0, 43.0)])
@pytest.mark.parametrize("sd", [2.0, 8.0])
def test_density_of_a_place_along_a_tunnel(at, sd):
    found = density_ratio({"x": at[0], "y": at[1], "sd_m": sd}, tunnel(20.0))
    clutter = clutter_density(*at, sd)
    assert found * clutter == pytest.approx(slow_density(sd, 20.0, at), rel=2e-3, abs=1e-12)


@pytest.mark.parametrize("kind", ["tunnel", "entrance"])
@pytest.mark.parametrize("axis", [[[12, -20], [12, 80]], [[5, 5], [35, 28]], [[10, 30], [25, 60]]])
def test_density_of_a_place_is_one_over_the_plane(kind, axis):
    points = [[x, y, -5.0] for x, y in axis]
    scene = make_scene([{"family": "driven", "fill": "air", "axis": points, "radius": 1.0}])
    sd, step = 5.0, 4.0
    grid = np.arange(-60.0, 120.0, step)
    items = [{"x": x, "y": y, "sd_m": sd, "kind": kind} for x in grid for y in grid]
    evidence = reports(*items, terms=NO_DECOYS)
    a, b = RELIABILITY["B"]
    chance = evidence.predict(scene)[0]
    ratio = chance / (1.0 - chance) * b / a
    clutter = clutter_density(grid[:, None], grid[None], sd, kind).ravel()
    assert ratio @ clutter * step**2 == pytest.approx(1.0, rel=0.005)


@pytest.mark.parametrize("sd", [5.0, 25.0, 60.0, 89.0, 120.0, 360.0])
def test_density_of_a_heading_is_one_over_the_half_turn(sd):
    plain = density_ratio({}, tunnel(20.0))
    angles = np.arange(0.0, 180.0, 2.0)
    total = [
        density_ratio({"heading_deg": a, "heading_sd_deg": sd}, tunnel(20.0)) / plain
        for a in angles
    ]
    assert np.mean(total) == pytest.approx(1.0, abs=2e-3)
    assert total[0] == max(total)


def test_a_heading_is_clockwise_from_north_and_has_no_sense():
    east = make_scene(
        [{"family": "driven", "fill": "air", "axis": [[-20, 20, -5], [60, 20, -5]], "radius": 1.0}]
    )
    for heading, right, wrong in ((90.0, east, tunnel(20.0)), (0.0, tunnel(20.0), east)):
        items = [
            reports({"heading_deg": (heading + turn) % 360.0, "heading_sd_deg": 10.0})
            for turn in (0.0, 180.0)
        ]
        weights = [log_ratio(i, right) for i in items]
        assert weights[0] == pytest.approx(weights[1])
        assert weights[0] > log_ratio(items[0], wrong) + 1.0


def test_a_depth_is_under_the_ground():
    shallow = {"depth_m": 4.0, "depth_sd_m": 1.0}
    weights = [log_ratio(reports(shallow), tunnel(20.0, d)) for d in (4.0, 5.5, 9.0)]
    assert weights[0] > weights[1] > weights[2]
    assert weights[0] > log_ratio(reports({}), tunnel(20.0, 4.0))


@pytest.mark.parametrize(
    "vague",
    [{"heading_deg": 70.0, "heading_sd_deg": 300.0}, {"depth_m": 3.0, "depth_sd_m": 3000.0}],
)
def test_vague_words_add_and_cost_nothing(vague):
    found = log_ratio(reports(vague), tunnel(20.0))
    assert found == pytest.approx(log_ratio(reports({}), tunnel(20.0)), abs=0.02)


def test_a_place_that_says_nothing_leaves_the_word_of_the_source():
    """K/U = 1: a genuine report is as likely here as clutter is, and none can be without target."""
    found = log_ratio(reports({"sd_m": 2000.0}), tunnel(20.0))
    a, b = RELIABILITY["B"]
    assert found == pytest.approx(np.log(1.0 / (b / (a + b))), abs=0.02)


@pytest.mark.parametrize("letter", "ABCDEF")
@pytest.mark.parametrize("n", [1, 2, 7, 20])
def test_one_rate_for_all_items_of_a_source(letter, n):
    """E over Beta(a, b) of Π [(1 − r) + r K/U], with quadrature in place of Gauss–Jacobi."""
    rng = np.random.default_rng(n)
    items = [{"x": float(x), "reliability": letter} for x in rng.uniform(14.0, 27.0, n)]
    ratios = np.array([density_ratio({**i, "reliability": "C"}, tunnel(20.0)) for i in items])
    a, b = RELIABILITY[letter]

    def product(rate):
        return np.prod(1.0 - rate + rate * ratios) * beta_distribution.pdf(rate, a, b)

    def none(rate):
        return (1.0 - rate) ** n * beta_distribution.pdf(rate, a, b)

    slow, bare = (quad(f, 0.0, 1.0, epsrel=1e-9, limit=200)[0] for f in (product, none))
    evidence = reports(*items)
    assert log_ratio(evidence, tunnel(20.0)) == pytest.approx(np.log(slow / bare), rel=1e-5)
    # P(n items | no target), each of them then clutter.
    probability = evidence.layout_probability(concatenate([tunnel(20.0), nothing()]))
    assert probability == pytest.approx([1.0, bare], rel=1e-6)
    assert probability[1] < 1.0


def test_sources_are_independent_of_each_other():
    scene = tunnel(20.0)
    one, other = {"source": "a"}, {"source": "b", "reliability": "D", "x": 22.0}
    together = log_ratio(reports(one, other), scene)
    assert together == pytest.approx(
        log_ratio(reports(one), scene) + log_ratio(reports(other), scene)
    )


def test_several_targets_share_the_reports():
    """A report comes from each target with equal chance."""

    def items(*x):
        return [
            {"family": "driven", "fill": "air", "axis": [[v, -30, -5], [v, 70, -5]], "radius": 1.0}
            for v in x
        ]

    alone = [density_ratio({"x": 14.0}, make_scene(items(v))) for v in (12.0, 30.0)]
    both = density_ratio({"x": 14.0}, make_scene(items(12.0, 30.0)))
    assert both == pytest.approx(np.mean(alone), rel=1e-6)


def test_prediction_is_the_chance_of_being_genuine():
    evidence = reports({"x": 20.0}, {"x": 35.0})
    chance = evidence.predict(concatenate([tunnel(20.0), nothing()]))
    assert chance.shape == (2, 2)
    assert chance[0, 0] > 0.9 > 0.1 > chance[0, 1]
    assert np.all(chance[1] == 0.0)


def test_simulated_places_follow_the_tunnel():
    evidence = reports({"sd_m": 2.0, "reliability": "A"}, {"sd_m": 2.0, "kind": "entrance"})
    scene, rng = tunnel(13.0, 6.0, y=(10.0, 30.0)), np.random.default_rng(0)
    drawn = np.array([evidence.simulate(scene, rng).items[:, :2] for _ in range(1500)])
    rate = RELIABILITY["A"][0] / sum(RELIABILITY["A"])
    near = np.abs(drawn[:, 0, 0] - 13.0) < 6.0
    # Clutter falls near by chance, too: 12 m of the widened 45 m.
    assert near.mean() == pytest.approx(rate + (1.0 - rate) * 12.0 / 45.0, abs=0.03)
    ends = np.abs(np.abs(drawn[:, 1, 1] - 20.0) - 10.0) < 5.0
    assert ends.mean() > 0.75


def test_no_reports_say_nothing():
    evidence = reports()
    assert evidence.log_likelihood(tunnel(20.0))[0] == 0.0
    assert evidence.simulate(tunnel(20.0), np.random.default_rng(0)).items.shape == (0, 10)


def test_the_fingerprint_follows_everything_that_counts():
    prints = [
        reports(i).fingerprint
        for i in ({}, {"x": 21.0}, {"sd_m": 5.0}, {"reliability": "C"}, {"kind": "entrance"})
    ]
    assert len(set(prints)) == len(prints)
    assert reports({}, {}).fingerprint != reports({}, {"origin": "o0"}).fingerprint
    assert reports({}).fingerprint == reports({}).fingerprint
