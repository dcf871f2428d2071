"""Resistivity along a line in the data format of Res2DInv.

Read are the general array (type 11, electrodes given by x and z) and the indexed arrays Wenner
(1), pole-pole (2), dipole-dipole (3), pole-dipole (6) and Wenner-Schlumberger (7), apparent
resistivity or resistance, error estimates, topography in a separate list or in z. Induced
polarisation is carried along as the extra column ``ip``. Described in the manual of Res2DInv,
"Data file format" (Loke).
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import numpy as np

from subterra.counting import counted
from subterra.formats.electrodes import check_frame, place, rhoa_from_resistance
from subterra.formats.spreads import tell_apart
from subterra.formats.text import (
    MAX_BYTES,
    Place,
    located,
    number,
    read_text,
    sniffable,
    split_lines,
    whole_number,
)
from subterra.tables import FloatArray, ResistivityTable

__all__ = ["read_res2dinv", "sniff_res2dinv"]

_GENERAL = 11
_POLE_DIPOLE = 6
_Spread: TypeAlias = list[tuple[float, float]]
# A, B, M, N along the line as (share of a, share of n*a) from the first electrode; None is remote.
# The order gives each array a positive geometric factor.
_Steps: TypeAlias = tuple[tuple[float, float] | None, ...]
_INDEXED: Mapping[int, _Steps] = {
    1: ((0, 0), (3, 0), (1, 0), (2, 0)),
    2: ((0, 0), None, (1, 0), None),
    3: ((1, 0), (0, 0), (1, 1), (2, 1)),
    _POLE_DIPOLE: ((0, 0), None, (0, 1), (1, 1)),
    7: ((0, 0), (1, 2), (0, 1), (1, 1)),
}
_WITHOUT_N = (1, 2)


@dataclass(frozen=True)
class _Header:
    array: int
    resistance: bool
    n_data: int
    x_location: int
    has_error: bool
    has_ip: bool


@dataclass(frozen=True)
class _Data:
    lines: tuple[int, ...]
    spread_m: FloatArray  # x and z of A, B, M, N, shape (n, 4, 2), NaN where remote
    value: FloatArray
    err_relative: FloatArray | None
    ip: tuple[str, ...] | None


class _Lines:
    """Walks through the lines that are not blank; space, comma and semicolon part the fields."""

    def __init__(self, path: Path | str, text: str) -> None:
        self._path = path
        self._lines = split_lines(text)
        self._next = 1  # the first line is the title, whatever it holds

    def next(self, what: str) -> tuple[Place, list[str]]:
        """Line that comes next, as fields."""
        while self._next < len(self._lines) and not self._lines[self._next].strip():
            self._next += 1
        if self._next >= len(self._lines):
            self.end.refuse(f"expected {what}, found the end of the file; it may be cut off")
        line = self._lines[self._next].strip(" \t,;")
        self._next += 1
        return Place(self._path, self._next), re.split(r"[\s,;]+", line)

    @property
    def end(self) -> Place:
        """The last line read."""
        return Place(self._path, min(self._next, len(self._lines)))

    def peek(self) -> str:
        """Text of the line that comes next; blank at the end of the file."""
        return next((line.strip() for line in self._lines[self._next :] if line.strip()), "")

    def one(self, what: str, allowed: Sequence[int]) -> int:
        """Read a line that holds one of a few whole numbers."""
        at, fields = self.next(what)
        value = whole_number(fields[0], what, at, column=1)
        if value not in allowed:
            known = ", ".join(map(str, allowed))
            at.refuse(f"{what}: expected one of {known}, found {value}", column=1)
        return value


def read_res2dinv(
    path: Path | str,
    *,
    origin: tuple[float, float] | None = None,
    rotation_deg: float = 0.0,
    max_bytes: int = MAX_BYTES,
) -> ResistivityTable:
    """Read a line of resistivity data.

    Parameters
    ----------
    path : Path or str
        The file.
    origin : (float, float), optional
        Site coordinates of the line's point x = 0, m.
    rotation_deg : float
        Direction of the line, counter-clockwise from the site's x axis (east); see
        `subterra.formats.electrodes.place`.
    max_bytes : int
        Size beyond which the file is refused.

    Returns
    -------
    ResistivityTable
        Without z when the file gives neither topography nor any z but 0. Distances along the
        ground are turned into horizontal ones; beyond the points of a topography list the
        ground is level.

    Raises
    ------
    InputError
        Anything that cannot be used, with line and column; among it arrays of other types and
        mid-points of pole-dipole arrays, for which several definitions are in use.
    """
    frame = check_frame(origin, rotation_deg)
    lines = _Lines(path, read_text(path, max_bytes=max_bytes))
    header = _header(lines)
    data = _data(lines, header)
    electrode_m, abmn = tell_apart(data.spread_m)
    along_m, z_m = _on_topography(lines, header, *electrode_m.T)
    x_m, y_m = place(along_m, np.zeros_like(along_m), *frame)
    rhoa_ohmm = data.value
    if header.resistance:
        position_m = np.column_stack([along_m, np.zeros_like(along_m), z_m])
        rhoa_ohmm = rhoa_from_resistance(path, data.lines, position_m, abmn, data.value)
    columns = {"rhoa_ohmm": ("apparent resistivity", None), "err_relative": ("error", None)}
    with located(path, {"": data.lines}, columns):
        return ResistivityTable(
            electrode_x_m=x_m,
            electrode_y_m=y_m,
            electrode_z_m=z_m if z_m.any() else None,
            abmn=abmn,
            rhoa_ohmm=rhoa_ohmm,
            err_relative=data.err_relative,
            extra={} if data.ip is None else {"ip": data.ip},
        )


def sniff_res2dinv(head: bytes) -> bool:
    """Whether the first bytes of a file are a title, a spacing and a known type of array."""
    lines = [line.strip() for line in split_lines(sniffable(head))][1:]
    fields = [line for line in lines if line][:3]
    return (
        len(fields) == 3
        and re.fullmatch(r"\d*\.?\d+\.?(?:[eE][-+]?\d+)?", fields[0], re.ASCII) is not None
        and fields[1] in {str(array) for array in (*_INDEXED, _GENERAL)}
        and re.match(r"\d+\b|remote", fields[2], re.IGNORECASE) is not None
    )


def _header(lines: _Lines) -> _Header:
    at, fields = lines.next("the electrode spacing")
    number(fields[0], "electrode spacing", at, column=1)
    array = lines.one("type of array", (*_INDEXED, _GENERAL))
    resistance = False
    if array == _GENERAL:
        lines.next("the type of sub-array")
        if not re.fullmatch(r"[01]", lines.peek()):
            lines.next("the type of measurement")
        resistance = bool(lines.one("type of measurement", (0, 1)))
    at, fields = lines.next("the number of data")
    if fields[0].lower() == "remote":
        at.refuse("remote electrodes at a given place are not read here; use the general array")
    n_data = whole_number(fields[0], "number of data", at, column=1)
    if n_data < 1:
        at.refuse(f"expected at least one datum, found {n_data}")
    x_location = lines.one("type of x-location", (0, 1, 2) if array == _GENERAL else (0, 1))
    if array == _POLE_DIPOLE and x_location == 1:
        lines.end.refuse(
            "mid-points of pole-dipole arrays have several definitions; give the first electrode"
        )
    has_ip = bool(lines.one("flag of induced polarisation", (0, 1)))
    for what in ("name", "unit", "timing") if has_ip else ():
        lines.next(f"the {what} of the induced polarisation")
    has_error = lines.peek().lower().startswith("error estimate")
    if has_error:
        lines.next("the title of the errors")
        lines.next("the type of error")
        lines.one("type of error", (0,))
    return _Header(array, resistance, n_data, x_location, has_error, has_ip)


def _data(lines: _Lines, header: _Header) -> _Data:
    parse = _general if header.array == _GENERAL else _indexed
    expected = 1 + header.has_error + header.has_ip
    at_lines: list[int] = []
    spreads: list[_Spread] = []
    values: list[list[float]] = []
    for row in range(header.n_data):
        at, fields = lines.next(f"datum {row + 1} of {header.n_data}")
        spread, used = parse(header, fields, at)
        rest = fields[used:]
        # Induced polarisation may have any number of gates, of which the first is kept.
        if len(rest) < expected or (len(rest) > expected and not header.has_ip):
            at.refuse(f"expected {used + expected} fields, found {len(fields)}")
        values.append(
            [
                number(field, "value", at, column=used + i + 1)
                for i, field in enumerate(rest[:expected])
            ]
        )
        if values[-1][0] == 0.0:
            at.refuse("value: expected a number other than 0", column=used + 1)
        spreads.append(spread)
        at_lines.append(at.line or 0)
    columns = np.array(values).T
    with np.errstate(over="ignore"):
        err_relative = columns[1] / np.abs(columns[0]) if header.has_error else None
    return _Data(
        lines=tuple(at_lines),
        spread_m=np.array(spreads),
        value=columns[0],
        err_relative=err_relative,
        ip=tuple(map(repr, columns[-1].tolist())) if header.has_ip else None,
    )


def _general(_: _Header, fields: list[str], at: Place) -> tuple[_Spread, int]:
    """Electrodes of a datum that gives their x and z."""
    count = whole_number(fields[0], "number of electrodes", at, column=1)
    roles = {4: (0, 1, 2, 3), 3: (0, 2, 3), 2: (0, 2)}.get(count)
    if roles is None:
        at.refuse(f"expected 2, 3 or 4 electrodes, found {count}", column=1)
    used = 1 + 2 * count
    if len(fields) <= used:
        at.refuse(f"expected at least {used + 1} fields, found {len(fields)}")
    spread: _Spread = [(math.nan, math.nan)] * 4
    for i, role in enumerate(roles):
        x, z = (
            number(fields[column], "electrode", at, column=column + 1)
            for column in (1 + 2 * i, 2 + 2 * i)
        )
        spread[role] = (x, z)
    return spread, used


def _indexed(header: _Header, fields: list[str], at: Place) -> tuple[_Spread, int]:
    """Electrodes of a datum that gives the array's place, its spacing a and the factor n."""
    steps = _INDEXED[header.array]
    used = 2 if header.array in _WITHOUT_N else 3
    if len(fields) <= used:
        at.refuse(f"expected at least {used + 1} fields, found {len(fields)}")
    x, a, n = (
        number(fields[i], name, at, column=i + 1) if i < used else 0.0
        for i, name in enumerate(("location", "spacing a", "factor n"))
    )
    if a <= 0.0:
        at.refuse(f"expected a positive spacing a, found {a:g}", column=2)
    if used == 3 and (n == 0.0 or (n < 0.0 and header.array != _POLE_DIPOLE)):
        at.refuse(f"expected a positive factor n, found {n:g}", column=3)
    offsets = [None if step is None else a * (step[0] + step[1] * abs(n)) for step in steps]
    length = max(offset for offset in offsets if offset is not None)
    if n < 0.0:  # the reverse array, its current electrode last
        offsets = [None if offset is None else length - offset for offset in offsets]
    if header.x_location == 1:
        x -= length / 2
    return [(math.nan, math.nan) if o is None else (x + o, 0.0) for o in offsets], used


def _on_topography(
    lines: _Lines, header: _Header, along_m: FloatArray, z_m: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Horizontal distance and elevation of the electrodes, with what the end of the file says."""
    points = _topography(lines)
    if points is not None:
        if z_m.any():
            lines.end.refuse("topography is given both with the electrodes and in a list")
        knots, z_knots, along_ground = points
        z_m = np.interp(along_m, knots, z_knots)
    elif header.x_location == 2 and z_m.any():
        knots, z_knots, along_ground = along_m, z_m, True
    else:
        return along_m, z_m
    if not along_ground:
        return along_m, z_m
    step, rise = np.diff(knots), np.diff(z_knots)
    if not (step > np.abs(rise)).all():
        lines.end.refuse("distances along the ground are shorter than the differences in elevation")
    level = knots[0] + np.concatenate([[0.0], np.cumsum(np.sqrt(step**2 - rise**2))])
    inside = np.clip(along_m, knots[0], knots[-1])
    return np.interp(inside, knots, level) + (along_m - inside), z_m


def _topography(lines: _Lines) -> tuple[FloatArray, FloatArray, bool] | None:
    """Points of a topography list and whether their distances are along the ground."""
    if re.match(r"[A-Za-z]", lines.peek()):
        lines.next("the title of the topography")
    if not lines.peek():
        return None
    kind = lines.one("flag of topography", (0, 1, 2))
    if kind == 0:
        return None
    at, fields = lines.next("the number of topography points")
    count = whole_number(fields[0], "number of topography points", at, column=1)
    if count < 2:
        at.refuse(f"expected at least 2 topography points, found {count}")
    points: list[tuple[float, float]] = []
    for row in range(count):
        at, fields = lines.next(f"topography point {row + 1} of {count}")
        if len(fields) != 2:
            at.refuse(f"expected x and z, found {counted(len(fields), 'field')}")
        x, z = (number(field, "xz"[i], at, column=i + 1) for i, field in enumerate(fields))
        if points and x <= points[-1][0]:
            at.refuse("expected topography points in order of increasing x", column=1)
        points.append((x, z))
    knots, z_knots = np.array(points).T
    return knots, z_knots, kind == 2
