"""Foreign ground between two galleries, and holes that are not where they are said to be.

First arrivals by the eikonal equation over 2-D grids. No field is one of our kernels, no error is
one that the likelihood knows of by name. A *level* panel lies between two galleries in rock, 30 m
by 20 m, P waves at 2 kHz, 5 km/s; an *upright* one between two holes in soil is 5 m by 12 m, radar
at 100 MHz, 0.1 m/ns (as in ``crosshole_worlds``):

* ``dykes`` (level): one to four straight sheets of any strike, 0.4 to 3 m thick, that are 4 to 25 %
  slower, as shear zones and dykes are in granite;
* ``skewed`` (level): velocity that depends on direction as an ellipse of 12 % does, exactly and not
  to first order, with an axis of any direction, and one dyke;
* ``triggers`` (level): the zero time of a shot is off by 0.1 ms, and along the receivers of a shot
  picks drift by another 0.03 ms, correlated over 8 m (a trace with a bad onset has bad neighbours);
* ``blasted`` (level): four to eight pockets of loosened rock in the walls of both galleries, 2 to
  7 m long and 0.5 to 3 m deep, 10 to 40 % slower;
* ``washed`` (upright): four to eight pockets beside the holes, 0.4 to 2 m long and 0.1 to 0.6 m
  deep, 20 % faster (drained, a cavity) to 50 % slower (wet backfill);
* ``bent`` (upright): both holes leave their surveyed line smoothly, by 2 % of the depth;
* ``faulted`` (upright): one or two planes that dip by 20 to 70 degrees, 0.2 to 1 m thick, 10 to
  25 % slower or faster.

All have small heterogeneity (2 % in rock, 3 % in soil, correlated over 1 or 2 m) and independent
errors. In an upright panel the void is a circle in the eikonal grid. A drive within a level panel
is no matter of two dimensions (the wave goes over it): there it is the closed form of the response,
a tenth too large, which was checked against exact waves elsewhere.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parent.parent / "tests" / "physics"))
from eikonal import first_arrivals

from subterra.ground import correlation
from subterra.physics import make_rays, traveltime_response
from subterra.scene import Plane, Prior, make_scene, slot
from subterra.tables import TravelTimeTable

KINDS = ("dykes", "skewed", "triggers", "bent", "faulted", "blasted", "washed")
LEVEL = ("dykes", "skewed", "triggers", "blasted")
UPRIGHT = ("bent", "faulted", "washed")
DEPTH_M = 15.0
"""Of the level panels."""
PRIORS = {
    **dict.fromkeys(LEVEL, Prior((-1.0, -1.0, 21.0, 31.0), 30.0, surface=Plane())),
    **dict.fromkeys(UPRIGHT, Prior((-1.0, -1.0, 6.0, 1.0), 13.0)),
}
"""Where a drive is looked for."""
SLOWNESS_NS_PER_M = {"air": 3.336, "water": 30.0}


class Panel:
    """Grid of a panel: ``u`` from one hole to the other, ``v`` along them, metres."""

    def __init__(self, wide, long, h, slowness):
        self.wide, self.long, self.h, self.slowness = wide, long, h, slowness
        axes = (h * np.arange(round(size / h) + 1) for size in (wide, long))
        self.u, self.v = np.meshgrid(*axes, indexing="ij")

    def field(self, length, rng):
        """Exponential field of unit variance."""
        roots = []
        for at in (self.u[:, 0], self.v[0]):
            k = correlation(at[:, None] - at[None, :], length, 0.5)
            roots.append(np.linalg.cholesky(k + 1e-9 * np.eye(len(at))))
        return roots[0] @ rng.standard_normal(self.u.shape) @ roots[1].T

    def sheet(self, angle, at, thick):
        """Whether a place lies in a straight sheet through ``at`` along ``angle`` (radians)."""
        off = -(self.u - at[0]) * np.sin(angle) + (self.v - at[1]) * np.cos(angle)
        return np.abs(off) < 0.5 * thick


ROCK = Panel(20.0, 30.0, 0.2, 0.2)
SOIL = Panel(5.0, 12.0, 0.05, 10.0)


def smooth(at, length, rng):
    """Gaussian process of unit variance along a hole, (n,)."""
    k = np.exp(-0.5 * ((at[:, None] - at[None, :]) / length) ** 2)
    return np.linalg.cholesky(k + 1e-6 * np.eye(len(at))) @ rng.standard_normal(len(at))


def dykes(rng, most=4):
    out = 0.02 * ROCK.field(2.0, rng)
    for _ in range(rng.integers(1, most + 1)):
        place = rng.uniform((2.0, 3.0), (18.0, 27.0))
        inside = ROCK.sheet(rng.uniform(0.0, np.pi), place, rng.uniform(0.4, 3.0))
        out = np.where(inside, out + rng.uniform(0.04, 0.25), out)
    return out


def pockets(panel, rng, long, deep, slower):
    """Half ellipses beside both holes: ranges of length, depth into the wall, and slowness."""
    out = np.zeros_like(panel.u)
    for _ in range(rng.integers(4, 9)):
        hole, at = panel.wide * rng.integers(0, 2), rng.uniform(1.0, panel.long - 1.0)
        half, into = 0.5 * rng.uniform(*long), rng.uniform(*deep)
        inside = ((panel.u - hole) / into) ** 2 + ((panel.v - at) / half) ** 2 < 1.0
        out = np.where(inside, rng.uniform(*slower), out)
    return out


def blasted(rng):
    return 0.02 * ROCK.field(2.0, rng) + pockets(ROCK, rng, (2.0, 7.0), (0.5, 3.0), (0.1, 0.4))


def washed(rng):
    return 0.03 * SOIL.field(1.0, rng) + pockets(SOIL, rng, (0.4, 2.0), (0.1, 0.6), (-0.2, 0.5))


def faulted(rng):
    out = 0.03 * SOIL.field(1.0, rng)
    for _ in range(rng.integers(1, 3)):
        place = rng.uniform((0.5, 2.0), (4.5, 10.0))
        angle = np.radians(rng.uniform(20.0, 70.0)) * rng.choice([-1.0, 1.0])
        inside = SOIL.sheet(angle, place, rng.uniform(0.2, 1.0))
        out = np.where(inside, out + rng.uniform(0.10, 0.25) * rng.choice([-1.0, 1.0]), out)
    return out


def _arrivals(panel, relative, at, far, void=None):
    """Times (n, m) from ``at`` along the first hole to ``far`` along the other."""
    slowness = panel.slowness * np.maximum(1.0 + relative, 0.4)
    if void is not None:
        place, depth, radius, fill = void
        inside = np.hypot(panel.u - place, panel.v - depth) < radius
        slowness = np.where(inside, SLOWNESS_NS_PER_M[fill], slowness)
    even = np.full_like(slowness, panel.slowness)
    column = np.rint(far / panel.h).astype(int)
    out = panel.slowness * np.hypot(panel.wide, at[:, None] - far[None, :])
    for row, place in enumerate(at):
        node = (0, round(place / panel.h))
        late = first_arrivals(slowness, panel.h, node, 1)
        out[row] += (late - first_arrivals(even, panel.h, node, 1))[-1, column]
    return out


def drive(angle_deg, u, v, radius):
    """Air-filled drive in the plane of a level panel, through (u, v)."""
    c, s = np.cos(np.radians(angle_deg)), np.sin(np.radians(angle_deg))
    axis = [[u + t * c, v + t * s, -DEPTH_M] for t in (-40.0, 40.0)]
    return make_scene([{"family": "driven", "fill": "air", "radius": radius, "axis": axis}])


def level_world(kind, seed, void=None):
    """Picks between two galleries: 15 shots, 30 receivers, up to 50 degrees off the normal.

    ``void`` is a scene.
    """
    rng = np.random.default_rng((20261124, KINDS.index(kind), seed))
    shot, far = np.arange(1.0, 29.1, 2.0), np.arange(0.6, 29.6, 1.0)
    if kind == "triggers":
        relative = 0.02 * ROCK.field(2.0, rng)
    elif kind == "blasted":
        relative = blasted(rng)
    else:
        relative = dykes(rng, 1 if kind == "skewed" else 4)
    time = _arrivals(ROCK, relative, shot, far)
    if kind == "skewed":
        bearing = np.arctan2(far[None, :] - shot[:, None], ROCK.wide) - rng.uniform(0.0, np.pi)
        time = time * np.hypot(np.cos(bearing), 1.12 * np.sin(bearing))
    if kind == "triggers":
        time = time + 0.1 * rng.standard_normal(len(shot))[:, None]
        time = time + 0.03 * np.array([smooth(far, 8.0, rng) for _ in shot])
    time = time + 0.02 * rng.standard_normal(time.shape)
    i, j = np.nonzero(np.abs(shot[:, None] - far[None, :]) < ROCK.wide * np.tan(np.radians(50.0)))
    zero, z = np.zeros(len(i)), np.full(len(i), -DEPTH_M)
    time = time[i, j]
    if void is not None:
        ends = np.column_stack([zero, shot[i], z]), np.column_stack([zero + ROCK.wide, far[j], z])
        host = np.full(len(i), 1e-3 * ROCK.slowness)
        late = traveltime_response(slot(void, 0), make_rays(*ends), host, 0.0005 / host, "seismic")
        time = time + 1.1 * late[0]
    return TravelTimeTable(
        "seismic", "ms", zero, shot[i], z, zero + ROCK.wide, far[j], z, time, zero + 0.02,
        np.full(len(i), 2000.0), shot=tuple(f"s{k}" for k in i),
    )  # fmt: skip


def upright_world(kind, seed, void=None, step=0.5):
    """Picks between two holes, up to 45 degrees; ``void`` is (u, depth, radius, fill)."""
    rng = np.random.default_rng((20261124, KINDS.index(kind), seed))
    depth = np.arange(1.0, 11.01, step)
    if kind == "bent":
        relative = 0.03 * SOIL.field(1.0, rng)
    else:
        relative = faulted(rng) if kind == "faulted" else washed(rng)
    time = _arrivals(SOIL, relative, depth, depth, void)
    if kind == "bent":
        # The wave goes from where the antennas are; the file says where they should be.
        a, b, c, d = (0.02 * depth * smooth(depth, 4.0, rng) for _ in range(4))
        true = np.hypot(SOIL.wide + b[None, :] - a[:, None], depth + d - (depth + c)[:, None])
        time = time + SOIL.slowness * (true - np.hypot(SOIL.wide, depth - depth[:, None]))
    time = time + 0.5 * rng.standard_normal(time.shape)
    i, j = np.nonzero(np.abs(depth[:, None] - depth[None, :]) <= SOIL.wide)
    zero = np.zeros(len(i))
    return TravelTimeTable(
        "radar", "ns", zero, zero, -depth[i], zero + SOIL.wide, zero, -depth[j], time[i, j],
        zero + 0.5,
    )  # fmt: skip


def world(kind, seed, void=None):
    """Picks of one world, see the module."""
    make = level_world if kind in LEVEL else upright_world
    return make(kind, seed, void)
