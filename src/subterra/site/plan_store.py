"""Planning the holes of a site and keeping the plans, each frozen and hashed in the journal."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from subterra.errors import SiteError
from subterra.inference import supported
from subterra.search import PlannedHole, plan_holes
from subterra.search.objective import Objective
from subterra.site.atomic import read_verified, sha256_of
from subterra.site.belief_store import CurrentBelief, current_belief, latest_record
from subterra.site.folder import Site, commit, exclusively
from subterra.site.gates import GatedTerms, gated_terms
from subterra.site.holes import drilled_holes, holes_in_force, logged_voids
from subterra.site.plan_files import (
    plan_csv,
    plan_geopackage,
    plan_json,
    read_kept_out,
    read_plan_json,
)
from subterra.site.plan_ground import on_terrain

__all__ = ["Plan", "current_plan", "find_planned", "make_plan"]

_PREFIX: Final = "P"


@dataclass(frozen=True)
class Plan:
    """A drill plan as it was frozen.

    Parameters
    ----------
    number : int
        Which plan of the site, from 1.
    time : str
        When it was made, UTC.
    holes : tuple of PlannedHole
        Rows by rank; row n assumes that rows 1 … n-1 have no result yet.
    files : tuple of str
        Its JSON, CSV and, if it has rows, GeoPackage, relative to the site folder.
    belief : str
        Hash of the belief's file that it was made from.
    outdated : bool
        Whether there is a newer belief, or the evidence has changed since.
    kept_out : tuple of str
        What its hard gates kept out, in words.
    """

    number: int
    time: str
    holes: tuple[PlannedHole, ...]
    files: tuple[str, ...]
    belief: str
    outdated: bool
    kept_out: tuple[str, ...] = ()


def make_plan(
    site: Site,
    n_holes: int = 5,
    *,
    objective: Objective | None = None,
    robust: bool = False,
    look_ahead: bool = False,
    standoff: Sequence[str] = (),
    probe: bool = False,
    seed: int = 0,
) -> tuple[Site, Plan, CurrentBelief]:
    """Rank holes by the current belief and freeze the plan.

    Parameters
    ----------
    site : Site
        The site.
    n_holes : int
        Holes wanted.
    objective, robust, look_ahead
        What the plan is to be best at, and how its rows are chosen; see ``plan_holes``. What a
        logged void has met is no find again.
    standoff : sequence of str
        Hard gates beside those of the site file; see ``subterra.site.gates.parse_standoff``.
    probe : bool
        Whether the holes are meant as probes, which such gates let through.
    seed : int
        Seed of the planner.

    Returns
    -------
    Site
        The changed site.
    plan : Plan
        Fewer rows than wanted, or none, where no further hole could hit.
    current : CurrentBelief
        The belief that it was made from.

    Raises
    ------
    SiteError
        If there is no belief, or the site cannot be changed.
    InputError
        If the terms of drilling leave no place for a hole.
    """
    with exclusively(site) as locked:
        current = current_belief(locked)
        gates = gated_terms(locked, current.belief, standoff=standoff, probe=probe, seed=seed)
        rows = plan_holes(
            current.belief,
            n_holes,
            terms=gates.drilling,
            drilled=drilled_holes(locked),
            voids=logged_voids(locked),
            objective=objective,
            robust=robust,
            look_ahead=look_ahead,
            seed=seed,
        )
        first = _last_number(locked) + 1
        n = current.belief.info.n_scenes
        holes = [
            on_terrain(locked, _as_frozen(row, f"{_PREFIX}{first + k}", n), gates.drilling)
            for k, row in enumerate(rows)
        ]
        changed = _freeze(locked, holes, current, gates)
    plan = current_plan(changed)
    if plan is None:
        problem = f"{site.path}: the plan that was just made is not in the journal"
        raise SiteError(problem)
    return changed, plan, current


def _as_frozen(row: PlannedHole, name: str, n_scenes: int) -> PlannedHole:
    """Give a row its lasting name, and its probabilities the bounds that can be supported."""
    return replace(
        row,
        hole=name,
        p_hit=supported(row.p_hit, n_scenes, False),
        p_hit_given_previous_miss=supported(row.p_hit_given_previous_miss, n_scenes, False),
    )


def _freeze(
    site: Site, holes: Sequence[PlannedHole], current: CurrentBelief, gates: GatedTerms
) -> Site:
    number = 1 + sum(entry.verb == "plan" for entry in site.entries)
    facts: dict[str, Any] = {
        "plan": number,
        "site": site.name,
        "crs": site.config.crs,
        "belief_sha256": current.record.sha256,
        "stale": current.stale,
        "kept_out": list(gates.words),
    }
    files = {"json": plan_json(holes, facts), "csv": plan_csv(holes)}
    if holes:
        files["gpkg"] = plan_geopackage(holes, site.config.crs)
    named = {f"plan/plan-{number:03d}.{suffix}": content for suffix, content in files.items()}
    payload = {
        "plan": number,
        "belief": current.record.sha256,
        "holes": [hole.hole for hole in holes],
        "files": {name: sha256_of(content) for name, content in named.items()},
    }
    return commit(site, [("plan", payload)], named)


def _last_number(site: Site) -> int:
    """Largest number that a planned or drilled hole of this site has ever had."""
    names: Iterable[str] = [
        *(hole.name for hole, _ in holes_in_force(site)),
        *(name for e in site.entries if e.verb == "plan" for name in e.payload["holes"]),
        *(e.payload["hole"] for e in site.entries if e.verb == "log"),
    ]
    numbers = [re.fullmatch(rf"{_PREFIX}([0-9]+)", name) for name in names]
    return max((int(found[1]) for found in numbers if found), default=0)


def current_plan(site: Site) -> Plan | None:
    """Return the latest plan, or None if there is none.

    Raises
    ------
    SiteError
        If its file is missing or was changed.
    """
    for entry in reversed(site.entries):
        if entry.verb == "plan":
            return _read(site, entry.time, entry.payload)
    return None


def find_planned(site: Site, name: str) -> PlannedHole | None:
    """Find a hole in the plans of a site; names are never given twice.

    Raises
    ------
    SiteError
        If the plan's file is missing or was changed.
    """
    for entry in site.entries:
        if entry.verb == "plan" and name in entry.payload["holes"]:
            holes = _read(site, entry.time, entry.payload).holes
            return next(hole for hole in holes if hole.hole == name)
    return None


def _read(site: Site, time: str, payload: Any) -> Plan:
    name = next(name for name in payload["files"] if name.endswith(".json"))
    remedy = "put the file back as it was"
    content = read_verified(site.path / name, payload["files"][name], "the plan", remedy)
    record = latest_record(site)
    return Plan(
        payload["plan"],
        time,
        read_plan_json(content),
        tuple(payload["files"]),
        payload["belief"],
        record is None or record.stale or record.sha256 != payload["belief"],
        read_kept_out(content),
    )
