"""Drillers' words: closed forms of two hypotheses, vocabularies, pillars, touching intervals."""

from __future__ import annotations

import numpy as np
import pytest
from length_laws import length_gain
from samples import PRIOR, chamber, drilled, nothing, scenes_of_all_sorts, tunnel
from scipy.stats import norm

from subterra.errors import InputError
from subterra.evidence import DrillLogTerms, borehole_evidence
from subterra.evidence.drill_words import (
    DRILLER,
    EVENT_WORDS,
    FALSE_SIGN_PER_M,
    PLAIN,
    SIGN_SHARES,
    strongest,
    word_table,
)
from subterra.scene import FAMILIES, FILLS, concatenate
from subterra.tables import LOG_WORDS, BoreholeTable, IntervalTable
from subterra.testing.evidence import check_evidence, check_normalised

TERMS = DrillLogTerms()
EXACT = DrillLogTerms(deviation_sd_per_m=0.0)
ROOMS = DrillLogTerms(p_detect=(1.0, 1.0, 1.0), deviation_sd_per_m=0.0, extraction=0.5)


def hole(*intervals, terms=EXACT, length=12.0, name="h"):
    rows = [(name, *i) for i in intervals]
    return drilled((name, 20.0, 20.0, 0.0, 90.0, length), intervals=rows, terms=terms)


def log_ratio(evidence, scene):
    logs = evidence.log_likelihood(concatenate([scene, nothing()]))
    assert logs[1] == 0.0
    return logs[0]


def said(word, top=4.0):
    """A driller's log with one event; ``timber`` far below makes it a driller's log anyway."""
    rows = [(0.0, top, "intact"), (top, top + 1.5, word), (top + 1.5, 11.0, "intact")]
    return hole(*rows, (11.0, 11.5, "timber"))


@pytest.mark.parametrize("fill", FILLS)
@pytest.mark.parametrize("word", [w for w in EVENT_WORDS if w != "pillar"])
def test_two_hypotheses_for_every_word(word, fill):
    """Odds × [1 − q + P(w | fill) N(top; roof, sd)/φ_w], by hand from the tables."""
    roof, p = 4.0, TERMS.p_detect[FILLS.index(fill)]
    sd = TERMS.depth_sd_m + TERMS.depth_sd_relative * roof
    states = {
        "air": {"open": 1.0},
        "water": {"flooded": 1.0},
        "rubble": {"collapsed": 0.75, "backfilled": 0.25},
    }[fill]
    drop = {"open": 0.5, "flooded": 0.4, "collapsed": 0.3, "backfilled": 0.1}
    false_drop = 0.6 * 0.1 + 0.3 * 0.5 + 0.1 * 0.5
    each = {
        "void": sum(s * p * (1.0 - drop[state]) for state, s in states.items()),
        "rod drop": sum(s * p * drop[state] for state, s in states.items()),
    }
    rates = {"void": 0.002 * (1.0 - false_drop), "rod drop": 0.002 * false_drop}
    for sign in FALSE_SIGN_PER_M:
        rates[sign] = FALSE_SIGN_PER_M[sign]
        each[sign] = sum(
            s * (1.0 - p) * SIGN_SHARES[state].get(sign, 0.0) for state, s in states.items()
        )
    gain = norm.pdf(0.0, 0.0, sd) / rates[word]
    if word in ("void", "rod drop"):
        gain *= length_gain(1.5, 2.0, word=word)
    expected = 1.0 - sum(each.values()) + each[word] * gain
    found = np.exp(log_ratio(said(word), tunnel(20.0, 5.0, fill=fill)))
    assert found == pytest.approx(expected, rel=1e-6)


def test_the_order_of_what_the_words_say():
    """Rods that drop say most of an open tunnel; broken ground next to nothing; goaf of rubble."""
    open_tunnel, collapsed = tunnel(20.0, 5.0), tunnel(20.0, 5.0, fill="rubble")
    of = {w: log_ratio(said(w), open_tunnel) for w in EVENT_WORDS}
    assert of["rod drop"] > of["void"] > 4.0 > of["timber"] > of["broken"]
    assert abs(np.exp(of["broken"]) - 1.0) < 0.8
    of = {w: log_ratio(said(w), collapsed) for w in EVENT_WORDS}
    assert of["goaf"] > of["broken"] > 1.0
    # Miners' words over a natural cavity are mistakes.
    assert log_ratio(said("goaf"), chamber(fill="rubble")) < of["goaf"] - 2.0


@pytest.mark.parametrize("fill", FILLS)
def test_a_dry_hole_lowers_and_never_zeroes(fill):
    """In whatever vocabulary a dry hole multiplies the odds by what is silent, never by 0."""
    plain = np.exp(log_ratio(hole((0.0, 12.0, "intact")), tunnel(20.0, 5.0, fill=fill)))
    rows = [(0.0, 11.0, "intact"), (11.0, 12.0, "broken")]
    spoken = np.exp(log_ratio(hole(*rows), tunnel(20.0, 5.0, fill=fill)))
    p = TERMS.p_detect[FILLS.index(fill)]
    assert plain == pytest.approx(1.0 - p, rel=1e-6)
    # A driller who speaks of broken ground and did not here leaves less room for rubble.
    assert 0.0 < spoken < plain < 1.0


def test_a_plain_log_ignores_the_words_that_it_does_not_use():
    table = word_table(TERMS)
    void = EVENT_WORDS.index("void")
    assert table.rate[PLAIN].sum() == table.rate[PLAIN, void] == TERMS.false_void_per_m
    for fill, p in enumerate(TERMS.p_detect):
        assert table.chance[PLAIN, 1:, fill, void] == pytest.approx(p)
        assert table.chance[PLAIN, 1:, fill].sum(axis=-1) == pytest.approx(p)
    assert np.all(table.chance[:, 1:].sum(axis=-1) < 1.0)
    drops = [EVENT_WORDS.index("void"), EVENT_WORDS.index("rod drop")]
    # Both vocabularies find as many voids, true and false.
    assert table.rate[DRILLER, drops].sum() == pytest.approx(TERMS.false_void_per_m)
    assert table.chance[DRILLER, 1:, :, drops].sum(axis=0) == pytest.approx(
        table.chance[PLAIN, 1:, :, void]
    )


def test_every_word_of_the_table_is_read():
    assert set(LOG_WORDS) == {*EVENT_WORDS, "intact", "unknown"}
    assert {strongest(tuple(EVENT_WORDS))} == {"rod drop"}
    for word in EVENT_WORDS:
        assert strongest((word,)) == word


@pytest.mark.parametrize("n", [1, 3, 5, 10])
def test_dry_holes_over_rooms_and_pillars(n):
    """All of n holes meet pillars with probability (1 − e)ⁿ: 0.125 for three at e = 0.5."""
    holes = [(f"h{i}", 20.0, 10.0 + 2.0 * i, 0.0, 90.0, 12.0) for i in range(n)]
    evidence = drilled(*holes, terms=ROOMS)
    working = tunnel(20.0, 5.0, family="working")
    assert np.exp(log_ratio(evidence, working)) == pytest.approx(0.5**n, rel=1e-6)
    # A single drive has no pillars: the same hole would rule it out as far as P_d goes.
    assert np.exp(log_ratio(evidence, tunnel(20.0, 5.0))) < 1e-6


def test_a_pillar_in_the_log_speaks_for_workings_only():
    """The word ``pillar`` at the seam: odds × [(1 − e)·½·N/φ + silence]."""
    evidence = hole((0.0, 4.0, "intact"), (4.0, 6.0, "pillar"), (6.0, 12.0, "intact"), terms=ROOMS)
    sd = 0.3 + 0.04
    expected = 0.25 + 0.25 * norm.pdf(0.0, 0.0, sd) / FALSE_SIGN_PER_M["pillar"]
    found = np.exp(log_ratio(evidence, tunnel(20.0, 5.0, family="working")))
    assert found == pytest.approx(expected, rel=1e-6)
    assert log_ratio(evidence, tunnel(20.0, 5.0)) < -20.0


def test_touching_intervals_are_one_event_of_the_strongest_word():
    one = hole((0.0, 4.0, "intact"), (4.0, 5.0, "rod drop"), (5.0, 12.0, "intact"))
    many = hole(
        (0.0, 3.0, "intact"),
        (3.0, 4.0, "broken"),
        (4.0, 5.0, "rod drop"),
        (5.0, 6.0, "void"),
        (6.0, 12.0, "intact"),
    )
    scenes = concatenate([tunnel(20.0, 5.0), tunnel(20.0, 5.0, fill="rubble"), chamber()])
    np.testing.assert_allclose(many.log_likelihood(scenes), one.log_likelihood(scenes))
    apart = hole((0.0, 3.0, "intact"), (3.0, 3.5, "broken"), (4.0, 5.0, "rod drop"))
    assert len(apart.holes.word) == 2


def test_holes_are_items():
    a, b = ("a", 20.0, 20.0, 0.0, 90.0, 12.0), ("b", 20.4, 25.0, 0.0, 90.0, 12.0)
    rows = [("a", 0.0, 12.0, "intact"), ("b", 0.0, 4.0, "intact"), ("b", 4.0, 6.0, "rod drop")]
    both = drilled(a, b, intervals=rows)
    scenes = scenes_of_all_sorts()
    assert both.item_ids == ("a", "b")
    alone = drilled(b, intervals=rows[1:])
    np.testing.assert_array_equal(
        both.without(["a"]).log_likelihood(scenes), alone.log_likelihood(scenes)
    )
    assert both.without(["a", "b"]).log_likelihood(scenes).any() is np.False_
    parts = both.log_likelihood_by_hole(scenes)
    np.testing.assert_array_equal(parts.sum(axis=0), both.log_likelihood(scenes))
    assert both.without(["a"]).fingerprint == alone.fingerprint != both.fingerprint
    with pytest.raises(InputError, match="no such item: c"):
        both.without(["c"])


def drillers_log(terms=TERMS):
    return drilled(
        ("h1", 20.0, 20.0, 0.0, 90.0, 12.0),
        ("h2", 8.0, 30.0, 90.0, 55.0, 18.0),
        ("h3", 30.0, 9.0, 310.0, 70.0, 15.0),
        intervals=[
            ("h1", 0.0, 4.0, "intact"),
            ("h1", 4.0, 5.0, "rod drop"),
            ("h1", 5.0, 6.0, "goaf"),
            ("h1", 6.0, 12.0, "intact"),
            ("h2", 0.0, 7.5, "intact"),
            ("h2", 9.0, 18.0, "broken"),
            ("h3", 2.0, 3.0, "pillar"),
            ("h3", 3.0, 15.0, "intact"),
        ],
        terms=terms,
    )


@pytest.mark.parametrize("terms", [TERMS, DrillLogTerms(extraction=0.6)])
def test_the_battery_of_evidence(terms):
    check_evidence(drillers_log(terms), scenes_of_all_sorts())


@pytest.mark.parametrize("family", [f for f in ("driven", "working") if f in FAMILIES])
@pytest.mark.parametrize("fill", ["air", "rubble"])
def test_words_are_densities_of_the_same_data(family, fill):
    """The mean likelihood ratio over simulated driller's logs is 1."""
    terms = DrillLogTerms(
        p_detect=(0.7, 0.7, 0.5), extraction=0.6, false_void_per_m=0.02, depth_sd_m=0.6
    )
    evidence = drilled(
        ("h1", 20.0, 20.0, 0.0, 90.0, 12.0),
        ("h2", 8.0, 30.0, 90.0, 55.0, 18.0),
        intervals=[
            ("h1", 0.0, 12.0, "intact"),
            ("h2", 0.0, 17.0, "intact"),
            ("h2", 17, 18, "goaf"),
        ],
        terms=terms,
    )
    scene = tunnel(20.0, 5.0, family=family, fill=fill)
    other = tunnel(20.6, 5.3, family="working", fill="rubble")
    check_normalised(evidence, scene, other, draws=3000)


@pytest.mark.parametrize(
    "values", [{"extraction": 1.2}, {"backfilled": -0.1}, {"survey_sd_per_m": -1.0}]
)
def test_terms_outside_their_range_are_refused(values):
    with pytest.raises(InputError, match=next(iter(values))):
        DrillLogTerms(**values)


def test_too_many_events_are_refused():
    collar = BoreholeTable(("h",), [20.0], [20.0], None, [0.0], [90.0], [200.0])
    top = 2.0 * np.arange(61.0)
    many = IntervalTable(("h",) * 61, top, top + 0.5, ("broken",) * 61)
    with pytest.raises(InputError, match="61 events"):
        borehole_evidence(collar, many, PRIOR)
