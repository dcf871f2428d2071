"""What share of the signs of a kind would be noticed: means of coverage over where they stand.

A sign is noticed where it is told to be. So the mean for a target at a place is over the normal
density of told places around it (error of the place and spread of the kind together), and for
look-alikes over theirs; the errors are those of the signs at hand. Coverage is a raster that goes
on beyond its edge as it is there (`subterra.evidence.looked.Coverage`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.special import erf

from subterra.evidence.looked import Coverage
from subterra.evidence.place import BLUR
from subterra.evidence.sign_rates import SignRate, SignTerms
from subterra.tables import SIGN_KINDS

__all__ = ["KindCover", "alike_mass", "kind_covers", "tails"]

Array = npt.NDArray[Any]
Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class KindCover:
    """Means of coverage for one kind of sign.

    Parameters
    ----------
    missed : (ny, nx) numpy.ndarray or None
        Probability that no look notices a sign of a target at a cell; None where nobody looked.
    mass : float
        Look-alikes per one in the site, with those around it.
    missed_alike : float
        Of those that are no decoys what no look notices.
    missed_decoy : (ny, nx) numpy.ndarray or None
        ``mass`` times the probability that no look notices a decoy that keeps away from an end at
        a cell; None where nobody looked, or of kinds that have none.
    """

    missed: Array | None
    mass: float
    missed_alike: float
    missed_decoy: Array | None


def tails(bounds: Box, sd: float, around: float) -> tuple[float, float]:
    """Tail (`subterra.evidence.place.flat_top`) to east and to north of look-alikes, m."""
    x0, y0, x1, y1 = bounds
    return 0.5 * BLUR * sd + around * (x1 - x0), 0.5 * BLUR * sd + around * (y1 - y0)


def alike_mass(bounds: Box, sd: float, around: float) -> float:
    """Look-alikes in the plane per one in the site, where their density is even."""
    x0, y0, x1, y1 = bounds
    wide, (tail_x, tail_y) = BLUR * sd, tails(bounds, sd, around)
    across = (x1 - x0 + 2.0 * tail_x) / (x1 - x0 + wide)
    return across * (y1 - y0 + 2.0 * tail_y) / (y1 - y0 + wide)


def kind_covers(
    coverage: Coverage, errors: Sequence[Array], terms: SignTerms, bounds: Box
) -> tuple[KindCover, ...]:
    """Average coverage for each kind of sign.

    Parameters
    ----------
    coverage : Coverage
        Of the areas looked at.
    errors : sequence of (k,) numpy.ndarray
        Errors of places of each kind, m, each as likely as the other.
    terms : SignTerms
        Rates and shares.
    bounds : (x0, y0, x1, y1)
        Of the site, m.
    """
    return tuple(
        _of_kind(coverage, t, np.hypot(sds, terms.rates[name].spread_m), terms, bounds)
        for t, (name, sds) in enumerate(zip(SIGN_KINDS, errors, strict=True))
    )


def _of_kind(coverage: Coverage, t: int, sds: Array, terms: SignTerms, bounds: Box) -> KindCover:
    each, count = np.unique(sds, return_counts=True)
    share = count / count.sum()
    mass = float(share @ [alike_mass(bounds, float(sd), terms.around) for sd in each])
    if not coverage.looks:
        return KindCover(None, mass, mass, None)
    x, y = coverage.edges()
    of_target, of_alike = coverage.missed[t]
    missed, alike = np.zeros(of_target.shape), 0.0
    decoys = np.zeros(of_target.shape) if _decoys(terms.rates[SIGN_KINDS[t]], terms) else None
    for sd, part in zip(each.tolist(), share.tolist(), strict=True):
        missed += part * (_normal(y, sd) @ of_target @ _normal(x, sd).T)
        tail_x, tail_y = tails(bounds, sd, terms.around)
        of_x = _flat(x, bounds[0], bounds[2], tail_x, BLUR * sd)
        of_y = _flat(y, bounds[1], bounds[3], tail_y, BLUR * sd)
        alike += part * float(of_y @ of_alike @ of_x)
        if decoys is not None:
            mean = _decoy(x, y, of_alike, sd, terms.decoy_radius_m, bounds, (tail_x, tail_y))
            decoys += part * alike_mass(bounds, sd, terms.around) * mean
    return KindCover(missed, mass, alike, decoys)


def _decoys(rate: SignRate, terms: SignTerms) -> bool:
    return rate.decoy and terms.decoy_share > 0.0


def _middle(edges: Array) -> Array:
    return 0.5 * (edges[1:] + edges[:-1])


def _normal(edges: Array, sd: float) -> Array:
    """Mass (n, n) in each cell, the outermost without end, of normals around the middles."""
    below = 0.5 * (1.0 + erf((edges[None] - _middle(edges)[:, None]) / (sd * np.sqrt(2.0))))
    below[:, 0], below[:, -1] = 0.0, 1.0
    return np.diff(below, axis=1)


def _flat(edges: Array, low: float, high: float, tail: float, wide: float) -> Array:
    """Integral (n,) over each cell of the flat top, of height 1/(high − low + wide)."""
    inside = np.clip(edges, low, high) - low
    before, after = np.maximum(low - edges, 0.0), np.maximum(edges - high, 0.0)
    total = inside + tail / (1.0 + before / tail) + tail * after / (after + tail)
    total[0], total[-1] = 0.0, high - low + 2.0 * tail
    return np.diff(total) / (high - low + wide)


def _decoy(
    x: Array, y: Array, missed: Array, sd: float, radius: float, bounds: Box,
    ring: tuple[float, float],
) -> Array:  # fmt: skip
    """Mean of a raster over decoys that keep away from each of its cells, (ny, nx).

    Density as in `subterra.evidence.place.decoy_ratio`.
    """
    wide = float(np.hypot(radius, sd))
    plain: list[Array] = []
    hollow: list[Array] = []
    for edges, low, high, tail in zip((x, y), bounds[:2], bounds[2:], ring, strict=True):
        cut = np.clip(edges, low - tail, high + tail)
        # What the box holds beyond the raster is as it is at its edge.
        cut[0], cut[-1] = low - tail, high + tail
        plain.append(np.diff(cut))
        away = (cut[None] - _middle(edges)[:, None]) / (wide * np.sqrt(2.0))
        hollow.append(np.diff(0.5 * BLUR * wide * erf(away), axis=1))
    peak = (radius / wide) ** 2
    held = plain[1] @ missed @ plain[0] - peak * (hollow[1] @ missed @ hollow[0].T)
    bell = peak * np.outer(hollow[1].sum(axis=1), hollow[0].sum(axis=1))
    return np.asarray(held / (plain[1].sum() * plain[0].sum() - bell))
