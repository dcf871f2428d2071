"""Resistivity scenes per second with likelihood, against one 3-D solve of the same layout.

    python bench/resistivity_speed.py [--scenes 4096] [--threads 2] [--no-peer]

126 electrodes, 753 dipole-dipole data (``bench/worlds/data/resistivity_01``, the gallery layout).
Every scene holds one line object; its response is computed from nothing and scored in chunks of 128
scenes, as in the inference, with 1 and with 6 ground models. Shallow objects need more quadrature
points, so there are two populations: workings drawn from the prior (0 to 12 m), and drives 2 to 3 m
deep, as on the gallery. The peer is one forward solve by pyGIMLi on a coarse grid
(``peers/pygimli_solve.py``): a response without any likelihood. Both get the same number of
threads. Ratios are given by wall clock and by processor time.
"""

from __future__ import annotations

import argparse

import numpy as np

from foreign import resistivity_case
from measure import (
    HERE,
    Threads,
    describe,
    in_turn,
    machine,
    run_peer,
    save,
    slices,
    table,
    yes,
)
from subterra.ground import focus
from subterra.scene import N_VERTICES, Objects, Prior, family_code, sample_prior, slot, take

BOUNDS = (0.0, 0.0, 20.0, 32.5)
CHUNK = 128
TARGET_RATIO, BUDGET = 30_000.0, 10_000.0


def load():
    world = np.load(HERE / "worlds" / "data" / "resistivity_01.npz", allow_pickle=False)
    return resistivity_case(world, "void_snr8")[1]


def drawn_scenes(n, seed=1):
    """Scenes of one working each, drawn from the prior."""
    prior = Prior(BOUNDS, 12.0, targets=("working",))
    many = sample_prior(prior, 8 * n, np.random.default_rng(seed))
    count = (many.objects.family > 0).sum(axis=1)
    working = many.objects.family[:, 0] == family_code("working")
    found = np.flatnonzero(working & (count == 1))[:n]
    if len(found) < n:
        problem = f"only {len(found)} of {n} scenes hold one working"
        raise SystemExit(problem)
    return slot(take(many, found), 0)


def shallow_objects(n, seed=1):
    """Straight drives 2 to 3 m deep through the middle half of the survey, beyond both its ends."""
    rng = np.random.default_rng(seed)
    heading = rng.uniform(0.0, np.pi, n)
    middle = rng.uniform([5.0, 8.0], [15.0, 24.5], (n, 2))
    depth, along = rng.uniform(2.0, 3.0, n), np.linspace(-45.0, 45.0, N_VERTICES)
    one = np.ones(n, np.float32)
    shape = (n, N_VERTICES)
    return Objects(
        family=np.full(n, family_code("working"), np.int8),
        fill=np.zeros(n, np.int8),
        x=(middle[:, :1] + along * np.sin(heading)[:, None]).astype(np.float32),
        y=(middle[:, 1:] + along * np.cos(heading)[:, None]).astype(np.float32),
        z=np.broadcast_to(-depth[:, None], shape).astype(np.float32),
        radius=one,
        density_contrast=-2300 * one,
        conductivity_ratio=0 * one,
        halo_gravity=one,
        halo_resistivity=one,
    )


def scene_rates(evidence, objects, number):
    """Scenes per wall-clock and per processor second by kind of work."""
    n = len(objects)
    batches = [Objects(*(v[part] for v in vars(objects).values())) for part in slices(n, CHUNK)]
    one = evidence.with_models(focus(evidence.models, [0]))
    held = [evidence.object_response(some) for some in batches]
    with Threads(number) as threads:
        works = {
            "response F": lambda: threads.run(evidence.object_response, batches),
            "likelihood of F, 1 model": lambda: threads.run(one.score, held),
            "likelihood of F, 6 models": lambda: threads.run(evidence.score, held),
            "both, 1 model": lambda: threads.run(
                lambda some: one.score(one.object_response(some)), batches
            ),
            "both, 6 models": lambda: threads.run(
                lambda some: evidence.score(evidence.object_response(some)), batches
            ),
        }
        taken = in_turn(list(works.values()), rounds=4)
    return {k: (n / float(a), n / float(b)) for k, a, b in zip(works, *taken, strict=True)}


def rate_rows(found, peer):
    rows = []
    for population, rates in found.items():
        for name, (wall, used) in rates.items():
            row = [population, name, f"{1e6 / wall:.0f}", f"{1e6 / used:.0f}", f"{wall:,.0f}"]
            if name.startswith("both"):
                row.append(yes(wall >= BUDGET))
                if peer:
                    ratio = peer["seconds"] * wall
                    used_ratio = peer["processor_seconds"] * used
                    row += [f"{ratio:,.0f}×", f"{used_ratio:,.0f}×", yes(ratio >= TARGET_RATIO)]
            rows.append(row + [""] * (9 - len(row)))
    return rows


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scenes", type=int, default=4096)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--no-peer", action="store_true")
    options = parser.parse_args()
    about = machine()
    evidence = load()
    found = {
        "prior": scene_rates(evidence, drawn_scenes(options.scenes), options.threads),
        "2-3 m deep": scene_rates(evidence, shallow_objects(options.scenes), options.threads),
    }
    peer = None if options.no_peer else run_peer("pygimli_solve.py", "--threads", options.threads)
    layout = evidence.layout
    print(
        f"\n## Resistivity: {len(layout.x)} electrodes, {len(layout.abmn)} data,"
        f" {options.scenes} scenes of one object, {options.threads} threads"
    )
    print(describe(about))
    header = ["objects", "work", "µs per scene", "processor µs", "scenes/s", "≥ 10,000/s"]
    header += ["over one pyGIMLi solve", "by processor time", "≥ 30,000×"]
    print(table(header, rate_rows(found, peer)))
    if peer:
        print(
            f"\n{peer['peer']}: {peer['seconds']:.2f} s per solve"
            f" ({peer['processor_seconds']:.1f} s of processor time, {peer['nodes']} nodes,"
            f" {peer['threads']} threads; grid and operator {peer['setup_seconds']:.1f} s, once,"
            f" not counted). Its error over even ground: {peer['homogeneous_error_rms']:.1%} rms,"
            f" {peer['homogeneous_error_max']:.1%} at most. Ours is float32; its error is the table"
            " of resistivity_accuracy.py."
        )
    save(
        "resistivity_speed.json",
        {
            "machine": about,
            "threads": options.threads,
            "scenes_per_wall_and_processor_second": found,
            "peer": peer,
        },
    )


if __name__ == "__main__":
    main()
