"""The precision P of a survey's data in each ground model, as products that are never formed.

In whitened coordinates without trend the precision is ``U' (w − w₀) U + w₀ I`` with the kept
eigenvectors U, their weights w and the weight w₀ of all other directions; the data see it through
whitening and detrending on both sides, so that the trend is projected out of P.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from subterra.ground.marginal import GroundModels, whitened
from subterra.ground.noise import detrending

__all__ = ["Precision", "precision_of"]

Array = npt.NDArray[Any]

_BLOCK: Final = 1024


class Precision:
    """The precision of the data by ground model, as products with the whitened eigenvectors.

    Parameters
    ----------
    models : GroundModels
        The survey.
    response : (n,) numpy.ndarray
        Response to be taken from the data.
    """

    def __init__(self, models: GroundModels, response: Array) -> None:
        self.models = models
        take, give = detrending(models.noise, models.trend)
        self.take, self.give = take / models.sd[:, None], give
        self.sd = models.sd
        white = models.detrended - whitened(models, response)
        self.flat = self._back(white)
        inner = give.T @ give
        self.plain = (
            1.0 / self.sd**2
            - 2.0 * (self.take * give).sum(axis=1) / self.sd
            + ((self.take @ inner) * self.take).sum(axis=1)
        )
        self.pull = [basis @ give for basis in models.basis]
        self.coordinates = [basis @ white for basis in models.basis]
        self.square = [float(white @ white), *(float(v @ v) for v in self.coordinates)]
        self.s, self.e = models.grid.nodes()
        self.outside = 1.0 / (np.outer(models.rest[:, 0], self.s**2) + self.e**2)

    def rows(self, g: int, index: Any) -> Array:
        """Eigenvectors times whitening, (r, k) for the data ``index``, in float64."""
        return self.models.basis[g][:, index] / self.sd[index] - self.pull[g] @ self.take[index].T

    def _back(self, white: Array) -> Array:
        """Transposed whitening of (n,) or (n, k)."""
        return (white.T / self.sd).T - self.take @ (self.give.T @ white)

    def _extra(self, g: int, nodes: Any) -> Array:
        """Weights (r, …) of the kept eigenvectors over those of all other directions."""
        return self.models.precision[g][:, nodes] - self.outside[g, nodes]

    def weighted(self, g: int, j: int) -> tuple[Array, Array]:
        """P r and the diagonal of P for one ground model, (n,) each."""
        extra, outside = self._extra(g, j), self.outside[g, j]
        product, diagonal = outside * self.flat, outside * self.plain
        for start in range(0, len(self.sd), _BLOCK):
            part = slice(start, start + _BLOCK)
            rows = self.rows(g, part)
            product[part] += (extra * self.coordinates[g]) @ rows
            diagonal[part] += extra @ np.square(rows, out=rows)
        return product, diagonal

    def columns(self, g: int, j: int, index: Sequence[int]) -> Array:
        """Columns (n, k) of P for one ground model."""
        some = self._extra(g, j)[:, None] * self.rows(g, list(index))
        unit = np.zeros((len(self.sd), len(index)))
        unit[list(index), np.arange(len(index))] = 1.0 / self.sd[list(index)]
        white = unit - self.give @ self.take[list(index)].T
        out = self.outside[g, j] * self._back(white)
        for start in range(0, len(self.sd), _BLOCK):
            part = slice(start, start + _BLOCK)
            out[part] += self.rows(g, part).T @ some
        return out

    def node_logs(self, index: Sequence[int] = (), inflation: float = 1.0) -> Array:
        """Log-likelihood (G, J) of the ground models with the data ``index`` inflated."""
        models, k2 = self.models, len(index)
        out = models.log_norm.copy()
        for g, y in enumerate(self.coordinates):
            left = self.square[0] - self.square[g + 1] if len(y) < models.free else 0.0
            fit = (y * y) @ models.precision[g] + left * self.outside[g]
            out[g] -= 0.5 * fit
        if not k2:
            return out
        some = list(index)
        flat, cross = self.flat[some], self._plain_block(some)
        for g, y in enumerate(self.coordinates):
            rows = self.rows(g, some)
            for j in range(len(self.s)):
                extra, outside = self._extra(g, j), self.outside[g, j]
                inner = rows.T @ (extra[:, None] * rows) + outside * cross
                product = rows.T @ (extra * y) + outside * flat
                tau = (inflation**2 - 1.0) * (self.e[j] * self.sd[some]) ** 2
                core = np.eye(k2) + tau[:, None] * inner
                out[g, j] -= 0.5 * float(np.linalg.slogdet(core)[1])
                out[g, j] += 0.5 * float(product @ np.linalg.solve(core, tau * product))
        return out

    def _plain_block(self, index: Sequence[int]) -> Array:
        """Part (k, k) of the precision without ground: whitening transposed times whitening."""
        take, give = self.take[list(index)], self.give[list(index)]
        sd = self.sd[list(index)]
        cross = (give / sd[:, None]) @ take.T
        square = take @ (self.give.T @ self.give) @ take.T
        return np.diag(1.0 / sd**2) - cross - cross.T + square

    def draw(self, g: int, j: int, count: int, rng: np.random.Generator) -> Array:
        """Draws (n, count) of P r for r from one ground model: its covariance is P itself."""
        models = self.models
        white = rng.standard_normal((len(self.sd), count))
        white -= models.trend @ (models.trend.T @ white)
        outside = np.sqrt(self.outside[g, j])
        grow = np.sqrt(models.precision[g][:, j].astype(np.float64)) - outside
        basis = models.basis[g]
        return self._back(outside * white + basis.T @ (grow[:, None] * (basis @ white)))


def precision_of(models: GroundModels, response: Array) -> Precision:
    """Prepare the precision of a survey's residuals."""
    return Precision(models, response)
