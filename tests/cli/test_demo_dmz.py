"""The fence demo: its site file, its people, and the radar over its invented drive."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from subterra.cli.demo import crossing
from subterra.cli.demo_dmz import (
    BOUNDS,
    DEPTHS_M,
    PANEL_M,
    TRUTH,
    _best_panel,
    _drill,
    dmz_config,
    p_detected,
    planned_surveys,
    read_radar,
    write_people,
)
from subterra.cli.demo_steps import Steps
from subterra.cli.output import Output
from subterra.evidence import traveltime_evidence
from subterra.formats import read_traveltime
from subterra.scene import empty_scenes, make_scene
from subterra.search import Hole
from subterra.search.actions import Survey, Weighed
from subterra.search.lines import Line
from subterra.search.value import Worth
from subterra.simulate.line_layouts import radar_panel
from subterra.site import Site, add_files, to_prior
from subterra.site.actions import SiteActions
from subterra.site.holes import drilled_holes


def test_what_is_published_and_what_is_invented_is_said(tmp_path: Path):
    config = dmz_config()
    assert config.notes[0].startswith("Published")
    assert config.notes[1].startswith("Invented")
    drive = config.families["driven"]
    assert drive.depth_m == (50.0, 150.0)
    # The invented drive is one of the prior's: 2 m by 2 m, as deep as the published ones.
    assert drive.radius_m[0] < TRUTH["radius_m"] < drive.radius_m[1]
    assert np.pi * TRUTH["radius_m"] ** 2 == pytest.approx(4.0, abs=0.02)
    depth = -np.array(TRUTH["axis"])[:, 2]
    assert np.all((depth > 50.0) & (depth < 150.0))
    with write_people(tmp_path)[0].open() as file:
        assert {row["origin"] for row in csv.DictReader(file)} == {"defector"}


def test_one_hole_in_ten_of_a_fence_would_meet_the_drive():
    """Holes 20 m apart, 2.26 m wide drive: 0.113 of them, and none of the two beside it."""
    x = np.arange(440.0, 460.0, 0.05)
    hit = [crossing(Hole("H", v, 10.0, 0.0, 0.0, 90.0, 155.0), TRUTH) is not None for v in x]
    assert np.mean(hit) == pytest.approx(2.0 * TRUTH["radius_m"] / PANEL_M, abs=0.01)
    assert not hit[0]
    assert BOUNDS[0] < x[0] < BOUNDS[2]


def test_radar_over_the_invented_drive_says_that_it_is_there(tmp_path: Path):
    prior = to_prior(dmz_config())
    table = radar_panel((440.0, 10.0, 0.0), (460.0, 10.0, 0.0), 95.0, 125.0, 1.5)
    survey = Survey(
        "panel", Line(440.0, 10.0, 460.0, 10.0), traveltime_evidence([table], prior, lens=0.03), 1.0
    )
    read_radar(survey, tmp_path / "panel.csv", 1)
    read = traveltime_evidence([read_traveltime(tmp_path / "panel.csv")], prior, lens=0.03)
    drive = {"family": "driven", "fill": "air", "radius": TRUTH["radius_m"]}
    there = make_scene([{**drive, "axis": TRUTH["axis_with_ends_outside"]}])
    away = make_scene([{**drive, "axis": [(600.0, -1000.0, -110.0), (600.0, 1000.0, -110.0)]}])
    told = [float(read.log_likelihood(s)[0]) for s in (there, away, empty_scenes(prior))]
    assert told[0] > told[2] + 5.0
    assert told[1] == pytest.approx(told[2], abs=1e-3)


@pytest.mark.slow
def test_only_radar_between_holes_sees_the_drive(tmp_path: Path):
    site = Site.create(tmp_path / "fence", dmz_config())
    site, _ = add_files(site, write_people(tmp_path))
    seen = {name: p_detected(site, planned) for name, planned in planned_surveys().items()}
    assert len(seen["gravity"]) == len(DEPTHS_M)
    assert max(seen["gravity"]) < 0.01
    assert max(seen["resistivity"]) < 0.01
    assert max(seen["crosshole radar"]) > 0.3
    assert min(seen["crosshole radar"]) > 0.05


def a_panel(x0: float, x1: float, holes=(), standing=()) -> Survey:
    prior = to_prior(dmz_config())
    table = radar_panel((x0, 10.0, 0.0), (x1, 10.0, 0.0), 95.0, 125.0, 3.0)
    evidence = traveltime_evidence([table], prior, lens=0.03)
    return Survey("panel", Line(x0, 10.0, x1, 10.0), evidence, 1.0, holes, standing, 110.0)


def weighed(*actions) -> SiteActions:
    worth = Worth(0.0, 1.0, 1.0, 1.0, 0.0, 0.0, 0.0, np.empty(0, int))
    rows = tuple(Weighed(action, worth, 0.0, None) for action in actions)
    return SiteActions(rows, (), None)  # pyright: ignore[reportArgumentType]


def test_a_panel_is_measured_first_and_then_while_it_is_best():
    hole, panel = Hole("P1", 440.0, 10.0, 0.0, 0.0, 90.0, 150.0), a_panel(440.0, 460.0)
    assert _best_panel(weighed(hole, panel), first=True) is panel
    assert _best_panel(weighed(hole, panel), first=False) is None
    assert _best_panel(weighed(panel, hole), first=False) is panel
    assert _best_panel(weighed(hole), first=True) is None


def test_a_fence_grows_by_one_hole_for_each_panel(tmp_path: Path):
    steps = Steps(Output(True), tmp_path / "fence")
    steps.make(dmz_config())
    new = [Hole("", x, 10.0, 0.0, 0.0, 90.0, 150.0) for x in (440.0, 460.0, 452.0)]
    assert not _drill(steps, a_panel(440.0, 460.0, tuple(new[:2])))
    held = drilled_holes(steps.site)
    assert [hole.name for hole in held] == ["F1", "F2"]
    # The third stands over the invented drive.
    assert _drill(steps, a_panel(440.0, 452.0, (new[2],), (held[0],)))
    assert [hole.name for hole in drilled_holes(steps.site)] == ["F1", "F2", "F3"]
