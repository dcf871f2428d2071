"""Foreign gravity worlds: prism ground with and without a drive, 20 x 20 stations.

Usage: python bench/worlds/gravity_worlds.py [SEED ...]     (default: 1 to 20)
"""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from drives import Area, Drive, crossing_drive
from matched import ground_covariance, matched_snr
from numpy.typing import NDArray
from prisms import boxes, drive_boxes, ground_gravity, layer_kernels
from random_ground import KERNELS, Field, draw

Float = NDArray[np.float64]

HERE = Path(__file__).resolve().parent
SENSOR_HEIGHT = 0.3
DENSITY_SDS = (20.0, 40.0, 60.0, 80.0)
SPACINGS = (3.0, 3.5, 4.0)
MARGIN_M = 40.0
GROUND_DEPTH_M = 30.0
VOXEL = 0.25
STUDENT_SEEDS = (4, 9, 14, 19)
STUDENT_DF = 5
LOUD = 8.0


@dataclass(frozen=True)
class Ground:
    """Stations over a drawn density field, and the covariance of their readings.

    Attributes
    ----------
    stations : ndarray, shape (400, 3)
    side : float
        Length of the area in metres.
    host : float
        kg/m3.
    sd : float
        Of the density field, kg/m3.
    field : Field
        Unit variance.
    covariance : ndarray, shape (400, 400)
        Ground and noise, microgal squared.
    """

    stations: Float
    side: float
    host: float
    sd: float
    field: Field
    covariance: Float

    def void(self, drive: Drive) -> tuple[Float, Float]:
        """Effect of a drive in this ground and in a host of even density, microgal."""
        centre, share = drive_boxes(drive.start, drive.end, drive.radius, VOXEL)
        mass = -(self.host + self.sd * self.field(centre)) * share
        both = np.column_stack([mass, -self.host * share])
        effect = boxes(self.stations, centre, np.full(3, VOXEL / 2), both)
        return effect[:, 0], effect[:, 1]

    def snr(self, effect: Float) -> float:
        """Matched signal-to-noise of an effect, plane trend projected out."""
        trend = np.column_stack([np.ones(len(effect)), self.stations[:, :2] - self.side / 2])
        return matched_snr(effect, self.covariance, trend)


@dataclass(frozen=True)
class Site:
    """A ground without a drive, what was read over it and how it was drawn.

    Attributes
    ----------
    world : Ground
    effect, regional, noise : ndarray, shape (400,)
        Of the ground, of a plane regional field and of the reading, microgal.
    noise_sd : float
        Microgal.
    labels : dict of str to ndarray
        Kernel, scatter and lengths of the density field, and the kind of noise.
    """

    world: Ground
    effect: Float
    regional: Float
    noise: Float
    noise_sd: float
    labels: dict[str, np.ndarray]

    @property
    def null(self) -> Float:
        """What is read without any drive, microgal, shape (400,)."""
        return self.effect + self.regional + self.noise


def lay(seed: int, rng: list[np.random.Generator]) -> Site:
    """Draw ground and readings of one seed: host, ground, noise and regional field by stream."""
    spacing = SPACINGS[(seed - 1) % len(SPACINGS)]
    kernel = KERNELS[(seed - 1) % len(KERNELS)]
    sd = DENSITY_SDS[(seed - 1) % len(DENSITY_SDS)]
    side = 19 * spacing
    line = np.arange(20) * spacing
    x, y = np.meshgrid(line, line, indexing="ij")
    stations = np.column_stack([x.ravel(), y.ravel(), np.full(x.size, SENSOR_HEIGHT)])
    host = rng[0].uniform(2000.0, 2600.0)

    length = float(np.exp(rng[1].uniform(np.log(2.0), np.log(15.0))))
    ratio = float(rng[1].choice([1.0, 2.0, 4.0]))
    cell = spacing / 4
    n = int(np.ceil(MARGIN_M / cell))
    low = np.array([-(n - 0.5) * cell, -(n - 0.5) * cell, 0.0])
    high = np.array([side + (n - 0.5) * cell, side + (n - 0.5) * cell, -0.5 * cell])
    low[2] = high[2] - np.round(GROUND_DEPTH_M / cell) * cell
    field = draw(kernel, rng[1], (low, high), cell, length, ratio)
    kernels = layer_kernels(field.values.shape, float(low[2]), cell, SENSOR_HEIGHT)
    effect = ground_gravity(stations, field, sd, kernels)

    noise_sd = rng[2].uniform(3.0, 6.0)
    noise = noise_sd * _unit_noise(seed, rng[2], len(stations))
    regional = rng[3].uniform(-100, 100) + stations[:, :2] @ rng[3].uniform(-0.5, 0.5, 2)

    covariance = sd**2 * ground_covariance(stations, kernels, cell, kernel, length, ratio)
    covariance += noise_sd**2 * np.eye(len(stations))
    labels = {
        "kernel": np.array(kernel),
        "ground_sd": np.array(sd),
        "length_m": np.array(length),
        "horizontal_to_vertical": np.array(ratio),
        "noise": np.array("student-t5" if seed in STUDENT_SEEDS else "gaussian"),
    }
    world = Ground(stations, side, host, sd, field, covariance)
    return Site(world, effect, regional, noise, noise_sd, labels)


def make(seed: int) -> dict[str, np.ndarray]:
    """Make the null field and the two void fields of one seed.

    The first drive is drawn once, whatever its signal. The second (keys with `_snr8`) is the
    first drive of the same stream whose matched signal-to-noise is at least 8.
    """
    rng = [np.random.default_rng([21, seed, k]) for k in range(4)]
    site = lay(seed, rng)
    stations = site.world.stations
    return {
        "x": stations[:, 0],
        "y": stations[:, 1],
        "sensor_height_m": np.array(SENSOR_HEIGHT),
        "g_null_ugal": np.round(site.null, 3),
        "ground_effect_ugal": np.round(site.effect, 4),
        "sd_ugal": np.full(len(stations), np.round(site.noise_sd, 2)),
        **_voids(site.world, rng[0], site.null),
        "fill": np.array("air"),
        "host_density_kg_m3": np.array(site.world.host),
        **site.labels,
        "noise_sd": np.array(site.noise_sd),
        "seed": np.array(seed),
    }


def _unit_noise(seed: int, rng: np.random.Generator, n: int) -> Float:
    if seed in STUDENT_SEEDS:
        return rng.standard_t(STUDENT_DF, n) / np.sqrt(STUDENT_DF / (STUDENT_DF - 2))
    return rng.standard_normal(n)


def _voids(world: Ground, rng: np.random.Generator, null: Float) -> dict[str, np.ndarray]:
    """Draw drives until one is loud enough; keep the first one and that one."""
    area = Area(np.zeros(2), np.full(2, world.side), beyond=20.0)
    out: dict[str, np.ndarray] = {}
    for attempt in range(1, 101):
        radius = rng.uniform(1.0, 1.25)
        drive = crossing_drive(rng, area, radius, depth=(4.0, 8.0), least_cover=2.0)
        effect, plain = world.void(drive)
        snr = world.snr(effect)
        for suffix, wanted in (("", attempt == 1), ("_snr8", snr >= LOUD)):
            if wanted:
                out |= {
                    f"g_void{suffix}_ugal": np.round(null + effect, 3),
                    f"void_effect{suffix}_ugal": np.round(effect, 4),
                    f"void_effect_plain{suffix}_ugal": np.round(plain, 4),
                    f"axis{suffix}": np.array([drive.start, drive.end]),
                    f"axis_inside{suffix}": area.inside(drive.start, drive.end),
                    f"radius{suffix}_m": np.array(radius),
                    f"snr_matched{suffix}": np.array(snr),
                    f"draws{suffix}": np.array(attempt),
                }
        if snr >= LOUD:
            return out
    msg = "no drive of a hundred is loud enough in this ground"
    raise RuntimeError(msg)


def main(arguments: list[str]) -> None:
    """Make and write the seeds that the command line names."""
    folder = HERE / "data"
    folder.mkdir(exist_ok=True)
    for seed in [int(a) for a in arguments] or range(1, 21):
        began = time.perf_counter()
        w = make(seed)
        np.savez_compressed(folder / f"gravity_{seed:02d}.npz", **w)
        print(
            f"seed {seed}: {time.perf_counter() - began:.0f} s, {w['kernel']} sd {w['ground_sd']}"
            f" length {w['length_m']:.1f} m, noise {w['noise_sd']:.1f}, ground"
            f" {w['ground_effect_ugal'].std():.1f}, void {w['void_effect_ugal'].min():.1f} uGal,"
            f" depth {-w['axis'][:, 2].mean():.1f} m, matched SNR {w['snr_matched']:.1f},"
            f" loud draw {w['draws_snr8']}: {w['snr_matched_snr8']:.1f}",
            flush=True,
        )


if __name__ == "__main__":
    main(sys.argv[1:])
