"""How far people are believed: sources, grades, records, blunders and decoys.

Reliability is of the source and enters as a Beta prior of its rate of genuine items, which its
record updates. Credibility is of the item. The two are not independent (87 % of 1,400 graded field
reports lie on the diagonal A1, B2, …: Baker, McKendry and Mace 1968), so they are never multiplied:
only what the item's digit says *beyond* the source's letter moves the item's own odds, by a factor
of two at most. F and 6 mean "cannot be judged" and move nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from scipy.special import betaincinv, roots_jacobi

from subterra.errors import InputError

__all__ = [
    "DEPTH_BLUNDERS",
    "RELIABILITY",
    "ReportTerms",
    "SourceRecord",
    "beta_rule",
    "credibility_odds",
    "source_beta",
]

Array = npt.NDArray[Any]

RELIABILITY: Final[Mapping[str, tuple[float, float]]] = MappingProxyType(
    {
        "A": (18.0, 2.0),
        "B": (8.0, 2.0),
        "C": (5.0, 5.0),
        "D": (3.0, 7.0),
        "E": (1.0, 9.0),
        "F": (1.0, 1.0),
    }
)
"""Beta prior of the rate of genuine items by the source's letter; a convention to be tuned on the
source's record, never 0 or 1."""

DEPTH_BLUNDERS: Final[tuple[tuple[float, float], ...]] = (
    (1.0, 0.92),
    (3.280840, 0.04),
    (0.3048, 0.01),
    (0.01, 0.02),
    (100.0, 0.01),
)
"""Stated over true depth, and its share: right; feet told as metres and the reverse; 45 m told as
45 cm (as of the first tunnel under the Korean border) and the reverse. The shares are a
convention."""

_DIGITS: Final = "ABCDE"
_MOST_STEPS: Final = 2.0
_N_RATE: Final = 12
_NARROW: Final = 500.0


@dataclass(frozen=True)
class SourceRecord:
    """What became of a source's earlier items, here and elsewhere.

    Parameters
    ----------
    confirmed, false : float
        Number of items that turned out right and wrong; what is open counts in neither.
    """

    confirmed: float = 0.0
    false: float = 0.0

    def __post_init__(self) -> None:
        if not (0.0 <= self.confirmed < np.inf and 0.0 <= self.false < np.inf):
            problem = f"a record counts items, found {self.confirmed} right and {self.false} wrong"
            raise InputError(problem)


@dataclass(frozen=True)
class ReportTerms:
    """Numbers of the likelihood of reports; all of them conventions that a site may change.

    Parameters
    ----------
    decoy_share : float
        Share of the false reports of entrances that are decoys, where there is a target. A decoy
        looks like an entrance and draws away from the true ones.
    decoy_radius_m : float
        Distance from a true entrance within which decoys are rarer, m.
    p_notice : float
        Probability that someone who looked at a place with a target under it noticed it.
    p_imagine : float
        Probability of noticing something where there is nothing.
    noise_spread_m : float
        Spread of a place where noise was heard around the place below which it is made, m.
    datum_shift_m : tuple of float or None
        Shift (east, north) in metres of a place given on an old national datum and taken for the
        site's; None where no such datum is in use.
    datum_share : float
        Share of items with that shift.
    around : float
        False entrances fade over this share of the site's side beyond it. True entrances lie
        outside more often than not; were false ones of the site alone, each that is told of
        outside would be taken for true.
    p_rumour : float
        Probability that a site without a target is talked of as much as one with a target. Then the
        number of reports says nothing of whether there is one; where they agree with one another
        and with what was measured still does.
    """

    decoy_share: float = 0.1
    decoy_radius_m: float = 50.0
    p_notice: float = 0.5
    p_imagine: float = 0.02
    noise_spread_m: float = 30.0
    datum_shift_m: tuple[float, float] | None = None
    datum_share: float = 0.05
    around: float = 0.25
    p_rumour: float = 0.9

    def __post_init__(self) -> None:
        shares = (self.decoy_share, self.p_notice, self.datum_share, self.p_rumour)
        if not (all(0.0 <= s < 1.0 for s in shares) and 0.0 < self.p_imagine < 1.0):
            problem = "shares and probabilities of reports must be below 1 and not negative"
            raise InputError(problem)
        if not (self.decoy_radius_m > 0.0 and min(self.noise_spread_m, self.around) >= 0.0):
            problem = "the decoy radius must be positive, spread of noise and around not negative"
            raise InputError(problem)


def source_beta(letter: str, record: SourceRecord | None = None) -> tuple[float, float]:
    """Return Beta(a, b) of a source's rate of genuine items: its letter updated by its record."""
    a, b = RELIABILITY[letter]
    return (a, b) if record is None else (a + record.confirmed, b + record.false)


def credibility_odds(letter: str, digit: int) -> float:
    """Return the factor on the odds that an item is genuine, between 1/2 and 2.

    On the diagonal (A1 … E5) the digit says nothing that the letter has not said. Two steps off it
    double or halve the odds and more count as two. With a letter F the digit is compared with 3.

    Parameters
    ----------
    letter : str
        Reliability of the source.
    digit : int
        Credibility of the item.
    """
    if digit == 6:
        return 1.0
    expected = 3 if letter == "F" else _DIGITS.index(letter) + 1
    steps = float(np.clip(expected - digit, -_MOST_STEPS, _MOST_STEPS))
    return 2.0 ** (steps / _MOST_STEPS)


@lru_cache(maxsize=256)
def beta_rule(a: float, b: float, n: int = _N_RATE) -> tuple[Array, Array]:
    """Nodes and weights of the mean over a Beta(a, b) rate.

    Gauss–Jacobi; for narrow rates, whose rule overflows, the middles of equally likely parts.
    """
    if a + b > _NARROW:
        rate = betaincinv(a, b, (np.arange(n) + 0.5) / n)
        return np.clip(rate, 1e-12, 1.0 - 1e-12), np.full(n, 1.0 / n)
    node, weight = roots_jacobi(n, b - 1.0, a - 1.0)
    rate = np.clip(0.5 * (node + 1.0), 1e-12, 1.0 - 1e-12)
    return rate, weight / weight.sum()
