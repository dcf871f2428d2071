"""``infer`` interrupted by Ctrl-C or killed: the site is as it was, the next one goes on."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from cli_samples import Run, tree

from subterra.cli import main
from subterra.inference.checkpoint import Unfinished
from subterra.physics import gravity_response
from subterra.scene import make_scene, slot
from subterra.site import Site
from subterra.site.belief_store import current_belief

INFER = ("--scenes", "256", "--seed", "5", "--effort", "1")
GOING_ON = "note: going on with an unfinished run"


def gravity_csv() -> str:
    """A wide drive under a net of stations: the ladder takes many steps."""
    axis = [[5.0, 2.0, -2.6], [30.0, 38.0, -2.8]]
    drive = make_scene([{"family": "driven", "fill": "air", "axis": axis, "radius": 1.4}])
    x, y = (v.ravel() for v in np.meshgrid(np.arange(2.5, 40.0, 5.0), np.arange(2.5, 40.0, 5.0)))
    g = gravity_response(slot(drive, 0), x, y, np.full(len(x), 0.3))[0]
    g = g + np.random.default_rng(4).normal(0.0, 4.0, len(x))
    rows = [f"s{i},{a},{b},{v:.2f},4\n" for i, (a, b, v) in enumerate(zip(x, y, g, strict=True))]
    return "station,x,y,g_ugal,sd_ugal\n" + "".join(rows)


@pytest.fixture(scope="module")
def surveyed_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site with gravity, whose ground models are made."""
    folder = tmp_path_factory.mktemp("resume")
    site, table = folder / "site", folder / "gravity.csv"
    table.write_text(gravity_csv())
    bounds = ["--bounds", "0", "0", "40", "40", "--depth", "8"]
    assert main(["new", str(site), *bounds]) == 0
    assert main(["add", str(site), str(table)]) == 0
    return site


@pytest.fixture
def surveyed(surveyed_folder: Path, tmp_path: Path) -> Path:
    site = tmp_path / "site"
    shutil.copytree(surveyed_folder, site)
    return site


@pytest.fixture(scope="module")
def whole(surveyed_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> np.ndarray:
    """Weights and quantiles of the belief of a run that nothing interrupts."""
    site = tmp_path_factory.mktemp("whole") / "site"
    shutil.copytree(surveyed_folder, site)
    assert main(["infer", str(site), *INFER]) == 0
    return content(site)


def content(site: Path) -> np.ndarray:
    belief = current_belief(Site.open(site)).belief
    unit = belief.scenes.unit.reshape(len(belief.weight), -1)
    return np.column_stack([belief.weight, unit, belief.scenes.objects.family])


def settled(site: Path) -> dict[str, str]:
    """What must be as it was: all but the unfinished run, the cache and the lock."""
    apart = ("belief/unfinished-", "belief/.unfinished-", "cache/", ".lock")
    return {name: v for name, v in tree(site).items() if not name.startswith(apart)}


@pytest.fixture
def stopping(monkeypatch: pytest.MonkeyPatch):
    """Let Ctrl-C fall after so many steps have been kept."""
    keep = Unfinished.keep_rung

    def after(steps: int) -> None:
        left = [steps]

        def keep_and_stop(*arguments: object) -> None:
            keep(*arguments)
            left[0] -= 1
            if left[0] == 0:
                raise KeyboardInterrupt

        monkeypatch.setattr(Unfinished, "keep_rung", keep_and_stop)

    yield after
    monkeypatch.setattr(Unfinished, "keep_rung", keep)


def unfinished(site: Path) -> list[str]:
    return sorted(p.name for p in (site / "belief").glob("*unfinished*"))


def test_ctrl_c_and_on(surveyed: Path, run: Run, stopping, whole: np.ndarray):
    before = settled(surveyed)
    for steps in (3, 4):
        stopping(steps)
        ran = run("infer", surveyed, *INFER, "--json")
        assert ran.code == 130
        assert ran.out == ""
        assert "note: what is computed is kept; the same command goes on from there\n" in ran.err
        assert ran.err.endswith("subterra: interrupted; the site is as it was\n")
        assert settled(surveyed) == before
        assert "unfinished-island-1.npz" in unfinished(surveyed)
    stopping(-1)
    ran = run("infer", surveyed, *INFER)
    assert ran.code == 0
    assert ran.err.startswith(GOING_ON)
    assert np.array_equal(content(surveyed), whole)
    assert unfinished(surveyed) == []
    # It was used up: the next run is a new one.
    assert GOING_ON not in run("infer", surveyed, *INFER).err
    assert np.array_equal(content(surveyed), whole)


def test_killed_and_on(surveyed: Path, run: Run, whole: np.ndarray):
    before = settled(surveyed)
    code = "import sys; from subterra.cli import main; sys.exit(main(sys.argv[1:]))"
    process = subprocess.Popen([sys.executable, "-c", code, "infer", str(surveyed), *INFER])
    waited_until = time.monotonic() + 300.0
    while not (surveyed / "belief" / "unfinished-island-1.npz").exists():
        assert process.poll() is None
        assert time.monotonic() < waited_until
        time.sleep(0.01)
    process.kill()
    process.wait()
    assert process.returncode == -signal.SIGKILL
    assert settled(surveyed) == before
    ran = run("infer", surveyed, *INFER)
    assert ran.code == 0
    assert GOING_ON in ran.err
    assert np.array_equal(content(surveyed), whole)
    assert unfinished(surveyed) == []


def test_fresh_starts_over(surveyed: Path, run: Run, stopping, whole: np.ndarray):
    stopping(3)
    assert run("infer", surveyed, *INFER).code == 130
    stopping(-1)
    ran = run("infer", surveyed, *INFER, "--fresh")
    assert ran.code == 0
    assert "unfinished" not in ran.err
    assert np.array_equal(content(surveyed), whole)


def test_what_has_changed_is_said(surveyed: Path, run: Run, stopping):
    stopping(3)
    assert run("infer", surveyed, *INFER).code == 130
    stopping(-1)
    site_file = surveyed / "site.toml"
    site_file.write_text(site_file.read_text().replace("p0 = 0.5", "p0 = 0.75"))
    ran = run("infer", surveyed, "--scenes", 256, "--seed", 6, "--effort", 1)
    assert ran.code == 0
    folder = surveyed / "belief"
    reason = f"note: {folder}: an unfinished run with another prior and seed is discarded\n"
    assert ran.err.startswith(reason)
    assert unfinished(surveyed) == []


def test_a_damaged_part_is_said(surveyed: Path, run: Run, stopping, whole: np.ndarray):
    stopping(4)
    assert run("infer", surveyed, *INFER).code == 130
    stopping(-1)
    for file in (surveyed / "belief").glob("unfinished-*"):
        file.write_bytes(file.read_bytes()[:-1000])
    ran = run("infer", surveyed, *INFER)
    assert ran.code == 0
    assert ran.err.count("this part of an unfinished run is damaged; it starts over\n") >= 2
    assert np.array_equal(content(surveyed), whole)
