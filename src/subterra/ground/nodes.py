"""The sum over nuisance nodes of one ground kernel, fused into one pass."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from subterra.kernel import kernel

__all__ = ["log_sum_nodes"]

Array = npt.NDArray[Any]


@kernel
def log_sum_nodes(
    log_norm: Array,
    data_square: Array,
    cross: Array,
    square: Array,
    kappa_2: Array,
    amplitude: Array,
    out: Array,
) -> None:
    """Log of the likelihood summed over the nodes of one kernel, for scaled responses.

    With yf = d'Wf, ff = f'Wf and g = 1 + κ² a² ff, each node adds

        exp(log_norm − ½ [d'Wd − 2 a yf + a² ff − κ² (a yf − a² ff)²/g]) / √g.

    Parameters
    ----------
    log_norm, data_square : (J,) numpy.ndarray of float64
        −½ ln det plus log prior of each node, and d'Wd.
    cross, square : (n, J) numpy.ndarray of float32
        d'Wf and f'Wf of each scene.
    kappa_2 : (n,) numpy.ndarray of float64
        Variance κ² of each response's multiplicative error.
    amplitude : (k,) numpy.ndarray of float64
        Factors a on the responses; 1 for the responses as they are.
    out : (n, k) numpy.ndarray of float64
        Filled.
    """
    n_node = log_norm.size
    height = np.empty(n_node)
    gain = np.empty(n_node)
    for i in range(out.shape[0]):
        k2 = kappa_2[i]
        for k in range(amplitude.size):
            a = amplitude[k]
            top = -np.inf
            for j in range(n_node):
                yf = a * np.float64(cross[i, j])
                ff = a * a * np.float64(square[i, j])
                g = 1.0 + k2 * ff
                away = yf - ff
                quadratic = data_square[j] - 2.0 * yf + ff - k2 * away * away / g
                gain[j] = g
                height[j] = log_norm[j] - 0.5 * quadratic
                top = max(top, height[j])
            total = 0.0
            for j in range(n_node):
                # What is 26 orders of magnitude below the best node is not worth an exponential.
                if height[j] > top - 60.0:
                    total += math.exp(height[j] - top) / math.sqrt(gain[j])
            out[i, k] = top + math.log(total)
