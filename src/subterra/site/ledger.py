"""The ledger of a site: its items of evidence by their names, and what each weighs."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from subterra.errors import InputError
from subterra.evidence import OriginEvidence, SignEvidence, count_origins_once
from subterra.evidence.items import ItemisedEvidence
from subterra.inference import Belief, target_clusters
from subterra.inference.ledger import (
    Ledger,
    LedgerItem,
    Removal,
    Statement,
    make_ledger,
    remove,
    statements_of,
)
from subterra.site.assemble import assemble, evidence_name, tables_in_force
from subterra.site.hole_tables import HOLE_KINDS, parts_of
from subterra.site.kinds import find_kind
from subterra.site.second_look import as_believed

if TYPE_CHECKING:
    import numpy.typing as npt

    from subterra.evidence import Evidence
    from subterra.site.folder import Site

__all__ = ["SiteLedger", "named_items", "site_ledger", "what_if"]

_WORDS: Final[Mapping[str, str]] = {"boreholes": "hole", "reports": "report", "signs": "sign"}
_MOST_OBJECTS: Final = 4
_PLACES: Final = ("gravity-stations", "radar-lines", "map-control")
"""Kinds of files that say where others measured. Those cannot be read without them, so that leaving
such a file out means nothing by itself."""


@dataclass(frozen=True)
class SiteLedger:
    """The ledger of a site and what is needed to ask it more.

    Parameters
    ----------
    ledger : Ledger
        Weights and conflicts.
    belief : Belief
        The belief that it is of.
    shares : _Shares
        What each item adds to the log-likelihood of each scene.
    notes : tuple of str
        What could not be weighed, in words.
    """

    ledger: Ledger
    belief: Belief
    shares: _Shares
    notes: tuple[str, ...]

    def log_likelihoods(self) -> dict[str, npt.NDArray[Any]]:
        """Natural log-likelihood (n,) of the belief's scenes by piece of evidence."""
        return {name: self.shares.whole(name) for name in self.shares.evidence}


@dataclass
class _Shares:
    """Differences of log-likelihoods that items make, each computed once."""

    scenes: Any
    site: Site
    evidence: dict[str, Evidence]
    owner: dict[str, str]
    names: dict[str, str]
    """Name within its evidence of each item of the ledger."""
    files: dict[str, tuple[str, ...]]
    """Files of evidence that is not made of items, where it has several."""
    full: dict[str, npt.NDArray[Any]] = field(default_factory=dict[str, Any])
    known: dict[tuple[str, ...], npt.NDArray[Any]] = field(default_factory=dict[Any, Any])

    def leave(self, items: Collection[str]) -> npt.NDArray[Any]:
        """Difference (n,) of the log-likelihood that items make."""
        total = np.zeros(len(self.scenes))
        linked = self._linked()
        owners = list(dict.fromkeys(self.owner[item] for item in items))
        parts: list[tuple[str, ...]] = [(owner,) for owner in owners if owner not in linked]
        if any(owner in linked for owner in owners):
            parts.append(linked)
        for part in parts:
            mine = tuple(sorted(item for item in items if self.owner[item] in part))
            if mine not in self.known:
                one = len(part) == 1
                both = self._difference(part[0], mine) if one else self._together(part, mine)
                self.known[mine] = both
            total = total + self.known[mine]
        return total

    def _linked(self) -> tuple[str, ...]:
        """Evidence that shares origins: what one piece leaves out the others count more."""
        found = [n for n, e in self.evidence.items() if isinstance(e, OriginEvidence) and e.others]
        return tuple(found)

    def whole(self, owner: str) -> npt.NDArray[Any]:
        """Log-likelihood (n,) of the scenes by a whole piece of evidence."""
        if owner not in self.full:
            self.full[owner] = self.evidence[owner].log_likelihood(self.scenes)
        return self.full[owner]

    def _together(self, owners: tuple[str, ...], items: tuple[str, ...]) -> npt.NDArray[Any]:
        """Difference that items of evidence with shared origins make."""
        kept: list[Evidence] = []
        for owner in owners:
            every = [item for item, of in self.owner.items() if of == owner]
            gone = [self.names[item] for item in items if self.owner[item] == owner]
            evidence = self.evidence[owner]
            if len(gone) < len(every) and isinstance(evidence, OriginEvidence):
                kept.append(evidence.sharing({}).without(gone))
        rest = [e.log_likelihood(self.scenes) for e in count_origins_once(kept)]
        zero = np.zeros(len(self.scenes))
        return sum((self.whole(owner) for owner in owners), zero) - sum(rest, zero)

    def _difference(self, owner: str, items: tuple[str, ...]) -> npt.NDArray[Any]:
        evidence = self.evidence[owner]
        every = [item for item, of in self.owner.items() if of == owner]
        if len(items) == len(every):
            return self.whole(owner)
        if isinstance(evidence, ItemisedEvidence):
            left = evidence.without([self.names[item] for item in items])
            return self.whole(owner) - left.log_likelihood(self.scenes)
        gone = {self.names[item] for item in items}
        kept = [item.id for item in self.site.items if item.id not in gone]
        rest = [e for e in assemble(self.site, only=kept) if e.id == owner]
        return self.whole(owner) - sum(e.log_likelihood(self.scenes) for e in rest)


def site_ledger(site: Site, belief: Belief, *, by_file: bool = True) -> SiteLedger:
    """Weigh every item of a site.

    Reports, signs and holes are items by themselves; surveys are weighed file by file, where
    leaving one out means to factorise the ground models of the others anew.

    Parameters
    ----------
    site : Site
        The site.
    belief : Belief
        Its current belief.
    by_file : bool
        Whether surveys of several files are weighed file by file, or each as a whole.

    Returns
    -------
    SiteLedger

    Raises
    ------
    SiteError, InputError
        If a file is missing, was changed or cannot be used.
    """
    evidence = {e.id: e for e in as_believed(belief, assemble(site))}
    used = belief.info.evidence
    other = [name for name, e in evidence.items() if used.get(name) != e.fingerprint]
    notes = [
        f"{name}: the belief did not use this as it stands now; it is not weighed" for name in other
    ]
    for name in other:
        evidence.pop(name)
    files = _files_of(site, evidence) if by_file else {}
    items, names = _items(evidence, files)
    owner = {item.id: item.evidence for item in items}
    shares = _Shares(belief.scenes, site, evidence, owner, names, files)
    objects = target_clusters(belief)[:_MOST_OBJECTS]
    ledger = make_ledger(belief, statements_of(belief, objects), items, shares.leave)
    return SiteLedger(ledger, belief, shares, tuple(notes))


def _files_of(site: Site, evidence: Mapping[str, Evidence]) -> dict[str, tuple[str, ...]]:
    """Files of measurements of each piece of evidence that is not made of items."""
    whole = {name for name, e in evidence.items() if not isinstance(e, ItemisedEvidence)}
    found: dict[str, tuple[str, ...]] = {}
    for item, table in tables_in_force(site):
        name = evidence_name(item, table)
        if name in whole and item.kind not in _PLACES:
            found[name] = (*found.get(name, ()), item.id)
    return found


def _items(
    evidence: Mapping[str, Evidence], files: Mapping[str, tuple[str, ...]]
) -> tuple[list[LedgerItem], dict[str, str]]:
    """List all items, and the name of each within its evidence."""
    rows: list[tuple[str, str, str, str]] = []
    bounded = {owner for owner, e in evidence.items() if isinstance(e, ItemisedEvidence)}
    for owner, e in evidence.items():
        if isinstance(e, ItemisedEvidence):
            rows += [(n, _label(e, n), owner, e.origins[n]) for n in e.item_ids]
        elif len(files.get(owner, ())) > 1:
            rows += [(n, f"{e.kind} file {n}", owner, n) for n in files[owner]]
        else:
            rows.append((owner, f"the {e.kind} survey", owner, owner))
    plain = [name for name, *_ in rows]
    out: list[LedgerItem] = []
    names: dict[str, str] = {}
    for name, label, owner, origin in rows:
        unique = name if plain.count(name) == 1 else f"{owner}:{name}"
        e = evidence[owner]
        shares = isinstance(e, OriginEvidence) and origin in e.origin_sizes
        out.append(LedgerItem(unique, label, owner, origin, owner in bounded, shares))
        names[unique] = name
    return out, names


def _label(evidence: ItemisedEvidence, name: str) -> str:
    """Name an item in a sentence; among the signs there are areas that were looked at."""
    if isinstance(evidence, SignEvidence) and name not in evidence.names:
        return f"area {name}"
    return f"{_WORDS.get(evidence.kind, evidence.kind)} {name}"


def named_items(site: Site, made: SiteLedger, names: Sequence[str]) -> tuple[str, ...]:
    """Turn what a user names into items of the ledger.

    Parameters
    ----------
    site : Site
        The site.
    made : SiteLedger
        Its ledger.
    names : sequence of str
        Items, pieces of evidence, origins, or files. An origin stands for all items that go back
        to it, whatever evidence they are of, and a file for all that is in it.

    Returns
    -------
    tuple of str

    Raises
    ------
    InputError
        If nothing goes by a name.
    """
    ids = [item.id for item in made.ledger.items]
    out: list[str] = []
    for name in names:
        found = [i for i in ids if i == name]
        found = found or [i.id for i in made.ledger.items if name in (i.evidence, i.label)]
        found = found or [i.id for i in made.ledger.items if i.shares and name == i.origin]
        found = found or _in_file(site, made, name)
        if not found:
            problem = f"no item goes by {name!r}; known: {', '.join(ids)}"
            raise InputError(problem)
        out += [item for item in found if item not in out]
    return tuple(out)


def _in_file(site: Site, made: SiteLedger, name: str) -> list[str]:
    """Items of the ledger that one file holds."""
    for item, table in tables_in_force(site):
        if name not in (item.id, item.original):
            continue
        if item.kind in HOLE_KINDS:
            log = parts_of(item.kind, table).intervals
            within = set(log.hole) if log is not None else set[str]()
        else:
            within = set(getattr(table, "id", (item.id,)))
        own = {find_kind(item.kind).group}
        return [
            i.id
            for i in made.ledger.items
            if made.shares.names[i.id] in within and (i.evidence in own or i.evidence == item.id)
        ]
    return []


def what_if(site: Site, made: SiteLedger, names: Sequence[str]) -> Removal:
    """Ask what the belief would be without some items; see `named_items`."""
    wanted = named_items(site, made, names)
    items = [item for item in made.ledger.items if item.id in wanted]
    statements: tuple[Statement, ...] = made.ledger.statements
    return remove(made.belief, statements, items, made.shares.leave)
