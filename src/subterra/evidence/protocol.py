"""What every kind of evidence must offer to inference, simulation and the report."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, Protocol, Self, TypeVar, runtime_checkable

import numpy as np
import numpy.typing as npt

from subterra.ground import GroundModels, focus, model_weights
from subterra.scene import N_SLOTS, Objects, Scenes, slot

__all__ = [
    "AdditiveEvidence",
    "Evidence",
    "Suggesting",
    "SurveyFit",
    "focus_survey",
    "responses_of",
]

Array = npt.NDArray[Any]
E = TypeVar("E", bound="AdditiveEvidence")

_ASKED: Final = 256


@runtime_checkable
class Evidence(Protocol):
    """Anything with a likelihood of scenes.

    Pieces of evidence are independent given the scene including its site state.
    """

    @property
    def id(self) -> str:
        """Name of this piece of evidence within its site."""
        ...

    @property
    def kind(self) -> str:
        """Kind as in the registry."""
        ...

    @property
    def fingerprint(self) -> str:
        """Hash of the data and of every setting that enters the likelihood."""
        ...

    def log_likelihood(self, scenes: Scenes) -> Array:
        """Log-likelihood (n,), up to a constant that depends on neither scene nor nuisance."""
        ...

    def predict(self, scenes: Scenes) -> Array:
        """Noise-free prediction (n, n_data) in the unit of the data."""
        ...

    def simulate(self, scenes: Scenes, rng: np.random.Generator) -> Evidence:
        """Evidence of the same layout with data drawn for the first of ``scenes``."""
        ...


@runtime_checkable
class Suggesting(Protocol):
    """Evidence that knows where objects may lie, so that a search can start there.

    Suggestions steer a search and not its answer: their exact density enters every weight.
    """

    def suggest(self, rng: np.random.Generator, n: int) -> tuple[Array, Array]:
        """Draw ``n`` objects: families (n,) int8 and quantiles (n, P) in the unit cube."""
        ...

    def suggest_log_density(self, family: Array, unit: Array) -> Array:
        """Log density (n,) of ``suggest`` over families and the unit cube; −inf if impossible."""
        ...


@runtime_checkable
class AdditiveEvidence(Evidence, Protocol):
    """Evidence whose object responses add, so that moving one object recomputes one."""

    @property
    def models(self) -> GroundModels:
        """Ground models that score the combined response."""
        ...

    def object_response(self, objects: Objects) -> Array:
        """Response (n, n_data) float32 of each object alone; an empty slot gives zeros."""
        ...

    def combine(self, total: Array) -> Array:
        """Response of the datum from the sum of object responses, (n, n_data)."""
        ...

    def site_log_likelihood(self, scenes: Scenes) -> Array:
        """Part (n,) of the likelihood that depends on the site state alone."""
        ...

    def score(self, total: Array) -> Array:
        """Log-likelihood (n,) from the sum of object responses, without the site part."""
        ...

    def with_models(self, models: GroundModels) -> Self:
        """Return the same evidence scored with other ground models."""
        ...


@dataclass(frozen=True)
class SurveyFit:
    """How a survey is explained, in the data's own unit, for drawing.

    Parameters
    ----------
    kind, label, unit : str
        Kind of evidence, its id and the unit of ``observed``.
    x_m, y_m : (n,) numpy.ndarray
        Plan place of each datum.
    line : (n,) numpy.ndarray of int or None
        Line of each datum of a resistivity survey.
    pseudo_depth_m : (n,) numpy.ndarray or None
        Median depth of investigation.
    observed, predicted : (n,) numpy.ndarray
        Data; trend plus posterior mean of the objects' response.
    ground : (n,) numpy.ndarray
        Posterior mean of the ground's part: µGal; percent for apparent resistivity.
    residual : (n,) numpy.ndarray
        What neither objects, trend nor ground explain: µGal; percent for apparent resistivity.
    sd : (n,) numpy.ndarray
        Stated standard error with floor, in the unit of ``residual``.
    snr : float
        Matched signal-to-noise ratio of the posterior mean response.
    words : str
        What the residuals tell: structure, and data set aside; empty if not judged.
    """

    kind: str
    label: str
    unit: str
    x_m: Array
    y_m: Array
    line: Array | None
    pseudo_depth_m: Array | None
    observed: Array
    predicted: Array
    ground: Array
    residual: Array
    sd: Array
    snr: float
    words: str = ""


def responses_of(evidence: AdditiveEvidence, scenes: Scenes) -> Array:
    """Sum over slots of the object responses, (n, n_data) float32."""
    total = evidence.object_response(slot(scenes, 0))
    for k in range(1, N_SLOTS):
        if np.any(scenes.objects.family[:, k] > 0):
            total = total + evidence.object_response(slot(scenes, k))
    return total


def focus_survey(evidence: E, total: Array, threshold: float = 1e-2) -> E:
    """Drop ground kernels that no scene of a population supports.

    Parameters
    ----------
    evidence : AdditiveEvidence
        A survey.
    total : (n, n_data) numpy.ndarray
        Summed object responses of the population.
    threshold : float
        A kernel stays if in any scene its share of the likelihood exceeds this. What is dropped
        changes no log-likelihood by more than it, and the last scenes are re-weighted in full.

    Returns
    -------
    AdditiveEvidence
        The same evidence with fewer kernels; their prior shares are unchanged.
    """
    needed = np.zeros(len(evidence.models.labels), bool)
    for first in range(0, len(total), _ASKED):
        # Mostly the first few scenes need them all.
        if needed.all():
            break
        some = evidence.combine(total[first : first + _ASKED])
        needed |= (model_weights(evidence.models, some) > threshold).any(axis=0)
    if needed.all():
        return evidence
    return evidence.with_models(focus(evidence.models, [int(i) for i in np.flatnonzero(needed)]))
