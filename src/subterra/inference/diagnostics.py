"""Do independent parts of a run agree? Numbers that need no more than the belief.

The islands of a run share nothing. Their even and odd ones, each pooled by evidence, are two
independent answers; however many islands there are, the two approach each other as effort grows.
For a function h of a scene with means h₁, h₂ and variances within of mean W,

    R̂ = √(1 + (h₁ − h₂)²/(2 W)),

the potential scale reduction of Gelman & Rubin (1992) for two chains, in which (h₁ − h₂)²/2 is the
variance between. W is held from below at the variance of a probability of 0.01, so that a
difference which no printed digit shows does not count.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from subterra.inference.belief import Belief
from subterra.inference.objects import TargetObject
from subterra.inference.quantities import nearest_target
from subterra.scene import object_counts, prior_any, take

__all__ = ["Agreement", "agreement", "halves"]

Array = npt.NDArray[Any]

_CELLS: Final = 4
_LEAST_VARIANCE: Final = 0.01 * 0.99
_LEAST_LENGTH: Final = 0.05
"""Metres: halves whose lengths differ by less agree."""
_MIN_EFFECTIVE: Final = 20.0
_MIN_SHARE: Final = 0.02


@dataclass(frozen=True)
class Agreement:
    """How far the two independent halves of a run agree.

    Parameters
    ----------
    p_any : (first, second)
        P(any target) by each half.
    r_hat : mapping of str to float
        R̂ of ``p_any``, of ``poc`` (the worst of 16 places) and of the main object's ``depth``,
        ``radius`` and ``offset`` (across its course); what cannot be judged is left out.
    log_evidence_halves : (first, second)
        Natural log of the mean evidence of the islands of each half.
    log_evidence : float
        Natural log of the evidence, all islands together.
    log_evidence_sd : float
        Standard error of it.
    log_bayes_factor_sd : float
        Standard error of the natural log of posterior over prior odds of any target; NaN where a
        half has no scene with, or none without, a target.
    """

    p_any: tuple[float, float]
    r_hat: Mapping[str, float]
    log_evidence_halves: tuple[float, float]
    log_evidence: float
    log_evidence_sd: float
    log_bayes_factor_sd: float


def halves(belief: Belief) -> tuple[Array, Array]:
    """Weights (n,) of the even and of the odd islands, each of sum 1 and zero outside.

    Islands without any weight count as they stand: a run of one island has an empty second half,
    whose weights are all zero.
    """
    island = np.repeat(np.arange(len(belief.info.island)), belief.info.island)
    parts = [np.where(island % 2 == k, belief.weight, 0.0) for k in (0, 1)]
    return tuple(w / max(float(w.sum()), np.finfo(float).tiny) for w in parts)  # pyright: ignore[reportReturnType]


def _r_hat(h: Array, weights: Sequence[Array], least: float = _LEAST_VARIANCE) -> float:
    mean = [float(w @ h) for w in weights]
    within = [float(w @ (h - m) ** 2) for w, m in zip(weights, mean, strict=True)]
    variance = max(0.5 * (within[0] + within[1]), least)
    return math.sqrt(1.0 + 0.5 * (mean[0] - mean[1]) ** 2 / variance)


def _poc(belief: Belief, weights: Sequence[Array]) -> float:
    """Worst R̂ of P(a target axis passes a place within half a cell), 4 × 4 places."""
    x0, y0, x1, y1 = belief.prior.bounds
    reach = 0.5 * max(x1 - x0, y1 - y0) / _CELLS
    kept = np.flatnonzero(weights[0] + weights[1] > 0.0)
    scenes = take(belief.scenes, kept)
    worst = 1.0
    for i in range(_CELLS):
        for j in range(_CELLS):
            place = (x0 + (i + 0.5) * (x1 - x0) / _CELLS, y0 + (j + 0.5) * (y1 - y0) / _CELLS)
            distance, _, _ = nearest_target(belief.prior, scenes, place)
            near = (np.nan_to_num(distance, nan=np.inf) <= reach).astype(np.float64)
            worst = max(worst, _r_hat(near, [w[kept] for w in weights]))
    return worst


def _main_object(belief: Belief, item: TargetObject, weights: Sequence[Array]) -> dict[str, float]:
    """R̂ of depth, radius and place of the most probable object, where both halves have it."""
    scene, slot = item.members.T
    by_half = [w[scene] for w in weights]
    for w in by_half:
        total = float(w.sum())
        if total < _MIN_SHARE or total**2 / float(np.sum(w**2)) < _MIN_EFFECTIVE:
            return {}
    by_half = [w / w.sum() for w in by_half]
    objects = belief.scenes.objects
    x, y, z = (v[scene, slot].astype(np.float64) for v in (objects.x, objects.y, objects.z))
    place = _nearest_point(x, y, z, item.axis[len(item.axis) // 2])
    course = item.axis[-1, :2] - item.axis[0, :2]
    length = float(np.hypot(*course))
    across = np.array([course[1], -course[0]]) / length if length > 0.0 else np.array([1.0, 0.0])
    values = {
        "depth": belief.prior.surface.at(place[0], place[1]) - place[2],
        "radius": objects.radius[scene, slot].astype(np.float64),
        "offset": across[0] * place[0] + across[1] * place[1],
    }
    return {
        name: _r_hat(h - float(h.mean()), by_half, _LEAST_LENGTH**2) for name, h in values.items()
    }


def _nearest_point(x: Array, y: Array, z: Array, to: Array) -> Array:
    """Point (3, m) of each axis (m, V) that is closest in plan to a place."""
    dx, dy = np.diff(x, axis=1), np.diff(y, axis=1)
    along = (to[0] - x[:, :-1]) * dx + (to[1] - y[:, :-1]) * dy
    share = np.clip(along / np.maximum(dx * dx + dy * dy, 1e-12), 0.0, 1.0)
    foot = np.stack([v[:, :-1] + share * np.diff(v, axis=1) for v in (x, y, z)])
    best = np.argmin((foot[0] - to[0]) ** 2 + (foot[1] - to[1]) ** 2, axis=1)
    return foot[:, np.arange(len(x)), best]


def _spread(values: Sequence[float]) -> float:
    """Standard error of the mean of independent values."""
    return float(np.std(values, ddof=1) / math.sqrt(len(values))) if len(values) > 1 else math.nan


def _log_mean(logs: Array) -> float:
    top = float(logs.max())
    return top + math.log(float(np.exp(logs - top).mean()))


def _log_evidence_sd(logs: Array) -> float:
    """Standard error of the log of the mean evidence, by the delta method."""
    relative = np.exp(logs - logs.max())
    return _spread(relative.tolist()) / float(relative.mean())


def _bayes_factor_sd(belief: Belief, p: Sequence[float]) -> float:
    if not all(0.0 < v < 1.0 for v in p):
        return math.nan
    prior = prior_any(belief.prior)
    return _spread([math.log(v / (1.0 - v)) - math.log(prior / (1.0 - prior)) for v in p])


def agreement(belief: Belief, objects: Sequence[TargetObject] = ()) -> Agreement:
    """Compare the two independent halves of a run.

    Parameters
    ----------
    belief : Belief
        Of at least two islands; a run of one agrees with nothing, its R̂ are infinite.
    objects : sequence of TargetObject
        Its clusters, the most probable first; without them the main object is not compared.

    Returns
    -------
    Agreement
    """
    logs = np.asarray(belief.info.log_evidence, np.float64)
    if len(logs) < 2:
        p, z = float(belief.info.p_any_islands[0]), float(logs[0])
        return Agreement((p, math.nan), {"p_any": math.inf}, (z, math.nan), z, math.nan, math.nan)
    weights = halves(belief)
    has = (object_counts(belief.scenes.objects.family, belief.prior)[0] > 0).astype(np.float64)
    p_any = min(float(weights[0] @ has), 1.0), min(float(weights[1] @ has), 1.0)
    r_hat = {"p_any": _r_hat(has, weights), "poc": _poc(belief, weights)}
    if objects:
        r_hat |= _main_object(belief, objects[0], weights)
    return Agreement(
        p_any,
        r_hat,
        (_log_mean(logs[::2]), _log_mean(logs[1::2])),
        _log_mean(logs),
        _log_evidence_sd(logs),
        _bayes_factor_sd(belief, p_any),
    )
