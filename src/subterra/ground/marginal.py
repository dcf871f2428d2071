"""A survey with ground, noise, trend and response error summed out: what is prepared once.

The data are ``d = (1 + κε) f + B β + s g + e n``: response ``f`` of the scene with a
multiplicative error, trend with flat prior, ground of covariance ``s² C`` and noise of ``e`` times
the stated errors. Whitened by these errors and projected on Q = null(B'), ``Q'CQ = U Λ U'`` turns
every amplitude and noise scale into weights ``w = 1/(s²λ + e²)`` (the REML likelihood): one
factorisation per ground kernel serves them all. With r = d − f there,

    −2 ln p = r'Wr − κ²(f'Wr)²/(1 + κ² f'Wf) + ln(1 + κ² f'Wf) + Σ ln(s²λ + e²),

summed over the grid of kernels, amplitudes and noise scales with its prior. Directions of Q that no
kept eigenvector spans share one eigenvalue, their mean: they enter through totals.

Terms of the data are exact and made once: d'Wd, and f'(Wd) by a few columns that span Wd over all
nodes. ``subterra.ground.score`` computes f'Wf.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from subterra.ground.noise import Whitening, detrending, make_whitening, whiten

__all__ = [
    "GroundModels",
    "NuisanceGrid",
    "factorise",
    "focus",
    "half_log_determinant",
    "whitened",
    "with_data",
]

Array = npt.NDArray[Any]

_SMALL: Final = 512
"""Surveys of fewer data are projected on all eigenvectors at once."""
_FIRST: Final = 64
"""Leading eigenvectors on which every scene of a larger survey is projected."""
_SHARES: Final = (0.25, 0.55, 1.0)
"""Shares of the eigenvectors that are tried after them."""
_SPAN: Final = 1e-8
"""Relative size of what the columns that span Wd leave out."""
_BLOCK: Final = 512


@dataclass(frozen=True)
class NuisanceGrid:
    """Amplitudes and noise scales that are summed over, each with equal prior weight.

    Parameters
    ----------
    amplitude : (n_s,) numpy.ndarray
        Standard deviation of the ground property, in the unit of the covariance's root.
    noise : (n_e,) numpy.ndarray
        Factors on the stated standard errors.
    kappa : float
        Standard deviation of the multiplicative error of the response.
    domain : float
        Largest response, in the unit of the data, for which the closed form is trusted that far;
        the error of a larger one grows in proportion.
    """

    amplitude: Array
    noise: Array
    kappa: float
    domain: float = np.inf

    def nodes(self) -> tuple[Array, Array]:
        """All pairs (s, e), two arrays of length n_s·n_e."""
        s, e = np.meshgrid(self.amplitude, self.noise, indexing="ij")
        return s.ravel(), e.ravel()

    def response_error(self, response: Array) -> Array:
        """Standard deviation (n_scenes,) of the multiplicative error of responses (n_scenes, n)."""
        largest = np.abs(response).max(axis=1) / self.domain
        return self.kappa * np.maximum(largest.astype(np.float64), 1.0)


@dataclass(frozen=True)
class Ladder:
    """Numbers of leading eigenvectors tried one after the other, with the weights of the rest.

    Parameters
    ----------
    rank : tuple of int
        Increasing; the last is all of them.
    middle, half : (len(rank), J) numpy.ndarray of float32
        Middle and half width of the weights of the directions beyond.
    """

    rank: tuple[int, ...]
    middle: Array
    half: Array


@dataclass(frozen=True)
class GroundModels:
    """A survey prepared for scoring scenes; ``m = n − q`` is the number of data less the trend.

    Parameters
    ----------
    labels : tuple of str
        Name of each of the G kernels.
    grid : NuisanceGrid
        J nodes of amplitude and noise.
    noise : Whitening
        Standard errors and shared disturbances.
    trend : (n, q) numpy.ndarray
        Orthonormal basis of the whitened trend.
    basis : tuple of (r, n) numpy.ndarray of float32
        Orthonormal eigenvectors of the whitened, projected unit covariance as rows, largest first.
    eigen : tuple of (r,) numpy.ndarray
        Their eigenvalues.
    rest : (G, 2) numpy.ndarray
        Mean and largest eigenvalue of the other m − r directions.
    precision : tuple of (r, J) numpy.ndarray of float32
        Weights 1/(s²λ + e²).
    log_norm : (G, J) numpy.ndarray
        −½Σ ln(s²λ + e²) plus the log prior of kernel and node.
    detrended : (n,) numpy.ndarray
        The observed data, whitened and without trend.
    data : tuple of (r,) numpy.ndarray
        The observed data in eigencoordinates.
    data_square : (G, J) numpy.ndarray
        d'Wd.
    head : (G, n, K + r₀) numpy.ndarray of float32
        K columns that span Wd, then the r₀ leading eigenvectors.
    mix : (G, K, J) numpy.ndarray of float32
        Wd of each node as a mixture of these columns.
    ladder : tuple of Ladder
        Numbers of eigenvectors that are tried, by kernel.
    take, give : (n, q + k) numpy.ndarray of float32
        From ``detrending``: whitening and trend as one thin update of responses.
    """

    labels: tuple[str, ...]
    grid: NuisanceGrid
    noise: Whitening
    trend: Array
    basis: tuple[Array, ...]
    eigen: tuple[Array, ...]
    rest: Array
    precision: tuple[Array, ...]
    log_norm: Array
    detrended: Array
    data: tuple[Array, ...]
    data_square: Array
    head: Array
    mix: Array
    ladder: tuple[Ladder, ...]
    take: Array
    give: Array

    @property
    def sd(self) -> Array:
        """Stated standard errors (n,), floor included, in the unit of the data."""
        return self.noise.sd

    @property
    def free(self) -> int:
        """Number of data less the columns of the trend."""
        return self.trend.shape[0] - self.trend.shape[1]

    @property
    def project(self) -> tuple[Array, ...]:
        """From data to eigencoordinates, (m, n) by kernel.

        Raises
        ------
        ValueError
            If a basis is not complete: what it does not span has no coordinates.
        """
        if any(len(basis) < self.free for basis in self.basis):
            problem = "the eigenvectors kept do not span the data; use whitened and basis"
            raise ValueError(problem)
        n = len(self.sd)
        white = whiten(self.noise, np.eye(n)).astype(self.head.dtype)
        return tuple(basis @ white for basis in self.basis)


def whitened(models: GroundModels, columns: Array) -> Array:
    """Whiten data (n,) or columns (n, k) and take the trend out, in float64."""
    # In double precision: a datum of any size must not leak through a single one.
    white = whiten(models.noise, columns)
    return white - models.trend @ (models.trend.T @ white)


def with_data(models: GroundModels, observed: Array) -> GroundModels:
    """Return the same layout and models with other data (n,)."""
    detrended = whitened(models, observed)
    data, squares, spans = [], [], []
    for g, basis in enumerate(models.basis):
        y, square, columns = _data_terms(models, g, basis, detrended)
        data.append(y)
        squares.append(square)
        spans.append(np.linalg.svd(columns, full_matrices=False))
    n_span = max(int(np.sum(sizes > _SPAN * max(sizes[0], 1e-300))) for _, sizes, _ in spans)
    n_span = max(n_span, 1)
    dtype, first = models.basis[0].dtype, models.ladder[0].rank[0]
    head = np.stack(
        [
            np.hstack([left[:, :n_span], basis[:first].T]).astype(dtype)
            for (left, _, _), basis in zip(spans, models.basis, strict=True)
        ]
    )
    mix = np.stack([sizes[:n_span, None] * right[:n_span] for _, sizes, right in spans])
    return replace(
        models,
        detrended=detrended,
        data=tuple(data),
        data_square=np.array(squares),
        head=head,
        mix=mix.astype(dtype),
    )


def half_log_determinant(
    grid: NuisanceGrid, eigen: Sequence[Array], rest: Array, free: int
) -> Array:
    """½ Σ ln(s²λ + e²) of each kernel and node, (G, J)."""
    s, e = grid.nodes()
    out = np.empty((len(eigen), len(s)))
    for g, (values, (mean, _)) in enumerate(zip(eigen, rest, strict=True)):
        kept = np.log(np.outer(values, s * s) + e * e).sum(axis=0)
        out[g] = 0.5 * (kept + (free - len(values)) * np.log(s * s * mean + e * e))
    return out


def _ladders(grid: NuisanceGrid, eigen: Sequence[Array], rest: Array, free: int) -> list[Ladder]:
    """Ladders of all kernels, whose first step is the same."""
    s, e = grid.nodes()
    least = min(len(values) for values in eigen)
    first = least if free <= _SMALL else min(_FIRST, least)
    out: list[Ladder] = []
    for values, (mean, top) in zip(eigen, rest, strict=True):
        n = len(values)
        rank = (first, *(r for share in _SHARES if (r := int(np.ceil(share * n))) > first))
        bottom = values[-1] if n == free else min(values[-1], mean)
        low, high = (
            1.0 / (np.outer(value, s * s) + e * e)
            for value in (
                [max(values[r], top) if r < n else mean for r in rank],
                [bottom if r < n else mean for r in rank],
            )
        )
        out.append(Ladder(rank, 0.5 * (high + low), 0.5 * (high - low)))
    return out


def _data_terms(
    models: GroundModels, g: int, basis: Array, detrended: Array
) -> tuple[Array, Array, Array]:
    """Eigencoordinates of the data (r,), d'Wd (J,) and Wd (n, J) of one kernel, in float64."""
    s, e = models.grid.nodes()
    weight = 1.0 / (np.outer(models.eigen[g], s * s) + e * e)
    outside = 1.0 / (s * s * models.rest[g, 0] + e * e)
    y = np.empty(len(basis))
    columns = np.outer(detrended, outside)
    for start in range(0, len(basis), _BLOCK):
        part = slice(start, start + _BLOCK)
        rows = basis[part].astype(np.float64)
        y[part] = rows @ detrended
        columns += rows.T @ ((weight[part] - outside) * y[part, None])
    left = max(float(detrended @ detrended - y @ y), 0.0) if len(y) < models.free else 0.0
    return y, (y * y) @ weight + left * outside, columns


def factorise(
    observed: Array,
    sd: Array | Whitening,
    bases: Sequence[Array],
    labels: Sequence[str],
    grid: NuisanceGrid,
) -> GroundModels:
    """Prepare a survey for scoring.

    Parameters
    ----------
    observed : (n,) numpy.ndarray
        Data.
    sd : (n,) numpy.ndarray or Whitening
        Standard errors, floor included, in the unit of the data, as given to ``eigenbases``.
    bases : sequence of numpy.ndarray
        From ``eigenbases``; the models score in the precision of its eigenvectors.
    labels : sequence of str
        Name of each kernel.
    grid : NuisanceGrid
        Amplitudes, noise scales, response error.

    Returns
    -------
    GroundModels
    """
    noise = sd if isinstance(sd, Whitening) else make_whitening(sd)
    s, e = grid.nodes()
    basis, eigen, rest = tuple(bases[1::3]), tuple(bases[2::3]), np.array(bases[3::3])
    free, dtype = bases[0].shape[0] - bases[0].shape[1], basis[0].dtype
    precision = [1.0 / (np.outer(values, s * s) + e * e) for values in eigen]
    log_prior = -np.log(len(basis) * len(s))
    none = np.empty((len(basis), 0, 0))
    empty = GroundModels(
        tuple(labels),
        grid,
        noise,
        bases[0],
        basis,
        eigen,
        rest,
        tuple(v.astype(dtype) for v in precision),
        log_prior - half_log_determinant(grid, eigen, rest, free),
        np.empty(0),
        (),
        np.empty((0, 0)),
        none,
        none,
        tuple(
            Ladder(v.rank, v.middle.astype(dtype), v.half.astype(dtype))
            for v in _ladders(grid, eigen, rest, free)
        ),
        *(v.astype(dtype) for v in detrending(noise, bases[0])),
    )
    return with_data(empty, observed)


def focus(models: GroundModels, keep: Sequence[int]) -> GroundModels:
    """Keep some kernels only, with their share of the prior unchanged."""
    index = list(keep)

    def pick(items: tuple[Any, ...]) -> tuple[Any, ...]:
        return tuple(items[i] for i in index)

    return replace(
        models,
        labels=pick(models.labels),
        basis=pick(models.basis),
        eigen=pick(models.eigen),
        rest=models.rest[index],
        precision=pick(models.precision),
        log_norm=models.log_norm[index],
        data=pick(models.data),
        data_square=models.data_square[index],
        head=models.head[index],
        mix=models.mix[index],
        ladder=pick(models.ladder),
    )
