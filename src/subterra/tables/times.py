"""Times of readings: ISO dates with times, clock times of one day, or decimal hours."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime

import numpy as np

from subterra.tables.columns import FloatArray, RowError, shown

__all__ = ["reading_hours"]

_CLOCK = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)(?::([0-5]\d(?:\.\d{1,6})?))?")
_HOURS = re.compile(r"\d{1,7}(?:\.\d{1,9})?")
_SORTS = ("a date and time such as 2026-02-18T09:05", "a clock time such as 09:05", "decimal hours")


def reading_hours(times: Sequence[str], field: str = "time") -> FloatArray:
    """Turn times into hours on one axis; only differences mean anything.

    Parameters
    ----------
    times : sequence of str
        All of one sort: ISO 8601 dates with times (all with or all without a zone), clock times
        ``H:MM[:SS]`` of one day, or decimal hours. A blank is unknown.
    field : str
        Name of the column, for messages.

    Returns
    -------
    (n,) numpy.ndarray
        Hours, NaN where unknown.

    Raises
    ------
    RowError
        A text is none of these, or of another sort than the first one.
    """
    hours = np.full(len(times), np.nan)
    first: tuple[int, bool] | None = None
    for row, text in enumerate(times):
        if not text:
            continue
        found = _parse(text)
        if found is None:
            problem = f"expected {', '.join(_SORTS[:2])} or {_SORTS[2]}, found {shown(text)}"
            raise RowError(problem, field=field, row=row)
        sort, zone, hours[row] = found
        first = first or (sort, zone)
        if (sort, zone) != first:
            zoned = " with a zone" if first[1] else ""
            problem = f"expected {_SORTS[first[0]]}{zoned} as above, found {shown(text)}"
            raise RowError(problem, field=field, row=row)
    return hours


def _parse(text: str) -> tuple[int, bool, float] | None:
    """Sort, whether there is a zone, and hours."""
    clock = _CLOCK.fullmatch(text)
    if clock:
        hour, minute, second = clock.groups()
        return 1, False, int(hour) + int(minute) / 60.0 + float(second or 0.0) / 3600.0
    if _HOURS.fullmatch(text):
        return 2, False, float(text)
    if len(text) < len("2026-02-18T09"):
        return None
    try:
        when = datetime.fromisoformat(text)
    except ValueError:
        return None
    zoned = when.tzinfo is not None
    since = when - datetime(2000, 1, 1, tzinfo=when.tzinfo)
    if zoned:
        since -= when.utcoffset() or since * 0
    return 0, zoned, since.total_seconds() / 3600.0
