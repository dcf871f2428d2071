"""What is looked at before the ladder: single objects, then pairs of them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from subterra.evidence import Suggesting
from subterra.inference.pairs import PairScan, no_pairs, scan_pairs
from subterra.inference.population import Scorer
from subterra.inference.scan import Scan, flat_scan, focused_surveys, scan_evidence

__all__ = ["Outlook", "look", "look_anew", "no_outlook", "with_hints"]


@dataclass(frozen=True)
class Outlook:
    """Where objects are proposed first.

    Parameters
    ----------
    single : Scan
        Density of one object.
    pair : PairScan
        Density of two together.
    hints : tuple of Suggesting
        Evidence that says itself where objects may lie.
    """

    single: Scan
    pair: PairScan
    hints: tuple[Suggesting, ...] = ()


_POINTS: Final = 16000
_POINTS_AGAIN: Final = 8000


def look(scorer: Scorer, rng: np.random.Generator) -> Outlook:
    """Scan the evidence for single objects and for pairs."""
    surveys = focused_surveys(scorer)
    single, trials = scan_evidence(scorer, surveys, rng, _POINTS)
    return Outlook(single, scan_pairs(scorer, surveys, trials, rng))


def look_anew(scorer: Scorer, rng: np.random.Generator) -> Outlook:
    """Scan for single objects after a surprise: what was known stays in the population."""
    single, _ = scan_evidence(scorer, focused_surveys(scorer), rng, _POINTS_AGAIN)
    return Outlook(single, no_pairs())


def no_outlook() -> Outlook:
    """Return an outlook that has looked nowhere: births follow the prior and the population."""
    return Outlook(flat_scan(), no_pairs())


def with_hints(outlook: Outlook, scorer: Scorer) -> Outlook:
    """Return the outlook with all evidence of a scorer that says where objects may lie."""
    hints = tuple(e for e in (*scorer.surveys, *scorer.others) if isinstance(e, Suggesting))
    return replace(outlook, hints=hints)
