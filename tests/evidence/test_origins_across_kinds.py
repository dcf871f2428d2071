"""Origins that reports and signs share count once, whatever kind their items are of."""

from __future__ import annotations

import numpy as np
import pytest
from samples import nothing, reports, signs, tunnel

from subterra.evidence import OriginEvidence, ReportTerms, SignTerms, count_origins_once
from subterra.scene import concatenate

SCENES = concatenate([tunnel(20.0, y=(10.0, 30.0)), tunnel(27.0, y=(5.0, 25.0)), nothing()])
TOLD = {"kind": "entrance", "y": 10.0, "origin": "the cellar", "reliability": "C"}
SEEN = {"kind": "entrance", "y": 10.0, "origin": "the cellar"}


def said(*items):
    return reports(*items, terms=ReportTerms(decoy_share=0.0))


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
    """One of each: the report's factor and the sign's rate both to the power of one half."""
    alone = said(TOLD)
    half = 0.5 * alone.log_likelihood(SCENES)
    beside, _ = count_origins_once([alone, shown(SEEN)])
    np.testing.assert_allclose(
        beside.log_likelihood(SCENES) - beside.log_likelihood(SCENES)[-1], half - half[-1],
        atol=1e-6,
    )  # fmt: skip
    once = joint(shown(SEEN))[0]
    told = joint(alone)[0]
    both = joint(alone, shown(SEEN))[0]
    assert min(once, told) < both < max(once, told)
    apart = joint(said({**TOLD, "origin": "the patrol"}), shown(SEEN))[0]
    assert apart == pytest.approx(once + told, abs=1e-6)


@pytest.mark.parametrize(("n", "m"), [(3, 1), (1, 4)])
def test_many_tellings_of_one_sign_never_outweigh_the_best_of_them(n, m):
    mixed = joint(said(*[TOLD] * n), shown(*[SEEN] * m))[0]
    each = [joint(said(TOLD))[0], joint(shown(SEEN))[0]]
    assert min(each) < mixed < max(each)


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
