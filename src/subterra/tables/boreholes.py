"""Boreholes: collars, surveys of their traces, and logged intervals."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np

from subterra.tables.columns import (
    FloatArray,
    RowError,
    coordinates,
    extra_columns,
    first_repeat,
    numbers,
    optional_coordinates,
    shown,
    texts,
    words,
)

__all__ = [
    "LOG_WORDS",
    "VOID_WORDS",
    "WORD_STRENGTH",
    "BackfillTable",
    "BoreholeTable",
    "HoleRecords",
    "IntervalTable",
    "SurveyTable",
    "check_intervals",
    "check_surveys",
]

LOG_WORDS = (
    "void",
    "intact",
    "unknown",
    "rod drop",
    "flush loss",
    "broken",
    "goaf",
    "packed waste",
    "timber",
    "pillar",
)
"""What a logged interval can be: the first three make a plain log, the others are a driller's."""

VOID_WORDS = ("void", "rod drop")
"""Words that say that the drill met a void: each is a hit."""

WORD_STRENGTH = (
    "rod drop",
    "void",
    "goaf",
    "packed waste",
    "timber",
    "pillar",
    "flush loss",
    "broken",
    "intact",
    "unknown",
)
"""The same words, the one that says most first: it speaks where several are said of one place."""

_MAX_LENGTH_M = 2e4  # the deepest hole ever drilled is 12 km
_ROUNDING_M = 1e-6  # decimal depths that differ by less are the same depth


@dataclass(frozen=True, eq=False)
class BoreholeTable:
    """Collars and straight traces of boreholes.

    Parameters
    ----------
    hole : tuple of str
        Names, all different.
    x_m, y_m : ndarray, shape (n,)
        Easting and northing of the collar in the site's CRS, m.
    z_m : ndarray, shape (n,), or None
        Elevation of the collar, m, positive up; None when it lies on the site's surface.
    azimuth_deg : ndarray, shape (n,)
        Clockwise from north, 0 to 360.
    inclination_deg : ndarray, shape (n,)
        Positive down from horizontal, -90 to 90; 90 is vertical (AGS4 HORN).
    length_m : ndarray, shape (n,)
        Drilled length along the hole, m, positive.
    extra : mapping of str to tuple of str
        Further columns, carried along.

    Raises
    ------
    RowError
        A column has the wrong length or a value that cannot be used, or a hole is repeated.
    """

    hole: tuple[str, ...]
    x_m: FloatArray
    y_m: FloatArray
    z_m: FloatArray | None
    azimuth_deg: FloatArray
    inclination_deg: FloatArray
    length_m: FloatArray
    extra: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])

    def __post_init__(self) -> None:
        put = object.__setattr__
        put(self, "hole", texts(self.hole, "hole"))
        n = len(self.hole)
        row = first_repeat(self.hole)
        if row is not None:
            problem = f"hole {shown(self.hole[row])} is given twice"
            raise RowError(problem, field="hole", row=row)
        put(self, "x_m", coordinates(self.x_m, "x_m", n))
        put(self, "y_m", coordinates(self.y_m, "y_m", n))
        put(self, "z_m", optional_coordinates(self.z_m, "z_m", n))
        put(self, "azimuth_deg", numbers(self.azimuth_deg, "azimuth_deg", n, low=0.0, high=360.0))
        inclination = numbers(self.inclination_deg, "inclination_deg", n, low=-90.0, high=90.0)
        put(self, "inclination_deg", inclination)
        length = numbers(self.length_m, "length_m", n, above=0.0, high=_MAX_LENGTH_M)
        put(self, "length_m", length)
        put(self, "extra", extra_columns(self.extra, n))

    def __len__(self) -> int:
        return len(self.hole)


@dataclass(frozen=True, eq=False)
class SurveyTable:
    """Measured directions along boreholes.

    Parameters
    ----------
    hole : tuple of str
        Name of the hole of each station.
    depth_m : ndarray, shape (n,)
        Depth of the station along the hole, m, from the collar; no two alike in one hole.
    azimuth_deg : ndarray, shape (n,)
        Clockwise from north, 0 to 360.
    inclination_deg : ndarray, shape (n,)
        Positive down from horizontal, -90 to 90; 90 is vertical (AGS4 HORN). A survey whose dips
        are negative downwards has to be turned round first.
    extra : mapping of str to tuple of str
        Further columns, carried along.

    Raises
    ------
    RowError
        A column has the wrong length or a value that cannot be used, or a hole has two stations
        at one depth.
    """

    hole: tuple[str, ...]
    depth_m: FloatArray
    azimuth_deg: FloatArray
    inclination_deg: FloatArray
    extra: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])

    def __post_init__(self) -> None:
        put = object.__setattr__
        put(self, "hole", texts(self.hole, "hole"))
        n = len(self.hole)
        put(self, "depth_m", numbers(self.depth_m, "depth_m", n, low=0.0, high=_MAX_LENGTH_M))
        put(self, "azimuth_deg", numbers(self.azimuth_deg, "azimuth_deg", n, low=0.0, high=360.0))
        inclination = numbers(self.inclination_deg, "inclination_deg", n, low=-90.0, high=90.0)
        put(self, "inclination_deg", inclination)
        put(self, "extra", extra_columns(self.extra, n))
        seen: set[tuple[str, float]] = set()
        for row, station in enumerate(zip(self.hole, self.depth_m.tolist(), strict=True)):
            if station in seen:
                problem = f"hole {shown(station[0])} has two stations at {station[1]:g} m"
                raise RowError(problem, field="depth_m", row=row)
            seen.add(station)

    def __len__(self) -> int:
        return len(self.hole)


@dataclass(frozen=True, eq=False)
class IntervalTable:
    """What was logged along boreholes.

    Parameters
    ----------
    hole : tuple of str
        Name of the hole of each interval.
    from_m, to_m : ndarray, shape (n,)
        Ends of the interval along the hole, m, from the collar; ``0 <= from_m < to_m``.
    log : tuple of str
        One of `LOG_WORDS`.
    extra : mapping of str to tuple of str
        Further columns, carried along.

    Raises
    ------
    RowError
        A column has the wrong length or a value that cannot be used, or an interval ends
        before it begins.
    """

    hole: tuple[str, ...]
    from_m: FloatArray
    to_m: FloatArray
    log: tuple[str, ...]
    extra: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])

    def __post_init__(self) -> None:
        put = object.__setattr__
        put(self, "hole", texts(self.hole, "hole"))
        n = len(self.hole)
        put(self, "from_m", numbers(self.from_m, "from_m", n, low=0.0, high=_MAX_LENGTH_M))
        put(self, "to_m", numbers(self.to_m, "to_m", n, low=0.0, high=_MAX_LENGTH_M))
        put(self, "log", words(self.log, "log", n, LOG_WORDS))
        put(self, "extra", extra_columns(self.extra, n))
        backward = self.to_m <= self.from_m
        if backward.any():
            row = int(np.argmax(backward))
            problem = f"expected more than from_m = {self.from_m[row]:g}, found {self.to_m[row]:g}"
            raise RowError(problem, field="to_m", row=row)

    def __len__(self) -> int:
        return len(self.hole)


@dataclass(frozen=True, eq=False)
class BackfillTable:
    """What holes themselves were filled with; it says nothing of the ground.

    Parameters
    ----------
    hole : tuple of str
        Name of the hole of each stretch.
    from_m, to_m : ndarray, shape (n,)
        Ends of the stretch along the hole, m, from the collar; ``0 <= from_m <= to_m``.
    text : tuple of str
        What with; may be blank.

    Raises
    ------
    RowError
        A column has the wrong length or a value that cannot be used, or a stretch ends before it
        begins.
    """

    hole: tuple[str, ...]
    from_m: FloatArray
    to_m: FloatArray
    text: tuple[str, ...]

    def __post_init__(self) -> None:
        put = object.__setattr__
        put(self, "hole", texts(self.hole, "hole"))
        n = len(self.hole)
        put(self, "from_m", numbers(self.from_m, "from_m", n, low=0.0, high=_MAX_LENGTH_M))
        put(self, "to_m", numbers(self.to_m, "to_m", n, low=0.0, high=_MAX_LENGTH_M))
        put(self, "text", texts(self.text, "text", n, blank=True))
        backward = self.to_m < self.from_m
        if backward.any():
            row = int(np.argmax(backward))
            problem = f"expected at least from_m = {self.from_m[row]:g}, found {self.to_m[row]:g}"
            raise RowError(problem, field="to_m", row=row)

    def __len__(self) -> int:
        return len(self.hole)


@dataclass(frozen=True, eq=False)
class HoleRecords:
    """Everything about holes that one file holds.

    Parameters
    ----------
    collars : BoreholeTable
        The holes.
    surveys : SurveyTable or None
        Measured directions, where there are any.
    intervals : IntervalTable or None
        Logged intervals, where there are any.
    project : str
        Name of the project.
    backfill : BackfillTable or None
        What the holes were filled with, where that is said.

    Raises
    ------
    RowError
        As `check_intervals` and `check_surveys`.
    """

    collars: BoreholeTable
    surveys: SurveyTable | None = None
    intervals: IntervalTable | None = None
    project: str = ""
    backfill: BackfillTable | None = None

    def __post_init__(self) -> None:
        if self.surveys is not None:
            check_surveys(self.collars, self.surveys)
        if self.intervals is not None:
            check_intervals(self.collars, self.intervals)

    def __len__(self) -> int:
        return len(self.collars)


def check_intervals(collars: BoreholeTable, intervals: IntervalTable) -> None:
    """Check logged intervals against the holes that they claim to be in.

    Parameters
    ----------
    collars : BoreholeTable
        All holes of the site.
    intervals : IntervalTable
        The logged intervals.

    Raises
    ------
    RowError
        An interval without its collar, beyond the drilled length, or overlapping another
        interval of the same hole.
    """
    length_m = dict(zip(collars.hole, collars.length_m.tolist(), strict=True))
    by_hole: dict[str, list[int]] = {}
    for row, hole in enumerate(intervals.hole):
        if hole not in length_m:
            problem = f"the interval's hole {shown(hole)} has no collar"
            raise RowError(problem, field="hole", row=row)
        if intervals.to_m[row] > length_m[hole] + _ROUNDING_M:
            problem = (
                f"{intervals.to_m[row]:g} m is beyond the end of hole {shown(hole)}, "
                f"which is {length_m[hole]:g} m long"
            )
            raise RowError(problem, field="to_m", row=row)
        by_hole.setdefault(hole, []).append(row)
    for hole, rows in by_hole.items():
        _refuse_overlap(intervals, hole, rows)


def check_surveys(collars: BoreholeTable, surveys: SurveyTable) -> None:
    """Check stations against the holes that they claim to be in.

    Parameters
    ----------
    collars : BoreholeTable
        All holes of the site.
    surveys : SurveyTable
        Measured directions.

    Raises
    ------
    RowError
        A station without its collar, or beyond the drilled length.
    """
    length_m = dict(zip(collars.hole, collars.length_m.tolist(), strict=True))
    for row, hole in enumerate(surveys.hole):
        if hole not in length_m:
            problem = f"the survey's hole {shown(hole)} has no collar"
            raise RowError(problem, field="hole", row=row)
        if surveys.depth_m[row] > length_m[hole] + _ROUNDING_M:
            problem = (
                f"{surveys.depth_m[row]:g} m is beyond the end of hole {shown(hole)}, "
                f"which is {length_m[hole]:g} m long"
            )
            raise RowError(problem, field="depth_m", row=row)


def _refuse_overlap(intervals: IntervalTable, hole: str, rows: list[int]) -> None:
    ordered = sorted(rows, key=lambda row: float(intervals.from_m[row]))
    for above, below in pairwise(ordered):
        if intervals.from_m[below] < intervals.to_m[above] - _ROUNDING_M:
            problem = (
                f"{intervals.from_m[below]:g}-{intervals.to_m[below]:g} m overlaps "
                f"{intervals.from_m[above]:g}-{intervals.to_m[above]:g} m of the same hole "
                f"{shown(hole)}"
            )
            raise RowError(problem, field="from_m", row=below)
