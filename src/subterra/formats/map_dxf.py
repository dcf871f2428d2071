"""Mine maps as DXF (text, any release): LINE, LWPOLYLINE and POLYLINE of the drawing itself.

Layers are levels. Bulged segments count as their chords. Heights are taken as known where a line
has any that is not zero, for plans drawn flat say zero. Texts, points, arcs, circles, hatches and
blocks are no lines of workings and are left out; splines are refused.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from subterra.formats.map_lines import MapDefaults, MapLines
from subterra.formats.text import (
    MAX_BYTES,
    Place,
    number,
    read_text,
    sniffable,
    split_lines,
    whole_number,
)
from subterra.tables import MineMapTable

__all__ = ["read_map_dxf", "sniff_map_dxf"]

_UNITS = {0: "m", 2: "ft", 6: "m"}
_MAX_PAIRS = 5_000_000


@dataclass
class _Entity:
    kind: str
    line: int
    pairs: list[tuple[int, str, int]] = field(default_factory=list[tuple[int, str, int]])


def read_map_dxf(
    path: Path | str, defaults: MapDefaults | None = None, *, max_bytes: int = MAX_BYTES
) -> MineMapTable:
    """Read a mine map from a DXF file.

    Parameters
    ----------
    path : Path or str
        Text DXF, UTF-8 or ASCII.
    defaults : MapDefaults, optional
        What a DXF file cannot say: sheet, tie, frame.
    max_bytes : int
        Size beyond which the file is refused.

    Returns
    -------
    MineMapTable

    Raises
    ------
    InputError
        Not DXF, no line in it, a spline, or a value that cannot be used, with its line.
    """
    text = read_text(path, max_bytes=max_bytes)
    lines = MapLines(path, defaults or MapDefaults())
    units = "m"
    open_line: _Entity | None = None
    vertices: list[tuple[float, float, float]] = []
    for section, entity in _entities(path, text):
        if section == "HEADER":
            units = _units(path, entity, units)
        if section != "ENTITIES":
            continue
        at = Place(path, entity.line)
        if entity.kind == "SPLINE":
            at.refuse("found a SPLINE; convert splines to polylines first")
        if entity.kind == "VERTEX" and open_line is not None:
            vertices += _points(path, entity, (10, 20, 30))
        elif entity.kind == "SEQEND" and open_line is not None:
            _add(lines, open_line, vertices)
            open_line, vertices = None, []
        elif entity.kind == "POLYLINE":
            # Meshes (bits 16 and 64) are surfaces, not lines.
            open_line = None if _whole(path, entity, 70) & 80 else entity
            vertices = []
        elif entity.kind == "LWPOLYLINE":
            height = _value(path, entity, 38)
            _add(lines, entity, [(x, y, height) for x, y, _ in _points(path, entity, (10, 20))])
        elif entity.kind == "LINE":
            ends = _points(path, entity, (10, 20, 30)) + _points(path, entity, (11, 21, 31))
            if len(ends) != 2:
                at.refuse(f"LINE: expected two ends, found {len(ends)}")
            _add(lines, entity, ends)
    return lines.table(units=units)


def sniff_map_dxf(head: bytes) -> bool:
    """Whether the first bytes of a file are text DXF."""
    rows = [row.strip() for row in split_lines(sniffable(head))]
    while rows[:1] == ["999"]:
        rows = rows[2:]
    return rows[:2] == ["0", "SECTION"]


def _entities(path: Path | str, text: str) -> Iterator[tuple[str, _Entity]]:
    """Entities by section: what stands between one group code 0 and the next."""
    section = ""
    current: _Entity | None = None
    ended = False
    for code, value, line in _pairs(path, text):
        if code == 999:
            continue
        if code == 0:
            if current is not None and current.kind not in ("SECTION", "ENDSEC"):
                yield section, current
            current = _Entity(value.upper(), line)
            if current.kind == "EOF":
                ended = True
                break
        elif current is None:
            Place(path, line).refuse("expected a DXF file, which begins with 0 and SECTION")
        elif current.kind == "SECTION" and code == 2:
            section = value.upper()
            current = _Entity(section, line)
        else:
            current.pairs.append((code, value, line))
    if not ended:
        Place(path).refuse("the file has no end (EOF); it may be cut off")


def _pairs(path: Path | str, text: str) -> Iterator[tuple[int, str, int]]:
    rows = split_lines(text)
    while rows and not rows[-1].strip():
        rows.pop()
    if len(rows) > 2 * _MAX_PAIRS:
        Place(path).refuse(f"expected at most {2 * _MAX_PAIRS:,} lines")
    for i in range(0, len(rows) - 1, 2):
        code = whole_number(rows[i], "group code", Place(path, i + 1))
        yield code, rows[i + 1].strip(), i + 1
    if len(rows) % 2:
        Place(path, len(rows)).refuse("a group code without its value; the file may be cut off")


def _units(path: Path | str, entity: _Entity, units: str) -> str:
    """Unit of the drawing, from the header."""
    named = False
    for code, value, line in entity.pairs:
        if code == 9:
            named = value.upper() == "$INSUNITS"
        elif named and code == 70:
            found = whole_number(value, "$INSUNITS", Place(path, line + 1))
            if found not in _UNITS:
                problem = f"the drawing's unit ($INSUNITS) is {found}; known: 2 feet, 6 metres"
                Place(path, line + 1).refuse(f"{problem}; save it in one of these")
            return _UNITS[found]
    return units


def _points(
    path: Path | str, entity: _Entity, codes: tuple[int, ...]
) -> list[tuple[float, float, float]]:
    columns: dict[int, list[float]] = {code: [] for code in codes}
    for code, value, line in entity.pairs:
        if code in columns:
            columns[code].append(number(value, f"group {code}", Place(path, line + 1)))
    x, y = columns[codes[0]], columns[codes[1]]
    z = columns[codes[2]] if len(codes) > 2 else []
    if len(x) != len(y) or (z and len(z) != len(x)):
        at = Place(path, entity.line)
        at.refuse(f"{entity.kind}: found {len(x)} x, {len(y)} y and {len(z)} z coordinates")
    return list(zip(x, y, z or [0.0] * len(x), strict=True))


def _value(path: Path | str, entity: _Entity, wanted: int) -> float:
    for code, value, line in entity.pairs:
        if code == wanted:
            return number(value, f"group {code}", Place(path, line + 1))
    return 0.0


def _whole(path: Path | str, entity: _Entity, wanted: int) -> int:
    for code, value, line in entity.pairs:
        if code == wanted:
            return whole_number(value, f"group {code}", Place(path, line + 1))
    return 0


def _add(lines: MapLines, entity: _Entity, points: list[tuple[float, float, float]]) -> None:
    layer = next((value for code, value, _ in entity.pairs if code == 8), "")
    if len(points) > 2 and _whole(lines.path, entity, 70) & 1:
        points = [*points, points[0]]
    if all(z == 0.0 for _, _, z in points):
        points = [(x, y, math.nan) for x, y, _ in points]
    lines.add(points, {"level": layer}, entity.kind, entity.line)
