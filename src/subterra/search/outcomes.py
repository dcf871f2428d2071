"""What each outcome of a planned hole would mean: the belief after a void, and after none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from subterra.inference.belief import Belief
from subterra.scene import object_counts
from subterra.search.hit import HoleHits
from subterra.search.rivals import FEWEST, Rivals

__all__ = ["Outcome", "plan_outcomes"]

Array = npt.NDArray[Any]


@dataclass(frozen=True)
class Outcome:
    """One hole, drilled first: its two outcomes.

    Parameters
    ----------
    hole : str
        Its name.
    p_void : float
        P(its log says void), false voids among them.
    any_if_void, any_if_dry : float or None
        P(any target) after each; None with too few scenes to say.
    rivals_if_void, rivals_if_dry : tuple of float or None
        Probabilities of the explanations after each.
    p_void_by_rival : tuple of float or None
        P(void | explanation).
    bits : float
        What its outcome tells of which explanation holds, those that are not listed counted as
        one: their mutual information.
    """

    hole: str
    p_void: float
    any_if_void: float | None
    any_if_dry: float | None
    rivals_if_void: tuple[float | None, ...]
    rivals_if_dry: tuple[float | None, ...]
    p_void_by_rival: tuple[float | None, ...]
    bits: float


def plan_outcomes(
    belief: Belief, names: Sequence[str], hits: HoleHits, rivals: Rivals
) -> tuple[Outcome, ...]:
    """Read off the belief what each outcome of each hole would mean.

    Parameters
    ----------
    belief : Belief
        Weighted scenes.
    names : sequence of str
        Of the holes.
    hits : HoleHits
        The holes in the scenes.
    rivals : Rivals
        Explanations of the belief.

    Returns
    -------
    tuple of Outcome
        Each hole by itself, without the results of the others.
    """
    n_target, _ = object_counts(belief.scenes.objects.family, belief.prior)
    group = rivals.group
    return tuple(
        _outcome(belief.weight, name, p.astype(float), n_target > 0, rivals, group)
        for name, p in zip(names, hits.p_void, strict=True)
    )


def _outcome(
    weight: Array, name: str, p_void: Array, target: Array, rivals: Rivals, group: Array
) -> Outcome:
    void, dry = weight * p_void, weight * (1.0 - p_void)
    masks = [rival.holds for rival in rivals.best]
    return Outcome(
        name,
        float(void.sum()),
        _share(void, target),
        _share(dry, target),
        tuple(_share(void, mask) for mask in masks),
        tuple(_share(dry, mask) for mask in masks),
        tuple(
            float(np.average(p_void[r.holds], weights=weight[r.holds]))
            if r.effective >= FEWEST
            else None
            for r in rivals.best
        ),
        _information(void, dry, group, len(masks) + 1),
    )


def _share(weight: Array, mask: Array) -> float | None:
    total = float(weight.sum())
    if total <= 0.0 or total**2 / float(np.sum(weight**2)) < FEWEST:
        return None
    return min(float(weight[mask].sum()) / total, 1.0)


def _information(void: Array, dry: Array, group: Array, count: int) -> float:
    """Mutual information of the outcome and the explanation, bits."""
    joint = np.stack([np.bincount(group, weights=w, minlength=count) for w in (void, dry)])
    joint = joint / joint.sum()
    apart = joint.sum(axis=1, keepdims=True) * joint.sum(axis=0, keepdims=True)
    some = joint > 0.0
    return max(float(np.sum(joint[some] * np.log2(joint[some] / apart[some]))), 0.0)
