"""Resistivity in the unified data format of BERT and pyGIMLi (``.dat``, ``.ohm``).

A count, ``# x y z`` (or ``# x z`` for a line, ``# x y``) and the electrodes; a count, ``# a b m n
rhoa err`` and the data; then, often, a count of topography points. Electrodes count from 1, 0 is
remote. Columns come in any order: ``rhoa``, or a resistance ``r`` (or ``u`` and ``i``) with its
geometric factor ``k``, which is computed for a flat surface when absent; ``err`` is relative,
``err/%`` in percent. ``#`` starts a comment. Described at resistivity.net and in pyGIMLi's
DataContainer.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from subterra.formats.counted import Block, Comment, NamesOf, Scanner
from subterra.formats.electrodes import check_frame, place, rhoa_from_resistance
from subterra.formats.text import (
    MAX_BYTES,
    Place,
    located,
    read_text,
    sniffable,
    split_lines,
    whole_number,
    write_text,
)
from subterra.tables import REMOTE, FloatArray, IntArray, ResistivityTable
from subterra.tables.columns import shown
from subterra.tables.stand_in import STAND_IN_ERROR, STAND_IN_OHMM

__all__ = ["read_unified", "read_unified_layout", "sniff_unified", "write_unified"]

_WORDS = {
    "a": ("a", "c1"),
    "b": ("b", "c2"),
    "m": ("m", "p1"),
    "n": ("n", "p2"),
    "rhoa": ("rhoa", "rho_a", "ra", "rs", "rhos"),
    "r": ("r", "imp", "z", "u/i"),
    "u": ("u", "v"),
    "i": ("i",),
    "k": ("k",),
    "err": ("err", "error", "std"),
    "valid": ("valid",),
}
_NAME_OF = {word: name for name, words in _WORDS.items() for word in words}
# What one unit of the file is in ours; the first of each is what a message asks for.
_UNITS: Mapping[str, Mapping[str, float]] = {
    "rhoa": {"ohmm": 1.0, "": 1.0, "ohm*m": 1.0, "ohm-m": 1.0, "ohm.m": 1.0, "ωm": 1.0},
    "r": {"ohm": 1.0, "": 1.0, "ω": 1.0, "mohm": 1e-3},
    "u": {"v": 1.0, "": 1.0, "mv": 1e-3, "uv": 1e-6},
    "i": {"a": 1.0, "": 1.0, "ma": 1e-3, "ua": 1e-6},
    "k": {"m": 1.0, "": 1.0},
    "err": {"%": 1e-2, "": 1.0, "1": 1.0},
    "valid": {"": 1.0},
}
_OURS = ("a", "b", "m", "n", "rhoa", "err")


def read_unified(
    path: Path | str,
    *,
    origin: tuple[float, float] | None = None,
    rotation_deg: float = 0.0,
    max_bytes: int = MAX_BYTES,
) -> ResistivityTable:
    """Read electrodes and resistivity data.

    Parameters
    ----------
    path : Path or str
        The file.
    origin : (float, float), optional
        Site coordinates of the file's point (0, 0), m.
    rotation_deg : float
        Angle by which the file's frame is turned counter-clockwise on the site; see
        `subterra.formats.electrodes.place`.
    max_bytes : int
        Size beyond which the file is refused.

    Returns
    -------
    ResistivityTable
        Without z when the file has no z column. Data that the file marks with ``valid`` 0 are
        left out; errors that are all zero mean "not estimated" and are left out too.

    Raises
    ------
    InputError
        Anything that cannot be used, with line and column.
    """
    return _read(path, origin, rotation_deg, max_bytes, (_data_names, _rhoa_ohmm))


def read_unified_layout(
    path: Path | str,
    *,
    origin: tuple[float, float] | None = None,
    rotation_deg: float = 0.0,
    max_bytes: int = MAX_BYTES,
) -> ResistivityTable:
    """Read electrodes and quadripoles of a survey that is only planned.

    Parameters
    ----------
    path, origin, rotation_deg, max_bytes
        As for `read_unified`.

    Returns
    -------
    ResistivityTable
        With a stand-in for each apparent resistivity, and for the errors if the file has none.

    Raises
    ------
    InputError
        As for `read_unified`; and for a file that holds data.
    """
    table = _read(path, origin, rotation_deg, max_bytes, (_planned_names, _stand_in_ohmm))
    if table.err_relative is not None:
        return table
    return replace(table, err_relative=np.full(len(table), STAND_IN_ERROR))


def _read(
    path: Path | str,
    origin: tuple[float, float] | None,
    rotation_deg: float,
    max_bytes: int,
    how: tuple[NamesOf, Callable[[Block, FloatArray, IntArray], FloatArray]],
) -> ResistivityTable:
    names_of, rhoa_of = how
    frame = check_frame(origin, rotation_deg)
    scanner = Scanner(path, read_text(path, max_bytes=max_bytes))
    electrodes = scanner.block("electrodes", _electrode_names)
    if not electrodes.rows:
        Place(path, 1).refuse("expected at least one electrode")
    data = _valid_only(scanner.block("data", names_of))
    if not data.rows:
        scanner.at.refuse("expected at least one datum")
    topography = None if scanner.finished() else scanner.block("topography points", _point_names)
    if not scanner.finished():
        scanner.at.refuse("expected the end of the file; the counts above may be wrong")
    position_m = _positions(electrodes, topography)
    x_m, y_m = place(position_m[:, 0], position_m[:, 1], *frame)
    z_m = None if np.isnan(position_m[0, 2]) else position_m[:, 2]
    abmn = _abmn(data, len(position_m))
    lines = dict.fromkeys(("electrode_x_m", "electrode_y_m", "electrode_z_m"), electrodes.lines)
    columns = {"rhoa_ohmm": ("rhoa", None), "err_relative": ("err", None)}
    with located(path, {"": data.lines, **lines}, columns):
        return ResistivityTable(
            electrode_x_m=x_m,
            electrode_y_m=y_m,
            electrode_z_m=z_m,
            abmn=abmn,
            rhoa_ohmm=rhoa_of(data, np.nan_to_num(position_m), abmn),
            err_relative=_err_relative(data),
            extra={
                name: data.column(name)
                for name in data.names
                if _token(name)[0] not in (*_OURS, "valid")
            },
        )


def write_unified(table: ResistivityTable, path: Path | str) -> None:
    """Write electrodes and data in the site's frame so that `read_unified` gives them back.

    Raises
    ------
    InputError
        No data, an extra column that the format cannot hold (white space, ``#``, blanks or a
        name that has a meaning of its own), or the file cannot be written.
    """
    at = Place(path)
    if not len(table):
        at.refuse("the table has no rows to write")
    for name, cells in table.extra.items():
        clear = all(re.fullmatch(r"[^\s#]+", cell) for cell in (name, *cells))
        if not clear or _token(name)[0] in (*_OURS, "valid"):
            at.refuse(f"extra column {shown(name)} cannot be written in the unified data format")
    z_m = table.electrode_z_m
    place_columns = [table.electrode_x_m, table.electrode_y_m, *([] if z_m is None else [z_m])]
    lines = [str(table.n_electrodes), "# x y" if z_m is None else "# x y z"]
    lines += ["\t".join(map(repr, row)) for row in np.column_stack(place_columns).tolist()]
    columns = [[str(index) for index in column] for column in (table.abmn + 1).T.tolist()]
    columns.append([repr(value) for value in table.rhoa_ohmm.tolist()])
    names = ["a", "b", "m", "n", "rhoa"]
    if table.err_relative is not None:
        columns.append([repr(value) for value in table.err_relative.tolist()])
        names.append("err")
    columns += [list(cells) for cells in table.extra.values()]
    lines += [str(len(table)), "# " + " ".join([*names, *table.extra])]
    lines += ["\t".join(row) for row in zip(*columns, strict=True)]
    write_text(path, "\n".join([*lines, "0", ""]))


def sniff_unified(head: bytes) -> bool:
    """Whether the first bytes of a file are a count of electrodes and their first line."""
    lines = [line.strip() for line in split_lines(sniffable(head))]
    start = next((i for i, line in enumerate(lines) if line.partition("#")[0].strip()), None)
    if start is None or not re.fullmatch(r"\d{1,9}\s*(#.*)?", lines[start]):
        return False
    following = next((line for line in lines[start + 1 :] if line), "")
    if following.startswith("#"):
        return _is_axis(following[1:].split()[:1])
    return re.fullmatch(r"[-+.\deE]+(\s+[-+.\deE]+){1,2}", following) is not None


def _is_axis(words: Sequence[str]) -> bool:
    return bool(words) and words[0].lower() in ("x", "y", "z", "x/m", "y/m", "z/m")


def _electrode_names(comments: Sequence[Comment], width: int) -> list[str]:
    at, header = next((c for c in comments if _is_axis(c[1])), comments[0])
    if not header:
        if width != 3:
            at.refuse(f"the {width} columns of the electrodes have no names; expected '# x y z'")
        return ["x", "y", "z"]
    names = [word.lower().removesuffix("/m") for word in header[:width]]
    known = set(names) <= {"x", "y", "z"} and "x" in names and len(set(names)) == width
    if not known:
        found = shown("# " + " ".join(header))
        at.refuse(f"expected columns x, y, z in metres for {width} fields, found {found}")
    return names


def _point_names(comments: Sequence[Comment], width: int) -> list[str]:
    if width == 2 and not any(_is_axis(words) for _, words in comments):
        return ["x", "z"]
    return _electrode_names(comments, width)


def _data_names(comments: Sequence[Comment], width: int) -> list[str]:
    at, names = _column_names(comments, width, _OURS)
    tokens = {_token(name)[0] for name in names}
    if not {"rhoa", "r"} & tokens and not {"u", "i"} <= tokens:
        at.refuse(f"expected a column 'rhoa' or 'r', found {shown('# ' + ' '.join(names))}")
    return names


def _planned_names(comments: Sequence[Comment], width: int) -> list[str]:
    at, names = _column_names(comments, width, (*_OURS[:4], "err"))
    for name in names:
        if _token(name)[0] in ("rhoa", "r", "u", "i"):
            at.refuse(f"found column {shown(name)}: this survey has been measured, it is no plan")
    return names


def _column_names(
    comments: Sequence[Comment], width: int, nameless: Sequence[str]
) -> tuple[Place, list[str]]:
    """Names of the columns and the line that gives them; those of a file without any."""
    at, header = next((c for c in comments if _is_datum(c[1])), comments[0])
    header = header or list(nameless[:width])
    # Words beyond the columns are a remark: "# a b m n rhoa for each datum".
    names, remark = header[:width], header[width:]
    named = any(_token(word)[0] for i, word in enumerate(remark) if i == 0 or len(word) > 1)
    if len(names) < width or named:
        found = shown("# " + " ".join(header))
        at.refuse(f"the data have {width} fields, their header has {found}")
    for name in names:
        _check_name(name, at)
    tokens = [token or name for name, (token, _) in zip(names, map(_token, names), strict=True)]
    for name, token in zip(names, tokens, strict=True):
        if tokens.count(token) > 1:
            at.refuse(f"column {shown(name)} is given twice")
    return at, names


def _is_datum(words: Sequence[str]) -> bool:
    return {"a", "b", "m", "n"} <= {_token(word)[0] for word in words}


def _check_name(name: str, at: Place) -> None:
    token, unit = _token(name)
    units = _UNITS.get(token, {"": 1.0})
    if token and unit not in units:
        at.refuse(f"found column {shown(name)}, expected {token}/{next(iter(units))}")
    if not token and name.lower().startswith("rho"):
        at.refuse(f"found column {shown(name)}, expected 'rhoa' (ohm m) or 'r' (ohm)")


def _token(word: str) -> tuple[str, str]:
    """Canonical name and unit of a column's name; no name when it has no meaning here."""
    plain = word.lower().replace("\N{GREEK SMALL LETTER MU}", "u").replace("\N{MICRO SIGN}", "u")
    if plain in _NAME_OF:
        return _NAME_OF[plain], ""
    name, _, unit = plain.rstrip(")").replace("(", "/").partition("/")
    return _NAME_OF.get(name, ""), unit


def _positions(electrodes: Block, topography: Block | None) -> FloatArray:
    """Electrodes in the file's frame, shape (n, 3); z is NaN when the file does not give it."""
    position_m = np.zeros((len(electrodes.rows), 3))
    position_m[:, 2] = np.nan
    for axis, name in enumerate("xyz"):
        if name in electrodes.names:
            position_m[:, axis] = electrodes.numbers(name)
    if topography is None or "z" in electrodes.names or not topography.rows:
        return position_m
    at = Place(topography.path, topography.lines[0])
    if "z" not in topography.names or position_m[:, 1].any():
        at.refuse("topography is read for lines along x only; give z of each electrode")
    x_m, z_m = topography.numbers("x"), topography.numbers("z")
    if not (np.diff(x_m) > 0).all():
        at.refuse("expected topography points in order of increasing x")
    position_m[:, 2] = np.interp(position_m[:, 0], x_m, z_m)
    return position_m


def _abmn(data: Block, n_electrodes: int) -> IntArray:
    """Electrodes of each datum, counted from 0."""
    abmn = np.empty((len(data.rows), 4), dtype=np.int32)
    tokens = [_token(name)[0] for name in data.names]
    for position, token in enumerate("abmn"):
        column = tokens.index(token)
        for row, (line, fields) in enumerate(zip(data.lines, data.rows, strict=True)):
            at = Place(data.path, line)
            index = whole_number(fields[column], token, at, column=column + 1)
            if not 0 <= index <= n_electrodes:
                at.refuse(
                    f"{token}: electrode {index} does not exist; the file has {n_electrodes}, "
                    "counted from 1, and 0 for a remote one",
                    column=column + 1,
                )
            abmn[row, position] = index - 1 if index else REMOTE
    return abmn


def _rhoa_ohmm(data: Block, position_m: FloatArray, abmn: IntArray) -> FloatArray:
    if _has(data, "rhoa"):
        return _quantity(data, "rhoa")
    r_ohm = _quantity(data, "r") if _has(data, "r") else _resistance_ohm(data)
    if _has(data, "k"):
        return _quantity(data, "k") * r_ohm
    return rhoa_from_resistance(data.path, data.lines, position_m, abmn, r_ohm)


def _stand_in_ohmm(data: Block, position_m: FloatArray, abmn: IntArray) -> FloatArray:
    del data, position_m
    return np.full(len(abmn), STAND_IN_OHMM)


def _resistance_ohm(data: Block) -> FloatArray:
    voltage, current = _quantity(data, "u"), _quantity(data, "i")
    for row in np.flatnonzero(current == 0.0)[:1]:
        Place(data.path, data.lines[row]).refuse("i: the current is zero")
    with np.errstate(over="ignore"):
        return voltage / current


def _err_relative(data: Block) -> FloatArray | None:
    err = _quantity(data, "err") if _has(data, "err") else np.zeros(0)
    if not err.any():
        return None
    if np.median(err) >= 1.0:
        Place(data.path).refuse(
            f"half of the relative errors are {np.median(err):g} or more; write 'err/%' for percent"
        )
    return err


def _has(data: Block, token: str) -> bool:
    return any(_token(name)[0] == token for name in data.names)


def _quantity(data: Block, token: str) -> FloatArray:
    """Numbers of the column with a meaning, in our unit."""
    name = next(name for name in data.names if _token(name)[0] == token)
    return data.numbers(name) * _UNITS[token][_token(name)[1]]


def _valid_only(data: Block) -> Block:
    if not _has(data, "valid"):
        return data
    return data.where((_quantity(data, "valid") != 0.0).tolist())
