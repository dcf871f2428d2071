"""Runs that are no working of the scene: never driven, or drawn from outside of the bounds.

Workings are drawn with one density per area over the whole window that is looked at. Those inside
the bounds are the scene's; of those outside, a sheet's error draws some into the bounds. So a run
drawn at p is none of the scene's with a density of ``never_driven + P(outside | p, mode)`` times
that of drawn workings (longer ones reach into the bounds from farther away, and are the rarer per
area for it). Lines from outside are taken to be shifted one by one, not together, and by
the shift alone; a sheet with a wrong unit or in mirror writing has them everywhere.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr, ndtri
from scipy.stats import qmc

from subterra.evidence.mine_map_terms import LOG_LENGTH, MAPPED_FAMILIES, MapTerms
from subterra.scene import Prior, family_code, log_count_table
from subterra.scene.prior import family_weights

__all__ = ["expected_mapped", "expected_none", "none_factor", "window"]

Array = npt.NDArray[Any]

_POINTS: Final = 8192


def expected_mapped(prior: Prior) -> float:
    """Prior expectation of the number of objects inside the bounds that a map can draw."""
    count = np.exp(log_count_table(prior))
    k = np.arange(len(count))
    weights = family_weights(prior)
    mapped = [family_code(name) for name in MAPPED_FAMILIES if name in prior.families]
    shares = [float(w[mapped].sum()) for w in weights]
    n_target, n_other = float(count.sum(axis=1) @ k), float(count.sum(axis=0) @ k)
    return (n_target * shares[0] + n_other * shares[1]) / float(count.sum())


def window(prior: Prior, margin_m: float) -> tuple[float, float, float, float]:
    """Rectangle x0, y0, x1, y1 in which the lines of a sheet are looked at."""
    x0, y0, x1, y1 = prior.bounds
    return x0 - margin_m, y0 - margin_m, x1 + margin_m, y1 + margin_m


def none_factor(modes: Array, runs: Array, prior: Prior, terms: MapTerms) -> Array:
    """Log of (never_driven + P(outside)) × area of the bounds over that of touching them, (m, n).

    A working is inside if it touches the bounds; the middles of those of one length and direction
    fill the bounds grown by half of their extent.
    """
    x0, y0, x1, y1 = prior.bounds
    sd = modes[:, 1:2]
    x, y = runs[:, 0], runs[:, 1]
    half_x = 0.5 * runs[:, 4] * np.abs(np.cos(runs[:, 3]))
    half_y = 0.5 * runs[:, 4] * np.abs(np.sin(runs[:, 3]))
    inside = ndtr((x1 + half_x - x) / sd) - ndtr((x0 - half_x - x) / sd)
    inside *= ndtr((y1 + half_y - y) / sd) - ndtr((y0 - half_y - y) / sd)
    strange = (modes[:, 4] != 1.0) | (modes[:, 5] != 0.0)
    thinner = (x1 - x0 + 2.0 * half_x) * (y1 - y0 + 2.0 * half_y) / ((x1 - x0) * (y1 - y0))
    return np.log((terms.never_driven + np.where(strange[:, None], 1.0, 1.0 - inside)) / thinner)


def expected_none(
    modes: Array, margin_m: float, rate: float, prior: Prior, terms: MapTerms
) -> Array:
    """Expected number (m,) of runs in the window that are no working of the scene, by mode."""
    x0, y0, x1, y1 = window(prior, margin_m)
    # Halton's sequence in place, direction and log length: one deterministic rule for all modes.
    u = qmc.Halton(4, scramble=False).random(_POINTS + 1)[1:]
    runs = np.zeros((_POINTS, 5))
    runs[:, 0], runs[:, 1] = x0 + u[:, 0] * (x1 - x0), y0 + u[:, 1] * (y1 - y0)
    runs[:, 3] = np.pi * u[:, 2]
    runs[:, 4] = np.exp(LOG_LENGTH[0] + LOG_LENGTH[1] * ndtri(u[:, 3]))
    return rate * np.exp(none_factor(modes, runs, prior, terms)).mean(axis=1)
