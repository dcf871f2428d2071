"""The first page of the docs, run as it stands."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import time
from pathlib import Path

import pytest

from subterra.cli import main

DOCS = Path(__file__).parents[2] / "docs"
COMMAND = re.compile(r"^\$ subterra (.+)$", re.MULTILINE)


def test_the_first_walk(tmp_path, monkeypatch, capsys):
    commands = COMMAND.findall((DOCS / "first-walk.md").read_text(encoding="utf-8"))
    assert 0 < len(commands) < 10
    for file in (DOCS / "first-walk").iterdir():
        shutil.copy(file, tmp_path)
    monkeypatch.chdir(tmp_path)
    begun = time.process_time()
    for command in commands:
        assert main(shlex.split(command)) == 0, capsys.readouterr().err
    assert time.process_time() - begun < 300.0
    plan = json.loads((tmp_path / "walk" / "plan" / "plan-001.json").read_text())["holes"]
    # The tunnel that was simulated: 1 m of radius, 3.5 m down.
    first = plan[0]
    along = (first["y"] - 5599990.0) / 50.0
    assert first["x"] == pytest.approx(400017.0 + 6.0 * along, abs=1.5)
    assert first["target_from_m"] < 3.5 < first["target_to_m"]
    assert first["p_hit"] > 0.5
    assert (tmp_path / "handover" / "site.qgs").is_file()
    assert (tmp_path / "walk" / "report" / "report.html").is_file()
