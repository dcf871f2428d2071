"""The holes of a site: where they are, and what was logged along them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from subterra.evidence.desurvey import hole_traces
from subterra.search import Hole
from subterra.search.holes import place_at
from subterra.search.met import LoggedVoid
from subterra.site.assemble import tables_in_force
from subterra.site.hole_tables import HOLE_KINDS, HoleTables, hole_tables, parts_of
from subterra.tables import VOID_WORDS, BoreholeTable, IntervalTable

if TYPE_CHECKING:
    import numpy.typing as npt

    from subterra.search import PlannedHole
    from subterra.site.folder import Site

__all__ = [
    "HoleLog",
    "as_hole",
    "collar_table",
    "drilled_holes",
    "hole_logs",
    "holes_in_force",
    "holes_together",
    "log_table",
    "logged_holes",
    "logged_voids",
    "open_holes",
    "surveyed_traces",
    "void_places",
]


@dataclass(frozen=True)
class HoleLog:
    """A hole with a collar and what was logged along it.

    Parameters
    ----------
    hole : Hole
        As drilled.
    intervals : tuple of (from_m, to_m, word)
        Metres along the hole, by depth; empty for a hole without a log.
    """

    hole: Hole
    intervals: tuple[tuple[float, float, str], ...]

    @property
    def voids(self) -> tuple[tuple[float, float], ...]:
        """Logged voids: from and to, metres along the hole."""
        return tuple((top, base) for top, base, word in self.intervals if word in VOID_WORDS)

    @property
    def logged_m(self) -> float:
        """Metres along the hole for which the log speaks: to the last that has core or log."""
        return max((base for _, base, word in self.intervals if word != "unknown"), default=0.0)


def hole_logs(site: Site) -> list[HoleLog]:
    """Return every hole with a collar and its log, from all files in force, along its survey.

    Raises
    ------
    SiteError, InputError
        If a file is missing, was changed or cannot be read.
    """
    parts = [parts_of(item.kind, table) for item, table in tables_in_force(site, HOLE_KINDS)]
    logs: dict[str, list[tuple[float, float, str]]] = {}
    for held in (p.intervals for p in parts if p.intervals is not None):
        rows = zip(held.from_m.tolist(), held.to_m.tolist(), held.log, strict=True)
        for name, row in zip(held.hole, rows, strict=True):
            logs.setdefault(name, []).append(row)
    collars = [p.collars for p in parts if p.collars is not None]
    along = _surveyed(site) if any(p.surveys is not None for p in parts) else {}
    return [
        HoleLog(replace(hole, **along.get(hole.name, {})), tuple(sorted(logs.get(hole.name, ()))))
        for table in collars
        for hole in _holes(site, table)
    ]


def _surveyed(site: Site) -> dict[str, dict[str, Any]]:
    """Trace and surveyed depth of every hole that was surveyed, as `Hole` has them."""
    held = holes_together(site)
    out: dict[str, dict[str, Any]] = {}
    if held.surveys is None:
        return out
    for name, rows in surveyed_traces(site).items():
        of_hole = [k for k, other in enumerate(held.surveys.hole) if other == name]
        out[name] = {
            "trace": tuple((d, x, y, z) for d, x, y, z in rows.tolist()),
            "surveyed_m": float(np.max(held.surveys.depth_m[of_hole])),
        }
    return out


def open_holes(site: Site, closed: Collection[str] = ()) -> list[Hole]:
    """Return the holes that were logged and can be entered, each down to where it is open.

    Parameters
    ----------
    site : Site
        The site.
    closed : collection of str
        Holes that cannot be entered any more.

    Returns
    -------
    list of Hole
        A hole with a record of backfill is open above it only.
    """
    filled: dict[str, float] = {}
    for item, table in tables_in_force(site, HOLE_KINDS):
        part = parts_of(item.kind, table).backfill
        if part is None:
            continue
        for name, top in zip(part.hole, part.from_m.tolist(), strict=True):
            filled[name] = min(filled.get(name, top), top)
    out: list[Hole] = []
    for hole in drilled_holes(site):
        length = min(hole.length_m, filled.get(hole.name, hole.length_m))
        if hole.name not in closed and length > 0.0:
            out.append(replace(hole, length_m=length))
    return out


def holes_in_force(site: Site) -> list[tuple[Hole, bool]]:
    """Return every hole with a collar, and whether it has a log; see `hole_logs`."""
    return [(log.hole, bool(log.intervals)) for log in hole_logs(site)]


def holes_together(site: Site) -> HoleTables:
    """Return collars, surveys and logs of all files in force, joined; see `hole_logs`."""
    tables: dict[str, list[Any]] = {}
    for item, table in tables_in_force(site, HOLE_KINDS):
        tables.setdefault(item.kind, []).append(table)
    return hole_tables(tables, site.prior.surface)


def drilled_holes(site: Site) -> list[Hole]:
    """Return the holes that were logged; see `hole_logs`."""
    return [log.hole for log in hole_logs(site) if log.intervals]


def surveyed_traces(site: Site) -> dict[str, npt.NDArray[Any]]:
    """Return depth along the hole, x, y, z (k, 4) of every hole that was surveyed."""
    held = holes_together(site)
    if held.collars is None or held.surveys is None:
        return {}
    made = hole_traces(held.collars, held.surveys, site.prior)
    return {name: made[name] for name in dict.fromkeys(held.surveys.hole)}


def logged_holes(site: Site) -> list[Hole]:
    """Return the holes that were logged, each as long as its log speaks for.

    Stretches without core or log shorten a hole by what lies below the last that has one.
    """
    return [
        replace(log.hole, length_m=log.logged_m) for log in hole_logs(site) if log.logged_m > 0.0
    ]


def logged_voids(site: Site) -> list[LoggedVoid]:
    """Return every void in the logs in force, by hole."""
    return [LoggedVoid(log.hole, *void) for log in hole_logs(site) for void in log.voids]


def _holes(site: Site, table: BoreholeTable) -> list[Hole]:
    z = site.prior.surface.at(table.x_m, table.y_m) if table.z_m is None else table.z_m
    columns = (table.x_m, table.y_m, z, table.azimuth_deg, table.inclination_deg, table.length_m)
    return [
        Hole(name, *(float(v) for v in values))
        for name, *values in zip(table.hole, *columns, strict=True)
    ]


def void_places(site: Site) -> list[tuple[LoggedVoid, npt.NDArray[np.float64]]]:
    """Return every logged void with the place (3,) where it begins, m: as surveyed, or straight."""
    return [(void, place_at(void.hole, void.from_m)) for void in logged_voids(site)]


def collar_table(
    holes: Sequence[Hole], extra: Mapping[str, tuple[str, ...]] | None = None
) -> BoreholeTable:
    """Return the collars of holes as a table, azimuths turned into 0 to 360."""
    return BoreholeTable(
        hole=tuple(hole.name for hole in holes),
        x_m=np.array([hole.x for hole in holes]),
        y_m=np.array([hole.y for hole in holes]),
        z_m=np.array([hole.z for hole in holes]),
        azimuth_deg=np.array([hole.azimuth_deg % 360.0 for hole in holes]),
        inclination_deg=np.array([hole.inclination_deg for hole in holes]),
        length_m=np.array([hole.length_m for hole in holes]),
        extra=extra or {},
    )


def log_table(hole: Hole, events: Sequence[tuple[str, float, float]]) -> IntervalTable:
    """Return the log of a hole: what was said (word, from, to in metres along it), else intact."""
    rows: list[tuple[float, float, str]] = []
    reached = 0.0
    for word, top, base in events:
        rows += [(reached, top, "intact"), (top, base, word)]
        reached = base
    rows.append((reached, hole.length_m, "intact"))
    top, base, log = zip(*(row for row in rows if row[0] < row[1]), strict=True)
    return IntervalTable((hole.name,) * len(log), np.array(top), np.array(base), log)


def as_hole(row: PlannedHole, length_m: float | None = None) -> Hole:
    """Return the hole of a row of the plan, to another length where one is given."""
    return Hole(
        row.hole,
        row.x,
        row.y,
        row.z,
        row.azimuth_deg,
        row.inclination_deg,
        row.length_m if length_m is None else length_m,
    )
