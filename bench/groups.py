"""Large survey groups: seconds, memory and error of the likelihood by number of data.

    python bench/groups.py [--sizes 750 2000 4000 10000] [--kinds gravity resistivity]

Each size runs in a process of its own, which builds the evidence without a cache (six ground
models), then scores 512 scenes of one drive. "Peak" is the process's largest resident memory after
that. The error is that of the log-likelihood ratio of 64 drives against none, under one ground
model (the third kernel) at two amplitudes, against a dense Cholesky factor of the same covariance
in double precision: what the kept eigenvectors and single precision cost.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import time

os.environ.setdefault("OMP_NUM_THREADS", "2")

import numpy as np
from scipy.linalg import cho_factor, cho_solve

from measure import describe, machine, save, table
from subterra.evidence import gravity, gravity_evidence, resistivity, resistivity_evidence
from subterra.evidence.protocol import responses_of
from subterra.ground import (
    NuisanceGrid,
    factorise,
    gravity_covariance,
    gravity_grid,
    log_likelihood,
    make_mesh,
    resistivity_covariance,
    resistivity_grid,
    sensitivity,
)
from subterra.scene import Prior, concatenate, make_scene
from subterra.tables import GravityTable, ResistivityTable

SIZES = (750, 2000, 4000, 10_000)
AMPLITUDES = {"gravity": (20.0, 160.0), "resistivity": (0.3, 1.3)}


def gravity_case(n):
    side = int(np.ceil(np.sqrt(n)))
    x, y = (v.ravel()[:n] for v in np.meshgrid(4.0 * np.arange(side), 4.0 * np.arange(side)))
    g = np.random.default_rng(1).normal(0.0, 20.0, n)
    table_ = GravityTable(tuple(f"s{i}" for i in range(n)), x, y, None, g, np.full(n, 5.0))
    return [table_], Prior((0.0, 0.0, x.max(), y.max()), 12.0)


def resistivity_case(n, electrodes=48):
    """Dipole-dipole lines of 48 electrodes, 1 m apart, 3 m between lines."""
    quads = [
        (i + a, i, i + a * (1 + k), i + a * (2 + k))
        for a in (1, 2)
        for k in range(1, 9)
        for i in range(electrodes - a * (2 + k))
    ]
    lines = int(np.ceil(n / len(quads)))
    x = np.tile(np.arange(float(electrodes)), lines)
    y = np.repeat(3.0 * np.arange(lines), electrodes)
    abmn = np.concatenate([np.array(quads) + electrodes * i for i in range(lines)])[:n]
    rhoa = np.exp(np.random.default_rng(1).normal(5.0, 0.1, n))
    table_ = ResistivityTable(x, y, None, abmn.astype(np.int32), rhoa, np.full(n, 0.02))
    return [table_], Prior((0.0, 0.0, x.max(), max(y.max(), 5.0)), 8.0)


def drives(prior, n, seed=2):
    rng = np.random.default_rng(seed)
    x0, y0, x1, y1 = prior.bounds
    scenes = []
    for _ in range(n):
        at = rng.uniform((x0, y0), (x1, y1))
        turn, depth = rng.uniform(0.0, np.pi), rng.uniform(2.0, 6.0)
        end = 60.0 * np.array([np.sin(turn), np.cos(turn)])
        axis = [[*(at - end), -depth], [*(at + end), -depth]]
        scenes.append(
            make_scene([{"family": "driven", "fill": "air", "axis": axis, "radius": 1.0}])
        )
    return concatenate(scenes)


def covariance(kind, evidence):
    """The third kernel's covariance once more."""
    if kind == "gravity":
        height = float(np.median(evidence.z_m))
        spacing = gravity._spacing(evidence.x_m, evidence.y_m)
        return gravity_covariance(evidence.x_m, evidence.y_m, height, gravity_grid(spacing)[2])
    layout = evidence.layout
    spacing = resistivity._spacing(*(np.asarray(v, float) for v in (layout.x, layout.y, layout.z)))
    mesh = make_mesh(layout, spacing)
    return resistivity_covariance(sensitivity(layout, mesh), mesh, resistivity_grid(spacing)[2])


def errors(kind, evidence, response):
    """Largest and median error of log-likelihood ratios at each amplitude, nats."""
    models, dense = evidence.models, np.asarray(covariance(kind, evidence), np.float64)
    response = np.vstack([np.zeros_like(response[:1]), response])
    trend = models.trend * models.sd[:, None]
    data = evidence.observed - (evidence.observed / models.sd) @ models.trend @ trend.T
    out = []
    for s in AMPLITUDES[kind]:
        grid = NuisanceGrid(np.array([s]), np.array([1.0]), models.grid.kappa)
        bases = [models.trend, models.basis[2], models.eigen[2], models.rest[2]]
        found = log_likelihood(factorise(data, models.sd, bases, ["one"], grid), response)
        factor = cho_factor(s * s * dense + np.diag(models.sd**2), lower=True, overwrite_a=True)
        columns = np.column_stack([response.T.astype(np.float64), data, trend])
        solved = cho_solve(factor, columns)
        inner = columns.T @ solved
        k = len(response) + 1
        inner = inner[:k, :k] - inner[:k, k:] @ np.linalg.solve(inner[k:, k:], inner[k:, :k])
        square, cross = np.diag(inner)[:-1], inner[:-1, -1]
        k2 = models.grid.kappa**2
        gain = 1.0 + k2 * square
        exact = -0.5 * ((square - 2.0 * cross - k2 * cross**2) / gain + np.log(gain))
        off = np.abs((found - found[0]) - (exact - exact[0]))[1:]
        out.append([float(off.max()), float(np.median(off))])
    return out


def measure(kind, n, check):
    tables, prior = (gravity_case if kind == "gravity" else resistivity_case)(n)
    make = gravity_evidence if kind == "gravity" else resistivity_evidence
    started, used = time.perf_counter(), time.process_time()
    evidence = make(tables, prior)
    built, used = time.perf_counter() - started, time.process_time() - used
    models = evidence.models
    drawn = evidence.simulate(make_scene([]), np.random.default_rng(3))
    response = evidence.combine(responses_of(evidence, drives(prior, 64)))
    many = np.tile(response, (2, 1))
    drawn.score(many)
    started = time.process_time()
    for _ in range(4):
        drawn.score(many)
    scored = 1e6 * (time.process_time() - started) / (4 * len(many))
    row = {
        "kind": kind,
        "n": n,
        "kept": [len(v) for v in models.basis],
        "seconds": built,
        "processor_seconds": used,
        "us_per_scene": scored,
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024.0,
    }
    if check:
        row["errors"] = errors(kind, drawn, response)
    return row


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="*", default=list(SIZES))
    parser.add_argument("--kinds", nargs="*", default=["gravity", "resistivity"])
    parser.add_argument("--one", nargs=2, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.one:
        print(json.dumps(measure(args.one[0], int(args.one[1]), check=True)))
        return
    rows = []
    for kind in args.kinds:
        for n in args.sizes:
            command = [sys.executable, __file__, "--one", kind, str(n)]
            done = subprocess.run(command, capture_output=True, text=True, check=True)
            rows.append(json.loads(done.stdout.splitlines()[-1]))
            print(rows[-1], flush=True)
    about = machine()
    print(f"\n## Survey groups by size\n{describe(about)}\n")
    header = ["kind", "data", "kept", "seconds", "processor s", "peak MB", "processor µs per scene"]
    header += ["error, common amplitude: max (median)", "error, largest amplitude: max (median)"]
    body = [
        [r["kind"], r["n"], min(r["kept"]), f"{r['seconds']:.0f}", f"{r['processor_seconds']:.0f}"]
        + [f"{r['peak_mb']:.0f}", f"{r['us_per_scene']:.0f}"]
        + [f"{a:.3f} ({b:.4f})" for a, b in r["errors"]]
        for r in rows
    ]
    print(table(header, body))
    save("groups.json", {"machine": about, "rows": rows})


if __name__ == "__main__":
    main()
