"""Clusters of target axes: what the belief says is there, object by object."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from subterra.inference.belief import Belief
from subterra.kernel import kernel
from subterra.scene import FAMILIES, FILLS, N_SLOTS, target_mask

__all__ = ["TargetObject", "target_clusters"]

Array = npt.NDArray[Any]

_SHAFT: Final = FAMILIES.index("shaft")
_N_POINT: Final = 9
_MOST: Final = 1000
_MOST_CLUSTERS: Final = 12


@dataclass(frozen=True)
class TargetObject:
    """One cluster of target axes.

    Parameters
    ----------
    p : float
        Probability that some object of the cluster exists.
    family, fill : mapping of str to float
        Probabilities given that it exists.
    axis : (k, 3) numpy.ndarray
        Medoid axis clipped to the bounds, metres; of objects of two chains the first one.
    axis_sd_m : float
        RMS perpendicular plan distance of the members' axes to the medoid; of what is steep, the
        RMS plan distance of their middles.
    radius_m, radius_sd_m : float
        Mean and standard deviation.
    depth_m, depth_sd_m : float
        Depth of the members' axes at their middle inside the bounds, of shafts at their mouth,
        mean and standard deviation.
    members : (m, 2) numpy.ndarray of int
        Scene and slot of every member.
    """

    p: float
    family: Mapping[str, float]
    fill: Mapping[str, float]
    axis: Array
    axis_sd_m: float
    radius_m: float
    radius_sd_m: float
    depth_m: float
    depth_sd_m: float
    members: Array


def _clipped(belief: Belief, scene: Array, slot: Array) -> Array:
    """Axes resampled at even steps of their part inside the bounds, (m, _N_POINT, 3)."""
    objects = belief.scenes.objects
    x0, y0, x1, y1 = belief.prior.bounds
    path = np.stack([v[scene, slot] for v in (objects.x, objects.y, objects.z)], axis=-1)
    path = path.astype(np.float64)
    knot = np.linspace(0.0, 1.0, path.shape[1])
    fine = np.linspace(0.0, 1.0, 401)
    segment = np.minimum((fine * (len(knot) - 1)).astype(int), len(knot) - 2)
    share = (fine - knot[segment]) * (len(knot) - 1)
    out = np.empty((len(path), _N_POINT, 3))
    for start in range(0, len(path), 512):
        part = path[start : start + 512]
        dense = part[:, segment] + share[:, None] * (part[:, segment + 1] - part[:, segment])
        inside = (x0 <= dense[..., 0]) & (dense[..., 0] <= x1)
        inside &= (y0 <= dense[..., 1]) & (dense[..., 1] <= y1)
        none = ~inside.any(axis=1)
        inside[none, np.argmin(np.abs(dense[none, :, 0] - 0.5 * (x0 + x1)), axis=1)] = True
        first = inside.argmax(axis=1)
        last = len(fine) - 1 - inside[:, ::-1].argmax(axis=1)
        at = first[:, None] + (last - first)[:, None] * np.linspace(0.0, 1.0, _N_POINT)
        rows = np.arange(len(part))[:, None]
        out[start : start + len(part)] = dense[rows, np.rint(at).astype(int)]
    return out


@kernel
def _mean_square(points: Array, axis: Array, d: int, out: Array) -> None:
    """Mean-square distance (m,) of sampled axes (m, k, 3) from a polyline (n, 3), in d of them."""
    n = len(axis)
    for m in range(points.shape[0]):
        total = 0.0
        for k in range(points.shape[1]):
            best = np.inf
            for i in range(n - 1):
                square, along = 1e-12, 0.0
                for c in range(d):
                    step = axis[i + 1, c] - axis[i, c]
                    square += step * step
                    along += step * (points[m, k, c] - axis[i, c])
                t = min(max(along / square, 0.0), 1.0)
                away = 0.0
                for c in range(d):
                    step = axis[i + 1, c] - axis[i, c]
                    off = points[m, k, c] - axis[i, c] - t * step
                    away += off * off
                best = min(best, away)
            total += best
        out[m] = total / points.shape[1]


def _square_distance(points: Array, axis: Array, dimensions: int) -> Array:
    """Mean-square distance (m,) of sampled axes (m, k, 3) from one polyline, in plan or space."""
    out = np.empty(len(points))
    _mean_square(points, axis, dimensions, out)
    return out


def _medoid(points: Array, weight: Array) -> Array:
    """The axis (k, 3) of least weighted mean-square distance in space from all others."""
    trial = np.linspace(0, len(points) - 1, min(len(points), _MOST // 5)).astype(int)
    jury = np.linspace(0, len(points) - 1, min(len(points), _MOST // 2)).astype(int)
    cost = [weight[jury] @ _square_distance(points[jury], points[i], 3) for i in trial]
    return points[trial[int(np.argmin(cost))]]


def _perpendicular(points: Array, axis: Array) -> Array:
    """Mean-square perpendicular plan distance of sampled axes from the medoid's own line.

    A medoid that is steep has no line in plan: the distance is from its middle, of their middles.
    """
    a, b = axis[0, :2], axis[-1, :2]
    length = float(np.hypot(*(b - a)))
    if length < max(1e-6, abs(float(axis[-1, 2] - axis[0, 2]))):
        middle = points.shape[1] // 2
        return ((points[:, middle, :2] - axis[middle, :2]) ** 2).sum(axis=-1)
    off = points[..., :2] - a
    across = (off[..., 0] * (b[1] - a[1]) - off[..., 1] * (b[0] - a[0])) / length
    return (across**2).mean(axis=1)


def _reach(belief: Belief) -> float:
    x0, y0, x1, y1 = belief.prior.bounds
    return float(np.clip(0.05 * np.hypot(x1 - x0, y1 - y0), 2.0, 10.0))


def _cluster(belief: Belief, points: Array, scene: Array, slot: Array, mine: Array) -> TargetObject:
    objects, weight = belief.scenes.objects, belief.weight
    s, k = scene[mine], slot[mine]
    w = weight[s] / weight[s].sum()
    medoid = _medoid(points[mine], w)
    radius = objects.radius[s, k].astype(np.float64)
    middle = points[mine, _N_POINT // 2].copy()
    shaft = objects.family[s, k] == _SHAFT
    middle[shaft] = np.stack([v[s, k, 0][shaft] for v in (objects.x, objects.y, objects.z)], -1)
    depth = belief.prior.surface.at(middle[:, 0], middle[:, 1]) - middle[:, 2]
    spread = np.sqrt(np.sum(w * _perpendicular(points[mine], medoid)))

    def moments(v: Array) -> tuple[float, float]:
        mean = float(np.sum(w * v))
        return mean, float(np.sqrt(max(np.sum(w * (v - mean) ** 2), 0.0)))

    def shares(codes: Array, names: tuple[str, ...]) -> dict[str, float]:
        total = np.bincount(codes, weights=w, minlength=len(names))
        return {n: round(float(v), 4) for n, v in zip(names, total, strict=True) if v > 0.0}

    radius_m, radius_sd = moments(radius)
    depth_m, depth_sd = moments(depth)
    return TargetObject(
        float(weight[np.unique(s)].sum()),
        shares(objects.family[s, k], FAMILIES),
        shares(objects.fill[s, k], FILLS),
        medoid,
        float(spread),
        radius_m,
        radius_sd,
        depth_m,
        depth_sd,
        np.column_stack([s, k]),
    )


def target_clusters(belief: Belief, *, min_p: float = 0.05) -> list[TargetObject]:
    """Group the target axes of a belief into objects.

    The axes within reach (5 % of the site's diagonal, 2–10 m) of the place of most weight become
    the first cluster, shown by its medoid; its members leave, and so on until no cluster reaches
    ``min_p``.

    Parameters
    ----------
    belief : Belief
        The belief.
    min_p : float
        Smallest probability of a cluster that is listed.

    Returns
    -------
    list of TargetObject
        Most probable first; empty if nothing reaches ``min_p``.
    """
    is_target = target_mask(belief.prior)[belief.scenes.objects.family]
    is_target &= belief.weight[:, None] > 0.0
    scene, slot = np.nonzero(is_target)
    if len(scene) == 0:
        return []
    points = _clipped(belief, scene, slot)
    weight = belief.weight[scene]
    left = np.ones(len(scene), bool)
    reach = _reach(belief) ** 2
    out: list[TargetObject] = []
    while len(out) < _MOST_CLUSTERS and weight[left].sum() >= min_p:
        rows = np.flatnonzero(left)
        # Candidates and jury are spread evenly over the remaining axes, so the cost is bounded.
        trial = rows[np.linspace(0, len(rows) - 1, min(len(rows), _MOST // 6)).astype(int)]
        jury = rows[np.linspace(0, len(rows) - 1, min(len(rows), _MOST)).astype(int)]
        support = np.empty(len(trial))
        for i, candidate in enumerate(trial):
            away = _square_distance(points[jury], points[candidate], 2)
            support[i] = np.sum(weight[jury] * np.exp(-0.5 * away / (0.25 * reach)))
        centre = points[trial[int(np.argmax(support))]]
        near = left & (_square_distance(points, centre, 2) <= reach)
        if not near.any():
            break
        item = _cluster(belief, points, scene, slot, near)
        left &= ~near
        # The heaviest cluster left: if it is too light, so are all that follow.
        if item.p < min_p:
            break
        out.append(item)
    return sorted(out, key=lambda o: -o.p)[: N_SLOTS * 4]
