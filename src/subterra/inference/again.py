"""A second look of the scan, beside the scenes that a population has come to.

What a second object would explain shows only once the first is in its place to the decimetre, and
no grid of single objects is that fine. On the way up the ladder trial objects are therefore added
to a few scenes of one half of the population, and the other half's births follow what is found.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from subterra.evidence import AdditiveEvidence
from subterra.ground import FirstOfPair, first_of_pair, pair_scores
from subterra.inference.bins import Edges, place_points, sizes
from subterra.inference.population import Population, Scorer, others_log_likelihood, summed
from subterra.inference.scan import (
    Scan,
    amplitudes,
    blurred,
    cooled,
    fills_to_try,
    make_scan,
    response_alone,
    trial_scenes,
)
from subterra.scene import N_SLOTS, empty_scenes

__all__ = ["look_again"]

Array = npt.NDArray[Any]

_FEW: Final = 12
_FLAT: Final = 0.2


def look_again(
    scorer: Scorer, population: Population, scan: Scan, rng: np.random.Generator
) -> tuple[Scan, Scan]:
    """Scan for one more object beside some scenes of each half.

    Parameters
    ----------
    scorer : Scorer
        Prior and evidence.
    population : Population
        Scenes with their responses; the even and the odd ones are halves.
    scan : Scan
        The first look, whose bins are used.
    rng : numpy.random.Generator
        Chooses the scenes and places the points.

    Returns
    -------
    (Scan, Scan)
        For the even and the odd scenes what was seen beside the others; the first look where there
        is nothing to look beside.
    """
    free = np.flatnonzero((population.scenes.objects.family > 0).sum(axis=1) < N_SLOTS)
    halves = [free[free % 2 == 1], free[free % 2 == 0]]
    if not scorer.surveys or min(len(half) for half in halves) == 0:
        return scan, scan
    few = np.concatenate([rng.choice(half, size=_FEW) for half in halves])
    first = [
        _beside(survey, summed(held[few]))
        for survey, held in zip(scorer.surveys, population.responses, strict=True)
    ]
    found = [
        _densities(scorer, first, code, edges, rng) if logs.size else (logs, logs)
        for code, (edges, logs) in enumerate(zip(scan.edges, scan.log_density, strict=True))
    ]
    even, odd = (make_scan(scan.edges, [pair[half] for pair in found]) for half in (0, 1))
    return even, odd


def _beside(survey: AdditiveEvidence, total: Array) -> FirstOfPair:
    response = survey.combine(total)
    return first_of_pair(survey.models, response, [response.mean(axis=0), *response[:3]])


def _densities(
    scorer: Scorer,
    first: Sequence[FirstOfPair],
    code: int,
    edges: Edges,
    rng: np.random.Generator,
) -> tuple[Array, Array]:
    """Log density of one more object of a family over the unit cube, averaged over each half."""
    point, _ = place_points(edges, 0, rng)
    size = amplitudes(scorer.prior, code)
    gain = np.full((2 * _FEW, len(point), len(size)), -np.inf, np.float32)
    bare = float(others_log_likelihood(scorer, empty_scenes(scorer.prior))[0])
    fills = fills_to_try(scorer, code, point)

    def work(part: slice) -> None:
        for fill in fills:
            some = trial_scenes(scorer.prior, code, point[part], fill)
            alone = others_log_likelihood(scorer, some)
            # What a hole has met or a report tells, the scenes may explain already.
            each = np.minimum(alone - bare, 0.0)[None, :, None]
            for survey, one in zip(scorer.surveys, first, strict=True):
                score = pair_scores(one, response_alone(survey, some), np.r_[0.0, size])
                each = each + (score[:, :, 1:] - score[:, :, :1])
            np.maximum(gain[:, part], each, out=gain[:, part])

    scorer.over_chunks(len(point), work)
    even, odd = (_averaged(gain[half * _FEW : (half + 1) * _FEW], edges) for half in (0, 1))
    return even, odd


def _averaged(gain: Array, edges: Edges) -> Array:
    """Log density over the unit cube from gains (scenes, bins, k3), each scene of equal weight."""
    volume = sizes(edges)
    heat = np.zeros(volume.shape)
    for one in gain:
        hot = blurred(cooled(one)).reshape(volume.shape)
        heat += hot / np.sum(hot * volume) / len(gain)
    return np.log((1.0 - _FLAT) * heat + _FLAT)
