"""What a belief says of a sheet: how it is tied, what it draws, and how far it lies off."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from subterra.evidence.mine_map_kernel import sheet_log_likelihood
from subterra.evidence.mine_map_sheet import MapSheet, kernel_terms
from subterra.evidence.mine_map_terms import MapTerms

__all__ = ["Registration", "registration"]

Array = npt.NDArray[Any]


@dataclass(frozen=True)
class Registration:
    """What a belief says of one sheet.

    Parameters
    ----------
    sheet : str
        Its name.
    p_tie, p_blunder : dict of str to float
        Posterior shares.
    p_working : (n,) numpy.ndarray
        P(the run draws a working of the scene).
    shift_m : (n, 2) numpy.ndarray
        Posterior mean of how far each run is drawn east and north of its true place; NaN where it
        is matched with none.
    shift_sd_m : (n,) numpy.ndarray
        Root of the mean squared distance from that mean, m.
    drawn, believed : tuple of (k, 2) numpy.ndarray
        Course of each run as drawn, and moved to where it is believed.
    """

    sheet: str
    p_tie: dict[str, float]
    p_blunder: dict[str, float]
    p_working: Array
    shift_m: Array
    shift_sd_m: Array
    drawn: tuple[Array, ...]
    believed: tuple[Array, ...]


def registration(sheet: MapSheet, items: Array, share: Array, terms: MapTerms) -> Registration:
    """Say where weighted scenes put a sheet.

    Parameters
    ----------
    sheet : MapSheet
        The sheet.
    items : (n, S, N_OBJECT) numpy.ndarray
        Workings of each scene in its window; see ``stretches``.
    share : (n,) numpy.ndarray
        Weights of the scenes, of sum 1.
    terms : MapTerms
        How wrong maps are.

    Returns
    -------
    Registration
    """
    numbers = kernel_terms(terms, sheet)
    kept = np.zeros((len(sheet.runs), 7))
    p_mode = np.zeros(len(sheet.modes))
    by_mode = np.empty(len(sheet.modes))
    for item, w in zip(items, share, strict=True):
        each = np.zeros_like(kept)
        sheet_log_likelihood(
            item, sheet.runs, sheet.modes, sheet.background, sheet.centre, numbers, by_mode,
            each,
        )  # fmt: skip
        odds = np.exp(by_mode - by_mode.max())
        p_mode += w * odds / odds.sum()
        kept += w * each
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.where(kept[:, 6:] > 1e-6, kept[:, 1:5] / kept[:, 6:], np.nan)
    at = sheet.runs[:, :2] - sheet.centre
    turned = mean[:, 2:3] * np.column_stack([-at[:, 1], at[:, 0]])
    shift = mean[:, :2] + turned + mean[:, 3:4] * at
    square = kept[:, 5] / np.maximum(kept[:, 6], 1e-300) - np.sum(mean[:, :2] ** 2, axis=1)
    p_tie: dict[str, float] = {}
    p_blunder: dict[str, float] = {}
    for (tie, blunder), p in zip(sheet.mode_names, p_mode, strict=True):
        p_tie[tie] = p_tie.get(tie, 0.0) + float(p)
        p_blunder[blunder] = p_blunder.get(blunder, 0.0) + float(p)
    return Registration(
        sheet.name,
        p_tie,
        p_blunder,
        kept[:, 0],
        shift,
        np.sqrt(np.maximum(square, 0.0)),
        sheet.courses,
        tuple(c - s for c, s in zip(sheet.courses, shift, strict=True)),
    )
