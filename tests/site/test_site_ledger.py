"""The ledger of a site: items by name, files, surveys of several files, stale evidence."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from site_samples import COLLARS, GRAVITY, REPORTS

from subterra.errors import InputError
from subterra.inference.belief import Belief, RunInfo
from subterra.scene import sample_prior
from subterra.site import Site
from subterra.site.adding import add_files
from subterra.site.assemble import assemble
from subterra.site.ledger import named_items, site_ledger, what_if

LOG = "hole,from_m,to_m,log\nB1,0,10,intact\nB2,0,3,intact\nB2,3,4,broken\nB2,4,10,intact\n"
MORE_GRAVITY = GRAVITY.replace("\ns", "\nt")


def weighed(site: Site, n=1500):
    """A belief made by weighing scenes of the prior by holes and reports."""
    evidence = assemble(site)
    scenes = sample_prior(site.prior, n, np.random.default_rng(1))
    logs = sum(e.log_likelihood(scenes) for e in evidence if e.kind != "gravity")
    weight = np.exp(logs - logs.max())
    weight /= weight.sum()
    prints = {e.id: e.fingerprint for e in evidence}
    info = RunInfo(1, n, 0.0, (0.0,), (0.5,), (n,), float(n), {}, (0.0, 1.0), prints)
    return Belief(scenes, weight, site.prior, info)


@pytest.fixture
def filled(site: Site, given) -> Site:
    paths = [
        given("collars.csv", COLLARS),
        given("log.csv", LOG),
        given("reports.csv", REPORTS),
        given("first.csv", GRAVITY),
        given("second.csv", MORE_GRAVITY),
    ]
    return add_files(site, paths)[0]


def test_every_item_is_weighed(filled: Site):
    belief = weighed(filled)
    made = site_ledger(filled, belief)
    ids = [item.id for item in made.ledger.items]
    assert {"B1", "B2", "first", "second"} <= set(ids)
    labels = {item.id: item.label for item in made.ledger.items}
    assert labels["B1"] == "hole B1"
    assert labels["first"] == "gravity file first"
    assert made.notes == ()
    # Leaving a hole out is the same as never having drilled it.
    holes = next(e for e in assemble(filled) if e.id == "boreholes")
    np.testing.assert_allclose(
        made.shares.leave(["B1"]),
        holes.log_likelihood(belief.scenes) - holes.without(["B1"]).log_likelihood(belief.scenes),
    )
    # Leaving both files out leaves the whole survey out.
    gravity = next(e for e in assemble(filled) if e.id == "gravity")
    np.testing.assert_allclose(
        made.shares.leave(["first", "second"]), gravity.log_likelihood(belief.scenes)
    )
    # Two files of one survey share their ground: alone the second is what it is by itself.
    rest = [i.id for i in filled.items if i.id != "first"]
    alone = next(e for e in assemble(filled, only=rest) if e.id == "gravity")
    np.testing.assert_allclose(
        made.shares.leave(["first"]),
        gravity.log_likelihood(belief.scenes) - alone.log_likelihood(belief.scenes),
    )


def test_surveys_as_a_whole(filled: Site):
    made = site_ledger(filled, weighed(filled), by_file=False)
    labels = {item.id: item.label for item in made.ledger.items}
    assert labels["gravity"] == "the gravity survey"


def test_names_of_items(filled: Site):
    made = site_ledger(filled, weighed(filled), by_file=False)
    assert named_items(filled, made, ["B1"]) == ("B1",)
    assert named_items(filled, made, ["hole B1", "B1"]) == ("B1",)
    assert named_items(filled, made, ["boreholes"]) == ("B1", "B2")
    assert named_items(filled, made, ["log.csv"]) == ("B1", "B2")
    assert named_items(filled, made, ["gravity"]) == ("gravity",)
    with pytest.raises(InputError, match="no item goes by 'B7'; known: "):
        named_items(filled, made, ["B7"])
    asked = what_if(filled, made, ["boreholes"])
    assert asked.items == ("B1", "B2")
    assert all(item.bounded for item in made.ledger.items if item.evidence == "boreholes")
    assert asked.p[0] is not None
    # Without the holes the belief is the prior weighed by the reports alone.
    reports = next(e for e in assemble(filled) if e.id == "reports")
    weight = np.exp(reports.log_likelihood(made.belief.scenes))
    holds = made.ledger.statements[0].holds
    assert asked.p[0] == pytest.approx(weight[holds].sum() / weight.sum(), rel=0.02)


def test_what_the_belief_has_not_used_is_said(filled: Site):
    belief = weighed(filled)
    prints = {**belief.info.evidence, "gravity": "another"}
    made = site_ledger(filled, replace(belief, info=replace(belief.info, evidence=prints)))
    assert any(note.startswith("gravity: the belief did not use this") for note in made.notes)
    assert "first" not in [item.id for item in made.ledger.items]
