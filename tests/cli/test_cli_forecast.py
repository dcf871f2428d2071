"""The verb ``forecast``: sentences, table, document, figures, and what it refuses."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from cli_samples import FILES, Run, tree

GRID = ["--grid", "0", "0", "20", "15", "--spacing", "2.5"]
PLAN = "station,x,y\n" + "".join(f"s{i}{j},{4 * i},{4 * j}\n" for i in range(6) for j in range(5))
LINE = (
    "13\n# x y\n"
    + "".join(f"{2 * i} 7\n" for i in range(13))
    + "18\n# a b m n\n"
    + "".join(f"{i + 1} {i + 2} {i + 2 + k} {i + 3 + k}\n" for k in (1, 2) for i in range(9))
    + "0\n"
)


def unplanned(ran, *parts):
    assert ran.code == 1
    assert ran.out == ""
    assert ran.err.startswith("subterra: ")
    assert ran.err.count("\n") == 1
    for part in parts:
        assert part in ran.err


def by_key(survey):
    return {(row["fill"], row["diameter_m"]): row for row in survey["limits"]}


def test_a_grid_in_words(run: Run, empty: Path):
    before = tree(empty)
    ran = run("forecast", empty, *GRID, "--error", "2", "--ground-sd", "5", "--no-figures")
    assert ran.code == 0
    assert ran.err == ""
    assert "gravity, planned: grid 0 0 20 15, 63 stations 2.5 m apart." in ran.out
    assert "This survey would see a 2 m air-filled drive down to " in ran.out
    assert "standard error 2 µGal" in ran.out
    assert "ground with an sd of 5 kg/m³" in ran.out
    assert "Not covered: " in ran.out
    # Nothing of the site but its cache has changed.
    after = tree(empty)
    assert {k: v for k, v in after.items() if not k.startswith("cache")} == {
        k: v for k, v in before.items() if not k.startswith("cache")
    }


def test_what_is_seen_in_part_or_not_at_all_is_said(run: Run, empty: Path):
    out = run("forecast", empty, *GRID, "--error", "8", "--no-figures").out
    assert "2 m air-filled drive only in quiet ground, down to " in out
    assert "This survey would see no 2 m rubble-filled drive at any depth." in out


def test_the_document_holds_limits_and_curves(run: Run, empty: Path):
    quiet = json.loads(run("forecast", empty, *GRID, "--error", "2", "--json", "--no-figures").out)
    noisy = json.loads(run("forecast", empty, *GRID, "--error", "8", "--json", "--no-figures").out)
    assert quiet["stale"] is None
    assert quiet["figures"] == []
    first, second = quiet["surveys"][0], noisy["surveys"][0]
    assert (first["survey"], first["planned"], first["n_data"]) == ("gravity", True, 63)
    assert first["assumed"]["ground_weights"] == "prior"
    assert first["assumed"]["sd_median"] == 2.0
    assert first["area"] == [0.0, 0.0, 20.0, 15.0]
    assert len(first["limits"]) == len(first["curves"]) == 18
    for key, row in by_key(first).items():
        other = by_key(second)[key]
        assert row["middling"]["standing"] in ("seen", "never", "deeper", "beyond")
        for ground in ("restless", "middling", "quiet", "anywhere"):
            assert (row[ground]["down_to_m"] or 0.0) >= (other[ground]["down_to_m"] or 0.0)
    curve = next(c for c in first["curves"] if (c["fill"], c["diameter_m"]) == ("air", 2.0))
    assert len(curve["pod"]) == len(first["depth_m"])
    assert curve["pod"][0] is None
    known = [v for v in curve["pod"] if v is not None]
    assert known == sorted(known, reverse=True)
    assert 0.0 <= known[-1] <= known[0] <= 1.0


def test_planned_files_of_both_kinds(run: Run, empty: Path, given):
    files = [given("plan.csv", PLAN), given("plan.dat", LINE)]
    ran = run("forecast", empty, *files, "--diameter", "2", "--json", "--no-figures")
    assert ran.code == 0
    surveys = json.loads(ran.out)["surveys"]
    assert [s["survey"] for s in surveys] == ["gravity", "resistivity"]
    assert [s["n_data"] for s in surveys] == [30, 18]
    assert surveys[0]["assumed"]["sd_median"] == 10.0
    assert surveys[1]["assumed"]["sd_median"] == pytest.approx(np.hypot(0.02, 0.05))


def test_a_plan_is_no_evidence(run: Run, empty: Path, given):
    for name, content in (("plan.csv", PLAN), ("plan.dat", LINE)):
        ran = run("add", empty, given(name, content))
        unplanned(ran, name)


def test_evidence_is_no_plan(run: Run, empty: Path, given):
    unplanned(run("forecast", empty, given("gravity.csv")), "is no planned survey")
    unplanned(run("forecast", empty, given("line.dat")), "has been measured")
    unplanned(
        run("forecast", empty, given("gravity.csv"), "--kind", "reports"), "cannot be planned"
    )


def test_lines_of_electrodes(run: Run, empty: Path):
    arguments = ["--line", "0", "5", "20", "5", "--electrodes", "21", "--array", "wenner"]
    ran = run("forecast", empty, *arguments, "--lines", "2", "--apart", "4", "--no-figures")
    assert ran.code == 0
    assert "line 0 9 20 9, 21 electrodes 1 m apart, wenner" in ran.out
    assert "standard error 5.4 % of the apparent resistivity" in ran.out


def test_figures(run: Run, empty: Path, tmp_path: Path):
    folder = tmp_path / "pictures"
    ran = run("forecast", empty, *GRID, "--error", "3", "--json", "--out", folder)
    assert ran.code == 0
    facts = json.loads(ran.out)
    page = Path(facts["page"])
    assert page == folder / "forecast.html"
    text = page.read_text(encoding="utf-8")
    assert text.count("<img ") == 2
    assert "What this forecast does not cover" in text
    drawn = [Path(p) for p in facts["figures"]]
    assert [p.name for p in drawn] == ["forecast-gravity.png", "forecast-gravity-map.png"]
    for path in drawn:
        assert path.parent == folder
        assert path.read_bytes().startswith(b"\x89PNG")
        assert path.stat().st_size > 20_000


def test_a_survey_that_sees_nothing_says_by_how_much(run: Run, empty: Path):
    ran = run("forecast", empty, *GRID, "--error", "500", "--no-figures")
    assert ran.code == 0
    assert "would see no drive at any depth, not even one 5 m wide in quiet ground" in ran.out
    assert "is needed" in ran.out
    seen = json.loads(run("forecast", empty, *GRID, "--error", "500", "--json", "--out", empty).out)
    assert seen["surveys"][0]["sees_nothing"] is True


def test_surveys_of_the_site_and_what_they_show_of_the_belief(run: Run, empty: Path, given):
    unplanned(run("forecast", empty), "there is no survey in this site")
    assert run("add", empty, given("gravity.csv"), given("reports.csv")).code == 0
    assert run("infer", empty, "--scenes", "256").code == 0
    ran = run("forecast", empty, "--json", "--no-figures")
    assert ran.code == 0
    found = json.loads(ran.out)
    (survey,) = found["surveys"]
    assert survey["planned"] is False
    assert survey["assumed"]["ground_weights"] == "posterior"
    assert found["stale"] is False
    assert list(found["left_out"]) == ["reports"]
    objects = json.loads(run("status", empty, "--json").out) and survey["suspected"]
    for item in objects:
        low, middle, high = item["snr"]
        assert 0.0 <= low <= middle <= high
        assert 0.0 <= item["pod"] <= 1.0
    assert "can see" in run("forecast", empty, "--no-figures").out
    planned = json.loads(run("forecast", empty, *GRID, "--json", "--no-figures").out)
    assert len(planned["surveys"][0]["suspected"]) == len(objects)


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        (["--grid", "0", "0", "20", "15"], "--grid needs --spacing"),
        (["--line", "0", "0", "20", "0"], "--line needs either"),
        (["--line", "0", "0", "20", "0", "--electrodes", "3"], "at least 4 electrodes"),
        (["--spacing", "2"], "need --grid or --line"),
        ([*GRID, "--line", "0", "0", "20", "0"], "one by one"),
        ([*GRID, "--error", "-1"], "standard error must be positive"),
        (
            ["--line", "0", "0", "20", "0", "--spacing", "1", "--error", "2"],
            "is relative, 0.02 is 2 %",
        ),
        (
            ["--grid", "5e5", "0", "500020", "15", "--spacing", "2.5"],
            "nothing in it lies in or near",
        ),
        ([*GRID, "--ground-sd", "-1"], "must be at least 0"),
        ([*GRID, "--pod", "1"], "probability of detection"),
        ([*GRID, "--false-alarm", "0"], "false-alarm rate"),
        ([*GRID, "--diameter", "0"], "diameters must be positive"),
        ([*GRID, "--diameter", "20"], "leave no room"),
        ([*GRID, "--map-depth", "0"], "depth of the map"),
        (["--line", "0", "0", "20", "0", "--spacing", "1", "--array", "x"], "unknown array"),
        (
            ["--line", "0", "0", "20", "0", "--spacing", "1", "--lines", "2"],
            "need a positive distance",
        ),
    ],
)
def test_what_cannot_be_forecast(run: Run, empty: Path, arguments, part):
    unplanned(run("forecast", empty, *arguments), part)


def test_surveys_of_two_kinds_share_neither_error_nor_ground(run: Run, empty: Path, given):
    files = [given("plan.csv", PLAN), given("plan.dat", LINE)]
    unplanned(run("forecast", empty, *files, "--error", "3"), "share no error")
    unplanned(run("forecast", empty, *files, "--ground-sd", "3"), "share no ground")
    assert run("add", empty, given("gravity.csv", FILES["gravity.csv"])).code == 0
    unplanned(run("forecast", empty, "--error", "3"), "planned survey only")
