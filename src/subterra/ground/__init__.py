"""Geology between objects: Gaussian fields marginalised into the covariance of the data."""

from subterra.ground.cache import cached_arrays, layout_hash
from subterra.ground.correlation import averaged_correlation, correlation
from subterra.ground.density import gravity_covariance
from subterra.ground.marginal import (
    GroundModels,
    NuisanceGrid,
    amplitude_scan,
    eigenbases,
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
from subterra.ground.trend import by_file, gravity_trend, resistivity_trend

__all__ = [
    "GroundKernel",
    "GroundModels",
    "NuisanceGrid",
    "SensitivityMesh",
    "amplitude_scan",
    "averaged_correlation",
    "by_file",
    "cached_arrays",
    "correlation",
    "eigenbases",
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
