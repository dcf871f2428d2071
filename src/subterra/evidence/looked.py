"""Where signs would have been noticed: areas looked at, on a raster."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from subterra.evidence.sign_rates import SignTerms, visibility
from subterra.tables import SIGN_KINDS

__all__ = ["Coverage", "Look", "chance_seen", "coverage_of"]

Array = npt.NDArray[Any]

_CELLS: Final = 64
"""Cells along each side of the site."""
_LEAST: Final = 4
"""Points along each side of a cell at which areas are told from what lies outside."""


@dataclass(frozen=True)
class Look:
    """One search of an area for signs.

    Parameters
    ----------
    id : str
        Name of the row.
    centre : (2,) tuple of float
        Of a disc, m.
    radius_m : float
        Of a disc, m.
    corners : (k, 2) numpy.ndarray or None
        Corners of a polygon, m; in place of the disc.
    p_notice : float
        Probability that a sign in it, visible then, was noticed.
    season, weather : str
        Or blank.
    """

    id: str
    centre: tuple[float, float]
    radius_m: float
    corners: Array | None
    p_notice: float
    season: str
    weather: str

    def holds(self, x: Array, y: Array) -> Array:
        """Whether places lie in the area."""
        if self.corners is None:
            r2 = (x - self.centre[0]) ** 2 + (y - self.centre[1]) ** 2
            return np.asarray(r2 <= self.radius_m**2)
        inside = np.zeros(np.broadcast_shapes(x.shape, y.shape), bool)
        ends = np.roll(self.corners, -1, axis=0)
        for (ax, ay), (bx, by) in zip(self.corners, ends, strict=True):
            crosses = (ay > y) != (by > y)
            with np.errstate(divide="ignore", invalid="ignore"):
                at = ax + (y - ay) * (bx - ax) / (by - ay)
            inside ^= crosses & (x < at)
        return inside


@dataclass(frozen=True)
class Coverage:
    """Looks, and on a raster over the site and as much around it what they miss.

    Beyond the raster looks are taken to go on as they are at its edge.

    Parameters
    ----------
    looks : tuple of Look
        Areas, each of which notices a sign or not independently of the others.
    frame : (4,) numpy.ndarray
        South-west corner of the raster and size of its cells, m.
    missed : (n_kind, 2, ny, nx) numpy.ndarray
        Mean over each cell of the probability that no look notices a sign of a target, a
        look-alike.
    """

    looks: tuple[Look, ...]
    frame: Array
    missed: Array

    def edges(self) -> tuple[Array, Array]:
        """Edges of the cells to east and to north, m."""
        x0, y0, dx, dy = self.frame
        ny, nx = self.missed.shape[-2:]
        return x0 + dx * np.arange(nx + 1), y0 + dy * np.arange(ny + 1)

    def missed_at(self, kind: int, x: Array, y: Array) -> Array:
        """Probability (2, n) that no look notices a sign of a target, a look-alike, at places."""
        east, north = self.edges()
        x, y = np.clip(x, east[0], east[-1]), np.clip(y, north[0], north[-1])
        missed = np.ones((2, *x.shape))
        for look in self.looks:
            inside = look.holds(x, y)
            for which, noticed in enumerate(_noticed(look, SIGN_KINDS[kind])):
                missed[which] *= np.where(inside, 1.0 - noticed, 1.0)
        return missed


def _noticed(look: Look, kind: str) -> tuple[float, float]:
    """Probability that a look notices a sign of a target, a look-alike, that is in its area."""
    genuine, alike = visibility(kind, look.season, look.weather)
    return look.p_notice * genuine, look.p_notice * alike


def coverage_of(looks: tuple[Look, ...], bounds: tuple[float, float, float, float]) -> Coverage:
    """Put looks on a raster of a site with the given bounds, m."""
    x0, y0, x1, y1 = bounds
    wide, high = x1 - x0, y1 - y0
    frame = np.array([x0 - wide, y0 - high, wide / _CELLS, high / _CELLS])
    n = 3 * _CELLS
    missed = np.ones((len(SIGN_KINDS), 2, n, n))
    for look in looks:
        rows, columns, share = _covered(look, frame, n)
        for t, kind in enumerate(SIGN_KINDS):
            for which, noticed in enumerate(_noticed(look, kind)):
                missed[t, which, rows, columns] *= 1.0 - noticed * share
    return Coverage(looks, frame, missed)


def _covered(look: Look, frame: Array, n: int) -> tuple[slice, slice, Array]:
    """Rows and columns of the raster that an area touches, and the share of each cell in it."""
    corners = look.corners
    if corners is None:
        corners = np.array(look.centre) + look.radius_m * np.array([[-1.0, -1.0], [1.0, 1.0]])
    low = np.floor((corners.min(axis=0) - frame[:2]) / frame[2:])
    high = np.ceil((corners.max(axis=0) - frame[:2]) / frame[2:])
    (left, bottom), (right, top) = (np.clip(v, 0, n).astype(int) for v in (low, high))
    # A small area is sampled as finely as a large one.
    fine = [max(_LEAST, math.ceil(_CELLS / max(k, 1))) for k in (right - left, top - bottom)]
    places = [
        frame[axis] + frame[2 + axis] * (start + (np.arange((end - start) * f) + 0.5) / f)
        for axis, start, end, f in ((0, left, right, fine[0]), (1, bottom, top, fine[1]))
    ]
    inside = look.holds(places[0][None], places[1][:, None])
    cells = inside.reshape(top - bottom, fine[1], right - left, fine[0])
    return slice(bottom, top), slice(left, right), cells.mean(axis=(1, 3))


def chance_seen(terms: SignTerms, kind: str, season: str = "", weather: str = "") -> Array:
    """Probability (2,) that a sign is noticed where nobody looked: of a target, a look-alike."""
    return terms.seen_by_chance * np.array(visibility(kind, season, weather))
