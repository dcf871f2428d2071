"""The holes of a site: where they are, and whether they were logged."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from subterra.evidence.desurvey import hole_traces
from subterra.search import Hole
from subterra.search.met import LoggedVoid
from subterra.site.assemble import tables_in_force
from subterra.site.hole_tables import HOLE_KINDS, HoleTables, hole_tables, parts_of

if TYPE_CHECKING:
    import numpy.typing as npt

    from subterra.search import PlannedHole
    from subterra.site.folder import Site
    from subterra.tables import BoreholeTable

__all__ = [
    "as_hole",
    "drilled_holes",
    "holes_in_force",
    "holes_together",
    "logged_holes",
    "logged_voids",
    "surveyed_traces",
]

_VOIDS: Final = ("void", "rod drop")


def holes_in_force(site: Site) -> list[tuple[Hole, bool]]:
    """Return every hole with a collar, and whether it has a log.

    Raises
    ------
    SiteError, InputError
        If a file is missing, was changed or cannot be read.
    """
    parts = [parts_of(item.kind, table) for item, table in tables_in_force(site, HOLE_KINDS)]
    logged = {name for p in parts if p.intervals is not None for name in p.intervals.hole}
    collars = [p.collars for p in parts if p.collars is not None]
    return [(hole, hole.name in logged) for table in collars for hole in _holes(site, table)]


def holes_together(site: Site) -> HoleTables:
    """Return collars, surveys and logs of all files in force, joined; see `holes_in_force`."""
    tables: dict[str, list[Any]] = {}
    for item, table in tables_in_force(site, HOLE_KINDS):
        tables.setdefault(item.kind, []).append(table)
    return hole_tables(tables, site.prior.surface)


def drilled_holes(site: Site) -> list[Hole]:
    """Return the holes that were logged; see `holes_in_force`."""
    return [hole for hole, logged in holes_in_force(site) if logged]


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
    ends: dict[str, float] = {}
    for name, _, base, word in _intervals(site):
        if word != "unknown":
            ends[name] = max(ends.get(name, 0.0), base)
    return [
        replace(hole, length_m=ends[hole.name])
        for hole in drilled_holes(site)
        if ends.get(hole.name, 0.0) > 0.0
    ]


def logged_voids(site: Site) -> list[LoggedVoid]:
    """Return every void in the logs in force, by hole."""
    holes = {hole.name: hole for hole in drilled_holes(site)}
    return [
        LoggedVoid(holes[name], top, base)
        for name, top, base, word in _intervals(site)
        if word in _VOIDS and name in holes
    ]


def _intervals(site: Site) -> Iterator[tuple[str, float, float, str]]:
    """Hole, from, to and word of every logged interval in force."""
    for item, table in tables_in_force(site, HOLE_KINDS):
        held = parts_of(item.kind, table).intervals
        if held is not None:
            for name, top, base, word in zip(
                held.hole, held.from_m, held.to_m, held.log, strict=True
            ):
                yield name, float(top), float(base), word


def _holes(site: Site, table: BoreholeTable) -> list[Hole]:
    z = site.prior.surface.at(table.x_m, table.y_m) if table.z_m is None else table.z_m
    columns = (table.x_m, table.y_m, z, table.azimuth_deg, table.inclination_deg, table.length_m)
    return [
        Hole(name, *(float(v) for v in values))
        for name, *values in zip(table.hole, *columns, strict=True)
    ]


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
