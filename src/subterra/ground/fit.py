"""What a survey's ground models say of one response, data drawn from them, and other noise."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from subterra.ground.marginal import (
    GroundModels,
    factorise,
    half_log_determinant,
    whitened,
)
from subterra.ground.noise import Whitening, colour
from subterra.ground.score import node_weights
from subterra.ground.spectrum import CovarianceRoot, eigenbases

__all__ = ["ground_fit", "simulate_noise", "with_noise"]

Array = npt.NDArray[Any]


def ground_fit(models: GroundModels, response: Array) -> tuple[Array, Array]:
    """Posterior mean of the ground and of the noise for one response.

    Parameters
    ----------
    models : GroundModels
        The survey.
    response : (n,) numpy.ndarray
        Response of the scene, or its posterior mean.

    Returns
    -------
    ground, noise : (n,) numpy.ndarray
        In the unit of the data, trend-free; observed − response − ground − noise is the trend.
    """
    weight = node_weights(models, response)
    s, e = models.grid.nodes()
    white = models.detrended - whitened(models, response)
    ground = np.zeros(len(white))
    for g, basis in enumerate(models.basis):
        part, other = np.outer(models.eigen[g], s * s), s * s * models.rest[g, 0]
        share = (part / (part + e * e)) @ weight[g]
        outside = float((other / (other + e * e)) @ weight[g])
        ground += outside * white + (share - outside) * (basis @ white) @ basis
    return colour(models.noise, ground), colour(models.noise, white - ground)


def simulate_noise(models: GroundModels, rng: np.random.Generator) -> tuple[Array, float]:
    """Draw ground and noise of a survey from the models themselves.

    Returns
    -------
    noise : (n,) numpy.ndarray
        Ground plus noise without trend, in the unit of the data.
    error : float
        The multiplicative error κε of a response inside the closed form's domain.
    """
    g = int(rng.integers(len(models.labels)))
    s, e = models.grid.nodes()
    j = int(rng.integers(len(s)))
    basis, eigen = models.basis[g], models.eigen[g]
    outside = np.sqrt(models.rest[g, 0] * s[j] ** 2 + e[j] ** 2)
    white = rng.standard_normal(len(models.sd))
    white -= models.trend @ (models.trend.T @ white)
    grow = np.sqrt(eigen * s[j] ** 2 + e[j] ** 2) - outside
    white = outside * white + (grow * (basis @ white)) @ basis
    white -= models.trend @ (models.trend.T @ white)
    return colour(models.noise, white), float(models.grid.kappa * rng.standard_normal())


def with_noise(models: GroundModels, noise: Whitening) -> GroundModels:
    """Return the same survey, ground and trend with other errors.

    The ground covariances are taken from the eigenbases, so that they need not be made again;
    directions that these do not span keep their mean eigenvalue.

    Parameters
    ----------
    models : GroundModels
        The survey.
    noise : Whitening
        Other standard errors, or other shared disturbances, of the same data.

    Returns
    -------
    GroundModels
    """

    def covariances() -> Iterator[Array | CovarianceRoot]:
        for basis, eigen in zip(models.basis, models.eigen, strict=True):
            root = colour(models.noise, basis.T.astype(np.float64)) * np.sqrt(eigen)
            full = len(basis) == models.free
            yield root @ root.T if full else CovarianceRoot(root)

    trend = colour(models.noise, models.trend)
    bases = eigenbases(noise, trend, covariances(), models.head.dtype)
    bases[3::3] = list(models.rest)
    observed = colour(models.noise, models.detrended)
    renewed = factorise(observed, noise, bases, models.labels, models.grid)
    # Of kernels that were focused on each keeps its share of the prior.
    grid, free = models.grid, models.free
    share = models.log_norm + half_log_determinant(grid, models.eigen, models.rest, free)
    change = half_log_determinant(grid, renewed.eigen, renewed.rest, free)
    return replace(renewed, log_norm=share - change)
