"""Systematic effects that trend and ground leave out: score tests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.special import gammaincc

from subterra.counting import counted
from subterra.ground import GroundModels, whitened

__all__ = ["EffectTest", "effect_test", "effect_words"]

Array = npt.NDArray[Any]


@dataclass(frozen=True)
class EffectTest:
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


def effect_words(test: EffectTest) -> str:
    """Say that the models leave an effect out; nothing if they do not."""
    if not test.misfit:
        return ""
    return (
        f"Misfit: the {test.name} explains {100.0 * test.share:.0f} % of what the models hold for "
        f"ground and noise (chi-square {test.chi2:.0f} with "
        f"{counted(test.freedom, 'degree')} of freedom)."
    )


def effect_test(models: GroundModels, name: str, columns: Sequence[Array]) -> EffectTest:
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
    EffectTest
        With ``freedom`` 0 and ``p_value`` 1 where the trend holds the effect already.
    """
    kernel, node = np.unravel_index(
        int(np.argmax(models.log_norm - 0.5 * models.data_square)), models.log_norm.shape
    )
    effect = np.column_stack([column for column in columns if np.any(column != 0.0)])
    white = whitened(models, effect / np.linalg.norm(effect / models.sd[:, None], axis=0))
    both = np.column_stack([models.detrended, white])
    weighed = both.T @ _weigh(models, int(kernel), int(node), both)
    values, vectors = np.linalg.eigh(weighed[1:, 1:])
    # Columns inside the trend come out as rounding.
    real = values > 1e-9 * float(models.precision[kernel][:, node].max())
    chi2 = float(np.sum((vectors[:, real].T @ weighed[1:, 0]) ** 2 / values[real]))
    freedom = int(real.sum())
    p_value = float(gammaincc(0.5 * freedom, 0.5 * chi2)) if freedom else 1.0
    return EffectTest(name, chi2, freedom, p_value, chi2 / max(float(weighed[0, 0]), 1e-300))


def _weigh(models: GroundModels, kernel: int, node: int, columns: Array) -> Array:
    """Multiply whitened, trend-free columns (n, k) by the weights W of one kernel and node."""
    s, e = models.grid.nodes()
    basis = models.basis[kernel].astype(np.float64)
    weight = 1.0 / (s[node] ** 2 * models.eigen[kernel] + e[node] ** 2)
    outside = 1.0 / (s[node] ** 2 * models.rest[kernel, 0] + e[node] ** 2)
    return outside * columns + basis.T @ ((weight - outside)[:, None] * (basis @ columns))
