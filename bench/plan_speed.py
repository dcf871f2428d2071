"""Seconds to value 100,000 candidate holes in 4,096 scenes, and to make a whole plan.

Run: python bench/plan_speed.py [--holes N] [--scenes N] [--threads N]

Three beliefs: scenes straight from the prior (few holes meet a given scene), one drive known
poorly, and one known well (every hole near it meets nearly every scene: the slowest).
"""

from __future__ import annotations

import argparse
import time
from dataclasses import replace

import numpy as np

from subterra.inference.belief import Belief, RunInfo
from subterra.scene import Prior, concatenate, make_scene, sample_prior
from subterra.search import DrillTerms, Holes, plan_holes, score_holes, start_pending
from subterra.search.axes import gather_axes

PRIOR = Prior((0.0, 0.0, 120.0, 120.0), 20.0)
INFO = RunInfo(1, 1, 0.0, (0.0,), (0.5,), (1,), 1.0, {}, (0.0, 1.0), {})


def drive_scenes(n, sd, rng):
    """One dipping drive whose ends are known to ``sd`` metres; 5 % of the scenes are empty."""
    scenes = [make_scene([]) for _ in range(n // 20)]
    while len(scenes) < n:
        a, b = rng.normal(0.0, sd, 2)
        axis = [(-20.0, 50.0 + a, -3.5), (140.0, 62.0 + b, -8.0)]
        radius = np.exp(rng.normal(0.0, 0.1))
        drive = {"family": "driven", "fill": "air", "axis": axis, "radius": radius}
        scenes.append(make_scene([drive]))
    return concatenate(scenes)


def candidates(n, terms, rng):
    azimuth, inclination = np.array(terms.directions() * (n // 17 + 1))[:n].T
    longest = PRIOR.depth_m / np.sin(np.radians(inclination))
    x, y = rng.uniform(0.0, 120.0, (2, n))
    return Holes(x, y, np.zeros(n), azimuth, inclination, longest)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--holes", type=int, default=100_000)
    parser.add_argument("--scenes", type=int, default=4096)
    parser.add_argument("--threads", type=int, default=None)
    options = parser.parse_args()
    rng = np.random.default_rng(1)
    terms = DrillTerms()
    holes = candidates(options.holes, terms, rng)
    few = Holes(*(v[:50] for v in vars(holes).values()))
    print("belief            objects  value holes (s)  plan of 5 (s)  plan: processor time (s)")
    for name, scenes in (
        ("prior", sample_prior(PRIOR, options.scenes, rng)),
        ("drive, sd 3 m", drive_scenes(options.scenes, 3.0, rng)),
        ("drive, sd 0.3 m", drive_scenes(options.scenes, 0.3, rng)),
    ):
        weight = np.full(len(scenes), 1.0 / len(scenes))
        axes = gather_axes(scenes, PRIOR, terms.p_detect)
        pending = start_pending(weight)
        score_holes(axes, few, pending, terms)  # compile
        start = time.perf_counter()
        score_holes(axes, holes, pending, terms, threads=options.threads)
        valued = time.perf_counter() - start
        belief = Belief(scenes, weight, PRIOR, replace(INFO, island=(len(scenes),)))
        plan_holes(belief, 1, terms=terms)
        start, used = time.perf_counter(), time.process_time()
        plan_holes(belief, 5, terms=terms, threads=options.threads)
        planned, used = time.perf_counter() - start, time.process_time() - used
        print(f"{name:<17} {len(axes.scene):>7} {valued:>16.2f} {planned:>14.2f} {used:>25.2f}")


if __name__ == "__main__":
    main()
