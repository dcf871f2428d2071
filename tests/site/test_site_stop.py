"""When a search may stop: a site that was surveyed well, one too deep to see, one out of date."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from subterra.errors import InputError
from subterra.report.stop import write_certificate
from subterra.site import Site, add_files, build_config
from subterra.site.believe import infer_site
from subterra.site.log_hole import Collar, log_hole
from subterra.site.stopping import StopTerms, assess


def gravity(path: Path, n: int, step: float, sd: float) -> Path:
    rng = np.random.default_rng(4)
    rows = [
        f"s{i}_{j},{i * step},{j * step},{sd * rng.standard_normal():.2f},{sd}"
        for i in range(n)
        for j in range(n)
    ]
    path.write_text("station,x,y,g_ugal,sd_ugal\n" + "\n".join(rows) + "\n")
    return path


def make(folder: Path, survey: Path, depth_m: float, p0: float, drives: dict) -> Site:
    size = 30.0 if depth_m < 10 else 220.0
    config = build_config(
        {
            "name": "Field",
            "bounds": [0, 0, size, size],
            "depth_m": depth_m,
            "targets": {"p0": p0},
            "families": {"driven": drives},
        }
    )
    site = Site.create(folder, config)
    site, _ = add_files(site, [survey])
    return infer_site(site, n_scenes=512, seed=2)[0]


@pytest.fixture(scope="module")
def surveyed_folder(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("stop")
    survey = gravity(folder / "g.csv", 16, 2.0, 2.0)
    return make(folder / "null", survey, 6.0, 0.5, {}).path


@pytest.fixture
def surveyed(surveyed_folder: Path, tmp_path: Path) -> Site:
    shutil.copytree(surveyed_folder, tmp_path / "null")
    return Site.open(tmp_path / "null")


def test_well_surveyed_ground_without_a_target_is_certified(surveyed: Site) -> None:
    made = assess(surveyed, diameter_m=1.6, above_m=4.0)
    assert made.certified
    assert made.reasons == ()
    probability, value, practice, worst = made.rules
    assert probability.met
    assert probability.value < 0.05
    assert value.met
    assert practice.met is None
    # Gravity sees an open drive of the class well in the middle and less at the edges.
    assert 0.5 < worst.value <= made.detection.mean(("air", "water"))
    # Half the weight on "no target" before: with less, more is left.
    assert [p for _, p in made.priors] == sorted((p for _, p in made.priors), reverse=True)
    assert [p for _, p in made.doubts] == sorted(p for _, p in made.doubts)
    assert made.doubts[-1][1] > 0.05
    assert {line.split(":")[0] for line in made.not_cleared} >= {"narrower", "deeper", "collapsed"}


def test_a_smaller_class_holds_less(surveyed: Site) -> None:
    wide = assess(surveyed, diameter_m=1.6, above_m=4.0).found
    every = assess(surveyed).found
    south = assess(
        surveyed, polygon=np.array([[0.0, 0.0], [30.0, 0.0], [30.0, 8.0], [0.0, 8.0]])
    ).found
    assert wide.p <= every.p
    assert south.p <= every.p
    assert np.all(every.member >= wide.member)
    assert south.prior < every.prior


def test_certificate_is_frozen_with_its_page(surveyed: Site) -> None:
    made = assess(surveyed, diameter_m=1.6, above_m=4.0)
    changed, certificate = write_certificate(surveyed, made)
    assert changed.entries[-1].verb == "stop"
    hashes = changed.entries[-1].payload["files"]
    for name in certificate.files:
        assert hashlib.sha256((changed.path / name).read_bytes()).hexdigest() == hashes[name]
    document = json.loads((changed.path / certificate.files[0]).read_text())
    assert document == certificate.document
    assert document["certified"] is True
    assert document["p"] >= 0.01
    assert len(document["rules"]) == 4
    page = (changed.path / certificate.files[1]).read_text()
    assert hashes[certificate.files[0]] in page
    assert "http" not in page.replace('http-equiv="Content-Security-Policy"', "").replace(
        "http://www.w3.org", ""
    )
    assert "<script" not in page
    # It changes nothing on which the belief depends, and the next one has another name.
    assert changed.fingerprint == surveyed.fingerprint
    _, second = write_certificate(changed, made)
    assert second.number == 2
    assert second.files != certificate.files


def test_stale_belief_is_not_certified(surveyed: Site, tmp_path: Path) -> None:
    more = gravity(tmp_path / "more.csv", 3, 9.0, 4.0)
    site, _ = add_files(surveyed, [more])
    made = assess(site, diameter_m=1.6, above_m=4.0)
    assert not made.certified
    assert "older than the evidence" in made.reasons[0]


def test_a_logged_void_is_not_certified_whatever_the_model_makes_of_it(surveyed: Site) -> None:
    """The survey excludes the void so firmly that the belief takes the log for a false one."""
    log_hole(surveyed, "B0", hit=(2.0, 3.8), drilled_to=6.0, collar=Collar(15.0, 15.0, 0.0))
    made = assess(Site.open(surveyed.path), diameter_m=1.2, above_m=4.0)
    assert made.rules[0].met
    assert not made.certified
    assert "B0 logged a void" in made.reasons[0]
    assert made.frequentist["holes"] == 1.0
    elsewhere = np.array([[0.0, 0.0], [30.0, 0.0], [30.0, 8.0], [0.0, 8.0]])
    assert assess(Site.open(surveyed.path), diameter_m=1.2, polygon=elsewhere).certified


def test_what_the_survey_cannot_see_is_never_certified(tmp_path: Path) -> None:
    """2 m drives at 50 to 150 m under surface gravity, p0 = 0.995: only the prior says so."""
    survey = gravity(tmp_path / "g.csv", 12, 20.0, 5.0)
    drives = {"depth_m": [50.0, 150.0], "radius_m": [0.9, 1.1]}
    site = make(tmp_path / "deep", survey, 150.0, 0.995, drives)
    made = assess(site)
    assert made.found.upper < 0.05
    assert not made.certified
    assert any("uninformative" in reason for reason in made.reasons)
    assert made.rules[3].met is False
    assert made.rules[3].value < 0.01


@pytest.mark.parametrize("slip", [{"epsilon": 0.0}, {"loss": -1.0}, {"length_m": 0.0}])
def test_slips_are_named(slip) -> None:
    with pytest.raises(InputError):
        StopTerms(**slip)
