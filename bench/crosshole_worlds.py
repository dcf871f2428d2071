"""Foreign crosshole ground: first arrivals by the eikonal equation through beds, lenses, contrasts.

A radar panel of 5 m by 12 m in ground that is no Gaussian field, after what borehole radar sees in
glacial sand, clay till and limestone. Four kinds:

* ``beds``: layers of log-normal thickness (median 0.8 m) whose slowness differs by 8 %, dipping by
  up to 6 degrees, with 3 % of small heterogeneity;
* ``lenses``: even ground with six to fourteen ellipses, 0.5 to 5 m long and a quarter to a tenth as
  thick, of -15 to +30 % of the slowness (wet clay is slow);
* ``contrast``: two or three thick layers that differ by 25 to 45 %, so that waves refracted along a
  fast layer arrive first, with 3 % of small heterogeneity;
* ``rough``: an isotropic field of 8 % on three scales.

In all of them a pick has 0.5 ns of noise of its own, and what the picks of one antenna place share
(cavities, a tilted antenna) has a standard deviation of 0.7 ns and is correlated over 1 m of hole.
A void is a circle of other slowness across the panel.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parent.parent / "tests" / "physics"))
from eikonal import first_arrivals

from crosshole_discrepancy import DEEP, WIDE, H, field
from subterra.scene import Prior
from subterra.tables import TravelTimeTable

KINDS = ("beds", "lenses", "contrast", "rough")
PRIOR = Prior((-1.0, -1.0, WIDE + 1.0, 1.0), 13.0)
HOST_NS_PER_M = 10.0
"""Moist sand and till: 0.1 m/ns."""
NOISE_NS, PLACE_NS = 0.5, 0.7
SLOWNESS_NS_PER_M = {"air": 3.336, "water": 30.0}


def places():
    """Nodes of the grid."""
    x, z = (H * np.arange(round(size / H) + 1) for size in (WIDE, DEEP))
    return np.meshgrid(x, z, indexing="ij")


def layered(rng, thickness, differences):
    """Layers with dips of up to 6 degrees."""
    x, z = places()
    dip = np.tan(np.radians(rng.uniform(-6.0, 6.0)))
    depth = z + dip * x
    edges, values = np.cumsum(thickness) - 2.0, differences
    return values[np.clip(np.searchsorted(edges, depth), 0, len(values) - 1)]


def small(rng, amplitude):
    """Heterogeneity of half a metre across and a metre along."""
    return amplitude * field(1.0, 2.0, 0.5, rng)


def beds(rng):
    thickness = rng.lognormal(np.log(0.8), 0.6, 40)
    return layered(rng, thickness, 0.08 * rng.standard_normal(40)) + small(rng, 0.03)


def lenses(rng):
    x, z = places()
    out = small(rng, 0.03)
    for _ in range(rng.integers(6, 15)):
        half = 0.5 * np.exp(rng.uniform(np.log(0.5), np.log(5.0)))
        thin = half * rng.uniform(0.1, 0.25)
        u, v = x - rng.uniform(0.0, WIDE), z - rng.uniform(1.0, 11.5)
        turn = np.radians(rng.uniform(-10.0, 10.0))
        along, across = u * np.cos(turn) + v * np.sin(turn), v * np.cos(turn) - u * np.sin(turn)
        inside = (along / half) ** 2 + (across / max(thin, 0.1)) ** 2 < 1.0
        out = np.where(inside, rng.uniform(-0.15, 0.30) + small(rng, 0.0), out)
    return out


def contrast(rng):
    n = rng.integers(2, 4)
    thickness = np.append(rng.uniform(3.0, 6.0, n - 1), 50.0)
    step = rng.uniform(0.25, 0.45) * rng.choice([-1.0, 1.0])
    values = np.where(np.arange(n) % 2 == 0, -0.5 * step, 0.5 * step)
    return layered(rng, np.append(thickness[:1] + 2.0, thickness[1:]), values) + small(rng, 0.03)


def rough(rng):
    parts = [(0.75, 1.0, 0.5), (2.0, 1.0, 0.5), (6.0, 2.0, 0.5)]
    return 0.08 / np.sqrt(3.0) * sum(field(*part, rng) for part in parts)


def along_hole(depths, rng):
    """Error of each antenna place, correlated over a metre."""
    depths = np.asarray(depths)
    covariance = np.exp(-np.abs(depths[:, None] - depths[None, :]) / 1.0)
    return (
        PLACE_NS
        * np.linalg.cholesky(covariance + 1e-9 * np.eye(len(depths)))
        @ (rng.standard_normal(len(depths)))
    )


def world(kind, seed, void=None, step=0.5, most_deg=45.0):
    """Picks of one panel; ``void`` is (x, depth, radius, fill)."""
    rng = np.random.default_rng((20261123, KINDS.index(kind), seed))
    slowness = HOST_NS_PER_M * np.maximum(1.0 + globals()[kind](rng), 0.4)
    if void is not None:
        x, z = places()
        inside = np.hypot(x - void[0], z - void[1]) < void[2]
        slowness = np.where(inside, SLOWNESS_NS_PER_M[void[3]], slowness)
    depth = np.arange(1.0, 11.01, step)
    late, early = along_hole(depth, rng), along_hole(depth, rng)
    rows = []
    even = np.full_like(slowness, HOST_NS_PER_M)
    for i, z in enumerate(depth):
        node = (0, round(z / H))
        times = first_arrivals(slowness, H, node) - first_arrivals(even, H, node)
        for j, r in enumerate(depth):
            if abs(r - z) > WIDE * np.tan(np.radians(most_deg)):
                continue
            time = HOST_NS_PER_M * np.hypot(WIDE, r - z) + times[-1, round(r / H)]
            time += late[i] + early[j] + NOISE_NS * rng.standard_normal()
            rows.append((z, r, time))
    z, r, time = np.array(rows).T
    zero = np.zeros(len(z))
    return TravelTimeTable(
        "radar", "ns", zero, zero, -z, zero + WIDE, zero, -r, time, zero + NOISE_NS
    )
