"""What an action is worth: expected loss avoided per cost, for holes, panels and surveys alike.

A target left unfound costs ``unfound``; the ground may instead be made safe as if there were one,
for ``precaution``. The Bayes loss of weights w over scenes, of which u belong to scenes whose
target is still unfound, is therefore

    T(w, u) = min(unfound · Σ u, precaution · Σ w).

An action is valued together with the one hole, or none, that is best after each of its outcomes:
a survey finds nothing by itself, it only says where to drill and where not to. Of all such
programmes that begin with an action a, the one is taken that avoids most loss per cost,

    index(a) = max [T(w, u) − Σ_y T after y] / [cost of a + Σ_y P(y) cost of the hole after y],

reward over cost up to the best moment to stop, as in the dynamic allocation index of Gittins (1979),
cut after two steps. Choosing the hole after each outcome for a quotient is a fractional programme,
solved by Dinkelbach's iteration. An index above 1 is worth its cost.

Outcomes of holes are binary and their sums over scenes exact. Outcomes of surveys are data: they
are drawn from scenes of the belief, and every decision is made *without* the scene that gave the
data and paid by it. Were it left in, sparse scenes would recognise their own data, and a survey
would seem to tell places apart that lie closer than its resolution. A policy that is tried on what
it was not made from earns no more than the best one, so that simulated values err on the low side.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from subterra.errors import InputError
from subterra.search.hit import HoleHits

__all__ = [
    "Branches",
    "FollowUps",
    "Stakes",
    "Worth",
    "bayes_loss",
    "draw_by_stratum",
    "hole_branches",
    "join_branches",
    "simulated_branches",
    "value",
]

Array = npt.NDArray[Any]

_STEPS: Final = 30
_SETTLED: Final = 1e-9


@dataclass(frozen=True)
class Stakes:
    """What is at stake, in the unit of the drilling costs.

    Parameters
    ----------
    unfound : float
        Loss where a target is left unfound.
    precaution : float
        Cost of making the ground safe as if there were a target: filling, closing, guarding. It
        takes the place of the loss wherever it is the smaller one; infinite where that is no
        choice.

    Raises
    ------
    InputError
        Unless both are positive.
    """

    unfound: float = 100.0
    precaution: float = math.inf

    def __post_init__(self) -> None:
        if not (0.0 < self.unfound < math.inf and self.precaution > 0.0):
            problem = (
                "the loss of a target unfound must be positive and finite and that of precaution "
                f"positive, found {self.unfound:g} and {self.precaution:g}"
            )
            raise InputError(problem)


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


@dataclass(frozen=True, eq=False)
class FollowUps:
    """Holes of which one may follow.

    Parameters
    ----------
    p_hit, p_void : (h, n) numpy.ndarray
        P(a target is found) and P(a void is logged) in each scene.
    cost : (h,) numpy.ndarray
        Of each.
    """

    p_hit: Array
    p_void: Array
    cost: Array

    @staticmethod
    def of(hits: HoleHits, cost: Array) -> FollowUps:
        """Take them from hit probabilities."""
        return FollowUps(hits.p_hit.astype(float), hits.p_void.astype(float), np.asarray(cost))


@dataclass(frozen=True, eq=False)
class Worth:
    """What an action avoids and costs, in the unit of the drilling costs.

    Parameters
    ----------
    alone : float
        Expected loss avoided by the action itself.
    avoided, cost : float
        The same, and the expected cost, with the hole that follows.
    index : float
        ``avoided / cost``.
    index_sd : float
        Standard error of the index from the simulation; 0 where outcomes are exact.
    p_follow : float
        P(a hole follows).
    follow : (b,) numpy.ndarray of int
        Which follow-up after each outcome, −1 for none.
    """

    alone: float
    avoided: float
    cost: float
    index: float
    index_sd: float
    p_follow: float
    follow: Array

    @property
    def net(self) -> float:
        """Loss avoided less cost."""
        return self.avoided - self.cost


def bayes_loss(weight: Array, unfound: Array, stakes: Stakes) -> Array:
    """Smallest expected loss with no further action, summed over the last axis.

    Parameters
    ----------
    weight, unfound : (..., n) numpy.ndarray
        Masses of scenes, and those of them in which a target is unfound.
    stakes : Stakes
        What is at stake.

    Returns
    -------
    (...) numpy.ndarray
    """
    return _smaller(weight.sum(axis=-1), unfound.sum(axis=-1), stakes)


def _smaller(mass: Array, open_mass: Array, stakes: Stakes) -> Array:
    """T of total masses; infinite precaution times no mass is no loss."""
    leave = stakes.unfound * open_mass
    if math.isinf(stakes.precaution):
        return leave
    return np.minimum(leave, stakes.precaution * mass)


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


def join_branches(parts: Sequence[Branches]) -> Branches:
    """Put the outcomes of several parts of a tree together."""
    names = [f.name for f in fields(Branches)]
    return Branches(*(np.concatenate([getattr(part, name) for part in parts]) for name in names))


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


def value(weight: Array, unfound: Array, action: Branches, then: FollowUps, stakes: Stakes) -> Worth:
    """Value an action with the hole that is best after each outcome, or none.

    Parameters
    ----------
    weight, unfound : (n,) numpy.ndarray
        Before the action; ``weight`` sums to 1.
    action : Branches
        Its outcomes.
    then : FollowUps
        Holes that may follow.
    stakes : Stakes
        What is at stake.

    Returns
    -------
    Worth
    """
    now = float(bayes_loss(weight, unfound, stakes))
    decided, paid = _losses(action, then, stakes)
    mass, scale = action.paid_weight.sum(axis=1), action.weight.sum(axis=1)
    price = np.append(0.0, then.cost)
    alone, spent = now - float(paid[:, 0].sum()), float(mass @ action.cost)
    rows, index = np.arange(len(action)), max(alone, 0.0) / max(spent, 1e-300)
    chosen = np.zeros(len(action), int)
    for _ in range(_STEPS):
        chosen = np.argmin(decided + index * price * scale[:, None], axis=1)
        avoided = now - float(paid[rows, chosen].sum())
        cost = spent + float(mass @ price[chosen])
        before, index = index, max(avoided, 0.0) / max(cost, 1e-300)
        if abs(index - before) <= _SETTLED * max(index, 1.0):
            break
    gain = _each(weight, unfound, action, stakes) - paid[rows, chosen]
    return Worth(
        alone,
        avoided,
        cost,
        index,
        _index_sd(gain, mass * (action.cost + price[chosen]), index, action),
        float(mass @ (chosen > 0)),
        chosen - 1,
    )


def _losses(action: Branches, then: FollowUps, stakes: Stakes) -> tuple[Array, Array]:
    """Loss after each outcome and each follow-up, none first, (b, 1 + h): decided and paid."""
    none = np.ones((1, action.weight.shape[1]))
    other = np.maximum(then.p_void - then.p_hit, 0.0)
    dry = np.vstack([none, 1.0 - then.p_void])
    void, left = np.vstack([0.0 * none, then.p_void]), np.vstack([0.0 * none, other])
    decided, paid = np.zeros((2, len(action), len(dry)))
    for all_of_it, unfound in ((dry, dry), (void, left)):
        mass, open_mass = action.weight @ all_of_it.T, action.unfound @ unfound.T
        loss = _smaller(mass, open_mass, stakes)
        decided += loss
        kept = stakes.unfound * (action.paid_unfound @ unfound.T)
        if math.isfinite(stakes.precaution):
            careful = loss < stakes.unfound * open_mass
            kept = np.where(careful, stakes.precaution * (action.paid_weight @ all_of_it.T), kept)
        paid += kept
    return decided, paid


def _each(weight: Array, unfound: Array, action: Branches, stakes: Stakes) -> Array:
    """What each outcome's share of the loss was before the action, (b,)."""
    careful = float(bayes_loss(weight, unfound, stakes)) < stakes.unfound * float(unfound.sum())
    if careful:
        return stakes.precaution * action.paid_weight.sum(axis=1)
    # Summed over outcomes this is the loss before: what was found is what is missing after.
    share = np.divide(unfound, weight, out=np.zeros_like(weight), where=weight > 0.0)
    return stakes.unfound * (action.paid_weight @ share)


def _index_sd(gain: Array, cost: Array, index: float, action: Branches) -> float:
    """Standard error of the quotient: drawn outcomes vary, strata apart, exact ones do not."""
    spread, variance = gain - index * cost, 0.0
    for label in np.unique(action.stratum[action.stratum >= 0]):
        rows = action.stratum == label
        if rows.sum() > 1:
            variance += float(rows.sum() * np.var(spread[rows], ddof=1))
    return math.sqrt(variance) / max(float(cost.sum()), 1e-300)
