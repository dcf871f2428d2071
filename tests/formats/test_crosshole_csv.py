"""Travel times and continuous-wave levels: units, media, round trips."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from subterra.errors import InputError
from subterra.formats import (
    read_cw_radar,
    read_traveltime,
    sniff_traveltime,
    write_cw_radar,
    write_traveltime,
)
from subterra.tables import CwRadarTable, RowError, TravelTimeTable, same_table

HEAD = "sx,sy,sz,rx,ry,rz"
ROW = "0,0,-2,15,0,-2"


@pytest.fixture
def given(tmp_path):
    def write(text):
        path = tmp_path / "picks.csv"
        path.write_text(text)
        return path

    return write


@pytest.mark.parametrize(
    ("column", "value", "medium", "seconds"),
    [
        ("time_ns", "130", "radar", 130e-9),
        ("time_ms", "3.5", "seismic", 3.5e-3),
        ("time_us", "3500", "seismic", 3.5e-3),
        ("time_s", "0.0035", "seismic", 3.5e-3),
    ],
)
def test_the_unit_tells_the_medium(given, column, value, medium, seconds):
    table = read_traveltime(given(f"{HEAD},{column}\n{ROW},{value}\n"))
    assert (table.medium, f"time_{table.unit}") == (medium, column)
    assert table.time[0] == pytest.approx(seconds * {"ns": 1e9, "ms": 1e3, "us": 1e6, "s": 1}
                                          [table.unit])  # fmt: skip


def test_the_medium_may_be_said_in_the_file_or_by_option(given):
    text = f"{HEAD},time_us,medium\n{ROW},0.13,radar\n"
    assert read_traveltime(given(text)).medium == "radar"
    plain = f"{HEAD},time_us\n{ROW},0.13\n"
    assert read_traveltime(given(plain), medium="radar").medium == "radar"
    with pytest.raises(InputError, match=r"line 2, column 8: .*expected seismic on every row"):
        read_traveltime(given(text), medium="seismic")


@pytest.mark.parametrize(
    ("columns", "values", "words"),
    [
        ("time_ms", "130", r"0.115 km/s, no seismic wave .* would do as time_ns of radar"),
        ("time_ns", "3500", r"no radar wave .* would do as time_us of seismic"),
        ("time_ns", "0.13", r"115 m/ns, no radar wave .* as time_us of radar"),
        ("time_s", "3.5", r"time_ms of seismic"),
        ("time_ns,time_ms", "130,130", "expected one column of times .* found time_ns and time_ms"),
        ("time_ns,sd_ms", "130,1", "found column 'sd_ms', expected 'sd_ns'"),
        ("time", "130", "found column 'time', expected 'time_ns'"),
        ("pick", "130", "expected one column of times .* found none"),
        ("time_ns", "-130", "line 2, column 7: time_ns: expected a number above 0"),
        ("time_ns,medium", "130,air", "unknown 'air'; expected one of radar, seismic"),
    ],
)
def test_what_is_refused(given, columns, values, words):
    with pytest.raises(InputError, match=words):
        read_traveltime(given(f"{HEAD},{columns}\n{ROW},{values}\n"))


def test_one_wild_pick_is_named(given):
    rows = "".join(f"{ROW},{t}\n" for t in (130, 131, 5000, 129))
    with pytest.raises(InputError, match=r"line 4, column 7: .*5000 ns over 15 m is 0.003 m/ns"):
        read_traveltime(given(f"{HEAD},time_ns\n{rows}"))


def test_feet_are_refused(given):
    with pytest.raises(InputError, match="found column 'sz_ft', expected 'sz'"):
        read_traveltime(given(f"{HEAD.replace('sz', 'sz_ft')},time_ns\n{ROW},130\n"))


def test_source_and_receiver_in_one_place_are_refused(given):
    with pytest.raises(InputError, match=r"line 2.*source and receiver within a centimetre"):
        read_traveltime(given(f"{HEAD},time_ns\n0,0,-2,0,0,-2,130\n"))


def test_round_trips(tmp_path):
    n = 5
    ends = [np.linspace(k, k + 1, n) for k in (0.1, 1.3, -9.7, 15.2, 1.4, -8.0)]
    times = TravelTimeTable(
        "radar", "us", *ends, np.linspace(0.13, 0.14, n), np.full(n, 1e-3), np.full(n, 9.9e7),
        tuple("AAABB"), tuple("12345"), {"note": ("a", "", "b,c", "d", "e")},
    )  # fmt: skip
    for table in (times, replace(times, sd=None, panel=None, shot=None, frequency_hz=None)):
        write_traveltime(table, tmp_path / "t.csv")
        assert same_table(read_traveltime(tmp_path / "t.csv"), table)
        assert sniff_traveltime((tmp_path / "t.csv").read_bytes())
    levels = CwRadarTable(*ends, np.full(n, 50.0), np.linspace(-60, -70, n), np.full(n, 0.7))
    write_cw_radar(levels, tmp_path / "l.csv")
    assert same_table(read_cw_radar(tmp_path / "l.csv"), levels)


def test_a_table_from_arrays_says_field_and_row():
    ends = [np.zeros(2), np.zeros(2), np.zeros(2), np.full(2, 15.0), np.zeros(2), np.zeros(2)]
    with pytest.raises(RowError, match="time_ns: the median apparent speed"):
        TravelTimeTable("radar", "ns", *ends, np.array([5000.0, 5000.0]))
    with pytest.raises(RowError, match="unit: unknown 'ps'"):
        TravelTimeTable("radar", "ps", *ends, np.array([130.0, 130.0]))
    with pytest.raises(RowError, match="medium: unknown 'sonar'"):
        TravelTimeTable("sonar", "ms", *ends, np.array([130.0, 130.0]))
    with pytest.raises(RowError, match=r"frequency_mhz\[0\]"):
        CwRadarTable(*ends, np.array([5e7, 50.0]), np.zeros(2))
