"""Actions of a site: what its permits and rules keep out, and what was surveyed already."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from site_samples import GRAVITY, REPORTS

from subterra.cli import main
from subterra.errors import InputError
from subterra.search import Hole, as_arrays
from subterra.search.action_words import action_rows
from subterra.search.actions import Survey
from subterra.search.clearance import clear_holes
from subterra.site import Site, add_files, build_config
from subterra.site.actions import weigh_actions
from subterra.site.belief_store import current_belief
from subterra.site.believe import infer_site
from subterra.site.config import settings_fingerprint, to_action_terms, to_terms
from subterra.site.gates import gated_terms, parse_standoff
from subterra.site.plan_store import current_plan
from subterra.site.schema import StandoffConfig
from subterra.site.stop_rules import StopTerms
from subterra.site.stopping import assess

MAIN = {"name": "gas main", "axis": [[0, 7, -1], [20, 7, -1]], "distance_m": 1.0}


def config(**more):
    return build_config(
        {
            "name": "Field",
            "bounds": [0, 0, 20, 15],
            "depth_m": 8,
            "drilling": {"inclinations_deg": [90.0]},
            "families": {"chamber": {"expected": 0.0}},
            **more,
        }
    )


@pytest.fixture(scope="module")
def believed(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("actions")
    actions = {
        "permitted": ["hole", "panel", "gravity line"],
        "panel_spacing_m": 8.0,
        "line_m": 20.0,
        "station_m": 1.0,
    }
    site = Site.create(folder / "field", config(actions=actions, keep_clear=[MAIN]))
    (folder / "reports.csv").write_text(REPORTS)
    site, _ = add_files(site, [folder / "reports.csv"])
    infer_site(site, n_scenes=256, seed=3)
    return site.path


def test_actions_of_a_site_keep_its_rules(believed: Path):
    found = weigh_actions(Site.open(believed), draws=8)
    kinds = {"hole" if isinstance(w.action, Hole) else w.action.kind for w in found.weighed}
    assert kinds == {"hole", "panel", "gravity line"}
    indices = [w.worth.index for w in found.weighed]
    assert indices == sorted(indices, reverse=True)
    assert any("resistivity line: not permitted" in gate for gate in found.gates)
    assert any("gas main" in gate for gate in found.gates)
    holes = [
        h
        for w in found.weighed
        for h in ((w.action,) if isinstance(w.action, Hole) else w.action.holes)
    ]
    terms = to_terms(Site.open(believed).config)
    assert clear_holes(as_arrays(holes), terms.keep_clear, terms.deviation_sd_per_m).all()
    panel = next(w.action for w in found.weighed if getattr(w.action, "kind", "") == "panel")
    assert isinstance(panel, Survey)
    assert len(panel.holes) == 2
    assert panel.line.length_m == pytest.approx(8.0, abs=0.3)
    rows = action_rows(found.weighed)
    assert all("per cost" in row.reason for row in rows)
    again = weigh_actions(Site.open(believed), draws=8)
    assert [w.worth.index for w in again.weighed] == indices


def test_the_same_ground_is_not_surveyed_again(believed: Path, tmp_path: Path):
    shutil.copytree(believed, tmp_path / "field")
    site = Site.open(tmp_path / "field")
    (tmp_path / "gravity.csv").write_text(GRAVITY)
    # Stations every 5 m and lines of 1 m: a line within reach of few of them is new.
    site, _ = add_files(site, [tmp_path / "gravity.csv"])
    close = "station,x,y,g_ugal,sd_ugal\n" + "".join(
        f"c{i}_{j},{i},{j},{(i * j) % 3},3\n" for i in range(21) for j in range(16)
    )
    (tmp_path / "close.csv").write_text(close)
    site, _ = add_files(site, [tmp_path / "close.csv"])
    found = weigh_actions(site, draws=4)
    assert found.current.stale
    assert any("gravity line: no place is left" in gate for gate in found.gates)


def test_plan_with_actions_on_the_command_line(believed: Path, tmp_path: Path, capsys):
    shutil.copytree(believed, tmp_path / "field")
    site = Site.open(tmp_path / "field")
    text = (site.path / "site.toml").read_text()
    permitted = 'permitted = ["hole", "panel", "gravity line"]'
    assert permitted in text
    (site.path / "site.toml").write_text(text.replace(permitted, 'permitted = ["hole"]'))
    assert main(["plan", str(site.path), "--holes", "1", "--actions", "--json"]) == 0
    out, err = capsys.readouterr()
    document = json.loads(out)
    assert set(document) == {"holes", "actions", "kept_out"}
    assert len(document["holes"]) == 1
    assert {row["action"] for row in document["actions"]} == {"hole"}
    assert "panel: not permitted by the site file" in document["kept_out"]
    assert "per cost" in err


def test_the_rule_of_value_weighs_all_actions(believed: Path):
    site = Site.open(believed)
    dear = assess(site, terms=StopTerms(loss=1000.0, actions=True)).rules[1]
    assert dear.met is False
    assert dear.bound == 1.0
    assert dear.value > 1.0
    assert "per cost" in dear.words
    cheap = assess(site, terms=StopTerms(loss=0.01, actions=True)).rules[1]
    assert cheap.met is True
    assert cheap.value < 1.0


def test_costs_and_stakes_leave_a_belief_as_it_is():
    dear = config(actions={"loss_unfound": 5000.0, "loss_precaution": 40.0}, keep_clear=[MAIN])
    assert settings_fingerprint(dear) == settings_fingerprint(config())
    terms = to_action_terms(dear)
    assert (terms.stakes.unfound, terms.stakes.precaution) == (5000.0, 40.0)
    assert np.isinf(to_action_terms(config()).stakes.precaution)
    with pytest.raises(InputError, match=r"permitted"):
        config(actions={"permitted": ["tunnel"]})


def test_a_rule_of_distance_keeps_holes_out_and_probes_in(believed: Path, tmp_path: Path, capsys):
    shutil.copytree(believed, tmp_path / "field")
    place = str(tmp_path / "field")
    assert main(["plan", place, "--holes", "1", "--standoff", "3@0.02"]) == 0
    held, err = capsys.readouterr()
    plan = current_plan(Site.open(place))
    assert plan is not None
    assert any(words.startswith("3 m: no hole comes within 3.0 m") for words in plan.kept_out)
    assert any("gas main" in words for words in plan.kept_out)
    assert "Kept out: 3 m: no hole comes within 3.0 m of workings" in held + err
    rule = ["--standoff", "us-57.22241-unsurveyed"]
    assert main(["plan", place, "--holes", "1", *rule]) == 0
    held, err = capsys.readouterr()
    assert "nothing is planned" in held + err
    assert main(["plan", place, "--holes", "1", "--probe", *rule]) == 0
    held, err = capsys.readouterr()
    assert "keeps nothing out, for these holes are meant as probes; it asks: bore" in held + err
    plan = current_plan(Site.open(place))
    assert plan is not None
    assert len(plan.holes) == 1
    for slip in ("hide", "15@x", "surveyed:", "-3", "us-57.22241-unsurveyed@1.5"):
        with pytest.raises(InputError):
            parse_standoff(slip)


def test_gates_of_the_site_file(believed: Path):
    site = Site.open(believed)
    kept = {"distance_m": 40.0, "families": ("driven",), "probes": False}
    strict = replace(
        site, config=site.config.model_copy(update={"standoff": (StandoffConfig(**kept),)})
    )
    belief = current_belief(site).belief
    made = gated_terms(strict, belief, probe=True)
    assert len(made.drilling.gates) == 1
    assert "workings (driven)" in made.words[-1]
    maps = gated_terms(site, belief, standoff=["surveyed:20"])
    assert maps.drilling.gates == ()
    assert "there are none" in maps.words[-1]
    with pytest.raises(InputError, match="either a rule or a distance_m"):
        config(standoff=[{"rule": "us-57.22241-surveyed", "distance_m": 3.0}])
    with pytest.raises(InputError, match="known: us-"):
        config(standoff=[{"rule": "mine"}])
