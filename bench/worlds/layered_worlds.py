"""Foreign resistivity worlds over layers: a conductive overburden, with and without a drive.

Usage: python bench/worlds/layered_worlds.py OUT_FOLDER [SEED ...]     (default: 1 to 12)

Three lines of 21 electrodes at 2 m, 6 m apart; dipole-dipole data of dipoles 2 m (n = 1 to 6) and
4 m (n = 1 to 4): 423 data. The overburden is 2 to 8 times more conductive than the rock and 0.8 to
2.5 m thick; every third seed has a conductive basement at 8 to 12 m. Everything is multiplied by a
random field. Solved by the wedge elements of ``dc_mesh.py``; wedges belong to the layer of their
centre. Seeds were fixed before anything was looked at and none is dropped.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

import numpy as np
from dc_mesh import MeshSize, Solver, apparent_resistivity, build_mesh
from drives import Area, crossing_drive
from random_ground import KERNELS, draw

SPACING, COUNT, LINES, APART = 2.0, 21, 3, 6.0
AIR = 1e-6
SIZE = MeshSize(along=0.6, across=0.5, segments=24)
WATER_SEEDS = (4, 8, 11)


def layout():
    """Electrodes (63, 2), lines along x, and zero-based abmn (423, 4)."""
    x, y = np.meshgrid(np.arange(COUNT) * SPACING, np.arange(LINES) * APART)
    abmn = [
        (k + i, k + i + a, k + i + a + n * a, k + i + 2 * a + n * a)
        for k in COUNT * np.arange(LINES)
        for a, most in ((1, 6), (2, 4))
        for n in range(1, most + 1)
        for i in range(COUNT - (n + 2) * a)
    ]
    return np.column_stack([x.ravel(), y.ravel()]), np.array(abmn)


def layers_of(rng, seed):
    """Resistivities (Ω·m) and thicknesses (m) from the top."""
    rock = float(np.exp(rng.uniform(np.log(100.0), np.log(500.0))))
    contrast = float(np.exp(rng.uniform(np.log(2.0), np.log(8.0))))
    cover = float(rng.uniform(0.8, 2.5))
    deep = float(rng.uniform(8.0, 12.0))
    if seed % 3 == 0:
        return (rock / contrast, rock, rock / 4.0), (cover, deep - cover)
    return (rock / contrast, rock), (cover,)


def make(seed):
    rng = [np.random.default_rng([77, seed, k]) for k in range(3)]
    electrodes, abmn = layout()
    rho, thickness = layers_of(rng[0], seed)
    kernel = KERNELS[(seed - 1) % len(KERNELS)]
    sd = float(rng[0].choice([0.15, 0.25, 0.4]))
    length = float(np.exp(rng[0].uniform(np.log(2.0), np.log(8.0))))
    ratio = float(rng[0].choice([1.0, 2.0, 4.0]))
    low, high = electrodes.min(axis=0), electrodes.max(axis=0)
    box = (np.array([*(low - 20.0), -20.0]), np.array([*(high + 20.0), 0.0]))
    field = draw(kernel, rng[1], box, 0.5, length, ratio)
    radius = float(rng[0].uniform(1.0, 1.25))
    area = Area(low, high, beyond=15.0)
    drive = crossing_drive(rng[0], area, radius, depth=(2.5, 4.5), least_cover=0.7)
    water = seed in WATER_SEEDS
    fill = float(rng[0].uniform(5.0, 10.0)) if water else AIR
    mesh = build_mesh(drive, electrodes, SIZE)
    solver = Solver(mesh, electrodes)
    centre = mesh.centroids()
    layer = np.searchsorted(np.cumsum(thickness), -centre[:, 2], side="right")
    plain = 1.0 / np.array(rho)[layer]
    sigma = plain * np.exp(-sd * field(centre))
    null, void, even = (
        apparent_resistivity(solver.potentials(s), electrodes, abmn)
        for s in (sigma, np.where(mesh.in_drive, fill / rho[1], sigma), plain)
    )
    even_void = apparent_resistivity(
        solver.potentials(np.where(mesh.in_drive, fill / rho[1], plain)), electrodes, abmn
    )
    level = float(rng[2].uniform(0.02, 0.03))
    noise = 1.0 + level * rng[2].standard_normal(len(abmn))
    return {
        "electrodes": electrodes,
        "abmn": abmn.astype(np.int16),
        "rhoa_null_ohm_m": null * noise,
        "rhoa_void_ohm_m": void * noise,
        "rhoa_even_ohm_m": even,
        "log_void_effect": np.log(void / null),
        "log_void_effect_even": np.log(even_void / even),
        "err": np.full(len(abmn), level),
        "resistivity_ohm_m": np.array(rho),
        "thickness_m": np.array(thickness),
        "axis": np.array([drive.start, drive.end]),
        "radius_m": np.array(radius),
        "fill": np.array("water" if water else "air"),
        "conductivity_ratio": np.array(fill),
        "kernel": np.array(kernel),
        "ground_sd": np.array(sd),
        "mesh_nodes": np.array(len(mesh.nodes)),
    }


def main(arguments):
    folder = Path(arguments[0])
    folder.mkdir(parents=True, exist_ok=True)
    for seed in [int(v) for v in arguments[1:]] or range(1, 13):
        path = folder / f"layered_{seed:02d}.npz"
        if path.exists():
            continue
        began = time.perf_counter()
        world = make(seed)
        np.savez_compressed(path, **world)
        effect = world["log_void_effect"]
        print(
            f"seed {seed}: {time.perf_counter() - began:.0f} s, {world['mesh_nodes']} nodes,"
            f" {world['resistivity_ohm_m'].round(0)} / {world['thickness_m'].round(1)}, depth"
            f" {-world['axis'][:, 2].mean():.1f} m, {world['fill']}, effect rms"
            f" {np.sqrt((effect**2).mean()):.3f} ({effect.min():.2f} to {effect.max():.2f})",
            flush=True,
        )


if __name__ == "__main__":
    main(sys.argv[1:])
