"""Cost against data, objects and scenes: what grows how, measured and drawn.

    python bench/cost.py [--sizes 100 200 400 800 1600] [--scenes 1024 2048 4096]

Processor seconds of one thread, the shortest of three rounds taken in turn (beliefs: once each):

* data: making six ground models of a gravity grid, once per layout, and scoring a scene with them;
* objects: response and likelihood of a scene with 0, 1, 2 and 3 drives over 200 stations;
* scenes: a belief from 100 stations over a drive: the scan, which does not know of the number of
  scenes, and all that comes after it.

Exponents are slopes of straight lines through the logarithms of the three largest sizes. "Linear in
scenes, cubic only once per layout" holds where that of scenes is below 1.15, that of scoring one
scene against data below 1.15 too, and only that of making models, which is done once, goes beyond:
eigenvectors cost n³ and the covariance n², so that below some hundred data it is less than 3.
Writes ``results/cost.json`` and ``cost.png``.
"""

from __future__ import annotations

import argparse
import time

import numpy as np

from measure import RESULTS, clocked, describe, in_turn, machine, save, table
from subterra.evidence import gravity_evidence
from subterra.inference import infer
from subterra.inference.population import score_scenes, scorer
from subterra.scene import Prior, concatenate, make_scene
from subterra.tables import GravityTable

BATCH = 512
PITCH_M = 5.0


def survey(n):
    """About n stations on a square grid, and the prior of its area."""
    side = max(round(float(np.sqrt(n))), 3)
    x, y = (v.ravel() for v in np.meshgrid(*2 * (PITCH_M * np.arange(side),)))
    g = np.random.default_rng(1).normal(0.0, 6.0, len(x))
    names = tuple(f"s{i}" for i in range(len(x)))
    content = GravityTable(names, x, y, None, g, np.full(len(x), 5.0))
    return content, Prior((0.0, 0.0, x.max(), y.max()), 12.0)


def drives(prior, n, objects, seed=2):
    """Scenes of so many straight drives each."""
    rng, (_, _, x1, y1) = np.random.default_rng(seed), prior.bounds
    scenes = []
    for _ in range(n):
        held = []
        for _ in range(objects):
            at, turn, depth = rng.uniform((0.0, 0.0), (x1, y1)), rng.uniform(0.0, np.pi), 4.0
            end = 60.0 * np.array([np.sin(turn), np.cos(turn)])
            axis = [[*(at - end), -depth], [*(at + end), -depth]]
            held.append({"family": "driven", "fill": "air", "axis": axis, "radius": 1.0})
        scenes.append(make_scene(held))
    return concatenate(scenes)


def scoring(evidence, prior, scenes):
    """Work that scores scenes, for the clock."""

    def work():
        with scorer(prior, [evidence], threads=1) as engine:
            score_scenes(engine, scenes)

    return work


def exponent(sizes, seconds):
    return float(np.polyfit(np.log(sizes[-3:]), np.log(seconds[-3:]), 1)[0])


def by_data(sizes):
    """Number of data, processor seconds of making models and of scoring one scene."""
    cases = [survey(n) for n in sizes]
    made, works = [], []
    for content, prior in cases:
        gravity_evidence([content], prior)
        made.append(clocked(lambda c=content, p=prior: gravity_evidence([c], p))[1])
        works.append(scoring(gravity_evidence([content], prior), prior, drives(prior, BATCH, 1)))
    return [len(c) for c, _ in cases], made, (in_turn(works, 3)[1] / BATCH).tolist()


def by_objects():
    content, prior = survey(200)
    evidence = gravity_evidence([content], prior)
    works = [scoring(evidence, prior, drives(prior, BATCH, k)) for k in range(4)]
    return list(range(4)), (in_turn(works, 3)[1] / BATCH).tolist()


def by_scenes(sizes):
    """Processor seconds of the scan, and of all that comes after it, of a belief of each size."""
    content, prior = survey(100)
    truth = drives(prior, 1, 1, seed=4)
    held = gravity_evidence([content], prior)
    evidence = [held.simulate(truth, np.random.default_rng(4))]
    infer(prior, evidence, n_scenes=128, threads=1)
    scans, rest = [], []
    for n in sizes:
        laps = [time.process_time()]

        def told(_fraction, _words, laps=laps):
            laps.append(time.process_time())

        infer(prior, evidence, n_scenes=n, threads=1, progress=told)
        scans.append(laps[2] - laps[0])
        rest.append(laps[-1] - laps[2])
    return list(sizes), scans, rest


def plain_ticks(axes, values):
    """Label a logarithmic axis with the sizes that were measured."""
    axes.set_xticks(values, [f"{v:,}" for v in values])
    axes.set_xticks([], minor=True)


def draw(found, path):
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot as plt

    figure, axes = plt.subplots(1, 3, figsize=(11, 3.6))
    left, middle, right = axes
    n = found["data"]
    left.loglog(n, found["models_s"], "o-", color="#D55E00", label="ground models, once")
    scored = 1e3 * np.array(found["score_s"])
    left.loglog(n, scored / 1e3 * 4096, "s-", color="#0072B2", label="scoring 4,096 scenes")
    guide = np.array(n, float)
    for power, style in ((1, ":"), (3, "--")):
        line = found["models_s"][-1] * (guide / guide[-1]) ** power
        left.loglog(n, line, style, color="0.6", lw=1, label=f"slope {power}")
    left.set(xlabel="gravity stations", ylabel="processor seconds")
    left.legend(fontsize=7)
    plain_ticks(left, n)
    middle.plot(found["objects"], 1e6 * np.array(found["objects_s"]), "o-", color="#0072B2")
    middle.set(xlabel="objects in the scene", ylabel="µs per scene, 196 stations", ylim=(0, None))
    middle.set_xticks(found["objects"])
    right.loglog(found["scenes"], found["rest_s"], "o-", color="#009E73", label="after the scan")
    right.loglog(found["scenes"], found["scan_s"], "s-", color="#CC79A7", label="scan")
    guide = np.array(found["scenes"], float)
    line = found["rest_s"][-1] * guide / guide[-1]
    right.loglog(guide, line, ":", color="0.6", lw=1, label="slope 1")
    right.set(xlabel="scenes", ylabel="processor seconds, 100 stations")
    plain_ticks(right, found["scenes"])
    right.legend(fontsize=7)
    figure.tight_layout()
    figure.savefig(path, dpi=110)
    plt.close(figure)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[100, 200, 400, 800, 1600])
    parser.add_argument("--scenes", type=int, nargs="+", default=[1024, 2048, 4096])
    options = parser.parse_args()
    about = machine()
    n, models, score = by_data(options.sizes)
    objects, per_object = by_objects()
    scenes, scans, rest = by_scenes(options.scenes)
    found = {
        "machine": about, "data": n, "models_s": models, "score_s": score, "objects": objects,
        "objects_s": per_object, "scenes": scenes, "scan_s": scans, "rest_s": rest,
        "exponents": {
            "models against data": exponent(n, models),
            "scoring against data": exponent(n, score),
            "belief after the scan against scenes": exponent(scenes, rest),
        },
    }  # fmt: skip
    print("\n## Cost, one thread")
    print(describe(about))
    rows = [[k, f"{m:.3f}", f"{1e6 * s:.1f}"] for k, m, s in zip(n, models, score, strict=True)]
    print(table(["data", "models, s", "scoring, µs per scene"], rows))
    rows = [[k, f"{1e6 * s:.1f}"] for k, s in zip(objects, per_object, strict=True)]
    print(table(["objects", "µs per scene"], rows))
    rows = [[k, f"{a:.2f}", f"{s:.2f}"] for k, a, s in zip(scenes, scans, rest, strict=True)]
    print(table(["scenes", "scan, s", "after it, s"], rows))
    print(table(["exponent of", "found"], [[k, f"{v:.2f}"] for k, v in found["exponents"].items()]))
    save("cost.json", found)
    draw(found, RESULTS / "cost.png")


if __name__ == "__main__":
    main()
