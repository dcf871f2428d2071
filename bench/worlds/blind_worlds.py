"""Blind sites: the files that a user would have, and apart from them the truth.

Usage: python bench/worlds/blind_worlds.py [--set blind] [--sites K] [--workers 2]

Each site is a folder of `bench/worlds/cache/blind/`: `gravity.csv`, where the design has them
`resistivity.dat`, `radar.csv`, `reports.csv`, `map.geojson`, `collars.csv` and `logs.csv`;
`site.json`, what a user knows; `truth.json`, which only the scoring and the simulated drill read.
A folder that is there is not made again. Nothing of the package is used.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
from blind_design import CLASSES, Design, designs
from blind_gravity import SIDE, GravityGround, draw_ground
from blind_people import HOLE_LENGTH_M, dry_holes, inside, mine_map, reports
from blind_resistivity import survey
from chains import Chain, cave_courses, drawn_course, laid, mine_courses
from drives import Area, crossing_drive
from numpy.typing import NDArray

Float = NDArray[np.float64]

CACHE = Path(__file__).resolve().parent / "cache" / "blind"
DEPTH_M = 15.0
AREA = Area(np.zeros(2), np.full(2, SIDE), beyond=20.0)


def draw_target(d: Design, rng: np.random.Generator) -> tuple[Chain, str, str]:
    """Return the target, or what stands for it on a null site, its fill and its model."""
    radius = float(rng.uniform(0.9, 1.25))
    fill = "water" if rng.random() < 0.2 else "air"
    if d.kind == "mine":
        courses = mine_courses()
        if courses is None:
            return (
                laid(drawn_course(rng, 90.0, 0.15), rng, SIDE, (4.0, 9.0), radius, 1.5),
                (fill),
                "drawn",
            )
        course = courses[rng.integers(len(courses))]
        return laid(course, rng, SIDE, (4.0, 9.0), radius, 1.5), fill, "Wheal Pell"
    deep = (3.0, 5.5) if d.resistivity else (3.0, 9.0)
    drive = crossing_drive(rng, AREA, radius, depth=deep, least_cover=0.8)
    return Chain(np.stack([drive.start, drive.end]), radius), fill, "straight"


def draw_decoy(d: Design, target: Chain, rng: np.random.Generator) -> tuple[Chain | None, str]:
    """Return a natural conduit that does not touch the target, and its model."""
    if d.kind != "karst":
        return None, ""
    courses = cave_courses()
    while True:
        radius = float(rng.uniform(0.6, 1.1))
        drawn = courses is None
        course = drawn_course(rng, 90.0, 0.6) if drawn else courses[rng.integers(len(courses))]
        chain = laid(course, rng, SIDE, (4.0, 10.0), radius, 1.5)
        if target.distance(chain.sampled(0.5)).min() > radius + target.radius + 1.0:
            return chain, "drawn" if drawn else "Sakany"


def make(d: Design) -> dict[str, str]:
    """Make the files of one site, by name."""
    rng = [np.random.default_rng([*d.stream, k]) for k in range(7)]
    target, fill, model = draw_target(d, rng[0])
    decoy, decoy_model = draw_decoy(d, target, rng[1])
    aim = float(rng[2].uniform(*d.aim)) * (0.7 if d.resistivity else 1.0)
    ground = draw_ground(d.kernel, rng[2], target, fill, aim)
    real = [(target, fill)] * d.void + ([] if decoy is None else [(decoy, "air")])
    present = [chain for chain, _ in real]
    files, snr = {"gravity.csv": _gravity(d, ground, real, rng[2])}, {"gravity": 0.0}
    if d.void:
        snr["gravity"] = ground.snr(ground.effect(target, fill))
    if d.resistivity:
        files["resistivity.dat"], snr["resistivity"], lines = survey(d, target, fill, rng[3])
    holes: list[tuple[float, float]] = []
    if d.panel:
        from blind_panel import NOISE_NS, picks, place_holes

        pair = place_holes(target, [target, *present], SIDE, rng[4])
        files["radar.csv"] = _radar(pair, picks(pair, real, d.kernel, rng[4]), NOISE_NS)
        holes = [(float(p[0]), float(p[1])) for p in pair]
    holes += dry_holes(d.dry_holes, [target, *present], SIDE, rng[5])
    if holes:
        files["collars.csv"], files["logs.csv"] = _holes(holes)
    if d.reports:
        said = reports(target, d.void, SIDE, rng[6])
        if said:
            files["reports.csv"] = _csv(tuple(said[0]), [tuple(r.values()) for r in said])
    if d.mine_map:
        files["map.geojson"] = mine_map(target, rng[6])
    total = float(np.sqrt(sum(v**2 for v in snr.values())))
    files["site.json"] = json.dumps(_known(d))
    files["truth.json"] = json.dumps(
        {
            "name": d.name,
            "void": d.void,
            "kind": d.kind,
            "class": _class(total) if d.void else "null",
            "snr": {k: round(v, 2) for k, v in snr.items()} | {"total": round(total, 2)},
            "chain": target.points.round(3).tolist() if d.void else None,
            "axis": inside(target, SIDE).round(2).tolist() if d.void else None,
            "radius_m": round(target.radius, 3),
            "fill": fill,
            "model": model,
            "decoy": None if decoy is None else decoy.points.round(2).tolist(),
            "decoy_radius_m": None if decoy is None else round(decoy.radius, 3),
            "decoy_model": decoy_model,
            "electrodes": lines.tolist() if d.resistivity else None,
            "ground": ground.about(),
            "design": vars(d),
        }
    )
    return files


def _known(d: Design) -> dict[str, Any]:
    """What a user knows before looking: area, what is searched for, whether there are caves."""
    return {
        "name": d.name,
        "bounds": [0.0, 0.0, SIDE, SIDE],
        "depth_m": DEPTH_M,
        "look_for": "working" if d.kind == "mine" else "driven",
        "caves": d.kind == "karst",
    }


def _class(snr: float) -> str:
    bounds = [high for _, high in CLASSES.values()][:-1]
    return list(CLASSES)[int(np.searchsorted(bounds, snr, side="right"))]


def _gravity(
    d: Design,
    ground: GravityGround,
    voids: list[tuple[Chain, str]],
    rng: np.random.Generator,
) -> str:
    values = ground.survey(d.student, rng)
    for chain, fill in voids:
        values = values + ground.effect(chain, fill)
    rows = [
        (f"G{k + 1}", *np.round(p, 2), round(float(g), 1), round(ground.noise, 2))
        for k, (p, g) in enumerate(zip(ground.stations, values, strict=True))
    ]
    return _csv(("station", "x", "y", "z", "g_ugal", "sd_ugal"), rows)


def _radar(pair: tuple[Float, Float], found: Float, noise: float) -> str:
    (ax, ay), (bx, by) = pair
    rows = [(ax, ay, -z, bx, by, -r, round(t, 2), noise) for z, r, t in found]
    return _csv(("sx", "sy", "sz", "rx", "ry", "rz", "time_ns", "sd_ns"), rows)


def _holes(holes: list[tuple[float, float]]) -> tuple[str, str]:
    named = [(f"H{k + 1}", x, y) for k, (x, y) in enumerate(holes)]
    collars = [(n, x, y, 0.0, 0.0, 90.0, HOLE_LENGTH_M) for n, x, y in named]
    logs = [(n, 0.0, HOLE_LENGTH_M, "intact") for n, _, _ in named]
    header = ("hole", "x", "y", "z", "azimuth_deg", "inclination_deg", "length_m")
    return _csv(header, collars), _csv(("hole", "from_m", "to_m", "log"), logs)


def _csv(header: tuple[str, ...], rows: list[tuple]) -> str:
    return "\n".join([",".join(header), *(",".join(str(v) for v in r) for r in rows)]) + "\n"


def write(d: Design) -> str:
    """Make one site unless it is there; the folder appears only when it is whole."""
    folder = CACHE / d.name
    if folder.is_dir():
        return ""
    began = time.perf_counter()
    part = folder.with_suffix(".part")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    for name, text in make(d).items():
        (part / name).write_text(text, encoding="utf-8")
    part.rename(folder)
    truth = json.loads((folder / "truth.json").read_text())
    g = truth["ground"]
    return (
        f"{d.name}: {time.perf_counter() - began:.0f} s, {d.kind}, {truth['model']}"
        f" {truth['decoy_model']}, {g['kernel']} sd {g['density_sd']:.0f} kg/m3, noise"
        f" {g['noise_ugal']:.1f} uGal, SNR {truth['snr']}, {truth['class']}"
    )


def main() -> None:
    """Make the sites that the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--set", default="blind", choices=("blind", "tuning", "study"))
    parser.add_argument("--sites", type=int, default=None, help="the first K of the set")
    parser.add_argument("--workers", type=int, default=2)
    args = parser.parse_args()
    wanted = designs(args.set)[: args.sites]
    with ProcessPoolExecutor(args.workers) as pool:
        for line in pool.map(write, wanted):
            if line:
                print(line, flush=True)


if __name__ == "__main__":
    main()
