"""What a hole meets along the trace that was surveyed: the crossings of the borehole evidence."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from subterra.evidence.borehole_kernel import HoleArrays, crossing
from subterra.evidence.drill_words import DrillLogTerms
from subterra.kernel import kernel
from subterra.search.axes import Axes
from subterra.search.holes import Hole, course

__all__ = ["SURVEY_SD_PER_M", "balls", "collect_surveyed", "trace_arrays"]

Array = npt.NDArray[Any]

SURVEY_SD_PER_M: Final = DrillLogTerms().survey_sd_per_m
"""Lateral standard deviation of a surveyed trace, per metre along the hole."""
_NEGLIGIBLE: Final = 1e-7


def trace_arrays(holes: Sequence[Hole], origin: Array) -> HoleArrays:
    """Turn the traces of holes into chords for kernels, without logs.

    Parameters
    ----------
    holes : sequence of Hole
        ``h`` holes, as long as they count.
    origin : (3,) numpy.ndarray
        What coordinates become relative to, m.

    Returns
    -------
    HoleArrays
    """
    chords: list[Array] = []
    for hole in holes:
        rows = course(hole)
        step = np.diff(rows[:, 1:], axis=0)
        unit = step / np.linalg.norm(step, axis=1)[:, None]
        chords.append(np.column_stack([rows[:-1, 1:] - origin, unit, rows[:-1, 0]]))
    none = np.zeros(len(holes) + 1, np.int64)
    return HoleArrays(
        np.concatenate([[0], np.cumsum([len(c) for c in chords])]).astype(np.int64),
        np.concatenate([np.zeros((0, 7)), *chords]),
        np.array([hole.length_m for hole in holes], np.float64),
        np.array([hole.surveyed_m for hole in holes], np.float64),
        np.zeros(len(holes), np.int64),
        none,
        np.zeros((0, 2)),
        none,
        np.zeros((0, 2)),
        np.zeros(0, np.int64),
        np.zeros(0, np.bool_),
    )


def balls(axes: Axes) -> Array:
    """Which chains are a single point, (k,) bool: chambers."""
    return np.all([np.ptp(v, axis=1) == 0.0 for v in (axes.x, axes.y, axes.z)], axis=0)


@kernel
def collect_surveyed(
    axes: Axes,
    ball: Array,
    holes: HoleArrays,
    h: int,
    rates: tuple[float, float],
    index: Array,
    found: Array,
) -> int:
    """List the objects that hole ``h`` may meet, as `subterra.search.meet.collect_hits` does.

    Parameters
    ----------
    axes : Axes
        ``k`` chains.
    ball : (k,) numpy.ndarray of bool
        Which are points.
    holes : HoleArrays
        Traces, relative to the origin of the axes.
    h : int
        Which hole.
    rates : tuple of float
        Lateral standard deviation per metre below the survey, and of the survey.
    index : (k,) numpy.ndarray of int32
        Filled with the objects met, in rising order.
    found : (k, 4) numpy.ndarray of float32
        Filled with the probability by geometry and the expected depths of entry and exit, m; the
        exit twice.

    Returns
    -------
    int
        Number of objects listed.
    """
    count, length = 0, holes.length[h]
    for k in range(axes.radius.shape[0]):
        p, enter, inside = crossing(
            ball[k], axes.x[k], axes.y[k], axes.z[k], axes.radius[k], holes, h, rates[0], rates[1]
        )
        if p <= _NEGLIGIBLE or enter >= length:
            continue
        index[count] = k
        found[count, 0], found[count, 1] = p, enter
        found[count, 2] = found[count, 3] = min(enter + inside, length)
        count += 1
    return count
