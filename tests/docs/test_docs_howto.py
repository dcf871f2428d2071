"""The how-to pages, run as they stand; that their commands are complete is tested elsewhere."""

from __future__ import annotations

import shlex
import shutil

import pytest
from docs_pages import DOCS, blocks

from subterra.cli import main


def work(name, folder, monkeypatch, capsys) -> dict:
    """Write the page's files, run its commands and its Python, in the order of the page."""
    monkeypatch.chdir(folder)
    names: dict = {"__name__": "__main__"}
    for block in blocks(DOCS / "howto" / f"{name}.md"):
        if block.name:
            (folder / block.name).write_text(block.body, encoding="utf-8")
        elif block.kind == "python":
            exec(compile(block.body, f"{name}.md", "exec"), names)
        for command in block.commands:
            assert main(shlex.split(command)) == 0, f"{command}\n{capsys.readouterr().err}"
    return names


@pytest.mark.slow
def test_engineer(tmp_path, monkeypatch, capsys):
    work("engineer", tmp_path, monkeypatch, capsys)
    assert (tmp_path / "planned.ags").is_file()
    assert (tmp_path / "rig" / "collars.csv").is_file()
    assert (tmp_path / "road" / "report" / "report.html").is_file()


@pytest.mark.slow
def test_border(tmp_path, monkeypatch, capsys):
    work("border", tmp_path, monkeypatch, capsys)
    assert (tmp_path / "crew" / "field-log.pdf").is_file()
    assert (tmp_path / "crew" / "poc.tif").is_file()


@pytest.mark.slow
def test_geophysicist(tmp_path, monkeypatch, capsys):
    for file in (DOCS / "first-walk").iterdir():
        shutil.copy(file, tmp_path)
    work("geophysicist", tmp_path, monkeypatch, capsys)
    assert (tmp_path / "handover" / "site.qgs").is_file()


@pytest.mark.slow
def test_researcher(tmp_path, monkeypatch, capsys):
    names = work("researcher", tmp_path, monkeypatch, capsys)
    # The trough that was made lies 4 m down at y = 13.
    assert names["mean_depth"] == pytest.approx(4.0, abs=2.0)
    assert names["first"].y == pytest.approx(13.0, abs=3.0)
