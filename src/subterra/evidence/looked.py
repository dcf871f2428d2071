"""Where signs would have been noticed: areas looked at, on a raster."""

from __future__ import annotations

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

    Parameters
    ----------
    looks : tuple of Look
        Areas, each of which notices a sign or not independently of the others.
    frame : (4,) numpy.ndarray
        South-west corner of the raster and size of its cells, m. Outside of it axes count as not
        looked at.
    missed : (n_kind, ny, nx) numpy.ndarray
        Probability that no look notices a sign of a target.
    missed_alike : (n_kind,) numpy.ndarray
        Mean over the site of the probability that no look notices a look-alike.
    """

    looks: tuple[Look, ...]
    frame: Array
    missed: Array
    missed_alike: Array

    def missed_at(self, kind: int, x: Array, y: Array) -> Array:
        """Probability (2, n) that no look notices a sign of a target, a look-alike, at places."""
        return _missed(self.looks, SIGN_KINDS[kind], x, y)


def _missed(looks: tuple[Look, ...], kind: str, x: Array, y: Array) -> Array:
    missed = np.ones((2, *x.shape))
    for look in looks:
        inside = look.holds(x, y)
        for which, seen in enumerate(visibility(kind, look.season, look.weather)):
            missed[which] *= np.where(inside, 1.0 - look.p_notice * seen, 1.0)
    return missed


def coverage_of(looks: tuple[Look, ...], bounds: tuple[float, float, float, float]) -> Coverage:
    """Put looks on a raster of a site with the given bounds, m."""
    x0, y0, x1, y1 = bounds
    wide, high = x1 - x0, y1 - y0
    dx, dy = wide / _CELLS, high / _CELLS
    middle = np.arange(3 * _CELLS) + 0.5
    x, y = np.meshgrid(x0 - wide + dx * middle, y0 - high + dy * middle)
    inner = slice(_CELLS, 2 * _CELLS)
    missed, alike = np.empty((len(SIGN_KINDS), *x.shape)), np.empty(len(SIGN_KINDS))
    for t, kind in enumerate(SIGN_KINDS):
        both = _missed(looks, kind, x, y)
        missed[t], alike[t] = both[0], both[1, inner, inner].mean()
    return Coverage(looks, np.array([x0 - wide, y0 - high, dx, dy]), missed, alike)


def chance_seen(terms: SignTerms, kind: str, season: str = "", weather: str = "") -> Array:
    """Probability (2,) that a sign is noticed where nobody looked: of a target, a look-alike."""
    return terms.seen_by_chance * np.array(visibility(kind, season, weather))
