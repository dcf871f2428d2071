"""Holes to a 2 m tunnel that crosses a fence of 1,000 m, placed by the planner and by two fences.

Run: python bench/dmz_fence.py [--seeds 100] [--p-detect 1.0] [--out FILE]

Design, fixed before looking. A tunnel crosses the line at a place that is even over it. Holes stand
20 m apart with radar between neighbours, so that a hole tests 10 m of the line to each side: that
is its detection radius, and the drives of the scenes have it. One report gives the place of the
crossing with a standard error of 50, 100 or 200 m; a false one, none or half of them, is even over
the line. The planner is `plan_holes` as it is: its scenes are crossings every metre, weighted by
the likelihood of the report (source of letter C, so it is not told how many are false) and, after
each dry hole, by what that hole would have found. It may put a hole anywhere on the line.

Fences: from one end, holes at 10, 30, … m; centre-out, the same holes by their distance from the
report; and centre-out free, from the report itself outwards every 20 m. The ratio of mean numbers
of holes up to the one that finds the tunnel has a 95 % bootstrap interval over seeds. With a chance
of detection below 1 a tunnel is found by the k-th hole that tests it, k the same for all; fences
begin again. Finished seeds are kept in the file, one a line, and are not run again.
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np

from subterra.evidence import report_evidence
from subterra.inference.belief import Belief, RunInfo
from subterra.scene import Prior, concatenate, make_scene
from subterra.search import DrillTerms, Hole, hit_probability, plan_holes
from subterra.search.objective import Objective
from subterra.tables import ReportTable

LINE_M, SPACING_M = 1000.0, 20.0
REACH_M = 0.5 * SPACING_M
DEPTH_M, FLOOR_M = 100.0, 160.0
SIGMAS = (50.0, 100.0, 200.0)
FALSE_SHARES = (0.0, 0.5)
BATCH, MOST = 6, 400
PRIOR = Prior((0.0, -1.0, LINE_M, 1.0), FLOOR_M)
INFO = RunInfo(1, 1, 0.0, (0.0,), (0.5,), (1,), 1.0, {}, (0.0, 1.0), {})
OUT = Path(__file__).parent / "results" / "dmz_fence.jsonl"


def drill_terms(p_detect):
    return DrillTerms(
        p_detect=(p_detect,) * 3,
        false_void_per_m=0.0,
        deviation_sd_per_m=0.0,
        cost_per_m=0.0,
        collar_spacing_m=SPACING_M,
        inclinations_deg=(90.0,),
        max_length_m=FLOOR_M,
    )


def crossing_scenes():
    """Crossings every metre, and one scene without a tunnel."""
    scenes = [make_scene([])]
    for x in np.arange(0.5, LINE_M):
        axis = [(x, -1000.0, -DEPTH_M), (x, 1000.0, -DEPTH_M)]
        scenes.append(
            make_scene([{"family": "driven", "fill": "air", "axis": axis, "radius": REACH_M}])
        )
    return concatenate(scenes)


def told(x, sigma):
    """One report of a tunnel at x on the line."""
    nan = np.full(1, np.nan)
    return ReportTable(
        id=("R1",), source=("defector",), reliability=("C",),
        credibility=np.array([3], np.int32), origin=("",),
        x_m=np.array([x]), y_m=np.zeros(1), sd_m=np.array([sigma]), kind=("tunnel",),
        heading_deg=nan, heading_sd_deg=nan, depth_m=nan, depth_sd_m=nan, date=("",), text=("",),
    )  # fmt: skip


def draw(seed, sigma, false_share, p_detect):
    """Crossing, report, and the number of tests that it takes."""
    rng = np.random.default_rng([seed, round(sigma), round(100 * false_share)])
    crossing = rng.uniform(0.0, LINE_M)
    true, false = rng.normal(crossing, sigma), rng.uniform(0.0, LINE_M)
    is_false = bool(rng.random() < false_share)
    looks = int(rng.geometric(p_detect)) if p_detect < 1.0 else 1
    return crossing, false if is_false else true, is_false, looks


def holes_of_fence(places, crossing, looks):
    """Holes drilled up to the find by a fence that begins again when it is through."""
    tests = np.flatnonzero(np.abs(np.asarray(places) - crossing) <= REACH_M + 1e-9)
    rounds, rest = divmod(looks - 1, len(tests))
    return rounds * len(places) + int(tests[rest]) + 1


def fences(report):
    lattice = np.arange(REACH_M, LINE_M, SPACING_M)
    steps = np.arange(1, int(LINE_M / SPACING_M) + 2) * SPACING_M
    middle = float(np.clip(report, REACH_M, LINE_M - REACH_M))
    out = [middle]
    for step in steps:
        for place in (middle + step, middle - step):
            if -REACH_M < place < LINE_M + REACH_M:
                out.append(float(np.clip(place, REACH_M, LINE_M - REACH_M)))
    return {
        "end": lattice,
        "centre_out": lattice[np.argsort(np.abs(lattice - report), kind="stable")],
        "centre_out_free": np.array(out),
    }


def holes_of_planner(belief, terms, crossing, looks):
    """Holes that the planner drills up to the find; each batch learns from the dry ones before."""
    drilled, tests = [], 0
    while len(drilled) < MOST:
        rows = plan_holes(belief, BATCH, terms=terms, drilled=drilled, objective=Objective(find=1))
        if not rows:
            break
        holes = [Hole(r.hole, r.x, r.y, r.z, 0.0, 90.0, r.length_m) for r in rows]
        for hole in holes:
            drilled.append(hole)
            tests += abs(hole.x - crossing) <= REACH_M
            if tests == looks:
                return len(drilled), True
        void = hit_probability(belief.scenes, belief.prior, holes, terms=terms, threads=1).p_void
        weight = belief.weight * np.prod(1.0 - void.astype(float), axis=0)
        belief = replace(belief, weight=weight / weight.sum())
    return len(drilled), False


def run(options):
    done = {}
    if options.out.exists():
        rows = [json.loads(line) for line in options.out.read_text().splitlines()]
        done = {(r["seed"], r["sigma"], r["false"], r["p_detect"]): r for r in rows}
    scenes, terms = crossing_scenes(), drill_terms(options.p_detect)
    prior_weight = np.full(len(scenes), 0.5 / (len(scenes) - 1))
    prior_weight[0] = 0.5
    info = replace(INFO, n_scenes=len(scenes), island=(len(scenes),))
    options.out.parent.mkdir(exist_ok=True)
    with options.out.open("a") as file:
        for seed in range(options.seeds):
            for sigma in SIGMAS:
                for false_share in FALSE_SHARES:
                    key = seed, sigma, false_share, options.p_detect
                    if key in done:
                        continue
                    crossing, at, is_false, looks = draw(*key)
                    log_likelihood = report_evidence(told(at, sigma), PRIOR).log_likelihood(scenes)
                    weight = prior_weight * np.exp(log_likelihood - log_likelihood.max())
                    belief = Belief(scenes, weight / weight.sum(), PRIOR, info)
                    planner, found = holes_of_planner(belief, terms, crossing, looks)
                    row = {"seed": seed, "sigma": sigma, "false": false_share}
                    row |= {"p_detect": options.p_detect, "crossing": crossing, "report": at}
                    row |= {"report_false": is_false, "planner": planner, "found": found}
                    row |= {n: holes_of_fence(p, crossing, looks) for n, p in fences(at).items()}
                    done[key] = row
                    file.write(json.dumps(row) + "\n")
                    file.flush()
    return [row for key, row in done.items() if key[3] == options.p_detect]


def ratio(rows, name, rng):
    """Ratio of means with its 95 % bootstrap interval."""
    fence, planner = (np.array([r[k] for r in rows], float) for k in (name, "planner"))
    pick = rng.integers(0, len(rows), (4000, len(rows)))
    spread = np.quantile(fence[pick].mean(axis=1) / planner[pick].mean(axis=1), (0.025, 0.975))
    return f"{fence.mean() / planner.mean():5.2f} ({spread[0]:.2f}-{spread[1]:.2f})"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=100)
    parser.add_argument("--p-detect", type=float, default=1.0)
    parser.add_argument("--out", type=Path, default=OUT)
    options = parser.parse_args()
    rows, rng = run(options), np.random.default_rng(1)
    print(f"p(detect | tested) {options.p_detect:g}; ratio of mean holes, fence over planner")
    print("sigma  false  seeds  planner    end                centre-out         centre-out free")
    worst = np.inf
    for false_share in FALSE_SHARES:
        for sigma in SIGMAS:
            some = [r for r in rows if r["sigma"] == sigma and r["false"] == false_share]
            if not some:
                continue
            mean = np.mean([r["planner"] for r in some])
            text = "  ".join(ratio(some, n, rng) for n in ("end", "centre_out", "centre_out_free"))
            print(f"{sigma:5.0f}  {false_share:5.0%}  {len(some):5d}  {mean:7.2f}  {text}")
            for name in ("centre_out", "centre_out_free"):
                worst = min(worst, np.mean([r[name] for r in some]) / mean)
    lost = sum(not r["found"] for r in rows)
    print(f"worst against centre-out {worst:.3f}; not found by the planner {lost}")
    return 0 if worst >= 0.95 and not lost else 1


if __name__ == "__main__":
    sys.exit(main())
