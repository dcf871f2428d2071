"""Blunders and structured residuals of a survey: judged before the first fit and after it.

Before anything is known of a site, blunders are found as if no object lay below; neighbours protect
the anomaly of an object, and on simulated worlds no void was lost so. After a fit ``judge_survey``
judges anew with the scenes of the posterior: data that a scene explains are freed, and noise scales
are widened where the residuals are structured.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol, Self, TypeVar

import numpy as np
import numpy.typing as npt

from subterra.counting import counted
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

__all__ = [
    "Judgement",
    "RobustEvidence",
    "as_judged",
    "fit_words",
    "judge_survey",
    "judgement_words",
    "refine_survey",
    "set_aside",
]

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


@dataclass(frozen=True)
class Judgement:
    """What is held against a survey beyond the errors stated.

    Parameters
    ----------
    fingerprint : str
        Of the survey as read: a judgement is of these data alone.
    outliers : tuple of int
        Data taken for blunders, in place of those that were found before anything was known.
    widening : float
        Factor on the noise scales that answers for structure in the residuals, at least 1.
    """

    fingerprint: str
    outliers: tuple[int, ...]
    widening: float = 1.0


def as_judged(evidence: S, judgement: Judgement) -> S:
    """Return a survey as read with a judgement in force.

    Parameters
    ----------
    evidence : RobustEvidence
        The survey as read.
    judgement : Judgement
        One made of it; a judgement of other data is refused.

    Returns
    -------
    RobustEvidence
        The same object where the judgement changes nothing.

    Raises
    ------
    ValueError
        If the judgement is of other data or settings.
    """
    if judgement.fingerprint != evidence.fingerprint:
        problem = f"the judgement is of other data than those of {evidence.id!r}"
        raise ValueError(problem)
    models = evidence.models
    if judgement.outliers != evidence.outliers:
        models = with_outliers(_stated(evidence), judgement.outliers)
    elif judgement.widening == 1.0:
        return evidence
    return evidence.with_outliers(judgement.outliers, _widened(models, judgement.widening))


def judge_survey(
    evidence: RobustEvidence,
    scenes: Scenes,
    weight: Array,
    rng: np.random.Generator,
    before: Judgement | None = None,
) -> Judgement:
    """Judge blunders and structure with the scenes of a posterior.

    Parameters
    ----------
    evidence : RobustEvidence
        A survey as read, with all its ground models.
    scenes : Scenes
        Scenes of the posterior given this evidence.
    weight : (n,) numpy.ndarray
        Their weights.
    rng : numpy.random.Generator
        Chooses the scenes that are looked at.
    before : Judgement, optional
        Under which the posterior was made. Its widening is never taken back, only added to.

    Returns
    -------
    Judgement
        Equal to ``before`` if nothing changes. Data in the set are freed if they are blunders in
        less than half of the scenes; new ones must stand out of the posterior mean.
    """
    held = before or Judgement(evidence.fingerprint, evidence.outliers)
    chosen = rng.choice(len(weight), _SCENES, p=weight / weight.sum())
    responses = np.asarray(evidence.combine(responses_of(evidence, take(scenes, chosen))), float)
    mean = responses.mean(axis=0)
    # Blunders are judged with the noise scales in force, as structure is.
    models = _widened(_stated(evidence), held.widening)
    found = find_outliers(models, mean, neighbours_of(evidence.place, _BESIDE))
    outliers = _in_most_scenes(models, responses, sorted({*found, *held.outliers}))
    if outliers == evidence.outliers:
        judged = _widened(evidence.models, held.widening)
    else:
        judged = with_outliers(models, outliers)
    around = neighbours_of(evidence.place, _AROUND)
    more = residual_structure(judged, mean, around).widening
    return Judgement(held.fingerprint, outliers, held.widening * more)


def refine_survey(evidence: S, scenes: Scenes, weight: Array, rng: np.random.Generator) -> S | None:
    """Judge a survey as read and put the judgement in force; None if nothing changes.

    See `judge_survey` for the parameters.
    """
    judged = as_judged(evidence, judge_survey(evidence, scenes, weight, rng))
    return None if judged is evidence else judged


def judgement_words(evidence: RobustEvidence, judgement: Judgement) -> str:
    """Say what a judgement changes of a survey as read; empty where it changes nothing."""
    words: list[str] = []
    if judgement.widening != 1.0:
        words.append(
            "the residuals were structured, and all errors count "
            f"{judgement.widening:.1f} times as large"
        )
    more = len(set(judgement.outliers) - set(evidence.outliers))
    fewer = len(set(evidence.outliers) - set(judgement.outliers))
    if more:
        words.append(f"{_data(more)} set aside that no object and no ground explains")
    if fewer:
        words.append(f"{_data(fewer)} taken back that an object explains")
    return "; ".join(words)


def _data(count: int) -> str:
    return counted(count, "datum", "data")


def _widened(models: GroundModels, factor: float) -> GroundModels:
    return models if factor == 1.0 else widened(models, factor)


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
