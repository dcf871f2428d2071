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
