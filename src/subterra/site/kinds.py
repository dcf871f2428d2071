"""Registry of kinds of evidence, and how a file is recognised.

A kind from outside is an entry point of the group ``subterra.kinds`` whose object is a `Kind`;
its name must be new.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from subterra.errors import InputError, SiteError, check_known
from subterra.formats.text import read_head, read_text
from subterra.site.drill_kinds import DRILL_KINDS
from subterra.site.kind import Format, Kind, Planned, Setting
from subterra.site.map_kinds import MAP_KINDS
from subterra.site.people_kinds import PEOPLE_KINDS
from subterra.site.radar_kinds import RADAR_KINDS
from subterra.site.survey_kinds import SURVEY_KINDS, layers_of
from subterra.site.terrain_kinds import TERRAIN_KINDS

__all__ = [
    "ENTRY_POINTS",
    "Format",
    "Kind",
    "Planned",
    "Setting",
    "find_kind",
    "first_line",
    "head_of",
    "kinds",
    "layers_of",
    "parse_options",
    "recognise",
]

ENTRY_POINTS: Final = "subterra.kinds"

_HEAD_BYTES: Final = 4096
_BUILT_IN: Final = (
    *SURVEY_KINDS,
    *RADAR_KINDS,
    *DRILL_KINDS,
    *PEOPLE_KINDS,
    *MAP_KINDS,
    *TERRAIN_KINDS,
)


@cache
def kinds() -> Mapping[str, Kind]:
    """Return all kinds by name: the built-in ones, then those of entry points.

    Raises
    ------
    SiteError
        If an entry point gives no `Kind` or takes a name that is already used.
    """
    from importlib.metadata import entry_points

    found = {kind.name: kind for kind in _BUILT_IN}
    for entry in entry_points(group=ENTRY_POINTS):
        kind = entry.load()
        if not isinstance(kind, Kind):
            problem = f"the entry point {entry.value!r} of {ENTRY_POINTS} is not a Kind"
            raise SiteError(problem)
        if kind.name in found:
            problem = f"the entry point {entry.value!r} takes the name {kind.name!r} once more"
            raise SiteError(problem)
        found[kind.name] = kind
    return MappingProxyType(found)


def find_kind(name: str) -> Kind:
    """Return a kind by name; raise ``InputError`` that lists the known ones."""
    known = kinds()
    check_known("kind", name, known)
    return known[name]


def recognise(path: Path, kind: str | None = None) -> tuple[Kind, Format]:
    """Tell what a file is from its content.

    Parameters
    ----------
    path : Path
        The file.
    kind : str, optional
        The kind, where the user says it; then only the format is looked for.

    Returns
    -------
    Kind, Format

    Raises
    ------
    InputError
        If the file is missing, empty or not text, or is no kind or several kinds.
    """
    head = head_of(path)
    candidates = kinds().values() if kind is None else (find_kind(kind),)
    found = [(k, f) for k in candidates for f in k.formats if f.sniff(head)]
    if len(found) == 1:
        return found[0]
    if kind is not None:
        chosen = find_kind(kind)
        return found[0] if found else (chosen, chosen.formats[0])
    names = ", ".join(k.name for k, _ in found) or ", ".join(kinds())
    if found:
        problem = f"this could be any of {names}; say which with --kind"
        raise InputError(problem, path=path)
    if any(f.sniff(head.lower()) for k in candidates for f in k.formats):
        problem = f"names of columns are written in lower case, found {first_line(path)!r}"
        raise InputError(problem, path=path, line=1)
    problem = (
        f"cannot tell what kind of data this is from its first line {first_line(path)!r}; known "
        "kinds: "
        f"{names}; say which with --kind, then the message tells what is missing"
    )
    raise InputError(problem, path=path, line=1)


def head_of(path: Path) -> bytes:
    """Return as much of a file as sniffers look at."""
    return read_head(path, _HEAD_BYTES)


def first_line(path: Path) -> str:
    """Return what a text file begins with, for messages; what is no text is refused."""
    return next(line for line in read_text(path).splitlines() if line.strip()).strip()[:80]


def parse_options(kind: Kind, options: Mapping[str, str]) -> dict[str, Any]:
    """Parse the texts of ``--option`` for a kind; raise ``InputError`` for what it cannot use."""
    parsed: dict[str, Any] = {}
    for name, text in options.items():
        if name not in kind.options:
            known = ", ".join(kind.options) or "none"
            problem = f"kind {kind.name} has no option {name!r}; it has: {known}"
            raise InputError(problem)
        try:
            parsed[name] = kind.options[name](text)
        except ValueError as error:
            problem = f"option {name}: {error}, found {text!r}"
            raise InputError(problem) from error
    return parsed
