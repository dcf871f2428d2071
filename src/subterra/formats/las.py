"""Points of the ground from LAS 1.0 to 1.4 (ASPRS, LAS Specification 1.4 R15, 2019).

Of the point records of formats 0 to 10 only place, return and class are used. Points that are
classified as ground (class 2) are taken; where there are none, last returns that are no noise,
which is said. LAZ, the compressed form, is refused with what unpacks it.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from subterra.counting import counted
from subterra.formats.terrain_frame import (
    TerrainDefaults,
    TerrainFrame,
    frame_of_keys,
    frame_of_wkt,
    shorts,
)
from subterra.formats.text import MAX_BYTES, Place, located, read_bytes
from subterra.tables import HEIGHT_RANGE_M, TerrainTable

__all__ = ["read_las", "sniff_las"]

Array = npt.NDArray[Any]

_RECORD_BYTES: Final = (20, 28, 26, 34, 57, 63, 30, 36, 38, 59, 67)
"""Bytes of a point record of format 0 to 10 without what a maker adds behind it."""
_HEADER_BYTES: Final = {0: 227, 1: 227, 2: 227, 3: 235, 4: 375}
_WIDE_FLAGS: Final = 6
_COMPRESSED: Final = 0xC0
_GROUND: Final = 2
_NOISE: Final = (7, 18)
_SYNTHETIC_CLASSES: Final = 32
_PROJECTION: Final = b"LASF_Projection"
_KEYS, _KEY_TEXT, _WKT = 34735, 34737, 2112
_MAX_RECORDS: Final = 10_000
_MAX_POINTS: Final = 20_000_000

_Variable = dict[tuple[bytes, int], bytes]


@dataclass(frozen=True)
class _Header:
    """What the public header block says."""

    minor: int
    begin: int
    n_variable: int
    format: int
    record_bytes: int
    n_points: int
    scale: tuple[float, float, float]
    shift: tuple[float, float, float]
    header_bytes: int
    extended: tuple[int, int]


def read_las(
    path: Path | str, defaults: TerrainDefaults | None = None, *, max_bytes: int = 4 * MAX_BYTES
) -> TerrainTable:
    """Read the ground points of a LAS file.

    Parameters
    ----------
    path : Path or str
        The file.
    defaults : TerrainDefaults, optional
        What is known of it beyond what it says.
    max_bytes : int
        Size beyond which the file is refused.

    Returns
    -------
    TerrainTable
        Heights in metres; ``remark`` says which points were taken.

    Raises
    ------
    InputError
        Not such a file, another version or point format, compressed (LAZ), cut off, without a
        ground point, or heights that cannot be.
    """
    said = defaults or TerrainDefaults()
    at = Place(path)
    data = read_bytes(path, max_bytes=max_bytes)
    head = _header(at, data)
    variable = _variable(at, data, head)
    frame = _frame(at, variable, said)
    records = _records(at, data, head)
    if not len(records):
        at.refuse("there is no point in it")
    taken, remark = _ground(records, head.format)
    if not taken.any():
        at.refuse("all of its points are noise, withheld or not the last return")
    x, y, z = (
        records[name][taken].astype(np.float64) * head.scale[k] + head.shift[k]
        for k, name in enumerate("xyz")
    )
    z = z * frame.metres
    low, high = HEIGHT_RANGE_M
    if not (z.min() >= low and z.max() <= high):
        at.refuse(
            f"expected heights of {low:,.0f} to {high:,.0f} m, found {z.min():g} to {z.max():g}"
        )
    with located(path, {}):
        return TerrainTable(x, y, z, frame.crs, frame.vertical, said.sd_m, remark)


def sniff_las(head: bytes) -> bool:
    """Whether the first bytes of a file are those of LAS or LAZ."""
    return head.startswith(b"LASF")


def _header(at: Place, data: bytes) -> _Header:
    if not sniff_las(data):
        at.refuse("expected a LAS file, which begins with LASF")
    if len(data) < 227:
        at.refuse(f"expected a header of at least 227 bytes, found {len(data)}; it may be cut off")
    major, minor = data[24], data[25]
    size, begin, n_variable, kind, record, n_points = struct.unpack_from("<HIIBHI", data, 94)
    if major != 1 or minor not in _HEADER_BYTES:
        at.refuse(f"byte 24: expected LAS 1.0 to 1.4, found {major}.{minor}")
    if size < _HEADER_BYTES[minor] or not size <= begin <= len(data):
        at.refuse(f"byte 94: a header of {size} bytes and points from byte {begin} cannot be")
    extended = (0, 0)
    if minor == 4:
        extended = struct.unpack_from("<QI", data, 235)
        (long_count,) = struct.unpack_from("<Q", data, 247)
        n_points = long_count or n_points
    numbers = struct.unpack_from("<6d", data, 131)
    # A scale says how fine a place is; with this bound no coordinate overflows.
    if not all(1e-12 < v < 1e3 for v in numbers[:3]) or not all(abs(v) < 1e9 for v in numbers[3:]):
        at.refuse("byte 131: the scales and offsets of its coordinates cannot be")
    head = _Header(
        minor, begin, n_variable, kind, record, n_points, numbers[:3], numbers[3:], size, extended
    )
    if kind & _COMPRESSED:
        at.refuse(
            "it is LAZ, compressed points, which are not read: unpack it to LAS, for example with "
            "laszip, pdal translate, or QGIS"
        )
    if not kind < len(_RECORD_BYTES):
        at.refuse(f"byte 104: point format {kind} is not known, expected 0 to 10")
    if record < _RECORD_BYTES[head.format]:
        at.refuse(f"byte 105: records of {record} bytes are too short for point format {kind}")
    if n_points > _MAX_POINTS:
        at.refuse(f"it holds {n_points:,} points, at most {_MAX_POINTS:,} are read: cut or thin it")
    return head


def _variable(at: Place, data: bytes, head: _Header) -> _Variable:
    """Variable length records before and behind the points, by user and number."""
    found: _Variable = {}
    if head.n_variable + head.extended[1] > _MAX_RECORDS:
        at.refuse(f"{head.n_variable + head.extended[1]:,} variable length records cannot be")
    for where, count, layout in (
        (head.header_bytes, head.n_variable, "<2x16sHH32x"),
        (*head.extended, "<2x16sHQ32x"),
    ):
        for _ in range(count):
            if where + struct.calcsize(layout) > len(data):
                at.refuse("its variable length records run over the end; it may be cut off")
            user, number, size = struct.unpack_from(layout, data, where)
            where += struct.calcsize(layout)
            if where + size > len(data):
                at.refuse("a variable length record runs over the end; it may be cut off")
            found.setdefault((user.split(b"\0")[0], number), data[where : where + size])
            where += size
    return found


def _frame(at: Place, variable: _Variable, said: TerrainDefaults) -> TerrainFrame:
    wkt = variable.get((_PROJECTION, _WKT), b"").rstrip(b"\0 ").decode("utf-8", "replace")
    if wkt:
        return frame_of_wkt(at, wkt, said)
    keys = shorts(variable.get((_PROJECTION, _KEYS), b""))
    words = variable.get((_PROJECTION, _KEY_TEXT), b"").decode("latin-1")
    # Writers fill a directory up with zeros.
    return frame_of_keys(at, keys if any(keys) else (), words, said)


def _records(at: Place, data: bytes, head: _Header) -> Array:
    wide = head.format >= _WIDE_FLAGS
    layout = np.dtype(
        {
            "names": ["x", "y", "z", "returns", "flags", "class"],
            "formats": ["<i4", "<i4", "<i4", "u1", "u1", "u1"],
            "offsets": [0, 4, 8, 14, 15, 16 if wide else 15],
            "itemsize": head.record_bytes,
        }
    )
    wanted = head.n_points * head.record_bytes
    if head.begin + wanted > len(data):
        held = (len(data) - head.begin) // head.record_bytes
        at.refuse(f"it holds {held:,} of {head.n_points:,} points; it may be cut off")
    return np.frombuffer(data, layout, count=head.n_points, offset=head.begin)


def _ground(records: Array, point_format: int) -> tuple[Array, str]:
    """Which points are of the ground, and how they were chosen."""
    flags, returns = records["flags"], records["returns"]
    if point_format >= _WIDE_FLAGS:
        kind, withheld = records["class"], (flags & 0x04) > 0
        last = (returns & 0x0F) == (returns >> 4)
    else:
        kind, withheld = flags & (_SYNTHETIC_CLASSES - 1), (flags & 0x80) > 0
        last = (returns & 0x07) == ((returns >> 3) & 0x07)
    kept = ~withheld
    ground = kept & (kind == _GROUND)
    total = len(records)
    if ground.any():
        return ground, f"{counted(int(ground.sum()), 'ground point')} of {total:,}"
    taken = kept & last & ~np.isin(kind, _NOISE)
    return taken, (
        f"no point is classified as ground: {counted(int(taken.sum()), 'last return')} of "
        f"{counted(total, 'point')}, which may stand on plants and roofs"
    )
