"""The verbs about holes and what they weigh: words, AGS4, ledger, standoff."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from cli_samples import Run

from subterra.formats import read_ags4

AGS = Path(__file__).parent.parent / "formats" / "samples" / "ags4.ags"


def answer(ran):
    assert ran.code == 0, ran.err
    return json.loads(ran.out)


def test_a_hole_is_logged_in_words(run: Run, believed: Path):
    done = answer(
        run("log", believed, "B2", "--word", "broken 1 2", "--word", "rod drop 2.5 4", "--json")
    )
    assert done["outcome"] == "hit"
    assert done["hit"] == [2.5, 4.0]
    assert [w["word"] for w in done["words"]] == ["broken", "rod drop"]
    assert done["updated"] is True
    again = run("log", believed, "B2", "--miss")
    assert "has a log already" in again.err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--word", "rod drop"], "expected a word and two depths"),
        (["--word", "hollow 1 2"], "unknown word 'hollow'"),
        (["--word", "void 1 2", "--miss"], "say either --hit FROM TO or --miss"),
        ([], "say either --hit FROM TO or --miss"),
    ],
)
def test_words_that_cannot_be(run: Run, believed: Path, arguments, words):
    ran = run("log", believed, "B2", *arguments)
    assert ran.code == 1
    assert words in ran.err


def test_ags4_goes_in_and_out(run: Run, tmp_path: Path):
    site, out = tmp_path / "pit", tmp_path / "back.ags"
    bounds = ["--bounds", "412000", "281000", "412060", "281060"]
    assert run("new", site, *bounds, "--depth", "40", "--crs", "EPSG:27700").code == 0
    added = answer(run("add", site, AGS, "--json"))
    assert "3 holes with their logs" in json.dumps(added)
    written = answer(run("export", site, "--ags4", "--out", out, "--json"))
    assert written["holes"] == 3
    first, back = read_ags4(AGS), read_ags4(out)
    assert back.collars.hole == first.collars.hole
    assert back.intervals is not None
    assert first.intervals is not None
    assert back.intervals.log == first.intervals.log
    assert "LOCA_NATE" in out.read_text()
    evidence = answer(run("infer", site, "--scenes", "256", "--json"))
    assert 0.0 < evidence["p_any"] < 1.0


def test_ags3_is_refused_in_one_line(run: Run, empty: Path, given):
    old = given("old.ags", '"**PROJ"\r\n"*PROJ_ID"\r\n"P1"\r\n')
    ran = run("add", empty, old)
    assert ran.code == 1
    assert "this is an AGS3 file" in ran.err
    assert ran.err.count("\n") == 1


def test_the_plan_goes_out_with_a_remark(run: Run, believed: Path):
    assert run("export", believed, "--ags4", "--plan").code == 0
    text = (believed / "report" / "holes.ags").read_text()
    assert "Planned, not drilled" in text
    assert read_ags4(believed / "report" / "holes.ags").collars.hole[:2] == ("B1", "B2")
    assert run("export", believed).code == 1


def test_an_empty_site_has_nothing_to_export(run: Run, empty: Path):
    ran = run("export", empty, "--ags4")
    assert ran.code == 1
    assert "no hole" in ran.err


def test_the_ledger(run: Run, believed: Path):
    found = answer(run("ledger", believed, "--json"))
    assert found["statements"][0] == "any target"
    items = {item["id"]: item for item in found["items"]}
    # B2 has a collar but no log: it weighs nothing.
    assert items["B2"]["decibans"]["any target"] in (None, pytest.approx(0.0, abs=1e-6))
    assert items["B1"]["label"] == "hole B1"
    assert items["B1"]["left_out"] == ["B1"]
    assert found["stale"] is False
    what_if = answer(run("ledger", believed, "--without", "B1", "--json"))["without"]
    assert what_if["left_out"] == ["B1"]
    assert what_if["p_without"] == items["B1"]["p_without"]
    plain = run("ledger", believed, "--without", "log.csv")
    # A column that nothing explains is not in the table; programs find it in the document.
    assert "k̂" not in plain.out
    assert "k_hat" in items["B1"]
    assert "Without hole B1: P(any target)" in plain.out
    unknown = run("ledger", believed, "--without", "nobody")
    assert unknown.code == 1
    assert "no item goes by 'nobody'; known: B1" in unknown.err


def test_a_ledger_without_a_belief_says_what_to_run(run: Run, empty: Path):
    ran = run("ledger", empty)
    assert ran.code == 1
    assert "subterra infer" in ran.err


def test_standoff(run: Run, believed: Path):
    ran = answer(run("standoff", believed, "--within", "3", "--face", "10", "8", "-4", "--json"))
    rule = ran["rules"][0]
    assert rule["rule"] == "within-3-m"
    assert 0.0 < rule["p_within"] < 1.0
    assert rule["covered"] is True
    every = answer(run("standoff", believed, "--face", "10", "8", "-4", "--json"))["rules"]
    assert len(every) == 5
    # 50 ft around this face leave the site: what is said is a lower bound.
    assert every[0]["covered"] is False
    words = run("standoff", believed, "us-57.22241-surveyed", "--face", "10", "8", "-4")
    assert "P(workings within 15.2 m of this face)" in words.out
    assert "lower bound" in words.err
    longer = answer(
        run("standoff", believed, "--within", "3", "--face", 10, 8, -4, "--to", 2, 2, -4, "--json")
    )
    assert longer["rules"][0]["p_within"] >= rule["p_within"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["nothing", "--face", "1", "1", "1"], "unknown rule 'nothing'"),
        ([], "say where the face is"),
        (["--within", "-2", "--face", "1", "1", "1"], "positive number"),
        (["uk-shallow", "--within", "2", "--face", "1", "1", "1"], "either a rule or --within"),
    ],
)
def test_standoff_questions_that_cannot_be(run: Run, believed: Path, arguments, words):
    ran = run("standoff", believed, *arguments)
    assert ran.code == 1
    assert words in ran.err
