"""How often signs show at the surface, with and without a target below.

Each rate is a Beta distribution, so that what is not known well weighs little. Its source stands
beside it; where no counts were found that is said: a *convention* of few pseudo-counts, to be
replaced by counts of one's own region.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from types import MappingProxyType
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from subterra.errors import InputError
from subterra.tables import SEASONS, SIGN_KINDS, WEATHERS

__all__ = ["SIGN_RATES", "SignRate", "SignTerms", "depth_factor", "visibility"]

Array = npt.NDArray[Any]


@dataclass(frozen=True)
class SignRate:
    """Rates and place of one kind of sign.

    Parameters
    ----------
    shown : (a, b)
        Beta distribution of P(at least one such sign | one target, everything looked at).
    mimicked : (a, b)
        Beta distribution of P(at least one look-alike | the whole site looked at).
    at_ends : bool
        Whether the sign stands at the ends of an object, else anywhere along it.
    spread_m : float
        Standard deviation per axis of its distance from there, m.
    decoy : bool
        Whether someone may make it to mislead.
    source : str
        Where the numbers are from.
    """

    shown: tuple[float, float]
    mimicked: tuple[float, float]
    at_ends: bool
    spread_m: float
    decoy: bool
    source: str

    def __post_init__(self) -> None:
        if not all(v > 0.0 for v in (*self.shown, *self.mimicked)) or self.spread_m < 0.0:
            problem = "Beta parameters must be positive and spreads not negative"
            raise InputError(problem)


SIGN_RATES: Final[Mapping[str, SignRate]] = MappingProxyType(
    {
        "steam": SignRate(
            (1.5, 3.5), (1.0, 9.0), False, 5.0, False,
            "shown: 1 of the 4 tunnels found under the Korean border, Jeffreys; "
            "mimicked: convention (springs, drains, mist)",
        ),
        "warm": SignRate(
            (1.0, 4.0), (2.0, 8.0), False, 5.0, False,
            "convention (drains, pipes and compost look alike)",
        ),
        "spoil": SignRate(
            (2.0, 3.0), (2.0, 8.0), True, 40.0, True,
            "convention; spoil is carried tens of metres from the mouth, or away",
        ),
        "subsidence": SignRate(
            (2.0, 3.0), (2.0, 8.0), False, 3.0, False,
            "convention; times what the cover lets through, see depth_factor",
        ),
        "vegetation": SignRate(
            (1.0, 4.0), (3.0, 7.0), False, 4.0, False,
            "convention (soil and drainage make crop marks everywhere)",
        ),
        "vent": SignRate(
            (1.0, 4.0), (1.0, 9.0), False, 2.0, True,
            "convention",
        ),
        "entrance": SignRate(
            (1.0, 4.0), (1.0, 9.0), True, 2.0, True,
            "convention (cellars, culverts and burrows look alike)",
        ),
    }
)  # fmt: skip
"""Rates by kind of sign."""

# What a look sees of a sign that is there, by season and weather (first of target, then of
# look-alikes). Steam stands over a warm vent in cold dry air; mist looks like it in fog. All are
# conventions; what is not listed is 1.
_SEASON: Final[Mapping[str, tuple[float, float, float, float]]] = {
    "steam": (1.0, 0.6, 0.2, 0.6),
    "warm": (1.0, 0.6, 0.3, 0.6),
    "vegetation": (0.3, 1.0, 1.0, 0.6),
}
_WEATHER: Final[Mapping[str, Mapping[str, tuple[float, float]]]] = {
    "steam": {
        "dry": (0.7, 0.4), "rain": (0.4, 0.4), "fog": (0.2, 1.0), "frost": (1.0, 0.5),
        "snow": (1.0, 0.4),
    },
    "warm": {
        "dry": (0.6, 0.6), "rain": (0.3, 0.3), "fog": (0.4, 0.4), "frost": (0.9, 0.9),
        "snow": (1.0, 1.0),
    },
    "spoil": {"snow": (0.4, 0.4)},
    "subsidence": {"snow": (0.6, 0.6)},
    "vegetation": {"snow": (0.05, 0.05)},
    "entrance": {"snow": (0.6, 0.6)},
}  # fmt: skip


@lru_cache(maxsize=512)
def visibility(kind: str, season: str = "", weather: str = "") -> tuple[float, float]:
    """Return the share of signs of a target, and of look-alikes, that can be seen then.

    A season or weather that is not said counts with the mean over all.
    """
    seasons = _SEASON.get(kind, (1.0, 1.0, 1.0, 1.0))
    by_season = seasons[SEASONS.index(season)] if season else float(np.mean(seasons))
    weathers = {w: _WEATHER.get(kind, {}).get(w, (1.0, 1.0)) for w in WEATHERS}
    mean = np.mean(list(weathers.values()), axis=0)
    genuine, alike = weathers[weather] if weather else (float(mean[0]), float(mean[1]))
    # Look-alikes of steam are rarer in summer by less: half of the effect.
    return by_season * genuine, float(np.sqrt(by_season)) * alike


def depth_factor(kind: str, cover_m: Array, height_m: Array) -> Array:
    """Factor on the rate of a sign by the cover over an object and its height.

    A collapse works up by three to ten times the height of the void until its own bulking fills
    it (Piggott and Eynon 1978): subsidence is certain to be let through below three heights and
    almost never beyond ten. Warmth and crop marks fade over some ten metres (convention).

    Parameters
    ----------
    kind : str
        Kind of sign.
    cover_m : numpy.ndarray
        Shallowest cover over the object's roof, m.
    height_m : numpy.ndarray
        Height of the object, m, same shape.
    """
    cover = np.maximum(cover_m, 0.0)
    if kind == "subsidence":
        return np.clip((10.0 - cover / height_m) / 7.0, 0.01, 1.0)
    if kind in ("warm", "vegetation"):
        return np.exp(-cover / 10.0)
    return np.ones_like(cover)


@dataclass(frozen=True)
class SignTerms:
    """Numbers of the likelihood of signs; conventions that a site may change.

    Parameters
    ----------
    rates : mapping of str to SignRate
        By kind of sign.
    seen_by_chance : float
        Probability that a sign is noticed where nobody looked for signs.
    decoy_share : float
        Share of the look-alikes, of kinds that can be made to mislead, that are decoys where there
        is a target.
    decoy_radius_m : float
        Distance from a target's ends within which decoys are rarer, m.
    one_hand_m : float
        Signs of such kinds count once where they stand this close to one another, in chains, unless
        the table names origins: a decoy copies all of the look, and a cellar has a heap of its own,
        so that their standing together is no coincidence that only a target could explain. 0 for
        none.
    bulking : (2,) tuple of float
        Median of loose over solid volume and sd of its logarithm, measuring the heap included.
    heap_m3 : (2,) tuple of float
        Median volume of heaps that are no spoil of a target, m³, and sd of its logarithm.
    around : float
        Look-alikes fade over this share of the site's side beyond it; without them each sign
        outside would be taken for one of a target.
    """

    rates: Mapping[str, SignRate] = field(default_factory=lambda: SIGN_RATES)
    seen_by_chance: float = 0.1
    decoy_share: float = 0.1
    decoy_radius_m: float = 50.0
    one_hand_m: float = 30.0
    bulking: tuple[float, float] = (1.4, 0.3)
    heap_m3: tuple[float, float] = (50.0, 2.0)
    around: float = 0.25

    def __post_init__(self) -> None:
        if set(self.rates) != set(SIGN_KINDS):
            problem = f"rates must be given for each of {', '.join(SIGN_KINDS)}"
            raise InputError(problem)
        if not (0.0 < self.seen_by_chance < 1.0 and 0.0 <= self.decoy_share < 1.0):
            problem = "the chance of being seen and the share of decoys must lie below 1"
            raise InputError(problem)
        if not all(0.0 <= v < np.inf for v in (self.one_hand_m, self.around)):
            problem = f"must not be negative: one_hand_m {self.one_hand_m}, around {self.around}"
            raise InputError(problem)
        positive = (self.decoy_radius_m, *self.bulking, *self.heap_m3)
        if not all(0.0 < v < np.inf for v in positive):
            problem = "the decoy radius, bulking and heap volumes must be positive"
            raise InputError(problem)
