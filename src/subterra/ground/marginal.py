"""Likelihood of a survey with ground, noise, trend and response error summed out.

The data are ``d = (1 + κε) f + B β + s g + e n``: response ``f`` of the scene with a
multiplicative error, trend with flat prior, ground of covariance ``s² C`` and noise of ``e`` times
the stated standard errors. Divided by these errors and projected on Q = null(B'),
``Q'CQ = U Λ U'`` turns every amplitude and noise scale into weights ``w = 1/(s²λ + e²)`` (the REML
likelihood): one factorisation per ground kernel serves them all. With r = d − f there,

    −2 ln p = r'Wr − κ²(f'Wr)²/(1 + κ² f'Wf) + ln(1 + κ² f'Wf) + Σ ln(s²λ + e²),

summed over the grid of kernels, amplitudes and noise scales with its prior.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = [
    "GroundModels",
    "NuisanceGrid",
    "amplitude_scan",
    "eigenbases",
    "factorise",
    "focus",
    "ground_fit",
    "log_likelihood",
    "matched_snr",
    "model_weights",
    "most_probable_node",
    "simulate_noise",
    "with_data",
]

Array = npt.NDArray[Any]


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
    """

    amplitude: Array
    noise: Array
    kappa: float

    def nodes(self) -> tuple[Array, Array]:
        """All pairs (s, e), two arrays of length n_s·n_e."""
        s, e = np.meshgrid(self.amplitude, self.noise, indexing="ij")
        return s.ravel(), e.ravel()


@dataclass(frozen=True)
class GroundModels:
    """A survey prepared for scoring scenes; ``m`` is the number of data less the trend.

    Parameters
    ----------
    labels : tuple of str
        Name of each of the G kernels.
    grid : NuisanceGrid
        J nodes of amplitude and noise.
    sd : (n,) numpy.ndarray
        Stated standard errors, floor included.
    trend : (n, q) numpy.ndarray
        Orthonormal basis of the trend divided by the standard errors.
    project : tuple of (m, n) numpy.ndarray of float32
        From data to eigencoordinates, U'Q'/sd.
    eigen : tuple of (m,) numpy.ndarray
        Eigenvalues of the projected unit covariance.
    precision : tuple of (m, J) numpy.ndarray of float32
        Weights 1/(s²λ + e²).
    log_norm : (G, J) numpy.ndarray
        −½Σ ln(s²λ + e²) plus the log prior of kernel and node.
    data : tuple of (m,) numpy.ndarray of float32
        The observed data in eigencoordinates.
    data_square : (G, J) numpy.ndarray
        d'Wd.
    """

    labels: tuple[str, ...]
    grid: NuisanceGrid
    sd: Array
    trend: Array
    project: tuple[Array, ...]
    eigen: tuple[Array, ...]
    precision: tuple[Array, ...]
    log_norm: Array
    data: tuple[Array, ...]
    data_square: Array


def _log_sum(logs: Array, axis: int) -> Array:
    """Log of summed exponentials along an axis; finite where any term is."""
    top = logs.max(axis=axis, keepdims=True)
    total = np.log(np.exp(logs - top).sum(axis=axis, keepdims=True)) + top
    return np.squeeze(total, axis=axis)


def with_data(models: GroundModels, observed: Array) -> GroundModels:
    """Return the same layout and models with other data (n,)."""
    # In double precision first: a datum of any size must not leak through the float32 projection.
    whitened = observed / models.sd
    detrended = models.sd * (whitened - models.trend @ (models.trend.T @ whitened))
    data = tuple((p.astype(np.float64) @ detrended) for p in models.project)
    square = np.array(
        [(y * y) @ w.astype(np.float64) for y, w in zip(data, models.precision, strict=True)]
    )
    return replace(models, data=tuple(y.astype(np.float32) for y in data), data_square=square)


def eigenbases(sd: Array, trend: Array, covariances: Sequence[Array]) -> list[Array]:
    """Solve one eigenproblem per ground kernel.

    Parameters
    ----------
    sd : (n,) numpy.ndarray
        Standard errors, floor included, in the unit of the data.
    trend : (n, q) numpy.ndarray
        Columns of full rank that are projected out.
    covariances : sequence of (n, n) numpy.ndarray
        Covariance of the data over ground of unit amplitude, one per kernel.

    Returns
    -------
    list of numpy.ndarray
        Orthonormal basis of the whitened trend (n, q), then for each kernel U'Q'/sd (m, n) float32
        and its eigenvalues (m,).
    """
    basis, _ = np.linalg.qr(trend / sd[:, None], mode="complete")
    null = basis[:, trend.shape[1] :]
    # Contiguous like an array read from the cache, so that both give the same last digit.
    out = [np.ascontiguousarray(basis[:, : trend.shape[1]])]
    for covariance in covariances:
        inner = null.T @ (covariance / np.outer(sd, sd)) @ null
        values, vectors = np.linalg.eigh(0.5 * (inner + inner.T))
        out.append(np.ascontiguousarray((null @ vectors).T / sd, np.float32))
        out.append(np.maximum(values, 0.0))
    return out


def factorise(
    observed: Array,
    sd: Array,
    bases: Sequence[Array],
    labels: Sequence[str],
    grid: NuisanceGrid,
) -> GroundModels:
    """Prepare a survey for scoring.

    Parameters
    ----------
    observed : (n,) numpy.ndarray
        Data.
    sd : (n,) numpy.ndarray
        Standard errors, floor included, in the unit of the data.
    bases : sequence of numpy.ndarray
        From ``eigenbases``.
    labels : sequence of str
        Name of each kernel.
    grid : NuisanceGrid
        Amplitudes, noise scales, response error.

    Returns
    -------
    GroundModels
    """
    s, e = grid.nodes()
    project, eigen = list(bases[1::2]), list(bases[2::2])
    precision, norms = [], []
    for values in eigen:
        variance = np.outer(values, s * s) + e * e
        precision.append((1.0 / variance).astype(np.float32))
        norms.append(-0.5 * np.log(variance).sum(axis=0))
    log_prior = -np.log(len(project) * len(s))
    empty = GroundModels(
        tuple(labels),
        grid,
        np.asarray(sd, np.float64),
        bases[0],
        tuple(project),
        tuple(eigen),
        tuple(precision),
        np.array(norms) + log_prior,
        (),
        np.empty((0, 0)),
    )
    return with_data(empty, observed)


def _node_terms(models: GroundModels, g: int, response: Array) -> tuple[Array, Array]:
    """Log-likelihood by node (n_scenes, J) of kernel g, and f'Wf."""
    h = response @ models.project[g].T
    weights = models.precision[g]
    cross = (h * models.data[g]) @ weights
    square = (h * h) @ weights
    k2 = models.grid.kappa**2
    gain = 1.0 + k2 * square
    residual = models.data_square[g] - 2.0 * cross + square
    quadratic = residual - k2 * (cross - square) ** 2 / gain
    return models.log_norm[g] - 0.5 * (quadratic + np.log(gain)), square


def log_likelihood(models: GroundModels, response: Array) -> Array:
    """Log-likelihood of scenes with all nuisance summed out.

    Parameters
    ----------
    models : GroundModels
        The survey.
    response : (n_scenes, n) numpy.ndarray of float32
        Response f of each scene in the unit of the data.

    Returns
    -------
    (n_scenes,) numpy.ndarray of float64
        Up to a constant that depends on neither scene nor nuisance.
    """
    terms = [_log_sum(_node_terms(models, g, response)[0], 1) for g in range(len(models.labels))]
    return _log_sum(np.array(terms, np.float64), 0)


def model_weights(models: GroundModels, response: Array) -> Array:
    """Posterior probability of each kernel for each scene, (n_scenes, G)."""
    terms = np.array(
        [_log_sum(_node_terms(models, g, response)[0], 1) for g in range(len(models.labels))]
    ).T
    return np.exp(terms - _log_sum(terms, 1)[:, None])


def most_probable_node(models: GroundModels) -> tuple[int, int]:
    """Kernel and node of amplitude and noise that explain the data best without any object."""
    logs = models.log_norm - 0.5 * models.data_square
    kernel, node = np.unravel_index(int(np.argmax(logs)), logs.shape)
    return int(kernel), int(node)


def focus(models: GroundModels, keep: Sequence[int]) -> GroundModels:
    """Keep some kernels only, with their share of the prior unchanged."""
    index = list(keep)

    def pick(items: tuple[Any, ...]) -> tuple[Any, ...]:
        return tuple(items[i] for i in index)

    return replace(
        models,
        labels=pick(models.labels),
        project=pick(models.project),
        eigen=pick(models.eigen),
        precision=pick(models.precision),
        log_norm=models.log_norm[index],
        data=pick(models.data),
        data_square=models.data_square[index],
    )


def matched_snr(models: GroundModels, response: Array) -> Array:
    """Matched signal-to-noise ratio √(f'C⁻¹f) of each scene's response.

    The square is averaged over kernels and nodes with their posterior weights given the scene.

    Returns
    -------
    (n_scenes,) numpy.ndarray
    """
    pairs = [_node_terms(models, g, response) for g in range(len(models.labels))]
    logs = np.concatenate([p[0] for p in pairs], axis=1)
    squares = np.concatenate([p[1] for p in pairs], axis=1)
    weight = np.exp(logs - _log_sum(logs, 1)[:, None])
    return np.sqrt((weight * squares).sum(axis=1))


def amplitude_scan(models: GroundModels, response: Array, amplitude: Array) -> Array:
    """Log-likelihood of responses scaled by trial amplitudes, relative to no response.

    Parameters
    ----------
    models : GroundModels
        The survey.
    response : (n_scenes, n) numpy.ndarray of float32
        Response of each scene, taken as linear in the amplitude.
    amplitude : (k,) numpy.ndarray
        Trial factors; a negative one stands for a fill of the opposite sign.

    Returns
    -------
    (n_scenes, k) numpy.ndarray
    """
    k2 = models.grid.kappa**2
    logs = np.full((len(response), len(amplitude)), -np.inf)
    null = -np.inf
    for g, project in enumerate(models.project):
        h = response @ project.T
        weights = models.precision[g]
        cross, square = (h * models.data[g]) @ weights, (h * h) @ weights
        null = np.logaddexp(null, _log_sum(models.log_norm[g] - 0.5 * models.data_square[g], 0))
        for i, a in enumerate(amplitude):
            ff, yf = a * a * square, a * cross
            gain = 1.0 + k2 * ff
            quadratic = models.data_square[g] - 2.0 * yf + ff - k2 * (yf - ff) ** 2 / gain
            term = _log_sum(models.log_norm[g] - 0.5 * (quadratic + np.log(gain)), 1)
            logs[:, i] = np.logaddexp(logs[:, i], term)
    return logs - null


def ground_fit(models: GroundModels, response: Array) -> tuple[Array, Array]:
    """Posterior mean of the ground and of the noise for one response.

    Parameters
    ----------
    models : GroundModels
        The survey.
    response : (n,) numpy.ndarray
        Response of the scene, or its posterior mean.

    Returns
    -------
    ground, noise : (n,) numpy.ndarray
        In the unit of the data, trend-free; observed − response − ground − noise is the trend.
    """
    f = np.asarray(response, np.float32)[None, :]
    logs = np.array([_node_terms(models, g, f)[0][0] for g in range(len(models.labels))])
    weight = np.exp(logs - _log_sum(logs.ravel(), 0))
    s, e = models.grid.nodes()
    ground = np.zeros(len(models.sd))
    total = np.zeros(len(models.sd))
    for g, project in enumerate(models.project):
        residual = models.data[g] - project @ f[0]
        part = np.outer(models.eigen[g], s * s)
        share = (part / (part + e * e)) @ weight[g]
        back = models.sd[:, None] ** 2 * project.T
        ground += back @ (share * residual)
        total += weight[g].sum() * (back @ residual)
    return ground, total - ground


def simulate_noise(models: GroundModels, rng: np.random.Generator) -> tuple[Array, float]:
    """Draw ground and noise of a survey from the models themselves.

    Returns
    -------
    noise : (n,) numpy.ndarray
        Ground plus noise without trend, in the unit of the data.
    error : float
        The multiplicative error κε of the response that goes with it.
    """
    g = int(rng.integers(len(models.labels)))
    s, e = models.grid.nodes()
    j = int(rng.integers(len(s)))
    z = rng.standard_normal(len(models.eigen[g])) * np.sqrt(models.eigen[g] * s[j] ** 2 + e[j] ** 2)
    noise = models.sd**2 * (models.project[g].T.astype(np.float64) @ z)
    return noise, float(models.grid.kappa * rng.standard_normal())
