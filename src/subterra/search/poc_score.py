"""The map of a belief against a known truth: what calibration bins."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from subterra.inference.belief import Belief
from subterra.inference.reliability import CELL_EDGES, CellScore
from subterra.scene import Scenes
from subterra.search.poc import poc_grid

__all__ = ["score_cells"]

Array = npt.NDArray[Any]

_CELLS: Final = 24
"""Cells along the longer side of the bounds."""


def score_cells(belief: Belief, truth: Scenes) -> CellScore:
    """Compare the probability of containment of every cell with what lies there.

    Parameters
    ----------
    belief : Belief
        Weighted scenes.
    truth : Scenes
        One scene.

    Returns
    -------
    CellScore
        Of a grid of 24 cells along the longer side of the bounds.
    """
    x0, y0, x1, y1 = belief.prior.bounds
    cell = max(x1 - x0, y1 - y0) / _CELLS
    p = poc_grid(belief, cell).poc.ravel()
    there = poc_grid(replace(belief, scenes=truth, weight=np.ones(1)), cell).poc.ravel() > 0.5
    n = len(CELL_EDGES) - 1
    bin_of = np.clip(np.searchsorted(CELL_EDGES, p, side="right") - 1, 0, n - 1)
    return CellScore(
        np.bincount(bin_of, minlength=n),
        np.bincount(bin_of, p, n),
        np.bincount(bin_of, there, n),
        float(np.sum((p - there) ** 2)),
    )
