"""The stories of old maps: what they say follows from the documented shares."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
from scipy.stats import norm

from subterra.cli.demo_old_map import old_map_config, p_from_shares, p_within, plan_lines
from subterra.cli.demo_reopened import adit_map, gravity_line, reopened_config, told
from subterra.evidence import (
    BLUNDERS,
    TIES,
    DrillLogTerms,
    MapTerms,
    borehole_evidence,
    mine_map_evidence,
)
from subterra.inference import infer
from subterra.scene import make_scene, sample_prior
from subterra.site import to_prior
from subterra.tables import BoreholeTable, IntervalTable

FACE = (60.0, 120.0, -100.0)


def weighted(prior, scenes, weight):
    return SimpleNamespace(scenes=scenes, weight=weight, prior=prior)


def test_the_shares_give_the_chance_by_hand():
    """Five equal ties; only sheets that are neither mirrored nor of a wrong unit count."""
    by_hand = 0.0
    for sd in (3.0, 24.0, 46.0, 76.0, 152.0):
        for share, extra in ((0.91, 0.0), (0.04, 500.0)):
            spread = np.hypot(sd, extra)
            by_hand += 0.2 * share * (norm.cdf(118.0 / spread) - norm.cdf(85.0 / spread))
    assert p_from_shares(100.0, 15.0, MapTerms()) == pytest.approx(by_hand, rel=1e-12)
    assert by_hand == pytest.approx(0.032, abs=0.001)
    assert len(TIES) == 5
    assert BLUNDERS["none"].share + BLUNDERS["wrong seam"].share == pytest.approx(0.91)


def test_distance_to_a_wall_by_hand():
    prior = to_prior(old_map_config())
    axis = [[69.5, 10.0, -100.0], [69.5, 230.0, -100.0]]
    truth = make_scene([{"family": "working", "fill": "water", "axis": axis, "radius": 1.5}])
    belief = weighted(prior, truth, np.ones(1))
    assert p_within(belief, FACE, 8.01) == 1.0
    assert p_within(belief, FACE, 7.99) == 0.0


def test_the_map_alone_says_what_its_shares_say():
    """Exact up to the draws: the prior, weighted by the map, against the shares by hand."""
    prior = to_prior(old_map_config())
    evidence = mine_map_evidence(plan_lines(), prior)
    near = total = 0.0
    for seed in range(3):
        scenes = sample_prior(prior, 150_000, np.random.default_rng(seed))
        weight = np.exp(evidence.log_likelihood(scenes))
        near += p_within(weighted(prior, scenes, weight), FACE, 15.0)
        total += weight.sum()
    # Workings that the plan does not show add a little to a real line's 0.032.
    assert 0.025 < near / total < 0.05


@pytest.mark.slow
def test_the_second_probe_hole_raises_it_above_four_in_five():
    prior = to_prior(old_map_config())
    evidence = [mine_map_evidence(plan_lines(), prior)]
    terms = DrillLogTerms(false_void_per_m=0.0002)
    logs = (
        ("p1", 0.0, 25.0, [(0.0, 25.0, "intact")]),
        ("p2", 90.0, 11.0, [(0.0, 8.0, "intact"), (8.0, 11.0, "void")]),
    )
    found = [p_within(infer(prior, evidence, n_scenes=2048, seed=1), FACE, 15.0)]
    for name, azimuth, length, rows in logs:
        place = (np.array([v]) for v in FACE)
        collar = BoreholeTable(
            (name,), *place, np.array([azimuth]), np.array([0.0]), np.array([length])
        )
        table = IntervalTable(*zip(*[(name, *row) for row in rows], strict=True))
        evidence.append(borehole_evidence(collar, table, prior, id=name, terms=terms))
        found.append(p_within(infer(prior, evidence, n_scenes=2048, seed=1), FACE, 15.0))
    assert found[0] < 0.06
    assert found[1] < 0.06
    assert found[2] > 0.8


def test_the_reopened_mine_is_told_nothing_of_the_truth():
    sheet, line, said = adit_map(), gravity_line(), told()
    assert set(sheet.tie) == {"geologic"}
    assert len(line) == 31
    assert line.g_ugal.min() < -15.0
    assert len(said) == 2
    config = reopened_config()
    assert any("Invented" in note for note in config.notes)
    assert any("Published" in note for note in config.notes)
