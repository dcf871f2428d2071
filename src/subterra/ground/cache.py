"""Covariances of a layout kept on disk under the hash of everything that made them."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
import numpy.typing as npt

__all__ = ["cached_covariances", "layout_hash"]

Array = npt.NDArray[Any]

_VERSION = "1"


def layout_hash(*parts: Any) -> str:
    """Hash arrays, numbers and strings into 32 hexadecimal digits."""
    digest = hashlib.sha256(_VERSION.encode())
    for part in parts:
        if isinstance(part, np.ndarray):
            digest.update(str((part.shape, part.dtype.str)).encode())
            digest.update(np.ascontiguousarray(part).tobytes())
        else:
            digest.update(repr(part).encode())
    return digest.hexdigest()[:32]


def _read(path: Path) -> list[Array] | None:
    """Read a cache file; a damaged one counts as absent and is made anew."""
    try:
        with np.load(path, allow_pickle=False) as held:
            return [held[f"c{i}"] for i in range(len(held.files))]
    except (OSError, ValueError, KeyError, BadZipFile):
        return None


def cached_covariances(
    directory: Path | None, key: str, make: Callable[[], list[Array]]
) -> list[Array]:
    """Return arrays from the cache or make and keep them.

    Parameters
    ----------
    directory : Path or None
        Cache folder; None makes them without keeping.
    key : str
        Hash of the layout and the models.
    make : callable
        Makes the arrays.

    Returns
    -------
    list of numpy.ndarray
        float64 arrays in the order made.
    """
    if directory is None:
        return make()
    path = directory / f"ground-{key}.npz"
    held = _read(path) if path.exists() else None
    if held is not None:
        return held
    made = make()
    directory.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=directory, suffix=".npz")
    os.close(handle)
    named: dict[str, Any] = {f"c{i}": value for i, value in enumerate(made)}
    np.savez(name, **named)
    Path(name).replace(path)
    return made
