"""A quick look at single-object hypotheses, so that births happen where the evidence points.

Narrow peaks in a wide prior are found late or never by moves alone. Before the ladder starts, lines
and chambers on a stratified grid of (heading, offset, depth) or (x, y, depth) are scored alone
against all evidence with a few trial amplitudes. The tempered scores make a piecewise-constant
density from which some births and some starting scenes are drawn; its exact density enters every
acceptance and every starting weight, so the scan steers the search and not the answer.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from subterra.evidence import AdditiveEvidence
from subterra.ground import GroundModels, amplitude_scan, focus, model_weights
from subterra.inference.population import Scorer
from subterra.scene import (
    FAMILIES,
    FILLS,
    N_PARAMETERS,
    N_SLOTS,
    PARAMETERS,
    Prior,
    Scenes,
    decode_scenes,
    family_code,
    slot,
)
from subterra.scene.prior import family_weights

__all__ = ["Scan", "draw_from_scan", "flat_scan", "scan_density", "scan_evidence"]

Array = npt.NDArray[Any]

COLUMNS: Final = (0, 1, 4)
"""Scanned parameters: heading or x, offset or y, depth (of a shaft, of its mouth)."""
_AMPLITUDE: Final = np.array([0.3, 0.6, 1.0, 1.8])
_FILLS: Final = (FILLS.index("air"), FILLS.index("water"))
"""Both are tried: a conductor channels current along it, which no scaled insulator does."""
_COOLING: Final = 0.6
_FLAT: Final = 0.1
_POINTS: Final = (FAMILIES.index("chamber"), FAMILIES.index("shaft"))
_SHAFT: Final = FAMILIES.index("shaft")
_MOUTH_BINS: Final = 4


@dataclass(frozen=True)
class Scan:
    """Piecewise-constant density over three columns of the unit cube, per family.

    Parameters
    ----------
    edges : tuple of three (k + 1,) numpy.ndarray, by family code
        Bin edges of each scanned column.
    log_density : tuple of (k0, k1, k2) numpy.ndarray, by family code
        Log density over the unit cube; empty for families that were not scanned.
    """

    edges: tuple[tuple[Array, Array, Array], ...]
    log_density: tuple[Array, ...]


def _edges(prior: Prior, code: int) -> tuple[Array, Array, Array]:
    """Bins: about 1.5 m across, 6° of heading, and depths in a geometric ladder.

    A shaft's mouth is log-uniform in depth, so that even bins of its quantile are such a ladder.
    """
    x0, y0, x1, y1 = prior.bounds
    item = prior.families[FAMILIES[code]]
    low, high = item.depth_m[0], min(item.depth_m[1], prior.depth_m)
    depth = np.geomspace(max(low, 0.5), high, 9)
    third = np.clip((depth - depth[0]) / (depth[-1] - depth[0]), 0.0, 1.0)

    def even(count: float) -> Array:
        return np.linspace(0.0, 1.0, int(np.clip(np.ceil(count), 8, 110)) + 1)

    if code == _SHAFT:
        third = np.linspace(0.0, 1.0, _MOUTH_BINS + 1)
    if code in _POINTS:
        return even((x1 - x0) / 3.0), even((y1 - y0) / 3.0), third
    return np.linspace(0.0, 1.0, 31), even(np.hypot(x1 - x0, y1 - y0) / 1.5), third


def _points(
    edges: tuple[Array, Array, Array], most: int, rng: np.random.Generator
) -> tuple[Array, Array]:
    """Stratified points (n, 3) and the flat index of the bin of each."""
    shape = tuple(len(e) - 1 for e in edges)
    size = int(np.prod(shape))
    per_bin = int(np.clip(most // size, 1, 4))
    owner = np.repeat(np.arange(size), per_bin)
    index = np.unravel_index(owner, shape)
    out = np.empty((len(owner), 3))
    for c, (e, i) in enumerate(zip(edges, index, strict=True)):
        out[:, c] = e[i] + rng.random(len(owner)) * np.diff(e)[i]
    return out, owner


def _trial_scenes(prior: Prior, code: int, point: Array, fill: int) -> Scenes:
    """One through-going object of middle size at each point."""
    n = len(point)
    unit = np.full((n, N_SLOTS, N_PARAMETERS), 0.5)
    unit[:, 0, COLUMNS[0]], unit[:, 0, COLUMNS[1]], unit[:, 0, COLUMNS[2]] = point.T
    unit[:, 0, PARAMETERS.index("length")] = 0.5 if code == _SHAFT else 0.9
    # A straight axis without a branch: a conduit reads these as tortuosity and wavelength.
    unit[:, 0, PARAMETERS.index("branch_length")] = 0.0
    unit[:, 0, PARAMETERS.index("branch")] = 1.0
    unit[:, 0, PARAMETERS.index("strength")] = 0.7
    family, fills = np.zeros((2, n, N_SLOTS), np.int8)
    family[:, 0], fills[:, 0] = code, fill
    return decode_scenes(prior, family, fills, unit, np.full((n, 2), 0.5))


def _focused(scorer: Scorer) -> list[tuple[AdditiveEvidence, GroundModels]]:
    """Surveys with the ground kernels that matter without any object."""
    out: list[tuple[AdditiveEvidence, GroundModels]] = []
    for survey in scorer.surveys:
        nothing = np.zeros((1, survey.models.sd.size), np.float32)
        share = model_weights(survey.models, survey.combine(nothing))[0]
        keep = np.flatnonzero(share > 0.02)
        out.append((survey, focus(survey.models, [int(i) for i in keep])))
    return out


def _scores(scorer: Scorer, code: int, point: Array) -> Array:
    """Log-likelihood of one object at each point, averaged over trial fills and amplitudes."""
    surveys = _focused(scorer)
    by_fill = np.zeros((len(_FILLS), len(point)))
    for k, fill in enumerate(_FILLS):

        def work(part: slice, out: Array = by_fill[k], fill: int = fill) -> None:
            some = _trial_scenes(scorer.prior, code, point[part], fill)
            for survey, models in surveys:
                response = survey.combine(survey.object_response(slot(some, 0)))
                trial = amplitude_scan(models, response, _AMPLITUDE)
                top = trial.max(axis=1)
                out[part] += top + np.log(np.exp(trial - top[:, None]).mean(axis=1))
            for other in scorer.others:
                out[part] += other.log_likelihood(some)

        scorer.over_chunks(len(point), work)
    top = by_fill.max(axis=0)
    return top + np.log(np.exp(by_fill - top).mean(axis=0))


def scan_evidence(scorer: Scorer, rng: np.random.Generator, points: int = 24000) -> Scan:
    """Score single objects of every family in the prior.

    Parameters
    ----------
    scorer : Scorer
        Prior and evidence.
    rng : numpy.random.Generator
        Places the points within their bins.
    points : int
        About how many hypotheses of each family to score; at least one per bin.

    Returns
    -------
    Scan
    """
    target, other = family_weights(scorer.prior)
    nothing = np.zeros(1)
    edges: list[tuple[Array, Array, Array]] = []
    density: list[Array] = []
    for code, name in enumerate(FAMILIES):
        if target[code] + other[code] == 0.0 or name not in scorer.prior.families:
            edges.append((nothing, nothing, nothing))
            density.append(np.empty((0, 0, 0)))
            continue
        bins = _edges(scorer.prior, family_code(name))
        point, owner = _points(bins, points, rng)
        score = _scores(scorer, code, point)
        shape = tuple(len(e) - 1 for e in bins)
        heat = np.zeros(int(np.prod(shape)))
        np.add.at(heat, owner, np.exp(_COOLING * (score - score.max())))
        heat /= np.bincount(owner)
        sizes = np.einsum("i,j,k->ijk", *(np.diff(e) for e in bins)).ravel()
        sharp = heat / np.sum(heat * sizes)
        edges.append(bins)
        density.append(np.log((1.0 - _FLAT) * sharp + _FLAT).reshape(shape))
    return Scan(tuple(edges), tuple(density))


def flat_scan() -> Scan:
    """Return a scan that has looked nowhere: births follow the prior and the population."""
    nothing = np.zeros(1)
    n = len(FAMILIES)
    return Scan(((nothing, nothing, nothing),) * n, (np.empty((0, 0, 0)),) * n)


def draw_from_scan(scan: Scan, family: Array, rng: np.random.Generator) -> Array:
    """Draw quantiles (n, P) of objects of given families; columns not scanned are uniform."""
    unit = rng.random((len(family), N_PARAMETERS))
    for code in range(1, len(FAMILIES)):
        mine = np.flatnonzero(family == code)
        if len(mine) == 0 or scan.log_density[code].size == 0:
            continue
        edges, logs = scan.edges[code], scan.log_density[code]
        mass = np.exp(logs) * np.einsum("i,j,k->ijk", *(np.diff(e) for e in edges))
        total = np.cumsum(mass.ravel())
        drawn = np.searchsorted(total, rng.random(len(mine)) * total[-1], side="right")
        place = np.unravel_index(np.minimum(drawn, total.size - 1), logs.shape)
        for column, e, i in zip(COLUMNS, edges, place, strict=True):
            unit[mine, column] = e[i] + unit[mine, column] * np.diff(e)[i]
    return unit


def scan_density(scan: Scan, family: Array, unit: Array) -> Array:
    """Log density (n,) of ``draw_from_scan`` over the unit cube, given the family."""
    out = np.zeros(len(family))
    for code in range(1, len(FAMILIES)):
        mine = np.flatnonzero(family == code)
        if len(mine) == 0 or scan.log_density[code].size == 0:
            continue
        index = tuple(
            np.clip(np.searchsorted(e, unit[mine, c], side="right") - 1, 0, len(e) - 2)
            for c, e in zip(COLUMNS, scan.edges[code], strict=True)
        )
        out[mine] = scan.log_density[code][index]
    return out
