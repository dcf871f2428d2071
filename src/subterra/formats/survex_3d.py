"""Surveyed legs in Survex image files (``.3d``, version 8), as cavern and Therion write them.

Header of text lines, then items: a code, a label as changes of the last one, coordinates as 32-bit
little-endian centimetres (Survex, "3d Format Specification", version 8, 2024). Splay legs, legs
above ground and legs that were not measured (style nosurvey) are no courses of workings and are
left out; cross-sections and dates are passed over. The network has been adjusted before. How well
its loops closed cannot be told in metres: cavern writes the errors of traverses as multiples of
standard errors that are not in the file.
"""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import numpy as np

from subterra.formats.text import MAX_BYTES, Place, located, read_bytes
from subterra.tables import CentreLineTable

__all__ = ["read_survex_3d"]

_FILE_ID: Final = b"Survex 3D Image File\n"
_EXTENDED: Final = 0x80
_STYLES: Final = range(5)
_NOSURVEY: Final = 4
_MOVE: Final = 0x0F
_PASSED_OVER: Final = {0x10: 0, 0x11: 2, 0x12: 3, 0x13: 4, 0x1F: 20}
"""Bytes of the items of dates and of errors."""
_SECTIONS: Final = {0x30: 8, 0x31: 8, 0x32: 16, 0x33: 16}
_LINE: Final = 0x40
_LABEL: Final = 0x80
_SURFACE: Final = 0x01
_SPLAY: Final = 0x04
_SAME_LABEL: Final = 0x20
_MAX_LABEL: Final = 1000
_MAX_CRS: Final = 200
_MAX_LEGS: Final = 200_000

_Point = tuple[int, int, int]


@dataclass
class _Survey:
    """What the items of a file say; places in centimetres."""

    legs: list[tuple[_Point, _Point, str]] = field(default_factory=list[tuple[_Point, _Point, str]])
    names: dict[_Point, list[str]] = field(default_factory=dict[_Point, list[str]])


class _Bytes:
    """The bytes of a file with a position in them."""

    def __init__(self, path: Path | str, data: bytes) -> None:
        self.place = Place(path)
        self.data = data
        self.at = 0

    def take(self, count: int) -> bytes:
        if self.at + count > len(self.data):
            self.place.refuse(
                f"byte {len(self.data)}: the file ends within an item; it may be cut off"
            )
        self.at += count
        return self.data[self.at - count : self.at]

    def line(self, what: str) -> bytes:
        end = self.data.find(b"\n", self.at)
        if end < 0:
            self.place.refuse(f"byte {self.at}: expected a line with the {what}")
        found = self.data[self.at : end]
        self.at = end + 1
        return found

    def byte(self) -> int:
        return self.take(1)[0]

    def point(self) -> _Point:
        x, y, z = struct.unpack("<3i", self.take(12))
        return x, y, z

    def count(self) -> int:
        first = self.byte()
        return first if first != 0xFF else struct.unpack("<I", self.take(4))[0]

    def label(self, before: bytes) -> bytes:
        """Change a label: cut so many bytes from its end, append so many."""
        at = self.at
        code = self.byte()
        cut, more = (code >> 4, code & 0x0F) if code else (self.count(), self.count())
        if cut > len(before) or len(before) - cut + more > _MAX_LABEL:
            self.place.refuse(
                f"byte {at}: a label of {len(before)} bytes cannot lose {cut} and gain {more}"
            )
        return before[: len(before) - cut] + self.take(more)


def read_survex_3d(path: Path | str, *, max_bytes: int = MAX_BYTES) -> CentreLineTable:
    """Read the legs of a Survex image file of version 8.

    Parameters
    ----------
    path : Path or str
        The file.
    max_bytes : int
        Size beyond which the file is refused.

    Returns
    -------
    CentreLineTable
        One line for each leg, named after its stations, with the coordinate system that the file
        names, if any.

    Raises
    ------
    InputError
        Not such a file, another version, cut off, an extended elevation (its coordinates are no
        places), or without a leg under ground; with the byte.
    """
    data = _Bytes(path, read_bytes(path, max_bytes=max_bytes))
    at = data.place
    if not data.data.startswith(_FILE_ID):
        at.refuse("expected a Survex 3D image file, which begins with that name")
    data.line("file's name")
    version = data.line("version")
    if version != b"v8":
        at.refuse(
            f"expected version v8 of the format, found {version[:8]!r}; write it again with a "
            "current survexport or cavern"
        )
    metadata = [*data.line("title").split(b"\0"), b"", b""]
    if not data.line("time").startswith(b"@"):
        at.refuse("expected the time of the file as '@' and seconds")
    if data.byte() & _EXTENDED:
        at.refuse("an extended elevation is no plan: its coordinates are no places")
    return _table(path, _items(data), _crs(at, metadata[1]), _text(metadata[2]) or ".")


def _crs(at: Place, name: bytes) -> str:
    text = _text(name).strip()
    if len(text) > _MAX_CRS or not text.isprintable():
        at.refuse("the coordinate system in the header is no name of one")
    old = re.search(r"\+init=(epsg|esri):(\d{1,6})\b", text, re.IGNORECASE | re.ASCII)
    return f"{old[1].upper()}:{old[2]}" if old else text


def _text(name: bytes) -> str:
    try:
        return name.decode("utf-8")
    except UnicodeDecodeError:
        # Names come from source files of any age.
        return name.decode("latin-1")


def _items(data: _Bytes) -> _Survey:
    survey = _Survey()
    # No style holds before the first one is said.
    label, style, here = b"", -1, None
    while True:
        code = data.byte()
        if code == 0 and style == 0:
            return survey
        if code in _STYLES:
            style = code
        elif code == _MOVE:
            here = data.point()
        elif code in _PASSED_OVER:
            data.take(_PASSED_OVER[code])
        elif code in _SECTIONS:
            label = data.label(label)
            data.take(_SECTIONS[code])
        elif code >= _LABEL:
            label = data.label(label)
            station = data.point()
            if label:
                survey.names.setdefault(station, []).append(_text(label))
        elif code >= _LINE:
            if not code & _SAME_LABEL:
                label = data.label(label)
            there = data.point()
            if here is None:
                data.place.refuse(f"byte {data.at}: a leg begins nowhere")
            _leg(data, survey, (here, there, _text(label)), code, style)
            here = there
        else:
            data.place.refuse(f"byte {data.at - 1}: 0x{code:02x} is no item of version 8")


def _leg(
    data: _Bytes, survey: _Survey, leg: tuple[_Point, _Point, str], code: int, style: int
) -> None:
    if code & (_SPLAY | _SURFACE) or style == _NOSURVEY:
        return
    if len(survey.legs) == _MAX_LEGS:
        data.place.refuse(f"expected at most {_MAX_LEGS:,} legs")
    survey.legs.append(leg)


def _table(path: Path | str, survey: _Survey, crs: str, separator: str) -> CentreLineTable:
    if not survey.legs:
        Place(path).refuse("there are no legs under ground in it")
    names: list[str] = []
    seen: dict[str, int] = {}
    for k, (begin, end, label) in enumerate(survey.legs, start=1):
        ends = [_named(survey, place, label, separator) for place in (begin, end)]
        name = "-".join(ends) if all(ends) else f"{label} leg {k}".strip()
        seen[name] = seen.get(name, 0) + 1
        names.append(name if seen[name] == 1 else f"{name}#{seen[name]}")
    vertices = 0.01 * np.array([leg[:2] for leg in survey.legs], np.float64).reshape(-1, 3)
    with located(path, {}):
        return CentreLineTable(
            tuple(names),
            np.arange(len(names) + 1, dtype=np.int32) * 2,
            vertices[:, 0],
            vertices[:, 1],
            vertices[:, 2],
            crs=crs,
        )


def _named(survey: _Survey, place: _Point, label: str, separator: str) -> str:
    """Name of the station at a place: of several, the one in the leg's own survey."""
    names = survey.names.get(place, [])
    own = [name for name in names if name.rpartition(separator)[0] == label]
    return (own or names or [""])[0]
