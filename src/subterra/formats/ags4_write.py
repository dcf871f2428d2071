"""Writing holes as AGS4 (edition 4.1.1): LOCA, HORN, what was said of the ground, and BKFL.

What was read from AGS4 goes back into the group and in the words that it was found in, which
`subterra.formats.ags4` keeps with each interval: strata into GEOL, remarks into DREM, returns of
flush into FLSH. All other logs go into DLOG, the group of what the driller said: AGS4 is for facts,
and those are his words. A stratum that something stronger was said of is written in the pieces that
are left of it. A survey becomes one HORN row for each station, with its base at its top; a straight
hole one row for its whole length.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from subterra.errors import InputError
from subterra.formats.ags4_groups import write_group
from subterra.formats.drill_vocabulary import word_of
from subterra.formats.text import write_text
from subterra.tables import BackfillTable, BoreholeTable, HoleRecords, IntervalTable, SurveyTable

__all__ = ["write_ags4"]

_METRES: Final = ("m", "3DP")
_DEGREES: Final = ("deg", "2DP")
_ROUNDED: Final = 3
_UNITS: Final = (
    ("%", "percent"),
    ("deg", "degree"),
    ("m", "metre"),
    ("yyyy-mm-dd", "year month day"),
)
_PERCENT: Final = ("%", "2DP")
_RETURN: Final = re.compile(r"return (\d+(?:\.\d+)?(?:e-\d+)?) %")
_TYPES: Final = (
    ("2DP", "Value with 2 decimal places"),
    ("3DP", "Value with 3 decimal places"),
    ("DT", "Date time in international format"),
    ("ID", "Unique identifier"),
    ("X", "Text"),
)


def write_ags4(
    records: HoleRecords,
    path: Path | str,
    *,
    project: str = "",
    date: str,
    producer: str = "Subterra",
    recipient: str = "not stated",
    national: bool = True,
    remarks: Sequence[str] | None = None,
) -> None:
    """Write holes so that `read_ags4` gives them back, to the millimetre and 0.01°.

    Parameters
    ----------
    records : HoleRecords
        Collars, and surveys, intervals and backfill where there are any.
    path : Path or str
        The file; an existing one is replaced.
    project : str
        Name; by default that of the records.
    date : str
        Of the file, ``yyyy-mm-dd``.
    producer, recipient : str
        Of the file.
    national : bool
        Whether the coordinates are of a national grid; else they go into the local fields.
    remarks : sequence of str, optional
        One for each hole.

    Raises
    ------
    InputError
        If depths would be equal after rounding, or the file cannot be written.
    """
    name = project or records.project or "not stated"
    parts = [
        write_group(
            "PROJ",
            [("PROJ_ID", "", "ID"), ("PROJ_NAME", "", "X")],
            [(name[:40], name)],
        ),
        _transmission(date, producer, recipient),
        write_group("TYPE", [("TYPE_TYPE", "", "X"), ("TYPE_DESC", "", "X")], _TYPES),
        write_group("UNIT", [("UNIT_UNIT", "", "X"), ("UNIT_DESC", "", "X")], _UNITS),
        _loca(records.collars, national, remarks or [""] * len(records)),
        _horn(records.collars, records.surveys),
    ]
    if records.intervals is not None:
        parts += _logs(records.intervals)
    if records.backfill is not None:
        parts.append(_bkfl(records.backfill))
    write_text(path, "".join(parts))


def _transmission(date: str, producer: str, recipient: str) -> str:
    columns = [
        ("TRAN_ISNO", "", "X"),
        ("TRAN_DATE", "yyyy-mm-dd", "DT"),
        ("TRAN_PROD", "", "X"),
        ("TRAN_STAT", "", "X"),
        ("TRAN_AGS", "", "X"),
        ("TRAN_RECV", "", "X"),
        ("TRAN_DLIM", "", "X"),
        ("TRAN_RCON", "", "X"),
    ]
    return write_group(
        "TRAN", columns, [("1", date, producer, "Draft", "4.1.1", recipient, "|", "+")]
    )


def _loca(collars: BoreholeTable, national: bool, remarks: Sequence[str]) -> str:
    x, y, z = (
        ("LOCA_NATE", "LOCA_NATN", "LOCA_GL")
        if national
        else ("LOCA_LOCX", "LOCA_LOCY", "LOCA_LOCZ")
    )
    depth, text = ("LOCA_FDEP", *_METRES), ("LOCA_REM", "", "X")
    places = [(x, *_METRES), (y, *_METRES)]
    height = [(z, *_METRES)]
    columns = (
        [("LOCA_ID", "", "ID"), *places, *height, text, depth]
        if national
        else [("LOCA_ID", "", "ID"), text, depth, *places, *height]
    )
    rows: list[tuple[str, ...]] = []
    for i, hole in enumerate(collars.hole):
        at = _metres(collars.x_m[i]), _metres(collars.y_m[i])
        up = "" if collars.z_m is None else _metres(collars.z_m[i])
        end = _metres(collars.length_m[i])
        row = (hole, *at, up, remarks[i], end) if national else (hole, remarks[i], end, *at, up)
        rows.append(row)
    return write_group("LOCA", columns, rows)


def _horn(collars: BoreholeTable, surveys: SurveyTable | None) -> str:
    columns = [
        ("LOCA_ID", "", "ID"),
        ("HORN_TOP", *_METRES),
        ("HORN_BASE", *_METRES),
        ("HORN_ORNT", *_DEGREES),
        ("HORN_INCL", *_DEGREES),
    ]
    stations: dict[str, list[tuple[float, float, float]]] = {}
    if surveys is not None:
        columns_of = (surveys.depth_m, surveys.azimuth_deg, surveys.inclination_deg)
        for hole, depth, azimuth, down in zip(surveys.hole, *columns_of, strict=True):
            stations.setdefault(hole, []).append((float(depth), float(azimuth), float(down)))
    rows: list[tuple[str, ...]] = []
    for i, hole in enumerate(collars.hole):
        own = (float(collars.azimuth_deg[i]), float(collars.inclination_deg[i]))
        measured = sorted(stations.get(hole, ()))
        if not measured:
            end = _metres(collars.length_m[i])
            rows.append((hole, _metres(0.0), end, _degrees(own[0]), _degrees(own[1])))
            continue
        if measured[0][0] > 0.0:
            measured.insert(0, (0.0, *own))
        depths = [_metres(depth) for depth, *_ in measured]
        if len(set(depths)) < len(depths):
            problem = f"hole {hole!r} has two stations within a millimetre"
            raise InputError(problem)
        rows += [
            (hole, depth, depth, _degrees(azimuth), _degrees(down))
            for depth, (_, azimuth, down) in zip(depths, measured, strict=True)
        ]
    return write_group("HORN", columns, rows)


def _logs(intervals: IntervalTable) -> list[str]:
    """Write each interval into the group that it was found in, or into DLOG."""
    found = intervals.extra.get("said", ("",) * len(intervals))
    rows: dict[str, list[tuple[str, ...]]] = {name: [] for name in _SAID}
    for i, hole in enumerate(intervals.hole):
        top, base = _metres(intervals.from_m[i]), _metres(intervals.to_m[i])
        if top == base:
            problem = f"hole {hole!r}: the interval at {top} m is thinner than a millimetre"
            raise InputError(problem)
        group, text = _as_said(found[i], intervals.log[i])
        rows[group].append((hole, top, base, text))
    return [
        write_group(name, _stretches(name, column), rows[name])
        for name, column in _SAID.items()
        if rows[name]
    ]


_SAID: Final = {
    "GEOL": ("GEOL_DESC", "", "X"),
    "DLOG": ("DLOG_DESC", "", "X"),
    "DREM": ("DREM_REM", "", "X"),
    "FLSH": ("FLSH_RETN", *_PERCENT),
}
"""Column of each group that says something."""


def _stretches(name: str, column: tuple[str, str, str]) -> list[tuple[str, str, str]]:
    return [("LOCA_ID", "", "ID"), (f"{name}_TOP", *_METRES), (f"{name}_BASE", *_METRES), column]


def _as_said(said: str, word: str) -> tuple[str, str]:
    """Group and text of an interval; those it was read from, if they still mean its word."""
    group, _, text = said.partition(": ")
    if group == "FLSH":
        value = _RETURN.fullmatch(text)
        if value is not None and word == "flush loss":
            return group, f"{float(value[1]):.2f}"
    elif group in _SAID and text:
        meant = word_of(text)
        if word == (meant or "intact") and (group != "DREM" or meant is not None):
            return group, text
    return "DLOG", word.capitalize()


def _bkfl(backfill: BackfillTable) -> str:
    columns = _stretches("BKFL", ("BKFL_REM", "", "X"))
    ends = zip(backfill.from_m, backfill.to_m, strict=True)
    depths = [(_metres(top), _metres(base)) for top, base in ends]
    rows = [
        (hole, *depth, text)
        for hole, depth, text in zip(backfill.hole, depths, backfill.text, strict=True)
    ]
    return write_group("BKFL", columns, rows)


def _metres(value: float) -> str:
    return f"{round(float(value), _ROUNDED) + 0.0:.{_ROUNDED}f}"


def _degrees(value: float) -> str:
    return f"{value + 0.0:.2f}"
