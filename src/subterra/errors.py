"""What can go wrong, said so that a user can mend it."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

__all__ = ["InputError", "SiteError", "SubterraError", "check_known"]


class SubterraError(Exception):
    """Base of every error that Subterra raises on purpose; the CLI exits with 1."""


class InputError(SubterraError, ValueError):
    """A file or value given by the user cannot be used; nothing was changed.

    Parameters
    ----------
    problem : str
        What was found and what was expected, in one sentence.
    path : Path or str, optional
        The file in which it was found.
    line, column : int, optional
        Where, both counted from 1. ``column`` is the field's number in a table.
    """

    def __init__(
        self,
        problem: str,
        *,
        path: Path | str | None = None,
        line: int | None = None,
        column: int | None = None,
    ) -> None:
        self.problem = problem
        self.path = None if path is None else str(path)
        self.line = line
        self.column = column
        super().__init__(self._sentence())

    def _sentence(self) -> str:
        where = [] if self.path is None else [self.path]
        if self.line is not None:
            where.append(f"line {self.line}")
        if self.column is not None:
            where.append(f"column {self.column}")
        return f"{', '.join(where)}: {self.problem}" if where else self.problem


class SiteError(SubterraError):
    """The site folder is missing, half-written, damaged or lacks what was asked of it."""


def check_known(what: str, name: str, known: Iterable[str]) -> None:
    """Raise ``InputError`` that lists the known names if a name is not among them."""
    names = list(known)
    if name not in names:
        problem = f"unknown {what} {name!r}; known: {', '.join(names)}"
        raise InputError(problem)
