"""Detection of the least favourable target, and what a random drive meets."""

from __future__ import annotations

import math

import numpy as np
import pytest
from search_samples import PRIOR

from subterra.errors import InputError
from subterra.search import DrillTerms, Hole
from subterra.search.declared import declare
from subterra.search.practice import grid_coverage, practice_rule
from subterra.search.worst_case import detection_of_class, random_drive_hit

MIDDLE = np.array([[20.0, 10.0], [40.0, 10.0], [40.0, 30.0], [20.0, 30.0]])


def grid(spacing, length=20.0, inclination=90.0):
    return [
        Hole(f"{x}-{y}", x, y, 0.0, 0.0, inclination, length)
        for x in np.arange(0.0, 61.0, spacing)
        for y in np.arange(-10.0, 51.0, spacing)
    ]


def test_random_drives_meet_a_grid_as_often_as_their_area_says() -> None:
    """No two holes of a 10 m grid share a drive 5 m long: P = area of the stadium / 100 m²."""
    declared = declare(PRIOR, diameter_m=2.0, above_m=10.0, polygon=MIDDLE)
    mean, worst = random_drive_hit(PRIOR, declared, grid(10.0), length_m=5.0)
    assert mean == pytest.approx((2.0 * 5.0 + math.pi) / 100.0, abs=0.02)
    half, _ = random_drive_hit(PRIOR, declared, grid(10.0), length_m=5.0, miss=0.5)
    assert half == pytest.approx(0.5 * mean)
    assert worst <= mean


def test_long_drives_slip_along_the_rows() -> None:
    declared = declare(PRIOR, diameter_m=2.0, above_m=10.0, polygon=MIDDLE)
    mean, worst = random_drive_hit(PRIOR, declared, grid(10.0), length_m=80.0)
    assert worst == pytest.approx(0.2, abs=0.07)
    assert mean > 0.6


def test_close_holes_detect_what_the_drill_detects() -> None:
    """A grid finer than the drive meets it everywhere; what is left is what a log misses."""
    declared = declare(PRIOR, diameter_m=2.0, above_m=10.0, polygon=MIDDLE)
    terms = DrillTerms(p_detect=(0.97, 0.96, 0.5))
    found = detection_of_class(PRIOR, declared, (), grid(1.9), terms)
    assert found.worst(("air",))[0] == pytest.approx(0.97, abs=2e-3)
    assert found.worst(("air", "water"))[:2] == (pytest.approx(0.96, abs=2e-3), "water")
    assert found.worst(("rubble",))[0] == pytest.approx(0.5, abs=2e-3)


def test_holes_too_short_see_nothing_deep() -> None:
    declared = declare(PRIOR, diameter_m=2.0, above_m=10.0, polygon=MIDDLE)
    found = detection_of_class(PRIOR, declared, (), grid(1.9, length=6.0), DrillTerms())
    p, _, depth, _ = found.worst(("air",))
    assert p == 0.0
    assert depth - 1.0 > 6.0
    assert found.pod[0, 0].min() > 0.9


def test_practice_rules_count_holes_deep_enough() -> None:
    declared = declare(PRIOR, diameter_m=2.0, above_m=10.0, polygon=MIDDLE)
    assert grid_coverage(PRIOR, declared, grid(0.9), practice_rule("3-ft-grid").spacing(2.0)) == 1.0
    assert (
        grid_coverage(PRIOR, declared, grid(1.0), practice_rule("half-diameter").spacing(2.0))
        == 1.0
    )
    assert grid_coverage(PRIOR, declared, grid(2.0), 1.0) < 0.5
    assert grid_coverage(PRIOR, declared, grid(1.0, length=9.0), 1.0) == 0.0
    with pytest.raises(InputError, match="3-ft-grid"):
        practice_rule("nothing")


def test_coverage_of_one_hole_is_its_disc() -> None:
    declared = declare(PRIOR, diameter_m=2.0, above_m=10.0, polygon=MIDDLE)
    share = grid_coverage(PRIOR, declared, [Hole("a", 30.0, 20.0, 0.0, 0.0, 90.0, 10.0)], 8.0)
    assert share == pytest.approx(math.pi * 32.0 / 400.0, abs=0.01)
