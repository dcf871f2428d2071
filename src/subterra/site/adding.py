"""Adding files of evidence to a site and withdrawing them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from subterra.counting import counted
from subterra.errors import InputError
from subterra.formats.text import read_bytes
from subterra.site.assemble import check_groups
from subterra.site.atomic import sha256_of
from subterra.site.folder import Item, Site, commit, exclusively, item_payload
from subterra.site.georeference import control_words
from subterra.site.kinds import Format, Kind, parse_options, recognise
from subterra.tables import (
    ControlPointTable,
    GravityReadingTable,
    ResistivityTable,
    Terrain,
    TerrainGrid,
    TerrainTable,
)

__all__ = [
    "Candidate",
    "add_files",
    "examine",
    "free_name",
    "refuse_far_away",
    "retract",
    "slug",
    "stored_name",
]

_MAX_NAME: Final = 80


@dataclass(frozen=True)
class Candidate:
    """A file that was read and could be added.

    Parameters
    ----------
    path : Path
        The user's file.
    content : bytes
        All of it.
    kind, format : Kind, Format
        What it is.
    table : object
        What was read from it.
    """

    path: Path
    content: bytes
    kind: Kind
    format: Format
    table: Any

    @property
    def what(self) -> str:
        """What is in it, in words."""
        words = counted(len(self.table), self.kind.noun, self.kind.nouns)
        remark = _remark(self.table)
        return f"{words}; {remark}" if remark else words


def _remark(table: Any) -> str:
    """What else a table tells of itself; empty for nothing."""
    if isinstance(table, ControlPointTable):
        return control_words(table)
    if isinstance(table, GravityReadingTable):
        return _reading_words(table)
    if isinstance(table, TerrainGrid | TerrainTable):
        return _terrain_words(table)
    if not isinstance(table, ResistivityTable):
        return ""
    from subterra.evidence import combine_reciprocals, reciprocal_words

    errors = combine_reciprocals(table)[1]
    return "" if errors is None else reciprocal_words(errors)


def _reading_words(table: GravityReadingTable) -> str:
    """How often stations were read, and whose tide the readings have."""
    times = Counter(table.station)
    again = sum(count > 1 for count in times.values())
    tide = "with the instrument's tide" if table.tide_ugal.any() else "without a tide"
    return f"{counted(len(times), 'station')}, {again} of them read more than once; {tide}"


def _terrain_words(table: Terrain) -> str:
    """What is known of a terrain's places and heights."""
    said = [
        f"{table.n_columns} x {table.n_rows} cells" if isinstance(table, TerrainGrid) else "",
        table.remark,
        table.crs[:60] or "no coordinate system in it, taken for the site's",
        f"vertical datum {table.vertical or 'not stated'}",
        "" if table.sd_m is None else f"±{table.sd_m:g} m",
    ]
    return "; ".join(words for words in said if words)


def examine(
    path: Path, *, kind: str | None = None, options: Mapping[str, str] | None = None
) -> Candidate:
    """Recognise and read a file.

    Parameters
    ----------
    path : Path
        The file.
    kind : str, optional
        Its kind, where the user says it.
    options : mapping of str to str, optional
        Options for reading it.

    Returns
    -------
    Candidate

    Raises
    ------
    InputError
        If it cannot be told what it is, or it cannot be used; with line and column.
    """
    found, file_format = recognise(path, kind)
    parsed = parse_options(found, options or {})
    content = read_bytes(path, max_bytes=file_format.max_bytes)
    return Candidate(path, content, found, file_format, file_format.read(path, parsed))


def add_files(
    site: Site,
    paths: Sequence[Path],
    *,
    kind: str | None = None,
    options: Mapping[str, str] | None = None,
) -> tuple[Site, tuple[Item, ...]]:
    """Add files of evidence, all of them or none.

    Parameters
    ----------
    site : Site
        The site.
    paths : sequence of Path
        Files, copied as they are.
    kind : str, optional
        Their kind, where the user says it.
    options : mapping of str to str, optional
        Options for reading them.

    Returns
    -------
    Site
        The changed site.
    items : tuple of Item
        What was added.

    Raises
    ------
    InputError
        If a file cannot be used, is there already or does not fit the site.
    SiteError
        If the site cannot be changed.
    """
    candidates = [examine(Path(p), kind=kind, options=options) for p in paths]
    with exclusively(site) as current:
        items = _new_items(current, candidates, options or {})
        for candidate in candidates:
            refuse_far_away(current, candidate.kind, candidate.table, candidate.path)
        check_groups(current, candidates)
        files = {i.file: c.content for i, c in zip(items, candidates, strict=True)}
        changes = [("add", {"items": item_payload([item])}) for item in items]
        return commit(current, changes, files), items


def _new_items(
    site: Site, candidates: Sequence[Candidate], options: Mapping[str, str]
) -> tuple[Item, ...]:
    in_force = {item.sha256: item.id for item in site.items}
    taken = {values["id"] for entry in site.entries for values in entry.payload.get("items", ())}
    items: list[Item] = []
    for candidate in candidates:
        sha256 = sha256_of(candidate.content)
        if sha256 in in_force:
            problem = f"the same content is in the site already, as {in_force[sha256]!r}"
            raise InputError(problem, path=candidate.path)
        item = Item(
            id=free_name(slug(candidate.path.stem), taken),
            kind=candidate.kind.name,
            format=candidate.format.name,
            file=stored_name(sha256, candidate.path.name),
            original=candidate.path.name,
            sha256=sha256,
            size=len(candidate.content),
            what=candidate.what,
            options=dict(options),
        )
        in_force[sha256] = item.id
        taken.add(item.id)
        items.append(item)
    return tuple(items)


def stored_name(sha256: str, original: str) -> str:
    """Return the path of a file of evidence inside the site."""
    suffix = Path(original).suffix
    return f"evidence/{sha256[:12]}-{slug(Path(original).stem)}{slug(suffix, '.')}"


def slug(text: str, keep: str = "") -> str:
    """Reduce a name to letters, digits, ``-`` and ``_``, safe as a file name anywhere."""
    safe = re.sub(rf"[^\w{re.escape(keep)}-]+", "-", text)[:_MAX_NAME].strip("-")
    return safe or ("" if keep else "evidence")


def free_name(wanted: str, taken: set[str]) -> str:
    """Return a name that is not taken: the wanted one, or with a number behind it."""
    if wanted not in taken:
        return wanted
    number = 2
    while f"{wanted}-{number}" in taken:
        number += 1
    return f"{wanted}-{number}"


def refuse_far_away(site: Site, kind: Kind, table: Any, path: Path | None) -> None:
    """Refuse a table all of which lies more than the site's own size outside of its bounds."""
    if kind.place is None:
        return
    x, y = kind.place(table)
    x0, y0, x1, y1 = site.config.bounds
    reach = float(np.hypot(x1 - x0, y1 - y0)) + site.config.depth_m
    near = (x > x0 - reach) & (x < x1 + reach) & (y > y0 - reach) & (y < y1 + reach)
    if not near.any():
        problem = (
            f"nothing in it lies in or near the site's bounds: x {x.min():.12g} to {x.max():.12g}, "
            f"y {y.min():.12g} to {y.max():.12g}; the bounds are x {x0:.12g} to {x1:.12g}, "
            f"y {y0:.12g} to {y1:.12g}"
        )
        if "origin" in kind.options:
            problem += "; a local frame is placed by --option origin=x,y"
        raise InputError(problem, path=path)


def retract(site: Site, name: str) -> tuple[Site, tuple[Item, ...]]:
    """Withdraw evidence; the file and the journal keep that it was there.

    Parameters
    ----------
    site : Site
        The site.
    name : str
        Identity, file name or beginning of the hash of an item, or the name of a logged hole.

    Returns
    -------
    Site
        The changed site.
    items : tuple of Item
        What was withdrawn.

    Raises
    ------
    InputError
        If nothing, or more than one item, goes by that name, or other evidence needs it.
    SiteError
        If the site cannot be changed.
    """
    with exclusively(site) as current:
        items = _named(current, name)
        gone = {item.id for item in items}
        check_groups(current, (), without=gone)
        changes = [("retract", {"retracted": sorted(gone)})]
        return commit(current, changes), items


def _named(site: Site, name: str) -> tuple[Item, ...]:
    items = site.items
    by_rule = (
        [item for item in items if item.id == name and item.hole is None],
        [item for item in items if name in (item.hole, item.id if item.hole else None)],
        [item for item in items if name in (item.original, item.file)],
        [item for item in items if len(name) >= 6 and item.sha256.startswith(name)],
    )
    for found in by_rule:
        # A logged hole is withdrawn with its collar and its log.
        holes = {item.hole for item in found}
        if found and (len(found) == 1 or len(holes) == 1) and holes != {None}:
            return tuple(item for item in items if item.hole in holes)
        if len(found) == 1:
            return tuple(found)
        if found:
            problem = f"{name!r} could be any of {', '.join(item.id for item in found)}"
            raise InputError(problem)
    known = ", ".join(item.id for item in items) or "nothing"
    problem = f"no evidence in force goes by {name!r}; in force: {known}"
    raise InputError(problem)
