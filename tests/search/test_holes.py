"""Holes, their directions and the terms of drilling."""

from __future__ import annotations

import math

import numpy as np
import pytest

from subterra.errors import InputError
from subterra.scene import Plane, Prior
from subterra.search import DrillTerms, Hole, as_arrays, direction
from subterra.search.candidates import collar_grid, holes_from, inside_polygon
from subterra.search.holes import trace_separation


def test_directions_follow_the_compass_and_go_down():
    np.testing.assert_allclose(direction(0.0, 90.0), (0.0, 0.0, -1.0), atol=0.0)
    np.testing.assert_allclose(direction(0.0, 0.0), (0.0, 1.0, 0.0), atol=1e-15)
    np.testing.assert_allclose(direction(90.0, 0.0), (1.0, 0.0, 0.0), atol=1e-15)
    root = math.sqrt(0.5)
    np.testing.assert_allclose(direction(180.0, 45.0), (0.0, -root, -root), atol=1e-15)


def test_a_vertical_hole_is_the_same_at_every_azimuth():
    np.testing.assert_array_equal(direction(77.0, 90.0), direction(0.0, 90.0))


@pytest.mark.parametrize(
    ("field", "value"),
    [("x", math.nan), ("length_m", 0.0), ("length_m", -3.0), ("inclination_deg", 91.0)],
)
def test_impossible_holes_are_refused(field, value):
    good = {"x": 0.0, "y": 0.0, "z": 0.0, "azimuth_deg": 0.0, "inclination_deg": 90.0}
    with pytest.raises(InputError, match="'H'"):
        Hole("H", **{**good, "length_m": 5.0, field: value})


@pytest.mark.parametrize(
    "bad",
    [
        {"p_detect": (0.9, 1.1, 0.5)},
        {"p_detect": (0.9, 0.5)},
        {"cost_per_m": -1.0},
        {"cost_setup": 0.0, "cost_per_m": 0.0},
        {"inclinations_deg": (0.0,)},
        {"inclinations_deg": ()},
        {"azimuths_deg": ()},
        {"max_length_m": 0.0},
        {"deviation_sd_per_m": math.inf},
        {"no_go": (np.zeros((2, 2)),)},
    ],
)
def test_impossible_terms_are_refused(bad):
    with pytest.raises(InputError):
        DrillTerms(**bad)


def test_directions_hold_one_vertical():
    terms = DrillTerms(azimuths_deg=(0.0, 90.0), inclinations_deg=(90.0, 60.0))
    assert terms.directions() == ((0.0, 90.0), (0.0, 60.0), (90.0, 60.0))


def test_separation_of_traces_grows_with_what_they_share():
    a = Hole("a", 0.0, 0.0, 0.0, 0.0, 90.0, 10.0)
    others = as_arrays(
        [
            Hole("shifted", 3.0, 4.0, 0.0, 0.0, 90.0, 4.0),
            Hole("leaning", 0.0, 0.0, 0.0, 0.0, 60.0, 20.0),
        ]
    )
    np.testing.assert_allclose(
        trace_separation(others, a), (5.0, 2.0 * 10.0 * math.sin(math.pi / 12))
    )


def test_candidates_end_at_the_depth_of_the_site_under_a_slope():
    prior = Prior((0.0, 0.0, 50.0, 50.0), 10.0, surface=Plane(100.0, 0.2, 0.0))
    azimuth, inclination = np.array([0.0, 90.0, 270.0]), np.array([90.0, 45.0, 45.0])
    x = np.full(3, 25.0)
    holes = holes_from(prior, DrillTerms(), x, x, azimuth, inclination)
    end = np.stack([holes.x, holes.y, holes.z]) + holes.length_m * direction(azimuth, inclination)
    depth = prior.surface.at(end[0], end[1]) - end[2]
    assert np.all(depth <= 10.0 + 1e-9)
    assert np.all(depth > 9.8)
    np.testing.assert_allclose(holes.z, 105.0)


def test_polygons_by_the_even_odd_rule():
    ring = np.array([(0, 0), (4, 0), (4, 4), (2, 1), (0, 4)], float)
    x, y = np.array([1.0, 2.0, 2.0, 5.0, 3.5]), np.array([1.0, 2.0, 0.5, 1.0, 2.0])
    expected = [True, False, True, False, True]
    assert inside_polygon(x, y, ring).tolist() == expected
    assert inside_polygon(x, y, np.vstack([ring, ring[:1]])).tolist() == expected


def test_grid_keeps_out_of_no_go_areas_and_says_when_nothing_is_left():
    prior = Prior((0.0, 0.0, 40.0, 20.0), 10.0)
    west = np.array([(-1, -1), (20, -1), (20, 21), (-1, 21)], float)
    x, _, spacing = collar_grid(prior, DrillTerms(no_go=(west,)))
    assert x.min() > 20.0
    assert spacing == 2.0
    with pytest.raises(InputError, match="no-go"):
        collar_grid(prior, DrillTerms(no_go=(west, west + np.array([20.0, 0.0]))))


def test_grid_of_a_large_site_is_coarsened():
    x, _, spacing = collar_grid(Prior((0.0, 0.0, 2000.0, 2000.0), 50.0), DrillTerms())
    assert len(x) <= 1200
    assert spacing > 50.0


def test_an_inclined_hole_costs_the_leaning_of_the_mast():
    terms = DrillTerms(cost_setup=1.0, cost_per_m=0.1, cost_inclined=0.25)
    cost = terms.cost(np.array([10.0, 10.0]), np.array([90.0, 60.0]))
    np.testing.assert_allclose(cost, (2.0, 2.25))
