"""Res2DInv: indexed and general arrays, errors, topography, places of errors."""

from __future__ import annotations

import numpy as np
import pytest

from subterra.errors import InputError
from subterra.formats import read_res2dinv
from subterra.formats.electrodes import flat_surface_factor
from subterra.tables import REMOTE


def indexed(array, rows, *, middle=0, ip=0, tail="0\n0\n0\n"):
    head = f"A line\n1.0\n{array}\n{len(rows)}\n{middle}\n{ip}\n"
    head += "Chargeability\nmV/V\n0.1,1.0\n" if ip else ""
    return head + "\n".join(rows) + "\n" + tail


def general(rows, *, resistance=0, location=1, error=False, tail="0\n0\n0\n"):
    head = "A line\n1.0\n11\n0\nType of measurement (0=app. resistivity,1=resistance)\n"
    head += f"{resistance}\n{len(rows)}\n{location}\n0\n"
    if error:
        head += "Error estimate for data present\nType of error estimate (0=same unit as data)\n0\n"
    return head + "\n".join(rows) + "\n" + tail


WENNER = "4 0 0 3 0 1 0 2 0 {}"


def refusal(path):
    with pytest.raises(InputError) as caught:
        read_res2dinv(path)
    return caught.value


def electrodes_of(table, row=0):
    """Place along x of A, B, M, N of a datum; None is remote."""
    return [None if i == REMOTE else float(table.electrode_x_m[i]) for i in table.abmn[row]]


@pytest.mark.parametrize(
    ("array", "row", "places", "factor"),
    [
        (1, "10 2 50", [10, 16, 12, 14], 2 * np.pi * 2),
        (2, "10 2 50", [10, None, 12, None], 2 * np.pi * 2),
        (3, "10 2 3 50", [12, 10, 18, 20], np.pi * 2 * 3 * 4 * 5),
        (6, "10 2 3 50", [10, None, 16, 18], 2 * np.pi * 2 * 3 * 4),
        (6, "10 2 -3 50", [18, None, 12, 10], 2 * np.pi * 2 * 3 * 4),
        (7, "10 2 3 50", [10, 24, 16, 18], np.pi * 2 * 3 * 4),
    ],
)
def test_indexed_arrays(write, array, row, places, factor):
    """Places from the first electrode; geometric factors as the textbooks have them."""
    table = read_res2dinv(write(indexed(array, [row])))
    assert electrodes_of(table) == places
    assert table.rhoa_ohmm.tolist() == [50.0]
    assert table.electrode_z_m is None
    position = np.column_stack([table.electrode_x_m, table.electrode_y_m, 0 * table.electrode_x_m])
    np.testing.assert_allclose(flat_surface_factor(position, table.abmn), factor, rtol=1e-12)


@pytest.mark.parametrize(
    ("array", "row", "places"),
    [
        (1, "13,2,50", [10, 16, 12, 14]),
        (2, "11,2,50", [10, None, 12, None]),
        (3, "15,2,3,50", [12, 10, 18, 20]),
        (7, "17,2,3,50", [10, 24, 16, 18]),
    ],
)
def test_indexed_arrays_by_their_middle(write, array, row, places):
    assert electrodes_of(read_res2dinv(write(indexed(array, [row], middle=1)))) == places


def test_induced_polarisation_is_carried_along(write):
    table = read_res2dinv(write(indexed(1, ["0 1 50 2.5", "1 1 60 3.5"], ip=1)))
    assert table.rhoa_ohmm.tolist() == [50.0, 60.0]
    assert dict(table.extra) == {"ip": ("2.5", "3.5")}


def test_electrodes_are_numbered_along_the_line(write):
    table = read_res2dinv(write(indexed(1, ["1 1 50", "0 1 60", "0.00004 1 70"])))
    np.testing.assert_allclose(table.electrode_x_m, [0, 1, 2, 3, 4], atol=1e-4)
    np.testing.assert_array_equal(table.abmn, [[1, 4, 2, 3], [0, 3, 1, 2], [0, 3, 1, 2]])


def test_the_general_array(write):
    rows = ["4 0 0 3 0 1 0 2 0 50", "3,0,0,1,0,2,0,60", "2\t0\t0\t1\t0\t70"]
    table = read_res2dinv(write(general(rows)))
    assert [electrodes_of(table, row) for row in range(3)] == [
        [0, 3, 1, 2],
        [0, None, 1, 2],
        [0, None, 1, None],
    ]
    assert table.rhoa_ohmm.tolist() == [50.0, 60.0, 70.0]
    assert table.err_relative is None


def test_the_title_of_the_measurement_may_be_missing(write):
    text = general([WENNER.format(50)])
    text = text.replace("Type of measurement (0=app. resistivity,1=resistance)\n", "")
    assert read_res2dinv(write(text)).rhoa_ohmm[0] == 50.0


def test_resistances_and_errors(write):
    table = read_res2dinv(write(general([WENNER.format("5 0.1")], resistance=1, error=True)))
    assert table.rhoa_ohmm[0] == pytest.approx(2 * np.pi * 5, rel=1e-12)
    assert table.err_relative[0] == pytest.approx(0.02, rel=1e-12)


def test_resistances_on_uneven_ground_need_their_factors(write):
    text = general(["4 0 0 3 0 1 0.5 2 0 5"], resistance=1)
    assert "give k or rhoa" in refusal(write(text)).problem


def test_elevations_with_the_electrodes(write):
    table = read_res2dinv(write(general(["4 0 10 9 12 3 11 6 11.5 50"])))
    np.testing.assert_array_equal(table.electrode_x_m, [0, 3, 6, 9])
    np.testing.assert_array_equal(table.electrode_z_m, [10, 11, 11.5, 12])


def test_distances_along_the_ground_become_horizontal(write):
    table = read_res2dinv(write(general(["4 0 10 15 13 5 13 10 13 50"], location=2)))
    np.testing.assert_allclose(table.electrode_x_m, [0, 4, 9, 14], rtol=1e-15)
    np.testing.assert_array_equal(table.electrode_z_m, [10, 13, 13, 13])


TOPOGRAPHY = "Topography in separate list\n{}\n3\n-5 20\n0 20\n5 23\n1\n0\n0\n"


@pytest.mark.parametrize("title", ["Topography in separate list\n", ""])
def test_topography_at_horizontal_distances(write, title):
    tail = title + TOPOGRAPHY.format(1).split("\n", 1)[1]
    table = read_res2dinv(write(general([WENNER.format(50)], tail=tail)))
    np.testing.assert_array_equal(table.electrode_x_m, [0, 1, 2, 3])
    np.testing.assert_allclose(table.electrode_z_m, [20, 20.6, 21.2, 21.8], rtol=1e-15)


def test_topography_at_distances_along_the_ground(write):
    """A slope of 3 in 4: five metres along it are four on the map; beyond it is level."""
    rows = ["0 2.5 50", "0 4 60"]
    table = read_res2dinv(write(indexed(1, rows, tail=TOPOGRAPHY.format(2))))
    np.testing.assert_allclose(
        table.electrode_x_m, [0, 2, 3.2, 4, 4 + 2.5, 4 + 3, 4 + 7], rtol=1e-12
    )
    np.testing.assert_allclose(table.electrode_z_m, [20, 21.5, 22.4, 23, 23, 23, 23], rtol=1e-12)


def test_a_line_is_placed_on_the_site(write):
    path = write(indexed(1, ["10 2 50"]))
    table = read_res2dinv(path, origin=(100.0, 200.0), rotation_deg=-90.0)
    np.testing.assert_array_equal(table.electrode_x_m, [100.0] * 4)
    np.testing.assert_array_equal(table.electrode_y_m, [190.0, 188.0, 186.0, 184.0])


@pytest.mark.parametrize(
    ("text", "line", "column", "words"),
    [
        (indexed(8, ["0 1 50"]), 3, 1, "type of array: expected one of 1, 2, 3, 6, 7, 11, found 8"),
        (indexed(1, ["0 1 50"], middle=2), 5, 1, "type of x-location"),
        (indexed(6, ["0 1 1 50"], middle=1), 5, None, "give the first electrode"),
        (indexed(1, ["0 1"]), 7, None, "expected at least 3 fields, found 2"),
        (indexed(1, ["0 1 50 3"]), 7, None, "expected 3 fields, found 4"),
        (indexed(1, ["0 0 50"]), 7, 2, "expected a positive spacing a"),
        (indexed(3, ["0 1 -2 50"]), 7, 3, "expected a positive factor n"),
        (indexed(6, ["0 1 0 50"]), 7, 3, "expected a positive factor n"),
        (indexed(1, ["0 1 nan"]), 7, 3, "expected a number, found 'nan'"),
        (indexed(1, ["0 1 -50"]), 7, None, "apparent resistivity: expected a number above 0"),
        (indexed(1, ["0 1 50", "0 1 x"]), 8, 3, "expected a number, found 'x'"),
        (general(["5 0 0 1 0 50"]), 10, 1, "expected 2, 3 or 4 electrodes, found 5"),
        (general(["4 0 0 3 0 1 0 50"]), 10, None, "expected at least 10 fields, found 8"),
        (general(["4 0 0 0 0 1 0 2 0 50"]), 10, None, "in the same place"),
        (general(["4 0 0 5 9 1 0 2 0 50"], location=2), 11, None, "shorter than the differences"),
        (general([WENNER.format(5)], resistance=2), 6, 1, "type of measurement"),
        (general(["4 3 0 0 0 1 0 2 0 5"], resistance=1), 10, None, "check the sign"),
        ("A line\n1.0\n1\n3\n0\n0\n0 1 50\n", 8, None, "expected datum 2 of 3, found the end"),
        ("A line\n1.0\n2\nRemote electrodes included\n", 4, None, "remote electrodes"),
        ("A line\nsecond\n", 2, 1, "electrode spacing"),
        ("A line\n", 2, None, "expected the electrode spacing, found the end"),
        ("A line\n1\n1\n0\n0\n0\n", 4, None, "expected at least one datum"),
        (indexed(1, ["0 1 50"], tail="1\n2\n0 0\n"), 11, None, "topography point 2 of 2"),
        (indexed(1, ["0 1 50"], tail="1\n2\n0 0\n0 1\n"), 11, 1, "order of increasing x"),
        (indexed(1, ["0 1 50"], tail="1\n1\n0 0\n"), 9, None, "at least 2 topography points"),
        (indexed(1, ["0 1 50"], tail="7\n"), 8, 1, "flag of topography"),
    ],
)
def test_the_place_of_an_error_is_said(write, text, line, column, words):
    path = write(text)
    error = refusal(path)
    assert words in error.problem
    assert (error.path, error.line, error.column) == (str(path), line, column)
