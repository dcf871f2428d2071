"""What is written is read back the same, to the last bit."""

from __future__ import annotations

import csv
import math
import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from subterra.errors import InputError
from subterra.formats import (
    read_boreholes,
    read_gradient,
    read_gravity,
    read_hole_surveys,
    read_intervals,
    read_reports,
    read_signs,
    read_sources,
    read_unified,
    write_boreholes,
    write_gradient,
    write_gravity,
    write_hole_surveys,
    write_intervals,
    write_reports,
    write_signs,
    write_sources,
    write_unified,
)
from subterra.tables import (
    LOG_WORDS,
    LOOKED,
    RELIABILITIES,
    REPORT_KINDS,
    SEASONS,
    SIGN_KINDS,
    WEATHERS,
    BoreholeTable,
    GradientTable,
    GravityTable,
    IntervalTable,
    ReportTable,
    ResistivityTable,
    SignTable,
    SourceTable,
    SurveyTable,
    same_table,
)

PRINTABLE = st.characters(exclude_categories=("Cc", "Cs"), include_characters="\n\t")
TEXT = st.text(PRINTABLE, max_size=12)
NAME = TEXT.filter(str.strip)
# Names of extra columns that cannot be mistaken for a known column.
EXTRA_NAME = TEXT.map(lambda text: f"note {text}")
COORDINATE = st.floats(-1e8, 1e8)
POSITIVE = st.floats(1e-9, 1e4)
CLOCK = st.just("") | st.times().map(lambda t: t.strftime("%H:%M:%S"))


def column(values, n):
    return st.lists(values, min_size=n, max_size=n)


def names(n):
    return st.lists(NAME, min_size=n, max_size=n, unique_by=str.strip)


def perhaps(strategy):
    return st.none() | strategy


def extras(n, name=EXTRA_NAME, cell=TEXT):
    unique = st.lists(name, max_size=2, unique_by=str.strip)
    return unique.flatmap(lambda keys: st.fixed_dictionaries({k: column(cell, n) for k in keys}))


def both_or_none(draw, n, values, sds):
    """Two columns that are NaN in the same rows."""
    given_rows = draw(column(st.booleans(), n))
    pair = [(draw(values), draw(sds)) if known else (math.nan,) * 2 for known in given_rows]
    return [value for value, _ in pair], [sd for _, sd in pair]


@st.composite
def gravity_tables(draw):
    n = draw(st.integers(1, 4))
    return GravityTable(
        station=draw(column(NAME, n)),
        x_m=draw(column(COORDINATE, n)),
        y_m=draw(column(COORDINATE, n)),
        z_m=draw(perhaps(column(COORDINATE, n))),
        g_ugal=draw(column(st.floats(-1e10, 1e10), n)),
        sd_ugal=draw(perhaps(column(POSITIVE, n))),
        loop=draw(perhaps(column(TEXT, n))),
        time=draw(perhaps(column(CLOCK, n))),
        extra=draw(extras(n)),
    )


@st.composite
def gradient_tables(draw):
    n = draw(st.integers(1, 4))
    return GradientTable(
        station=draw(column(NAME, n)),
        x_m=draw(column(COORDINATE, n)),
        y_m=draw(column(COORDINATE, n)),
        z_m=draw(perhaps(column(COORDINATE, n))),
        gzz_eotvos=draw(column(st.floats(-3e5, 3e5), n)),
        sd_eotvos=draw(perhaps(column(POSITIVE, n))),
        loop=draw(perhaps(column(TEXT, n))),
        time=draw(perhaps(column(CLOCK, n))),
        extra=draw(extras(n)),
    )


@st.composite
def borehole_tables(draw):
    n = draw(st.integers(1, 4))
    return BoreholeTable(
        hole=draw(names(n)),
        x_m=draw(column(COORDINATE, n)),
        y_m=draw(column(COORDINATE, n)),
        z_m=draw(perhaps(column(COORDINATE, n))),
        azimuth_deg=draw(column(st.floats(0, 360), n)),
        inclination_deg=draw(column(st.floats(-90, 90), n)),
        length_m=draw(column(POSITIVE, n)),
        extra=draw(extras(n)),
    )


@st.composite
def interval_tables(draw):
    n = draw(st.integers(1, 4))
    from_m = draw(column(st.floats(0, 1e3), n))
    return IntervalTable(
        hole=draw(column(NAME, n)),
        from_m=from_m,
        to_m=[begin + draw(st.floats(1e-3, 1e3)) for begin in from_m],
        log=draw(column(st.sampled_from(LOG_WORDS), n)),
        extra=draw(extras(n)),
    )


@st.composite
def survey_tables(draw):
    n = draw(st.integers(1, 4))
    return SurveyTable(
        hole=draw(column(NAME, n)),
        depth_m=draw(st.lists(st.floats(0, 1e3), min_size=n, max_size=n, unique=True)),
        azimuth_deg=draw(column(st.floats(0, 360), n)),
        inclination_deg=draw(column(st.floats(-90, 90), n)),
        extra=draw(extras(n)),
    )


PLACED = tuple(kind for kind in REPORT_KINDS if kind not in ("course", "depth", "time"))
"""Kinds that need no more than a place."""


@st.composite
def report_tables(draw):
    n = draw(st.integers(1, 4))
    heading, heading_sd = both_or_none(draw, n, st.floats(0, 360), st.floats(1e-3, 360))
    depth, depth_sd = both_or_none(draw, n, st.floats(0, 1e3), POSITIVE)
    return ReportTable(
        id=draw(names(n)),
        source=draw(column(NAME, n)),
        reliability=draw(column(st.sampled_from(RELIABILITIES), n)),
        credibility=draw(column(st.integers(1, 6), n)),
        origin=draw(column(NAME, n)),
        x_m=draw(column(COORDINATE, n)),
        y_m=draw(column(COORDINATE, n)),
        sd_m=draw(column(POSITIVE, n)),
        kind=draw(column(st.sampled_from(PLACED), n)),
        heading_deg=heading,
        heading_sd_deg=heading_sd,
        depth_m=depth,
        depth_sd_m=depth_sd,
        date=draw(column(TEXT, n)),
        text=draw(column(TEXT, n)),
        extra=draw(extras(n)),
    )


@st.composite
def source_tables(draw):
    n = draw(st.integers(1, 4))
    count = column(st.floats(0, 1e4), n)
    return SourceTable(
        source=draw(column(NAME, n)),
        confirmed=draw(count),
        false=draw(count),
        site=draw(column(TEXT, n)),
        note=draw(column(TEXT, n)),
        extra=draw(extras(n, name=st.sampled_from(("country", "page")))),
    )


@st.composite
def sign_tables(draw):
    """Signs of all kinds and areas, discs and polygons."""
    n = draw(st.integers(1, 4))
    kind = draw(column(st.sampled_from((*SIGN_KINDS, LOOKED)), n))
    chance, volume = st.floats(1e-3, 0.999), st.one_of(st.just(np.nan), POSITIVE)
    area = st.sampled_from(("", "0 0, 10.5 0, 5 1e2", "-1 2,3 4,5 6,7 8"))
    return SignTable(
        id=draw(names(n)),
        kind=kind,
        x_m=draw(column(COORDINATE, n)),
        y_m=draw(column(COORDINATE, n)),
        sd_m=draw(column(POSITIVE, n)),
        volume_m3=[draw(volume) if k == "spoil" else np.nan for k in kind],
        p_notice=[draw(chance) if k == LOOKED else np.nan for k in kind],
        origin=tuple("" if k == LOOKED else draw(TEXT) for k in kind),
        season=draw(column(st.sampled_from(("", *SEASONS)), n)),
        weather=draw(column(st.sampled_from(("", *WEATHERS)), n)),
        area=tuple(draw(area) if k == LOOKED else "" for k in kind),
        date=draw(column(TEXT, n)),
        text=draw(column(TEXT, n)),
        extra=draw(extras(n)),
    )


@st.composite
def resistivity_tables(draw):
    n_electrodes = draw(st.integers(4, 7))
    n = draw(st.integers(1, 4))
    grid = draw(st.lists(st.integers(-(10**6), 10**6), min_size=7, max_size=7, unique=True))
    word = st.text("abcxyz019._-", min_size=1, max_size=6)
    orders = [draw(st.permutations(range(n_electrodes))) for _ in range(n)]
    abmn = np.array([order[:4] for order in orders])
    for row in range(n):
        for pair in ((0, 1), (2, 3)):
            remote = draw(st.sampled_from((None, *pair)))
            if remote is not None:
                abmn[row, remote] = -1
    return ResistivityTable(
        electrode_x_m=np.array(grid[:n_electrodes]) / 7,
        electrode_y_m=draw(column(COORDINATE, n_electrodes)),
        electrode_z_m=draw(perhaps(column(COORDINATE, n_electrodes))),
        abmn=abmn,
        rhoa_ohmm=draw(column(st.floats(1e-6, 1e9), n)),
        err_relative=draw(perhaps(column(st.floats(1e-4, 0.9), n))),
        extra=draw(extras(n, name=word.map("q_{}".format), cell=word)),
    )


def assert_round_trip(table, write, read):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "table"
        write(table, path)
        first = path.read_bytes()
        again = read(path)
        assert same_table(again, table)
        write(again, path)
        assert path.read_bytes() == first


@settings(deadline=None, max_examples=60)
@given(gradient_tables())
def test_gradient(table):
    assert_round_trip(table, write_gradient, read_gradient)


@given(gravity_tables())
def test_gravity(table):
    assert_round_trip(table, write_gravity, read_gravity)


@settings(deadline=None, max_examples=60)
@given(borehole_tables())
def test_boreholes(table):
    assert_round_trip(table, write_boreholes, read_boreholes)


@settings(deadline=None, max_examples=60)
@given(interval_tables())
def test_intervals(table):
    assert_round_trip(table, write_intervals, read_intervals)


@settings(deadline=None, max_examples=60)
@given(survey_tables())
def test_hole_surveys(table):
    assert_round_trip(table, write_hole_surveys, read_hole_surveys)


@settings(deadline=None, max_examples=60)
@given(report_tables())
def test_reports(table):
    assert_round_trip(table, write_reports, read_reports)


@settings(deadline=None, max_examples=60)
@given(source_tables())
def test_sources(table):
    assert_round_trip(table, write_sources, read_sources)


@settings(deadline=None, max_examples=60)
@given(sign_tables())
def test_signs(table):
    assert_round_trip(table, write_signs, read_signs)


@settings(deadline=None, max_examples=60)
@given(resistivity_tables())
def test_resistivity(table):
    assert_round_trip(table, write_unified, read_unified)


def simple_gravity(**change):
    values = {"station": ("A",), "x_m": [0.0], "y_m": [0.0], "z_m": None, "g_ugal": [-12.5]}
    return GravityTable(**{**values, **change})


def test_a_void_stays_negative_in_the_file_and_back(tmp_path):
    """Positive down: missing mass lowers gravity; no layer may turn the sign."""
    path = tmp_path / "gravity.csv"
    write_gravity(simple_gravity(), path)
    with path.open(newline="", encoding="utf-8") as file:
        assert float(next(csv.DictReader(file))["g_ugal"]) == -12.5
    assert read_gravity(path).g_ugal[0] == -12.5


@pytest.mark.parametrize("name", ["sd_mgal", "x", "sd", "station"])
def test_an_extra_column_that_would_be_read_as_another_is_refused(tmp_path, name):
    path = tmp_path / "gravity.csv"
    with pytest.raises(InputError, match=name):
        write_gravity(simple_gravity(extra={name: ("1",)}), path)
    assert not path.exists()


def simple_resistivity(**change):
    values = {
        "electrode_x_m": [0.0, 1.0, 2.0, 3.0],
        "electrode_y_m": [0.0] * 4,
        "electrode_z_m": None,
        "abmn": np.array([[0, 3, 1, 2]]),
        "rhoa_ohmm": [50.0],
    }
    return ResistivityTable(**{**values, **change})


@pytest.mark.parametrize(
    "extra", [{"two words": ("1",)}, {"note": ("two words",)}, {"note": ("",)}, {"err": ("1",)}]
)
def test_what_the_unified_format_cannot_hold_is_refused(tmp_path, extra):
    path = tmp_path / "data.ohm"
    with pytest.raises(InputError, match="cannot be written"):
        write_unified(simple_resistivity(extra=extra), path)
    assert not path.exists()


def test_tables_without_rows_are_not_written(tmp_path):
    empty = simple_gravity(station=(), x_m=[], y_m=[], g_ugal=[])
    with pytest.raises(InputError, match="no rows to write"):
        write_gravity(empty, tmp_path / "gravity.csv")
    nothing = simple_resistivity(abmn=np.zeros((0, 4), dtype=int), rhoa_ohmm=[])
    with pytest.raises(InputError, match="no rows to write"):
        write_unified(nothing, tmp_path / "data.ohm")


def test_a_folder_that_does_not_exist(tmp_path):
    with pytest.raises(InputError, match="cannot be written"):
        write_gravity(simple_gravity(), tmp_path / "none" / "gravity.csv")
