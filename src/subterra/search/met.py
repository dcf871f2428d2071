"""Targets that a logged void has met already: finding them again is no gain."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from subterra.evidence.drill_words import DrillLogTerms
from subterra.kernel import kernel
from subterra.scene import Prior, Scenes, segments, target_mask
from subterra.scene.geometry import segment_segment
from subterra.search.holes import Hole, course, place_at
from subterra.search.terms import DrillTerms

__all__ = ["LoggedVoid", "met_targets"]

Array = npt.NDArray[Any]

_REACH_SD: Final = 3.0
_LOG: Final = DrillLogTerms()
"""How well the depth of a logged void is known."""


@dataclass(frozen=True)
class LoggedVoid:
    """A void in the log of a hole.

    Parameters
    ----------
    hole : Hole
        As drilled.
    from_m, to_m : float
        Metres along it.
    """

    hole: Hole
    from_m: float
    to_m: float


@kernel
def _nearest(
    chosen: Array,
    start: Array,
    end: Array,
    radius: Array,
    stretch: Array,
    reach: float,
    out: Array,
) -> None:
    """Mark in each scene the chosen object that passes closest to a chain, if within reach.

    ``start`` and ``end`` (3, n, S, M) are the ends of the objects' segments, ``stretch`` (c, 3) the
    points of the chain.
    """
    for i in range(chosen.shape[0]):
        best, which = reach, -1
        for k in range(chosen.shape[1]):
            if not chosen[i, k]:
                continue
            for j in range(start.shape[3]):
                for c in range(stretch.shape[0] - 1):
                    distance, _, _ = segment_segment(
                        stretch[c, 0], stretch[c, 1], stretch[c, 2],
                        stretch[c + 1, 0], stretch[c + 1, 1], stretch[c + 1, 2],
                        start[0, i, k, j], start[1, i, k, j], start[2, i, k, j],
                        end[0, i, k, j], end[1, i, k, j], end[2, i, k, j],
                    )  # fmt: skip
                    if distance - radius[i, k] <= best:
                        best, which = distance - radius[i, k], k
        if which >= 0:
            out[i, which] = True


def met_targets(
    scenes: Scenes, prior: Prior, voids: Sequence[LoggedVoid], terms: DrillTerms | None = None
) -> Array:
    """Which targets of a population the logged voids have met.

    Parameters
    ----------
    scenes : Scenes
        ``n`` scenes of ``S`` slots.
    prior : Prior
        Says which families are targets.
    voids : sequence of LoggedVoid
        What was logged, each along the trace of its hole.
    terms : DrillTerms, optional
        How far holes deviate where they were not surveyed.

    Returns
    -------
    (n, S) numpy.ndarray of bool
        In each scene the target whose capsules, its branch's too, pass closest to a void, if they
        do so within three standard deviations of the void's place: a void has met one target, or
        none where the scene takes it for a false one.
    """
    objects = scenes.objects
    chosen = target_mask(prior)[objects.family] & (objects.family > 0)
    out = np.zeros(objects.family.shape, np.bool_)
    deviation = (terms or DrillTerms()).deviation_sd_per_m
    start, end = (np.ascontiguousarray(v, np.float64) for v in segments(objects))
    radius = np.ascontiguousarray(objects.radius, np.float64)
    for void in voids:
        known = min(void.from_m, void.hole.surveyed_m)
        sd = _LOG.depth_sd_m + _LOG.depth_sd_relative * void.from_m
        sd += _LOG.survey_sd_per_m * known + deviation * (void.from_m - known)
        _nearest(chosen, start, end, radius, _stretch(void), _REACH_SD * sd, out)
    return out


def _stretch(void: LoggedVoid) -> Array:
    """Points (c, 3) of a hole from the top to the base of a void."""
    rows = course(void.hole)
    between = rows[(rows[:, 0] > void.from_m) & (rows[:, 0] < void.to_m), 1:]
    top, base = place_at(void.hole, void.from_m), place_at(void.hole, void.to_m)
    return np.vstack([top, between, base])
