"""Evidence that is made of single items, each of which can be left out."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Protocol, Self, runtime_checkable

from subterra.errors import InputError
from subterra.evidence.protocol import Evidence

__all__ = ["ItemisedEvidence", "check_known_items"]


@runtime_checkable
class ItemisedEvidence(Evidence, Protocol):
    """Evidence of several items whose weights can be told apart by leaving them out.

    What a single item weighs depends on the others: items of one source share its unknown rate,
    items of one origin count once. So an item's weight is the difference that leaving it out
    makes, and that of an origin the difference without all of its items.
    """

    @property
    def item_ids(self) -> tuple[str, ...]:
        """Identities of the items, all different, in the order of the data."""
        ...

    @property
    def origins(self) -> Mapping[str, str]:
        """Origin of each item by its identity; an item that stands alone is its own origin."""
        ...

    def without(self, items: Collection[str]) -> Self:
        """Return the same evidence without some items.

        Raises
        ------
        InputError
            If an identity is not among ``item_ids``.
        """
        ...


def check_known_items(items: Collection[str], known: Collection[str]) -> None:
    """Raise ``InputError`` that names the items which are not known."""
    unknown = sorted(set(items).difference(known))
    if unknown:
        problem = f"no such item: {', '.join(unknown[:10])}; known: {', '.join(list(known)[:20])}"
        raise InputError(problem)
