"""Surveyed legs in Survex source files (``.svx``).

Read are ``*begin``/``*end``, ``*fix``, ``*equate``, ``*data normal`` with from, to, tape, compass
and clino in any order (``ignore`` too), ``*calibrate`` of tape, compass, clino and declination;
metres and degrees. Stations are found by least squares over all legs, which closes the loops; legs
to ``-``, ``.`` or ``..`` and legs flagged splay or surface are no courses of workings and are left
out. What says nothing of the geometry is passed over, any other command is refused (Survex manual,
"Survex data files"). A ``*include`` is refused: the reader opens no other file.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import numpy as np
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import connected_components
from scipy.sparse.linalg import lsqr

from subterra.formats.text import MAX_BYTES, Place, located, number, read_text, split_lines
from subterra.tables import CentreLineTable, FloatArray

__all__ = ["read_survex"]

_SAYS_NOTHING: Final = frozenset(
    (
        "alias", "case", "copyright", "cs", "date", "entrance", "export", "infer",
        "instrument", "prefix", "ref", "require", "sd", "solve", "team", "title", "truncate",
    )
)  # fmt: skip
_METRIC: Final = frozenset(("metres", "meters", "metric", "degrees", "degs"))
_FIELDS: Final = ("from", "to", "tape", "compass", "clino")
_NO_COURSE: Final = frozenset(("splay", "surface"))
_SPLAY: Final = frozenset((".", "..", "...", "-"))
_PLUMB: Final = {"UP": 90.0, "U": 90.0, "+V": 90.0, "DOWN": -90.0, "D": -90.0, "-V": -90.0}
_MAX_LEGS: Final = 200_000


@dataclass
class _Survey:
    path: Path | str
    prefix: list[str] = field(default_factory=list[str])
    order: tuple[str, ...] = _FIELDS
    zero: dict[str, float] = field(default_factory=dict[str, float])
    flags: frozenset[str] = frozenset()
    saved: list[tuple[tuple[str, ...], dict[str, float], frozenset[str]]] = field(
        default_factory=list[tuple[tuple[str, ...], dict[str, float], frozenset[str]]]
    )
    fixed: dict[str, tuple[float, float, float]] = field(
        default_factory=dict[str, tuple[float, float, float]]
    )
    legs: list[tuple[str, str, float, float, float, int]] = field(
        default_factory=list[tuple[str, str, float, float, float, int]]
    )

    def name(self, text: str) -> str:
        return ".".join([*self.prefix, text.lower()])


def read_survex(path: Path | str, *, max_bytes: int = MAX_BYTES) -> CentreLineTable:
    """Read the legs of a Survex source file.

    Parameters
    ----------
    path : Path or str
        The file.
    max_bytes : int
        Size beyond which the file is refused.

    Returns
    -------
    CentreLineTable
        One line for each leg, in the frame of ``*fix``; without a fix the first station is 0, 0, 0.

    Raises
    ------
    InputError
        Anything that cannot be used, with its line; legs that hang on no fixed station.
    """
    survey = _Survey(path)
    lines = split_lines(read_text(path, max_bytes=max_bytes))
    for line, content in enumerate(lines, start=1):
        fields = content.partition(";")[0].split()
        if not fields:
            continue
        at = Place(path, line)
        if fields[0].startswith("*"):
            _command(survey, fields[0][1:].lower(), fields[1:], at)
        else:
            _leg(survey, fields, at, line)
        if len(survey.legs) > _MAX_LEGS:
            at.refuse(f"expected at most {_MAX_LEGS:,} legs")
    if survey.prefix or survey.saved:
        Place(path, len(lines)).refuse("a *begin has no *end; the file may be cut off")
    if not any(leg[5] for leg in survey.legs):
        Place(path).refuse("there are no legs in it")
    return _solved(survey)


def _command(survey: _Survey, command: str, fields: Sequence[str], at: Place) -> None:
    if command == "begin":
        survey.saved.append((survey.order, dict(survey.zero), survey.flags))
        survey.prefix.append(fields[0].lower() if fields else "")
    elif command == "end":
        if not survey.prefix:
            at.refuse("*end without its *begin")
        name = survey.prefix.pop()
        if (fields[0].lower() if fields else "") not in (name, ""):
            at.refuse(f"*end of {fields[0][:40]!r} closes *begin of {name[:40]!r}")
        survey.order, survey.zero, survey.flags = survey.saved.pop()
    elif command == "fix":
        rest = [text for text in fields[1:] if text.lower() != "reference"]
        if len(fields) < 4 or len(rest) < 3:
            at.refuse("*fix: expected a station and x, y, z")
        x, y, z = (
            number(text, f"*fix {axis}", at) for text, axis in zip(rest, "xyz", strict=False)
        )
        survey.fixed[survey.name(fields[0])] = (x, y, z)
    elif command == "equate":
        if len(fields) < 2:
            at.refuse("*equate: expected at least two stations")
        for other in fields[1:]:
            survey.legs.append((survey.name(fields[0]), survey.name(other), 0.0, 0.0, 0.0, 0))
    elif command == "flags":
        survey.flags = _flags(survey.flags, fields)
    elif command == "data":
        _data(survey, fields, at)
    elif command == "calibrate":
        _calibrate(survey, fields, at)
    elif command == "declination":
        if len(fields) != 2 or fields[1].lower() not in _METRIC:
            at.refuse("*declination: expected a number and its unit, degrees")
        # Unlike the zero error of *calibrate, this is positive where magnetic north lies east.
        survey.zero["declination"] = -number(fields[0], "*declination", at)
    elif command == "units":
        if not {text.lower() for text in fields} & {
            "metres",
            "meters",
            "metric",
            "degrees",
            "degs",
        }:
            at.refuse("*units: only metres and degrees are read")
    elif command not in _SAYS_NOTHING:
        at.refuse(f"the command *{command[:40]} is not read")


def _data(survey: _Survey, fields: Sequence[str], at: Place) -> None:
    words = [text.lower() for text in fields]
    if not words or words[0] not in ("normal", "default"):
        at.refuse(f"*data: only normal legs are read, found {' '.join(words)[:40]!r}")
    alias = {"length": "tape", "bearing": "compass", "gradient": "clino"}
    order = tuple(alias.get(word, word) for word in words[1:]) or _FIELDS
    known = {*_FIELDS, "ignore", "ignoreall"}
    if not set(_FIELDS) <= set(order) or not set(order) <= known:
        at.refuse(
            f"*data: expected {' '.join(_FIELDS)} in any order, found {' '.join(order)[:80]!r}"
        )
    survey.order = order


def _flags(held: frozenset[str], fields: Sequence[str]) -> frozenset[str]:
    """Flags after ``*flags``: each word sets one, a word after ``not`` takes it away."""
    words, flags = [text.lower() for text in fields], set(held)
    for k, word in enumerate(words):
        if k and words[k - 1] == "not":
            flags.discard(word)
        elif word != "not":
            flags.add(word)
    return frozenset(flags)


def _calibrate(survey: _Survey, fields: Sequence[str], at: Place) -> None:
    if len(fields) < 2:
        at.refuse("*calibrate: expected an instrument and its zero error")
    if len(fields) > 2:
        at.refuse("*calibrate: a scale is not read")
    name = fields[0].lower()
    if name not in ("tape", "compass", "clino", "declination"):
        at.refuse(f"*calibrate: {name[:40]!r} is not read")
    survey.zero[name] = number(fields[1], f"*calibrate {name}", at)


def _leg(survey: _Survey, fields: Sequence[str], at: Place, line: int) -> None:
    order = survey.order
    if "ignoreall" in order:
        fields = fields[: order.index("ignoreall")]
        order = order[: order.index("ignoreall")]
    if len(fields) != len(order):
        at.refuse(f"expected {len(order)} fields, found {len(fields)}")
    given = dict(zip(order, fields, strict=True))
    if given["from"] in _SPLAY or given["to"] in _SPLAY:
        return
    zero = survey.zero
    tape = number(given["tape"], "tape", at) - zero.get("tape", 0.0)
    if tape < 0.0:
        at.refuse(f"tape: expected a length, found {tape:g}")
    clino = _PLUMB.get(given["clino"].upper())
    if clino is None:
        text = "0" if given["clino"] == "-" else given["clino"]
        clino = number(text, "clino", at) - zero.get("clino", 0.0)
        if abs(clino) > 90.0:
            at.refuse(f"clino: expected -90 to 90 degrees, found {clino:g}")
    compass = 0.0
    if given["compass"] == "-":
        if abs(clino) < 90.0:
            at.refuse("compass: expected a bearing, found '-'")
    else:
        compass = number(given["compass"], "compass", at) - zero.get("compass", 0.0)
        if not 0.0 <= number(given["compass"], "compass", at) <= 360.0:
            at.refuse(f"compass: expected 0 to 360 degrees, found {given['compass'][:20]}")
        compass -= zero.get("declination", 0.0)
    flat = tape * math.cos(math.radians(clino))
    survey.legs.append(
        (
            survey.name(given["from"]),
            survey.name(given["to"]),
            flat * math.sin(math.radians(compass)),
            flat * math.cos(math.radians(compass)),
            tape * math.sin(math.radians(clino)),
            0 if survey.flags & _NO_COURSE else line,
        )
    )


def _solved(survey: _Survey) -> CentreLineTable:
    stations: dict[str, int] = {}
    for leg in survey.legs:
        for name in leg[:2]:
            stations.setdefault(name, len(stations))
    ends = np.array([(stations[leg[0]], stations[leg[1]]) for leg in survey.legs])
    steps = np.array([leg[2:5] for leg in survey.legs])
    fixed = {stations[name]: at for name, at in survey.fixed.items() if name in stations}
    fixed = fixed or {0: (0.0, 0.0, 0.0)}
    n = len(stations)
    joined = csr_matrix((np.ones(len(ends)), (ends[:, 0], ends[:, 1])), shape=(n, n))
    _, part = connected_components(joined, directed=False)
    loose = ~np.isin(part, part[list(fixed)])
    if loose.any():
        name = list(stations)[int(np.argmax(loose))]
        Place(survey.path).refuse(f"station {name[:80]!r} hangs on no fixed station")
    place, misclosure = _adjusted(ends, steps, fixed, n)
    measured = [k for k, leg in enumerate(survey.legs) if leg[5]]
    names = [f"{survey.legs[k][0]}-{survey.legs[k][1]}" for k in measured]
    seen: dict[str, int] = {}
    for k, name in enumerate(names):
        seen[name] = seen.get(name, 0) + 1
        names[k] = name if seen[name] == 1 else f"{name}#{seen[name]}"
    vertices = place[ends[measured]].reshape(-1, 3)
    with located(survey.path, {"": [leg[5] for leg in survey.legs if leg[5]]}):
        return CentreLineTable(
            tuple(names),
            np.arange(len(measured) + 1, dtype=np.int32) * 2,
            vertices[:, 0],
            vertices[:, 1],
            vertices[:, 2],
            misclosure_m=misclosure,
        )


def _adjusted(
    ends: np.ndarray, steps: FloatArray, fixed: dict[int, tuple[float, float, float]], n: int
) -> tuple[FloatArray, float | None]:
    """Places of the stations by least squares, every leg alike, and what the legs are off."""
    free = np.array([k for k in range(n) if k not in fixed], np.int64)
    column = np.full(n, -1)
    column[free] = np.arange(len(free))
    place = np.zeros((n, 3))
    for k, at in fixed.items():
        place[k] = at
    # Around the first fix, so that coordinates of millions of metres keep their millimetres.
    centre = place[next(iter(fixed))].copy()
    known = place - centre
    known[free] = 0.0
    rows, columns, values = [], [], []
    for side, sign in ((1, 1.0), (0, -1.0)):
        here = column[ends[:, side]]
        moves = here >= 0
        rows.append(np.flatnonzero(moves))
        columns.append(here[moves])
        values.append(np.full(int(moves.sum()), sign))
    shape = (len(ends), len(free))
    design = csr_matrix(
        (np.concatenate(values), (np.concatenate(rows), np.concatenate(columns))), shape=shape
    )
    wanted = steps - (known[ends[:, 1]] - known[ends[:, 0]])
    found = known
    for axis in range(3) if len(free) else ():
        found[free, axis] = lsqr(design, wanted[:, axis], atol=1e-12, btol=1e-12)[0]
    off = steps - (found[ends[:, 1]] - found[ends[:, 0]])
    spare = len(ends) - len(free)
    misclosure = float(np.sqrt((off**2).sum() / (3.0 * spare))) if spare > 0 else None
    return found + centre, misclosure
