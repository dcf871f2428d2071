"""Draws of signs from a scene."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from subterra.evidence.axes import Axes, axes_of, mouths
from subterra.evidence.looked import chance_seen
from subterra.evidence.place import draw_decoy, draw_flat_top, place_along
from subterra.evidence.report_terms import beta_rule
from subterra.evidence.sign_density import VOLUME, least_cover, solid_volume
from subterra.evidence.sign_rates import SignRate, depth_factor
from subterra.evidence.silence import alike_mass, tails
from subterra.scene import Scenes, target_mask
from subterra.tables import SIGN_KINDS

if TYPE_CHECKING:
    from subterra.evidence.sign import SignEvidence

__all__ = ["draw_signs"]

Array = npt.NDArray[Any]


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
            sd = float(rng.choice(evidence.errors[t]))
            at = _place(axes, int(k), rate, box, rng)
            told = at + np.hypot(sd, rate.spread_m) * rng.standard_normal(2)
            if not _noticed(evidence, t, 0, told, rng):
                continue
            loose = terms.bulking[0] * float(solid[0, k])
            volume = rng.random() * loose * np.exp(terms.bulking[1] * rng.standard_normal())
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
    terms, box, errors = evidence.terms, evidence.prior.bounds, evidence.errors[t]
    rate = terms.rates[SIGN_KINDS[t]]
    targets = np.flatnonzero(target_mask(evidence.prior)[scenes.objects.family[0]])
    decoys = terms.decoy_share if rate.decoy and targets.size else 0.0
    mass = np.array([alike_mass(box, _wide(sd, rate), terms.around) for sd in errors])
    found: list[tuple[float, float, float, float]] = []
    for _ in range(rng.poisson(mu * float(mass.mean()))):
        sd = float(rng.choice(errors, p=mass / mass.sum()))
        wide = _wide(sd, rate)
        if rng.random() < decoys:
            end = _an_end(scenes, targets, rng)
            at = draw_decoy(end, wide, terms.decoy_radius_m, box, terms.around, rng)
        else:
            across, along = tails(box, wide, terms.around)
            at = (
                draw_flat_top(box[0], box[2], across, rng),
                draw_flat_top(box[1], box[3], along, rng),
            )
        if not _noticed(evidence, t, 1, np.array(at), rng):
            continue
        volume = terms.heap_m3[0] * np.exp(terms.heap_m3[1] * rng.standard_normal())
        found.append((*at, sd, float(volume)))
    return found


def _wide(sd: float, rate: SignRate) -> float:
    return float(np.hypot(sd, rate.spread_m))


def _an_end(scenes: Scenes, targets: Array, rng: np.random.Generator) -> tuple[float, float]:
    axes, slot = mouths(axes_of(scenes.objects)), int(rng.choice(targets))
    end = int(rng.integers(2)) * (int(axes.trunk[0, slot]) - 1)
    return float(axes.x[0, slot, end]), float(axes.y[0, slot, end])


def _noticed(
    evidence: SignEvidence, t: int, which: int, at: Array, rng: np.random.Generator
) -> bool:
    missed = evidence.coverage.missed_at(t, at[:1], at[1:])[which, 0]
    chance = chance_seen(evidence.terms, SIGN_KINDS[t])[which]
    return bool(rng.random() < 1.0 - (1.0 - chance) * missed)
