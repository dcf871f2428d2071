"""What a driller's words mean: how likely each is over a void, and how often it comes without one.

No published rates of drillers' words over known workings were found: these numbers are *judgement*,
a convention to be replaced by a site's own record, and each says what it rests on. What is known
is that none of them may be 0 or 1: at Gimpo in 1997 the rods dropped 3 m and the hole took 11 000
litres of water where there was no tunnel, and drilled "tunnels" at Korangpo (1979, 1988) were
natural caves.

A crossing is first noted as a void, with the site's P_d, or not. If it is, the log says ``void`` or
``rod drop``; if it is not, the ground there may still be noted as disturbed. So a log in plain
words (``void``, ``intact``, ``unknown``) means what it always has, and a driller's log says more.
A log counts as a driller's if at least one of its words is not plain.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from subterra.errors import InputError
from subterra.scene import FAMILIES, FILLS
from subterra.tables import WORD_STRENGTH

__all__ = [
    "DRILLER",
    "EVENT_WORDS",
    "FALSE_CAUSES",
    "FALSE_SIGN_PER_M",
    "PLAIN",
    "SIGN_SHARES",
    "VOID_SHARES",
    "DrillLogTerms",
    "WordTable",
    "strongest",
    "word_table",
]

Array = npt.NDArray[Any]

PLAIN, DRILLER = 0, 1
"""Vocabularies of a log."""

EVENT_WORDS: Final = (
    "void",
    "rod drop",
    "flush loss",
    "broken",
    "goaf",
    "packed waste",
    "timber",
    "pillar",
)
"""Words that say that something was met; their order numbers them. Of the others, ``intact`` says
that nothing was met and ``unknown`` says nothing at all."""

VOID_SHARES: Final[Mapping[str, float]] = MappingProxyType(
    {"open": 0.5, "flooded": 0.4, "collapsed": 0.3, "backfilled": 0.1}
)
"""Share of ``rod drop`` among crossings noted as a void; the others are called ``void``.

Judgement: rods fall through what is open; water and loose fill slow them down."""

_SIGNS: Final = ("flush loss", "broken", "goaf", "packed waste", "timber")
SIGN_SHARES: Final[Mapping[str, Mapping[str, float]]] = MappingProxyType(
    {
        state: MappingProxyType(dict(zip(_SIGNS, chances, strict=True)))
        for state, chances in (
            ("open", (0.25, 0.10, 0.005, 0.005, 0.02)),
            ("flooded", (0.10, 0.10, 0.005, 0.005, 0.02)),
            ("collapsed", (0.10, 0.35, 0.10, 0.01, 0.03)),
            ("backfilled", (0.05, 0.15, 0.02, 0.25, 0.03)),
        )
    }
)
"""P(word | crossed, not noted as a void), by state of the object: flush loss, broken, goaf, packed
waste, timber.

Judgement: an open void that is not noted as one mostly takes the flush; a full one takes less of
it; collapsed ground is broken and, to a miner, goaf; stowed ground is packed waste. Much goes
unsaid: a driller who speaks of other ground may still say nothing here."""

FALSE_CAUSES: Final[Mapping[str, tuple[float, float, float]]] = MappingProxyType(
    {"joint": (0.6, 0.1, 0.2), "cave": (0.3, 0.5, 1.5), "well": (0.1, 0.5, 1.5)}
)
"""Voids that are no object: share of each cause in ``false_void_per_m``, share of ``rod drop`` in
it, and mean length along the hole, m.

Judgement; that all three happen is on record (Gimpo 1997: an old well; Korangpo: caves). Caves that
the site's prior has as objects of their own must not be counted here once more."""

FALSE_SIGN_PER_M: Final[Mapping[str, float]] = MappingProxyType(
    {
        "flush loss": 0.01,
        "broken": 0.02,
        "goaf": 0.0002,
        "packed waste": 0.0001,
        "timber": 0.0002,
        "pillar": 0.0005,
    }
)
"""How often each word comes where there is no object, per metre of hole. Judgement: every fractured
rock loses flush and core; miners' words are seldom used where nobody mined."""

_MINERS: Final = ("goaf", "packed waste", "timber")
_NATURAL: Final = ("chamber", "conduit")
_MISTAKEN: Final = 0.02
"""Miners' words are so much rarer over a natural void. Judgement: a slip of the log."""
_SAID_OF_PILLARS: Final = 0.5
"""P(the log says ``pillar`` | the hole meets one); else it says coal or rock, which is intact."""


@dataclass(frozen=True)
class DrillLogTerms:
    """How well a drill and its log find voids.

    Parameters
    ----------
    p_detect : (3,) tuple of float
        P(void logged | trace crosses the object) for air, water and rubble.
    false_void_per_m : float
        Rate of logged voids that are no object, per metre of hole.
    deviation_sd_per_m : float
        Lateral deviation of a hole per metre drilled beyond what was surveyed.
    depth_sd_m, depth_sd_relative : float
        Error of a logged void's top: absolute and per metre.
    extraction : float
        P(a hole through a ``working`` meets the void and not a pillar): 1 for single drives, the
        extraction ratio for room and pillar. Holes meet pillars independently of one another,
        which is not so where their spacing is in step with that of the pillars.
    backfilled : float
        Share of objects full of rubble that were backfilled; the others have collapsed.
    survey_sd_per_m : float
        Lateral error of a survey per metre surveyed.

    Raises
    ------
    InputError
        For a probability outside 0 to 1 or a rate that is negative.
    """

    p_detect: tuple[float, float, float] = (0.95, 0.95, 0.6)
    false_void_per_m: float = 0.002
    deviation_sd_per_m: float = 0.01
    depth_sd_m: float = 0.3
    depth_sd_relative: float = 0.01
    extraction: float = 1.0
    backfilled: float = 0.25
    survey_sd_per_m: float = 0.002

    def __post_init__(self) -> None:
        for name in ("extraction", "backfilled"):
            if not 0.0 <= getattr(self, name) <= 1.0:
                problem = f"{name} must be from 0 to 1, found {getattr(self, name)}"
                raise InputError(problem)
        for name in ("false_void_per_m", "deviation_sd_per_m", "survey_sd_per_m"):
            if not getattr(self, name) >= 0.0:
                problem = f"{name} must be at least 0, found {getattr(self, name)}"
                raise InputError(problem)


@dataclass(frozen=True)
class WordTable:
    """The words as numbers, for both vocabularies.

    Parameters
    ----------
    chance : (2, F, 3, W) numpy.ndarray
        P(word | crossed) by vocabulary, family and fill; what is missing to 1 is silence.
    rate : (2, W) numpy.ndarray
        Words per metre that come from no object; 0 where a vocabulary has no such word.
    cause : (2, W, C) numpy.ndarray
        Share of each cause among false voids noted by a word; 0 for words whose length says
        nothing.
    cause_length : (C,) numpy.ndarray
        Mean length of each cause's voids, m.
    """

    chance: Array
    rate: Array
    cause: Array
    cause_length: Array


def strongest(found: tuple[str, ...]) -> str:
    """Return the word of touching intervals that says most: one disturbance is one event."""
    return min(found, key=WORD_STRENGTH.index)


def word_table(terms: DrillLogTerms) -> WordTable:
    """Compile the tables of this module for a site's terms.

    Returns
    -------
    WordTable
        A plain log has ``void`` alone, with P_d and the rate of false voids.
    """
    void = EVENT_WORDS.index("void")
    chance = np.zeros((2, len(FAMILIES), len(FILLS), len(EVENT_WORDS)))
    rate = np.zeros((2, len(EVENT_WORDS)))
    rate[PLAIN, void] = terms.false_void_per_m
    rate[DRILLER] = _false_rates(terms)
    for f, family in enumerate(FAMILIES[1:], start=1):
        met = terms.extraction if family == "working" else 1.0
        for fill in range(len(FILLS)):
            chance[PLAIN, f, fill, void] = met * terms.p_detect[fill]
            chance[DRILLER, f, fill] = met * _said(terms, fill, natural=family in _NATURAL)
        chance[DRILLER, f, :, EVENT_WORDS.index("pillar")] = (1.0 - met) * _SAID_OF_PILLARS
    return WordTable(chance, rate, _false_causes(), np.array([c[2] for c in FALSE_CAUSES.values()]))


def _said(terms: DrillLogTerms, fill: int, *, natural: bool) -> Array:
    """P(word | crossed) (W,) in a driller's log for one fill."""
    name = FILLS[fill]
    states = {
        "air": {"open": 1.0},
        "water": {"flooded": 1.0},
        "rubble": {"collapsed": 1.0 - terms.backfilled, "backfilled": terms.backfilled},
    }[name]
    p = terms.p_detect[fill]
    out = np.zeros(len(EVENT_WORDS))
    for state, share in states.items():
        drop = VOID_SHARES[state]
        out[EVENT_WORDS.index("void")] += share * p * (1.0 - drop)
        out[EVENT_WORDS.index("rod drop")] += share * p * drop
        for word, chance in SIGN_SHARES[state].items():
            rarer = _MISTAKEN if natural and word in _MINERS else 1.0
            out[EVENT_WORDS.index(word)] += share * (1.0 - p) * chance * rarer
    return out


def _false_rates(terms: DrillLogTerms) -> Array:
    drop = sum(share * dropped for share, dropped, _ in FALSE_CAUSES.values())
    by_word = {
        **FALSE_SIGN_PER_M,
        "void": terms.false_void_per_m * (1.0 - drop),
        "rod drop": terms.false_void_per_m * drop,
    }
    return np.array([by_word[word] for word in EVENT_WORDS])


def _false_causes() -> Array:
    """Share (2, W, C) of each cause among the false voids that a word notes."""
    share, dropped, _ = np.array(list(FALSE_CAUSES.values())).T
    void, drop = EVENT_WORDS.index("void"), EVENT_WORDS.index("rod drop")
    out = np.zeros((2, len(EVENT_WORDS), len(share)))
    out[PLAIN, void] = share
    out[DRILLER, void] = share * (1.0 - dropped)
    out[DRILLER, drop] = share * dropped
    return out / np.maximum(out.sum(axis=2, keepdims=True), 1e-300)
