"""Voids of any course: chains of capsules, and courses cut out of surveyed mines and caves.

With `SUBTERRA_DATA` the courses are the gently inclined passages of the Wheal Pell mine (Survex,
A. Cooper-Davis) and of the Sakany cave (J.-P. Cassou, from karstnet); without it a bent or a
sinuous course is drawn in their place, which is then said with the site.
"""

from __future__ import annotations

import csv
import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Float = NDArray[np.float64]
Int = NDArray[np.int64]

FLAT = 0.35
"""Steepest rise per plan metre of a passage that may be part of a course."""
SHORTEST_M, LONGEST_M = 45.0, 160.0


@dataclass(frozen=True)
class Chain:
    """A void: everything within `radius` of a polyline.

    Attributes
    ----------
    points : ndarray, shape (k, 3)
        Metres, z up.
    radius : float
    """

    points: Float
    radius: float

    def distance(self, where: Float) -> Float:
        """Distance of points (..., 3) to the polyline, metres."""
        best = np.full(where.shape[:-1], np.inf)
        for a, b in zip(self.points[:-1], self.points[1:], strict=True):
            d = b - a
            t = np.clip((where - a) @ d / max(float(d @ d), 1e-12), 0.0, 1.0)
            best = np.minimum(best, np.linalg.norm(where - a - t[..., None] * d, axis=-1))
        return best

    def sampled(self, step: float) -> Float:
        """Points along the polyline, at most `step` apart, shape (n, 3)."""
        parts = []
        for a, b in zip(self.points[:-1], self.points[1:], strict=True):
            n = max(1, int(np.ceil(np.linalg.norm(b - a) / step)))
            parts.append(a + (np.arange(n) / n)[:, None] * (b - a))
        return np.concatenate([*parts, self.points[-1:]])


def chain_boxes(chain: Chain, voxel: float) -> tuple[Float, Float]:
    """Cut a chain into cubes; joints count once.

    Returns
    -------
    centre : ndarray, shape (m, 3)
    fraction : ndarray, shape (m,)
        Share of each cube inside, from 4 x 4 x 4 points.
    """
    reach = chain.radius + voxel
    found: set[tuple[int, int, int]] = set()
    for a, b in zip(chain.points[:-1], chain.points[1:], strict=True):
        low = np.floor((np.minimum(a, b) - reach) / voxel).astype(int)
        high = np.ceil((np.maximum(a, b) + reach) / voxel).astype(int)
        for i in range(low[0], high[0]):
            j, k = np.meshgrid(
                np.arange(low[1], high[1]), np.arange(low[2], high[2]), indexing="ij"
            )
            index = np.stack([np.full(j.size, i), j.ravel(), k.ravel()], axis=1)
            near = Chain(np.stack([a, b]), chain.radius).distance((index + 0.5) * voxel) <= reach
            found.update(map(tuple, index[near].tolist()))
    centre = (np.array(sorted(found)) + 0.5) * voxel
    sub = (np.arange(4) - 1.5) / 4 * voxel
    offsets = np.stack(np.meshgrid(sub, sub, sub, indexing="ij"), -1).reshape(-1, 3)
    inside = sum((chain.distance(centre + o) <= chain.radius).astype(float) for o in offsets)
    keep = inside > 0
    return centre[keep], inside[keep] / len(offsets)


def mine_courses() -> list[Float] | None:
    """Gently inclined courses of the Wheal Pell mine, or None where the data are not given."""
    path = _data("geom_mine_wheal_pell", "pell_legs.csv")
    if path is None:
        return None
    with path.open(newline="") as source:
        rows = [r for r in csv.DictReader(source) if "SPLAY" not in (r["flags"] or "")]
    ends = np.array([[float(r[k]) for k in ("x1", "y1", "z1", "x2", "y2", "z2")] for r in rows])
    place = np.round(ends.reshape(-1, 3), 2)
    nodes, number = np.unique(place, axis=0, return_inverse=True)
    return _courses(nodes, number.reshape(-1, 2))


def cave_courses() -> list[Float] | None:
    """Courses of the Sakany cave, or None where the data are not given."""
    path = _data("geom_karstnet", "data", "Sakany_nodes.dat")
    if path is None:
        return None
    nodes = np.loadtxt(path)
    links = np.loadtxt(path.with_name("Sakany_links.dat"), dtype=int) - 1
    return _courses(nodes, links)


def _data(*parts: str) -> Path | None:
    root = os.environ.get("SUBTERRA_DATA")
    path = Path(root, *parts) if root else None
    return path if path is not None and path.is_file() else None


def _courses(nodes: Float, links: Int) -> list[Float]:
    """Walk from every node, straightest on, until a passage ends or is long enough."""
    beside: dict[int, list[int]] = {}
    for i, j in links.tolist():
        run = float(np.hypot(*(nodes[j] - nodes[i])[:2]))
        if run > 0.3 and abs(nodes[j, 2] - nodes[i, 2]) <= FLAT * run:
            beside.setdefault(i, []).append(j)
            beside.setdefault(j, []).append(i)
    courses, seen = [], set()
    for first in sorted(beside):
        for second in sorted(beside[first]):
            path = _walk(nodes, beside, first, second)
            length = float(np.linalg.norm(np.diff(nodes[path], axis=0), axis=1).sum())
            key = frozenset(path)
            if length >= SHORTEST_M and key not in seen:
                seen.add(key)
                courses.append(nodes[path])
    return courses


def _walk(nodes: Float, beside: dict[int, list[int]], first: int, second: int) -> list[int]:
    path, length = [first, second], float(np.linalg.norm(nodes[second] - nodes[first]))
    while length < LONGEST_M:
        here = nodes[path[-1]] - nodes[path[-2]]
        ways = []
        for to in beside[path[-1]]:
            step = nodes[to] - nodes[path[-1]]
            cosine = float(here @ step / (np.linalg.norm(here) * np.linalg.norm(step)))
            if to not in path and cosine > -0.2:
                ways.append((-cosine, to))
        if not ways:
            break
        to = min(ways)[1]
        length += float(np.linalg.norm(nodes[to] - nodes[path[-1]]))
        path.append(to)
    return path


def drawn_course(rng: np.random.Generator, length: float, bend: float) -> Float:
    """A course without a model in the field: steps of 5 m whose heading wanders by `bend` rad."""
    n = int(length / 5.0)
    heading = rng.uniform(0, 2 * np.pi) + np.cumsum(bend * rng.standard_normal(n))
    steps = 5.0 * np.stack([np.cos(heading), np.sin(heading), 0.03 * rng.standard_normal(n)], 1)
    return np.concatenate([np.zeros((1, 3)), np.cumsum(steps, axis=0)])


def laid(
    course: Float,
    rng: np.random.Generator,
    side: float,
    depth: tuple[float, float],
    radius: float,
    least_cover: float,
) -> Chain:
    """Turn a course and lay it below a square of `side` metres.

    Its middle comes to lie in the middle half of the square. Heights keep their pattern; they are
    flattened so that the ground over the crown is at least `least_cover` thick and the axis keeps
    within 4 m of its mean depth.
    """
    turn = rng.uniform(0, 2 * np.pi)
    c, s = np.cos(turn), np.sin(turn)
    xy = (course[:, :2] - course[:, :2].mean(axis=0)) @ np.array([[c, s], [-s, c]])
    along = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(xy, axis=0).T))])
    middle = np.array([np.interp(along[-1] / 2, along, xy[:, k]) for k in (0, 1)])
    xy = xy - middle + rng.uniform(side / 4, 3 * side / 4, 2)
    mean = rng.uniform(*depth)
    z = course[:, 2] - course[:, 2].mean()
    room = min(mean - radius - least_cover, 4.0)
    z = z * min(1.0, room / max(float(np.abs(z).max()), 1e-9))
    return Chain(np.column_stack([xy, z - mean]), radius)
