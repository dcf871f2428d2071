"""What people say at a blind site: reports true, false and told again, a mine map, dry holes."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
from chains import Chain
from numpy.typing import NDArray

Float = NDArray[np.float64]

FALSE_RATE = 1.5
"""Mean number of reports from places that have nothing to do with a target."""
NOTICED = 0.6
"""Chance that each of three people near a target says something."""
TIES_M = {"survey": 3.0, "topographic": 24.0}
HOLE_LENGTH_M = 14.0

Letters = tuple[tuple[str, list[float] | None], tuple[str, list[float] | None]]
LETTERS: Letters = (("ABCDF", None), ("BCDEF", None))
"""Letters of true and of false reports, and how often each (None: all alike)."""


def reports(
    chain: Chain, void: bool, side: float, rng: np.random.Generator, letters: Letters = LETTERS
) -> list[dict]:
    """Reports: false ones on every site, true ones where there is a target, some told again.

    Letters of true reports are better, but overlap with those of false ones.
    """
    axis = inside(chain, side)
    places = [(False, rng.uniform(5.0, side - 5.0, 2)) for _ in range(rng.poisson(FALSE_RATE))]
    if void and len(axis):
        places += [(True, axis[rng.integers(len(axis)), :2]) for _ in range(rng.binomial(3, 0.6))]
    items: list[dict[str, Any]] = []
    for k in rng.permutation(len(places)):
        true, xy = places[k]
        sd = float(np.round(rng.uniform(6.0, 12.0), 1))
        said = np.clip(xy + (sd * rng.standard_normal(2) if true else 0.0), 0.0, side)
        pool, share = letters[0 if true else 1]
        letter = str(rng.choice(list(pool), p=share))
        items.append(_item(items, letter, rng, f"origin-{k + 1}", said, sd))
        if rng.random() < 0.35:
            again = np.clip(said + 3.0 * rng.standard_normal(2), 0.0, side)
            items.append(_item(items, "F", rng, f"origin-{k + 1}", again, sd))
    return items


def _item(
    items: list[dict], letter: str, rng: np.random.Generator, origin: str, xy: Float, sd: float
) -> dict[str, Any]:
    number = len(items) + 1
    return {
        "id": f"R{number}",
        "source": f"source-{number}",
        "reliability": letter,
        "credibility": int(rng.integers(2, 5)),
        "origin": origin,
        "x": round(float(xy[0]), 1),
        "y": round(float(xy[1]), 1),
        "sd_m": sd,
    }


def mine_map(chain: Chain, rng: np.random.Generator) -> str:
    """GeoJSON of a plan on which a course is drawn, shifted and turned as its tie allows.

    On a site without a target the course was planned and never driven.
    """
    tie = str(rng.choice(list(TIES_M)))
    shift = TIES_M[tie] * rng.standard_normal(2)
    turn = np.radians(0.5 * rng.standard_normal())
    middle = chain.points[:, :2].mean(axis=0)
    c, s = np.cos(turn), np.sin(turn)
    xy = (chain.points[:, :2] - middle) @ np.array([[c, s], [-s, c]]) + middle + shift
    xy = xy + 0.5 * rng.standard_normal(xy.shape)
    feature = {
        "type": "Feature",
        "properties": {"line": "1", "sheet": "plan", "tie": tie},
        "geometry": {"type": "LineString", "coordinates": np.round(xy, 2).tolist()},
    }
    return json.dumps({"type": "FeatureCollection", "features": [feature]}) + "\n"


def dry_holes(
    count: int, chains: list[Chain], side: float, rng: np.random.Generator
) -> list[tuple[float, float]]:
    """Collars of vertical holes that pass every void, real or not, by a metre and more."""
    out: list[tuple[float, float]] = []
    while len(out) < count:
        xy = rng.uniform(4.0, side - 4.0, 2).round(1)
        if clear(xy, chains):
            out.append((float(xy[0]), float(xy[1])))
    return out


def clear(xy: Float, chains: list[Chain]) -> bool:
    """Whether a vertical hole passes all voids by a metre and more."""
    z = -np.arange(0.0, HOLE_LENGTH_M + 0.1, 0.2)
    line = np.column_stack([np.full(len(z), xy[0]), np.full(len(z), xy[1]), z])
    return all(c.distance(line).min() > c.radius + 1.0 for c in chains)


def inside(chain: Chain, side: float) -> Float:
    """Points of an axis below the square, half a metre apart, shape (n, 3)."""
    p = chain.sampled(0.5)
    return p[((p[:, :2] >= 0.0) & (p[:, :2] <= side)).all(axis=1)]
