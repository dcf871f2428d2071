"""What the hard gates of a plan keep out, counted over its candidates and said in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from subterra.counting import counted
from subterra.inference.belief import Belief
from subterra.scene import target_mask
from subterra.search.candidates import candidate_holes, inside_polygon
from subterra.search.clearance import clear_holes
from subterra.search.gates import Gate, gated
from subterra.search.holes import Holes
from subterra.search.standoff import StandoffRule
from subterra.search.terms import DrillTerms

__all__ = ["kept_out", "rule_words"]

Array = npt.NDArray[Any]


def kept_out(
    belief: Belief, terms: DrillTerms, *, no_go_names: Sequence[str] = (), seed: int = 0
) -> list[str]:
    """Say of each gate what it keeps out, by itself, of the candidates that there would be.

    Parameters
    ----------
    belief : Belief
        Weighted scenes.
    terms : DrillTerms
        With no-go areas, what to keep clear of, and gates.
    no_go_names : sequence of str
        Of the no-go areas, in their order.
    seed : int
        Of the places aimed at.

    Returns
    -------
    list of str
        One sentence without its full stop for each gate; empty without any, or without a target.
    """
    is_target = target_mask(belief.prior)[belief.scenes.objects.family]
    if not np.any(belief.weight @ is_target > 0.0):
        return []
    if not (terms.no_go or terms.keep_clear or terms.gates):
        return []
    free = replace(terms, no_go=(), keep_clear=(), gates=())
    pool, _ = candidate_holes(belief, free, seed=seed)
    of = f"of {counted(len(pool), 'candidate hole')}"
    out: list[str] = []
    names = [*no_go_names, *[""] * len(terms.no_go)]
    for name, polygon in zip(names, terms.no_go, strict=False):
        count = int(inside_polygon(pool.x, pool.y, polygon).sum())
        out.append(f"no collar in the no-go area {name or 'without a name'}: {count:,} {of}")
    for item in terms.keep_clear:
        clear = clear_holes(pool, (item,), terms.deviation_sd_per_m)
        count = len(pool) - int(clear.sum())
        out.append(f"holes keep {item.distance_m:g} m from {item.name}: {count:,} {of}")
    return out + [_gate_words(gate, pool, terms, of) for gate in terms.gates]


def rule_words(rule: StandoffRule, what: str, p: float) -> str:
    """Say what a rule asks of a hole."""
    chance = f" with a probability above {p:g}" if p > 0.0 else ""
    source = f" ({rule.source})" if rule.source else ""
    if rule.shallow:
        return f"{rule.name}{source}: no collar stands over shallow {what}{chance}"
    return f"{rule.name}{source}: no hole comes within {rule.distance_m:.1f} m of {what}{chance}"


def _gate_words(gate: Gate, pool: Holes, terms: DrillTerms, of: str) -> str:
    left, kept = gated(pool, gate, terms.deviation_sd_per_m)
    shorter = int(np.sum(left.length_m < pool.length_m[kept] - 1e-9))
    words = f"{rule_words(gate.rule, gate.words, gate.p)}: {of} {int((~kept).sum()):,} are kept out"
    return f"{words} and {shorter:,} cut short" if shorter else words
