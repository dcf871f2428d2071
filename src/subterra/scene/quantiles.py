"""From quantiles in [0, 1] to values of the distributions that priors are made of."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import numpy.typing as npt
from scipy.special import ndtri

__all__ = ["log_uniform", "normal"]

Array = npt.NDArray[Any]

_TINY: Final = 1e-12


def log_uniform(low: Array | float, high: Array | float, u: Array) -> Array:
    """Quantile ``u`` of the log-uniform distribution between two positive bounds."""
    return low * (high / low) ** u


def normal(sd: Array | float, u: Array) -> Array:
    """Quantile ``u`` of the normal distribution about 0."""
    return sd * ndtri(np.clip(u, _TINY, 1.0 - _TINY))
