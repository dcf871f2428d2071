"""Rules of law and practice that say how densely to drill before ground counts as probed."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from scipy.spatial import KDTree

from subterra.errors import check_known
from subterra.scene import Prior
from subterra.search.candidates import inside_polygon
from subterra.search.declared import DeclaredClass
from subterra.search.holes import Hole, course
from subterra.tables import FOOT_M

__all__ = ["PRACTICE_RULES", "PracticeRule", "grid_coverage", "practice_rule"]

Array = npt.NDArray[Any]

_CELLS: Final = 120
_ROUNDING: Final = 1e-9


@dataclass(frozen=True)
class PracticeRule:
    """A grid of holes that a rule asks for.

    Parameters
    ----------
    name : str
        Name on the command line.
    spacing_m : float or None
        Largest spacing of the holes, m; None takes a share of the declared diameter.
    diameter_share : float
        That share.
    words : str
        What the rule says.
    source : str
        Where it is written.
    """

    name: str
    spacing_m: float | None
    diameter_share: float
    words: str
    source: str

    def spacing(self, diameter_m: float) -> float:
        """Spacing asked for a declared diameter, m."""
        return self.diameter_share * diameter_m if self.spacing_m is None else self.spacing_m


PRACTICE_RULES: Final = {
    rule.name: rule
    for rule in (
        PracticeRule(
            "3-ft-grid",
            3.0 * FOOT_M,
            0.0,
            "vertical holes on a 3-foot grid locate virtually any mine workings",
            "National Research Council (2002), Coal Waste Impoundments, ch. 5",
        ),
        PracticeRule(
            "8-ft-probe",
            8.0 * FOOT_M,
            0.0,
            "boreholes at most 8 feet apart towards workings that cannot be inspected",
            "30 CFR 75.388",
        ),
        PracticeRule(
            "half-diameter",
            None,
            0.5,
            "probe a grid of at most half the diameter of the shaft that is looked for",
            "practice of shaft searches in the United Kingdom",
        ),
    )
}


def practice_rule(name: str) -> PracticeRule:
    """Find a rule by its name.

    Raises
    ------
    InputError
        If there is none; the message names all.
    """
    check_known("rule", name, PRACTICE_RULES)
    return PRACTICE_RULES[name]


def grid_coverage(
    prior: Prior, declared: DeclaredClass, holes: Sequence[Hole], spacing_m: float
) -> float:
    """Share of an area that is as near to a hole as a square grid of that spacing would make it.

    On a square grid no point is farther from a hole than spacing/√2. A hole counts where it
    passes, at every depth down to the declared one: for an inclined hole the least favourable of
    five depths counts at each place.

    Parameters
    ----------
    prior : Prior
        The ground.
    declared : DeclaredClass
        Area and depth.
    holes : sequence of Hole
        Holes as long as they were logged. One that ends above the declared depth does not count.
    spacing_m : float
        Spacing that is asked for.

    Returns
    -------
    float
        From 0 to 1.
    """
    polygon = declared.polygon
    (x0, y0), (x1, y1) = polygon.min(axis=0), polygon.max(axis=0)
    part = (np.arange(_CELLS) + 0.5) / _CELLS
    x, y = (v.ravel() for v in np.meshgrid(x0 + part * (x1 - x0), y0 + part * (y1 - y0)))
    inside = inside_polygon(x, y, polygon)
    x, y = x[inside], y[inside]
    if len(x) == 0:
        return 0.0
    reach = spacing_m / math.sqrt(2.0) * (1.0 + 1e-6)
    covered = np.ones(len(x), bool)
    for depth in declared.above_m * np.linspace(0.0, 1.0, 5):
        places = _at_depth(prior, holes, float(depth))
        if len(places) == 0:
            return 0.0
        away, _ = KDTree(places).query(np.column_stack([x, y]))
        covered &= away <= reach
    return float(covered.mean())


def _at_depth(prior: Prior, holes: Sequence[Hole], depth_m: float) -> Array:
    """Plan places (k, 2) at a depth under the ground of those holes that reach it."""
    out: list[Array] = []
    for hole in holes:
        x, y, z = course(hole)[:, 1:].T
        deep = prior.surface.at(x, y) - z
        below = deep >= depth_m - _ROUNDING * hole.length_m
        if not below.any():
            continue
        k = int(np.argmax(below))
        step = deep[k] - deep[k - 1] if k else 0.0
        part = (depth_m - deep[k - 1]) / step if step > 0.0 else 1.0
        out.append(np.array([v[max(k - 1, 0)] + part * (v[k] - v[max(k - 1, 0)]) for v in (x, y)]))
    return np.array(out).reshape(-1, 2)
