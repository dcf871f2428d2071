"""Structure in the residuals of a fit: whether something systematic is left over.

Leave-one-out residuals over their standard deviations, z, are looked at under the ground model of
the largest posterior share. Three numbers are compared with draws from that same model, made with a
fixed seed on the same layout:

* ``chi``, the root mean square of z: are the stated errors right?
* ``moran``, the mean product of z with that of the nearest data over the mean square (Moran's I);
* ``local``, the root mean square of the mean of z over a datum and its neighbours, over what the
  draws give. An object is seen by averaging neighbours, so this is the factor by which errors on
  the scale of an object exceed those of the models.

Where ``local`` is large beyond chance, ``widened`` multiplies all noise scales by it: on that scale
a log-likelihood ratio falls by its square. Ground that the models know of leaves no structure, for
leave-one-out residuals are those of kriging.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from subterra.ground.marginal import GroundModels, factorise
from subterra.ground.noise import colour
from subterra.ground.outliers import precision_of

__all__ = ["Structure", "residual_structure", "structure_words", "widened"]

Array = npt.NDArray[Any]

_SIGNIFICANT: Final = 0.01
_DRAWS: Final = 199


@dataclass(frozen=True)
class Structure:
    """Residuals against what the models expect of them.

    Parameters
    ----------
    chi : float
        Root mean square of the leave-one-out residuals over their standard deviations.
    moran : float
        Correlation with the nearest data.
    local : float
        Size of local means over that expected.
    p_local, p_chi : float
        Share of the draws that reach as much, never below 1/(draws + 1).
    """

    chi: float
    moran: float
    local: float
    p_local: float
    p_chi: float

    @property
    def structured(self) -> bool:
        """Whether local means are larger than chance allows."""
        return self.p_local < _SIGNIFICANT and self.local > 1.0

    @property
    def widening(self) -> float:
        """Factor on the noise scales that answers for it; 1 if there is nothing to answer for."""
        return self.local if self.structured else 1.0


def residual_structure(
    models: GroundModels, response: Array, neighbours: Array, *, draws: int = _DRAWS, seed: int = 0
) -> Structure:
    """Test the residuals of a survey for structure.

    Parameters
    ----------
    models : GroundModels
        The survey.
    response : (n,) numpy.ndarray
        Posterior mean response of the scenes; zeros for none.
    neighbours : (n, k) numpy.ndarray of int
        Data beside each datum, from ``neighbours_of``; 4 to 8 of them.
    draws : int
        Draws from the models.
    seed : int
        Seed of the draws: the same survey gives the same numbers.

    Returns
    -------
    Structure
    """
    precision = precision_of(models, response)
    logs = precision.node_logs((), 1.0)
    g, j = (int(v) for v in np.unravel_index(int(np.argmax(logs)), logs.shape))
    product, diagonal = precision.weighted(g, j)
    scale = 1.0 / np.sqrt(diagonal)
    drawn = precision.draw(g, j, draws, np.random.default_rng(seed)) * scale[:, None]
    found = _statistics((product * scale)[:, None], neighbours)[:, 0]
    null = _statistics(drawn, neighbours)
    p = (1.0 + np.sum(null >= found[:, None], axis=1)) / (draws + 1.0)
    return Structure(
        chi=float(np.sqrt(found[0])),
        moran=float(found[1]),
        local=float(np.sqrt(found[2] / null[2].mean())),
        p_local=float(p[2]),
        p_chi=float(p[0]),
    )


def _statistics(z: Array, neighbours: Array) -> Array:
    """Mean square, Moran's I and mean square of local means of columns (n, k), (3, k)."""
    square = np.mean(z * z, axis=0)
    around = z[neighbours].sum(axis=1)
    count = neighbours.shape[1]
    moran = np.mean(z * around, axis=0) / (count * square)
    local = np.mean(((z + around) / (count + 1)) ** 2, axis=0)
    return np.stack([square, moran, local])


def widened(models: GroundModels, factor: float) -> GroundModels:
    """Return the same survey with all noise scales multiplied by a factor."""
    grid = models.grid
    larger = replace(grid, noise=factor * grid.noise)
    bases: list[Array] = [models.trend]
    for parts in zip(models.basis, models.eigen, models.rest, strict=True):
        bases.extend(parts)
    observed = colour(models.noise, models.detrended)
    return factorise(observed, models.noise, bases, models.labels, larger)


def structure_words(structure: Structure, outliers: Sequence[int] = ()) -> str:
    """Say in a sentence or two what the residuals tell."""
    if structure.structured:
        words = (
            f"The residuals are structured: means over neighbouring data are {structure.local:.1f} "
            "times as large as the ground models expect, so that something systematic is left over."
        )
    else:
        words = "The residuals show no more structure than the ground models expect."
    if structure.p_chi < _SIGNIFICANT:
        words += f" They are {structure.chi:.1f} times as large as the errors stated and fitted."
    if outliers:
        many = len(outliers) > 1
        words += (
            f" {len(outliers)} {'data stand' if many else 'datum stands'} out of all others and "
            f"{'count' if many else 'counts'} with ten times the stated error."
        )
    return words
