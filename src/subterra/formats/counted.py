"""Text in counted blocks: a number of rows, names of columns in a comment, the rows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import numpy as np

from subterra.counting import counted
from subterra.formats.text import Place, number, split_lines, whole_number
from subterra.tables import FloatArray

__all__ = ["Block", "Comment", "NamesOf", "Scanner"]

Comment: TypeAlias = tuple[Place, list[str]]
"""A line of comment, in words; the first of a block stands for its count and has none."""

NamesOf: TypeAlias = Callable[[Sequence[Comment], int], list[str]]
"""Finds the names of so many columns in the comments above them."""


@dataclass(frozen=True)
class Block:
    """Rows of one part of a file under their column names.

    Parameters
    ----------
    path : Path or str
        The file.
    names : tuple of str
        Column names.
    lines : tuple of int
        Line of each row, counted from 1.
    rows : tuple of list of str
        Fields of each row.
    """

    path: Path | str
    names: tuple[str, ...]
    lines: tuple[int, ...]
    rows: tuple[list[str], ...]

    def column(self, name: str) -> tuple[str, ...]:
        """Fields of a column."""
        column = self.names.index(name)
        return tuple(row[column] for row in self.rows)

    def numbers(self, name: str) -> FloatArray:
        """Numbers of a column."""
        column = self.names.index(name)
        values = np.empty(len(self.rows))
        for i, (line, row) in enumerate(zip(self.lines, self.rows, strict=True)):
            values[i] = number(row[column], name, Place(self.path, line), column=column + 1)
        return values

    def where(self, keep: Sequence[bool]) -> Block:
        """Keep some rows."""
        kept = [i for i, good in enumerate(keep) if good]
        lines = tuple(self.lines[i] for i in kept)
        return Block(self.path, self.names, lines, tuple(self.rows[i] for i in kept))


class Scanner:
    """Walks through counted blocks of rows; comments are looked at only for column names."""

    def __init__(self, path: Path | str, text: str) -> None:
        self._path = path
        self._lines = split_lines(text)
        self._next = 0

    def _row(self) -> tuple[list[str], str]:
        fields, _, comment = self._lines[self._next].partition("#")
        self._next += 1
        return fields.split(), comment

    def finished(self) -> bool:
        """Skip what is blank; whether nothing is left."""
        while self._next < len(self._lines):
            if self._lines[self._next].partition("#")[0].strip():
                return False
            self._next += 1
        return True

    @property
    def at(self) -> Place:
        """The line that comes next."""
        return Place(self._path, min(self._next + 1, len(self._lines)))

    def block(self, what: str, names_of: NamesOf) -> Block:
        """Read a count and that many rows; `names_of` finds the columns in the comments."""
        if self.finished():
            self.at.refuse(f"expected the number of {what}, found the end of the file")
        at = self.at
        fields, _ = self._row()
        if len(fields) != 1:
            at.refuse(f"expected the number of {what}, found {counted(len(fields), 'field')}")
        count = whole_number(fields[0], f"number of {what}", at, column=1)
        comments: list[Comment] = [(at, [])]
        rows: list[list[str]] = []
        lines: list[int] = []
        while len(rows) < count and self._next < len(self._lines):
            fields, comment = self._row()
            if fields:
                rows.append(fields)
                lines.append(self._next)
            elif not rows:
                comments.append((Place(self._path, self._next), comment.split()))
        if len(rows) < count:
            self.at.refuse(
                f"expected {counted(count, 'row')} of {what}, found {len(rows)}; the file "
                "may be cut off"
            )
        width = len(rows[0]) if rows else 0
        for line, row in zip(lines, rows, strict=True):
            if len(row) != width:
                Place(self._path, line).refuse(
                    f"expected {counted(width, 'field')}, found {len(row)}"
                )
        names = names_of(comments, width) if rows else []
        return Block(self._path, tuple(names), tuple(lines), tuple(rows))
