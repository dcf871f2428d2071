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
from subterra.inference.bins import COLUMNS, Edges, cells_of, place_points, sizes, within_bins
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
    "COOLING",
    "Focused",
    "Located",
    "Scan",
    "Trials",
    "amplitudes",
    "blurred",
    "cooled",
    "density_at",
    "draw_from_scan",
    "fills_to_try",
    "flat_scan",
    "focused_surveys",
    "locate",
    "make_scan",
    "response_alone",
    "scan_density",
    "scan_evidence",
    "trial_scenes",
]

Array = npt.NDArray[Any]
Focused = tuple[AdditiveEvidence, GroundModels]
"""A survey with the ground kernels that are asked."""

_UNSEEN: Final[Edges] = (np.zeros(1), np.zeros(1), np.zeros(1), np.zeros(1))

_SIZES: Final = 4
_BLUR: Final = 0.25
"""Share of a class of size that its neighbours get: strength and halo stretch the amplitude too."""
_FILLS_TRIED: Final = (FILLS.index("air"), FILLS.index("water"))
"""A conductor channels current along it, which no scaled insulator does; in gravity, water is less
of the same."""
_ALIKE: Final = 1e-4
_ASKED: Final = 64
_RULED_OUT: Final = 15.0
"""Nats below the best at which holes and reports rule a hypothesis out of the scan."""
COOLING: Final = 0.6
_FLAT: Final = 0.1
_CHAMBER: Final = FAMILIES.index("chamber")
_SHAFT: Final = FAMILIES.index("shaft")
_POINTS: Final = (_CHAMBER, _SHAFT)
_MOUTH_BINS: Final = 4
_MOST_OFFSETS: Final = 66
_MOST_ACROSS: Final = 44


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
    fills : tuple of int
        Fills that were tried.
    score : (fills, p, k3) numpy.ndarray
        Log-likelihood by fill.
    """

    code: int
    edges: Edges
    point: Array
    owner: Array
    amplitude: Array
    fills: tuple[int, ...]
    score: Array


def _edges(prior: Prior, code: int) -> Edges:
    """Bins: about 1.5 m across, 6° of heading, depths in a geometric ladder, classes of size.

    On wide sites they are no more than is worth their time: 6° of heading move the far ends of a
    line that crosses 100 m by 5 m anyway.

    A shaft's mouth is log-uniform in depth, so that even bins of its quantile are such a ladder.
    """
    x0, y0, x1, y1 = prior.bounds
    item = prior.families[FAMILIES[code]]
    low, high = item.depth_m[0], min(item.depth_m[1], prior.depth_m)
    depth = np.geomspace(max(low, 0.5), high, 9)
    third = np.clip((depth - depth[0]) / (depth[-1] - depth[0]), 0.0, 1.0)
    size = np.linspace(0.0, 1.0, _SIZES + 1)

    def even(count: float, most: int) -> Array:
        return np.linspace(0.0, 1.0, int(np.clip(np.ceil(count), 8, most)) + 1)

    if code == _SHAFT:
        third = np.linspace(0.0, 1.0, _MOUTH_BINS + 1)
    if code in _POINTS:
        return even((x1 - x0) / 3.0, _MOST_ACROSS), even((y1 - y0) / 3.0, _MOST_ACROSS), third, size
    offset = even(np.hypot(x1 - x0, y1 - y0) / 1.5, _MOST_OFFSETS)
    return np.linspace(0.0, 1.0, 31), offset, third, size


def amplitudes(prior: Prior, code: int) -> Array:
    """Response of the middle of each class of size over that of the middle radius."""
    low, high = prior.families[FAMILIES[code]].radius_m
    middle = (np.arange(_SIZES) + 0.5) / _SIZES
    return (high / low) ** ((3.0 if code == _CHAMBER else 2.0) * (middle - 0.5))


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


def fills_to_try(scorer: Scorer, code: int, point: Array) -> tuple[int, ...]:
    """Fills that the surveys tell apart by more than an amplitude, asked at some of the points."""
    some = point[:: max(len(point) // _ASKED, 1)]
    first, second = (trial_scenes(scorer.prior, code, some, fill) for fill in _FILLS_TRIED)
    for survey in scorer.surveys:
        a, b = response_alone(survey, first), response_alone(survey, second)
        aa, ab, bb = ((u * v).sum(dtype=np.float64) for u, v in ((a, a), (a, b), (b, b)))
        if ab < 0.0 or aa * bb - ab * ab > _ALIKE**2 * aa * bb:
            return _FILLS_TRIED
    return _FILLS_TRIED[:1]


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
    fills: Sequence[int],
) -> Array:
    """Log-likelihood (fills, p, k3) of one object at each point.

    Holes and reports cost little: where they rule an object out, the surveys are not asked.
    """
    out = np.empty((len(fills), len(point), len(amplitude)))
    for k, fill in enumerate(fills):
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
    scorer: Scorer, surveys: Sequence[Focused], rng: np.random.Generator, points: int
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
        fills = fills_to_try(scorer, code, point)
        score = _score_trials(scorer, surveys, code, point, amplitude, fills)
        trials.append(Trials(code, bins, point, owner, amplitude, fills, score))
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


@dataclass(frozen=True)
class Located:
    """Where objects lie in a scan.

    Parameters
    ----------
    family : (n,) numpy.ndarray of int64
        Family codes.
    cell : (n,) numpy.ndarray of int64
        Flat index of the bin; 0 for families that were not scanned.
    volume : (n,) numpy.ndarray
        The bin's volume in the unit cube; 1 for families that were not scanned.
    """

    family: Array
    cell: Array
    volume: Array


def locate(scan: Scan, family: Array, unit: Array) -> Located:
    """Find the bins of objects from their families (n,) and quantiles (n, P)."""
    cell, volume = np.zeros(len(family), np.int64), np.ones(len(family))
    for code in np.unique(family):
        if scan.log_density[code].size:
            mine = np.flatnonzero(family == code)
            cell[mine], volume[mine] = cells_of(scan.edges[code], unit[mine])
    return Located(family.astype(np.int64), cell, volume)


def density_at(scan: Scan, at: Located) -> Array:
    """Log density (n,) of ``draw_from_scan`` over the unit cube, given the family.

    The objects may have been located in another scan over the same bins.
    """
    out = np.zeros(len(at.family))
    for code in np.unique(at.family):
        if scan.log_density[code].size:
            mine = np.flatnonzero(at.family == code)
            out[mine] = scan.log_density[code].ravel()[at.cell[mine]]
    return out


def scan_density(scan: Scan, family: Array, unit: Array) -> Array:
    """Log density (n,) of ``draw_from_scan`` over the unit cube, given the family."""
    return density_at(scan, locate(scan, family, unit))
