"""CSV: names, units, optional and extra columns, delimiters, places of errors."""

from __future__ import annotations

import numpy as np
import pytest

from subterra.errors import InputError
from subterra.formats import read_boreholes, read_gravity, read_intervals, read_reports
from subterra.formats.csv_table import read_csv
from subterra.tables import BoreholeTable

GRAVITY = "station,x,y,g_ugal\nA,1,2,-3.5\nB,4,5,6\n"
REPORTED = "id,source,reliability,credibility,origin,x,y,sd_m"
REPORT = REPORTED + "{}\nr1,s,A,1,o,1,2,3{}\n"
COLLAR = "hole,x,y,azimuth_deg,inclination_deg,length_m"
COLLARS = COLLAR + "\nH1,0,0,0,90,10\n"


def refusal(read, path):
    with pytest.raises(InputError) as caught:
        read(path)
    return caught.value


def test_gravity_without_options(write):
    table = read_gravity(write(GRAVITY))
    assert table.station == ("A", "B")
    np.testing.assert_array_equal(table.x_m, [1.0, 4.0])
    np.testing.assert_array_equal(table.y_m, [2.0, 5.0])
    np.testing.assert_array_equal(table.g_ugal, [-3.5, 6.0])
    assert (table.z_m, table.sd_ugal, table.loop, table.time) == (None,) * 4
    assert dict(table.extra) == {}


def test_order_is_free_and_extra_columns_are_kept_in_theirs(write):
    table = read_gravity(
        write("crew,g_ugal,y,time,x,note,station,z\nme,-3.5,2,09:00,1, hi ,A,7\n,1,2,,1,,B,8\n")
    )
    assert list(table.extra.items()) == [("crew", ("me", "")), ("note", ("hi", ""))]
    assert table.time == ("09:00", "")
    np.testing.assert_array_equal(table.z_m, [7.0, 8.0])


def test_spaces_blank_lines_and_quotes(write):
    table = read_gravity(write('\n station , x,y ,g_ugal\n\n"A ""1"", x", 1 ,2,-3.5\n,,,\n'))
    assert table.station == ('A "1", x',)
    assert table.x_m[0] == 1.0


@pytest.mark.parametrize("delimiter", [";", "\t"])
def test_other_delimiters_when_only_they_give_the_columns(write, delimiter):
    table = read_gravity(write(GRAVITY.replace(",", delimiter)))
    np.testing.assert_array_equal(table.g_ugal, [-3.5, 6.0])


def test_a_comma_in_a_semicolon_header_does_not_hide_the_delimiter(write):
    table = read_gravity(write("station;x;y;g_ugal;note, free\nA;1;2;3;ok, fine\n"))
    assert table.extra["note, free"] == ("ok, fine",)


def test_a_decimal_comma_is_named(write):
    error = refusal(read_gravity, write("station;x;y;g_ugal\nA;1;2;-3,5\n"))
    assert (error.line, error.column) == (2, 4)
    assert "decimals with a point" in error.problem


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        ("g_mgal", "g_ugal"),
        ("g_mGal", "g_ugal"),
        ("g_uGal", "g_ugal"),
        ("g_µGal", "g_ugal"),
        ("g", "g_ugal"),
        ("sd_mgal", "sd_ugal"),
        ("sd", "sd_ugal"),
        ("z_ft", "z"),
        ("Z", "z"),
    ],
)
def test_a_column_in_a_wrong_unit_is_named_with_the_right_one(write, found, expected):
    known = "station,x,y" if expected == "g_ugal" else "station,x,y,g_ugal"
    row = "A" + ",1" * (known.count(",") + 1)
    error = refusal(read_gravity, write(f"{known},{found}\n{row}\n"))
    assert error.problem == f"found column '{found}', expected '{expected}'"
    assert (error.line, error.column) == (1, known.count(",") + 2)


@pytest.mark.parametrize(
    ("read", "header", "found", "expected"),
    [
        (read_gravity, "station,x_ft,y,g_ugal", "x_ft", "x"),
        (read_boreholes, COLLAR.replace("_deg", "_rad", 1), "azimuth_rad", "azimuth_deg"),
        (read_boreholes, COLLAR.replace("length_m", "length_ft"), "length_ft", "length_m"),
        (read_intervals, "hole,from_ft,to_ft,log", "from_ft", "from_m"),
        (read_intervals, "hole,from,to,log", "from", "from_m"),
        (read_reports, REPORTED + ",depth_ft,depth_sd_m", "depth_ft", "depth_m"),
        (read_reports, REPORTED + ",heading,heading_sd_deg", "heading", "heading_deg"),
        (read_reports, REPORTED + ",depth_sd_ft", "depth_sd_ft", "depth_sd_m"),
    ],
)
def test_wrong_units_of_all_readers(write, read, header, found, expected):
    error = refusal(read, write(header + "\n"))
    assert error.problem == f"found column '{found}', expected '{expected}'"
    assert (error.line, error.column) == (1, header.split(",").index(found) + 1)


def test_a_second_unit_beside_the_right_one_is_an_extra_column(write):
    table = read_gravity(write("station,x,y,g_ugal,g_mgal\nA,1,2,-3.5,-0.0035\n"))
    assert table.extra["g_mgal"] == ("-0.0035",)


def test_words_that_only_resemble_a_unit_are_extra_columns(write):
    table = read_gravity(write("station,x,y,g_ugal,x_local,g_raw,time_s\nA,1,2,3,4,5,6\n"))
    assert set(table.extra) == {"x_local", "g_raw", "time_s"}


@pytest.mark.parametrize(
    ("text", "line", "column", "words"),
    [
        ("station,x,g_ugal\nA,1,2\n", 1, None, "missing column y"),
        ("station,x\nA,1\n", 1, None, "missing columns y, g_ugal"),
        ("station,x,y,g_ugal,x\nA,1,2,3,4\n", 1, 5, "column 'x' is given twice"),
        ("station,x,y,g_ugal,\nA,1,2,3,4\n", 1, 5, "has no name"),
        (GRAVITY + "C,1,2\n", 4, None, "expected 4 fields as in the header, found 3"),
        (GRAVITY + "\n\nC,1,2,3,4\n", 6, None, "found 5"),
        (GRAVITY + "C,1,2,nan\n", 4, 4, "g_ugal: expected a number, found 'nan'"),
        (GRAVITY + "C,-inf,2,1\n", 4, 2, "x: expected a number, found '-inf'"),
        (GRAVITY + "C,1,2,\n", 4, 4, "found nothing"),
        (GRAVITY + "C,1,2,1e400\n", 4, 4, "expected a number"),
        (GRAVITY + "C,1_0,2,1\n", 4, 2, "expected a number"),
        (GRAVITY + "C,1,\uff12,1\n", 4, 3, "expected a number"),
        (GRAVITY + "C,\u22121,2,1\n", 4, 2, "write minus as '-'"),
        (GRAVITY + "C,1,2,0x10\n", 4, 4, "expected a number"),
        (GRAVITY + "C,1e9,2,0\n", 4, 2, "x: expected a number from -1e+08 to 1e+08, found 1e+09"),
        (GRAVITY + ",1,2,0\n", 4, 1, "station: expected a text"),
        (GRAVITY + '"C\nD",1,2,x\n', 4, 4, "expected a number"),
        (GRAVITY + '"C,1,2,0\n', 4, None, "not a comma-separated table"),
        (GRAVITY + '"C"x,1,2,0\n', 4, None, "not a comma-separated table"),
        ("station,x,y,g_ugal\n", 1, None, "no data rows"),
        ("station,x,y,g_ugal\n\n,,,\n", 1, None, "no data rows"),
        ("station,x,y,g_ugal,sd_ugal\nA,1,2,3,0\n", 2, 5, "sd_ugal: expected a number above 0"),
    ],
)
def test_the_place_of_an_error_is_said(write, text, line, column, words):
    path = write(text)
    error = refusal(read_gravity, path)
    assert (error.path, error.line, error.column) == (str(path), line, column)
    assert words in error.problem


@pytest.mark.parametrize("name", ["z", "sd_ugal"])
def test_a_column_given_for_some_rows_only_is_refused(write, name):
    text = f"station,x,y,g_ugal,{name}\nA,1,2,3,7\nB,1,2,3,\n"
    error = refusal(read_gravity, write(text))
    assert (error.line, error.column) == (3, 5)
    assert f"{name} is missing here but given on line 2" in error.problem


def test_a_column_that_is_blank_throughout_counts_as_absent(write):
    table = read_gravity(write("station,x,y,z,g_ugal\nA,1,2,,3\nB,1,2,,3\n"))
    assert table.z_m is None


def test_rows_are_limited(write):
    path = write("a\n1\n2\n3\n")
    assert len(read_csv(path, ["a"], max_rows=3).lines) == 3
    with pytest.raises(InputError, match=r"line 4: expected at most 2 rows"):
        read_csv(path, ["a"], max_rows=2)


def test_size_is_limited(write):
    with pytest.raises(InputError, match="at most 20"):
        read_gravity(write(GRAVITY), max_bytes=20)


def test_boreholes(write):
    table = read_boreholes(
        write("hole,x,y,z,azimuth_deg,inclination_deg,length_m\nH1,1,2,3,350,-45.5,12\n")
    )
    assert table.hole == ("H1",)
    found = [table.x_m, table.y_m, table.z_m, table.azimuth_deg, table.inclination_deg]
    assert [column[0] for column in (*found, table.length_m)] == [1, 2, 3, 350, -45.5, 12]


def test_a_hole_given_twice(write):
    error = refusal(read_boreholes, write(COLLARS + "H1,0,0,0,90,10\n"))
    assert (error.line, error.column, error.problem) == (3, 1, "hole: hole 'H1' is given twice")


def test_unknown_log_words_are_listed(write):
    text = "hole,from_m,to_m,log\nH1,0,1,intact\nH1,1,2,cavity\nH1,2,3,rubble\n"
    error = refusal(read_intervals, write(text))
    assert (error.line, error.column) == (3, 4)
    assert (
        "unknown 'cavity', 'rubble'; expected one of void, intact, unknown, rod drop"
        in error.problem
    )


@pytest.mark.parametrize(
    ("rows", "line", "column", "words"),
    [
        ("H1,0,5,intact\nH2,0,1,void\n", 3, 1, "'H2' has no collar"),
        ("H1,5,11,intact\n", 2, 3, "beyond the end of hole 'H1', which is 10 m long"),
        ("H1,0,5,intact\nH1,4,6,void\n", 3, 2, "overlaps"),
        ("H1,5,5,intact\n", 2, 3, "expected more than from_m = 5"),
        ("H1,-1,5,intact\n", 2, 2, "at least 0|from 0"),
    ],
)
def test_intervals_are_checked_against_their_collars(write, rows, line, column, words):
    collars = read_boreholes(write(COLLARS, "collars.csv"))
    assert isinstance(collars, BoreholeTable)
    path = write("hole,from_m,to_m,log\n" + rows)
    error = refusal(lambda path: read_intervals(path, collars=collars), path)
    assert (error.path, error.line, error.column) == (str(path), line, column)
    assert any(word in error.problem for word in words.split("|"))


def test_reports_have_defaults(write):
    table = read_reports(write(REPORT.format("", "")))
    assert table.kind == ("tunnel",)
    assert table.date == table.text == ("",)
    assert np.isnan([table.heading_deg[0], table.heading_sd_deg[0]]).all()
    assert np.isnan([table.depth_m[0], table.depth_sd_m[0]]).all()
    assert table.credibility.dtype == np.int32


def test_reports_in_full(write):
    table = read_reports(
        write(
            REPORT.format(
                ",kind,heading_deg,heading_sd_deg,depth_m,depth_sd_m,date,text",
                ',entrance,75,15,4,1.5,2024,"heard, at night"',
            )
        )
    )
    assert table.kind == ("entrance",)
    assert (table.heading_deg[0], table.heading_sd_deg[0]) == (75.0, 15.0)
    assert (table.depth_m[0], table.depth_sd_m[0]) == (4.0, 1.5)
    assert (table.date, table.text) == (("2024",), ("heard, at night",))


@pytest.mark.parametrize(
    ("header", "cells", "column", "words"),
    [
        (",kind", ",cave", 9, "unknown 'cave'; expected one of tunnel, entrance"),
        (",heading_deg", ",75", None, "heading_deg is given without heading_sd_deg"),
        (",depth_m,depth_sd_m", ",4,", 10, "depth_m is given without depth_sd_m"),
        (",depth_m,depth_sd_m", ",-4,1", 9, "from 0 to"),
    ],
)
def test_reports_that_cannot_be_used(write, header, cells, column, words):
    error = refusal(read_reports, write(REPORT.format(header, cells)))
    assert (error.line, error.column) == (2, column)
    assert words in error.problem


@pytest.mark.parametrize(("old", "new", "column"), [(",A,1,", ",a,1,", 3), (",A,1,", ",A,7,", 4)])
def test_grades_are_checked(write, old, new, column):
    error = refusal(read_reports, write(REPORT.format("", "").replace(old, new)))
    assert (error.line, error.column) == (2, column)
