"""What is exported of holes: every word for a void and every file that speaks of holes counts."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from subterra.report.export_layers import collect_layers
from subterra.site import Site
from subterra.site.adding import add_files
from subterra.site.config import build_config
from subterra.site.holes import hole_logs

AGS = Path(__file__).parent.parent / "formats" / "samples" / "ags4.ags"
COLLARS = (
    "hole,x,y,azimuth_deg,inclination_deg,length_m\n"
    "N1,412020,281020,0,90,20\nN2,412022,281020,0,90,20\nN3,412024,281020,0,90,20\n"
)
LOG = "hole,from_m,to_m,log\nN1,0,9,intact\nN1,9,10,rod drop\nN2,0,8,intact\nN2,8,20,unknown\n"


@pytest.fixture
def pit(tmp_path: Path) -> Site:
    bounds = [412000, 281000, 412060, 281060]
    config = build_config({"name": "Pit", "bounds": bounds, "depth_m": 40})
    site = Site.create(tmp_path / "pit", config)
    for name, text in (("c.csv", COLLARS), ("l.csv", LOG)):
        (tmp_path / name).write_text(text)
    changed, _ = add_files(site, [AGS, tmp_path / "c.csv", tmp_path / "l.csv"])
    return changed


def test_rod_drops_and_ags4_logs_are_voids_of_the_export(pit: Site):
    layers = collect_layers(pit, 1.0)
    assert {hole.name: status for hole, status in layers.holes} == {
        "BH1": "void",
        "BH2": "no void",
        "BH3": "no void",
        "N1": "void",
        "N2": "no void",
        "N3": "not logged",
    }


def test_collars_of_ags4_are_holes_and_no_stations(pit: Site):
    assert collect_layers(pit, 1.0).stations == {}


def test_surveyed_holes_are_exported_where_they_run(pit: Site):
    """BH2 is vertical down to 10 m and inclined below; BH1 is straight."""
    traces = collect_layers(pit, 1.0).traces
    assert len(traces["BH1"]) == 2
    bent = traces["BH2"]
    assert bent[0].tolist() == [412030.0, 281031.0, 96.0]
    assert len(bent) > 2
    assert bent[-1, 0] - bent[0, 0] > 0.5
    assert np.hypot(*(bent[1] - bent[0])[:2]) < 0.1


def test_a_log_speaks_down_to_its_last_known_stretch(pit: Site):
    logs = {log.hole.name: log for log in hole_logs(pit)}
    assert logs["N1"].voids == ((9.0, 10.0),)
    assert logs["N2"].logged_m == 8.0
    assert logs["N3"].logged_m == 0.0
    assert not logs["N3"].intervals
