"""Legal and practice rules of distance, read off the belief.

A rule says what has to be done where workings may lie within a distance of a face. The belief
answers with P(workings within that distance): the scenes in which the wall of some object comes so
near. Rules are data with their sources; none of this is legal advice, and a rule that is met does
not say that the ground is sound.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from subterra.errors import InputError, check_known
from subterra.inference.belief import Belief
from subterra.inference.summary import supported
from subterra.kernel import kernel
from subterra.scene import FAMILIES, Scenes, family_code
from subterra.scene.geometry import segment_segment
from subterra.search.hit import weighted_quantile
from subterra.tables import FOOT_M

__all__ = [
    "RULES",
    "Face",
    "StandoffAnswer",
    "StandoffRule",
    "clearances",
    "dug_families",
    "find_rule",
    "shallow_under",
    "standoff",
]

Array = npt.NDArray[Any]

_NATURAL: Final = ("chamber", "conduit")
QUANTILES: Final = (0.05, 0.5)


@dataclass(frozen=True)
class StandoffRule:
    """A rule of law or practice.

    Parameters
    ----------
    name : str
        For the command line.
    distance_m : float
        Within which workings make it apply, metres.
    duty : str
        What has to be done then, in words.
    source : str
        Where it stands.
    shallow : bool
        Whether it asks for workings *under* a place instead, whose roof is less than ten times
        their height and ``distance_m`` deep.
    """

    name: str
    distance_m: float
    duty: str
    source: str
    shallow: bool = False


def _us(section: str, where: str, feet: float, duty: str) -> StandoffRule:
    kind = f"within {feet:g} ft of {where} workings"
    name = f"us-{section}-{where}"
    return StandoffRule(name, feet * FOOT_M, duty, f"30 CFR {section}, {kind}")


_METAL: Final = "bore at least 25 ft (7.6 m) ahead of the face"
_COAL: Final = (
    "bore at least 20 ft (6.1 m) ahead of the face, no more than 8 ft (2.4 m) apart, and keep "
    "10 ft (3.0 m) ahead"
)
_ALL: Final = (
    _us("57.22241", "surveyed", 50.0, _METAL),
    _us("57.22241", "unsurveyed", 200.0, _METAL),
    _us("75.388", "surveyed", 50.0, _COAL),
    _us("75.388", "unsurveyed", 200.0, _COAL),
    StandoffRule(
        "uk-shallow",
        30.0,
        "take the workings for shallow: investigate and treat before building",
        "UK practice: shallow workings lie no deeper than ten times the extracted thickness, 30 m "
        "at most",
        shallow=True,
    ),
)
RULES: Final[Mapping[str, StandoffRule]] = MappingProxyType({rule.name: rule for rule in _ALL})
"""Rules by name. "Surveyed" workings are those whose survey is certified; others are not."""


def find_rule(name: str) -> StandoffRule:
    """Return a rule by name; raise ``InputError`` that lists the known ones."""
    check_known("rule", name, RULES)
    return RULES[name]


@dataclass(frozen=True)
class Face:
    """A face, or a place to build on: a point, or the line between two.

    Parameters
    ----------
    start, end : tuple of float
        x, y, z in metres, site frame; equal for a point.

    Raises
    ------
    InputError
        For a number that is not finite.
    """

    start: tuple[float, float, float]
    end: tuple[float, float, float]

    def __post_init__(self) -> None:
        if not all(math.isfinite(v) for v in (*self.start, *self.end)):
            problem = f"a face needs finite numbers, found {self.start} and {self.end}"
            raise InputError(problem)


@dataclass(frozen=True)
class StandoffAnswer:
    """What the belief says to a rule at a face.

    Parameters
    ----------
    rule : StandoffRule
        The rule.
    p_within : float
        P(the rule applies): workings within its distance, or shallow under the place.
    applies : bool or None
        Whether that is at least the threshold asked for. None where this cannot be said: it is
        less, but the site does not cover the ground, or the scenes do not support so small a
        threshold.
    epsilon : float
        The threshold.
    distance_quantiles_m : tuple of float or None
        5 % and 50 % quantiles of the distance to the nearest workings, over the scenes that have
        any within the site; None without any.
    covered : bool
        Whether all that lies within the distance is inside the site; what is outside the belief
        does not speak of, so that ``p_within`` is a lower bound there.
    """

    rule: StandoffRule
    p_within: float
    applies: bool | None
    epsilon: float
    distance_quantiles_m: tuple[float, ...] | None
    covered: bool


@kernel
def _nearest(
    family: Array,
    x: Array,
    y: Array,
    z: Array,
    radius: Array,
    wanted: Array,
    face: Array,
    flat: float,
    out: Array,
    height: Array,
) -> None:
    """Fill distances (n, S) from a face to walls, and heights (n, S) of the axis there.

    With ``flat`` 0 both are seen from above; with 1 in space.
    """
    for i in range(family.shape[0]):
        for k in range(family.shape[1]):
            out[i, k] = math.inf
            if not wanted[family[i, k]]:
                continue
            for v in range(x.shape[2] - 1):
                distance, _, t = segment_segment(
                    face[0],
                    face[1],
                    flat * face[2],
                    face[3],
                    face[4],
                    flat * face[5],
                    x[i, k, v],
                    y[i, k, v],
                    flat * z[i, k, v],
                    x[i, k, v + 1],
                    y[i, k, v + 1],
                    flat * z[i, k, v + 1],
                )
                if distance - radius[i, k] < out[i, k]:
                    out[i, k] = distance - radius[i, k]
                    height[i, k] = z[i, k, v] + t * (z[i, k, v + 1] - z[i, k, v])


def dug_families() -> list[str]:
    """Families that count as workings: everything that was dug."""
    return [f for f in FAMILIES[1:] if f not in _NATURAL]


def _wanted(families: Collection[str]) -> Array:
    """Mask over family codes; by default everything that was dug."""
    mask = np.zeros(len(FAMILIES), np.bool_)
    for name in families or dug_families():
        mask[family_code(name)] = True
    return mask


def _distances(
    scenes: Scenes, face: Face, families: Collection[str], flat: float
) -> tuple[Array, Array]:
    objects = scenes.objects
    ends = np.array([*face.start, *face.end], float)
    forked = np.where(objects.branch > 0, objects.family, 0).astype(objects.family.dtype)
    parts = (
        (objects.family, objects.x, objects.y, objects.z),
        (forked, objects.branch_x, objects.branch_y, objects.branch_z),
    )
    found: list[tuple[Array, Array]] = []
    for family, x, y, z in parts:
        out, height = np.empty(family.shape), np.zeros(family.shape)
        _nearest(family, x, y, z, objects.radius, _wanted(families), ends, flat, out, height)
        found.append((out, height))
    (main, main_z), (branch, branch_z) = found
    return np.minimum(main, branch), np.where(branch < main, branch_z, main_z)


def clearances(scenes: Scenes, face: Face, *, families: Collection[str] = ()) -> Array:
    """Distance from a face to the wall of the nearest working.

    Parameters
    ----------
    scenes : Scenes
        ``n`` scenes.
    face : Face
        The face.
    families : collection of str
        What counts as workings; by default all families that were dug.

    Returns
    -------
    (n,) numpy.ndarray
        Metres, negative inside one, infinite where a scene has none.
    """
    return _distances(scenes, face, families, 1.0)[0].min(axis=1)


def shallow_under(
    scenes: Scenes, face: Face, deepest_m: float, *, families: Collection[str] = ()
) -> Array:
    """Whether each scene has shallow workings under a place.

    Parameters
    ----------
    scenes : Scenes
        ``n`` scenes.
    face : Face
        The place, on the ground.
    deepest_m : float
        Depth of the roof below the place beyond which nothing is shallow.
    families : collection of str
        What counts as workings.

    Returns
    -------
    (n,) numpy.ndarray of bool
        Whether workings pass under it whose roof is less deep than ten times their height (twice
        the radius) and than ``deepest_m``.
    """
    away, axis_z = _distances(scenes, face, families, 0.0)
    radius = scenes.objects.radius.astype(float)
    roof_m = min(face.start[2], face.end[2]) - (axis_z + radius)
    shallow = roof_m <= np.minimum(20.0 * radius, deepest_m)
    return np.any((away <= 0.0) & shallow & (axis_z < max(face.start[2], face.end[2])), axis=1)


def standoff(
    belief: Belief,
    rule: StandoffRule,
    face: Face,
    *,
    epsilon: float = 0.05,
    families: Collection[str] = (),
) -> StandoffAnswer:
    """Read off the belief whether a rule applies at a face.

    Parameters
    ----------
    belief : Belief
        The belief.
    rule : StandoffRule
        One of `RULES`, or one's own.
    face : Face
        The face.
    epsilon : float
        Probability from which on the rule is taken to apply, above 0 and below 1.
    families : collection of str
        What counts as workings; by default all families that were dug.

    Returns
    -------
    StandoffAnswer

    Raises
    ------
    InputError
        For a threshold outside its range or an unknown family.
    """
    if not 0.0 < epsilon < 1.0:
        problem = f"epsilon must be above 0 and below 1, found {epsilon}"
        raise InputError(problem)
    away = clearances(belief.scenes, face, families=families)
    if rule.shallow:
        near = shallow_under(belief.scenes, face, rule.distance_m, families=families)
    else:
        near = away <= rule.distance_m
    p = min(float(belief.weight @ near), 1.0)
    there = np.isfinite(away) & (belief.weight > 0.0)
    quantiles = None
    if there.any():
        found = weighted_quantile(away[there], belief.weight[there], QUANTILES)
        quantiles = tuple(float(v) for v in found)
    covered = _covered(belief, rule, face)
    applies = True if p >= epsilon else None
    if applies is None and covered and supported(p, belief.info.n_scenes, False) < epsilon:
        applies = False
    return StandoffAnswer(rule, p, applies, epsilon, quantiles, covered)


def _covered(belief: Belief, rule: StandoffRule, face: Face) -> bool:
    """Whether the ground that a rule asks about lies inside the site."""
    x0, y0, x1, y1 = belief.prior.bounds
    margin = 0.0 if rule.shallow else rule.distance_m
    for x, y, z in (face.start, face.end):
        inside = x0 + margin <= x <= x1 - margin and y0 + margin <= y <= y1 - margin
        bottom = float(belief.prior.surface.at(np.asarray(x), np.asarray(y))) - belief.prior.depth_m
        if not inside or z - rule.distance_m < bottom:
            return False
    return True
