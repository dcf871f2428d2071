"""Reports of people: a place with uncertainty from a source that may be wrong.

An item is genuine, and then comes from a target, or it is clutter, spread evenly over the bounds
(and over all headings and depths) as far as the item itself can tell them.
The source's letter gives a Beta prior of the rate r of genuine items; with K the density of the
reported place (heading, depth) given the scene's targets and U that of clutter,

    L = E_r Π_origins [(1 − r) + r K/U],

one factor per *origin*: retellings share one factor, the geometric mean of theirs. Without a target
no item can be genuine (K = 0). F means that the reliability cannot be judged, not that it is low.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from types import MappingProxyType
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from scipy.special import betaln, roots_jacobi

from subterra.ground import layout_hash
from subterra.kernel import kernel
from subterra.scene import Objects, Prior, Scenes, segments, target_mask
from subterra.tables import ReportTable

__all__ = ["RELIABILITY", "ReportEvidence", "report_evidence"]

Array = npt.NDArray[Any]

RELIABILITY: Final[Mapping[str, tuple[float, float]]] = MappingProxyType(
    {
        "A": (18.0, 2.0),
        "B": (8.0, 2.0),
        "C": (5.0, 5.0),
        "D": (3.0, 7.0),
        "E": (1.0, 9.0),
        "F": (1.0, 1.0),
    }
)
"""Beta prior of the rate of genuine items by the source's letter; a convention to be tuned on the
source's record, never 0 or 1."""

_BLUR: Final = math.sqrt(2.0 * math.pi)
"""Clutter is spread over the range of the site widened by this many standard deviations of the
item: √(2π) makes an item so vague that it says nothing equally likely as clutter and as genuine."""
_N_RATE: Final = 12
_TUNNEL, _ENTRANCE = 0, 1
_KINDS: Final = ("tunnel", "entrance")


@kernel
def _segment_density(
    px: float, py: float, ax: float, ay: float, bx: float, by: float, sd: float
) -> float:
    """∫ over a plan segment of the round normal density around each of its points, 1/m."""
    dx, dy = bx - ax, by - ay
    length = math.sqrt(dx * dx + dy * dy)
    if length < 1e-6:
        return 0.0
    along = ((px - ax) * dx + (py - ay) * dy) / length
    across = ((px - ax) * dy - (py - ay) * dx) / length
    upper = math.erfc(-(length - along) / (sd * 1.4142135623730951))
    lower = math.erfc(along / (sd * 1.4142135623730951))
    bell = math.exp(-0.5 * (across / sd) ** 2) / (sd * 2.5066282746310002)
    return max(0.5 * (upper - lower), 0.0) * bell


@kernel
def _point_density(px: float, py: float, x: float, y: float, sd: float) -> float:
    """Round normal density around a point, 1/m²."""
    r2 = (px - x) ** 2 + (py - y) ** 2
    return math.exp(-0.5 * r2 / (sd * sd)) / (2.0 * math.pi * sd * sd)


@kernel
def _heading_density(away: float, sd: float) -> float:
    """Normal density wrapped on the half turn after which a line is itself again, 1/degree."""
    if sd > 90.0:
        return 1.0 / 180.0
    near = (away + 90.0) % 180.0 - 90.0
    total = 0.0
    for turn in range(-3, 4):
        total += math.exp(-0.5 * ((near + 180.0 * turn) / sd) ** 2)
    return total / (sd * 2.5066282746310002)


@kernel
def _clip(ax: float, ay: float, bx: float, by: float, box: Array) -> tuple[float, float]:
    """Fractions between which a plan segment lies in the box; (0, 0) if outside."""
    enter, leave = 0.0, 1.0
    dx, dy = bx - ax, by - ay
    for start, step, low, high in ((ax, dx, box[0], box[2]), (ay, dy, box[1], box[3])):
        if abs(step) < 1e-9:
            if start < low or start > high:
                return 0.0, 0.0
        else:
            t0, t1 = (low - start) / step, (high - start) / step
            enter = max(enter, min(t0, t1))
            leave = min(leave, max(t0, t1))
    if leave <= enter:
        return 0.0, 0.0
    return enter, leave


@kernel
def _chain_density(x: Array, y: Array, item: Array, box: Array) -> tuple[float, float]:
    """∫ along a chain inside the box of the density around its points, 1/m, and its length, m."""
    total, inside = 0.0, 0.0
    for k in range(x.size - 1):
        t0, t1 = _clip(x[k], y[k], x[k + 1], y[k + 1], box)
        dx, dy = x[k + 1] - x[k], y[k + 1] - y[k]
        if t1 > t0:
            ax, ay, bx, by = x[k] + t0 * dx, y[k] + t0 * dy, x[k] + t1 * dx, y[k] + t1 * dy
            inside += (t1 - t0) * math.sqrt(dx * dx + dy * dy)
            total += _segment_density(item[0], item[1], ax, ay, bx, by, item[2])
    return total, inside


@kernel
def _object_density(
    x: Array,
    y: Array,
    z: Array,
    branch: int,
    bx: Array,
    by: Array,
    item: Array,
    box: Array,
    plane: Array,
) -> float:
    """Density of one report given one target: place × heading × depth.

    A branch counts for the place alone. What is steep or has no length, a shaft or a chamber, has
    no heading, and its place and depth are those of its mouth.
    """
    px, py, sd = item[0], item[1], item[2]
    n = x.size - 1
    total, inside = _chain_density(x, y, item, box)
    if branch > 0:
        more, length = _chain_density(bx, by, item, box)
        total, inside = total + more, inside + length
    nearest, best = 0, 1e30
    for k in range(n + 1):
        r2 = (px - x[k]) ** 2 + (py - y[k]) ** 2
        if r2 < best:
            best, nearest = r2, k
    ex, ey, ez = x[n] - x[0], y[n] - y[0], z[n] - z[0]
    steep = ex * ex + ey * ey <= ez * ez
    if steep:
        nearest = 0
    if steep:
        density = _point_density(px, py, x[0], y[0], sd)
    elif item[3] == _ENTRANCE:
        density = 0.5 * _point_density(px, py, x[0], y[0], sd)
        density += 0.5 * _point_density(px, py, x[n], y[n], sd)
    elif inside > 0.5:
        density = total / inside
    else:
        density = _point_density(px, py, x[nearest], y[nearest], sd)
    if item[5] > 0.0:
        heading = math.degrees(math.atan2(ex, ey))
        density *= 1.0 / 180.0 if steep else _heading_density(item[4] - heading, item[5])
    if item[7] > 0.0:
        depth = plane[0] + plane[1] * x[nearest] + plane[2] * y[nearest] - z[nearest]
        away = (item[6] - depth) / item[7]
        density *= math.exp(-0.5 * away * away) / (item[7] * 2.5066282746310002)
    return density


@kernel
def _densities(
    target: Array,
    x: Array,
    y: Array,
    z: Array,
    branch: Array,
    bx: Array,
    by: Array,
    items: Array,
    box: Array,
    plane: Array,
    out: Array,
) -> None:
    for i in range(target.shape[0]):
        count = 0
        for k in range(target.shape[1]):
            count += target[i, k]
        for j in range(items.shape[0]):
            total = 0.0
            for k in range(target.shape[1]):
                if target[i, k]:
                    total += _object_density(
                        x[i, k],
                        y[i, k],
                        z[i, k],
                        branch[i, k],
                        bx[i, k],
                        by[i, k],
                        items[j],
                        box,
                        plane,
                    )
            out[i, j] = total / count if count > 0 else 0.0


@dataclass(frozen=True)
class ReportEvidence:
    """All sited reports of a site.

    Parameters
    ----------
    id, kind, fingerprint : str
        See ``Evidence``.
    names : tuple of str
        Items.
    items : (n, 8) numpy.ndarray
        x, y, sd per axis, kind, heading and its sd, depth and its sd (0 sd: not said).
    background : (n,) numpy.ndarray
        Log density of clutter.
    origin : (n,) numpy.ndarray of int
        Origin group of each item.
    source : (n_origin,) numpy.ndarray of int
        Source that stands for each origin: that of its first item.
    beta : (n_source, 2) numpy.ndarray
        Beta prior of each source's rate of genuine items.
    prior : Prior
        Site prior: bounds, surface, targets.
    """

    id: str
    kind: str
    fingerprint: str
    names: tuple[str, ...]
    items: Array
    background: Array
    origin: Array
    source: Array
    beta: Array
    prior: Prior

    def _log_ratio(self, scenes: Scenes) -> Array:
        """Log of K/U by origin, (n, n_origin); −inf without a target."""
        surface = self.prior.surface
        objects = scenes.objects
        density = np.empty((len(scenes), len(self.items)))
        target = target_mask(self.prior)[objects.family].astype(np.int8)
        _densities(
            target,
            objects.x,
            objects.y,
            objects.z,
            objects.branch,
            objects.branch_x,
            objects.branch_y,
            self.items,
            np.array(self.prior.bounds, np.float64),
            np.array([surface.z0_m, surface.slope_x, surface.slope_y]),
            density,
        )
        with np.errstate(divide="ignore"):
            log_item = np.log(density) - self.background
        size = np.bincount(self.origin)
        mean = np.zeros((len(size), len(self.items)))
        mean[self.origin, np.arange(len(self.items))] = 1.0 / size[self.origin]
        floor = np.maximum(log_item, -700.0)
        has_target = np.asarray(target.any(axis=1))
        return np.where(has_target[:, None], floor @ mean.T, -np.inf)

    def log_likelihood(self, scenes: Scenes) -> Array:
        """Log-likelihood (n,) relative to every item being clutter of a worthless source."""
        log_ratio = self._log_ratio(scenes)
        total = np.zeros(len(scenes))
        for s, (a, b) in enumerate(self.beta):
            mine = log_ratio[:, self.source == s]
            rate, weight = _beta_rule(a, b)
            factor = np.zeros((len(scenes), len(rate)))
            for column in mine.T:
                factor += np.logaddexp(np.log1p(-rate), np.log(rate) + column[:, None])
            top = factor.max(axis=1)
            total += top + np.log(np.exp(factor - top[:, None]) @ weight)
        return total

    def predict(self, scenes: Scenes) -> Array:
        """Probability that each origin is genuine, (n, n_origin), by its source's mean rate."""
        rate = (self.beta[:, 0] / self.beta.sum(axis=1))[self.source]
        log_ratio = self._log_ratio(scenes)
        return np.exp(
            np.log(rate) + log_ratio - np.logaddexp(np.log1p(-rate), np.log(rate) + log_ratio)
        )

    def layout_probability(self, scenes: Scenes) -> Array:
        """P(the sources produce this many items), (n,): below 1 where nothing can be genuine."""
        target = target_mask(self.prior)[scenes.objects.family].any(axis=1)
        count = np.bincount(self.source, minlength=len(self.beta))
        log_none = betaln(self.beta[:, 0], self.beta[:, 1] + count) - betaln(*self.beta.T)
        return np.where(target, 1.0, np.exp(log_none.sum()))

    def simulate(self, scenes: Scenes, rng: np.random.Generator) -> ReportEvidence:
        """Draw places, headings and depths of the same items for the first scene."""
        objects = scenes.objects
        is_target = target_mask(self.prior)[objects.family[0]]
        count = np.bincount(self.source, minlength=len(self.beta))
        spoiled = np.zeros_like(count) if is_target.any() else count
        rate = rng.beta(self.beta[:, 0], self.beta[:, 1] + spoiled)
        items = self.items.copy()
        for o in range(len(self.source)):
            genuine = bool(is_target.any()) and rng.random() < rate[self.source[o]]
            members = np.flatnonzero(self.origin == o)
            k = int(rng.choice(np.flatnonzero(is_target))) if genuine else -1
            drawn = self._draw(objects, k, members[0], rng)
            for j in members:
                items[j, [0, 1, 4, 6]] = drawn
        return replace(self, items=items, fingerprint=layout_hash(self.fingerprint, items))

    def _draw(self, objects: Objects, k: int, j: int, rng: np.random.Generator) -> Array:
        """Place x, y, heading and depth of one item from target slot k, or clutter for k < 0."""
        item, box = self.items[j], self.prior.bounds
        sd = item[2]
        if k < 0:
            half, deep = 0.5 * _BLUR * sd, 0.5 * _BLUR * item[7]
            return np.array(
                [
                    rng.uniform(box[0] - half, box[2] + half),
                    rng.uniform(box[1] - half, box[3] + half),
                    rng.uniform(0.0, 180.0),
                    rng.uniform(-deep, self.prior.depth_m + deep),
                ]
            )
        x, y, z = (np.asarray(v[0, k], float) for v in (objects.x, objects.y, objects.z))
        steep = np.hypot(x[-1] - x[0], y[-1] - y[0]) <= abs(z[-1] - z[0])
        if steep:
            at = np.array([x[0], y[0]])
        elif item[3] == _ENTRANCE:
            end = int(rng.integers(2)) * (len(x) - 1)
            at = np.array([x[end], y[end]])
        else:
            px, py = _plan_points(objects, k)
            inside = (box[0] <= px) & (px <= box[2]) & (box[1] <= py) & (py <= box[3])
            pick = rng.choice(np.flatnonzero(inside) if inside.any() else np.arange(len(px)))
            at = np.array([px[pick], py[pick]])
        at = at + sd * rng.standard_normal(2)
        nearest = 0 if steep else int(np.argmin((x - at[0]) ** 2 + (y - at[1]) ** 2))
        heading = np.degrees(np.arctan2(x[-1] - x[0], y[-1] - y[0]))
        if steep:
            heading = rng.uniform(0.0, 180.0)
        depth = self.prior.surface.at(x[nearest], y[nearest]) - z[nearest]
        return np.array(
            [
                *at,
                heading + max(item[5], 0.0) * rng.standard_normal(),
                depth + max(item[7], 0.0) * rng.standard_normal(),
            ]
        )


def _plan_points(objects: Objects, k: int) -> tuple[Array, Array]:
    """Points in plan at even steps along both chains of slot k of the first scene."""
    start, end = (v[:2, 0, k] for v in segments(objects))
    arc = np.concatenate([[0.0], np.cumsum(np.hypot(*(end - start)))])
    at = (np.arange(2001) + 0.5) / 2001.0 * arc[-1]
    i = np.minimum(np.searchsorted(arc, at, side="right") - 1, len(arc) - 2)
    share = (at - arc[i]) / np.maximum(arc[i + 1] - arc[i], 1e-12)
    x, y = start[:, i] + share * (end - start)[:, i]
    return x, y


@lru_cache(maxsize=64)
def _beta_rule(a: float, b: float) -> tuple[Array, Array]:
    """Nodes and weights of the mean over a Beta(a, b) rate (Gauss–Jacobi)."""
    node, weight = roots_jacobi(_N_RATE, b - 1.0, a - 1.0)
    rate = np.clip(0.5 * (node + 1.0), 1e-12, 1.0 - 1e-12)
    return rate, weight / weight.sum()


def report_evidence(table: ReportTable, prior: Prior, *, id: str = "reports") -> ReportEvidence:
    """Make evidence of all sited reports.

    Parameters
    ----------
    table : ReportTable
        Items with source, reliability, origin and place.
    prior : Prior
        Site prior.
    id : str
        Name in the ledger.

    Returns
    -------
    ReportEvidence
    """
    n = len(table.id)

    def spread(value: Array | None, sd: Array | None) -> tuple[Array, Array]:
        if value is None or sd is None:
            return np.zeros(n), np.zeros(n)
        known = np.isfinite(value) & np.isfinite(sd)
        return np.where(known, value, 0.0), np.where(known, sd, 0.0)

    heading, heading_sd = spread(table.heading_deg, table.heading_sd_deg)
    depth, depth_sd = spread(table.depth_m, table.depth_sd_m)
    sd = np.asarray(table.sd_m, float)
    kind = np.array([_KINDS.index(k) for k in table.kind], float)
    items = np.column_stack(
        [table.x_m, table.y_m, sd, kind, heading, heading_sd, depth, depth_sd]
    ).astype(np.float64)
    x0, y0, x1, y1 = prior.bounds
    background = -np.log((x1 - x0 + _BLUR * sd) * (y1 - y0 + _BLUR * sd))
    background -= np.where(heading_sd > 0.0, np.log(180.0), 0.0)
    background -= np.where(depth_sd > 0.0, np.log(prior.depth_m + _BLUR * depth_sd), 0.0)
    names = [o or f"item {i}" for o, i in zip(table.origin, table.id, strict=True)]
    _, first, origin = np.unique(names, return_index=True, return_inverse=True)
    sources, source_of = np.unique(table.source, return_inverse=True)
    letter = [
        table.reliability[int(np.flatnonzero(source_of == s)[0])] for s in range(len(sources))
    ]
    beta = np.array([RELIABILITY[v] for v in letter]).reshape(-1, 2)
    fingerprint = layout_hash(
        "reports",
        items,
        background,
        origin,
        source_of,
        beta,
        prior.bounds,
        prior.surface,
        prior.targets,
    )
    return ReportEvidence(
        id,
        "reports",
        fingerprint,
        tuple(table.id),
        items,
        background,
        origin.reshape(-1),
        source_of.reshape(-1)[first],
        beta,
        prior,
    )
