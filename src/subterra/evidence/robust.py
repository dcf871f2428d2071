"""Blunders and structured residuals of a survey: judged before the first fit and after it.

Before anything is known of a site, blunders are found as if no object lay below; neighbours protect
the anomaly of an object, and on simulated worlds no void was lost so. After a fit ``refine_survey``
judges anew with the scenes of the posterior: data that a scene explains are freed, and noise scales
are widened where the residuals are structured.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, Protocol, Self, TypeVar

import numpy as np
import numpy.typing as npt

from subterra.evidence.protocol import AdditiveEvidence, responses_of
from subterra.ground import (
    GroundModels,
    find_outliers,
    make_whitening,
    neighbours_of,
    outlier_odds,
    residual_structure,
    structure_words,
    widened,
    with_noise,
    with_outliers,
)
from subterra.scene import Scenes, take

__all__ = ["RobustEvidence", "fit_words", "refine_survey", "set_aside"]

Array = npt.NDArray[Any]

_BESIDE: Final = 4
_AROUND: Final = 8
_SCENES: Final = 24


class RobustEvidence(AdditiveEvidence, Protocol):
    """A survey that can set data aside."""

    @property
    def sd(self) -> Array:
        """Errors (n,) as stated, with floor."""
        ...

    @property
    def place(self) -> Array:
        """Place (n, d) of each datum in metres, for finding its neighbours."""
        ...

    @property
    def outliers(self) -> tuple[int, ...]:
        """Data taken for blunders, whose errors are inflated in ``models``."""
        ...

    def with_outliers(self, outliers: tuple[int, ...], models: GroundModels) -> Self:
        """Return the same survey with other data set aside and the models that go with it."""
        ...


S = TypeVar("S", bound=RobustEvidence)


def set_aside(models: GroundModels, place: Array) -> tuple[GroundModels, tuple[int, ...]]:
    """Find blunders as if no object lay below, and inflate their errors.

    Parameters
    ----------
    models : GroundModels
        The survey with the errors stated.
    place : (n, d) numpy.ndarray
        Place of each datum in metres.

    Returns
    -------
    models : GroundModels
        The same if there are none.
    outliers : tuple of int
    """
    found = find_outliers(models, np.zeros(len(place)), neighbours_of(place, _BESIDE))
    return with_outliers(models, found), found


def fit_words(evidence: RobustEvidence, response: Array) -> str:
    """Say whether the residuals of a fit are structured, and how many data were set aside."""
    around = neighbours_of(evidence.place, _AROUND)
    structure = residual_structure(evidence.models, response, around)
    return structure_words(structure, evidence.outliers)


def refine_survey(evidence: S, scenes: Scenes, weight: Array, rng: np.random.Generator) -> S | None:
    """Judge blunders and structure anew with the scenes of a posterior.

    Parameters
    ----------
    evidence : RobustEvidence
        A survey with all its ground models.
    scenes : Scenes
        Scenes of the posterior given this evidence.
    weight : (n,) numpy.ndarray
        Their weights.
    rng : numpy.random.Generator
        Chooses the scenes that are looked at.

    Returns
    -------
    RobustEvidence or None
        The survey with other data set aside or wider noise scales; None if nothing changes. Data
        in the set are freed if they are blunders in less than half of the scenes; new ones must
        stand out of the posterior mean.
    """
    chosen = rng.choice(len(weight), _SCENES, p=weight / weight.sum())
    responses = np.asarray(evidence.combine(responses_of(evidence, take(scenes, chosen))), float)
    mean = responses.mean(axis=0)
    models, held = _stated(evidence), evidence.outliers
    judged_in = {*find_outliers(models, mean, neighbours_of(evidence.place, _BESIDE)), *held}
    outliers = _in_most_scenes(models, responses, sorted(judged_in))
    judged = evidence.models if outliers == held else with_outliers(models, outliers)
    around = neighbours_of(evidence.place, _AROUND)
    widening = residual_structure(judged, mean, around).widening
    if widening == 1.0 and outliers == held:
        return None
    return evidence.with_outliers(outliers, widened(judged, widening))


def _in_most_scenes(
    models: GroundModels, responses: Array, candidates: Sequence[int]
) -> tuple[int, ...]:
    """Keep the candidates that are blunders in more than half of the scenes."""
    if not candidates:
        return ()
    chance = outlier_odds(models, responses, np.ones(len(responses)), candidates)
    return tuple(i for i in candidates if chance[i] > 0.5)


def _stated(evidence: RobustEvidence) -> GroundModels:
    """Return the survey's models with the errors stated, none inflated."""
    index: Sequence[int] = evidence.outliers
    if not len(index):
        return evidence.models
    noise, inflated = evidence.models.noise, evidence.models.sd
    columns = inflated[:, None] * noise.modes * noise.spread
    return with_noise(evidence.models, make_whitening(evidence.sd, columns))
