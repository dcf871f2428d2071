"""Text files from anywhere: read with a size limit, refuse what is not UTF-8 text, parse numbers.

Every problem ends in an `InputError` that says what was found, what was expected and where.
"""

from __future__ import annotations

import math
import re
import stat
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from subterra.errors import InputError
from subterra.tables import RowError
from subterra.tables.columns import shown

__all__ = [
    "MAX_BYTES",
    "Place",
    "located",
    "number",
    "read_bytes",
    "read_head",
    "read_text",
    "sniffable",
    "split_lines",
    "whole_number",
    "write_text",
]

MAX_BYTES = 64 * 2**20
"""No field table is larger; what is larger is another file or a broken one."""

# Nothing that is measured in a field is larger; squares of it stay finite.
_MAX_NUMBER = 1e15
_NUMBER = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)
_NOT_TEXT = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_BYTE_ORDER_MARKS = (
    (b"\xff\xfe\x00\x00", "UTF-32"),
    (b"\x00\x00\xfe\xff", "UTF-32"),
    (b"\xff\xfe", "UTF-16"),
    (b"\xfe\xff", "UTF-16"),
)
_UTF8_MARK = b"\xef\xbb\xbf"
_DOS_END = b"\x1a"


def read_bytes(path: Path | str, *, max_bytes: int = MAX_BYTES) -> bytes:
    """Read a regular file of at most `max_bytes` bytes.

    Raises
    ------
    InputError
        Missing, not a regular file, not readable or too large.
    """
    at = Place(path)
    size = _regular(at)
    if size > max_bytes:
        at.refuse(f"the file has {size:,} bytes, at most {max_bytes:,} are read")
    data = _begin(at, max_bytes + 1)
    if len(data) > max_bytes:
        at.refuse(f"the file has more than {max_bytes:,} bytes, no more are read")
    return data


def read_head(path: Path | str, n_bytes: int = 4096) -> bytes:
    """Read the first bytes of a regular file of any size, as sniffers look at them.

    Raises
    ------
    InputError
        Missing, not a regular file or not readable.
    """
    at = Place(path)
    _regular(at)
    return _begin(at, n_bytes)


def _regular(at: Place) -> int:
    """Size of a file that can be read without end."""
    try:
        status = Path(at.path).stat()
    except FileNotFoundError as error:
        at.refuse("there is no such file", cause=error)
    except (OSError, ValueError) as error:
        at.refuse(f"the file cannot be read: {_reason(error)}", cause=error)
    if stat.S_ISDIR(status.st_mode):
        at.refuse("expected a file, found a folder")
    if not stat.S_ISREG(status.st_mode):
        # Reading a pipe or a device could block for ever.
        at.refuse("expected a regular file, found a pipe or a device")
    return status.st_size


def _begin(at: Place, n_bytes: int) -> bytes:
    try:
        with Path(at.path).open("rb") as file:
            return file.read(n_bytes)
    except OSError as error:
        at.refuse(f"the file cannot be read: {_reason(error)}", cause=error)


def read_text(path: Path | str, *, max_bytes: int = MAX_BYTES) -> str:
    """Read a UTF-8 text file; a byte order mark and a DOS end-of-file sign are dropped.

    Raises
    ------
    InputError
        As `read_bytes`; and when the file is empty, UTF-16, binary or not UTF-8.
    """
    data = read_bytes(path, max_bytes=max_bytes)
    for mark, name in _BYTE_ORDER_MARKS:
        if data.startswith(mark):
            Place(path, 1).refuse(f"found {name} text, expected UTF-8")
    data = data.removeprefix(_UTF8_MARK).rstrip(_DOS_END)
    if not data.strip():
        Place(path).refuse("the file is empty, expected a table")
    odd = _NOT_TEXT.search(data)
    if odd is not None:
        found = "UTF-16 text without a byte order mark" if _is_utf16(data) else "binary data"
        at = Place(path, _line_of(data, odd.start()))
        at.refuse(f"found {found} (byte 0x{odd[0].hex()}), expected UTF-8 text")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        at = Place(path, _line_of(data, error.start))
        byte = data[error.start]
        at.refuse(f"byte 0x{byte:02x} is not UTF-8; save the file as UTF-8", cause=error)


def sniffable(head: bytes) -> str:
    """Decode the first bytes of a file for a sniffer; blank when they cannot be UTF-8 text."""
    head = head.removeprefix(_UTF8_MARK)
    return "" if _NOT_TEXT.search(head.rstrip(_DOS_END)) else head.decode("utf-8", "ignore")


def split_lines(text: str) -> list[str]:
    """Split at the line ends of any system, and at nothing else that Unicode calls one."""
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")


def number(text: str, what: str, at: Place, *, column: int | None = None) -> float:
    """Parse a decimal number of usable size.

    Parameters
    ----------
    text : str
        The field.
    what : str
        What the number is, for messages.
    at : Place
        File and line.
    column : int, optional
        The field's number, counted from 1.

    Raises
    ------
    InputError
        Anything but a decimal number with a point, at most 1e15 in size.
    """
    field = text.strip()
    value = float(field) if _NUMBER.fullmatch(field) else math.nan
    if not abs(value) <= _MAX_NUMBER:
        found = f"found {shown(field)}" if field else "found nothing"
        hint = ""
        if re.fullmatch(r"[+-]?\d+,\d+", field, re.ASCII):
            hint = " (write decimals with a point)"
        elif field.startswith("\N{MINUS SIGN}"):
            hint = " (write minus as '-')"
        at.refuse(f"{what}: expected a number, {found}{hint}", column=column)
    return value


def whole_number(text: str, what: str, at: Place, *, column: int | None = None) -> int:
    """Parse a whole number; ``3``, ``3.0`` and ``3e0`` are one; see `number`."""
    value = number(text, what, at, column=column)
    if not value.is_integer() or abs(value) > 2**31 - 1:
        found = shown(text.strip())
        at.refuse(f"{what}: expected a whole number, found {found}", column=column)
    return int(value)


@dataclass(frozen=True)
class Place:
    """A place in a file.

    Parameters
    ----------
    path : Path or str
        The file.
    line : int or None
        Counted from 1.
    """

    path: Path | str
    line: int | None = None

    def refuse(
        self, problem: str, *, column: int | None = None, cause: Exception | None = None
    ) -> NoReturn:
        """Raise the `InputError` that says what is wrong at this place."""
        raise InputError(problem, path=self.path, line=self.line, column=column) from cause


@contextmanager
def located(
    path: Path | str,
    lines: Mapping[str, Sequence[int]],
    columns: Mapping[str, tuple[str, int | None]] | None = None,
) -> Generator[None]:
    """Say where in the file a value lies that a table refuses.

    Parameters
    ----------
    path : Path or str
        The file.
    lines : mapping of str to sequence of int
        Line of each row, by field of the table; the key ``""`` serves all other fields.
    columns : mapping of str to (str, int or None), optional
        Name and number of the file's column, by field of the table.
    """
    try:
        yield
    except RowError as error:
        rows = lines.get(error.field, lines.get("", ()))
        line = rows[error.row] if error.row is not None and error.row < len(rows) else None
        name, column = (columns or {}).get(error.field, (error.field, None))
        Place(path, line).refuse(f"{name}: {error.reason}", column=column, cause=error)


def write_text(path: Path | str, text: str) -> None:
    """Write UTF-8 text with the line ends that it has.

    Raises
    ------
    InputError
        The file cannot be written.
    """
    try:
        Path(path).write_bytes(text.encode("utf-8"))
    except (OSError, ValueError) as error:
        Place(path).refuse(f"the file cannot be written: {_reason(error)}", cause=error)


def _reason(error: Exception) -> str:
    return (error.strerror or str(error)) if isinstance(error, OSError) else str(error)


def _line_of(data: bytes, position: int) -> int:
    return len(split_lines(data[:position].decode("latin-1")))


def _is_utf16(data: bytes) -> bool:
    sample = data[:512]
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    return max(even, odd) > len(sample) // 4 and min(even, odd) <= len(sample) // 64
