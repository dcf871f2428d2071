"""Where signs of targets stand, how many of them would be seen, and what their heaps hold.

Columns of ``items`` are named here; one row is one sign. A branch counts for signs along an object
and for its volume; those of shafts and chambers stand at the mouth (`subterra.evidence.axes`).
"""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from subterra.evidence.axes import axes_of
from subterra.evidence.place import (
    along_density,
    counted_length,
    decoy_ratio,
    ends_density,
    part_of_segment,
)
from subterra.kernel import kernel
from subterra.scene import Objects, Plane, family_code, segments

__all__ = [
    "SD",
    "VOLUME",
    "X",
    "Y",
    "heap_density",
    "least_cover",
    "mean_missed",
    "sign_densities",
    "solid_volume",
]

Array = npt.NDArray[Any]

X, Y, SD, VOLUME = range(4)
"""Place, its sd with the kind's spread in it, m; loose volume in m³, 0 where not measured."""

_STEPS = 8
"""Points per segment at which coverage is read."""
_SHAFT: Final = family_code("shaft")


def solid_volume(objects: Objects) -> Array:
    """Volume of ground that came out of each object, m³, of the objects' leading shape.

    Section times length of the axis and of its branch; of an object without length the sphere of
    its radius.
    """
    radius = objects.radius.astype(np.float64)
    start, end = segments(objects)
    length = np.sqrt(((end - start) ** 2).sum(axis=0)).sum(axis=-1)
    return math.pi * radius**2 * np.where(length > 0.0, length, 4.0 / 3.0 * radius)


def least_cover(objects: Objects, surface: Plane) -> Array:
    """Least cover over the roofs of both chains, m, of the objects' leading shape.

    A roof lies a radius over the axis, but for a shaft, which ends flat at its mouth.
    """
    axes = axes_of(objects)
    rise = np.where(objects.family == _SHAFT, 0.0, objects.radius.astype(np.float64))
    return np.asarray((surface.at(axes.x, axes.y) - axes.z).min(axis=-1) - rise)


@kernel
def heap_density(volume: float, loose: float, sd: float) -> float:
    """Density, 1/m³, of the volume of a heap that holds some share of a target's loose spoil.

    With a share that is uniform on (0, 1) and a log-normal loose volume W of median ``loose``,

        p(V) = E[1/W; W > V] = exp(σ²/2)/loose · Φ((ln(loose/V) − σ²)/σ):

    a heap may hold less than what was dug, but hardly more.

    Parameters
    ----------
    volume, loose : float
        m³, positive.
    sd : float
        σ.
    """
    t = (math.log(loose / volume) - sd * sd) / sd
    return math.exp(0.5 * sd * sd) / loose * 0.5 * math.erfc(-t / 1.4142135623730951)


@kernel
def _cell(x: float, y: float, frame: Array, missed: Array) -> float:
    """Chance of being missed at a place, between middles of cells; outside that at the edge."""
    column = min(max((x - frame[0]) / frame[2] - 0.5, 0.0), missed.shape[1] - 1.0)
    row = min(max((y - frame[1]) / frame[3] - 0.5, 0.0), missed.shape[0] - 1.0)
    i, j = min(int(row), missed.shape[0] - 2), min(int(column), missed.shape[1] - 2)
    u, v = row - i, column - j
    low = (1.0 - v) * missed[i, j] + v * missed[i, j + 1]
    return (1.0 - u) * low + u * ((1.0 - v) * missed[i + 1, j] + v * missed[i + 1, j + 1])


@kernel
def _missed_along(x: Array, y: Array, trunk: int, box: Array, frame: Array, missed: Array) -> float:
    """Mean along what counts of an axis (`subterra.evidence.place.counted_length`)."""
    whole, length = counted_length(x, y, trunk, box)
    if length == 0.0:
        return _cell(x[0], y[0], frame, missed)
    total = 0.0
    for k in range(x.size - 1):
        t0, t1, part = part_of_segment(x, y, trunk, k, box, whole)
        if part > 0.0:
            for j in range(_STEPS):
                t = t0 + (t1 - t0) * (j + 0.5) / _STEPS
                px, py = x[k] + t * (x[k + 1] - x[k]), y[k] + t * (y[k + 1] - y[k])
                total += part / _STEPS * _cell(px, py, frame, missed)
    return total / length


@kernel
def mean_missed(
    target: Array, x: Array, y: Array, trunk: Array, at_ends: bool, box: Array, frame: Array,
    missed: Array, out: Array,
) -> None:  # fmt: skip
    """Fill, for each scene and slot, the chance that no look notices a sign of the object.

    ``frame`` are corner and cell size of the raster ``missed``.
    """
    for i in range(target.shape[0]):
        for k in range(target.shape[1]):
            if not target[i, k]:
                out[i, k] = 1.0
            elif at_ends:
                last = trunk[i, k] - 1
                first = _cell(x[i, k, 0], y[i, k, 0], frame, missed)
                out[i, k] = 0.5 * (first + _cell(x[i, k, last], y[i, k, last], frame, missed))
            else:
                out[i, k] = _missed_along(x[i, k], y[i, k], trunk[i, k], box, frame, missed)


@kernel
def sign_densities(
    strength: Array, loose: Array, x: Array, y: Array, trunk: Array, items: Array, at_ends: bool,
    box: Array, heap: Array, decoy: Array, plain: Array, genuine: Array, clutter: Array,
) -> None:  # fmt: skip
    """Fill densities (n, n_item) of signs of one kind.

    Parameters
    ----------
    strength : (n, S) numpy.ndarray
        Factor on the rate of each object; 0 for what is no target.
    loose : (n, S) numpy.ndarray
        Loose volume of its spoil, m³.
    x, y : (n, S, M) numpy.ndarray
        Axes, m.
    trunk : (n, S) numpy.ndarray of int
        As of `subterra.evidence.axes.Axes`.
    items : (n_item, 4) numpy.ndarray
        Signs.
    at_ends : bool
        Whether they stand at the ends of objects.
    box : (4,) numpy.ndarray
        Bounds of the site, m.
    heap : (3,) numpy.ndarray
        Sd of the log of loose volume; median and sd of the log of the volume of other heaps.
    decoy : (3,) numpy.ndarray
        Share and radius of decoys, and how far they lie around the site.
    plain : (n_item,) numpy.ndarray
        Density of look-alikes that are no decoys over that inside the site.
    genuine : (n, n_item) numpy.ndarray
        Out: Σ strength × place × volume, 1/m² (1/m³).
    clutter : (n, n_item) numpy.ndarray
        Out: density of look-alikes over that inside the site × volume.
    """
    for i in range(strength.shape[0]):
        for j in range(items.shape[0]):
            px, py, sd, volume = items[j, X], items[j, Y], items[j, SD], items[j, VOLUME]
            total, hollow, count = 0.0, 0.0, 0
            for k in range(strength.shape[1]):
                if strength[i, k] <= 0.0:
                    continue
                count += 1
                if at_ends:
                    density = ends_density(x[i, k], y[i, k], trunk[i, k], px, py, sd)
                else:
                    density = along_density(x[i, k], y[i, k], trunk[i, k], px, py, sd, box)
                if volume > 0.0:
                    density *= heap_density(volume, loose[i, k], heap[0])
                total += strength[i, k] * density
                if decoy[0] > 0.0:
                    for end in (0, trunk[i, k] - 1):
                        hollow += 0.5 * decoy_ratio(
                            px, py, x[i, k, end], y[i, k, end], sd, decoy[1], box, decoy[2]
                        )
            other = 1.0
            if volume > 0.0:
                away = math.log(volume / heap[1]) / heap[2]
                other = math.exp(-0.5 * away * away) / (volume * heap[2] * 2.5066282746310002)
            genuine[i, j] = total
            alike = plain[j]
            if count > 0:
                alike = (1.0 - decoy[0]) * plain[j] + decoy[0] * hollow / count
            clutter[i, j] = other * alike
