"""Foreign resistivity worlds: a gallery-like survey on a mesh, with and without a drive.

Usage: python bench/worlds/resistivity_worlds.py [SEED ...]     (default: 1 to 20)

14 x 9 electrodes at 2.5 m, all dipole-dipole data (2.5 m dipoles, n = 1 to 6) along every row and
column: 753 data, the layout of the Freiberg gallery survey.
"""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from born import ground_covariance, sensitivity
from dc_mesh import MeshSize, Solver, apparent_resistivity, build_mesh
from drives import Area, Drive, crossing_drive
from matched import matched_snr
from numpy.typing import NDArray
from random_ground import KERNELS, Field, draw

Float = NDArray[np.float64]
Int = NDArray[np.int64]

HERE = Path(__file__).resolve().parent
SPACING = 2.5
COLUMNS, ROWS = 9, 14
LOG_SDS = (0.2, 0.3, 0.4, 0.75)
WATER_SEEDS = (2, 5, 9, 12, 15, 20)
AIR = 1e-6
LOUD = 8.0
SIZE = MeshSize(along=0.45, across=0.45, segments=28)


def layout() -> tuple[np.ndarray, np.ndarray]:
    """Return electrodes (126, 2), index = column * 14 + row, and zero-based abmn (753, 4)."""
    x, y = np.meshgrid(np.arange(COLUMNS) * SPACING, np.arange(ROWS) * SPACING, indexing="ij")
    number = np.arange(COLUMNS * ROWS).reshape(COLUMNS, ROWS)
    profiles = [*number.T, *number]
    abmn = [
        (line[i], line[i + 1], line[i + 1 + n], line[i + 2 + n])
        for line in profiles
        for n in range(1, 7)
        for i in range(len(line) - n - 2)
    ]
    return np.column_stack([x.ravel(), y.ravel()]), np.array(abmn)


@dataclass(frozen=True)
class Ground:
    """Electrodes over a drawn resistivity field, and the covariance of their data.

    Attributes
    ----------
    electrodes : ndarray, shape (126, 2)
    abmn : ndarray of int, shape (753, 4)
    mean : float
        Ohm m.
    sd : float
        Of ln rho.
    field : Field
        Unit variance.
    covariance : ndarray, shape (753, 753)
        First-order covariance of ln rhoa: ground and noise.
    """

    electrodes: Float
    abmn: Int
    mean: float
    sd: float
    field: Field
    covariance: Float

    def solve(self, drive: Drive, fill: float) -> Surveys:
        """Solve the survey with and without a drive whose conductivity is `fill` times the mean."""
        mesh = build_mesh(drive, self.electrodes, SIZE)
        solver = Solver(mesh, self.electrodes)
        sigma = np.exp(-self.sd * self.field(mesh.centroids())) / self.mean
        plain = np.full(len(sigma), 1 / self.mean)

        def rhoa(s: Float, reference: Float | None = None) -> Float:
            return apparent_resistivity(solver.potentials(s, reference), self.electrodes, self.abmn)

        null = rhoa(sigma)
        off = np.full(len(self.electrodes), 0.9 / self.mean)
        return Surveys(
            null,
            np.log(rhoa(np.where(mesh.in_drive, fill / self.mean, sigma)) / null),
            np.log(rhoa(np.where(mesh.in_drive, fill / self.mean, plain)) / self.mean),
            rhoa(plain) / self.mean - 1,
            rhoa(plain, off) / self.mean - 1,
            len(mesh.nodes),
        )

    def snr(self, effect: Float) -> float:
        """Matched signal-to-noise of an effect on ln rhoa, its mean projected out."""
        return matched_snr(effect, self.covariance, np.ones((len(effect), 1)))


@dataclass(frozen=True)
class Surveys:
    """Noiseless solutions on one mesh.

    Attributes
    ----------
    null : ndarray
        Ohm m, without the drive.
    effect, effect_plain : ndarray
        ln of the ratio with / without the drive, in the drawn and in an even ground.
    error, error_off : ndarray
        Relative errors on an even ground; the second with a removed pole that is 10 % off.
    nodes : int
    """

    null: Float
    effect: Float
    effect_plain: Float
    error: Float
    error_off: Float
    nodes: int


def draw_ground(seed: int, rng: np.random.Generator, level: float) -> tuple[Ground, dict]:
    """Draw the ground of a seed; return it and its description."""
    electrodes, abmn = layout()
    kernel = KERNELS[(seed - 1) % len(KERNELS)]
    sd = LOG_SDS[(seed - 1) % len(LOG_SDS)]
    mean = float(np.exp(rng.uniform(np.log(50.0), np.log(300.0))))
    length = float(np.exp(rng.uniform(np.log(2.0), np.log(10.0))))
    ratio = float(rng.choice([1.0, 2.0, 4.0]))
    low = np.array([*electrodes.min(axis=0) - 20.0, -20.0])
    high = np.array([*electrodes.max(axis=0) + 20.0, 0.0])
    field = draw(kernel, rng, (low, high), 0.5, length, ratio)
    jacobian, shape, _ = sensitivity(electrodes, abmn)
    covariance = sd**2 * ground_covariance(jacobian, shape, kernel, length, ratio)
    covariance += level**2 * np.eye(len(abmn))
    about = {
        "mean_resistivity_ohm_m": np.array(mean),
        "kernel": np.array(kernel),
        "ground_sd": np.array(sd),
        "length_m": np.array(length),
        "horizontal_to_vertical": np.array(ratio),
    }
    return Ground(electrodes, abmn, mean, sd, field, covariance), about


def make(seed: int) -> dict[str, np.ndarray]:
    """Make the null and the void surveys of one seed.

    The first drive is drawn once, whatever its signal. The second (keys with `_snr8`) is the
    first drive of the same stream whose matched signal-to-noise is at least 8; its effect, solved
    with and without it on a mesh of its own, is laid on the same null survey.
    """
    rng = [np.random.default_rng([22, seed, k]) for k in range(3)]
    level = rng[2].uniform(0.02, 0.03)
    ground, about = draw_ground(seed, rng[1], level)
    noise = 1 + level * rng[2].standard_normal(len(ground.abmn))
    area = Area(ground.electrodes.min(axis=0), ground.electrodes.max(axis=0), beyond=15.0)
    water = seed in WATER_SEEDS
    out: dict[str, np.ndarray] = {}
    for attempt in range(1, 21):
        radius = rng[0].uniform(1.0, 1.25)
        drive = crossing_drive(rng[0], area, radius, depth=(2.0, 3.5), least_cover=0.7)
        fill = rng[0].uniform(5.0, 10.0) if water else AIR
        found = ground.solve(drive, fill)
        snr = ground.snr(found.effect)
        if attempt == 1:
            null = found.null
            out |= _null(ground, null, noise, level, found) | about
        for suffix, wanted in (("", attempt == 1), ("_snr8", snr >= LOUD)):
            if wanted:
                out |= {
                    f"rhoa_void{suffix}_ohm_m": _digits(null * np.exp(found.effect) * noise),
                    f"log_void_effect{suffix}": np.round(found.effect, 6),
                    f"log_void_effect_plain{suffix}": np.round(found.effect_plain, 6),
                    f"axis{suffix}": np.array([drive.start, drive.end]),
                    f"axis_inside{suffix}": area.inside(drive.start, drive.end),
                    f"radius{suffix}_m": np.array(radius),
                    f"conductivity_ratio{suffix}": np.array(fill),
                    f"snr_matched{suffix}": np.array(snr),
                    f"draws{suffix}": np.array(attempt),
                }
        if snr >= LOUD:
            return out | {"fill": np.array("water" if water else "air"), "seed": np.array(seed)}
    msg = "no drive of twenty is loud enough in this ground"
    raise RuntimeError(msg)


def _null(
    ground: Ground, null: Float, noise: Float, level: float, found: Surveys
) -> dict[str, np.ndarray]:
    return {
        "electrodes": ground.electrodes,
        "abmn": ground.abmn.astype(np.int16),
        "rhoa_null_ohm_m": _digits(null * noise),
        "rhoa_null_noiseless_ohm_m": _digits(null),
        "err": np.full(len(null), np.round(level, 4)),
        "noise_sd": np.array(level),
        "mesh_nodes": np.array(found.nodes),
        "homogeneous_error_rms": np.array(np.sqrt((found.error**2).mean())),
        "homogeneous_error_max": np.array(np.abs(found.error).max()),
        "reference_off_10_percent_rms": np.array(np.sqrt((found.error_off**2).mean())),
        "reference_off_10_percent_max": np.array(np.abs(found.error_off).max()),
    }


def _digits(values: np.ndarray) -> np.ndarray:
    """Round to five significant digits."""
    scale = 10.0 ** (4 - np.floor(np.log10(np.abs(values))))
    return np.round(values * scale) / scale


def main(arguments: list[str]) -> None:
    """Make and write the seeds that the command line names."""
    folder = HERE / "data"
    folder.mkdir(exist_ok=True)
    for seed in [int(a) for a in arguments] or range(1, 21):
        began = time.perf_counter()
        w = make(seed)
        np.savez_compressed(folder / f"resistivity_{seed:02d}.npz", **w)
        effect = w["log_void_effect"]
        print(
            f"seed {seed}: {time.perf_counter() - began:.0f} s, {w['mesh_nodes']} nodes,"
            f" {w['kernel']} sd {w['ground_sd']} length {w['length_m']:.1f} m, {w['fill']},"
            f" depth {-w['axis'][:, 2].mean():.1f} m, effect rms {np.sqrt((effect**2).mean()):.3f}"
            f" range {effect.min():.3f} to {effect.max():.3f}, matched SNR"
            f" {w['snr_matched']:.1f}, loud draw {w['draws_snr8']}: {w['snr_matched_snr8']:.1f},"
            f" homogeneous error"
            f" {w['homogeneous_error_rms']:.1e} (max {w['homogeneous_error_max']:.1e}); reference"
            f" 10 % off: {w['reference_off_10_percent_rms']:.2%}"
            f" (max {w['reference_off_10_percent_max']:.2%})",
            flush=True,
        )


if __name__ == "__main__":
    main(sys.argv[1:])
