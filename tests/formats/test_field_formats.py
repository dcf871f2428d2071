"""Instruments' files: what is in them is what comes out, and scanning says what reading does."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from test_reader_battery import HD, dt1_sample, dzt_sample

from subterra.errors import InputError
from subterra.formats import (
    read_abmn,
    read_cg5,
    read_cg6,
    read_dt1,
    read_dzt,
    read_radar_lines,
    read_radar_picks,
    read_stations,
    read_syscal,
    read_terrameter,
    write_radar_lines,
    write_radar_picks,
    write_stations,
)
from subterra.site import examine
from subterra.tables import same_table

SAMPLES = Path(__file__).parent / "samples"


def test_abmn_along_a_line_with_a_remote_electrode():
    table = read_abmn(SAMPLES / "abmn.csv", origin=(100.0, 200.0), rotation_deg=90.0)
    np.testing.assert_allclose(table.electrode_x_m, 100.0)
    np.testing.assert_array_equal(table.electrode_y_m, [200.0, 205.0, 210.0, 215.0, 220.0])
    assert table.abmn.tolist() == [[0, -1, 1, 2], [0, 3, 1, 2], [1, 4, 2, 3]]
    np.testing.assert_array_equal(table.rhoa_ohmm, [120.5, 118.0, 131.0])


def test_abmn_as_numbers_of_electrodes(tmp_path):
    path = tmp_path / "n.csv"
    path.write_text("a,b,m,n,rhoa\n1,0,2,3,10\n1,4,2,3,11\n")
    table = read_abmn(path, spacing=2.5)
    np.testing.assert_array_equal(table.electrode_x_m, [0.0, 2.5, 5.0, 7.5])
    assert table.abmn[0].tolist() == [0, -1, 1, 2]
    path.write_text("a,b,m,n,rhoa\n1,0,2.5,3,10\n")
    with pytest.raises(
        InputError, match=r"expected a number of an electrode, found 2\.5"
    ) as caught:
        read_abmn(path, spacing=2.5)
    assert (caught.value.line, caught.value.column) == (2, 3)


def test_abmn_by_places_turns_resistance_into_resistivity():
    table = read_abmn(SAMPLES / "abmn_places.csv")
    # Wenner of 5 m: 2 pi a R, at one level whatever that level is.
    np.testing.assert_allclose(table.rhoa_ohmm, 2 * np.pi * 5.0 * np.array([3.5, 3.6]))
    np.testing.assert_array_equal(table.electrode_z_m, 1.0)
    assert table.extra == {"note": ("first", "second")}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a,b,m,n,rhoa,r\n0,15,5,10,1,1\n", "found both"),
        ("a,b,m,n,err\n0,15,5,10,1\n", "found neither"),
        ("a,b,m,n,rhoa\n,,5,10,1\n", "both current electrodes are remote"),
        ("a,b,m,n,rhoa\n0,0,5,10,1\n", "same place|twice|one electrode"),
        ("a,b,m,n,rhoa\n0,15,5,10,-3\n", "above 0"),
        ("a,b,m,n,rhoa_ohm\n0,15,5,10,3\n", "rhoa"),
    ],
)
def test_abmn_refuses(tmp_path, text, words):
    path = tmp_path / "bad.csv"
    path.write_text(text)
    with pytest.raises(InputError, match=words):
        read_abmn(path)


def test_syscal():
    table = read_syscal(SAMPLES / "syscal.txt")
    np.testing.assert_array_equal(table.rhoa_ohmm, [101.3, 99.8])
    np.testing.assert_array_equal(table.electrode_x_m, [0.0, 2.0, 4.0, 6.0, 8.0])
    # A, B, M, N are Spa.1 to Spa.4, and a deviation of 0 is the smallest that can be.
    assert table.abmn[0].tolist() == [1, 0, 2, 3]
    np.testing.assert_allclose(table.err_relative, [0.004, 0.001])
    blanks = read_syscal(SAMPLES / "syscal_blanks.txt")
    assert blanks.abmn[1].tolist()[1] == -1
    np.testing.assert_array_equal(blanks.rhoa_ohmm, [25.08, 27.1])


def test_syscal_without_resistivity_takes_voltage_over_current(tmp_path):
    path = tmp_path / "s.csv"
    path.write_text("Spa.1,Spa.2,Spa.3,Spa.4,Vp,In\n0,6,2,4,100,50\n")
    assert read_syscal(path).rhoa_ohmm[0] == pytest.approx(2 * np.pi * 2.0 * 2.0)
    path.write_text("Spa.1,Spa.2,Spa.3,Spa.4,Vp,In\n0,6,2,4,100,0\n")
    with pytest.raises(InputError, match="found 0"):
        read_syscal(path)


def test_terrameter():
    table = read_terrameter(SAMPLES / "terrameter.txt", spacing=2.0)
    assert table.electrode_x_m[table.abmn[0]].tolist() == [16.0, 40.0, 24.0, 32.0]
    assert table.electrode_z_m is None
    np.testing.assert_array_equal(table.electrode_y_m, 0.0)
    np.testing.assert_array_equal(table.rhoa_ohmm, [23.17, 23.42])
    np.testing.assert_allclose(table.err_relative, [0.00196, 0.002])


def test_cg5():
    table = read_cg5(SAMPLES / "cg5.txt")
    assert table.station == ("1", "2", "3", "1", "2")
    assert table.time[0] == "2026-02-18T06:46:56+00:00"
    np.testing.assert_allclose(table.g_ugal[:2], [4859905.0, 4859604.0])
    np.testing.assert_allclose(table.tide_ugal[:2], -94.0)
    assert (table.latitude_deg, table.longitude_deg) == (50.6, 13.2)
    assert table.sd_ugal[0] == pytest.approx(38.0 / np.sqrt(60.0))
    assert table.x_m is None
    with pytest.raises(InputError, match="one for each of 5 readings, found 2"):
        read_cg5(SAMPLES / "cg5.txt", names=("P0", "P1"))


def test_cg5_grid_of_lines_and_stations(tmp_path):
    text = (SAMPLES / "cg5.txt").read_text()
    lettered = text.replace(" 0.0000000   1.0000000 ", " 10.00E 5.00N ")
    lettered = lettered.replace(" 0.0000000   2.0000000 ", " 20.00W 5.00S ")
    lettered = lettered.replace(" 0.0000000   3.0000000 ", " 30.00E 15.00N ")
    path = tmp_path / "grid.txt"
    path.write_text(lettered)
    table = read_cg5(path, origin=(1000.0, 0.0))
    np.testing.assert_allclose(table.x_m[:3], [1010.0, 980.0, 1030.0])
    np.testing.assert_allclose(table.y_m[:3], [5.0, -5.0, 15.0])
    assert table.station[0] == table.station[3] != table.station[1]


def test_cg5_with_its_tide_switched_off(tmp_path):
    path = tmp_path / "off.txt"
    path.write_text(
        (SAMPLES / "cg5.txt").read_text().replace("Correction:    YES", "Correction: NO")
    )
    assert not read_cg5(path).tide_ugal.any()


def test_cg6():
    table = read_cg6(SAMPLES / "cg6.txt")
    assert table.station == ("A1", "A2", "A1")
    np.testing.assert_allclose(table.g_ugal, [3120123.4, 3120003.4, 3120127.4])
    np.testing.assert_allclose(table.tide_ugal, [-94.0, -93.0, -92.0])
    assert table.latitude_deg == 50.6


def test_dzt_and_its_channels(tmp_path):
    path = tmp_path / "a.DZT"
    for bits in (8, 16, 32):
        path.write_bytes(dzt_sample(bits))
        table = read_dzt(path)
        np.testing.assert_array_equal(table.amplitude.ravel(), np.arange(40))
        np.testing.assert_allclose(table.along_m, np.arange(5) / 50.0)
        np.testing.assert_allclose(table.time_ns[[0, -1]], [-2.0, 46.0])
    path.write_bytes(dzt_sample(16, 2))
    second = read_dzt(path, channel=2)
    np.testing.assert_array_equal(second.amplitude[0], np.arange(8, 16))
    with pytest.raises(InputError, match="channel 3 is not among its 2"):
        read_dzt(path, channel=3)
    path.write_bytes(dzt_sample()[:-3])
    with pytest.raises(InputError, match="cut off"):
        read_dzt(path)


def test_dt1_in_feet(tmp_path):
    path = tmp_path / "a.DT1"
    path.write_bytes(dt1_sample())
    with pytest.raises(InputError, match="not beside it"):
        read_dt1(path)
    path.with_suffix(".HD").write_text(HD)
    table = read_dt1(path)
    np.testing.assert_allclose(table.along_m, np.array([0.0, 2.0, 4.0]) * 0.3048)
    np.testing.assert_allclose(table.time_ns, [-10.0, 0.0, 10.0, 20.0])
    np.testing.assert_array_equal(table.amplitude[2], [20, 21, 22, 23])
    assert table.separation_m == pytest.approx(0.9144)
    path.with_suffix(".HD").write_text(HD.replace("ft", "chains"))
    with pytest.raises(InputError, match="expected m or ft, found 'chains'"):
        read_dt1(path)


@pytest.mark.field
def test_real_radargrams():
    folder = Path(os.environ.get("SUBTERRA_DATA", "")) / "gpr_gprpy_examples/gprpy/exampledata"
    if not os.environ.get("SUBTERRA_DATA") or not folder.is_dir():
        pytest.skip("radargrams are found through SUBTERRA_DATA, which is not set")
    gssi = read_dzt(folder / "GSSI/FILE____032.DZT")
    assert gssi.amplitude.shape == (1040, 512)
    assert gssi.along_m[-1] == pytest.approx(20.78)
    assert abs(gssi.amplitude.mean()) < 0.1 * gssi.amplitude.std()
    line = read_dt1(folder / "SnS/ComOffs/XLINE00.DT1")
    assert line.amplitude.shape == (531, 1500)
    assert line.along_m[-1] == pytest.approx(1060.0 * 0.3048)
    # The direct wave through the air arrives when the file says that time begins.
    onset = line.time_ns[np.argmax(np.abs(line.amplitude).mean(axis=0))]
    assert -5.0 < onset < 40.0
    assert read_dt1(folder / "SnS/WARR/XLINE00.DT1").along_m[-1] == pytest.approx(16.3)


def test_picks_in_time_become_depths():
    table = read_radar_picks(SAMPLES / "radar_picks_time.csv")
    assert table.depth_m[0] == pytest.approx(3.1)
    assert table.depth_sd_m[0] == pytest.approx(0.5 * np.hypot(0.1 * 1.0, 62.0 * 0.01))


@pytest.mark.parametrize(
    ("name", "read", "write"),
    [
        ("stations.csv", read_stations, write_stations),
        ("radar_lines.csv", read_radar_lines, write_radar_lines),
        ("radar_picks.csv", read_radar_picks, write_radar_picks),
    ],
)
def test_round_trips(tmp_path, name, read, write):
    table = read(SAMPLES / name)
    write(table, tmp_path / name)
    assert same_table(read(tmp_path / name), table)


FORMATS = {
    "cg5.txt": ("gravity-readings", "cg5", read_cg5),
    "cg6.txt": ("gravity-readings", "cg6", read_cg6),
    "stations.csv": ("gravity-stations", "stations-csv", read_stations),
    "abmn.csv": ("resistivity", "abmn-csv", read_abmn),
    "abmn_places.csv": ("resistivity", "abmn-csv", read_abmn),
    "syscal.txt": ("resistivity", "syscal", read_syscal),
    "syscal_blanks.txt": ("resistivity", "syscal", read_syscal),
    "terrameter.txt": ("resistivity", "terrameter", read_terrameter),
    "radar_lines.csv": ("radar-lines", "radar-lines-csv", read_radar_lines),
    "radar_picks.csv": ("radar-picks", "radar-picks-csv", read_radar_picks),
}


@pytest.mark.parametrize("name", FORMATS)
def test_scanning_says_what_reading_does(name):
    kind, file_format, read = FORMATS[name]
    seen = examine(SAMPLES / name)
    assert (seen.kind.name, seen.format.name) == (kind, file_format)
    assert same_table(seen.table, read(SAMPLES / name))
    assert seen.what.startswith(f"{len(seen.table)} ")
