"""What surveys share: data scored by ground models once the objects' response is known."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from subterra.evidence.protocol import SurveyFit, responses_of
from subterra.evidence.robust import refine_survey
from subterra.ground import GroundModels, layout_hash, log_likelihood, matched_snr, with_data
from subterra.scene import Objects, Scenes

__all__ = ["SurveyEvidence"]

Array = npt.NDArray[Any]


@dataclass(frozen=True)
class SurveyEvidence(ABC):
    """One survey group: all data of one physical property, with one joint covariance.

    A kind says what an object does to its data, how such responses combine, where a datum stands,
    and how data are drawn and drawn up; what follows from the ground models is said here.

    Parameters
    ----------
    id, kind, fingerprint : str
        See ``Evidence``.
    observed, sd : (n,) numpy.ndarray
        Data in the unit of the models and their standard errors with floor.
    models : GroundModels
        Ground, noise and trend.
    outliers : tuple of int
        Data taken for blunders: their errors are inflated in ``models``.
    """

    id: str
    kind: str
    fingerprint: str
    observed: Array
    sd: Array
    models: GroundModels
    outliers: tuple[int, ...]

    @property
    @abstractmethod
    def place(self) -> Array:
        """Place (n, d) of each datum in metres, for finding its neighbours."""

    @abstractmethod
    def object_response(self, objects: Objects) -> Array:
        """Response (n, n_data) float32 of each object alone; an empty slot gives zeros."""

    @abstractmethod
    def predict(self, scenes: Scenes) -> Array:
        """Noise-free prediction (n, n_data) in the unit of the data."""

    @abstractmethod
    def simulate(self, scenes: Scenes, rng: np.random.Generator) -> Self:
        """Evidence of the same layout with data drawn for the first of ``scenes``."""

    @abstractmethod
    def fit(self, scenes: Scenes, weight: Array) -> SurveyFit:
        """Explain the survey by the posterior mean response of weighted scenes."""

    def combine(self, total: Array) -> Array:
        """Responses add: the sum itself."""
        return total

    def site_log_likelihood(self, scenes: Scenes) -> Array:
        """Zero: the level of the data is the survey's own and says nothing of the site state."""
        return np.zeros(len(scenes))

    def score(self, total: Array) -> Array:
        """Log-likelihood (n,) of summed object responses, without the site part."""
        return log_likelihood(self.models, self.combine(total))

    def log_likelihood(self, scenes: Scenes) -> Array:
        """Log-likelihood (n,) of scenes."""
        return self.score(responses_of(self, scenes)) + self.site_log_likelihood(scenes)

    def matched_snr(self, scenes: Scenes) -> Array:
        """Matched signal-to-noise ratio (n,) of each scene."""
        return matched_snr(self.models, self.combine(responses_of(self, scenes)))

    def mean_response(self, scenes: Scenes, weight: Array) -> tuple[Array, float]:
        """Mean combined response (n_data,) of weighted scenes, and its matched SNR."""
        mean = weight @ self.combine(responses_of(self, scenes)).astype(np.float64)
        return mean, float(matched_snr(self.models, mean.astype(np.float32)[None, :])[0])

    def with_models(self, models: GroundModels) -> Self:
        """Return the same survey scored with other ground models."""
        return replace(self, models=models)

    def with_observed(self, data: Array, background: Array | float = 0.0) -> Self:
        """Return the same layout with other data, of which the models hold those less a part."""
        return replace(
            self,
            observed=data,
            models=with_data(self.models, data - background),
            fingerprint=layout_hash(self.fingerprint, data),
        )

    def with_outliers(self, outliers: tuple[int, ...], models: GroundModels) -> Self:
        """Return the same survey with other data set aside and the models that go with it."""
        settings = layout_hash(self.fingerprint, outliers, models.grid.noise)
        return replace(self, outliers=outliers, models=models, fingerprint=settings)

    def refine(self, scenes: Scenes, weight: Array, rng: np.random.Generator) -> Self | None:
        """Judge blunders and noise anew with scenes of the posterior; None if nothing changes."""
        return refine_survey(self, scenes, weight, rng)
