"""``calibrate`` and ``infer --replay``."""

from __future__ import annotations

import json
from pathlib import Path

from cli_samples import Run

ASKED = ("--worlds", 2, "--scenes", 128)


def test_calibrate_gives_one_document_and_is_said_everywhere(believed: Path, run: Run) -> None:
    assert "not yet calibrated" in run("query", believed, 5, 5).out
    ran = run("calibrate", believed, *ASKED, "--json")
    assert ran.code == 0
    found = json.loads(ran.out)
    assert found["worlds"] == 2
    assert found["calibrated"] is False
    assert found["words"] == "not yet calibrated: 2 worlds of at least 20"
    assert set(found["coverage"]["nearest_depth_m"]) == {"50", "90"}
    assert found["wrong"] == {}
    assert (believed / found["file"]).is_file()
    after = run("infer", believed, "--scenes", 128, "--json", "--effort", 1)
    assert json.loads(after.out)["calibration"] == found["words"]
    assert found["words"] in run("query", believed, 5, 5).out
    assert run("report", believed).code == 0
    page = (believed / "report" / "report.html").read_text()
    assert page.lower().count(found["words"]) >= 3
    assert 'id="calibration"' in page
    assert run("status", believed).code == 0


def test_calibrate_in_words(believed: Path, run: Run) -> None:
    ran = run("calibrate", believed, *ASKED)
    assert ran.code == 0
    assert ran.out.startswith("Not yet calibrated: 2 worlds")
    assert "depth of nearest" in ran.out
    bad = run("calibrate", believed, "--wrong", "weather")
    assert bad.code == 1
    assert "ground, noise, prior" in bad.err


def test_replay_makes_the_same_belief(believed: Path, run: Run) -> None:
    ran = run("infer", believed, "--replay", "--json")
    assert ran.code == 0
    found = json.loads(ran.out)
    assert found["identical"] is True
    assert found["same_code"] is True
    journal = (believed / "journal.jsonl").read_bytes()
    assert run("log", believed, "P1", "--miss").code == 0
    again = run("infer", believed, "--replay")
    assert again.code == 0
    assert "the same to the last bit" in again.out
    assert (believed / "journal.jsonl").read_bytes().startswith(journal)


def test_replay_of_a_belief_that_is_not_what_it_says(believed: Path, run: Run) -> None:
    site = believed / "site.toml"
    site.write_text(site.read_text().replace("p0 = 0.9", "p0 = 0.8"))
    ran = run("infer", believed, "--replay")
    assert ran.code == 1
    assert "site.toml has changed" in ran.err


def test_infer_raises_the_effort_and_says_why(believed: Path, run: Run, monkeypatch) -> None:
    from dataclasses import replace

    from subterra.inference import convergence

    def never(belief, objects=()):
        return replace(convergence(belief, objects), converged=False, reasons=("on purpose",))

    monkeypatch.setattr("subterra.inference.effort.convergence", never)
    monkeypatch.setattr("subterra.inference.summary.convergence", never)
    ran = run("infer", believed, "--scenes", 128, "--effort", 2, "--json")
    found = json.loads(ran.out)
    assert (found["scenes"], found["runs"]) == (256, 2)
    assert "going on to 256 scenes" in ran.err
    assert "not converged: on purpose" in ran.err
    assert found["converged"] is False
    low, high = found["p_any_range"]
    assert low <= found["p_any"] <= high
    assert not list((believed / "belief").glob("unfinished*"))
