"""What is left of the shift of P(target) once the prior is told what the targets are like.

Usage: python bench/blind/known_class.py OUT.jsonl RUMOUR.jsonl [--workers 2] [--table]

The targets of the blind sites have radii of 0.9-1.25 m and lie 3-9 m deep; the default prior says
0.4-1.5 m and as deep as the site is searched, so that a site on which nothing is seen may still
hold something small or deep. The `study` sites are inferred without reports, radius and depth told.
RUMOUR.jsonl (of `rumour.py`) has the same with the default prior. A line per site; `--table` says
ROC area, log score, Brier score and the shift that the log odds would need.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context
from pathlib import Path

import numpy as np
from ours import FILES, config_content
from scores import brier, calibration_shift, log_score, roc_area
from truth import SITES, known, read_truth

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "worlds"))
from blind_design import designs

from subterra.inference import p_any
from subterra.site import Site, add_files, build_config, infer_site

TOLD = {"radius_m": [0.9, 1.25], "depth_m": [3.0, 9.0]}


def work(name):
    """One site: P without reports, by a prior that knows the class of target."""
    truth, folder = read_truth(name), SITES / name
    content = config_content(known(name))
    families = content.setdefault("families", {})
    families |= {known(name)["look_for"]: TOLD}
    with tempfile.TemporaryDirectory() as where:
        site = Site.create(Path(where) / "site", build_config(content))
        files = [folder / f for f in FILES if f != "reports.csv" and (folder / f).exists()]
        site, _ = add_files(site, files)
        _, belief = infer_site(site, n_scenes=1024, seed=int(name[1:]), threads=1)
    return {"site": name, "void": truth.void, "p": p_any(belief)}


def table(told, default):
    """Print the scores with both priors."""
    print("| prior | ROC area | log score | Brier | shift of log odds |\n|---|---|---|---|---|")
    names = [r["site"] for r in told]
    there = np.array([float(r["void"]) for r in told])
    for words, p in (
        ("default", np.array([default[n] for n in names])),
        ("radius and depth told", np.array([r["p"] for r in told])),
    ):
        cut = np.clip(p, 0.01, 0.99)
        numbers = (roc_area(p, there), log_score(p, there).mean(), brier(cut, there).mean())
        shift = calibration_shift(cut, there)
        print("| {} | {:.3f} | {:.3f} | {:.3f} | {:+.2f} |".format(words, *numbers, shift))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("rumour", type=Path)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--table", action="store_true")
    args = parser.parse_args()
    lines = args.out.read_text().splitlines() if args.out.exists() else []
    rows = [json.loads(line) for line in lines]
    if args.table:
        default = (json.loads(line) for line in args.rumour.read_text().splitlines())
        table(rows, {r["site"]: r["without"] for r in default})
        return
    done = {r["site"] for r in rows}
    names = [d.name for d in designs("study") if d.name not in done]
    context = get_context("spawn")
    pool = ProcessPoolExecutor(args.workers, mp_context=context, max_tasks_per_child=1)
    with pool, args.out.open("a") as sink:
        for run in as_completed([pool.submit(work, name) for name in names]):
            sink.write(json.dumps(run.result()) + "\n")
            sink.flush()


if __name__ == "__main__":
    main()
