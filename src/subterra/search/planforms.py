"""Plan shapes of buried targets, as grid statistics see them: ellipses and strips."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from subterra.errors import InputError

__all__ = ["Ellipse", "Planform", "Strip"]

Array = npt.NDArray[Any]


class Planform(Protocol):
    """A convex shape, symmetric about its centre, whose long axis points along an azimuth."""

    @property
    def sides(self) -> tuple[float, float]:
        """Half its length along and half its width across the long axis, m."""
        ...

    @property
    def is_strip(self) -> bool:
        """Whether it is a rectangle; an ellipse otherwise."""
        ...

    @property
    def area(self) -> float:
        """Area, m²."""
        ...

    @property
    def perimeter(self) -> float:
        """Length of the outline, m."""
        ...

    def width(self, angle: Array) -> Array:
        """Extent, m, across lines that make ``angle`` (radians) with the long axis."""
        ...


def _check(name: str, long: float, short: float, least: float) -> None:
    if not (math.isfinite(long) and long > 0.0 and least <= short <= long):
        problem = f"{name}: expected 0 < {long:g} and {least:g} <= {short:g} <= {long:g}"
        raise InputError(problem)


@dataclass(frozen=True)
class Ellipse:
    """Ellipse; a circle where the semi-axes are equal.

    Parameters
    ----------
    semi_major, semi_minor : float
        m.

    Raises
    ------
    InputError
        Unless 0 < ``semi_minor`` <= ``semi_major``.
    """

    semi_major: float
    semi_minor: float

    def __post_init__(self) -> None:
        _check("semi-axes of an ellipse", self.semi_major, self.semi_minor, 1e-9 * self.semi_major)

    @property
    def sides(self) -> tuple[float, float]:
        """Semi-axes, m."""
        return self.semi_major, self.semi_minor

    @property
    def is_strip(self) -> bool:
        """Never."""
        return False

    @property
    def area(self) -> float:
        """Area, m²."""
        return math.pi * self.semi_major * self.semi_minor

    @property
    def perimeter(self) -> float:
        """Length of the outline, 4aE(e²), m."""
        from scipy.special import ellipe

        ratio = self.semi_minor / self.semi_major
        return 4.0 * self.semi_major * float(ellipe(1.0 - ratio**2))

    def width(self, angle: Array) -> Array:
        """Extent across lines at ``angle`` to the long axis, 2√(a² sin² + b² cos²), m."""
        a, b = self.sides
        return 2.0 * np.hypot(a * np.sin(angle), b * np.cos(angle))


@dataclass(frozen=True)
class Strip:
    """Rectangle: a straight drive in plan. Without width it is a needle.

    Parameters
    ----------
    length, breadth : float
        m.

    Raises
    ------
    InputError
        Unless 0 <= ``breadth`` <= ``length`` and ``length`` > 0.
    """

    length: float
    breadth: float = 0.0

    def __post_init__(self) -> None:
        _check("length and breadth of a strip", self.length, self.breadth, 0.0)

    @property
    def sides(self) -> tuple[float, float]:
        """Half length and half breadth, m."""
        return 0.5 * self.length, 0.5 * self.breadth

    @property
    def is_strip(self) -> bool:
        """Always."""
        return True

    @property
    def area(self) -> float:
        """Area, m²."""
        return self.length * self.breadth

    @property
    def perimeter(self) -> float:
        """Length of the outline, m; that of a needle counts both of its sides."""
        return 2.0 * (self.length + self.breadth)

    def width(self, angle: Array) -> Array:
        """Extent across lines at ``angle`` to the long axis, l|sin| + b|cos|, m."""
        return self.length * np.abs(np.sin(angle)) + self.breadth * np.abs(np.cos(angle))
