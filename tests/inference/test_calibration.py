"""Calibration: worlds from the prior through the whole inference, and that the test can fail."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from calibration_site import report_table, shrink, small_prior, small_site
from toy_evidence import ToyEvidence, host_quantile

from subterra.errors import InputError
from subterra.evidence import ReportEvidence, ReportTerms, report_evidence
from subterra.inference import Belief, RunInfo
from subterra.inference.assessment import assess
from subterra.inference.calibration import (
    NAMES,
    Calibration,
    Verdict,
    any_excess,
    brier_score,
    calibrate,
    gather,
    inside_bands,
    judge,
    log_score,
    rank_bands,
    reliability,
    uniformity,
)
from subterra.inference.quantities import GIVEN_A_TARGET, scene_quantities
from subterra.scene import Prior, make_scene, sample_prior
from subterra.simulate import simulate_worlds

SEED = 11
N_SCENES = 2048
"""As a site has them: with a quarter of these the sharpest peaks are not quite reached."""
LEVEL = 1.0 - 0.01 / len(NAMES)
"""99 % for all quantities together."""


def info(n: int) -> RunInfo:
    return RunInfo(1, n, 0.0, (0.0, 0.0), (0.5, 0.5), (n // 2, n // 2), n, {}, (0.0, 1.0), {})


def made_up(rank: np.ndarray) -> Calibration:
    n = len(rank)
    p = np.full(n, 0.5)
    return Calibration(("one",), rank[:, None], p, p > 1.0, p < 1.0, p, 100, 1)


def test_uniform_ranks_stay_inside_at_the_stated_level() -> None:
    rng = np.random.default_rng(1)
    inside = [inside_bands(made_up(rng.random(40)), 0.9)["one"] for _ in range(100)]
    assert np.mean(inside) == pytest.approx(0.9, abs=4.0 * np.sqrt(0.09 / 100))


@pytest.mark.parametrize("n", [40, 300])
def test_bands_and_probability_say_the_same(n: int) -> None:
    rng = np.random.default_rng(n)
    place, low, high = rank_bands(n, 0.95)
    assert np.all((low <= place) & (place <= high))
    for power in (1.0, 1.15, 1.3, 1.5, 2.0):
        rank = rng.random(n) ** power
        share = (rank[:, None] <= place).mean(axis=0)
        within = bool(np.all((low - 1e-9 <= share) & (share <= high + 1e-9)))
        assert inside_bands(made_up(rank), 0.95)["one"] is within
    # Too narrow, too wide and shifted beliefs all leave the bands.
    for spoiled in (rng.beta(0.2, 0.2, n), rng.beta(6.0, 6.0, n), rng.beta(1.0, 4.0, n)):
        assert not inside_bands(made_up(spoiled), 0.99)["one"]


def test_scores_of_known_predictions() -> None:
    p = np.array([0.1, 0.1, 0.9, 0.9, 0.9])
    truth = np.array([False, True, True, True, False])
    c = replace(made_up(np.linspace(0.1, 0.9, 5)), p_any=p, any_target=truth)
    assert brier_score(c) == pytest.approx((0.01 + 0.81 + 0.01 + 0.01 + 0.81) / 5)
    assert log_score(c) == pytest.approx(-(3 * np.log(0.9) + 2 * np.log(0.1)) / 5)
    assert any_excess(c) == pytest.approx((3 - 2.9) / np.sqrt(5 * 0.09))
    table = reliability(c, 5)
    assert table.count.tolist() == [2, 3]
    assert table.predicted == pytest.approx([0.1, 0.9])
    assert table.observed == pytest.approx([0.5, 2.0 / 3.0])
    certain = replace(c, p_any=np.array([0.0, 1.0, 1.0, 1.0, 1.0]), any_target=truth)
    assert np.isfinite(log_score(certain))


def test_quantities_of_a_scene_made_by_hand() -> None:
    prior = small_prior()
    scene = make_scene(
        [
            {"family": "driven", "fill": "air", "axis": [[-20, 10, -3], [60, 10, -3]], "radius": 1},
            {"family": "working", "fill": "air", "axis": [[5, 5, -6], [5, 15, -6]], "radius": 0.5},
            {"family": "chamber", "fill": "water", "axis": [[30, 30, -5]], "radius": 2},
        ]
    )
    found = {name: v[0] for name, v in scene_quantities(prior, scene).items()}
    assert found["n_targets"] == 2
    assert found["n_others"] == 1
    assert found["target_volume_m3"] == pytest.approx(np.pi * (40 + 0.25 * 10), rel=0.02)
    assert found["other_volume_m3"] == pytest.approx(4.0 / 3.0 * np.pi * 8.0, rel=1e-5)
    assert found["nearest_distance_m"] == pytest.approx(10.0)
    assert found["nearest_depth_m"] == pytest.approx(3.0)
    assert found["nearest_radius_m"] == pytest.approx(1.0)
    empty = {name: v[0] for name, v in scene_quantities(prior, make_scene([])).items()}
    assert empty["target_volume_m3"] == empty["n_targets"] == 0.0
    assert all(np.isnan(empty[name]) for name in GIVEN_A_TARGET)


def test_worlds_are_thinned_by_what_can_have_been_reported() -> None:
    prior = small_prior()
    reports = report_evidence(report_table(), prior, terms=ReportTerms(p_rumour=0.0))
    worlds = list(simulate_worlds(prior, [reports], 1500, 3))
    p_none = float(reports.layout_probability(make_scene([]))[0])
    expected = 0.5 / (0.5 + 0.5 * p_none)
    share = np.mean([scene_quantities(prior, w.scenes)["n_targets"][0] > 0 for w in worlds])
    assert share == pytest.approx(expected, abs=4.0 * 0.5 / np.sqrt(1500))
    assert expected > 0.65
    again = list(simulate_worlds(prior, [reports], 2, 3))
    for one, two in zip(worlds, again, strict=False):
        assert np.array_equal(one.scenes.unit, two.scenes.unit)
        assert one.evidence[0].fingerprint == two.evidence[0].fingerprint
    assert len({w.evidence[0].fingerprint for w in worlds[:50]}) == 50
    assert [w.index for w in worlds] == list(range(1500))


def test_evidence_that_no_scene_could_give_is_refused() -> None:
    class Impossible(ReportEvidence):
        def layout_probability(self, scenes):
            return np.zeros(len(scenes))

    prior = small_prior()
    fields = vars(report_evidence(report_table(), prior))
    with pytest.raises(InputError, match="none of"):
        list(simulate_worlds(prior, [Impossible(**fields)], 1, 1))


def verdicts_without_inference(prior: Prior, n: int, share: float) -> Sequence[Verdict]:
    """Truths from the prior against beliefs that are draws of the prior, shrunk by a share."""
    silent = ToyEvidence("silent", lambda scenes: np.zeros(len(scenes)), 0.0, 1.0)
    rng = np.random.default_rng(17)
    out = []
    for world in simulate_worlds(prior, [silent], n, 5):
        belief = Belief(sample_prior(prior, 200, rng), np.full(200, 1 / 200), prior, info(200))
        out.append(judge(world, shrink(belief, share) if share else belief, rng))
    return out


def test_a_shrunk_prior_fails_where_the_prior_passes() -> None:
    """Ties of a likelihood that says nothing are broken evenly; 25 % less spread is seen."""
    prior = small_prior()
    fair = gather(verdicts_without_inference(prior, 300, 0.0), 200, 5)
    assert fair.names == NAMES
    assert all(inside_bands(fair, LEVEL).values())
    assert np.array_equal(np.isnan(fair.rank[:, NAMES.index("nearest_depth_m")]), ~fair.any_target)
    spoiled = gather(verdicts_without_inference(prior, 300, 0.25), 200, 5)
    shrunk = inside_bands(spoiled, LEVEL)
    verdict = assess(spoiled)
    assert not verdict.calibrated
    assert "host density" in verdict.words()
    assert not shrunk["host_density"]
    assert not shrunk["host_resistivity"]
    assert shrunk["log_likelihood"]
    assert shrunk["n_targets"]


def test_weights_count_in_ranks() -> None:
    """Importance weights towards a known posterior give uniform ranks, without them not."""
    prior = small_prior()
    toy = ToyEvidence("toy", host_quantile, 0.5, 0.1)
    rng = np.random.default_rng(2)
    weighted, bare = [], []
    for world in simulate_worlds(prior, [toy], 200, 7):
        scenes = sample_prior(prior, 600, rng)
        log = world.evidence[0].log_likelihood(scenes)
        weight = np.exp(log - log.max())
        belief = Belief(scenes, weight / weight.sum(), prior, info(600))
        weighted.append(judge(world, belief, rng))
        bare.append(judge(world, replace(belief, weight=np.full(600, 1 / 600)), rng))
    assert all(inside_bands(gather(weighted, 600, 7), LEVEL).values())
    assert not inside_bands(gather(bare, 600, 7), LEVEL)["log_likelihood"]


def test_calibrate_tells_and_spoils() -> None:
    prior = small_prior()
    toy = ToyEvidence("toy", host_quantile, 0.5, 0.1)
    told: list[float] = []
    seen: list[Belief] = []

    def spoil(belief: Belief) -> Belief:
        seen.append(belief)
        return shrink(belief, 1.0)

    kept = calibrate(
        prior,
        [toy],
        n_worlds=3,
        n_scenes=128,
        seed=1,
        progress=lambda f, _: told.append(f),
        threads=1,
    )
    spoiled = calibrate(prior, [toy], n_worlds=3, n_scenes=128, seed=1, spoil=spoil, threads=1)
    assert told == pytest.approx([1 / 3, 2 / 3, 1.0])
    assert len(seen) == 3
    assert kept.rank.shape == (3, len(NAMES))
    assert np.array_equal(kept.p_any, spoiled.p_any)
    column = NAMES.index("host_density")
    # Every scene has the same host now: the truth lies above all or below all.
    assert np.all((spoiled.rank[:, column] < 0.01) | (spoiled.rank[:, column] > 0.99))
    assert not np.array_equal(kept.rank, spoiled.rank)


def test_small_site_is_calibrated_over_forty_worlds() -> None:
    """The short form: gravity, a hole and reports; the full form below has resistivity too."""
    prior, evidence = small_site()
    evidence = [e for e in evidence if e.kind != "resistivity"]
    c = calibrate(prior, evidence, n_worlds=40, n_scenes=N_SCENES, seed=SEED, threads=2)
    inside = inside_bands(c, LEVEL)
    assert all(inside.values()), uniformity(c)
    assert abs(any_excess(c)) < 2.6
    # It has learnt something: better than the share of targets for everyone.
    base = c.any_target.mean()
    assert brier_score(c) < base * (1.0 - base)


@pytest.mark.slow
def test_small_site_is_calibrated_over_three_hundred_worlds() -> None:
    prior, evidence = small_site()
    kept: list[Belief] = []

    def keep(belief: Belief) -> Belief:
        kept.append(belief)
        return belief

    c = calibrate(prior, evidence, n_worlds=300, n_scenes=N_SCENES, seed=SEED, spoil=keep)
    assert all(inside_bands(c, LEVEL).values()), uniformity(c)
    assert abs(any_excess(c)) < 2.6
    rng = np.random.default_rng(SEED)
    worlds = simulate_worlds(prior, evidence, 300, SEED)
    shrunk = [judge(w, shrink(b, 0.25), rng) for w, b in zip(worlds, kept, strict=True)]
    failed = [
        name for name, ok in inside_bands(gather(shrunk, N_SCENES, SEED), LEVEL).items() if not ok
    ]
    assert {"log_likelihood", "host_density", "host_resistivity"} <= set(failed)
