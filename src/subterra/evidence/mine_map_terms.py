"""How wrong mine maps are: numbers of the literature, and conventions where there are none.

Ties: NRC, *Coal Waste Impoundments* (2002), sidebar 4.1, after Virginia's Department of Mines: a
mine located by survey is within ±10 ft, tied to a topographic quadrangle ±80 ft, to a geologic
quadrangle ±150 ft, portals of a register ±250 ft "at best", tied to streams and roads ±500 ft.
They are taken as standard deviations per axis. Nobody has published how often each tie, or each
blunder, occurs: the shares are conventions, to be replaced by an archive's own count.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from subterra.tables import FOOT_M

__all__ = [
    "BLUNDERS",
    "LOG_LENGTH",
    "MAPPED_FAMILIES",
    "NO_WORKING_CURVATURE",
    "TIES",
    "Blunder",
    "MapTerms",
    "Tie",
    "share_words",
]

MAPPED_FAMILIES: Final = ("driven", "working")
"""Families that a mine map can draw; a driven tunnel may reuse what miners drew."""
LOG_LENGTH: Final = (4.1, 1.3)
"""Mean (60 m) and sd of the log length, metres, of a drawn run that is no working here."""
NO_WORKING_CURVATURE: Final = 0.003
"""Sd of its curvature, 1/m: that of workings."""


@dataclass(frozen=True)
class Tie:
    """How well a sheet lies on the ground.

    Parameters
    ----------
    sd_m : float
        Standard deviation of its shift per axis, metres.
    rotation_sd_deg, scale_sd : float
        Of its rotation, degrees, and of its scale.
    share : float
        Share among sheets whose tie is not known.
    """

    sd_m: float
    rotation_sd_deg: float
    scale_sd: float
    share: float


@dataclass(frozen=True)
class Blunder:
    """A gross error of a sheet.

    Parameters
    ----------
    share : float
        Share of sheets.
    factor : float
        What drawn lengths must be multiplied by to be metres.
    mirrored : bool
        Whether east and west are exchanged.
    extra_sd_m : float
        Further standard deviation of the shift per axis, metres.
    extra_level_sd_m : float
        Further standard deviation of the height, metres.
    """

    share: float
    factor: float = 1.0
    mirrored: bool = False
    extra_sd_m: float = 0.0
    extra_level_sd_m: float = 0.0


TIES: Final[Mapping[str, Tie]] = MappingProxyType(
    {
        "survey": Tie(3.0, 0.2, 0.001, 0.2),
        "topographic": Tie(24.0, 0.5, 0.005, 0.2),
        "geologic": Tie(46.0, 1.0, 0.01, 0.2),
        "portal": Tie(76.0, 2.0, 0.02, 0.2),
        "features": Tie(152.0, 3.0, 0.02, 0.2),
    }
)
"""Ties by name; a sheet of unknown tie is a mixture of them by their shares."""

BLUNDERS: Final[Mapping[str, Blunder]] = MappingProxyType(
    {
        "none": Blunder(0.88),
        "wrong seam": Blunder(0.03, extra_level_sd_m=30.0),
        "mirrored": Blunder(0.02, mirrored=True),
        "feet taken for metres": Blunder(0.02, factor=FOOT_M),
        "metres taken for feet": Blunder(0.01, factor=1.0 / FOOT_M),
        "wrong sheet or datum": Blunder(0.04, extra_sd_m=500.0),
    }
)
"""Gross errors by name; without heights a wrong seam cannot be told from none."""


@dataclass(frozen=True)
class MapTerms:
    """What maps show and leave out.

    Parameters
    ----------
    ties, blunders : mapping
        Registration and gross errors.
    drawn : float
        P(a working inside the bounds is drawn on a sheet of its mine).
    never_driven : float
        Expected number of lines that were never driven for each drawn working.
    unsurveyed : float
        P(the last months were never drawn), and the working goes on beyond a drawn end.
    unsurveyed_m : float
        Mean length that is missing then, metres.
    part : float
        P(only some part of a working is drawn), any share of its length alike.
    local_sd_m : float
        Error of drawn lines within a sheet, metres.
    end_sd_m : float
        Error of each drawn end along the working, metres.
    level_sd_m : float
        Standard deviation of a height where a map gives none, metres.
    """

    ties: Mapping[str, Tie] = field(default_factory=lambda: TIES)
    blunders: Mapping[str, Blunder] = field(default_factory=lambda: BLUNDERS)
    drawn: float = 0.75
    never_driven: float = 0.1
    unsurveyed: float = 0.3
    unsurveyed_m: float = 50.0
    part: float = 0.1
    local_sd_m: float = 2.0
    end_sd_m: float = 5.0
    level_sd_m: float = 5.0


def share_words(terms: MapTerms) -> str:
    """Say the shares of ties and blunders that a sheet of unknown tie is given."""
    ties = ", ".join(f"{name} ±{t.sd_m:g} m {t.share:.0%}" for name, t in terms.ties.items())
    blunders = ", ".join(f"{name} {b.share:.0%}" for name, b in terms.blunders.items())
    return (
        f"ties: {ties}; gross errors: {blunders}; a working is drawn with {terms.drawn:.0%}, a "
        f"drawn line was never driven with {terms.never_driven:.0%}"
    )
