"""Likelihood of two responses together, for all pairs of a few with many.

With W of one node, F = (f₁ + a f₂)'W(f₁ + a f₂) = F₁₁ + 2a F₁₂ + a²F₂₂ and c = c₁ + a c₂: once Wf₁
is made for the few, a pair costs the inner product F₁₂ = (Wf₁)'f₂. Only the nodes that matter are
used and the best of them is taken: this ranks pairs, it does not score scenes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from subterra.ground.marginal import GroundModels, focus
from subterra.ground.score import node_weights, project_scenes
from subterra.kernel import kernel

__all__ = ["FirstOfPair", "first_of_pair", "pair_scores"]

Array = npt.NDArray[Any]

_NODES: Final = 3


@dataclass(frozen=True)
class FirstOfPair:
    """The few: M responses prepared for J nodes.

    Parameters
    ----------
    models : GroundModels
        The survey with the ground kernels of these nodes.
    kernel, node : (J,) numpy.ndarray of int
        Nodes that are used.
    weighted : (J, M, n) numpy.ndarray of float32
        Wf₁ in whitened data space.
    cross, square : (J, M) numpy.ndarray
        f₁'Wd and f₁'Wf₁.
    """

    models: GroundModels
    kernel: Array
    node: Array
    weighted: Array
    cross: Array
    square: Array


def _nodes_that_matter(models: GroundModels, responses: Sequence[Array]) -> tuple[Array, Array]:
    """Nodes of the largest posterior share for any of some responses."""
    share = np.max([node_weights(models, response) for response in responses], axis=0)
    best = np.argsort(share, axis=None)[::-1][:_NODES]
    g, j = np.unravel_index(best, share.shape)
    return np.asarray(g), np.asarray(j)


def first_of_pair(models: GroundModels, response: Array, typical: Sequence[Array]) -> FirstOfPair:
    """Prepare the few.

    Parameters
    ----------
    models : GroundModels
        The survey.
    response : (M, n) numpy.ndarray of float32
        Responses in the unit of the data.
    typical : sequence of (n,) numpy.ndarray
        Responses, none among them, whose best nodes are used.

    Returns
    -------
    FirstOfPair
    """
    kernels, nodes = _nodes_that_matter(models, typical)
    asked, kernels = np.unique(kernels, return_inverse=True)
    models = focus(models, [int(g) for g in asked])
    white, cross, square = project_scenes(models, response)
    s, e = models.grid.nodes()
    weighted = np.empty((len(nodes), *white.shape), white.dtype)
    for k, (g, j) in enumerate(zip(kernels, nodes, strict=True)):
        weight = 1.0 / (s[j] ** 2 * models.eigen[g] + e[j] ** 2)
        outside = 1.0 / (s[j] ** 2 * models.rest[g, 0] + e[j] ** 2)
        basis = models.basis[g]
        part = (white @ basis.T) * (weight - outside).astype(white.dtype)
        weighted[k] = part @ basis + white.dtype.type(outside) * white
    at = (kernels, slice(None), nodes)
    return FirstOfPair(models, kernels, nodes, weighted, cross[at], square[at])


@kernel
def _heights(
    start: Array,
    cross_1: Array,
    square_1: Array,
    cross_2: Array,
    square_2: Array,
    both: Array,
    kappa_2: float,
    amplitude: Array,
    out: Array,
) -> None:
    for m in range(out.shape[0]):
        for p in range(out.shape[1]):
            for k in range(amplitude.size):
                a = amplitude[k]
                top = -np.inf
                for j in range(start.size):
                    c = cross_1[j, m] + a * cross_2[j, p]
                    f = square_1[j, m] + a * (2.0 * both[j, m, p] + a * square_2[j, p])
                    gain = 1.0 + kappa_2 * f
                    fall = (f - (2.0 + kappa_2 * c) * c) / gain + np.log(gain)
                    top = max(top, start[j] - 0.5 * fall)
                out[m, p, k] = top


def pair_scores(first: FirstOfPair, response: Array, amplitude: Array) -> Array:
    """Log-likelihood of pairs, best node, relative to none of either.

    Parameters
    ----------
    first : FirstOfPair
        The few, M.
    response : (p, n) numpy.ndarray of float32
        Responses of the many, taken as linear in the amplitude.
    amplitude : (k,) numpy.ndarray
        Factors on them.

    Returns
    -------
    (M, p, k) numpy.ndarray of float32
    """
    models = first.models
    white, cross, square = project_scenes(models, response)
    start = models.log_norm - 0.5 * models.data_square
    start = (start - start.max())[first.kernel, first.node]
    at = (first.kernel, slice(None), first.node)
    out = np.empty((first.cross.shape[1], len(response), len(amplitude)), np.float32)
    single = np.float32
    _heights(
        start.astype(single),
        first.cross.astype(single),
        first.square.astype(single),
        cross[at].astype(single),
        square[at].astype(single),
        np.matmul(first.weighted, white.T).astype(single),
        models.grid.kappa**2,
        np.asarray(amplitude, single),
        out,
    )
    return out
