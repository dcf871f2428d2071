"""Null and void fields of foreign physics through the whole inference: the table of the docs.

    python bench/foreign.py [--scenes 2048] [--kinds gravity resistivity] [--seeds 1-20]

Reads ``bench/worlds/data`` (made by prisms and a finite-element mesh, see ``bench/worlds``), writes
one JSON line per field to ``bench/results/foreign.jsonl`` (resumed, never dropped) and prints the
table. Nulls: P(any) > 0.8 at most 2 in 20 and mean P(any) ≤ prior. Voids with matched SNR ≥ 8:
P(any) > 0.9 in ≥ 18 of 20 and the axis within 1 m.
"""

from __future__ import annotations

import argparse
import json
import os
from itertools import pairwise
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np

from subterra.evidence import gravity_evidence, resistivity_evidence
from subterra.inference import infer, p_any, target_clusters
from subterra.scene import Prior
from subterra.tables import GravityTable, ResistivityTable

HERE = Path(__file__).parent
RESULTS = HERE / "results" / "foreign.jsonl"


def gravity_case(world, field):
    """Prior and evidence of one of the fields ``null``, ``void`` and ``void_snr8``."""
    x, y = world["x"], world["y"]
    g = world[f"g_{field}_ugal"]
    n = len(x)
    names = tuple(f"s{i}" for i in range(n))
    height = np.full(n, float(world["sensor_height_m"]))
    sd = np.broadcast_to(world["sd_ugal"], n).astype(float)
    table = GravityTable(names, x, y, height, g, sd, None, None)
    prior = Prior((x.min(), y.min(), x.max(), y.max()), 12.0, targets=("driven",))
    return prior, gravity_evidence([table], prior, cache_dir=HERE / "results" / "cache")


def resistivity_case(world, field):
    """Prior and evidence of one of the fields ``null``, ``void`` and ``void_snr8``."""
    place = world["electrodes"]
    rhoa = world[f"rhoa_{field}_ohm_m"]
    err = np.broadcast_to(world["err"], len(rhoa)).astype(float)
    table = ResistivityTable(
        place[:, 0], place[:, 1], None, world["abmn"].astype(np.int32), rhoa, err
    )
    prior = Prior((0.0, 0.0, 20.0, 32.5), 12.0, targets=("driven",))
    return prior, resistivity_evidence([table], prior, cache_dir=HERE / "results" / "cache")


CASES = {"gravity": gravity_case, "resistivity": resistivity_case}


def world_of(kind, seed):
    """Arrays of one foreign world."""
    return np.load(HERE / "worlds" / "data" / f"{kind}_{seed:02d}.npz", allow_pickle=False)


def plan_distance(axis, truth):
    """RMS plan distance in metres of the found axis from the true line, inside the site."""
    points = np.asarray(axis, float)[:, :2]
    fine = np.linspace(0.0, 1.0, 50)[:, None]
    points = np.concatenate([a + fine * (b - a) for a, b in pairwise(points)])
    a, b = truth[0, :2], truth[1, :2]
    along = (b - a) / np.linalg.norm(b - a)
    off = points - a
    return float(np.sqrt(np.mean((off[:, 0] * along[1] - off[:, 1] * along[0]) ** 2)))


def run(kind, seed, void, n_scenes):
    world = world_of(kind, seed)
    prior, evidence = CASES[kind](world, "void_snr8" if void else "null")
    belief = infer(prior, [evidence], n_scenes=n_scenes, seed=seed)
    row = {
        "kind": kind,
        "seed": seed,
        "void": void,
        "scenes": n_scenes,
        "kernel": str(world["kernel"]),
        "ground_sd": float(world["ground_sd"]),
        "p_any": p_any(belief),
        "islands": [round(p, 3) for p in belief.info.p_any_islands],
        "seconds": round(belief.info.seconds, 1),
    }
    if void:
        found = target_clusters(belief)
        truth = world["axis_snr8"]
        row["fill"] = str(world["fill"])
        row["snr"] = float(world["snr_matched_snr8"])
        if found:
            best = max(found, key=lambda o: o.p)
            row["axis_m"] = plan_distance(best.axis, truth)
            row["axis_sd_m"] = float(best.axis_sd_m)
            row["best_p"] = float(best.p)
            z = np.asarray(best.axis)[:, 2]
            row["depth_error_m"] = float(-z.mean() + truth[:, 2].mean())
    return row


def table(rows):
    lines = ["| survey | field | n | P(any) mean | > 0.8 | > 0.9 | axis within 1 m | both |"]
    lines.append("|---|---|---|---|---|---|---|---|")
    for kind in CASES:
        for void in (False, True):
            some = [r for r in rows if r["kind"] == kind and r["void"] == void]
            if not some:
                continue
            p = np.array([r["p_any"] for r in some])
            near = np.array([r.get("axis_m", np.inf) <= 1.0 for r in some])
            cells = [kind, "void" if void else "null", len(some), f"{p.mean():.2f}"]
            cells += [int((p > 0.8).sum()), int((p > 0.9).sum())]
            cells += [int(near.sum()), int((near & (p > 0.9)).sum())] if void else ["", ""]
            lines.append("| " + " | ".join(str(c) for c in cells) + " |")
    return "\n".join(lines)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scenes", type=int, default=2048)
    parser.add_argument("--kinds", nargs="*", default=list(CASES))
    parser.add_argument("--seeds", default="1-20")
    parser.add_argument("--out", type=Path, default=RESULTS)
    args = parser.parse_args()
    first, last = (int(v) for v in args.seeds.split("-"))
    args.out.parent.mkdir(parents=True, exist_ok=True)
    rows = [json.loads(v) for v in args.out.read_text().splitlines()] if args.out.exists() else []
    done = {(r["kind"], r["seed"], r["void"], r["scenes"]) for r in rows}
    for kind in args.kinds:
        for seed in range(first, last + 1):
            for void in (False, True):
                if (kind, seed, void, args.scenes) in done:
                    continue
                row = run(kind, seed, void, args.scenes)
                rows.append(row)
                with args.out.open("a") as sink:
                    sink.write(json.dumps(row) + "\n")
                print(json.dumps(row), flush=True)
    print(table([r for r in rows if r["scenes"] == args.scenes]))


if __name__ == "__main__":
    main()
