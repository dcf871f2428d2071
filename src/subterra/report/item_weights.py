"""The ledger on the page: what each report, sign, hole and survey weighs, and what conflicts."""

from __future__ import annotations

import math
from collections.abc import Sequence

from subterra.counting import counted
from subterra.inference.ledger import Ledger, Removal, origin_words
from subterra.report.anchors import Anchors
from subterra.report.blocks import Block, Words, bullets, joined, paragraph, table
from subterra.report.numbers import signed

__all__ = ["item_weights"]

_CAPTION = (
    "Each item left out, all else staying: by how many decibans the odds of any target, and of "
    "each object of the table of objects, would fall. Ten decibans are a factor of ten. Weights do "
    "not add up: of two items that say the same, each weighs little while the other is there. What "
    "goes back to one origin, of whatever kind, counts once and is left out together as well. Not "
    "supported: the scenes at hand cannot say"
)


def item_weights(ledger: Ledger | None, anchors: Anchors) -> tuple[Block, ...]:
    """Weights of single items and their conflicts; nothing without a ledger.

    Parameters
    ----------
    ledger : Ledger or None
        What each item weighs.
    anchors : Anchors
        Of the report.

    Returns
    -------
    tuple of Block
    """
    if ledger is None or not ledger.items:
        return ()
    rows: list[Sequence[Words]] = [
        [
            anchors.item(item.id, item.label),
            item.origin if item.origin not in (item.id, item.label) else "",
            *_weights(weight),
        ]
        for item, weight in zip(ledger.items, ledger.weights, strict=True)
    ]
    rows += [
        [origin_words(ledger, weight.items), "", *_weights(weight)] for weight in ledger.origins
    ]
    header = ("item", "origin", *(f"{s.label} (dB)" for s in ledger.statements))
    return joined([table(_CAPTION, header, rows, words=(0, 1)), _conflicts(ledger)])


def _conflicts(ledger: Ledger) -> tuple[Block, ...]:
    unjudged = paragraph(
        "Whether they contradict one another cannot be judged for "
        f"{counted(ledger.unjudged_pairs, 'pair')} of items by the scenes at hand."
    )
    if ledger.conflicts:
        said = joined(
            [paragraph("Conflicts:"), bullets((f"{c.words}." for c in ledger.conflicts), "warning")]
        )
    elif ledger.unjudged_pairs == 0:
        none = "No two items contradict one another by a factor of ten or more."
        said = (paragraph(none),)
    else:
        said = ()
    return (*said, unjudged) if ledger.unjudged_pairs else said


def _weights(weight: Removal) -> list[str]:
    return [
        "not supported" if v is None or not math.isfinite(v) else signed(v) for v in weight.decibans
    ]
