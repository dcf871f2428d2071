from __future__ import annotations

import json
from pathlib import Path

import pytest
from cli_samples import FILES, Run, tree

INFER_KEYS = {
    "p_any",
    "p_none",
    "p_by_family",
    "log10_bayes_factor",
    "ess",
    "converged",
    "seed_spread",
    "scenes",
    "seconds",
    "stale",
    "calibration",
    "objects",
}
OBJECT_KEYS = {"p", "family", "fill", "axis", "axis_sd_m", "radius_m", "radius_sd_m"}
PLAN_KEYS = {
    "hole",
    "x",
    "y",
    "z",
    "azimuth_deg",
    "inclination_deg",
    "length_m",
    "target_from_m",
    "target_to_m",
    "p_hit",
    "p_hit_given_previous_miss",
    "information_bits",
    "cost",
    "reason",
    "z_from",
    "above_plane_m",
}


def document(text: str) -> object:
    """The one JSON document that stdout holds, without the constants that JSON does not have."""

    def refuse(name: str) -> None:
        raise AssertionError(name)

    return json.loads(text, parse_constant=refuse)


def test_new_writes_what_was_asked(tmp_path: Path, run: Run):
    site = tmp_path / "a" / "site"
    ran = run(
        "new", site, "--bounds", -10, -2.5, 20, 30, "--depth", 12, "--crs", "epsg:25833",
        "--look-for", "working", "--look-for", "chamber", "--p0", 0.7, "--json",
    )  # fmt: skip
    assert ran.code == 0
    assert document(ran.out) == {
        "site": str(site),
        "name": "site",
        "bounds": [-10.0, -2.5, 20.0, 30.0],
        "depth_m": 12.0,
        "crs": "EPSG:25833",
        "look_for": ["working", "chamber"],
        "p0": 0.7,
    }
    assert "P(no target) before evidence is 0.7" in ran.err
    text = (site / "site.toml").read_text()
    assert 'look_for = ["working", "chamber"]' in text
    assert "bounds = [-10.0, -2.5, 20.0, 30.0]" in text


def test_words_go_to_stdout_without_json(tmp_path: Path, run: Run):
    ran = run("new", tmp_path / "s", "--bounds", 0, 0, 1, 1, "--depth", 3)
    assert ran.code == 0
    assert ran.err == ""
    assert f"subterra add {tmp_path / 's'} FILE..." in ran.out


def test_scan_says_kinds_without_a_site(run: Run, given):
    paths = [given(name) for name in FILES]
    ran = run("scan", *paths, "--json")
    assert ran.code == 0
    found = document(ran.out)
    assert [(f["kind"], f["rows"], f["bytes"]) for f in found] == [
        ("gravity", 20, len(FILES["gravity.csv"])),
        ("boreholes", 2, len(FILES["collars.csv"])),
        ("intervals", 1, len(FILES["log.csv"])),
        ("reports", 2, len(FILES["reports.csv"])),
        ("resistivity", 2, len(FILES["line.dat"])),
    ]


def test_add_status_retract(empty: Path, run: Run, given):
    ran = run("add", empty, given("gravity.csv"), given("reports.csv"), "--json")
    assert ran.code == 0
    added = document(ran.out)
    assert [(e["evidence"], e["kind"]) for e in added["added"]] == [
        ("gravity", "gravity"),
        ("reports", "reports"),
    ]
    assert added["stale"] is None

    ran = run("status", empty, "--json")
    assert ran.code == 0
    status = document(ran.out)
    assert [e["what"] for e in status["evidence"]] == ["20 gravity stations", "2 reports"]
    assert status["belief"] is None
    assert status["plan"] is None
    assert status["journal"] == {"lines": 3, "verified": True}
    assert status["problems"] == []

    ran = run("retract", empty, "reports", "--json")
    assert ran.code == 0
    assert [e["evidence"] for e in document(ran.out)["retracted"]] == ["reports"]
    assert len(document(run("status", empty, "--json").out)["evidence"]) == 1


def test_options_place_a_local_frame(empty: Path, run: Run, given):
    path = given("line.dat")
    options = ["--option", "origin=2,3", "--option", "rotation_deg=90"]
    assert run("add", empty, path, *options).code == 0
    entry = json.loads((empty / "journal.jsonl").read_text().splitlines()[-1])
    assert entry["payload"]["items"][0]["options"] == {"origin": "2,3", "rotation_deg": "90"}


def test_infer_writes_the_document_of_the_design(believed: Path, run: Run):
    ran = run("infer", believed, "--scenes", 256, "--seed", 4, "--json")
    assert ran.code == 0
    summary = document(ran.out)
    assert set(summary) >= INFER_KEYS
    assert summary["scenes"] == 256
    assert summary["stale"] is False
    assert summary["p_any"] + summary["p_none"] == pytest.approx(1.0)
    for item in summary["objects"]:
        assert set(item) >= OBJECT_KEYS
    assert "P(any target)" in ran.err
    assert "not yet calibrated" in ran.err


def test_query_takes_negative_numbers(believed: Path, run: Run):
    ran = run("query", believed, "-0.5", "-1.5", "--json")
    assert ran.code == 0
    line = document(ran.out)
    assert set(line) == {"p", "stale"}
    assert 0.0 < line["p"] < 1.0
    point = run("query", believed, "-.5", "-1.5e0", "-3")
    assert point.code == 0
    assert point.out.startswith("P(the point (-0.5, -1.5, -3) lies inside a target)")


def test_a_line_is_at_least_as_likely_as_a_point_on_it(believed: Path, run: Run):
    line = document(run("query", believed, 10, 8, "--json").out)
    point = document(run("query", believed, 10, 8, -3, "--json").out)
    assert line["p"] >= point["p"]


def test_plan_writes_the_rows_of_the_design(believed: Path, run: Run):
    ran = run("plan", believed, "--holes", 2, "--json")
    assert ran.code == 0
    rows = document(ran.out)
    assert len(rows) == 2
    assert all(set(row) == PLAN_KEYS for row in rows)
    assert [row["hole"] for row in rows] == ["P3", "P4"]
    assert all(0.0 < row["p_hit"] <= 0.95 for row in rows)
    assert "plan-002.gpkg" in ran.err


def test_a_stale_belief_says_so_everywhere(believed: Path, run: Run):
    assert run("retract", believed, "log").code == 0
    ran = run("query", believed, 5, 5, "--json")
    assert document(ran.out)["stale"] is True
    assert f"older than the evidence; run: subterra infer {believed}" in ran.err
    ran = run("plan", believed, "--holes", 1, "--json")
    assert document(ran.out)[0]["stale"] is True
    assert "older than the evidence" in ran.err
    ran = run("status", believed, "--json")
    assert document(ran.out)["stale"] is True
    assert "older than the evidence" in ran.err
    words = run("query", believed, 5, 5)
    assert "older than the evidence" in words.err


def test_log_a_miss_and_a_hit(believed: Path, run: Run):
    ran = run("log", believed, "P1", "--miss", "--drilled-to", 6.5, "--json")
    assert ran.code == 0
    miss = document(ran.out)
    assert (miss["hole"], miss["outcome"], miss["drilled_to_m"]) == ("P1", "miss", 6.5)
    assert miss["updated"] is True
    assert miss["stale"] is False
    ran = run(
        "log", believed, "N1", "--hit", 3, 4.2, "--collar", -0.5, 3, -0.1, "--azimuth", 90,
        "--inclination", 60, "--drilled-to", 7, "--json",
    )  # fmt: skip
    assert ran.code == 0
    hit = document(ran.out)
    assert hit["hit"] == [3.0, 4.2]
    assert hit["p_hit_planned"] is None
    assert 0.0 <= hit["p_hit"] < 0.95
    lines = [json.loads(line) for line in (believed / "journal.jsonl").read_text().splitlines()]
    assert [line["verb"] for line in lines[-4:]] == ["log", "infer", "log", "infer"]
    assert lines[-2]["payload"]["p_hit"] == hit["p_hit"]


def test_report_writes_one_page(believed: Path, run: Run):
    ran = run("report", believed, "--json")
    assert ran.code == 0
    facts = document(ran.out)
    page = Path(facts["report"]).read_text(encoding="utf-8")
    assert page.startswith("<!DOCTYPE html>")
    assert "not yet calibrated" in page
    assert facts["stale"] is False
    assert facts["pdf"] is None


def test_report_writes_a_pdf(believed: Path, run: Run, tmp_path: Path):
    facts = document(run("report", believed, "--pdf", "--json").out)
    assert Path(facts["report"]).is_file()
    assert Path(facts["pdf"]) == Path(facts["report"]).with_suffix(".pdf")
    assert Path(facts["pdf"]).read_bytes().startswith(b"%PDF-1.7")
    alone = tmp_path / "alone.pdf"
    facts = document(run("report", believed, "-o", alone, "--json").out)
    assert facts["report"] == facts["pdf"] == str(alone)
    assert alone.read_bytes().startswith(b"%PDF-1.7")


@pytest.mark.parametrize("verb", [["query", 1, 2], ["plan"], ["report"]])
def test_without_a_belief_the_command_to_run_is_said(empty: Path, run: Run, verb):
    before = tree(empty)
    ran = run(verb[0], empty, *verb[1:], "--json")
    assert ran.code == 1
    assert ran.out == ""
    assert f"no belief yet; make one with: subterra infer {empty}" in ran.err
    assert tree(empty) == before


def test_infer_without_evidence_says_what_to_do(empty: Path, run: Run):
    ran = run("infer", empty)
    assert ran.code == 1
    assert f"subterra add {empty} FILE..." in ran.err


def test_version_and_help(run: Run):
    assert run("--version").out.startswith("subterra ")
    ran = run()
    assert ran.code == 0
    for verb in ("new", "add", "retract", "status", "infer", "query", "plan", "log", "report"):
        assert f"  {verb} " in ran.out
        assert run(verb, "--help").code == 0


def test_damage_is_listed_by_status(believed: Path, run: Run):
    stored = next((believed / "evidence").glob("*reports.csv"))
    stored.write_bytes(stored.read_bytes() + b"\n")
    ran = run("status", believed, "--json")
    assert ran.code == 1
    assert "was changed after it was added" in document(ran.out)["problems"][0]
    assert "what does not verify: 1 thing" in ran.err
