"""The decoy field: a 2 m drive under 160 m x 120 m, a false entrance with two heaps elsewhere.

Usage: python bench/worlds/decoy_field.py [SEED]     (default: 1)

The story is written out below; the seed decides ground, noise and trend. Gravity is from prisms.
Nothing of the package is used.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
from drives import Drive
from prisms import boxes, drive_boxes, ground_gravity
from random_ground import draw

SHIPPED = Path(__file__).resolve().parents[2] / "src" / "subterra" / "cli" / "demo_decoys.json"

SIDES = (160.0, 120.0)
RADIUS = 1.0
SENSOR_HEIGHT = 0.3
GRAVITY_SD = 4.0
START = np.array([118.0, 22.0, -3.5])
END = np.array([84.0, 140.0, -6.5])
FALSE_ENTRANCE = [30.0, 88.0]

SIGNS = [
    {"id": "S1", "kind": "entrance", "x": 30.0, "y": 88.0, "sd_m": 2.0,
     "text": "timbered opening in the bank, closed with stones"},
    {"id": "S2", "kind": "spoil", "x": 22.0, "y": 78.0, "sd_m": 3.0, "volume_m3": 60.0,
     "text": "fresh heap"},
    {"id": "S3", "kind": "spoil", "x": 40.0, "y": 97.0, "sd_m": 3.0, "volume_m3": 45.0,
     "text": "fresh heap"},
    {"id": "S4", "kind": "steam", "x": 107.0, "y": 58.0, "sd_m": 5.0, "season": "winter",
     "weather": "frost", "text": "haze over the ground at dawn"},
    {"id": "L1", "kind": "looked", "x": 50.0, "y": 30.0, "sd_m": 25.0, "p_notice": 0.5,
     "season": "summer", "weather": "dry", "text": "walked in lines"},
]  # fmt: skip
REPORTS = [
    {"id": "R1", "source": "trader", "reliability": "D", "credibility": 4, "origin": "trader",
     "x": 34.0, "y": 80.0, "sd_m": 25.0, "text": "they dig in the west, by the bank"},
    {"id": "R2", "source": "carter", "reliability": "F", "credibility": 6, "origin": "trader",
     "x": 28.0, "y": 90.0, "sd_m": 30.0, "text": "heard from the trader"},
    {"id": "R3", "source": "guard", "reliability": "C", "credibility": 3, "origin": "guard",
     "x": 101.0, "y": 84.0, "sd_m": 15.0, "kind": "noise", "text": "blows from below, at night"},
    {"id": "R4", "source": "farmer", "reliability": "C", "credibility": 2, "origin": "farmer",
     "x": 96.0, "y": 104.0, "sd_m": 20.0, "kind": "noise", "text": "a motor under the barn"},
]  # fmt: skip
SOURCES = [
    {"source": "guard", "confirmed": 1, "false": 1},
    {"source": "trader", "confirmed": 0, "false": 2},
]


def gravity(rng: np.random.Generator) -> dict[str, Any]:
    """221 stations at 10 m: prism ground, regional trend, the drive, reading noise."""
    x, y = np.meshgrid(np.arange(0, SIDES[0] + 1, 10), np.arange(0, SIDES[1] + 1, 10))
    stations = np.column_stack([x.ravel(), y.ravel(), np.full(x.size, SENSOR_HEIGHT)])
    host = rng.uniform(2000.0, 2400.0)
    length, ratio, sd = rng.uniform(4.0, 8.0), rng.uniform(1.5, 3.0), 40.0
    low, high = np.array([-39.5, -39.5, -29.5]), np.array([199.5, 159.5, -0.5])
    field = draw("exponential", rng, (low, high), 1.0, length, ratio)
    ground = ground_gravity(stations, field, sd)
    voxel = 0.25
    drive = Drive(START, END, RADIUS)
    centre, share = drive_boxes(drive.start, drive.end, RADIUS, voxel)
    mass = -(host + sd * field(centre)) * share
    void = boxes(stations, centre, np.full(3, voxel / 2), mass)
    slope = rng.uniform(-0.3, 0.3, 2)
    noise = GRAVITY_SD * rng.standard_normal(len(stations))
    null = ground + rng.uniform(-50, 50) + stations[:, :2] @ slope + noise
    return {
        "stations": np.round(stations[:, :2], 2).tolist(),
        "sensor_height_m": SENSOR_HEIGHT,
        "g_ugal": np.round(null + void, 1).tolist(),
        "sd_ugal": GRAVITY_SD,
        "ground": {
            "host_density_kg_m3": round(host),
            "density_sd_kg_m3": sd,
            "length_m": round(length, 2),
            "horizontal_to_vertical": round(ratio, 2),
            "effect_sd_ugal": round(float(ground.std()), 2),
            "void_peak_ugal": round(float(void.min()), 2),
        },
    }


def main(arguments: list[str]) -> None:
    """Make and write the field."""
    seed = int(arguments[0]) if arguments else 1
    # Where the drive leaves the site in the north.
    leave = START + (END - START) * (SIDES[1] - START[1]) / (END[1] - START[1])
    world = {
        "bounds": [0.0, 0.0, *SIDES],
        "gravity": gravity(np.random.default_rng([21, seed])),
        "reports": REPORTS,
        "sources": SOURCES,
        "signs": SIGNS,
        "truth": {
            "axis": np.round([START, leave], 2).tolist(),
            "axis_with_ends_outside": np.round([START, END], 2).tolist(),
            "radius_m": RADIUS,
            "fill": "air",
            "decoy": FALSE_ENTRANCE,
        },
        "provenance": {"script": "bench/worlds/decoy_field.py", "seed": seed},
    }
    SHIPPED.write_text(json.dumps(world, separators=(",", ":")) + "\n", encoding="utf-8")
    print(world["gravity"]["ground"])


if __name__ == "__main__":
    main(sys.argv[1:])
