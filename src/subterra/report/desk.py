"""Desk study: what was said and drawn, by whom, and how far it is believed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np

from subterra.report.anchors import Anchors
from subterra.report.blocks import (
    Block,
    Heading,
    Row,
    Section,
    Words,
    bullets,
    joined,
    paragraph,
    section,
    table,
)
from subterra.report.content import ReportContent, SheetView, SightedReport
from subterra.report.factual import TOLD
from subterra.report.findings import Printer

__all__ = ["desk_section"]

# NATO STANAG 2511 and AJP-2.1: reliability of the source, credibility of the item.
_RELIABILITY: Final = {
    "A": "completely reliable", "B": "usually reliable", "C": "fairly reliable",
    "D": "not usually reliable", "E": "unreliable", "F": "cannot be judged",
}  # fmt: skip
_CREDIBILITY: Final = {
    "1": "confirmed by others", "2": "probably true", "3": "possibly true", "4": "doubtful",
    "5": "improbable", "6": "cannot be judged",
}  # fmt: skip
_LEAST_MATCH: Final = 0.1
_LEAST_BLUNDER: Final = 0.05


def desk_section(content: ReportContent, anchors: Anchors, printer: Printer) -> Section:
    """Show sources with their grades, reports, signs, maps, and what was known and not used."""
    told = [item for item in content.sources if item.kind in TOLD]
    files: list[list[Words]] = [
        [anchors.file(i.id), i.kind, i.note, i.frame or content.crs, i.added[:10]] for i in told
    ]
    return section(
        "desk",
        "Desk study: graded sources and maps",
        table(
            "Files of the desk study as given",
            ("file", "kind", "what is in it", "frame of coordinates", "added"),
            files,
            words=range(5),
            empty="No report, sign or map is part of this answer.",
        ),
        _people(content, anchors),
        _signs(content),
        _maps(content, printer),
        _known(content),
    )


def _people(content: ReportContent, anchors: Anchors) -> tuple[Block, ...]:
    reports = [r for r in content.reports if not r.is_sign]
    if not reports:
        return ()
    header = [
        "report", "source", "grade", "origin", "about", "date", "E (m)", "N (m)", "sd (m)", "text",
    ]  # fmt: skip
    cells = [
        (
            r.id, r.source, r.grade, r.origin, r.kind, r.date, f"{r.x_m:.1f}", f"{r.y_m:.1f}",
            f"{r.sd_m:.1f}", r.text,
        )
        for r in reports
    ]  # fmt: skip
    # A column of which nothing is known is not shown.
    kept = [k for k in range(len(header)) if any(row[k] for row in cells)]
    anchors_of_rows = [f"report-{k}" for k, r in enumerate(content.reports, 1) if not r.is_sign]
    rows = [
        Row(tuple(row[k] for k in kept), anchor)
        for row, anchor in zip(cells, anchors_of_rows, strict=True)
    ]
    numbers = ("E (m)", "N (m)", "sd (m)")
    shown = [header[k] for k in kept]
    words = [k for k, name in enumerate(shown) if name not in numbers]
    return joined(
        [
            Heading("Reports", "reports"),
            paragraph(
                "A grade is the reliability of the source and the credibility of the item (NATO "
                f"STANAG 2511). {_key(_RELIABILITY, 'Source', reports, 0)} "
                f"{_key(_CREDIBILITY, 'Item', reports, 1)} F and 6 mean unknown, not false. "
                "Reports of one origin count once.",
                "note",
            ),
            _sources(content.reports, anchors),
            table("Reports", shown, rows, words=words),
        ]
    )


def _key(
    meaning: Mapping[str, str], what: str, reports: Sequence[SightedReport], place: int
) -> str:
    """Say what the grades that occur mean."""
    used = sorted({r.grade[place : place + 1] for r in reports} & set(meaning))
    return f"{what}: {', '.join(f'{k} {meaning[k]}' for k in used) or 'not graded'}."


def _sources(items: Sequence[SightedReport], anchors: Anchors) -> tuple[Block, ...]:
    """One row for each origin of reports: who passed them on, how graded, and signs it shares."""
    rows: list[list[Words]] = []
    for origin in dict.fromkeys(r.origin for r in items if not r.is_sign):
        mine = [r for r in items if r.origin == origin]
        told = [r for r in mine if not r.is_sign]
        links: list[Words] = [anchors.report(r.id) for r in mine]
        rows.append(
            [
                origin,
                "; ".join(dict.fromkeys(r.source for r in told)),
                ", ".join(sorted({r.grade for r in told})),
                str(len(mine)),
                _listed(links),
            ]
        )
    header = ("origin", "told by", "grades", "items", "reports and signs")
    return table("By origin: items of one origin are one testimony", header, rows,
                 words=(0, 1, 2, 4))  # fmt: skip


def _listed(items: Sequence[Words]) -> Words:
    """Put words in a row with commas between."""
    out: list[Words] = []
    for k, item in enumerate(items):
        out += [", "] if k else []
        out.append(item)
    return tuple(part for part in out if not isinstance(part, tuple))


def _signs(content: ReportContent) -> tuple[Block, ...]:
    rows = [
        Row(
            (r.id, r.kind, r.origin, f"{r.x_m:.1f}", f"{r.y_m:.1f}", f"{r.sd_m:.1f}", r.text),
            f"report-{k}",
        )
        for k, r in enumerate(content.reports, start=1)
        if r.is_sign
    ]
    header = ("sign", "kind", "origin", "E (m)", "N (m)", "sd (m)", "text")
    if not rows and not content.looked:
        return ()
    caption = (
        "Signs; those of one origin count once, and openings, heaps and vents that stand close "
        "together are taken to be of one hand"
    )
    none = "No sign was noticed."
    return (
        Heading("Signs on the surface", "signs"),
        *table(caption, header, rows, words=(0, 1, 2, 6), empty=none),
        *_looked(content),
    )


def _looked(content: ReportContent) -> tuple[Block, ...]:
    rows: list[list[Words]] = [
        [area.id, area.where, area.when, f"{area.p_notice:.2f}", area.text]
        for area in content.looked
    ]
    if not rows:
        return ()
    return table(
        "Areas that were searched: kinds of sign that nobody noticed there speak against a target",
        ("area", "where (m)", "when", "chance of noticing a sign", "text"),
        rows,
        words=(0, 1, 2, 4),
    )


def _maps(content: ReportContent, printer: Printer) -> tuple[Block, ...]:
    if not content.sheets:
        return ()
    header = (
        "sheet", "tied to the ground", "sd of the tie (m)", "lines matched",
        "believed to be drawn too far (m)", "gross errors",
    )  # fmt: skip
    rows = [_sheet(sheet, printer) for sheet in content.sheets]
    return (
        Heading("Maps", "maps"),
        *table(
            "Sheets of mine maps. How a sheet was tied says how far it may be off; matched lines "
            "are those that draw a working of the answer",
            header,
            rows,
            words=(0, 1, 4, 5),
        ),
    )


def _sheet(sheet: SheetView, printer: Printer) -> list[Words]:
    sd = "–" if sheet.sd_m is None else f"{sheet.sd_m:.1f}"
    found = sheet.registration
    if found is None:
        return [sheet.name, sheet.tie, sd, "–", "not part of the answer", "–"]
    best = int(np.argmax(found.p_working)) if len(found.p_working) else -1
    matched = int(np.sum(found.p_working >= 0.5))
    shift = "no line is matched with a working"
    if best >= 0 and found.p_working[best] >= _LEAST_MATCH:
        east, north = found.shift_m[best]
        shift = (
            f"{abs(east):.0f} {'east' if east > 0 else 'west'}, {abs(north):.0f} "
            f"{'north' if north > 0 else 'south'} (± {found.shift_sd_m[best]:.0f})"
        )
    errors = [
        f"{name} {printer(p)}"
        for name, p in found.p_blunder.items()
        if name != "none" and p >= _LEAST_BLUNDER
    ]
    return [
        sheet.name,
        sheet.tie,
        sd,
        f"{matched} of {len(found.p_working)}",
        shift,
        ", ".join(errors) or f"none above {_LEAST_BLUNDER}",
    ]


def _known(content: ReportContent) -> tuple[Block, ...]:
    if not content.truth:
        return ()
    return (
        Heading("Known from elsewhere, drawn for comparison and not used"),
        *bullets(item.label for item in content.truth),
    )
