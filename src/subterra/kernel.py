"""The one door to Numba: compiled kernels that keep their Python signatures."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, ParamSpec, TypeVar, cast

import numba
import numpy as np
import numpy.typing as npt

__all__ = ["kernel", "ordered", "part", "single"]

P = ParamSpec("P")
R = TypeVar("R")


_OPTIONS: Final[dict[str, Any]] = {
    "error_model": "numpy",
    "cache": True,
    "nogil": True,
    "fastmath": {"contract", "nsz", "arcp", "reassoc"},
    "no_cfunc_wrapper": True,
}


def kernel(function: Callable[P, R]) -> Callable[P, R]:
    """Compile a pure scalar or array function with Numba and keep its signature for type checkers.

    Division follows NumPy (no zero-division branch: that branch alone blocks vector units),
    fused multiply-adds and reordered sums are allowed (NaN and infinity keep their meaning), the
    interpreter lock is released so that fixed chunks can run on threads, and machine code is
    cached beside the source. There is no entry for C.

    The first call with arguments of new types compiles: 20 to 30 ms for each line of the function
    and of all it calls, and once more for another layout or precision of a single argument. All
    callers therefore pass the same types; ``None`` in place of an array leaves out what reads it.

    Parameters
    ----------
    function : callable
        Scalars and contiguous arrays in, scalars out or arrays filled in place.

    Returns
    -------
    callable
        The compiled function; ``.py_func`` is the original.
    """
    compiled: Any = numba.njit(**_OPTIONS)(function)
    return cast("Callable[P, R]", compiled)


def part(function: Callable[P, R]) -> Callable[P, R]:
    """Compile a piece of a kernel into each place that calls it; it has no code of its own there.

    A function of its own is typed, optimised, wrapped for Python and stored before the kernel
    that calls it takes all of it in once more: half of the wait for pieces of a few lines. Longer
    pieces gain little or lose, since Numba's passes grow faster than the length of a kernel; so
    do pieces called from many places, and loops that must vectorise undisturbed. Called from
    Python, a part is compiled and behaves as a `kernel`.

    Parameters
    ----------
    function : callable
        As for `kernel`.

    Returns
    -------
    callable
        The compiled function; ``.py_func`` is the original.
    """
    compiled: Any = numba.njit(inline="always", **_OPTIONS)(function)
    return cast("Callable[P, R]", compiled)


def ordered(function: Callable[P, R]) -> Callable[P, R]:
    """Compile a kernel whose sums keep their order: the same bits however it came to be compiled.

    With reordered sums, a kernel compiled in this process and the same kernel read back from the
    cache may differ in the last bit, and a run that was interrupted and goes on in another process
    with them. For sums that decide between moves, where order costs little.

    Parameters
    ----------
    function : callable
        As for `kernel`.

    Returns
    -------
    callable
        The compiled function; ``.py_func`` is the original.
    """
    options: dict[str, Any] = {**_OPTIONS, "fastmath": False}
    compiled: Any = numba.njit(**options)(function)
    return cast("Callable[P, R]", compiled)


def single(values: npt.ArrayLike) -> npt.NDArray[np.float32]:
    """Return contiguous single-precision values, as the kernels want them."""
    return np.ascontiguousarray(values, dtype=np.float32)
