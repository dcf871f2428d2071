"""AGS4: what is read from each group, where errors stand, and that a file comes back."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from subterra.errors import InputError
from subterra.formats import read_ags4, sniff_ags4, write_ags4
from subterra.formats.ags4_groups import read_groups
from subterra.formats.drill_vocabulary import PHRASES, word_of
from subterra.tables import (
    LOG_WORDS,
    BackfillTable,
    BoreholeTable,
    HoleRecords,
    IntervalTable,
    RowError,
    SurveyTable,
    same_table,
)

SAMPLE = Path(__file__).parent / "samples" / "ags4.ags"


@pytest.fixture
def broken(tmp_path):
    """Read the sample with one text replaced by another, and give the refusal."""

    def read(old, new, count=1):
        text = SAMPLE.read_text()
        assert old in text
        path = tmp_path / "x.ags"
        path.write_text(text.replace(old, new, count))
        with pytest.raises(InputError) as caught:
            read_ags4(path)
        return caught.value

    return read


def test_what_is_read():
    found = read_ags4(SAMPLE)
    assert found.project == 'Old pit, "North" field'
    assert found.collars.hole == ("BH1", "BH2", "BH3")
    assert found.collars.azimuth_deg.tolist() == [135.0, 0.0, 0.0]
    assert found.collars.inclination_deg.tolist() == [70.0, 90.0, 90.0]
    # BH3 has no final depth: it is as deep as what is described of it.
    assert found.collars.length_m.tolist() == [24.0, 30.0, 18.0]
    assert found.surveys is not None
    assert found.surveys.hole == ("BH2", "BH2")
    assert found.surveys.depth_m.tolist() == [5.0, 20.0]
    log = found.intervals
    assert log is not None
    rows = list(zip(log.hole, log.from_m.tolist(), log.to_m.tolist(), log.log, strict=True))
    assert rows == [
        ("BH1", 0.0, 6.0, "intact"),
        ("BH1", 6.0, 14.2, "intact"),
        ("BH1", 14.2, 14.8, "rod drop"),
        ("BH1", 14.8, 16.0, "void"),
        ("BH1", 16.0, 17.0, "timber"),
        ("BH1", 17.0, 20.0, "flush loss"),
        ("BH1", 20.0, 24.0, "intact"),
        ("BH2", 0.0, 21.5, "intact"),
        ("BH2", 21.5, 23.0, "pillar"),
        ("BH2", 23.0, 30.0, "intact"),
        ("BH3", 0.0, 18.0, "unknown"),
    ]
    assert log.extra["said"][2] == "DREM: Rods dropped 0.6 m."


@pytest.mark.parametrize(
    ("old", "new", "column", "words"),
    [
        ('"DATA","BH1","412010.00"', '"DATA","BH1","41x"', 3, "LOCA_NATE: expected a number"),
        ('"14.20","16.00","VOID', '"14.20","12.00","VOID', 4, "more than GEOL_TOP = 14.2"),
        ('"16.00","24.00","Strong', '"16.00","44.00","Strong', 4, "beyond the end of hole"),
        ('"0.00","24.00","135","70"', '"0.00","24.00","135","170"', 6, "HORN_INCL"),
        ('"10.00","30.00","45","86"', '"10.00","30.00","","86"', 5, "needs its azimuth"),
        ('"DATA","BH2","22.00"', '"DATA","BH9","22.00"', 2, "'BH9' is not in group LOCA"),
        ('"BH1","0.00","14.20","W","90"', '"BH1","0.00","14.20","W"', None, "expected 7 fields"),
        ('"UNIT","","m","m","m","","m"', '"UNIT","","ft","m","m","","m"', 3, "found 'ft'"),
        ('"DATA","BH2","412030.00"', '"DATA","BH1","412030.00"', 2, "given twice"),
        ('"96.20"', '""', 5, "missing here but given for other holes"),
        ('"DATA","BH1","0.00","6.00"', '"DATA",BH1,"0.00","6.00"', 2, "double quotes"),
        ('"GROUP","DREM"', '"GROUP","GEOL"', None, "given twice, first on line"),
        ('"GROUP","LOCA"', '"GROUP","LOCX"', None, "group LOCA is missing"),
        ('"DREM_REM"\n"UNIT","","m","m",""\n', '"DREM_REM"\n', 1, "expected its UNIT row"),
    ],
)
def test_errors_say_line_and_field(broken, old, new, column, words):
    error = broken(old, new)
    assert words in error.problem
    text = SAMPLE.read_text()
    at = text.index(old) + (len(new) if "HEADING" in words or "its UNIT" in words else 0)
    whole_file = "is missing" in words
    assert error.line == (None if whole_file else text[:at].count("\n") + 1)
    assert error.column == column


def test_ags3_gets_one_clear_line(tmp_path):
    path = tmp_path / "old.ags"
    path.write_bytes(b'"**PROJ"\r\n"*PROJ_ID","*PROJ_NAME"\r\n"P1","Old"\r\n')
    assert sniff_ags4(path.read_bytes())
    with pytest.raises(InputError, match="this is an AGS3 file") as caught:
        read_ags4(path)
    assert caught.value.line == 1


def test_local_coordinates_and_no_heights(tmp_path):
    text = SAMPLE.read_text()
    for national, local in (("NATE", "LOCX"), ("NATN", "LOCY"), ("LOCA_GL", "LOCA_LOCZ")):
        text = text.replace(national, local)
    for height in ('"96.20"', '"96.00"', '"95.10"'):
        text = text.replace(height, '""')
    path = tmp_path / "local.ags"
    path.write_text(text)
    found = read_ags4(path)
    assert found.collars.x_m.tolist() == [412010.0, 412030.0, 412050.0]
    assert found.collars.z_m is None


@pytest.mark.parametrize(
    ("text", "word"),
    [
        *((word, word) for word in LOG_WORDS),
        ("Rods dropped 0.6 m into open void", "rod drop"),
        ("drill string fell", "rod drop"),
        ("VOID (old workings).", "void"),
        ("Cavity, water filled", "void"),
        ("void ratio 0.8", None),
        ("Sandstone with voids up to 3 mm", None),
        ("No voids or cavities", None),
        ("Limestone without any cavity. Rods dropped.", "rod drop"),
        ("Total loss of flush", "flush loss"),
        ("No flush return below 12 m", "flush loss"),
        ("no loss of flush", None),
        ("Collapsed old workings: goaf", "void"),
        ("Gob", "goaf"),
        ("Packed waste with timber props", "packed waste"),
        ("Pit prop", "timber"),
        ("Coal pillar", "pillar"),
        ("Broken ground", "broken"),
        ("Core loss 1.2 m", "unknown"),
        ("no recovery", "unknown"),
        ("Strong grey SANDSTONE", None),
        ("", None),
    ],
)
def test_vocabulary(text, word):
    assert word_of(text) == word


def test_the_vocabulary_knows_every_word_but_intact():
    assert {word for word, _ in PHRASES} == set(LOG_WORDS) - {"intact"}


def test_a_long_text_costs_little():
    assert word_of("no " * 500_000) is None


def places(n):
    return st.lists(st.integers(-(10**9), 10**9), min_size=n, max_size=n)


@st.composite
def records(draw):
    """Holes at whole millimetres and hundredths of a degree, with surveys and logs."""
    n = draw(st.integers(1, 4))
    names = tuple(f"BH {i}" for i in range(n))
    x, y, z = (np.array(draw(places(n))) / 1000.0 for _ in range(3))
    azimuth = np.array(draw(st.lists(st.integers(0, 36000), min_size=n, max_size=n))) / 100.0
    down = np.array(draw(st.lists(st.integers(-9000, 9000), min_size=n, max_size=n))) / 100.0
    length = np.array(draw(st.lists(st.integers(20_000, 10**6), min_size=n, max_size=n))) / 1000.0
    collars = BoreholeTable(names, x, y, draw(st.sampled_from([z, None])), azimuth, down, length)
    depth = sorted(draw(st.sets(st.integers(1, 20_000), max_size=3)))
    surveys = None
    if depth:
        at = np.array([0, *depth]) / 1000.0
        k = len(at)
        surveys = SurveyTable(
            names[:1] * k,
            at,
            [azimuth[0]] * k,
            np.round(np.clip(down[0] + 0.25 * np.arange(k), -90, 90), 2),
        )
    cuts = np.array(sorted(draw(st.sets(st.integers(0, 20_000), min_size=2, max_size=6)))) / 1000.0
    k = len(cuts) - 1
    words = draw(st.lists(st.sampled_from(LOG_WORDS), min_size=k, max_size=k))
    intervals = IntervalTable(names[-1:] * k, cuts[:-1], cuts[1:], words)
    return HoleRecords(collars, surveys, draw(st.sampled_from([intervals, None])), 'A "pit"')


@settings(deadline=None, max_examples=60)
@given(records(), st.booleans())
def test_round_trip(tmp_path_factory, made, national):
    path = tmp_path_factory.mktemp("ags") / "holes.ags"
    write_ags4(made, path, date="2024-05-02", national=national)
    assert sniff_ags4(path.read_bytes()[:4096])
    found = read_ags4(path)
    assert found.project == made.project
    assert same_table(found.collars, made.collars)
    assert (found.surveys is None) == (made.surveys is None)
    if made.surveys is not None and found.surveys is not None:
        assert found.surveys.hole == made.surveys.hole
        assert same_table(found.surveys, made.surveys)
    assert (found.intervals is None) == (made.intervals is None)
    if made.intervals is not None and found.intervals is not None:
        for name in ("hole", "log"):
            assert getattr(found.intervals, name) == getattr(made.intervals, name)
        np.testing.assert_array_equal(found.intervals.from_m, made.intervals.from_m)
        np.testing.assert_array_equal(found.intervals.to_m, made.intervals.to_m)


def test_what_was_read_goes_back_into_its_groups(tmp_path):
    """Strata, remarks, returns and backfill: group, words and depths; twice written is the same."""
    first, path, again = read_ags4(SAMPLE), tmp_path / "a.ags", tmp_path / "b.ags"
    write_ags4(first, path, date="2024-05-02")
    groups = read_groups(path)
    assert {"GEOL", "DREM", "FLSH", "BKFL"} <= set(groups)
    found = read_ags4(path)
    assert same_table(found.intervals, first.intervals)
    assert first.backfill is not None
    assert same_table(found.backfill, first.backfill)
    assert groups["DREM"].text(0, "DREM_REM") == "Rods dropped 0.6 m."
    assert {u for u in groups["FLSH"].units if u} == {"m", "%"}
    write_ags4(found, again, date="2024-05-02")
    assert again.read_bytes() == path.read_bytes()


@pytest.mark.parametrize(
    ("said", "word", "group"),
    [
        ("GEOL: Strong grey SANDSTONE", "intact", "GEOL"),
        ("GEOL: Strong grey SANDSTONE", "void", "DLOG"),
        ("DREM: all well", "intact", "DLOG"),
        ("FLSH: return 0 %", "flush loss", "FLSH"),
        ("FLSH: return nothing", "flush loss", "DLOG"),
        ("my own words: void", "void", "DLOG"),
        ("", "timber", "DLOG"),
    ],
)
def test_a_log_that_no_longer_means_its_text_is_a_log_of_its_own(tmp_path, said, word, group):
    collars = BoreholeTable(("h",), [0.0], [0.0], None, [0.0], [90.0], [10.0])
    log = IntervalTable(("h",), [1.0], [2.0], (word,), {"said": (said,)})
    write_ags4(HoleRecords(collars, None, log), tmp_path / "x.ags", date="2024-01-01")
    assert [g for g in read_groups(tmp_path / "x.ags") if g in _SAYING] == [group]
    assert read_ags4(tmp_path / "x.ags").intervals.log == (word,)


_SAYING = ("GEOL", "DLOG", "DREM", "FLSH")


def test_backfill_that_ends_before_it_begins_is_refused():
    with pytest.raises(RowError, match="at least from_m = 2"):
        BackfillTable(("h",), [2.0], [1.0], ("grout",))


def test_what_would_be_lost_is_refused(tmp_path):
    collars = BoreholeTable(("h",), [0.0], [0.0], None, [0.0], [90.0], [10.0])
    thin = IntervalTable(("h",), [1.0], [1.0001], ("void",))
    with pytest.raises(InputError, match="thinner than a millimetre"):
        write_ags4(HoleRecords(collars, None, thin), tmp_path / "x.ags", date="2024-01-01")
    close = SurveyTable(("h", "h"), [1.0, 1.0001], [0.0, 0.0], [90.0, 90.0])
    with pytest.raises(InputError, match="two stations"):
        write_ags4(HoleRecords(collars, close), tmp_path / "x.ags", date="2024-01-01")
