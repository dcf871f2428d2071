"""Leave-one-out by re-weighting against inferring again without the item.

    python bench/ledger.py

Four dry holes (one with a driller's word) and two reports, of which hole B1 stands where report R1
puts a tunnel. Printed: P(any target) without each item, by the ledger and by two new inferences.
"""

from __future__ import annotations

import sys
import time

import numpy as np

from subterra.evidence import borehole_evidence, report_evidence
from subterra.inference import infer, p_any
from subterra.inference.ledger import LedgerItem, make_ledger, statements_of
from subterra.scene import Prior
from subterra.tables import BoreholeTable, IntervalTable, ReportTable

PRIOR = Prior((0.0, 0.0, 60.0, 40.0), 15.0, targets=("driven",))
HOLES = ("B1", "B2", "B3", "B4")
LOG = (
    ("B1", 0.0, 15.0, "intact"),
    ("B2", 0.0, 6.0, "intact"),
    ("B2", 6.0, 7.0, "broken"),
    ("B2", 7.0, 15.0, "intact"),
    ("B3", 0.0, 15.0, "intact"),
    ("B4", 0.0, 15.0, "intact"),
)


def made_evidence():
    """Holes and reports of the case."""
    four, blank = np.zeros(4), np.full(2, np.nan)
    x = np.array([20.0, 30.0, 40.0, 10.0])
    collars = BoreholeTable(HOLES, x, four + 20.0, None, four, four + 90.0, four + 15.0)
    hole, top, base, word = zip(*LOG, strict=True)
    holes = borehole_evidence(
        collars, IntervalTable(hole, np.array(top), np.array(base), word), PRIOR
    )
    table = ReportTable(
        ("R1", "R2"), ("a", "b"), ("B", "C"), (2, 3), ("a", "b"), np.array([20.0, 30.0]),
        np.array([20.0, 20.0]), np.array([2.0, 4.0]), ("tunnel",) * 2, np.array([0.0, np.nan]),
        np.array([10.0, np.nan]), blank, blank, ("",) * 2, ("",) * 2,
    )  # fmt: skip
    return holes, report_evidence(table, PRIOR)


def main() -> int:
    """Print the table."""
    holes, reports = made_evidence()
    belief = infer(PRIOR, [holes, reports], n_scenes=4096, seed=1)
    items = [LedgerItem(x, f"hole {x}", "boreholes", x, True) for x in HOLES]
    items.append(LedgerItem("reports", "both reports", "reports", "reports", True))

    def leave(names):
        gone = [n for n in names if n in HOLES]
        out = np.zeros(len(belief.scenes))
        if gone:
            out = out + holes.log_likelihood(belief.scenes)
            out = out - holes.without(gone).log_likelihood(belief.scenes)
        return out + reports.log_likelihood(belief.scenes) * ("reports" in names)

    begun = time.perf_counter()
    made = make_ledger(belief, statements_of(belief, []), items, leave)
    took = time.perf_counter() - begun
    print(f"with everything {p_any(belief):.3f}; ledger in {took:.2f} s")
    for item, weight in zip(items, made.weights, strict=True):
        rest = [holes] if item.id == "reports" else [holes.without([item.id]), reports]
        again = [p_any(infer(PRIOR, rest, n_scenes=4096, seed=s)) for s in (1, 2)]
        shown = "  ".join(f"{p:.3f}" for p in again)
        by_ledger = "not supported" if weight.p[0] is None else f"{weight.p[0]:.3f}"
        print(f"without {item.label:14s} ledger {by_ledger}   inferred again {shown}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
