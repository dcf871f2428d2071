"""Eigenbases of ground covariances after whitening and without the trend.

Dense covariances of moderate surveys are solved in full. A ``CovarianceRoot`` costs a thin singular
value decomposition: what its columns do not span has eigenvalue zero.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from subterra.ground.noise import Whitening, make_whitening, whiten

__all__ = ["CovarianceRoot", "eigenbases"]

Array = npt.NDArray[Any]


@dataclass(frozen=True)
class CovarianceRoot:
    """A covariance C = root · root' that is never formed.

    Parameters
    ----------
    root : (n, r) numpy.ndarray
        Effect on the data of r independent unknowns of unit variance.
    """

    root: Array


def eigenbases(
    sd: Array | Whitening,
    trend: Array,
    covariances: Sequence[Array | CovarianceRoot],
    dtype: npt.DTypeLike = np.float32,
) -> list[Array]:
    """Solve one eigenproblem per ground kernel.

    Parameters
    ----------
    sd : (n,) numpy.ndarray or Whitening
        Standard errors, floor included, in the unit of the data; with the disturbances that
        several data share, if any.
    trend : (n, q) numpy.ndarray
        Columns of full rank that are projected out.
    covariances : sequence of (n, n) numpy.ndarray or CovarianceRoot
        Covariance of the data over ground of unit amplitude, one per kernel.
    dtype : dtype
        Precision of the eigenvectors kept.

    Returns
    -------
    list of numpy.ndarray
        Orthonormal basis (n, q) of the whitened trend, then for each kernel three arrays:
        orthonormal eigenvectors as rows (r, n), largest eigenvalue first; their eigenvalues (r,);
        and the mean and the largest eigenvalue (2,) of the n − q − r directions that are left.
    """
    noise = sd if isinstance(sd, Whitening) else make_whitening(sd)
    # Contiguous like an array read from the cache, so that both give the same last digit.
    drift = np.ascontiguousarray(np.linalg.qr(whiten(noise, trend))[0])
    out = [drift]
    for covariance in covariances:
        if isinstance(covariance, CovarianceRoot):
            vectors, values = _of_root(_clear(drift, whiten(noise, covariance.root)), drift)
        else:
            vectors, values = _of_dense(_projected(noise, drift, covariance), drift)
        out += [np.ascontiguousarray(vectors.T, dtype), values, np.zeros(2)]
    return out


def _clear(drift: Array, columns: Array) -> Array:
    """Take the trend's directions out of whitened columns."""
    return columns - drift @ (drift.T @ columns)


def _projected(noise: Whitening, drift: Array, covariance: Array) -> Array:
    """Whitened covariance with the trend's directions taken out of both sides."""
    half = _clear(drift, whiten(noise, covariance))
    both = _clear(drift, whiten(noise, half.T))
    return 0.5 * (both + both.T)


def _of_dense(projected: Array, drift: Array) -> tuple[Array, Array]:
    """All eigenpairs but the trend's, which are put below all others."""
    size = max(float(np.trace(projected)), 1e-300)
    values, vectors = np.linalg.eigh(projected - size * (drift @ drift.T))
    q = drift.shape[1]
    return vectors[:, q:][:, ::-1], np.maximum(values[q:][::-1], 0.0)


def _of_root(root: Array, drift: Array) -> tuple[Array, Array]:
    """Eigenpairs of root · root'; directions of no variance are left out."""
    vectors, sizes, _ = np.linalg.svd(root, full_matrices=False)
    most = root.shape[0] - drift.shape[1]
    rank = min(int(np.sum(sizes > 1e-10 * max(float(sizes[0]), 1e-300))), most)
    return vectors[:, :rank], sizes[:rank] ** 2
