"""What people told and showed, in its places, and where signs were looked for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from subterra.evidence import SignEvidence
from subterra.report.content import LookedArea, SightedReport
from subterra.site.assemble import tables_in_force
from subterra.tables import LOOKED

if TYPE_CHECKING:
    from subterra.evidence import Evidence
    from subterra.site.folder import Site
    from subterra.tables import ReportTable, SignTable

__all__ = ["looked_areas", "sightings"]


def sightings(site: Site, evidence: Sequence[Evidence]) -> tuple[SightedReport, ...]:
    """Collect reports, then signs; signs taken to be of one hand show whose origin they have."""
    found = [item.origins for item in evidence if isinstance(item, SignEvidence)]
    origins = {name: origin for some in found for name, origin in some.items()}
    several = {origin for origin, n in Counter(origins.values()).items() if n > 1}
    said = tuple(
        replace(
            _sighted(table, k, table.source[k], f"{table.reliability[k]}{table.credibility[k]}"),
            date=table.date[k],
        )
        for _, table in tables_in_force(site, ("reports",))
        for k in range(len(table))
    )
    seen = [
        replace(_sighted(table, k, "seen", ""), is_sign=True)
        for _, table in tables_in_force(site, ("signs",))
        for k in range(len(table))
        if table.kind[k] != LOOKED
    ]
    shared = (origins.get(sign.id, "") for sign in seen)
    marked = zip(seen, shared, strict=True)
    return said + tuple(replace(s, origin=o) if o in several else s for s, o in marked)


def _sighted(table: ReportTable | SignTable, k: int, source: str, grade: str) -> SightedReport:
    return SightedReport(
        table.id[k],
        source,
        grade,
        table.origin[k],
        float(table.x_m[k]),
        float(table.y_m[k]),
        float(table.sd_m[k]),
        table.kind[k],
        table.text[k],
    )


def looked_areas(site: Site) -> tuple[LookedArea, ...]:
    """Areas that were searched for signs, by the files in force."""
    return tuple(
        LookedArea(
            table.id[k],
            _place(table, k),
            ", ".join(w for w in (table.date[k], table.season[k], table.weather[k]) if w),
            table.text[k],
            float(table.p_notice[k]),
        )
        for _, table in tables_in_force(site, ("signs",))
        for k in range(len(table))
        if table.kind[k] == LOOKED
    )


def _place(table: SignTable, row: int) -> str:
    """Say where an area is, in metres."""
    corners = table.corners(row)
    if corners is None:
        return f"within {table.sd_m[row]:.0f} m of E {table.x_m[row]:.0f}, N {table.y_m[row]:.0f}"
    (west, south), (east, north) = corners.min(axis=0), corners.max(axis=0)
    return (
        f"polygon of {len(corners)} corners in E {west:.0f} to {east:.0f}, "
        f"N {south:.0f} to {north:.0f}"
    )
