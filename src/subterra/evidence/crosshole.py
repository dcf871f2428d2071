"""What travel times and levels between holes share: rays, trends by panel, ground along rays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Self

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.sparse import csgraph
from scipy.spatial import KDTree

from subterra.errors import InputError
from subterra.evidence.effects import EffectTest, effect_test, effect_words
from subterra.evidence.protocol import SurveyFit, responses_of
from subterra.evidence.robust import fit_words, set_aside
from subterra.evidence.survey import SurveyEvidence
from subterra.ground import (
    CovarianceRoot,
    GroundKernel,
    GroundMixture,
    GroundModels,
    NuisanceGrid,
    RayMesh,
    Whitening,
    cached_arrays,
    crosshole_covariance,
    crosshole_grid,
    crosshole_root,
    crosshole_variance,
    direction_columns,
    eigenbases,
    factorise,
    ground_fit,
    layout_hash,
    make_ray_mesh,
    make_whitening,
    ray_lengths,
    shot_columns,
    simulate_noise,
    typical_spacing,
)
from subterra.physics import Rays
from subterra.scene import Plane, Scenes

__all__ = [
    "CrossholeEvidence",
    "RayErrors",
    "RayGround",
    "crosshole_models",
    "joined_ends",
    "panel_numbers",
]

Array = npt.NDArray[Any]

_FEWEST: Final = 5
_ONE_HOLE_M: Final = 1.0
_PANEL_DATA: Final = 40
"""Fewest data between two holes that make a panel of their own where none are named."""
_CELLS_PER_SPACING: Final = 2.0
_DENSE: Final = 2000
"""Data up to which covariances are formed."""
_RANK: Final = 1200
"""Modes of the field behind the covariance of more data."""
LENS_M: Final = 2.0
"""Correlation length of lenses: the diameter of a tunnel."""
_LENS_RANK: Final = 400


@dataclass(frozen=True)
class CrossholeEvidence(SurveyEvidence):
    """Data along rays between holes as one survey group.

    The host's speed is the survey's own and no site state.

    Parameters
    ----------
    unit : str
        Unit of the data: ``ns``, ``ms`` or ``dB``.
    rays : Rays
        Sources and receivers.
    surface : Plane
        Ground surface.
    panel : (n,) numpy.ndarray of int
        Panel of each datum; every panel has its own trend.
    background : (n,) numpy.ndarray
        What a datum would be without objects, ground and trend; a constant of the layout.
    """

    unit: str
    rays: Rays
    surface: Plane
    panel: Array
    background: Array

    @property
    def place(self) -> Array:
        """Both ends (n, 6) of each ray in metres: neighbours share their places."""
        return np.hstack([self.rays.at(0.0), self.rays.at(1.0)])

    def predict(self, scenes: Scenes) -> Array:
        """Background and response of the objects, (n, n_data), without trend."""
        return self.background + responses_of(self, scenes)

    def simulate(self, scenes: Scenes, rng: np.random.Generator) -> Self:
        """Draw data over the first scene from the ground models (trend zero)."""
        noise, error = simulate_noise(self.models, rng)
        response = responses_of(self, scenes)[0].astype(np.float64)
        return self.with_observed(self.background + (1.0 + error) * response + noise)

    def fit(self, scenes: Scenes, weight: Array) -> SurveyFit:
        """Explain the survey by the posterior mean response of weighted scenes.

        A datum stands at the middle of its ray, a panel is a line.
        """
        mean, snr = self.mean_response(scenes, weight)
        ground, noise = ground_fit(self.models, mean)
        x, y, z = self.rays.at(0.5).T
        return SurveyFit(
            self.kind,
            self.id,
            self.unit,
            x,
            y,
            self.panel,
            self.surface.at(x, y) - z,
            self.observed,
            self.observed - ground - noise,
            ground,
            noise,
            self.sd,
            snr,
            " ".join(filter(None, (fit_words(self, mean), *map(effect_words, self.effects())))),
        )

    def effects(self, shot: Sequence[str] | None = None) -> tuple[EffectTest, ...]:
        """Test whether direction (or the shot) explains what the models hold for noise.

        Parameters
        ----------
        shot : sequence of str, optional
            Firing of each datum.

        Returns
        -------
        tuple of EffectTest
            Direction of the rays, to order 4 in its cosines, and, where given, shots. A small
            probability says that trend and ground are not what this survey saw.
        """
        tests = [("direction", direction_columns(self.rays, 4))]
        if shot is not None:
            tests.append(("shot", shot_columns(shot)))
        return tuple(effect_test(self.models, name, columns) for name, columns in tests)


def joined_ends(tables: Sequence[Any]) -> tuple[Array, Array]:
    """Sources and receivers (n, 3) of several tables, one after the other."""
    source = [np.column_stack([t.sx_m, t.sy_m, t.sz_m]) for t in tables]
    receiver = [np.column_stack([t.rx_m, t.ry_m, t.rz_m]) for t in tables]
    return np.concatenate(source), np.concatenate(receiver)


def panel_numbers(tables: Sequence[Any]) -> Array:
    """Number of the panel of each datum; panels of different files are different.

    Where a file names none, the data between two holes are a panel.
    """
    labels = [
        f"{number}\n{name}"
        for number, table in enumerate(tables)
        for name in (table.panel or _hole_pairs(table))
    ]
    _, first, index = np.unique(np.array(labels), return_index=True, return_inverse=True)
    return np.argsort(np.argsort(first))[index.reshape(-1)]


def _hole_pairs(table: Any) -> Sequence[str]:
    """Name the pair of holes of each datum; all alike where a pair has too few data for a trend.

    Places within a metre of each other in plan belong to one hole, or to one gallery.
    """
    n = len(table)
    x, y = np.append(table.sx_m, table.rx_m), np.append(table.sy_m, table.ry_m)
    places, index = np.unique(np.column_stack([x, y]).round(2), axis=0, return_inverse=True)
    near = KDTree(places).query_pairs(_ONE_HOLE_M, output_type="ndarray")
    links = sparse.coo_array((np.ones(len(near)), tuple(near.T)), shape=(len(places),) * 2)
    hole = csgraph.connected_components(links, directed=False)[1][index.reshape(-1)]
    pairs = np.sort(np.column_stack([hole[:n], hole[n:]]), axis=1)
    _, counts = np.unique(pairs, axis=0, return_counts=True)
    if counts.min() < _PANEL_DATA:
        return ("",) * n
    return [f"{one}-{other}" for one, other in pairs]


@dataclass(frozen=True)
class RayGround:
    """What the ground does to each datum.

    Parameters
    ----------
    rays : Rays
        The survey.
    weight : (n,) numpy.ndarray
        What one metre of ground of unit amplitude adds to each datum.
    wavelength : (n,) numpy.ndarray
        Dominant wavelength, m.
    """

    rays: Rays
    weight: Array
    wavelength: Array


@dataclass(frozen=True)
class RayErrors:
    """Errors and model discrepancy of a crosshole survey.

    Parameters
    ----------
    sd : (n,) numpy.ndarray
        Standard errors with floor.
    shared : (n, k) numpy.ndarray
        One standard deviation of what several data share.
    lens : float
        Amplitude of ground on the scale of voids (exponential, `LENS_M` long), in the unit of the
        ground's. It is there whatever amplitude the ground has otherwise: a fracture zone in even
        granite is no void.
    """

    sd: Array
    shared: Array
    lens: float


def _whitening(errors: RayErrors, rows: Array, mesh: RayMesh) -> Whitening:
    """Noise with lenses: their leading modes as shared disturbances, the rest as variance."""
    ground = GroundMixture((GroundKernel(LENS_M, 1.0, 0.5),))
    rank = min(_LENS_RANK, rows[0].size)
    root = errors.lens * crosshole_root(rows, mesh, ground, rank)[0].astype(np.float64)
    full = errors.lens**2 * crosshole_variance(rows, mesh, ground)
    left = np.maximum(full - (root * root).sum(axis=1), 0.0)
    return make_whitening(np.sqrt(errors.sd**2 + left), np.hstack([errors.shared, root]))


def crosshole_models(
    kind: str,
    ground: RayGround,
    observed: Array,
    errors: RayErrors,
    trend: Array,
    grid: NuisanceGrid,
    cache_dir: Path | None,
) -> tuple[GroundModels, Array, tuple[int, ...], str]:
    """Prepare the ground models of a crosshole survey.

    Parameters
    ----------
    kind : str
        Kind of evidence.
    ground : RayGround
        Rays and what ground does to them.
    observed : (n,) numpy.ndarray
        Data.
    errors : RayErrors
        Noise and discrepancy.
    trend : (n, q) numpy.ndarray
        Columns of full rank that are projected out.
    grid : NuisanceGrid
        Amplitudes and noise scales.
    cache_dir : Path or None
        Where eigenbases are kept.

    Returns
    -------
    models : GroundModels
    sd : (n,) numpy.ndarray
        Standard errors with floor and with what of the lenses neighbours do not share.
    outliers : tuple of int
        Data taken for blunders.
    fingerprint : str
        Hash of the layout, the data and the settings.

    Raises
    ------
    InputError
        For fewer data than can stand out of their trend.
    """
    if len(observed) < _FEWEST or trend.shape[1] >= len(observed):
        problem = (
            f"a {kind} survey needs at least {max(_FEWEST, trend.shape[1] + 1)} data to stand out "
            f"of its trend: {len(observed)}"
        )
        raise InputError(problem)
    rays = ground.rays
    spacing = typical_spacing(rays)
    kernels = crosshole_grid(spacing)

    def make() -> list[Array]:
        mesh = make_ray_mesh(rays, spacing / _CELLS_PER_SPACING)
        rows = ray_lengths(rays, mesh, ground.wavelength)
        rows *= ground.weight.astype(np.float32)[:, None, None, None]
        noise = _whitening(errors, rows, mesh)
        covariances = (_covariance(rows, mesh, kernel) for kernel in kernels)
        return [noise.sd, noise.modes, noise.spread, *eigenbases(noise, trend, covariances)]

    layout = layout_hash(
        kind,
        *(rays.origin, rays.x, rays.y, rays.z, rays.dx, rays.dy, rays.dz, rays.length),
        *(ground.weight, ground.wavelength, errors.sd, errors.shared, errors.lens, LENS_M),
        *(kernels, trend),
    )
    sd, modes, spread, *bases = cached_arrays(cache_dir, layout, make)
    noise = Whitening(sd, modes, spread)
    models = factorise(observed, noise, bases, [k.label for k in kernels], grid)
    ends = np.hstack([rays.at(0.0), rays.at(1.0)])
    models, outliers = set_aside(models, ends)
    settings = (grid.amplitude, grid.noise, grid.kappa)
    return models, sd, outliers, layout_hash(layout, observed, *settings, outliers)


def _covariance(rows: Array, mesh: RayMesh, ground: GroundMixture) -> Array | CovarianceRoot:
    """Covariance of one ground model: formed for moderate surveys, as a root for large ones."""
    if len(rows) <= _DENSE:
        return crosshole_covariance(rows, mesh, ground)
    return CovarianceRoot(crosshole_root(rows, mesh, ground, _RANK)[0])
