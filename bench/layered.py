"""Does a layered background help? Foreign layered grounds through the whole inference.

    python bench/layered.py [--seeds 1-12] [--scenes 1024]

Reads ``bench/results/layered`` (``worlds/layered_worlds.py``) and appends one JSON line per field
to ``bench/results/layered.jsonl`` (resumed, never dropped). Each field is worked twice: with the
trend in ln(median depth) alone, and about the layers that ``fit_layers`` finds in the same data,
as ``subterra estimate --background`` does: the truth is not given.
"""

from __future__ import annotations

import argparse
import json
import os
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np

from foreign import plan_distance
from subterra.evidence import resistivity_evidence
from subterra.ground import fit_layers, make_soundings
from subterra.inference import infer, p_any, target_clusters
from subterra.physics import LayeredEarth, log_response
from subterra.scene import Prior, make_scene, slot
from subterra.tables import ResistivityTable

HERE = Path(__file__).parent
RESULTS = HERE / "results" / "layered.jsonl"


def survey(world, void):
    place = world["electrodes"]
    rhoa = world["rhoa_void_ohm_m"] if void else world["rhoa_null_ohm_m"]
    return ResistivityTable(
        place[:, 0], place[:, 1], None, world["abmn"].astype(np.int32), rhoa, world["err"]
    )


def effect_error(world, evidence):
    """Scale and rest of the closed form against the mesh's effect over even layers."""
    item = {
        "family": "working",
        "fill": str(world["fill"]),
        "axis": world["axis"],
        "radius": float(world["radius_m"]),
        "conductivity_ratio": 0.0,
    }
    if item["fill"] == "water":
        # The world's ratio counts from its rock, ours from the mean apparent resistivity.
        mean = float(np.exp(np.log(world["rhoa_even_ohm_m"]).mean()))
        rock = float(world["resistivity_ohm_m"][1])
        item["conductivity_ratio"] = float(world["conductivity_ratio"]) * mean / rock
    ours = log_response(evidence.object_response(slot(make_scene([item]), 0)))[0].astype(float)
    mesh = world["log_void_effect_even"]
    scale = float(mesh @ ours / (ours @ ours))
    size = np.linalg.norm(mesh)
    return scale, float(np.linalg.norm(ours - mesh) / size)


def run(seed, void, layered, scenes):
    world = np.load(HERE / "results" / "layered" / f"layered_{seed:02d}.npz", allow_pickle=False)
    (x0, y0), (x1, y1) = world["electrodes"].min(axis=0), world["electrodes"].max(axis=0)
    prior = Prior((x0, y0, x1, y1), 12.0, targets=("driven",))
    table = survey(world, void)
    cache = HERE / "results" / "cache"
    plain = resistivity_evidence([table], prior, cache_dir=cache)
    evidence, layers = plain, None
    if layered:
        fits = fit_layers(make_soundings(plain.layout, plain.observed))
        layers = min(fits, key=lambda fit: fit.bic).earth
        evidence = resistivity_evidence([table], prior, cache_dir=cache, layers=layers)
    belief = infer(prior, [evidence], n_scenes=scenes, seed=seed)
    true = LayeredEarth(tuple(world["resistivity_ohm_m"]), tuple(world["thickness_m"]))
    given = resistivity_evidence([table], prior, cache_dir=cache, layers=true if layered else None)
    scale, error = effect_error(world, given)
    row = {
        "seed": seed,
        "void": void,
        "layers": None if layers is None else layers.text(),
        "truth": true.text(),
        "scenes": scenes,
        "p_any": p_any(belief),
        "fill": str(world["fill"]),
        "scale": scale,
        "effect_error": error,
        "seconds": round(belief.info.seconds, 1),
    }
    found = target_clusters(belief) if void else []
    if found:
        best = max(found, key=lambda o: o.p)
        z = np.asarray(best.axis)[:, 2]
        row["axis_m"] = plan_distance(best.axis, world["axis"])
        row["depth_error_m"] = float(world["axis"][:, 2].mean() - z.mean())
    return row


def table(rows):
    lines = ["| background | field | n | P(any) mean | > 0.8 | axis within 1 m | both |"]
    lines.append("|---|---|---|---|---|---|---|")
    for layered in (False, True):
        for void in (False, True):
            some = [r for r in rows if (r["layers"] is not None) == layered and r["void"] == void]
            if not some:
                continue
            p = np.array([r["p_any"] for r in some])
            near = np.array([r.get("axis_m", np.inf) <= 1.0 for r in some])
            cells = ["layers" if layered else "trend alone", "void" if void else "null"]
            cells += [len(some), f"{p.mean():.2f}", int((p > 0.8).sum())]
            cells += [int(near.sum()), int((near & (p > 0.8)).sum())] if void else ["", ""]
            lines.append("| " + " | ".join(str(c) for c in cells) + " |")
    return "\n".join(lines)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scenes", type=int, default=1024)
    parser.add_argument("--seeds", default="1-12")
    args = parser.parse_args()
    first, last = (int(v) for v in args.seeds.split("-"))
    rows = [json.loads(v) for v in RESULTS.read_text().splitlines()] if RESULTS.exists() else []
    done = {(r["seed"], r["void"], r["layers"] is not None, r["scenes"]) for r in rows}
    for seed in range(first, last + 1):
        for void in (False, True):
            for layered in (False, True):
                if (seed, void, layered, args.scenes) in done:
                    continue
                row = run(seed, void, layered, args.scenes)
                rows.append(row)
                with RESULTS.open("a") as sink:
                    sink.write(json.dumps(row) + "\n")
                print(json.dumps(row), flush=True)
    print(table([r for r in rows if r["scenes"] == args.scenes]))


if __name__ == "__main__":
    main()
