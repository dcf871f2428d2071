"""The ledger: closed forms of two hypotheses, origins, conflicts, and what is not supported."""

from __future__ import annotations

import math

import numpy as np
import pytest

from subterra.evidence import SourceRecord, report_evidence
from subterra.inference.belief import Belief, RunInfo
from subterra.inference.ledger import (
    LedgerItem,
    Statement,
    find_conflicts,
    make_ledger,
    origin_words,
    remove,
    statements_of,
)
from subterra.inference.pareto import fit_tail, smoothed_weights
from subterra.scene import Prior, concatenate, make_scene
from subterra.tables import ReportTable

PRIOR = Prior((0.0, 0.0, 60.0, 40.0), 20.0)
N = 1000
TOLD, SEEN = ("R1", "report R1", "reports"), ("S1", "sign S1", "signs")


def belief_of(kinds, weight):
    """Belief of N scenes of each kind: a tunnel at an easting, or None for nothing."""
    scenes = []
    for x in kinds:
        objects = []
        if x is not None:
            axis = [[x, -20.0, -5.0], [x, 60.0, -5.0]]
            objects = [{"family": "driven", "fill": "air", "axis": axis, "radius": 1.0}]
        scenes += [make_scene(objects)] * N
    weight = np.repeat(np.asarray(weight, float) / N, N)
    weight = weight / weight.sum()
    n = len(weight)
    info = RunInfo(1, n, 0.0, (0.0,), (0.5,), (n,), float(n), {}, (0.0, 1.0), {})
    return Belief(concatenate(scenes), weight, PRIOR, info)


def item(name, origin=None, evidence="reports"):
    return LedgerItem(name, f"report {name}", evidence, origin or name)


def leaver(log_each):
    """Independent items: the difference of a set is the sum of theirs."""
    return lambda items: sum((np.repeat(log_each[i], N) for i in items), np.zeros(1))


def test_two_hypotheses():
    """An item that is l times as likely with a target as without weighs 10 log10 l, exactly."""
    prior = np.array([0.3, 0.7])
    logs = {"a": np.log([6.0, 1.0]), "b": np.log([0.05, 1.0])}
    posterior = prior * np.exp(logs["a"] + logs["b"])
    b = belief_of([20.0, None], posterior / posterior.sum())
    made = make_ledger(b, statements_of(b, []), [item("a"), item("b")], leaver(logs))
    assert made.statements[0].label == "any target"
    assert made.weights[0].decibans[0] == pytest.approx(10.0 * np.log10(6.0))
    assert made.weights[1].decibans[0] == pytest.approx(10.0 * np.log10(0.05))
    without = prior * np.exp(logs["b"])
    assert made.weights[0].p[0] == pytest.approx(without[0] / without.sum())
    assert made.weights[0].reason == ""
    assert made.origins == ()


def test_a_statement_about_one_object():
    """What speaks for a tunnel in the east weighs nothing for any, and much for that object."""
    prior = np.array([0.25, 0.25, 0.5])
    logs = {"east": np.log([1.9, 0.1, 1.0])}
    posterior = prior * np.exp(logs["east"])
    b = belief_of([40.0, 10.0, None], posterior)
    east = Statement("object 1", np.repeat([True, False, False], N))
    any_target = statements_of(b, [])[0]
    made = make_ledger(b, [any_target, east], [item("east")], leaver(logs))
    assert made.weights[0].decibans[0] == pytest.approx(0.0, abs=1e-9)
    odds = posterior[0] / posterior[1:].sum()
    before = prior[0] / prior[1:].sum()
    assert made.weights[0].decibans[1] == pytest.approx(10.0 * np.log10(odds / before))


def test_retellings_are_weighed_together():
    """Two items of one origin whose joint factor is that of one: each alone weighs nothing."""
    prior = np.array([0.4, 0.6])
    joint = np.log([8.0, 1.0])
    b = belief_of([20.0, None], prior * np.exp(joint))

    def leave(items):
        return np.repeat(joint if len(set(items)) == 2 else np.zeros(2), N)

    items = [item("a", "o"), item("b", "o")]
    made = make_ledger(b, statements_of(b, []), items, leave)
    assert [w.decibans[0] for w in made.weights] == pytest.approx([0.0, 0.0], abs=1e-9)
    assert made.origins[0].items == ("a", "b")
    assert made.origins[0].decibans[0] == pytest.approx(10.0 * np.log10(8.0))
    # Nor do retellings conflict with one another.
    assert made.conflicts == ()


def test_one_origin_is_one_group_across_kinds():
    """A report and a sign of one origin are left out together; a hole of that name is not."""
    prior = np.array([0.4, 0.6])
    joint, dry = np.log([8.0, 1.0]), np.log([0.5, 1.0])
    b = belief_of([20.0, None], prior * np.exp(joint + dry))
    told, seen = (LedgerItem(*names, "the barn", shares=True) for names in (TOLD, SEEN))
    hole = LedgerItem("the barn", "hole the barn", "boreholes", "the barn")

    def leave(items):
        both = {"R1", "S1"} <= set(items)
        return np.repeat(joint * both + dry * ("the barn" in items), N)

    made = make_ledger(b, statements_of(b, []), [told, seen, hole], leave)
    assert [w.items for w in made.origins] == [("R1", "S1")]
    assert made.origins[0].decibans[0] == pytest.approx(10.0 * np.log10(8.0))
    assert origin_words(made, ("R1", "S1")) == (
        "together, one origin (the barn): report R1, sign S1"
    )
    # Where nobody named the origin, its items name it.
    alike = [LedgerItem(n, f"sign {n}", "signs", "sign S1", shares=True) for n in ("S1", "S2")]
    made = make_ledger(b, statements_of(b, []), alike, lambda _: np.zeros(2 * N))
    assert origin_words(made, ("S1", "S2")) == "together, one origin: sign S1, sign S2"


def test_what_the_scenes_cannot_support_is_null_and_says_why():
    """After a hit no scene without a target is left: what the hit weighs cannot be said."""
    hit = belief_of([20.0], [1.0])
    found = remove(hit, statements_of(hit, []), [item("a")], leaver({"a": np.array([5.0])}))
    assert (found.p[0], found.decibans[0]) == (None, None)
    assert "fewer than 30 effective scenes speak against it" in found.reason
    # Ten scenes of very unequal ratios carry everything once the item is gone.
    b = belief_of([20.0, None], [0.5, 0.5])
    heavy = np.zeros(2 * N)
    heavy[:40] = -(np.linspace(0.0, 40.0, 40) ** 1.1)
    found = remove(b, statements_of(b, []), [item("a")], lambda _: heavy)
    assert found.decibans[0] is None
    assert found.reason


def test_what_may_miss_is_supported_by_its_bound():
    """Forty of two thousand scenes were held down 20 times by a dry hole: atoms, no tail."""
    b = belief_of([20.0, None], [0.5, 0.5])
    dry = np.zeros(2 * N)
    dry[:40] = np.log(0.05) + 1e-3 * np.arange(40)
    dry[40:200] = -1e-6 * np.arange(160)
    bounded = LedgerItem("B1", "hole B1", "boreholes", "B1", bounded=True)
    found = remove(b, statements_of(b, []), [bounded], lambda _: dry)
    expected = np.exp(-dry[:N]).sum() / N
    assert found.k_hat > 0.7
    assert found.decibans[0] == pytest.approx(-10.0 * np.log10(expected))
    # One scene that would carry a tenth of the weight says nothing, bounded or not.
    dry[0] = np.log(0.002)
    assert remove(b, statements_of(b, []), [bounded], lambda _: dry).decibans[0] is None


def conflict_by_hand(prior, log_a, log_b):
    """10 log10 of E[LaLb]·E[1] / (E[La]·E[Lb]), negative in conflict."""
    la, lb = np.exp(log_a), np.exp(log_b)
    mean = [float(prior @ v) for v in (la * lb, la, lb)]
    return 10.0 * np.log10(mean[0] / (mean[1] * mean[2]))


def test_a_conflict_is_measured_and_named():
    """A hole that finds nothing where a report is sure: the evidence of both, by hand."""
    prior = np.array([0.45, 0.05, 0.5])
    logs = {"B4": np.log([0.02, 1.0, 1.0]), "R2": np.log([50.0, 0.1, 0.1])}
    b = belief_of([20.0, 45.0, None], prior * np.exp(logs["B4"] + logs["R2"]))
    hole, report = LedgerItem("B4", "hole B4", "boreholes", "B4"), item("R2")
    found, unjudged = find_conflicts(b, [hole, report], leaver(logs))
    assert unjudged == 0
    assert len(found) == 1
    assert found[0].decibans == pytest.approx(-conflict_by_hand(prior, *logs.values()), rel=1e-9)
    assert found[0].words.startswith("hole B4 and report R2 can hardly both be right: ")
    agree = {"B4": np.log([30.0, 1.0, 1.0]), "R2": logs["R2"]}
    b = belief_of([20.0, 45.0, None], prior * np.exp(agree["B4"] + agree["R2"]))
    assert find_conflicts(b, [hole, report], leaver(agree))[0] == ()


def test_the_worst_conflict_stands_first():
    """Two questions that have nothing to do with one another: a and b quarrel more than c and d."""
    logs = {
        "a": np.log([1.0, 1.0, 1e-3, 1e-3]),
        "b": np.log([1e-3, 1e-3, 1.0, 1.0]),
        "c": np.log([1.0, 0.02, 1.0, 0.02]),
        "d": np.log([0.02, 1.0, 0.02, 1.0]),
    }
    b = belief_of([10.0, 30.0, 50.0, None], 0.25 * np.exp(sum(logs.values())))
    found, unjudged = find_conflicts(b, [item(n) for n in logs], leaver(logs))
    assert [(c.first.id, c.second.id) for c in found] == [("a", "b"), ("c", "d")]
    assert unjudged == 0
    assert found[0].decibans == pytest.approx(-10.0 * np.log10(1e-3 / 0.5005**2), rel=1e-6)
    assert "a and report b cannot both be right" in found[0].words
    assert "can hardly" in found[1].words


@pytest.mark.parametrize("k", [0.1, 0.4, 0.8, 1.2])
def test_the_shape_of_a_pareto_tail(k):
    """Excesses σ((1 − u)^−k − 1)/k have the shape k; the prior draws k̂ towards 0.5."""
    rng = np.random.default_rng(4)
    u = rng.random(4000)
    excess = np.sort(1.7 * ((1.0 - u) ** -k - 1.0) / k)
    found, sigma = fit_tail(excess)
    assert found == pytest.approx(k, abs=0.1)
    assert sigma == pytest.approx(1.7, rel=0.15)


def test_even_ratios_stay_as_they_are():
    even = smoothed_weights(np.full(500, 3.0))
    assert even.k_hat == -math.inf
    assert even.supported
    assert even.effective == pytest.approx(500.0)
    rng = np.random.default_rng(0)
    light = smoothed_weights(0.3 * rng.standard_normal(4000))
    assert light.supported
    assert light.weight.sum() == pytest.approx(1.0)
    heavy = smoothed_weights(4.0 * rng.standard_normal(4000))
    assert not heavy.supported
    one = np.zeros(1000)
    one[0] = 30.0
    assert not smoothed_weights(one).supported


def test_smoothing_lowers_the_error_of_a_mean():
    """Normal(0, 1) draws re-weighted to mean 1: the smoothed mean is nearer on the whole."""
    rng = np.random.default_rng(2)
    plain, smooth = [], []
    for _ in range(200):
        x = rng.standard_normal(400)
        ratio = 1.6 * x - 0.5 * 1.6**2
        raw = np.exp(ratio)
        plain.append(raw @ x / raw.sum() - 1.6)
        smooth.append(smoothed_weights(ratio).weight @ x - 1.6)
    assert np.square(smooth).mean() < 1.02 * np.square(plain).mean()


@pytest.mark.parametrize(("sd_m", "conflict"), [(2.0, True), (30.0, False)])
def test_a_conflict_follows_the_errors_of_the_items_and_no_fixed_distance(sd_m, conflict):
    """Two tips 16 m apart, where there is one tunnel at most: sharp ones contradict each other."""
    x = np.repeat(np.arange(4.0, 57.0, 1.0), 40)
    prior = Prior((0.0, 0.0, 60.0, 40.0), 20.0, more_targets=(1.0, 0.0, 0.0))
    scenes = concatenate([_north_south(v) for v in x])
    table = _tips(prior, sd_m)
    logs = table.log_likelihood(scenes)
    weight = np.exp(logs - logs.max())
    n = len(weight)
    info = RunInfo(1, n, 0.0, (0.0,), (0.5,), (n,), float(n), {}, (0.0, 1.0), {})
    belief = Belief(scenes, weight / weight.sum(), prior, info)
    items = [LedgerItem(k, f"report {k}", "reports", k, bounded=True) for k in ("A", "B")]

    def leave(names):
        return logs - table.without(names).log_likelihood(scenes)

    found, unjudged = find_conflicts(belief, items, leave)
    assert unjudged == 0
    assert bool(found) is conflict


def _north_south(x):
    axis = [[x, -20.0, -5.0], [x, 60.0, -5.0]]
    return make_scene([{"family": "driven", "fill": "air", "axis": axis, "radius": 1.0}])


def _tips(prior, sd_m):
    unsaid = np.full(2, np.nan)
    table = ReportTable(
        ("A", "B"), ("a", "b"), ("A", "A"), np.array([1, 1]), ("a", "b"),
        np.array([22.0, 38.0]), np.full(2, 20.0), np.full(2, sd_m), ("tunnel", "tunnel"),
        unsaid, unsaid, unsaid, unsaid, ("", ""), ("", ""),
    )  # fmt: skip
    sure = {name: SourceRecord(confirmed=180.0) for name in ("a", "b")}
    return report_evidence(table, prior, records=sure)
