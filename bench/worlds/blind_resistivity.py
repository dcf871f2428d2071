"""Resistivity of a blind site: three lines of 25 electrodes over a mesh-solved ground."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from born import ground_covariance, sensitivity
from chains import Chain
from dc_mesh import MeshSize, Solver, apparent_resistivity, build_mesh
from drives import Drive
from matched import matched_snr
from numpy.typing import NDArray
from random_ground import draw

if TYPE_CHECKING:
    from blind_design import Design

Float = NDArray[np.float64]

SPACING, COUNT, LINES, APART = 2.0, 25, 3, 8.0
SIZE = MeshSize(along=0.6, across=0.6, segments=24)
AIR = 1e-6


def layout(rng: np.random.Generator) -> tuple[Float, NDArray[np.int64]]:
    """Electrodes (75, 2) and zero-based abmn (576, 4): dipoles of 2 m (n <= 6), 4 m (n <= 5)."""
    along = np.arange(COUNT) * SPACING + rng.integers(4, 9)
    across = np.arange(LINES) * APART + rng.integers(16, 29)
    t, s = np.meshgrid(across, along, indexing="ij")
    place = np.column_stack([s.ravel(), t.ravel()]).astype(float)
    rows = [
        (COUNT * k + i, COUNT * k + i + a, COUNT * k + i + (n + 1) * a, COUNT * k + i + (n + 2) * a)
        for k in range(LINES)
        for a, most in ((1, 6), (2, 5))
        for n in range(1, most + 1)
        for i in range(COUNT - (n + 2) * a)
    ]
    return place if rng.random() < 0.5 else place[:, ::-1].copy(), np.array(rows)


def survey(
    d: Design, target: Chain, fill: str, rng: np.random.Generator
) -> tuple[str, float, Float]:
    """Return the unified data file, the matched signal-to-noise and the electrodes.

    A null site is solved on the mesh of the drive that it lacks, with the ground in its place.
    """
    electrodes, abmn = layout(rng)
    mean = float(np.exp(rng.uniform(np.log(50.0), np.log(300.0))))
    sd = float(rng.choice([0.2, 0.3, 0.4, 0.6]))
    length = float(np.exp(rng.uniform(np.log(2.0), np.log(10.0))))
    ratio = float(rng.choice([1.0, 2.0, 4.0]))
    level = float(rng.uniform(0.02, 0.03))
    box = (
        np.array([*electrodes.min(axis=0) - 20.0, -20.0]),
        np.array([*electrodes.max(axis=0) + 20.0, 0.0]),
    )
    field = draw(d.kernel, rng, box, 0.5, length, ratio)
    noise = 1.0 + level * rng.standard_normal(len(abmn))
    ratio_of_fill = float(rng.uniform(5.0, 10.0)) if fill == "water" else AIR
    mesh = build_mesh(Drive(target.points[0], target.points[-1], target.radius), electrodes, SIZE)
    solver = Solver(mesh, electrodes)
    sigma = np.exp(-sd * field(mesh.centroids())) / mean
    rhoa = apparent_resistivity(solver.potentials(sigma), electrodes, abmn)
    snr = 0.0
    if d.void:
        filled = np.where(mesh.in_drive, ratio_of_fill / mean, sigma)
        with_void = apparent_resistivity(solver.potentials(filled), electrodes, abmn)
        jacobian, shape, _ = sensitivity(electrodes, abmn)
        covariance = sd**2 * ground_covariance(jacobian, shape, d.kernel, length, ratio)
        covariance += level**2 * np.eye(len(abmn))
        snr = matched_snr(np.log(with_void / rhoa), covariance, np.ones((len(abmn), 1)))
        rhoa = with_void
    return _unified(electrodes, abmn, rhoa * noise, level), snr, electrodes


def _unified(electrodes: Float, abmn: NDArray[np.int64], rhoa: Float, level: float) -> str:
    lines = [str(len(electrodes)), "# x y z"]
    lines += [f"{x:g} {y:g} 0" for x, y in electrodes]
    lines += [str(len(abmn)), "# a b m n rhoa err"]
    lines += [
        f"{a + 1} {b + 1} {m + 1} {n + 1} {r:.5g} {level:.4f}"
        for (a, b, m, n), r in zip(abmn, rhoa, strict=True)
    ]
    return "\n".join([*lines, "0"]) + "\n"
