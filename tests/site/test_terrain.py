"""Terrain files become the site's plane, with what it leaves over said."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from subterra.cli import main
from subterra.errors import InputError
from subterra.formats import read_terrain
from subterra.site import Site
from subterra.site.terrain import fit_plane
from subterra.tables import TerrainTable

SAMPLES = Path(__file__).parents[1] / "formats" / "samples"


def test_a_grid_has_its_first_row_in_the_north():
    table = read_terrain(SAMPLES / "grid.asc").points()
    found = set(zip(table.x_m, table.y_m, table.z_m, strict=True))
    assert found == {
        (105.0, 215.0, 1.5), (115.0, 215.0, 2.5), (125.0, 215.0, 3.5),
        (105.0, 205.0, 1.0), (125.0, 205.0, 3.0),
    }  # fmt: skip


def test_points_and_csv_say_the_same(tmp_path):
    path = tmp_path / "p.csv"
    path.write_text("z,x,y\n100.5,0,0\n101,10,0\n101.2,10,10\n100.6,0,10\n")
    first, second = read_terrain(SAMPLES / "points.xyz"), read_terrain(path)
    np.testing.assert_array_equal(first.z_m, second.z_m)
    np.testing.assert_array_equal(first.x_m, second.x_m)


@settings(deadline=None, max_examples=25)
@given(
    z0=st.floats(-500.0, 3000.0),
    slope=st.tuples(st.floats(-0.5, 0.5), st.floats(-0.5, 0.5)),
    shift=st.sampled_from([0.0, 4e5]),
)
def test_a_plane_is_found_again(z0, slope, shift):
    x, y = (v.ravel() for v in np.meshgrid(np.linspace(0, 40, 5), np.linspace(0, 30, 4)))
    x, y = x + shift, y + 10 * shift
    z = z0 + slope[0] * (x - shift) + slope[1] * (y - 10 * shift)
    found = fit_plane(TerrainTable(x, y, z), (shift, 10 * shift, shift + 40, 10 * shift + 30))
    back = found.z0_m + found.slope_x * x + found.slope_y * y
    np.testing.assert_allclose(back, z, atol=1e-5)
    assert found.largest_m < 1e-5


def test_what_the_plane_leaves_over_is_said():
    x, y = (v.ravel() for v in np.meshgrid(np.arange(10.0), np.arange(10.0)))
    bumps = 0.5 * (-1.0) ** (x + y)
    found = fit_plane(TerrainTable(x, y, bumps), (0, 0, 9, 9))
    assert found.rms_m == pytest.approx(0.5, abs=0.01)
    far = TerrainTable(np.append(x, 500.0), np.append(y, 0.0), np.append(bumps, 900.0))
    assert fit_plane(far, (0, 0, 9, 9)) == found


@pytest.mark.parametrize(
    ("x", "words"), [([0.0, 1.0], "at least 3"), ([0.0, 1.0, 2.0], "on one line")]
)
def test_too_little_terrain_is_refused(x, words):
    with pytest.raises(InputError, match=words):
        fit_plane(TerrainTable(x, x, x), (0, 0, 3, 3))


def test_the_verb_new_takes_a_terrain(tmp_path, capsys):
    arguments = ["new", str(tmp_path / "s"), "--bounds", "0", "0", "10", "10", "--depth", "8"]
    assert main([*arguments, "--surface", str(SAMPLES / "points.xyz")]) == 0
    assert "plane through 4 points" in capsys.readouterr().out
    surface = Site.open(tmp_path / "s").config.surface
    assert surface.z0_m == pytest.approx(100.475)
    assert surface.slope_x == pytest.approx(0.055)
