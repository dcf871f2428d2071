"""Kinds of object and the prior of each: data, with the reasons for the numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from subterra.errors import InputError

__all__ = [
    "DEFAULT_FAMILIES",
    "FAMILIES",
    "FILLS",
    "MIN_ASPECT",
    "SECTIONS",
    "FamilyPrior",
    "family_code",
    "fill_code",
]

FAMILIES: Final = ("none", "driven", "working", "chamber")
FILLS: Final = ("air", "water", "rubble")
SECTIONS: Final = ("round", "rectangular")
MIN_ASPECT: Final = 0.05
"""Height over width of the flattest section or chamber; the inverse is the tallest."""


@dataclass(frozen=True)
class FamilyPrior:
    """Prior of one family of objects.

    Parameters
    ----------
    name : str
        One of ``FAMILIES``.
    length_m : (2,) tuple of float
        Bounds of the log-uniform length of the axis; unused by ``chamber``.
    depth_m : (2,) tuple of float
        Bounds of the uniform depth of the axis under the surface. The upper bound is cut at the
        depth of the site.
    radius_m : (2,) tuple of float
        Bounds of the log-uniform radius.
    grade_sd : float
        Standard deviation of the slope of the axis, metres per metre, normal about level.
    curvature_sd_per_m : float
        Standard deviation of the curvature in plan, 1/m, normal about straight.
    fill : (3,) tuple of float
        Probabilities of air, water and rubble.
    expected : float
        Expected number per site when the family is *not* the target of the search.
    section : str
        ``round`` or ``rectangular``: section of a line; a chamber ignores it.
    aspect : (2,) tuple of float
        Bounds of height over width. Of a chamber it is log-uniform between them (a spheroid of
        the radius's volume) and takes the quantile that a line's length has, so that no random
        number is added. Of a line both must be equal, and 1 unless the section is rectangular:
        beyond a width or two a section is felt by its area alone.
    lining_m : float
        Thickness of a lining around the void; 0 is none.
    lining_density : float
        kg/m³; the default is concrete.
    """

    name: str
    length_m: tuple[float, float]
    depth_m: tuple[float, float]
    radius_m: tuple[float, float]
    grade_sd: float
    curvature_sd_per_m: float
    fill: tuple[float, float, float]
    expected: float
    section: str = "round"
    aspect: tuple[float, float] = (1.0, 1.0)
    lining_m: float = 0.0
    lining_density: float = 2400.0

    def __post_init__(self) -> None:
        if self.name not in FAMILIES[1:]:
            problem = f"unknown family {self.name!r}; known: {', '.join(FAMILIES[1:])}"
            raise InputError(problem)
        for label, (low, high) in (
            ("length_m", self.length_m),
            ("depth_m", self.depth_m),
            ("radius_m", self.radius_m),
        ):
            if not 0.0 < low < high:
                problem = f"family {self.name}: {label} must be 0 < low < high, found {low}, {high}"
                raise InputError(problem)
        if min(self.fill) < 0.0 or abs(sum(self.fill) - 1.0) > 1e-6:
            problem = f"family {self.name}: fill probabilities must be >= 0 and sum to 1"
            raise InputError(problem)
        if min(self.grade_sd, self.curvature_sd_per_m, self.expected) < 0.0:
            problem = f"family {self.name}: grade_sd, curvature_sd_per_m, expected must be >= 0"
            raise InputError(problem)
        self._check_shape()

    def _check_shape(self) -> None:
        low, high = self.aspect
        if self.section not in SECTIONS:
            problem = f"family {self.name}: section must be one of {', '.join(SECTIONS)}"
            raise InputError(problem)
        if not MIN_ASPECT <= low <= high <= 1.0 / MIN_ASPECT:
            problem = (
                f"family {self.name}: aspect, height over width, must be "
                f"{MIN_ASPECT:g} <= low <= high <= {1.0 / MIN_ASPECT:g}, found {low}, {high}"
            )
            raise InputError(problem)
        if self.name != "chamber" and low != high:
            problem = f"family {self.name}: the aspect of a line is one number: low must be high"
            raise InputError(problem)
        if self.name != "chamber" and self.section == "round" and low != 1.0:
            problem = f"family {self.name}: a round section has aspect 1; say rectangular"
            raise InputError(problem)
        if not (self.lining_m >= 0.0 and self.lining_density > 0.0):
            problem = f"family {self.name}: lining_m must be >= 0 and lining_density > 0"
            raise InputError(problem)


# driven: hand- or machine-dug access and infiltration tunnels: nearly straight, gently graded for
# drainage, one man wide to a small vehicle. working: mine drives and adits, wider, wetter, more
# winding. chamber: natural cavities, the explanation that competes with a target.
DEFAULT_FAMILIES: Final[Mapping[str, FamilyPrior]] = MappingProxyType(
    {
        "driven": FamilyPrior(
            "driven", (30.0, 2000.0), (1.0, 1000.0), (0.4, 1.5), 0.03, 0.001, (0.75, 0.15, 0.1), 0.0
        ),
        "working": FamilyPrior(
            "working",
            (20.0, 1000.0),
            (1.0, 1000.0),
            (0.6, 2.0),
            0.03,
            0.003,
            (0.5, 0.35, 0.15),
            0.0,
        ),
        "chamber": FamilyPrior(
            "chamber", (1.0, 2.0), (1.0, 1000.0), (0.5, 4.0), 0.0, 0.0, (0.4, 0.35, 0.25), 0.3
        ),
    }
)


def family_code(name: str) -> int:
    """Return the integer code of a family; raise ``InputError`` for an unknown name."""
    if name not in FAMILIES:
        problem = f"unknown family {name!r}; known: {', '.join(FAMILIES[1:])}"
        raise InputError(problem)
    return FAMILIES.index(name)


def fill_code(name: str) -> int:
    """Return the integer code of a fill; raise ``InputError`` for an unknown name."""
    if name not in FILLS:
        problem = f"unknown fill {name!r}; known: {', '.join(FILLS)}"
        raise InputError(problem)
    return FILLS.index(name)
