from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from subterra.errors import SiteError
from subterra.inference.belief import Belief
from subterra.report import write_report
from subterra.report.collect import collect, electrode_lines, map_cell, miss_curve
from subterra.scene import object_counts, sample_prior
from subterra.search.holes import Hole
from subterra.search.terms import DrillTerms
from subterra.site import Site, add_files, build_config
from subterra.site.belief_store import save_belief
from subterra.site.folder import exclusively
from subterra.site.log_hole import Collar, log_hole
from subterra.site.plan_store import make_plan

FILES = {
    "gravity.csv": "station,x,y,g_ugal,sd_ugal\n"
    + "".join(
        f"s{i}{j},{20 * i},{20 * j},{(7 * i + 3 * j) % 11},3\n" for i in range(6) for j in range(6)
    ),
    "holes.csv": "hole,x,y,z,azimuth_deg,inclination_deg,length_m\n"
    "B1,62,70,0,0,90,12\nB2,44,46,0,0,60,12\nplanned only,9,5,0,0,90,10\n",
    "logs.csv": "hole,from_m,to_m,log\nB1,0,9,intact\nB1,9,12,unknown\n"
    "B2,0,5,intact\nB2,5,7,void\nB2,7,10,intact\n",
    "reports.csv": "id,source,reliability,credibility,origin,x,y,sd_m,text\n"
    "R1,<b>shepherd</b>,C,3,shepherd,60,58,5,heard $5\nR2,map,F,6,map,14,9,8,\n",
}


def prior_belief(prior, info, n=100):
    """Draws from the prior, weighted towards axes that pass close to (60, 58)."""
    scenes = sample_prior(prior, n, np.random.default_rng(5))
    n_target, _ = object_counts(scenes.objects.family, prior)
    away = np.hypot(scenes.objects.x - 60.0, scenes.objects.y - 58.0).min(axis=(1, 2))
    weight = np.where(n_target > 0, 5.0 * np.exp(-((away / 15.0) ** 2)) + 0.01, 0.3)
    return Belief(scenes, weight / weight.sum(), prior, replace(info, island=(n // 2, n - n // 2)))


@pytest.fixture(scope="module")
def site(tmp_path_factory, content):
    folder = tmp_path_factory.mktemp("site")
    config = build_config(
        {
            "name": "Field & quarry",
            "bounds": [0, 0, 120, 120],
            "depth_m": 12,
            "notes": ["Old adit reported in 1850."],
            "known": [{"label": "adit by its plan", "axis": [[0, 34, -3.5], [120, 82, -8]]}],
            "no_go": [{"name": "pond", "polygon": [[70, 90], [100, 95], [96, 114]]}],
        }
    )
    made = Site.create(folder / "field", config)
    paths = []
    for name, text in FILES.items():
        paths.append(folder / name)
        paths[-1].write_text(text, encoding="utf-8")
    made, _ = add_files(made, paths)
    with exclusively(made) as locked:
        made = save_belief(locked, prior_belief(made.prior, content.belief.info))
    made, _, _ = make_plan(made, 2)
    return made


@pytest.fixture(scope="module")
def got(site):
    return collect(site)


def test_collects_what_the_site_holds(got):
    assert got.title == "Field & quarry"
    assert got.notes == ("Old adit reported in 1850.",)
    assert [t.label for t in got.truth] == ["adit by its plan"]
    assert [len(polygon) for polygon in got.no_go] == [3]
    assert {name: len(xy) for name, xy in got.stations.items()} == {"gravity": 36}
    assert [(r.id, r.grade) for r in got.reports] == [("R1", "C3"), ("R2", "F6")]
    assert [(d.hole.name, d.voids, d.logged_m) for d in got.drilled] == [
        ("B1", (), 9.0),
        ("B2", ((5.0, 7.0),), 10.0),
    ]
    assert [h.hole for h in got.planned] == ["P1", "P2"]
    assert not got.plan_outdated
    assert [f.kind for f in got.surveys] == ["gravity"]
    assert len(got.sources) == 4
    assert got.poc.row == pytest.approx(1.0 - got.summary["p_any"])
    assert got.summary["stale"] is False
    assert not got.calibrated


def test_what_is_left_starts_at_the_belief_and_agrees_with_the_plan(got):
    assert got.p_left_after[0] == pytest.approx(1.0 - got.poc.row)
    assert got.p_any_hit[0] == 0.0
    assert got.p_any_hit[1] == pytest.approx(got.planned[0].p_hit, abs=1e-5)
    assert np.all(np.diff(got.p_left_after) <= 1e-9)
    assert np.all(np.diff(got.p_any_hit) >= -1e-9)


def test_writes_one_page_and_replaces_the_earlier_one(site):
    path = site.path / "report" / "report.html"
    path.write_text("an earlier page", encoding="utf-8")
    assert write_report(site) == path
    page = path.read_text(encoding="utf-8")
    assert "an earlier page" not in page
    assert "Field &amp; quarry" in page
    assert "&lt;b&gt;shepherd&lt;/b&gt;" in page
    assert "planned only" not in page
    assert {p.name for p in path.parent.iterdir()} == {"report.html"}


def test_says_what_it_cannot_do(tmp_path, site):
    config = build_config({"name": "Empty", "bounds": [0, 0, 20, 15], "depth_m": 8})
    empty = Site.create(tmp_path / "empty", config)
    with pytest.raises(SiteError, match="subterra infer"):
        write_report(empty)
    assert not list((empty.path / "report").iterdir())
    blocked = tmp_path / "file"
    blocked.write_text("", encoding="utf-8")
    with pytest.raises(SiteError, match="cannot be written"):
        write_report(site, out=blocked / "page.html")


def test_a_belief_older_than_the_evidence_is_called_so(site, tmp_path):
    path = tmp_path / "more.csv"
    path.write_text(FILES["reports.csv"].replace("R1", "R8").replace("R2", "R9"), encoding="utf-8")
    changed, _ = add_files(site, [path])
    changed = log_hole(changed, "P1", hit=None, collar=Collar(30.0, 47.0, 0.0)).site
    got = collect(changed)
    assert got.summary["stale"]
    assert got.plan_outdated
    assert [h.hole for h in got.planned] == ["P2"]
    assert "P1" in [d.hole.name for d in got.drilled]
    page = tmp_path / "new" / "page.html"
    assert write_report(changed, out=page) == page
    assert "older than the evidence" in page.read_text(encoding="utf-8")


def test_miss_curve_is_the_closed_form_of_two_hypotheses(content):
    belief = content.belief
    n_target, _ = object_counts(belief.scenes.objects.family, belief.prior)
    p = float(belief.weight[n_target > 0].sum())
    terms = DrillTerms(p_detect=(0.9, 0.9, 0.9), false_void_per_m=0.0, deviation_sd_per_m=0.0)
    # A fan of holes so dense that it meets every target of this belief, one hole at the least.
    holes = [Hole(f"h{k}", 60.0, 40.0 + 0.5 * k, 0.0, 0.0, 90.0, 12.0) for k in range(80)]
    curve = miss_curve(belief, holes, terms)
    assert curve.left[0] == pytest.approx(p)
    far = [Hole("far", 5.0, 115.0, 0.0, 0.0, 90.0, 12.0)]
    assert miss_curve(belief, far, terms).left == pytest.approx([p, p])
    assert curve.hit[-1] > 0.89 * p
    one = miss_curve(belief, holes[36:37], terms)
    hit = one.hit[1]
    assert 0.0 < hit < p
    assert one.left[1] == pytest.approx((p - hit) / (1.0 - hit), abs=1e-6)


@pytest.mark.parametrize(
    ("bounds", "cell"),
    [((0, 0, 120, 120), 1.0), ((0, 0, 24, 30), 0.25), ((0, 0, 5000, 2000), 50.0)],
)
def test_map_cells_are_round(bounds, cell):
    assert map_cell(bounds) == cell


def test_electrodes_fall_into_their_lines():
    x = np.concatenate([np.full(10, 5.0), np.full(10, 9.0), np.arange(10) * 2.0 + 30.0])
    y = np.concatenate([np.arange(10) * 2.0, np.arange(10)[::-1] * 2.0, np.full(10, 3.0)])
    assert [len(line) for line in electrode_lines(x, y)] == [10, 10, 10]
    assert [len(line) for line in electrode_lines(x[:1], y[:1])] == [1]
