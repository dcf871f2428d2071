"""The site folder: what it holds, opening and creating it, and the one way to change it."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from subterra.errors import SiteError
from subterra.site.atomic import LOCK_NAME, read_verified, sha256_of, write_atomic, writing
from subterra.site.config import (
    CONFIG_NAME,
    SiteConfig,
    load_config,
    settings_fingerprint,
    to_prior,
)
from subterra.site.journal import JOURNAL_NAME, Entry, append_entries, read_journal
from subterra.site.schema import SurfaceConfig
from subterra.site.toml_text import toml_text

if TYPE_CHECKING:
    from subterra.evidence import Evidence
    from subterra.scene import Prior

__all__ = ["FOLDERS", "Item", "Site", "commit", "exclusively", "open_site"]

FOLDERS: Final = ("evidence", "belief", "plan", "report", "cache")
"""Parts of a site folder; everything in ``cache`` can be deleted and is made again."""

_PREAMBLE: Final = """\
# Site file of Subterra. Every value can be edited; a key that is left out takes its default.
# After a change of bounds, depth, surface, targets, host, fills, families, surveys or how well the
# drill finds voids, the belief is older than this file until infer is run again.

"""


@dataclass(frozen=True)
class Item:
    """One file of evidence.

    Parameters
    ----------
    id : str
        Name in this site, never given twice.
    kind, format : str
        How it is read; see `subterra.site.kinds`.
    file : str
        Path of the copy, relative to the site folder.
    original : str
        Name that it came with.
    sha256 : str
        Hash of its content.
    size : int
        Bytes.
    what : str
        What is in it, in words.
    options : mapping of str to str
        The user's options for reading it.
    hole : str or None
        Set where it was written by logging this hole.
    """

    id: str
    kind: str
    format: str
    file: str
    original: str
    sha256: str
    size: int
    what: str
    options: Mapping[str, str] = field(default_factory=dict[str, str])
    hole: str | None = None


@dataclass(frozen=True)
class Site:
    """One place being searched, as its folder stood when it was read.

    Parameters
    ----------
    path : Path
        The folder.
    config : SiteConfig
        Its site file.
    entries : tuple of Entry
        Its journal, verified.
    """

    path: Path
    config: SiteConfig
    entries: tuple[Entry, ...]

    @classmethod
    def open(cls, path: Path | str) -> Site:
        """Read a site folder.

        Parameters
        ----------
        path : Path or str
            The folder.

        Returns
        -------
        Site

        Raises
        ------
        SiteError
            If there is no site, it is half-written or its journal does not verify.
        InputError
            If its site file cannot be used.
        """
        folder = Path(path)
        if not folder.is_dir():
            problem = (
                f"{folder}: there is no site here; make one with: "
                f"subterra new {folder} --bounds X0 Y0 X1 Y1 --depth D"
            )
            raise SiteError(problem)
        lacking = [n for n in (CONFIG_NAME, JOURNAL_NAME) if not (folder / n).is_file()]
        if len(lacking) == 2:
            problem = f"{folder}: this folder is not a site: it has no {CONFIG_NAME}"
            raise SiteError(problem)
        if lacking:
            problem = (
                f"{folder}: the site is half-written: {lacking[0]} is missing; restore it from a "
                "copy, or make a new site and add the files of evidence/ again"
            )
            raise SiteError(problem)
        return cls(folder, load_config(folder / CONFIG_NAME), read_journal(folder / JOURNAL_NAME))

    @classmethod
    def create(cls, path: Path | str, config: SiteConfig) -> Site:
        """Make a site folder, whole or not at all.

        Parameters
        ----------
        path : Path or str
            The folder; it does not exist yet or is empty.
        config : SiteConfig
            Its site file.

        Returns
        -------
        Site

        Raises
        ------
        SiteError
            If there is something already, or it cannot be written.
        """
        folder = Path(path)
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            problem = f"{folder}: there is something here already; nothing was changed"
            raise SiteError(problem)
        try:
            folder.parent.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".subterra-new-") as name:
                made = Path(name) / "site"
                _write_new(made, config)
                if folder.exists():
                    folder.rmdir()
                made.rename(folder)
        except OSError as error:
            problem = f"{folder}: the site cannot be written: {error.strerror or error}"
            raise SiteError(problem) from error
        return cls.open(folder)

    @property
    def name(self) -> str:
        """Name of the site, for titles."""
        return self.config.name

    @property
    def prior(self) -> Prior:
        """What is believed before the evidence."""
        return to_prior(self.settled)

    @property
    def settled(self) -> SiteConfig:
        """The site file with the plane of the terrain in force, where there is one, as surface.

        Raises
        ------
        SiteError, InputError
            If a terrain file is missing, was changed or cannot be used.
        """
        from subterra.site.ground_files import ground_of

        ground = ground_of(self)
        if ground is None:
            return self.config
        plane = ground.plane
        surface = SurfaceConfig(z0_m=plane.z0_m, slope_x=plane.slope_x, slope_y=plane.slope_y)
        return self.config.model_copy(update={"surface": surface})

    @property
    def items(self) -> tuple[Item, ...]:
        """Evidence in force, in the order in which it was added."""
        return _in_force([entry.payload for entry in self.entries])

    @property
    def fingerprint(self) -> tuple[str, str]:
        """Hashes of the evidence in force and of the settings: what a belief depends on."""
        return self.fingerprint_after(())

    def fingerprint_after(
        self, changes: Sequence[tuple[str, Mapping[str, Any]]]
    ) -> tuple[str, str]:
        """Return the ``fingerprint`` that the site will have after changes to its journal."""
        items = _in_force([*(e.payload for e in self.entries), *(p for _, p in changes)])
        parts = sorted([i.kind, i.format, i.sha256, sorted(i.options.items())] for i in items)
        return sha256_of(json.dumps(parts).encode("utf-8")), settings_fingerprint(self.config)

    def content(self, item: Item) -> Path:
        """Return the path of an item's copy after checking that it is what was added.

        Raises
        ------
        SiteError
            If the copy is missing or was changed.
        """
        path = self.path / item.file
        remedy = (
            "put the file back as it was, or withdraw it with: "
            f"subterra retract {self.path} {item.id}"
        )
        read_verified(path, item.sha256, f"evidence {item.id!r}", remedy, came="added")
        return path

    def evidence(self) -> list[Evidence]:
        """Build everything that has a likelihood from the evidence in force.

        Raises
        ------
        SiteError, InputError
            If a file is missing, was changed or cannot be used.
        """
        from subterra.site.assemble import assemble

        return assemble(self)


def open_site(path: Path | str) -> Site:
    """Read a site folder; see `Site.open`."""
    return Site.open(path)


def _in_force(payloads: Sequence[Mapping[str, Any]]) -> tuple[Item, ...]:
    items: dict[str, Item] = {}
    for payload in payloads:
        for values in payload.get("items", ()):
            items[values["id"]] = Item(**values)
        for name in payload.get("retracted", ()):
            items.pop(name, None)
    return tuple(items.values())


def _write_new(folder: Path, config: SiteConfig) -> None:
    folder.mkdir()
    for name in FOLDERS:
        (folder / name).mkdir()
    (folder / LOCK_NAME).touch()
    text = (_PREAMBLE + toml_text(config)).encode("utf-8")
    write_atomic(folder / CONFIG_NAME, text)
    created = {"name": config.name, "config_sha256": sha256_of(text)}
    append_entries(folder / JOURNAL_NAME, (), [("new", created)])


@contextmanager
def exclusively(site: Site) -> Generator[Site]:
    """Hold the site's write lock, and read the site again inside it.

    Raises
    ------
    SiteError
        If another process is writing, or the folder cannot be written.
    """
    try:
        with writing(site.path):
            yield Site.open(site.path)
    except OSError as error:
        problem = f"{site.path}: the site cannot be changed: {error.strerror or error}"
        raise SiteError(problem) from error


def commit(
    site: Site,
    changes: Sequence[tuple[str, Mapping[str, Any]]],
    files: Mapping[str, bytes] | None = None,
) -> Site:
    """Change the site: all files and journal lines, or nothing. The journal is written last.

    Parameters
    ----------
    site : Site
        As `exclusively` gave it.
    changes : sequence of (verb, payload)
        Lines for the journal.
    files : mapping of str to bytes, optional
        New files by path relative to the folder; their names are new, or their content is
        what is there already.

    Returns
    -------
    Site
        The changed site.
    """
    written: list[Path] = []
    try:
        for name, content in (files or {}).items():
            path = site.path / name
            if path.exists() and path.read_bytes() == content:
                continue
            path.parent.mkdir(exist_ok=True)
            written.append(path)
            write_atomic(path, content)
        entries = append_entries(site.path / JOURNAL_NAME, site.entries, changes)
    except BaseException:
        for path in written:
            path.unlink(missing_ok=True)
        raise
    return replace(site, entries=entries)


def item_payload(items: Sequence[Item]) -> list[dict[str, Any]]:
    """Write items as the journal holds them."""
    return [{**asdict(item), "options": dict(item.options)} for item in items]
