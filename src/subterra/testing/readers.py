"""Battery that every reader of files must pass."""

from __future__ import annotations

import os
import random
import re
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields, is_dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from subterra.errors import InputError
from subterra.tables import same_table

__all__ = ["check_reader"]

_HUGE_BYTES = 2 * 2**30
_NUMBER = re.compile(rb"(?<![\w.])[-+]?\d+(?:\.\d*)?(?:[eE][-+]?\d+)?(?![\w.])")
_TELLING_BYTES = b'\t\n\r",;#-+.eE0129 nx'
_BROKEN_BYTES = b"\x00\xff\xe9\x1a\x7f"


@dataclass(frozen=True)
class _Outcome:
    table: object = None
    refusal: InputError | None = None


@dataclass(frozen=True)
class _Bench:
    read: Callable[[Path], object]
    folder: Path
    suffix: str
    seconds: float

    def outcome(self, path: Path, what: str) -> _Outcome:
        """Read a file with warnings as errors and a bound on the time."""
        box: list[_Outcome | Exception] = []

        def work() -> None:
            try:
                with warnings.catch_warnings():
                    warnings.simplefilter("error")
                    box.append(_Outcome(table=self.read(path)))
            except InputError as refusal:
                box.append(_Outcome(refusal=refusal))
            except Exception as error:  # noqa: BLE001 - any other exception is the finding
                box.append(error)

        thread = threading.Thread(target=work, daemon=True)
        begun = time.monotonic()
        thread.start()
        thread.join(self.seconds)
        if thread.is_alive():
            _fail(f"{what}: no end after {time.monotonic() - begun:.0f} s")
        found = box[0]
        if isinstance(found, Exception):
            message = f"{what}: {type(found).__name__} instead of InputError: {found}"
            raise AssertionError(message) from found
        if found.refusal is not None:
            self._check_refusal(found.refusal, path, what)
        return found

    def of_bytes(self, data: bytes, what: str) -> _Outcome:
        path = self.folder / f"case{self.suffix}"
        path.write_bytes(data)
        found = self.outcome(path, what)
        if path.read_bytes() != data:
            _fail(f"{what}: reading changed the file")
        return found

    def refused(self, found: _Outcome, what: str) -> None:
        if found.refusal is None:
            _fail(f"{what}: read without complaint")

    def _check_refusal(self, refusal: InputError, path: Path, what: str) -> None:
        if refusal.path != str(path) or not refusal.problem.strip():
            _fail(f"{what}: the message does not name the file: {refusal}")
        if "\n" in str(refusal) or len(str(refusal)) > 1000:
            _fail(f"{what}: the message is not one short line: {str(refusal)[:200]!r}")
        if refusal.line is not None and refusal.line < 1:
            _fail(f"{what}: line {refusal.line} does not exist")


def check_reader(
    read: Callable[[Path], object],
    sample: bytes,
    suffix: str,
    *,
    mutations: int = 300,
    seed: int = 0,
    seconds: float = 30.0,
    text: bool = True,
) -> None:
    """Check that a reader ends in a valid table or in one clear `InputError`, whatever it is given.

    The sample is read, cut off at many places, damaged byte by byte, given NaN for each of its
    numbers and in other encodings; then come empty and binary files, very long lines, a missing
    file, a folder, a pipe and a file larger than the reader's limit. No other exception, no
    warning, no hang; and the sample reads the same afterwards.

    Parameters
    ----------
    read : callable
        Path in, table out.
    sample : bytes
        A small valid file.
    suffix : str
        Of its name, such as ``.csv``.
    mutations : int
        How many damaged copies.
    seed : int
        Of the damage.
    seconds : float
        Time that one file may take.
    text : bool
        Whether the format is text; a binary one is spared other encodings and line ends.

    Raises
    ------
    AssertionError
        The reader failed; the message says on what.
    """
    with TemporaryDirectory() as name:
        bench = _Bench(read, Path(name), suffix, seconds)
        table = bench.of_bytes(sample, "the sample").table
        if table is None:
            _fail(f"the sample is refused: {bench.of_bytes(sample, 'the sample').refusal}")
        _check_immutable(table)
        for what, data in _damaged(sample, mutations, random.Random(seed)):  # noqa: S311
            found = bench.of_bytes(data, what)
            if found.refusal is None:
                _check_valid(found.table, table, what)
        for what, data in (*_FOREIGN, *(_other_encodings(sample) if text else ())):
            bench.refused(bench.of_bytes(data, what), what)
        if text:
            _check_not_numbers(bench, sample, table)
            _check_line_ends(bench, sample, table)
        _check_paths(bench)
        again = bench.of_bytes(sample, "the sample, again").table
        if not same_table(table, again):
            _fail("the sample reads differently after all this")


def _damaged(sample: bytes, mutations: int, rng: random.Random) -> Iterator[tuple[str, bytes]]:
    for end in sorted({len(sample) * k // 60 for k in range(60)} | {len(sample) - 1}):
        yield f"the sample cut off after {end} bytes", sample[:end]
    for number in range(mutations):
        data = bytearray(sample)
        for _ in range(rng.choice((1, 1, 2, 4, 8))):
            _mutate(data, rng)
        yield f"mutation {number}: {bytes(data)[:2000]!r}", bytes(data)


def _mutate(data: bytearray, rng: random.Random) -> None:
    """Damage a file in place; mostly so that it stays text and its grammar is put to the test."""
    begin = rng.randrange(len(data) + 1)
    end = min(len(data), begin + rng.choice((1, 1, 2, 10, 40)))
    change = rng.choice(("byte", "byte", "insert", "delete", "delete", "copy", "line", "swap"))
    source = _TELLING_BYTES if rng.random() < 0.9 else _BROKEN_BYTES + rng.randbytes(5)
    if change == "byte" and begin < len(data):
        data[begin] = rng.choice(source)
    elif change == "insert":
        data[begin:begin] = bytes([rng.choice(source)]) * rng.choice((1, 1, 3, 400))
    elif change == "delete" and end - begin < len(data):
        del data[begin:end]
    elif change == "copy":
        data[begin:begin] = data[rng.randrange(len(data)) :][: end - begin + 1]
    elif change == "line":
        lines = data.splitlines(keepends=True)
        i = rng.randrange(len(lines))
        lines[i : i + 1] = rng.choice(([], [lines[i], lines[i]], [rng.choice(lines)]))
        data[:] = b"".join(lines) or b"\n"
    elif change == "swap":
        numbers = [match.span() for match in _NUMBER.finditer(data)]
        if len(numbers) > 1:
            (i, j), (k, m) = sorted(rng.sample(numbers, 2))
            data[i:m] = data[k:m] + data[j:k] + data[i:j]


def _check_not_numbers(bench: _Bench, sample: bytes, table: object) -> None:
    """Write NaN, infinity and giants for numbers: they must not reach the table."""
    matches = list(_NUMBER.finditer(sample))
    for match in matches[:: max(1, len(matches) // 40)]:
        for word in (b"nan", b"NaN", b"inf", b"-inf", b"1e999", b"1e300", b"9" * 5000, b"1_0"):
            what = f"{word[:8].decode()} for the number at byte {match.start()}"
            data = sample[: match.start()] + word + sample[match.end() :]
            found = bench.of_bytes(data, what)
            if found.refusal is None:
                _check_valid(found.table, table, what)
                if _count_nan(found.table) > _count_nan(table):
                    _fail(f"{what}: NaN in the table")


_FOREIGN = (
    ("an empty file", b""),
    ("blank lines", b"\n \r\n\t\n"),
    ("white space that only Unicode knows", "\u00a0\u2003\n".encode() * 3),
    ("a binary file", bytes(range(256)) * 20),
    ("zeros", bytes(4096)),
    ("a PNG image", b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(64)),
    ("a ZIP archive", b"PK\x03\x04" + bytes(range(1, 200))),
    ("one very long line", b"9" * 1_000_000),
    ("one very long line of fields", b"1," * 500_000),
    ("an open quotation", b'"' + b"a,b\n" * 1000),
    ("prose", b"It was a dark and stormy night.\nThe rain fell in torrents.\n" * 5),
)
"""Files that no reader may take for a table."""


def _other_encodings(sample: bytes) -> Iterator[tuple[str, bytes]]:
    """The sample as no reader of text may take it."""
    text = sample.decode("utf-8")
    for encoding in ("utf-16", "utf-16-le", "utf-16-be", "utf-32"):
        yield f"the sample in {encoding}", text.encode(encoding)
    yield "a Latin-1 letter", b"\xe9" + sample


def _check_line_ends(bench: _Bench, sample: bytes, table: object) -> None:
    plain = sample.replace(b"\r\n", b"\n")
    for what, data in (
        ("line ends of DOS", plain.replace(b"\n", b"\r\n")),
        ("line ends of old Macs", plain.replace(b"\n", b"\r")),
        ("a UTF-8 byte order mark", b"\xef\xbb\xbf" + sample),
        ("a DOS end-of-file sign", sample + b"\x1a"),
        ("no line end at the end", sample.rstrip()),
    ):
        found = bench.of_bytes(data, what)
        if not same_table(found.table, table):
            _fail(f"the sample with {what} reads differently: {found.refusal or found.table}")


def _check_paths(bench: _Bench) -> None:
    missing = bench.folder / f"missing{bench.suffix}"
    bench.refused(bench.outcome(missing, "a missing file"), "a missing file")
    folder = bench.folder / f"folder{bench.suffix}"
    folder.mkdir()
    bench.refused(bench.outcome(folder, "a folder"), "a folder")
    huge = bench.folder / f"huge{bench.suffix}"
    with huge.open("wb") as file:
        file.truncate(_HUGE_BYTES)
    bench.refused(bench.outcome(huge, "a file of 2 GiB"), "a file of 2 GiB")
    if hasattr(os, "mkfifo"):
        pipe = bench.folder / f"pipe{bench.suffix}"
        os.mkfifo(pipe)
        bench.refused(bench.outcome(pipe, "a pipe"), "a pipe")


def _check_valid(found: object, table: object, what: str) -> None:
    if type(found) is not type(table):
        _fail(f"{what}: a {type(found).__name__} instead of a {type(table).__name__}")
    if any(np.isinf(column).any() for column in _float_columns(found)):
        _fail(f"{what}: infinity in the table")


def _check_immutable(table: object) -> None:
    if not is_dataclass(table):
        return
    for name in (column.name for column in fields(table)):
        value: Any = getattr(table, name)
        if isinstance(value, np.ndarray) and value.flags.writeable:
            _fail(f"column {name} of the table can be changed")
        _check_immutable(value)
        try:
            setattr(table, name, value)
        except AttributeError:
            continue
        _fail(f"field {name} of the table can be replaced")


def _float_columns(table: object) -> list[np.ndarray]:
    if not is_dataclass(table):
        return []
    values: list[Any] = [getattr(table, column.name) for column in fields(table)]
    own = [v for v in values if isinstance(v, np.ndarray) and v.dtype.kind == "f"]
    return own + [column for value in values for column in _float_columns(value)]


def _count_nan(table: object) -> int:
    return sum(int(np.isnan(column).sum()) for column in _float_columns(table))


def _fail(message: str) -> None:
    raise AssertionError(message)
