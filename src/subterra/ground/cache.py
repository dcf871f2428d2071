"""Eigenbases of a layout kept on disk under the hash of everything that made them."""

from __future__ import annotations

import hashlib
import io
import os
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["cached_arrays", "layout_hash"]

Array = npt.NDArray[Any]

_VERSION = "6"
"""Changes whenever the numbers behind a layout do."""
_DIGEST = 64


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


def _encode(arrays: Sequence[Array]) -> bytes:
    """Write arrays as an npz archive behind the hexadecimal SHA-256 of that archive."""
    named: dict[str, Any] = {f"c{i}": value for i, value in enumerate(arrays)}
    held = io.BytesIO()
    np.savez(held, **named)
    content = held.getvalue()
    return hashlib.sha256(content).hexdigest().encode() + content


def _read(path: Path) -> list[Array] | None:
    """Read a cache file; one that is missing, unreadable or damaged is to be made anew."""
    try:
        raw = path.read_bytes()
    except OSError:
        return None
    content = raw[_DIGEST:]
    if hashlib.sha256(content).hexdigest().encode() != raw[:_DIGEST]:
        return None
    with np.load(io.BytesIO(content), allow_pickle=False) as held:
        return [held[f"c{i}"] for i in range(len(held.files))]


def _write(path: Path, content: bytes) -> None:
    """Put a file in its place in one step."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f"{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        Path(name).replace(path)
    finally:
        Path(name).unlink(missing_ok=True)


def cached_arrays(directory: Path | None, key: str, make: Callable[[], list[Array]]) -> list[Array]:
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
        Arrays in the order made.
    """
    if directory is None:
        return make()
    path = directory / f"ground-{key}.bin"
    held = _read(path)
    if held is None:
        held = make()
        _write(path, _encode(held))
    return held
