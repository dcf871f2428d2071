"""Trends of crosshole surveys: zero time, anisotropic slowness, its gradient; shots."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations_with_replacement
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from subterra.physics.rays import Rays

__all__ = [
    "ANISOTROPIES",
    "bed_columns",
    "direction_columns",
    "level_trend",
    "shot_columns",
    "traveltime_trend",
]

Array = npt.NDArray[Any]

ANISOTROPIES: Final = {"none": 0, "elliptical": 2, "weak": 4}
"""Order in the direction cosines: isotropic; elliptical; and any weak anisotropy of P waves."""


_TREND_LAYERS: Final = (40, 8)
"""Data for each knot of the layers that a trend takes out, and most knots."""
_BEDS: Final = (16, 24)
"""The same of beds: finer, and of a size that is known."""


def direction_columns(rays: Rays, order: int) -> list[Array]:
    """Ray length times products of an even number of direction cosines.

    The slowness of a weakly anisotropic rock is, to first order in the anisotropy, an even
    polynomial of the direction: of order 2 (elliptical, TI with any axis) or 4 (Thomsen's δ and ε
    apart; Backus 1965). Order 0 gives the length alone.
    """
    length = rays.length / rays.length.mean()
    if order == 0:
        return [length]
    cosines = (rays.dx, rays.dy, rays.dz)
    return [
        length * np.prod([cosines[i] for i in indices], axis=0)
        for indices in combinations_with_replacement(range(3), order)
    ]


def shot_columns(shot: Sequence[str], blank: str | None = None) -> list[Array]:
    """One column for each shot, 1 for its picks; none for the name that stands for no shot."""
    names, index = np.unique(np.asarray(shot), return_inverse=True)
    number = index.reshape(-1)
    return [(number == k).astype(np.float64) for k, name in enumerate(names) if name != blank]


def _gradient_columns(rays: Rays) -> list[Array]:
    """Ray length times the place of its middle: slowness that changes evenly across the survey."""
    middle = rays.at(0.5) - rays.origin
    scale = float(np.abs(middle).max()) + 1e-9
    return [rays.length / rays.length.mean() * v / scale for v in middle.T]


def _layer_columns(rays: Rays, per_knot: int, most: int) -> list[Array]:
    """Length of each ray in layers: slowness that depends on height, straight between knots.

    One knot for every ``per_knot`` data and ``most`` at the most, evenly over the heights of the
    survey; none for fewer than three or where the survey is level.
    """
    start, end = rays.at(0.0)[:, 2], rays.at(1.0)[:, 2]
    low, high = min(start.min(), end.min()), max(start.max(), end.max())
    count = min(len(rays) // per_knot, most)
    if count < 3 or high - low < 0.05 * float(np.median(rays.length)):
        return []
    knots = np.linspace(low, high, count)
    steps = np.linspace(0.0, 1.0, 65)
    heights = start[:, None] + (end - start)[:, None] * steps
    hats = np.eye(count)
    return [
        rays.length / rays.length.mean() * np.interp(heights, knots, hat).mean(axis=1)
        for hat in hats
    ]


def bed_columns(rays: Rays) -> Array:
    """Effect (n, k) on the mean ray of unit slowness in each of k thin beds that cross a panel.

    One bed for every 16 data and 24 at the most; none where the survey is level or small. What
    layers of a trend are too thick for; a bed that crosses a panel is no drive.
    """
    beds = _layer_columns(rays, *_BEDS)
    return np.column_stack(beds) if beds else np.empty((len(rays), 0))


def _independent(columns: Sequence[Array], most: int) -> Array:
    """Keep columns that add a dimension, one after the other, at most ``most``."""
    n = len(columns[0])
    basis = np.empty((n, 0))
    kept: list[Array] = []
    for column in columns:
        if len(kept) == most:
            break
        size = float(np.linalg.norm(column))
        rest = column - basis @ (basis.T @ column)
        rest = rest - basis @ (basis.T @ rest)
        left = float(np.linalg.norm(rest))
        # Columns are of order one; what is only rounding is none.
        if size > 1e-6 * np.sqrt(n) and left > 1e-4 * size:
            basis = np.column_stack([basis, rest / left])
            kept.append(column)
    return np.column_stack(kept)


def traveltime_trend(rays: Rays, anisotropy: str) -> Array:
    """Trend of the travel times of one panel, (n, q) with q at most a quarter of the data.

    Parameters
    ----------
    rays : Rays
        The panel.
    anisotropy : str
        One of ``ANISOTROPIES``.

    Returns
    -------
    numpy.ndarray
        Zero time, slowness by direction, even gradients of slowness, and layers where there are
        data enough, in this order of importance: columns that add nothing to those before are
        left out.
    """
    columns = [np.ones(len(rays)), *direction_columns(rays, 0)]
    for order in range(2, ANISOTROPIES[anisotropy] + 1, 2):
        columns += direction_columns(rays, order)
    columns += [*_gradient_columns(rays), *_layer_columns(rays, *_TREND_LAYERS)]
    return _independent(columns, max(1, len(rays) // 4))


def level_trend(rays: Rays, frequency_hz: Array) -> Array:
    """Trend of the levels of one panel, (n, q): datum of each frequency, spreading, attenuation.

    Parameters
    ----------
    rays : Rays
        The panel.
    frequency_hz : (n,) numpy.ndarray
        Frequency of each datum; each has its own datum and attenuation.

    Returns
    -------
    numpy.ndarray
        In order: levels, ln of the length, length, both antennas' patterns (ln of the sine against
        vertical), even gradients of attenuation, layers where there are data enough.
    """
    each = [(frequency_hz == f).astype(np.float64) for f in np.unique(frequency_hz)]
    pattern = np.log(np.maximum(np.hypot(rays.dx, rays.dy), 0.05))
    columns = [*each, np.log(rays.length / rays.length.mean())]
    columns += [one * rays.length for one in each]
    columns += [pattern, *_gradient_columns(rays), *_layer_columns(rays, *_TREND_LAYERS)]
    return _independent(columns, max(1, len(rays) // 4))
