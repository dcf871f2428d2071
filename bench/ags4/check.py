"""Check files written by Subterra against the AGS4 rules with python-ags4, the official checker.

python-ags4 pins old versions of pandas and rich, so it lives in an environment of its own:

    make -C bench/ags4

It writes holes at random (surveyed and straight, in national and local coordinates, with and
without logs, which go into the group that they were found in), reads each file back and compares,
writes the readers' sample of a consultant's file, and has all of them checked. The verdict is the
checker's own.
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
from subterra.formats.ags4_groups import read_groups
from subterra.formats.drill_vocabulary import word_of
from subterra.tables import (
    LOG_WORDS,
    BackfillTable,
    BoreholeTable,
    HoleRecords,
    IntervalTable,
    SurveyTable,
)

SAMPLE = Path(__file__).parents[2] / "tests" / "formats" / "samples" / "ags4.ags"
MUST = ("LOCA", "HORN", "GEOL", "FLSH", "DREM", "DLOG", "BKFL")
COMPARED = ("hole", "x_m", "y_m", "length_m", "from_m", "to_m", "log", "text")
DATE = "2024-05-02"
SAID = (
    "GEOL: Strong grey SANDSTONE",
    'GEOL: VOID (old workings), "the 1870 level".',
    "DREM: Rods dropped 0.6 m.",
    "DREM: Total loss of flush.",
    "FLSH: return 0 %",
    "FLSH: return 12.5 %",
    "DLOG: Broken ground, timber",
)
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
    surveys = intervals = backfill = None
    if rng.random() < 0.5:
        depth = np.round(np.linspace(0.0, length[0] - 1.0, 5), 3)
        azimuth = np.round(collars.azimuth_deg[0] * np.ones(5), 2)
        down = np.round(collars.inclination_deg[0] - np.arange(5), 2)
        surveys = SurveyTable(names[:1] * 5, depth, azimuth, down)
    if rng.random() < 0.8:
        rows = [
            (name, float(cut[k]), float(cut[k + 1]), *some_log(rng))
            for name, end in zip(names, length, strict=True)
            for cut in [np.round(np.linspace(0.0, end, 6), 3)]
            for k in range(5)
        ]
        *columns, said = zip(*rows, strict=True)
        intervals = IntervalTable(*columns, {"said": said})
    if rng.random() < 0.5:
        backfill = BackfillTable(names, np.zeros(n), length, ("Bentonite",) * n)
    return HoleRecords(collars, surveys, intervals, "Checked site", backfill)


def some_log(rng: np.random.Generator) -> tuple[str, str]:
    """Draw a word of a log, and what it was found in; nothing for half of them."""
    if rng.random() < 0.5:
        return str(rng.choice(LOG_WORDS)), ""
    said = str(rng.choice(SAID))
    group, _, text = said.partition(": ")
    return "flush loss" if group == "FLSH" else word_of(text) or "intact", said


def rows_of(records: HoleRecords, table: str) -> list[tuple]:
    """Rows of a table in no order, without what it is not compared by."""
    found = getattr(records, table)
    if found is None:
        return []
    columns = [getattr(found, name) for name in COMPARED if hasattr(found, name)]
    return sorted(zip(*(list(column) for column in columns), strict=True))


def lost(made: HoleRecords, path: Path) -> list[str]:
    """Say what does not come back as it was written; rows written again must be the same.

    A survey gets a station at the collar, which is where it began anyway.
    """
    found, again = read_ags4(path), path.with_suffix(".again")
    write_ags4(found, again, date=DATE, national="LOCA_NATE" in path.read_text())
    wrong = [
        t for t in ("collars", "intervals", "backfill") if rows_of(made, t) != rows_of(found, t)
    ]
    once, twice = (sorted(each.read_text().splitlines()) for each in (path, again))
    return wrong if once == twice else [*wrong, "written again"]


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
        paths: list[str] = []
        count = dict.fromkeys(MUST, 0)
        changed: dict[str, list[str]] = {}
        for i in range(given.files + 1):
            path = Path(folder) / f"site{i}.ags"
            made = some_holes(rng) if i < given.files else read_ags4(SAMPLE)
            write_ags4(made, path, date=DATE, national=bool(i % 2) or i == given.files)
            if wrong := lost(made, path):
                changed[path.name] = wrong
            for name, group in read_groups(path).items():
                if name in count:
                    count[name] += len(group)
            paths.append(str(path))
        done = subprocess.run(
            [given.python, "-c", CHECK, *paths], capture_output=True, text=True, check=True
        )
    verdict = json.loads(done.stdout.split("VERDICT")[-1])
    broken = {Path(path).name: found for path, found in verdict.items() if found}
    print("rows by group:", ", ".join(f"{name} {rows}" for name, rows in count.items()))
    print(
        f"{len(paths)} files written, {len(changed)} come back changed, {len(broken)} break a rule "
        "of AGS4"
    )
    for name, found in (*changed.items(), *broken.items()):
        print(name, found)
    return 1 if broken or changed or not all(count.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
