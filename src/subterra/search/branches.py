"""Outcomes of an action over the scenes of a belief: exact ones of holes, drawn ones of surveys.

Outcomes of holes are binary and their sums over scenes exact. Outcomes of surveys are data: they
are drawn from scenes of the belief, and every decision is made *without* the scene that gave the
data and paid by it. Were it left in, sparse scenes would recognise their own data, and a survey
would seem to tell places apart that lie closer than its resolution. A policy that is tried on what
it was not made from earns no more than the best one, so that simulated values err on the low side.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from subterra.scene.rows import joined_rows

__all__ = [
    "Branches",
    "draw_by_stratum",
    "hole_branches",
    "join_branches",
    "known_branch",
    "simulated_branches",
]

Array = npt.NDArray[Any]


@dataclass(frozen=True, eq=False)
class Branches:
    """Outcomes of an action: ``b`` of them over ``n`` scenes, P(scene and outcome).

    Parameters
    ----------
    weight, unfound : (b, n) numpy.ndarray
        By which is decided what follows: all of it, and the part in which a target is still
        unfound. A row may have any scale; decisions do not depend on it.
    paid_weight, paid_unfound : (b, n) numpy.ndarray
        By which it is paid: true masses, ``paid_weight`` sums to 1 over all outcomes. The same
        arrays where outcomes are exact.
    cost : (b,) numpy.ndarray
        What has been spent when an outcome is known.
    stratum : (b,) numpy.ndarray of int
        Stratum of the scene that an outcome's data were drawn from; −1 where it is exact.
    """

    weight: Array
    unfound: Array
    paid_weight: Array
    paid_unfound: Array
    cost: Array
    stratum: Array

    def __len__(self) -> int:
        return len(self.cost)


def hole_branches(
    weight: Array, unfound: Array, p_hit: Array, p_void: Array, cost: float
) -> Branches:
    """Outcomes of one hole, dry and void, exact.

    Of a void the part that is the target is found; what stays unfound are targets beside which
    something else was logged.

    Parameters
    ----------
    weight, unfound : (n,) numpy.ndarray
        Before the hole.
    p_hit, p_void : (n,) numpy.ndarray
        Of the hole in each scene.
    cost : float
        Of the hole.

    Returns
    -------
    Branches
        The dry outcome first.
    """
    p_hit, p_void = np.asarray(p_hit, float), np.asarray(p_void, float)
    both = np.stack([weight * (1.0 - p_void), weight * p_void])
    left = np.stack([unfound * (1.0 - p_void), unfound * np.maximum(p_void - p_hit, 0.0)])
    return Branches(both, left, both, left, np.full(2, float(cost)), np.full(2, -1))


def known_branch(weight: Array, unfound: Array, cost: float) -> Branches:
    """One exact outcome: nothing is learnt.

    Parameters
    ----------
    weight, unfound : (n,) numpy.ndarray
        State.
    cost : float
        Spent by then.

    Returns
    -------
    Branches
    """
    held, left = np.asarray(weight, np.float64)[None], np.asarray(unfound, np.float64)[None]
    return Branches(held, left, held, left, np.array([float(cost)]), np.array([-1]))


def join_branches(parts: Sequence[Branches]) -> Branches:
    """Put the outcomes of several parts of a tree together."""
    return joined_rows(parts)


def draw_by_stratum(
    weight: Array, stratum: Array, counts: Mapping[int, int], rng: np.random.Generator
) -> tuple[Array, Array]:
    """Draw scenes by weight, systematically, so many from each stratum.

    Parameters
    ----------
    weight : (n,) numpy.ndarray
        Masses of the scenes.
    stratum : (n,) numpy.ndarray of int
        Stratum of each.
    counts : mapping of int to int
        Draws from each stratum; one without mass gives none.
    rng : numpy.random.Generator
        Source of randomness.

    Returns
    -------
    index : (k,) numpy.ndarray of int
        Scenes, a heavy one several times.
    mass : (k,) numpy.ndarray
        What each draw stands for; sums to the mass of the strata drawn from.
    """
    index, mass = [np.empty(0, np.int64)], [np.empty(0)]
    for label, count in counts.items():
        rows = np.flatnonzero((stratum == label) & (weight > 0.0))
        if not len(rows) or count < 1:
            continue
        total = float(weight[rows].sum())
        at = (np.arange(count) + rng.random()) / count * total
        drawn = np.searchsorted(np.cumsum(weight[rows]), at, side="right")
        index.append(rows[np.minimum(drawn, len(rows) - 1)])
        mass.append(np.full(count, total / count))
    return np.concatenate(index), np.concatenate(mass)


def simulated_branches(
    weight: Array,
    unfound: Array,
    truth: Array,
    mass: Array,
    log_likelihood: Array,
    cost: float,
    stratum: Array,
) -> Branches:
    """Outcomes of a survey as data drawn from scenes, each decided without its own scene.

    Parameters
    ----------
    weight, unfound : (n,) numpy.ndarray
        Before the survey.
    truth : (k,) numpy.ndarray of int
        Scene behind each set of data.
    mass : (k,) numpy.ndarray
        What it stands for.
    log_likelihood : (k, n) numpy.ndarray
        Of each set of data in each scene.
    cost : float
        Spent by then.
    stratum : (n,) numpy.ndarray of int
        From which the scenes were drawn.

    Returns
    -------
    Branches
    """
    rows = np.arange(len(truth))
    held = np.array(log_likelihood, np.float64)
    held[rows, truth] = -np.inf
    held[:, weight <= 0.0] = -np.inf
    top = held.max(axis=1, keepdims=True)
    decided = weight * np.exp(held - np.where(np.isfinite(top), top, 0.0))
    share = np.divide(unfound, weight, out=np.zeros_like(weight), where=weight > 0.0)
    paid = np.zeros_like(decided)
    paid[rows, truth] = mass
    spent = np.full(len(truth), float(cost))
    return Branches(decided, decided * share, paid, paid * share, spent, stratum[truth])
