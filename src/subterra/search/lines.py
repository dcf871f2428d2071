"""Where a line of stations, or a panel between two holes, would cross what may be there.

A survey line and a crosshole panel both test a vertical rectangle under a straight line in plan.
Which of many would be worth weighing is told by geometry alone: the probability that an unmet
target crosses the rectangle. Lines are laid across the targets of the belief, where they are.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from subterra.scene import Prior
from subterra.search.axes import Axes

__all__ = ["Line", "best_lines", "crossing_depths", "crossing_places", "lay_lines"]

Array = npt.NDArray[Any]

_AIMED: Final = 48
_AZIMUTHS: Final = (0.0, 45.0, 90.0, 135.0)
_APART: Final = 0.5
"""Share of a line's length by which the middles of two that are weighed lie apart at least."""
_STEP_M: Final = 0.1


@dataclass(frozen=True)
class Line:
    """A straight line in plan, m."""

    x0: float
    y0: float
    x1: float
    y1: float

    @property
    def length_m(self) -> float:
        """Metres from end to end."""
        return math.hypot(self.x1 - self.x0, self.y1 - self.y0)

    @property
    def middle(self) -> tuple[float, float]:
        """Its middle."""
        return 0.5 * (self.x0 + self.x1), 0.5 * (self.y0 + self.y1)

    def at(self, part: Array) -> tuple[Array, Array]:
        """Places x, y at shares of its length."""
        return self.x0 + part * (self.x1 - self.x0), self.y0 + part * (self.y1 - self.y0)


def crossing_depths(axes: Axes, prior: Prior, line: Line) -> Array:
    """How deep chains cross the vertical plane under a line, between its ends.

    Parameters
    ----------
    axes : Axes
        ``k`` chains.
    prior : Prior
        Gives the surface.
    line : Line
        The line.

    Returns
    -------
    (k,) numpy.ndarray
        Depth of the axis under the ground where it first crosses, m; NaN where it does not.
    """
    x, y, z = (getattr(axes, v).astype(np.float64) + axes.origin[i] for i, v in enumerate("xyz"))
    return _at_crossing(axes, line, prior.surface.at(x, y) - z)


def crossing_places(axes: Axes, line: Line) -> Array:
    """How far along a line chains cross it first, (k,) m; NaN where they do not."""
    return _at_crossing(axes, line, _in_frame(axes, line)[1])


def _in_frame(axes: Axes, line: Line) -> tuple[Array, Array]:
    """Vertices (k, V) across and along a line, m."""
    length = max(line.length_m, 1e-9)
    ux, uy = (line.x1 - line.x0) / length, (line.y1 - line.y0) / length
    x = axes.x.astype(np.float64) + axes.origin[0] - line.x0
    y = axes.y.astype(np.float64) + axes.origin[1] - line.y0
    return y * ux - x * uy, x * ux + y * uy


def _at_crossing(axes: Axes, line: Line, values: Array) -> Array:
    """Values (k, V) of the vertices, linear between them, where each chain first crosses."""
    across, along = _in_frame(axes, line)
    first, step = across[:, :-1], -np.diff(across, axis=1)
    part = np.divide(first, step, out=np.full_like(first, -1.0), where=step != 0.0)
    place = along[:, :-1] + part * np.diff(along, axis=1)
    met = (part >= 0.0) & (part <= 1.0) & (place >= 0.0) & (place <= line.length_m)
    rows, where = np.arange(len(met)), np.argmax(met, axis=1)
    found = values[rows, where] + part[rows, where] * (
        values[rows, where + 1] - values[rows, where]
    )
    return np.where(met.any(axis=1), found, np.nan)


def lay_lines(
    axes: Axes, prior: Prior, weight: Array, length_m: float, *, seed: int = 0
) -> list[Line]:
    """Lay lines across unmet targets drawn by weight, and in four fixed directions over them.

    Parameters
    ----------
    axes : Axes
        Objects of the scenes.
    prior : Prior
        Bounds, inside which both ends must lie.
    weight : (n,) numpy.ndarray
        Posterior weights.
    length_m : float
        Of each line; cut to what the bounds hold.
    seed : int
        Of the draw.

    Returns
    -------
    list of Line
        Ends to the decimetre, no line twice; empty where there is no target.
    """
    mass = weight[axes.scene] * axes.target
    if not mass.sum() > 0.0:
        return []
    rng = np.random.default_rng(seed)
    at = (np.arange(_AIMED) + rng.random()) / _AIMED * mass.sum()
    rows = np.minimum(np.searchsorted(np.cumsum(mass), at, side="right"), len(mass) - 1)
    out: dict[Line, None] = {}
    for row in rows:
        place = _inside(axes, prior, int(row), rng)
        if place is None:
            continue
        x, y, heading = place
        for azimuth in (heading + 90.0, *_AZIMUTHS):
            line = _fitted(prior, x, y, azimuth, length_m)
            if line is not None:
                out[line] = None
    return list(out)


def _inside(
    axes: Axes, prior: Prior, row: int, rng: np.random.Generator
) -> tuple[float, float, float] | None:
    """A place of a chain inside the bounds, and its heading there in degrees."""
    x, y = axes.x[row] + axes.origin[0], axes.y[row] + axes.origin[1]
    knots = np.linspace(0.0, len(x) - 1.0, 65)
    at = [np.interp(knots, np.arange(len(x)), v) for v in (x, y)]
    x0, y0, x1, y1 = prior.bounds
    held = np.flatnonzero((at[0] >= x0) & (at[0] <= x1) & (at[1] >= y0) & (at[1] <= y1))
    if not len(held):
        return None
    k = int(held[rng.integers(len(held))])
    first = min(int(knots[k]), len(x) - 2)
    east, north = float(x[first + 1] - x[first]), float(y[first + 1] - y[first])
    heading = math.degrees(math.atan2(east, north)) if east or north else 0.0
    return float(at[0][k]), float(at[1][k]), heading


def _fitted(prior: Prior, x: float, y: float, azimuth_deg: float, length_m: float) -> Line | None:
    """A line over a place, moved along itself and cut so that it lies inside the bounds."""
    east, north = math.sin(math.radians(azimuth_deg)), math.cos(math.radians(azimuth_deg))
    x0, y0, x1, y1 = prior.bounds
    low, high = -math.inf, math.inf
    for at, step, first, last in ((x, east, x0, x1), (y, north, y0, y1)):
        if abs(step) > 1e-9:
            ends = sorted(((first - at) / step, (last - at) / step))
            low, high = max(low, ends[0]), min(high, ends[1])
    length = min(length_m, high - low)
    if length < 0.5 * length_m:
        return None
    start = min(max(-0.5 * length, low), high - length)
    ends = [(x + t * east, y + t * north) for t in (start, start + length)]
    (ax, ay), (bx, by) = [
        tuple(float(np.round(v / _STEP_M) * _STEP_M) for v in end) for end in ends
    ]
    return Line(ax, ay, bx, by)


def best_lines(
    axes: Axes,
    prior: Prior,
    weight: Array,
    lines: Sequence[Line],
    depth_m: tuple[float, float],
    n: int,
    allowed: Callable[[Line], bool] = lambda _: True,
) -> list[tuple[Line, float]]:
    """Choose lines that an unmet target crosses with the largest probability.

    Parameters
    ----------
    axes, prior, weight
        Objects of the scenes, the site and the posterior weights.
    lines : sequence of Line
        To choose from.
    depth_m : (float, float)
        Depths between which a crossing counts.
    n : int
        Lines wanted.
    allowed : callable
        Hard gate.

    Returns
    -------
    list of (Line, float)
        Best first, with P(an unmet target crosses). After the first, each is the best for the
        scenes that no earlier one crosses, and none lies close to an earlier one.
    """
    left = np.asarray(weight, np.float64).copy()
    met = [_scenes_crossed(axes, prior, line, depth_m, len(weight)) for line in lines]
    open_lines = [k for k, line in enumerate(lines) if allowed(line)]
    out: list[tuple[Line, float]] = []
    while open_lines and len(out) < n:
        best = max(open_lines, key=lambda k: (float(left @ met[k]), -k))
        if not float(left @ met[best]) > 0.0:
            break
        line = lines[best]
        out.append((line, float(weight @ met[best])))
        left = left * ~met[best]
        open_lines = [k for k in open_lines if _apart(line, lines[k])]
    return out


def _scenes_crossed(
    axes: Axes, prior: Prior, line: Line, depth_m: tuple[float, float], n: int
) -> Array:
    """Scenes with an unmet target that crosses, (n,) bool."""
    out = np.zeros(n, bool)
    deep = crossing_depths(axes, prior, line)
    # A depth of NaN is between no two depths.
    out[axes.scene[(deep >= depth_m[0]) & (deep <= depth_m[1]) & axes.target]] = True
    return out


def _apart(one: Line, other: Line) -> bool:
    (ax, ay), (bx, by) = one.middle, other.middle
    return math.hypot(ax - bx, ay - by) >= _APART * min(one.length_m, other.length_m)
