"""Point grids of holes against targets of a known plan shape: the classical tables, made exact.

A grid whose origin is random against the target meets it with P = 1 − E[f^K]: K holes stand inside
the outline and each misses what it meets with probability f. Along a row of a regular grid the
expectation over the origin is exact, as the holes of every row cover an interval; across the rows
and over the azimuth it is a quadrature with a randomly shifted lattice rule, whose own error is
given. Sources: Singer and Wickman (1969), Gilbert (1987, ch. 10), Sego and Wilson (2007).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Final, Literal

import numpy as np
import numpy.typing as npt

from subterra.errors import InputError
from subterra.search.grid_rows import mean_silence
from subterra.search.planforms import Planform

__all__ = [
    "GridDetection",
    "PointGrid",
    "circle_hit",
    "circle_ratio",
    "grid_hit",
    "jittered_hit",
    "worst_azimuth",
]

Array = npt.NDArray[Any]
Pattern = Literal["square", "triangular"]

_FIBONACCI: Final = (10946, 6765)
"""Points of the rank-1 lattice rule and its generator: the best there is in two dimensions."""
_SHIFTS: Final = 8
_BATCH: Final = 20_000


@dataclass(frozen=True)
class PointGrid:
    """Regular grid of vertical holes.

    Parameters
    ----------
    pattern : {"square", "triangular"}
        Arrangement.
    spacing_m : float
        Distance between neighbouring holes.

    Raises
    ------
    InputError
        For another pattern or a spacing that is not positive.
    """

    pattern: Pattern
    spacing_m: float

    def __post_init__(self) -> None:
        if self.pattern not in ("square", "triangular"):
            problem = f"a grid is square or triangular, found {self.pattern!r}"
            raise InputError(problem)
        if not 0.0 < self.spacing_m < math.inf:
            problem = f"the spacing of a grid must be positive metres, found {self.spacing_m}"
            raise InputError(problem)

    @property
    def cell(self) -> tuple[float, float, float]:
        """Spacing along a row, distance of the rows and shift from row to row, m."""
        side = self.spacing_m
        if self.pattern == "square":
            return side, side, 0.0
        return side, 0.5 * math.sqrt(3.0) * side, 0.5 * side


@dataclass(frozen=True)
class GridDetection:
    """Probability of a hit with the standard error of its computation; 0 means exact."""

    p: float
    sd: float = 0.0


def circle_hit(ratio: float, pattern: Pattern = "square") -> float:
    """P(a random grid meets a circle), exactly.

    Square, x = r/G: πx² up to ½; x²(π − 4 acos(1/2x)) + √(4x² − 1) up to 1/√2; 1 beyond.
    Triangular: 2πx²/√3 up to ½; [πx² − 6x² acos(1/2x) + 3√(x² − ¼)]·2/√3 up to 1/√3; 1 beyond.

    Parameters
    ----------
    ratio : float
        Radius over the spacing of the holes.
    pattern : {"square", "triangular"}
        Arrangement.

    Returns
    -------
    float

    Raises
    ------
    InputError
        If the ratio is negative.
    """
    x = ratio
    if not x >= 0.0:
        problem = f"the ratio of radius to spacing must not be negative, found {ratio}"
        raise InputError(problem)
    square = PointGrid(pattern, 1.0).pattern == "square"
    if x <= 0.5:
        return math.pi * x * x * (1.0 if square else 2.0 / math.sqrt(3.0))
    if x >= (math.sqrt(0.5) if square else math.sqrt(1.0 / 3.0)):
        return 1.0
    angle = math.acos(0.5 / x)
    if square:
        return x * x * (math.pi - 4.0 * angle) + math.sqrt(4.0 * x * x - 1.0)
    area = math.pi * x * x - 6.0 * x * x * angle + 3.0 * math.sqrt(x * x - 0.25)
    return area * 2.0 / math.sqrt(3.0)


def circle_ratio(miss: float, pattern: Pattern = "square") -> float:
    """Radius over spacing at which a grid misses a circle with probability ``miss``.

    Parameters
    ----------
    miss : float
        Accepted P(miss), in [0, 1).
    pattern : {"square", "triangular"}
        Arrangement.

    Returns
    -------
    float

    Raises
    ------
    InputError
        For a probability outside [0, 1).
    """
    if not 0.0 <= miss < 1.0:
        problem = f"the accepted chance of a miss must be at least 0 and below 1, found {miss}"
        raise InputError(problem)
    low, high = 0.0, math.sqrt(0.5 if PointGrid(pattern, 1.0).pattern == "square" else 1.0 / 3.0)
    for _ in range(60):
        middle = 0.5 * (low + high)
        if circle_hit(middle, pattern) < 1.0 - miss:
            low = middle
        else:
            high = middle
    return high


def _check_miss(miss: float) -> None:
    if not 0.0 <= miss <= 1.0:
        problem = f"the chance that a hole misses what it meets lies in [0, 1], found {miss}"
        raise InputError(problem)


def grid_hit(
    grid: PointGrid,
    target: Planform,
    *,
    miss: float = 0.0,
    angle_deg: float | None = None,
    seed: int = 1,
) -> GridDetection:
    """P(at least one hole of a grid with a random origin meets a target and says so).

    Parameters
    ----------
    grid : PointGrid
        The holes.
    target : Planform
        Ellipse or strip.
    miss : float
        P(a hole inside the target does not say so), holes independent.
    angle_deg : float, optional
        Angle between the target's long axis and the rows of the grid: a rotated grid. By default
        all angles are equally likely.
    seed : int
        Of the random shifts of the quadrature.

    Returns
    -------
    GridDetection
        A needle without breadth is never met by points.

    Raises
    ------
    InputError
        For a probability outside [0, 1].
    """
    _check_miss(miss)
    n, generator = _FIBONACCI
    k = np.arange(n)
    rng = np.random.default_rng(seed)
    found: list[float] = []
    for _ in range(_SHIFTS):
        shift = rng.random(2)
        parts = (k / n + shift[0]) % 1.0
        angles = math.pi * ((k * generator / n + shift[1]) % 1.0)
        if angle_deg is not None:
            angles = np.full(n, math.radians(angle_deg))
        silence = mean_silence(target.is_strip, target.sides, grid.cell, angles, parts, miss)
        found.append(1.0 - silence)
    return GridDetection(float(np.mean(found)), float(np.std(found, ddof=1) / math.sqrt(_SHIFTS)))


def worst_azimuth(
    grid: PointGrid, target: Planform, *, miss: float = 0.0, step_deg: float = 0.5
) -> tuple[float, GridDetection]:
    """Angle to the rows at which a grid is least likely to meet a target.

    A grid can be nearly blind to a long target that runs along its rows, or along any line that
    passes through many of its points.

    Parameters
    ----------
    grid, target, miss
        As for `grid_hit`.
    step_deg : float
        Angles are tried in such steps from 0 to below 180, so that the rows themselves and, at
        30, 45, 60 and 90, the other close-packed lines are among them.

    Returns
    -------
    angle_deg : float
        The first of the worst.
    detection : GridDetection
        What the grid gives there.
    """
    _check_miss(miss)
    n = 1000
    parts = (np.arange(n) + 0.5) / n
    tried = np.arange(0.0, 180.0, step_deg)
    misses = [
        mean_silence(
            target.is_strip,
            target.sides,
            grid.cell,
            np.full(n, math.radians(angle)),
            parts,
            miss,
        )
        for angle in tried
    ]
    # Angles that differ by rounding only are a tie, of which the first is told.
    worst = int(np.argmax(np.round(misses, 9)))
    angle = float(tried[worst])
    return angle, grid_hit(grid, target, miss=miss, angle_deg=angle)


def jittered_hit(
    grid: PointGrid,
    target: Planform,
    *,
    jitter: float = 1.0,
    miss: float = 0.0,
    angle_deg: float | None = None,
    sd: float = 0.002,
    seed: int = 1,
) -> GridDetection:
    """P(hit) of a grid whose holes are each moved at random, by Monte Carlo to a stated error.

    Parameters
    ----------
    grid, target, miss, angle_deg
        As for `grid_hit`.
    jitter : float
        Each hole is uniform in the cell of its own, shrunk to this share; 0 is the regular grid,
        1 one random hole in every cell.
    sd : float
        Draws are added until the standard error is at most this.
    seed : int
        Of the draws.

    Returns
    -------
    GridDetection

    Raises
    ------
    InputError
        For a share outside [0, 1] or an error that is not positive.
    """
    _check_miss(miss)
    if not 0.0 <= jitter <= 1.0 or not sd > 0.0:
        problem = f"jitter must lie in [0, 1] and the error be positive, found {jitter} and {sd}"
        raise InputError(problem)
    rng = np.random.default_rng(seed)
    silent, drawn, error = 0.0, 0, math.inf
    while error > sd:
        silent += _draw_jittered(grid, target, (jitter, miss, angle_deg), rng)
        drawn += _BATCH
        share = silent / drawn
        # At least one draw's worth of doubt: none that is all hits or all misses is exact.
        error = math.sqrt(max(share * (1.0 - share), 1.0 / drawn) / drawn)
    return GridDetection(1.0 - silent / drawn, error)


def _draw_jittered(
    grid: PointGrid,
    target: Planform,
    terms: tuple[float, float, float | None],
    rng: np.random.Generator,
) -> float:
    """Sum of f^K over a batch of random targets and jittered grids."""
    jitter, miss, angle_deg = terms
    step, apart, shift = grid.cell
    a, b = target.sides
    reach = math.hypot(a, b) if target.is_strip else a
    angle = np.full(_BATCH, math.radians(angle_deg or 0.0))
    if angle_deg is None:
        angle = math.pi * rng.random(_BATCH)
    cos, sin = np.cos(angle), np.sin(angle)
    x0, y0 = step * rng.random(_BATCH), apart * rng.random(_BATCH)
    silence = np.ones(_BATCH)
    # What lies outside the reach of the target plus one cell cannot stand inside it.
    rows, columns = math.ceil(reach / apart) + 2, math.ceil((reach + step) / step) + 2
    for j in range(-rows, rows + 1):
        for i in range(-columns, columns + 1):
            move = jitter * (rng.random((2, _BATCH)) - 0.5)
            x = (i + move[0]) * step + (j * shift) % step - x0
            y = (j + move[1]) * apart - y0
            along, across = x * cos + y * sin, y * cos - x * sin
            if target.is_strip:
                inside = (np.abs(along) <= a) & (np.abs(across) <= b)
            else:
                inside = (along / a) ** 2 + (across / b) ** 2 <= 1.0
            silence = np.where(inside, miss * silence, silence)
    return float(silence.sum())
