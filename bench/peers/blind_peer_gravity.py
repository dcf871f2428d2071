"""SimPEG: smooth (l2) and compact (reweighted) inversion of gravity for density."""

from __future__ import annotations

import numpy as np
from discretize import TensorMesh
from scipy.interpolate import RegularGridInterpolator
from simpeg import (
    data,
    data_misfit,
    directives,
    inverse_problem,
    inversion,
    maps,
    optimization,
    regularization,
)
from simpeg.potential_fields import gravity

STEP_M, SIDE_M = 2.0, 60.0
DEEPEST_M = 12.0
"""Columns are read from 1 m down to here: where targets are looked for."""


def _mesh():
    pad = STEP_M * 1.5 ** np.arange(1, 5)
    h = np.concatenate([pad[::-1], np.full(int(SIDE_M / STEP_M), STEP_M), pad])
    hz = np.concatenate([1.5 ** np.arange(5, 0, -1), np.ones(12)])
    return TensorMesh([h, h, hz], origin=[-pad.sum(), -pad.sum(), -hz.sum()])


def invert(xy, residual_ugal, sd_ugal, compact):
    """Density difference in g/cm3 on the cells of a mesh; returns mesh and model.

    The chi factor is 1 with the stated errors. SimPEG counts gz positive up and in milligal.
    """
    mesh = _mesh()
    n = mesh.n_cells
    place = np.column_stack([xy, np.full(len(xy), 0.3)])
    receivers = gravity.receivers.Point(place, components="gz")
    survey = gravity.survey.Survey(gravity.sources.SourceField(receiver_list=[receivers]))
    simulation = gravity.simulation.Simulation3DIntegral(
        survey=survey,
        mesh=mesh,
        rhoMap=maps.IdentityMap(nP=n),
        store_sensitivities="ram",
        engine="choclo",
    )
    observed = data.Data(
        survey, dobs=-residual_ugal / 1000.0, standard_deviation=np.full(len(xy), sd_ugal / 1000.0)
    )
    misfit = data_misfit.L2DataMisfit(data=observed, simulation=simulation)
    steps = [
        directives.UpdateSensitivityWeights(every_iteration=False),
        directives.BetaEstimate_ByEig(beta0_ratio=10.0, random_seed=1),
    ]
    if compact:
        smoothing = regularization.Sparse(mesh, norms=[0.0, 1.0, 1.0, 1.0])
        steps += [directives.UpdateIRLS(f_min_change=1e-3, max_irls_iterations=20)]
    else:
        smoothing = regularization.WeightedLeastSquares(mesh)
        steps += [
            directives.BetaSchedule(coolingFactor=2.0, coolingRate=1),
            directives.TargetMisfit(chifact=1.0),
        ]
    steps += [directives.UpdatePreconditioner()]
    search = optimization.ProjectedGNCG(
        maxIter=40, lower=-2.5, upper=0.6, maxIterLS=10, cg_maxiter=20, cg_rtol=1e-3
    )
    problem = inverse_problem.BaseInvProblem(misfit, smoothing, search)
    model = inversion.BaseInversion(problem, directiveList=steps).run(np.full(n, 1e-6))
    return mesh, model


def column_maps(mesh, model, grid, cells):
    """Maps of the deficit in each column: largest, summed over depth, and depth of the largest."""
    deficit = -model.reshape(mesh.shape_cells, order="F")
    z = mesh.cell_centers_z
    rows = (z < -1.0) & (z > -DEEPEST_M)
    part = deficit[:, :, rows]
    out = {
        "max": part.max(axis=2),
        "sum": part.sum(axis=2),
        "depth": -z[rows][part.argmax(axis=2)],
    }
    axes = (mesh.cell_centers_x, mesh.cell_centers_y)
    return {
        name: RegularGridInterpolator(axes, v)(grid).reshape(cells, cells)
        for name, v in out.items()
    }
