"""Panels of a site: which holes they take, at what cost, and where none is new."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from site_samples import REPORTS

from subterra.errors import InputError
from subterra.formats import write_traveltime
from subterra.search.action_words import action_rows
from subterra.search.actions import Survey
from subterra.search.holes import course
from subterra.simulate.line_layouts import radar_between, radar_panel
from subterra.site import Site, add_files, build_config
from subterra.site.actions import weigh_actions
from subterra.site.believe import infer_site
from subterra.site.holes import drilled_holes, logged_voids, open_holes
from subterra.site.plan_store import make_plan

COLLARS = "hole,x,y,z,azimuth_deg,inclination_deg,length_m\n"
LOGS = "hole,from_m,to_m,log\n"


@pytest.fixture(scope="module")
def fence(tmp_path_factory) -> Site:
    """Reports of a drive, and two dry holes 8 m apart."""
    folder = tmp_path_factory.mktemp("fence")
    config = build_config(
        {
            "name": "Fence",
            "bounds": [0, 0, 20, 15],
            "depth_m": 8,
            "drilling": {"inclinations_deg": [90.0]},
            "families": {"chamber": {"expected": 0.0}},
            "actions": {"permitted": ["panel"], "panel_spacing_m": 8.0},
        }
    )
    site = Site.create(folder / "fence", config)
    (folder / "reports.csv").write_text(REPORTS)
    (folder / "collars.csv").write_text(f"{COLLARS}F1,6,8,0,0,90,8\nF2,14,8,0,0,90,7\n")
    (folder / "logs.csv").write_text(f"{LOGS}F1,0,8,intact\nF2,0,7,intact\n")
    site, _ = add_files(site, [folder / f for f in ("reports.csv", "collars.csv", "logs.csv")])
    infer_site(site, n_scenes=256, seed=3)
    return Site.open(site.path)


def with_actions(site, **update):
    actions = site.config.actions.model_copy(update=update)
    return replace(site, config=site.config.model_copy(update={"actions": actions}))


def panels(site, **update) -> list[Survey]:
    found = weigh_actions(with_actions(site, **update), draws=4).weighed
    return [w.action for w in found if isinstance(w.action, Survey)]


def names(panel: Survey) -> tuple[str, ...]:
    return tuple(sorted(hole.name for hole in panel.standing))


def test_holes_that_stand_cost_nothing_more(fence: Site) -> None:
    found = weigh_actions(fence, draws=4).weighed
    rows = action_rows(found)
    by_new = {row.new_holes: (row, w) for row, w in zip(rows, found, strict=True)}
    assert set(by_new) == {0, 1, 2}
    row, item = by_new[0]
    assert sorted(row.standing) == ["F1", "F2"]
    assert "it takes no new hole" in row.reason
    assert "between F1 and F2" in row.place
    assert row.p_find == 0.0
    assert isinstance(item.action, Survey)
    # The shorter hole ends the panel.
    assert item.action.depth_m <= 7.0 + 1e-9
    radar = 1.0 + 0.02 * (item.action.depth_m - 1.0)
    assert item.action.cost <= radar + 1e-9
    row, item = by_new[1]
    assert len(row.standing) == 1
    assert "which stands, and a new one" in row.reason
    assert isinstance(item.action, Survey)
    assert len(item.action.holes) == 1
    assert item.action.line.length_m == pytest.approx(8.0, abs=0.1)
    assert "two new holes" in by_new[2][0].reason


def test_closed_holes_and_measured_panels_are_left(fence: Site, tmp_path: Path) -> None:
    assert all("F1" not in names(p) for p in panels(fence, closed=("F1",)))
    assert ("F1", "F2") in [names(p) for p in panels(fence)]
    a, b = (course(h)[:, 1:] for h in drilled_holes(fence))
    write_traveltime(radar_between(a, b, -0.5, -6.9, 0.8), tmp_path / "panel.csv")
    copy = Site.open(_copied(fence, tmp_path))
    copy, _ = add_files(copy, [tmp_path / "panel.csv"])
    assert ("F1", "F2") not in [names(p) for p in panels(copy)]


def _copied(site: Site, folder: Path) -> Path:
    import shutil

    return Path(shutil.copytree(site.path, folder / "copy"))


def test_holes_of_the_plan_count_at_their_cost(fence: Site, tmp_path: Path) -> None:
    site = Site.open(_copied(fence, tmp_path))
    site, plan, _ = make_plan(site, 2)
    planned = {row.hole for row in plan.holes}
    found = [p for p in panels(site) if planned & {h.name for h in p.holes}]
    assert found
    for panel in found:
        assert all(h.name in planned for h in panel.holes if h.name)
        assert len(panel.holes) + len(panel.standing) == 2


def test_a_site_follows_its_hole_surveys(fence: Site, tmp_path: Path) -> None:
    site = Site.open(_copied(fence, tmp_path))
    (tmp_path / "survey.csv").write_text(
        "hole,depth_m,azimuth_deg,inclination_deg\nF2,0,90,90\nF2,4,90,70\nF2,6,90,60\n"
    )
    (tmp_path / "collars.csv").write_text(f"{COLLARS}F3,10,3,0,0,90,8\n")
    (tmp_path / "logs.csv").write_text(f"{LOGS}F3,0,4,intact\nF3,4,5,void\nF3,5,8,intact\n")
    site, _ = add_files(site, [tmp_path / f for f in ("survey.csv", "collars.csv", "logs.csv")])
    held = {hole.name: hole for hole in drilled_holes(site)}
    assert held["F1"].trace == ()
    assert held["F2"].surveyed_m == 6.0
    end = course(held["F2"])[-1]
    assert end[0] == 7.0
    assert end[1] > 15.0
    assert -7.0 < end[3] < -6.0
    (void,) = logged_voids(site)
    assert void.hole == held["F3"]
    assert {hole.name for hole in open_holes(site, ("F3",))} == {"F1", "F2"}


def test_rays_follow_the_holes() -> None:
    upright = [np.array([[x, 0.0, 0.0], [x, 0.0, -30.0]]) for x in (0.0, 12.0)]
    table = radar_between(*upright, -5.0, -25.0, 1.0)
    same = radar_panel((0.0, 0.0, 0.0), (12.0, 0.0, 0.0), 5.0, 25.0, 1.0)
    for name in ("sx_m", "sz_m", "rx_m", "rz_m", "time"):
        assert getattr(table, name) == pytest.approx(getattr(same, name))
    leaning = np.array([[12.0, 0.0, 0.0], [18.0, 0.0, -30.0]])
    bent = radar_between(upright[0], leaning, -5.0, -25.0, 1.0)
    assert bent.rx_m == pytest.approx(12.0 - 0.2 * bent.rz_m)
    with pytest.raises(InputError, match="go down through both"):
        radar_between(upright[0], leaning, -5.0, -31.0, 1.0)
