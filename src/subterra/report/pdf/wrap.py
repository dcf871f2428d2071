"""Running text broken into lines; links keep their words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from subterra.report.blocks import SHORT, Link, Words
from subterra.report.pdf.fonts import Face

__all__ = ["Run", "longest_token", "natural_width", "wrapped"]


@dataclass(frozen=True)
class Run:
    """Part of a line in one look; ``to`` is the anchor that it leads to."""

    text: str
    to: str = ""


@dataclass(frozen=True)
class _Token:
    text: str
    to: str
    spaced: bool
    """Whether a space stands before it where it does not begin a line."""


def _tokens(words: Words) -> Iterator[_Token]:
    spaced = False
    for part in (words,) if isinstance(words, str | Link) else words:
        text, to = (part, "") if isinstance(part, str) else (part.words, part.to)
        spaced = spaced or text[:1].isspace()
        whole = bool(to) and len(text) <= SHORT and bool(text.strip())
        for k, token in enumerate([text.strip()] if whole else text.split()):
            yield _Token(token, to, spaced or k > 0)
        spaced = text[-1:].isspace() if text else spaced


def natural_width(words: Words, size: float, face: Face) -> float:
    """Width of the text in one line."""
    return sum(face.width(" " * token.spaced + token.text, size) for token in _tokens(words))


def longest_token(words: Words, size: float, face: Face) -> float:
    """Width of the longest part that has no space in it."""
    return max((face.width(token.text, size) for token in _tokens(words)), default=0.0)


def wrapped(words: Words, width: float, size: float, face: Face) -> list[tuple[Run, ...]]:
    """Break text into lines.

    Parameters
    ----------
    words : Words
        The text.
    width : float
        Of a line, in the units of ``size``.
    size : float
        Of the type.
    face : Face
        Of the type.

    Returns
    -------
    list of tuple of Run
        At least one line; what has no space and is wider than a line is cut.
    """
    lines: list[list[Run]] = [[]]
    used = 0.0
    for token in _tokens(words):
        space = " " if token.spaced and lines[-1] else ""
        if lines[-1] and used + face.width(space + token.text, size) > width:
            lines.append([])
            used, space = 0.0, ""
        text = token.text
        while not lines[-1] and face.width(text, size) > width and len(text) > 1:
            cut = _fitting(text, width, size, face)
            lines[-1] = [Run(text[:cut], token.to)]
            lines.append([])
            text = text[cut:]
        _append(lines[-1], space + text, token.to)
        used += face.width(space + text, size)
    return [tuple(line) for line in lines]


def _fitting(text: str, width: float, size: float, face: Face) -> int:
    """How many characters of a text fit into a line, one at least."""
    used = 0.0
    for k, character in enumerate(text):
        used += face.width(character, size)
        if used > width:
            return max(k, 1)
    return len(text)


def _append(line: list[Run], text: str, to: str) -> None:
    """Add text to a line; text of one look is one run, so that it can be selected as one."""
    if line and line[-1].to == to:
        line[-1] = Run(line[-1].text + text, to)
    elif text.startswith(" ") and line:
        line[-1] = Run(line[-1].text + " ", line[-1].to)
        line.append(Run(text[1:], to))
    else:
        line.append(Run(text, to))
