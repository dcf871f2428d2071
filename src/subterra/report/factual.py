"""Factual data: what was measured and drilled, by whom it is not said, with counts and files."""

from __future__ import annotations

from functools import partial
from typing import Final

from subterra.counting import counted
from subterra.report.anchors import Anchors
from subterra.report.blocks import (
    Block,
    Heading,
    Picture,
    Row,
    Section,
    Words,
    bullets,
    paragraph,
    section,
    table,
)
from subterra.report.content import DrilledHole, ReportContent
from subterra.report.plan_map import draw_location, map_height
from subterra.report.relief import relief_words

__all__ = ["TOLD", "factual_section"]

TOLD: Final = ("reports", "sources", "signs", "mine-map", "map-control")
"""Kinds of files that belong to the desk study."""


def factual_section(content: ReportContent, anchors: Anchors) -> Section:
    """List files of data with their counts, show where they were taken, and the holes drilled."""
    measured = [item for item in content.sources if item.kind not in TOLD]
    rows: list[list[Words]] = [
        [anchors.file(i.id), i.kind, i.note, i.frame or content.crs, i.added[:10]] for i in measured
    ]
    judged = content.belief.info.judged_words.values()
    return section(
        "factual",
        "Factual data: what was measured and drilled",
        table(
            "Files of data as given. Added: the day on which the file came into the site; when its "
            "data were taken the file says, if anything does",
            ("file", "kind", "what is in it", "frame of coordinates", "added"),
            rows,
            words=range(5),
            empty="Nothing was measured or drilled.",
        ),
        _location(content),
        Heading("Holes drilled", "holes"),
        _drilled_table(content.drilled),
        (Heading("Data set aside or given wider errors"), *bullets(f"{w}" for w in judged))
        if judged
        else None,
    )


def _location(content: ReportContent) -> tuple[Block, ...]:
    if not (content.stations or content.lines or content.drilled):
        return ()
    stations = sum(len(xy) for xy in content.stations.values())
    electrodes = sum(len(line) for line in content.lines)
    lines = counted(len(content.lines), "line")
    shown = [
        (stations, counted(stations, "station")),
        (electrodes, f"{lines} of {counted(electrodes, 'electrode')}"),
        (len(content.drilled), counted(len(content.drilled), "drilled hole")),
    ]
    what = ", ".join(words for count, words in shown if count)
    alt = f"Location plan: {what}, without any interpretation."
    draw = partial(draw_location, content=content)
    caption = f"{alt} Coordinates: {content.crs}, metres; grid north is up."
    if content.relief is not None:
        caption += f" Shaded relief, lit from the north-west. {relief_words(content.relief)}"
    return (Picture(draw, 6.6, map_height(content) - 0.4, alt, caption, "half"),)


def _drilled_table(holes: tuple[DrilledHole, ...]) -> tuple[Block, ...]:
    rows = [
        Row(
            (
                h.name, f"{h.x:.1f}", f"{h.y:.1f}", f"{h.z:.1f}", f"{h.azimuth_deg:.0f}",
                f"{h.inclination_deg:.0f}", "straight" if item.trace is None else "surveyed",
                f"{item.logged_m:.1f}",
                ", ".join(f"void {a:.1f}–{b:.1f} m" for a, b in item.voids) or "no void",
            ),
            f"hole-{k}",
        )
        for k, item in enumerate(holes, start=1)
        for h in [item.hole]
    ]  # fmt: skip
    header = (
        "hole", "E (m)", "N (m)", "z (m)", "azimuth (°)", "inclin. (°)", "trace", "logged (m)",
        "log (m along the hole)",
    )  # fmt: skip
    if not rows:
        return (paragraph("No holes have been drilled yet.", "empty"),)
    return table(
        "Drilled holes; a log speaks for the logged length only", header, rows, words=(0, 6, 8)
    )
