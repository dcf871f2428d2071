"""Sections of the page that answer: findings, map, sections, drill plan."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any, Final

import numpy as np

from subterra.report.charts import draw_bars, draw_histogram, draw_residual
from subterra.report.content import DrilledHole, ReportContent, hole_trace, verdict_words
from subterra.report.findings import BEFORE_DRILLING, Printer, best_object, findings
from subterra.report.markup import bullets, figure, numbered, paragraph, section, table
from subterra.report.plan_map import draw_map, map_height
from subterra.report.posterior import ObjectPosterior
from subterra.report.section import (
    Section,
    across_object,
    along_object,
    draw_section,
    hole_offset,
    scale_end,
    section_height,
    section_image,
)
from subterra.report.style import figure_uri

__all__ = ["findings_section", "map_section", "object_section", "plan_section", "section_cuts"]

_OUTDATED: Final = (
    "This plan is older than the answer: its P(hit), bits and reasons are those of the day it was "
    "made. Plan again before drilling."
)


def findings_section(content: ReportContent, printer: Printer, best: ObjectPosterior | None) -> str:
    """Give the findings in words and numbers, with the remarks of the site."""
    return section(
        "findings",
        "Findings",
        bullets(findings(content, printer, best)),
        bullets(content.notes, "note"),
    )


def map_section(content: ReportContent, printer: Printer, cuts: Sequence[Section]) -> str:
    """Show the probability map."""
    row = printer(content.poc.row)
    draw = partial(draw_map, content=content, row_words=row, sections=cuts)
    uri = figure_uri(draw, 6.6, map_height(content))
    alt = (
        f"Map of the probability that a target lies below each cell of {content.poc.cell_m:g} m, "
        f"with {len(content.drilled)} drilled and {len(content.planned)} planned holes. "
        f"No target here or elsewhere: {row}."
    )
    caption = (
        "Colour is the probability that some target passes below a cell. One tunnel crosses many "
        "cells, so cells do not sum to 1; the figure for no target stands above the map. "
        f"These probabilities: {verdict_words(content)}. "
        f"Coordinates: {content.crs}; grid north is up."
    )
    return section("map", "Map: probability of containment", figure(uri, alt, caption, "map"))


def section_cuts(content: ReportContent, best: ObjectPosterior | None) -> tuple[Section, ...]:
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


def object_section(
    content: ReportContent, printer: Printer, best: ObjectPosterior | None, cuts: Sequence[Section]
) -> str:
    """Sections through the best object, its size and depth, and the table of objects."""
    item = best_object(content)
    if item is None or best is None:
        return section("object", "Best object", paragraph("No object stands out.", "empty"))
    return section(
        "object",
        "Best object: sections, depth and size",
        _sections(content, item, cuts),
        _posteriors(item, best, printer),
        _object_table(content, printer),
    )


def _sections(content: ReportContent, item: Any, cuts: Sequence[Section]) -> str:
    x0, y0, x1, y1 = content.belief.prior.bounds
    axis = np.asarray(item["axis"], float).reshape(-1, 3)
    reach = max(5.0, 0.05 * float(np.hypot(x1 - x0, y1 - y0)))
    depth = content.belief.prior.depth_m
    images = [section_image(content.belief, cut, depth) for cut in cuts]
    high = scale_end(images)
    out: list[str] = []
    titles = ("along the best object", "across the best object")
    for cut, image, title in zip(cuts, images, titles, strict=True):
        near = sum(abs(hole_offset(cut, h, h.logged_m)) <= reach for h in content.drilled)
        near += sum(abs(hole_offset(cut, h, h.length_m)) <= reach for h in content.planned)
        draw = partial(
            draw_section, section=cut, image=image, surface=content.belief.prior.surface,
            drilled=content.drilled, planned=content.planned, title=title, high=high, axis=axis,
            truth=content.truth, reach_m=reach,
        )  # fmt: skip
        uri = figure_uri(draw, 8.4, section_height(cut, image))
        alt = f"Vertical section {title}, azimuth {cut.azimuth_deg:.0f}°; {near} holes near it."
        out.append(figure(uri, alt, "", "wide"))
    note = (
        "Shading: P(a point lies inside a target), which stays below 1 wherever the place or the "
        "size is uncertain. Heavy line: ground surface. Holes within "
        f"{reach:.0f} m of the plane are projected onto it and carry their offset; drilled holes "
        "are solid, with logged voids as thick bars; planned holes are dashed and numbered. Thin "
        "line or plus sign: medoid axis"
        + ("; dotted or ×: truth." if content.truth else ".")
        + f" These probabilities: {verdict_words(content, short=True)}."
    )
    return "".join(out) + paragraph(note, "note")


def _posteriors(item: Any, best: ObjectPosterior, printer: Printer) -> str:
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
        figure(figure_uri(depth, 4.2, 2.7), "Histogram of depth before and after the evidence."),
        figure(figure_uri(radius, 4.2, 2.7), "Histogram of radius before and after the evidence."),
        figure(figure_uri(bars, 4.2, 2.7), "Probabilities of families and fills."),
    )
    return f'<h3>Depth, size, family and fill</h3><div class="panels">{"".join(shown)}</div>'


def _object_table(content: ReportContent, printer: Printer) -> str:
    rows: list[list[str]] = []
    for k, item in enumerate(content.summary["objects"], start=1):
        axis = np.asarray(item["axis"], float).reshape(-1, 3)
        ends = [f"{axis[i, 0]:.1f}, {axis[i, 1]:.1f}, {axis[i, 2]:.1f}" for i in (0, -1)]
        rows.append(
            [
                str(k),
                printer.held(item["p"]),
                _best_of(item["family"], printer),
                _best_of(item["fill"], printer),
                *ends,
                _metres(item.get("axis_sd_m")),
                f"{_metres(item.get('radius_m'))} ± {_metres(item.get('radius_sd_m'))}",
            ]
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


def plan_section(content: ReportContent, printer: Printer) -> str:
    """Show the plan, what is left after dry holes, and the holes already drilled."""
    return section(
        "plan",
        "Drill plan",
        paragraph(_OUTDATED, "warnings") if content.plan_outdated else "",
        _plan_table(content, printer),
        numbered(f"{h.hole}: {h.reason}" for h in content.planned if h.reason),
        _residual(content, printer),
        _drilled_table(content.drilled),
        paragraph(BEFORE_DRILLING, "note"),
    )


def _plan_table(content: ReportContent, printer: Printer) -> str:
    unit = f" ({content.cost_unit})" if content.cost_unit else ""
    header = (
        "", "hole", "E (m)", "N (m)", "z (m)", "azimuth (°)", "inclin. (°)", "length (m)",
        "target (m along hole)", "P(hit)", "P(hit | earlier missed)", "bits", f"cost{unit}",
    )  # fmt: skip
    rows = [
        [
            str(k), h.hole, f"{h.x:.1f}", f"{h.y:.1f}", f"{h.z:.1f}", f"{h.azimuth_deg:.0f}",
            f"{h.inclination_deg:.0f}", f"{h.length_m:.1f}",
            f"{h.target_from_m:.1f}–{h.target_to_m:.1f}", printer(h.p_hit),
            printer(h.p_hit_given_previous_miss), f"{h.information_bits:.2f}", _cost(h.cost),
        ]
        for k, h in enumerate(content.planned, start=1)
    ]  # fmt: skip
    return table(
        "Planned holes, in order; row n assumes that rows above have no result yet",
        header, rows, words=(1,), empty="No holes are planned.",
    )  # fmt: skip


def _cost(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100.0 else f"{value:.2f}"


def _residual(content: ReportContent, printer: Printer) -> str:
    left, hit = content.p_left_after, content.p_any_hit
    if left is None or hit is None or len(left) < 2:
        return ""
    uri = figure_uri(partial(draw_residual, left=left, hit=hit), 5.2, 3.1)
    n = len(left) - 1
    alt = (
        f"P(a target is there): {printer(left[0])} now, {printer(left[-1])} after {n} dry holes. "
        f"P(at least one of them hits): {printer(hit[-1])}."
    )
    caption = f"What is left if holes are drilled in order and all are dry. {alt}"
    return figure(uri, alt, caption, "half")


def _drilled_table(holes: tuple[DrilledHole, ...]) -> str:
    rows = [
        [
            h.name, f"{h.x:.1f}", f"{h.y:.1f}", f"{h.z:.1f}", f"{h.azimuth_deg:.0f}",
            f"{h.inclination_deg:.0f}", f"{item.logged_m:.1f}",
            ", ".join(f"void {a:.1f}–{b:.1f} m" for a, b in item.voids) or "no void",
        ]
        for item in holes
        for h in [item.hole]
    ]  # fmt: skip
    header = (
        "hole", "E (m)", "N (m)", "z (m)", "azimuth (°)", "inclin. (°)", "logged (m)",
        "log (along hole)",
    )  # fmt: skip
    return table(
        "Drilled holes", header, rows, words=(0, 7), empty="No holes have been drilled yet."
    )
