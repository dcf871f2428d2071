"""Are stop certificates right on ground of other physics? Foreign fields, surveyed and drilled.

    python bench/stop_foreign.py [--scenes 1024] [--seeds 1-20] [--seed 11]

Design, fixed before a field was run. The 80 fields of ``bench/worlds/data``: 20 gravity worlds made
by prisms and 20 resistivity worlds made by finite elements, each without a drive and with the
*first* drive that was drawn for it, whatever its signal: a drive that is faint is the one that a
certificate may overlook, so that the fields picked for a strong signal are not taken. Prior and
errors are those of ``foreign.py``. Declared: drives 2 m wide or wider inside the layout less a rim
of one station (gravity) or 2 m (resistivity), roof above 6 m (gravity) or 3 m (resistivity);
a drive outside the class does not count against a certificate. Asked and drilled as in
``stop_calibration.py``, whose rules of issue, of informative surveys and of scoring are used as
they are. Finished fields are kept in ``results/stop_foreign.jsonl`` and are not run again; the
figure ``results/stop_foreign.png`` is drawn from what is there.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np

from foreign import CASES, world_of
from stop_calibration import (
    Question,
    certified,
    class_scenes,
    judge,
    mean_pod,
    search_on,
    truth_of,
)
from subterra.ground import prior_nodes
from subterra.scene import empty_scenes, make_scene
from subterra.search import DrillTerms
from subterra.search.declared import declare, rectangle
from subterra.search.detectability import search_threshold

RESULTS = Path(__file__).parent / "results" / "stop_foreign.jsonl"
DIAMETER_M = 2.0
ABOVE_M = {"gravity": 6.0, "resistivity": 3.0}
RIM_M = 2.0
SEEDS = 20
COLOURS = {"gravity": "#0072b2", "resistivity": "#d55e00"}
MARKERS = {"gravity": "o", "resistivity": "s"}


def stations_of(kind, world):
    """Plan places (k, 2) of stations or electrodes."""
    return np.column_stack([world["x"], world["y"]]) if kind == "gravity" else world["electrodes"]


def question(kind, world, prior):
    """What a certificate is asked for in one world."""
    x0, y0, x1, y1 = prior.bounds
    rim = float(np.diff(np.unique(world["x"])).max()) if kind == "gravity" else RIM_M
    area = rectangle((x0 + rim, y0 + rim, x1 - rim, y1 - rim))
    declared = declare(prior, diameter_m=DIAMETER_M, above_m=ABOVE_M[kind], polygon=area)
    return Question(prior, declared, DrillTerms(max_length_m=prior.depth_m))


def truth_scene(world, void, prior):
    """What lies below, as one scene."""
    if not void:
        return empty_scenes(prior)
    drive = {
        "family": "driven",
        "fill": str(world["fill"]),
        "axis": world["axis"],
        "radius": float(world["radius_m"]),
    }
    return make_scene([drive])


def one_field(kind, seed, void, options):
    """Search one field, ask for certificates and compare with what is there."""
    start = time.process_time()
    world = world_of(kind, seed)
    prior, survey = CASES[kind](world, "void" if void else "null")
    asked = question(kind, world, prior)
    truth = truth_scene(world, void, prior)
    index = 4 * seed + 2 * list(CASES).index(kind) + void
    surveyed, found = search_on(asked, [survey], truth, index, options)
    threshold = search_threshold(
        survey, prior, stations_of(kind, world), prior_nodes(survey.models)
    )
    return {
        "site": f"{kind} {seed} {'void' if void else 'null'}",
        "kind": kind,
        "seed": seed,
        "void": void,
        "kernel": str(world["kernel"]),
        "snr": float(world["snr_matched"]) if void else None,
        "scenes": options.scenes,
        **truth_of(asked, truth),
        "pod": mean_pod(survey, surveyed, class_scenes(asked), threshold),
        **found,
        "cpu_s": time.process_time() - start,
    }


def run(options):
    """Search what was not searched yet, seed by seed; returns all rows."""
    done = {}
    if options.out.exists():
        rows = [json.loads(line) for line in options.out.read_text().splitlines()]
        done = {r["site"]: r for r in rows if r["scenes"] == options.scenes}
    first, last = (int(v) for v in options.seeds.split("-"))
    options.out.parent.mkdir(exist_ok=True)
    with options.out.open("a") as sink:
        for seed in range(first, last + 1):
            for kind in CASES:
                for void in (False, True):
                    name = f"{kind} {seed} {'void' if void else 'null'}"
                    if name in done:
                        continue
                    done[name] = one_field(kind, seed, void, options)
                    sink.write(json.dumps(done[name]) + "\n")
                    sink.flush()
    return list(done.values())


def draw(sites, epsilon, path):
    """Draw P(class) at its upper bound where the search ended, by field."""
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot as plt

    figure, axes = plt.subplots(figsize=(7.5, 4.2), layout="constrained")
    rng = np.random.default_rng(1)
    for r in sites:
        at, kind = r["stages"][-1], r["kind"]
        given = certified(at, epsilon) and not r["void_logged"]
        axes.plot(
            float(r["target"]) + rng.uniform(-0.3, 0.3),
            max(at["upper"], 0.005),
            MARKERS[kind],
            mec=COLOURS[kind],
            mfc=COLOURS[kind] if given else "none",
            ms=6,
        )
    axes.axhline(epsilon, color="0.3", lw=1, ls="--")
    axes.text(0.5, epsilon, f" ε = {epsilon:g} ", ha="center", va="bottom", color="0.3")
    axes.set(yscale="log", ylim=(0.004, 1.3), xlim=(-0.5, 1.5), xticks=[0, 1])
    count = [sum(bool(r["target"]) is t for r in sites) for t in (False, True)]
    axes.set_xticklabels([f"no target of the class ({count[0]})", f"target there ({count[1]})"])
    axes.set_ylabel("upper bound of P(class) where the search ended")
    for kind, colour in COLOURS.items():
        axes.plot([], [], MARKERS[kind], mec=colour, mfc=colour, label=f"{kind}: certified")
        axes.plot([], [], MARKERS[kind], mec=colour, mfc="none", label=f"{kind}: not certified")
    axes.legend(loc="center left", bbox_to_anchor=(1.0, 0.5), frameon=False)
    axes.set_title(f"Stop certificates on foreign ground, {len(sites)} of {4 * SEEDS} fields")
    figure.savefig(path, dpi=150)
    plt.close(figure)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scenes", type=int, default=1024)
    parser.add_argument("--seeds", default=f"1-{SEEDS}")
    parser.add_argument("--seed", type=int, default=11)
    parser.add_argument("--epsilon", type=float, default=0.05)
    parser.add_argument("--out", type=Path, default=RESULTS)
    options = parser.parse_args()
    sites = run(options)
    judge(sites, options.epsilon)
    draw(sites, options.epsilon, options.out.with_suffix(".png"))


if __name__ == "__main__":
    main()
