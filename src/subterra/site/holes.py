"""The holes of a site: where they are, and whether they were logged."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from subterra.search import Hole
from subterra.search.met import LoggedVoid
from subterra.site.assemble import tables_in_force

if TYPE_CHECKING:
    from subterra.search import PlannedHole
    from subterra.site.folder import Site
    from subterra.tables import BoreholeTable, IntervalTable

__all__ = ["as_hole", "drilled_holes", "holes_in_force", "logged_holes", "logged_voids"]


def holes_in_force(site: Site) -> list[tuple[Hole, bool]]:
    """Return every hole with a collar, and whether it has a log.

    Raises
    ------
    SiteError, InputError
        If a file is missing, was changed or cannot be read.
    """
    tables = tables_in_force(site, ("boreholes", "intervals"))
    collars: list[BoreholeTable] = [table for item, table in tables if item.kind == "boreholes"]
    logs: list[IntervalTable] = [table for item, table in tables if item.kind == "intervals"]
    logged = {name for table in logs for name in table.hole}
    return [(hole, hole.name in logged) for table in collars for hole in _holes(site, table)]


def drilled_holes(site: Site) -> list[Hole]:
    """Return the holes that were logged; see `holes_in_force`."""
    return [hole for hole, logged in holes_in_force(site) if logged]


def logged_holes(site: Site) -> list[Hole]:
    """Return the holes that were logged, each as long as its log speaks for.

    Stretches without core or log shorten a hole by what lies below the last that has one.
    """
    ends: dict[str, float] = {}
    for _, table in tables_in_force(site, ("intervals",)):
        for name, base, word in zip(table.hole, table.to_m, table.log, strict=True):
            if word != "unknown":
                ends[name] = max(ends.get(name, 0.0), float(base))
    return [
        replace(hole, length_m=ends[hole.name])
        for hole in drilled_holes(site)
        if ends.get(hole.name, 0.0) > 0.0
    ]


def logged_voids(site: Site) -> list[LoggedVoid]:
    """Return every void in the logs in force, by hole."""
    holes = {hole.name: hole for hole in drilled_holes(site)}
    return [
        LoggedVoid(holes[name], float(top), float(base))
        for _, table in tables_in_force(site, ("intervals",))
        for name, top, base, word in zip(
            table.hole, table.from_m, table.to_m, table.log, strict=True
        )
        if word == "void" and name in holes
    ]


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
