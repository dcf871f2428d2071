"""Where each item of a report stands in it, so that numbers can lead to their evidence."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from subterra.report.blocks import Link

if TYPE_CHECKING:
    from subterra.report.content import ReportContent

__all__ = ["Anchors", "anchors_of"]

_HOLE_PREFIX: Final = "hole-"


@dataclass(frozen=True)
class Anchors:
    """Anchors by the user's names; numbered, since a name can hold anything.

    Parameters
    ----------
    files, reports, drilled, planned, evidence : mapping of str to str
        By id of a file, id of a report or sign, name of a hole, and id of a piece of evidence.
    """

    files: Mapping[str, str]
    reports: Mapping[str, str]
    drilled: Mapping[str, str]
    planned: Mapping[str, str]
    evidence: Mapping[str, str]

    def file(self, name: str) -> str | Link:
        """Lead to a file's row in the annex."""
        return _link(self.files, name)

    def report(self, name: str) -> str | Link:
        """Lead to a report's or a sign's row in the desk study."""
        return _link(self.reports, name)

    def hole(self, name: str) -> str | Link:
        """Lead to a hole: to its log if it was drilled, else to its row in the plan."""
        return _link(self.drilled if name in self.drilled else self.planned, name)

    def piece(self, name: str) -> str | Link:
        """Lead to where a piece of evidence is shown."""
        return _link(self.evidence, name)

    def item(self, name: str, label: str) -> str | Link:
        """Lead to an item of the ledger under its label."""
        for known in (self.reports, self.drilled, self.evidence, self.files):
            if name in known:
                return Link(label, known[name])
        return label


def _link(known: Mapping[str, str], name: str) -> str | Link:
    return Link(name, known[name]) if name in known else name


def _numbered(names: Iterable[str], word: str) -> dict[str, str]:
    out: dict[str, str] = {}
    for k, name in enumerate(names, start=1):
        out.setdefault(name, f"{word}-{k}")
    return out


def _groups(content: ReportContent) -> dict[str, str]:
    """Parts of the report that show evidence which is no survey, by its id, where there are any."""
    shown = {"boreholes": "holes"}
    if any(not item.is_sign for item in content.reports):
        shown["reports"] = "reports"
    if content.looked or any(item.is_sign for item in content.reports):
        shown["signs"] = "signs"
    if content.sheets:
        shown["mine-maps"] = "maps"
    return shown


def anchors_of(content: ReportContent) -> Anchors:
    """Number everything that a report has a row for, in the order of its rows."""
    drilled = _numbered((item.hole.name for item in content.drilled), "hole")
    surveys = _numbered((fit.label for fit in content.surveys), "survey")
    groups = _groups(content)
    pieces: dict[str, str] = {}
    for name in {**content.belief.info.evidence, **content.belief.info.explained}:
        hole = name.removeprefix(_HOLE_PREFIX)
        if name in surveys:
            pieces[name] = surveys[name]
        elif name.startswith(_HOLE_PREFIX) and hole in drilled:
            pieces[name] = drilled[hole]
        elif name in groups:
            pieces[name] = groups[name]
    return Anchors(
        _numbered((item.id for item in content.sources), "file"),
        _numbered((item.id for item in content.reports), "report"),
        drilled,
        _numbered((hole.hole for hole in content.planned), "planned"),
        pieces,
    )
