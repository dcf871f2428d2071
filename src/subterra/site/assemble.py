"""From the files in force to evidence: kinds of one group become one likelihood."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol

from subterra.errors import InputError
from subterra.formats import read_hole_surveys, read_intervals
from subterra.site.config import settings_fingerprint, to_people_terms, to_terms
from subterra.site.field_checks import check_radar, check_readings
from subterra.site.ground_files import ground_key, made_ground, on_ground, read_as_given
from subterra.site.hole_tables import HOLE_KINDS, parts_of
from subterra.site.join import join_collars, join_intervals, join_surveys, join_tables
from subterra.site.kinds import Kind, Setting, find_kind
from subterra.site.terrain_kinds import TERRAIN_KIND
from subterra.tables import RowError, check_intervals

if TYPE_CHECKING:
    from subterra.evidence import Evidence
    from subterra.site.folder import Item, Site
    from subterra.tables import BoreholeTable, IntervalTable

__all__ = [
    "HOLE_PREFIX",
    "assemble",
    "check_groups",
    "evidence_name",
    "read_item",
    "site_setting",
    "tables_in_force",
]

_KEPT_GROUPS: Final = 8

HOLE_PREFIX: Final = "hole-"
"""What the identity of a logged hole's evidence starts with."""


class Readable(Protocol):
    """A table with the file that it came from."""

    @property
    def path(self) -> Path: ...
    @property
    def kind(self) -> Kind: ...
    @property
    def table(self) -> Any: ...


def read_item(site: Site, item: Item) -> Any:
    """Read an item's copy into its table; heights that it lacks are those of the site's terrain.

    Raises
    ------
    SiteError
        If the copy is missing or was changed.
    InputError
        If its kind or format is not known to this installation, or it cannot be read.
    """
    table = read_as_given(site, item)
    return table if item.kind == TERRAIN_KIND else on_ground(site, table)


def tables_in_force(site: Site, kinds: Collection[str] | None = None) -> list[tuple[Item, Any]]:
    """Read the evidence in force, all of it or that of some kinds; see `read_item`."""
    return [
        (item, read_item(site, item)) for item in site.items if kinds is None or item.kind in kinds
    ]


def assemble(site: Site, *, only: Collection[str] | None = None) -> list[Evidence]:
    """Build the evidence of a site.

    Files of one group become one piece of evidence: all gravity files are one survey, all
    report files one set of reports. Each hole that was logged at this site stands by itself. An
    origin that reports and signs share counts once.

    Parameters
    ----------
    site : Site
        The site.
    only : collection of str, optional
        Identities of the items to use; all by default.

    Returns
    -------
    list of Evidence
        In the order in which each group first came into the site.
    """
    groups: dict[str, list[Item]] = {}
    for item in site.items:
        if only is not None and item.id not in only:
            continue
        # What was built before is used again, but not if its file has changed since.
        site.content(item)
        # The ground is what other files stand on; it says nothing itself.
        if item.kind == TERRAIN_KIND:
            continue
        group = find_kind(item.kind).group if item.hole is None else f"{HOLE_PREFIX}{item.hole}"
        groups.setdefault(group, []).append(item)
    from subterra.evidence import count_origins_once

    settings = f"{settings_fingerprint(site.config)} {ground_key(site)}"
    built = [
        _built(
            _Group(
                name,
                tuple((i.kind, i.format, i.sha256, *sorted(i.options.items())) for i in items),
                settings,
                site,
                tuple(items),
            )
        )
        for name, items in groups.items()
    ]
    return count_origins_once([evidence for part in built for evidence in part])


def evidence_name(item: Item, table: Any) -> str:
    """Return the identity of the evidence that a file in force is part of; see `assemble`."""
    kind = find_kind(item.kind)
    if item.hole is not None:
        return f"{HOLE_PREFIX}{item.hole}"
    return kind.group if kind.part is None else f"{kind.group}-{kind.part(table)}"


@dataclass(frozen=True)
class _Group:
    """What evidence is built from; equal groups give equal evidence."""

    name: str
    contents: tuple[tuple[Any, ...], ...]
    settings: str
    site: Site = field(compare=False)
    items: tuple[Item, ...] = field(compare=False)


@lru_cache(maxsize=_KEPT_GROUPS)
def _built(group: _Group) -> tuple[Evidence, ...]:
    """Build the evidence of a group; factorising its ground models is worth keeping."""
    tables: dict[str, list[Any]] = {}
    for item in group.items:
        tables.setdefault(item.kind, []).append(read_item(group.site, item))
    kind = find_kind(group.items[-1].kind)
    setting = site_setting(group.site)
    if kind.part is None:
        found = [kind.build(tables, setting, group.name)]
    else:
        parts: dict[str, list[Any]] = {}
        for table in tables[kind.name]:
            parts.setdefault(kind.part(table), []).append(table)
        found = [
            kind.build({kind.name: part}, setting, f"{group.name}-{name}")
            for name, part in parts.items()
        ]
    return tuple(evidence for evidence in found if evidence is not None)


def site_setting(site: Site) -> Setting:
    """Return what the site says about how its evidence is to be understood."""
    config = site.config
    return Setting(
        site.prior,
        to_terms(config),
        site.path / "cache",
        config.host.layers,
        config.fills.water_table_m,
        *to_people_terms(config),
        config.crs,
        config.fills.lining_conductivity_ratio,
        config.host.background,
        config.surveys,
    )


def check_groups(site: Site, added: Sequence[Readable], *, without: Collection[str] = ()) -> None:
    """Check what a site will hold after a change, across its files.

    Parameters
    ----------
    site : Site
        The site before the change.
    added : sequence
        Tables to be added, each with its file and kind.
    without : collection of str
        Identities of items to be withdrawn.

    Raises
    ------
    InputError
        If a hole has two collars, a logged interval has no collar or overlaps another, two
        reports or signs share an identity, a reading has no station, a radar pick no profile, or
        terrain does not cover the bounds.
    """
    _check_boreholes(site, added, without)
    _check_names(site, added, without, "reports", "report")
    _check_names(site, added, without, "signs", "sign")
    _check_surveys(site, added, without)
    _check_terrain(site, added, without)


def _check_terrain(site: Site, added: Sequence[Readable], without: Collection[str]) -> None:
    """Check that the terrain of the site and the new one make one ground."""
    new = [(a.path, a.table) for a in added if a.kind.name == TERRAIN_KIND]
    if not new:
        return
    try:
        made_ground(
            site.config,
            [(p.name, t) for p, t in (*_in_force(site, TERRAIN_KIND, without), *new)],
        )
    except InputError as error:
        raise InputError(error.problem, path=error.path or new[-1][0]) from error


def _in_force(site: Site, kind: str, without: Collection[str]) -> list[tuple[Path, Any]]:
    return [
        (site.path / item.file, read_item(site, item))
        for item in site.items
        if item.kind == kind and item.id not in without and item.hole is None
    ]


def _check_boreholes(site: Site, added: Sequence[Readable], without: Collection[str]) -> None:
    new = [(a.kind.name, a.path, a.table) for a in added if a.kind.name in HOLE_KINDS]
    if not new and not without:
        return
    held = [(kind, *pair) for kind in HOLE_KINDS for pair in _in_force(site, kind, without)]
    parts = [(kind, path, parts_of(kind, table)) for kind, path, table in (*held, *new)]
    collars = [(path, p.collars) for _, path, p in parts if p.collars is not None]
    intervals = [(kind, path, p.intervals) for kind, path, p in parts if p.intervals is not None]
    surveys = [(kind, path, p.surveys) for kind, path, p in parts if p.surveys is not None]
    _refuse_repeats(collars, "hole", "hole")
    if not intervals and not surveys:
        return
    if not collars:
        what = "logged intervals need" if intervals else "a survey needs"
        problem = f"{what} the collars of their holes; add them in the same command"
        raise InputError(problem, path=(intervals or surveys)[-1][1], line=1)
    joined = join_collars([table for _, table in collars], site.prior.surface)
    for kind, path, table in intervals:
        _refuse_logged_here(site, path, table, without)
        # Reading once more names the line of an interval that does not fit its hole.
        if kind == "intervals":
            read_intervals(path, collars=joined)
    for kind, path, _ in surveys:
        if kind == "hole-surveys":
            read_hole_surveys(path, collars=joined)
    if surveys:
        join_surveys([table for *_, table in surveys])
    if intervals:
        _check_across_files(joined, [(path, table) for _, path, table in intervals])


def _refuse_logged_here(
    site: Site, path: Path, table: IntervalTable, without: Collection[str]
) -> None:
    logged = {i.hole for i in site.items if i.hole is not None and i.id not in without}
    for hole in table.hole:
        if hole in logged:
            problem = (
                f"hole {hole!r} was logged at this site already; withdraw that first with: "
                f"subterra retract {site.path} {hole}"
            )
            raise InputError(problem, path=path)


def _check_across_files(
    collars: BoreholeTable, intervals: Sequence[tuple[Path, IntervalTable]]
) -> None:
    try:
        check_intervals(collars, join_intervals([table for _, table in intervals]))
    except RowError as error:
        row = error.row or 0
        for path, table in intervals:
            if row < len(table):
                problem = f"{error.field}: {error.reason}"
                raise InputError(problem, path=path) from error
            row -= len(table)
        raise


def _check_names(
    site: Site, added: Sequence[Readable], without: Collection[str], kind: str, what: str
) -> None:
    """Refuse rows of a kind that share an identity, in one file or in several."""
    new = [(a.path, a.table) for a in added if a.kind.name == kind]
    if not new:
        return
    tables = _in_force(site, kind, without) + new
    _refuse_repeats(tables, "id", what)
    join_tables([table for _, table in tables])


def _check_surveys(site: Site, added: Sequence[Readable], without: Collection[str]) -> None:
    """Check that readings find their stations and radar picks their profiles."""

    def held(kind: str) -> list[tuple[Path, Any]]:
        new = [(a.path, a.table) for a in added if a.kind.name == kind]
        return _in_force(site, kind, without) + new

    touched = {a.kind.name for a in added}
    if touched & {"gravity-readings", "gravity-stations"} or without:
        check_readings(held("gravity-readings"), held("gravity-stations"))
    if touched & {"radar-picks", "radar-lines"} or without:
        check_radar(held("radar-lines"), held("radar-picks"), site.prior)


def _refuse_repeats(tables: Sequence[tuple[Path, Any]], field: str, what: str) -> None:
    """Refuse a name that two files share, and say which files."""
    seen: dict[str, Path] = {}
    for path, table in tables:
        for name in getattr(table, field):
            if seen.setdefault(name, path) != path:
                problem = f"{what} {name!r} is given in {seen[name]} already"
                raise InputError(problem, path=path)
