"""Matched signal-to-noise of a drive over gravity ground: sqrt(s' C^-1 s), trend projected out.

C is the covariance of the data under the kernel that drew the ground (for `voronoi` and `layered`,
which are not Gaussian, their exact or simulated two-point correlation) plus the reading noise.
Stations stand on cell corners of an even grid of prisms, so that C depends on their offset only.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from random_ground import FRACTAL_EXPONENT, LAYER_NOISE, UNDULATION
from scipy.spatial import cKDTree

Float = NDArray[np.float64]


def correlation(kernel: str, shape: tuple[int, int, int], step: Float) -> Float:
    """Correlation of a unit field at the lags of a periodic grid.

    Parameters
    ----------
    kernel : str
    shape : (nx, ny, nz)
        Size of the periodic grid.
    step : ndarray, shape (3,)
        Cell over correlation length, per axis.

    Returns
    -------
    ndarray, shape (nx, ny, nz)
    """
    axes = [
        np.minimum(np.arange(n), n - np.arange(n)) * s for n, s in zip(shape, step, strict=True)
    ]
    lag = np.meshgrid(*axes, indexing="ij", sparse=True)
    if kernel == "layered":
        flat = np.sqrt(lag[0] ** 2 + lag[1] ** 2)[:, :, 0]
        d = np.sqrt(lag[0] ** 2 + lag[1] ** 2 + lag[2] ** 2)
        same = np.stack([_same_layer(flat, float(z)) for z in axes[2]], axis=-1)
        return (1 - LAYER_NOISE**2) * same + LAYER_NOISE**2 * np.exp(-d)
    if kernel == "fractal":
        k = np.meshgrid(
            *(np.fft.fftfreq(n, s) for n, s in zip(shape, step, strict=True)),
            indexing="ij",
            sparse=True,
        )
        c = np.fft.fftn((k[0] ** 2 + k[1] ** 2 + k[2] ** 2 + 0.25**2) ** (-FRACTAL_EXPONENT / 2))
        return c.real / c.real.flat[0]
    return _radial(kernel)(np.sqrt(lag[0] ** 2 + lag[1] ** 2 + lag[2] ** 2))


def _radial(kernel: str) -> Callable[[Float], Float]:
    if kernel == "exponential":
        return lambda d: np.exp(-d)
    if kernel == "gaussian":
        return lambda d: np.exp(-0.5 * d**2)
    if kernel == "matern":
        return lambda d: (1 + np.sqrt(5) * d + 5 * d**2 / 3) * np.exp(-np.sqrt(5) * d)
    lags, same = _same_block()
    return lambda d: np.interp(d, lags, same)


def _same_block() -> tuple[Float, Float]:
    """Probability that two points share a Voronoi block, by simulation (unit seed density)."""
    rng = np.random.default_rng(0)
    tree = cKDTree(rng.uniform(0, 24, (24**3, 3)))
    p = rng.uniform(4, 20, (40_000, 3))
    u = rng.standard_normal(p.shape)
    u /= np.linalg.norm(u, axis=1, keepdims=True)
    own = tree.query(p)[1]
    lags = np.linspace(0, 3, 31)
    return lags, np.array([(tree.query(p + t * u)[1] == own).mean() for t in lags])


def _same_layer(flat: Float, z: float) -> Float:
    """Probability of one layer: thickness uniform in 0.5-1.5, interfaces undulating together."""
    spread = UNDULATION * np.sqrt(2 * (1 - np.exp(-0.5 * flat**2)))
    nodes, weights = np.polynomial.hermite_e.hermegauss(15)
    gap = np.abs(z + spread[..., None] * nodes)
    low, high = np.clip(gap, 0.5, 1.5), 1.5
    # E[(T - gap)+] / E[T] for T uniform in (0.5, 1.5).
    mean = 0.5 * ((high - gap) ** 2 - (low - gap) ** 2)
    return np.where(gap < 1.5, mean, 0.0) @ weights / weights.sum()


def ground_covariance(
    stations: Float, kernels: Float, cell: float, kernel: str, length: float, ratio: float
) -> Float:
    """Covariance of gravity over a unit density field.

    Parameters
    ----------
    stations : ndarray, shape (n, 3)
        On an even grid whose spacing is a multiple of `cell`.
    kernels : ndarray, shape (layers, nx, ny)
        Gravity of a unit cell in each layer by offset, from `prisms.layer_kernels`.
    cell, length, ratio : float
    kernel : str

    Returns
    -------
    ndarray, shape (n, n)
    """
    layers, nx, ny = kernels.shape
    depth = 2 * layers
    scale = np.array([length, length, length / ratio])
    c = np.fft.fft2(correlation(kernel, (nx, ny, depth), cell / scale), axes=(0, 1)).real
    g = np.fft.fft2(kernels)
    power = np.zeros((nx, ny))
    for k in range(layers):
        for m in range(layers):
            power += (g[k] * g[m].conj()).real * c[:, :, abs(k - m)]
    table = np.fft.ifft2(power).real
    ij = np.round((stations[:, :2] - stations[0, :2]) / cell).astype(int)
    d = ij[:, None] - ij[None]
    return table[d[..., 0] % nx, d[..., 1] % ny]


def matched_snr(signal: Float, covariance: Float, trend: Float) -> float:
    """sqrt(s' C^-1 s) after generalised least squares removal of the trend's columns."""
    w = np.linalg.solve(np.linalg.cholesky(covariance), np.column_stack([signal, trend]))
    s, b = w[:, 0], w[:, 1:]
    return float(np.linalg.norm(s - b @ np.linalg.lstsq(b, s, rcond=None)[0]))
