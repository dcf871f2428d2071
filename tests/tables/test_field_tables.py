"""What the tables accept, refuse and keep."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from subterra.errors import InputError
from subterra.tables import (
    REMOTE,
    BoreholeTable,
    GravityTable,
    IntervalTable,
    ReportTable,
    ResistivityTable,
    RowError,
    check_intervals,
    same_table,
)


def gravity(**change):
    values = {
        "station": ("a", "b"),
        "x_m": [0.0, 1.0],
        "y_m": [2.0, 3.0],
        "z_m": None,
        "g_ugal": [-5.0, 4.0],
    }
    return GravityTable(**{**values, **change})


def resistivity(**change):
    values = {
        "electrode_x_m": [0.0, 1.0, 2.0, 3.0],
        "electrode_y_m": [0.0] * 4,
        "electrode_z_m": None,
        "abmn": np.array([[0, 1, 2, 3], [0, REMOTE, 2, 3]]),
        "rhoa_ohmm": [100.0, 120.0],
    }
    return ResistivityTable(**{**values, **change})


def boreholes(**change):
    values = {
        "hole": ("H1", "H2"),
        "x_m": [0.0, 5.0],
        "y_m": [0.0, 5.0],
        "z_m": None,
        "azimuth_deg": [0.0, 90.0],
        "inclination_deg": [90.0, 45.0],
        "length_m": [10.0, 20.0],
    }
    return BoreholeTable(**{**values, **change})


def intervals(hole, from_m, to_m, log=None):
    return IntervalTable(hole=hole, from_m=from_m, to_m=to_m, log=log or ("intact",) * len(hole))


def reports(**change):
    nan = [np.nan, np.nan]
    values = {
        "id": ("r1", "r2"),
        "source": ("farmer", "guard"),
        "reliability": ("A", "F"),
        "credibility": [1, 6],
        "origin": ("o1", "o1"),
        "x_m": [0.0, 1.0],
        "y_m": [0.0, 1.0],
        "sd_m": [5.0, 6.0],
        "kind": ("tunnel", "entrance"),
        "heading_deg": [70.0, np.nan],
        "heading_sd_deg": [10.0, np.nan],
        "depth_m": nan,
        "depth_sd_m": nan,
        "date": ("", ""),
        "text": ("", ""),
    }
    return ReportTable(**{**values, **change})


MAKERS = [gravity, resistivity, boreholes, reports]


@pytest.mark.parametrize("make", MAKERS)
def test_arrays_are_copies_that_nobody_can_change(make):
    table = make()
    for field in dataclasses.fields(table):
        value = getattr(table, field.name)
        if isinstance(value, np.ndarray):
            with pytest.raises(ValueError, match="read-only"):
                value[0] = value[1]
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(table, field.name, value)


def test_the_array_given_is_not_shared():
    x = np.array([0.0, 1.0])
    table = gravity(x_m=x)
    x[0] = 99.0
    assert table.x_m[0] == 0.0


@pytest.mark.parametrize("make", MAKERS)
def test_extra_columns_are_kept_and_immutable(make):
    table = make(extra={"crew": ("anna ", "ben")})
    assert table.extra["crew"] == ("anna", "ben")
    with pytest.raises(TypeError):
        table.extra["crew"] = ("x", "y")


@pytest.mark.parametrize("make", MAKERS)
def test_extra_columns_must_fit(make):
    with pytest.raises(RowError, match="expected 2 rows, found 1"):
        make(extra={"crew": ("anna",)})


@pytest.mark.parametrize(
    ("make", "change", "field", "row"),
    [
        (gravity, {"x_m": [0.0, np.nan]}, "x_m", 1),
        (gravity, {"y_m": [np.inf, 0.0]}, "y_m", 0),
        (gravity, {"x_m": [0.0, 3e8]}, "x_m", 1),
        (gravity, {"g_ugal": [0.0]}, "g_ugal", None),
        (gravity, {"g_ugal": [[0.0], [1.0]]}, "g_ugal", None),
        (gravity, {"g_ugal": ["a", "b"]}, "g_ugal", None),
        (gravity, {"sd_ugal": [1.0, 0.0]}, "sd_ugal", 1),
        (gravity, {"z_m": [1.0, np.nan]}, "z_m", 1),
        (gravity, {"station": ("a", " ")}, "station", 1),
        (gravity, {"station": ("a", "b\x00")}, "station", 1),
        (gravity, {"station": ("a", 3)}, "station", 1),
        (gravity, {"loop": ("1",)}, "loop", None),
        (resistivity, {"rhoa_ohmm": [1.0, -1.0]}, "rhoa_ohmm", 1),
        (resistivity, {"err_relative": [0.1, 0.0]}, "err_relative", 1),
        (resistivity, {"abmn": np.array([[0, 1, 2, 4], [0, 1, 2, 3]])}, "abmn", 0),
        (resistivity, {"abmn": np.array([[0, 1, 2, 3], [0, 1, 2, -2]])}, "abmn", 1),
        (resistivity, {"abmn": np.array([[0, 1, 2, 3], [0, 0, 2, 3]])}, "abmn", 1),
        (resistivity, {"abmn": np.array([[-1, -1, 2, 3], [0, 1, 2, 3]])}, "abmn", 0),
        (resistivity, {"abmn": np.array([[0, 1, -1, -1], [0, 1, 2, 3]])}, "abmn", 0),
        (resistivity, {"abmn": np.array([[0.5, 1, 2, 3], [0, 1, 2, 3]])}, "abmn", None),
        (resistivity, {"abmn": np.zeros((2, 3), dtype=int)}, "abmn", None),
        (resistivity, {"electrode_x_m": [0.0, 0.0, 2.0, 3.0]}, "abmn", 0),
        (boreholes, {"hole": ("H1", "H1")}, "hole", 1),
        (boreholes, {"azimuth_deg": [-1.0, 0.0]}, "azimuth_deg", 0),
        (boreholes, {"inclination_deg": [90.0, 91.0]}, "inclination_deg", 1),
        (boreholes, {"length_m": [0.0, 1.0]}, "length_m", 0),
        (reports, {"reliability": ("A", "G")}, "reliability", 1),
        (reports, {"credibility": [0, 1]}, "credibility", 0),
        (reports, {"credibility": [1, 2.5]}, "credibility", 1),
        (reports, {"sd_m": [0.0, 1.0]}, "sd_m", 0),
        (reports, {"id": ("r1", "r1")}, "id", 1),
        (reports, {"kind": ("tunnel", "cave")}, "kind", 1),
        (reports, {"heading_deg": [70.0, 30.0]}, "heading_sd_deg", 1),
        (reports, {"depth_sd_m": [np.nan, 2.0]}, "depth_m", 1),
        (reports, {"heading_deg": [361.0, np.nan]}, "heading_deg", 0),
        (reports, {"origin": ("", "o")}, "origin", 0),
    ],
)
def test_what_cannot_be_used_is_refused_with_field_and_row(make, change, field, row):
    with pytest.raises(RowError) as caught:
        make(**change)
    assert (caught.value.field, caught.value.row) == (field, row)
    assert isinstance(caught.value, InputError)


def test_unknown_words_are_listed_with_the_known_ones():
    with pytest.raises(RowError, match="unknown 'cave', 'well'; expected one of tunnel, entrance"):
        reports(kind=("well", "cave"))


def test_intervals_must_end_after_they_begin():
    with pytest.raises(RowError, match=r"to_m\[1\]"):
        intervals(("H1", "H1"), [0.0, 3.0], [1.0, 3.0])


def test_intervals_touching_each_other_up_to_the_end_of_the_hole_are_fine():
    check_intervals(boreholes(), intervals(("H1", "H2", "H1"), [2.0, 0.0, 0.0], [10.0, 20.0, 2.0]))


@pytest.mark.parametrize(
    ("table", "field", "row", "words"),
    [
        (intervals(("H1", "H9"), [0.0, 0.0], [1.0, 1.0]), "hole", 1, "'H9' has no collar"),
        (intervals(("H1",), [0.0], [10.5]), "to_m", 0, "10 m long"),
        (intervals(("H2", "H2"), [5.0, 0.0], [9.0, 6.0]), "from_m", 0, "overlaps 0-6"),
        (intervals(("H2",) * 3, [0.0, 1.0, 5.0], [9.0, 2.0, 6.0]), "from_m", 1, "overlaps 0-9"),
    ],
)
def test_intervals_that_contradict_their_holes_are_refused(table, field, row, words):
    with pytest.raises(RowError, match=words) as caught:
        check_intervals(boreholes(), table)
    assert (caught.value.field, caught.value.row) == (field, row)


def test_same_table_sees_every_column_and_takes_nan_for_nan():
    assert same_table(reports(), reports())
    assert not same_table(reports(), reports(depth_m=[1.0, np.nan], depth_sd_m=[1.0, np.nan]))
    assert not same_table(reports(), reports(extra={"a": ("1", "2")}))
    assert not same_table(gravity(), gravity(z_m=[0.0, 0.0]))
    assert not same_table(gravity(), boreholes())
