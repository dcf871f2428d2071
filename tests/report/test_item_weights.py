"""The ledger's table on the page."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from spoken_blocks import links_of, spoken

from subterra.inference.ledger import Conflict, Ledger, LedgerItem, Removal, Statement
from subterra.report.anchors import Anchors
from subterra.report.item_weights import item_weights

ANCHORS = Anchors({}, {}, {"B4": "hole-1"}, {}, {})
HOLE = LedgerItem("B4", "hole B4", "boreholes", "B4")
REPORT = LedgerItem("R<2>", "report R<2>", "reports", "bar talk")

TOLD, SEEN = ("R1", "report R1", "reports"), ("S1", "sign S1", "signs")


def ledger(conflicts=(), unjudged=0):
    statement = Statement("any target", np.ones(3, bool))
    weights = (
        Removal(("B4",), (0.4,), (-12.34,), "", 0.1, 900.0),
        Removal(("R<2>",), (None,), (None,), "why not", 0.9, 3.0),
    )
    return Ledger((statement,), (0.5,), (HOLE, REPORT), weights, (), conflicts, unjudged)


def test_weights_and_what_is_not_supported():
    markup = spoken(item_weights(ledger(), ANCHORS))
    assert "−12.3" in markup
    assert "not supported" in markup
    assert "R<2>" in markup
    assert "bar talk" in markup
    assert "No two items contradict" in markup


def test_conflicts_are_named():
    words = "hole B4 and report R<2> cannot both be right: …"
    markup = spoken(item_weights(ledger((Conflict(HOLE, REPORT, 22.0, words),), 2), ANCHORS))
    assert "hole B4 and report R<2> cannot both be right" in markup
    assert "cannot be judged for 2 pairs" in markup
    assert "No two items contradict" not in markup


def test_one_origin_of_two_kinds_has_one_row():
    told, seen = (LedgerItem(*names, "the barn", True, True) for names in (TOLD, SEEN))
    weights = tuple(Removal((name,), (0.4,), (1.5,), "", 0.1, 900.0) for name in ("R1", "S1"))
    both = Removal(("R1", "S1"), (0.1,), (7.3,), "", 0.1, 900.0)
    made = replace(ledger(), items=(told, seen), weights=weights, origins=(both,))
    markup = spoken(item_weights(made, ANCHORS))
    assert "together, one origin (the barn): report R1, sign S1" in markup
    assert "+7.3" in markup


def test_nothing_without_a_ledger():
    assert item_weights(None, ANCHORS) == ()


def test_an_item_leads_to_what_it_is():
    found = [(link.words, link.to) for link in links_of(item_weights(ledger(), ANCHORS))]
    assert found == [("hole B4", "hole-1")]
