"""Mine maps: each format gives the same lines; binary ones survive damage."""

from __future__ import annotations

import io
import math
import random
import shutil
import struct
import zipfile
from pathlib import Path

import numpy as np
import pyogrio
import pytest
import shapely

from subterra.errors import InputError
from subterra.formats import (
    MapDefaults,
    read_control_points,
    read_map_dxf,
    read_map_geojson,
    read_map_geopackage,
    read_map_shapefile,
    sniff_map_dxf,
    sniff_map_geojson,
    sniff_map_geopackage,
    sniff_map_shapefile,
    write_control_points,
    write_map_geojson,
)
from subterra.tables import MineMapTable, same_table

SAMPLES = Path(__file__).parent / "samples"
LINES = [
    [[10.5, 20.0, -55.0], [60.0, 24.5, -54.0], [140.0, 30.0, -52.5]],
    [[60.0, 24.5, -54.0], [58.0, 90.0, -54.0]],
]


def write_with_gdal(path, driver, crs="EPSG:25833", flat=False):
    """Write the lines with an independent writer."""
    geometry = [shapely.linestrings(np.array(line)[:, : 2 if flat else 3]) for line in LINES]
    names = np.array(["main drive", "north road"], object)
    columns = {
        "line": names,
        "sheet": np.array(["A", "A"], object),
        "tie": np.array(["geologic", "geologic"], object),
        "level_sd_m": np.array([4.0, 4.0]),
    }
    pyogrio.raw.write(
        path,
        shapely.to_wkb(np.array(geometry)),
        list(columns.values()),
        list(columns),
        driver=driver,
        geometry_type="LineString" if flat else "LineString Z",
        crs=crs,
    )
    return path


def geopackage(folder, **more):
    return write_with_gdal(folder / "map.gpkg", "GPKG", **more)


def shapefile(folder, **more):
    write_with_gdal(folder / "map.shp", "ESRI Shapefile", **more)
    packed = folder / "map.zip"
    with zipfile.ZipFile(packed, "w") as archive:
        for suffix in (".shp", ".dbf", ".prj"):
            archive.write(folder / f"map{suffix}", f"map{suffix}")
    return packed


READERS = {"gpkg": (geopackage, read_map_geopackage), "zip": (shapefile, read_map_shapefile)}


def check_lines(table, flat=False):
    assert isinstance(table, MineMapTable)
    np.testing.assert_array_equal(table.start, [0, 3, 5])
    flattened = np.array([p for line in LINES for p in line])
    np.testing.assert_allclose(table.x, flattened[:, 0])
    np.testing.assert_allclose(table.y, flattened[:, 1])
    expected = np.full(5, np.nan) if flat else flattened[:, 2]
    np.testing.assert_allclose(table.z_m, expected)


@pytest.mark.parametrize("kind", READERS)
@pytest.mark.parametrize("flat", [False, True])
def test_files_of_gdal_are_read(tmp_path, kind, flat):
    make, read = READERS[kind]
    table = read(make(tmp_path, flat=flat))
    check_lines(table, flat)
    assert table.line == ("main drive", "north road")
    assert table.tie == ("geologic", "geologic")
    np.testing.assert_array_equal(table.level_sd_m, [4.0, 4.0])
    assert "25833" in table.crs or "ETRS" in table.crs


def test_a_shapefile_alone_takes_what_the_user_says(tmp_path):
    write_with_gdal(tmp_path / "map.shp", "ESRI Shapefile")
    defaults = MapDefaults(sheet="B", tie="portal", crs="EPSG:25833", level="upper")
    table = read_map_shapefile(tmp_path / "map.shp", defaults)
    check_lines(table)
    assert (table.sheet, table.tie) == (("B", "B"), ("portal", "portal"))
    assert (table.crs, table.level) == ("EPSG:25833", ("upper", "upper"))


def test_a_drawing_of_gdal_is_read(tmp_path):
    path = tmp_path / "map.dxf"
    geometry = shapely.to_wkb(np.array([shapely.linestrings(np.array(line)) for line in LINES]))
    pyogrio.raw.write(
        path, geometry, [np.array(["S", "S"], object)], ["Layer"], driver="DXF",
        geometry_type="LineString Z", crs="EPSG:25833",
    )  # fmt: skip
    table = read_map_dxf(path)
    check_lines(table)
    assert sniff_map_dxf(path.read_bytes()[:4096])


def test_the_drawing_sample():
    table = read_map_dxf(SAMPLES / "map_dxf.dxf", MapDefaults(tie="survey"))
    assert table.level == ("LOWER SEAM", "LOWER SEAM", "UPPER SEAM")
    assert table.tie == ("survey",) * 3
    np.testing.assert_array_equal(table.start, [0, 2, 5, 7])
    np.testing.assert_array_equal(table.z_m, [-55, -54, -54, -54, -54, -31, -30])


def test_a_flat_drawing_has_no_heights_and_feet_are_feet(write):
    text = (SAMPLES / "map_dxf.dxf").read_text()
    for z in ("-55.0", "-54.0", "-31.0", "-30.0"):
        text = text.replace(f"\n{z}\n", "\n0.0\n")
    table = read_map_dxf(write(text.replace("$INSUNITS\n70\n6", "$INSUNITS\n70\n2"), "a.dxf"))
    assert np.isnan(table.z_m).all()
    assert table.units == "ft"


def test_a_spline_is_refused_with_its_line(write):
    text = (SAMPLES / "map_dxf.dxf").read_text().replace("\nTEXT\n", "\nSPLINE\n")
    with pytest.raises(InputError, match=r"line \d+: found a SPLINE"):
        read_map_dxf(write(text, "a.dxf"))


def test_geojson_round_trip(tmp_path):
    table = read_map_geojson(SAMPLES / "map_geojson.geojson")
    assert table.line == ("main drive", "north road.1", "north road.2")
    write_map_geojson(table, tmp_path / "again.geojson")
    assert same_table(read_map_geojson(tmp_path / "again.geojson"), table)


def test_geojson_of_gdal_is_read_with_its_frame(tmp_path):
    path = write_with_gdal(tmp_path / "map.geojson", "GeoJSON")
    table = read_map_geojson(path)
    check_lines(table)
    assert "25833" in table.crs


def test_control_points_round_trip(tmp_path):
    table = read_control_points(SAMPLES / "map_control.csv")
    write_control_points(table, tmp_path / "again.csv")
    assert same_table(read_control_points(tmp_path / "again.csv"), table)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('{"type": "Point", "coordinates": [1, 2]}', "FeatureCollection"),
        ('{"type": "LineString", "coordinates": [[1, 2]]}', "feature 1: expected a line of two"),
        ('{"type": "LineString", "coordinates": [[1, 2], [1, "3"]]}', "feature 1.*position"),
        ('{"type": "LineString", "coordinates": [[1, 2], [1, 2e9]]}', "feature 1: y is 2e.09"),
        ('{"type": "LineString", "coordinates": [[1, 2], [1, 3, 4]]}', "some of its vertices"),
        ('{"type": "LineString",\n "coordinates": [[1, 2], [3 4]]}', "line 2, column 29: not JSON"),
        (
            '{"type": "Feature", "properties": {"tie": "good"}, "geometry": '
            '{"type": "LineString", "coordinates": [[1, 2], [3, 4]]}}',
            "feature 1: tie: unknown tie 'good'|feature 1: unknown tie 'good'",
        ),
        ("{" * 100_000, "not JSON|nested"),
        ('{"a":' * 100_000, "nested|not JSON"),
    ],
)
def test_geojson_says_what_is_wrong(write, text, words):
    with pytest.raises(InputError, match=words):
        read_map_geojson(write(text, "a.geojson"))


def test_one_sheet_has_one_tie(write):
    text = (SAMPLES / "map_geojson.geojson").read_text()
    with pytest.raises(InputError, match="tied by features and by survey"):
        read_map_geojson(
            write(
                text.replace(
                    '"features", "level": "lower seam", "sd_m"',
                    '"survey", "level": "lower seam", "sd_m"',
                ),
                "a.json",
            )
        )


@pytest.mark.parametrize("kind", READERS)
@pytest.mark.filterwarnings("error")
def test_damaged_binary_files_end_in_a_table_or_one_clear_refusal(tmp_path, kind):
    make, read = READERS[kind]
    good = make(tmp_path)
    targets = {kind: (good.read_bytes(), read)}
    if kind == "zip":
        targets["shp"] = ((tmp_path / "map.shp").read_bytes(), read)
    rng = random.Random(4)
    tables = 0
    for suffix, (data, reader) in targets.items():
        bad = tmp_path / f"bad.{suffix}"
        cases = [data[: len(data) * k // 20] for k in range(20)]
        for _ in range(300):
            changed = bytearray(data)
            for _ in range(rng.choice((1, 3, 20))):
                changed[rng.randrange(len(changed))] = rng.randrange(256)
            cases.append(bytes(changed))
        for case in cases:
            bad.write_bytes(case)
            try:
                tables += isinstance(reader(bad), MineMapTable)
            except InputError as error:
                assert error.path == str(bad)
                assert "\n" not in str(error)
    assert tables > 0


def test_damage_inside_an_archive_is_refused(tmp_path):
    """Parts that unpack well but are wrong: heights cut off, counts that lie, NaN."""
    shapefile(tmp_path)
    shp = bytearray((tmp_path / "map.shp").read_bytes())
    lies = bytearray(shp)
    struct.pack_into("<i", lies, 100 + 8 + 40, 10**6)
    not_numbers = bytearray(shp)
    struct.pack_into("<d", not_numbers, 100 + 8 + 48, math.nan)
    for data, words in ((lies, "do not fit"), (not_numbers, "not a number")):
        path = tmp_path / "x.shp"
        path.write_bytes(bytes(data))
        with pytest.raises(InputError, match=words):
            read_map_shapefile(path)


def test_an_archive_that_explodes_is_refused(tmp_path):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("map.shp", bytes(5_000_000))
    path = tmp_path / "bomb.zip"
    path.write_bytes(packed.getvalue())
    with pytest.raises(InputError, match="unpacks to more"):
        read_map_shapefile(path, max_bytes=1_000_000)


def test_sniffers_know_their_own(tmp_path):
    heads = {
        "gpkg": geopackage(tmp_path).read_bytes()[:4096],
        "zip": shapefile(tmp_path).read_bytes()[:4096],
        "shp": (tmp_path / "map.shp").read_bytes()[:4096],
        "json": (SAMPLES / "map_geojson.geojson").read_bytes()[:4096],
        "csv": (SAMPLES / "map_control.csv").read_bytes(),
    }
    for sniff, known in (
        (sniff_map_geopackage, {"gpkg"}),
        (sniff_map_shapefile, {"zip", "shp"}),
        (sniff_map_geojson, {"json"}),
    ):
        assert {name for name, head in heads.items() if sniff(head)} == known


def test_the_readers_leave_the_file_alone(tmp_path):
    path = geopackage(tmp_path)
    copy = tmp_path / "copy"
    shutil.copy(path, copy)
    read_map_geopackage(path)
    assert path.read_bytes() == copy.read_bytes()
    assert {p.name for p in tmp_path.iterdir()} == {"map.gpkg", "copy"}
