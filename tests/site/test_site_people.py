"""Reports, sources and signs in a site: files to evidence, and the numbers of the site file."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from site_samples import REPORTS

from subterra.cli.ledger import ledger_facts
from subterra.errors import InputError
from subterra.evidence import ReportTerms, SignTerms
from subterra.inference.belief import Belief, RunInfo
from subterra.scene import sample_prior
from subterra.site import Site, add_files
from subterra.site.config import (
    build_config,
    parse_config,
    settings_fingerprint,
    to_people_terms,
    to_prior,
)
from subterra.site.ledger import named_items, site_ledger, what_if
from subterra.site.toml_text import toml_text

SOURCES = "source,confirmed,false,site\nshepherd,0,3,Hill\nshepherd,1,2,Dale\nnobody,1,0,\n"
SIGNS = (
    "id,kind,x,y,sd_m,volume_m3,p_notice\n"
    "S1,spoil,10,8,3,40,\nS2,vent,11,9,1,,\nL1,looked,10,8,30,,0.6\n"
)
PLAIN = {"name": "Field", "bounds": [0, 0, 20, 15], "depth_m": 8}


def test_files_of_people_become_evidence(site: Site, given):
    site, items = add_files(site, [given("r.csv", REPORTS), given("s.csv", SIGNS)])
    assert [i.kind for i in items] == ["reports", "signs"]
    reports, signs = site.evidence()
    assert reports.item_ids == ("R1", "R2")
    assert signs.item_ids == ("S1", "S2", "L1")
    assert signs.origins["S1"] == signs.origins["S2"]


def test_an_origin_that_both_files_name_counts_once(site: Site, given):
    """And what the ledger leaves out gives its part of the origin to what is left."""
    rows = SIGNS.replace("p_notice", "p_notice,origin").replace("40,\n", "40,,shepherd\n")
    told = rows.replace("1,,\n", "1,,,\n").replace("0.6\n", "0.6,\n")
    site, _ = add_files(site, [given("r.csv", REPORTS), given("s.csv", told)])
    reports, signs = site.evidence()
    assert reports.others == {"shepherd": 1}
    assert signs.others == {"shepherd": 1}
    belief = weighed(site, n=300)
    made = site_ledger(site, belief)
    logs = [e.log_likelihood(belief.scenes) for e in (reports, signs)]
    # Without the report the sign counts whole; without both neither counts.
    alone = signs.sharing({}).log_likelihood(belief.scenes)
    rest = reports.sharing({}).without(["R1"]).log_likelihood(belief.scenes)
    np.testing.assert_allclose(made.shares.leave(["R1"]), sum(logs) - alone - rest, atol=1e-9)
    bare = signs.sharing({}).without(["S1"]).log_likelihood(belief.scenes)
    np.testing.assert_allclose(made.shares.leave(["R1", "S1"]), sum(logs) - bare - rest, atol=1e-9)
    every = made.shares.leave(["R1", "R2", "S1", "S2", "L1"])
    np.testing.assert_allclose(every, sum(logs), atol=1e-9)
    # They are one group, that goes by the name of its origin.
    assert [group.items for group in made.ledger.origins] == [("R1", "S1")]
    assert named_items(site, made, ["shepherd"]) == ("R1", "S1")
    assert what_if(site, made, ["shepherd"]) == made.ledger.origins[0]
    assert {item.id: item.label for item in made.ledger.items}["L1"] == "area L1"
    (group,) = ledger_facts(made.ledger, 300)["origins"]
    assert (group["origin"], group["left_out"]) == ("shepherd", ["R1", "S1"])
    assert set(group["p_without"]) == {s.label for s in made.ledger.statements}


def weighed(site: Site, n: int) -> Belief:
    """A belief of draws of the prior, weighted by all evidence."""
    evidence = site.evidence()
    scenes = sample_prior(site.prior, n, np.random.default_rng(1))
    logs = sum(e.log_likelihood(scenes) for e in evidence)
    weight = np.exp(logs - logs.max())
    prints = {e.id: e.fingerprint for e in evidence}
    info = RunInfo(1, n, 0.0, (0.0,), (0.5,), (n,), float(n), {}, (0.0, 1.0), prints)
    return Belief(scenes, weight / weight.sum(), site.prior, info)


def test_a_record_changes_its_source_alone(site: Site, given):
    site, _ = add_files(site, [given("r.csv", REPORTS)])
    (before,) = site.evidence()
    site, (item,) = add_files(site, [given("p.csv", SOURCES)])
    assert (item.kind, item.what) == ("sources", "3 records of sources")
    (after,) = Site.open(site.path).evidence()
    # The shepherd: C is Beta(5, 5); one right and five wrong over two sites.
    np.testing.assert_allclose(after.beta - before.beta, [[1.0, 5.0], [0.0, 0.0]])
    assert after.fingerprint != before.fingerprint


def test_records_alone_are_no_evidence(site: Site, given):
    site, _ = add_files(site, [given("p.csv", SOURCES)])
    assert site.evidence() == []


def test_a_sign_given_in_two_files_is_refused(site: Site, given):
    site, _ = add_files(site, [given("s.csv", SIGNS)])
    with pytest.raises(InputError, match="sign 'S1' is given in"):
        add_files(site, [given("t.csv", SIGNS.replace("L1", "L2").replace("S2", "S3"))])


def test_the_record_of_other_sites_moves_p0():
    """0 of 25 with p0 = 1/2: P(target) = 1.9 %, and the prior's draws follow."""
    config = build_config({**PLAIN, "targets": {"p0_record": [0, 25]}})
    prior = to_prior(config)
    assert 1.0 - prior.p_none == pytest.approx(0.5 / 26.0)
    family = sample_prior(prior, 20_000, np.random.default_rng(0)).objects.family
    assert np.mean((family == 1).any(axis=1)) == pytest.approx(0.5 / 26.0, abs=0.004)
    assert settings_fingerprint(config) != settings_fingerprint(build_config(PLAIN))
    with pytest.raises(InputError, match="at least as many sites"):
        build_config({**PLAIN, "targets": {"p0_record": [3, 2]}})


def test_numbers_of_people_reach_the_evidence(tmp_path, given):
    people = {"decoy_share": 0.4, "p_notice": 0.2, "datum_shift_m": [-150.0, 310.0],
              "seen_by_chance": 0.3}  # fmt: skip
    config = build_config({**PLAIN, "people": people})
    site = Site.create(tmp_path / "other", config)
    site, _ = add_files(site, [given("r.csv", REPORTS), given("s.csv", SIGNS)])
    reports, signs = site.evidence()
    assert reports.density.terms == dataclasses.replace(
        ReportTerms(), decoy_share=0.4, p_notice=0.2, datum_shift_m=(-150.0, 310.0)
    )
    assert (signs.terms.seen_by_chance, signs.terms.decoy_share) == (0.3, 0.4)
    assert settings_fingerprint(config) != settings_fingerprint(build_config(PLAIN))
    assert parse_config(toml_text(config)) == config


def test_defaults_of_the_site_file_are_those_of_the_evidence():
    reports, signs = to_people_terms(build_config(PLAIN))
    assert (reports, signs) == (ReportTerms(), SignTerms())
