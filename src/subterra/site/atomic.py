"""Writing so that a power cut leaves either the old file or the new one, and one writer only."""

from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path

from subterra.errors import SiteError

__all__ = ["LOCK_NAME", "replace_with", "sha256_of", "write_atomic", "writing"]

LOCK_NAME = ".lock"


def sha256_of(content: bytes) -> str:
    """Return the SHA-256 of some bytes as 64 hexadecimal digits."""
    return hashlib.sha256(content).hexdigest()


def replace_with(path: Path, write: Callable[[Path], None]) -> None:
    """Let a function write a temporary file beside ``path``, then put it in place in one step.

    Parameters
    ----------
    path : Path
        The file to create or replace; its folder exists.
    write : callable
        Gets the temporary path, which keeps the suffix of ``path``, and writes the whole file.

    Raises
    ------
    OSError
        If the file cannot be written; ``path`` is as it was.
    """
    temporary = path.with_name(f".{path.stem}.{secrets.token_hex(4)}{path.suffix}")
    try:
        write(temporary)
        _flush_to_disk(temporary)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
    if os.name == "posix":
        _flush_to_disk(path.parent)


def write_atomic(path: Path, content: bytes) -> None:
    """Write a whole file in one step; see `replace_with`."""

    def write(temporary: Path) -> None:
        temporary.write_bytes(content)

    replace_with(path, write)


def _flush_to_disk(path: Path) -> None:
    flags = os.O_RDONLY if path.is_dir() else os.O_RDWR
    descriptor = os.open(path, flags)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def writing(folder: Path) -> Generator[None]:
    """Hold the site's write lock; the operating system drops it if the process dies.

    Parameters
    ----------
    folder : Path
        The site folder.

    Raises
    ------
    SiteError
        If another process is writing.
    """
    with (folder / LOCK_NAME).open("ab") as handle:
        if not _try_lock(handle.fileno()):
            problem = (
                f"{folder}: another process is changing this site; wait until it has ended "
                "and try again"
            )
            raise SiteError(problem)
        yield


def _try_lock(descriptor: int) -> bool:
    """Take an exclusive lock without waiting; closing the file gives it back."""
    try:
        if os.name == "nt":
            import msvcrt

            getattr(msvcrt, "locking")(descriptor, getattr(msvcrt, "LK_NBLCK"), 1)  # noqa: B009
        else:
            import fcntl

            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
