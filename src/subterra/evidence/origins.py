"""Origins that several kinds of evidence share: what one hand or mouth gave counts once.

A report that tells of a heap, and the heap itself among the signs, are one item. Where both name
the same origin, each of its n items counts for 1/n, whatever kind it is of: retellings are the
special case of one kind. The product of the likelihoods is then the geometric mean of what each of
the items would say alone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol, Self, runtime_checkable

from subterra.evidence.items import ItemisedEvidence
from subterra.evidence.protocol import Evidence
from subterra.ground import layout_hash

__all__ = ["OriginEvidence", "SharedOrigins", "count_origins_once"]


@runtime_checkable
class OriginEvidence(ItemisedEvidence, Protocol):
    """Evidence of items whose origin other evidence may share."""

    @property
    def others(self) -> Mapping[str, int]:
        """Number of items of its origins in other evidence; nothing where that is not known."""
        ...

    @property
    def origin_sizes(self) -> Mapping[str, int]:
        """Number of items of each origin here."""
        ...

    def sharing(self, others: Mapping[str, int]) -> Self:
        """Return the same evidence beside others, with their number of items by origin."""
        ...


@dataclass(frozen=True)
class SharedOrigins:
    """What evidence knows of items of its origins elsewhere.

    Parameters
    ----------
    id, kind, fingerprint : str
        See ``Evidence``.
    others : mapping of str to int
        Number of items of its origins in other evidence.
    """

    id: str
    kind: str
    fingerprint: str
    others: Mapping[str, int] = field(default_factory=dict[str, int], kw_only=True)

    def sharing(self, others: Mapping[str, int]) -> Self:
        """Return the same items beside items of the same origins in other evidence."""
        mark = layout_hash(self.fingerprint, "beside", sorted(others.items()))
        return replace(self, others=others, fingerprint=mark)


def count_origins_once(evidence: Sequence[Evidence]) -> list[Evidence]:
    """Return evidence in which an origin that several pieces share counts once.

    Parameters
    ----------
    evidence : sequence of Evidence
        All evidence of a site.

    Returns
    -------
    list of Evidence
        In the same order; what shares no origin is returned as it is.
    """
    total: Counter[str] = Counter()
    for item in evidence:
        if isinstance(item, OriginEvidence):
            total.update(item.origin_sizes)
    return [_beside(item, total) for item in evidence]


def _beside(item: Evidence, total: Mapping[str, int]) -> Evidence:
    if not isinstance(item, OriginEvidence):
        return item
    others = {o: total[o] - n for o, n in item.origin_sizes.items() if total[o] > n}
    return item.sharing(others) if others else item
