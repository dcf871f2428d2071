from __future__ import annotations

import json

from cli_samples import tree


def test_stop_says_what_it_would_need(run, believed) -> None:
    ran = run("stop", believed, "--json")
    assert ran.code == 0
    facts = json.loads(ran.out)
    assert facts["certified"] is False
    assert facts["not_certified_because"]
    assert [rule["name"] for rule in facts["rules"]] == [
        "probability", "value", "practice", "worst-case",
    ]  # fmt: skip
    assert facts["frequentist"]["holes"] == 1
    assert "Not cleared" in ran.err
    for name in facts["files"]:
        assert (believed / name).is_file()


def test_area_and_rule(run, believed, given) -> None:
    area = given("area.csv", "x,y\n2,2\n8,2\n8,8\n2,8\n")
    ran = run("stop", believed, "--inside", area, "--rule", "3-ft-grid", "--diameter", 1.5,
              "--above", 5, "--json")  # fmt: skip
    facts = json.loads(ran.out)
    assert facts["declared"]["inside"] == [[2, 2], [8, 2], [8, 8], [2, 8]]
    assert facts["rules"][2]["met"] is False
    assert 0.0 < facts["rules"][2]["value"] < 0.1


def test_bad_input_changes_nothing(run, believed, empty, given) -> None:
    before = tree(believed)
    outside = given("area.csv", "x,y\n2,2\n80,2\n8,8\n")
    for arguments in (
        ("--diameter", 50),
        ("--above", -3),
        ("--epsilon", 1.5),
        ("--rule", "none"),
        ("--inside", outside),
        ("--inside", believed / "nowhere"),
    ):
        ran = run("stop", believed, *arguments)
        assert ran.code == 1
        assert ran.out == ""
    assert tree(believed) == before
    ran = run("stop", empty)
    assert ran.code == 1
    assert "subterra infer" in ran.err


def test_grid_tells_the_worst_azimuth(run) -> None:
    ran = run("grid", 5, "--strip", 100, 0.5, "--json")
    facts = json.loads(ran.out)
    assert abs(facts["p"] - 0.883) < 0.006
    assert facts["worst_angle_deg"] == 0.0
    assert abs(facts["worst_p"] - 0.1) < 1e-3
    lines = json.loads(run("grid", 10, "--ellipse", 4, 2, "--pattern", "lines", "--json").out)
    assert abs(lines["p"] - 0.6168) < 1e-4
    jittered = json.loads(run("grid", 5, "--strip", 100, 0.5, "--jitter", 1, "--json").out)
    assert jittered["worst_p"] > 0.8
    assert "over all azimuths" in run("grid", 5, "--ellipse", 2, 2, "--miss", 0.1).out


def test_grid_names_slips(run) -> None:
    for arguments in (
        (5,),
        (5, "--strip", 10, 1, "--ellipse", 2, 1),
        (-5, "--strip", 10, 1),
        (5, "--strip", 10, 1, "--pattern", "rings"),
        (5, "--strip", 10, 1, "--pattern", "lines", "--jitter", 1),
        (5, "--strip", 10, 1, "--swath", 1),
        (5, "--strip", 10, 1, "--miss", 2),
        (5, "--strip", 10, 20),
    ):
        assert run("grid", *arguments).code == 1


def test_plan_objectives(run, believed) -> None:
    rows = json.loads(run("plan", believed, "--objective", "learn", "--robust", "--json").out)
    assert rows
    assert all("under other priors" in row["reason"] for row in rows)
    assert run("plan", believed, "--objective", "hide").code == 1
