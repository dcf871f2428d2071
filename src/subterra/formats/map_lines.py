"""What the readers of mine maps share: defaults for what a file does not say, and the table."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np

from subterra.formats.text import Place, located
from subterra.tables import MAP_TIES, MineMapTable
from subterra.tables.columns import MAX_COORDINATE_M, shown

__all__ = ["DEFAULT_SHEET", "MAX_VERTICES", "MapDefaults", "MapLines"]

DEFAULT_SHEET: Final = "sheet"
"""Name of the sheet of a file that names none."""
MAX_VERTICES: Final = 1_000_000
_NUMBERS: Final = ("z", "level_sd_m", "sd_m")
_WORDS: Final = ("line", "sheet", "tie", "level", "date")


@dataclass(frozen=True)
class MapDefaults:
    """What the user says of a file that does not say it itself.

    Parameters
    ----------
    sheet, tie, level, date : str
        As in `MineMapTable`.
    z_m : float
        Height of the lines, m; NaN if not known.
    level_sd_m : float
        Standard deviation of that height, m; NaN if not given.
    sd_m : float
        Further standard deviation of the sheet's place, m.
    units, crs : str
        Of the file; blank where it says so itself.
    """

    sheet: str = DEFAULT_SHEET
    tie: str = "unknown"
    level: str = ""
    date: str = ""
    z_m: float = math.nan
    level_sd_m: float = math.nan
    sd_m: float = 0.0
    units: str = ""
    crs: str = ""


@dataclass
class MapLines:
    """Gathers the lines of one file.

    Parameters
    ----------
    path : Path or str
        The file.
    defaults : MapDefaults
        What the user says of it.
    """

    path: Path | str
    defaults: MapDefaults
    rows: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    points: list[tuple[float, float, float]] = field(
        default_factory=list[tuple[float, float, float]]
    )
    start: list[int] = field(default_factory=lambda: [0])
    lines: list[int] = field(default_factory=list[int])

    def add(
        self,
        points: Sequence[tuple[float, float, float]],
        properties: Mapping[str, Any],
        what: str,
        line: int | None = None,
    ) -> None:
        """Add a line.

        Parameters
        ----------
        points : sequence of (x, y, z)
            Vertices; z is NaN where it is not known.
        properties : mapping
            ``line, sheet, tie, level, date, z, level_sd_m, sd_m``; what is missing or None takes
            its default, others are ignored.
        what : str
            The line, for messages.
        line : int, optional
            Where it stands in the file.

        Raises
        ------
        InputError
            A coordinate or property cannot be used, or the file has too many vertices.
        """
        at = Place(self.path, line)
        numbers = {name: _number(properties.get(name), f"{what}: {name}", at) for name in _NUMBERS}
        words = {name: _word(properties.get(name), f"{what}: {name}", at) for name in _WORDS}
        fallback = self.defaults.z_m if numbers["z"] is None else numbers["z"]
        kept = _vertices(points, fallback, what, at)
        if len(self.points) + len(kept) > MAX_VERTICES:
            at.refuse(f"expected at most {MAX_VERTICES:,} vertices")
        words["line"] = words["line"] or str(len(self.rows) + 1)
        row: dict[str, Any] = {n: word or getattr(self.defaults, n) for n, word in words.items()}
        if row["tie"] not in MAP_TIES:
            known = ", ".join(MAP_TIES)
            at.refuse(f"{what}: unknown tie {shown(row['tie'])}; expected one of {known}")
        for name in ("level_sd_m", "sd_m"):
            given = numbers[name]
            row[name] = getattr(self.defaults, name) if given is None else given
        self.rows.append(row)
        self.points += kept
        self.start.append(len(self.points))
        self.lines.append(line or 0)

    def add_parts(
        self,
        parts: Sequence[Sequence[tuple[float, float, float]]],
        properties: Mapping[str, Any],
        what: str,
        line: int | None = None,
    ) -> None:
        """Add the parts of one feature; several are numbered behind its name."""
        named = properties.get("line")
        for k, points in enumerate(parts, start=1):
            name = f"{named}.{k}" if named is not None and len(parts) > 1 else named
            self.add(points, {**properties, "line": name}, what, line)

    def table(self, *, units: str = "m", crs: str = "") -> MineMapTable:
        """Make the table; the file's units and frame give way to what the user says.

        Raises
        ------
        InputError
            No line, a line that is named twice, or a sheet with two ties.
        """
        if not self.rows:
            Place(self.path).refuse("there is no line in it; expected the lines of a mine map")
        x, y, z = np.array(self.points, np.float64).T
        lines = {"": self.lines} if any(self.lines) else {}
        with located(self.path, lines):
            return MineMapTable(
                line=tuple(row["line"] for row in self.rows),
                sheet=tuple(row["sheet"] for row in self.rows),
                tie=tuple(row["tie"] for row in self.rows),
                level=tuple(row["level"] for row in self.rows),
                date=tuple(row["date"] for row in self.rows),
                start=np.array(self.start, np.int32),
                x=x,
                y=y,
                z_m=z,
                level_sd_m=np.array([row["level_sd_m"] for row in self.rows], np.float64),
                sd_m=np.array([row["sd_m"] for row in self.rows], np.float64),
                units=self.defaults.units or units,
                crs=self.defaults.crs or crs,
            )


def _vertices(
    points: Sequence[tuple[float, float, float]], fallback: float, what: str, at: Place
) -> list[tuple[float, float, float]]:
    """Vertices of a line, each once, with the height that holds where a point has none."""
    kept: list[tuple[float, float, float]] = []
    for x, y, z in points:
        for name, value in (("x", x), ("y", y)):
            if not abs(value) <= MAX_COORDINATE_M:
                at.refuse(f"{what}: {name} is {value:g}, expected at most 1e8 in size")
        height = fallback if math.isnan(z) else z
        if not (math.isnan(height) or abs(height) <= 2e4):
            at.refuse(f"{what}: height {height:g} m, expected at most 20 km in size")
        if not kept or (x, y) != kept[-1][:2]:
            kept.append((x, y, height))
    if len(kept) < 2:
        at.refuse(f"{what}: expected a line of two different vertices or more")
    unknown = [math.isnan(z) for _, _, z in kept]
    if any(unknown) and not all(unknown):
        at.refuse(f"{what}: height is given for some of its vertices only")
    return kept


def _number(value: Any, what: str, at: Place) -> float | None:
    if value is None or value == "":
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        at.refuse(f"{what}: expected a number, found {shown(str(value))}")
    if not abs(value) <= 1e15:
        at.refuse(f"{what}: expected a number, found one of {len(str(value))} characters")
    return float(value)


def _word(value: Any, what: str, at: Place) -> str:
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        at.refuse(f"{what}: expected a text, found {shown(str(value))}")
    whole = isinstance(value, float) and value.is_integer()
    text = str(int(value) if whole else value).strip()
    if len(text) > 200:
        at.refuse(f"{what}: expected at most 200 characters, found {len(text)}")
    return text
