"""Correlation functions of the ground, and their averages over cells of a tensor mesh."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["averaged_correlation", "correlation"]

Array = npt.NDArray[Any]


def correlation(lag: Array, length: float, smoothness: float) -> Array:
    """Matérn correlation with smoothness 1/2 (exponential) or 3/2.

    Parameters
    ----------
    lag : numpy.ndarray
        Distances in metres, any shape.
    length : float
        Correlation length ``l`` in metres: ``exp(−d/l)`` or ``(1 + √3 d/l) exp(−√3 d/l)``.
    smoothness : float
        0.5 or 1.5.

    Returns
    -------
    numpy.ndarray
        Correlation, 1 at zero lag.

    Raises
    ------
    ValueError
        For another smoothness.
    """
    u = np.abs(lag) / length
    if smoothness == 0.5:
        return np.exp(-u)
    if smoothness == 1.5:
        u = np.sqrt(3.0) * u
        return (1.0 + u) * np.exp(-u)
    problem = f"smoothness must be 0.5 or 1.5, found {smoothness}"
    raise ValueError(problem)


def averaged_correlation(edges: Array, length: float, smoothness: float) -> Array:
    """Mean correlation between pairs of cells of one axis of a mesh.

    Parameters
    ----------
    edges : (n + 1,) numpy.ndarray
        Cell edges in metres, increasing.
    length : float
        Correlation length in metres.
    smoothness : float
        0.5 or 1.5.

    Returns
    -------
    (n, n) numpy.ndarray
        Correlation averaged over both cells, so that a cell wider than the correlation length
        carries the variance of its mean and not that of a point.
    """
    width = np.diff(edges)
    per_cell = np.clip(np.ceil(4.0 * width / length), 2, 24).astype(int)
    point = np.concatenate(
        [e + w * (np.arange(k) + 0.5) / k for e, w, k in zip(edges, width, per_cell, strict=False)]
    )
    owner = np.repeat(np.arange(len(width)), per_cell)
    mean = np.zeros((len(width), len(point)))
    mean[owner, np.arange(len(point))] = 1.0 / per_cell[owner]
    return mean @ correlation(point[:, None] - point[None, :], length, smoothness) @ mean.T
