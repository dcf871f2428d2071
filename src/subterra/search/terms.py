"""What drilling can do, what it costs and where it is allowed."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from subterra.errors import InputError
from subterra.search.clearance import KeepClear

if TYPE_CHECKING:
    from subterra.search.gates import Gate

__all__ = ["DrillTerms"]

Array = npt.NDArray[Any]


@dataclass(frozen=True, eq=False)
class DrillTerms:
    """Terms of a drilling campaign.

    Parameters
    ----------
    p_detect : (3,) tuple of float
        P(the log says void | the drill meets the object), by fill: air, water, rubble. Open
        voids drop the drill string and are missed seldom; collapsed ground is often logged as
        broken rock.
    false_void_per_m : float
        Rate of void logs per metre where there is none. 0.002 is one in 500 m drilled.
    deviation_sd_per_m : float
        Standard deviation of the lateral deviation in each of two directions, per metre along
        the hole. Deviations of 1 to 2 % of the depth are usual.
    extraction : float
        P(a hole through a ``working`` meets its void and not a pillar): 1 for single drives, the
        extraction ratio for room and pillar.
    cost_setup, cost_per_m, cost_inclined : float
        Cost of moving and setting up, of each metre, and of setting the mast to an inclination
        other than vertical, in one unit of the user's choice. As they stand, a set-up costs as
        much as 20 m of drilling and leaning the mast as much as 3 m.
    collar_spacing_m : float
        Spacing of the grid of candidate collars. It is coarsened to bound the work on a large
        site; the best collars are refined to 0.1 m afterwards.
    azimuths_deg : tuple of float
        Azimuths of inclined candidates.
    inclinations_deg : tuple of float
        Inclinations of candidates, 0 < inclination <= 90; 90 gives one vertical hole.
    max_length_m : float
        Longest hole that the rig can drill.
    overdrill_m : float
        How far a hole goes on past the depth at which it should have left the target.
    no_go : tuple of (k, 2) numpy.ndarray
        Polygons, m, in which no collar may stand.
    keep_clear : tuple of KeepClear
        What no hole may come close to over the whole length to which it might be drilled.
    gates : tuple of Gate
        Rules of distance that every hole keeps: it is cut short there, or is no candidate.
    separation_m : float
        Two holes closer than this over their shared length test the same ground; none is planned
        so close to another.
    information_weight : float
        Worth of one bit learnt, in units of one hit.

    Raises
    ------
    InputError
        For a term outside its range.
    """

    p_detect: tuple[float, float, float] = (0.95, 0.95, 0.6)
    false_void_per_m: float = 0.002
    deviation_sd_per_m: float = 0.01
    extraction: float = 1.0
    cost_setup: float = 1.0
    cost_per_m: float = 0.05
    cost_inclined: float = 0.15
    collar_spacing_m: float = 2.0
    azimuths_deg: tuple[float, ...] = (0.0, 45.0, 90.0, 135.0, 180.0, 225.0, 270.0, 315.0)
    inclinations_deg: tuple[float, ...] = (90.0, 60.0, 45.0)
    max_length_m: float = 100.0
    overdrill_m: float = 1.0
    no_go: tuple[Array, ...] = ()
    separation_m: float = 1.0
    information_weight: float = 0.02
    keep_clear: tuple[KeepClear, ...] = ()
    gates: tuple[Gate, ...] = ()

    def __post_init__(self) -> None:
        if len(self.p_detect) != 3 or not all(0.0 <= p <= 1.0 for p in self.p_detect):
            problem = f"p_detect must be three probabilities (air, water, rubble): {self.p_detect}"
            raise InputError(problem)
        _require("extraction", self.extraction, 0.0 <= self.extraction <= 1.0, "from 0 to 1")
        for name in (
            "false_void_per_m",
            "deviation_sd_per_m",
            "cost_setup",
            "cost_per_m",
            "cost_inclined",
            "overdrill_m",
            "separation_m",
            "information_weight",
        ):
            _require(name, getattr(self, name), 0.0 <= getattr(self, name) < math.inf, ">= 0")
        for name in ("collar_spacing_m", "max_length_m"):
            _require(name, getattr(self, name), 0.0 < getattr(self, name) < math.inf, "positive")
        _require("the costs", 0.0, self.cost_setup + self.cost_per_m > 0.0, "positive in sum")
        for value in self.inclinations_deg:
            _require("inclinations_deg", value, 0.0 < value <= 90.0, "above 0 and at most 90")
        for value in self.azimuths_deg:
            _require("azimuths_deg", value, math.isfinite(value), "finite")
        if not self.inclinations_deg:
            problem = "inclinations_deg must name at least one inclination"
            raise InputError(problem)
        if not self.azimuths_deg and any(v < 90.0 for v in self.inclinations_deg):
            problem = "azimuths_deg must name at least one azimuth for inclined holes"
            raise InputError(problem)
        for polygon in self.no_go:
            ring = np.asarray(polygon, np.float64)
            if ring.ndim != 2 or ring.shape[1] != 2 or len(ring) < 3 or not np.isfinite(ring).all():
                problem = "each no-go polygon must be at least three finite points (x, y)"
                raise InputError(problem)

    def directions(self) -> tuple[tuple[float, float], ...]:
        """Pairs (azimuth, inclination) in degrees of all candidates; a vertical one once."""
        return tuple(
            (azimuth, inclination)
            for inclination in self.inclinations_deg
            for azimuth in ((0.0,) if inclination == 90.0 else self.azimuths_deg)
        )

    def cost(self, length_m: Array, inclination_deg: Array) -> Array:
        """Cost of holes of the given lengths and inclinations."""
        leaning = self.cost_inclined * (np.asarray(inclination_deg) < 90.0)
        return self.cost_setup + self.cost_per_m * np.asarray(length_m, np.float64) + leaning


def _require(name: str, value: float, holds: bool, wanted: str) -> None:
    if not holds:
        problem = f"{name} must be {wanted}, found {value}"
        raise InputError(problem)
