"""Containment against plane and solid geometry by other means."""

from __future__ import annotations

import math

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from search_samples import NOTHING, PRIOR, belief, chamber, drive, random_contents

from subterra.errors import InputError
from subterra.inference.belief import p_any
from subterra.scene import Plane, Prior, target_mask
from subterra.search import poc_grid, poc_xarray, query
from subterra.search.footprint import footprint_meets

ALL = Prior(PRIOR.bounds, 20.0, targets=("driven", "working", "chamber"))
metres = st.floats(-6.0, 6.0, allow_nan=False)


def test_line_under_a_place_is_the_share_of_drives_below():
    b = belief([[drive(y)] for y in np.linspace(10.05, 29.95, 200)])
    assert query(b, 30.0, 20.0) == pytest.approx(0.1)
    assert query(b, 30.0, 10.1) == pytest.approx(0.055)
    assert query(b, 30.0, 5.0) == 0.0


def test_point_inside():
    b = belief([[drive(20.0, 8.0)], [drive(20.0, 9.5)], NOTHING], weight=(0.5, 0.3, 0.2))
    assert query(b, 30.0, 20.0, -8.0) == pytest.approx(0.5)
    assert query(b, 30.0, 20.0, -8.7) == pytest.approx(0.8)
    assert query(b, 30.0, 20.9, -8.0) == pytest.approx(0.5)
    assert query(b, 30.0, 20.9, -8.7) == pytest.approx(0.0)
    assert query(b, 30.0, 20.0) == pytest.approx(0.8)


def test_chamber_is_a_circle_in_plan():
    b = belief([[chamber(30.0, 20.0, 9.0, radius=2.0)]], prior=ALL)
    assert query(b, 30.0 + 1.99 * math.cos(1.0), 20.0 + 1.99 * math.sin(1.0)) == 1.0
    assert query(b, 30.0 + 2.01 * math.cos(1.0), 20.0 + 2.01 * math.sin(1.0)) == 0.0
    # A chamber that is not looked for is no containment.
    assert query(belief([[chamber(30.0, 20.0, 9.0)]]), 30.0, 20.0) == 0.0


def test_line_ends_at_the_depth_of_the_site():
    b = belief([[drive(20.0, 20.5, radius=1.0)], [drive(20.0, 21.5, radius=1.0)]])
    assert query(b, 30.0, 20.0) == pytest.approx(0.5)
    assert poc_grid(b, 2.0).poc[9].max() == pytest.approx(0.5)


@pytest.mark.parametrize("place", [(-1.0, 5.0), (5.0, 41.0), (math.nan, 5.0)])
def test_places_outside_the_bounds_are_refused(place):
    with pytest.raises(InputError, match="outside the bounds"):
        query(belief([NOTHING]), *place)


@pytest.mark.parametrize("z", [8.0, -20.5, math.nan])
def test_a_depth_given_as_height_is_refused_with_the_range(z):
    with pytest.raises(InputError, match="z is a height"):
        query(belief([NOTHING]), 30.0, 20.0, z)


@given(metres, metres, metres, metres, st.floats(0.05, 3.0), st.floats(0.05, 3.0))
@settings(deadline=None)
def test_footprint_meets_a_cell_as_other_geometry_has_it(ax, ay, bx, by, radius, half):
    box = shapely.box(-half, -half, half, half)
    axis = shapely.LineString([(ax, ay), (bx, by)])
    distance = shapely.distance(box, axis)
    if abs(distance - radius) > 1e-6:
        assert footprint_meets(ax, ay, bx, by, radius, half) == (distance < radius)


def test_map_against_distances_of_polylines_from_cells():
    rng = np.random.default_rng(17)
    contents = random_contents(25, rng, p_none=0.2)
    weight = rng.dirichlet(np.ones(25))
    b = belief(contents, weight=weight, prior=ALL)
    image = poc_grid(b, 2.5)
    x, y, poc = image.x_m, image.y_m, image.poc
    assert poc.shape == (16, 24) == (len(y), len(x))
    cells = shapely.box(
        *np.broadcast_arrays(x - 1.25, (y - 1.25)[:, None], x + 1.25, (y + 1.25)[:, None])
    )
    expected = np.zeros_like(poc)
    objects = b.scenes.objects
    for n in range(25):
        met = np.zeros(poc.shape, bool)
        for k in np.flatnonzero(target_mask(ALL)[objects.family[n]]):
            line = shapely.LineString(np.column_stack([objects.x[n, k], objects.y[n, k]]))
            met |= shapely.distance(cells, line) <= objects.radius[n, k]
        expected += weight[n] * met
    np.testing.assert_allclose(poc, expected, atol=1e-12)


def test_a_cell_holds_at_least_the_line_through_its_centre():
    b = belief(random_contents(60, np.random.default_rng(23)), prior=ALL)
    image = poc_grid(b, 4.0)
    x, y, poc = image.x_m, image.y_m, image.poc
    for j, i in ((0, 0), (3, 7), (5, 5), (9, 14)):
        assert poc[j, i] >= query(b, float(x[i]), float(y[j])) - 1e-12
    fine = poc_grid(b, 0.05 * 4.0)
    j, i = 100, 150
    centre = query(b, float(fine.x_m[i]), float(fine.y_m[j]))
    assert fine.poc[j, i] == pytest.approx(centre, abs=0.06)


def test_depth_map_is_the_mean_of_the_shallowest():
    tilted = {
        "family": "driven",
        "fill": "air",
        "axis": [(0.0, 20.0, -4.0), (60.0, 20.0, -10.0)],
        "radius": 1.0,
    }
    deep = drive(20.0, 15.0)
    b = belief([[tilted], [deep], [tilted, deep], NOTHING], weight=(0.4, 0.2, 0.2, 0.2))
    grid = poc_grid(b, 2.0)
    at = grid.x_m[10]
    shallow = 4.0 + 6.0 * at / 60.0
    assert grid.poc[9, 10] == pytest.approx(0.8)
    assert grid.depth_m[9, 10] == pytest.approx((0.6 * shallow + 0.2 * 15.0) / 0.8, abs=1e-3)
    assert np.isnan(grid.depth_m[0, 0])
    assert grid.p_any == pytest.approx(p_any(b))
    assert grid.row == pytest.approx(0.2)


def test_depth_is_under_a_sloping_surface():
    prior = Prior(PRIOR.bounds, 20.0, surface=Plane(100.0, 0.1, 0.0))
    axis = [(-20.0, 20.0, 92.0), (80.0, 20.0, 102.0)]
    b = belief([[{"family": "driven", "fill": "air", "axis": axis, "radius": 1.0}]], prior=prior)
    grid = poc_grid(b, 2.0)
    np.testing.assert_allclose(grid.depth_m[9], 6.0, atol=1e-3)
    assert query(b, 30.0, 20.0, 97.0) == 1.0


def test_cells_cover_the_bounds_and_are_limited():
    grid = poc_grid(belief([NOTHING]), 7.0)
    assert (len(grid.x_m), len(grid.y_m)) == (9, 6)
    assert grid.x_m[0] == 3.5
    assert not grid.poc.any()
    assert len(poc_grid(belief([NOTHING]), 0.1).x_m) == 600
    for cell in (0.0, -1.0, math.nan, 1e-3):
        with pytest.raises(InputError):
            poc_grid(belief([NOTHING]), cell)


def test_labelled_map_carries_the_rest_of_the_world():
    b = belief([[drive(20.0)], NOTHING], weight=(0.7, 0.3))
    array = poc_xarray(b, 2.0)
    assert array.dims == ("y", "x")
    assert float(array.sel(x=31.0, y=19.0)) == pytest.approx(0.7)
    assert float(array.depth_m.sel(x=31.0, y=19.0)) == pytest.approx(8.0)
    assert array.attrs["row"] == pytest.approx(0.3)
    assert array.attrs["p_any"] == pytest.approx(0.7)
