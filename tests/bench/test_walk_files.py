"""The files of the first walk are those that their script makes."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from bench_scripts import load

WALK = Path(__file__).parents[2] / "docs" / "first-walk"


@pytest.mark.slow
def test_the_files_of_the_first_walk_are_made_again_to_the_byte(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "argv", ["walk_files.py", str(tmp_path)])
    load("walk_files").main()
    assert {f.name for f in tmp_path.iterdir()} == {f.name for f in WALK.iterdir()}
    for made in tmp_path.iterdir():
        assert made.read_bytes() == (WALK / made.name).read_bytes(), made.name
