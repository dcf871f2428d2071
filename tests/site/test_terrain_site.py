"""Terrain in a site: its plane, heights that files lack, and those that they have."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from subterra.cli import main
from subterra.errors import InputError
from subterra.evidence import reduce_gravity
from subterra.formats.geotiff import geotiff_bytes
from subterra.search import Hole, PlannedHole, direction
from subterra.site import Site, add_files, build_config, retract, tables_in_force, to_prior
from subterra.site.config import parse_config, to_terms
from subterra.site.ground_files import ground_of, height_notes, hole_on_ground
from subterra.site.plan_files import plan_json, read_plan_json
from subterra.site.plan_ground import collar_words, on_terrain
from subterra.site.terrain import make_ground
from subterra.site.toml_text import toml_text
from subterra.tables import GravityReadingTable, StationTable, TerrainGrid, TerrainTable

BOUNDS = (400000.0, 5600000.0, 400060.0, 5600040.0)


def height(x, y):
    """A slope with a hill on it."""
    u, v = x - BOUNDS[0], y - BOUNDS[1]
    return 300.0 + 0.05 * u - 0.02 * v + 1.5 * np.exp(-((u - 30) ** 2 + (v - 20) ** 2) / 200.0)


def grid_rows(cell=1.0, margin=10.0):
    x = np.arange(BOUNDS[0] - margin, BOUNDS[2] + margin, cell) + 0.5 * cell
    y = np.arange(BOUNDS[1] - margin, BOUNDS[3] + margin, cell) + 0.5 * cell
    return height(*np.meshgrid(x, y))


def stations(n=24, *, z=None, x0=2.0):
    x = BOUNDS[0] + x0 + 2.25 * np.arange(n)
    y = BOUNDS[1] + 15.0 + 0.4 * np.arange(n)
    head = "station,x,y,g_ugal" if z is None else "station,x,y,z,g_ugal"
    rows = [
        f"{k},{x[k]:.3f},{y[k]:.3f},{'' if z is None else f'{z(x[k], y[k]):.4f},'}{k % 5}"
        for k in range(n)
    ]
    return "\n".join([head, *rows]) + "\n"


@pytest.fixture
def site(tmp_path):
    config = build_config(
        {"name": "hill", "bounds": list(BOUNDS), "depth_m": 10.0, "crs": "EPSG:25833"}
    )
    return Site.create(tmp_path / "site", config)


@pytest.fixture
def put(tmp_path):
    def write(name, content):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


def dem(put, name="dem.tif", *, epsg=25833, shift=0.0):
    rows = grid_rows() + shift
    return put(name, geotiff_bytes(rows, BOUNDS[0] - 10.0, BOUNDS[1] - 10.0, 1.0, epsg))


def test_a_terrain_gives_the_site_its_plane_until_it_is_withdrawn(site, put):
    before = site.prior.surface
    changed, items = add_files(site, [dem(put)], options={"sd_m": "0.1"})
    assert items[0].kind == "terrain"
    surface = changed.prior.surface
    assert surface.slope_x == pytest.approx(0.05, abs=0.01)
    ground = ground_of(changed)
    x, y = np.meshgrid(np.linspace(BOUNDS[0], BOUNDS[2], 61), np.linspace(BOUNDS[1], BOUNDS[3], 41))
    off = height(x, y) - surface.at(x, y)
    assert ground.plane.rms_m == pytest.approx(np.sqrt(np.mean(off**2)), rel=0.05)
    assert ground.covered == 1.0
    # A belief keeps the plane that it was made with.
    assert to_prior(parse_config(toml_text(changed.settled))).surface == surface
    back, _ = retract(changed, items[0].id)
    assert back.prior.surface == before


def test_stations_and_collars_without_z_stand_on_the_terrain(site, put):
    holes = "hole,x,y,azimuth_deg,inclination_deg,length_m\nB1,400030,5600020,0,90,9\n"
    changed, _ = add_files(
        site, [dem(put), put("g.csv", stations()), put("b.csv", holes)], options=None
    )
    tables = {item.kind: table for item, table in tables_in_force(changed)}
    gravity, collars = tables["gravity"], tables["boreholes"]
    np.testing.assert_allclose(gravity.z_m, height(gravity.x_m, gravity.y_m) + 0.3, atol=0.01)
    np.testing.assert_allclose(collars.z_m, height(collars.x_m, collars.y_m), atol=0.01)
    assert not any(note.doubt for note in height_notes(changed))
    evidence = {e.kind: e for e in changed.evidence()}["gravity"]
    over_plane = gravity.z_m - changed.prior.surface.at(gravity.x_m, gravity.y_m)
    assert over_plane.max() > 0.5
    assert evidence is not None


def test_a_file_that_reaches_beyond_stays_on_the_plane_and_it_is_said(site, put):
    changed, _ = add_files(site, [dem(put), put("g.csv", stations(x0=30.0))])
    table = next(table for item, table in tables_in_force(changed) if item.kind == "gravity")
    assert table.z_m is None
    (note,) = height_notes(changed)
    assert note.doubt
    assert "stay on the plane" in note.words


@pytest.mark.parametrize("mesh", [False, True])
def test_electrodes_stand_on_the_terrain_only_where_a_mesh_follows_it(site, put, mesh):
    x = BOUNDS[0] + 4.0 + 4.0 * np.arange(14)
    data = [f"{k} {k + 1} {k + 2} {k + 3} 100 0.02" for k in range(1, 12)]
    text = "14\n# x y\n" + "".join(f"{v} {BOUNDS[1] + 20}\n" for v in x)
    text += "11\n# a b m n rhoa err\n" + "\n".join(data) + "\n"
    site, _ = add_files(site, [dem(put)])
    options = {"background": "mesh"} if mesh else {}
    changed, _ = add_files(site, [put("line.ohm", text)], options=options)
    table = next(t for item, t in tables_in_force(changed) if item.kind == "resistivity")
    if mesh:
        np.testing.assert_allclose(
            table.electrode_z_m, height(table.electrode_x_m, table.electrode_y_m), atol=0.01
        )
    else:
        assert table.electrode_z_m is None
        assert "background=mesh" in height_notes(changed)[0].words


@pytest.mark.parametrize(
    ("z", "doubt", "words"),
    [
        (lambda x, y: height(x, y) + 0.35, False, "agree with the terrain"),
        (lambda x, y: height(x, y) + 43.7, True, "another vertical datum"),
        (lambda x, y: height(x, y) - 5.0 * ((x * 7) % 2 > 1), True, "spread"),
    ],
)
def test_heights_that_files_have_are_compared(site, put, z, doubt, words):
    changed, _ = add_files(site, [dem(put)], options={"sd_m": "0.1"})
    changed, _ = add_files(changed, [put("g.csv", stations(z=z))])
    table = next(table for item, table in tables_in_force(changed) if item.kind == "gravity")
    np.testing.assert_allclose(table.z_m, z(table.x_m, table.y_m), atol=1e-3)
    (note,) = height_notes(changed)
    assert note.doubt == doubt
    assert words in note.words


def test_a_terrain_in_another_zone_gives_the_same_heights():
    pyproj = pytest.importorskip("pyproj")
    there = pyproj.Transformer.from_crs("EPSG:25833", "EPSG:25832", always_xy=True)
    u, v = there.transform(*(np.array(BOUNDS[k::2]) for k in (0, 1)))
    e, n = np.meshgrid(np.arange(u[0] - 60, u[1] + 60), np.arange(v[0] - 60, v[1] + 60))
    x, y = there.transform(e, n, direction="INVERSE")
    grid = TerrainGrid(e[0, 0], n[0, 0], 1.0, 1.0, height(x, y), "EPSG:25832", "", 0.1)
    ground = make_ground([("dem", grid)], BOUNDS, "EPSG:25833", 80.0)
    x = np.linspace(BOUNDS[0] + 1, BOUNDS[2] - 1, 50)
    y = np.linspace(BOUNDS[1] + 1, BOUNDS[3] - 1, 50)
    z, sd = ground.at(x, y)
    np.testing.assert_allclose(z, height(x, y), atol=0.02)
    assert ground.files[0].spacing_m == pytest.approx(1.0, abs=0.01)
    np.testing.assert_allclose(sd, 0.1, atol=1e-6)
    with pytest.raises(InputError, match="local frame"):
        make_ground([("dem", grid)], BOUNDS, None, 80.0)


def test_the_finer_file_counts_and_datums_must_agree():
    coarse = TerrainGrid(BOUNDS[0], BOUNDS[1], 10.0, 10.0, np.full((8, 10), 300.0), "", "A")
    x, y = (v.ravel() for v in np.meshgrid(*(np.arange(BOUNDS[k], BOUNDS[k] + 21) for k in (0, 1))))
    fine = TerrainTable(x, y, 301.0 + 0.1 * (x - BOUNDS[0]), "", "A", 0.05)
    ground = make_ground([("coarse", coarse), ("fine", fine)], BOUNDS, None, 100.0)
    z, sd = ground.at([BOUNDS[0] + 10.5, BOUNDS[2]], [BOUNDS[1] + 10.25, BOUNDS[3]])
    np.testing.assert_allclose(z, [302.05, 300.0], atol=1e-6)
    np.testing.assert_allclose(sd, [0.05, 0.5])
    other = TerrainTable(x, y, x - BOUNDS[0], "", "B")
    with pytest.raises(InputError, match="different vertical datums, A and B"):
        make_ground([("coarse", coarse), ("other", other)], BOUNDS, None, 100.0)


def test_terrain_far_away_is_refused_and_nothing_changes(site, put):
    path = put("far.tif", geotiff_bytes(np.full((4, 4), 100.0), 5e5, 5e6, 1.0, 25833))
    with pytest.raises(InputError, match="no heights within the bounds"):
        add_files(site, [path])
    assert Site.open(site.path).items == ()


def test_a_planned_hole_starts_where_the_rig_stands(site, put):
    hole = Hole("P1", 400030.0, 5600020.0, 300.0, 0.0, 90.0, 8.0)
    assert hole_on_ground(site, hole) == hole
    changed, _ = add_files(site, [dem(put)])
    assert hole_on_ground(changed, hole).z == pytest.approx(height(hole.x, hole.y), abs=0.01)


def test_the_error_of_a_height_goes_into_a_reduced_reading():
    readings = GravityReadingTable(
        ("A", "B"), None, None, np.zeros(2), np.full(2, 3.0), np.zeros(2), ("1", "1"),
        ("2024-05-01T08:00:00", "2024-05-01T08:10:00"),
    )  # fmt: skip
    place = np.array([0.0, 10.0]), np.array([0.0, 0.0]), np.array([100.0, 101.0])
    known = StationTable(("A", "B"), *place)
    rough = StationTable(("A", "B"), *place, z_sd_m=np.array([0.2, 0.4]))
    exact = reduce_gravity(readings, [known]).table
    wide = reduce_gravity(readings, [rough]).table
    np.testing.assert_array_equal(exact.g_ugal, wide.g_ugal)
    extra = np.sqrt(wide.sd_ugal**2 - exact.sd_ugal**2)
    np.testing.assert_allclose(extra, (308.6 - 0.0419 * 2000.0) * np.array([0.2, 0.4]), rtol=2e-3)


def test_the_command_line_says_what_the_ground_is(site, put, capsys):
    path = str(site.path)
    assert main(["add", path, str(dem(put)), "--option", "sd_m=0.1"]) == 0
    said = capsys.readouterr().out
    assert "covers 100 % of the bounds" in said
    assert "EPSG:25833" in said
    assert main(["add", path, str(put("g.csv", stations())), "--json"]) == 0
    heights = json.loads(capsys.readouterr().out)["heights"]
    assert "taken from the terrain, ±0.10 m" in heights[0]["words"]
    assert main(["status", path, "--json"]) == 0
    terrain = json.loads(capsys.readouterr().out)["terrain"]
    assert terrain["relief_largest_m"] > 0.5
    assert terrain["files"][0]["sd_stated"]


def planned(**changes):
    """A row of a plan that is not on any ground yet."""
    row = PlannedHole(
        "P1",
        BOUNDS[0] + 30.0,
        BOUNDS[1] + 20.0,
        0.0,
        90.0,
        90.0,
        7.0,
        3.0,
        5.0,
        0.5,
        0.5,
        0.4,
        1.0,
        "why",
    )
    return replace(row, **changes)


@pytest.mark.parametrize("inclination", [90.0, 60.0])
def test_a_planned_collar_stands_on_the_terrain_and_the_hole_stays_where_it_is(
    site, put, inclination
):
    site, _ = add_files(site, [dem(put)], options={"sd_m": "0.1"})
    row = planned(inclination_deg=inclination)
    plane_z = float(site.prior.surface.at(np.array([row.x]), np.array([row.y]))[0])
    row = replace(row, z=plane_z)
    moved = on_terrain(site, row, to_terms(site.config))
    assert moved.z == pytest.approx(height(moved.x, moved.y), abs=0.05)
    assert moved.z > plane_z + 0.5
    assert (moved.z_from, row.z_from) == ("terrain", "plane")
    assert "above the plane" in collar_words(moved)
    # The target is met at the same place of the ground, further along the hole.
    for along in ("target_from_m", "target_to_m"):
        before, after = (
            np.array([h.x, h.y, h.z]) + getattr(h, along) * direction(90.0, inclination)
            for h in (row, moved)
        )
        assert after == pytest.approx(before, abs=0.01)
    assert 0.0 <= moved.length_m - row.length_m - (moved.target_to_m - row.target_to_m) < 0.11
    # What is logged begins at the same collar.
    hole = Hole(moved.hole, moved.x, moved.y, moved.z, 90.0, inclination, moved.length_m)
    assert hole_on_ground(site, hole).z == pytest.approx(moved.z, abs=0.002)


def test_a_planned_collar_stays_on_the_plane_where_no_terrain_is_known(site, put):
    row = planned()
    assert on_terrain(site, row, to_terms(site.config)) == row
    assert collar_words(row) == "plane"
    changed, _ = add_files(site, [dem(put)])
    beyond = planned(x=BOUNDS[0] - 500.0)
    assert on_terrain(changed, beyond, to_terms(changed.config)) == beyond


def test_a_plan_of_before_collars_stood_on_the_terrain_is_read(site):
    held = json.loads(plan_json([planned()], {}))
    for row in held["holes"]:
        del row["z_from"], row["above_plane_m"]
    assert read_plan_json(json.dumps(held).encode()) == (planned(),)
