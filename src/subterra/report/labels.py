"""Names beside marks on a map, moved apart where they would meet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt

from subterra.report.style import INK, casing

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["Label", "Mark", "draw_labels", "places_apart"]

Array = npt.NDArray[Any]

_SIZE_PT: Final = 7.0
_WIDTH: Final = 0.66
"""Width of a letter as a share of its height, on average."""
_RINGS_PT: Final = (4.0, 12.0, 22.0, 34.0, 48.0, 64.0)
"""Distances from the edge of a mark at which a place for its name is tried."""
_TURNS: Final = np.radians([270, 90, 0, 180, 315, 225, 45, 135, 292, 248, 68, 112])
_LEADER_PT: Final = 10.0
"""Distance from which on a line leads from the mark to its name."""


@dataclass(frozen=True)
class Label:
    """A name that belongs to a place of the map.

    Parameters
    ----------
    text : str
        Ready to be drawn.
    x, y : float
        Metres.
    """

    text: str
    x: float
    y: float


@dataclass(frozen=True)
class Mark:
    """A symbol that no name may cover.

    Parameters
    ----------
    x, y : float
        Its middle, m.
    half_pt : float
        Half its size, points.
    """

    x: float
    y: float
    half_pt: float = 4.0


def places_apart(at: Array, size: Array, marks: Array, frame: Array) -> Array:
    """Find a place for each name that overlaps no mark, no other name and not the frame.

    Parameters
    ----------
    at : (n, 2) numpy.ndarray
        What is named, points.
    size : (n, 2) numpy.ndarray
        Width and height of each name, points.
    marks : (k, 4) numpy.ndarray
        Boxes x0, y0, x1, y1 of the marks, points.
    frame : (4,) numpy.ndarray
        Box within which names lie, points.

    Returns
    -------
    (n, 2) numpy.ndarray
        Middles of the names, each at the nearest free place that was tried; where none is free,
        at that with the least overlap.
    """
    taken = [np.asarray(box, float) for box in marks]
    out = np.empty((len(at), 2))
    for k, (place, extent) in enumerate(zip(at, size, strict=True)):
        half = 0.5 * extent
        middles = np.array(
            [
                place + np.array([np.cos(t), np.sin(t)]) * (ring + 4.0 + half)
                for ring in _RINGS_PT
                for t in _TURNS
            ]
        )
        boxes = np.hstack([middles - half, middles + half])
        cost = _overlap(boxes, np.array(taken).reshape(-1, 4)) + _outside(boxes, frame)
        best = int(np.argmin(np.round(cost, 3)))
        out[k] = middles[best]
        taken.append(boxes[best])
    return out


def _overlap(boxes: Array, taken: Array) -> Array:
    """Area of each box (n, 4) that others (k, 4) cover, (n,)."""
    low = np.maximum(boxes[:, None, :2], taken[None, :, :2])
    high = np.minimum(boxes[:, None, 2:], taken[None, :, 2:])
    return np.prod(np.maximum(high - low, 0.0), axis=2).sum(axis=1)


def _outside(boxes: Array, frame: Array) -> Array:
    """Area of each box (n, 4) outside of a frame, (n,)."""
    whole = np.prod(boxes[:, 2:] - boxes[:, :2], axis=1)
    return whole - _overlap(boxes, frame[None, :])


def draw_labels(ax: Axes, labels: Sequence[Label], marks: Sequence[Mark]) -> None:
    """Write names beside their places, with a line to those that had to move away.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        A map of which everything else is drawn: it is laid out first, so that sizes on paper are
        known.
    labels : sequence of Label
        Names, the most important first.
    marks : sequence of Mark
        What they must not cover, their own symbols among them.
    """
    if not labels:
        return
    figure = ax.get_figure(root=True)
    if figure is None:
        return
    engine = figure.get_layout_engine()
    if engine is not None:
        engine.execute(figure)
    ax.apply_aspect()
    point = figure.dpi / 72.0

    def on_paper(places: Sequence[tuple[float, float]]) -> Array:
        return ax.transData.transform(np.array(places, float).reshape(-1, 2)) / point

    at = on_paper([(label.x, label.y) for label in labels])
    size = np.array([[_WIDTH * _SIZE_PT * len(v.text) + 2.0, 1.3 * _SIZE_PT] for v in labels])
    half = np.array([[mark.half_pt] for mark in marks]).reshape(-1, 1)
    middle = on_paper([(mark.x, mark.y) for mark in marks])
    frame = np.concatenate([ax.bbox.p0, ax.bbox.p1]) / point
    places = places_apart(at, size, np.hstack([middle - half, middle + half]), frame)
    for label, start, place, extent in zip(labels, at, places, size, strict=True):
        away = place - start
        gap = np.hypot(*np.maximum(np.abs(away) - 0.5 * extent, 0.0))
        ax.annotate(
            label.text, (label.x, label.y), tuple(away), textcoords="offset points", ha="center",
            va="center", fontsize=_SIZE_PT, path_effects=casing(), zorder=12, annotation_clip=True,
            arrowprops={"arrowstyle": "-", "color": INK, "lw": 0.5, "shrinkA": 0.0, "shrinkB": 3.0}
            if gap > _LEADER_PT
            else None,
        ).set_in_layout(False)  # fmt: skip
