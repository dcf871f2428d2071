"""Forecast before, inference after: POD as forecast beside the share of worlds that were found.

    python bench/forecast_check.py [--kinds gravity resistivity] [--worlds 60] [--nulls 30]

Each world has one straight drive at a place, in a direction, at a depth and of a width drawn at
random under a planned survey; ground and noise are drawn from the survey's own prior, so that the
table tests the rule (places unknown, ground unknown, a whole inference instead of one matched
filter), not the model. Draws are thinned on the *forecast* alone, so that all of its range is
covered. Found means P(any target) > 0.9 with p0 = 0.5. The margin of the rule was fitted on worlds
from index 0 (``results/forecast_fit.jsonl``); the check is made on others. One JSON line per world
goes to ``bench/results/forecast.jsonl`` (resumed, never dropped); the last output is the table.
"""

from __future__ import annotations

import argparse
import copy
import json
import os
from itertools import pairwise
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np

from subterra.evidence import gravity_evidence, resistivity_evidence
from subterra.ground import prior_nodes
from subterra.inference import infer, p_any
from subterra.scene import FILLS, N_PARAMETERS, N_SLOTS, Objects, Prior, Scenes
from subterra.search.detectability import drive_snr, search_threshold
from subterra.search.drives import Drives, Placements, drive_objects
from subterra.simulate.layouts import electrode_line, gravity_stations

HERE = Path(__file__).parent
RESULTS = HERE / "results" / "forecast.jsonl"
BINS = np.array([0.0, 0.2, 0.4, 0.6, 0.8, 1.0])
DEPTH_M = 12.0
_MOST_DRAWS = 300


def gravity_survey():
    prior = Prior((0.0, 0.0, 40.0, 40.0), DEPTH_M)
    table = gravity_stations(prior.bounds, 5.0, 5.0)
    points = np.column_stack([table.x_m, table.y_m])
    return prior, gravity_evidence([table], prior), points


def resistivity_survey():
    prior = Prior((0.0, 0.0, 40.0, 20.0), DEPTH_M)
    lines = [electrode_line((0.0, y), (40.0, y), 2.0, "dipole-dipole", 0.02) for y in (5.0, 15.0)]
    points = np.concatenate([np.column_stack([t.electrode_x_m, t.electrode_y_m]) for t in lines])
    return prior, resistivity_evidence(lines, prior), points


SURVEYS = {"gravity": gravity_survey, "resistivity": resistivity_survey}


def one_drive(rng, points):
    """A drive somewhere under the survey; 2 in 3 are dry."""
    azimuth = rng.uniform(0.0, 180.0)
    centre = points.min(axis=0) + rng.uniform(0.1, 0.9, 2) * np.ptp(points, axis=0)
    diameter = np.exp(rng.uniform(np.log(1.2), np.log(3.0)))
    depth = np.exp(rng.uniform(np.log(max(1.5, diameter)), np.log(DEPTH_M)))
    fill = int(rng.choice(len(FILLS), p=[2 / 3, 1 / 4, 1 / 12]))
    place = Placements(*(np.array([v]) for v in (azimuth, *centre)))
    return Drives(np.array([diameter]), np.array([fill]), np.array([depth]), place, 300.0)


def as_scenes(objects, prior, empty):
    """One scene with the drive in its first slot, or with nothing."""
    fields = {}
    for name, value in vars(objects).items():
        padded = np.zeros((1, N_SLOTS, *value.shape[1:]), value.dtype)
        padded[:, 0] = value
        fields[name] = np.zeros_like(padded) if empty and name in ("family", "fill") else padded
    host = 0.5 * sum(prior.host_density)
    unit = np.full((1, N_SLOTS, N_PARAMETERS), 0.5)
    return Scenes(
        Objects(**fields), np.array([host]), np.array([200.0]), unit, np.full((1, 2), 0.5)
    )


def drawn_node(evidence, rng):
    """The ground model that ``simulate_noise`` is about to draw from this stream."""
    peek = copy.deepcopy(rng)
    n_node = len(evidence.models.grid.nodes()[0])
    kernel = int(peek.integers(len(evidence.models.labels)))
    return kernel * n_node + int(peek.integers(n_node))


def draw(kind, index, survey, threshold, wanted):
    """The first drive of the world's random stream whose forecast falls into the wanted bin.

    A bin that a survey does not reach in so many draws is stood for by the nearest of them.
    """
    prior, evidence, points = survey
    nodes = prior_nodes(evidence.models)
    rng = np.random.default_rng([len(kind), index])
    nearest = None
    for _ in range(_MOST_DRAWS):
        drive = one_drive(rng, points)
        snr = drive_snr(evidence, prior, drive, nodes)[0]
        pod = float(threshold.pod(snr) @ nodes.weight)
        if wanted is None or BINS[wanted] <= pod <= BINS[wanted + 1]:
            return rng, drive, snr, pod
        off = abs(pod - 0.5 * (BINS[wanted] + BINS[wanted + 1]))
        if nearest is None or off < nearest[0]:
            nearest = (off, copy.deepcopy(rng), drive, snr, pod)
    return nearest[1:]


def run(kind, index, survey, threshold, n_scenes, null):
    prior, evidence, _ = survey
    wanted = None if null else index % (len(BINS) - 1)
    rng, drive, snr, pod = draw(kind, index, survey, threshold, wanted)
    truth = as_scenes(drive_objects(drive, prior), prior, null)
    at = drawn_node(evidence, rng)
    belief = infer(prior, [evidence.simulate(truth, rng)], n_scenes=n_scenes, seed=index + 1)
    return {
        "kind": kind,
        "index": index,
        "null": null,
        "scenes": n_scenes,
        "fill": FILLS[int(drive.fill[0])],
        "diameter_m": round(float(drive.diameter_m[0]), 2),
        "depth_m": round(float(drive.depth_m[0]), 2),
        "snr_median": round(float(np.median(snr)), 2),
        "snr_drawn": 0.0 if null else round(float(snr[at]), 2),
        "pod": 0.0 if null else round(pod, 3),
        "p_any": p_any(belief),
        "seconds": round(belief.info.seconds, 1),
    }


def table(rows):
    lines = ["| survey | forecast POD | worlds | mean forecast | found | share found |"]
    lines.append("|---|---|---|---|---|---|")
    for kind in SURVEYS:
        mine = [r for r in rows if r["kind"] == kind]
        nulls = [r for r in mine if r["null"]]
        voids = [r for r in mine if not r["null"]]
        for low, high in pairwise(BINS):
            some = [r for r in voids if low <= r["pod"] < high or high == r["pod"] == 1.0]
            if some:
                lines.append(_row(kind, f"{low:.1f}–{high:.1f}", some))
        if voids:
            lines.append(_row(kind, "all", voids))
        if nulls:
            found = sum(r["p_any"] > 0.9 for r in nulls)
            share = f"{found / len(nulls):.2f}"
            lines.append(f"| {kind} | nothing there | {len(nulls)} | | {found} | {share} |")
    return "\n".join(lines)


def _row(kind, label, some):
    found = sum(r["p_any"] > 0.9 for r in some)
    mean = np.mean([r["pod"] for r in some])
    share = found / len(some)
    return f"| {kind} | {label} | {len(some)} | {mean:.2f} | {found} | {share:.2f} |"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kinds", nargs="*", default=list(SURVEYS))
    parser.add_argument("--worlds", type=int, default=60)
    parser.add_argument("--nulls", type=int, default=30)
    parser.add_argument("--first", type=int, default=1000, help="index of the first world")
    parser.add_argument("--scenes", type=int, default=1024)
    parser.add_argument("--out", type=Path, default=RESULTS)
    args = parser.parse_args()
    rows = [json.loads(v) for v in args.out.read_text().splitlines()] if args.out.exists() else []
    done = {(r["kind"], r["index"], r["null"], r["scenes"]) for r in rows}
    for kind in args.kinds:
        survey = SURVEYS[kind]()
        prior, evidence, points = survey
        threshold = search_threshold(evidence, prior, points, prior_nodes(evidence.models))
        print(f"{kind}: {len(evidence.observed)} data, tau {threshold.tau:.2f}", flush=True)
        for null, count in ((False, args.worlds), (True, args.nulls)):
            for index in range(args.first, args.first + count):
                if (kind, index, null, args.scenes) in done:
                    continue
                row = run(kind, index, survey, threshold, args.scenes, null)
                rows.append(row)
                with args.out.open("a") as sink:
                    sink.write(json.dumps(row) + "\n")
    print(table([r for r in rows if r["scenes"] == args.scenes]))


if __name__ == "__main__":
    main()
