"""Surveyed holes are drawn where they run."""

from __future__ import annotations

import numpy as np
import pytest

from subterra.report.content import DrilledHole, hole_trace
from subterra.report.section import Section, hole_offset
from subterra.search import Hole

HOLE = Hole("h", 0.0, 0.0, 0.0, 90.0, 90.0, 20.0)
BENT = np.array([[0.0, 0.0, 0.0, 0.0], [10.0, 0.0, 0.0, -10.0], [20.0, 6.0, 0.0, -18.0]])


def test_a_surveyed_hole_is_followed():
    straight, bent = DrilledHole(HOLE, (), 20.0), DrilledHole(HOLE, (), 20.0, BENT)
    at = np.array([5.0, 15.0, 20.0])
    assert hole_trace(straight, at)[:, 2] == pytest.approx([-5.0, -15.0, -20.0])
    np.testing.assert_allclose(hole_trace(straight, at), hole_trace(HOLE, at))
    np.testing.assert_allclose(
        hole_trace(bent, at), [[0.0, 0.0, -5.0], [3.0, 0.0, -14.0], [6.0, 0.0, -18.0]]
    )


def test_the_distance_from_a_section_is_that_of_the_nearest_point():
    """East of the section at x = 4 the bent hole crosses it; the straight one stays 4 m off."""
    north = Section(4.0, -5.0, 0.0, 1.0, 10.0)
    assert hole_offset(north, DrilledHole(HOLE, (), 20.0), 20.0) == pytest.approx(-4.0)
    assert hole_offset(north, DrilledHole(HOLE, (), 20.0, BENT), 20.0) == 0.0
