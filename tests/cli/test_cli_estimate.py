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


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "say what to estimate"),
        (("--background", "--discrepancy"), "say what to estimate"),
        (("--discrepancy", "--write"), "--write goes with --background"),
        (("--background",), "no resistivity"),
    ],
)
def test_what_cannot_be_is_refused(run, empty, arguments, words):
    ran = run("estimate", empty, *arguments)
    assert ran.code == 1
    assert words in ran.err
    assert ran.out == ""
