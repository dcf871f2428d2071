"""Random ground: unit-variance fields of several makes, drawn on a grid and read at any point.

`exponential`, `gaussian` and `matern` are stationary Gaussian fields; `fractal` has a power-law
spectrum; `voronoi` is blocks of constant value; `layered` is a stack of layers whose interfaces
undulate together, like a rockhead. Distances are divided by `length` horizontally and by
`length / ratio` vertically.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import map_coordinates
from scipy.spatial import cKDTree

Float = NDArray[np.float64]

KERNELS = ("exponential", "gaussian", "matern", "fractal", "voronoi", "layered")
FRACTAL_EXPONENT = 3.6
LAYER_NOISE = 0.3
# Half a layer (1 sd): interfaces rise and fall, layers keep their thickness.
UNDULATION = 0.5


@dataclass(frozen=True)
class Field:
    """Values on a regular grid.

    Attributes
    ----------
    low : ndarray, shape (3,)
        Position of the first node in metres.
    cell : float
        Spacing in metres.
    values : ndarray, shape (nx, ny, nz)
    """

    low: Float
    cell: float
    values: Float

    def __call__(self, points: Float) -> Float:
        """Interpolate linearly at points (..., 3); outside the grid its edge goes on."""
        where = np.moveaxis((np.asarray(points) - self.low) / self.cell, -1, 0)
        return map_coordinates(self.values, where, order=1, mode="nearest")


def draw(
    kernel: str,
    rng: np.random.Generator,
    box: tuple[Float, Float],
    cell: float,
    length: float,
    ratio: float,
) -> Field:
    """Draw one field of unit variance.

    Parameters
    ----------
    kernel : str
        One of `KERNELS`.
    rng : numpy.random.Generator
    box : (low, high)
        Corners of the grid in metres, each of shape (3,).
    cell : float
        Spacing of the grid in metres.
    length : float
        Horizontal correlation length (block or undulation size) in metres.
    ratio : float
        Horizontal over vertical length.

    Raises
    ------
    ValueError
        The kernel is unknown.
    """
    low, high = (np.asarray(v, dtype=float) for v in box)
    shape = tuple(int(n) for n in np.round((high - low) / cell).astype(int) + 1)
    scale = np.array([length, length, length / ratio])
    if kernel in ("exponential", "gaussian", "matern", "fractal"):
        values = _stationary(kernel, rng, shape, cell / scale)
    elif kernel == "voronoi":
        values = _voronoi(rng, low, high, shape, cell, scale)
    elif kernel == "layered":
        values = _layered(rng, low, shape, cell, scale)
    else:
        msg = f"unknown ground kernel {kernel!r}; known: {', '.join(KERNELS)}"
        raise ValueError(msg)
    return Field(low, cell, values)


def _stationary(
    kernel: str, rng: np.random.Generator, shape: tuple[int, ...], step: Float
) -> Float:
    """Filter white noise on a padded periodic grid; `step` is the cell over the length."""
    # Four lengths of padding: what wraps round is decorrelated to 2 % at worst.
    padded = [
        int(2 ** np.ceil(np.log2(n + min(4 / s, n)))) for n, s in zip(shape, step, strict=True)
    ]
    noise = np.fft.rfftn(rng.standard_normal(padded))
    if kernel == "fractal":
        k = np.meshgrid(
            *(np.fft.fftfreq(n, s) for n, s in zip(padded[:2], step[:2], strict=True)),
            np.fft.rfftfreq(padded[2], step[2]),
            indexing="ij",
            sparse=True,
        )
        # Flat below one cycle per four lengths, a power law above.
        k2 = k[0] ** 2 + k[1] ** 2 + k[2] ** 2 + 0.25**2
        power = k2 ** (-FRACTAL_EXPONENT / 2)
        covariance = np.fft.irfftn(power, padded)
        power /= covariance[0, 0, 0]
    else:
        lags = np.meshgrid(
            *(
                np.minimum(np.arange(n), n - np.arange(n)) * s
                for n, s in zip(padded, step, strict=True)
            ),
            indexing="ij",
            sparse=True,
        )
        d = np.sqrt(lags[0] ** 2 + lags[1] ** 2 + lags[2] ** 2)
        if kernel == "exponential":
            c = np.exp(-d)
        elif kernel == "gaussian":
            c = np.exp(-0.5 * d**2)
        else:
            t = np.sqrt(5.0) * d
            c = (1 + t + t**2 / 3) * np.exp(-t)
        power = np.maximum(np.fft.rfftn(c).real, 0.0)
    return np.fft.irfftn(noise * np.sqrt(power), padded)[tuple(slice(n) for n in shape)]


def _voronoi(
    rng: np.random.Generator,
    low: Float,
    high: Float,
    shape: tuple[int, ...],
    cell: float,
    scale: Float,
) -> Float:
    """Give every block around random seeds one normal value; one seed per length³ on average."""
    margin = scale
    volume = np.prod((high - low + 2 * margin) / scale)
    n = int(np.ceil(volume))
    seeds = rng.uniform(low - margin, high + margin, (n, 3)) / scale
    grid = np.stack(np.meshgrid(*(np.arange(m) * cell for m in shape), indexing="ij"), -1) + low
    owner = cKDTree(seeds).query(grid.reshape(-1, 3) / scale)[1]
    return rng.standard_normal(n)[owner].reshape(shape)


def _layered(
    rng: np.random.Generator, low: Float, shape: tuple[int, ...], cell: float, scale: Float
) -> Float:
    """Layers of iid value, interfaces shifted together by a smooth undulation, some noise."""
    flat = np.array([cell / scale[0], cell / scale[1], 1e6])
    undulation = _stationary("gaussian", rng, (shape[0], shape[1], 1), flat)[:, :, 0]
    thickness = rng.uniform(0.5, 1.5, 400) * scale[2]
    edges = np.cumsum(thickness) - 100 * scale[2]
    z = low[2] + np.arange(shape[2]) * cell
    level = z[None, None, :] + UNDULATION * scale[2] * undulation[:, :, None]
    layer = np.searchsorted(edges, level - z.min() + 5 * scale[2])
    values = rng.standard_normal(len(edges) + 1)[layer]
    noise = _stationary("exponential", rng, shape, cell / scale)
    return np.sqrt(1 - LAYER_NOISE**2) * values + LAYER_NOISE * noise
