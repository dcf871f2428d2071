"""First-order covariance of ln rhoa over random ground, for the matched signal-to-noise only.

In an even half-space the sensitivity of a datum to ln rho of a small cell is the cell's volume
times grad u_AB . grad u_MN over the datum's own u (Geselowitz 1971, IEEE Trans. Biomed. Eng. 18,
38). Cells are 0.5 m cubes with the electrodes on their corners; each datum's sensitivities are
scaled to sum to one, as those of the whole half-space do.
"""

from __future__ import annotations

import numpy as np
from matched import correlation
from numpy.typing import NDArray
from scipy import fft

Float = NDArray[np.float64]
Int = NDArray[np.int64]

CELL = 0.5
_SIDE_M = 6.0
_DEPTH_M = 8.0
_BATCH = 64


def sensitivity(electrodes: Float, abmn: Int) -> tuple[Float, tuple[int, int, int], float]:
    """Sensitivities of ln rhoa to ln rho of the cells around an array.

    Returns
    -------
    jacobian : ndarray, shape (data, cells)
        float32, every row summing to one.
    shape : (nx, ny, nz)
    worst : float
        Largest deviation of a row's sum from one before the scaling.
    """
    low = np.array([*electrodes.min(axis=0) - _SIDE_M, -_DEPTH_M])
    high = np.array([*electrodes.max(axis=0) + _SIDE_M, 0.0])
    axes = [np.arange(a + CELL / 2, b, CELL) for a, b in zip(low, high, strict=True)]
    cells = np.stack(np.meshgrid(*axes, indexing="ij"), -1).reshape(-1, 3)
    field = np.empty((len(electrodes), 3, len(cells)), dtype=np.float32)
    for e, xy in enumerate(electrodes):
        d = cells - np.array([*xy, 0.0])
        field[e] = (d / ((d**2).sum(axis=1) ** 1.5)[:, None]).T
    r = np.linalg.norm(electrodes[:, None] - electrodes[None], axis=2)
    with np.errstate(divide="ignore"):
        g = 1 / r
    jacobian = np.empty((len(abmn), len(cells)), dtype=np.float32)
    for i, (a, b, m, n) in enumerate(abmn):
        u = g[a, m] - g[b, m] - g[a, n] + g[b, n]
        dot = ((field[a] - field[b]) * (field[m] - field[n])).sum(axis=0)
        jacobian[i] = dot * (CELL**3 / (2 * np.pi * u))
    total = jacobian.sum(axis=1)
    jacobian /= total[:, None]
    return jacobian, tuple(len(v) for v in axes), float(np.abs(total - 1).max())


def ground_covariance(
    jacobian: Float, shape: tuple[int, int, int], kernel: str, length: float, ratio: float
) -> Float:
    """Covariance of ln rhoa over a unit field of ln rho, shape (data, data)."""
    padded = tuple(fft.next_fast_len(2 * n, real=True) for n in shape)
    scale = np.array([length, length, length / ratio])
    c = correlation(kernel, padded, CELL / scale)
    power = fft.rfftn(c).real.astype(np.float32)
    grid = tuple(slice(n) for n in shape)
    out = np.empty((len(jacobian), len(jacobian)))
    for first in range(0, len(jacobian), _BATCH):
        rows = jacobian[first : first + _BATCH]
        spread = [fft.rfftn(row.reshape(shape), padded) * power for row in rows]
        part = np.stack([fft.irfftn(v, padded)[grid].ravel() for v in spread])
        out[first : first + _BATCH] = part @ jacobian.T
    return 0.5 * (out + out.T)
