"""The verdict on a site: known predictions, exact intervals, and that it can fail."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.special import expit, logit
from scipy.stats import norm

from subterra.inference.assessment import FEWEST_WORLDS, assess, coverage
from subterra.inference.calibration import NAMES, Calibration
from subterra.inference.quantities import GIVEN_A_TARGET
from subterra.inference.reliability import CELL_EDGES, CellScore, calibration_line, cell_table


def fair(n: int, seed: int) -> Calibration:
    """What a calibrated inference gives: uniform ranks, outcomes with the stated chance."""
    rng = np.random.default_rng(seed)
    p = rng.beta(0.7, 0.7, n)
    truth = rng.random(n) < p
    rank = rng.random((n, len(NAMES)))
    given = [NAMES.index(name) for name in GIVEN_A_TARGET]
    rank[np.ix_(~truth, given)] = np.nan
    edges = np.array(CELL_EDGES)
    predicted = 0.5 * (edges[1:] + edges[:-1])
    cells = []
    for _ in range(n):
        count = rng.poisson(6.0, len(predicted))
        cells.append(CellScore(count, predicted * count, rng.binomial(count, predicted), 1.0))
    return Calibration(
        NAMES, rank, p, truth, np.ones(n, bool), np.full(n, 500.0), 1024, seed, tuple(cells)
    )


def shrunk(rank: np.ndarray, share: float) -> np.ndarray:
    """Ranks of a normal truth in a normal belief whose spread is too small by a share."""
    return norm.cdf(norm.ppf(rank) / (1.0 - share))


def test_a_calibrated_site_passes_about_as_often_as_said() -> None:
    passed = [assess(fair(60, seed)).calibrated for seed in range(20)]
    assert np.mean(passed) > 0.8


def test_a_belief_that_is_a_quarter_too_narrow_fails() -> None:
    good = fair(300, 5)
    found = assess(replace(good, rank=shrunk(good.rank, 0.25)))
    assert not found.calibrated
    assert "outside their band" in found.words()
    assert found.coverage["nearest_depth_m"]["90"].share < 0.86


def test_probabilities_that_are_too_sure_fail() -> None:
    good = fair(300, 6)
    found = assess(replace(good, p_any=expit(2.5 * logit(good.p_any))))
    assert "P(any target) is off" in found.words()
    assert found.line.slope < 0.7
    assert found.line.slope_interval[1] < 1.0
    assert found.brier > assess(good).brier


def test_a_map_that_promises_twice_too_much_fails() -> None:
    good = fair(60, 7)
    found = assess(
        replace(good, cells=tuple(replace(c, predicted=2.0 * c.predicted) for c in good.cells))
    )
    assert found.reasons == (
        f"cells hold {found.cells.excess[1]:.2f} times the targets that the map gives them",
    )
    assert found.cells.excess[1] == pytest.approx(0.5, abs=0.05)


def test_few_worlds_say_nothing() -> None:
    found = assess(fair(FEWEST_WORLDS - 1, 1))
    assert not found.judged
    assert not found.calibrated
    assert found.words().startswith("not yet calibrated")
    document = found.document()
    assert document["calibrated"] is False
    assert document["worlds"] == FEWEST_WORLDS - 1


def test_coverage_of_ranks_is_exact() -> None:
    rank = np.array([0.04, 0.06, 0.5, 0.94, 0.96, np.nan])
    found = coverage(rank, 0.9)
    assert (found.share, found.worlds) == (0.6, 5)
    # Clopper and Pearson for 3 of 5 at 99 %, from tables.
    assert (found.low, found.high) == pytest.approx((0.0829, 0.9772), abs=1e-4)
    assert np.isnan(coverage(np.array([np.nan]), 0.5).share)


def test_calibration_line_of_a_known_law() -> None:
    rng = np.random.default_rng(3)
    p = rng.uniform(0.02, 0.98, 1500)
    truth = rng.random(1500) < expit(0.5 + 0.6 * logit(p))
    line = calibration_line(p, truth, 4096)
    assert line.intercept == pytest.approx(0.5, abs=0.2)
    assert line.slope == pytest.approx(0.6, abs=0.13)
    assert line.slope_interval[0] < line.slope < line.slope_interval[1] < 1.0
    assert line.p_value < 1e-6
    # Its interval is that of the likelihood ratio: about two standard errors wide.
    assert line.slope_interval[1] - line.slope_interval[0] == pytest.approx(0.18, abs=0.06)


def test_separated_outcomes_leave_the_slope_unbounded() -> None:
    p = np.linspace(0.02, 0.98, 30)
    line = calibration_line(p, p > 0.5, 1024)
    assert line.slope_interval[1] == np.inf
    assert np.isfinite(line.slope_interval[0])


def test_cells_are_resampled_by_world() -> None:
    """Cells of one map move together: intervals are wider than those of as many coins."""
    n = len(CELL_EDGES) - 1
    rng = np.random.default_rng(4)
    scores = []
    for _ in range(50):
        count = np.zeros(n, int)
        count[8] = 100
        hit = 100.0 if rng.random() < 0.55 else 0.0
        scores.append(CellScore(count, 0.55 * count, np.where(count > 0, hit, 0.0), 25.0))
    table = cell_table(scores, 1)
    assert table.count.tolist() == [5000]
    assert table.predicted == pytest.approx([0.55])
    assert table.high[0] - table.low[0] > 0.15
    assert cell_table([], 1) is None
