"""What a site gives to others: its holes, drilled and planned, as AGS4."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from subterra.errors import InputError
from subterra.formats import write_ags4
from subterra.site.holes import holes_together
from subterra.site.plan_store import current_plan
from subterra.tables import BoreholeTable, HoleRecords

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
    parts = [part for part in (drilled, _planned(rows)) if part is not None]
    if not parts:
        what = "no hole and no plan" if planned else "no hole"
        problem = f"{site.path}: there is {what} to write"
        raise InputError(problem)
    # A file without heights would lie on the ground; here every hole has its own.
    surface = site.prior.surface
    heights = [surface.at(p.x_m, p.y_m) if p.z_m is None else p.z_m for p in parts]
    collars = BoreholeTable(
        tuple(name for p in parts for name in p.hole),
        np.concatenate([p.x_m for p in parts]),
        np.concatenate([p.y_m for p in parts]),
        np.concatenate(heights),
        np.concatenate([p.azimuth_deg for p in parts]),
        np.concatenate([p.inclination_deg for p in parts]),
        np.concatenate([p.length_m for p in parts]),
    )
    remarks = [""] * (len(collars) - len(rows)) + [_remark(row) for row in rows]
    return HoleRecords(collars, held.surveys, held.intervals, site.name), tuple(remarks)


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


def _planned(rows: list[PlannedHole]) -> BoreholeTable | None:
    if not rows:
        return None
    return BoreholeTable(
        tuple(row.hole for row in rows),
        np.array([row.x for row in rows]),
        np.array([row.y for row in rows]),
        np.array([row.z for row in rows]),
        np.array([row.azimuth_deg % 360.0 for row in rows]),
        np.array([row.inclination_deg for row in rows]),
        np.array([row.length_m for row in rows]),
    )


def _remark(row: PlannedHole) -> str:
    return (
        f"Planned, not drilled; target expected {row.target_from_m:.1f} to {row.target_to_m:.1f} m "
        "along the hole"
    )
