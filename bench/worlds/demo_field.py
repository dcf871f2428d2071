"""The demo field: a 2 m drive under 120 m x 120 m, seen by gravity, resistivity, people and holes.

Usage: python bench/worlds/demo_field.py [SEED ...]     (default: 1 to 20)

The seed decides everything that is random. Physics: prisms (gravity), wedge finite elements
(resistivity, the same mesh with and without the drive). Nothing of the package is used.
"""

from __future__ import annotations

import json
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from dc_mesh import MeshSize, Solver, apparent_resistivity, build_mesh
from drives import Drive
from numpy.typing import NDArray
from prisms import boxes, drive_boxes, ground_gravity
from random_ground import draw

Float = NDArray[np.float64]
Int = NDArray[np.int64]

HERE = Path(__file__).resolve().parent
SHIPPED = HERE.parents[1] / "src" / "subterra" / "cli" / "demo_field.json"

SIDE = 120.0
RADIUS = 1.0
DEPTHS = (3.5, 8.0)
BEYOND = 20.0
SENSOR_HEIGHT = 0.3
GRAVITY_SD = 3.0
RESISTIVITY_SD = 0.02
SIZE = MeshSize(along=0.6, across=0.6, segments=28)
AIR = 1e-6


@dataclass(frozen=True)
class Truth:
    """The drive: where its axis enters and leaves the field, and its true ends.

    Attributes
    ----------
    entry, exit : ndarray, shape (3,)
        On the edges of the field; `entry` is the shallow side.
    drive : Drive
        From 20 m outside one edge to 20 m outside the other.
    """

    entry: Float
    exit: Float
    drive: Drive

    def at(self, fraction: float | Float) -> Float:
        """Points of the axis inside the field; 0 = shallow edge, 1 = deep edge."""
        f = np.asarray(fraction)[..., None]
        return self.entry + f * (self.exit - self.entry)

    def plan_distance(self, xy: Float) -> Float:
        """Plan distance of points (n, 2) to the axis, metres."""
        a, b = self.drive.start[:2], self.drive.end[:2]
        t = np.clip((xy - a) @ (b - a) / ((b - a) @ (b - a)), 0, 1)
        return np.linalg.norm(xy - a - t[:, None] * (b - a), axis=1)


def draw_truth(rng: np.random.Generator) -> Truth:
    """Heading 20-70 degrees off the grid, crossing the middle line in the middle half."""
    angle = np.deg2rad(rng.uniform(20.0, 70.0)) * rng.choice([-1.0, 1.0])
    point = np.array([rng.uniform(0.25, 0.75) * SIDE, SIDE / 2])
    if rng.random() < 0.5:
        point = point[::-1]
    u = np.array([np.cos(angle), np.sin(angle)])
    with np.errstate(divide="ignore"):
        t = np.sort(np.concatenate([-point / u, (SIDE - point) / u]))
    # The two middle parameters are where the line is inside both pairs of edges.
    ends = [point + t[1] * u, point + t[2] * u]
    if rng.random() < 0.5:
        ends = ends[::-1]
    entry = np.array([*ends[0], -DEPTHS[0]])
    leave = np.array([*ends[1], -DEPTHS[1]])
    step = (leave - entry) * BEYOND / np.hypot(*(leave - entry)[:2])
    return Truth(entry, leave, Drive(entry - step, leave + step, RADIUS))


def gravity(truth: Truth, rng: np.random.Generator) -> dict[str, Any]:
    """169 stations at 10 m: prism ground, regional trend, the drive, reading noise."""
    x, y = np.meshgrid(np.arange(0, SIDE + 1, 10), np.arange(0, SIDE + 1, 10), indexing="ij")
    stations = np.column_stack([x.ravel(), y.ravel(), np.full(x.size, SENSOR_HEIGHT)])
    host = rng.uniform(2000.0, 2400.0)
    length, ratio, sd = rng.uniform(4.0, 8.0), rng.uniform(1.5, 3.0), 40.0
    low, high = np.array([-39.5, -39.5, -29.5]), np.array([159.5, 159.5, -0.5])
    field = draw("exponential", rng, (low, high), 1.0, length, ratio)
    ground = ground_gravity(stations, field, sd)
    voxel = 0.25
    centre, share = drive_boxes(truth.drive.start, truth.drive.end, RADIUS, voxel)
    mass = -(host + sd * field(centre)) * share
    void = boxes(stations, centre, np.full(3, voxel / 2), mass)
    slope = rng.uniform(-0.3, 0.3, 2)
    regional = rng.uniform(-50, 50) + stations[:, :2] @ slope
    noise = GRAVITY_SD * rng.standard_normal(len(stations))
    null = ground + regional + noise
    return {
        "stations": np.round(stations[:, :2], 2).tolist(),
        "sensor_height_m": SENSOR_HEIGHT,
        "g_ugal": np.round(null + void, 1).tolist(),
        "g_without_void_ugal": np.round(null, 1).tolist(),
        "sd_ugal": GRAVITY_SD,
        "ground": {
            "host_density_kg_m3": round(host),
            "density_sd_kg_m3": sd,
            "kernel": "exponential",
            "length_m": round(length, 2),
            "horizontal_to_vertical": round(ratio, 2),
            "effect_sd_ugal": round(float(ground.std()), 2),
            "void_peak_ugal": round(float(void.min()), 2),
        },
    }


def place_lines(truth: Truth, rng: np.random.Generator) -> Float:
    """Four lines of 25 electrodes over the shallow half, along the axis they cross squarer."""
    u = truth.exit[:2] - truth.entry[:2]
    along = 0 if abs(u[1]) > abs(u[0]) else 1
    centre = truth.at(rng.uniform(0.22, 0.30))[:2] + 0.0
    centre[along] += rng.uniform(-6.0, 6.0)
    half = np.array([30.0, 15.0]) if along == 0 else np.array([15.0, 30.0])
    centre = np.clip(np.round(centre), half, SIDE - half)
    s, t = np.meshgrid(np.arange(25) * 2.5 - 30.0, np.arange(4) * 10.0 - 15.0)
    local = np.column_stack([s.ravel(), t.ravel()])
    return centre + (local if along == 0 else local[:, ::-1])


def dipole_dipole(electrodes: int, lines: int) -> Int:
    """Dipoles of one spacing (n = 1 to 6) and of two (n = 1 to 5); zero-based a b m n."""
    rows = [
        (i, i + a, i + (n + 1) * a, i + (n + 2) * a)
        for a, most in ((1, 6), (2, 5))
        for n in range(1, most + 1)
        for i in range(electrodes - (n + 2) * a)
    ]
    one = np.array(rows)
    return np.concatenate([one + electrodes * k for k in range(lines)])


def resistivity(truth: Truth, rng: np.random.Generator) -> dict[str, Any]:
    """Four lines over layered-ish ground, solved with and without the drive on one mesh."""
    electrodes = place_lines(truth, rng)
    abmn = dipole_dipole(25, 4)
    mean = float(np.exp(rng.uniform(np.log(60.0), np.log(250.0))))
    length, ratio, sd = rng.uniform(4.0, 8.0), 3.0, 0.3
    low = np.array([*electrodes.min(axis=0) - 25.0, -25.0])
    high = np.array([*electrodes.max(axis=0) + 25.0, 0.0])
    field = draw("exponential", rng, (low, high), 0.5, length, ratio)
    noise = 1 + RESISTIVITY_SD * rng.standard_normal(len(abmn))

    mesh = build_mesh(truth.drive, electrodes, SIZE)
    solver = Solver(mesh, electrodes)
    sigma = np.exp(-sd * field(mesh.centroids())) / mean
    air = np.where(mesh.in_drive, AIR / mean, sigma)
    plain = np.full(len(sigma), 1 / mean)
    clean = {
        name: apparent_resistivity(solver.potentials(s, reference), electrodes, abmn)
        for name, s, reference in (
            ("void", air, None),
            ("null", sigma, None),
            ("plain", plain, None),
            ("off", plain, np.full(len(electrodes), 0.9 / mean)),
        )
    }
    response = np.log(clean["void"] / clean["null"])
    error, off = clean["plain"] / mean - 1, clean["off"] / mean - 1
    return {
        "electrodes": np.round(electrodes, 2).tolist(),
        "abmn": abmn.tolist(),
        "rhoa_ohm_m": [float(f"{v:.4g}") for v in clean["void"] * noise],
        "rhoa_without_void_ohm_m": [float(f"{v:.4g}") for v in clean["null"] * noise],
        "err": RESISTIVITY_SD,
        "ground": {
            "mean_resistivity_ohm_m": round(mean, 1),
            "log_resistivity_sd": sd,
            "kernel": "exponential",
            "length_m": round(length, 2),
            "horizontal_to_vertical": ratio,
            "void_effect_rms": round(float(np.sqrt((response**2).mean())), 4),
            "void_effect_max": round(float(response.max()), 4),
        },
        "mesh": {
            "nodes": len(mesh.nodes),
            "wedges": len(mesh.wedges),
            "homogeneous_error_rms": float(f"{np.sqrt((error**2).mean()):.2g}"),
            "homogeneous_error_max": float(f"{np.abs(error).max():.2g}"),
            "reference_off_10_percent_rms": float(f"{np.sqrt((off**2).mean()):.2g}"),
            "reference_off_10_percent_max": float(f"{np.abs(off).max():.2g}"),
        },
    }


def reports(truth: Truth, rng: np.random.Generator) -> tuple[list[dict[str, Any]], list[str]]:
    """Six reports of which two are wrong; return them and the ids of the wrong ones."""
    genuine = np.ones(6, dtype=bool)
    genuine[rng.choice(6, 2, replace=False)] = False
    true_ids = np.flatnonzero(genuine)
    twin = rng.random() < 0.5
    items: list[dict[str, Any]] = []
    for i in range(6):
        sd = float(np.round(rng.uniform(8.0, 15.0), 1))
        if not genuine[i]:
            xy = _away(truth, rng)
        else:
            xy = truth.at(rng.uniform(0.1, 0.9))[:2] + sd * rng.standard_normal(2)
        letter = str(rng.choice(list("ABCD") if genuine[i] else list("BCDE")))
        origin = f"origin-{i + 1}"
        if twin and i == true_ids[1]:
            # Told again: the same story, a little displaced.
            first = items[int(true_ids[0])]
            xy = np.array([first["x"], first["y"]]) + 2.0 * rng.standard_normal(2)
            sd, origin = first["sd_m"], first["origin"]
        items.append(
            {
                "id": f"R{i + 1}",
                "source": f"source-{i + 1}",
                "reliability": letter,
                "credibility": int(rng.integers(2, 5)),
                "origin": origin,
                "x": round(float(np.clip(xy[0], 0, SIDE)), 1),
                "y": round(float(np.clip(xy[1], 0, SIDE)), 1),
                "sd_m": sd,
            }
        )
    return items, [f"R{i + 1}" for i in np.flatnonzero(~genuine)]


def _away(truth: Truth, rng: np.random.Generator) -> Float:
    """Draw a place in the field at least 25 m from the drive in plan."""
    while True:
        xy = rng.uniform(8.0, SIDE - 8.0, 2)
        if truth.plan_distance(xy[None])[0] > 25.0:
            return xy


def make(seed: int) -> dict[str, Any]:
    """Make the whole field of one seed."""
    streams = [np.random.default_rng([20, seed, k]) for k in range(4)]
    truth = draw_truth(streams[0])
    items, wrong = reports(truth, streams[3])
    holes = [
        {"hole": f"H{k + 1}", "x": r["x"], "y": r["y"], "z": 0.0, "length_m": 15.0}
        for k, r in enumerate(r for r in items if r["id"] in wrong)
    ]
    if (truth.plan_distance(np.array([[h["x"], h["y"]] for h in holes])) < 2 * RADIUS).any():
        msg = f"seed {seed}: a dry hole meets the drive"
        raise RuntimeError(msg)
    survey = resistivity(truth, streams[2])
    return {
        "bounds": [0.0, 0.0, SIDE, SIDE],
        "gravity": gravity(truth, streams[1]),
        "resistivity": survey,
        "reports": items,
        "dry_holes": holes,
        "truth": {
            "axis": np.round([truth.entry, truth.exit], 2).tolist(),
            "axis_with_ends_outside": np.round([truth.drive.start, truth.drive.end], 2).tolist(),
            "radius_m": RADIUS,
            "fill": "air",
            "wrong_reports": wrong,
        },
        "provenance": {
            "script": "bench/worlds/demo_field.py",
            "seed": seed,
            "homogeneous_error_rms": survey["mesh"]["homogeneous_error_rms"],
            "homogeneous_error_max": survey["mesh"]["homogeneous_error_max"],
        },
    }


def main(arguments: list[str]) -> None:
    """Make and write the seeds that the command line names."""
    folder = HERE / "demo_fields"
    folder.mkdir(exist_ok=True)
    for seed in [int(a) for a in arguments] or range(1, 21):
        began = time.perf_counter()
        world = make(seed)
        text = json.dumps(world, separators=(",", ":")) + "\n"
        (folder / f"seed_{seed:02d}.json").write_text(text, encoding="utf-8")
        if seed == 1:
            SHIPPED.parent.mkdir(parents=True, exist_ok=True)
            SHIPPED.write_text(text, encoding="utf-8")
        print(
            f"seed {seed}: {time.perf_counter() - began:.0f} s, {len(text) // 1000} kB, "
            f"{world['resistivity']['mesh']}, {world['resistivity']['ground']}, "
            f"{world['gravity']['ground']}",
            flush=True,
        )


if __name__ == "__main__":
    main(sys.argv[1:])
