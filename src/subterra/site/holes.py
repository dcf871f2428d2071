"""The holes of a site: where they are, and whether they were logged."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from subterra.evidence.desurvey import hole_traces
from subterra.search import Hole
from subterra.site.assemble import tables_in_force
from subterra.site.hole_tables import HOLE_KINDS, HoleTables, hole_tables, parts_of

if TYPE_CHECKING:
    import numpy.typing as npt

    from subterra.search import PlannedHole
    from subterra.site.folder import Site
    from subterra.tables import BoreholeTable

__all__ = ["as_hole", "drilled_holes", "holes_in_force", "holes_together", "surveyed_traces"]


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
