"""AGS4: holes, their directions and what was said of the ground, without pandas.

Read are LOCA (collars), HORN (directions), GEOL and DLOG (descriptions), DREM (remarks), FLSH
(flush returns) and BKFL (what the hole itself was filled with, which says nothing of the ground
and is kept beside); all other groups are passed over. The words of a log are found in descriptions
and remarks by `subterra.formats.drill_vocabulary`. Where several groups speak of one stretch, the
word that says most stands; a described stratum without any such word is intact, what no description
covers is unknown.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Final

import numpy as np

from subterra.formats.ags4_groups import Group, read_groups, sniff_ags
from subterra.formats.drill_vocabulary import word_of
from subterra.formats.text import MAX_BYTES, Place, located
from subterra.tables import (
    WORD_STRENGTH,
    BackfillTable,
    BoreholeTable,
    HoleRecords,
    IntervalTable,
    SurveyTable,
)
from subterra.tables.columns import shown

__all__ = ["FLUSH_LOSS_PERCENT", "REMARK_M", "read_ags4", "sniff_ags4"]

FLUSH_LOSS_PERCENT: Final = 20.0
"""A smallest flush return at or below this is a loss of flush; a convention."""
REMARK_M: Final = 0.1
"""Length given to a remark that has a depth but no base."""

_ROUNDING_M: Final = 1e-6
_NATIONAL: Final = ("LOCA_NATE", "LOCA_NATN", "LOCA_GL")
_LOCAL: Final = ("LOCA_LOCX", "LOCA_LOCY", "LOCA_LOCZ")


@dataclass(frozen=True)
class _Said:
    """A stretch of a hole, the word that was said of it, and in what."""

    top: float
    base: float
    end: float
    """Base as it is in the file; a remark without one is given a length."""
    word: str
    text: str


def read_ags4(path: Path | str, *, max_bytes: int = MAX_BYTES) -> HoleRecords:
    """Read the holes of an AGS4 file.

    A hole without HORN is vertical. One HORN section that is longer than nothing is its direction;
    more of them are a survey with a station in the middle of each.

    Parameters
    ----------
    path : Path or str
        The file. Coordinates are the national ones, or the local ones where the others are blank.
    max_bytes : int
        Size beyond which the file is refused.

    Returns
    -------
    HoleRecords
        The intervals' column ``said`` keeps the group and the text that a word was found in.

    Raises
    ------
    InputError
        With line and field, for anything that cannot be used; AGS3 is told apart.
    """
    groups = read_groups(path, max_bytes=max_bytes)
    if "LOCA" not in groups or not len(groups["LOCA"]):
        Place(path).refuse("the file has no holes: group LOCA is missing or empty")
    loca = groups["LOCA"]
    holes = _holes(loca)
    horn = _directions(groups.get("HORN"), holes)
    said = _all_said(groups, holes)
    collars, length = _collars(loca, holes, horn, said)
    _refuse_beyond(said, groups.get("HORN"), length)
    project = groups["PROJ"].text(0, "PROJ_NAME") if len(groups.get("PROJ", ())) else ""
    with located(path, {}):
        return HoleRecords(
            collars,
            _surveys(horn, length),
            _intervals({n: [item for item, *_ in s] for n, s in said.items()}, length),
            project,
            _backfill(groups.get("BKFL"), holes),
        )


def sniff_ags4(head: bytes) -> bool:
    """Whether the first bytes of a file are AGS4; or AGS3, so that the reader can say so."""
    return sniff_ags(head)


def _refuse_beyond(
    said: Mapping[str, list[tuple[_Said, Group, int]]],
    horn: Group | None,
    length: Mapping[str, float],
) -> None:
    """Refuse what lies beyond the end of its hole."""
    ends = [(n, item.end, group, row) for n, s in said.items() for item, group, row in s]
    if horn is not None:
        for row in range(len(horn)):
            name = horn.text(row, "LOCA_ID")
            ends.append((name, _stretch(horn, row, point=True)[1], horn, row))
    for name, end, group, row in ends:
        if end > length[name] + _ROUNDING_M:
            heading = _BASES[group.name]
            problem = (
                f"{heading}: {end:g} m is beyond the end of hole {shown(name)}, which is "
                f"{length[name]:g} m long"
            )
            group.place(row).refuse(problem, column=_field(group, heading))


_BASES: Final = {
    "GEOL": "GEOL_BASE",
    "DLOG": "DLOG_BASE",
    "DREM": "DREM_BASE",
    "FLSH": "FLSH_BASE",
    "HORN": "HORN_BASE",
    "BKFL": "BKFL_BASE",
}


def _field(group: Group, heading: str) -> int | None:
    return group.column(heading) if heading in group.headings else None


def _holes(loca: Group) -> dict[str, int]:
    """Row of each hole by its name."""
    loca.require("LOCA_ID")
    holes: dict[str, int] = {}
    for row in range(len(loca)):
        name = loca.text(row, "LOCA_ID")
        if not name or name in holes:
            problem = f"LOCA_ID: hole {shown(name)} is given twice" if name else "LOCA_ID: no name"
            loca.place(row).refuse(problem, column=loca.column("LOCA_ID"))
        holes[name] = row
    return holes


def _hole_of(group: Group, row: int, holes: Mapping[str, int]) -> str:
    name = group.text(row, "LOCA_ID")
    if name not in holes:
        problem = f"LOCA_ID: hole {shown(name)} is not in group LOCA"
        group.place(row).refuse(problem, column=group.column("LOCA_ID"))
    return name


def _stretch(group: Group, row: int, *, point: bool = False) -> tuple[float, float]:
    """Top and base of a row; with ``point`` they may be equal, or the base blank."""
    top_name, base_name = f"{group.name}_TOP", _BASES[group.name]
    top, base = group.number(row, top_name), group.number(row, base_name)
    if top is None:
        group.place(row).refuse(f"{top_name}: no depth", column=group.column(top_name))
    if base is None and not point:
        group.place(row).refuse(f"{base_name}: no depth", column=_field(group, base_name))
    base = top if base is None else base
    if top < 0.0 or base < top or (base == top and not point):
        problem = f"{base_name}: expected more than {top_name} = {top:g}, found {base:g}"
        if top < 0.0:
            problem = f"{top_name}: expected a depth of at least 0, found {top:g}"
        group.place(row).refuse(problem, column=_field(group, base_name))
    return top, base


Station = tuple[float, float, float, float]
"""Top and base of a section, azimuth and inclination."""


def _directions(horn: Group | None, holes: Mapping[str, int]) -> dict[str, list[Station]]:
    found: dict[str, list[Station]] = {}
    if horn is None:
        return found
    horn.require("LOCA_ID", "HORN_TOP", "HORN_BASE", "HORN_ORNT", "HORN_INCL")
    horn.require_unit("m", "HORN_TOP", "HORN_BASE")
    horn.require_unit("deg", "HORN_ORNT", "HORN_INCL")
    for row in range(len(horn)):
        name = _hole_of(horn, row, holes)
        top, base = _stretch(horn, row, point=True)
        down = horn.number(row, "HORN_INCL")
        azimuth = horn.number(row, "HORN_ORNT")
        if down is None or not -90.0 <= down <= 90.0:
            problem = f"HORN_INCL: expected degrees down from horizontal, -90 to 90, found {down}"
            horn.place(row).refuse(problem, column=horn.column("HORN_INCL"))
        if azimuth is None and down != 90.0:
            problem = "HORN_ORNT: an inclined section needs its azimuth"
            horn.place(row).refuse(problem, column=horn.column("HORN_ORNT"))
        azimuth = 0.0 if azimuth is None else azimuth
        if not 0.0 <= azimuth <= 360.0:
            problem = f"HORN_ORNT: expected degrees from north, 0 to 360, found {azimuth:g}"
            horn.place(row).refuse(problem, column=horn.column("HORN_ORNT"))
        middle = 0.5 * (top + base)
        sections = found.setdefault(name, [])
        if any(middle == 0.5 * (a + b) for a, b, *_ in sections):
            problem = f"HORN_TOP: hole {shown(name)} has two directions at {middle:g} m"
            horn.place(row).refuse(problem, column=horn.column("HORN_TOP"))
        sections.append((top, base, azimuth, down))
    return {name: sorted(sections) for name, sections in found.items()}


def _is_survey(sections: list[Station]) -> bool:
    return len(sections) > 1 or sections[0][0] == sections[0][1]


def _surveys(horn: Mapping[str, list[Station]], length: Mapping[str, float]) -> SurveyTable | None:
    rows = [
        (name, min(0.5 * (top + base), length[name]), azimuth, down)
        for name, sections in horn.items()
        if _is_survey(sections)
        for top, base, azimuth, down in sections
    ]
    if not rows:
        return None
    hole, depth, azimuth, down = zip(*rows, strict=True)
    return SurveyTable(hole, np.array(depth), np.array(azimuth), np.array(down))


def _collars(
    loca: Group,
    holes: Mapping[str, int],
    horn: Mapping[str, list[Station]],
    said: Mapping[str, list[tuple[_Said, Group, int]]],
) -> tuple[BoreholeTable, dict[str, float]]:
    x_name, y_name, z_name = _frame(loca)
    loca.require_unit("m", x_name, y_name, z_name, "LOCA_FDEP")
    x = [_needed(loca, row, x_name) for row in range(len(loca))]
    y = [_needed(loca, row, y_name) for row in range(len(loca))]
    heights = [loca.number(row, z_name) for row in range(len(loca))]
    if any(z is not None for z in heights) and None in heights:
        row = heights.index(None)
        problem = f"{z_name} is missing here but given for other holes; give it for all or none"
        loca.place(row).refuse(problem, column=_field(loca, z_name))
    length: dict[str, float] = {}
    for name, row in holes.items():
        known = [item.end for item, *_ in said.get(name, ())]
        known += [base for _, base, *_ in horn.get(name, ())]
        given = loca.number(row, "LOCA_FDEP")
        depth = max(known, default=0.0) if given is None else given
        if depth <= 0.0:
            problem = f"LOCA_FDEP: hole {shown(name)} has no depth"
            loca.place(row).refuse(problem, column=_field(loca, "LOCA_FDEP"))
        length[name] = depth
    first = [horn[name][0] if name in horn else (0.0, 0.0, 0.0, 90.0) for name in holes]
    lines = {"": loca.lines}
    with located(loca.path, lines):
        collars = BoreholeTable(
            tuple(holes),
            np.array(x),
            np.array(y),
            None if None in heights else np.array(heights, float),
            np.array([station[2] for station in first]),
            np.array([station[3] for station in first]),
            np.array(list(length.values())),
        )
    return collars, length


def _frame(loca: Group) -> tuple[str, str, str]:
    found = [
        frame
        for frame in (_NATIONAL, _LOCAL)
        if any(loca.text(row, frame[0]) and loca.text(row, frame[1]) for row in range(len(loca)))
    ]
    if not found:
        problem = "group LOCA gives neither LOCA_NATE and LOCA_NATN nor LOCA_LOCX and LOCA_LOCY"
        Place(loca.path, loca.line).refuse(problem)
    return found[0]


def _needed(group: Group, row: int, heading: str) -> float:
    value = group.number(row, heading)
    if value is None:
        problem = f"{heading} is missing here but given for other holes"
        group.place(row).refuse(problem, column=_field(group, heading))
    return value


def _all_said(
    groups: Mapping[str, Group], holes: Mapping[str, int]
) -> dict[str, list[tuple[_Said, Group, int]]]:
    """Everything said of each hole, with the place where it stands."""
    found: dict[str, list[tuple[_Said, Group, int]]] = {}
    for name in ("GEOL", "DLOG", "DREM", "FLSH", "BKFL"):
        group = groups.get(name)
        if group is None:
            continue
        group.require("LOCA_ID", f"{name}_TOP")
        group.require_unit("m", f"{name}_TOP", f"{name}_BASE")
        for row in range(len(group)):
            hole = _hole_of(group, row, holes)
            item = _said(group, row)
            if item is not None:
                found.setdefault(hole, []).append((item, group, row))
    return found


def _backfill(group: Group | None, holes: Mapping[str, int]) -> BackfillTable | None:
    """What holes were filled with: the first of remark, description and code of the legend."""
    if group is None or not len(group):
        return None
    rows = [
        (
            _hole_of(group, row, holes),
            *_stretch(group, row, point=True),
            next(filter(None, (group.text(row, f"BKFL_{n}") for n in ("REM", "DESC", "LEG"))), ""),
        )
        for row in range(len(group))
    ]
    hole, top, base, text = zip(*rows, strict=True)
    return BackfillTable(hole, np.array(top), np.array(base), text)


def _said(group: Group, row: int) -> _Said | None:
    """Say what a row says of the ground; None for nothing."""
    top, base = _stretch(group, row, point=group.name in ("DREM", "FLSH", "BKFL"))
    if group.name == "BKFL":
        return None
    if group.name == "FLSH":
        group.require_unit("%", "FLSH_RETN", "FLSH_RETX")
        least = group.number(row, "FLSH_RETN")
        least = group.number(row, "FLSH_RETX") if least is None else least
        if least is None or least > FLUSH_LOSS_PERCENT:
            return None
        text = f"FLSH: return {least:g} %"
        return _Said(top, max(base, top + REMARK_M), base, "flush loss", text)
    heading = "DREM_REM" if group.name == "DREM" else f"{group.name}_DESC"
    text = group.text(row, heading)
    word = word_of(text)
    if group.name == "DREM":
        if word is None or word == "unknown":
            return None
        return _Said(top, max(base, top + REMARK_M), base, word, f"DREM: {text}")
    return _Said(top, base, base, word or "intact", f"{group.name}: {text}")


def _intervals(
    said: Mapping[str, list[_Said]], length: Mapping[str, float]
) -> IntervalTable | None:
    """Cut each hole where anything begins or ends; the strongest word of a piece stands."""
    rows: list[tuple[str, float, float, str, str]] = []
    for name, stretches in said.items():
        rows += [(name, *piece) for piece in _pieces(stretches, length[name])]
    if not rows:
        return None
    hole, top, base, word, text = zip(*rows, strict=True)
    return IntervalTable(hole, np.array(top), np.array(base), word, extra={"said": text})


def _pieces(stretches: list[_Said], length: float) -> list[tuple[float, float, str, str]]:
    ends = sorted({min(v, length) for item in stretches for v in (item.top, item.base)})
    starts = deque(sorted(stretches, key=lambda item: item.top))
    current: list[_Said] = []
    out: list[tuple[float, float, str, str]] = []
    last: _Said | None = None
    for top, base in pairwise(ends):
        while starts and starts[0].top <= top:
            current.append(starts.popleft())
        current = [item for item in current if item.base > top]
        best = min(current, key=lambda item: WORD_STRENGTH.index(item.word), default=None)
        if best is not None and best is last and out[-1][1] == top:
            out[-1] = (out[-1][0], base, *out[-1][2:])
        elif best is not None:
            out.append((top, base, best.word, best.text))
        last = best
    return out
