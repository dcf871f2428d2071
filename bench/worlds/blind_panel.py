"""A crosshole radar panel of a blind site: first arrivals by the eikonal equation.

The plane between two vertical holes 6 m apart; ground is a random slowness field of the site's
kernel, a void a region of another slowness where the plane cuts it. Picks have noise of their own
and an error per antenna place, correlated over a metre of hole.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from blind_people import HOLE_LENGTH_M, clear, inside
from chains import Chain
from numpy.typing import NDArray
from random_ground import draw

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tests" / "physics"))
from eikonal import first_arrivals

Float = NDArray[np.float64]

APART_M, CELL_M = 6.0, 0.05
DEEPEST_M, MOST_TAN = 13.0, 1.0
HOST_NS_PER_M = 10.0
SLOWNESS = {"air": 3.336, "water": 30.0}
NOISE_NS, PLACE_NS = 0.5, 0.7


def place_holes(
    target: Chain, chains: list[Chain], side: float, rng: np.random.Generator
) -> tuple[Float, Float]:
    """Collars of two holes; every second panel straddles the target or what stands for it."""
    axis = inside(target, side)
    on_it = bool(rng.random() < 0.5) and len(axis) > 0
    while True:
        middle = axis[rng.integers(len(axis)), :2] if on_it else rng.uniform(8.0, side - 8.0, 2)
        heading = rng.uniform(0.0, np.pi)
        half = 0.5 * APART_M * np.array([np.cos(heading), np.sin(heading)])
        a, b = (middle + k * half for k in (-1.0, 1.0))
        within = min(a.min(), b.min()) > 1.0 and max(a.max(), b.max()) < side - 1.0
        if within and clear(a, chains) and clear(b, chains):
            return a.round(2), b.round(2)


def picks(
    holes: tuple[Float, Float],
    voids: list[tuple[Chain, str]],
    kernel: str,
    rng: np.random.Generator,
) -> Float:
    """Rows of source depth, receiver depth, time in ns."""
    slowness = _ground(kernel, rng)
    a, b = holes
    u, z = np.meshgrid(*(CELL_M * np.arange(n) for n in slowness.shape), indexing="ij")
    heading = (b - a) / np.linalg.norm(b - a)
    where = np.stack([a[0] + u * heading[0], a[1] + u * heading[1], -z], axis=-1)
    for chain, fill in voids:
        slowness = np.where(chain.distance(where) < chain.radius, SLOWNESS[fill], slowness)
    even = np.full_like(slowness, HOST_NS_PER_M)
    depth = np.arange(1.0, DEEPEST_M + 0.01, 0.5)
    late, early = (_along_hole(depth, rng) for _ in range(2))
    rows = []
    for i in range(0, len(depth), 2):
        node = (0, round(depth[i] / CELL_M))
        # What the grid makes of even ground is taken off, so that its error is not in the data.
        more = first_arrivals(slowness, CELL_M, node) - first_arrivals(even, CELL_M, node)
        for j, r in enumerate(depth):
            if abs(r - depth[i]) <= MOST_TAN * APART_M:
                straight = HOST_NS_PER_M * float(np.hypot(APART_M, r - depth[i]))
                noise = late[i] + early[j] + NOISE_NS * rng.standard_normal()
                rows.append((depth[i], r, straight + more[-1, round(r / CELL_M)] + noise))
    return np.array(rows)


def _ground(kernel: str, rng: np.random.Generator) -> Float:
    """Slowness, ns/m, on the nodes of the panel, shape (across, down)."""
    low, high = np.array([0.0, 0.0, -HOLE_LENGTH_M]), np.array([APART_M, 0.0, 0.0])
    length, ratio = rng.uniform(1.5, 5.0), float(rng.choice([1.0, 2.0, 4.0]))
    field = draw(kernel, rng, (low, high), CELL_M, length, ratio).values[:, 0, ::-1]
    return HOST_NS_PER_M * np.maximum(1.0 + rng.uniform(0.03, 0.07) * field, 0.5)


def _along_hole(depth: Float, rng: np.random.Generator) -> Float:
    c = np.exp(-np.abs(depth[:, None] - depth[None]))
    return PLACE_NS * np.linalg.cholesky(c + 1e-9 * np.eye(len(c))) @ rng.standard_normal(len(c))
