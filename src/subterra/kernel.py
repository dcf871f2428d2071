"""The one door to Numba: compiled kernels that keep their Python signatures."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar, cast

import numba
import numpy as np
import numpy.typing as npt

__all__ = ["kernel", "single"]

P = ParamSpec("P")
R = TypeVar("R")


def kernel(function: Callable[P, R]) -> Callable[P, R]:
    """Compile a pure scalar or array function with Numba and keep its signature for type checkers.

    Division follows NumPy (no zero-division branch: that branch alone blocks vector units),
    fused multiply-adds and reordered sums are allowed (NaN and infinity keep their meaning), the
    interpreter lock is released so that fixed chunks can run on threads, and machine code is
    cached beside the source.

    Parameters
    ----------
    function : callable
        Scalars and contiguous arrays in, scalars out or arrays filled in place.

    Returns
    -------
    callable
        The compiled function; ``.py_func`` is the original.
    """
    compiled: Any = numba.njit(
        error_model="numpy", cache=True, nogil=True, fastmath={"contract", "nsz", "arcp", "reassoc"}
    )(function)
    return cast("Callable[P, R]", compiled)


def single(values: npt.ArrayLike) -> npt.NDArray[np.float32]:
    """Return contiguous single-precision values, as the kernels want them."""
    return np.ascontiguousarray(values, dtype=np.float32)
