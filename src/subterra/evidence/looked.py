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

_CELLS: Final = 96


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

    def box(self) -> tuple[float, float, float, float]:
        """Bounds x0, y0, x1, y1 of the area, m."""
        if self.corners is None:
            (x, y), r = self.centre, self.radius_m
            return x - r, y - r, x + r, y + r
        low, high = self.corners.min(axis=0), self.corners.max(axis=0)
        return float(low[0]), float(low[1]), float(high[0]), float(high[1])

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
    """Probability that a sign is noticed, on a raster over the site and all areas looked at.

    Parameters
    ----------
    x0_m, y0_m, dx_m, dy_m : float
        South-west corner and size of the cells.
    unseen : (2, n_kind, ny, nx) numpy.ndarray
        Probability that no look notices a sign: of a target, and a look-alike.
    """

    x0_m: float
    y0_m: float
    dx_m: float
    dy_m: float
    unseen: Array

    def missed(self, kind: int, x: Array, y: Array) -> Array:
        """Probability (2, …) that no look notices a sign at places of any shape."""
        n = self.unseen.shape[-1]
        i = np.floor((y - self.y0_m) / self.dy_m)
        j = np.floor((x - self.x0_m) / self.dx_m)
        inside = (i >= 0) & (i < n) & (j >= 0) & (j < n)
        rows = np.where(inside, i, 0).astype(np.intp)
        columns = np.where(inside, j, 0).astype(np.intp)
        return np.where(inside, self.unseen[:, kind, rows, columns], 1.0)

    def mean_missed_alike(
        self, kind: int, bounds: tuple[float, float, float, float]
    ) -> float:
        """Mean over the site of the probability that no look notices a look-alike."""
        n = self.unseen.shape[-1]
        x = self.x0_m + self.dx_m * (np.arange(n) + 0.5)
        y = self.y0_m + self.dy_m * (np.arange(n) + 0.5)
        columns = (x >= bounds[0]) & (x <= bounds[2])
        rows = (y >= bounds[1]) & (y <= bounds[3])
        inside = self.unseen[1, kind][np.ix_(rows, columns)]
        return float(inside.mean()) if inside.size else 1.0


def coverage_of(
    looks: tuple[Look, ...], bounds: tuple[float, float, float, float]
) -> Coverage:
    """Combine looks, each of which notices a sign or not independently of the others.

    Parameters
    ----------
    looks : tuple of Look
        Areas.
    bounds : tuple of float
        Of the site, m.
    """
    boxes = np.array([bounds, *(look.box() for look in looks)])
    x0, y0 = boxes[:, :2].min(axis=0)
    x1, y1 = boxes[:, 2:].max(axis=0)
    dx, dy = float(x1 - x0) / _CELLS, float(y1 - y0) / _CELLS
    middle = np.arange(_CELLS) + 0.5
    x, y = np.meshgrid(x0 + dx * middle, y0 + dy * middle)
    unseen = np.ones((2, len(SIGN_KINDS), _CELLS, _CELLS))
    for look in looks:
        inside = look.holds(x, y)
        for t, kind in enumerate(SIGN_KINDS):
            for which, seen in enumerate(visibility(kind, look.season, look.weather)):
                unseen[which, t] *= np.where(inside, 1.0 - look.p_notice * seen, 1.0)
    return Coverage(float(x0), float(y0), dx, dy, unseen)


def chance_seen(terms: SignTerms, kind: str, season: str = "", weather: str = "") -> Array:
    """Probability (2,) that a sign is noticed where nobody looked: of a target, a look-alike."""
    return terms.seen_by_chance * np.array(visibility(kind, season, weather))
