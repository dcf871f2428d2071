"""The ground under the maps of a report: contours, and shaded relief under the location plan."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt

from subterra.report.style import GREY, casing
from subterra.site.terrain import Ground

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["Relief", "draw_contours", "draw_hillshade", "relief_of", "relief_words"]

Array = npt.NDArray[Any]

_NODES: Final = 160
_MOST_CONTOURS: Final = 9
_STEPS_M: Final = (0.1, 0.2, 0.25, 0.5, 1.0, 2.0, 2.5, 5.0, 10.0, 20.0, 25.0, 50.0, 100.0)
_DARKEST: Final = 0.72
"""Grey of the darkest slope: letters and signs stay legible on it."""
_STEEP: Final = 0.5
"""Slope up to which the relief is exaggerated, so that gentle ground shows its shape too."""


@dataclass(frozen=True)
class Relief:
    """Heights of the ground on an even grid.

    Parameters
    ----------
    x_m, y_m : (nx,), (ny,) numpy.ndarray
        Nodes, m.
    z_m : (ny, nx) numpy.ndarray
        Heights, m; NaN where there is none.
    """

    x_m: Array
    y_m: Array
    z_m: Array

    @property
    def step_m(self) -> float:
        """Round interval of contours that gives fewer than ten of them."""
        span = float(np.nanmax(self.z_m) - np.nanmin(self.z_m))
        return next((s for s in _STEPS_M if span / s <= _MOST_CONTOURS), _STEPS_M[-1])


def relief_of(ground: Ground, bounds: tuple[float, float, float, float]) -> Relief:
    """Sample the ground over the bounds of a site and a little more."""
    x0, y0, x1, y1 = bounds
    margin = 0.02 * max(x1 - x0, y1 - y0)
    step = max(x1 - x0, y1 - y0) / _NODES
    x = np.linspace(x0 - margin, x1 + margin, max(round((x1 - x0) / step), 8))
    y = np.linspace(y0 - margin, y1 + margin, max(round((y1 - y0) / step), 8))
    east, north = np.meshgrid(x, y)
    z, _ = ground.at(east.ravel(), north.ravel())
    return Relief(x, y, z.reshape(east.shape))


def relief_words(relief: Relief) -> str:
    """Say what the lines are, for captions."""
    return f"Thin lines: contours of the ground every {relief.step_m:g} m, heights in m."


def draw_contours(ax: Axes, relief: Relief) -> None:
    """Draw contours with their heights, thin and grey, under everything but the image."""
    step = relief.step_m
    low, high = np.nanmin(relief.z_m), np.nanmax(relief.z_m)
    levels = np.arange(np.ceil(low / step), np.floor(high / step) + 1.0) * step
    if not levels.size:
        return
    lines = ax.contour(
        relief.x_m, relief.y_m, relief.z_m, levels=levels, colors=GREY, linewidths=0.55,
        alpha=0.85, zorder=1,
    )  # fmt: skip
    for text in ax.clabel(lines, fmt="%g", fontsize=6.5, inline=True):
        text.set(path_effects=casing(1.5), zorder=1.5)
    ax.plot([], [], color=GREY, lw=0.7, label=f"ground, a contour every {step:g} m")


def draw_hillshade(ax: Axes, relief: Relief) -> None:
    """Shade the ground as lit from the north-west, in light greys."""
    from matplotlib.colors import LightSource

    dx, dy = (float(v[1] - v[0]) for v in (relief.x_m, relief.y_m))
    z = np.where(np.isnan(relief.z_m), np.nanmean(relief.z_m), relief.z_m)
    rise = np.gradient(z, dy, dx)
    steep = float(np.quantile(np.hypot(*rise), 0.95))
    # It takes the first row for the northern one.
    shade = LightSource(azdeg=315.0, altdeg=45.0).hillshade(
        z[::-1], vert_exag=max(_STEEP / steep, 1.0) if steep > 0.0 else 1.0, dx=dx, dy=dy
    )[::-1]
    light = np.where(np.isnan(relief.z_m), np.nan, _DARKEST + (1.0 - _DARKEST) * shade)
    x, y = relief.x_m, relief.y_m
    ax.imshow(
        light, origin="lower", cmap="gray", vmin=0.0, vmax=1.0, interpolation="bilinear", zorder=0,
        extent=(x[0] - 0.5 * dx, x[-1] + 0.5 * dx, y[0] - 0.5 * dy, y[-1] + 0.5 * dy),
    )  # fmt: skip
