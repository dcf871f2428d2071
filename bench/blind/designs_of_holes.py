"""Holes without a survey: the best fixed pattern for the size of the target, and chance.

The pattern is chosen by the mean number of holes to the first hit, at most 40, over straight drives
drawn across the site (any heading, through its middle half, radius 0.9 to 1.25 m), as one would
choose it with a table of grid statistics. No site is looked at.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray
from truth import CAP

Float = NDArray[np.float64]

SIDE = 60.0
TRIALS = 2000
RANDOM_RUNS = 200


def _fence(spacing: float, along: int, at: float, order: str) -> Float:
    n = int(SIDE / spacing)
    s = (np.arange(n) + 0.5) * spacing + 0.5 * (SIDE - n * spacing)
    rank = {
        "end": np.arange(n),
        "centre": np.argsort(np.abs(s - SIDE / 2), kind="stable"),
        "halving": _halving(n),
    }[order]
    out = np.full((n, 2), at)
    out[:, along] = s[rank]
    return out


def _halving(n: int) -> NDArray[np.int64]:
    """Coarse to fine: always the middle of the widest gap."""
    chosen: list[int] = []
    while len(chosen) < n:
        free = [k for k in range(n) if k not in chosen]
        gap = [min([k + 1, n - k, *(abs(k - c) for c in chosen)]) for k in free]
        chosen.append(free[int(np.argmax(gap))])
    return np.array(chosen)


def _lattice(n: int, triangular: bool, order: str) -> Float:
    """About `n` points of a square or triangular lattice over the site."""
    step = np.sqrt(SIDE**2 / n * (2 / np.sqrt(3) if triangular else 1.0))
    row = step * (np.sqrt(3) / 2 if triangular else 1.0)
    points = [
        (x + (0.5 * step if triangular and k % 2 else 0.0), y)
        for k, y in enumerate(np.arange(row / 2, SIDE, row))
        for x in np.arange(step / 2, SIDE, step)
    ]
    out = np.array([p for p in points if p[0] < SIDE])
    if order == "centre":
        return out[np.argsort(np.hypot(*(out - SIDE / 2).T), kind="stable")]
    return out


def patterns() -> dict[str, Float]:
    """All patterns that are compared, each cut or filled to 40 holes."""
    found: dict[str, Float] = {}
    for order in ("end", "centre", "halving"):
        for spacing in (1.5, 2.0, 2.5):
            first = _fence(spacing, 0, SIDE / 2, order)
            found[f"fence, {spacing:g} m apart, {order}"] = np.concatenate(
                [first, _fence(spacing, 1, SIDE / 2, order)]
            )
    for order in ("end", "centre"):
        for triangular in (False, True):
            name = "triangular" if triangular else "square"
            found[f"{name} grid, {order}"] = _lattice(CAP, triangular, order)
    return {name: _filled(p) for name, p in found.items()}


def _filled(points: Float) -> Float:
    """Cut to 40 holes; where there are fewer, the rest are drawn by chance with a fixed seed."""
    rng = np.random.default_rng(1)
    more = rng.uniform(0.0, SIDE, (max(0, CAP - len(points)), 2))
    return np.concatenate([points, more])[:CAP]


def _drives(rng: np.random.Generator) -> tuple[Float, Float, Float]:
    """Points, unit headings and radii of straight drives."""
    point = rng.uniform(SIDE / 4, 3 * SIDE / 4, (TRIALS, 2))
    heading = rng.uniform(0.0, np.pi, TRIALS)
    return point, np.stack([np.cos(heading), np.sin(heading)], 1), rng.uniform(0.9, 1.25, TRIALS)


@cache
def best_pattern() -> tuple[str, Float, float]:
    """Name, holes (40, 2) and mean holes to the first hit of the best pattern."""
    point, u, radius = _drives(np.random.default_rng(7))
    normal = np.stack([-u[:, 1], u[:, 0]], axis=1)
    best: tuple[str, Float, float] | None = None
    for name, holes in patterns().items():
        off = np.abs(((holes[None] - point[:, None]) * normal[:, None]).sum(axis=2))
        hit = off <= radius[:, None]
        first = np.where(hit.any(axis=1), hit.argmax(axis=1) + 1, CAP)
        if best is None or first.mean() < best[2]:
            best = (name, holes, float(first.mean()))
    if best is None:
        problem = "no pattern of holes"
        raise RuntimeError(problem)
    return best


def random_orders(site_number: int) -> Float:
    """Holes by chance, (200, 40, 2): a seed for each site."""
    return np.random.default_rng([3, site_number]).uniform(0.0, SIDE, (RANDOM_RUNS, CAP, 2))
