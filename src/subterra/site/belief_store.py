"""The beliefs of a site: saving, the current one, and whether it is older than the evidence."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from subterra.errors import SiteError
from subterra.inference import Belief, p_any
from subterra.site.atomic import read_verified, replace_with, sha256_of
from subterra.site.belief_file import StoredBelief, belief_from_bytes, belief_to_bytes
from subterra.site.folder import Site, commit
from subterra.site.journal import Entry
from subterra.site.second_look import judged_words

__all__ = [
    "BeliefRecord",
    "CurrentBelief",
    "belief_at",
    "belief_entries",
    "current_belief",
    "latest_record",
    "save_belief",
]

_CURRENT: Final = "belief/current.nc"


@dataclass(frozen=True)
class BeliefRecord:
    """What the journal says of the latest belief.

    Parameters
    ----------
    file : str
        Its file, relative to the site folder.
    sha256 : str
        Hash of the file.
    time : str
        When it was made, UTC.
    p_any : float
        Probability of any target, as the scenes have it.
    seed, scenes : int
        Of the run.
    stale : bool
        Whether the evidence or the prior has changed since.
    judged : tuple of str
        What was judged of surveys after a first belief, a sentence for each.
    """

    file: str
    sha256: str
    time: str
    p_any: float
    seed: int
    scenes: int
    stale: bool
    judged: tuple[str, ...] = ()


@dataclass(frozen=True)
class CurrentBelief:
    """The latest belief and its record."""

    belief: Belief
    record: BeliefRecord

    @property
    def stale(self) -> bool:
        """Whether the evidence or the prior has changed since."""
        return self.record.stale


def save_belief(
    site: Site,
    belief: Belief,
    *,
    before: Sequence[tuple[str, Mapping[str, Any]]] = (),
    files: Mapping[str, bytes] | None = None,
) -> Site:
    """Make a belief the current one; the earlier ones stay beside it.

    Parameters
    ----------
    site : Site
        The site, locked, with all evidence that the belief has used.
    belief : Belief
        The belief.
    before : sequence of (verb, payload)
        Changes of the site to journal in the same step, before the belief; ``Item``s in them
        are part of what the belief has used.
    files : mapping of str to bytes, optional
        Files of those changes.

    Returns
    -------
    Site
        The changed site.
    """
    evidence, settings = site.fingerprint_after(before)
    content = belief_to_bytes(StoredBelief(belief, site.settled, evidence, settings))
    sha256 = sha256_of(content)
    name = f"belief/{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{sha256[:12]}.nc"
    payload = {
        "belief": name,
        "sha256": sha256,
        "evidence": evidence,
        "settings": settings,
        "p_any": p_any(belief),
        "seed": belief.info.seed,
        "scenes": len(belief.scenes),
        "seconds": round(belief.info.seconds, 3),
        "version": belief.info.version,
        "judged": list(judged_words(belief)),
    }
    changed = commit(site, [*before, ("infer", payload)], {**(files or {}), name: content})
    _point_current_at(site.path / name)
    return changed


def _point_current_at(file: Path) -> None:
    """Let ``current.nc`` be the same file, by a link where the disk can do that."""

    def link_or_copy(temporary: Path) -> None:
        with suppress(OSError):
            os.link(file, temporary)
            return
        shutil.copyfile(file, temporary)

    replace_with(file.parent / Path(_CURRENT).name, link_or_copy)


def latest_record(site: Site) -> BeliefRecord | None:
    """Return what the journal says of the latest belief; None if there is none."""
    for entry in reversed(site.entries):
        if entry.verb == "infer":
            made = entry.payload
            return BeliefRecord(
                file=made["belief"],
                sha256=made["sha256"],
                time=entry.time,
                p_any=made["p_any"],
                seed=made["seed"],
                scenes=made["scenes"],
                stale=(made["evidence"], made["settings"]) != site.fingerprint,
                judged=tuple(made.get("judged", ())),
            )
    return None


def current_belief(site: Site) -> CurrentBelief:
    """Read the latest belief.

    Raises
    ------
    SiteError
        If there is none, or its file is missing, was changed or cannot be read.
    """
    record = latest_record(site)
    if record is None:
        problem = f"{site.path}: no belief yet; make one with: subterra infer {site.path}"
        raise SiteError(problem)
    return CurrentBelief(_read(site, record.file, record.sha256), record)


def belief_entries(site: Site) -> tuple[Entry, ...]:
    """Return the lines of the journal that say how each belief was made, the latest last."""
    return tuple(entry for entry in site.entries if entry.verb == "infer")


def belief_at(site: Site, entry: Entry) -> Belief:
    """Read the belief of a line of the journal; see `current_belief` for what is raised."""
    return _read(site, entry.payload["belief"], entry.payload["sha256"])


def _read(site: Site, file: str, sha256: str) -> Belief:
    path, remedy = site.path / file, f"make it anew with: subterra infer {site.path}"
    content = read_verified(path, sha256, "the belief", remedy)
    return belief_from_bytes(content, source=path).belief
