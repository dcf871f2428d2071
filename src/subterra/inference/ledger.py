"""The ledger: what each item of evidence weighs, by leaving it out of the belief.

The belief without some items has weights ∝ w·exp(−Δ), with Δ the difference of the log-likelihood
that they make, everything else staying. The weight of an item for a statement is the change of its
log odds, in decibans:

    10 log10 [odds(all) / odds(all but the item)].

So weights do not add up: of two items that say the same, each weighs little while the other is
there. Smoothed importance sampling tells where the scenes at hand cannot support the answer, which
then is None, with the reason. Holes, reports and signs are *bounded*: they may have missed what is
there, so that leaving one out raises no scene by more than a known factor. Their ratios are a few
atoms, which no Pareto distribution fits; they are supported where no scene carries more than 2 % of
the weight, so that three more like the heaviest would change no probability by more than 6 %.

Two items are in conflict where the evidence of both is far below the product of what each would
have alone,

    E₀₀·E₁₁/(E₁₀·E₀₁) = E_w[e^−Δab] / (E_w[e^−Δa]·E_w[e^−Δb]),

with E the evidence with and without a and b, everything else included.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from subterra.inference.belief import Belief
from subterra.inference.objects import TargetObject
from subterra.inference.pareto import smoothed_weights
from subterra.inference.weight import log_total, normalised
from subterra.scene import object_counts

__all__ = [
    "Conflict",
    "Ledger",
    "LedgerItem",
    "Removal",
    "Statement",
    "find_conflicts",
    "make_ledger",
    "origin_words",
    "remove",
    "statements_of",
]

Array = npt.NDArray[Any]
Leave = Callable[[Collection[str]], Array]
"""Difference (n,) of the log-likelihood that some items make, for the scenes of a belief."""

_DECIBANS: Final = 10.0 / math.log(10.0)
_FEWEST: Final = 30.0
"""Effective scenes for and against a statement below which its odds are not supported."""
_MOST_PAIRED: Final = 40
_HEAVIEST: Final = 0.02
CONFLICT_DB: Final = 10.0
"""Decibans by which the evidence of both falls short before two items are said to conflict."""


@dataclass(frozen=True)
class LedgerItem:
    """One item of evidence.

    Parameters
    ----------
    id : str
        As in the ledger; all different.
    label : str
        For sentences: ``hole B4``.
    evidence : str
        Id of the piece of evidence that it is of.
    origin : str
        Items of one origin count once.
    bounded : bool
        Whether its likelihood has a floor above 0, as that of what may miss a void has.
    shares : bool
        Whether items of the same origin in other evidence count with it.
    """

    id: str
    label: str
    evidence: str
    origin: str
    bounded: bool = False
    shares: bool = False

    @property
    def group(self) -> tuple[str, str]:
        """What it has in common with the items that it counts once with."""
        return ("" if self.shares else self.evidence, self.origin)


@dataclass(frozen=True)
class Statement:
    """Something that is true or false of each scene.

    Parameters
    ----------
    label : str
        In words.
    holds : (n,) numpy.ndarray of bool
        In which scenes it is true.
    """

    label: str
    holds: Array


@dataclass(frozen=True)
class Removal:
    """The belief without some items.

    Parameters
    ----------
    items : tuple of str
        Which.
    p : tuple of float or None
        Probability of each statement without them; None where it is not supported.
    decibans : tuple of float or None
        What they weigh for each statement.
    reason : str
        Why something is not supported; empty if all is.
    k_hat : float
        Shape of the tail of the weights.
    effective : float
        Effective number of scenes without them.
    """

    items: tuple[str, ...]
    p: tuple[float | None, ...]
    decibans: tuple[float | None, ...]
    reason: str
    k_hat: float
    effective: float


@dataclass(frozen=True)
class Conflict:
    """Two items that do not go together.

    Parameters
    ----------
    first, second : LedgerItem
        The items.
    decibans : float
        By how much the evidence of both falls short of the product of each, positive.
    words : str
        One sentence.
    """

    first: LedgerItem
    second: LedgerItem
    decibans: float
    words: str


@dataclass(frozen=True)
class Ledger:
    """What moved the belief.

    Parameters
    ----------
    statements : tuple of Statement
        "Any target" first, then the main objects.
    p : tuple of float
        Their probabilities with everything.
    items : tuple of LedgerItem
        All items.
    weights : tuple of Removal
        Each item left out, in the order of ``items``.
    origins : tuple of Removal
        Each origin of more than one item left out, whatever evidence the items are of.
    conflicts : tuple of Conflict
        Worst first.
    unjudged_pairs : int
        Pairs that the scenes at hand cannot judge.
    """

    statements: tuple[Statement, ...]
    p: tuple[float, ...]
    items: tuple[LedgerItem, ...]
    weights: tuple[Removal, ...]
    origins: tuple[Removal, ...]
    conflicts: tuple[Conflict, ...]
    unjudged_pairs: int


def origin_words(ledger: Ledger, items: Sequence[str]) -> str:
    """Say which items go back to one origin, and to which if somebody named it."""
    some = [item for item in ledger.items if item.id in items]
    labels = [item.label for item in some]
    named = {item.origin for item in some}.difference(labels, items)
    whose = f" ({', '.join(sorted(named))})" if named else ""
    return f"together, one origin{whose}: {', '.join(labels)}"


def statements_of(belief: Belief, objects: Sequence[TargetObject]) -> tuple[Statement, ...]:
    """Return "any target", and for each object that some member of its cluster exists."""
    n_target, _ = object_counts(belief.scenes.objects.family, belief.prior)
    out = [Statement("any target", n_target > 0)]
    for number, item in enumerate(objects, start=1):
        holds = np.zeros(len(belief.weight), np.bool_)
        holds[item.members[:, 0]] = True
        out.append(Statement(f"object {number}", holds))
    return tuple(out)


@dataclass(frozen=True)
class _LeftOut:
    """Weights of the scenes without some items, and whether they can be trusted."""

    weight: Array
    k_hat: float
    supported: bool

    @property
    def effective(self) -> float:
        return float(1.0 / np.sum(self.weight**2))


def _left_out(belief: Belief, difference: Array, items: Sequence[LedgerItem]) -> _LeftOut:
    with np.errstate(divide="ignore"):
        log_weight = np.log(belief.weight)
    smoothed = smoothed_weights(log_weight - difference)
    plain = normalised(log_weight - difference)
    if all(item.bounded for item in items) and plain.max() <= _HEAVIEST:
        return _LeftOut(plain, smoothed.k_hat, True)
    return _LeftOut(smoothed.weight, smoothed.k_hat, smoothed.supported)


def _odds(weight: Array, holds: Array) -> tuple[float, str]:
    """Log odds of a statement, and why they are not supported."""
    parts: list[float] = []
    for mask, word in ((holds, "for"), (~holds, "against")):
        some = weight[mask]
        total = float(some.sum())
        if total <= 0.0 or total**2 / float(np.sum(some**2)) < _FEWEST:
            return math.nan, f"fewer than {_FEWEST:g} effective scenes speak {word} it"
        parts.append(math.log(total))
    return parts[0] - parts[1], ""


def remove(
    belief: Belief, statements: Sequence[Statement], items: Sequence[LedgerItem], leave: Leave
) -> Removal:
    """Ask what the belief would be without some items.

    Parameters
    ----------
    belief : Belief
        The belief with everything.
    statements : sequence of Statement
        What is asked.
    items : sequence of LedgerItem
        Which.
    leave : callable
        Difference of the log-likelihood that items make.

    Returns
    -------
    Removal
    """
    names = tuple(item.id for item in items)
    left = _left_out(belief, leave(names), items)
    p: list[float | None] = []
    weights: list[float | None] = []
    reasons: dict[str, list[str]] = {}
    for statement in statements:
        after, why_after = _odds(left.weight, statement.holds)
        before, why_before = _odds(belief.weight, statement.holds)
        sound = left.supported and not why_after
        p.append(float(left.weight[statement.holds].sum()) if sound else None)
        weights.append(_DECIBANS * (before - after) if sound and not why_before else None)
        why = f"without it {why_after}" if why_after else why_before
        if why:
            reasons.setdefault(why, []).append(statement.label)
    said = [] if left.supported else ["few scenes carry the answer without it"]
    said += [f"{' and '.join(labels)}: {why}" for why, labels in reasons.items()]
    return Removal(names, tuple(p), tuple(weights), "; ".join(said), left.k_hat, left.effective)


def make_ledger(
    belief: Belief,
    statements: Sequence[Statement],
    items: Sequence[LedgerItem],
    leave: Leave,
) -> Ledger:
    """Weigh every item, every origin of several items, and look for conflicts.

    Parameters
    ----------
    belief : Belief
        The belief with everything.
    statements : sequence of Statement
        See `statements_of`.
    items : sequence of LedgerItem
        All items.
    leave : callable
        Difference of the log-likelihood that items make.

    Returns
    -------
    Ledger
    """
    groups: dict[tuple[str, str], list[LedgerItem]] = {}
    for item in items:
        groups.setdefault(item.group, []).append(item)
    conflicts, unjudged = find_conflicts(belief, items, leave)
    return Ledger(
        tuple(statements),
        tuple(min(float(belief.weight[s.holds].sum()), 1.0) for s in statements),
        tuple(items),
        tuple(remove(belief, statements, (item,), leave) for item in items),
        tuple(remove(belief, statements, some, leave) for some in groups.values() if len(some) > 1),
        conflicts,
        unjudged,
    )


def find_conflicts(
    belief: Belief, items: Sequence[LedgerItem], leave: Leave
) -> tuple[tuple[Conflict, ...], int]:
    """Find pairs whose joint evidence is far below the product of each.

    Of more than forty items, the forty whose leaving out moves the weights most are paired.
    Retellings of one origin cannot conflict.

    Parameters
    ----------
    belief : Belief
        The belief with everything.
    items : sequence of LedgerItem
        All items.
    leave : callable
        Difference of the log-likelihood that items make.

    Returns
    -------
    conflicts : tuple of Conflict
        Worst first.
    unjudged : int
        Pairs that the scenes at hand cannot judge.
    """
    single = {item.id: leave((item.id,)) for item in items}
    # An item that says the same of all scenes contradicts nothing.
    telling = [item for item in items if np.ptp(single[item.id][belief.weight > 0.0]) > 1e-9]
    most = sorted(telling, key=lambda item: -_variance(belief, single[item.id]))[:_MOST_PAIRED]
    telling = [item for item in telling if item in most]
    alone = {item.id: _evidence_ratio(belief, single[item.id], (item,)) for item in telling}
    found: list[Conflict] = []
    unjudged = 0
    for a, b in combinations(telling, 2):
        if a.group == b.group:
            continue
        both = _evidence_ratio(belief, leave((a.id, b.id)), (a, b))
        if math.isnan(both + alone[a.id] + alone[b.id]):
            unjudged += 1
            continue
        short = _DECIBANS * (alone[a.id] + alone[b.id] - both)
        if short >= CONFLICT_DB:
            found.append(Conflict(a, b, short, _words(a, b, short)))
    return tuple(sorted(found, key=lambda c: -c.decibans)), unjudged


def _variance(belief: Belief, values: Array) -> float:
    return float(belief.weight @ (values - belief.weight @ values) ** 2)


def _evidence_ratio(belief: Belief, difference: Array, items: Sequence[LedgerItem]) -> float:
    """Ln [evidence without the items / evidence with them]; NaN where not supported."""
    with np.errstate(divide="ignore"):
        log_weight = np.log(belief.weight)
    left = _left_out(belief, difference, items)
    if not left.supported or left.effective < _FEWEST:
        return math.nan
    return log_total(log_weight - difference) - log_total(log_weight)


def _words(first: LedgerItem, second: LedgerItem, short: float) -> str:
    factor = 10.0 ** (short / 10.0)
    rounded = f"{round(factor, 1 - math.floor(math.log10(factor))):,.12g}"
    how = "cannot" if short >= 2.0 * CONFLICT_DB else "can hardly"
    return (
        f"{first.label} and {second.label} {how} both be right: with everything else, both "
        f"together are {rounded} times less probable than each by itself would let one expect"
    )
