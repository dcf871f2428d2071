"""The verb ``estimate`` as a user meets it."""

from __future__ import annotations

import json

import numpy as np
import pytest

from subterra.physics import LayeredEarth, layered_sum, make_quadripoles

EARTH = LayeredEarth((40.0, 300.0), (2.0,))


@pytest.fixture
def surveyed(run, empty, given):
    """A site with one line over two layers."""
    x = 1.5 * np.arange(12)
    abmn = np.array([(i, i + 1, i + 1 + n, i + 2 + n) for n in range(1, 6) for i in range(10 - n)])
    layout = make_quadripoles(x, 0.0 * x, None, abmn)
    rhoa = layered_sum(EARTH, x, 0.0 * x, 0.0 * x, abmn) / layout.k_sum
    lines = [str(len(x)), "# x y z", *(f"{v} 5 0" for v in x)]
    lines += [str(len(abmn)), "# a b m n rhoa"]
    lines += [
        " ".join(str(v + 1) for v in q) + f" {r:.6g}" for q, r in zip(abmn, rhoa, strict=True)
    ]
    assert run("add", empty, given("layers.dat", "\n".join(lines) + "\n")).code == 0
    return empty


def test_layers_are_said_and_not_written(run, surveyed):
    ran = run("estimate", surveyed, "--background", "--layers", "2", "--json")
    assert ran.code == 0
    found = json.loads(ran.out)
    assert found["written"] is False
    assert len(found["fits"]) == 2
    assert found["fits"][1]["thickness_m"] == pytest.approx([2.0], rel=0.1)
    assert 'layers = "' not in (surveyed / "site.toml").read_text().replace("# layers", "")


def test_layers_are_written_on_request(run, surveyed):
    ran = run("estimate", surveyed, "--background", "--layers", "2", "--write")
    assert ran.code == 0
    assert "Written into" in ran.out
    assert "\nlayers = " in (surveyed / "site.toml").read_text()
    assert run("status", surveyed).code == 0


@pytest.mark.slow
def test_discrepancy_is_measured(run, surveyed):
    ran = run("estimate", surveyed, "--discrepancy", "--json")
    assert ran.code == 0
    found = json.loads(ran.out)
    assert 0.001 < found["floor"] < 0.1
    assert 0.01 < found["kappa"] < 0.3
    grounds = [row["unmodelled"] for row in found["floors"]]
    assert grounds == sorted(grounds)
    assert {row["fill"] for row in found["responses"]} == {"air", "water"}
    for row in found["responses"]:
        assert 0.8 < row["scale"] < 1.25


def test_what_a_run_takes_is_said(run, empty, given):
    rows = "".join(f"g{i},{4 * (i % 5)},{4 * (i // 5)},{(7 * i) % 5},4\n" for i in range(20))
    path = given("g.csv", "station,x,y,g_ugal,sd_ugal\n" + rows)
    assert run("add", empty, path).code == 0
    ran = run("estimate", empty, "--scenes", "512", "--json")
    assert ran.code == 0
    found = json.loads(ran.out)
    assert found["scenes"] == 512
    assert found["seconds"] == pytest.approx(sum(found["seconds_by_part"].values()))
    assert 0.0 < found["seconds"] < 120.0
    assert 1e5 < found["run_bytes"] < 1e9
    assert "within a factor of 2" in ran.err
    assert not list((empty / "belief").glob("*.h5"))


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "there is no evidence yet"),
        (("--background", "--discrepancy"), "say what to estimate"),
        (("--discrepancy", "--write"), "--write goes with --background"),
        (("--write",), "--write goes with --background"),
        (("--background",), "no resistivity"),
    ],
)
def test_what_cannot_be_is_refused(run, empty, arguments, words):
    ran = run("estimate", empty, *arguments)
    assert ran.code == 1
    assert words in ran.err
    assert ran.out == ""
