"""Resistivity surveys: apparent resistivity of four-electrode arrays, datum ln ρa."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Self

import numpy as np
import numpy.typing as npt

from subterra.errors import InputError
from subterra.evidence.electrode_layout import (
    line_numbers,
    median_spacing,
    plan_middle,
    pseudo_depth,
    stack_surveys,
)
from subterra.evidence.protocol import SurveyFit, responses_of
from subterra.evidence.reciprocal import combine_reciprocals
from subterra.evidence.robust import fit_words, set_aside
from subterra.evidence.survey import SurveyEvidence
from subterra.ground import (
    NuisanceGrid,
    by_file,
    cached_arrays,
    eigenbases,
    electrode_columns,
    factorise,
    ground_fit,
    layout_hash,
    make_mesh,
    make_whitening,
    resistivity_covariance,
    resistivity_grid,
    resistivity_trend,
    sensitivity,
    simulate_noise,
)
from subterra.physics import (
    Background,
    Fillings,
    LayeredEarth,
    Quadripoles,
    layered_background,
    log_response,
    make_quadripoles,
    resistivity_response,
)
from subterra.scene import Objects, Plane, Prior, Scenes
from subterra.tables import ResistivityTable

__all__ = ["ResistivityEvidence", "resistivity_evidence"]

Array = npt.NDArray[Any]

_FLOOR: Final = 0.05
"""Model discrepancy: part of ρa that neither closed form nor linearised ground can answer for."""
_DEFAULT_ERROR: Final = 0.02
"""Relative error of a survey whose crew states none."""
_FEWEST: Final = 8
_HOST_SD: Final = 0.5
"""How far the survey's mean ln ρa may lie from ln of the host resistivity."""
_LEVEL_M: Final = 0.05
"""How far an electrode may stand over the site's plane unless the background knows the ground."""
_DOMAIN: Final = 0.6
"""Response of ln ρa up to which κ holds: an air drive reaches it at radius/depth 0.6–0.7, beyond
which the closed form fails fast."""
_GRID: Final = NuisanceGrid(
    amplitude=np.geomspace(0.08, 1.3, 8),
    noise=np.array([1.0, 1.4, 2.0, 2.8]),
    kappa=0.2,
    domain=_DOMAIN,
)


@dataclass(frozen=True)
class ResistivityEvidence(SurveyEvidence):
    """All resistivity of a site as one survey group: data ln ρa, ρa in Ω·m.

    ``models`` hold the data less the background's.

    Parameters
    ----------
    layout : Quadripoles
        Electrodes and data.
    surface : Plane
        Ground surface.
    x_m, y_m : (n,) numpy.ndarray
        Middle of each quadripole in metres.
    pseudo_depth_m : (n,) numpy.ndarray
        Median depth of investigation in metres; the mean depth of buried electrodes.
    line : (n,) numpy.ndarray of int
        Line of each datum.
    background : Background or None
        Ground about which objects and heterogeneity are understood; None is uniform. The
        heterogeneity's sensitivities stay those of a uniform half-space.
    fillings : Fillings or None
        What is known of linings and of the water table.
    """

    layout: Quadripoles
    surface: Plane
    x_m: Array
    y_m: Array
    pseudo_depth_m: Array
    line: Array
    background: Background | None = None
    fillings: Fillings | None = None

    @property
    def offset(self) -> Array:
        """What the background adds to ln ρa, about its mean, (n,)."""
        return _offset(self.background, len(self.observed))

    @property
    def place(self) -> Array:
        """Place (n, d) of each datum in metres, for finding its neighbours."""
        return np.column_stack([self.x_m, self.y_m, self.pseudo_depth_m])

    def object_response(self, objects: Objects) -> Array:
        """Fractional change F of apparent resistivity by each object alone, (n, n_data)."""
        return resistivity_response(
            objects, self.layout, self.surface, self.background, self.fillings
        )

    def combine(self, total: Array) -> Array:
        """Response of ln ρa, ln(1 + ΣF)."""
        return log_response(total)

    def site_log_likelihood(self, scenes: Scenes) -> Array:
        """Log-likelihood (n,) of the host resistivity from the level of the survey."""
        away = (self.observed.mean() - np.log(scenes.host_resistivity)) / _HOST_SD
        return -0.5 * away**2

    def predict(self, scenes: Scenes) -> Array:
        """Response of ln ρa over the host, (n, n_data): ln host resistivity + ln(1 + ΣF)."""
        host = np.log(scenes.host_resistivity)[:, None] + self.offset
        return host + log_response(responses_of(self, scenes))

    def simulate(self, scenes: Scenes, rng: np.random.Generator) -> Self:
        """Draw ln ρa over the first scene from the ground models."""
        noise, error = simulate_noise(self.models, rng)
        response = log_response(responses_of(self, scenes))[0].astype(np.float64)
        level = np.log(scenes.host_resistivity[0]) + _HOST_SD * rng.standard_normal()
        error *= self.models.grid.response_error(response[None, :])[0] / self.models.grid.kappa
        data = (1.0 + error) * response + noise + self.offset
        data += level - data.mean()
        return self.with_observed(data, self.offset)

    def fit(self, scenes: Scenes, weight: Array) -> SurveyFit:
        """Explain the survey by the posterior mean response of weighted scenes."""
        mean, snr = self.mean_response(scenes, weight)
        ground, noise = ground_fit(self.models, mean)
        return SurveyFit(
            self.kind,
            self.id,
            "Ω·m",
            self.x_m,
            self.y_m,
            self.line,
            self.pseudo_depth_m,
            np.exp(self.observed),
            np.exp(self.observed - ground - noise),
            100.0 * ground,
            100.0 * noise,
            100.0 * self.sd,
            snr,
            fit_words(self, mean),
        )


def _offset(background: Background | None, n: int) -> Array:
    """What a background adds to ln ρa, about its mean; zero over a uniform one."""
    if background is None:
        return np.zeros(n)
    return background.log_rhoa - background.log_rhoa.mean()


def resistivity_evidence(
    tables: Sequence[ResistivityTable],
    prior: Prior,
    *,
    id: str = "resistivity",
    cache_dir: Path | None = None,
    position_sd_m: float = 0.0,
    layers: LayeredEarth | None = None,
    ground: Callable[[Quadripoles, float], Background] | None = None,
    fillings: Fillings | None = None,
) -> ResistivityEvidence:
    """Make the survey group of all resistivity files of a site.

    Parameters
    ----------
    tables : sequence of ResistivityTable
        One per file; each has its own trend.
    prior : Prior
        Gives the surface.
    id : str
        Name in the ledger.
    cache_dir : Path, optional
        Where eigenbases of the layout's covariances are kept.
    position_sd_m : float
        Standard deviation of an electrode's place along each axis, metres: an error that all data
        of that electrode share. 0, the default, leaves it to the error floor.
    layers : LayeredEarth, optional
        Level layers about which objects and heterogeneity are understood.
    ground : callable, optional
        Makes any other background, say ``mesh_background``, from the layout and the typical
        spacing of electrodes in metres; electrodes may then lie over the site's plane.
    fillings : Fillings, optional
        What is known of linings and of the water table.

    Returns
    -------
    ResistivityEvidence

    Raises
    ------
    InputError
        If a datum has no geometric factor or there are fewer than eight data in all.
    """
    tables = [combine_reciprocals(t)[0] for t in tables]
    x, y, z, abmn = stack_surveys(tables, prior)
    if layers is not None and ground is not None:
        problem = "a survey has one background: layers, or another ground"
        raise InputError(problem)
    above = _LEVEL_M if ground is None else np.inf
    layout = make_quadripoles(x, y, z, abmn, prior.surface, above_m=above)
    observed, sd = _data(tables)
    noise = make_whitening(sd, electrode_columns(layout, sd, position_sd_m))
    place = plan_middle(layout, x), plan_middle(layout, y), pseudo_depth(layout)
    file = np.repeat(np.arange(len(tables)), [len(t.rhoa_ohmm) for t in tables])
    parts = [resistivity_trend(*(v[file == i] for v in place)) for i in range(len(tables))]
    trend = by_file(file, parts)
    used = np.unique(abmn[abmn >= 0])
    spacing = median_spacing(x[used], y[used], z[used])
    kernels = resistivity_grid(spacing)

    def make_bases() -> list[Array]:
        mesh = make_mesh(layout, spacing)
        rows = sensitivity(layout, mesh)
        return eigenbases(noise, trend, (resistivity_covariance(rows, mesh, k) for k in kernels))

    bases = cached_arrays(
        cache_dir,
        layout_hash(
            "resistivity", layout.x, layout.y, layout.z, abmn, kernels, sd, trend, position_sd_m
        ),
        make_bases,
    )
    background = None if ground is None else ground(layout, spacing)
    if layers is not None:
        deepest = 2.0 * prior.depth_m
        background = layered_background(layers, layout, deepest_m=deepest, spacing_m=spacing)
    about = observed - _offset(background, len(observed))
    models = factorise(about, noise, bases, [k.label for k in kernels], _GRID)
    models, outliers = set_aside(models, np.column_stack(place))
    grid = (_GRID.amplitude, _GRID.noise, _GRID.kappa, _GRID.domain)
    # What is not there leaves fingerprints as they were.
    label = [v for v in (background and background.label, fillings) if v is not None]
    fingerprint = layout_hash(
        "resistivity",
        x,
        y,
        layout.z,
        abmn,
        observed,
        sd,
        file,
        kernels,
        *grid,
        _HOST_SD,
        position_sd_m,
        outliers,
        *label,
    )
    return ResistivityEvidence(
        id,
        "resistivity",
        fingerprint,
        observed,
        sd,
        models,
        outliers,
        layout,
        prior.surface,
        *place,
        line_numbers(layout),
        background,
        fillings,
    )


def _data(tables: Sequence[ResistivityTable]) -> tuple[Array, Array]:
    """Data ln ρa (n,), ρa in Ω·m, and their standard errors with the floor."""
    rhoa = np.concatenate([t.rhoa_ohmm for t in tables]).astype(np.float64)
    if len(rhoa) < _FEWEST:
        problem = (
            f"a resistivity survey needs at least {_FEWEST} data to stand out of its trend: "
            f"{len(rhoa)}"
        )
        raise InputError(problem)
    error = np.concatenate(
        [
            np.full(len(t.rhoa_ohmm), _DEFAULT_ERROR) if t.err_relative is None else t.err_relative
            for t in tables
        ]
    )
    return np.log(rhoa), np.hypot(error, _FLOOR)
