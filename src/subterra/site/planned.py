"""Surveys that are only planned: from files without data, or from a few numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from subterra.counting import counted
from subterra.errors import InputError
from subterra.simulate.layouts import electrode_line, gravity_stations
from subterra.site.kinds import (
    Format,
    Kind,
    find_kind,
    first_line,
    head_of,
    kinds,
    parse_options,
)

__all__ = ["PlannedSurvey", "plan_grid", "plan_lines", "read_planned"]


@dataclass(frozen=True, eq=False)
class PlannedSurvey:
    """One file, or one specification, of a survey that is not made yet.

    Parameters
    ----------
    kind : Kind
        Of the registry.
    table : table
        Where it measures, how well, and stand-ins for its data.
    label : str
        File name or a description in words.
    path : Path or None
        The file, if there is one.
    """

    kind: Kind
    table: Any
    label: str
    path: Path | None = None


def read_planned(
    path: Path, *, kind: str | None = None, options: Mapping[str, str] | None = None
) -> PlannedSurvey:
    """Read the file of a survey that is only planned.

    Parameters
    ----------
    path : Path
        The file.
    kind : str, optional
        Its kind, where the content does not tell.
    options : mapping of str to str, optional
        As for adding such a file.

    Returns
    -------
    PlannedSurvey

    Raises
    ------
    InputError
        If it is no planned survey of a known kind, or cannot be read.
    """
    found_kind, form = _recognise(path, kind)
    table = form.read(path, parse_options(found_kind, options or {}))
    return PlannedSurvey(found_kind, table, path.name, path)


def _recognise(path: Path, kind: str | None) -> tuple[Kind, Format]:
    candidates = list(kinds().values()) if kind is None else [find_kind(kind)]
    able = [(k, f) for k in candidates if k.planned is not None for f in k.planned.formats]
    if not able:
        names = ", ".join(k.name for k in kinds().values() if k.planned is not None)
        problem = f"a survey of kind {kind} cannot be planned in a file; known: {names}"
        raise InputError(problem, path=path)
    if kind is not None and len(able) == 1:
        return able[0]
    head = head_of(path)
    found = [(k, f) for k, f in able if f.sniff(head)]
    if len(found) == 1:
        return found[0]
    problem = (
        f"this is no planned survey, by its first line {first_line(path)!r}; a plan is a CSV file "
        "station,x,y[,z][,sd_ugal] or electrodes with a b m n in the unified data format; data "
        "that were measured are forecast once they are in the site"
    )
    raise InputError(problem, path=path, line=1)


def plan_grid(box: tuple[float, float, float, float], spacing_m: float) -> PlannedSurvey:
    """Plan gravity stations on a regular grid; see `subterra.simulate.layouts.gravity_stations`."""
    table = gravity_stations(box, spacing_m)
    corners = " ".join(f"{v:.12g}" for v in box)
    label = f"grid {corners}, {counted(len(table), 'station')} {spacing_m:.3g} m apart"
    return PlannedSurvey(find_kind("gravity"), table, label)


def plan_lines(
    line: tuple[float, float, float, float],
    spacing_m: float,
    array: str,
    *,
    count: int = 1,
    apart_m: float = 0.0,
) -> tuple[PlannedSurvey, ...]:
    """Plan parallel lines of electrodes, each measured by itself with a standard array.

    Parameters
    ----------
    line : (x0, y0, x1, y1)
        First and last place of the first line, metres.
    spacing_m : float
        Distance between neighbouring electrodes, metres.
    array : str
        One of `subterra.simulate.layouts.ARRAYS`.
    count : int
        Number of lines.
    apart_m : float
        Distance between neighbouring lines, to the left of the first one as it runs.

    Returns
    -------
    tuple of PlannedSurvey

    Raises
    ------
    InputError
        For lines that fall on one another, or as `electrode_line`.
    """
    x0, y0, x1, y1 = line
    if count < 1 or (count > 1 and not apart_m > 0.0):
        problem = f"{count} lines need a positive distance between them, found {apart_m:g} m"
        raise InputError(problem)
    length = max(float(np.hypot(x1 - x0, y1 - y0)), 1e-9)
    step = (-(y1 - y0) / length * apart_m, (x1 - x0) / length * apart_m)
    out: list[PlannedSurvey] = []
    for k in range(count):
        dx, dy = k * step[0], k * step[1]
        table = electrode_line((x0 + dx, y0 + dy), (x1 + dx, y1 + dy), spacing_m, array)
        ends = f"{x0 + dx:.12g} {y0 + dy:.12g} {x1 + dx:.12g} {y1 + dy:.12g}"
        label = f"line {ends}, {table.n_electrodes} electrodes {spacing_m:.3g} m apart, {array}"
        out.append(PlannedSurvey(find_kind("resistivity"), table, label))
    return tuple(out)
