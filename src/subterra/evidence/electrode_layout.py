"""Electrodes of all files in one numbering, and where their data lie: middle, depth, line."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from scipy.spatial import KDTree

from subterra.physics import Quadripoles
from subterra.scene import Prior
from subterra.tables import ResistivityTable

__all__ = ["line_numbers", "median_spacing", "plan_middle", "pseudo_depth", "stack_surveys"]

Array = npt.NDArray[Any]

_BURIED_M: Final = 0.3
"""Electrodes deeper than this are buried; a stake in the surface is not."""


def median_spacing(x: Array, y: Array, z: Array) -> float:
    """Median distance between neighbouring electrodes in metres."""
    points = np.column_stack([x, y, z])
    distance, _ = KDTree(points).query(points, k=2)
    return float(np.median(distance[:, 1]))


def plan_middle(layout: Quadripoles, v: Array) -> Array:
    """Mean of a coordinate (n_electrode,) over the electrodes of each datum, (n,)."""
    present = layout.abmn >= 0
    return (np.where(present, v[layout.abmn], 0.0)).sum(axis=1) / present.sum(axis=1)


def pseudo_depth(layout: Quadripoles) -> Array:
    """Depth at which a datum is drawn, metres: median depth of investigation, or mean burial."""
    present = layout.abmn >= 0
    depth = np.where(present, -layout.z[layout.abmn].astype(np.float64), 0.0)
    buried = depth.max(axis=1) > _BURIED_M
    out = depth.sum(axis=1) / present.sum(axis=1)
    out[~buried] = _median_depth(layout, layout.abmn[~buried])
    return out


def _median_depth(layout: Quadripoles, abmn: Array) -> Array:
    """Median depth of investigation of surface data over a uniform half-space, metres.

    Half of the sensitivity to a thin layer lies above it; the cumulative response of a layer to
    depth z is 1 − K(z)/K(0), K(z) with every pair's image at depth 2z (Edwards 1977).
    """
    x, y = layout.x.astype(np.float64), layout.y.astype(np.float64)
    a, b, m, n = abmn.T

    def layer_sum(depth: Array) -> Array:
        total = np.zeros(len(a))
        for sign, i, j in ((1.0, a, m), (-1.0, a, n), (-1.0, b, m), (1.0, b, n)):
            plan = np.hypot(x[i] - x[j], y[i] - y[j])
            both = (i >= 0) & (j >= 0)
            total += np.where(both, sign / np.sqrt(plan**2 + 4.0 * depth**2), 0.0)
        return total

    full = layer_sum(np.full(len(a), 1e-6))
    low, high = np.full(len(a), 1e-3), np.full(len(a), 1e3)
    for _ in range(60):
        middle = np.sqrt(low * high)
        above = layer_sum(middle) / full < 0.5
        high = np.where(above, middle, high)
        low = np.where(above, low, middle)
    return np.sqrt(low * high)


def line_numbers(layout: Quadripoles) -> Array:
    """Number the lines, in order of appearance: data whose electrodes are straight in plan.

    The longest data say where lines run; shorter ones join the line on which all their electrodes
    lie, within 10 cm or 2 % of the longest.
    """
    place = np.column_stack([layout.x, layout.y]).astype(np.float64)
    points = [place[quad[quad >= 0]] for quad in layout.abmn]
    spans = [p[np.argmax(np.hypot(*(p - p[0]).T))] - p[0] for p in points]
    lengths = np.hypot(*np.array(spans).T)
    found: list[tuple[Array, Array, float]] = []
    line = np.zeros(len(points), int)
    for i in np.argsort(-lengths, kind="stable"):
        off = [np.abs((points[i] - start) @ normal).max() / width for start, normal, width in found]
        if off and min(off) < 1.0:
            line[i] = int(np.argmin(off))
            continue
        line[i] = len(found)
        along = spans[i] / lengths[i] if lengths[i] > 0.0 else np.array([1.0, 0.0])
        width = max(0.1, 0.02 * float(lengths[i]))
        found.append((points[i][0], np.array([-along[1], along[0]]), width))
    _, first, number = np.unique(line, return_index=True, return_inverse=True)
    return np.argsort(np.argsort(first))[number.reshape(-1)]


def stack_surveys(
    tables: Sequence[ResistivityTable], prior: Prior
) -> tuple[Array, Array, Array, Array]:
    """Electrodes and quadripoles of all files with one numbering; coincident places merge.

    Returns x, y, z (n_electrode,) in metres and abmn (n, 4).
    """
    place: list[Array] = []
    quads: list[Array] = []
    count = 0
    for table in tables:
        x, y = np.asarray(table.electrode_x_m), np.asarray(table.electrode_y_m)
        z = prior.surface.at(x, y) if table.electrode_z_m is None else table.electrode_z_m
        place.append(np.column_stack([x, y, z]))
        quads.append(np.where(table.abmn >= 0, table.abmn + count, -1))
        count += len(x)
    points, inverse = np.unique(np.concatenate(place), axis=0, return_inverse=True)
    merged = np.concatenate(quads)
    merged = np.where(merged >= 0, inverse.reshape(-1)[merged], -1)
    return points[:, 0], points[:, 1], points[:, 2], merged.astype(np.int32)
