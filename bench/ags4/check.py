"""Check files written by Subterra against the AGS4 rules with python-ags4, the official checker.

python-ags4 pins old versions of pandas and rich, so it lives in an environment of its own:

    make -C bench/ags4

It writes holes at random (surveyed and straight, with and without logs, in national and local
coordinates), checks each file, and reads the checker's own verdict.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

from subterra.formats import read_ags4, write_ags4
from subterra.tables import LOG_WORDS, BoreholeTable, HoleRecords, IntervalTable, SurveyTable

CHECK = """
import json, sys
from python_ags4 import AGS4
out = {}
for path in sys.argv[1:]:
    found = AGS4.check_file(path)
    rules = [k for k in found if k.startswith("AGS Format Rule") or "ERROR" in k.upper()]
    out[path] = {k: found[k][:3] for k in rules if found[k]}
print("VERDICT" + json.dumps(out))
"""


def some_holes(rng: np.random.Generator) -> HoleRecords:
    """Draw a handful of holes with surveys and logs."""
    n = int(rng.integers(1, 6))
    names = tuple(f"BH{i + 1}" for i in range(n))
    length = np.round(rng.uniform(10.0, 80.0, n), 3)
    collars = BoreholeTable(
        names,
        np.round(rng.uniform(4e5, 5e5, n), 3),
        np.round(rng.uniform(1e5, 3e5, n), 3),
        np.round(rng.uniform(-20.0, 300.0, n), 3) if rng.random() < 0.8 else None,
        np.round(rng.uniform(0.0, 360.0, n), 2),
        np.round(rng.uniform(30.0, 90.0, n), 2),
        length,
    )
    surveys = intervals = None
    if rng.random() < 0.5:
        depth = np.round(np.linspace(0.0, length[0] - 1.0, 5), 3)
        azimuth = np.round(collars.azimuth_deg[0] * np.ones(5), 2)
        down = np.round(collars.inclination_deg[0] - np.arange(5), 2)
        surveys = SurveyTable(names[:1] * 5, depth, azimuth, down)
    if rng.random() < 0.8:
        rows = [
            (name, float(cut[k]), float(cut[k + 1]), str(rng.choice(LOG_WORDS)))
            for name, end in zip(names, length, strict=True)
            for cut in [np.round(np.linspace(0.0, end, 6), 3)]
            for k in range(5)
        ]
        intervals = IntervalTable(*zip(*rows, strict=True))
    return HoleRecords(collars, surveys, intervals, "Checked site")


def main() -> int:
    """Write, read back and check; exit 1 where any rule is broken."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--python", required=True, help="python of the environment with python-ags4"
    )
    parser.add_argument("--files", type=int, default=20)
    given = parser.parse_args()
    rng = np.random.default_rng(1)
    with tempfile.TemporaryDirectory() as folder:
        paths = []
        for i in range(given.files):
            path = Path(folder) / f"site{i}.ags"
            write_ags4(some_holes(rng), path, date="2024-05-02", national=bool(i % 2))
            read_ags4(path)
            paths.append(str(path))
        done = subprocess.run(
            [given.python, "-c", CHECK, *paths], capture_output=True, text=True, check=True
        )
    verdict = json.loads(done.stdout.split("VERDICT")[-1])
    broken = {Path(path).name: found for path, found in verdict.items() if found}
    print(f"{given.files} files written, {len(broken)} break a rule of AGS4")
    for name, found in broken.items():
        print(name, found)
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
