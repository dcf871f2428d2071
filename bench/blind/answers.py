"""From the score maps of a peer to its answers: is there a target, where, which holes.

Every map, whatever made it, is read the same way: the alarm is its highest peak or its strongest
straight line, the axis its strongest straight line, the holes its peaks in turn, none closer to
another than a distance. What is free here is tuned on the tuning sites.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import griddata
from truth import CAP

Float = NDArray[np.float64]

SIDE, CELLS = 60.0, 60
CENTRES = np.arange(CELLS) + 0.5
GRID = np.stack(np.meshgrid(CENTRES, CENTRES, indexing="ij"), -1).reshape(-1, 2)
SHORTEST_M = 25.0
SENSOR_M = 0.3
DEPTHS_M = (1.0, 12.0)
REACH_M = 4.0
"""Resistivity lines speak for the ground between them and this far beside them."""


@dataclass(frozen=True)
class Settings:
    """What is tuned of one peer.

    Attributes
    ----------
    layer : str
        Which of the peer's maps.
    apart : float
        Least distance between holes, metres.
    alarm : str
        ``peak`` or ``line``.
    weight : float
        Of resistivity beside gravity, both standardised.
    sign : str
        ``resistive`` or ``either``.
    kappa : float or None
        Of a peer that orders its holes itself, by upper confidence bound.
    """

    layer: str
    apart: float = 3.0
    alarm: str = "peak"
    weight: float = 0.0
    sign: str = "resistive"
    kappa: float | None = None


@dataclass(frozen=True)
class Answer:
    """What a peer says of one site.

    Attributes
    ----------
    score : float
        Alarm; larger where a target is likelier.
    axis : ndarray, shape (n, 3)
        Its best axis, half a metre apart.
    holes : ndarray, shape (40, 2)
        Vertical holes in the order in which they are drilled while all before are dry.
    map : ndarray, shape (60, 60)
    """

    score: float
    axis: Float
    holes: Float
    map: Float


def standardised(values: Float) -> Float:
    """Less the median, over the spread of the middle half: a target is no part of its spread."""
    low, middle, high = np.quantile(values, (0.25, 0.5, 0.75))
    return (values - middle) / max((high - low) / 1.349, 1e-12)


@dataclass(frozen=True)
class _Chords:
    """Chords of the site, 5 degrees and a metre apart, their points one after the other.

    Attributes
    ----------
    points : ndarray, shape (n, 2)
    cell : ndarray, shape (n,)
        Number of the map's cell at each point.
    first : ndarray, shape (k + 1,)
        Where each chord starts, and the end.
    """

    points: Float
    cell: NDArray[np.int64]
    first: NDArray[np.int64]


@cache
def _chords() -> _Chords:
    parts = []
    for degrees in range(0, 180, 5):
        u = np.array([np.cos(np.radians(degrees)), np.sin(np.radians(degrees))])
        left = np.array([-u[1], u[0]])
        for offset in np.arange(-SIDE * 0.7, SIDE * 0.7, 1.0):
            t = np.arange(-SIDE, SIDE, 0.5)
            p = SIDE / 2 + offset * left + t[:, None] * u
            p = p[((p > 0.0) & (p < SIDE)).all(axis=1)]
            if len(p) * 0.5 >= SHORTEST_M:
                parts.append(p)
    points = np.concatenate(parts)
    cell = np.minimum(points.astype(int), CELLS - 1)
    first = np.cumsum([0, *(len(p) for p in parts)])
    return _Chords(points, cell[:, 0] * CELLS + cell[:, 1], first)


def strongest_line(values: Float) -> tuple[float, Float]:
    """Mean along a chord times the root of its length, and the chord, (n, 2)."""
    chords = _chords()
    n = np.diff(chords.first)
    sums = np.add.reduceat(values.ravel()[chords.cell], chords.first[:-1]) / n * np.sqrt(0.5 * n)
    best = int(sums.argmax())
    return float(sums[best]), chords.points[chords.first[best] : chords.first[best + 1]]


def peaks(values: Float, apart: float) -> Float:
    """Cells from the highest down, none closer to an earlier one than `apart`; `CAP` of them.

    Where the distance leaves no room for so many, it is halved for the rest.
    """
    left = values.ravel().copy()
    chosen: list[Float] = []
    while len(chosen) < CAP:
        best = int(left.argmax())
        if np.isneginf(left[best]):
            apart *= 0.5
            left = values.ravel().copy()
            for place in chosen:
                left[np.hypot(*(GRID - place).T) < apart] = -np.inf
            continue
        chosen.append(GRID[best])
        left[np.hypot(*(GRID - GRID[best]).T) < apart] = -np.inf
    return np.array(chosen)


def half_width_depth(values: Float, line: Float) -> float:
    """Depth of a horizontal cylinder: distance at which its anomaly falls to a half, metres."""
    u = line[-1] - line[0]
    n = np.array([-u[1], u[0]]) / np.linalg.norm(u)
    away = np.abs((GRID - line[0]) @ n)
    profile = np.array([values.ravel()[(away >= k) & (away < k + 1)].mean() for k in range(20)])
    far = float(np.median(profile[12:]))
    fallen = np.flatnonzero(profile - far < 0.5 * (profile[0] - far))
    half = float(fallen[0]) + 0.5 if len(fallen) else DEPTHS_M[1]
    return float(np.clip(half - SENSOR_M, *DEPTHS_M))


def resistivity_map(maps: dict[str, Float], sign: str) -> Float:
    """Lay the contrast along the lines over the site; 0 where no line speaks."""
    values = maps["resistive"]
    if sign == "either":
        values = np.maximum(values, maps["conductive"])
    place = maps["place"].reshape(-1, 2)
    laid = griddata(place, standardised(values).ravel(), GRID, method="linear")
    near = griddata(place, standardised(values).ravel(), GRID, method="nearest")
    away = np.min(np.linalg.norm(GRID[:, None] - place[None], axis=2), axis=1)
    out = np.where(np.isfinite(laid), laid, np.where(away < REACH_M, near, 0.0))
    return np.nan_to_num(out).reshape(CELLS, CELLS)


@dataclass(frozen=True)
class _Reading:
    """A site's map, with resistivity laid over it, and its strongest line with its depth."""

    maps: dict[str, Float]
    values: Float
    strength: float
    axis: Float


@lru_cache(maxsize=256)
def _reading(store: Path, site: str, peer: str, layer: str, weight: float, sign: str) -> _Reading:
    maps = _load(store / f"{site}_{peer}.npz")
    values = standardised(maps[layer])
    lines = store / f"{site}_ert-{peer}.npz"
    if weight > 0.0 and lines.exists():
        values = values + weight * resistivity_map(_load(lines), sign)
    strength, line = strongest_line(values)
    if "depth" in maps:
        cell = np.minimum(line.astype(int), CELLS - 1)
        deep = maps["depth"][cell[:, 0], cell[:, 1]]
        depth = float(np.average(deep, weights=np.maximum(values[cell[:, 0], cell[:, 1]], 1e-6)))
    else:
        depth = half_width_depth(maps[layer], line)
    return _Reading(maps, values, strength, np.column_stack([line, np.full(len(line), -depth)]))


def _load(path: Path) -> dict[str, Float]:
    with np.load(path, allow_pickle=False) as file:
        return dict(file)


def answer(store: Path, site: str, peer: str, settings: Settings) -> Answer:
    """Read a peer's maps of a site and answer with the settings given."""
    read = _reading(store, site, peer, settings.layer, settings.weight, settings.sign)
    if settings.kappa is None:
        holes = peaks(read.values, settings.apart)
    else:
        holes = read.maps[f"holes_kappa{settings.kappa:g}"]
    score = float(read.values.max()) if settings.alarm == "peak" else read.strength
    return Answer(score, read.axis, holes, read.values)
