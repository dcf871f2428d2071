from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from cli_samples import FILES, Run, run_with

from subterra.cli import main


@pytest.fixture
def run(capsys) -> Run:
    """Run a command in this process; gives its exit code and what it wrote."""
    return lambda *arguments: run_with(capsys, *arguments)


@pytest.fixture
def given(tmp_path: Path):
    """Write a file of the user's, outside of the site."""

    def write(name: str, content: str | bytes | None = None) -> Path:
        path = tmp_path / "given" / name
        path.parent.mkdir(exist_ok=True)
        text = FILES[name] if content is None else content
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return path

    return write


@pytest.fixture(scope="session")
def believed_folder(tmp_path_factory) -> Path:
    """A site made by the commands, with reports, holes, a belief and a plan."""
    folder = tmp_path_factory.mktemp("cli")
    site = folder / "field"
    for name in ("collars.csv", "log.csv", "reports.csv"):
        (folder / name).write_text(FILES[name])
    bounds = ["--bounds", "-1", "-2", "20", "15"]
    files = [str(folder / name) for name in ("collars.csv", "log.csv", "reports.csv")]
    for arguments in (
        ["new", str(site), *bounds, "--depth", "8", "--p0", "0.9", "--crs", "EPSG:25833"],
        ["add", str(site), *files],
        ["infer", str(site), "--scenes", "256", "--seed", "3"],
        ["plan", str(site), "--holes", "2"],
    ):
        assert main(arguments) == 0
    return site


@pytest.fixture
def believed(believed_folder: Path, tmp_path: Path) -> Path:
    """A copy of that site."""
    site = tmp_path / "believed"
    shutil.copytree(believed_folder, site)
    return site


@pytest.fixture
def empty(tmp_path: Path) -> Path:
    """A site without evidence."""
    site = tmp_path / "field"
    assert main(["new", str(site), "--bounds", "0", "0", "20", "15", "--depth", "8"]) == 0
    return site
