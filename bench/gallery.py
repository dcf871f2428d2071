"""The Rothschönberg gallery: the real survey for several seeds and each ground model alone.

    SUBTERRA_DATA=... python bench/gallery.py [--scenes 2048] [--seeds 1-5] [--mixture]

Documented: one adit crosses, 2.5 m wide, 2-3 m high. Derived from other people's smooth inversion:
its place, a line from (8, 8.5) to (20, 10.5), and a compact resistive body of unknown origin at
(7.8, 18.9, -4). One JSON line per run goes to ``bench/results/gallery.jsonl``.
"""

from __future__ import annotations

import argparse
import json
import os
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np

from subterra.evidence import resistivity_evidence
from subterra.formats import read_unified
from subterra.ground import focus
from subterra.inference import infer, p_any
from subterra.scene import FAMILIES, FILLS, Prior, target_mask
from subterra.search import plan_holes

HERE = Path(__file__).parent
RESULTS = HERE / "results" / "gallery.jsonl"
PLACE = np.array([14.0, 9.5])
COMPACT = np.array([7.8, 18.9, -4.0])
LINE = np.array([[8.0, 8.5], [20.0, 10.5]])


def to_polyline(point, path):
    """Distance of a point from polylines (..., V, d), and azimuth of the nearest segment."""
    a, b = path[..., :-1, :], path[..., 1:, :]
    d = len(point)
    step = (b - a)[..., :d]
    t = ((point - a[..., :d]) * step).sum(-1) / np.maximum((step**2).sum(-1), 1e-9)
    foot = a[..., :d] + np.clip(t, 0.0, 1.0)[..., None] * step
    away = np.sqrt(((point - foot) ** 2).sum(-1))
    azimuth = np.degrees(np.arctan2(step[..., 0], step[..., 1])) % 180.0
    near = away.argmin(-1)[..., None]
    return np.take_along_axis(away, near, -1)[..., 0], np.take_along_axis(azimuth, near, -1)[..., 0]


def measures(belief):
    objects = belief.scenes.objects
    path = np.stack([objects.x, objects.y, objects.z], axis=-1).astype(float)
    target = target_mask(belief.prior)[objects.family]
    away, azimuth = to_polyline(PLACE, path)
    good = target & (away <= 2.0) & (azimuth >= 60.0) & (azimuth <= 120.0)
    weight = belief.weight[:, None] * good
    resistive = objects.conductivity_ratio < 1.0
    through, _ = to_polyline(COMPACT, path)
    compact = target & (through <= 2.0)
    mean = weight / max(weight.sum(), 1e-12)
    return {
        "p_any": p_any(belief),
        "p_adit": float(belief.weight[good.any(axis=1)].sum()),
        "p_resistive": float((mean * resistive).sum()),
        "p_compact": float(belief.weight[compact.any(axis=1)].sum()),
        "azimuth_deg": float((mean * azimuth).sum()),
        "away_m": float((mean * away).sum()),
        "depth_m": float(-(mean * path[:, :, 2, 2]).sum()),
        "radius_m": float((mean * objects.radius).sum()),
        "fill": {
            f: round(float((mean * (objects.fill == i)).sum()), 3) for i, f in enumerate(FILLS)
        },
        "families": [f for f in FAMILIES if f in belief.prior.targets],
    }


def hole_distance(hole):
    a, b = LINE
    along = (b - a) / np.linalg.norm(b - a)

    def off(x, y):
        return abs((x - a[0]) * along[1] - (y - a[1]) * along[0])

    middle = 0.5 * (hole.target_from_m + hole.target_to_m)
    azimuth, down = np.radians(hole.azimuth_deg), np.radians(hole.inclination_deg)
    x = hole.x + middle * np.cos(down) * np.sin(azimuth)
    y = hole.y + middle * np.cos(down) * np.cos(azimuth)
    return float(off(hole.x, hole.y)), float(off(x, y))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scenes", type=int, default=2048)
    parser.add_argument("--seeds", default="1-5")
    parser.add_argument("--mixture", action="store_true", help="all models together only")
    parser.add_argument("--out", type=Path, default=RESULTS)
    args = parser.parse_args()
    first, last = (int(v) for v in args.seeds.split("-"))
    survey = Path(os.environ["SUBTERRA_DATA"]) / "ert_gallery_freiberg" / "gallery3d.dat"
    prior = Prior((0.0, 0.0, 20.0, 32.5), 12.0, targets=("working",))
    cache = HERE / "results" / "cache"
    whole = resistivity_evidence([read_unified(survey)], prior, cache_dir=cache)
    args.out.parent.mkdir(parents=True, exist_ok=True)
    rows = [json.loads(v) for v in args.out.read_text().splitlines()] if args.out.exists() else []
    done = {(r["model"], r["seed"], r["scenes"]) for r in rows}
    cases = [("all", whole)]
    for g, label in enumerate(() if args.mixture else whole.models.labels):
        cases.append((label, whole.with_models(focus(whole.models, [g]))))
    for label, evidence in cases:
        for seed in range(first, last + 1):
            if (label, seed, args.scenes) in done:
                continue
            belief = infer(prior, [evidence], n_scenes=args.scenes, seed=seed)
            row = {"model": label, "seed": seed, "scenes": args.scenes, **measures(belief)}
            row["log_evidence"] = [round(z, 2) for z in belief.info.log_evidence]
            row["seconds"] = round(belief.info.seconds, 1)
            hole = plan_holes(belief, 1)[0]
            row["hole"] = [hole.x, hole.y, hole.azimuth_deg, hole.inclination_deg, hole.length_m]
            row["hole_p_hit"] = hole.p_hit
            row["collar_off_m"], row["hole_off_m"] = hole_distance(hole)
            rows.append(row)
            with args.out.open("a") as sink:
                sink.write(json.dumps(row) + "\n")
            print(json.dumps(row), flush=True)
    print("| model | seed | P(adit) | P(resistive) | P(compact) | hole off line m | depth m |")
    print("|---|---|---|---|---|---|---|")
    for r in rows:
        print(
            f"| {r['model']} | {r['seed']} | {r['p_adit']:.2f} | {r['p_resistive']:.2f} | "
            f"{r['p_compact']:.2f} | {r['hole_off_m']:.1f} | {r['depth_m']:.1f} |"
        )


if __name__ == "__main__":
    main()
