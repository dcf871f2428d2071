"""Rival explanations of a belief: the best few stories that its scenes tell, side by side.

Scenes are sorted by what the search would do about them: where their main target lies (which
cluster of axes of the belief), of which family it is and what fills it; scenes without a target by
what they hold instead. Every scene is in one group, so that the probabilities sum to 1.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from subterra.inference.belief import Belief
from subterra.inference.objects import TargetObject
from subterra.scene import FAMILIES, FILLS, segments, target_mask
from subterra.search.hit import weighted_quantile

__all__ = [
    "ELSEWHERE",
    "FEWEST",
    "Rival",
    "Rivals",
    "fit_by_rival",
    "lines_of",
    "rival_explanations",
]

Array = npt.NDArray[Any]

ELSEWHERE: Final = 0
"""Place of a target that belongs to none of the belief's clusters."""
FEWEST: Final = 30.0
"""Effective scenes below which nothing is said of a group beyond its probability."""
_QUANTILES: Final = (0.05, 0.5, 0.95)
_DECIBANS: Final = 10.0 / np.log(10.0)
_POINTS: Final = 65


@dataclass(frozen=True)
class Rival:
    """One explanation.

    Parameters
    ----------
    p : float
        Its probability.
    place : int or None
        Number of the cluster of its main target, from 1; `ELSEWHERE`; None without a target.
    family, fill : str
        Of the main target, or of what is there instead; empty where nothing is.
    more : float
        P(a further target | this explanation).
    depth_m, radius_m : (float, float, float) or None
        5, 50 and 95 % quantiles of the mean depth of its main object's axis inside the bounds (of
        a shaft, of its mouth) and of its radius, m; None with nothing there or too few scenes.
    effective : float
        Effective number of its scenes.
    holds : (n,) numpy.ndarray of bool
        Its scenes.
    slot : (n,) numpy.ndarray of int
        Slot of the main object in each scene of the belief; −1 with nothing there.
    """

    p: float
    place: int | None
    family: str
    fill: str
    more: float
    depth_m: tuple[float, float, float] | None
    radius_m: tuple[float, float, float] | None
    effective: float
    holds: Array
    slot: Array

    @property
    def is_target(self) -> bool:
        """Whether there is a target in it."""
        return self.place is not None


@dataclass(frozen=True)
class Rivals:
    """The best explanations and what is left.

    Parameters
    ----------
    best : tuple of Rival
        Most probable first. Nothing there at all is always one of them.
    p_other : float
        Probability of all explanations that are not listed.
    n_other : int
        How many there are.
    """

    best: tuple[Rival, ...]
    p_other: float
    n_other: int

    @property
    def group(self) -> Array:
        """Number of each scene's explanation in ``best``; the number after the last for others."""
        out = np.full(len(self.best[0].holds), len(self.best))
        for k, rival in enumerate(self.best):
            out[rival.holds] = k
        return out


@dataclass(frozen=True)
class _Key:
    """What tells explanations apart; codes as in scenes, −1 for a scene without a target."""

    place: int
    family: int
    fill: int


def rival_explanations(
    belief: Belief, objects: Sequence[TargetObject], *, most: int = 5, least_p: float = 0.02
) -> Rivals:
    """Sort the scenes of a belief into explanations.

    Parameters
    ----------
    belief : Belief
        Weighted scenes.
    objects : sequence of TargetObject
        Its clusters, from ``target_clusters``.
    most : int
        Largest number of explanations with something in them that are listed.
    least_p : float
        Smallest probability of one that is.

    Returns
    -------
    Rivals
        Probabilities of ``best`` and ``p_other`` sum to 1.
    """
    place, slot = _main(belief, objects)
    family, fill = belief.scenes.objects.family, belief.scenes.objects.fill
    rows = np.arange(len(slot))
    there = slot >= 0
    at = np.maximum(slot, 0)
    codes = np.column_stack(
        [place, np.where(there, family[rows, at], 0), np.where(there, fill[rows, at], 0)]
    )
    kinds, index = np.unique(codes, axis=0, return_inverse=True)
    index = index.reshape(-1)
    total = np.bincount(index, weights=belief.weight, minlength=len(kinds))
    order = [int(k) for k in np.argsort(-total, kind="stable") if kinds[k][1] > 0]
    listed = [k for k in order[:most] if total[k] >= least_p]
    more = _more(belief)
    found = [
        _rival(belief, _Key(*(int(v) for v in kinds[k])), index == k, slot, more) for k in listed
    ]
    found.append(_rival(belief, _Key(-1, 0, 0), ~there, slot, more))
    best = tuple(sorted(found, key=lambda rival: -rival.p))
    left = [k for k in order if k not in listed and total[k] > 0.0]
    return Rivals(best, float(total[left].sum()), len(left))


def _main(belief: Belief, objects: Sequence[TargetObject]) -> tuple[Array, Array]:
    """Place and slot of the main object of each scene: (−1, −1) where the scene is empty.

    The main object is the target of the most probable cluster; without a target, the first object,
    at place −1.
    """
    family = belief.scenes.objects.family
    target = target_mask(belief.prior)[family]
    number = np.where(target, len(objects) + 1, np.iinfo(np.int32).max)
    for k, item in reversed(list(enumerate(objects, start=1))):
        scene, slot = item.members.T
        number[scene, slot] = np.minimum(number[scene, slot], k)
    any_target, any_object = target.any(axis=1), (family > 0).any(axis=1)
    slot = np.where(any_target, np.argmin(number, axis=1), np.argmax(family > 0, axis=1))
    place = number[np.arange(len(slot)), slot]
    place = np.where(place == len(objects) + 1, ELSEWHERE, place)
    return np.where(any_target, place, -1), np.where(any_object, slot, -1)


def _more(belief: Belief) -> Array:
    """Whether each scene holds more than one target."""
    return target_mask(belief.prior)[belief.scenes.objects.family].sum(axis=1) > 1


def _rival(belief: Belief, key: _Key, holds: Array, slot: Array, more: Array) -> Rival:
    weight = belief.weight[holds]
    total = float(weight.sum())
    effective = total**2 / float(np.sum(weight**2)) if total > 0.0 else 0.0
    there = key.family > 0
    depth: tuple[float, float, float] | None = None
    radius: tuple[float, float, float] | None = None
    if there and effective >= FEWEST:
        scene = np.flatnonzero(holds)
        depth = _triple(_depth(belief, scene, slot[scene]), weight)
        radius = _triple(belief.scenes.objects.radius[scene, slot[scene]], weight)
    return Rival(
        total,
        key.place if key.place >= 0 else None,
        FAMILIES[key.family] if there else "",
        FILLS[key.fill] if there else "",
        float(weight[more[holds]].sum() / total) if total > 0.0 else 0.0,
        depth,
        radius,
        effective,
        holds,
        slot,
    )


def _triple(values: Array, weight: Array) -> tuple[float, float, float]:
    low, middle, high = weighted_quantile(values.astype(float), weight, list(_QUANTILES))
    return float(low), float(middle), float(high)


def _depth(belief: Belief, scene: Array, slot: Array) -> Array:
    """Mean depth under the ground of an axis inside the bounds, of a shaft of its mouth, m."""
    objects = belief.scenes.objects
    knots = np.stack([v[scene, slot] for v in (objects.x, objects.y, objects.z)]).astype(float)
    last = knots.shape[-1] - 1
    share = np.linspace(0.0, last, _POINTS)
    first = np.minimum(share.astype(int), last - 1)
    x, y, z = knots[..., first] + (share - first) * (knots[..., first + 1] - knots[..., first])
    x0, y0, x1, y1 = belief.prior.bounds
    inside = (x0 <= x) & (x <= x1) & (y0 <= y) & (y <= y1)
    inside |= ~inside.any(axis=1, keepdims=True)
    depth = belief.prior.surface.at(x, y) - z
    mean = np.sum(depth * inside, axis=1) / inside.sum(axis=1)
    shaft = objects.family[scene, slot] == FAMILIES.index("shaft")
    return np.where(shaft, depth[:, 0], mean)


def lines_of(belief: Belief, rival: Rival, count: int = 30) -> list[Array]:
    """Segments (M, 2, 3) of the main objects of some scenes of an explanation.

    Parameters
    ----------
    belief : Belief
        Weighted scenes.
    rival : Rival
        Explanation of it.
    count : int
        Largest number of scenes, taken at even steps of their cumulative weight.

    Returns
    -------
    list of (M, 2, 3) numpy.ndarray
        Start and end of each segment, m; empty where nothing is there.
    """
    scene = np.flatnonzero(rival.holds & (rival.slot >= 0) & (belief.weight > 0.0))
    if len(scene) == 0:
        return []
    share = np.cumsum(belief.weight[scene]) / belief.weight[scene].sum()
    wanted = (np.arange(count) + 0.5) / count
    picked = scene[np.unique(np.minimum(np.searchsorted(share, wanted), len(scene) - 1))]
    start, end = (np.stack(list(v), axis=-1) for v in segments(belief.scenes.objects))
    out: list[Array] = []
    for i in picked:
        a, b = start[i, rival.slot[i]], end[i, rival.slot[i]]
        out.append(np.stack([a, b], axis=1).astype(float))
    return out


def fit_by_rival(
    belief: Belief, rivals: Rivals, log_likelihood: Mapping[str, Array]
) -> dict[str, tuple[float | None, ...]]:
    """How well each explanation fits each piece of evidence, against the first of them.

    Parameters
    ----------
    belief : Belief
        Weighted scenes.
    rivals : Rivals
        Explanations of it.
    log_likelihood : mapping of str to (n,) numpy.ndarray
        Natural log-likelihood of the belief's scenes by piece of evidence.

    Returns
    -------
    dict of str to tuple of float or None
        Posterior mean log-likelihood of the explanation's scenes less that of the first's,
        decibans; None where either has fewer than `FEWEST` effective scenes.
    """
    out: dict[str, tuple[float | None, ...]] = {}
    for name, value in log_likelihood.items():
        means = [
            float(np.average(value[r.holds], weights=belief.weight[r.holds]))
            if r.effective >= FEWEST
            else None
            for r in rivals.best
        ]
        first = means[0]
        out[name] = tuple(
            None if v is None or first is None else _DECIBANS * (v - first) for v in means
        )
    return out
