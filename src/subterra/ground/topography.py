"""The ground between electrodes that stand on it: heights from points, for a mesh that follows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from scipy.interpolate import RBFInterpolator

__all__ = ["surface_through"]

Array = npt.NDArray[Any]

_STRAIGHT: Final = 0.02
"""Width of a line over its length up to which the ground is taken to go on level across it."""
_NEAREST: Final = 24


def surface_through(x: Array, y: Array, height: Array) -> Callable[[Array, Array], Array]:
    """Height of the ground at any place from that of some points.

    Along one straight line heights are linear between the points and the ground goes on level
    across it (the 2.5-dimensional ground of a section); points in the plan are joined by radial
    linear functions (biharmonic splines in three dimensions, without overshoot). Of points in one
    place the highest stands on the ground, the others are buried.

    Parameters
    ----------
    x, y, height : (n,) numpy.ndarray
        Points in metres; at least two.

    Returns
    -------
    callable
        Heights at arrays x, y of any one shape. Beyond the points the nearest heights go on.
    """
    given = np.column_stack([x, y]).astype(np.float64)
    _, first, index = np.unique(given.round(3), axis=0, return_index=True, return_inverse=True)
    places = given[first]
    top = np.full(len(places), -np.inf)
    np.maximum.at(top, index.reshape(-1), np.asarray(height, np.float64))
    middle = places.mean(axis=0)
    _, sizes, axes = np.linalg.svd(places - middle, full_matrices=False)
    if len(places) < 4 or sizes[-1] <= _STRAIGHT * sizes[0]:
        along = (places - middle) @ axes[0]
        order = np.argsort(along)

        def section(px: Array, py: Array) -> Array:
            at = (px - middle[0]) * axes[0, 0] + (py - middle[1]) * axes[0, 1]
            return np.interp(at, along[order], top[order])

        return section
    low, high = places.min(axis=0), places.max(axis=0)
    near = min(_NEAREST, len(places))
    radial = RBFInterpolator(places, top, neighbors=near, kernel="linear", degree=0)

    def plan(px: Array, py: Array) -> Array:
        shape = np.shape(px)
        at = np.column_stack([np.ravel(px), np.ravel(py)])
        return np.clip(radial(np.clip(at, low, high)), top.min(), top.max()).reshape(shape)

    return plan
