"""Every reader passes the battery; the battery fails bad readers."""

from __future__ import annotations

import os
import struct
import time
import warnings
from pathlib import Path

import numpy as np
import pytest
from terrain_samples import las, las_keys, survex_3d_sample, tiff_sample

from subterra.errors import InputError
from subterra.formats import (
    read_abmn,
    read_ags4,
    read_boreholes,
    read_centreline_csv,
    read_cg5,
    read_cg6,
    read_control_points,
    read_cw_radar,
    read_dt1,
    read_dzt,
    read_geotiff,
    read_gradient,
    read_gravity,
    read_grid_control,
    read_hole_surveys,
    read_intervals,
    read_kml_lines,
    read_las,
    read_map_dxf,
    read_map_geojson,
    read_radar_lines,
    read_radar_picks,
    read_reports,
    read_res2dinv,
    read_signs,
    read_sources,
    read_stations,
    read_survex,
    read_survex_3d,
    read_syscal,
    read_terrain,
    read_terrameter,
    read_traveltime,
    read_unified,
    sniff_abmn,
    sniff_ags4,
    sniff_boreholes,
    sniff_cg5,
    sniff_cg6,
    sniff_control_points,
    sniff_cw_radar,
    sniff_geotiff,
    sniff_gradient,
    sniff_gravity,
    sniff_hole_surveys,
    sniff_intervals,
    sniff_las,
    sniff_map_dxf,
    sniff_map_geojson,
    sniff_radar_lines,
    sniff_radar_picks,
    sniff_reports,
    sniff_res2dinv,
    sniff_signs,
    sniff_sources,
    sniff_stations,
    sniff_syscal,
    sniff_terrain_text,
    sniff_terrameter,
    sniff_traveltime,
    sniff_unified,
)
from subterra.formats.geotiff import geotiff_bytes
from subterra.testing.readers import check_reader

SAMPLES = Path(__file__).parent / "samples"

READERS = {
    "gravity.csv": read_gravity,
    "gradient.csv": read_gradient,
    "boreholes.csv": read_boreholes,
    "hole_surveys.csv": read_hole_surveys,
    "intervals.csv": read_intervals,
    "ags4.ags": read_ags4,
    "reports.csv": read_reports,
    "signs.csv": read_signs,
    "sources.csv": read_sources,
    "traveltime.csv": read_traveltime,
    "cw_radar.csv": read_cw_radar,
    "unified.ohm": read_unified,
    "unified_voltages.ohm": read_unified,
    "res2dinv_general.dat": read_res2dinv,
    "res2dinv_errors.dat": read_res2dinv,
    "res2dinv_wenner.dat": read_res2dinv,
    "map_geojson.geojson": read_map_geojson,
    "map_dxf.dxf": read_map_dxf,
    "map_control.csv": read_control_points,
    "control.csv": read_grid_control,
    "mine.svx": read_survex,
    "centreline.csv": read_centreline_csv,
    "lines.kml": read_kml_lines,
    "grid.asc": read_terrain,
    "points.xyz": read_terrain,
    "cg5.txt": read_cg5,
    "cg6.txt": read_cg6,
    "stations.csv": read_stations,
    "abmn.csv": read_abmn,
    "abmn_places.csv": read_abmn,
    "syscal.txt": read_syscal,
    "syscal_blanks.txt": read_syscal,
    "terrameter.txt": read_terrameter,
    "radar_lines.csv": read_radar_lines,
    "radar_picks.csv": read_radar_picks,
    "radar_picks_time.csv": read_radar_picks,
}
BINARY = {
    "terrain.tif": (read_geotiff, tiff_sample()),
    "strips.tif": (
        read_geotiff,
        geotiff_bytes(np.arange(42.0).reshape(6, 7), 400000.0, 5600000.0, 2.0, 25833),
    ),
    "ground.las": (read_las, las(2, 1, records=[las_keys()])),
    "ground14.las": (read_las, las(4, 6)),
    "mine.3d": (read_survex_3d, survex_3d_sample()),
}
"""Readers of binary files with samples that are made here."""
SNIFFERS = {
    "gravity": sniff_gravity,
    "gradient": sniff_gradient,
    "boreholes": sniff_boreholes,
    "hole_surveys": sniff_hole_surveys,
    "intervals": sniff_intervals,
    "ags4": sniff_ags4,
    "reports": sniff_reports,
    "signs": sniff_signs,
    "sources": sniff_sources,
    "traveltime": sniff_traveltime,
    "cw_radar": sniff_cw_radar,
    "unified": sniff_unified,
    "res2dinv": sniff_res2dinv,
    "map_geojson": sniff_map_geojson,
    "map_dxf": sniff_map_dxf,
    "map_control": sniff_control_points,
    "cg5": sniff_cg5,
    "cg6": sniff_cg6,
    "stations": sniff_stations,
    "abmn": sniff_abmn,
    "syscal": sniff_syscal,
    "terrameter": sniff_terrameter,
    "radar_lines": sniff_radar_lines,
    "radar_picks": sniff_radar_picks,
    "grid": sniff_terrain_text,
    "terrain.tif": sniff_geotiff,
    "ground.las": sniff_las,
}


# SUBTERRA_MUTATIONS=10000 pytest tests/formats/test_reader_battery.py
MUTATIONS = int(os.environ.get("SUBTERRA_MUTATIONS", "300"))


@pytest.mark.parametrize("name", READERS)
def test_reader(name):
    sample = SAMPLES / name
    data = sample.read_bytes()
    check_reader(READERS[name], data, sample.suffix, mutations=MUTATIONS, seed=1)


def dzt_sample(bits=16, n_channels=1):
    """Five scans of eight samples, as a recorder writes them."""
    head = bytearray(1024 * n_channels)
    struct.pack_into("<HHHHh", head, 0, 0xFF, 1024, 8, bits, 0)
    struct.pack_into("<5f", head, 10, 100.0, 50.0, 0.5, -2.0, 48.0)
    struct.pack_into("<H", head, 52, n_channels)
    kind = {8: "<u1", 16: "<u2", 32: "<i4"}[bits]
    zero = 0 if bits == 32 else 2 ** (bits - 1)
    return bytes(head) + (zero + np.arange(40 * n_channels) % 100).astype(kind).tobytes()


def dt1_sample():
    """Three traces of four samples."""
    out = b""
    for k in range(3):
        head = np.zeros(25, "<f4")
        head[:6] = (k + 1, 2.0 * k, 4, 0, 0, 2)
        out += head.tobytes() + bytes(28) + (np.arange(4) + 10 * k).astype("<i2").tobytes()
    return out


HD = (
    "1234\nNUMBER OF PTS/TRC  = 4\nTIMEZERO AT POINT  = 2.0\nTOTAL TIME WINDOW  = 40.0\n"
    "POSITION UNITS     = ft\nNOMINAL FREQUENCY  = 50.00\nANTENNA SEPARATION = 3.0\n"
)


@pytest.mark.parametrize("bits", [8, 16, 32])
def test_dzt(bits):
    check_reader(read_dzt, dzt_sample(bits), ".DZT", mutations=MUTATIONS, seed=1, text=False)


def test_dt1(tmp_path):
    head = tmp_path / "line.HD"
    head.write_text(HD)

    def read(path):
        return read_dt1(path, header=head)

    check_reader(read, dt1_sample(), ".DT1", mutations=MUTATIONS, seed=1, text=False)


def test_the_header_of_a_dt1_is_read_with_the_same_care(tmp_path):
    traces = tmp_path / "line.DT1"
    traces.write_bytes(dt1_sample())

    def read(path):
        try:
            return read_dt1(traces, header=path)
        except InputError as error:
            # What does not fit the traces is said of these.
            raise InputError(error.problem, path=path, line=error.line) from error

    check_reader(read, HD.encode(), ".HD", mutations=MUTATIONS, seed=1)


@pytest.mark.parametrize("name", BINARY)
def test_binary_terrain_and_surveys(name):
    read, sample = BINARY[name]
    suffix = Path(name).suffix
    check_reader(read, sample, suffix, mutations=MUTATIONS, seed=1, text=False)


def good(path):
    """Refuse everything but one file, as the best reader would."""
    try:
        data = path.read_bytes() if path.is_file() and path.stat().st_size < 10**6 else b""
    except OSError:
        data = b""
    plain = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n").removeprefix(b"\xef\xbb\xbf")
    if plain.rstrip(b"\x1a\n") != b"12":
        problem = "not the file"
        raise InputError(problem, path=path)
    return "table"


def crashes(path):
    table = good(path) if path.exists() else None
    return table if table is not None else path.read_bytes()


def accepts_all(path):
    return "table" if path.is_file() else good(path)


def warns(path):
    if not path.exists():
        warnings.warn("where is it?", stacklevel=1)
    return good(path)


def hangs(path):
    if not path.exists():
        time.sleep(3)
    return good(path)


def forgets_the_file(path):
    try:
        return good(path)
    except InputError as error:
        raise InputError(error.problem) from None


def changes_the_file(path):
    if path.is_file() and path.stat().st_size == 3:
        path.write_bytes(b"12")
    return good(path)


def test_the_battery_passes_a_good_reader():
    check_reader(good, b"12\n", ".x", mutations=20, seconds=1)


@pytest.mark.parametrize(
    ("read", "words"),
    [
        (crashes, "FileNotFoundError instead of InputError"),
        (accepts_all, "read without complaint"),
        (warns, "UserWarning"),
        (hangs, "no end after"),
        (forgets_the_file, "does not name the file"),
        (changes_the_file, "changed the file"),
        (lambda path: good(path) and time.monotonic(), "differently"),
    ],
)
def test_the_battery_fails_a_bad_reader(read, words):
    with pytest.raises(AssertionError, match=words):
        check_reader(read, b"12\n", ".x", mutations=20, seconds=1)


@pytest.mark.parametrize("sniffer", SNIFFERS)
@pytest.mark.parametrize("name", READERS)
def test_each_file_is_recognised_by_its_own_sniffer_only(sniffer, name):
    sample = (SAMPLES / name).read_bytes()
    for head in (sample, sample[:200], b"\xef\xbb\xbf" + sample, sample.replace(b"\n", b"\r\n")):
        assert SNIFFERS[sniffer](head) == name.startswith(sniffer)


@pytest.mark.parametrize("sniffer", SNIFFERS)
@pytest.mark.parametrize("name", BINARY)
def test_each_binary_file_is_recognised_by_its_own_sniffer_only(sniffer, name):
    head = BINARY[name][1][:4096]
    own = {".tif": sniff_geotiff, ".las": sniff_las}.get(Path(name).suffix)
    assert SNIFFERS[sniffer](head) == (SNIFFERS[sniffer] is own)


@pytest.mark.parametrize("sniffer", SNIFFERS)
@pytest.mark.parametrize(
    "head",
    [b"", b"\n", bytes(100), b"\xff\xfe1\x00\n\x00", b"\x89PNG\r\n\x1a\n", b"hello\nworld\n"],
)
def test_sniffers_say_no_to_anything_else(sniffer, head):
    assert SNIFFERS[sniffer](head) is False
