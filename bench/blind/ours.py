"""Subterra on blind sites, through its public functions as a user would: add, infer, plan, log.

Usage: python bench/blind/ours.py OUT.jsonl NAME ... [--scenes 1024] [--workers 2]

One line per site, written when it is done; what is there is not done again. Each site has a
process and a thread of its own. The truth is asked for what a drilled hole has met and nothing
else. Nothing of the package is changed for these sites: the site file says bounds, depth, what is
looked for, that there are caves where there are, and that the rig drills vertical holes, as every
peer's do; all else is the default.
"""

from __future__ import annotations

import argparse
import json
import resource
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context
from pathlib import Path

import numpy as np
from truth import CAMPAIGN_P, CAP, NULL_CAP, SITES, Truth, known, read_truth

from subterra.inference import p_any, summarise
from subterra.search import poc_grid
from subterra.site import Site, add_files, build_config, infer_site
from subterra.site.log_hole import log_hole
from subterra.site.plan_store import make_plan

FILES = (
    "gravity.csv",
    "resistivity.dat",
    "radar.csv",
    "reports.csv",
    "map.geojson",
    "collars.csv",
    "logs.csv",
)
RENEWED_AFTER = (5, 10, 20)
"""After so many holes a belief that has not converged is computed anew, not updated."""
MAP_CELL_M = 2.0


def config_content(facts):
    """What a user who knows these facts writes into the site file."""
    content = {
        "name": facts["name"],
        "bounds": facts["bounds"],
        "depth_m": facts["depth_m"],
        "targets": {"look_for": [facts["look_for"]]},
        "drilling": {"inclinations_deg": [90.0]},
    }
    if facts["caves"]:
        content["families"] = {"conduit": {"expected": 0.5}}
    return content


def config_of(facts):
    """The site file of a user who knows these facts."""
    return build_config(config_content(facts))


def campaign(site, truth, n_scenes, seed, look):
    """Drill, log, plan again, until a hit, the cap, or on a null site until P is under one half."""
    cap = CAP if truth.void else NULL_CAP
    holes, chances, p, spent = [], [], look["p"], time.process_time()
    converged = look["converged"]
    while len(holes) < cap and (truth.void or p >= CAMPAIGN_P):
        site, plan, _ = make_plan(site, 1)
        if not plan.holes:
            break
        hole = plan.holes[0]
        hit = truth.drill(hole.x, hole.y, hole.length_m, hole.z)
        holes.append([round(hole.x, 2), round(hole.y, 2), round(hole.length_m, 2)])
        chances.append(round(hole.p_hit, 4))
        if hit is not None:
            return holes, chances, True, time.process_time() - spent
        void = truth.natural(hole.x, hole.y, hole.length_m, hole.z)
        done = log_hole(site, hole.hole, hit=void)
        site, belief = done.site, done.belief
        if len(holes) in RENEWED_AFTER and not converged:
            site, belief = infer_site(site, n_scenes=n_scenes, seed=seed, threads=1)
        summary = summarise(belief)
        p, converged = summary["p_any"], summary["converged"]
    return holes, chances, False, time.process_time() - spent


def work(task):
    """One site: its line of results."""
    name, n_scenes, seed = task
    truth: Truth = read_truth(name)
    folder = SITES / name
    with tempfile.TemporaryDirectory() as where:
        began, used = time.perf_counter(), time.process_time()
        site = Site.create(Path(where) / "site", config_of(known(name)))
        site, _ = add_files(site, [folder / f for f in FILES if (folder / f).exists()])
        site, belief = infer_site(site, n_scenes=n_scenes, seed=seed, threads=1, effort=2)
        seconds, cpu_seconds = time.perf_counter() - began, time.process_time() - used
        summary = summarise(belief)
        poc = poc_grid(belief, MAP_CELL_M)
        look = {"p": summary["p_any"], "converged": summary["converged"]}
        holes, chances, hit, drilling = campaign(site, truth, n_scenes, seed, look)
    return {
        "site": name,
        "method": "subterra",
        "scenes": n_scenes,
        "seed": seed,
        "p": summary["p_any"],
        "p_raw": round(p_any(belief), 5),
        "converged": summary["converged"],
        "runs": summary["runs"],
        "objects": [{"p": o["p"], "axis": o["axis"]} for o in summary["objects"]],
        "holes": holes,
        "p_hit": chances,
        "hit": hit,
        "seconds": round(seconds, 2),
        "cpu_seconds": round(cpu_seconds, 2),
        "drilling_cpu_seconds": round(drilling, 2),
        "peak_mib": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1),
        "poc": np.round(poc.poc, 3).tolist(),
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("sites", nargs="+")
    parser.add_argument("--scenes", type=int, default=1024)
    parser.add_argument("--workers", type=int, default=2)
    args = parser.parse_args()
    lines = args.out.read_text().splitlines() if args.out.exists() else []
    done = {(r["site"], r["scenes"]) for r in map(json.loads, lines)}
    # The seed is the site's number: fixed before anything was looked at.
    tasks = [(n, args.scenes, int(n[1:])) for n in args.sites if (n, args.scenes) not in done]
    context = get_context("spawn")
    pool = ProcessPoolExecutor(args.workers, mp_context=context, max_tasks_per_child=1)
    with pool, args.out.open("a") as sink:
        runs = {pool.submit(work, task): task for task in tasks}
        for run in as_completed(runs):
            row = run.result()
            sink.write(json.dumps(row) + "\n")
            sink.flush()
            told = {k: row[k] for k in ("site", "p", "hit", "cpu_seconds", "drilling_cpu_seconds")}
            print(json.dumps({**told, "holes": len(row["holes"])}), flush=True)


if __name__ == "__main__":
    main()
