"""Gravity surveys: Bouguer anomalies in µGal, positive down, a void negative."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final, Self

import numpy as np
import numpy.typing as npt
from scipy.spatial import KDTree

from subterra.errors import InputError
from subterra.evidence.protocol import SurveyFit, responses_of
from subterra.evidence.robust import fit_words, refine_survey, set_aside
from subterra.ground import (
    GroundModels,
    NuisanceGrid,
    by_file,
    cached_arrays,
    eigenbases,
    factorise,
    gravity_covariance,
    gravity_grid,
    gravity_trend,
    ground_fit,
    layout_hash,
    log_likelihood,
    matched_snr,
    simulate_noise,
    with_data,
)
from subterra.physics import gravity_response
from subterra.scene import Objects, Prior, Scenes
from subterra.tables import GravityTable

__all__ = ["GravityEvidence", "gravity_evidence"]

Array = npt.NDArray[Any]

_DEFAULT_SD_UGAL: Final = 10.0
"""Practical floor of a microgravity survey whose crew states no error (Styles et al. 2005)."""
_SENSOR_HEIGHT_M: Final = 0.3
_GRID: Final = NuisanceGrid(
    amplitude=np.array([2.0, 10.0, 20.0, 40.0, 80.0, 160.0]),
    noise=np.array([0.7, 1.0, 1.4, 2.0, 2.8]),
    kappa=0.05,
)


@dataclass(frozen=True)
class GravityEvidence:
    """All gravity of a site as one survey group with one joint covariance.

    Parameters
    ----------
    id, kind, fingerprint : str
        See ``Evidence``.
    x_m, y_m, z_m : (n,) numpy.ndarray
        Sensors in metres, site frame.
    observed, sd : (n,) numpy.ndarray
        µGal.
    file : (n,) numpy.ndarray of int
        File of each reading; every file has its own trend.
    models : GroundModels
        Ground, noise and trend.
    outliers : tuple of int
        Data taken for blunders: their errors are inflated in ``models``.
    """

    id: str
    kind: str
    fingerprint: str
    x_m: Array
    y_m: Array
    z_m: Array
    observed: Array
    sd: Array
    file: Array
    models: GroundModels
    outliers: tuple[int, ...] = ()

    @property
    def place(self) -> Array:
        """Place (n, d) of each datum in metres, for finding its neighbours."""
        return np.column_stack([self.x_m, self.y_m])

    def object_response(self, objects: Objects) -> Array:
        """Gravity of each object alone, (n, n_data) µGal, negative over a void."""
        return gravity_response(objects, self.x_m, self.y_m, self.z_m)

    def combine(self, total: Array) -> Array:
        """Gravity adds: the sum itself."""
        return total

    def site_log_likelihood(self, scenes: Scenes) -> Array:
        """Zero: the datum of a Bouguer anomaly says nothing of the host."""
        return np.zeros(len(scenes))

    def score(self, total: Array) -> Array:
        """Log-likelihood (n,) of summed object responses."""
        return log_likelihood(self.models, total)

    def log_likelihood(self, scenes: Scenes) -> Array:
        """Log-likelihood (n,) of scenes."""
        return self.score(responses_of(self, scenes))

    def predict(self, scenes: Scenes) -> Array:
        """Gravity of the objects, (n, n_data) µGal, without trend."""
        return responses_of(self, scenes)

    def simulate(self, scenes: Scenes, rng: np.random.Generator) -> GravityEvidence:
        """Draw readings over the first scene from the ground models (trend zero)."""
        noise, error = simulate_noise(self.models, rng)
        data = (1.0 + error) * self.predict(scenes)[0].astype(np.float64) + noise
        return replace(
            self,
            observed=data,
            models=with_data(self.models, data),
            fingerprint=layout_hash(self.fingerprint, data),
        )

    def with_models(self, models: GroundModels) -> Self:
        """Return the same survey scored with other ground models."""
        return replace(self, models=models)

    def with_outliers(self, outliers: tuple[int, ...], models: GroundModels) -> Self:
        """Return the same survey with other data set aside and the models that go with it."""
        return replace(self, outliers=outliers, models=models)

    def refine(self, scenes: Scenes, weight: Array, rng: np.random.Generator) -> Self | None:
        """Judge blunders and noise anew with scenes of the posterior; None if nothing changes."""
        return refine_survey(self, scenes, weight, rng)

    def matched_snr(self, scenes: Scenes) -> Array:
        """Matched signal-to-noise ratio (n,) of each scene."""
        return matched_snr(self.models, responses_of(self, scenes))

    def fit(self, scenes: Scenes, weight: Array) -> SurveyFit:
        """Explain the survey by the posterior mean response of weighted scenes."""
        mean = weight @ responses_of(self, scenes).astype(np.float64)
        ground, noise = ground_fit(self.models, mean)
        return SurveyFit(
            self.kind,
            self.id,
            "µGal",
            self.x_m,
            self.y_m,
            None,
            None,
            self.observed,
            self.observed - ground - noise,
            ground,
            noise,
            self.sd,
            float(matched_snr(self.models, mean.astype(np.float32)[None, :])[0]),
            fit_words(self, mean),
        )


def _spacing(x: Array, y: Array) -> float:
    points = np.unique(np.column_stack([x, y]), axis=0)
    if len(points) < 2:
        return 1.0
    distance, _ = KDTree(points).query(points, k=2)
    return float(np.median(distance[:, 1]))


def gravity_evidence(
    tables: Sequence[GravityTable],
    prior: Prior,
    *,
    id: str = "gravity",
    cache_dir: Path | None = None,
) -> GravityEvidence:
    """Make the survey group of all gravity files of a site.

    Parameters
    ----------
    tables : sequence of GravityTable
        One per file; each has its own datum and regional gradient.
    prior : Prior
        Gives the surface on which stations without z lie.
    id : str
        Name in the ledger.
    cache_dir : Path, optional
        Where eigenbases of the layout's covariances are kept.

    Returns
    -------
    GravityEvidence

    Raises
    ------
    InputError
        If there are fewer than five readings in all.
    """
    x = np.concatenate([t.x_m for t in tables]).astype(np.float64)
    y = np.concatenate([t.y_m for t in tables]).astype(np.float64)
    z = np.concatenate(
        [
            prior.surface.at(t.x_m, t.y_m) + _SENSOR_HEIGHT_M if t.z_m is None else t.z_m
            for t in tables
        ]
    )
    observed = np.concatenate([t.g_ugal for t in tables]).astype(np.float64)
    sd = np.concatenate(
        [np.full(len(t.x_m), _DEFAULT_SD_UGAL) if t.sd_ugal is None else t.sd_ugal for t in tables]
    ).astype(np.float64)
    if len(x) < 5:
        problem = f"a gravity survey needs at least 5 readings to stand out of its trend: {len(x)}"
        raise InputError(problem)
    file = np.repeat(np.arange(len(tables)), [len(t.x_m) for t in tables])
    parts = [gravity_trend(x[file == i], y[file == i]) for i in range(len(tables))]
    trend = by_file(file, parts)
    height = float(np.median(z - prior.surface.at(x, y)))
    kernels = gravity_grid(_spacing(x, y))
    bases = cached_arrays(
        cache_dir,
        layout_hash("gravity", x, y, height, kernels, sd, trend),
        lambda: eigenbases(sd, trend, (gravity_covariance(x, y, height, k) for k in kernels)),
    )
    models = factorise(observed, sd, bases, [k.label for k in kernels], _GRID)
    models, outliers = set_aside(models, np.column_stack([x, y]))
    grid = (_GRID.amplitude, _GRID.noise, _GRID.kappa)
    fingerprint = layout_hash(
        "gravity", x, y, z, height, observed, sd, file, kernels, *grid, outliers
    )
    return GravityEvidence(
        id, "gravity", fingerprint, x, y, z, observed, sd, file, models, outliers
    )
