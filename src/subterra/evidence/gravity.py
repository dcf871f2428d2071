"""Gravity surveys: Bouguer anomalies in µGal and vertical gradients in E; a void is negative.

All gravity and gradient files of a site are one survey group over one ground: one joint covariance
of gravity, gradient and both. Readings of one instrument loop share the error of its tie and drift.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Self

import numpy as np
import numpy.typing as npt
from scipy.spatial import KDTree

from subterra.errors import InputError
from subterra.evidence.protocol import SurveyFit, responses_of
from subterra.evidence.robust import fit_words, set_aside
from subterra.evidence.survey import SurveyEvidence
from subterra.ground import (
    DRIFT_SD_UGAL_PER_H,
    TIE_SD_UGAL,
    UNDERGROUND_M,
    DensityKernel,
    FractalKernel,
    NuisanceGrid,
    by_file,
    cached_arrays,
    clutter_grid,
    eigenbases,
    factorise,
    gravity_covariance,
    gravity_grid,
    gravity_trend,
    ground_fit,
    layout_hash,
    loop_columns,
    make_whitening,
    simulate_noise,
)
from subterra.physics import gradient_response, gravity_response
from subterra.scene import Objects, Prior, Scenes
from subterra.tables import GradientTable, GravityTable, reading_hours

__all__ = ["GravityEvidence", "LoopErrors", "gravity_evidence"]

Array = npt.NDArray[Any]

_DEFAULT_SD_UGAL: Final = 10.0
"""Practical floor of a microgravity survey whose crew states no error (Styles et al. 2005)."""
_DEFAULT_SD_EOTVOS: Final = 20.0
"""Noise of the first field survey with a quantum gradiometer (Stray et al. 2022)."""
_SENSOR_HEIGHT_M: Final = 0.3
_GRADIOMETER_HEIGHT_M: Final = 0.5
_SAME_HEIGHT_M: Final = 0.02
"""Heights over the ground that differ by less are one: files give centimetres."""
_GRID: Final = NuisanceGrid(
    amplitude=np.array([2.0, 10.0, 20.0, 40.0, 80.0, 160.0]),
    noise=np.array([0.7, 1.0, 1.4, 2.0, 2.8]),
    kappa=0.05,
)


@dataclass(frozen=True)
class LoopErrors:
    """Standard deviations of what the readings of one loop share.

    Parameters
    ----------
    tie_sd_ugal : float
        Datum shift of a loop. Tilt in transport offsets single readings by tens of µGal and
        degrades surveys by about 10 (Reudink et al. 2014).
    drift_sd_ugal_per_h : float
        Linear drift left after the crew's correction; such an offset takes hours to go.
    tie_sd_eotvos, drift_sd_eotvos_per_h : float
        The same of gradients: a gradiometer compares two clouds or masses in one instrument and
        has no tie by default.
    """

    tie_sd_ugal: float = TIE_SD_UGAL
    drift_sd_ugal_per_h: float = DRIFT_SD_UGAL_PER_H
    tie_sd_eotvos: float = 0.0
    drift_sd_eotvos_per_h: float = 0.0

    def __post_init__(self) -> None:
        sizes = (self.tie_sd_ugal, self.drift_sd_ugal_per_h)
        if min(*sizes, self.tie_sd_eotvos, self.drift_sd_eotvos_per_h) < 0.0:
            problem = f"errors of gravity loops must be >= 0: {self}"
            raise InputError(problem)


@dataclass(frozen=True)
class GravityEvidence(SurveyEvidence):
    """All gravity of a site as one survey group: data in µGal, or E where ``gradient``.

    The errors that loops share are in ``models`` and not in ``sd``.

    Parameters
    ----------
    x_m, y_m, z_m : (n,) numpy.ndarray
        Sensors in metres, site frame.
    gradient : (n,) numpy.ndarray of bool
        Readings of the vertical gradient. They come after those of gravity.
    file : (n,) numpy.ndarray of int
        File of each reading; every file has its own trend.
    """

    x_m: Array
    y_m: Array
    z_m: Array
    gradient: Array
    file: Array

    @property
    def place(self) -> Array:
        """Place (n, d) of each datum in metres, for finding its neighbours of the same sort."""
        return _place(self.x_m, self.y_m, self.z_m, self.gradient)

    def object_response(self, objects: Objects) -> Array:
        """Gravity and gradient of each object alone, (n, n_data), negative straight over a void."""
        parts = [
            respond(objects, self.x_m[these], self.y_m[these], self.z_m[these])
            for these, respond in (
                (~self.gradient, gravity_response),
                (self.gradient, gradient_response),
            )
            if these.any()
        ]
        return parts[0] if len(parts) == 1 else np.concatenate(parts, axis=1)

    def predict(self, scenes: Scenes) -> Array:
        """Gravity and gradient of the objects, (n, n_data), without trend."""
        return responses_of(self, scenes)

    def simulate(self, scenes: Scenes, rng: np.random.Generator) -> Self:
        """Draw readings over the first scene from the ground models (trend zero)."""
        noise, error = simulate_noise(self.models, rng)
        response = self.predict(scenes)[0].astype(np.float64)
        return self.with_observed((1.0 + error) * response + noise)

    def fit(self, scenes: Scenes, weight: Array) -> SurveyFit:
        """Explain the survey by the posterior mean response of weighted scenes.

        Of a joint survey the gravity readings are shown; a gradient survey is shown in E.
        """
        mean, snr = self.mean_response(scenes, weight)
        ground, noise = ground_fit(self.models, mean)
        shown = self.gradient if self.gradient.all() else ~self.gradient
        return SurveyFit(
            self.kind,
            self.id,
            "E" if self.gradient.all() else "µGal",
            self.x_m[shown],
            self.y_m[shown],
            None,
            None,
            self.observed[shown],
            (self.observed - ground - noise)[shown],
            ground[shown],
            noise[shown],
            self.sd[shown],
            snr,
            fit_words(self, mean),
        )


def _place(x: Array, y: Array, z: Array, gradient: Array) -> Array:
    """Places of readings, with gravity and gradient too far apart to be neighbours."""
    return np.column_stack([x, y, z + 1e9 * gradient])


def _spacing(x: Array, y: Array) -> float:
    points = np.unique(np.column_stack([x, y]), axis=0)
    if len(points) < 2:
        return 1.0
    distance, _ = KDTree(points).query(points, k=2)
    return float(np.median(distance[:, 1]))


def _columns(
    table: GravityTable | GradientTable, prior: Prior, loops: LoopErrors
) -> tuple[Array, Array, Array, Array]:
    """Height, reading, standard error and loop columns of one file."""
    if isinstance(table, GradientTable):
        observed, sd, height = table.gzz_eotvos, table.sd_eotvos, _GRADIOMETER_HEIGHT_M
        default, tie = _DEFAULT_SD_EOTVOS, loops.tie_sd_eotvos
        drift = loops.drift_sd_eotvos_per_h
    else:
        observed, sd, height = table.g_ugal, table.sd_ugal, _SENSOR_HEIGHT_M
        default, tie, drift = _DEFAULT_SD_UGAL, loops.tie_sd_ugal, loops.drift_sd_ugal_per_h
    n = len(table)
    z = prior.surface.at(table.x_m, table.y_m) + height if table.z_m is None else table.z_m
    shared = np.empty((n, 0))
    if table.loop is not None:
        hours = None if table.time is None else reading_hours(table.time)
        shared = loop_columns(table.loop, hours, tie_sd=tie, drift_sd_per_h=drift)
    return z, observed, np.full(n, default) if sd is None else sd, shared


def _trend(table: GravityTable | GradientTable) -> Array:
    """Datum and regional slope of gravity; of a gradient, which has none of that slope, a datum."""
    if isinstance(table, GradientTable):
        return np.ones((len(table), 1))
    return gravity_trend(table.x_m, table.y_m)


def gravity_evidence(
    tables: Sequence[GravityTable | GradientTable],
    prior: Prior,
    *,
    id: str = "gravity",
    cache_dir: Path | None = None,
    kernels: Sequence[DensityKernel] | None = None,
    trends: Sequence[Array] | None = None,
    loops: LoopErrors | None = None,
    height_sd_m: float = 0.0,
    grid: NuisanceGrid | None = None,
) -> GravityEvidence:
    """Make the survey group of all gravity and gradient files of a site.

    Parameters
    ----------
    tables : sequence of GravityTable or GradientTable
        One per file; each has its own datum and, of gravity, regional slope.
    prior : Prior
        Gives the surface on which stations without z lie: gravimeters 0.3 m, gradiometers 0.5 m
        over it.
    id : str
        Name in the ledger.
    cache_dir : Path, optional
        Where eigenbases of the layout's covariances are kept.
    kernels : sequence of DensityKernel, optional
        Ground models; by default ``gravity_grid``, with gradients ``clutter_grid``.
    trends : sequence of (n_i, q_i) numpy.ndarray, optional
        Trend of each file in place of the usual one, such as ``block_trend`` down a shaft.
    loops : LoopErrors, optional
        Errors shared within the loops that a file names.
    height_sd_m : float
        Standard deviation of the height of each gravity station, metres. A Bouguer anomaly is
        wrong by the free-air gradient less that of the plate, 308.6 − 0.0419 ρ µGal/m (LaFehr
        1991).
    grid : NuisanceGrid, optional
        Amplitudes of density in kg/m³, noise scales and response error.

    Returns
    -------
    GravityEvidence

    Raises
    ------
    InputError
        If there are fewer than five readings in all.
    """
    tables = (
        sorted(tables, key=lambda t: isinstance(t, GradientTable)) if trends is None else tables
    )
    gradient = np.concatenate([np.full(len(t), isinstance(t, GradientTable)) for t in tables])
    if np.any(gradient[:-1] & ~gradient[1:]):
        problem = "with trends of their own, gravity files must be given before gradient files"
        raise InputError(problem)
    x = np.concatenate([t.x_m for t in tables]).astype(np.float64)
    y = np.concatenate([t.y_m for t in tables]).astype(np.float64)
    parts = [_columns(t, prior, loops or LoopErrors()) for t in tables]
    z, observed, sd = (np.concatenate([p[i] for p in parts]).astype(np.float64) for i in range(3))
    if height_sd_m > 0.0:
        plate = 308.6 - 0.0419 * float(np.mean(prior.host_density))
        sd = np.where(gradient, sd, np.hypot(sd, plate * height_sd_m))
    if len(x) < 5:
        problem = f"a gravity survey needs at least 5 readings to stand out of its trend: {len(x)}"
        raise InputError(problem)
    file = np.repeat(np.arange(len(tables)), [len(t) for t in tables])
    shared = by_file(file, [p[3] for p in parts])
    trend = by_file(file, [_trend(t) for t in tables] if trends is None else trends)
    height = _heights(z, prior.surface.at(x, y), gradient)
    if kernels is None:
        kernels = _kernels(x, y, height, gradient)
    noise = make_whitening(sd, shared)
    grid = grid or _GRID
    layout = (x, y, height, tuple(kernels), sd, trend, gradient, shared)
    bases = cached_arrays(
        cache_dir,
        layout_hash("gravity", *layout),
        lambda: eigenbases(
            noise, trend, (gravity_covariance(x, y, height, k, gradient) for k in kernels)
        ),
    )
    models = factorise(observed, noise, bases, [k.label for k in kernels], grid)
    models, outliers = set_aside(models, _place(x, y, z, gradient))
    nuisance = (grid.amplitude, grid.noise, grid.kappa)
    fingerprint = layout_hash("gravity", z, observed, file, *layout, *nuisance, outliers)
    survey = (id, "gravity", fingerprint, observed, sd, models, outliers)
    return GravityEvidence(*survey, x, y, z, gradient, file)


def _kernels(
    x: Array, y: Array, height: Array | float, gradient: Array
) -> tuple[DensityKernel, ...]:
    """Ground models of the layout; under ground there is none of fractal ground."""
    if not gradient.any():
        return gravity_grid(_spacing(x, y))
    every = clutter_grid(_spacing(x, y), float(np.hypot(np.ptp(x), np.ptp(y))))
    if np.min(height) > -UNDERGROUND_M:
        return every
    return tuple(k for k in every if not isinstance(k, FractalKernel))


def _heights(z: Array, ground: Array, gradient: Array) -> Array | float:
    """Height of each sensor over the ground; one number where they differ by two centimetres."""
    height = z - ground
    for sort in (~gradient, gradient):
        if sort.any() and np.ptp(height[sort]) <= _SAME_HEIGHT_M:
            height[sort] = np.median(height[sort])
    return height if np.ptp(height) > 0.0 else float(height[0])
