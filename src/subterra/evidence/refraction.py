"""Waves that are refracted along something fast and arrive before those that go straight.

Along the ground surface radar runs through the air; along a fast layer both radar and P waves run
as head waves. In level layers of slowness s(z) the head wave along the level where it is u arrives
at

    T = u X + ∫ √(s² − u²) dz (source to that level) + the same (receiver),

X the distance in plan (Telford et al. 1990; for the surface Annan 2009), where X is at least the
critical distance ∫ u/√(s² − u²) dz of both ways. By Fermat's principle the
first arrival is never later than either, and how much the straight ray comes later is an error of
the straight ray that grows with the contrast. It widens the data where it is, and moves nothing.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import numpy.typing as npt

from subterra.physics import Rays
from subterra.scene import Plane

__all__ = ["layer_slowness", "overtaken_by_air", "overtaken_by_layers"]

Array = npt.NDArray[Any]

_PER_KNOT: Final = 12
_MOST_KNOTS: Final = 40
_STEPS: Final = 65
_LEVEL: Final = 0.05
"""Height of a survey over its median ray below which it is level and knows no layers."""
_GRAZING: Final = 0.1
"""Smallest vertical over horizontal slowness of the ways to a level."""
_ROUGH: Final = 0.3
"""Relative change of slowness from knot to knot that costs as much as one datum misfit by 1 %."""


def overtaken_by_air(rays: Rays, host: Array, air: float, surface: Plane) -> Array:
    """How much earlier a wave refracted through the air above arrives than straight, (n,).

    Parameters
    ----------
    rays : Rays
        The survey.
    host : (n,) numpy.ndarray
        Slowness of the ground along each ray, time per metre.
    air : float
        Slowness of air in the same unit.
    surface : Plane
        Ground surface.
    """
    depth = sum(
        surface.at(end[:, 0], end[:, 1]) - end[:, 2] for end in (rays.at(0.0), rays.at(1.0))
    )
    plan = rays.length * np.hypot(rays.dx, rays.dy)
    refracted = air * plan + np.maximum(depth, 0.0) * np.sqrt(np.maximum(host**2 - air**2, 0.0))
    return np.maximum(host * rays.length - refracted, 0.0)


def layer_slowness(rays: Rays, time: Array) -> tuple[Array, Array]:
    """Slowness by height that explains times along straight rays, with a zero time.

    Parameters
    ----------
    rays : Rays
        One panel.
    time : (n,) numpy.ndarray
        Times.

    Returns
    -------
    height : (k,) numpy.ndarray
        Knots in metres, rising; straight between them. Empty where the survey is level or small.
    slowness : (k,) numpy.ndarray
        Time per metre.
    """
    ends = np.column_stack([rays.at(0.0)[:, 2], rays.at(1.0)[:, 2]])
    low, high = float(ends.min()), float(ends.max())
    count = min(len(rays) // _PER_KNOT, _MOST_KNOTS)
    if count < 3 or high - low < _LEVEL * float(np.median(rays.length)):
        return np.empty(0), np.empty(0)
    knots = np.linspace(low, high, count)
    heights = ends[:, :1] + np.diff(ends, axis=1) * np.linspace(0.0, 1.0, _STEPS)
    hats = np.stack([np.interp(heights, knots, hat).mean(axis=1) for hat in np.eye(count)], axis=1)
    middle = float(np.median(time / rays.length))
    # Relative deviations of each knot and a zero time, smooth from knot to knot.
    columns = np.column_stack([hats * rays.length[:, None], np.full(len(rays), 1.0 / middle)])
    columns *= (middle / time)[:, None] / 0.01
    change = np.diff(np.eye(count), axis=0) / _ROUGH
    smooth = np.column_stack([change, np.zeros(count - 1)])
    misfit = (time - middle * rays.length) / time / 0.01
    solved = np.linalg.lstsq(
        np.vstack([columns, smooth]), np.concatenate([misfit, np.zeros(count - 1)]), rcond=None
    )[0]
    return knots, middle * np.maximum(1.0 + solved[:count], 0.2)


def overtaken_by_layers(rays: Rays, height: Array, slowness: Array) -> Array:
    """How much earlier a head wave along any level arrives than the straight ray, (n,).

    Parameters
    ----------
    rays : Rays
        One panel.
    height, slowness : (k,) numpy.ndarray
        From `layer_slowness`.

    Returns
    -------
    numpy.ndarray
        In the unit of the slowness times metres; zero where there are no layers.
    """
    if len(height) == 0:
        return np.zeros(len(rays))
    fine = np.linspace(height[0], height[-1], 4 * len(height) + 1)
    s = np.interp(fine, height, slowness)
    ends = np.column_stack([rays.at(0.0)[:, 2], rays.at(1.0)[:, 2]])
    along = ends[:, :1] + np.diff(ends, axis=1) * np.linspace(0.0, 1.0, _STEPS)
    straight = rays.length * np.interp(along, height, slowness).mean(axis=1)
    plan = rays.length * np.hypot(rays.dx, rays.dy)
    first = np.full(len(rays), np.inf)
    square = (0.5 * (s[1:] + s[:-1])) ** 2
    for k, u in enumerate(s):
        # Steeper than grazing everywhere: through ground as fast as the level nothing is refracted.
        steep = np.sqrt(np.maximum(square - u**2, (_GRAZING * u) ** 2)) * np.diff(fine)
        late, critical = (
            sum(np.abs(np.interp(ends[:, i], fine, _summed(v)) - _summed(v)[k]) for i in range(2))
            for v in (steep, u * np.diff(fine) ** 2 / steep)
        )
        arrives = np.where(critical <= plan, u * plan + late, np.inf)
        first = np.minimum(first, arrives)
    return np.maximum(straight - first, 0.0)


def _summed(steps: Array) -> Array:
    """Sum from the lowest height up: differences give any two heights."""
    return np.concatenate([[0.0], np.cumsum(steps)])
