"""Measure the accuracy of the worlds' physics and print it (the numbers of the README).

Usage: python bench/worlds/verify.py
"""

from __future__ import annotations

import demo_field
import numpy as np
import resistivity_worlds as gallery
from dc_mesh import MeshSize, Solver, apparent_resistivity, build_mesh
from drives import Area, Drive, crossing_drive
from matched import ground_covariance
from prisms import boxes, drive_boxes, ground_gravity, layer_kernels
from random_ground import KERNELS, draw
from scipy.special import ivp, kv, kvp

REFINEMENT = 1.5


def _rms(values: np.ndarray) -> float:
    return float(np.sqrt((values**2).mean()))


def vertical_contact() -> None:
    """Two quarter-spaces against the images of the source, electrodes on both sides."""
    electrodes, abmn = gallery.layout()
    drive = Drive(np.array([-20.0, 14.3, -2.5]), np.array([40.0, 19.7, -2.5]), 1.0)
    mesh = build_mesh(drive, electrodes, gallery.SIZE)
    solver = Solver(mesh, electrodes)
    contact = mesh.plane_x[len(mesh.plane_x) // 2]
    x = solver.centre[:, 0]
    side = solver.xy[:, 0] > contact
    for ratio in (1.5, 3.0):
        rho = np.array([100.0, 100.0 * ratio])
        u = solver.potentials(1 / rho[(x > contact).astype(int)])
        own, other = rho[side.astype(int)], rho[1 - side.astype(int)]
        k = (other - own) / (other + own)
        image = solver.xy.copy()
        image[:, 0] = 2 * contact - image[:, 0]
        r = np.linalg.norm(solver.xy[:, None] - solver.xy[None], axis=2)
        ri = np.linalg.norm(image[:, None] - solver.xy[None], axis=2)
        np.fill_diagonal(r, np.nan)
        same = side[:, None] == side[None]
        exact = own[:, None] / (2 * np.pi)
        exact = exact * np.where(same, 1 / r + k[:, None] / ri, (1 + k[:, None]) / r)
        got = apparent_resistivity(u, electrodes, abmn)
        want = apparent_resistivity(exact, electrodes, abmn)
        # Where an electrode stands next to the contact the removal of its pole is at its worst.
        error = np.log(np.abs(got / want))
        clear = np.abs(solver.xy[abmn, 0] - contact).min(axis=1) > 0.5
        print(
            f"vertical contact 1:{ratio}: rms {_rms(error):.3%}, max {np.abs(error).max():.3%};"
            f" electrodes > 0.5 m from it: rms {_rms(error[clear]):.3%}, max"
            f" {np.abs(error[clear]).max():.3%} ({clear.sum()} of {len(clear)})"
        )


def _scattered(d: np.ndarray, phi: np.ndarray, z: np.ndarray, a: float) -> np.ndarray:
    """Potential (times 4 pi sigma / I) scattered by an insulating cylinder in full space.

    `d` holds the distances of source and receiver to the axis, shape (n, 2).
    """
    node, weight = np.polynomial.legendre.leggauss(160)
    top = 30.0 / (d.sum(axis=1).min() - 2 * a)
    k, w = 0.5 * top * (node + 1), 0.5 * top * weight
    out = np.zeros(len(d))
    for m in range(9):
        radial = -(ivp(m, k * a) / kvp(m, k * a)) * kv(m, np.outer(d[:, 0], k))
        radial *= kv(m, np.outer(d[:, 1], k))
        out += (1 if m == 0 else 2) * np.cos(m * phi) * ((radial * np.cos(np.outer(z, k))) @ w)
    return 2 / np.pi * out


def insulating_cylinder() -> None:
    """An air drive against the Bessel series of a cylinder and its mirror image.

    Multiple scattering between the two, of relative size (a / 2 z)^2, is left out.
    """
    abmn = demo_field.dipole_dipole(25, 2)
    s, t = np.meshgrid(np.arange(25) * 2.5 - 30.0, np.array([-5.0, 5.0]))
    electrodes = np.column_stack([s.ravel(), t.ravel()])
    u = np.array([np.cos(np.deg2rad(60.0)), np.sin(np.deg2rad(60.0))])
    for radius, depth in ((0.7, 5.0), (1.0, 5.0)):
        ends = [np.array([*(v * 130.0 * u), -depth]) for v in (-1, 1)]
        mesh = build_mesh(Drive(ends[0], ends[1], radius), electrodes, demo_field.SIZE)
        solver = Solver(mesh, electrodes)
        sigma = np.where(mesh.in_drive, 1e-6, 1.0)
        response = apparent_resistivity(solver.potentials(sigma), electrodes, abmn) - 1
        along, across = electrodes @ u, electrodes @ np.array([-u[1], u[0]])
        d = np.hypot(across, depth)
        i, j = np.triu_indices(len(electrodes), 1)
        angle = np.arctan2(across, depth)
        pair = _scattered(
            np.column_stack([d[i], d[j]]), angle[i] - angle[j], along[i] - along[j], radius
        )
        potential = np.full((len(d), len(d)), np.nan)
        r = np.linalg.norm(electrodes[i] - electrodes[j], axis=1)
        potential[i, j] = (1 / r + 2 * pair) / (2 * np.pi)
        potential[j, i] = potential[i, j]
        series = apparent_resistivity(potential, electrodes, abmn) - 1
        print(
            f"insulating cylinder radius {radius} depth {depth}: rms difference"
            f" {_rms(response - series) / _rms(series):.2%} of the signal's rms (multiple"
            f" scattering {(radius / 2 / depth) ** 2:.2%}); signal rms {_rms(series):.4f}"
        )


def refinement() -> None:
    """Solve worlds again on meshes with all sizes divided, ground and drive the same."""
    for seed in (1,):
        truth = demo_field.draw_truth(np.random.default_rng([20, seed, 0]))
        electrodes = demo_field.place_lines(truth, np.random.default_rng([20, seed, 2]))
        abmn = demo_field.dipole_dipole(25, 4)
        _refine(f"demo {seed}", truth.drive, electrodes, abmn, demo_field.SIZE, 0.3)
    electrodes, abmn = gallery.layout()
    area = Area(electrodes.min(axis=0), electrodes.max(axis=0), 15.0)
    for radius, depth in ((1.0, 3.0), (1.25, 2.0)):
        rng = np.random.default_rng(5)
        drive = crossing_drive(rng, area, radius, (depth, depth), 0.7)
        _refine(f"gallery {radius}/{depth}", drive, electrodes, abmn, gallery.SIZE, 0.75)


def _refine(
    name: str, drive: Drive, electrodes: np.ndarray, abmn: np.ndarray, size: MeshSize, sd: float
) -> None:
    low = np.array([*electrodes.min(axis=0) - 20.0, -20.0])
    high = np.array([*electrodes.max(axis=0) + 20.0, 0.0])
    field = draw("exponential", np.random.default_rng(1), (low, high), 0.5, 5.0, 2.0)
    null, effect, water = [], [], []
    for mesh_size in (size, size.finer(REFINEMENT)):
        mesh = build_mesh(drive, electrodes, mesh_size)
        solver = Solver(mesh, electrodes)
        sigma = np.exp(-sd * field(mesh.centroids()))
        ground, air, wet = (
            apparent_resistivity(solver.potentials(v), electrodes, abmn)
            for v in (
                sigma,
                np.where(mesh.in_drive, demo_field.AIR, sigma),
                np.where(mesh.in_drive, 8.0, sigma),
            )
        )
        null.append(np.log(ground))
        effect.append(np.log(air / ground))
        water.append(np.log(wet / ground))
    print(
        f"refinement by {REFINEMENT}, {name}, sd {sd}: air effect changes by"
        f" {_rms(effect[0] - effect[1]) / _rms(effect[1]):.2%} of its rms"
        f" {_rms(effect[1]):.4f}, water by {_rms(water[0] - water[1]) / _rms(water[1]):.2%} of"
        f" {_rms(water[1]):.4f}; log rhoa of the ground by {_rms(null[0] - null[1]):.3%} rms"
    )


def prisms() -> None:
    """Convolution against a plain sum, voxels against finer ones, covariance against draws."""
    rng = np.random.default_rng(3)
    low, high = np.array([0.5, 0.5, -9.5]), np.array([39.5, 39.5, -0.5])
    field = draw("exponential", rng, (low, high), 1.0, 4.0, 2.0)
    stations = np.array([[10.0, 12.0, 0.3], [20.0, 20.0, 0.3], [33.0, 4.0, 0.3]])
    grid = [low[i] + np.arange(n) for i, n in enumerate(field.values.shape)]
    cells = np.stack(np.meshgrid(*grid, indexing="ij"), -1).reshape(-1, 3)
    plain = boxes(stations, cells, np.full(3, 0.5), field.values.ravel())
    fast = ground_gravity(stations, field, 1.0)
    print(f"convolution against the sum over prisms: {np.abs(fast - plain).max():.1e} uGal")

    start, end = np.array([0.0, 0.0, -4.0]), np.array([60.0, 40.0, -6.0])
    line = np.column_stack([np.linspace(0, 60, 40), np.linspace(-8, 48, 40), np.full(40, 0.3)])
    void = {}
    for voxel in (0.25, 0.1):
        centre, share = drive_boxes(start, end, 1.0, voxel)
        void[voxel] = boxes(line, centre, np.full(3, voxel / 2), -2200 * share)
    change = np.abs(void[0.25] - void[0.1]).max() / np.abs(void[0.1]).max()
    print(f"drive of 0.25 m voxels against 0.1 m: {change:.3%} of the peak")

    x, y = np.meshgrid(np.arange(4, 37, 8.0), np.arange(4, 37, 8.0), indexing="ij")
    stations = np.column_stack([x.ravel(), y.ravel(), np.full(x.size, 0.3)])
    low, high = np.array([-29.5, -29.5, -19.5]), np.array([69.5, 69.5, -0.5])
    table = layer_kernels((100, 100, 20), float(low[2]), 1.0, 0.3)
    for kernel in KERNELS:
        fields = (draw(kernel, rng, (low, high), 1.0, 4.0, 2.0) for _ in range(60))
        samples = np.array([ground_gravity(stations, f, 1.0, table) for f in fields])
        samples -= samples.mean(axis=1, keepdims=True)
        c = ground_covariance(stations, table, 1.0, kernel, 4.0, 2.0)
        n = len(stations)
        centring = np.eye(n) - 1 / n
        want = np.sqrt(np.trace(centring @ c @ centring) / n)
        print(
            f"{kernel}: sd between stations drawn {_rms(samples):.4f}, by covariance {want:.4f}"
            f" uGal per kg/m3"
        )


if __name__ == "__main__":
    vertical_contact()
    insulating_cylinder()
    refinement()
    prisms()
