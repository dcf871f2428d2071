"""Surveys are judged anew once there is a belief, and what was judged stays with the belief."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from site_samples import GRAVITY

from subterra.cli import main
from subterra.evidence import Judgement, as_judged
from subterra.report.collect import collect
from subterra.site import Site, add_files, infer_site
from subterra.site.belief_store import current_belief, latest_record
from subterra.site.config import build_config
from subterra.site.log_hole import Collar, log_hole
from subterra.site.second_look import as_believed, judged_words
from subterra.site.survey_forecast import forecast


def waves(height: float) -> str:
    """Gravity of waves beyond what any ground model holds."""
    rows = ["station,x,y,g_ugal,sd_ugal"]
    for i in range(8):
        for j in range(6):
            x, y = 2.5 * i + 1.0, 2.5 * j + 0.5
            g = height * np.sin(x / 1.9) * np.cos(y / 2.3)
            rows.append(f"s{i}{j},{x},{y},{g:.2f},10")
    return "\n".join(rows) + "\n"


def believed(folder: Path, content: str) -> Site:
    config = build_config({"name": "Field", "bounds": [0, 0, 20, 15], "depth_m": 8})
    file = folder / "gravity.csv"
    file.write_text(content)
    changed, _ = add_files(Site.create(folder / "field", config), [file])
    return infer_site(changed, n_scenes=128, seed=2)[0]


@pytest.fixture(scope="module")
def wide(tmp_path_factory) -> Site:
    return believed(tmp_path_factory.mktemp("waves"), waves(200.0))


def test_nothing_is_said_of_a_quiet_survey(tmp_path):
    changed = believed(tmp_path, GRAVITY)
    belief = current_belief(changed).belief
    assert belief.info.judged == {}
    assert judged_words(belief) == ()
    [read] = changed.evidence()
    [used] = as_believed(belief, [read])
    assert used is read


def test_structure_widens_the_errors_and_is_said_everywhere(wide: Site, capsys):
    current = current_belief(wide)
    info = current.belief.info
    judged = info.judged["gravity"]
    assert judged.widening > 1.5
    [read] = wide.evidence()
    [used] = as_believed(current.belief, [read])
    assert used.models.grid.noise == pytest.approx(judged.widening * read.models.grid.noise)
    assert info.evidence == {"gravity": used.fingerprint}
    assert used.fingerprint != read.fingerprint
    [words] = judged_words(current.belief)
    assert f"{judged.widening:.1f} times" in words
    record = latest_record(wide)
    assert record is not None
    assert record.judged == (words,)
    [fit] = collect(wide).surveys
    assert words in fit.words
    [group] = forecast(wide).surveys
    assert group.evidence.fingerprint == used.fingerprint
    assert main(["status", str(wide.path), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["belief"]["judged"] == [words]
    assert main(["status", str(wide.path)]) == 0
    assert "structured" in " ".join(capsys.readouterr().out.split())


def test_a_judgement_is_of_its_own_data(wide: Site):
    belief = current_belief(wide).belief
    [read] = wide.evidence()
    other = replace(read, fingerprint="other")
    [left] = as_believed(belief, [other])
    assert left is other
    with pytest.raises(ValueError, match="other data"):
        as_judged(read, Judgement("other", (1,)))


def test_a_logged_hole_keeps_what_was_judged(wide: Site, tmp_path):
    shutil.copytree(wide.path, tmp_path / "copy")
    copy = Site.open(tmp_path / "copy")
    before = current_belief(copy).belief
    done = log_hole(copy, "H1", hit=None, drilled_to=5.0, collar=Collar(10.0, 8.0, 0.0))
    assert done.belief is not None
    after = current_belief(done.site).belief
    assert after.info.judged == before.info.judged
    assert after.info.judged_words == before.info.judged_words
    assert after.info.evidence["gravity"] == before.info.evidence["gravity"]
