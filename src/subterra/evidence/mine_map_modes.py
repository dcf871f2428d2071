"""Ties and blunders of a sheet as the rows that the likelihood's kernel takes."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from subterra.evidence.mine_map_kernel import N_MODE
from subterra.evidence.mine_map_terms import MapTerms

__all__ = ["sheet_modes"]

Array = npt.NDArray[Any]


def sheet_modes(
    tie: str, extra_sd_m: float, has_heights: bool, terms: MapTerms
) -> tuple[Array, tuple[tuple[str, str], ...]]:
    """Ties and blunders that a sheet may have: rows of the kernel's table, and their names."""
    ties = terms.ties if tie == "unknown" else {tie: terms.ties[tie]}
    whole = sum(t.share for t in ties.values())
    rows: list[list[float]] = []
    names: list[tuple[str, str]] = []
    for tie_name, t in ties.items():
        for name, blunder in terms.blunders.items():
            share = blunder.share * t.share / whole
            sd = math.sqrt(t.sd_m**2 + extra_sd_m**2 + blunder.extra_sd_m**2)
            level = blunder.extra_level_sd_m if has_heights else 0.0
            turn = math.radians(t.rotation_sd_deg)
            factor, mirrored = blunder.factor, float(blunder.mirrored)
            rows.append([math.log(share), sd, turn, t.scale_sd, factor, mirrored, level])
            names.append((tie_name, name))
    out = np.array(rows).reshape(-1, N_MODE)
    out[:, 0] -= math.log(float(np.exp(out[:, 0]).sum()))
    return out, tuple(names)
