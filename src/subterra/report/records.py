"""What a site's folder records of itself: files, sheets, certificates, the state of everything."""

from __future__ import annotations

import platform
from typing import TYPE_CHECKING, Final

import numpy as np

from subterra.report.content import CertificateView, SheetView, SourceItem
from subterra.site.assemble import tables_in_force
from subterra.site.atomic import sha256_of
from subterra.site.config import CONFIG_NAME, settings_fingerprint
from subterra.site.georeference import in_site_frame, join_maps
from subterra.site.ground_files import ground_of
from subterra.site.terrain_kinds import TERRAIN_KIND

if TYPE_CHECKING:
    from collections.abc import Sequence

    from subterra.evidence import Evidence
    from subterra.inference import Belief
    from subterra.site.belief_store import CurrentBelief
    from subterra.site.folder import Item, Site
    from subterra.site.plan_store import Plan
    from subterra.site.terrain import GroundFile
    from subterra.tables import MineMapTable

__all__ = ["certificates", "provenance", "sheets", "sources"]

_MAPS: Final = ("mine-map",)
_PLACED: Final = ("origin", "rotation_deg", "crs")


def sources(site: Site) -> tuple[SourceItem, ...]:
    """Files in force, with their hashes and the day on which each was added."""
    added = {
        values["id"]: entry.time
        for entry in site.entries
        for values in entry.payload.get("items", ())
    }
    maps = {item.id: table for item, table in tables_in_force(site, _MAPS)}
    ground = ground_of(site)
    terrain = {} if ground is None else {file.name: file for file in ground.files}
    return tuple(
        SourceItem(
            i.id, i.kind, i.original, i.sha256, i.what, added.get(i.id, ""), i.size,
            _ground_frame(site, terrain[i.original])
            if i.kind == TERRAIN_KIND
            else _frame(site, i, maps.get(i.id)),
        )
        for i in site.items
    )  # fmt: skip


def _ground_frame(site: Site, file: GroundFile) -> str:
    """Say in which frame a terrain is, and how exactly it came into the site's."""
    own = (file.crs or site.config.crs or "local frame")[:60]
    datum = f"heights: {file.vertical or 'datum not stated'}"
    moved = f"; moved within {file.accuracy_m:.1f} m" if file.accuracy_m > 0.0 else ""
    return f"{own}; {datum}{moved}"


def _frame(site: Site, item: Item, table: MineMapTable | None) -> str:
    """Say in which frame a file's coordinates are, and how they came into the site's."""
    own = site.config.crs or "local frame"
    if table is not None:
        own = "pixels of the sheet" if table.units == "px" else table.crs or own
    placed = [f"{k} {item.options[k]}" for k in _PLACED if k in item.options]
    return f"{own[:60]}; placed by {', '.join(placed)}" if placed else own[:60]


def sheets(site: Site, evidence: Sequence[Evidence], belief: Belief) -> tuple[SheetView, ...]:
    """Sheets of the maps in force with what the belief says of each."""
    found = {
        one.sheet: one
        for method in (getattr(item, "registrations", None) for item in evidence)
        if method is not None
        for one in method(belief.scenes, belief.weight)
    }
    tables = [table for _, table in tables_in_force(site, _MAPS)]
    if not tables:
        return ()
    controls = [table for _, table in tables_in_force(site, ("map-control",))]
    joined = join_maps([in_site_frame(t, controls, site.config.crs) for t in tables])
    out: dict[str, SheetView] = {}
    for name, tie, sd in zip(joined.sheet, joined.tie, joined.sd_m, strict=True):
        known = float(sd) if np.isfinite(sd) and sd > 0.0 else None
        out.setdefault(name, SheetView(name, tie or "not said", known, found.get(name)))
    return tuple(out.values())


def certificates(site: Site) -> tuple[CertificateView, ...]:
    """Stop certificates that the journal holds."""
    return tuple(
        CertificateView(
            entry.payload["certificate"],
            entry.payload["certified"],
            float(entry.payload["p_upper"]),
            entry.time,
            next((name for name in entry.payload["files"] if name.endswith(".html")), ""),
        )
        for entry in site.entries
        if entry.verb == "stop"
    )


def provenance(site: Site, current: CurrentBelief, plan: Plan | None) -> dict[str, str]:
    """Everything that is needed to compute the answer again, as names and values."""
    info = current.belief.info
    head = site.entries[-1]
    evidence, settings = site.fingerprint
    config = (site.path / CONFIG_NAME).read_bytes()
    return {
        "site file": f"{CONFIG_NAME}, SHA-256 {sha256_of(config)}",
        "prior and settings of the answer": f"SHA-256 {settings_fingerprint(site.config)}",
        "evidence in force": f"SHA-256 {evidence}; settings {settings}",
        "head of the journal": f"line {head.n} ({head.verb}, {head.time}), SHA-256 {head.sha256}",
        "belief": f"{current.record.file}, SHA-256 {current.record.sha256}",
        "belief made": current.record.time,
        "plan": "none"
        if plan is None
        else f"number {plan.number}, made {plan.time}, from the belief with SHA-256 {plan.belief}",
        "seed": str(info.seed),
        "recipe": ", ".join(f"{k} {v}" for k, v in info.recipe.items())
        or "updated from an earlier belief",
        "Subterra": info.version,
        "sources and numerical libraries": info.code or "not recorded",
        "Python and NumPy": f"{platform.python_version()}, {np.__version__}",
    }
