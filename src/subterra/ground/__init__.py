"""Geology between objects: Gaussian fields marginalised into the covariance of the data."""

from subterra.ground.cache import cached_arrays, layout_hash
from subterra.ground.correlation import averaged_correlation, correlation
from subterra.ground.crosshole import (
    GroundMixture,
    RayMesh,
    crosshole_covariance,
    crosshole_grid,
    crosshole_root,
    crosshole_variance,
    make_ray_mesh,
    ray_lengths,
    typical_spacing,
)
from subterra.ground.density import gravity_covariance
from subterra.ground.electrodes import electrode_columns
from subterra.ground.fit import ground_fit, simulate_noise, with_noise
from subterra.ground.marginal import (
    GroundModels,
    NuisanceGrid,
    factorise,
    focus,
    whitened,
    with_data,
)
from subterra.ground.noise import Whitening, make_whitening
from subterra.ground.nuisance import GroundKernel, gravity_grid, resistivity_grid
from subterra.ground.outliers import (
    LeaveOneOut,
    OutlierModel,
    find_outliers,
    leave_one_out,
    neighbours_of,
    outlier_odds,
    with_outliers,
)
from subterra.ground.ray_trend import (
    ANISOTROPIES,
    direction_columns,
    level_trend,
    shot_columns,
    traveltime_trend,
)
from subterra.ground.resistivity import (
    SensitivityMesh,
    make_mesh,
    resistivity_covariance,
    sensitivity,
)
from subterra.ground.score import (
    amplitude_scan,
    log_likelihood,
    matched_snr,
    model_weights,
    node_weights,
)
from subterra.ground.spectrum import CovarianceRoot, eigenbases
from subterra.ground.structure import (
    Structure,
    residual_structure,
    structure_words,
    widened,
)
from subterra.ground.trend import by_file, gravity_trend, resistivity_trend

__all__ = [
    "ANISOTROPIES",
    "CovarianceRoot",
    "GroundKernel",
    "GroundMixture",
    "GroundModels",
    "LeaveOneOut",
    "NuisanceGrid",
    "OutlierModel",
    "RayMesh",
    "SensitivityMesh",
    "Structure",
    "Whitening",
    "amplitude_scan",
    "averaged_correlation",
    "by_file",
    "cached_arrays",
    "correlation",
    "crosshole_covariance",
    "crosshole_grid",
    "crosshole_root",
    "crosshole_variance",
    "direction_columns",
    "eigenbases",
    "electrode_columns",
    "factorise",
    "find_outliers",
    "focus",
    "gravity_covariance",
    "gravity_grid",
    "gravity_trend",
    "ground_fit",
    "layout_hash",
    "leave_one_out",
    "level_trend",
    "log_likelihood",
    "make_mesh",
    "make_ray_mesh",
    "make_whitening",
    "matched_snr",
    "model_weights",
    "neighbours_of",
    "node_weights",
    "outlier_odds",
    "ray_lengths",
    "residual_structure",
    "resistivity_covariance",
    "resistivity_grid",
    "resistivity_trend",
    "sensitivity",
    "shot_columns",
    "simulate_noise",
    "structure_words",
    "traveltime_trend",
    "typical_spacing",
    "whitened",
    "widened",
    "with_data",
    "with_noise",
    "with_outliers",
]
