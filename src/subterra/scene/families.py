"""Kinds of object and the prior of each: data, with the reasons for the numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from subterra.errors import InputError, check_known

__all__ = [
    "DEFAULT_FAMILIES",
    "FAMILIES",
    "FILLS",
    "FORKING",
    "HEADED",
    "MIN_ASPECT",
    "SECTIONS",
    "FamilyPrior",
    "family_code",
    "fill_code",
]

FAMILIES: Final = ("none", "driven", "working", "chamber", "shaft", "conduit")
HEADED: Final = ("driven", "working", "conduit")
"""Families whose axis has a heading: a half turn makes the same line of it."""
FORKING: Final = ("driven", "working")
"""Families that may have a branch."""
FILLS: Final = ("air", "water", "rubble")
SECTIONS: Final = ("round", "rectangular")
MIN_ASPECT: Final = 0.05
"""Height over width of the flattest section or chamber; the inverse is the tallest."""
_MOST_TORTUOUS: Final = 2.0
"""A wave that is a function of the distance along it bends no further than this."""


@dataclass(frozen=True)
class FamilyPrior:
    """Prior of one family of objects.

    Parameters
    ----------
    name : str
        One of ``FAMILIES``.
    length_m : (2,) tuple of float
        Bounds of the log-uniform length of the axis; unused by ``chamber``. Of a ``shaft`` it is
        the depth from mouth to bottom, which may lie below the site's depth; of a ``conduit``
        the length without its waves.
    depth_m : (2,) tuple of float
        Bounds of the uniform depth of the axis under the surface. The upper bound is cut at the
        depth of the site. Of a ``shaft`` it is the *log-uniform* depth of its mouth: the ground,
        cap or roof over the void.
    radius_m : (2,) tuple of float
        Bounds of the log-uniform radius.
    grade_sd : float
        Standard deviation of the slope of the axis, metres per metre, normal about level. Of a
        ``shaft`` it is that of its lean to the east and to the north, about the vertical.
    curvature_sd_per_m : float
        Standard deviation of the curvature in plan, 1/m, normal about straight; unused by
        ``chamber`` and ``shaft``.
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
    branch : float
        Probability that the object forks inside the bounds: one straight, level branch of the
        same section. ``driven`` and ``working`` only.
    branch_length_m : (2,) tuple of float
        Bounds of the log-uniform length of the branch from the wall of the main drive.
    branch_angle_deg : float
        Smallest angle between the branch and the main drive; its direction is uniform otherwise.
    wavelength_m : (2,) tuple of float
        ``conduit``: bounds of the log-uniform length of its waves. The axis has eight straights;
        waves shorter than four of them are lengthened to that.
    tortuosity : (2,) tuple of float
        ``conduit``: bounds of the uniform ratio of the waves' length to that of the straight line.
    vertical : float
        ``conduit``: amplitude of the waves in depth over that in plan.
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
    branch: float = 0.0
    branch_length_m: tuple[float, float] = (5.0, 200.0)
    branch_angle_deg: float = 30.0
    wavelength_m: tuple[float, float] = (20.0, 200.0)
    tortuosity: tuple[float, float] = (1.05, 1.7)
    vertical: float = 0.5

    def __post_init__(self) -> None:
        check_known("family", self.name, FAMILIES[1:])
        for label, (low, high) in (
            ("length_m", self.length_m),
            ("depth_m", self.depth_m),
            ("radius_m", self.radius_m),
            ("branch_length_m", self.branch_length_m),
            ("wavelength_m", self.wavelength_m),
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
        self._check_course()

    def _check_course(self) -> None:
        low, high = self.tortuosity
        if not 0.0 <= self.branch <= 1.0 or (self.branch > 0.0 and self.name not in FORKING):
            forking = " and ".join(FORKING)
            problem = f"family {self.name}: branch is a probability, and only {forking} fork"
            raise InputError(problem)
        if not 5.0 <= self.branch_angle_deg < 90.0:
            problem = f"family {self.name}: branch_angle_deg must be at least 5 and below 90"
            raise InputError(problem)
        if not (1.0 <= low <= high <= _MOST_TORTUOUS and self.vertical >= 0.0):
            problem = (
                f"family {self.name}: tortuosity must be 1 <= low <= high <= {_MOST_TORTUOUS:g}, "
                f"vertical >= 0, found {low}, {high}, {self.vertical}"
            )
            raise InputError(problem)

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
# drainage, one man wide to a small vehicle; those of the Korean border have no branches.
# working: mine drives and adits, wider, wetter, more winding; drives fork.
# chamber: natural cavities, the explanation that competes with a target.
# shaft: old British shafts are mostly 2.5 m wide (bell pits narrower, coal shafts wider), filled,
# capped at rockhead or open. A mouth between 0.3 and 30 m under the ground, log-uniform, puts half
# of them above 3 m; the others are blind: winzes, raises, or shafts under fill.
# conduit: karst. In windows of 30 and 60 m of the Sakany cave (7.5 km; KarstNet, Collon et al.
# 2017) path over straight line has the quartiles 1.16–1.22, 1.32–1.36, 1.60–1.63 and the spread in
# height is 0.45–0.56 of that in plan. It is in the prior only where a site says so.
DEFAULT_FAMILIES: Final[Mapping[str, FamilyPrior]] = MappingProxyType(
    {
        item.name: item
        for item in (
            FamilyPrior(
                name="driven",
                length_m=(30.0, 2000.0),
                depth_m=(1.0, 1000.0),
                radius_m=(0.4, 1.5),
                grade_sd=0.03,
                curvature_sd_per_m=0.001,
                fill=(0.75, 0.15, 0.1),
                expected=0.0,
            ),
            FamilyPrior(
                name="working",
                length_m=(20.0, 1000.0),
                depth_m=(1.0, 1000.0),
                radius_m=(0.6, 2.0),
                grade_sd=0.03,
                curvature_sd_per_m=0.003,
                fill=(0.5, 0.35, 0.15),
                expected=0.0,
                branch=0.2,
            ),
            FamilyPrior(
                name="chamber",
                length_m=(1.0, 2.0),
                depth_m=(1.0, 1000.0),
                radius_m=(0.5, 4.0),
                grade_sd=0.0,
                curvature_sd_per_m=0.0,
                fill=(0.4, 0.35, 0.25),
                expected=0.3,
            ),
            FamilyPrior(
                name="shaft",
                length_m=(5.0, 200.0),
                depth_m=(0.3, 30.0),
                radius_m=(0.5, 3.0),
                grade_sd=0.02,
                curvature_sd_per_m=0.0,
                fill=(0.35, 0.25, 0.4),
                expected=0.0,
            ),
            FamilyPrior(
                name="conduit",
                length_m=(20.0, 1000.0),
                depth_m=(1.0, 1000.0),
                radius_m=(0.3, 3.0),
                grade_sd=0.1,
                curvature_sd_per_m=0.001,
                fill=(0.5, 0.5, 0.0),
                expected=0.0,
            ),
        )
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
    check_known("fill", name, FILLS)
    return FILLS.index(name)
