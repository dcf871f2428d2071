"""Checks shared by the tables: one column in, one immutable, validated column out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from subterra.counting import counted
from subterra.errors import InputError

__all__ = [
    "MAX_COORDINATE_M",
    "FloatArray",
    "IntArray",
    "RowError",
    "coordinates",
    "extra_columns",
    "first_repeat",
    "numbers",
    "optional_coordinates",
    "shown",
    "texts",
    "words",
]

FloatArray: TypeAlias = npt.NDArray[np.float64]
IntArray: TypeAlias = npt.NDArray[np.int32]

# No projected coordinate on Earth is larger; beyond it squared distances lose the metre.
MAX_COORDINATE_M = 1e8
# What a cell of a CSV file can hold everywhere.
_MAX_TEXT = 100_000


class RowError(InputError):
    """A value of a table cannot be used.

    Readers turn it into an `InputError` with path, line and column; built from arrays, it
    says the field and the row.

    Parameters
    ----------
    reason : str
        What was found and what was expected.
    field : str
        Name of the table's field.
    row : int, optional
        Which row, counted from 0; absent when the whole column is at fault.
    """

    def __init__(self, reason: str, *, field: str, row: int | None = None) -> None:
        self.reason = reason
        self.field = field
        self.row = row
        where = field if row is None else f"{field}[{row}]"
        super().__init__(f"{where}: {reason}")


def numbers(
    values: npt.ArrayLike,
    field: str,
    n_rows: int | None = None,
    *,
    above: float | None = None,
    low: float = -np.inf,
    high: float = np.inf,
    missing: bool = False,
) -> FloatArray:
    """Copy a numeric column into a read-only array of doubles and check its range.

    Parameters
    ----------
    values : array_like, shape (n_rows,)
        The column.
    field : str
        Its name in the table, for messages.
    n_rows : int, optional
        The number of rows that the table has.
    above : float, optional
        Exclusive lower bound.
    low, high : float
        Inclusive bounds.
    missing : bool
        Whether NaN may stand for "not given".

    Returns
    -------
    ndarray, shape (n_rows,), read-only

    Raises
    ------
    RowError
        Not numeric, not one-dimensional, wrong length, not finite or out of range.
    """
    try:
        column = np.array(values, dtype=np.float64) + 0.0  # no negative zero
    except (TypeError, ValueError) as error:
        problem = f"expected numbers ({error})"
        raise RowError(problem, field=field) from error
    if column.ndim != 1:
        problem = f"expected one dimension, found shape {column.shape}"
        raise RowError(problem, field=field)
    _check_length(column.size, field, n_rows)
    bad = ~np.isfinite(column)
    if missing:
        bad &= ~np.isnan(column)
    _refuse(bad, column, field, "a finite number")
    with np.errstate(invalid="ignore"):
        if above is not None:
            _refuse(column <= above, column, field, f"a number above {above:g}")
        _refuse((column < low) | (column > high), column, field, _range_words(low, high))
    column.flags.writeable = False
    return column


def coordinates(values: npt.ArrayLike, field: str, n_rows: int | None = None) -> FloatArray:
    """Check a column of coordinates in metres; see `numbers`."""
    return numbers(values, field, n_rows, low=-MAX_COORDINATE_M, high=MAX_COORDINATE_M)


def optional_coordinates(
    values: npt.ArrayLike | None, field: str, n_rows: int | None = None
) -> FloatArray | None:
    """Check a column of coordinates that may be absent as a whole, never in part."""
    return None if values is None else coordinates(values, field, n_rows)


def texts(
    values: Iterable[str], field: str, n_rows: int | None = None, *, blank: bool = False
) -> tuple[str, ...]:
    """Check a text column; surrounding white space is dropped, line ends become newlines.

    Raises
    ------
    RowError
        A value that is not text, holds control characters, cannot be written as UTF-8, or is
        blank although `blank` is False; or a wrong number of rows.
    """
    if isinstance(values, str):
        problem = "expected a sequence of texts, found one text"
        raise RowError(problem, field=field)
    column = tuple(_text(value, field, row) for row, value in enumerate(values))
    _check_length(len(column), field, n_rows)
    if not blank and "" in column:
        problem = "expected a text, found nothing"
        raise RowError(problem, field=field, row=column.index(""))
    return column


def words(
    values: Iterable[str], field: str, n_rows: int | None, known: Sequence[str]
) -> tuple[str, ...]:
    """Check a column whose values come from a fixed list; unknown words are listed."""
    column = texts(values, field, n_rows)
    unknown = sorted(set(column).difference(known))
    if unknown:
        row = next(row for row, word in enumerate(column) if word not in known)
        some = ", ".join(shown(word) for word in unknown[:10])
        more = f" and {len(unknown) - 10} more" if len(unknown) > 10 else ""
        problem = f"unknown {some}{more}; expected one of {', '.join(known)}"
        raise RowError(problem, field=field, row=row)
    return column


def extra_columns(extra: Mapping[str, Iterable[str]], n_rows: int) -> Mapping[str, tuple[str, ...]]:
    """Copy the columns that a table only carries along into an immutable mapping."""
    names = texts(extra, "extra")
    if len(set(names)) != len(names):
        problem = "two extra columns have the same name"
        raise RowError(problem, field="extra")
    checked = {
        name: texts(values, f"extra {shown(name)}", n_rows, blank=True)
        for name, values in zip(names, extra.values(), strict=True)
    }
    return MappingProxyType(checked)


def shown(text: str, most: int = 40) -> str:
    """Quote a text of the user for a message, cut when it is long."""
    return repr(text if len(text) <= most else f"{text[:most]}...")


def first_repeat(values: Sequence[str]) -> int | None:
    """Row of the first value that occurred before, or None when all differ."""
    seen: set[str] = set()
    for row, value in enumerate(values):
        if value in seen:
            return row
        seen.add(value)
    return None


def _text(value: object, field: str, row: int) -> str:
    if not isinstance(value, str):
        problem = f"expected a text, found {type(value).__name__}"
        raise RowError(problem, field=field, row=row)
    text = value.replace("\r\n", "\n").strip()
    if len(text) > _MAX_TEXT:
        problem = f"expected at most {_MAX_TEXT:,} characters, found {len(text):,}"
        raise RowError(problem, field=field, row=row)
    if any((ord(c) < 32 and c not in "\n\t") or ord(c) == 127 for c in text):
        problem = "the text holds control characters"
        raise RowError(problem, field=field, row=row)
    if any(0xD800 <= ord(c) <= 0xDFFF for c in text):
        problem = "the text holds half a character (a lone surrogate)"
        raise RowError(problem, field=field, row=row)
    return text


def _check_length(found: int, field: str, n_rows: int | None) -> None:
    if n_rows is not None and found != n_rows:
        problem = f"expected {counted(n_rows, 'row')}, found {found}"
        raise RowError(problem, field=field)


def _refuse(bad: npt.NDArray[np.bool_], column: FloatArray, field: str, expected: str) -> None:
    if bad.any():
        row = int(np.argmax(bad))
        problem = f"expected {expected}, found {column[row]:g}"
        raise RowError(problem, field=field, row=row)


def _range_words(low: float, high: float) -> str:
    if np.isinf(high):
        return f"a number of at least {low:g}"
    if np.isinf(low):
        return f"a number of at most {high:g}"
    return f"a number from {low:g} to {high:g}"
