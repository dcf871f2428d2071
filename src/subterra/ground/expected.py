"""What a survey can be expected to show before it is made: matched strength by ground model.

The matched signal-to-noise ratio of a response f under one ground model is √(f'C⁻¹f) with the
trend projected out; it needs the layout and no data. Before data every model of the nuisance grid
is as likely as the prior says, so that a forecast keeps the ratio of each model and its weight.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from subterra.errors import InputError
from subterra.ground.marginal import GroundModels, whitened
from subterra.ground.score import node_weights

__all__ = ["GroundNodes", "posterior_nodes", "prior_nodes", "snr_by_node", "white_responses"]

Array = npt.NDArray[Any]


@dataclass(frozen=True)
class GroundNodes:
    """Ground models of a survey: M nodes of kernel, amplitude and noise scale.

    Parameters
    ----------
    kernel : (M,) numpy.ndarray of int
        Index into ``GroundModels.labels``.
    amplitude : (M,) numpy.ndarray
        Standard deviation of the ground property (kg/m³ of density, 1 of ln ρ).
    noise : (M,) numpy.ndarray
        Factor on the stated standard errors.
    weight : (M,) numpy.ndarray
        Probabilities, summing to 1.
    """

    kernel: Array
    amplitude: Array
    noise: Array
    weight: Array

    def __len__(self) -> int:
        return len(self.weight)


def prior_nodes(
    models: GroundModels, *, amplitude: float | None = None, noise: float | None = None
) -> GroundNodes:
    """Ground models with their prior weights, amplitude or noise held fixed if given.

    Parameters
    ----------
    models : GroundModels
        The survey.
    amplitude : float, optional
        Standard deviation of the ground property, at least 0.
    noise : float, optional
        Factor on the stated standard errors, positive.

    Returns
    -------
    GroundNodes

    Raises
    ------
    InputError
        For a negative amplitude or a noise factor that is not positive.
    """
    if amplitude is not None and not 0.0 <= amplitude < np.inf:
        problem = f"the standard deviation of the ground must be at least 0, found {amplitude:g}"
        raise InputError(problem)
    if noise is not None and not 0.0 < noise < np.inf:
        problem = f"the factor on the stated errors must be positive, found {noise:g}"
        raise InputError(problem)
    s = models.grid.amplitude if amplitude is None else np.array([amplitude])
    e = models.grid.noise if noise is None else np.array([noise])
    kernel, s, e = np.meshgrid(np.arange(len(models.labels)), s, e, indexing="ij")
    n = kernel.size
    return GroundNodes(kernel.ravel(), s.ravel(), e.ravel(), np.full(n, 1.0 / n))


def posterior_nodes(models: GroundModels, response: Array | None = None) -> GroundNodes:
    """Ground models weighted by the data at hand.

    Parameters
    ----------
    models : GroundModels
        The survey with its data.
    response : (n_data,) numpy.ndarray, optional
        Response of what is thought to lie below; nothing by default. An object that is left out
        makes the ground look more restless than it is, so that a forecast errs on the careful
        side.

    Returns
    -------
    GroundNodes
    """
    nodes = prior_nodes(models)
    below = np.zeros(len(models.sd)) if response is None else response
    weight = node_weights(models, below).ravel()
    return GroundNodes(nodes.kernel, nodes.amplitude, nodes.noise, weight / weight.sum())


def _by_kernel(nodes: GroundNodes) -> Iterator[tuple[int, Array]]:
    for g in np.unique(nodes.kernel):
        yield int(g), np.flatnonzero(nodes.kernel == g)


def _variance(models: GroundModels, nodes: GroundNodes, g: int, index: Array) -> Array:
    """Variance (r + 1, k) of the eigencoordinates of kernel g at nodes; the last is the rest's."""
    s, e = nodes.amplitude[index], nodes.noise[index]
    eigen = np.append(models.eigen[g], models.rest[g, 0])
    return np.outer(eigen, s * s) + e * e


def _coordinates(models: GroundModels, g: int, white: Array) -> tuple[Array, Array]:
    """Eigencoordinates (n, r) of white responses, and what no kept eigenvector spans (n,)."""
    kept = white @ models.basis[g].T
    if len(models.basis[g]) == models.free:
        return kept, np.zeros(len(white), np.float32)
    total = np.einsum("ij,ij->i", white, white)
    return kept, np.maximum(total - np.einsum("ij,ij->i", kept, kept), 0.0)


def snr_by_node(models: GroundModels, nodes: GroundNodes, response: Array) -> Array:
    """Matched signal-to-noise ratio of each response under each ground model.

    Parameters
    ----------
    models : GroundModels
        The survey; its data do not enter.
    nodes : GroundNodes
        M ground models.
    response : (n, n_data) numpy.ndarray
        Responses in the unit of the data.

    Returns
    -------
    (n, M) numpy.ndarray of float32
        √(f'C⁻¹f), trend projected out.
    """
    out = np.empty((len(response), len(nodes)), np.float32)
    white = whitened(models, response.T).T.astype(np.float32)
    for g, index in _by_kernel(nodes):
        kept, left = _coordinates(models, g, white)
        weight = (1.0 / _variance(models, nodes, g, index)).astype(np.float32)
        out[:, index] = np.sqrt((kept * kept) @ weight[:-1] + np.outer(left, weight[-1]))
    return out


def white_responses(models: GroundModels, nodes: GroundNodes, node: int, response: Array) -> Array:
    """Responses in coordinates in which ground and noise of one model are white.

    Parameters
    ----------
    models, nodes, response
        As for `snr_by_node`.
    node : int
        The ground model.

    Returns
    -------
    (n, r) or (n, r + n_data) numpy.ndarray of float32
        The length of a row is its matched signal-to-noise ratio; its product with independent
        standard normal numbers is what the matched filter gives without an object. The further
        columns hold what no kept eigenvector spans.
    """
    g = int(nodes.kernel[node])
    white = whitened(models, response.T).T.astype(np.float32)
    sd = np.sqrt(_variance(models, nodes, g, np.array([node]))[:, 0]).astype(np.float32)
    kept = white @ models.basis[g].T
    if len(models.basis[g]) == models.free:
        return kept / sd[:-1]
    return np.hstack([kept / sd[:-1], (white - kept @ models.basis[g]) / sd[-1]])
