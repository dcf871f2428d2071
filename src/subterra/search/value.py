"""What an action is worth: expected loss avoided per cost, for holes, panels and surveys alike.

A target left unfound costs ``unfound``; the ground may instead be made safe as if there were one,
for ``precaution``. The Bayes loss of weights w over scenes, of which u belong to scenes whose
target is still unfound, is therefore

    T(w, u) = min(unfound · Σ u, precaution · Σ w).

An action is valued together with the holes that follow it: after each of its outcomes the one that
is best then, while it is dry the next, and so on, a few at most, or none. A survey finds nothing by
itself, it only says where to drill and where not to. Of all such programmes that begin with an
action a, the one is sought that avoids most loss per cost,

    index(a) = max [T(w, u) − E T at the end] / [cost of a + E cost of the holes that follow],

reward over cost up to the best moment to stop, as in the dynamic allocation index of Gittins
(1979). A quotient is maximised by Dinkelbach's iteration: with a price λ on each unit of cost every
hole must avoid more than it costs, and λ becomes the quotient that this gives. For one hole after
the action this is exact; further ones are chosen one at a time, which is a policy and so errs on
the low side. An index above 1 is worth its cost.

How outcomes are come by stands in `subterra.search.branches`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from subterra.errors import InputError
from subterra.search.branches import Branches

__all__ = [
    "FollowUps",
    "Stakes",
    "Worth",
    "bayes_loss",
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
class FollowUps:
    """Holes that may follow.

    Parameters
    ----------
    p_hit, p_void : (h, n) numpy.ndarray
        P(a target is found) and P(a void is logged) in each scene.
    cost : (h,) numpy.ndarray
        Of each.
    near : (h, h) numpy.ndarray of bool
        Which test the same ground: after the one the other does not follow. Each is near itself.
    """

    p_hit: Array
    p_void: Array
    cost: Array
    near: Array

    @staticmethod
    def of(p_hit: Array, p_void: Array, cost: Array, near: Array | None = None) -> FollowUps:
        """Put them together; by default each is near itself alone."""
        hit, void = (np.asarray(v, np.float64) for v in (p_hit, p_void))
        same = np.eye(len(hit), dtype=bool) if near is None else near
        return FollowUps(hit, void, np.asarray(cost, np.float64), same)


@dataclass(frozen=True, eq=False)
class Worth:
    """What an action avoids and costs, in the unit of the drilling costs.

    Parameters
    ----------
    alone : float
        Expected loss avoided by the action itself.
    avoided, cost : float
        The same, and the expected cost, with the holes that follow.
    index : float
        ``avoided / cost``.
    index_sd : float
        Standard error of the index from the simulation; 0 where outcomes are exact.
    p_follow, holes_follow : float
        P(a hole follows), and the expected number that do.
    follow : (b,) numpy.ndarray of int
        The first hole after each outcome, −1 for none.
    """

    alone: float
    avoided: float
    cost: float
    index: float
    index_sd: float
    p_follow: float
    holes_follow: float
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


def value(
    weight: Array,
    unfound: Array,
    action: Branches,
    then: FollowUps,
    stakes: Stakes,
    *,
    holes: int = 4,
    before: Branches | None = None,
) -> Worth:
    """Value an action with the holes that are best after each outcome, or none.

    Parameters
    ----------
    weight, unfound : (n,) numpy.ndarray
        Before the action; ``weight`` sums to 1.
    action : Branches
        Its outcomes.
    then : FollowUps
        Holes that may follow, each while the ones before it were dry.
    stakes : Stakes
        What is at stake.
    holes : int
        How many may follow at most.
    before : Branches, optional
        One exact row: the state of which the drawn outcomes of ``action`` are draws. The policy
        that is best there, without the data, is known exactly and by the draws; their difference
        is taken out of the simulated value (a control variate, Lavenberg and Welch 1981), so that
        data which tell little are not valued by which scenes happened to be drawn.

    Returns
    -------
    Worth
    """
    now = float(bayes_loss(weight, unfound, stakes))
    idle = _follow(action, then, stakes, math.inf, 0)
    alone, spent = now - float(idle.loss.sum()), float(idle.cost.sum())
    index, best = max(alone, 0.0) / max(spent, 1e-300), idle
    share = _each(weight, unfound, action, stakes)
    total = _totals(best, share, index, action)
    for _ in range(_STEPS):
        made = _follow(action, then, stakes, index, holes)
        control = None
        if before is not None:
            control = _control(action, before, then, stakes, (index, holes))
        sums = _totals(made, share, index, action, control)
        reached = max(now - sums.loss, 0.0) / max(sums.cost, 1e-300)
        # What is paid may differ from what was decided by, so that a step may also lead down.
        if reached <= index * (1.0 + _SETTLED):
            break
        index, best, total = reached, made, sums
    mass = action.paid_weight.sum(axis=1)
    return Worth(
        alone,
        now - total.loss,
        total.cost,
        index,
        math.sqrt(total.variance) / max(total.cost, 1e-300),
        float(mass @ (best.first >= 0)),
        total.number,
        best.first,
    )


class _Totals(NamedTuple):
    """Expected loss, cost and number of holes, and the variance of gain − index · cost."""

    loss: float
    cost: float
    number: float
    variance: float


class _Control(NamedTuple):
    """What the policy without the data pays: after each drawn outcome, and exactly."""

    drawn: _Followed
    exact: _Followed


def _control(
    action: Branches, before: Branches, then: FollowUps, stakes: Stakes, how: tuple[float, int]
) -> _Control:
    """Follow the policy of ``before`` after the drawn outcomes, and in ``before`` itself."""
    rows = action.stratum >= 0
    count = int(rows.sum())
    blind = Branches(
        np.repeat(before.weight, count, axis=0),
        np.repeat(before.unfound, count, axis=0),
        action.paid_weight[rows],
        action.paid_unfound[rows],
        action.cost[rows],
        action.stratum[rows],
    )
    return _Control(_follow(blind, then, stakes, *how), _follow(before, then, stakes, *how))


def _totals(
    made: _Followed, share: Array, index: float, action: Branches, control: _Control | None = None
) -> _Totals:
    """Sum over the outcomes; the control variate takes out what the draws got wrong."""
    loss, cost, number = (float(v.sum()) for v in (made.loss, made.cost, made.number))
    spread = share - made.loss - index * made.cost
    rows = action.stratum >= 0
    if control is None or not rows.any():
        return _Totals(loss, cost, number, _variance(spread, action.stratum))
    blind = share[rows] - control.drawn.loss - index * control.drawn.cost
    label = action.stratum[rows]
    size = _covariance(blind, blind, label)
    part = _covariance(spread[rows], blind, label) / size if size > 0.0 else 0.0
    part = min(max(part, 0.0), 1.0)
    off = [float(e.sum() - d.sum()) for e, d in zip(control.exact, control.drawn, strict=True)]
    return _Totals(
        loss + part * off[0],
        cost + part * off[1],
        number + part * off[3],
        _variance(spread[rows] - part * blind, label),
    )


class _Followed(NamedTuple):
    """What a policy pays after each outcome, (b,): loss, cost, first hole, expected holes."""

    loss: Array
    cost: Array
    first: Array
    number: Array


def _follow(
    action: Branches, then: FollowUps, stakes: Stakes, price: float, holes: int
) -> _Followed:
    """Drill after each outcome while the best hole avoids more than ``price`` times its cost."""
    decided, paid = [action.weight, action.unfound], [action.paid_weight, action.paid_unfound]
    loss, number = np.zeros(len(action)), np.zeros(len(action))
    cost = paid[0].sum(axis=1) * action.cost
    first, closed = np.full(len(action), -1), np.zeros((len(action), len(then.cost)), bool)
    going, rows = np.ones(len(action), bool), np.arange(len(action))
    other = np.maximum(then.p_void - then.p_hit, 0.0)
    for step in range(holes if len(then.cost) else 0):
        gain = bayes_loss(decided[0], decided[1], stakes)[:, None]
        dry = 1.0 - then.p_void.T
        gain = gain - _smaller(decided[0] @ dry, decided[1] @ dry, stakes)
        gain -= _smaller(decided[0] @ then.p_void.T, decided[1] @ other.T, stakes)
        gain -= price * then.cost * decided[0].sum(axis=1)[:, None]
        chosen = np.argmax(np.where(closed, -np.inf, gain), axis=1)
        going &= ~closed[rows, chosen] & (gain[rows, chosen] > 0.0)
        if not going.any():
            break
        if step == 0:
            first = np.where(going, chosen, -1)
        closed |= then.near[chosen]
        true_mass = paid[0].sum(axis=1) * going
        cost, number = cost + true_mass * then.cost[chosen], number + true_mass
        void, left = then.p_void[chosen] * going[:, None], other[chosen] * going[:, None]
        loss += _paid(decided, paid, void, left, stakes)
        stay = 1.0 - void
        decided, paid = [[part * stay for part in both] for both in (decided, paid)]
    whole = np.ones_like(action.weight)
    return _Followed(loss + _paid(decided, paid, whole, whole, stakes), cost, first, number)


def _paid(
    decided: Sequence[Array], paid: Sequence[Array], part: Array, left: Array, stakes: Stakes
) -> Array:
    """Loss (b,) of stopping in a part of each outcome, as decided there and truly paid."""
    kept = stakes.unfound * (paid[1] * left).sum(axis=1)
    if math.isinf(stakes.precaution):
        return kept
    mass, open_mass = (decided[0] * part).sum(axis=1), (decided[1] * left).sum(axis=1)
    careful = stakes.precaution * mass < stakes.unfound * open_mass
    return np.where(careful, stakes.precaution * (paid[0] * part).sum(axis=1), kept)


def _each(weight: Array, unfound: Array, action: Branches, stakes: Stakes) -> Array:
    """What each outcome's share of the loss was before the action, (b,)."""
    careful = float(bayes_loss(weight, unfound, stakes)) < stakes.unfound * float(unfound.sum())
    if careful:
        return stakes.precaution * action.paid_weight.sum(axis=1)
    # Summed over outcomes this is the loss before: what was found is what is missing after.
    share = np.divide(unfound, weight, out=np.zeros_like(weight), where=weight > 0.0)
    return stakes.unfound * (action.paid_weight @ share)


def _variance(values: Array, stratum: Array) -> float:
    """Variance of a sum: drawn outcomes vary, strata apart, exact ones do not."""
    return _covariance(values, values, stratum)


def _covariance(one: Array, other: Array, stratum: Array) -> float:
    """Covariance of two sums over drawn outcomes, strata apart."""
    out = 0.0
    for label in np.unique(stratum[stratum >= 0]):
        rows = stratum == label
        if rows.sum() > 1:
            a, b = one[rows] - one[rows].mean(), other[rows] - other[rows].mean()
            out += float(rows.sum() / (rows.sum() - 1) * (a @ b))
    return out
