"""Mine maps at a site: frames, feet, control points, several files."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from subterra.errors import InputError
from subterra.formats import DEFAULT_SHEET, write_control_points, write_map_geojson
from subterra.site import Site, add_files, build_config
from subterra.site.crs import to_site_frame
from subterra.site.georeference import control_words, fit_sheet, in_site_frame, join_maps
from subterra.tables import ControlPointTable, MineMapTable

SCALE, TURN = 0.5, math.radians(20.0)


def plan(x, y, *, sheet="A", **more):
    columns = {
        "line": ("l1",),
        "sheet": (sheet,),
        "tie": ("geologic",),
        "level": ("",),
        "date": ("",),
        "start": np.array([0, len(x)]),
        "x": np.array(x, float),
        "y": np.array(y, float),
        "z_m": np.full(len(x), np.nan),
        "level_sd_m": np.array([np.nan]),
        "sd_m": np.zeros(1),
    }
    return MineMapTable(**(columns | more))


def ground(column, row):
    """Place of a pixel on the ground: scale, turn and shift that the fit must find."""
    u, v = np.asarray(column, float), -np.asarray(row, float)
    a, b = SCALE * math.cos(TURN), SCALE * math.sin(TURN)
    return 1000.0 + a * u - b * v, 5000.0 + b * u + a * v


def controls(n=6, noise=0.0, sd=math.nan, sheet="A", seed=0):
    rng = np.random.default_rng(seed)
    column, row = rng.uniform(0, 3000, (2, n))
    x, y = ground(column, row)
    x, y = x + noise * rng.standard_normal(n), y + noise * rng.standard_normal(n)
    return ControlPointTable((sheet,) * n, column, row, x, y, np.full(n, sd))


@pytest.mark.parametrize("n", [2, 3, 8])
def test_exact_control_points_place_every_pixel(n):
    fit = fit_sheet(controls(n), "A")
    column, row = np.array([0.0, 500.0]), np.array([100.0, 2500.0])
    x, y, sd = fit.place(column, row)
    np.testing.assert_allclose((x, y), ground(column, row), atol=1e-6)
    assert fit.rms_m == pytest.approx(0.0, abs=1e-6)
    assert np.all(sd > 0.0)


def test_residuals_tell_of_poor_control_points():
    good, poor = controls(8, 2.0, 2.0), controls(8, 20.0, 2.0)
    middle = np.array([1500.0])
    sd = [fit_sheet(table, "A").place(middle, middle)[2][0] for table in (good, poor)]
    assert 4.0 * sd[0] < sd[1]
    assert fit_sheet(poor, "A").rms_m > 10.0
    assert "8 control points, 0.499 m per pixel" in control_words(poor)
    assert "no residuals" in control_words(controls(2))


def test_the_stated_error_of_a_place_is_the_one_that_is_met():
    """Over many sets of control points the places scatter as the fit says."""
    away, said = [], []
    for seed in range(400):
        fit = fit_sheet(controls(5, 3.0, 3.0, seed=seed), "A")
        x, y, sd = fit.place(np.array([1500.0]), np.array([1500.0]))
        truth = ground(1500.0, 1500.0)
        away += [x[0] - truth[0], y[0] - truth[1]]
        said.append(sd[0])
    assert np.std(away) == pytest.approx(np.sqrt(np.mean(np.square(said))), rel=0.25)


def test_pixels_become_metres_with_the_error_of_the_fit():
    column, row = [100.0, 2000.0], [200.0, 1500.0]
    table = in_site_frame(plan(column, row, units="px"), [controls(6, 2.0, 2.0)], None)
    assert table.units == "m"
    np.testing.assert_allclose((table.x, table.y), ground(column, row), atol=8.0)
    assert 0.5 < table.sd_m[0] < 10.0


@pytest.mark.parametrize(
    "given", [[], [controls(4), controls(4, seed=1)], [controls(4, sheet="B")]]
)
def test_pixels_without_their_one_file_of_control_points_are_refused(given):
    with pytest.raises(InputError, match="'A' is in pixels"):
        in_site_frame(plan([0, 1], [0, 1], units="px"), given, None)


def test_one_control_point_is_too_few():
    with pytest.raises(InputError, match="at least two control points"):
        fit_sheet(controls(1), "A")


def test_feet_become_metres():
    table = in_site_frame(plan([0, 1000], [0, 0], units="ft"), [], None)
    np.testing.assert_allclose(table.x, [0.0, 304.8])


def test_another_frame_is_transformed_and_its_accuracy_kept():
    table = plan([13.3, 13.301], [50.9, 50.9], crs="EPSG:4326", sd_m=np.array([3.0]))
    placed = in_site_frame(table, [], "EPSG:25833")
    np.testing.assert_allclose(placed.x[0], 380459.02, atol=0.01)
    np.testing.assert_allclose(placed.y[0], 5640081.05, atol=0.01)
    *_, accuracy = to_site_frame("EPSG:4326", "EPSG:25833", table.x, table.y)
    assert 0.0 < accuracy <= 5.0
    assert placed.sd_m[0] == pytest.approx(math.hypot(3.0, accuracy))
    assert placed.crs == ""
    same = in_site_frame(replace(table, x=placed.x, y=placed.y, crs="EPSG:25833"), [], "EPSG:25833")
    np.testing.assert_allclose(same.x, placed.x)
    assert same.sd_m[0] == 3.0


@pytest.mark.parametrize(
    ("crs", "site", "words"),
    [
        ("EPSG:4326", None, "local frame"),
        ("EPSG:0", "EPSG:25833", "not a known"),
        ("nonsense", "EPSG:25833", "not a known"),
    ],
)
def test_frames_that_do_not_fit_are_refused(crs, site, words):
    with pytest.raises(InputError, match=words):
        in_site_frame(plan([13.3, 13.4], [50.9, 50.9], crs=crs), [], site)


def test_unnamed_sheets_of_two_files_are_two_sheets():
    first, second = (plan([0, 100], [y, y], sheet=DEFAULT_SHEET) for y in (0.0, 50.0))
    joined = join_maps([first, second])
    assert len(set(joined.sheet)) == 2
    assert join_maps([plan([0, 1], [0, 0]), plan([0, 1], [5, 5])]).sheet == ("A", "A")
    with pytest.raises(InputError, match="share one tie"):
        join_maps([plan([0, 1], [0, 0]), plan([0, 1], [5, 5], tie=("survey",))])


def test_a_site_takes_a_scan_and_its_control_points(tmp_path):
    """Lines in pixels and control points are two files and one piece of evidence."""
    x0, y0 = (float(v) for v in ground(0.0, 3000.0))
    config = build_config(
        {
            "name": "Scan",
            "bounds": [x0, y0, x0 + 1500.0, y0 + 1500.0],
            "depth_m": 50.0,
            "targets": {"look_for": ["working"]},
        }
    )
    site = Site.create(tmp_path / "site", config)
    write_control_points(controls(5, 2.0, 2.0), tmp_path / "control.csv")
    table = plan([500.0, 2500.0], [1500.0, 1400.0])
    write_map_geojson(table, tmp_path / "scan.geojson")
    site, _ = add_files(site, [tmp_path / "control.csv"])
    assert site.evidence() == []
    assert "5 control points, 0.5" in site.items[0].what
    site, _ = add_files(site, [tmp_path / "scan.geojson"], options={"units": "px"})
    (evidence,) = site.evidence()
    assert (evidence.id, evidence.kind) == ("mine-maps", "mine-map")
    np.testing.assert_allclose(
        evidence.sheets[0].courses[0].T, ground([500.0, 2500.0], [1500.0, 1400.0]), atol=8.0
    )


@pytest.mark.parametrize(
    ("option", "words"),
    [({"tie": "good"}, "expected one of survey"), ({"units": "yd"}, "expected one of m, ft, px"),
     ({"level_sd_m": "-1"}, "at least 0"), ({"z_m": "nan"}, "expected a number")],
)  # fmt: skip
def test_options_that_cannot_be_used_are_refused(tmp_path, option, words):
    config = build_config({"name": "x", "bounds": [0.0, 0.0, 100.0, 100.0], "depth_m": 20.0})
    site = Site.create(tmp_path / "site", config)
    write_map_geojson(plan([0, 100], [50, 50]), tmp_path / "a.geojson")
    with pytest.raises(InputError, match=words):
        add_files(site, [tmp_path / "a.geojson"], options=option)
