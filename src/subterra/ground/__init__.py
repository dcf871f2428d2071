"""Geology between objects: Gaussian fields marginalised into the covariance of the data."""

from subterra.ground.cache import cached_covariances, layout_hash
from subterra.ground.correlation import averaged_correlation, correlation
from subterra.ground.density import gravity_covariance
from subterra.ground.marginal import (
    GroundModels,
    NuisanceGrid,
    amplitude_scan,
    factorise,
    focus,
    ground_fit,
    log_likelihood,
    matched_snr,
    model_weights,
    simulate_noise,
    with_data,
)
from subterra.ground.nuisance import GroundKernel, gravity_grid, resistivity_grid
from subterra.ground.resistivity import (
    SensitivityMesh,
    make_mesh,
    resistivity_covariance,
    sensitivity,
)
from subterra.ground.trend import gravity_trend, resistivity_trend

__all__ = [
    "GroundKernel",
    "GroundModels",
    "NuisanceGrid",
    "SensitivityMesh",
    "amplitude_scan",
    "averaged_correlation",
    "cached_covariances",
    "correlation",
    "factorise",
    "focus",
    "gravity_covariance",
    "gravity_grid",
    "gravity_trend",
    "ground_fit",
    "layout_hash",
    "log_likelihood",
    "make_mesh",
    "matched_snr",
    "model_weights",
    "resistivity_covariance",
    "resistivity_grid",
    "resistivity_trend",
    "sensitivity",
    "simulate_noise",
    "with_data",
]
