"""What a site gives to others: its holes, drilled and planned, as AGS4."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from subterra.errors import InputError
from subterra.formats import write_ags4
from subterra.site.holes import as_hole, collar_table, holes_together
from subterra.site.join import join_collars
from subterra.site.plan_ground import collar_words
from subterra.site.plan_store import current_plan
from subterra.tables import HoleRecords

if TYPE_CHECKING:
    from subterra.search import PlannedHole
    from subterra.site.folder import Site

__all__ = ["export_ags4", "site_holes"]


def site_holes(site: Site, *, planned: bool = False) -> tuple[HoleRecords, tuple[str, ...]]:
    """Gather the holes of a site.

    Parameters
    ----------
    site : Site
        The site.
    planned : bool
        Whether the holes of the current plan that were not drilled yet come along.

    Returns
    -------
    records : HoleRecords
        Collars, surveys and logs.
    remarks : tuple of str
        One for each hole.

    Raises
    ------
    InputError
        If there is no hole.
    """
    held = holes_together(site)
    drilled = held.collars
    known = set() if drilled is None else set(drilled.hole)
    plan = current_plan(site) if planned else None
    rows = [] if plan is None else [row for row in plan.holes if row.hole not in known]
    parts = [] if drilled is None else [drilled]
    if rows:
        parts.append(collar_table([as_hole(row) for row in rows]))
    if not parts:
        what = "no hole and no plan" if planned else "no hole"
        problem = f"{site.path}: there is {what} to write"
        raise InputError(problem)
    collars = join_collars(parts, site.prior.surface)
    remarks = [""] * (len(collars) - len(rows)) + [_remark(row) for row in rows]
    records = HoleRecords(collars, held.surveys, held.intervals, site.name, held.backfill)
    return records, tuple(remarks)


def export_ags4(site: Site, path: Path, *, date: str, planned: bool = False) -> int:
    """Write the holes of a site as AGS4.

    Parameters
    ----------
    site : Site
        The site. Its coordinates are taken for national ones where it names its CRS.
    path : Path
        The file; an existing one is replaced.
    date : str
        Of the file, ``yyyy-mm-dd``.
    planned : bool
        Whether planned holes come along; a remark tells them from drilled ones.

    Returns
    -------
    int
        Number of holes.

    Raises
    ------
    InputError
        If there is no hole, or the file cannot be written.
    """
    records, remarks = site_holes(site, planned=planned)
    national = site.config.crs is not None
    write_ags4(records, path, project=site.name, date=date, national=national, remarks=remarks)
    return len(records)


def _remark(row: PlannedHole) -> str:
    return (
        f"Planned, not drilled; target expected {row.target_from_m:.1f} to {row.target_to_m:.1f} m "
        f"along the hole; height of the collar from the {collar_words(row)}"
    )
