"""Numbers that every scene has, with or without a target: what calibration ranks."""

from __future__ import annotations

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

__all__ = ["QUANTITIES", "scene_quantities"]

Array = npt.NDArray[Any]

QUANTITIES: Final = (
    "n_targets",
    "n_others",
    "target_volume_m3",
    "target_depth_m",
    "target_distance_m",
    "other_volume_m3",
    "host_density",
    "host_resistivity",
)

_CHAMBER: Final = FAMILIES.index("chamber")
_PER_SEGMENT: Final = 16


def _axis_points(objects: Objects) -> tuple[Array, Array, Array]:
    """Points along every axis, (n, S, K) each, at the middles of equal parts of its segments.

    Of both its chains; what has no second one repeats its last vertex where others have it.
    """
    share = (np.arange(_PER_SEGMENT) + 0.5) / _PER_SEGMENT

    start, end = (v[..., None] for v in segments(objects))
    points = start + (end - start) * share
    x, y, z = points.reshape(*points.shape[:-2], -1).astype(np.float64)
    return x, y, z


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
        By the names in ``QUANTITIES``. Volumes are those inside the bounds; ``target_depth_m`` is
        the mean depth under the surface of the targets' axes inside the bounds, each target
        counting once, 0 without a target; ``target_distance_m`` is the plan distance from the
        middle of the bounds to the nearest target axis, the bounds' diagonal without one.
    """
    objects = scenes.objects
    x0, y0, x1, y1 = prior.bounds
    x, y, z = _axis_points(objects)
    inside = (x0 <= x) & (x <= x1) & (y0 <= y) & (y <= y1) & _exists(objects, x.shape[-1])
    is_target = target_mask(prior)[objects.family]
    is_other = (objects.family > 0) & ~is_target
    volume = _volume(objects, inside)
    depth = np.sum((prior.surface.at(x, y) - z) * inside, axis=-1)
    depth = depth / np.maximum(inside.sum(axis=-1), 1)
    away = np.hypot(x - 0.5 * (x0 + x1), y - 0.5 * (y0 + y1)).min(axis=-1)
    n_target, n_other = object_counts(objects.family, prior)
    nowhere = np.hypot(x1 - x0, y1 - y0)
    values = (
        n_target.astype(np.float64),
        n_other.astype(np.float64),
        np.sum(volume * is_target, axis=1),
        np.sum(depth * is_target, axis=1) / np.maximum(n_target, 1),
        np.where(is_target, away, nowhere).min(axis=1),
        np.sum(volume * is_other, axis=1),
        scenes.host_density,
        scenes.host_resistivity,
    )
    return dict(zip(QUANTITIES, values, strict=True))
