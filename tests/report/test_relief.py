"""The ground under the maps: contours at round heights, light from the north-west."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.figure import Figure

from subterra.report.relief import Relief, draw_contours, draw_hillshade, relief_of, relief_words
from subterra.site.terrain import make_ground
from subterra.tables import TerrainGrid


def hill(height=3.0):
    x, y = np.linspace(0.0, 60.0, 61), np.linspace(0.0, 40.0, 41)
    east, north = np.meshgrid(x, y)
    return x, y, 300.0 + height * np.exp(-((east - 30) ** 2 + (north - 20) ** 2) / 100.0)


def test_the_north_western_flank_is_lit():
    ax = Figure().add_subplot()
    draw_hillshade(ax, Relief(*hill()))
    light = np.asarray(ax.images[0].get_array())
    assert light[25, 25] > light[20, 0] > light[15, 35]
    assert ax.images[0].origin == "lower"
    assert light.min() >= 0.7


@pytest.mark.parametrize("height", [0.05, 0.7, 3.0, 240.0])
def test_contours_are_few_and_round(height):
    relief = Relief(*hill(height))
    ax = Figure().add_subplot()
    draw_contours(ax, relief)
    levels = [level for lines in ax.collections for level in lines.levels]
    assert len(levels) <= 10
    np.testing.assert_allclose(np.remainder(np.array(levels) / relief.step_m + 1e-6, 1.0), 1e-6,
                               atol=1e-5)  # fmt: skip
    assert f"every {relief.step_m:g} m" in relief_words(relief)


def test_ground_that_ends_within_the_map_is_drawn_as_far_as_it_goes():
    z = hill()[2]
    grid = TerrainGrid(0.0, 0.0, 1.0, 1.0, z.astype(np.float32))
    relief = relief_of(make_ground([("dem", grid)], (20.0, 10.0, 90.0, 50.0), None, 50.0),
                       (20.0, 10.0, 90.0, 50.0))  # fmt: skip
    assert np.isnan(relief.z_m).any()
    ax = Figure().add_subplot()
    draw_hillshade(ax, relief)
    draw_contours(ax, relief)
    assert (
        np.ma.getmaskarray(ax.images[0].get_array()).any()
        or np.isnan(ax.images[0].get_array()).any()
    )
