"""Scenes with which one survey is weighed: fewer of what it does not see, more of what it does.

A belief has few scenes for each metre of a line, and none of them may recognise its own data. Where
a survey sees fewer than some hundred of the scenes with a target, these are repeated, each moved a
little along the line and in depth: by the bandwidth of a kernel density (Silverman 1986) of where
they pass. That is the same belief at a resolution that the survey can use.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from subterra.inference.belief import Belief
from subterra.scene import Scenes, take
from subterra.search.axes import gather_axes
from subterra.search.branches import draw_by_stratum
from subterra.search.lines import Line, crossing_depths, crossing_places

__all__ = ["SEEN_SCENES", "repeated", "shared_out", "thinned"]

Array = npt.NDArray[Any]

SEEN_SCENES: Final = 600
"""Scenes with a target seen by a survey up to which they are repeated."""


def thinned(
    belief: Belief, stratum: Array, counts: Mapping[int, int], seed: int = 0
) -> tuple[Belief, Array]:
    """Take fewer scenes, none twice, each stratum with the mass that it has.

    Parameters
    ----------
    belief : Belief
        Weighted scenes.
    stratum : (m,) numpy.ndarray of int
        Stratum of each.
    counts : mapping of int to int
        Scenes wanted of each at most; one that has no more is taken whole.
    seed : int
        Of the draw.

    Returns
    -------
    Belief
        The scenes taken.
    index : numpy.ndarray of int
        Which they are, rising.
    """
    weight = np.zeros(len(belief.weight))
    rng = np.random.default_rng(seed)
    for label, count in counts.items():
        rows = np.flatnonzero((stratum == label) & (belief.weight > 0.0))
        if len(rows) <= count:
            weight[rows] = belief.weight[rows]
        else:
            drawn, mass = draw_by_stratum(belief.weight, stratum, {label: count}, rng)
            np.add.at(weight, drawn, mass)
    kept = np.flatnonzero(weight > 0.0)
    info = replace(belief.info, n_scenes=len(kept), island=(len(kept),))
    few = Belief(take(belief.scenes, kept), weight[kept] / weight.sum(), belief.prior, info)
    return few, kept


def repeated(
    belief: Belief, seen: Array, met: Array, line: Line, seed: int = 0
) -> tuple[Belief, Array]:
    """Repeat the scenes that a survey sees, each moved a little along its line and in depth.

    Parameters
    ----------
    belief : Belief
        Weighted scenes.
    seen : (n,) numpy.ndarray of bool
        Which are repeated; all others stay as they are.
    met : (n, S) numpy.ndarray of bool
        Targets that were met: where they are known.
    line : Line
        Of the survey.
    seed : int
        Of the moves.

    Returns
    -------
    Belief
        The same masses. All objects of a scene move together, at most half as deep as they lie.
    again : numpy.ndarray of int
        Scene from which each comes.
    """
    axes = gather_axes(belief.scenes, belief.prior, met=met)
    deep = crossing_depths(axes, belief.prior, line)
    place = crossing_places(axes, line)
    row = np.flatnonzero(np.isfinite(deep) & axes.target & seen[axes.scene])
    count = len(np.unique(axes.scene[row]))
    if count < 2 or count >= SEEN_SCENES:
        return belief, np.arange(len(belief.weight))
    mass = belief.weight[axes.scene[row]]
    narrow = count ** (-1.0 / 6.0)
    sd_along, sd_deep = (
        narrow * np.sqrt(np.cov(v[row], aweights=mass, ddof=0)) for v in (place, deep)
    )
    moves = np.zeros(len(seen), bool)
    moves[axes.scene[row]] = True
    copies = np.where(moves, -(-SEEN_SCENES // count), 1)
    again = np.repeat(np.arange(len(seen)), copies)
    rng = np.random.default_rng([seed, 2])
    along = np.where(moves[again], sd_along * rng.standard_normal(len(again)), 0.0)
    lower = np.where(moves[again], sd_deep * rng.standard_normal(len(again)), 0.0)
    top = np.full(len(seen), np.inf)
    np.minimum.at(top, axes.scene[row], deep[row])
    lower = np.maximum(lower, -0.5 * np.where(moves[again], top[again], 0.0))
    weight = belief.weight[again] / copies[again]
    info = replace(belief.info, n_scenes=len(again), island=(len(again),))
    scenes = _moved(take(belief.scenes, again), line, along, lower)
    return Belief(scenes, weight, belief.prior, info), again


def _moved(scenes: Scenes, line: Line, along: Array, lower: Array) -> Scenes:
    """Scenes with all their objects moved along a line and down, m."""
    length = max(line.length_m, 1e-9)
    step = {
        "x": along * (line.x1 - line.x0) / length,
        "y": along * (line.y1 - line.y0) / length,
        "z": -lower,
    }
    objects = scenes.objects
    moved = {
        f"{before}{axis}": getattr(objects, f"{before}{axis}") + shift[:, None, None]
        for axis, shift in step.items()
        for before in ("", "branch_")
    }
    return replace(scenes, objects=replace(objects, **moved))


def shared_out(n: int, stratum: Array) -> dict[int, int]:
    """So many for each stratum that is there: half for the first, the rest evenly."""
    there = [int(label) for label in np.unique(stratum)]
    if len(there) == 1:
        return {there[0]: n}
    rest = n // 2 // (len(there) - 1)
    return {label: n - n // 2 if k == 0 else rest for k, label in enumerate(there)}
