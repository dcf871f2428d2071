"""Candidates for what whole panels share and no drive does: sheets of any strike, bent holes.

Both are disturbances of known size, columns beside the independent errors, not trends of free size:
a trend takes from a void what it has in common with it, a column of known size no more than that
size answers for. ``crosshole_nuisance`` tells why neither is in use.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import numpy.typing as npt

from subterra.physics.rays import Rays

__all__ = ["bent_columns", "sheet_columns", "wall_columns"]

Array = npt.NDArray[Any]

_STRIKES: Final = 6
_PER_SHEET: Final = 16
"""Data for each sheet of one strike."""
_MOST_SHEETS: Final = 24
_STEPS: Final = 65
_BENDS: Final = 5
"""Places along a hole between which it bends evenly."""


def _hats(at: Array, count: int) -> list[Array]:
    """Triangles of unit height over ``count`` even knots, each of the shape of ``at``."""
    knots = np.linspace(float(at.min()), float(at.max()), count)
    return [np.interp(at, knots, hat) for hat in np.eye(count)]


def sheet_columns(rays: Rays) -> Array:
    """Length of each ray in sheets of each of six strikes, over the mean length.

    A dyke, a shear zone or a fault is a plane: it meets the plane of a panel in a straight strip
    that runs from rim to rim at any angle. Level strips are the beds of ``bed_columns``; this is
    all of them, with weights that fall linearly over one spacing.

    Parameters
    ----------
    rays : Rays
        One panel; of a volume the two directions in which it is largest are taken.

    Returns
    -------
    (n, 6 k) numpy.ndarray
        For ground of unit relative slowness in one strip, in mean rays of unit slowness, divided by
        √6: independent columns of one size give every place the variance of a single strike. One
        strip for every 16 data, 24 at the most; none for fewer than three.
    """
    count = min(len(rays) // _PER_SHEET, _MOST_SHEETS)
    start, end = rays.at(0.0), rays.at(1.0)
    ends = np.concatenate([start, end])
    _, extent, axes = np.linalg.svd(ends - ends.mean(axis=0), full_matrices=False)
    if count < 3 or extent[1] < 1e-3 * extent[0]:
        return np.empty((len(rays), 0))
    share = rays.length / (rays.length.mean() * np.sqrt(_STRIKES))
    t = (np.arange(_STEPS) + 0.5) / _STEPS
    columns: list[Array] = []
    for angle in np.pi * np.arange(_STRIKES) / _STRIKES:
        normal = np.cos(angle) * axes[0] + np.sin(angle) * axes[1]
        first, last = start @ normal, end @ normal
        across = first[:, None] + (last - first)[:, None] * t
        columns += [share * hat.mean(axis=1) for hat in _hats(across, count)]
    return np.column_stack(columns)


def bent_columns(rays: Rays) -> Array:
    """Change of the length of each ray, m, when one end's hole is 1 m off its place there.

    The derivative of a length by the place of its receiver is the direction of the ray, by that of
    its source the opposite. Sources and receivers of a panel each lie along one hole, whose error
    is smooth: straight between five places of it, in x, y and z.

    Parameters
    ----------
    rays : Rays
        One panel.

    Returns
    -------
    (n, k) numpy.ndarray
        At most 30 columns; those that no ray feels are left out.
    """
    direction = np.column_stack([rays.dx, rays.dy, rays.dz])
    columns: list[Array] = []
    for place, sign in ((rays.at(0.0), -1.0), (rays.at(1.0), 1.0)):
        _, extent, axes = np.linalg.svd(place - place.mean(axis=0), full_matrices=False)
        if extent[0] < 1e-6:
            continue
        columns += [
            sign * direction[:, axis] * hat for hat in _hats(place @ axes[0], _BENDS)
            for axis in range(3)
        ]  # fmt: skip
    felt = [column for column in columns if np.abs(column).max() > 1e-6]
    return np.column_stack(felt) if felt else np.empty((len(rays), 0))


def wall_columns(ends: Array, length_m: float) -> Array:
    """Static shifts of antenna places, correlated along their hole.

    Parameters
    ----------
    ends : (n, 3) numpy.ndarray
        Place of the antenna of each pick, m.
    length_m : float
        Correlation length (exponential), m.

    Returns
    -------
    (n, k) numpy.ndarray
        One column for each of k places: independent disturbances of unit size give every place unit
        variance.
    """
    places, index = np.unique(np.round(ends, 2), axis=0, return_inverse=True)
    apart = np.linalg.norm(places[:, None] - places[None, :], axis=2)
    value, vector = np.linalg.eigh(np.exp(-apart / length_m))
    return (vector * np.sqrt(np.maximum(value, 0.0)))[index.reshape(-1)]
