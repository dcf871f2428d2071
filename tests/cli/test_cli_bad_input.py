"""Bad input ends in one clear message, exit code 1, and the site as it was."""

from __future__ import annotations

from pathlib import Path

import pytest
from cli_samples import FILES, Run, tree

GRAVITY = FILES["gravity.csv"]
UNIFIED = FILES["line.dat"]


def refused(ran, *parts: str) -> None:
    assert ran.code == 1
    assert ran.out == ""
    assert ran.err.startswith("subterra: ")
    assert ran.err.count("\n") == 1
    assert "Traceback" not in ran.err
    for part in parts:
        assert part in ran.err


@pytest.mark.parametrize(
    ("name", "content", "arguments", "parts"),
    [
        (
            "missing-column.csv",
            "station,x,y\na,1,2\n",
            ["--kind", "gravity"],
            ["missing-column.csv, line 1", "missing column g_ugal"],
        ),
        (
            "unknown.csv",
            "place,value\n1,2\n",
            [],
            ["unknown.csv, line 1", "cannot tell what kind of data", "--kind"],
        ),
        (
            "unit.csv",
            GRAVITY.replace("g_ugal", "g_mgal"),
            [],
            ["unit.csv, line 1, column 4", "'g_mgal', expected 'g_ugal'"],
        ),
        (
            "electrode.dat",
            UNIFIED.replace("2 3 4 5 110", "2 3 4 9 110"),
            [],
            ["electrode.dat, line 11", "column 4", "electrode 9 does not exist", "has 5"],
        ),
        (
            "nan.csv",
            GRAVITY.replace("s00,0,0,0,3", "s00,0,0,NaN,3"),
            [],
            ["nan.csv, line 2, column 4", "'NaN'"],
        ),
        (
            "capitals.csv",
            GRAVITY.replace("station,x,y,g_ugal", "Station,X,Y,G_uGal"),
            [],
            ["capitals.csv, line 1", "lower case", "Station,X,Y,G_uGal"],
        ),
        ("empty.csv", b"", [], ["empty.csv", "empty"]),
        ("blank.csv", b"\n\n  \n", [], ["blank.csv", "empty"]),
        ("binary.csv", bytes(range(256)) * 8, [], ["binary.csv, line 1", "binary data"]),
        ("utf16.csv", GRAVITY.encode("utf-16"), [], ["utf16.csv, line 1", "UTF-16"]),
        ("utf16le.csv", GRAVITY.encode("utf-16-le"), [], ["utf16le.csv", "UTF-16"]),
        (
            "latin1.csv",
            GRAVITY.replace("s00", "süd").encode("latin-1"),
            [],
            ["latin1.csv, line 2", "not UTF-8"],
        ),
        (
            "word.csv",
            "hole,from_m,to_m,log\nB1,0,10,cave\n",
            [],
            ["word.csv, line 2, column 4", "void", "intact", "unknown"],
        ),
        ("lone.csv", FILES["log.csv"], [], ["lone.csv", "collar"]),
        ("short.csv", GRAVITY + "s99,1,2\n", [], ["short.csv, line 22", "5 fields", "found 3"]),
    ],
)
def test_a_bad_file_is_refused(empty: Path, run: Run, given, name, content, arguments, parts):
    path = given(name, content)
    before = tree(empty)
    refused(run("add", empty, path, *arguments, "--json"), *parts)
    assert tree(empty) == before


def test_a_missing_file_is_refused(empty: Path, run: Run, tmp_path: Path):
    before = tree(empty)
    refused(run("add", empty, tmp_path / "no.csv"), "no.csv", "no such file")
    refused(run("add", empty, tmp_path), "expected a file, found a folder")
    assert tree(empty) == before


def test_a_good_file_beside_a_bad_one_is_not_added(empty: Path, run: Run, given):
    before = tree(empty)
    bad = given("bad.csv", GRAVITY.replace(",3\n", ",-3\n", 1))
    refused(run("add", empty, given("reports.csv"), bad), "bad.csv, line 2, column 5")
    assert tree(empty) == before


def test_the_same_content_twice_is_refused(empty: Path, run: Run, given):
    assert run("add", empty, given("gravity.csv")).code == 0
    before = tree(empty)
    refused(run("add", empty, given("again.csv", GRAVITY)), "again.csv", "already, as 'gravity'")
    assert tree(empty) == before


@pytest.mark.parametrize("lacking", ["site.toml", "journal.jsonl"])
@pytest.mark.parametrize("verb", [["status"], ["infer"], ["query", 1, 2], ["add", "x.csv"]])
def test_a_half_written_site_says_what_to_do(empty: Path, run: Run, lacking: str, verb):
    (empty / lacking).unlink()
    before = tree(empty)
    refused(run(verb[0], empty, *verb[1:]), f"half-written: {lacking} is missing; restore it")
    assert tree(empty) == before


def test_a_truncated_journal_names_its_line(empty: Path, run: Run, given):
    assert run("add", empty, given("gravity.csv")).code == 0
    journal = empty / "journal.jsonl"
    journal.write_bytes(journal.read_bytes()[:-9])
    before = tree(empty)
    for verb in ("status", "infer"):
        refused(run(verb, empty), "journal.jsonl, line 2", "truncated")
    assert tree(empty) == before


def test_a_mistake_in_the_site_file_names_its_line(empty: Path, run: Run):
    path = empty / "site.toml"
    text = path.read_text().replace("p0 = 0.5", "p0 = 2")
    path.write_text(text)
    line = text[: text.index("p0 = 2")].count("\n") + 1
    refused(run("status", empty), f"site.toml, line {line}", "targets.p0", "found 2")


@pytest.mark.parametrize(
    ("arguments", "parts"),
    [
        (["nonsense"], ["No such command 'nonsense'", "see: subterra --help"]),
        (["new"], ["Missing argument", "see: subterra new --help"]),
        (["new", "S", "--bounds", 1, 2, 3], ["--bounds"]),
        (["new", "S", "--bounds", 1, 2, 3, "x", "--depth", 3], ["--bounds"]),
        (["new", "S", "--bounds", 0, 0, 1, 1], ["--depth"]),
        (["query", "S", 1], ["Missing argument"]),
        (["query", "S", "one", 2], ["'X'"]),
        (["query", "S", 1, 2, "--bogus"], ["--bogus"]),
        (["infer", "S", "--scenes", "many"], ["--scenes", "integer"]),
        (["demo", "nowhere"], ["unknown demo 'nowhere'", "field, gallery"]),
        (["add", "S"], ["Missing argument"]),
    ],
)
def test_usage_errors_exit_with_1(run: Run, arguments, parts):
    refused(run(*arguments), *parts)


@pytest.mark.parametrize(
    ("arguments", "parts"),
    [
        (["--bounds", 1, 0, 0, 1, "--depth", 5], ["bounds", "x0 < x1"]),
        (["--bounds", 0, 0, 1, 1, "--depth", -5], ["depth_m", "found -5"]),
        (["--bounds", 0, 0, 1, 1, "--depth", "nan"], ["depth_m", "finite"]),
        (["--bounds", 0, 0, 1, 1, "--depth", 5, "--p0", 1], ["targets.p0", "found 1"]),
        (["--bounds", 0, 0, 1, 1, "--depth", 5, "--look-for", "mole"], ["look_for", "'mole'"]),
        (["--bounds", 0, 0, 1, 1, "--depth", 5, "--crs", "EPSG:4326"], ["EPSG:4326", "degree"]),
        (["--bounds", 0, 0, 1, 1, "--depth", 5, "--crs", "EPSG:1"], ["EPSG:1", "not a known"]),
        (["--bounds", 0, 0, 1, 1, "--depth", 5, "--crs", "here"], ["here"]),
    ],
)
def test_a_site_that_cannot_be_is_not_made(tmp_path: Path, run: Run, arguments, parts):
    refused(run("new", tmp_path / "site", *arguments), *parts)
    assert list(tmp_path.iterdir()) == []


def test_a_site_is_not_made_over_another(empty: Path, run: Run):
    before = tree(empty)
    again = run("new", empty, "--bounds", 0, 0, 1, 1, "--depth", 5)
    refused(again, "something here already")
    assert tree(empty) == before


@pytest.mark.parametrize(
    ("arguments", "parts"),
    [
        (["P9", "--miss"], ["no hole 'P9'", "P1, P2"]),
        (["P1"], ["either --hit FROM TO or --miss"]),
        (["P1", "--miss", "--hit", 2, 3], ["either --hit FROM TO or --miss"]),
        (["P1", "--hit", 3, 2], ["found 3.0 2.0"]),
        (["P1", "--hit", -3, 2], ["found -3.0 2.0"]),
        (["P1", "--miss", "--azimuth", 3], ["--collar X Y Z"]),
        (["N", "--miss", "--collar", 1, 2, 0], ["--drilled-to"]),
        (["N", "--miss", "--collar", 1, 2, 0, "--inclination", 45], ["--azimuth"]),
        (["B1", "--miss"], ["'B1' has a log already"]),
    ],
)
def test_a_log_that_cannot_be_is_refused(believed: Path, run: Run, arguments, parts):
    before = tree(believed)
    refused(run("log", believed, *arguments), *parts)
    assert tree(believed) == before


def test_a_query_outside_is_refused(believed: Path, run: Run):
    refused(run("query", believed, 500, 0), "outside the bounds")
    refused(run("query", believed, 5, 5, 4), "ground")


def test_an_interruption_exits_with_130_and_leaves_the_site(believed: Path, run: Run, monkeypatch):
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    before = tree(believed)
    monkeypatch.setattr("subterra.site.believe.infer_until_converged", interrupted)
    ran = run("infer", believed, "--json")
    assert ran.code == 130
    assert ran.out == ""
    assert ran.err == "subterra: interrupted; the site is as it was\n"
    assert tree(believed) == before


def test_too_little_memory_is_said(believed: Path, run: Run, monkeypatch):
    def large(*_: object, **__: object) -> None:
        problem = "Unable to allocate 29.8 GiB"
        raise MemoryError(problem)

    before = tree(believed)
    monkeypatch.setattr("subterra.site.believe.infer_until_converged", large)
    refused(run("infer", believed), "not enough memory (Unable to allocate 29.8 GiB)", "fewer")
    assert tree(believed) == before


def test_an_unexpected_error_exits_with_2_in_one_line(believed: Path, run: Run, monkeypatch):
    def broken(*_: object, **__: object) -> None:
        problem = "something\nunforeseen"
        raise ZeroDivisionError(problem)

    monkeypatch.setattr("subterra.site.believe.infer_until_converged", broken)
    ran = run("infer", believed)
    assert ran.code == 2
    assert "ZeroDivisionError: something unforeseen" in ran.err
    assert "SUBTERRA_TRACEBACK=1" in ran.err
    assert "Traceback" not in ran.err
    monkeypatch.setenv("SUBTERRA_TRACEBACK", "1")
    with pytest.raises(ZeroDivisionError):
        run("infer", believed)
