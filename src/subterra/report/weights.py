"""What moved the answer: each piece of evidence, and each item of it, in decibans."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import numpy as np

from subterra.report.anchors import Anchors
from subterra.report.blocks import Block, Picture, Words, paragraph, table
from subterra.report.charts import draw_ledger, ledger_order
from subterra.report.content import ReportContent
from subterra.report.item_weights import item_weights
from subterra.report.numbers import signed

__all__ = ["evidence_blocks"]


def evidence_blocks(content: ReportContent, anchors: Anchors) -> tuple[Block, ...]:
    """Chart and table of the pieces, then the weights of single items and their conflicts."""
    info = content.belief.info
    return (
        *_pieces(info.explained, info.ledger, anchors),
        *item_weights(content.ledger, anchors),
    )


def _pieces(
    explained: Mapping[str, float], left_out: Mapping[str, float], anchors: Anchors
) -> tuple[Block, ...]:
    """Chart of what the targets explain, and a table that adds what leaving a piece out changes."""
    if not explained:
        return (paragraph("No evidence has been weighed yet.", "empty"),)
    if not np.isfinite(list(explained.values())).any():
        none = "No scene of the answer has a target, so no weight for one can be given."
        return (paragraph(none),)

    def say(value: float) -> str:
        return signed(value) if np.isfinite(value) else "not supported"

    items = ledger_order(explained)
    weights = "; ".join(f"{name} {say(value)} decibans" for name, value in items)
    caption = (
        "By how much the targets of the answer explain each piece of evidence better than the same "
        "ground without them, before the price for choosing among many places. Ten decibans "
        "multiply the odds by ten."
    )
    rows: list[list[Words]] = [
        [anchors.piece(name), say(value), say(left_out.get(name, np.nan))] for name, value in items
    ]
    draw = partial(draw_ledger, ledger=explained)
    alt = f"Weight of evidence: {weights}"
    return (
        Picture(draw, 5.2, 0.9 + 0.3 * len(items), alt, caption, "half"),
        *table(
            "Decibans. Left out: how much the odds of any target would fall without this piece, "
            "all others staying; not supported where the scenes at hand are too one-sided to tell",
            ("evidence", "explains (dB)", "left out (dB)"),
            rows,
            words=(0,),
        ),
    )
