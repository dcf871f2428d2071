"""Scores of the blind sites against values that can be said by hand."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "bench" / "blind"))

import answers
import compare
import designs_of_holes
import scores
import truth
import verdicts


def line(x: float, z: float = -5.0, n: int = 41) -> np.ndarray:
    y = np.linspace(0.0, 20.0, n)
    return np.column_stack([np.full(n, x), y, np.full(n, z)])


def test_roc_area_counts_pairs_and_halves_ties() -> None:
    score = np.array([3.0, 1.0, 2.0, 1.0])
    there = np.array([1.0, 1.0, 0.0, 0.0])
    # Pairs: 3>2, 3>1, 1<2, 1=1.
    assert scores.roc_area(score, there) == pytest.approx(2.5 / 4)
    assert np.isnan(scores.roc_area(score, np.ones(4)))


def test_log_score_and_brier_of_half_are_what_ignorance_costs() -> None:
    there = np.array([1.0, 0.0])
    assert scores.log_score(np.array([0.5, 0.5]), there) == pytest.approx(np.log(2.0))
    assert scores.brier(np.array([0.5, 0.5]), there) == pytest.approx(0.25)
    assert scores.log_score(np.array([0.0]), np.array([1.0]))[0] == pytest.approx(np.log(100.0))


def test_gospa_of_nothing_of_extras_of_misses_and_of_an_offset() -> None:
    here, there = line(0.0), line(3.0)
    assert scores.gospa([], []) == 0.0
    assert scores.gospa([here], []) == scores.gospa([], [here]) == 5.0
    assert scores.gospa([here], [here]) == pytest.approx(0.0)
    assert scores.gospa([there], [here]) == pytest.approx(3.0)
    # Farther than the cut: as bad as one missed and one invented.
    assert scores.gospa([line(50.0)], [here]) == pytest.approx(10.0)


def test_gospa_matches_the_cheapest_way_whatever_the_order() -> None:
    found = [line(1.0), line(31.0), line(99.0)]
    there = [line(30.0), line(0.0)]
    want = 1.0 + 1.0 + 5.0
    for order in ([0, 1, 2], [2, 1, 0], [1, 2, 0]):
        assert scores.gospa([found[k] for k in order], there) == pytest.approx(want)
    # A greedy match of the first row would take 4 and leave 6: 4 + 10 instead of 6 + 4.
    assert scores.gospa([line(4.0), line(-4.0)], [line(0.0), line(10.0)]) == pytest.approx(10.0)


def test_axis_and_depth_errors_have_their_signs() -> None:
    assert scores.plan_distance(line(2.0, -9.0), line(0.0)) == pytest.approx(2.0)
    assert scores.depth_error(line(0.0, -7.0), line(0.0, -5.0)) == pytest.approx(2.0)
    assert np.isnan(scores.depth_error(line(40.0), line(0.0)))


def test_calibration_slope_is_one_for_honest_odds_and_half_for_doubled_ones() -> None:
    rng = np.random.default_rng(4)
    odds = rng.normal(0.0, 1.2, 20_000)
    there = (rng.random(len(odds)) < 1 / (1 + np.exp(-odds))).astype(float)
    p = 1 / (1 + np.exp(-odds))
    assert scores.calibration_slope(p, there) == pytest.approx(1.0, abs=0.06)
    twice = 1 / (1 + np.exp(-2.0 * odds))
    assert scores.calibration_slope(twice, there) == pytest.approx(0.5, abs=0.05)


def test_a_curve_on_separated_sites_is_no_step() -> None:
    score = np.array([1.0, 1.2, 0.9, 3.0, 3.5, 2.9])
    there = np.array([0, 0, 0, 1, 1, 1.0])
    p = scores.fit_logistic(score, there)(score)
    assert ((p > 0.01) & (p < 0.99)).all()
    assert (p[3:] > 0.5).all()
    assert (p[:3] < 0.5).all()


def test_bootstrap_covers_a_mean_as_often_as_it_says_and_keeps_the_strata() -> None:
    rng = np.random.default_rng(8)
    stratum = np.repeat([0, 1], 30)
    index = scores.resamples(stratum, 200)
    assert (stratum[index].sum(axis=1) == 30).all()
    covered = 0
    for k in range(200):
        x = rng.standard_normal(60)
        found = scores.interval(x.mean(), x[scores.resamples(stratum, 400, seed=k)].mean(axis=1))
        covered += found.low <= 0.0 <= found.high
    # 0.95 nominal, a little less at 60 sites; binomial sd 0.016.
    assert 0.88 <= covered / 200 <= 0.98


def test_ahead_needs_an_interval_that_excludes_zero_and_knows_which_way_is_better() -> None:
    n = 40
    there = np.tile([1.0, 0.0], n // 2)

    def method(p: float, holes: float) -> compare.Columns:
        rows = [
            verdicts.Verdict(
                p if t else 1 - p,
                p if t else 1 - p,
                1.0,
                1.0,
                1.0,
                holes + k % 3,
                0.5,
                0.0,
                1,
                1,
                1,
            )
            for k, t in enumerate(there)
        ]
        return compare.columns(rows, there)

    result = compare.compare({"subterra": method(0.9, 2.0), "smooth": method(0.6, 9.0)}, 200)
    assert result.standing("smooth", "holes") == "ahead"
    assert result.standing("smooth", "log") == "ahead"
    assert result.standing("smooth", "axis") == ""
    other = compare.compare({"subterra": method(0.6, 9.0), "smooth": method(0.9, 2.0)}, 200)
    assert other.standing("smooth", "holes") == "behind"
    assert any("is ahead of Subterra" in v for v in compare.spoken(other, {"smooth": "Smooth"}))
    few = {
        m: {k: v[:8] for k, v in method(*a).items()}
        for m, a in {"subterra": (0.9, 2.0), "smooth": (0.6, 9.0)}.items()
    }
    assert compare.compare(few, 50).standing("smooth", "holes") == ""


def a_truth(chain: np.ndarray | None) -> truth.Truth:
    return truth.Truth("b001", chain is not None, {}, chain, chain, 1.0)


def test_the_drill_meets_the_roof_and_the_floor_of_a_drive() -> None:
    site = a_truth(np.array([[0.0, 10.0, -5.0], [60.0, 10.0, -5.0]]))
    assert site.drill(30.0, 10.0) == pytest.approx((4.0, 6.0), abs=0.05)
    assert site.drill(30.0, 11.2) is None
    assert site.drill(30.0, 10.0, length=3.5) is None
    assert a_truth(None).drill(30.0, 10.0) is None


def test_peaks_keep_apart_and_a_line_is_found_where_it_is() -> None:
    values = np.zeros((60, 60))
    values[20] = 1.0
    values[40, 40] = 3.0
    holes = answers.peaks(values, 4.0)
    assert holes[0] == pytest.approx([40.5, 40.5])
    assert np.hypot(*(holes[1:10] - holes[0]).T).min() >= 4.0
    assert len(holes) == truth.CAP
    _, chord = answers.strongest_line(values)
    assert np.abs(chord[:, 0] - 20.5).max() < 1.0


def test_half_width_of_a_cylinder_is_its_depth() -> None:
    depth = 6.0
    away = answers.GRID[:, 0] - 30.0
    values = (1.0 / (1.0 + (away / depth) ** 2)).reshape(60, 60)
    chord = np.array([[30.0, 1.0], [30.0, 59.0]])
    found = answers.half_width_depth(values, chord)
    # The far level is not zero at 20 m; half a metre of cell and the sensor's height besides.
    assert found == pytest.approx(depth, abs=1.5)


def test_the_best_pattern_beats_chance_and_a_fence_is_complete() -> None:
    name, holes, mean = designs_of_holes.best_pattern()
    assert holes.shape == (truth.CAP, 2)
    assert mean < 25.0
    assert name in designs_of_holes.patterns()
    assert sorted(designs_of_holes._halving(9)) == list(range(9))
    assert designs_of_holes._halving(9)[0] == 4


def test_a_conduit_is_a_void_in_the_log_and_no_hit() -> None:
    conduit = {"decoy": [[0.0, 30.0, -6.0], [60.0, 30.0, -6.0]], "decoy_radius_m": 0.8}
    site = truth.Truth("b002", False, conduit, None, None, 1.0)
    assert site.drill(20.0, 30.0) is None
    assert site.natural(20.0, 30.0) == pytest.approx((5.2, 6.8), abs=0.05)
    assert a_truth(None).natural(20.0, 30.0) is None
