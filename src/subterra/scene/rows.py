"""Structures of arrays, row by row: all arrays of one share their leading axes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

__all__ = ["joined_rows", "taken_rows"]

T = TypeVar("T", bound="DataclassInstance")


def taken_rows(arrays: T, index: Any) -> T:
    """Index every array of a dataclass of arrays alike.

    Parameters
    ----------
    arrays : dataclass
        All its fields are arrays.
    index : array, slice or tuple of them
        Of the leading axes, as NumPy takes it.

    Returns
    -------
    dataclass
        Of the same class.
    """
    return type(arrays)(*(getattr(arrays, f.name)[index] for f in fields(arrays)))


def joined_rows(parts: Sequence[T]) -> T:
    """Join dataclasses of arrays along their first axis; there must be one at least."""
    names = [f.name for f in fields(parts[0])]
    columns = (np.concatenate([getattr(part, name) for part in parts]) for name in names)
    return type(parts[0])(*columns)
