"""Unified data format: columns, units, remote electrodes, topography, places of errors."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from subterra.errors import InputError
from subterra.formats import read_unified, sniff_unified
from subterra.tables import REMOTE

LINE = "4\n# x z\n0 0\n1 0\n2 0\n3 0\n{count}\n# {names}\n{rows}\n0\n"


def line(names, *rows):
    return LINE.format(count=len(rows), names=names, rows="\n".join(rows))


def refusal(path, **options):
    with pytest.raises(InputError) as caught:
        read_unified(path, **options)
    return caught.value


@pytest.mark.field
def test_the_gallery_survey():
    folder = os.environ.get("SUBTERRA_DATA")
    if folder is None:
        pytest.skip("real survey data: set SUBTERRA_DATA to its folder")
    path = Path(folder) / "ert_gallery_freiberg" / "gallery3d.dat"
    table = read_unified(path)
    assert (table.n_electrodes, len(table)) == (126, 753)
    assert sniff_unified(path.read_bytes()[:1000])
    # first and last datum as they stand in the file, counted from 1
    np.testing.assert_array_equal(table.abmn[[0, -1]] + 1, [[1, 15, 29, 43], [118, 119, 125, 126]])
    assert table.rhoa_ohmm[[0, -1]].tolist() == [181.2, 253.4]
    assert table.err_relative is None
    # 9 columns of 14 electrodes, 2.5 m apart
    np.testing.assert_array_equal(table.electrode_x_m, np.repeat(2.5 * np.arange(9), 14))
    np.testing.assert_array_equal(table.electrode_y_m, np.tile(2.5 * np.arange(14), 9))
    np.testing.assert_array_equal(table.electrode_z_m, np.zeros(126))
    assert (table.abmn != REMOTE).all()


def test_counting_remote_electrodes_and_errors(write):
    table = read_unified(write(line("a b m n rhoa err", "1 0 2 3 50 0.03", "1 4 2 0 60 0.05")))
    np.testing.assert_array_equal(table.abmn, [[0, REMOTE, 1, 2], [0, 3, 1, REMOTE]])
    np.testing.assert_array_equal(table.err_relative, [0.03, 0.05])
    np.testing.assert_array_equal(table.electrode_z_m, np.zeros(4))


def test_columns_in_any_order_and_by_other_names(write):
    table = read_unified(write(line("Rhoa/Ohmm P1 P2 gate C2 C1 err/%", "50 2 3 7 4 1 3")))
    np.testing.assert_array_equal(table.abmn, [[0, 3, 1, 2]])
    assert (table.rhoa_ohmm[0], table.err_relative[0]) == (50.0, 0.03)
    assert dict(table.extra) == {"gate": ("7",)}


def test_defaults_without_names(write):
    text = "4\n0 0 0\n1 0 0\n2 0 0\n3 0 0\n1\n1 4 2 3 50 0.03\n"
    table = read_unified(write(text))
    assert (table.rhoa_ohmm[0], table.err_relative[0]) == (50.0, 0.03)


def test_remarks_in_the_header_and_after_the_counts(write):
    text = (
        "# survey\n4# Number of electrodes\n# x z position for each electrode\n0 0\n1 0\n# pegs\n"
        "2 0 # loose\n3 0\n1# Number of data\n# a b m n rhoa for each datum\n1 4 2 3 50\n"
    )
    assert read_unified(write(text)).rhoa_ohmm[0] == 50.0


def test_without_z_the_electrodes_lie_on_the_surface(write):
    text = line("a b m n rhoa", "1 4 2 3 50").replace("# x z", "# x y")
    assert read_unified(write(text)).electrode_z_m is None


@pytest.mark.parametrize(
    ("names", "row"),
    [
        ("a b m n r", "1 4 2 3 5"),
        ("a b m n R/Ohm", "1 4 2 3 5"),
        ("a b m n u i", "1 4 2 3 10 2"),
        ("a b m n U/mV I/mA", "1 4 2 3 500 100"),
        ("a b m n r k", "1 4 2 3 5 6.283185307179586"),
        ("a b m n rhoa r", "1 4 2 3 31.41592653589793 99"),
    ],
)
def test_resistances_become_apparent_resistivities(write, names, row):
    """A Wenner array of spacing a has k = 2 pi a."""
    table = read_unified(write(line(names, row)))
    assert table.rhoa_ohmm[0] == pytest.approx(2 * np.pi * 5, rel=1e-12)


def test_the_sign_of_the_order_is_in_the_resistance(write):
    table = read_unified(write(line("a b m n r", "1 2 3 4 -1")))
    assert table.rhoa_ohmm[0] == pytest.approx(6 * np.pi, rel=1e-12)  # pi a n (n+1) (n+2)
    error = refusal(write(line("a b m n r", "1 2 3 4 1")))
    assert error.line == 9
    assert "check the sign and the order of the electrodes" in error.problem


def test_a_tilted_plane_is_flat_and_a_ridge_is_not(write):
    tilted = "4\n# x z\n0 0\n3 4\n6 8\n9 12\n1\n# a b m n r\n1 4 2 3 5\n"
    assert read_unified(write(tilted)).rhoa_ohmm[0] == pytest.approx(2 * np.pi * 5 * 5, rel=1e-12)
    error = refusal(write(tilted.replace("6 8", "6 7")))
    assert "give k or rhoa" in error.problem


def test_errors_of_zero_are_no_errors(write):
    assert read_unified(write(line("a b m n rhoa err", "1 4 2 3 50 0"))).err_relative is None


def test_errors_that_must_be_percent_are_refused(write):
    assert "err/%" in refusal(write(line("a b m n rhoa err", "1 4 2 3 50 3"))).problem


def test_data_marked_invalid_are_left_out(write):
    table = read_unified(
        write(line("a b m n rhoa valid ip", "1 4 2 3 50 1 x", "1 4 2 3 60 0 y", "1 4 2 3 70 1 z"))
    )
    assert table.rhoa_ohmm.tolist() == [50.0, 70.0]
    assert dict(table.extra) == {"ip": ("x", "z")}


def test_topography_of_a_line_is_interpolated_and_level_beyond(write):
    text = line("a b m n rhoa", "1 4 2 3 50").replace("# x z", "# x y").removesuffix("0\n")
    table = read_unified(write(text + "2\n# x z\n0 10\n2 14\n"))
    np.testing.assert_allclose(table.electrode_z_m, [10, 12, 14, 14])


def test_topography_of_a_grid_must_come_with_the_electrodes(write):
    text = line("a b m n rhoa", "1 4 2 3 50").replace("# x z", "# x y").replace("3 0", "3 1")
    error = refusal(write(text.removesuffix("0\n") + "1\n0 0 10\n"))
    assert "give z of each electrode" in error.problem


def test_topography_beside_electrodes_with_z_changes_nothing(write):
    text = line("a b m n rhoa", "1 4 2 3 50").removesuffix("0\n") + "1\n5 0 3\n"
    np.testing.assert_array_equal(read_unified(write(text)).electrode_z_m, np.zeros(4))


def test_a_local_frame_is_turned_counter_clockwise_and_shifted(write):
    path = write(line("a b m n rhoa", "1 4 2 3 50"))
    north = read_unified(path, origin=(100.0, 200.0), rotation_deg=90.0)
    np.testing.assert_array_equal(north.electrode_x_m, [100.0] * 4)
    np.testing.assert_array_equal(north.electrode_y_m, [200.0, 201.0, 202.0, 203.0])
    slanted = read_unified(path, rotation_deg=30.0)
    np.testing.assert_allclose(slanted.electrode_x_m, np.arange(4) * np.sqrt(3) / 2, rtol=1e-15)
    np.testing.assert_allclose(slanted.electrode_y_m, np.arange(4) / 2, rtol=1e-15)


@pytest.mark.parametrize(
    "options", [{"origin": (np.nan, 0)}, {"origin": (1,)}, {"origin": 3}, {"rotation_deg": "x"}]
)
def test_a_frame_that_is_no_frame(write, options):
    refusal(write(line("a b m n rhoa", "1 4 2 3 50")), **options)


@pytest.mark.parametrize(
    ("text", "at", "column", "words"),
    [
        (
            line("a b m n rhoa", "1 4 2 3 5", "1 4 2 5 5"),
            10,
            4,
            "n: electrode 5 does not exist; the",
        ),
        (line("rhoa n m b a", "5 1 2 3 9"), 9, 5, "a: electrode 9 does not exist; the file has 4"),
        (line("a b m n rhoa", "1 4 2 -1 5"), 9, 4, "electrode -1 does not exist"),
        (line("a b m n rhoa", "1 4 2.5 3 5"), 9, 3, "expected a whole number"),
        (line("a b m n rhoa", "1 4 2 3 nan"), 9, 5, "rhoa: expected a number, found 'nan'"),
        (line("a b m n rhoa", "1 4 2 3 -5"), 9, None, "rhoa: expected a number above 0, found -5"),
        (line("a b m n rhoa", "1 1 2 3 5"), 9, None, "in the same place"),
        (line("a b m n rhoa", "0 0 2 3 5"), 9, None, "both current electrodes are remote"),
        (line("a b m n rhoa", "1 4 2 3 5 6"), 8, None, "the data have 6 fields"),
        (line("a b m n rhoa", "1 4 2 3 5", "1 4 2 3"), 10, None, "expected 5 fields, found 4"),
        (line("a b m n rhoa err", "1 4 2 3 5"), 8, None, "the data have 5 fields"),
        (line("a b m n rhoa rhoa", "1 4 2 3 5 5"), 8, None, "given twice"),
        (line("a b m n ip ip rhoa", "1 4 2 3 5 5 5"), 8, None, "given twice"),
        (line("a b m n rho", "1 4 2 3 5"), 8, None, "found column 'rho', expected 'rhoa' (ohm m)"),
        (line("a b m n rhoa_ohmft", "1 4 2 3 5"), 8, None, "expected 'rhoa' (ohm m)"),
        (line("a b m n rhoa/Ohmft", "1 4 2 3 5"), 8, None, "expected rhoa/ohmm"),
        (line("a b m n rhoa err/Ohm", "1 4 2 3 5 1"), 8, None, "expected err/%"),
        (line("a b m n ip", "1 4 2 3 5"), 8, None, "expected a column 'rhoa' or 'r'"),
        (line("a b m n u", "1 4 2 3 5"), 8, None, "expected a column 'rhoa' or 'r'"),
        (line("a b m n u i", "1 4 2 3 5 0"), 9, None, "the current is zero"),
        ("4\n# x z\n0 0\n1 0\n2 0\n3 0\n3\n# a b m n rhoa\n1 4 2 3 5\n", 10, None, "cut off"),
        ("4\n# x z\n0 0\n1 0\n", 5, None, "expected 4 rows of electrodes, found 2"),
        ("4\n# x z\n0 0\n1 0\n2 0\n3 0\n", 7, None, "expected the number of data"),
        (
            line("a b m n rhoa", "1 4 2 3 5").replace("4\n# x z", "3\n# x z"),
            6,
            None,
            "number of data",
        ),
        (line("a b m n rhoa", "1 4 2 3 5") + "7 8\n", 11, None, "expected the end of the file"),
        ("4\n# x z\n0 0\n1 0\n2 0\n3 0\n0\n", 8, None, "expected at least one datum"),
        ("0\n1\n", 1, None, "expected at least one electrode"),
        ("-3\n# x z\n", 1, None, "expected at least one electrode"),
        ("4.5\n# x z\n", 1, 1, "expected a whole number"),
        (
            "4\n0 0\n1 0\n2 0\n3 0\n1\n1 4 2 3 5\n",
            1,
            None,
            "columns of the electrodes have no names",
        ),
        ("1\n# x/mm z\n0 0\n", 1, None, "have no names"),
        ("1\n# x q\n0 0\n", 2, None, "expected columns x, y, z in metres"),
        (
            line("a b m n rhoa", "1 4 2 3 5").replace("2 0", "2e9 0"),
            5,
            None,
            "from -1e+08 to 1e+08",
        ),
    ],
)
def test_the_place_of_an_error_is_said(write, text, at, column, words):
    path = write(text)
    error = refusal(path)
    assert error.path == str(path)
    assert words in error.problem
    assert (error.line, error.column) == (at, column)


def test_an_array_whose_potentials_cancel_has_no_factor(write):
    square = "4\n# x y\n0 0\n2 0\n1 1\n1 -1\n1\n# a b m n r\n1 2 3 4 5\n"
    assert "potentials of this electrode array cancel" in refusal(write(square)).problem
