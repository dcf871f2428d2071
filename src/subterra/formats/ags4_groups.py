"""Groups of an AGS4 file: quoted fields, one record a line, GROUP-HEADING-UNIT-TYPE-DATA.

AGS4 Data Format Rules (ags.org.uk) 2 to 6: every field in double quotes, a quote inside doubled, no
line breaks inside a record. What a heading means is not this file's business.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from subterra.formats.csv_table import MAX_ROWS
from subterra.formats.text import MAX_BYTES, Place, number, read_text, sniffable, split_lines
from subterra.tables.columns import shown

__all__ = ["Group", "read_groups", "sniff_ags", "write_group"]

_FIELD: Final = re.compile(r'"((?:[^"]|"")*)"')
_GROUP_NAME: Final = re.compile(r"[A-Z][A-Z0-9]{3}")
_AGS3: Final = re.compile(r'^\s*"\*\*[A-Z]')
_MAX_FIELDS: Final = 1000


@dataclass(frozen=True)
class Group:
    """One group: a table of texts with the line of each row.

    Parameters
    ----------
    path : Path or str
        The file.
    name : str
        Such as ``LOCA``.
    line, unit_line : int
        Lines of its GROUP and UNIT rows.
    headings, units : tuple of str
        Of its columns.
    rows : tuple of tuple of str
        Data.
    lines : tuple of int
        Line of each row, counted from 1.
    """

    path: Path | str
    name: str
    line: int
    unit_line: int
    headings: tuple[str, ...]
    units: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    lines: tuple[int, ...]

    def __len__(self) -> int:
        return len(self.rows)

    def place(self, row: int) -> Place:
        """Place of a row."""
        return Place(self.path, self.lines[row])

    def column(self, heading: str) -> int:
        """Field number of a heading on its lines, counted from 1 with the row's kind first."""
        return self.headings.index(heading) + 2

    def text(self, row: int, heading: str) -> str:
        """Field of a row, blank where the group has no such heading."""
        if heading not in self.headings:
            return ""
        return self.rows[row][self.headings.index(heading)]

    def require(self, *headings: str) -> None:
        """Refuse a group that lacks a heading."""
        missing = [heading for heading in headings if heading not in self.headings]
        if missing:
            problem = f"group {self.name} has no heading {', '.join(missing)}"
            Place(self.path, self.line).refuse(problem)

    def require_unit(self, unit: str, *headings: str) -> None:
        """Refuse a heading in another unit; a blank one is the standard's."""
        for heading in headings:
            if heading not in self.headings:
                continue
            found = self.units[self.headings.index(heading)]
            if found not in ("", unit):
                problem = f"{heading}: expected unit {unit!r}, found {shown(found)}"
                Place(self.path, self.unit_line).refuse(problem, column=self.column(heading))

    def number(self, row: int, heading: str) -> float | None:
        """Number of a row, None where it is blank."""
        text = self.text(row, heading)
        if not text:
            return None
        return number(text, heading, self.place(row), column=self.column(heading))


def read_groups(path: Path | str, *, max_bytes: int = MAX_BYTES) -> dict[str, Group]:
    """Read all groups of an AGS4 file.

    Parameters
    ----------
    path : Path or str
        The file, UTF-8.
    max_bytes : int
        Size beyond which the file is refused.

    Returns
    -------
    dict of str to Group

    Raises
    ------
    InputError
        With line and field: not text, AGS3, a field without quotes, a row out of order or with
        another number of fields than its HEADING row, a group given twice.
    """
    text = read_text(path, max_bytes=max_bytes)
    lines = split_lines(text)
    _refuse_ags3(path, lines)
    groups: dict[str, Group] = {}
    open_group: list[tuple[int, list[str]]] = []
    for at, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        fields = _fields(line, Place(path, at))
        if fields[0] == "GROUP":
            _close(path, open_group, groups)
            open_group = []
        elif not open_group:
            Place(path, at).refuse(f"expected a GROUP row, found {shown(fields[0])}", column=1)
        if len(open_group) > MAX_ROWS:
            Place(path, at).refuse(f"expected at most {MAX_ROWS:,} rows in a group")
        open_group.append((at, fields))
    _close(path, open_group, groups)
    return groups


def sniff_ags(head: bytes) -> bool:
    """Whether the first bytes of a file are AGS4; or AGS3, so that its reader can say so."""
    for line in split_lines(sniffable(head)):
        if line.strip():
            return bool(re.match(r'\s*"GROUP"\s*,\s*"[A-Z][A-Z0-9]{3}"', line) or _AGS3.match(line))
    return False


def write_group(
    name: str, columns: Sequence[tuple[str, str, str]], rows: Sequence[Sequence[str]]
) -> str:
    """Write a group with its blank line; columns are heading, unit and type."""
    headings, units, types = zip(*columns, strict=True)
    records = [
        ("GROUP", name),
        ("HEADING", *headings),
        ("UNIT", *units),
        ("TYPE", *types),
        *(("DATA", *row) for row in rows),
    ]
    lines = [",".join('"' + _one_line(f).replace('"', '""') + '"' for f in r) for r in records]
    return "\r\n".join(lines) + "\r\n\r\n"


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _refuse_ags3(path: Path | str, lines: Sequence[str]) -> None:
    for at, line in enumerate(lines, start=1):
        if line.strip():
            if _AGS3.match(line):
                Place(path, at).refuse(
                    "this is an AGS3 file, whose groups begin with **; only AGS4 is read: ask its "
                    "producer for AGS4"
                )
            return


def _fields(line: str, at: Place) -> list[str]:
    out: list[str] = []
    position = 0
    line = line.strip(" \t")
    while True:
        match = _FIELD.match(line, position)
        if match is None:
            found = shown(line[position : position + 30])
            problem = f"expected a field in double quotes, found {found}"
            at.refuse(problem, column=len(out) + 1)
        out.append(match[1].replace('""', '"').strip())
        position = match.end()
        if position == len(line):
            return out
        if line[position] != "," or len(out) >= _MAX_FIELDS:
            problem = f"expected a comma after the field, found {shown(line[position])}"
            at.refuse(problem, column=len(out))
        position += 1


def _close(path: Path | str, rows: list[tuple[int, list[str]]], groups: dict[str, Group]) -> None:
    """Check the rows of a group and keep it."""
    if not rows:
        return
    (at, first), rest = rows[0], rows[1:]
    if len(first) != 2 or not _GROUP_NAME.fullmatch(first[1]):
        problem = f"expected GROUP and a name of four capitals, found {shown(','.join(first))}"
        Place(path, at).refuse(problem)
    name = first[1]
    if name in groups:
        Place(path, at).refuse(f"group {name} is given twice, first on line {groups[name].line}")
    for wanted, row in zip(("HEADING", "UNIT", "TYPE"), rest, strict=False):
        if row[1][0] != wanted:
            problem = f"group {name}: expected its {wanted} row, found {shown(row[1][0])}"
            Place(path, row[0]).refuse(problem, column=1)
    if len(rest) < 3:
        problem = f"group {name} ends before its {('HEADING', 'UNIT', 'TYPE')[len(rest)]} row"
        Place(path, rows[-1][0]).refuse(problem)
    headings = tuple(rest[0][1][1:])
    for position, heading in enumerate(headings):
        if not heading or heading in headings[:position]:
            problem = f"group {name}: heading {shown(heading)} is blank or given twice"
            Place(path, rest[0][0]).refuse(problem, column=position + 2)
    for line, row in rest:
        if len(row) != len(headings) + 1:
            problem = f"expected {len(headings) + 1} fields as in its HEADING row, found {len(row)}"
            Place(path, line).refuse(problem)
    for line, row in rest[3:]:
        if row[0] != "DATA":
            problem = f"group {name}: expected a DATA row, found {shown(row[0])}"
            Place(path, line).refuse(problem, column=1)
    groups[name] = Group(
        path,
        name,
        at,
        rest[1][0],
        headings,
        tuple(rest[1][1][1:]),
        tuple(tuple(row[1:]) for _, row in rest[3:]),
        tuple(line for line, _ in rest[3:]),
    )
