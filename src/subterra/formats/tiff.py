"""The first image of a TIFF file as one band of numbers.

TIFF revision 6.0 (Adobe, 1992) and BigTIFF; strips and tiles; no compression, LZW, Deflate and
PackBits; horizontal and floating-point predictors (Adobe Photoshop TIFF Technical Note 3, 2005);
16, 32 and 64 bit integers and floats of either byte order. Pictures (8 bit, several bands, JPEG)
are refused. Further images of the file, as overviews are, are passed over.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from subterra.formats.text import Place
from subterra.formats.unpack import lzw, packbits

__all__ = ["Tiff", "parse_tiff", "tiff_band"]

Array = npt.NDArray[Any]

_MAX_CELLS: Final = 50_000_000
_MAX_ENTRIES: Final = 1000
_TYPES: Final[Mapping[int, str]] = {
    1: "B", 2: "s", 3: "H", 4: "I", 6: "b", 7: "B", 8: "h", 9: "i", 11: "f", 12: "d", 13: "I",
    16: "Q", 17: "q", 18: "Q",
}  # fmt: skip
_WIDTH, _HEIGHT, _BITS, _COMPRESSION, _BANDS = 256, 257, 258, 259, 277
_STRIPS, _STRIP_BYTES, _STRIP_ROWS = 273, 279, 278
_TILE_WIDTH, _TILE_HEIGHT, _TILES, _TILE_BYTES = 322, 323, 324, 325
_PREDICTOR, _SAMPLE_FORMAT = 317, 339
_KINDS: Final[Mapping[int, str]] = {1: "u", 2: "i", 3: "f"}


@dataclass(frozen=True)
class Tiff:
    """Directory of the first image.

    Parameters
    ----------
    data : bytes
        The whole file.
    order : str
        Byte order, ``<`` or ``>``.
    tags : mapping of int to tuple or bytes
        Values by tag; texts as bytes.
    """

    data: bytes
    order: str
    tags: Mapping[int, Any]

    def numbers(self, tag: int) -> tuple[Any, ...]:
        """Values of a tag of numbers; empty where it is missing or a text."""
        found = self.tags.get(tag, ())
        return () if isinstance(found, bytes) else found

    def whole(self, at: Place, tag: int, what: str, default: int | None = None) -> int:
        """One value that is a whole number, or refuse the file."""
        found = self.numbers(tag)
        if not found and default is not None:
            return default
        if not found or not isinstance(found[0], int):
            at.refuse(f"its directory says no {what} (tag {tag})")
        return found[0]

    def text(self, tag: int) -> str:
        """Value of a tag of text; blank where it is missing."""
        found = self.tags.get(tag, b"")
        return found.decode("latin-1").rstrip("\0") if isinstance(found, bytes) else ""


def parse_tiff(at: Place, data: bytes) -> Tiff:
    """Read header and first directory; anything that points outside the file is refused."""
    order = {b"II": "<", b"MM": ">"}.get(data[:2])
    magic = struct.unpack_from(f"{order}H", data, 2)[0] if order and len(data) >= 16 else 0
    if order is None or magic not in (42, 43):
        at.refuse("expected a TIFF file")
    big = magic == 43
    number, head, pointer = ("Q", 8, 8) if big else ("H", 2, 4)
    (start,) = struct.unpack_from(f"{order}Q" if big else f"{order}I", data, 8 if big else 4)
    if start + head > len(data):
        at.refuse(f"its directory would lie at byte {start}, behind the end; it may be cut off")
    (count,) = struct.unpack_from(f"{order}{number}", data, start)
    step = 4 + 2 * pointer
    if count > _MAX_ENTRIES or start + head + count * step > len(data):
        at.refuse(f"its directory of {count} entries does not fit; the file may be cut off")
    tags: dict[int, Any] = {}
    for k in range(count):
        entry = start + head + k * step
        tag, kind = struct.unpack_from(f"{order}HH", data, entry)
        (length,) = struct.unpack_from(f"{order}{'Q' if big else 'I'}", data, entry + 4)
        code = _TYPES.get(kind)
        if code is None:
            continue
        size = struct.calcsize(f"={code}") * length
        where = entry + 4 + pointer
        if size > pointer:
            (where,) = struct.unpack_from(f"{order}{'Q' if big else 'I'}", data, where)
        if where + size > len(data):
            at.refuse(f"the values of tag {tag} would lie behind the end; it may be cut off")
        found = struct.unpack_from(f"{order}{length}{code}", data, where)
        tags[tag] = found[0] if code == "s" else found
    return Tiff(data, order, tags)


def tiff_band(at: Place, tiff: Tiff) -> tuple[Array, Array]:
    """Unpack the band of numbers.

    Parameters
    ----------
    at : Place
        The file, for messages.
    tiff : Tiff
        Its directory.

    Returns
    -------
    values : (height, width) numpy.ndarray
        In the file's type and native byte order, rows as they come.
    there : (height, width) numpy.ndarray of bool
        Whether the file holds the cell: tiles may be left out.

    Raises
    ------
    InputError
        A picture, a compression that is not read, or blocks that are damaged.
    """
    width, height = tiff.whole(at, _WIDTH, "width"), tiff.whole(at, _HEIGHT, "height")
    if not (width > 0 and height > 0 and width * height <= _MAX_CELLS):
        at.refuse(
            f"a grid of {width} x {height} cells cannot be read, at most {_MAX_CELLS:,}; cut it to "
            "the site, for example with gdal_translate -projwin"
        )
    dtype = _dtype(at, tiff)
    unpack = _unpacker(at, tiff)
    predictor = tiff.whole(at, _PREDICTOR, "predictor", 1)
    if predictor not in (1, 2, 3) or (predictor == 3 and dtype.kind != "f"):
        at.refuse(f"predictor {predictor} is not read")
    values = np.zeros((height, width), dtype.newbyteorder("="))
    there = np.zeros((height, width), bool)
    for top, left, rows, columns, where, size in _blocks(at, tiff, width, height):
        if size == 0:
            continue
        if where + size > len(tiff.data):
            at.refuse(f"the block at byte {where} lies behind the end; the file may be cut off")
        wanted = rows * columns * dtype.itemsize
        raw = unpack(tiff.data[where : where + size], wanted)
        if len(raw) < wanted:
            at.refuse(f"the block at byte {where} is damaged: {len(raw)} of {wanted} bytes")
        block = _predicted(raw[:wanted], dtype, rows, columns, predictor)
        inside = values[top : top + rows, left : left + columns]
        inside[...] = block[: inside.shape[0], : inside.shape[1]]
        there[top : top + rows, left : left + columns] = True
    return values, there


def _dtype(at: Place, tiff: Tiff) -> np.dtype[Any]:
    bands = tiff.whole(at, _BANDS, "number of bands", 1)
    bits = tiff.whole(at, _BITS, "bits", 1)
    kind = _KINDS.get(tiff.whole(at, _SAMPLE_FORMAT, "sample format", 1))
    if bands != 1 or bits == 8:
        at.refuse(f"expected one band of heights, found {bands} of {bits} bit: is it a picture?")
    if kind is None or bits not in (16, 32, 64):
        at.refuse(f"numbers of {bits} bit of this sort are not read")
    return np.dtype(f"{tiff.order}{kind}{bits // 8}")


def _unpacker(at: Place, tiff: Tiff) -> Callable[[bytes, int], bytes]:
    known: dict[int, Callable[[bytes, int], bytes]] = {
        1: lambda data, _: data,
        5: lzw,
        8: _inflate,
        32773: packbits,
        32946: _inflate,
    }
    found = tiff.whole(at, _COMPRESSION, "compression", 1)
    if found not in known:
        at.refuse(
            f"compression {found} is not read; write it again as Deflate, for example with "
            "gdal_translate -co COMPRESS=DEFLATE"
        )
    return known[found]


def _inflate(data: bytes, size: int) -> bytes:
    try:
        return zlib.decompressobj().decompress(data, size)
    except zlib.error:
        return b""


def _blocks(
    at: Place, tiff: Tiff, width: int, height: int
) -> Iterator[tuple[int, int, int, int, int, int]]:
    """Top, left, rows, columns, place and size in the file of each strip or tile."""
    if tiff.numbers(_TILES):
        columns = tiff.whole(at, _TILE_WIDTH, "width of tiles")
        rows = tiff.whole(at, _TILE_HEIGHT, "height of tiles")
        where, sizes = tiff.numbers(_TILES), tiff.numbers(_TILE_BYTES)
        if columns <= 0 or rows <= 0 or columns % 16 or rows % 16 or rows * columns > _MAX_CELLS:
            at.refuse(f"tiles of {columns} x {rows} cells cannot be")
    else:
        columns = width
        rows = min(tiff.whole(at, _STRIP_ROWS, "rows of a strip", height), height)
        where, sizes = tiff.numbers(_STRIPS), tiff.numbers(_STRIP_BYTES)
        if rows <= 0:
            at.refuse(f"strips of {rows} rows cannot be")
    across, down = -(-width // columns), -(-height // rows)
    whole = all(isinstance(v, int) and v >= 0 for v in (*where, *sizes))
    if len(where) != across * down or len(sizes) != len(where) or not whole:
        at.refuse(f"expected {across * down} blocks of data, found {len(where)}")
    tiled = bool(tiff.numbers(_TILES))
    for k in range(across * down):
        top, left = k // across * rows, k % across * columns
        held = rows if tiled else min(rows, height - top)
        yield top, left, held, columns, where[k], sizes[k]


def _predicted(raw: bytes, dtype: np.dtype[Any], rows: int, columns: int, predictor: int) -> Array:
    """Undo the differences along rows."""
    native = dtype.newbyteorder("=")
    if predictor == 3:
        # Differences of bytes, the most significant bytes of a row first, whatever the file's
        # order.
        size = dtype.itemsize
        steps = np.frombuffer(raw, np.uint8).reshape(rows, size, columns)
        flat = np.cumsum(steps.reshape(rows, -1), axis=1, dtype=np.uint8)
        planes = flat.reshape(rows, size, columns).transpose(0, 2, 1)
        return np.ascontiguousarray(planes).view(dtype.newbyteorder(">"))[..., 0].astype(native)
    block = np.frombuffer(raw, dtype).reshape(rows, columns).astype(native)
    if predictor == 2:
        unsigned = np.dtype(f"u{dtype.itemsize}")
        return np.cumsum(block.view(unsigned), axis=1, dtype=unsigned).view(native)
    return block
