"""The one CSV layer: fixed header names in any order, extra columns kept, errors with a place.

Comma is the delimiter; semicolon and tab are accepted when only they give the required columns.
Column names are exact, the unit among them: ``g_mgal`` where ``g_ugal`` belongs is an error that
says so, never an extra column.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from subterra.formats.text import (
    MAX_BYTES,
    Place,
    located,
    number,
    read_text,
    sniffable,
    split_lines,
    whole_number,
    write_text,
)
from subterra.tables import FloatArray, IntArray
from subterra.tables.columns import shown

__all__ = ["MAX_ROWS", "CsvTable", "csv_text", "header_names", "read_csv", "write_csv"]

MAX_ROWS = 1_000_000
"""Row limit of one table."""

_DELIMITERS = (",", ";", "\t")
_DELIMITER_NAMES = {",": "comma", ";": "semicolon", "\t": "tab"}

# Units that people write into headers; a known column that ends in one of them in place of its
# own unit is refused.
_UNIT = re.compile(
    r"[kcmu]?m|e|eotvos|ft|feet|foot|in|inch|yd|mi|met(?:re|er)s?|[mun]?gal|gu|[munp]?s|"
    r"deg(?:rees?)?|m?rad|grad|gon|[km]?ohm(?:m|ft|cm)?|pct|percent"
)
# Fields of tables that have a plainer name in files.
_FIELD_OF = {name: f"{name}_m" for name in ("x", "y", "z", "sx", "sy", "sz", "rx", "ry", "rz")}


@dataclass(frozen=True)
class CsvTable:
    """Cells of a CSV file, with the line of each row.

    Parameters
    ----------
    path : Path or str
        The file.
    names : tuple of str
        Column names in the order of the file.
    cells : tuple of tuple of str
        Columns, in the order of `names`; surrounding white space dropped.
    lines : tuple of int
        Line on which each row begins, counted from 1.
    known : frozenset of str
        Names that the table knows; the others are extra columns.
    """

    path: Path | str
    names: tuple[str, ...]
    cells: tuple[tuple[str, ...], ...]
    lines: tuple[int, ...]
    known: frozenset[str]

    def text(self, name: str, *, default: str = "") -> tuple[str, ...]:
        """Cells of a column; `default` stands in for blank cells and for a missing column."""
        if name not in self.names:
            return (default,) * len(self.lines)
        return tuple(cell or default for cell in self.cells[self.names.index(name)])

    def optional_text(self, name: str) -> tuple[str, ...] | None:
        """Cells of a column, or None without that column."""
        return self.text(name) if name in self.names else None

    def numbers(self, name: str, *, missing: bool = False) -> FloatArray:
        """Numbers of a column; with `missing`, NaN for blank cells and for no column."""
        if name not in self.names and missing:
            return np.full(len(self.lines), np.nan)
        column = self.names.index(name)
        values = np.empty(len(self.lines))
        for row, cell in enumerate(self.cells[column]):
            at = Place(self.path, self.lines[row])
            blank = missing and not cell
            values[row] = np.nan if blank else number(cell, name, at, column=column + 1)
        return values

    def whole_numbers(self, name: str) -> IntArray:
        """Whole numbers of a column."""
        column = self.names.index(name)
        values = np.empty(len(self.lines), dtype=np.int32)
        for row, cell in enumerate(self.cells[column]):
            at = Place(self.path, self.lines[row])
            values[row] = whole_number(cell, name, at, column=column + 1)
        return values

    def optional_numbers(self, name: str) -> FloatArray | None:
        """Numbers of a column that is given for every row or for none."""
        if name not in self.names or not any(self.text(name)):
            return None
        column = self.text(name)
        if "" in column:
            row = column.index("")
            first = next(line for cell, line in zip(column, self.lines, strict=True) if cell)
            Place(self.path, self.lines[row]).refuse(
                f"{name} is missing here but given on line {first}; give it on every row or on "
                "none",
                column=self.names.index(name) + 1,
            )
        return self.numbers(name)

    def extra(self) -> Mapping[str, tuple[str, ...]]:
        """Columns that the table does not know."""
        return {name: self.text(name) for name in self.names if name not in self.known}

    def locating(self) -> AbstractContextManager[None]:
        """Context in which a table's refusal of a value is given its line and column."""
        columns = {
            _FIELD_OF.get(name, name): (name, position)
            for position, name in enumerate(self.names, start=1)
        }
        return located(self.path, {"": self.lines}, columns)


def read_csv(
    path: Path | str,
    required: Sequence[str],
    optional: Sequence[str] = (),
    *,
    max_bytes: int = MAX_BYTES,
    max_rows: int = MAX_ROWS,
) -> CsvTable:
    """Read a CSV file with a header of exact names.

    Parameters
    ----------
    path : Path or str
        The file, UTF-8.
    required, optional : sequence of str
        Names of the columns that the table knows; all others are kept as extra columns.
    max_bytes, max_rows : int
        Limits beyond which the file is refused.

    Returns
    -------
    CsvTable

    Raises
    ------
    InputError
        As `subterra.formats.text.read_text`; and for a missing, repeated, nameless or wrongly
        named column, a row with another number of fields than the header, a broken quotation,
        no data rows or too many.
    """
    text = read_text(path, max_bytes=max_bytes)
    delimiter = _delimiter(text, required, optional)
    records = _records(path, text, delimiter)
    header_line, header = next(records, (1, [""]))
    names = tuple(name.strip() for name in header)
    check_header(names, required, optional, at=Place(path, header_line))
    rows: list[list[str]] = []
    lines: list[int] = []
    for line, row in records:
        at = Place(path, line)
        if len(row) != len(names):
            at.refuse(f"expected {len(names)} fields as in the header, found {len(row)}")
        if len(rows) == max_rows:
            at.refuse(f"expected at most {max_rows:,} rows")
        rows.append([cell.strip() for cell in row])
        lines.append(line)
    if not rows:
        Place(path, header_line).refuse("there are no data rows below the header")
    cells = tuple(zip(*rows, strict=True))
    return CsvTable(path, names, cells, tuple(lines), frozenset((*required, *optional)))


def check_header(
    names: Sequence[str], required: Sequence[str], optional: Sequence[str], *, at: Place
) -> None:
    """Refuse a header with a missing, repeated, nameless or wrongly named column."""
    known = (*required, *optional)
    for position, name in enumerate(names, start=1):
        if not name:
            at.refuse("a column has no name", column=position)
        if name in names[: position - 1]:
            at.refuse(f"column {shown(name)} is given twice", column=position)
        meant = None if name in known else _meant(name, known)
        if meant is not None and meant not in names:
            at.refuse(f"found column {shown(name)}, expected {meant!r}", column=position)
    missing = [name for name in required if name not in names]
    if missing:
        problem = f"missing column{'s' * (len(missing) > 1)} {', '.join(missing)}"
        at.refuse(f"{problem}; found {shown(', '.join(names), 200)}")


def header_names(head: bytes) -> frozenset[str]:
    """Column names in the first line of a file, for sniffers; empty when it is no CSV file."""
    lines = [line for line in split_lines(sniffable(head)) if line.strip()]
    if not lines:
        return frozenset()
    delimiter = max(_DELIMITERS, key=lines[0].count)
    return frozenset(name.strip().strip('"') for name in lines[0].split(delimiter))


def write_csv(
    path: Path | str,
    columns: Mapping[str, Iterable[str] | FloatArray | None],
    extra: Mapping[str, tuple[str, ...]],
    *,
    required: Sequence[str],
    optional: Sequence[str],
) -> None:
    """Write columns as CSV so that `read_csv` gives them back exactly.

    Parameters
    ----------
    path : Path or str
        The file; an existing one is replaced.
    columns : mapping of str to texts, numbers or None
        Columns that the table knows; None is left out, NaN is a blank cell.
    extra : mapping of str to tuple of str
        Further columns.
    required, optional : sequence of str
        As for `read_csv`: an extra column must not look like a known one.

    Raises
    ------
    InputError
        No rows, a name that could not be read back, or the file cannot be written.
    """
    given = {name: _cells(column) for name, column in columns.items() if column is not None}
    names = (*given, *extra)
    check_header(names, required, optional, at=Place(path))
    rows = list(zip(*given.values(), *extra.values(), strict=True))
    if not rows:
        Place(path).refuse("the table has no rows to write")
    write_text(path, csv_text([names, *rows]))


def csv_text(rows: Iterable[Sequence[Any]]) -> str:
    """Write rows, the header first, as comma-separated lines (RFC 4180)."""
    buffer = io.StringIO(newline="")
    csv.writer(buffer, lineterminator="\r\n").writerows(rows)
    return buffer.getvalue()


def _delimiter(text: str, required: Sequence[str], optional: Sequence[str]) -> str:
    head = next((line for line in split_lines(text) if line.strip()), "")
    known = {_plain(name) for name in (*required, *optional)}

    def recognised(delimiter: str) -> int:
        return sum(_plain(name.strip('" ')) in known for name in head.split(delimiter))

    # The comma wins a draw: another delimiter must explain more of the header.
    return max(_DELIMITERS, key=recognised)


def _records(path: Path | str, text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    line = 1
    while True:
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            problem = f"not a {_DELIMITER_NAMES[delimiter]}-separated table: {error}"
            Place(path, line).refuse(problem, cause=error)
        if any(cell.strip() for cell in row):
            yield line, row
        line = reader.line_num + 1


def _plain(name: str) -> str:
    return name.casefold().replace("\N{MICRO SIGN}", "u").replace("\N{GREEK SMALL LETTER MU}", "u")


def _meant(name: str, known: Sequence[str]) -> str | None:
    """Find the known column that a header name means but does not say."""
    plain = _plain(name)
    for candidate in known:
        stem, _, unit = candidate.rpartition("_")
        if not _UNIT.fullmatch(unit):
            stem, unit = candidate, ""
        found_stem, _, found_unit = plain.rpartition("_")
        if plain == candidate or (unit and plain == stem):
            return candidate
        measured = bool(unit) or candidate in _FIELD_OF
        if measured and found_stem == stem and _UNIT.fullmatch(found_unit):
            return candidate
    return None


def _cells(column: Iterable[str] | FloatArray) -> list[str]:
    if isinstance(column, np.ndarray):
        return ["" if np.isnan(value) else repr(value) for value in column.tolist()]
    return list(column)
