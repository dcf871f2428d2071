"""GeoTIFF, LAS and Survex images: what is read is what was written, whatever the flavour."""

from __future__ import annotations

import struct

import numpy as np
import pytest
from terrain_samples import (
    ASCII,
    COMPRESSIONS,
    DOUBLE,
    HEIGHTS,
    RECORD_BYTES,
    SHORT,
    las,
    las_keys,
    las_points,
    survex_3d,
    survex_3d_sample,
    tiff,
    tiff_sample,
)

from subterra.errors import InputError
from subterra.formats import (
    TerrainDefaults,
    read_geotiff,
    read_las,
    read_survex,
    read_survex_3d,
    read_terrain,
)
from subterra.formats.geotiff import geotiff_bytes
from subterra.site import examine
from subterra.tables import TerrainGrid, same_table


def read(write, data, reader=read_geotiff, **said):
    return reader(write(data, "file.bin"), TerrainDefaults(**said))


@pytest.mark.parametrize("order", "<>")
@pytest.mark.parametrize("compression", COMPRESSIONS)
@pytest.mark.parametrize("tile", [None, 16])
@pytest.mark.parametrize("kind", ["f4", "f8", "i2", "u2", "i4"])
def test_every_flavour_gives_the_same_heights(write, order, compression, tile, kind):
    rows = HEIGHTS.astype(kind)
    grid = read(write, tiff(rows, order=order, compression=compression, tile=tile))
    np.testing.assert_array_equal(grid.z_m, rows[::-1].astype(np.float32))
    assert (grid.x0_m, grid.y0_m, grid.dx_m, grid.dy_m) == (400001.0, 5600001.0, 2.0, 2.0)
    assert grid.crs == "EPSG:25833"


@pytest.mark.parametrize(("predictor", "kind"), [(2, "i2"), (2, "f4"), (3, "f4"), (3, "f8")])
def test_predictors(write, predictor, kind):
    rows = HEIGHTS.astype(kind)
    size = rows.dtype.itemsize
    if predictor == 2:
        whole = rows.view(f"u{size}")
        stored = np.diff(whole, axis=1, prepend=whole[:, :1] * 0)
    else:
        planes = rows.astype(f">{kind}").view(np.uint8).reshape(*rows.shape, size)
        flat = planes.transpose(0, 2, 1).reshape(len(rows), -1)
        stored = np.diff(flat, axis=1, prepend=flat[:, :1] * 0).view(f"u{size}")
    data = tiff(stored, compression=8, extra=[(317, SHORT, [predictor]), (339, SHORT, [
        3 if kind[0] == "f" else 2])])  # fmt: skip
    np.testing.assert_array_equal(read(write, data).z_m, rows[::-1].astype(np.float32))


def test_our_own_writer_is_read_back(write):
    rows = np.arange(12.0).reshape(3, 4)
    rows[1, 1] = np.nan
    grid = read(write, geotiff_bytes(rows, 10.0, 20.0, 5.0, 25833))
    np.testing.assert_array_equal(grid.z_m, rows.astype(np.float32))
    assert (grid.x0_m, grid.y0_m) == (12.5, 22.5)


def test_cells_without_a_height_and_what_is_said_of_them(write):
    rows = HEIGHTS.copy()
    rows[0, :2] = -9999.0, -32767.0
    with pytest.raises(InputError, match="nodata=-32767"):
        read(write, tiff(rows))
    grid = read(write, tiff(rows), nodata=-32767.0)
    assert np.isnan(grid.z_m[-1, :2]).all()
    assert len(grid) == rows.size - 2


def test_datum_units_and_where_the_tie_point_is(write):
    keys = [(1024, 0, 1, 1), (1025, 0, 1, 2), (3072, 0, 1, 25833), (4096, 0, 1, 7837)]
    grid = read(write, tiff(HEIGHTS, keys=[*keys, (4099, 0, 1, 9002)]))
    assert grid.vertical == "EPSG:7837"
    assert (grid.x0_m, grid.y0_m) == (400000.0, 5600002.0)
    np.testing.assert_allclose(grid.z_m, HEIGHTS[::-1] * 0.3048, rtol=1e-6)
    feet = [(1024, 0, 1, 1), (3072, 0, 1, 2229)]
    with pytest.raises(InputError, match="unit of its heights is not told"):
        read(write, tiff(HEIGHTS, keys=feet))
    assert read(write, tiff(HEIGHTS, keys=feet), units="us-ft").z_m.max() < 0.31 * HEIGHTS.max()


def test_scale_and_offset_of_gdal(write):
    words = (
        '<GDALMetadata><Item name="OFFSET" sample="0" role="offset">100</Item>'
        '<Item name="SCALE" sample="0" role="scale">0.01</Item></GDALMetadata>'
    )
    grid = read(write, tiff(HEIGHTS.astype("i2"), extra=[(42112, ASCII, words)]))
    np.testing.assert_allclose(grid.z_m, 100 + 0.01 * HEIGHTS.astype("i2")[::-1], rtol=1e-6)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (tiff(HEIGHTS.astype("u1")), "picture"),
        (tiff(HEIGHTS, extra=[(277, SHORT, [3])]), "picture"),
        (tiff(HEIGHTS, extra=[(259, SHORT, [7])]), "compression 7"),
        (tiff(HEIGHTS, extra=[(33550, DOUBLE, None)]), "where it lies"),
        (tiff(HEIGHTS, keys=[(1024, 0, 1, 1), (3072, 0, 1, 32767)]), "no EPSG code"),
        (
            tiff(HEIGHTS, extra=[(33550, DOUBLE, None), (34264, DOUBLE, [2.0, 0.1, *[0.0] * 14])]),
            "rotated",
        ),
        (tiff(HEIGHTS * np.float32(1e6)), "expected heights"),
    ],
)
def test_what_is_no_terrain_is_refused(write, data, words):
    with pytest.raises(InputError, match=words):
        read(write, data)


@pytest.mark.parametrize("point_format", range(11))
def test_every_point_format(write, point_format):
    minor = 2 if point_format < 4 else 3 if point_format < 6 else 4
    x, y, z, kind = las_points()
    table = read(write, las(minor, point_format, records=[las_keys()]), read_las)
    ground = kind == 2
    np.testing.assert_allclose(table.x_m, x[ground], atol=1e-6)
    np.testing.assert_allclose(table.y_m, y[ground], atol=1e-6)
    np.testing.assert_allclose(table.z_m, z[ground], atol=1e-6)
    assert table.crs == "EPSG:25833"
    assert table.remark == "9 ground points of 12"


def test_points_without_classes_are_last_returns_without_noise(write):
    kinds = np.zeros(12, int)
    kinds[3] = 7
    table = read(write, las(kinds=kinds), read_las)
    assert len(table) == 11
    assert "plants and roofs" in table.remark
    with pytest.raises(InputError, match="withheld"):
        read(write, las(flags=0x80), read_las)
    with pytest.raises(InputError, match="withheld"):
        read(write, las(4, 6, flags=0x04), read_las)


def test_well_known_text_gives_plan_and_datum(write):
    pyproj = pytest.importorskip("pyproj")
    text = pyproj.CRS.from_user_input("EPSG:25833+7837").to_wkt().encode() + b"\0"
    record = (b"LASF_Projection", 2112, text)
    table = read(write, las(4, 6, records=[record]), read_las)
    assert (table.crs, table.vertical) == ("EPSG:25833", "DHHN2016 height")


def test_packed_points_are_refused_with_what_unpacks_them(write):
    data = bytearray(las())
    data[104] |= 0x80
    with pytest.raises(InputError, match=r"LAZ.*pdal translate"):
        read(write, bytes(data), read_las)
    assert len(RECORD_BYTES) == 11


def test_the_survex_image_gives_what_the_source_gives(write):
    source = (
        "*begin mine\n*fix 1 171500 51200 70\n"
        "1 2 20.099751 90 -5.710593\n2 . 3 0 0\n2 3 16.109 45.6317 -1.7786\n"
        "*begin top\n*flags surface\n1 2 60.9590 350.5377 3.7623\n*end top\n"
        "*equate top.1 1\n*end mine\n"
    )
    text = read_survex(write(source, "mine.svx"))
    image = read_survex_3d(write(survex_3d_sample(), "mine.3d"))
    assert image.line == text.line == ("mine.1-mine.2", "mine.2-mine.3")
    assert image.crs == "EPSG:27700"
    for name in ("x", "y", "z_m"):
        np.testing.assert_allclose(getattr(image, name), getattr(text, name), atol=0.006)


def test_survex_images_that_are_no_plan_are_refused(write):
    one = [("a", "b", 0, "")], {"a": (0.0, 0.0, 0.0), "b": (1.0, 0.0, 0.0)}
    for data, words in (
        (survex_3d(*one, flags=b"\x80"), "extended elevation"),
        (survex_3d(*one, version=b"v7"), "version v8"),
        (survex_3d([("a", "b", 4, "")], one[1]), "no legs under ground"),
        (survex_3d(*one)[:-1], "cut off"),
        (survex_3d(*one)[:-1] + b"\x25\0", "0x25 is no item"),
    ):
        with pytest.raises(InputError, match=words):
            read_survex_3d(write(data, "x.3d"))
    old = survex_3d(*one, crs="+init=epsg:27700 +no_defs")
    assert read_survex_3d(write(old, "y.3d")).crs == "EPSG:27700"


@pytest.mark.parametrize("data", [tiff_sample(), las(), b"ncols 2\nnrows 1\nxllcorner 0\n"
                                  b"yllcorner 0\ncellsize 5\n1 2\n"])  # fmt: skip
def test_scan_reads_what_the_reader_reads(write, data):
    path = write(data, "ground.dat")
    assert same_table(examine(path).table, read_terrain(path))


def test_bilinear_between_cells_level_at_the_edge_and_nothing_beyond():
    z = np.array([[0.0, 1.0, np.nan], [2.0, 3.0, 4.0]], np.float32)
    grid = TerrainGrid(0.5, 0.5, 1.0, 1.0, z)
    x, y = [0.5, 1.0, 1.25, 0.0, 2.5, 2.0, -0.1], [0.5, 1.0, 1.5, 0.2, 1.5, 1.0, 1.0]
    np.testing.assert_allclose(grid.at(x, y), [0.0, 1.5, 2.75, 0.0, 4.0, np.nan, np.nan])


def test_a_directory_that_points_outside_is_refused(write):
    data = bytearray(tiff(HEIGHTS))
    struct.pack_into("<I", data, 4, 10**9)
    with pytest.raises(InputError, match="behind the end"):
        read(write, bytes(data))
