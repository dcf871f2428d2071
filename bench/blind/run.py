"""The blind proof from nothing to one table and one page; what was done is not done again.

Usage: python bench/blind/run.py [--sites K] [--scenes 1024] [--workers 2] [--only STEP ...]
       [--results FOLDER]

Steps: `worlds` (makes the sites), `peers` (their maps), `tune` (of the peers), `ours` (Subterra),
`score` (table and page). Every result is a line of a file in `bench/out/blind/`; an interrupted run
goes on there. What was published stands in `bench/results/blind/` and is not touched. With --sites
the first K of the fixed mixed order are worked; with --short the peers are taken as tuned before
(`tuned.json`) where that is there, and the ten tuning sites are not made.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "worlds"))
from blind_design import designs

BENCH = Path(__file__).resolve().parents[1]
SITES = BENCH / "worlds" / "cache" / "blind"
RESULTS = BENCH / "out" / "blind"
TUNED = Path(__file__).with_name("tuned.json")
STEPS = ("worlds", "peers", "tune", "ours", "score")
ENVIRONMENTS = {"worlds": BENCH / ".env-worlds", "peers": BENCH / ".env-peers"}
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")


def python_of(environment):
    """Interpreter of an environment of the benchmarks."""
    found = os.environ.get(f"SUBTERRA_BENCH_{environment.upper()}")
    path = Path(found) if found else ENVIRONMENTS[environment] / "bin" / "python"
    if not path.exists():
        problem = f"{path} is missing: make -C bench blind-env"
        raise SystemExit(problem)
    return str(path)


def call(*command):
    """Run a step in a process of its own, every worker with one thread."""
    subprocess.run([str(v) for v in command], check=True, env={**os.environ, **ONE_THREAD})


def names(set_name, count):
    """Names of the first sites of a set, in its own order."""
    return [d.name for d in designs(set_name)][:count]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sites", type=int, default=None, help="the first K blind sites")
    parser.add_argument("--scenes", type=int, default=1024)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--only", nargs="*", choices=STEPS, default=list(STEPS))
    parser.add_argument("--results", type=Path, default=RESULTS)
    parser.add_argument("--short", action="store_true", help="peers as tuned before")
    args = parser.parse_args()
    results = args.results.resolve()
    results.mkdir(parents=True, exist_ok=True)
    few = [] if args.sites is None else ["--sites", args.sites]
    tuned = args.short and TUNED.exists()
    sets = {"blind": few} if tuned else {"tuning": [], "blind": few}
    if "worlds" in args.only:
        script = BENCH / "worlds" / "blind_worlds.py"
        for set_name, some in sets.items():
            call(python_of("worlds"), script, "--set", set_name, "--workers", args.workers, *some)
    blind = names("blind", args.sites)
    if "peers" in args.only:
        wanted = blind if tuned else [*names("tuning", None), *blind]
        script, out = BENCH / "peers" / "blind_maps.py", results / "peers.jsonl"
        pairs = [f"{n}:{SITES / n}" for n in wanted]
        call(python_of("peers"), script, out, *pairs, "--workers", args.workers)
    if "tune" in args.only and not tuned:
        call(sys.executable, Path(__file__).with_name("score.py"), "--tune", "--results", results)
    if "ours" in args.only:
        script = Path(__file__).with_name("ours.py")
        extra = ["--scenes", args.scenes, "--workers", args.workers]
        call(sys.executable, script, results / "subterra.jsonl", *blind, *extra)
    if "score" in args.only:
        script = Path(__file__).with_name("score.py")
        call(sys.executable, script, "--scenes", args.scenes, "--results", results, *few)
    print(json.dumps({"results": str(results)}))


if __name__ == "__main__":
    main()
