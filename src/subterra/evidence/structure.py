"""Structured residuals: what in the data trend, ground and noise cannot be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.special import gammaincc

from subterra.ground import GroundModels, most_probable_node

__all__ = ["StructureTest", "structure_test"]

Array = npt.NDArray[Any]


@dataclass(frozen=True)
class StructureTest:
    """Outcome of a score test of one systematic effect that the models leave out.

    Parameters
    ----------
    name : str
        The effect.
    chi2 : float
        Drop of the weighted sum of squares when the effect is fitted.
    freedom : int
        Number of independent columns of the effect beyond the trend.
    p_value : float
        Probability of such a drop if ground, trend and noise were all there is.
    share : float
        Part of the weighted sum of squares that the effect takes away.
    """

    name: str
    chi2: float
    freedom: int
    p_value: float
    share: float

    @property
    def misfit(self) -> bool:
        """Whether the effect is there beyond doubt: p < 0.001."""
        return self.p_value < 1e-3


def structure_test(models: GroundModels, name: str, columns: Sequence[Array]) -> StructureTest:
    """Test the effect spanned by columns against the most probable ground model without objects.

    In eigencoordinates with weights w = 1/(s²λ + e²), data y and columns A (trend projected out),

        χ² = y'WA (A'WA)⁻¹ A'Wy,

    which is χ² distributed with the rank of A if the model holds.

    Parameters
    ----------
    models : GroundModels
        The survey.
    name : str
        Of the effect.
    columns : sequence of (n,) numpy.ndarray
        In the unit of the data.

    Returns
    -------
    StructureTest
        With ``freedom`` 0 and ``p_value`` 1 where the trend holds the effect already.
    """
    kernel, node = most_probable_node(models)
    root = np.sqrt(models.precision[kernel][:, node].astype(np.float64))
    data = root * models.data[kernel].astype(np.float64)
    effect = np.column_stack(columns)
    # Detrended in double precision: columns inside the trend must come out as nothing.
    whitened = effect / models.sd[:, None]
    size = np.linalg.norm(whitened, axis=0)
    whitened -= models.trend @ (models.trend.T @ whitened)
    project = models.project[kernel].astype(np.float64) * models.sd
    part = root[:, None] * (project @ (whitened / np.maximum(size, 1e-300)))
    left, values, _ = np.linalg.svd(part, full_matrices=False)
    freedom = int(np.sum(values > 1e-5 * root.max()))
    chi2 = float(np.sum((left[:, :freedom].T @ data) ** 2))
    p_value = float(gammaincc(0.5 * freedom, 0.5 * chi2)) if freedom else 1.0
    return StructureTest(name, chi2, freedom, p_value, chi2 / max(float(data @ data), 1e-300))
