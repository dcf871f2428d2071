"""Eigenbases of ground covariances after whitening and without the trend.

Dense covariances of moderate surveys are solved in full. A ``CovarianceRoot`` costs a thin singular
value decomposition: what its columns do not span has eigenvalue zero. Of a large dense covariance
only the leading part is solved, by block subspace iteration from a fixed seed with a Rayleigh-Ritz
step (Halko, Martinsson & Tropp 2011); the other directions share the mean eigenvalue that the trace
leaves, so that their log-determinant and the expected size of their residuals are right to first
order.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from subterra.ground.noise import Whitening, detrending, make_whitening, whiten

__all__ = ["CovarianceRoot", "eigenbases"]

Array = npt.NDArray[Any]

_SOLVED: Final = 4000
"""Data up to which a covariance is solved in full: about half a minute each at the most."""
_LEAST_KEPT: Final = 1500
_MOST_KEPT: Final = 2500
"""Of more data the leading third of the eigenvectors is kept, within these bounds."""
_SPARE: Final = 64
_COLUMNS: Final = 512
_PRODUCTS: Final = 3
_SEED: Final = 20110214


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
    covariances: Iterable[Array | CovarianceRoot],
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
    covariances : iterable of (n, n) numpy.ndarray or CovarianceRoot
        Covariance of the data over ground of unit amplitude, one per kernel. They are taken one by
        one: a generator holds only one of them in memory.
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
            vectors, values, rest = _of_root(_clear(drift, whiten(noise, covariance.root)), drift)
        elif len(covariance) <= _SOLVED:
            vectors, values, rest = _of_dense(_projected(noise, drift, covariance), drift)
        else:
            vectors, values, rest = _leading_part(noise, drift, covariance)
        out += [np.ascontiguousarray(vectors.T, dtype), values, rest]
        # A generator makes the next one while this name would still hold the last.
        del covariance, vectors
    return out


def _clear(drift: Array, columns: Array) -> Array:
    """Take the trend's directions out of whitened columns."""
    return columns - drift @ (drift.T @ columns)


def _projected(noise: Whitening, drift: Array, covariance: Array) -> Array:
    """Whitened covariance with the trend's directions taken out of both sides."""
    half = _clear(drift, whiten(noise, covariance))
    both = _clear(drift, whiten(noise, half.T))
    return 0.5 * (both + both.T)


def _of_dense(projected: Array, drift: Array) -> tuple[Array, Array, Array]:
    """All eigenpairs but the trend's, which are put below all others."""
    size = max(float(np.trace(projected)), 1e-300)
    values, vectors = np.linalg.eigh(projected - size * (drift @ drift.T))
    q = drift.shape[1]
    return vectors[:, q:][:, ::-1], np.maximum(values[q:][::-1], 0.0), np.zeros(2)


def _of_root(root: Array, drift: Array) -> tuple[Array, Array, Array]:
    """Eigenpairs of root · root'; directions of no variance are left out.

    Of many data they come from the small product root' · root: some ten times as fast, and blind
    only to eigenvalues 13 orders of magnitude below the first.
    """
    if len(root) > _SOLVED:
        squares, inner = np.linalg.eigh(root.T @ root)
        sizes = np.sqrt(np.maximum(squares[::-1], 0.0))
        rank = _rank(sizes, 3e-7, drift)
        return root @ (inner[:, ::-1][:, :rank] / sizes[:rank]), sizes[:rank] ** 2, np.zeros(2)
    vectors, sizes, _ = np.linalg.svd(root, full_matrices=False)
    rank = _rank(sizes, 1e-10, drift)
    return vectors[:, :rank], sizes[:rank] ** 2, np.zeros(2)


def _rank(sizes: Array, least: float, drift: Array) -> int:
    """Number of singular values above a part of the first, at most the data less the trend."""
    above = int(np.sum(sizes > least * max(float(sizes[0]), 1e-300)))
    return min(above, drift.shape[0] - drift.shape[1])


def _leading_part(noise: Whitening, drift: Array, covariance: Array) -> tuple[Array, Array, Array]:
    """Leading eigenpairs of a large covariance in its own precision, and the mean of the others."""
    n, q = drift.shape
    dtype = np.result_type(covariance.dtype, np.float32)
    take, give = (v.astype(dtype) for v in detrending(noise, drift))
    scale = (1.0 / noise.sd).astype(dtype)[:, None]

    def apply(block: Array) -> Array:
        """Multiply by the whitened covariance without trend, some columns at a time."""
        out = np.empty_like(block)
        for start in range(0, block.shape[1], _COLUMNS):
            part = slice(start, start + _COLUMNS)
            column = block[:, part] - take @ (give.T @ block[:, part])
            column = covariance @ (scale * column)
            column *= scale
            out[:, part] = column - give @ (take.T @ column)
        return out

    kept = min(max(_LEAST_KEPT, n // 3), _MOST_KEPT)
    basis = np.random.default_rng(_SEED).standard_normal((n, kept + _SPARE), np.float32)
    basis = basis.astype(dtype, copy=False)
    for _ in range(_PRODUCTS - 1):
        basis = np.linalg.qr(apply(basis))[0]
    inner = (basis.T @ apply(basis)).astype(np.float64)
    values, vectors = np.linalg.eigh(0.5 * (inner + inner.T))
    values, vectors = values[::-1][:kept], vectors[:, ::-1][:, :kept].astype(dtype)
    basis = basis @ vectors
    basis -= drift.astype(dtype) @ (drift.T.astype(dtype) @ basis)
    trace = _trace(covariance, scale[:, 0], take, give)
    mean = max(trace - float(values.sum()), 0.0) / (n - q - kept)
    return basis, np.maximum(values, 0.0), np.array([mean, max(float(values[-1]), mean)])


def _trace(covariance: Array, scale: Array, take: Array, give: Array) -> float:
    """Trace of P S P', S the covariance over the standard errors and P = I − give take'."""
    inner = scale[:, None] * (covariance @ (scale[:, None] * take))
    plain = float(np.sum(np.diagonal(covariance).astype(np.float64) * scale**2))
    square = (take.T @ inner).astype(np.float64) @ (give.T @ give)
    return plain - 2.0 * float(np.sum(inner * give)) + float(np.trace(square))
