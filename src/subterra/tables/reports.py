"""Reports: what people said they saw, heard or know, and where."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np

from subterra.tables.columns import (
    MAX_COORDINATE_M,
    FloatArray,
    IntArray,
    RowError,
    coordinates,
    extra_columns,
    first_repeat,
    numbers,
    shown,
    texts,
    words,
)

__all__ = ["CREDIBILITIES", "RELIABILITIES", "REPORT_KINDS", "ReportTable"]

RELIABILITIES = ("A", "B", "C", "D", "E", "F")
"""Reliability of the source, from "completely reliable" to "cannot be judged"."""

CREDIBILITIES = (1, 2, 3, 4, 5, 6)
"""Credibility of the item, from "confirmed by others" to "cannot be judged"."""

REPORT_KINDS = ("tunnel", "entrance", "course", "depth", "noise", "time", "nothing")
"""What a report can be about: a tunnel somewhere below, an entrance to it, its course (a heading),
its depth, digging that was heard, when there was digging (a date), or that someone looked around
the place and found nothing."""

_NEEDS = {"course": "heading_deg", "depth": "depth_m", "time": "date"}


@dataclass(frozen=True, eq=False)
class ReportTable:
    """Sited reports with the grading of source and item.

    Parameters
    ----------
    id : tuple of str
        Names of the reports, all different.
    source : tuple of str
        Who gave it.
    reliability : tuple of str
        Of the source: one of `RELIABILITIES`.
    credibility : ndarray of int32, shape (n,)
        Of the item: one of `CREDIBILITIES`.
    origin : tuple of str
        The first teller; reports that share one origin count once.
    x_m, y_m : ndarray, shape (n,)
        Easting and northing of the place reported, m.
    sd_m : ndarray, shape (n,)
        Standard deviation of the place per axis, m, positive; of ``nothing`` the reach of the
        look around the place.
    kind : tuple of str
        One of `REPORT_KINDS`; ``course`` needs a heading, ``depth`` a depth, ``time`` a date.
    heading_deg, heading_sd_deg : ndarray, shape (n,)
        Direction of the tunnel, clockwise from north, 0 to 360, and its standard deviation;
        both NaN when not reported.
    depth_m, depth_sd_m : ndarray, shape (n,)
        Vertical depth under the ground, m, positive down, and its standard deviation; both
        NaN when not reported.
    date, text : tuple of str
        As given; may be blank.
    extra : mapping of str to tuple of str
        Further columns, carried along.

    Raises
    ------
    RowError
        A column has the wrong length or a value that cannot be used, a report is repeated,
        a heading or depth comes without its standard deviation, or a report lacks what its kind
        needs.
    """

    id: tuple[str, ...]
    source: tuple[str, ...]
    reliability: tuple[str, ...]
    credibility: IntArray
    origin: tuple[str, ...]
    x_m: FloatArray
    y_m: FloatArray
    sd_m: FloatArray
    kind: tuple[str, ...]
    heading_deg: FloatArray
    heading_sd_deg: FloatArray
    depth_m: FloatArray
    depth_sd_m: FloatArray
    date: tuple[str, ...]
    text: tuple[str, ...]
    extra: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])

    def __post_init__(self) -> None:
        put = object.__setattr__
        put(self, "id", texts(self.id, "id"))
        n = len(self.id)
        row = first_repeat(self.id)
        if row is not None:
            problem = f"report {shown(self.id[row])} is given twice"
            raise RowError(problem, field="id", row=row)
        put(self, "source", texts(self.source, "source", n))
        put(self, "reliability", words(self.reliability, "reliability", n, RELIABILITIES))
        put(self, "credibility", _graded(self.credibility, n))
        put(self, "origin", texts(self.origin, "origin", n))
        put(self, "kind", words(self.kind, "kind", n, REPORT_KINDS))
        put(self, "date", texts(self.date, "date", n, blank=True))
        put(self, "text", texts(self.text, "text", n, blank=True))
        put(self, "extra", extra_columns(self.extra, n))
        self._check_place(n)
        _refuse_incomplete(self)

    def _check_place(self, n: int) -> None:
        put = object.__setattr__
        put(self, "x_m", coordinates(self.x_m, "x_m", n))
        put(self, "y_m", coordinates(self.y_m, "y_m", n))
        put(self, "sd_m", numbers(self.sd_m, "sd_m", n, above=0.0, high=MAX_COORDINATE_M))
        for name, limit, sd_limit in (("heading_deg", 360.0, 360.0), ("depth_m", 2e4, 2e4)):
            stem, unit = name.split("_")
            sd_name = f"{stem}_sd_{unit}"
            value = numbers(getattr(self, name), name, n, low=0.0, high=limit, missing=True)
            sd = numbers(getattr(self, sd_name), sd_name, n, above=0.0, high=sd_limit, missing=True)
            put(self, name, value)
            put(self, sd_name, sd)
            _refuse_half_given(name, value, sd_name, sd)

    def __len__(self) -> int:
        return len(self.id)


def _graded(values: Iterable[float], n: int) -> IntArray:
    given = numbers(tuple(values), "credibility", n)
    bad = ~np.isin(given, CREDIBILITIES)
    if bad.any():
        row = int(np.argmax(bad))
        problem = f"expected a whole number from 1 to 6, found {given[row]:g}"
        raise RowError(problem, field="credibility", row=row)
    grade = given.astype(np.int32)
    grade.flags.writeable = False
    return grade


def _refuse_half_given(name: str, value: FloatArray, sd_name: str, sd: FloatArray) -> None:
    half = np.isnan(value) != np.isnan(sd)
    if half.any():
        row = int(np.argmax(half))
        present, absent = (sd_name, name) if np.isnan(value[row]) else (name, sd_name)
        problem = f"{present} is given without {absent}"
        raise RowError(problem, field=absent, row=row)


def _refuse_incomplete(table: ReportTable) -> None:
    for row, kind in enumerate(table.kind):
        name = _NEEDS.get(kind)
        if name is None:
            continue
        given = table.date[row] if name == "date" else np.isfinite(getattr(table, name)[row])
        if not given:
            problem = f"a report of kind {kind} needs it"
            raise RowError(problem, field=name, row=row)
