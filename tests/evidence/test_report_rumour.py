"""Sites that are talked of without a cause: what the number of reports may say."""

from __future__ import annotations

import numpy as np
import pytest
from samples import nothing, reports, tunnel
from scipy.stats import binomtest

from subterra.errors import InputError
from subterra.evidence import RELIABILITY, ReportTerms
from subterra.scene import concatenate

SCATTERED = [
    {"source": s, "reliability": letter, "x": x, "y": x}
    for s, letter, x in zip("abcde", "ABCDF", (2.0, 9.0, 19.0, 31.0, 38.0), strict=True)
]
CLUTTER = np.prod([b / (a + b) for a, b in (RELIABILITY[i["reliability"]] for i in SCATTERED)])


def evidence(p_rumour, *items):
    terms = ReportTerms(decoy_share=0.0, p_rumour=p_rumour)
    return reports(*(items or SCATTERED), terms=terms)


@pytest.mark.parametrize("p_rumour", [0.0, 0.25, 0.9])
def test_without_a_target_reports_are_rumour_or_errors(p_rumour):
    found = evidence(p_rumour)
    expected = p_rumour + (1.0 - p_rumour) * CLUTTER
    assert np.exp(found.log_likelihood(nothing())) == pytest.approx(expected, rel=1e-6)
    chance = found.layout_probability(concatenate([nothing(), tunnel(20.0)]))
    assert chance == pytest.approx([expected, 1.0], rel=1e-6)


def test_reports_alone_make_a_target_no_likelier_than_rumour_allows():
    """A place that says nothing leaves the number of reports: their odds are at most 1/p."""
    vague = [{**i, "sd_m": 3000.0} for i in SCATTERED]
    for p_rumour, most in ((0.9, 1.0 / 0.9), (0.5, 2.0)):
        logs = evidence(p_rumour, *vague).log_likelihood(concatenate([tunnel(20.0), nothing()]))
        assert 1.0 < np.exp(logs[0] - logs[1]) < 1.05 * most


def test_rumour_leaves_the_place_of_a_target_alone():
    scenes = concatenate([tunnel(20.0), tunnel(31.0), tunnel(5.0)])
    wary, at_word = (evidence(p).log_likelihood(scenes) for p in (0.9, 0.0))
    assert wary == pytest.approx(at_word)


def test_the_word_that_there_is_nothing_is_no_rumour():
    item = {"kind": "nothing", "sd_m": 9.0}
    both = concatenate([tunnel(20.0), nothing()])
    wary, at_word = (evidence(p, item).log_likelihood(both) for p in (0.9, 0.0))
    assert wary == pytest.approx(at_word)


def test_drawn_sources_are_no_better_or_worse_for_a_rumour():
    """Without a target a source's other word is drawn from what its false items leave of it."""
    items = [{"source": "a", "x": 5.0}] * 3 + [{"source": "a", "kind": "nothing", "sd_m": 9.0}]
    p_imagine, a, b = 0.5, *RELIABILITY["B"]
    n = 3000
    for p_rumour in (0.0, 0.9):
        terms = ReportTerms(p_notice=0.0, p_imagine=p_imagine, p_rumour=p_rumour)
        found = reports(*items, terms=terms)
        rng = np.random.default_rng(5)
        noticed = sum(int(found.simulate(nothing(), rng).items[-1, 8]) for _ in range(n))
        # Whatever the rate, a look imagines something with the same chance.
        assert binomtest(noticed, n, p_imagine).pvalue > 1e-3
    assert a > b


@pytest.mark.parametrize("wrong", [-0.1, 1.0, 1.5, np.nan])
def test_a_strange_probability_is_refused(wrong):
    with pytest.raises(InputError, match="below 1 and not negative"):
        ReportTerms(p_rumour=wrong)
