"""What the scenes say about one object: how deep, how wide, how sure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from subterra.inference.belief import Belief
from subterra.scene import Objects, Prior, sample_prior, segments, target_mask

__all__ = ["ObjectPosterior", "object_posterior"]

Array = npt.NDArray[Any]

_PRIOR_DRAWS = 4000
_NEAREST_TOLERANCE_M = 2.0


@dataclass(frozen=True)
class ObjectPosterior:
    """Posterior of one object, read at the middle of its medoid axis.

    Parameters
    ----------
    x_m, y_m : float
        The middle of the medoid axis inside the bounds.
    azimuth_deg : float or None
        Direction of the axis in plan, 0 to 180; ``None`` for a chamber or a shaft.
    p : float
        Total weight of the scenes that hold the object.
    depth_m, radius_m, weight : (n,) numpy.ndarray
        Vertical depth of the axis (of a shaft, of its mouth) under the surface and radius in each of these scenes, and the
        scene's weight.
    prior_depth_m, prior_radius_m : (k,) numpy.ndarray
        The same of targets drawn from the prior.
    """

    x_m: float
    y_m: float
    azimuth_deg: float | None
    p: float
    depth_m: Array
    radius_m: Array
    weight: Array
    prior_depth_m: Array
    prior_radius_m: Array


def _nearest(objects: Objects, x: float, y: float) -> tuple[Array, Array, Array, Array]:
    """Plan distance from (x, y) to the axes of objects, and the nearest point of each axis."""
    start, end = (v.astype(float) for v in segments(objects))
    px, py, pz = start
    ex, ey, ez = end - start
    square = np.maximum(ex * ex + ey * ey, 1e-12)
    u = np.clip(((x - px) * ex + (y - py) * ey) / square, 0.0, 1.0)
    # A shaft is where its mouth is, its first vertex.
    plan = np.hypot(objects.x[..., -1] - objects.x[..., 0], objects.y[..., -1] - objects.y[..., 0])
    steep = (plan <= np.abs(objects.z[..., -1] - objects.z[..., 0]))[..., None]
    u = np.where(steep, 0.0, u)
    at = tuple(p + u * e for p, e in ((px, ex), (py, ey), (pz, ez)))
    distance = np.hypot(at[0] - x, at[1] - y)
    best = np.where(steep, 0, np.argmin(distance, axis=-1)[..., None])
    distance, qx, qy, qz = (np.take_along_axis(v, best, -1)[..., 0] for v in (distance, *at))
    return distance, qx, qy, qz


def _point(axis: Array, share: float) -> tuple[float, float]:
    """Plan place at a share of the length of an axis."""
    steps = np.hypot(*np.diff(axis[:, :2], axis=0).T) if len(axis) > 1 else np.zeros(0)
    arc = np.concatenate([[0.0], np.cumsum(steps)])
    at = share * arc[-1]
    return float(np.interp(at, arc, axis[:, 0])), float(np.interp(at, arc, axis[:, 1]))


def _depth(prior: Prior, x: Array, y: Array, z: Array) -> Array:
    return prior.surface.at(x, y) - z


def object_posterior(belief: Belief, item: Mapping[str, Any], seed: int = 0) -> ObjectPosterior:
    """Collect the scenes that hold an object.

    Parameters
    ----------
    belief : Belief
        Weighted scenes.
    item : mapping
        One entry of ``objects`` of the ``infer --json`` document: its ``axis`` and ``axis_sd_m``.
    seed : int
        Of the draws from the prior.

    Returns
    -------
    ObjectPosterior
        In each scene the target counts whose axis passes closest, on average, to the quarter
        points of the medoid axis, if that is within three standard deviations or 2 m.
    """
    axis = np.asarray(item["axis"], float).reshape(-1, 3)
    prior, objects = belief.prior, belief.scenes.objects
    far = np.mean([_nearest(objects, *_point(axis, f))[0] for f in (0.25, 0.5, 0.75)], axis=0)
    far = np.where(target_mask(prior)[objects.family], far, np.inf)
    slot = np.argmin(far, axis=1)
    rows = np.arange(len(slot))
    limit = max(3.0 * float(item.get("axis_sd_m") or 0.0), _NEAREST_TOLERANCE_M)
    held = far[rows, slot] <= limit

    x, y = _point(axis, 0.5)
    _, qx, qy, qz = _nearest(objects, x, y)
    picked = rows[held], slot[held]
    drawn = sample_prior(prior, _PRIOR_DRAWS, np.random.default_rng(seed)).objects
    _, dx, dy, dz = _nearest(drawn, x, y)
    is_target = target_mask(prior)[drawn.family]
    length = float(np.hypot(*(axis[-1, :2] - axis[0, :2])))
    level = length > 1.0 and length > abs(float(axis[-1, 2] - axis[0, 2]))
    azimuth = np.degrees(np.arctan2(axis[-1, 0] - axis[0, 0], axis[-1, 1] - axis[0, 1])) % 180.0
    return ObjectPosterior(
        x,
        y,
        float(azimuth) if level else None,
        float(belief.weight[held].sum()),
        _depth(prior, qx, qy, qz)[picked],
        objects.radius[picked].astype(float),
        belief.weight[held],
        _depth(prior, dx, dy, dz)[is_target],
        drawn.radius[is_target].astype(float),
    )
