"""Equality of tables, NaN equal to NaN."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any, cast

import numpy as np

__all__ = ["same_table"]


def same_table(first: object, second: object) -> bool:
    """Whether two tables have the same type and equal columns, bit for bit.

    Parameters
    ----------
    first, second : object
        Tables; anything that is not a dataclass compares with ``==``.

    Returns
    -------
    bool
        NaN is equal to NaN, so that absent values compare.
    """
    if type(first) is not type(second):
        return False
    if not is_dataclass(first):
        return first == second
    return all(
        _same(getattr(first, column.name), getattr(second, column.name)) for column in fields(first)
    )


def _same(first: Any, second: Any) -> bool:
    if isinstance(first, np.ndarray) and isinstance(second, np.ndarray):
        nan = first.dtype.kind == "f"
        same_type = first.dtype == second.dtype
        return same_type and np.array_equal(first, second, equal_nan=nan)
    if is_dataclass(first):
        return same_table(first, second)
    if isinstance(first, Mapping) and isinstance(second, Mapping):
        return dict(cast("Mapping[str, object]", first)) == dict(
            cast("Mapping[str, object]", second)
        )
    return type(first) is type(second) and bool(first == second)
