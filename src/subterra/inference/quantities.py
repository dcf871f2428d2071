"""Numbers of a scene that do not depend on the order of its objects: what calibration ranks."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from subterra.scene import (
    FAMILIES,
    Objects,
    Prior,
    Scenes,
    object_counts,
    segments,
    target_mask,
)

__all__ = ["GIVEN_A_TARGET", "QUANTITIES", "QUANTITY_WORDS", "nearest_target", "scene_quantities"]

Array = npt.NDArray[Any]

GIVEN_A_TARGET: Final = ("nearest_distance_m", "nearest_depth_m", "nearest_radius_m")
"""Quantities of the target nearest to the middle of the bounds; there is none without a target."""
QUANTITIES: Final = (
    "n_targets",
    "n_others",
    "target_volume_m3",
    "other_volume_m3",
    "host_density",
    "host_resistivity",
    *GIVEN_A_TARGET,
)

QUANTITY_WORDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "log_likelihood": "log likelihood",
        "n_targets": "number of targets",
        "n_others": "number of others",
        "target_volume_m3": "volume of targets",
        "other_volume_m3": "volume of others",
        "host_density": "host density",
        "host_resistivity": "host resistivity",
        "nearest_distance_m": "distance of nearest",
        "nearest_depth_m": "depth of nearest",
        "nearest_radius_m": "radius of nearest",
    }
)
"""Short names; nearest: the target whose axis is nearest to the middle of the bounds."""

_CHAMBER: Final = FAMILIES.index("chamber")
_PER_SEGMENT: Final = 16


def _axis_points(objects: Objects) -> tuple[Array, Array]:
    """Plan points along every axis, (n, S, K) each, at the middles of equal parts of its segments.

    Of both its chains; what has no second one repeats its last vertex where others have it.
    """
    share = (np.arange(_PER_SEGMENT) + 0.5) / _PER_SEGMENT
    start, end = (v[:2, ..., None] for v in segments(objects))
    points = start + (end - start) * share
    x, y = points.reshape(*points.shape[:-2], -1).astype(np.float64)
    return x, y


def _exists(objects: Objects, n_point: int) -> Array:
    """Which of the points of ``_axis_points`` belong to a chain that the object has."""
    first = (objects.x.shape[-1] - 1) * _PER_SEGMENT
    return (np.arange(n_point) < first) | (objects.branch > 0)[..., None]


def _volume(objects: Objects, inside: Array) -> Array:
    """Volume (n, S) in m³ inside the bounds: of a cylinder by parts, of a chamber whole."""
    start, end = segments(objects)
    step = np.linalg.norm(end - start, axis=0)
    part = np.repeat(step / _PER_SEGMENT, _PER_SEGMENT, axis=-1)
    radius = objects.radius.astype(np.float64)
    line = np.pi * radius**2 * np.sum(part * inside, axis=-1)
    sphere = 4.0 / 3.0 * np.pi * radius**3 * inside[..., 0]
    return np.where(objects.family == _CHAMBER, sphere, line)


def nearest_target(
    prior: Prior, scenes: Scenes, point: tuple[float, float]
) -> tuple[Array, Array, Array]:
    """Find the target axis that passes a place most closely in plan.

    Parameters
    ----------
    prior : Prior
        Says what a target is, and the surface.
    scenes : Scenes
        ``n`` scenes.
    point : (x, y)
        The place, metres.

    Returns
    -------
    distance, depth, radius : (n,) numpy.ndarray
        Plan distance of the axis, its depth under the surface where it is closest, and the radius
        of that object, metres; NaN in scenes without a target.
    """
    objects = scenes.objects
    start, end = (v.astype(np.float64) for v in segments(objects))
    step = end - start
    along = (point[0] - start[0]) * step[0] + (point[1] - start[1]) * step[1]
    share = np.clip(along / np.maximum(step[0] ** 2 + step[1] ** 2, 1e-12), 0.0, 1.0)
    foot = start + share * step
    away = np.hypot(foot[0] - point[0], foot[1] - point[1])
    away[~target_mask(prior)[objects.family]] = np.inf
    flat = away.reshape(len(scenes), -1)
    best = np.argmin(flat, axis=1)
    rows = np.arange(len(scenes))
    distance = flat[rows, best]
    x0, y0, z0 = (v.reshape(len(scenes), -1)[rows, best] for v in foot)
    depth = prior.surface.at(x0, y0) - z0
    radius = objects.radius.astype(np.float64)[rows, best // away.shape[2]]
    none = np.isinf(distance)
    return tuple(np.where(none, np.nan, v) for v in (distance, depth, radius))  # pyright: ignore[reportReturnType]


def scene_quantities(prior: Prior, scenes: Scenes) -> dict[str, Array]:
    """Compute the test quantities of scenes.

    Parameters
    ----------
    prior : Prior
        Says what a target is, and the bounds.
    scenes : Scenes
        ``n`` scenes.

    Returns
    -------
    dict of str to (n,) numpy.ndarray
        By the names in ``QUANTITIES``. Volumes are those inside the bounds; ``nearest_…`` are
        those of `nearest_target` for the middle of the bounds.
    """
    objects = scenes.objects
    x0, y0, x1, y1 = prior.bounds
    x, y = _axis_points(objects)
    inside = (x0 <= x) & (x <= x1) & (y0 <= y) & (y <= y1) & _exists(objects, x.shape[-1])
    is_target = target_mask(prior)[objects.family]
    is_other = (objects.family > 0) & ~is_target
    volume = _volume(objects, inside)
    n_target, n_other = object_counts(objects.family, prior)
    values = (
        n_target.astype(np.float64),
        n_other.astype(np.float64),
        np.sum(volume * is_target, axis=1),
        np.sum(volume * is_other, axis=1),
        scenes.host_density,
        scenes.host_resistivity,
        *nearest_target(prior, scenes, (0.5 * (x0 + x1), 0.5 * (y0 + y1))),
    )
    return dict(zip(QUANTITIES, values, strict=True))
