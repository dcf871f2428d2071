"""Foreign gravity worlds with two drives: parallel (odd seeds, 15 m apart) or crossing (even).

Usage: python bench/worlds/two_drive_worlds.py [SEED ...]     (default: 1 to 20)

Two drives are only two where the survey can tell. Ground and noise are quieted by one factor until
each drive has a matched signal-to-noise of at least 8, and so has what the best single line mass
leaves of the two. Covariance, best line and field know nothing of the package's own physics.
"""

from __future__ import annotations

import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
from drives import Area, Drive, crossing_drive
from gravity_worlds import LOUD, SENSOR_HEIGHT, Ground, lay
from numpy.typing import NDArray
from scipy.linalg import cholesky
from scipy.optimize import minimize

Float = NDArray[np.float64]

HERE = Path(__file__).resolve().parent
APART_M = 15.0
STREAM = 22
STARTS = 12
LINE_M = 200.0
"""Half the length of the line mass that stands for any single drive."""


def plan_heading(drive: Drive) -> Float:
    """Unit vector (2,) of a drive in plan."""
    along = (drive.end - drive.start)[:2]
    return along / np.linalg.norm(along)


def two_drives(rng: np.random.Generator, seed: int, area: Area) -> tuple[Drive, Drive]:
    """Two drives under the middle of an area, parallel or crossing one above the other."""
    first = crossing_drive(rng, area, rng.uniform(1.0, 1.25), depth=(4.0, 6.0), least_cover=2.0)
    if seed % 2:
        along = plan_heading(first)
        aside = np.array([along[1], -along[0], 0.0]) * APART_M
        middle = 0.5 * (first.start + first.end)[:2]
        if (aside[:2] @ (0.5 * (area.low + area.high) - middle)) < 0.0:
            aside = -aside
        return first, Drive(first.start + aside, first.end + aside, first.radius)
    for _ in range(1000):
        second = crossing_drive(
            rng, area, rng.uniform(1.25, 1.5), depth=(7.5, 8.5), least_cover=2.0
        )
        if abs(plan_heading(first) @ plan_heading(second)) < 0.5:
            return first, second
    msg = "no second drive crosses the first at more than 60 degrees"
    raise RuntimeError(msg)


def line_effect(
    stations: Float, heading: float, offset: float, depth: float, grade: float
) -> Float:
    """Gravity (n,) of a straight line of unit mass per metre, up to a constant, positive down."""
    e = np.array([np.sin(heading), np.cos(heading), -grade])
    e /= np.linalg.norm(e)
    centre = stations[:, :2].mean(axis=0)
    normal = np.array([np.cos(heading), -np.sin(heading)])
    away = stations - np.array([*(centre + offset * normal), -depth])
    along = away @ e
    across = away - along[:, None] * e
    r2 = np.maximum((across**2).sum(axis=1), 0.25)
    ends = [(t - along) / np.sqrt(r2 + (t - along) ** 2) for t in (-LINE_M, LINE_M)]
    tips = [1.0 / np.sqrt(r2 + (t - along) ** 2) for t in (-LINE_M, LINE_M)]
    return across[:, 2] / r2 * (ends[1] - ends[0]) - e[2] * (tips[1] - tips[0])


def left_of_best_line(world: Ground, effect: Float, rng: np.random.Generator) -> float:
    """Matched signal-to-noise of what the best single line mass leaves of an effect."""
    stations = world.stations
    whiten = np.linalg.inv(cholesky(world.covariance, lower=True))
    trend = np.column_stack([np.ones(len(stations)), stations[:, :2] - world.side / 2])
    plane, _ = np.linalg.qr(whiten @ trend)
    whiten -= plane @ (plane.T @ whiten)
    seen = whiten @ effect

    def left(p: Float) -> float:
        heading, offset, log_depth, grade = p
        line = line_effect(stations, heading, offset, float(np.exp(log_depth)), grade)
        alone = whiten @ line
        return float(seen @ seen - (alone @ seen) ** 2 / (alone @ alone))

    half = world.side / 2
    starts = np.column_stack(
        [
            rng.uniform(0.0, np.pi, STARTS * 20),
            rng.uniform(-half, half, STARTS * 20),
            np.log(rng.uniform(2.0, 12.0, STARTS * 20)),
            np.zeros(STARTS * 20),
        ]
    )
    first = np.argsort([left(p) for p in starts])[:STARTS]
    ends = [
        minimize(left, starts[k], method="Nelder-Mead", options={"maxiter": 400}) for k in first
    ]
    return float(np.sqrt(min(end.fun for end in ends)))


def make(seed: int) -> dict[str, np.ndarray]:
    """Make the field of two drives of one seed."""
    rng = [np.random.default_rng([STREAM, seed, k]) for k in range(5)]
    site = lay(seed, rng)
    world = site.world
    pair = two_drives(rng[4], seed, Area(np.zeros(2), np.full(2, world.side), beyond=20.0))
    plain = [world.void(drive)[1] for drive in pair]
    snr = [world.snr(effect) for effect in plain]
    snr.append(left_of_best_line(world, plain[0] + plain[1], rng[4]))
    quiet = min(1.0, min(snr) / LOUD)
    world = replace(world, sd=quiet * world.sd, covariance=quiet**2 * world.covariance)
    effect = sum(world.void(drive)[0] for drive in pair)
    read = quiet * (site.effect + site.noise) + site.regional + effect
    return {
        "x": world.stations[:, 0],
        "y": world.stations[:, 1],
        "sensor_height_m": np.array(SENSOR_HEIGHT),
        "g_ugal": np.round(read, 3),
        "sd_ugal": np.full(len(read), np.round(quiet * site.noise_sd, 3)),
        "axes": np.array([[d.start, d.end] for d in pair]),
        "radius_m": np.array([d.radius for d in pair]),
        "snr": np.array(snr) / quiet,
        "quieted": np.array(quiet),
        "crossing": np.array(seed % 2 == 0),
        "host_density_kg_m3": np.array(world.host),
        **site.labels,
        "seed": np.array(seed),
    }


def main(arguments: list[str]) -> None:
    """Make and write the seeds that the command line names."""
    folder = HERE / "data"
    folder.mkdir(exist_ok=True)
    for seed in [int(a) for a in arguments] or range(1, 21):
        began = time.perf_counter()
        w = make(seed)
        np.savez_compressed(folder / f"two_drives_{seed:02d}.npz", **w)
        each = " ".join(f"{v:.1f}" for v in w["snr"])
        print(
            f"seed {seed}: {time.perf_counter() - began:.0f} s, {w['kernel']} quieted to"
            f" {w['quieted']:.2f}, matched SNR of each and of the difference {each}",
            flush=True,
        )


if __name__ == "__main__":
    main(sys.argv[1:])
