"""A quick look at hypotheses of one object, so that births happen where the evidence points.

Narrow peaks in a wide prior are found late or never by moves alone. Before the ladder starts, lines
and chambers on a stratified grid of (heading, offset, depth) or (x, y, depth) are scored alone
against all evidence, in a few classes of size. The tempered scores make a piecewise-constant
density from which some births and some starting scenes are drawn; its exact density enters every
acceptance and every starting weight, so the scan steers the search and not the answer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from subterra.evidence import AdditiveEvidence
from subterra.ground import GroundModels, amplitude_scan, focus, model_weights
from subterra.inference.population import Scorer, others_log_likelihood
from subterra.scene import (
    FAMILIES,
    FILLS,
    N_PARAMETERS,
    N_SLOTS,
    PARAMETERS,
    Prior,
    Scenes,
    decode_scenes,
    slot,
)
from subterra.scene.prior import family_weights

__all__ = [
    "COLUMNS",
    "COOLING",
    "FILLS_TRIED",
    "Edges",
    "Focused",
    "Scan",
    "Trials",
    "amplitudes",
    "blurred",
    "cells_of",
    "cooled",
    "draw_from_scan",
    "flat_scan",
    "focused_surveys",
    "make_scan",
    "n_cells",
    "place_points",
    "response_alone",
    "scan_density",
    "scan_evidence",
    "sizes",
    "trial_scenes",
    "volumes",
    "within_bins",
]

Array = npt.NDArray[Any]
Edges = tuple[Array, Array, Array, Array]
Focused = tuple[AdditiveEvidence, GroundModels]
"""A survey with the ground kernels that are asked."""

_UNSEEN: Final[Edges] = (np.zeros(1), np.zeros(1), np.zeros(1), np.zeros(1))

COLUMNS: Final = (0, 1, 4, 7)
"""Scanned parameters: heading or x, offset or y, depth (of a shaft, of its mouth), radius."""
_SIZES: Final = 4
_BLUR: Final = 0.25
"""Share of a class of size that its neighbours get: strength and halo stretch the amplitude too."""
FILLS_TRIED: Final = (FILLS.index("air"), FILLS.index("water"))
"""Both are tried: a conductor channels current along it, which no scaled insulator does."""
_RULED_OUT: Final = 15.0
"""Nats below the best at which holes and reports rule a hypothesis out of the scan."""
COOLING: Final = 0.6
_FLAT: Final = 0.1
_CHAMBER: Final = FAMILIES.index("chamber")
_SHAFT: Final = FAMILIES.index("shaft")
_POINTS: Final = (_CHAMBER, _SHAFT)
_MOUTH_BINS: Final = 4


@dataclass(frozen=True)
class Scan:
    """Piecewise-constant density over four columns of the unit cube, per family.

    Parameters
    ----------
    edges : tuple of four (k + 1,) numpy.ndarray, by family code
        Bin edges of each scanned column.
    log_density : tuple of (k0, k1, k2, k3) numpy.ndarray, by family code
        Log density over the unit cube; empty for families that were not scanned.
    mass : tuple of (k0 k1 k2 k3,) numpy.ndarray, by family code
        Cumulated probability of the bins.
    """

    edges: tuple[Edges, ...]
    log_density: tuple[Array, ...]
    mass: tuple[Array, ...]


def make_scan(edges: Sequence[Edges], log_density: Sequence[Array]) -> Scan:
    """Make a density of its bins and their log densities by family."""
    mass = [
        np.cumsum((np.exp(logs) * sizes(e)).ravel()) if logs.size else np.empty(0)
        for e, logs in zip(edges, log_density, strict=True)
    ]
    return Scan(tuple(edges), tuple(log_density), tuple(mass))


@dataclass(frozen=True)
class Trials:
    """Hypotheses of one object of a family, scored alone.

    Parameters
    ----------
    code : int
        Family.
    edges : tuple of four (k + 1,) numpy.ndarray
        Bins.
    point : (p, 3) numpy.ndarray
        Quantiles of the place; the object is of middle size.
    owner : (p,) numpy.ndarray of int
        Bin of each point, flat over place.
    amplitude : (k3,) numpy.ndarray
        Factor on the response of each class of size.
    score : (fills, p, k3) numpy.ndarray
        Log-likelihood by fill.
    """

    code: int
    edges: Edges
    point: Array
    owner: Array
    amplitude: Array
    score: Array


def _edges(prior: Prior, code: int) -> Edges:
    """Bins: about 1.5 m across, 6° of heading, depths in a geometric ladder, classes of size.

    A shaft's mouth is log-uniform in depth, so that even bins of its quantile are such a ladder.
    """
    x0, y0, x1, y1 = prior.bounds
    item = prior.families[FAMILIES[code]]
    low, high = item.depth_m[0], min(item.depth_m[1], prior.depth_m)
    depth = np.geomspace(max(low, 0.5), high, 9)
    third = np.clip((depth - depth[0]) / (depth[-1] - depth[0]), 0.0, 1.0)
    size = np.linspace(0.0, 1.0, _SIZES + 1)

    def even(count: float) -> Array:
        return np.linspace(0.0, 1.0, int(np.clip(np.ceil(count), 8, 110)) + 1)

    if code == _SHAFT:
        third = np.linspace(0.0, 1.0, _MOUTH_BINS + 1)
    if code in _POINTS:
        return even((x1 - x0) / 3.0), even((y1 - y0) / 3.0), third, size
    return np.linspace(0.0, 1.0, 31), even(np.hypot(x1 - x0, y1 - y0) / 1.5), third, size


def amplitudes(prior: Prior, code: int) -> Array:
    """Response of the middle of each class of size over that of the middle radius."""
    low, high = prior.families[FAMILIES[code]].radius_m
    middle = (np.arange(_SIZES) + 0.5) / _SIZES
    return (high / low) ** ((3.0 if code == _CHAMBER else 2.0) * (middle - 0.5))


def sizes(edges: Edges) -> Array:
    """Volumes of all bins in the unit cube, (k0, k1, k2, k3)."""
    return np.einsum("i,j,k,l->ijkl", *(np.diff(e) for e in edges))


def place_points(edges: Edges, most: int, rng: np.random.Generator) -> tuple[Array, Array]:
    """Stratified points (n, 3) and the flat index of the place bin of each."""
    shape = tuple(len(e) - 1 for e in edges[:3])
    size = int(np.prod(shape))
    per_bin = int(np.clip(most // size, 1, 4))
    owner = np.repeat(np.arange(size), per_bin)
    index = np.unravel_index(owner, shape)
    out = np.empty((len(owner), 3))
    for c, (e, i) in enumerate(zip(edges[:3], index, strict=True)):
        out[:, c] = e[i] + rng.random(len(owner)) * np.diff(e)[i]
    return out, owner


def trial_scenes(prior: Prior, code: int, point: Array, fill: Array | int) -> Scenes:
    """One through-going object of middle size at each point."""
    n = len(point)
    unit = np.full((n, N_SLOTS, N_PARAMETERS), 0.5)
    for column, values in zip(COLUMNS[:3], point.T, strict=True):
        unit[:, 0, column] = values
    unit[:, 0, PARAMETERS.index("length")] = 0.5 if code == _SHAFT else 0.9
    # A straight axis without a branch: a conduit reads these as tortuosity and wavelength.
    unit[:, 0, PARAMETERS.index("branch_length")] = 0.0
    unit[:, 0, PARAMETERS.index("branch")] = 1.0
    unit[:, 0, PARAMETERS.index("strength")] = 0.7
    family, fills = np.zeros((2, n, N_SLOTS), np.int8)
    family[:, 0], fills[:, 0] = code, fill
    return decode_scenes(prior, family, fills, unit, np.full((n, 2), 0.5))


def response_alone(survey: AdditiveEvidence, scenes: Scenes) -> Array:
    """Response (n, n_data) in the unit of the data of scenes whose only object is their first."""
    return survey.combine(survey.object_response(slot(scenes, 0)))


def focused_surveys(scorer: Scorer) -> list[Focused]:
    """Surveys with the ground kernels that matter without any object."""
    out: list[Focused] = []
    for survey in scorer.surveys:
        nothing = np.zeros((1, survey.models.sd.size), np.float32)
        share = model_weights(survey.models, survey.combine(nothing))[0]
        keep = np.flatnonzero(share > 0.02)
        out.append((survey, focus(survey.models, [int(i) for i in keep])))
    return out


def _score_trials(
    scorer: Scorer,
    surveys: Sequence[Focused],
    code: int,
    point: Array,
    amplitude: Array,
) -> Array:
    """Log-likelihood (fills, p, k3) of one object at each point.

    Holes and reports cost little: where they rule an object out, the surveys are not asked.
    """
    out = np.empty((len(FILLS_TRIED), len(point), len(amplitude)))
    for k, fill in enumerate(FILLS_TRIED):
        others = np.empty(len(point))

        def ask(part: slice, out: Array = others, fill: int = fill) -> None:
            some = trial_scenes(scorer.prior, code, point[part], fill)
            out[part] = others_log_likelihood(scorer, some)

        scorer.over_chunks(len(point), ask)
        possible = np.flatnonzero(others > others.max() - _RULED_OUT)
        score = np.empty((len(possible), len(amplitude)))

        def measure(
            part: slice, out: Array = score, at: Array = possible, fill: int = fill
        ) -> None:
            some = trial_scenes(scorer.prior, code, point[at[part]], fill)
            out[part] = 0.0
            for survey, models in surveys:
                out[part] += amplitude_scan(models, response_alone(survey, some), amplitude)

        scorer.over_chunks(len(possible), measure)
        out[k] = score.min(initial=0.0)
        out[k, possible] = score
        out[k] += others[:, None]
    return out


def cooled(score: Array) -> Array:
    """Heat of log-likelihoods, at most 1."""
    return np.exp(COOLING * (score - score.max()))


def blurred(heat: Array) -> Array:
    """Heat (n, k3) of each place with a share from the classes of size beside each."""
    wide = np.pad(heat, ((0, 0), (1, 1)), mode="edge")
    return (1.0 - 2.0 * _BLUR) * heat + _BLUR * (wide[:, :-2] + wide[:, 2:])


def _density(trials: Trials) -> Array:
    """Log density over the unit cube from the tempered scores, fills averaged."""
    top = trials.score.max(axis=0)
    score = top + np.log(np.exp(trials.score - top).mean(axis=0))
    volume = sizes(trials.edges)
    heat = np.zeros((volume.size // _SIZES, _SIZES))
    np.add.at(heat, trials.owner, cooled(score))
    heat /= np.bincount(trials.owner)[:, None]
    sharp = blurred(heat).reshape(volume.shape)
    sharp = sharp / np.sum(sharp * volume)
    return np.log((1.0 - _FLAT) * sharp + _FLAT)


def scan_evidence(
    scorer: Scorer, surveys: Sequence[Focused], rng: np.random.Generator, points: int = 16000
) -> tuple[Scan, tuple[Trials, ...]]:
    """Score single objects of every family in the prior.

    Parameters
    ----------
    scorer : Scorer
        Prior and evidence.
    surveys : sequence of (AdditiveEvidence, GroundModels)
        Its surveys with the ground kernels to ask, from ``focused_surveys``.
    rng : numpy.random.Generator
        Places the points within their bins.
    points : int
        About how many hypotheses of each family to score; at least one per bin.

    Returns
    -------
    Scan, tuple of Trials
        The density, and the hypotheses it was made of.
    """
    prior = scorer.prior
    target, other = family_weights(prior)
    edges: list[Edges] = [_UNSEEN] * len(FAMILIES)
    density: list[Array] = [np.empty((0, 0, 0, 0))] * len(FAMILIES)
    trials: list[Trials] = []
    for code, name in enumerate(FAMILIES):
        if target[code] + other[code] == 0.0 or name not in prior.families:
            continue
        bins = _edges(prior, code)
        point, owner = place_points(bins, points, rng)
        amplitude = amplitudes(prior, code)
        score = _score_trials(scorer, surveys, code, point, amplitude)
        trials.append(Trials(code, bins, point, owner, amplitude, score))
        edges[code], density[code] = bins, _density(trials[-1])
    return make_scan(edges, density), tuple(trials)


def flat_scan() -> Scan:
    """Return a scan that has looked nowhere: births follow the prior and the population."""
    n = len(FAMILIES)
    return make_scan((_UNSEEN,) * n, (np.empty((0, 0, 0, 0)),) * n)


def draw_from_scan(scan: Scan, family: Array, rng: np.random.Generator) -> Array:
    """Draw quantiles (n, P) of objects of given families; columns not scanned are uniform."""
    unit = rng.random((len(family), N_PARAMETERS))
    for code in range(1, len(FAMILIES)):
        mine = np.flatnonzero(family == code)
        if len(mine) == 0 or scan.log_density[code].size == 0:
            continue
        total = scan.mass[code]
        drawn = np.searchsorted(total, rng.random(len(mine)) * total[-1], side="right")
        unit[mine] = within_bins(scan.edges[code], np.minimum(drawn, total.size - 1), unit[mine])
    return unit


def volumes(edges: Edges, cell: Array) -> Array:
    """Volume in the unit cube of the bins of flat index ``cell``."""
    place = np.unravel_index(cell, tuple(len(e) - 1 for e in edges))
    out = np.ones(len(cell))
    for e, i in zip(edges, place, strict=True):
        out *= np.diff(e)[i]
    return out


def n_cells(edges: Edges) -> int:
    """Number of bins."""
    return int(np.prod([len(e) - 1 for e in edges]))


def within_bins(edges: Edges, cell: Array, unit: Array) -> Array:
    """Squeeze uniform quantiles (n, P) into the bins of flat index ``cell``."""
    place = np.unravel_index(cell, tuple(len(e) - 1 for e in edges))
    out = unit.copy()
    for column, e, i in zip(COLUMNS, edges, place, strict=True):
        out[:, column] = e[i] + unit[:, column] * np.diff(e)[i]
    return out


def cells_of(edges: Edges, unit: Array) -> Array:
    """Flat index of the bin of each object, from its quantiles (n, P)."""
    shape = tuple(len(e) - 1 for e in edges)
    index = tuple(
        np.clip(np.searchsorted(e, unit[:, c], side="right") - 1, 0, len(e) - 2)
        for c, e in zip(COLUMNS, edges, strict=True)
    )
    return np.ravel_multi_index(index, shape)


def scan_density(scan: Scan, family: Array, unit: Array) -> Array:
    """Log density (n,) of ``draw_from_scan`` over the unit cube, given the family."""
    out = np.zeros(len(family))
    for code in range(1, len(FAMILIES)):
        mine = np.flatnonzero(family == code)
        if len(mine) == 0 or scan.log_density[code].size == 0:
            continue
        out[mine] = scan.log_density[code].ravel()[cells_of(scan.edges[code], unit[mine])]
    return out
