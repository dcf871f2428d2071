"""Origins that reports and signs share count once, whatever kind their items are of."""

from __future__ import annotations

import numpy as np
import pytest
from samples import NO_RUMOUR, nothing, reports, signs, tunnel
from scipy.integrate import quad
from scipy.stats import beta as beta_distribution

from subterra.evidence import OriginEvidence, ReportTerms, SignTerms, count_origins_once
from subterra.scene import concatenate

SCENES = concatenate([tunnel(20.0, y=(10.0, 30.0)), tunnel(27.0, y=(5.0, 25.0)), nothing()])
TOLD = {"kind": "entrance", "y": 10.0, "origin": "the cellar", "reliability": "C"}
SEEN = {"kind": "entrance", "y": 10.0, "origin": "the cellar"}


def said(*items):
    return reports(*items, terms=ReportTerms(decoy_share=0.0, **NO_RUMOUR))


def shown(*rows):
    return signs(*rows, terms=SignTerms(decoy_share=0.0))


def joint(*evidence):
    logs = sum(e.log_likelihood(SCENES) for e in count_origins_once(evidence))
    return logs - logs[-1]


def test_both_kinds_name_origins():
    assert isinstance(said(TOLD), OriginEvidence)
    assert isinstance(shown(SEEN), OriginEvidence)
    assert said(TOLD, TOLD, {}).origin_sizes == {"the cellar": 2, "o2": 1}
    assert shown(SEEN, {"kind": "steam"}).origin_sizes == {"the cellar": 1, "sign s1": 1}


def test_what_shares_no_origin_is_left_alone():
    pieces = [said(TOLD), shown({"kind": "entrance", "y": 10.0})]
    assert count_origins_once(pieces)[0] is pieces[0]
    assert count_origins_once(pieces)[1] is pieces[1]


def test_a_report_of_a_sign_counts_once_with_it():
    """One of each: E over Beta(5, 5) of √[(1 − r) + r K/U], the square root of the factor."""
    alone = said(TOLD)
    ratio = np.exp(joint(alone)[:2]) - 1.0

    def mean(k):
        rate = beta_distribution(5.0, 5.0)
        return quad(lambda r: np.sqrt(1.0 - r + r * k) * rate.pdf(r), 0.0, 1.0)[0]

    beside, sign = count_origins_once([alone, shown(SEEN)])
    found = beside.log_likelihood(SCENES)
    expected = [np.log(mean(k) / mean(0.0)) for k in ratio]
    np.testing.assert_allclose((found - found[-1])[:2], expected, atol=1e-4)
    # The sign, too, has half of its say beside the report, as beside a sign of the same hand.
    both, once = (_spoken(e) for e in (sign, shown(SEEN)))
    assert 0.4 * once < both < 0.6 * once
    assert 2.0 * both == pytest.approx(_spoken(shown(SEEN, SEEN)), rel=0.1)
    apart = joint(said({**TOLD, "origin": "the patrol"}), shown(SEEN))[0]
    assert apart == pytest.approx(joint(alone)[0] + joint(shown(SEEN))[0], abs=1e-6)


def _spoken(evidence):
    """What signs say for the first scene, beyond that nothing else was noticed."""
    silent = evidence.without(evidence.names)
    logs = evidence.log_likelihood(SCENES) - silent.log_likelihood(SCENES)
    return (logs - logs[-1])[0]


@pytest.mark.parametrize(("n", "m"), [(3, 1), (1, 4)])
def test_many_tellings_of_one_sign_never_outweigh_the_best_of_them(n, m):
    silent = joint(shown(SEEN).without(["s0"]))[0]
    mixed = joint(said(*[TOLD] * n), shown(*[SEEN] * m))[0] - silent
    each = [joint(said(TOLD))[0], joint(shown(SEEN))[0] - silent]
    # But for the mean over the source's rate, which is taken of the powers.
    assert min(each) < mixed < 1.01 * max(each)


def test_another_origin_in_the_same_files_keeps_its_weight():
    other = {"kind": "tunnel", "x": 21.0, "source": "guard", "origin": "guard"}
    one = joint(said(TOLD, other), shown(SEEN))[0]
    two = joint(said(TOLD), shown(SEEN))[0]
    assert one - two == pytest.approx(joint(said(other))[0], abs=1e-6)


def test_the_fingerprint_follows_what_is_shared():
    alone, sign = said(TOLD), shown(SEEN)
    shared = count_origins_once([alone, sign])
    assert shared[0].fingerprint != alone.fingerprint
    assert shared[1].fingerprint != sign.fingerprint
    again = shared[0].sharing({})
    np.testing.assert_allclose(again.log_likelihood(SCENES), alone.log_likelihood(SCENES))


def test_simulated_items_stand_alone():
    rng = np.random.default_rng(1)
    for evidence in count_origins_once([said(TOLD), shown(SEEN)]):
        assert evidence.others
        assert not evidence.simulate(SCENES, rng).others
