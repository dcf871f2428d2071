"""Importing costs nothing that is not used."""

from __future__ import annotations

import resource
import subprocess
import sys

import pytest

HEAVY = ("matplotlib", "xarray", "numba", "scipy", "pandas", "pydantic", "shapely", "numpy")


def loaded(code: str) -> set[str]:
    report = f"{code}\nimport sys\nsys.stderr.write('LOADED ' + ' '.join(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", report], capture_output=True, text=True, check=True
    )
    return set(done.stderr.rpartition("LOADED ")[2].split())


def test_importing_the_package_loads_nothing_heavy():
    assert not loaded("import subterra") & {*HEAVY, "typer"}


def test_help_loads_nothing_heavy():
    code = "from subterra.cli import main\nassert main(['--help']) == 0"
    assert not loaded(code) & set(HEAVY)
    code = "from subterra.cli import main\nassert main(['plan', '--help']) == 0"
    # Typer itself checks a default number with pydantic.
    assert not loaded(code) & set(HEAVY) - {"pydantic"}


@pytest.mark.parametrize(
    ("code", "limit"),
    [
        ("import subterra", 0.1),
        ("from subterra.cli import main; main(['--help'])", 0.5),
        ("from subterra.cli import main; main(['infer', '--help'])", 0.5),
    ],
)
def test_import_and_help_are_quick(code: str, limit: float):
    def seconds(run: str) -> float:
        """Processor time of a fresh process: other work on the machine does not count."""
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([sys.executable, "-c", run], capture_output=True, check=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime

    bare = min(seconds("pass") for _ in range(3))
    assert min(seconds(code) for _ in range(5)) - bare < limit


def test_every_public_name_can_be_had():
    import subterra as st

    for name in st.__all__:
        assert getattr(st, name) is not None
    assert set(st.__all__) <= set(dir(st))
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        st.nonsense  # noqa: B018


def test_the_main_job_in_python(tmp_path):
    import numpy as np

    import subterra as st

    config = st.build_config({"name": "a", "bounds": [0, 0, 20, 15], "depth_m": 8})
    site = st.Site.create(tmp_path / "a", config)
    path = tmp_path / "reports.csv"
    path.write_text("id,source,reliability,credibility,origin,x,y,sd_m\nR1,map,B,2,map,14,9,3\n")
    site, _ = st.add_files(site, [path])
    belief = st.infer(tmp_path / "a", n_scenes=256)
    assert isinstance(belief, st.Belief)
    assert np.sum(belief.weight) == 1.0 or abs(np.sum(belief.weight) - 1.0) < 1e-12
    assert st.query(belief, 14.0, 9.0) > st.query(belief, 1.0, 1.0)
    assert len(st.plan_holes(belief, 1)) == 1
