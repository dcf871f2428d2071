"""Map of what would have been detected, for the page of a stop certificate."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from subterra.report.plan_map import draw_frame
from subterra.report.style import INK, WARN, casing, metre_axes, probability_map
from subterra.search.holes import Hole, course
from subterra.search.worst_case import Detection

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["draw_detection"]

Array = npt.NDArray[Any]


def draw_detection(
    figure: Figure,
    detection: Detection,
    polygon: Array,
    holes: Sequence[Hole],
    bounds: tuple[float, float, float, float],
) -> None:
    """Draw the smallest probability of detection at each place, the area and the holes.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        Empty, with constrained layout.
    detection : Detection
        Of the class.
    polygon : (k, 2) numpy.ndarray
        The area.
    holes : sequence of Hole
        Logged holes.
    bounds : (x0, y0, x1, y1)
        Of the site, metres.
    """
    ax = figure.add_subplot()
    x, y, lowest = _by_place(detection)
    image = ax.pcolormesh(
        x, y, lowest, cmap=probability_map(), vmin=0.0, vmax=1.0, shading="nearest",
        rasterized=True,
    )  # fmt: skip
    ring = np.vstack([polygon, polygon[:1]])
    ax.plot(*ring.T, color=INK, lw=1.2, label="area")
    for k, hole in enumerate(holes):
        ax.plot(*course(hole)[:, 1:3].T, color=WARN, lw=1.2, path_effects=casing())
        ax.plot(hole.x, hole.y, "o", ms=4.0, color=WARN, mec="white",
                label="" if k else "logged holes")  # fmt: skip
    x0, y0, x1, y1 = bounds
    margin = 0.02 * max(x1 - x0, y1 - y0)
    ax.set_xlim(x0 - margin, x1 + margin)
    ax.set_ylim(y0 - margin, y1 + margin)
    ax.set_aspect("equal")
    metre_axes(ax)
    draw_frame(ax, x0, y0, x1, y1)
    bar = figure.colorbar(image, ax=ax, shrink=0.8, aspect=24, pad=0.02)
    bar.set_label("Smallest probability of detection")
    if holes:
        figure.legend(loc="outside lower center", ncols=2)


def _by_place(detection: Detection) -> tuple[Array, Array, Array]:
    """Grid of places and the smallest probability at each over open fills; NaN outside."""
    rows = [k for k, name in enumerate(detection.fills) if name != "rubble"]
    lowest = detection.pod[rows].min(axis=(0, 1))
    x, column = np.unique(detection.x_m, return_inverse=True)
    y, row = np.unique(detection.y_m, return_inverse=True)
    out = np.full((len(y), len(x)), np.inf)
    np.minimum.at(out, (row.reshape(-1), column.reshape(-1)), lowest)
    return x, y, np.where(np.isfinite(out), out, np.nan)
