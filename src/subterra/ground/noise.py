"""Correlated noise: what several data share beyond their own errors, and whitening by both.

The noise of a survey has covariance ``N = e² D (I + M M') D`` with D the stated standard errors and
``D M`` the noise columns: one column for each disturbance of unit variance that several data share
(an electrode's position, a gravity loop's drift, the zero time of a shot). With the thin singular
value decomposition M = A Σ B',

    N^(−1/2) ∝ (I − A c A') D⁻¹,  c = 1 − 1/√(1 + Σ²),

so that whitening costs two thin products however many data there are.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["Whitening", "colour", "detrending", "make_whitening", "whiten"]

Array = npt.NDArray[Any]


@dataclass(frozen=True)
class Whitening:
    """Standard errors and shared disturbances of a survey, ready for use.

    Parameters
    ----------
    sd : (n,) numpy.ndarray
        Standard errors, floor included, in the unit of the data.
    modes : (n, k) numpy.ndarray
        Orthonormal directions A of the shared disturbances over the standard errors.
    spread : (k,) numpy.ndarray
        Their singular values Σ: standard deviation over that of independent errors.
    """

    sd: Array
    modes: Array
    spread: Array


def make_whitening(sd: Array, columns: Array | None = None) -> Whitening:
    """Prepare the noise of a survey.

    Parameters
    ----------
    sd : (n,) numpy.ndarray
        Standard errors, floor included, in the unit of the data.
    columns : (n, k) numpy.ndarray, optional
        Effect on the data of one standard deviation of each shared disturbance, same unit. The
        disturbances are independent of each other; k should be well below n.

    Returns
    -------
    Whitening

    Raises
    ------
    ValueError
        If the shapes do not fit.
    """
    sd = np.asarray(sd, np.float64)
    if columns is None or columns.shape[1] == 0:
        return Whitening(sd, np.zeros((len(sd), 0)), np.zeros(0))
    if columns.shape[0] != len(sd):
        problem = f"noise columns of {columns.shape[0]} rows for {len(sd)} data"
        raise ValueError(problem)
    modes, spread, _ = np.linalg.svd(columns / sd[:, None], full_matrices=False)
    kept = spread > 1e-9 * max(float(spread[0]), 1e-300)
    return Whitening(sd, modes[:, kept], spread[kept])


def whiten(noise: Whitening, columns: Array) -> Array:
    """Divide data (n,) or columns (n, k) by the root of the noise covariance, in float64."""
    scaled = (np.asarray(columns, np.float64).T / noise.sd).T
    shrink = 1.0 - 1.0 / np.sqrt(1.0 + noise.spread**2)
    return scaled - noise.modes @ (shrink * (noise.modes.T @ scaled).T).T


def colour(noise: Whitening, white: Array) -> Array:
    """Undo ``whiten``: white columns (n,) or (n, k) in the unit of the data."""
    grow = np.sqrt(1.0 + noise.spread**2) - 1.0
    white = white + noise.modes @ (grow * (noise.modes.T @ white).T).T
    return (white.T * noise.sd).T


def detrending(noise: Whitening, drift: Array) -> tuple[Array, Array]:
    """Whitening and detrending as one thin update of data over their standard errors.

    Parameters
    ----------
    noise : Whitening
        The survey's noise.
    drift : (n, q) numpy.ndarray
        Orthonormal basis of the whitened trend.

    Returns
    -------
    take, give : (n, q + k) numpy.ndarray
        White and trend-free is ``x − give (take' x)``, x the data over their standard errors.
    """
    shrunk = noise.modes * (1.0 - 1.0 / np.sqrt(1.0 + noise.spread**2))
    take = np.hstack([drift, noise.modes])
    return take, np.hstack([drift, shrunk - drift @ (drift.T @ shrunk)])
