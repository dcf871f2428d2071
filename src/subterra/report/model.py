"""Ground and void model: the map, rival explanations, the best object and what moved the answer."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np

from subterra.counting import counted
from subterra.report.anchors import Anchors
from subterra.report.blocks import (
    Block,
    Heading,
    Link,
    Picture,
    Pictures,
    Row,
    Section,
    paragraph,
    section,
    table,
)
from subterra.report.charts import draw_bars, draw_histogram
from subterra.report.content import ReportContent, hole_trace, verdict_words
from subterra.report.findings import Printer, best_object
from subterra.report.fits import survey_blocks
from subterra.report.plan_map import draw_map, map_height
from subterra.report.posterior import ObjectPosterior
from subterra.report.relief import relief_words
from subterra.report.rivals import rival_blocks
from subterra.report.section import Section as Cut
from subterra.report.section import (
    across_object,
    along_object,
    draw_section,
    hole_offset,
    scale_end,
    section_height,
    section_image,
)
from subterra.report.weights import evidence_blocks

__all__ = ["model_section", "section_cuts"]


def model_section(
    content: ReportContent, anchors: Anchors, printer: Printer, best: ObjectPosterior | None
) -> Section:
    """Show the map, the rival explanations, the best object, what moved the answer, and fits."""
    cuts = section_cuts(content, best)
    return section(
        "model",
        "Ground and void model: rival interpretations",
        Heading("Map: probability of containment", "map"),
        _map(content, printer, cuts),
        Heading("Rival explanations side by side", "rivals"),
        rival_blocks(content, anchors, printer),
        Heading("Objects: sections, depth and size", "object"),
        _objects(content, printer, best, cuts),
        Heading("Evidence: what moved the answer", "evidence"),
        evidence_blocks(content, anchors),
        survey_blocks(content),
    )


def _map(content: ReportContent, printer: Printer, cuts: Sequence[Cut]) -> Picture:
    row = printer(content.poc.row)
    alt = (
        f"Map of the probability that a target lies below each cell of {content.poc.cell_m:g} m, "
        f"with {counted(len(content.drilled), 'drilled hole')} and "
        f"{counted(len(content.planned), 'planned hole')}. "
        f"No target here or elsewhere: {row}."
    )
    caption = (
        "Colour is the probability that some target passes below a cell. One tunnel crosses many "
        "cells, so cells do not sum to 1; the figure for no target stands above the map. "
        f"These probabilities: {verdict_words(content)}. "
        f"Coordinates: {content.crs}; grid north is up."
    )
    if content.relief is not None:
        caption += f" {relief_words(content.relief)}"
    draw = partial(draw_map, content=content, row_words=row, sections=cuts)
    return Picture(draw, 6.6, map_height(content), alt, caption, "map")


def section_cuts(content: ReportContent, best: ObjectPosterior | None) -> tuple[Cut, ...]:
    """Sections of the page: along the best object, and across it where hole 1 should meet it."""
    item = best_object(content)
    if item is None or best is None:
        return ()
    prior = content.belief.prior
    axis = np.asarray(item["axis"], float).reshape(-1, 3)
    x, y = best.x_m, best.y_m
    if content.planned:
        first = content.planned[0]
        middle = 0.5 * (first.target_from_m + first.target_to_m)
        x, y = (float(v) for v in hole_trace(first, np.array([middle]))[0, :2])
    half = max(10.0, 1.5 * prior.depth_m, 4.0 * float(item.get("axis_sd_m") or 0.0))
    half = min(half, 0.5 * float(max(np.subtract(prior.bounds[2:], prior.bounds[:2]))))
    return along_object(prior, axis), across_object(prior, axis, x, y, half)


def _objects(
    content: ReportContent, printer: Printer, best: ObjectPosterior | None, cuts: Sequence[Cut]
) -> tuple[Block, ...]:
    item = best_object(content)
    if item is None or best is None:
        return (paragraph("No object stands out.", "empty"),)
    return (
        *_sections(content, item, cuts),
        *_posteriors(item, best, printer),
        *_object_table(content, printer),
    )


def _sections(content: ReportContent, item: Any, cuts: Sequence[Cut]) -> tuple[Block, ...]:
    x0, y0, x1, y1 = content.belief.prior.bounds
    axis = np.asarray(item["axis"], float).reshape(-1, 3)
    reach = max(5.0, 0.05 * float(np.hypot(x1 - x0, y1 - y0)))
    depth = content.belief.prior.depth_m
    images = [section_image(content.belief, cut, depth) for cut in cuts]
    high = scale_end(images)
    out: list[Block] = []
    titles = ("along the best object", "across the best object")
    for cut, image, title in zip(cuts, images, titles, strict=True):
        near = sum(abs(hole_offset(cut, h, h.logged_m)) <= reach for h in content.drilled)
        near += sum(abs(hole_offset(cut, h, h.length_m)) <= reach for h in content.planned)
        draw = partial(
            draw_section, section=cut, image=image, surface=content.belief.prior.surface,
            drilled=content.drilled, planned=content.planned, title=title, high=high, axis=axis,
            truth=content.truth, reach_m=reach,
        )  # fmt: skip
        alt = (
            f"Vertical section {title}, azimuth {cut.azimuth_deg:.0f}°; "
            f"{counted(near, 'hole')} near it."
        )
        out.append(Picture(draw, 8.4, section_height(cut, image), alt, "", "wide"))
    note = (
        "Shading: P(a point lies inside a target), which stays below 1 wherever the place or the "
        "size is uncertain. Heavy line: the plane from which depths are counted. Holes within "
        f"{reach:.0f} m of the plane are projected onto it and carry their offset; drilled holes "
        "are solid, with logged voids as thick bars; planned holes are dashed. Thin "
        "line or plus sign: medoid axis"
        + ("; dotted or ×: truth." if content.truth else ".")
        + f" These probabilities: {verdict_words(content, short=True)}."
    )
    return (*out, paragraph(note, "note"))


def _posteriors(item: Any, best: ObjectPosterior, printer: Printer) -> tuple[Block, ...]:
    depth = partial(
        draw_histogram, values=best.depth_m, weight=best.weight, prior=best.prior_depth_m,
        label="vertical depth of the axis (m)",
    )  # fmt: skip
    radius = partial(
        draw_histogram, values=best.radius_m, weight=best.weight, prior=best.prior_radius_m,
        label="radius (m)",
    )  # fmt: skip
    bars = partial(
        draw_bars, groups={"Family": item["family"], "Fill": item["fill"]}, words=printer.held
    )
    shown = (
        Picture(depth, 3.3, 2.5, "Histogram of depth before and after the evidence."),
        Picture(radius, 3.3, 2.5, "Histogram of radius before and after the evidence."),
        Picture(bars, 3.3, 2.5, "Probabilities of families and fills."),
    )
    return Heading("Best object: depth, size, family and fill"), Pictures(shown, 3)


def _object_table(content: ReportContent, printer: Printer) -> tuple[Block, ...]:
    rows: list[Row] = []
    for k, item in enumerate(content.summary["objects"], start=1):
        axis = np.asarray(item["axis"], float).reshape(-1, 3)
        ends = [f"{axis[i, 0]:.1f}, {axis[i, 1]:.1f}, {axis[i, 2]:.1f}" for i in (0, -1)]
        rows.append(
            Row(
                (
                    str(k),
                    Link(printer.held(item["p"]), "rivals"),
                    _best_of(item["family"], printer),
                    _best_of(item["fill"], printer),
                    *ends,
                    _metres(item.get("axis_sd_m")),
                    f"{_metres(item.get('radius_m'))} ± {_metres(item.get('radius_sd_m'))}",
                ),
                f"object-{k}",
            )
        )
    header = (
        "", "P", "family", "fill", "from E, N, z (m)", "to E, N, z (m)", "axis sd (m)",
        "radius (m)",
    )  # fmt: skip
    return table("Objects found, most probable first", header, rows, words=(2, 3))


def _best_of(shares: Any, printer: Printer) -> str:
    name = max(shares, key=lambda k: shares[k] or 0.0)
    return f"{name} ({printer.held(shares[name])})"


def _metres(value: float | None) -> str:
    return "–" if value is None or not np.isfinite(value) else f"{value:.2f}"
