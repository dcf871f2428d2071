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
from subterra.ground.density import UNDERGROUND_M, gravity_covariance
from subterra.ground.discrepancy import DiscrepancyStudy, study_discrepancy
from subterra.ground.electrodes import electrode_columns
from subterra.ground.expected import (
    GroundNodes,
    posterior_nodes,
    prior_nodes,
    snr_by_node,
    white_responses,
)
from subterra.ground.fit import ground_fit, simulate_noise, with_noise
from subterra.ground.layers import LayerFit, Soundings, fit_layers, make_soundings
from subterra.ground.loops import (
    DRIFT_SD_UGAL_PER_H,
    TIE_SD_UGAL,
    loop_columns,
)
from subterra.ground.marginal import (
    GroundModels,
    NuisanceGrid,
    factorise,
    focus,
    whitened,
    with_data,
)
from subterra.ground.mesh import ColumnMesh
from subterra.ground.mesh_background import column_mesh, mesh_background, nearest_resistivity
from subterra.ground.mesh_potentials import MeshPotentials, solve_potentials
from subterra.ground.noise import Whitening, make_whitening
from subterra.ground.nuisance import (
    DensityKernel,
    FractalKernel,
    GroundKernel,
    WhiteKernel,
    clutter_grid,
    gravity_grid,
    resistivity_grid,
)
from subterra.ground.outliers import (
    LeaveOneOut,
    OutlierModel,
    find_outliers,
    leave_one_out,
    neighbours_of,
    outlier_odds,
    with_outliers,
)
from subterra.ground.pairs import FirstOfPair, first_of_pair, pair_scores
from subterra.ground.ray_trend import (
    ANISOTROPIES,
    bed_columns,
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
from subterra.ground.topography import surface_through
from subterra.ground.trend import block_trend, by_file, gravity_trend, resistivity_trend

__all__ = [
    "ANISOTROPIES",
    "DRIFT_SD_UGAL_PER_H",
    "TIE_SD_UGAL",
    "UNDERGROUND_M",
    "ColumnMesh",
    "CovarianceRoot",
    "DensityKernel",
    "DiscrepancyStudy",
    "FirstOfPair",
    "FractalKernel",
    "GroundKernel",
    "GroundMixture",
    "GroundModels",
    "GroundNodes",
    "LayerFit",
    "LeaveOneOut",
    "MeshPotentials",
    "NuisanceGrid",
    "OutlierModel",
    "RayMesh",
    "SensitivityMesh",
    "Soundings",
    "Structure",
    "WhiteKernel",
    "Whitening",
    "amplitude_scan",
    "averaged_correlation",
    "bed_columns",
    "block_trend",
    "by_file",
    "cached_arrays",
    "clutter_grid",
    "column_mesh",
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
    "first_of_pair",
    "fit_layers",
    "focus",
    "gravity_covariance",
    "gravity_grid",
    "gravity_trend",
    "ground_fit",
    "layout_hash",
    "leave_one_out",
    "level_trend",
    "log_likelihood",
    "loop_columns",
    "make_mesh",
    "make_ray_mesh",
    "make_soundings",
    "make_whitening",
    "matched_snr",
    "mesh_background",
    "model_weights",
    "nearest_resistivity",
    "neighbours_of",
    "node_weights",
    "outlier_odds",
    "pair_scores",
    "posterior_nodes",
    "prior_nodes",
    "ray_lengths",
    "residual_structure",
    "resistivity_covariance",
    "resistivity_grid",
    "resistivity_trend",
    "sensitivity",
    "shot_columns",
    "simulate_noise",
    "snr_by_node",
    "solve_potentials",
    "structure_words",
    "study_discrepancy",
    "surface_through",
    "traveltime_trend",
    "typical_spacing",
    "white_responses",
    "whitened",
    "widened",
    "with_data",
    "with_noise",
    "with_outliers",
]
