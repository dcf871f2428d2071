"""How often a second look at a survey cries wolf, and what blunders and disturbances it finds.

    python bench/second_look.py [--seeds 100] [--infer 0] [--kinds gravity resistivity traveltime]

Worlds are drawn from the ground models themselves, so that what is changed without a blunder is a
false alarm; half of them hold an air-filled drive. ``clean`` has nothing else; ``blunders`` has two
data moved by 8 to 20 standard errors; ``shared`` has a smooth wave of twice the noise that neither
ground nor trend knows. Without ``--infer`` the posterior is the truth itself; with it so many seeds
are inferred with 512 scenes. One JSON line a world goes to ``bench/results/second_look.jsonl``.
"""

from __future__ import annotations

import argparse
import json
import os
from collections import Counter
from dataclasses import replace
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np

from subterra.evidence import (
    Judgement,
    gravity_evidence,
    judge_survey,
    resistivity_evidence,
    set_aside,
    traveltime_evidence,
)
from subterra.ground import with_data
from subterra.inference import infer, p_any
from subterra.scene import Prior, concatenate, make_scene
from subterra.tables import GravityTable, ResistivityTable, TravelTimeTable

RESULTS = Path(__file__).parent / "results" / "second_look.jsonl"
PRIOR = Prior((0.0, 0.0, 40.0, 40.0), 12.0, targets=("driven",))


def gravity():
    x, y = (v.ravel() + 2.0 for v in np.meshgrid(*2 * (4.0 * np.arange(10),)))
    names = tuple(f"s{i}" for i in range(len(x)))
    table = GravityTable(names, x, y, None, 0.0 * x, np.full(len(x), 4.0))
    return gravity_evidence([table], PRIOR)


def resistivity():
    x = np.arange(28.0) * 1.4 + 1.0
    quads = np.array(
        [(i, i + 3 * a, i + a, i + 2 * a) for a in range(1, 9) for i in range(28 - 3 * a)], np.int32
    )
    table = ResistivityTable(x, 0.0 * x + 20.0, None, quads, np.full(len(quads), 100.0))
    return resistivity_evidence([table], PRIOR)


def traveltime():
    depth = np.arange(0.5, 12.0, 0.75)
    a, b = (v.ravel() for v in np.meshgrid(depth, depth, indexing="ij"))
    keep = np.abs(a - b) <= 6.0
    a, b = a[keep], b[keep]
    zero, far = 0.0 * a + 14.0, 0.0 * a + 26.0
    time = np.hypot(12.0, a - b) / 0.1
    sd = np.full(len(a), 0.5)
    table = TravelTimeTable("radar", "ns", zero, zero + 6, -a, far, zero + 6, -b, time, sd)
    return traveltime_evidence([table], PRIOR)


def objects(rng, survey):
    """Nothing, or a drive that crosses the survey."""
    if rng.random() < 0.5:
        return make_scene([])
    depth, radius = rng.uniform(2.5, 5.0), rng.uniform(0.7, 1.2)
    where = rng.uniform(16.0, 24.0)
    item = {
        "family": "driven",
        "fill": "air",
        "axis": [[where, 2.0, -depth], [where + rng.uniform(-4, 4), 38.0, -depth]],
        "radius": radius,
    }
    return make_scene([item])


def remade(survey, data):
    """The survey as if these data had been read."""
    offset = getattr(survey, "offset", 0.0)
    models, outliers = set_aside(with_data(survey.models, data - offset), survey.place)
    return replace(survey, observed=data, models=models, outliers=outliers)


def world(survey, case, seed):
    rng = np.random.default_rng((seed, len(case)))
    scene = objects(rng, survey)
    data = np.array(survey.simulate(scene, rng).observed)
    spoiled: tuple[int, ...] = ()
    if case == "blunders":
        spoiled = tuple(sorted(int(i) for i in rng.choice(len(data), 2, replace=False)))
        size = rng.uniform(8.0, 20.0, 2) * rng.choice([-1.0, 1.0], 2)
        data[list(spoiled)] += size * survey.sd[list(spoiled)]
    if case == "shared":
        place = survey.place[:, :3]
        wave = rng.normal(size=3) / np.maximum(np.ptp(place, axis=0), 1e-9) * 9.0
        data += 2.0 * np.sqrt(2.0) * survey.sd * np.sin(place @ wave + rng.uniform(0.0, 6.0))
    return scene, spoiled, remade(survey, data)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=100)
    parser.add_argument("--infer", type=int, default=0)
    parser.add_argument("--kinds", nargs="+", default=["gravity", "resistivity", "traveltime"])
    parser.add_argument("--cases", nargs="+", default=["clean", "blunders", "shared"])
    args = parser.parse_args()
    RESULTS.parent.mkdir(exist_ok=True)
    for kind in args.kinds:
        blank = globals()[kind]()
        for case in args.cases:
            tally: Counter[str] = Counter()
            n = args.infer or args.seeds
            widths: list[float] = []
            for seed in range(n):
                scene, spoiled, survey = world(blank, case, seed)
                rng = np.random.default_rng(seed)
                if args.infer:
                    belief = infer(PRIOR, [survey], n_scenes=512, seed=seed)
                    scenes, weight = belief.scenes, belief.weight
                else:
                    belief, scenes, weight = None, concatenate([scene, scene]), np.ones(2)
                before = Judgement(survey.fingerprint, survey.outliers)
                after = judge_survey(survey, scenes, weight, rng)
                tally["changed"] += after != before
                tally["outliers changed"] += after.outliers != before.outliers
                tally["widened"] += after.widening != 1.0
                tally["blunders found"] += len(set(spoiled) & set(after.outliers))
                tally["blunders found at first"] += len(set(spoiled) & set(survey.outliers))
                tally["good data set aside"] += len(set(after.outliers) - set(spoiled))
                widths.append(after.widening)
                row = {
                    "kind": kind,
                    "case": case,
                    "seed": seed,
                    "inferred": bool(args.infer),
                    "p_any": None if belief is None else p_any(belief),
                    "void": bool(scene.objects.family.any()),
                    "spoiled": spoiled,
                    "before": before.outliers,
                    "after": after.outliers,
                    "widening": after.widening,
                }
                with RESULTS.open("a") as file:
                    file.write(json.dumps(row) + "\n")
            shares = ", ".join(f"{k} {v}" for k, v in tally.items())
            print(f"{kind} {case}: {n} worlds: {shares}; largest widening {max(widths):.2f}")


if __name__ == "__main__":
    main()
