"""Rules of distance as hard gates: no hole where workings may come too near.

A gate is not a cost: a candidate is cut short where its trace would come within the distance with
more than the accepted probability, and is none at all where its collar does. It keeps people and
machines away from ground that a rule of law or practice reserves for probes; what is found worth
looking at there is said to be kept out, not left out of the belief.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from subterra.errors import InputError
from subterra.inference.belief import Belief
from subterra.kernel import kernel
from subterra.scene import FAMILIES, family_code, segments
from subterra.scene.geometry import segment_segment, trace_capsule
from subterra.search.hit import run_chunks
from subterra.search.holes import Holes, direction, take_holes
from subterra.search.standoff import StandoffRule, dug_families

__all__ = ["Gate", "Walls", "gated", "mapped_walls", "walls_of"]

Array = npt.NDArray[Any]

_SD: Final = 3.0
"""Standard deviations of a hole's lateral deviation that are kept clear, too."""
_MAP_SD: Final = 2.0
_STEP_M: Final = 0.1
"""Holes are cut to whole multiples of this."""
_CHUNK: Final = 512
_SHORTEST_M: Final = 1.0
_STEEPEST_ROOF: Final = 20.0
"""Ten times the height of a working, in radii: no deeper is shallow."""


@dataclass(frozen=True, eq=False)
class Walls:
    """Capsules of the workings in weighted scenes.

    Parameters
    ----------
    start, end : (m, 3) numpy.ndarray
        Ends of the capsules' axes, m, in the order of the scenes.
    radius : (m,) numpy.ndarray
        m.
    scene : (m,) numpy.ndarray of int
        Scene of each.
    weight : (n,) numpy.ndarray
        Posterior weights of the scenes, summing to 1 or, with scenes without workings, less.
    """

    start: Array
    end: Array
    radius: Array
    scene: Array
    weight: Array


@dataclass(frozen=True, eq=False)
class Gate:
    """A rule of distance that candidates have to keep.

    Parameters
    ----------
    rule : StandoffRule
        The distance and where it stands. A ``shallow`` rule asks the collar alone.
    walls : Walls
        What is kept away from.
    p : float
        Probability of workings within the distance that is still accepted, 0 ≤ p < 1.
    words : str
        What is kept away from, in words.

    Raises
    ------
    InputError
        For a probability outside its range.
    """

    rule: StandoffRule
    walls: Walls
    p: float = 0.05
    words: str = "workings"

    def __post_init__(self) -> None:
        if not 0.0 <= self.p < 1.0:
            problem = f"the accepted probability must be at least 0 and below 1, found {self.p:g}"
            raise InputError(problem)


def walls_of(belief: Belief, families: Collection[str] = ()) -> Walls:
    """Gather the workings of a belief.

    Parameters
    ----------
    belief : Belief
        Weighted scenes.
    families : collection of str
        What counts as workings; by default all families that were dug, targets among them.

    Returns
    -------
    Walls

    Raises
    ------
    InputError
        For an unknown family.
    """
    objects = belief.scenes.objects
    wanted = np.zeros(len(FAMILIES), bool)
    for name in families or dug_families():
        wanted[family_code(name)] = True
    scene, slot = np.nonzero(wanted[objects.family] & (belief.weight > 0.0)[:, None])
    start, end = (np.asarray(v, np.float64)[:, scene, slot] for v in segments(objects))
    parts = start.shape[2]
    radius = np.repeat(objects.radius[scene, slot].astype(np.float64), parts)
    index = np.repeat(scene, parts)
    return Walls(
        start.transpose(1, 2, 0).reshape(-1, 3),
        end.transpose(1, 2, 0).reshape(-1, 3),
        radius,
        index.astype(np.int64),
        np.asarray(belief.weight, np.float64),
    )


def mapped_walls(
    courses: Sequence[Array], sd_m: Sequence[float], bounds_z: tuple[float, float]
) -> Walls:
    """Turn the courses of surveyed workings into walls that are certain.

    Parameters
    ----------
    courses : sequence of (k, 3) numpy.ndarray
        Points x, y, z, m. Where a height is NaN the working is taken to stand at every height
        between the bounds.
    sd_m : sequence of float
        Standard deviation of the place of each; two of them are kept clear, too.
    bounds_z : (float, float)
        Lowest and highest height of the site, m.

    Returns
    -------
    Walls
        One scene of weight 1.
    """
    pieces, radius = list[Array](), list[float]()
    for course, sd in zip(courses, sd_m, strict=True):
        for a, b in pairwise(course):
            heights = [None] if np.isfinite([a[2], b[2]]).all() else _levels(bounds_z)
            for z in heights:
                pieces.append(np.array([a, b]) if z is None else _at_level(a, b, z))
                radius.append(_MAP_SD * sd)
    ends = np.array(pieces, np.float64).reshape(-1, 2, 3)
    return Walls(
        np.ascontiguousarray(ends[:, 0]),
        np.ascontiguousarray(ends[:, 1]),
        np.array(radius, np.float64),
        np.zeros(len(ends), np.int64),
        np.ones(1),
    )


def _levels(bounds_z: tuple[float, float]) -> list[float]:
    low, high = bounds_z
    return np.arange(low, high + 1.0, 1.0).tolist()


def _at_level(a: Array, b: Array, z: float) -> Array:
    return np.array([[a[0], a[1], z], [b[0], b[1], z]])


@kernel
def _first_within(
    collar: Array,
    along: Array,
    length: float,
    start: Array,
    end: Array,
    radius: Array,
    distance: float,
    margin: float,
    k: int,
) -> float:
    """Depth along a hole at which it first comes within a distance of capsule ``k``; or inf."""
    tip = collar + length * along
    away, part, _ = segment_segment(
        collar[0], collar[1], collar[2], tip[0], tip[1], tip[2],
        start[k, 0], start[k, 1], start[k, 2], end[k, 0], end[k, 1], end[k, 2],
    )  # fmt: skip
    reach = radius[k] + distance + margin * part * length
    if away > reach:
        return math.inf
    enter, _ = trace_capsule(
        collar[0], collar[1], collar[2], along[0], along[1], along[2], length,
        start[k, 0], start[k, 1], start[k, 2], end[k, 0], end[k, 1], end[k, 2], reach,
    )  # fmt: skip
    return part * length if math.isnan(enter) else enter


@kernel
def _apart(low: Array, high: Array, k: int, from_h: Array, to_h: Array, reach: float) -> bool:
    """Whether the boxes around capsule ``k`` and a hole lie more than ``reach`` apart."""
    away = -math.inf
    for i in range(3):
        away = max(away, low[k, i] - to_h[i], from_h[i] - high[k, i])
    return away > reach


@kernel
def _allowed_lengths(
    collars: Array,
    along: Array,
    length: Array,
    walls: tuple[Array, Array, Array, Array, Array],
    distance: float,
    margin: float,
    p: float,
    out: Array,
) -> None:
    """Fill the lengths (h,) to which P(within the distance) stays at most ``p``."""
    start, end, radius, scene, weight = walls
    low, high = np.minimum(start, end), np.maximum(start, end)
    for h in range(collars.shape[0]):
        mass = np.zeros(int(length[h] / _STEP_M) + 2)
        tip = collars[h] + length[h] * along[h]
        from_h, to_h = np.minimum(collars[h], tip), np.maximum(collars[h], tip)
        nearest, current = math.inf, -1
        for k in range(radius.shape[0] + 1):
            if k == radius.shape[0] or scene[k] != current:
                if current >= 0 and nearest <= length[h]:
                    mass[int(nearest / _STEP_M)] += weight[current]
                if k == radius.shape[0]:
                    break
                nearest, current = math.inf, scene[k]
            reach = radius[k] + distance + margin * length[h]
            if _apart(low, high, k, from_h, to_h, reach):
                continue
            first = _first_within(
                collars[h], along[h], length[h], start, end, radius, distance, margin, k
            )
            nearest = min(nearest, first)
        total = 0.0
        out[h] = length[h]
        for b in range(mass.shape[0]):
            total += mass[b]
            if total > p:
                out[h] = min(b * _STEP_M, length[h])
                break


@kernel
def _over_shallow(
    collars: Array,
    walls: tuple[Array, Array, Array, Array, Array],
    deepest: float,
    p: float,
    out: Array,
) -> None:
    """Mark collars (h,) under which P(shallow workings) exceeds ``p``."""
    start, end, radius, scene, weight = walls
    for h in range(collars.shape[0]):
        total, counted = 0.0, -1
        for k in range(radius.shape[0]):
            if scene[k] == counted:
                continue
            away, _, t = segment_segment(
                collars[h, 0], collars[h, 1], 0.0, collars[h, 0], collars[h, 1], 0.0,
                start[k, 0], start[k, 1], 0.0, end[k, 0], end[k, 1], 0.0,
            )  # fmt: skip
            axis = start[k, 2] + t * (end[k, 2] - start[k, 2])
            roof = collars[h, 2] - axis - radius[k]
            most = min(_STEEPEST_ROOF * radius[k], deepest)
            if away <= radius[k] and axis < collars[h, 2] and roof <= most:
                total += weight[scene[k]]
                counted = scene[k]
        out[h] = total > p


def gated(holes: Holes, gate: Gate, deviation_sd_per_m: float) -> tuple[Holes, Array]:
    """Cut candidates short where a gate says, and drop those that may not begin.

    Parameters
    ----------
    holes : Holes
        ``n`` candidates, as long as they may become.
    gate : Gate
        The rule and the workings.
    deviation_sd_per_m : float
        Lateral deviation per metre: three standard deviations are kept clear, too.

    Returns
    -------
    holes : Holes
        Those that may begin, as long as they may become under the gate.
    kept : (n,) numpy.ndarray of bool
        Which they are.
    """
    collars = np.ascontiguousarray(np.column_stack([holes.x, holes.y, holes.z]), np.float64)
    w = gate.walls
    walls = (w.start, w.end, w.radius, w.scene, w.weight)
    if gate.rule.shallow:
        over = np.zeros(len(holes), np.bool_)
        _over_shallow(collars, walls, gate.rule.distance_m, gate.p, over)
        return take_holes(holes, ~over), ~over
    along = np.ascontiguousarray(direction(holes.azimuth_deg, holes.inclination_deg).T)
    length = np.asarray(holes.length_m, np.float64)
    allowed, margin = np.empty(len(holes)), _SD * deviation_sd_per_m

    def work(rows: slice) -> None:
        _allowed_lengths(
            collars[rows],
            along[rows],
            length[rows],
            walls,
            gate.rule.distance_m,
            margin,
            gate.p,
            allowed[rows],
        )

    run_chunks(work, [slice(k, k + _CHUNK) for k in range(0, len(holes), _CHUNK)], None)
    kept = (allowed >= _SHORTEST_M) | (allowed >= length)
    cut = Holes(**{**vars(holes), "length_m": np.minimum(length, allowed)})
    return take_holes(cut, kept), kept
