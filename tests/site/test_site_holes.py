"""Holes from several files: surveys as CSV, AGS4 beside tables, and what does not fit."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from site_samples import COLLARS, INTERVALS

from subterra.errors import InputError
from subterra.site import Site
from subterra.site.adding import add_files, retract
from subterra.site.assemble import assemble
from subterra.site.config import build_config
from subterra.site.holes import holes_in_force, holes_together, void_places

AGS = Path(__file__).parent.parent / "formats" / "samples" / "ags4.ags"
SURVEYS = "hole,depth_m,azimuth_deg,inclination_deg\nB1,0,90,80\nB1,8,90,70\n"


def test_a_survey_bends_its_hole(site: Site, given):
    changed, _ = add_files(site, [given("c.csv", COLLARS), given("l.csv", INTERVALS)])
    straight = assemble(changed)[0]
    changed, items = add_files(changed, [given("s.csv", SURVEYS)])
    assert (items[0].kind, items[0].what) == ("hole-surveys", "2 stations along holes")
    bent = assemble(changed)[0]
    assert straight.holes.surveyed.tolist() == [0.0, 0.0]
    assert bent.holes.surveyed.tolist() == [8.0, 0.0]
    assert bent.holes.trace[0, 3] > 0.1
    assert bent.fingerprint != straight.fingerprint
    with pytest.raises(InputError, match="collars of their holes"):
        retract(changed, "c")


def test_a_void_lies_where_the_surveyed_hole_runs(site: Site, given):
    """B1 leans north from 80° to 70°: at 8 m it is about 2 m north of its collar."""
    log = "hole,from_m,to_m,log\nB1,0,8,intact\nB1,8,9,void\nB2,0,5,intact\nB2,5,6,rod drop\n"
    changed, _ = add_files(site, [given("c.csv", COLLARS), given("l.csv", log)])
    straight = {void.hole.name: place for void, place in void_places(changed)}
    assert straight["B1"] == pytest.approx([5.0, 5.0, -8.0])
    changed, _ = add_files(changed, [given("s.csv", SURVEYS.replace(",90,", ",0,"))])
    bent = {void.hole.name: place for void, place in void_places(changed)}
    assert bent["B2"] == pytest.approx(straight["B2"])
    assert bent["B1"][0] == pytest.approx(5.0, abs=1e-6)
    assert bent["B1"][1] == pytest.approx(5.0 + 8.0 * np.sin(np.radians(15.0)), abs=0.05)
    assert bent["B1"][2] == pytest.approx(-8.0 * np.cos(np.radians(15.0)), abs=0.05)


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("B9,0,0,90\n", 2, "'B9' has no collar"),
        ("B1,0,0,90\nB1,12,0,90\n", 3, "beyond the end of hole 'B1'"),
        ("B1,0,0,90\nB1,0,0,80\n", 3, "two stations at 0 m"),
    ],
)
def test_surveys_that_do_not_fit(site: Site, given, text, line, words):
    changed, _ = add_files(site, [given("c.csv", COLLARS)])
    path = given("s.csv", SURVEYS.splitlines(keepends=True)[0] + text)
    with pytest.raises(InputError, match=words) as caught:
        add_files(changed, [path])
    assert caught.value.line == line


def test_two_files_may_not_give_one_station_twice(site: Site, given):
    changed, _ = add_files(site, [given("c.csv", COLLARS), given("s.csv", SURVEYS)])
    again = given("t.csv", SURVEYS.replace("80", "75"))
    with pytest.raises(InputError, match="two stations at 0 m"):
        add_files(changed, [again])


@pytest.fixture
def pit(tmp_path: Path) -> Site:
    bounds = [412000, 281000, 412060, 281060]
    config = build_config({"name": "Pit", "bounds": bounds, "depth_m": 40})
    return Site.create(tmp_path / "pit", config)


def test_ags4_is_collars_surveys_and_logs(pit: Site):
    changed, items = add_files(pit, [AGS])
    assert (items[0].kind, items[0].what) == ("ags4", "3 holes with their logs")
    held = {hole.name: logged for hole, logged in holes_in_force(changed)}
    assert held == {"BH1": True, "BH2": True, "BH3": True}
    together = holes_together(changed)
    assert together.surveys is not None
    assert together.surveys.hole == ("BH2", "BH2")
    evidence = assemble(changed)[0]
    assert evidence.names == ("BH1", "BH2", "BH3")
    assert np.diff(evidence.holes.event_start).tolist() == [1, 1, 0]


def test_ags4_beside_tables(pit: Site, given):
    more = "hole,x,y,azimuth_deg,inclination_deg,length_m\nN1,412020,281020,0,90,20\n"
    log = "hole,from_m,to_m,log\nN1,0,20,intact\n"
    changed, _ = add_files(pit, [AGS, given("c.csv", more), given("l.csv", log)])
    assert assemble(changed)[0].names == ("N1", "BH1", "BH2", "BH3")
    twice = given("d.csv", more.replace("N1", "BH1"))
    with pytest.raises(InputError, match="hole 'BH1' is given in"):
        add_files(changed, [twice])
    over = given("o.csv", "hole,from_m,to_m,log\nBH1,1,2,intact\n")
    with pytest.raises(InputError, match="overlaps"):
        add_files(changed, [over])


def test_pillars_are_a_setting_of_the_site(tmp_path: Path, given):
    bounds = [0, 0, 20, 15]
    drilling = {"extraction": 0.6}
    config = build_config({"name": "R", "bounds": bounds, "depth_m": 8, "drilling": drilling})
    rooms = Site.create(tmp_path / "rooms", config)
    changed, _ = add_files(rooms, [given("c.csv", COLLARS), given("l.csv", INTERVALS)])
    assert assemble(changed)[0].terms.extraction == 0.6
    with pytest.raises(InputError, match="extraction"):
        build_config({"name": "R", "bounds": bounds, "depth_m": 8, "drilling": {"extraction": 2}})
