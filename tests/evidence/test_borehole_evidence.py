"""Boreholes: closed form of two hypotheses, drilled length, deviation, assignments."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from length_laws import length_gain
from samples import PRIOR, boreholes, chamber, drilled, nothing, tunnel
from scipy.stats import norm

from subterra.errors import InputError
from subterra.evidence import DrillLogTerms, borehole_evidence
from subterra.scene import concatenate, make_scene
from subterra.tables import BoreholeTable, IntervalTable

TERMS = DrillLogTerms()
EXACT = DrillLogTerms(deviation_sd_per_m=0.0)
VERTICAL = ("h", 20.0, 20.0, 0.0, 90.0, 12.0)


def log_ratio(evidence, scene):
    """Log-likelihood of a scene against that of no object."""
    logs = evidence.log_likelihood(concatenate([scene, nothing()]))
    assert logs[1] == 0.0
    return logs[0]


def hole(*intervals, terms=TERMS, length=12.0, x=20.0, y=20.0):
    rows = [("h", *i) for i in intervals] or [("h", 0.0, length, "intact")]
    return drilled(("h", x, y, 0.0, 90.0, length), intervals=rows, terms=terms)


@pytest.mark.parametrize(("fill", "p_detect"), [("air", 0.95), ("water", 0.95), ("rubble", 0.6)])
def test_a_dry_hole_lowers_by_the_chance_of_missing(fill, p_detect):
    """Two hypotheses, tunnel under the collar or none: a dry hole multiplies the odds by 1 − P_d.

    Posterior p' = p(1 − P_d)/(1 − p + p(1 − P_d)), the classical update for a failed search.
    """
    ratio = np.exp(log_ratio(hole(), tunnel(20.0, 5.0, fill=fill)))
    assert ratio == pytest.approx(1.0 - p_detect, rel=1e-6)


@pytest.mark.parametrize("top", [3.6, 4.0, 4.7])
def test_a_hit_raises_by_the_density_over_the_rate_of_false_voids(top):
    """Odds × [1 − P_d + P_d N(top; roof, sd)/φ·f/f₀]: the void is the tunnel's, or was missed."""
    evidence = hole((0.0, top, "intact"), (top, top + 2.0, "void"), (top + 2.0, 12.0, "intact"))
    roof, p = 4.0, TERMS.p_detect[0]
    sd = TERMS.depth_sd_m + TERMS.depth_sd_relative * roof
    gain = norm.pdf(top, roof, sd) / TERMS.false_void_per_m * length_gain(2.0, 2.0)
    expected = 1.0 - p + p * gain
    found = np.exp(log_ratio(evidence, tunnel(20.0, 5.0)))
    assert found == pytest.approx(expected, rel=1e-5)
    assert found > 10.0


def test_a_void_elsewhere_is_a_false_one():
    evidence = hole((0.0, 9.0, "intact"), (9.0, 10.0, "void"), (10.0, 12.0, "intact"))
    assert np.exp(log_ratio(evidence, tunnel(20.0, 5.0))) == pytest.approx(0.05, rel=1e-5)
    assert log_ratio(evidence, tunnel(20.0, 10.0)) > 3.0


def test_a_tunnel_out_of_reach_is_not_spoken_of():
    assert log_ratio(hole(), tunnel(26.0, 5.0)) == 0.0
    assert log_ratio(hole(), tunnel(20.0, 30.0)) == 0.0
    assert boreholes().log_likelihood(nothing())[0] == 0.0


@pytest.mark.parametrize("length", [3.0, 3.9, 3.999, 6.1, 12.0])
def test_only_the_drilled_length_speaks(length):
    """Roof at 4 m: a hole that ends above it says nothing, however little is missing."""
    found = log_ratio(hole(length=length), tunnel(20.0, 5.0))
    expected = 0.0 if length < 4.0 else np.log(0.05)
    assert found == pytest.approx(expected, abs=1e-6)


@settings(deadline=None, max_examples=30)
@given(st.floats(0.0, 1.5), st.floats(20.0, 120.0))
def test_a_deep_hole_that_ends_above_the_roof_is_silent(gap, depth):
    """Deviation is sideways; it does not carry a hole deeper."""
    scene = tunnel(20.0, depth, 1.0)
    assert log_ratio(hole(length=depth - 1.0 - gap - 1e-3), scene) == 0.0


@pytest.mark.parametrize(
    ("logged", "speaks"),
    [
        ([(0.0, 3.0, "intact")], False),
        ([(0.0, 3.0, "intact"), (3.0, 12.0, "unknown")], False),
        ([(7.0, 12.0, "intact")], False),
        ([(3.5, 6.5, "intact")], True),
        ([(0.0, 4.5, "intact")], True),
    ],
)
def test_only_what_was_logged_speaks(logged, speaks):
    found = log_ratio(hole(*logged), tunnel(20.0, 5.0))
    assert found == pytest.approx(np.log(0.05) if speaks else 0.0, abs=1e-6)


def test_holes_are_independent_given_the_scene():
    a, b = ("a", 20.0, 20.0, 0.0, 90.0, 12.0), ("b", 20.4, 25.0, 0.0, 90.0, 12.0)
    scene = tunnel(20.0, 5.0)
    both = log_ratio(drilled(a, b), scene)
    assert both == pytest.approx(log_ratio(drilled(a), scene) + log_ratio(drilled(b), scene))
    assert both < 2.0 * np.log(0.06)


@pytest.mark.parametrize(("azimuth", "x"), [(90.0, 15.0), (270.0, 25.0)])
def test_azimuth_is_clockwise_from_north_and_inclination_down(azimuth, x):
    """At 45° a hole is as deep as it is far: 5 m out, 5 m down, 7.07 m along."""
    scene = tunnel(20.0, 5.0)
    at = drilled(("h", x, 20.0, azimuth, 45.0, 12.0), terms=EXACT)
    wrong = drilled(("h", x, 20.0, azimuth, -45.0, 12.0), terms=EXACT)
    north = drilled(("h", x, 20.0, 0.0, 45.0, 12.0), terms=EXACT)
    assert log_ratio(at, scene) == pytest.approx(np.log(0.05), abs=1e-6)
    assert log_ratio(wrong, scene) == log_ratio(north, scene) == 0.0
    top = np.hypot(5.0, 5.0) - 1.0
    sd = 0.3 + 0.01 * top
    hit = drilled(
        ("h", x, 20.0, azimuth, 45.0, 12.0),
        intervals=[("h", 0.0, top, "intact"), ("h", top, 9.0, "void")],
        terms=EXACT,
    )
    expected = 0.05 + 0.95 * norm.pdf(0.0, 0.0, sd) / 0.002 * length_gain(
        9.0 - top, 2.0, unended=True
    )
    assert np.exp(log_ratio(hit, scene)) == pytest.approx(expected, rel=1e-4)


def crossing_by_sampling(axis, radius, inclination, sd_per_m, n=10000):
    """Share of holes from (20, 20, 0) to the north, tilted sideways by a normal, that hit.

    Holes are followed in steps of 0.1 m past the depth of the axis.
    """
    down = np.deg2rad(inclination)
    direction = np.array([0.0, np.cos(down), -np.sin(down)])
    sideways = np.array([[1.0, 0.0, 0.0], [0.0, np.sin(down), np.cos(down)]])
    tilt = sd_per_m * np.random.default_rng(0).standard_normal((n, 2)) @ sideways
    a, b = (np.asarray(p, float) for p in axis)
    along = (b - a) / max(np.dot(b - a, b - a), 1e-12)
    middle = -a[2] / np.sin(down)
    hit = np.zeros(n, bool)
    for s in np.arange(middle - 6.0, middle + 6.0, 0.1):
        away = np.array([20.0, 20.0, 0.0]) + s * (direction + tilt) - a
        away -= np.clip(away @ along, 0.0, 1.0)[:, None] * (b - a)
        hit |= np.einsum("ij,ij->i", away, away) < radius**2
    return hit.mean()


def crossing_by_evidence(scene, inclination, terms, length=90.0):
    evidence = drilled(("h", 20.0, 20.0, 0.0, inclination, length), terms=terms)
    return (1.0 - np.exp(log_ratio(evidence, scene))) / terms.p_detect[0]


STRAYING = DrillLogTerms(deviation_sd_per_m=0.02)


@pytest.mark.parametrize("miss", [0.0, 0.6, 1.0, 1.7, 2.5])
@pytest.mark.parametrize("inclination", [90.0, 60.0])
def test_deviation_of_a_long_hole_over_a_tunnel(miss, inclination):
    """At 60 m a hole strays by 2 % = 1.2 m: P(cross) in closed form against sampled holes."""
    axis = [[20.0 + miss, -200.0, -60.0], [20.0 + miss, 300.0, -60.0]]
    scene = make_scene([{"family": "driven", "fill": "air", "axis": axis, "radius": 1.0}])
    slow = crossing_by_sampling(axis, 1.0, inclination, 0.02)
    assert crossing_by_evidence(scene, inclination, STRAYING) == pytest.approx(slow, abs=0.025)


@pytest.mark.parametrize("miss", [0.0, 0.7, 1.5, 2.4, 4.0])
@pytest.mark.parametrize("radius", [0.6, 1.5, 4.0])
def test_deviation_of_a_long_hole_over_a_chamber(miss, radius):
    """Mass of a round normal in a disc, against sampled holes."""
    scene = chamber(20.0 + miss, 20.0, 50.0, radius)
    centre = [20.0 + miss, 20.0, -50.0]
    slow = crossing_by_sampling([centre, centre], radius, 90.0, 0.02)
    assert crossing_by_evidence(scene, 90.0, STRAYING) == pytest.approx(slow, abs=0.025)


@pytest.mark.parametrize(
    ("inside", "allowed"), [(6.0, 0.02), (3.0, 0.03), (1.0, 0.12), (0.0, 0.2), (-1.5, 0.3)]
)
def test_deviation_at_the_end_of_a_tunnel(inside, allowed):
    """The strip has no end: P(cross) is right 3 m inside, and too high nearer or beyond."""
    axis = [[20.0, -100.0, -50.0], [20.0, 20.0 + inside, -50.0]]
    scene = make_scene([{"family": "driven", "fill": "air", "axis": axis, "radius": 1.0}])
    slow = crossing_by_sampling(axis, 1.0, 90.0, 0.02)
    found = crossing_by_evidence(scene, 90.0, STRAYING)
    assert slow - 0.02 < found < slow + allowed


@pytest.mark.parametrize("miss", [0.0, 0.6, 1.4, 2.2])
def test_a_hole_down_a_shaft_meets_its_mouth(miss):
    """A vertical object of radius 1.5 from 40 m down: entered at its top, as a disc."""
    axis = [[20.0 + miss, 20.0, -40.0], [20.0 + miss, 20.0, -80.0]]
    scene = make_scene([{"family": "working", "fill": "air", "axis": axis, "radius": 1.5}])
    straying = DrillLogTerms(deviation_sd_per_m=0.02)
    sd = 0.02 * 38.5
    place = miss + sd * np.random.default_rng(0).standard_normal((200_000, 2)) * [1.0, 1.0]
    place[:, 1] -= miss
    expected = np.mean(np.hypot(*place.T) < 1.5)
    assert crossing_by_evidence(scene, 90.0, straying) == pytest.approx(expected, abs=0.02)
    # A hole that ends above the mouth says nothing.
    assert log_ratio(hole(length=38.0, terms=straying), scene) == 0.0
    hit = hole((0.0, 38.5, "intact"), (38.5, 60.0, "void"), length=60.0, terms=straying)
    deeper = hole((0.0, 55.0, "intact"), (55.0, 60.0, "void"), length=60.0, terms=straying)
    assert log_ratio(hit, scene) > log_ratio(deeper, scene)


def brute_force(tops, roofs, chances, terms):
    """Sum over every way in which voids can belong to objects, each to at most one, or be false."""
    total = 0.0
    for owner in product(range(-1, len(tops)), repeat=len(roofs)):
        used = [v for v in owner if v >= 0]
        if len(set(used)) < len(used):
            continue
        term = 1.0
        for v, roof, q in zip(owner, roofs, chances, strict=True):
            sd = terms.depth_sd_m + terms.depth_sd_relative * roof
            if v < 0:
                term *= 1.0 - q
                continue
            term *= q * norm.pdf(tops[v], roof, sd) / terms.false_void_per_m
            term *= length_gain(0.2, 1.6)
        total += term
    return np.log(total)


@pytest.mark.parametrize("tops", [[], [3.1], [3.1, 6.2], [2.9, 6.1, 9.3], [1.0, 3.2, 3.4, 9.0]])
@pytest.mark.parametrize("n_object", [1, 2, 3])
def test_assignments_against_brute_force(tops, n_object):
    roofs, fills = [3.0, 6.0, 9.0][:n_object], ["air", "rubble", "water"][:n_object]
    objects = [
        {
            "family": "driven",
            "fill": fill,
            "axis": [[20.0, -30.0, -roof - 0.8], [20.0, 70.0, -roof - 0.8]],
            "radius": 0.8,
        }
        for roof, fill in zip(roofs, fills, strict=True)
    ]
    evidence = hole((0.0, 12.0, "intact"), *[(t, t + 0.2, "void") for t in tops], terms=EXACT)
    chances = [EXACT.p_detect[("air", "water", "rubble").index(f)] for f in fills]
    found = log_ratio(evidence, make_scene(objects))
    assert found == pytest.approx(brute_force(tops, roofs, chances, EXACT), rel=1e-5)
    shuffled = log_ratio(evidence, make_scene(objects[::-1]))
    assert shuffled == pytest.approx(found, rel=1e-9)


def test_prediction_is_the_mean_number_of_voids():
    evidence, scene = boreholes(), tunnel(20.0, 5.0)
    expected = evidence.predict(concatenate([scene, nothing()]))
    logged = np.array([12.0, 16.5, 13.0])
    assert expected[1] == pytest.approx(0.002 * logged)
    assert expected[0, 0] == pytest.approx(0.95 + 0.024, rel=1e-6)
    rng = np.random.default_rng(0)
    draws = [np.diff(evidence.simulate(scene, rng).holes.event_start) for _ in range(3000)]
    assert np.mean(draws, axis=0) == pytest.approx(expected[0], abs=0.02)


def test_collars_without_height_lie_on_the_surface():
    table = BoreholeTable(("h",), [20.0], [20.0], None, [0.0], [90.0], [12.0])
    logged = IntervalTable(("h",), [0.0], [12.0], ("intact",))
    at = borehole_evidence(table, logged, PRIOR)
    high = BoreholeTable(("h",), [20.0], [20.0], [3.0], [0.0], [90.0], [12.0])
    assert at.holes.trace[0, 2] == 0.0
    assert borehole_evidence(high, logged, PRIOR).holes.trace[0, 2] == 3.0


def test_bad_logs_are_refused():
    collar = BoreholeTable(("h",), [20.0], [20.0], None, [0.0], [90.0], [40.0])
    stranger = IntervalTable(("other",), [0.0], [2.0], ("intact",))
    with pytest.raises(InputError, match="'other', which has no collar"):
        borehole_evidence(collar, stranger, PRIOR)
    top = np.arange(13.0)
    many = IntervalTable(("h",) * 13, top, top + 0.5, ("void",) * 13)
    with pytest.raises(InputError, match="13 voids"):
        borehole_evidence(collar, many, PRIOR)


def test_the_fingerprint_follows_everything_that_counts():
    base = hole()
    others = [
        hole(length=11.0),
        hole(x=20.1),
        hole((0.0, 12.0, "unknown")),
        hole((0.0, 5.0, "intact"), (5.0, 6.0, "void"), (6.0, 12.0, "intact")),
        hole(terms=DrillLogTerms(p_detect=(0.9, 0.95, 0.6))),
    ]
    prints = {e.fingerprint for e in (base, *others)}
    assert len(prints) == len(others) + 1
    assert hole().fingerprint == base.fingerprint
