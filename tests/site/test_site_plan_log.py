from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path

import numpy as np
import pyogrio
import pytest
from site_samples import COLLARS, INTERVALS, REPORTS, tree

from subterra.errors import InputError, SiteError
from subterra.inference.belief import p_any
from subterra.scene import object_counts
from subterra.site import Site, add_files, build_config, retract
from subterra.site.belief_store import current_belief
from subterra.site.believe import infer_site, unfinished
from subterra.site.holes import drilled_holes
from subterra.site.log_hole import Collar, LoggedWord, log_hole
from subterra.site.plan_store import current_plan, find_planned, make_plan


@pytest.fixture(scope="module")
def believed(tmp_path_factory) -> Site:
    """A small site with reports, a dry hole, a collar without a log, a belief and a plan."""
    folder = tmp_path_factory.mktemp("plan")
    config = build_config(
        {
            "name": "Field",
            "bounds": [0, 0, 20, 15],
            "depth_m": 8,
            "crs": "EPSG:25833",
            "targets": {"p0": 0.9},
            "drilling": {"inclinations_deg": [90, 60], "azimuths_deg": [0, 90, 180, 270]},
        }
    )
    site = Site.create(folder / "field", config)
    files = {"collars.csv": COLLARS, "log.csv": INTERVALS, "reports.csv": REPORTS}
    for name, text in files.items():
        (folder / name).write_text(text)
    site, _ = add_files(site, [folder / name for name in files])
    site, _ = infer_site(site, n_scenes=512, seed=3)
    site, _, _ = make_plan(site, 3)
    return site


@pytest.fixture
def site(believed: Site, tmp_path: Path) -> Site:
    shutil.copytree(believed.path, tmp_path / "field")
    return Site.open(tmp_path / "field")


def test_no_evidence_no_belief(tmp_path: Path):
    config = build_config({"name": "a", "bounds": [0, 0, 9, 9], "depth_m": 5})
    site = Site.create(tmp_path / "a", config)
    with pytest.raises(SiteError, match=r"no evidence yet.*subterra add"):
        infer_site(site)
    with pytest.raises(SiteError, match="subterra infer"):
        make_plan(site)


def test_the_same_seed_gives_the_same_belief(site: Site):
    before = current_belief(site).belief
    site, again = infer_site(site, n_scenes=512, seed=3)
    np.testing.assert_array_equal(again.scenes.unit, before.scenes.unit)
    np.testing.assert_array_equal(again.weight, before.weight)
    kinds = {"boreholes", "reports"}
    assert set(again.info.evidence) == kinds


def test_an_interrupted_inference_leaves_the_site_as_it_was(site: Site):
    before = tree(site.path)

    def interrupted(fraction: float, words: str) -> None:
        if fraction > 0.5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        infer_site(site, n_scenes=512, progress=interrupted)
    # What was computed is kept beside the beliefs, none of which has changed.
    kept = {str(file.relative_to(site.path)) for file in unfinished(site).files}
    assert kept
    assert {name: v for name, v in tree(site.path).items() if name not in kept} == before
    site, _ = infer_site(site, n_scenes=512)
    assert not unfinished(site).files


def test_the_plan_is_frozen_in_three_formats(site: Site):
    plan = current_plan(site)
    assert plan is not None
    assert [hole.hole for hole in plan.holes] == ["P1", "P2", "P3"]
    assert not plan.outdated
    by_suffix = {Path(name).suffix: site.path / name for name in plan.files}
    rows = list(csv.DictReader(by_suffix[".csv"].read_text().splitlines()))
    assert [float(row["x"]) for row in rows] == [hole.x for hole in plan.holes]
    assert json.loads(by_suffix[".json"].read_text())["holes"][0]["p_hit"] == plan.holes[0].p_hit
    assert {tuple(layer) for layer in pyogrio.list_layers(by_suffix[".gpkg"])} == {
        ("collars", "Point Z"),
        ("traces", "LineString Z"),
    }
    info = pyogrio.read_info(by_suffix[".gpkg"], layer="traces")
    assert info["crs"] == "EPSG:25833"
    assert info["features"] == 3


def test_traces_in_the_geopackage_go_from_collar_to_end(site: Site):
    import shapely

    plan = current_plan(site)
    assert plan is not None
    path = next(site.path / name for name in plan.files if name.endswith(".gpkg"))
    _, _, geometry, _ = pyogrio.raw.read(path, layer="traces")
    for hole, wkb in zip(plan.holes, geometry, strict=True):
        start, end = shapely.get_coordinates(shapely.from_wkb(wkb), include_z=True)
        np.testing.assert_allclose(start, [hole.x, hole.y, hole.z], atol=1e-9)
        fall = np.sin(np.radians(hole.inclination_deg)) * hole.length_m
        assert start[2] - end[2] == pytest.approx(fall)
        assert np.linalg.norm(end - start) == pytest.approx(hole.length_m)


def test_a_plan_without_crs_is_written_without_a_warning(tmp_path: Path, site: Site):
    text = (site.path / "site.toml").read_text().replace('crs = "EPSG:25833"', "")
    (site.path / "site.toml").write_text(text)
    site, plan, _ = make_plan(Site.open(site.path), 1)
    path = next(site.path / name for name in plan.files if name.endswith(".gpkg"))
    assert pyogrio.read_info(path, layer="collars")["features"] == 1


def test_names_of_holes_are_never_given_twice(site: Site):
    site, second, _ = make_plan(site, 2)
    assert [hole.hole for hole in second.holes] == ["P4", "P5"]
    first = find_planned(site, "P1")
    assert first is not None
    assert first.hole == "P1"
    assert find_planned(site, "P9") is None


def test_a_changed_plan_is_not_read(site: Site):
    plan = current_plan(site)
    assert plan is not None
    path = next(site.path / name for name in plan.files if name.endswith(".json"))
    path.write_bytes(path.read_bytes().replace(b"0.", b"1.", 1))
    with pytest.raises(SiteError, match="was changed after it was made"):
        current_plan(site)


def test_a_plan_is_outdated_by_new_evidence(site: Site):
    site, _ = retract(site, "log")
    plan = current_plan(site)
    assert plan is not None
    assert plan.outdated


def chance_of(site: Site, name: str) -> float:
    """What the current belief gives the planned hole of that name."""
    from subterra.search.hit import hit_probability
    from subterra.site.config import to_terms
    from subterra.site.holes import as_hole

    planned = find_planned(site, name)
    assert planned is not None
    belief = current_belief(site).belief
    hits = hit_probability(
        belief.scenes, belief.prior, [as_hole(planned)], terms=to_terms(site.config)
    )
    return float(belief.weight @ hits.p_hit[0])


def test_a_dry_hole_lowers_and_a_hit_raises_without_starting_over(site: Site):
    planned = find_planned(site, "P1")
    assert planned is not None
    before = current_belief(site)
    chance = chance_of(site, "P1")
    copy = site.path.parent / "copy"
    shutil.copytree(site.path, copy)

    dry = log_hole(site, "P1", hit=None)
    assert dry.p_hit_planned == planned.p_hit
    assert dry.p_hit == pytest.approx(planned.p_hit, rel=1e-4)
    assert dry.p_any_before == p_any(before.belief)
    assert dry.belief is not None
    assert chance_of(dry.site, "P1") < 0.5 * chance
    current = current_belief(dry.site)
    assert not current.stale
    assert {e.id: e.fingerprint for e in dry.site.evidence()} == current.belief.info.evidence
    assert set(current.belief.info.evidence) == {"boreholes", "reports", "hole-P1"}

    middle = 0.5 * (planned.target_from_m + planned.target_to_m)
    wet = log_hole(Site.open(copy), "P1", hit=(middle - 0.4, middle + 0.4))
    assert wet.belief is not None
    assert wet.p_hit == pytest.approx(planned.p_hit, rel=1e-4)
    assert wet.hole.length_m == pytest.approx(middle + 0.4)
    assert chance_of(wet.site, "P1") > 2.0 * chance
    assert p_any(wet.belief) > p_any(before.belief)


def test_the_update_is_what_re_weighting_says(site: Site):
    before = current_belief(site).belief
    done = log_hole(site, "P1", hit=None)
    assert done.belief is not None
    hole = next(e for e in done.site.evidence() if e.id == "hole-P1")
    weight = before.weight * np.exp(hole.log_likelihood(before.scenes))
    n_target, _ = object_counts(before.scenes.objects.family, before.prior)
    expected = weight[n_target > 0].sum() / weight.sum()
    # Within the sampling error of 512 scenes.
    assert p_any(done.belief) == pytest.approx(expected, abs=0.08)


def test_a_miss_speaks_for_the_drilled_length_only(site: Site):
    planned = find_planned(site, "P1")
    assert planned is not None
    short = log_hole(site, "P1", hit=None, drilled_to=0.2)
    assert short.p_hit is not None
    assert short.p_hit < 0.1 * planned.p_hit
    assert short.belief is not None
    assert p_any(short.belief) == pytest.approx(p_any(current_belief(site).belief), abs=0.1)
    log = next(item for item in short.site.items if item.hole == "P1" and item.kind == "intervals")
    assert short.site.content(log).read_text().splitlines()[1:] == ["P1,0.0,0.2,intact"]


def test_a_hit_is_written_as_sound_void_sound(site: Site):
    done = log_hole(site, "N1", hit=(3.0, 4.5), drilled_to=6.0, collar=Collar(4.0, 5.0, 0.0))
    rows = {item.kind: done.site.content(item).read_text() for item in done.site.items if item.hole}
    assert rows["intervals"].split() == [
        "hole,from_m,to_m,log",
        "N1,0.0,3.0,intact",
        "N1,3.0,4.5,void",
        "N1,4.5,6.0,intact",
    ]
    assert rows["boreholes"].split()[1] == "N1,4.0,5.0,0.0,0.0,90.0,6.0"
    assert done.p_hit_planned is None
    assert done.p_hit is not None


def test_words_are_written_with_sound_ground_between(site: Site):
    words = [LoggedWord("goaf", 4.0, 5.0), LoggedWord("rod drop", 3.0, 3.5)]
    at = Collar(4.0, 5.0, 0.0)
    done = log_hole(site, "N1", hit=None, words=words, drilled_to=6.0, collar=at)
    rows = {item.kind: done.site.content(item).read_text() for item in done.site.items if item.hole}
    assert rows["intervals"].splitlines()[1:] == [
        "N1,0.0,3.0,intact",
        "N1,3.0,3.5,rod drop",
        "N1,3.5,4.0,intact",
        "N1,4.0,5.0,goaf",
        "N1,5.0,6.0,intact",
    ]
    assert done.hit == (3.0, 3.5)
    assert done.site.entries[-2].payload["words"][0] == ["rod drop", 3.0, 3.5]
    assert done.belief is not None
    assert any(e.id == "hole-N1" for e in done.site.evidence())


def test_a_hole_whose_collar_is_in_the_evidence_can_be_logged(site: Site):
    done = log_hole(site, "B2", hit=None)
    assert done.hole.length_m == 10.0
    assert "B2" in {hole.name for hole in drilled_holes(done.site)}


def test_a_logged_hole_is_withdrawn_whole_and_can_be_logged_again(site: Site):
    done = log_hole(site, "P2", hit=None)
    assert current_plan(done.site) is not None
    with pytest.raises(InputError, match=r"'P2' has a log already.*subterra retract"):
        log_hole(done.site, "P2", hit=None)
    changed, gone = retract(done.site, "P2")
    assert {item.kind for item in gone} == {"boreholes", "intervals"}
    assert current_belief(changed).stale
    again = log_hole(changed, "P2", hit=None, drilled_to=2.0)
    # The belief was older than the evidence: the log waits for the next inference.
    assert again.belief is None
    assert again.p_hit is None
    assert current_belief(again.site).stale


@pytest.mark.parametrize(
    ("name", "arguments", "message"),
    [
        ("P9", {"hit": None}, r"no hole 'P9'.*not yet logged: P1, P2, P3.*--collar"),
        ("B1", {"hit": None}, "'B1' has a log already"),
        ("P1", {"hit": (4.0, 3.0)}, "found 4.0 3.0"),
        ("P1", {"hit": (-1.0, 3.0)}, "found -1.0 3.0"),
        ("P1", {"hit": (float("nan"), 3.0)}, "found nan"),
        ("P1", {"hit": (2.0, 3.0), "drilled_to": 2.5}, "drilled to 2.5 m only"),
        ("P1", {"hit": (3.0, 40.0)}, r"goes down to 40 m: expected metres .*--drilled-to"),
        ("P1", {"hit": None, "words": [LoggedWord("void", 3.0, 40.0)]}, "goes down to 40 m"),
        ("P1", {"hit": None, "drilled_to": 0.0}, "length must be positive"),
        ("P1", {"hit": None, "words": [LoggedWord("hollow", 1.0, 2.0)]}, "unknown word 'hollow'"),
        ("P1", {"hit": None, "words": [LoggedWord("goaf", 2.0, 1.0)]}, "goes from a depth"),
        (
            "P1",
            {"hit": None, "words": [LoggedWord("goaf", 1.0, 3.0), LoggedWord("void", 2.0, 4.0)]},
            "'void' overlaps 'goaf'",
        ),
        ("P1", {"hit": (1.0, 2.0), "words": [LoggedWord("goaf", 1.0, 3.0)]}, "not both"),
        ("P1", {"hit": None, "words": [LoggedWord("goaf", 1.0, 3.0)], "drilled_to": 2.0}, "words"),
        ("N1", {"hit": None, "collar": Collar(1.0, 1.0, 0.0)}, "--drilled-to"),
        (
            "N1",
            {"hit": None, "drilled_to": 5.0, "collar": Collar(1.0, 1.0, 0.0, 0.0, 100.0)},
            "inclination",
        ),
    ],
)
def test_a_log_that_cannot_be_changes_nothing(site: Site, name, arguments, message):
    before = tree(site.path)
    with pytest.raises(InputError, match=message):
        log_hole(site, name, **arguments)
    assert tree(site.path) == before


def test_the_same_result_again_makes_the_belief_current_again(site: Site):
    done = log_hole(site, "P2", hit=None)
    changed, _ = retract(done.site, "P2")
    again = log_hole(changed, "P2", hit=None)
    assert again.belief is None
    assert not current_belief(again.site).stale


def test_an_interrupted_log_leaves_the_site_as_it_was(site: Site):
    before = tree(site.path)

    def interrupted(fraction: float, words: str) -> None:
        if fraction > 0.5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        log_hole(site, "P1", hit=None, progress=interrupted)
    assert tree(site.path) == before


def test_a_hole_logged_here_cannot_be_added_again_by_a_file(site: Site, given):
    done = log_hole(site, "P1", hit=None)
    collar = "hole,x,y,z,azimuth_deg,inclination_deg,length_m\nP1,5,5,0,0,90,10\n"
    log = "hole,from_m,to_m,log\nP1,0,10,intact\n"
    with pytest.raises(InputError, match="'P1' was logged at this site already"):
        add_files(done.site, [given("late.csv", collar), given("latelog.csv", log)])


def test_evidence_is_built_once_and_again_only_where_something_changed(site: Site):
    first = {e.id: e for e in site.evidence()}
    assert {e.id: e for e in Site.open(site.path).evidence()} == first
    assert all(e is first[e.id] for e in Site.open(site.path).evidence())
    done = log_hole(site, "P1", hit=None)
    after = {e.id: e for e in done.site.evidence()}
    assert after["reports"] is first["reports"]
    assert set(after) - set(first) == {"hole-P1"}
    text = (site.path / "site.toml").read_text()
    (site.path / "site.toml").write_text(text.replace("p_detect = [0.95", "p_detect = [0.9"))
    changed = {e.id: e for e in Site.open(site.path).evidence()}
    assert changed["boreholes"].fingerprint != first["boreholes"].fingerprint


def test_evidence_whose_file_was_changed_is_not_used_again(site: Site):
    site.evidence()
    reports = next(site.path / item.file for item in site.items if item.kind == "reports")
    reports.write_bytes(reports.read_bytes().replace(b",C,", b",A,"))
    with pytest.raises(SiteError, match="was changed after it was added"):
        site.evidence()
