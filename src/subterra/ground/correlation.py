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


def _second_integral(lag: Array, length: float, smoothness: float) -> Array:
    """Even function, zero at zero lag, whose second derivative is the correlation, m²."""
    u = np.abs(lag) / length
    if smoothness == 0.5:
        return length**2 * (np.expm1(-u) + u)
    u = np.sqrt(3.0) * u
    return length**2 / 3.0 * (u * np.exp(-u) + 3.0 * np.expm1(-u) + 2.0 * u)


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
        carries the variance of its mean and not that of a point. Exact: the double integral over
        two cells is a second difference of the correlation's second integral.
    """
    width = np.diff(edges)
    g = _second_integral(edges[:, None] - edges[None, :], length, smoothness)
    total = g[1:, :-1] - g[1:, 1:] - g[:-1, :-1] + g[:-1, 1:]
    return total / np.outer(width, width)
