"""The calibration of a site: resumed, stored, stale, and what may be printed because of it."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from site_samples import COLLARS, INTERVALS, REPORTS

from subterra.errors import InputError, SiteError
from subterra.site import Site, add_files
from subterra.site.atomic import writing
from subterra.site.calibrating import calibrate_site
from subterra.site.calibration_store import (
    NOT_YET,
    calibration_words,
    digits,
    latest_calibration,
    read_calibration,
)
from subterra.site.config import build_config
from subterra.site.verify import problems_of
from subterra.site.world_log import WorldLog

ASKED = {"n_worlds": 4, "n_scenes": 128, "seed": 7, "threads": 1}


@pytest.fixture(scope="module")
def reported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site with reports and a hole."""
    folder = tmp_path_factory.mktemp("calibration")
    config = build_config({"name": "Field", "bounds": [0, 0, 20, 15], "depth_m": 8})
    site = Site.create(folder / "field", config)
    paths = []
    for name, text in (("c.csv", COLLARS), ("l.csv", INTERVALS), ("r.csv", REPORTS)):
        (folder / name).write_text(text)
        paths.append(folder / name)
    add_files(site, paths)
    return site.path


@pytest.fixture(scope="module")
def calibrated_folder(reported: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same after four worlds, which nothing interrupted."""
    path = tmp_path_factory.mktemp("whole") / "field"
    shutil.copytree(reported, path)
    calibrate_site(Site.open(path), **ASKED)
    return path


@pytest.fixture
def calibrated(calibrated_folder: Path, tmp_path: Path) -> Path:
    path = tmp_path / "calibrated"
    shutil.copytree(calibrated_folder, path)
    return path


def content_of(path: Path) -> bytes:
    site = Site.open(path)
    return (site.path / latest_calibration(site).file).read_bytes()


def log_of(path: Path) -> Path:
    return next((path / "calibration").glob("worlds-*.jsonl"))


def test_interrupted_in_the_middle_it_goes_on_to_the_same_end(
    reported: Path, calibrated_folder: Path, tmp_path: Path
) -> None:
    path = tmp_path / "field"
    shutil.copytree(reported, path)
    told: list[str] = []

    def stop(fraction: float, words: str) -> None:
        told.append(words)
        if fraction >= 0.5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        calibrate_site(Site.open(path), progress=stop, **ASKED)
    assert "left" in told[0]
    assert latest_calibration(Site.open(path)) is None
    log = log_of(path)
    assert len(log.read_bytes().splitlines()) == 2
    # Killed while writing: the line that was cut off is made again.
    log.write_bytes(log.read_bytes()[:-40])
    said: list[str] = []
    calibrate_site(Site.open(path), tell=said.append, **ASKED)
    assert said == ["1 of 4 worlds finished already"]
    assert content_of(path) == content_of(calibrated_folder)


def test_more_worlds_go_on_with_those_that_are_there(calibrated: Path) -> None:
    before = log_of(calibrated).read_bytes()
    _, found = calibrate_site(Site.open(calibrated), **{**ASKED, "n_worlds": 5})
    assert log_of(calibrated).read_bytes().startswith(before)
    assert found["none"].worlds == 5


def test_a_wrong_assumption_has_worlds_of_its_own(calibrated: Path) -> None:
    site, found = calibrate_site(Site.open(calibrated), wrong=["prior"], **ASKED)
    assert list(found) == ["none", "prior"]
    assert len(list((calibrated / "calibration").glob("worlds-*.jsonl"))) == 2
    stored = read_calibration(site, latest_calibration(site))
    assert not np.array_equal(stored["none"].rank, stored["prior"].rank, equal_nan=True)
    assert site.entries[-1].payload["wrong"] == ["prior"]


def test_a_change_of_the_site_makes_it_stale(calibrated: Path, tmp_path: Path) -> None:
    site = Site.open(calibrated)
    assert not latest_calibration(site).stale
    extra = tmp_path / "more.csv"
    extra.write_text(REPORTS.replace("R1", "R8").replace("R2", "R9"))
    site, _ = add_files(site, [extra])
    record = latest_calibration(site)
    assert record.stale
    assert calibration_words(record).startswith(NOT_YET)
    assert not replace(record, passed=True).calibrated


def test_a_file_that_was_changed_is_told(calibrated: Path) -> None:
    site = Site.open(calibrated)
    record = latest_calibration(site)
    assert problems_of(site) == []
    (calibrated / record.file).write_text("{}")
    with pytest.raises(SiteError, match="changed after it was made"):
        read_calibration(site, record)
    assert len(problems_of(site)) == 1


def test_stored_verdicts_are_those_of_the_worlds(calibrated: Path) -> None:
    site = Site.open(calibrated)
    record = latest_calibration(site)
    stored = read_calibration(site, record)["none"]
    key = json.loads(log_of(calibrated).read_text().splitlines()[0])["key"]
    log = WorldLog(calibrated / "calibration", key)
    assert len(log.verdicts) == len(stored.p_any) == 4
    for k, verdict in log.verdicts.items():
        assert stored.p_any[k] == verdict.p_any
        assert stored.cells[k].square == verdict.cells.square
        ranks = [verdict.rank[name] for name in stored.names]
        assert np.array_equal(stored.rank[k], ranks, equal_nan=True)


def test_what_may_be_printed(calibrated: Path) -> None:
    record = latest_calibration(Site.open(calibrated))
    assert calibration_words(None) == NOT_YET
    assert calibration_words(record).startswith(NOT_YET)  # four worlds say nothing
    assert digits(None, 4096) == digits(record, 4096) == (4096, False)
    forty = replace(record, passed=True, worlds=40)
    assert digits(forty, 4096) == (4096, False)
    assert digits(replace(forty, worlds=300), 4096) == (300, True)
    assert digits(replace(forty, worlds=300, stale=True), 4096) == (4096, False)


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"n_worlds": 1}, "at least 2 worlds"),
        ({"n_scenes": 100}, "at least 128 scenes"),
        ({"wrong": ["weather"]}, "unknown assumption 'weather'"),
    ],
)
def test_what_cannot_be_asked(calibrated: Path, asked: dict, words: str) -> None:
    with pytest.raises(InputError, match=words):
        calibrate_site(Site.open(calibrated), **{**ASKED, **asked})


def test_without_evidence_or_beside_another_one(calibrated: Path, tmp_path: Path) -> None:
    config = build_config({"name": "Bare", "bounds": [0, 0, 20, 15], "depth_m": 8})
    with pytest.raises(SiteError, match="no evidence whose layout"):
        calibrate_site(Site.create(tmp_path / "bare", config), **ASKED)
    with writing(calibrated / "calibration"), pytest.raises(SiteError):
        calibrate_site(Site.open(calibrated), **ASKED)
