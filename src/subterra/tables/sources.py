"""Sources: what became of what they reported before, here and elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from subterra.tables.columns import FloatArray, extra_columns, numbers, texts

__all__ = ["MAX_RECORD", "SourceTable"]

MAX_RECORD = 10_000.0
"""Largest count of a record; beyond it the rate is known better than sources stay the same."""


@dataclass(frozen=True, eq=False)
class SourceTable:
    """Records of sources, one row for each source and site.

    Parameters
    ----------
    source : tuple of str
        As in the reports; a source may have several rows, whose counts add.
    confirmed, false : ndarray, shape (n,)
        Number of earlier items that turned out right and wrong, at least 0. Items of this site
        that are evidence themselves must not be among them.
    site, note : tuple of str
        Where that was, and remarks; may be blank.
    extra : mapping of str to tuple of str
        Further columns, carried along.

    Raises
    ------
    RowError
        A column has the wrong length or a value that cannot be used.
    """

    source: tuple[str, ...]
    confirmed: FloatArray
    false: FloatArray
    site: tuple[str, ...]
    note: tuple[str, ...]
    extra: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])

    def __post_init__(self) -> None:
        put = object.__setattr__
        put(self, "source", texts(self.source, "source"))
        n = len(self.source)
        for name in ("confirmed", "false"):
            column = numbers(getattr(self, name), name, n, low=0.0, high=MAX_RECORD)
            put(self, name, column)
        put(self, "site", texts(self.site, "site", n, blank=True))
        put(self, "note", texts(self.note, "note", n, blank=True))
        put(self, "extra", extra_columns(self.extra, n))

    def __len__(self) -> int:
        return len(self.source)
