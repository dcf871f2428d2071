"""Log-likelihood of scenes: f'Wf on as many eigenvectors as each scene needs.

With F = f'Wf and c = f'Wd the log-likelihood of a node is

    l(F) = norm − ½[d'Wd + (F − 2c − κ²c²)/(1 + κ²F) + ln(1 + κ²F)],
    −dl/dF = ½[((1 + κ²c)/(1 + κ²F))² + κ²/(1 + κ²F)] > 0.

Norm, d'Wd and c are exact. F is known on the leading eigenvectors; what is left of ‖f‖² meets
weights between those of the next eigenvalue and of the last. The middle of the two is used, so that
F is wrong by at most half their difference times what is left, l by at most
b = that · (−dl/dF at the low end of F), and the sum over all kernels and nodes by at most
Σ p (e^b − 1), p the posterior shares of the nodes. A scene whose bound exceeds the tolerance is
projected on further eigenvectors of the kernels that need it, until it holds.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from subterra.ground.marginal import GroundModels
from subterra.ground.nodes import log_sum_nodes

__all__ = [
    "amplitude_scan",
    "log_likelihood",
    "matched_snr",
    "model_weights",
    "node_weights",
    "project_scenes",
]

Array = npt.NDArray[Any]

_TOLERANCE: Final = 2e-3
"""Bound on the error of a log-likelihood, nats."""
_LARGEST: Final = 60.0


@dataclass(frozen=True)
class _Sums:
    """f'Wd and f'Wf of scenes, (G, n_scenes, J), and the variance κ² of each response's error."""

    cross: Array
    square: Array
    kappa_2: Array


def _white(models: GroundModels, response: Array) -> Array:
    """Whitened responses (n_scenes, n) without trend, in the precision of the models."""
    dtype = models.head.dtype
    white = response * (1.0 / models.sd).astype(dtype)
    white -= (white @ models.take) @ models.give.T
    return white


def _start(models: GroundModels) -> Array:
    """Log-likelihood (G, 1, J) of no response less the largest of them."""
    start = models.log_norm - 0.5 * models.data_square
    return (start - start.max())[:, None, :].astype(models.head.dtype)


def _fall(kappa_2: Array, cross: Array, square: Array) -> Array:
    """How far l(F) lies below its value without a response."""
    k2 = kappa_2[:, None].astype(cross.dtype)
    gain = 1.0 + k2 * square
    return 0.5 * ((square - (2.0 + k2 * cross) * cross) / gain + np.log(gain))


class _Refinement:
    """Scenes on their way to a bounded error; arrays are (G, n_scenes, J) or (G, n_scenes)."""

    def __init__(self, models: GroundModels, response: Array) -> None:
        self.models = models
        self.white = _white(models, response)
        n_span, n = models.mix.shape[1], len(response)
        h = np.matmul(self.white, models.head)
        self.cross = np.matmul(h[:, :, :n_span], models.mix)
        h = np.square(h[:, :, n_span:])
        first = h.shape[2]
        self.kept = np.stack(
            [part @ weight[:first] for part, weight in zip(h, models.precision, strict=True)]
        )
        self.level = np.zeros((len(h), n), np.int8)
        self.square, self.half = self.kept.copy(), np.zeros_like(self.kept)
        if first == models.free:
            return
        power = np.einsum("ij,ij->i", self.white, self.white)
        self.left = np.maximum(power - h.sum(axis=2), 0.0)
        for g in range(len(h)):
            self._bound(g, slice(None), 0)

    def _bound(self, g: int, rows: Any, level: int) -> None:
        """Give what is left the middle of its possible weights."""
        ladder, left = self.models.ladder[g], self.left[g, rows][:, None]
        self.square[g, rows] = self.kept[g, rows] + left * ladder.middle[level]
        self.half[g, rows] = left * ladder.half[level]
        self.level[g, rows] = level

    def _project(self, g: int, rows: Any, level: int) -> None:
        """Take the scenes ``rows`` from one level to the next with kernel g."""
        models = self.models
        start, end = models.ladder[g].rank[level : level + 2]
        h = np.square(self.white[rows] @ models.basis[g][start:end].T)
        self.kept[g, rows] += h @ models.precision[g][start:end]
        self.left[g, rows] = np.maximum(self.left[g, rows] - h.sum(axis=1), 0.0)
        if end == models.free:
            self.left[g, rows] = 0.0
        self._bound(g, rows, level + 1)

    def advance(self, need: Array) -> bool:
        """Project where (G, n_scenes) is needed and possible; False if nowhere."""
        moved = False
        for g, wanted in enumerate(need):
            todo = np.where(wanted, self.level[g], -1)
            for level in range(len(self.models.ladder[g].rank) - 1):
                rows = np.flatnonzero(todo == level)
                if len(rows):
                    self._project(g, slice(None) if len(rows) == len(todo) else rows, level)
                    moved = True
        return moved


def _sums(models: GroundModels, response: Array, tolerance: float = _TOLERANCE) -> _Sums:
    """Sums of scenes whose bound on the log-likelihood's error holds."""
    work = _Refinement(models, response)
    start = _start(models)
    kappa_2 = models.grid.response_error(response) ** 2
    k2 = kappa_2[:, None].astype(work.cross.dtype)
    while work.half.any():
        logs = start - _fall(kappa_2, work.cross, work.square)
        gain = 1.0 + k2 * (work.square - work.half)
        slope = 0.5 * (((1.0 + k2 * work.cross) / gain) ** 2 + k2 / gain)
        share = np.exp(logs - logs.max(axis=(0, 2), keepdims=True))
        rise = np.expm1(np.minimum(slope * work.half, _LARGEST))
        bound = (share * rise).sum(axis=2) / share.sum(axis=(0, 2))
        need = bound > tolerance / len(bound)
        need &= bound.sum(axis=0) > tolerance
        if not work.advance(need):
            break
    return _Sums(work.cross, work.square, kappa_2)


def _by_kernel(models: GroundModels, sums: _Sums, amplitude: Array) -> Array:
    """Log-likelihood (G, n_scenes, k) by kernel, nodes summed out, of scaled responses."""
    out = np.empty((*sums.cross.shape[:2], len(amplitude)))
    for g in range(len(out)):
        log_sum_nodes(
            models.log_norm[g],
            models.data_square[g],
            sums.cross[g],
            sums.square[g],
            sums.kappa_2,
            amplitude,
            out[g],
        )
    return out


def _node_shares(models: GroundModels, sums: _Sums) -> Array:
    """Posterior share (G, n_scenes, J) of each kernel and node by scene."""
    logs = (_start(models) - _fall(sums.kappa_2, sums.cross, sums.square)).astype(np.float64)
    return np.exp(logs - _log_sum(logs, (0, 2))[None, :, None])


def _log_sum(logs: Array, axis: int | tuple[int, ...]) -> Array:
    """Log of summed exponentials along axes; finite where any term is."""
    top = logs.max(axis=axis, keepdims=True)
    total = np.log(np.exp(logs - top).sum(axis=axis, keepdims=True)) + top
    return np.squeeze(total, axis=axis)


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
        Up to a constant that depends on neither scene nor nuisance; within 0.002 and rounding.
    """
    return _log_sum(_by_kernel(models, _sums(models, response), np.ones(1))[:, :, 0], 0)


def model_weights(models: GroundModels, response: Array) -> Array:
    """Posterior probability of each kernel for each scene, (n_scenes, G)."""
    terms = _by_kernel(models, _sums(models, response), np.ones(1))[:, :, 0].T
    return np.exp(terms - _log_sum(terms, 1)[:, None])


def node_weights(models: GroundModels, response: Array) -> Array:
    """Posterior probability (G, J) of kernels and nodes for one response (n,)."""
    one = np.asarray(response, models.head.dtype)[None, :]
    return _node_shares(models, _sums(models, one))[:, 0]


def matched_snr(models: GroundModels, response: Array) -> Array:
    """Matched signal-to-noise ratio √(f'C⁻¹f) of each scene's response.

    The square is averaged over kernels and nodes with their posterior weights given the scene.

    Returns
    -------
    (n_scenes,) numpy.ndarray
        On all eigenvectors.
    """
    sums = _sums(models, response, tolerance=0.0)
    return np.sqrt((_node_shares(models, sums) * sums.square).sum(axis=(0, 2)))


def project_scenes(models: GroundModels, response: Array) -> tuple[Array, Array, Array]:
    """Whitened responses (n_scenes, n), f'Wd and f'Wf, both (G, n_scenes, J).

    The sums are as exact as the log-likelihood of the responses as they are.
    """
    sums = _sums(models, response)
    return _white(models, response), sums.cross, sums.square


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
        As exact as ``log_likelihood`` at amplitude 1.
    """
    by_kernel = _by_kernel(models, _sums(models, response), np.asarray(amplitude, np.float64))
    null = _log_sum((models.log_norm - 0.5 * models.data_square).ravel(), 0)
    return _log_sum(by_kernel, 0) - null
