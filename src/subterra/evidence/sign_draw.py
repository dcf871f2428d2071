"""Draws of signs from a scene."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt

from subterra.evidence.axes import Axes, axes_of, mouths
from subterra.evidence.looked import chance_seen
from subterra.evidence.place import BLUR, place_along
from subterra.evidence.report_terms import beta_rule
from subterra.evidence.sign_density import SD, VOLUME, least_cover, solid_volume
from subterra.evidence.sign_rates import SignRate, depth_factor
from subterra.scene import Scenes, target_mask
from subterra.tables import SIGN_KINDS

if TYPE_CHECKING:
    from subterra.evidence.sign import SignEvidence

__all__ = ["draw_signs"]

Array = npt.NDArray[Any]

_SD_M: Final = 5.0
"""Error of the place of a drawn sign where the evidence has none of its kind, m."""


def draw_signs(
    evidence: SignEvidence, scenes: Scenes, rng: np.random.Generator
) -> tuple[Array, Array, Array]:
    """Draw the signs that the looks of some evidence, and chance, show of the first scene.

    Parameters
    ----------
    evidence : SignEvidence
        Looks, rates, and the errors of places.
    scenes : Scenes
        The truth.
    rng : numpy.random.Generator
        Source of randomness.

    Returns
    -------
    kind_of : (n,) numpy.ndarray of int
    items : (n, 4) numpy.ndarray
    chance : (n, 2) numpy.ndarray
        As in the evidence.
    """
    measured = bool((evidence.items[:, VOLUME] > 0.0).any())
    rows: list[list[float]] = []
    kinds: list[int] = []
    for t, name in enumerate(SIGN_KINDS):
        rate = evidence.terms.rates[name]
        # The nodes of the likelihood, so that it describes these draws exactly.
        nu, mu = (_draw_rate(beta, rng) for beta in (rate.shown, rate.mimicked))
        drawn = _of_targets(evidence, scenes, t, nu, rng) + _look_alikes(
            evidence, scenes, t, mu, rng
        )
        for x, y, sd, volume in drawn:
            heaped = volume if measured and name == "spoil" else 0.0
            rows.append([x, y, sd, heaped])
            kinds.append(t)
    chance = [chance_seen(evidence.terms, SIGN_KINDS[t]) for t in kinds]
    return (
        np.array(kinds, np.intp),
        np.array(rows, np.float64).reshape(-1, 4),
        np.array(chance, np.float64).reshape(-1, 2),
    )


def _draw_rate(beta: tuple[float, float], rng: np.random.Generator) -> float:
    rate, weight = beta_rule(*beta, 8)
    return float(-np.log1p(-rate[rng.choice(len(rate), p=weight)]))


def _draw_sd(evidence: SignEvidence, t: int, rng: np.random.Generator) -> float:
    mine = evidence.items[evidence.kind_of == t, SD]
    return float(rng.choice(mine)) if len(mine) else _SD_M


def _of_targets(
    evidence: SignEvidence, scenes: Scenes, t: int, nu: float, rng: np.random.Generator
) -> list[tuple[float, float, float, float]]:
    objects, prior, terms = scenes.objects, evidence.prior, evidence.terms
    rate = terms.rates[SIGN_KINDS[t]]
    solid, cover = solid_volume(objects), least_cover(objects, prior.surface)
    axes, box = mouths(axes_of(objects)), np.array(prior.bounds, np.float64)
    found: list[tuple[float, float, float, float]] = []
    for k in np.flatnonzero(target_mask(prior)[objects.family[0]]):
        height = 2.0 * objects.radius[0, [k]].astype(np.float64)
        factor = depth_factor(SIGN_KINDS[t], cover[0, [k]], height)
        for _ in range(rng.poisson(nu * float(factor[0]))):
            at = _place(axes, int(k), rate, box, rng)
            if not _noticed(evidence, t, 0, at, rng):
                continue
            sd = _draw_sd(evidence, t, rng)
            loose = terms.bulking[0] * float(solid[0, k])
            volume = rng.random() * loose * np.exp(terms.bulking[1] * rng.standard_normal())
            told = at + np.hypot(sd, rate.spread_m) * rng.standard_normal(2)
            found.append((float(told[0]), float(told[1]), sd, float(volume)))
    return found


def _place(axes: Axes, k: int, rate: SignRate, box: Array, rng: np.random.Generator) -> Array:
    x, y, trunk = axes.x[0, k], axes.y[0, k], int(axes.trunk[0, k])
    if rate.at_ends:
        end = int(rng.integers(2)) * (trunk - 1)
        return np.array([x[end], y[end]])
    return np.array(place_along(x, y, trunk, rng.random(), box))


def _look_alikes(
    evidence: SignEvidence, scenes: Scenes, t: int, mu: float, rng: np.random.Generator
) -> list[tuple[float, float, float, float]]:
    terms, box = evidence.terms, evidence.prior.bounds
    rate = terms.rates[SIGN_KINDS[t]]
    found: list[tuple[float, float, float, float]] = []
    for _ in range(rng.poisson(mu)):
        sd = _draw_sd(evidence, t, rng)
        at = _draw_alike(evidence, scenes, rate, float(np.hypot(sd, rate.spread_m)), box, rng)
        if not _noticed(evidence, t, 1, at, rng):
            continue
        volume = terms.heap_m3[0] * np.exp(terms.heap_m3[1] * rng.standard_normal())
        found.append((float(at[0]), float(at[1]), sd, float(volume)))
    return found


def _draw_alike(
    evidence: SignEvidence, scenes: Scenes, rate: SignRate, sd: float, box: tuple[float, ...],
    rng: np.random.Generator,
) -> Array:  # fmt: skip
    """Draw the place of a look-alike: even, or for a decoy rarer around the ends of a target."""
    terms, objects, half = evidence.terms, scenes.objects, 0.5 * BLUR * sd
    targets = np.flatnonzero(target_mask(evidence.prior)[objects.family[0]])
    decoy = bool(rate.decoy and targets.size and rng.random() < terms.decoy_share)
    slot = int(rng.choice(targets)) if decoy else 0
    axes = mouths(axes_of(objects))
    end = int(rng.integers(2)) * (int(axes.trunk[0, slot]) - 1)
    wide = float(np.hypot(terms.decoy_radius_m, sd))
    peak = (terms.decoy_radius_m / wide) ** 2
    while True:
        x = rng.uniform(box[0] - half, box[2] + half)
        y = rng.uniform(box[1] - half, box[3] + half)
        r2 = (x - axes.x[0, slot, end]) ** 2 + (y - axes.y[0, slot, end]) ** 2
        if not decoy or rng.random() >= peak * np.exp(-0.5 * r2 / wide**2):
            return np.array([x, y])


def _noticed(
    evidence: SignEvidence, t: int, which: int, at: Array, rng: np.random.Generator
) -> bool:
    missed = evidence.coverage.missed_at(t, at[:1], at[1:])[which, 0]
    chance = chance_seen(evidence.terms, SIGN_KINDS[t])[which]
    return bool(rng.random() < 1.0 - (1.0 - chance) * missed)
