"""The site's journal: one line per change, each chained to the one before by its hash."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, cast

from subterra.errors import SiteError
from subterra.site.atomic import sha256_of, write_atomic

__all__ = ["JOURNAL_NAME", "Entry", "append_entries", "read_journal"]

JOURNAL_NAME: Final = "journal.jsonl"

_START: Final = "0" * 64
_FIELDS: Final = {"n", "time", "verb", "payload", "previous", "sha256"}


@dataclass(frozen=True)
class Entry:
    """One line of the journal.

    Parameters
    ----------
    n : int
        Number of the line, from 1.
    time : str
        When, UTC, ISO 8601.
    verb : str
        What was done.
    payload : mapping
        Its particulars, JSON values only.
    previous : str
        ``sha256`` of the line before; 64 zeros on the first line.
    sha256 : str
        Hash of all the other fields as canonical JSON (keys sorted, no spaces, UTF-8).
    """

    n: int
    time: str
    verb: str
    payload: Mapping[str, Any]
    previous: str
    sha256: str


def _canonical(content: Mapping[str, Any]) -> bytes:
    return json.dumps(
        content, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    ).encode("utf-8")


def _chained(n: int, time: str, verb: str, payload: Mapping[str, Any], previous: str) -> Entry:
    content = {"n": n, "time": time, "verb": verb, "payload": payload, "previous": previous}
    canonical = _canonical(content)
    # What the entry holds is what a reader of the file will get: lists, no tuples.
    return Entry(**json.loads(canonical), sha256=sha256_of(canonical))


def _line(entry: Entry) -> bytes:
    return _canonical(vars(entry)) + b"\n"


def _refuse_constant(name: str) -> None:
    raise ValueError(name)


def _damaged(path: Path, line: int, what: str) -> SiteError:
    return SiteError(
        f"{path}, line {line}: {what}. Nothing was dropped or changed. Restore the journal from a "
        f"copy, or cut it off before line {line} to go back to the state before that change"
    )


def read_journal(path: Path) -> tuple[Entry, ...]:
    """Read and verify the whole chain.

    Parameters
    ----------
    path : Path
        The journal.

    Returns
    -------
    tuple of Entry

    Raises
    ------
    SiteError
        If the file is missing or empty, or any line is damaged, truncated, out of order or
        does not follow from the one before; the message names the line.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        problem = f"{path}: the site's journal cannot be read ({error.strerror})"
        raise SiteError(problem) from error
    if not content:
        problem = f"{path}: the site's journal is empty; restore it from a copy"
        raise SiteError(problem)
    entries: list[Entry] = []
    lines = content.split(b"\n")
    for number, raw in enumerate(lines[:-1], start=1):
        previous = entries[-1].sha256 if entries else _START
        entries.append(_parsed(path, number, raw, previous))
    if lines[-1]:
        raise _damaged(path, len(lines), "the line is truncated")
    return tuple(entries)


def _parsed(path: Path, number: int, raw: bytes, previous: str) -> Entry:
    try:
        found: Any = json.loads(raw, parse_constant=_refuse_constant)
    except ValueError as error:
        raise _damaged(path, number, "the line is damaged: it is not JSON") from error
    if not isinstance(found, dict) or set(cast("dict[str, Any]", found)) != _FIELDS:
        raise _damaged(path, number, "the line is damaged: its fields are not a journal's")
    content = cast("dict[str, Any]", found)
    if content["n"] != number:
        raise _damaged(path, number, f"the line says that it is number {content['n']}")
    if content["previous"] != previous:
        raise _damaged(path, number, "the line does not follow from the one before")
    entry = _chained(number, content["time"], content["verb"], content["payload"], previous)
    if entry.sha256 != content["sha256"] or not isinstance(entry.payload, dict):
        raise _damaged(path, number, "the line was changed: its hash does not fit")
    return entry


def append_entries(
    path: Path, known: Sequence[Entry], changes: Sequence[tuple[str, Mapping[str, Any]]]
) -> tuple[Entry, ...]:
    """Add lines, all of them or none.

    Parameters
    ----------
    path : Path
        The journal; it does not exist yet where ``known`` is empty.
    known : sequence of Entry
        The lines that the caller has read.
    changes : sequence of (verb, payload)
        What is to be added.

    Returns
    -------
    tuple of Entry
        All lines.

    Raises
    ------
    SiteError
        If the journal on disk is no longer the one that the caller has read.
    """
    if known and read_journal(path) != tuple(known):
        problem = f"{path}: the site was changed meanwhile by another process; try again"
        raise SiteError(problem)
    entries = list(known)
    time = datetime.now(UTC).isoformat(timespec="seconds")
    for verb, payload in changes:
        previous = entries[-1].sha256 if entries else _START
        entries.append(_chained(len(entries) + 1, time, verb, payload, previous))
    old = path.read_bytes() if known else b""
    write_atomic(path, old + b"".join(_line(entry) for entry in entries[len(known) :]))
    return tuple(entries)
