"""Files of a site: written whole or not at all, by one writer, and read only if unchanged."""

from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path

from subterra.errors import SiteError

__all__ = ["LOCK_NAME", "read_verified", "replace_with", "sha256_of", "write_atomic", "writing"]

LOCK_NAME = ".lock"


def sha256_of(content: bytes) -> str:
    """Return the SHA-256 of some bytes as 64 hexadecimal digits."""
    return hashlib.sha256(content).hexdigest()


def read_verified(path: Path, sha256: str, what: str, remedy: str, *, came: str = "made") -> bytes:
    """Read a file that the journal names after checking that it is what was written.

    Parameters
    ----------
    path : Path
        The file.
    sha256 : str
        Its hash by the journal.
    what, remedy, came : str
        What it is, what to do about it, and whether it was made or added, for messages.

    Raises
    ------
    SiteError
        If it is missing, cannot be read or was changed.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        problem = f"{path}: {what} cannot be read ({error.strerror}); {remedy}"
        raise SiteError(problem) from error
    if sha256_of(content) != sha256:
        problem = f"{path}: {what} was changed after it was {came}; {remedy}"
        raise SiteError(problem)
    return content


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
