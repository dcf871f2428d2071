"""Files in force as they were given, and the ground that the terrain files among them make."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from subterra.errors import InputError
from subterra.site.heights import HeightNote, check_heights, with_heights
from subterra.site.kinds import Format, Kind, find_kind, parse_options
from subterra.site.terrain import Ground, make_ground
from subterra.site.terrain_kinds import TERRAIN_KIND
from subterra.tables import ResistivityTable, Terrain

if TYPE_CHECKING:
    from subterra.search import Hole
    from subterra.site.config import SiteConfig
    from subterra.site.folder import Item, Site

__all__ = [
    "ground_key",
    "ground_of",
    "height_notes",
    "hole_on_ground",
    "made_ground",
    "on_ground",
    "read_as_given",
]

_KEPT: Final = 4

Key = tuple[Any, ...]


def read_as_given(site: Site, item: Item) -> Any:
    """Read an item's copy into its table, without the heights of the terrain.

    Raises
    ------
    SiteError
        If the copy is missing or was changed.
    InputError
        If its kind or format is not known to this installation, or it cannot be read.
    """
    kind = find_kind(item.kind)
    return _format(kind, item).read(site.content(item), parse_options(kind, item.options))


def _format(kind: Kind, item: Item) -> Format:
    for candidate in kind.formats:
        if candidate.name == item.format:
            return candidate
    problem = f"evidence {item.id!r}: kind {kind.name} has no format {item.format!r} here"
    raise InputError(problem)


def ground_key(site: Site) -> Key:
    """Return what the ground of a site depends on; empty where it has no terrain."""
    files = tuple(
        (item.original, item.format, item.sha256, *sorted(item.options.items()))
        for item in _terrain(site)
    )
    return (files, site.config.bounds, site.config.depth_m, site.config.crs) if files else ()


def ground_of(site: Site) -> Ground | None:
    """Return the ground that the terrain files in force make; None without one.

    Raises
    ------
    SiteError, InputError
        If a file is missing, was changed or cannot be used.
    """
    key = ground_key(site)
    return _kept(_Given(key, site)) if key else None


def made_ground(config: SiteConfig, files: Sequence[tuple[str, Terrain]]) -> Ground:
    """Make the ground of a site from terrain files; see `make_ground`."""
    x0, y0, x1, y1 = config.bounds
    reach = float(np.hypot(x1 - x0, y1 - y0)) + config.depth_m
    return make_ground(files, config.bounds, config.crs, reach)


def on_ground(site: Site, table: Any) -> Any:
    """Give a table without heights those of the site's terrain, if there is one."""
    ground = ground_of(site)
    if ground is None:
        return table
    return with_heights(ground, table, mesh=_follows_ground(site.config, table))


def hole_on_ground(site: Site, hole: Hole) -> Hole:
    """Put a planned hole, whose collar is on the site's plane, onto the terrain where it is known.

    The rig stands on the ground, and what is logged is counted from there.
    """
    ground = ground_of(site)
    if ground is None:
        return hole
    z = float(ground.at([hole.x], [hole.y])[0][0])
    return replace(hole, z=z) if np.isfinite(z) else hole


def _follows_ground(config: SiteConfig, table: Any) -> bool:
    """Whether a resistivity table is understood on a mesh that follows its electrodes."""
    if not isinstance(table, ResistivityTable):
        return False
    return (table.background or config.host.background) == "mesh"


def height_notes(site: Site, names: Collection[str] | None = None) -> tuple[HeightNote, ...]:
    """Say how the heights of files in force, all or some by identity, go with the terrain.

    Raises
    ------
    SiteError, InputError
        If a file is missing, was changed or cannot be used.
    """
    ground = ground_of(site)
    if ground is None:
        return ()
    tables = [
        (item.original, read_as_given(site, item))
        for item in site.items
        if item.kind != TERRAIN_KIND and (names is None or item.id in names)
    ]
    return check_heights(ground, [(n, t, _follows_ground(site.config, t)) for n, t in tables])


@dataclass(frozen=True)
class _Given:
    """What a ground is made from; equal keys give equal grounds."""

    key: Key
    site: Site = field(compare=False)


@lru_cache(maxsize=_KEPT)
def _kept(given: _Given) -> Ground:
    site = given.site
    return made_ground(
        site.config, [(item.original, read_as_given(site, item)) for item in _terrain(site)]
    )


def _terrain(site: Site) -> list[Item]:
    return [item for item in site.items if item.kind == TERRAIN_KIND]
