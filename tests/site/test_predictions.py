"""Scores of stated chances: against sums by hand, and over the sites of a workspace."""

from __future__ import annotations

import itertools
import math
import shutil
from pathlib import Path

import numpy as np
import pytest
from site_samples import REPORTS

from subterra.site import Site, add_files, build_config, retract
from subterra.site.believe import infer_site
from subterra.site.log_hole import Collar, log_hole
from subterra.site.plan_store import make_plan
from subterra.site.predictions import (
    Prediction,
    score_predictions,
    site_predictions,
    workspace_predictions,
)


def stated(*pairs):
    return [Prediction("s", f"H{k}", p, hit, True) for k, (p, hit) in enumerate(pairs)]


def test_scores_by_hand() -> None:
    card = score_predictions(stated((0.2, False), (0.8, True), (0.6, False)))
    assert (card.n, card.hits) == (3, 1)
    assert card.promised == pytest.approx(1.6)
    assert card.brier == pytest.approx((0.04 + 0.04 + 0.36) / 3)
    assert card.brier_expected == pytest.approx((0.16 + 0.16 + 0.24) / 3)
    assert card.log_score == pytest.approx(-(2 * math.log(0.8) + math.log(0.4)) / 3)
    assert card.reliability == (
        (0.1, 0.3, 1, pytest.approx(0.2), 0.0),
        (0.5, 0.7, 1, pytest.approx(0.6), 0.0),
        (0.7, 0.9, 1, pytest.approx(0.8), 1.0),
    )
    assert score_predictions([]) is None


def test_interval_of_hits_against_every_outcome() -> None:
    p = (0.1, 0.3, 0.35, 0.8, 0.95)
    mass = np.zeros(6)
    for outcome in itertools.product((0, 1), repeat=5):
        mass[sum(outcome)] += np.prod([q if o else 1 - q for q, o in zip(p, outcome, strict=True)])
    low, high = score_predictions(stated(*((q, True) for q in p))).interval
    assert mass[:low].sum() <= 0.025 < mass[: low + 1].sum()
    assert mass[high + 1 :].sum() <= 0.025 < mass[high:].sum()


def test_right_chances_score_as_expected() -> None:
    rng = np.random.default_rng(3)
    p = rng.uniform(0.02, 0.9, 4000)
    card = score_predictions(stated(*zip(p, rng.random(4000) < p, strict=True)))
    assert card.brier == pytest.approx(card.brier_expected, abs=0.01)
    assert card.log_score == pytest.approx(card.log_score_expected, abs=0.02)
    assert card.interval[0] <= card.hits <= card.interval[1]


@pytest.fixture(scope="module")
def planned_folder(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("space")
    (folder / "reports.csv").write_text(REPORTS)
    config = build_config({"name": "Field", "bounds": [0, 0, 20, 15], "depth_m": 8})
    site = Site.create(folder / "field", config)
    site, _ = add_files(site, [folder / "reports.csv"])
    site, _ = infer_site(site, n_scenes=256, seed=3)
    site, _, _ = make_plan(site, 2)
    return folder


def test_plan_and_log_are_scored_over_the_workspace(planned_folder: Path, tmp_path: Path) -> None:
    shutil.copytree(planned_folder / "field", tmp_path / "one")
    shutil.copytree(planned_folder / "field", tmp_path / "two")
    (tmp_path / "notes").mkdir()
    one, two = Site.open(tmp_path / "one"), Site.open(tmp_path / "two")
    done = log_hole(one, "P1", hit=None)
    assert [v.p for v in site_predictions(done.site)] == [done.p_hit_planned]
    other = log_hole(two, "X1", hit=(2.0, 3.0), collar=Collar(3.0, 3.0, 0.0))
    found = site_predictions(other.site)
    assert [(v.p, v.hit, v.planned) for v in found] == [(other.p_hit, True, False)]
    space = workspace_predictions(done.site)
    assert space.sites == ("one", "two")
    assert len(space.predictions) == 2
    with (tmp_path / "two" / "journal.jsonl").open("a") as journal:
        journal.write("damaged\n")
    space = workspace_predictions(done.site)
    assert len(space.predictions) == 1
    assert "two" in space.left_out[0]
    withdrawn, _ = retract(done.site, "P1")
    assert site_predictions(withdrawn) == ()
