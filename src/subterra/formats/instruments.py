"""Text exports of resistivity meters: Iris Syscal (Prosys) and ABEM Terrameter.

**Syscal**: a header line with ``Spa.1 Spa.2 Spa.3 Spa.4`` (places of A, B, M, N along the line, m)
and ``Rho`` (Ω·m), or ``Vp`` (mV) and ``In`` (mA); ``Dev.`` is the deviation of the stack in per
cent. Parted by tabs, commas, semicolons or blanks (then names of arrays may hold blanks). Places
of 99999 and more are remote.

**Terrameter** (LS and SAS text export): lines about the project, a header line with ``A(x)`` …
``N(z)`` and ``R(O)`` or ``R(Ohm)`` or an apparent resistivity, ``Var(%)``; rows parted by tabs, up
to a line of dashes. Places are in units of the cable as the operator has set it; the option
``spacing`` multiplies them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from subterra.formats.electrodes import check_frame
from subterra.formats.spreads import SMALLEST_ERROR, remote_beyond, table_of_spreads
from subterra.formats.text import (
    MAX_BYTES,
    Place,
    number,
    read_text,
    sniffable,
    split_lines,
)
from subterra.tables import FloatArray, ResistivityTable

__all__ = ["read_syscal", "read_terrameter", "sniff_syscal", "sniff_terrameter"]

_SPACES: Final = ("Spa.1", "Spa.2", "Spa.3", "Spa.4")
_ROLES: Final = ("A", "B", "M", "N")
_REMOTE_M: Final = 99999.0
_RHOA: Final = ("Rhoa", "Rho-a(Ohm-m)", "Rho-a(Om)", "App.R(Ohmm)", "App.Res.(Ohmm)")
_RESISTANCE: Final = ("R(O)", "R(Ohm)", "R(ohm)")


@dataclass(frozen=True)
class _Rows:
    path: Path | str
    names: tuple[str, ...]
    lines: tuple[int, ...]
    cells: tuple[Sequence[str], ...]

    def numbers(self, name: str) -> FloatArray:
        column = self.names.index(name)
        values = [
            number(row[column], name, Place(self.path, line), column=column + 1)
            for line, row in zip(self.lines, self.cells, strict=True)
        ]
        return np.array(values)

    def first_of(self, names: Sequence[str]) -> str | None:
        return next((name for name in names if name in self.names), None)


def read_syscal(
    path: Path | str,
    *,
    origin: tuple[float, float] | None = None,
    rotation_deg: float = 0.0,
    spacing: float | None = None,
    max_bytes: int = MAX_BYTES,
) -> ResistivityTable:
    """Read a text export of an Iris Syscal.

    Parameters
    ----------
    path : Path or str
        The file.
    origin : (float, float), optional
        Site coordinates of the line's point 0, m.
    rotation_deg : float
        Direction of the line, counter-clockwise from the site's x axis.
    spacing : float, optional
        Metres per unit of the file's places; 1 by default.
    max_bytes : int
        Size beyond which the file is refused.

    Returns
    -------
    ResistivityTable

    Raises
    ------
    InputError
        Anything that cannot be used, with line and column.
    """
    frame = check_frame(origin, rotation_deg)
    rows = _syscal_rows(path, split_lines(read_text(path, max_bytes=max_bytes)))
    spread = np.zeros((len(rows.lines), 4, 3))
    spread[:, :, 0] = np.column_stack([rows.numbers(name) for name in _SPACES])
    spread = remote_beyond(spread, _REMOTE_M) * (1.0 if spacing is None else spacing)
    if "Rho" in rows.names:
        value, resistance = rows.numbers("Rho"), False
    elif {"Vp", "In"} <= set(rows.names):
        value, resistance = _ratio(rows, rows.numbers("Vp"), rows.numbers("In")), True
    else:
        Place(path, 1).refuse("expected a column Rho, or the columns Vp and In")
    deviation = rows.first_of(("Dev.", "Dev"))
    return table_of_spreads(
        path,
        rows.lines,
        spread,
        value,
        resistance=resistance,
        frame=frame,
        err_relative=None if deviation is None else _relative(rows.numbers(deviation)),
    )


def read_terrameter(
    path: Path | str,
    *,
    origin: tuple[float, float] | None = None,
    rotation_deg: float = 0.0,
    spacing: float | None = None,
    max_bytes: int = MAX_BYTES,
) -> ResistivityTable:
    """Read a text export of an ABEM Terrameter; see `read_syscal`."""
    frame = check_frame(origin, rotation_deg)
    rows = _terrameter_rows(path, split_lines(read_text(path, max_bytes=max_bytes)))
    spread = np.zeros((len(rows.lines), 4, 3))
    for k, role in enumerate(_ROLES):
        for j, axis in enumerate("xyz"):
            name = f"{role}({axis})"
            if name in rows.names:
                spread[:, k, j] = rows.numbers(name)
    if not np.ptp(spread[:, :, 1:], axis=(0, 1)).any():
        # Across the line and in height a straight cable counts from 1: that is no place.
        spread[:, :, 1:] = 0.0
    spread *= 1.0 if spacing is None else spacing
    rhoa, resistance = rows.first_of(_RHOA), rows.first_of(_RESISTANCE)
    name = rhoa or resistance
    if name is None:
        Place(path, rows.lines[0] - 1).refuse(
            f"expected a column {' or '.join((*_RHOA[:1], *_RESISTANCE))}"
        )
    return table_of_spreads(
        path,
        rows.lines,
        remote_beyond(spread, _REMOTE_M),
        rows.numbers(name),
        resistance=rhoa is None,
        frame=frame,
        err_relative=_relative(rows.numbers("Var(%)")) if "Var(%)" in rows.names else None,
    )


def sniff_syscal(head: bytes) -> bool:
    """Whether the first bytes of a file are the header of a Syscal export."""
    text = sniffable(head)
    return all(name in text for name in _SPACES)


def sniff_terrameter(head: bytes) -> bool:
    """Whether the first bytes of a file hold the header of a Terrameter export."""
    text = sniffable(head)
    return "A(x)" in text and "N(x)" in text and "MeasID" in text


def _relative(per_cent: FloatArray) -> FloatArray:
    return np.maximum(np.abs(per_cent) / 100.0, SMALLEST_ERROR)


def _ratio(rows: _Rows, volts: FloatArray, amperes: FloatArray) -> FloatArray:
    zero = amperes == 0.0
    if zero.any():
        Place(rows.path, rows.lines[int(np.argmax(zero))]).refuse("In: expected a current, found 0")
    with np.errstate(over="ignore"):
        return volts / amperes


def _syscal_rows(path: Path | str, lines: Sequence[str]) -> _Rows:
    start = next((k for k, line in enumerate(lines) if all(n in line for n in _SPACES)), None)
    if start is None:
        Place(path, 1).refuse(f"expected a header line with {' '.join(_SPACES)}")
    header = lines[start]
    mark = next((mark for mark in "\t;," if mark in header), None)
    names = _split(header, mark)
    _refuse_missing(path, names, _SPACES, start + 1)
    cells: list[list[str]] = []
    at_lines: list[int] = []
    for k in range(start + 1, len(lines)):
        if not lines[k].strip():
            continue
        fields = _split(lines[k], mark)
        surplus = len(fields) - len(names)
        if mark is None and surplus > 0:
            # The name of the array may hold blanks; it stands before the first place.
            before = names.index(_SPACES[0])
            if before == 0:
                Place(path, k + 1).refuse(f"expected {len(names)} fields, found {len(fields)}")
            joined = " ".join(fields[before - 1 : before + surplus])
            fields = [*fields[: before - 1], joined, *fields[before + surplus :]]
        elif surplus != 0:
            Place(path, k + 1).refuse(f"expected {len(names)} fields, found {len(fields)}")
        cells.append(fields)
        at_lines.append(k + 1)
    return _checked(path, names, at_lines, cells, start + 1)


def _terrameter_rows(path: Path | str, lines: Sequence[str]) -> _Rows:
    start = next((k for k, line in enumerate(lines) if "A(x)" in line and "N(x)" in line), None)
    if start is None:
        Place(path, 1).refuse("expected a header line with A(x) to N(x)")
    names = _split(lines[start], "\t")
    cells: list[list[str]] = []
    at_lines: list[int] = []
    for k in range(start + 1, len(lines)):
        if lines[k].startswith("---"):
            break
        if not lines[k].strip():
            continue
        fields = _split(lines[k], "\t")
        if len(fields) != len(names):
            Place(path, k + 1).refuse(f"expected {len(names)} fields, found {len(fields)}")
        cells.append(fields)
        at_lines.append(k + 1)
    _refuse_missing(path, names, [f"{role}(x)" for role in _ROLES], start + 1)
    return _checked(path, names, at_lines, cells, start + 1)


def _refuse_missing(
    path: Path | str, names: Sequence[str], needed: Sequence[str], header: int
) -> None:
    missing = [name for name in needed if name not in names]
    if missing:
        Place(path, header).refuse(f"missing column {', '.join(missing)}")


def _split(line: str, mark: str | None) -> list[str]:
    if mark is None:
        return line.split()
    fields = [field.strip().strip('"') for field in line.split(mark)]
    # A trailing mark, which both makers write, is no further column.
    return fields[:-1] if len(fields) > 1 and not fields[-1] else fields


def _checked(
    path: Path | str,
    names: Sequence[str],
    lines: Sequence[int],
    cells: Sequence[Sequence[str]],
    header: int,
) -> _Rows:
    twice = next((name for k, name in enumerate(names) if name in names[:k] and name), None)
    if twice is not None and re.fullmatch(r"Spa\.\d|[ABMN]\([xyz]\)|Rho.*|R\(.*", twice):
        Place(path, header).refuse(f"column {twice!r} is given twice")
    if not cells:
        Place(path, header).refuse("there are no data below the header")
    return _Rows(path, tuple(names), tuple(lines), tuple(cells))
