from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pooch
import pytest
from cli_samples import Run

from subterra.cli.demo import crossing, field_config, read_field, write_field
from subterra.cli.demo_decoys import decoys_config, p_passes, read_decoys, write_decoys
from subterra.cli.demo_gallery import find_gallery, gallery_config
from subterra.cli.demo_steps import free_folder
from subterra.cli.words import beyond, stated, with_word
from subterra.errors import InputError
from subterra.inference import Belief, RunInfo
from subterra.scene import Prior, concatenate, make_scene
from subterra.search import Hole
from subterra.site import Site, add_files, tables_in_force

PRIOR = Prior((0.0, 0.0, 40.0, 40.0), 15.0)
NO_RUN = RunInfo(1, 3, 0.0, (0.0, 0.0), (0.3, 0.3), (2, 1), 3.0, {}, (0.0, 1.0), {})
TRUTH = {"axis_with_ends_outside": [[-50.0, 0.0, -5.0], [50.0, 0.0, -5.0]], "radius_m": 1.0}


def test_a_vertical_hole_over_the_axis_meets_the_whole_drive():
    assert crossing(Hole("P1", 3, 0, 0, 0, 90, 10), TRUTH) == pytest.approx((4.0, 6.0))


def test_a_hole_beside_the_drive_misses():
    assert crossing(Hole("P1", 3, 1.01, 0, 0, 90, 10), TRUTH) is None
    assert crossing(Hole("P1", 3, 0, 0, 0, 90, 3.9), TRUTH) is None


def test_an_off_centre_and_an_inclined_hole_cut_their_chords():
    half = np.sqrt(1.0 - 0.6**2)
    off = crossing(Hole("P1", 3, 0.6, 0, 0, 90, 10), TRUTH)
    assert off == pytest.approx((5 - half, 5 + half), abs=0.01)
    # Towards north at 45 degrees, from the south: through the axis 5 m down.
    inclined = crossing(Hole("P1", 3, -5, 0, 0, 45, 20), TRUTH)
    assert inclined == pytest.approx((np.hypot(5, 5) - 1, np.hypot(5, 5) + 1), abs=0.01)


def test_a_hole_that_ends_inside_stops_there():
    assert crossing(Hole("P1", 3, 0, 0, 0, 90, 5.0), TRUTH) == pytest.approx((4.0, 5.0))


def test_the_field_becomes_the_files_of_a_site(tmp_path: Path):
    field = read_field()
    site = Site.create(tmp_path / "demo", field_config(field))
    site, items = add_files(site, write_field(field, tmp_path))
    assert [item.kind for item in items] == [
        "gravity",
        "resistivity",
        "reports",
        "boreholes",
        "intervals",
    ]
    tables = {item.kind: table for item, table in tables_in_force(site)}
    np.testing.assert_array_equal(tables["gravity"].g_ugal, field["gravity"]["g_ugal"])
    np.testing.assert_array_equal(tables["resistivity"].abmn, field["resistivity"]["abmn"])
    assert len(tables["reports"]) == 6
    assert set(tables["intervals"].log) == {"intact"}
    assert set(tables["boreholes"].inclination_deg) == {90.0}


def test_the_field_tells_the_inference_nothing_of_the_truth():
    field = read_field()
    config = field_config(field)
    other = {**field, "truth": {**field["truth"], "axis": [[0, 0, -1], [1, 1, -1]]}}
    changed = field_config(other)
    assert changed.known != config.known
    assert changed.model_dump(exclude={"known"}) == config.model_dump(exclude={"known"})


def test_the_gallery_page_says_how_the_adit_is_known():
    config = gallery_config()
    assert config.targets.look_for == ("working",)
    assert config.bounds == (0.0, 0.0, 20.0, 32.5)
    assert any("only from other people's inversion" in note for note in config.notes)
    assert "not surveyed" in config.known[0].label


def test_a_file_that_is_not_the_gallery_is_refused(tmp_path: Path, monkeypatch):
    path = tmp_path / "ert_gallery_freiberg" / "gallery3d.dat"
    path.parent.mkdir()
    path.write_text("126\n")
    monkeypatch.setenv("SUBTERRA_DATA", str(tmp_path))
    with pytest.raises(InputError, match=r"gallery3d\.dat: this is not the survey"):
        find_gallery()


@pytest.mark.parametrize("failure", [ConnectionError("no network"), ValueError("other hash")])
def test_without_data_or_network_the_message_says_both_ways(
    tmp_path: Path, run: Run, monkeypatch, failure
):
    def unreachable(*_: object, **__: object) -> None:
        raise failure

    monkeypatch.setenv("SUBTERRA_DATA", str(tmp_path))
    monkeypatch.setattr(pooch, "retrieve", unreachable)
    ran = run("demo", "gallery", "--out", tmp_path / "gallery")
    assert ran.code == 1
    assert "SUBTERRA_DATA/ert_gallery_freiberg/gallery3d.dat" in ran.err
    assert "raw.githubusercontent.com/gimli-org/example-data" in ran.err
    assert not (tmp_path / "gallery").exists()


def test_a_demo_takes_a_folder_that_is_free(tmp_path: Path):
    wanted = tmp_path / "demo"
    assert free_folder(wanted) == wanted
    wanted.mkdir()
    assert free_folder(wanted) == wanted
    (wanted / "x").touch()
    assert free_folder(wanted) == tmp_path / "demo-2"


@pytest.mark.slow
def test_the_demo_runs_from_nothing_to_a_page(tmp_path: Path, run: Run):
    ran = run("demo", "--out", tmp_path / "demo", "--json")
    assert ran.code == 0
    facts = json.loads(ran.out)
    assert Path(facts["report"]).is_file()
    assert all(Path(name).is_file() for name in facts["plan"])
    verbs = [entry.verb for entry in Site.open(tmp_path / "demo").entries]
    assert verbs == ["new", *["add"] * 5, "infer", "plan", "log", "infer", "plan"]


@pytest.mark.parametrize(
    ("p", "words", "sentence"),
    [
        (0.37, "= 0.37", "= 0.37 (unlikely)"),
        (0.0, "< 0.01", "< 0.01"),
        (1.0, "> 0.99", "> 0.99"),
    ],
)
def test_probabilities_in_sentences(p: float, words: str, sentence: str):
    assert stated(p, 4096) == words
    assert with_word(p, 4096) == sentence


def test_a_probability_held_at_its_bound_is_beyond_it():
    assert beyond(0.01, 4096) == 0.0
    assert beyond(0.99, 4096) == 1.0
    assert beyond(0.5, 4096) == 0.5
    assert stated(beyond(0.99, 4096), 4096) == "> 0.99"


def test_the_decoy_field_becomes_the_files_of_a_site(tmp_path: Path):
    world = read_decoys()
    site = Site.create(tmp_path / "demo", decoys_config(world))
    site, items = add_files(site, write_decoys(world, tmp_path))
    assert [item.kind for item in items] == ["reports", "sources", "signs", "gravity"]
    assert [e.id for e in site.evidence()] == ["reports", "signs", "gravity"]
    assert any("Invented" in note for note in site.config.notes)
    # The inference is told nothing of the truth: without it the site file is the same.
    other = {**world, "truth": {**world["truth"], "axis": [[0, 0, -1], [1, 1, -1]]}}
    told = decoys_config(other).model_dump(exclude={"known"})
    assert told == site.config.model_dump(exclude={"known"})


def test_a_drive_passes_where_its_axis_is_near_in_plan():
    axis = [[-20.0, 3.0, -5.0], [60.0, 3.0, -5.0]]
    drive = {"family": "driven", "fill": "air", "axis": axis, "radius": 1.0}
    cave = {**drive, "family": "chamber", "axis": [[10.0, 0.0, -5.0]]}
    scenes = concatenate([make_scene([drive]), make_scene([cave]), make_scene([])])
    belief = Belief(scenes, np.array([0.3, 0.5, 0.2]), PRIOR, NO_RUN)
    assert p_passes(belief, (10.0, 0.0), 3.1) == pytest.approx(0.3)
    assert p_passes(belief, (10.0, 0.0), 2.9) == 0.0


@pytest.mark.slow
def test_a_second_line_of_evidence_clears_the_decoys(tmp_path: Path, run: Run):
    ran = run("demo", "decoys", "--out", tmp_path / "demo", "--json")
    assert ran.code == 0
    facts = json.loads(ran.out)
    assert facts["with_gravity"]["decoy"] < 0.2
    assert facts["with_gravity"]["truth"] > 0.6
    assert facts["people_and_signs"]["truth"] < facts["with_gravity"]["truth"]
    assert Path(facts["report"]).is_file()
