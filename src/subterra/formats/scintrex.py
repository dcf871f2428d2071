"""Dumps of Scintrex gravimeters: CG-5 and CG-6 text files.

A CG-5 dump has header lines that begin with ``/`` and rows of the fifteen columns LINE, STATION,
ALT., GRAV., SD., TILTX, TILTY, TEMP, TIDE, DUR, REJ, TIME, DEC.TIME+DATE, TERRAIN, DATE (CG-5
operation manual, "data dump", text format). A CG-6 file names its columns in one header line
(CG-6 operation manual, "data file"). Gravity is in mGal; the clock of a CG-5 runs ``GMT DIFF.``
hours behind UTC, that of a CG-6 runs on UTC.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

import numpy as np

from subterra.counting import counted
from subterra.errors import InputError
from subterra.formats.csv_table import MAX_ROWS
from subterra.formats.electrodes import check_frame, place
from subterra.formats.text import (
    MAX_BYTES,
    Place,
    located,
    number,
    read_text,
    sniffable,
    split_lines,
)
from subterra.tables import GravityReadingTable

__all__ = ["read_cg5", "read_cg6", "sniff_cg5", "sniff_cg6"]

_CG5: Final = (
    "LINE", "STATION", "ALT.", "GRAV.", "SD.", "TILTX", "TILTY", "TEMP", "TIDE", "DUR", "REJ",
    "TIME", "DEC.TIME+DATE", "TERRAIN", "DATE",
)  # fmt: skip
_CG5_EXTRA: Final = {
    "TILTX": "tilt_x_arcsec", "TILTY": "tilt_y_arcsec", "TEMP": "temp_mk", "DUR": "duration_s",
    "REJ": "rejected",
}  # fmt: skip
_CG6_NEEDED: Final = ("Station", "Date", "Time", "CorrGrav", "StdErr", "TideCorr")
_CG6_EXTRA: Final = {
    "Line": "line", "X": "tilt_x_arcsec", "Y": "tilt_y_arcsec", "SensorTemp": "temp_mk",
    "MeasurDur": "duration_s", "InstrHeight": "instrument_height",
}  # fmt: skip
_TO_UGAL: Final = 1e3
_SIGN: Final = {"N": 1.0, "E": 1.0, "S": -1.0, "W": -1.0}


@dataclass(frozen=True)
class _Row:
    """One reading with its line, its header and the number of the header's block."""

    line: int
    fields: Mapping[str, str]
    block: int


@dataclass(frozen=True)
class _Dump:
    path: Path | str
    header: Mapping[str, tuple[int, str]]
    rows: tuple[_Row, ...]

    def number(self, row: _Row, name: str) -> float:
        return number(row.fields[name], name, Place(self.path, row.line))

    def degrees(self, name: str) -> float | None:
        """Latitude or longitude of the header, with its letter; None without."""
        line, text = self.header.get(name, (0, ""))
        found = re.fullmatch(r"([\d.+-]+)\s*([NSEW]?)", text)
        if found is None:
            return None
        value = number(found[1], name, Place(self.path, line))
        return value * _SIGN.get(found[2], 1.0)


def read_cg5(
    path: Path | str,
    *,
    names: Sequence[str] | None = None,
    origin: tuple[float, float] | None = None,
    rotation_deg: float = 0.0,
    tide: str = "instrument",
    density: float = 2000.0,
    max_bytes: int = MAX_BYTES,
) -> GravityReadingTable:
    """Read a CG-5 dump.

    Parameters
    ----------
    path : Path or str
        The file.
    names : sequence of str, optional
        Stations of the readings in order, where the operator did not type them in.
    origin, rotation_deg
        Place the grid of LINE and STATION where these have letters (``10.0E``, ``5.0N``).
    tide : str
        ``instrument`` keeps the correction of the dump, ``longman`` replaces it.
    density : float
        Of the Bouguer slab, kg/m³; 0 gives free-air anomalies.
    max_bytes : int
        Size beyond which the file is refused.

    Returns
    -------
    GravityReadingTable

    Raises
    ------
    InputError
        Anything that cannot be used, with line and column.
    """
    frame = check_frame(origin, rotation_deg)
    dump = _cg5_dump(path, read_text(path, max_bytes=max_bytes))
    behind_h = _hours_behind(dump)
    times = [
        _time(dump, row, row.fields["DATE"], row.fields["TIME"], behind_h) for row in dump.rows
    ]
    added = dump.header.get("Tide Correction", (0, "YES"))[1].upper() != "NO"
    tides = [dump.number(row, "TIDE") * _TO_UGAL * added for row in dump.rows]
    samples = [max(dump.number(row, "DUR"), 1.0) for row in dump.rows]
    spread = [dump.number(row, "SD.") * _TO_UGAL for row in dump.rows]
    table = _table(
        dump,
        names or _cg5_names(dump),
        [dump.number(row, "GRAV.") * _TO_UGAL for row in dump.rows],
        [abs(sd) / math.sqrt(count) for sd, count in zip(spread, samples, strict=True)],
        tides,
        times,
        {new: tuple(row.fields[old] for row in dump.rows) for old, new in _CG5_EXTRA.items()},
        (dump.degrees("LAT"), dump.degrees("LONG")),
        (tide, density),
    )
    grid = _cg5_grid(dump)
    if grid is None:
        return table
    x_m, y_m = place(*grid, *frame)
    with located(path, {"": [row.line for row in dump.rows]}):
        return replace(table, x_m=x_m, y_m=y_m)


def read_cg6(
    path: Path | str,
    *,
    names: Sequence[str] | None = None,
    tide: str = "instrument",
    density: float = 2000.0,
    max_bytes: int = MAX_BYTES,
) -> GravityReadingTable:
    """Read a CG-6 file; see `read_cg5`. CorrGrav is taken with the corrections it was made with."""
    dump = _cg6_dump(path, read_text(path, max_bytes=max_bytes))
    times = [_time(dump, row, row.fields["Date"], row.fields["Time"], 0.0) for row in dump.rows]
    added = [_cg6_tide_added(row) for row in dump.rows]
    extra = {
        new: tuple(row.fields[old] for row in dump.rows)
        for old, new in _CG6_EXTRA.items()
        if old in dump.rows[0].fields
    }
    return _table(
        dump,
        names or [row.fields["Station"] for row in dump.rows],
        [dump.number(row, "CorrGrav") * _TO_UGAL for row in dump.rows],
        [abs(dump.number(row, "StdErr")) * _TO_UGAL for row in dump.rows],
        [
            dump.number(row, "TideCorr") * _TO_UGAL * on
            for row, on in zip(dump.rows, added, strict=True)
        ],
        times,
        extra,
        (_cg6_degrees(dump, "LatUser"), _cg6_degrees(dump, "LonUser")),
        (tide, density),
    )


def sniff_cg5(head: bytes) -> bool:
    """Whether the first bytes of a file are the header of a CG-5 dump."""
    return re.search(r"(?m)^/\s*CG-5 SURVEY", sniffable(head)) is not None


def sniff_cg6(head: bytes) -> bool:
    """Whether the first bytes of a file are the header of a CG-6 file."""
    return re.search(r"(?mi)^/\s*CG-6 SURVEY", sniffable(head)) is not None


def _table(
    dump: _Dump,
    names: Sequence[str],
    g_ugal: Sequence[float],
    sd_ugal: Sequence[float],
    tide_ugal: Sequence[float],
    times: Sequence[datetime],
    extra: Mapping[str, tuple[str, ...]],
    where: tuple[float | None, float | None],
    processing: tuple[str, float],
) -> GravityReadingTable:
    if len(names) != len(dump.rows):
        problem = (
            f"names: expected one for each of {counted(len(dump.rows), 'reading')}, "
            f"found {len(names)}"
        )
        raise InputError(problem, path=dump.path)
    lines = [row.line for row in dump.rows]
    loops = [f"{when:%Y-%m-%d}/{row.block}" for when, row in zip(times, dump.rows, strict=True)]
    with located(dump.path, {"": lines}):
        return GravityReadingTable(
            station=tuple(names),
            x_m=None,
            y_m=None,
            g_ugal=np.array(g_ugal),
            sd_ugal=np.array(sd_ugal),
            tide_ugal=np.array(tide_ugal),
            loop=tuple(loops),
            time=tuple(when.isoformat() for when in times),
            latitude_deg=where[0],
            longitude_deg=where[1],
            tide=processing[0],
            density_kg_m3=processing[1],
            extra=extra,
        )


def _lines(path: Path | str, text: str) -> Iterator[tuple[int, str]]:
    for line, content in enumerate(split_lines(text), start=1):
        if line > MAX_ROWS:
            Place(path, line).refuse(f"expected at most {MAX_ROWS:,} lines")
        if content.strip():
            yield line, content.strip()


def _cg5_dump(path: Path | str, text: str) -> _Dump:
    header: dict[str, tuple[int, str]] = {}
    rows: list[_Row] = []
    block, named = 0, False
    for line, content in _lines(path, text):
        at = Place(path, line)
        if content.startswith("/"):
            title = tuple(re.split(r"[\s-]+", content.strip("/- ")))
            if title[:2] == _CG5[:2]:
                if title != _CG5:
                    at.refuse(f"expected the columns {' '.join(_CG5)}")
                named = True
                block += 1
            name, colon, value = content.strip("/ \t").partition(":")
            if colon:
                header[name.strip(" .")] = (line, value.strip())
            continue
        fields = content.split()
        if not named:
            at.refuse("expected the line that names the columns before the first reading")
        if len(fields) != len(_CG5):
            at.refuse(f"expected {len(_CG5)} fields, found {len(fields)}")
        rows.append(_Row(line, dict(zip(_CG5, fields, strict=True)), block))
    if "Survey name" not in header:
        Place(path, 1).refuse("expected the header of a CG-5 survey")
    return _not_empty(_Dump(path, header, tuple(rows)))


def _cg6_dump(path: Path | str, text: str) -> _Dump:
    header: dict[str, tuple[int, str]] = {}
    rows: list[_Row] = []
    columns: list[str] = []
    block = 0
    for line, content in _lines(path, text):
        at = Place(path, line)
        if content.startswith("/"):
            titles = [title.strip() for title in content.strip("/").split("\t")]
            if titles[0] == "Station":
                missing = [name for name in _CG6_NEEDED if name not in titles]
                if missing or len(set(titles)) < len(titles):
                    at.refuse(f"expected each column once, with {', '.join(_CG6_NEEDED)}")
                columns = titles
                block += 1
            name, colon, value = content.strip("/ \t").partition(":")
            if colon:
                header[name.strip()] = (line, value.strip())
            continue
        fields = [field.strip() for field in content.split("\t")]
        if not columns:
            at.refuse("expected the line that names the columns before the first reading")
        if len(fields) != len(columns):
            at.refuse(f"expected {len(columns)} fields parted by tabs, found {len(fields)}")
        rows.append(_Row(line, dict(zip(columns, fields, strict=True)), block))
    if not any(name.lower().startswith("survey name") for name in header):
        Place(path, 1).refuse("expected the header of a CG-6 survey")
    return _not_empty(_Dump(path, header, tuple(rows)))


def _not_empty(dump: _Dump) -> _Dump:
    if not dump.rows:
        Place(dump.path).refuse("there are no readings below the header")
    return dump


def _hours_behind(dump: _Dump) -> float:
    line, text = dump.header.get("GMT DIFF", (1, ""))
    at = Place(dump.path, line)
    hours = number(text, "GMT DIFF.", at)
    if abs(hours) > 14.0:
        at.refuse(f"GMT DIFF.: expected hours from -14 to 14, found {hours:g}")
    return hours


def _time(dump: _Dump, row: _Row, date: str, clock: str, behind_h: float) -> datetime:
    text = f"{date.replace('/', '-')}T{clock}"
    shape = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d"
    try:
        if not re.fullmatch(shape, text, re.ASCII):
            raise ValueError(text)
        return datetime.fromisoformat(f"{text}+00:00") + timedelta(hours=behind_h)
    except (ValueError, OverflowError) as error:
        problem = f"expected a date and a time such as 2026/02/18 07:46:56, found {text[:40]!r}"
        Place(dump.path, row.line).refuse(problem, cause=error)


def _cg5_names(dump: _Dump) -> list[str]:
    """Names of stations: the typed number, after that of the line where there are several."""
    pairs = [(row.fields["LINE"], row.fields["STATION"]) for row in dump.rows]
    for row, pair in zip(dump.rows, pairs, strict=True):
        for name, text in zip(("LINE", "STATION"), pair, strict=True):
            number(text.rstrip("NSEW"), name, Place(dump.path, row.line))
    short = [(_plain(line), _plain(station)) for line, station in pairs]
    if len({line for line, _ in short}) == 1:
        return [station for _, station in short]
    return [f"{line}/{station}" for line, station in short]


def _plain(text: str) -> str:
    digits = text.rstrip("NSEW")
    letter = text[len(digits) :]
    return (digits.rstrip("0").rstrip(".") if "." in digits else digits) + letter or "0"


def _cg5_grid(dump: _Dump) -> tuple[np.ndarray, np.ndarray] | None:
    """Grid of LINE and STATION: one of them with E or W, the other with N or S; None without."""
    out = {"x": np.empty(len(dump.rows)), "y": np.empty(len(dump.rows))}
    for k, row in enumerate(dump.rows):
        axes: set[str] = set()
        for name in ("LINE", "STATION"):
            text = row.fields[name]
            letter = text[-1:]
            if letter not in _SIGN or not text[:-1]:
                return None
            axis = "x" if letter in "EW" else "y"
            out[axis][k] = _SIGN[letter] * number(text[:-1], name, Place(dump.path, row.line))
            axes.add(axis)
        if len(axes) != 2:
            return None
    return out["x"], out["y"]


def _cg6_tide_added(row: _Row) -> bool:
    """Whether CorrGrav holds the tide: a flag of the last column, ``drift-temp-na-tide-tilt``."""
    flags = next((v for k, v in row.fields.items() if k.startswith("Corrections")), "11111")
    return len(flags) != 5 or flags[3] != "0"


def _cg6_degrees(dump: _Dump, name: str) -> float | None:
    text = dump.rows[0].fields.get(name, "")
    if not text or text.strip("-") == "":
        return None
    value = dump.number(dump.rows[0], name)
    return value if abs(value) > 0.0 else None
