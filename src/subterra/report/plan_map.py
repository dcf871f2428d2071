"""The map: probability of containment with everything that was measured, said and drilled."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt

from subterra.report.content import (
    DrilledHole,
    ReportContent,
    SightedReport,
    hole_trace,
    verdict_words,
)
from subterra.report.labels import Label, Mark, draw_labels
from subterra.report.map_lines import draw_mapped
from subterra.report.relief import draw_contours, draw_hillshade
from subterra.report.section import Section
from subterra.report.style import (
    ACCENT,
    GREY,
    INK,
    WARN,
    casing,
    literal,
    metre_axes,
    nice_step,
    probability_map,
    shorten,
)
from subterra.search.plan import PlannedHole
from subterra.search.poc import PocGrid

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = [
    "draw_axes_band",
    "draw_drilled",
    "draw_frame",
    "draw_location",
    "draw_map",
    "draw_planned",
    "draw_poc",
    "draw_reports",
    "draw_section_marks",
    "map_height",
]

Array = npt.NDArray[Any]

_BOX: Final = 0.055
"""Width of the square of a planned hole as a share of the map's."""
_BOX_PT: Final = 9.0
_MAP_PT: Final = 350.0
"""Width of the map on the page."""


def draw_poc(ax: Axes, poc: PocGrid) -> Any:
    """Draw the probability map on equal axes and return the image for a colour bar."""
    half = 0.5 * poc.cell_m
    extent = (
        float(poc.x_m[0]) - half,
        float(poc.x_m[-1]) + half,
        float(poc.y_m[0]) - half,
        float(poc.y_m[-1]) + half,
    )
    image = ax.imshow(
        poc.poc,
        origin="lower",
        extent=extent,
        cmap=probability_map(),
        vmin=0.0,
        vmax=1.0,
        interpolation="nearest",
        zorder=0,
    )
    ax.set_aspect("equal")
    metre_axes(ax)
    ax.spines[:].set_visible(False)
    return image


def draw_frame(ax: Axes, x0: float, y0: float, x1: float, y1: float) -> None:
    """Add the scale bar and the north arrow; grid north is up."""
    step = nice_step(0.25 * (x1 - x0))
    pad = 0.04 * (y1 - y0)
    left, low = x0 + 0.04 * (x1 - x0), y0 + pad
    ax.plot([left, left + step], [low, low], color="white", lw=5.0, zorder=8, solid_capstyle="butt")
    ax.plot([left, left + step], [low, low], color=INK, lw=2.5, zorder=9, solid_capstyle="butt")
    ax.text(
        left + 0.5 * step, low + 0.4 * pad, f"{step:g} m", ha="center", va="bottom", fontsize=8,
        path_effects=casing(), zorder=9,
    )  # fmt: skip
    ax.annotate(
        "N", (0.955, 0.975), (0.955, 0.885), xycoords="axes fraction", ha="center", va="center",
        fontsize=9, fontweight="bold", path_effects=casing(), zorder=9,
        arrowprops={
            "arrowstyle": "-|>", "color": INK, "lw": 1.4, "shrinkA": 2.0,
            "path_effects": casing(3.0),
        },
    )  # fmt: skip


def draw_reports(ax: Axes, reports: Sequence[SightedReport]) -> None:
    """Draw each report as a triangle with a dashed circle of one standard deviation."""
    from matplotlib.patches import Circle

    for k, item in enumerate(reports):
        centre = (item.x_m, item.y_m)
        ax.add_patch(
            Circle(centre, item.sd_m, fill=False, ec=GREY, ls=(0, (4, 3)), lw=0.9, zorder=3)
        )
        ax.plot(
            *centre, "^", ms=6.5, mfc="white", mec=INK, mew=1.0, zorder=5,
            label="report or sign, circle of 1 sd" if k == 0 else None,
        )  # fmt: skip


def draw_drilled(ax: Axes, holes: Sequence[DrilledHole]) -> None:
    """Draw drilled holes: filled where a void was logged, open where not; inclined as traces."""
    for hit in (True, False):
        label: str | None = "drilled, void logged" if hit else "drilled, no void"
        for hole in (h for h in holes if bool(h.voids) == hit):
            trace = hole_trace(hole, np.linspace(0.0, hole.logged_m, 33))
            ax.plot(trace[:, 0], trace[:, 1], color=INK, lw=1.2, zorder=6, path_effects=casing())
            ax.plot(
                hole.hole.x, hole.hole.y, "o", ms=7.0, mfc=INK if hit else "white", mec=INK,
                mew=1.4, zorder=7, label=label,
            )  # fmt: skip
            label = None


def _named(content: ReportContent) -> list[Label]:
    """Names of drilled holes, those of one collar together, and of reports and signs."""
    collars: dict[tuple[float, float], list[str]] = {}
    for hole in content.drilled:
        at = round(hole.hole.x, 1), round(hole.hole.y, 1)
        collars.setdefault(at, []).append(shorten(hole.hole.name, 12))
    holes = [Label(literal(", ".join(found)), *place) for place, found in collars.items()]
    said = [Label(literal(shorten(r.id, 12)), r.x_m, r.y_m) for r in content.reports]
    return holes + said


def draw_planned(
    ax: Axes,
    holes: Sequence[PlannedHole],
    span_m: float = 0.0,
    taken: Sequence[tuple[float, float]] = (),
) -> list[tuple[float, float]]:
    """Draw planned holes as squares with their names, inclined ones with their trace in plan.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        A map.
    holes : sequence of PlannedHole
        In order of drilling.
    span_m : float
        Width of the map. Squares closer than a part of it are moved apart, with a line to their
        collar; 0 leaves all where they are.
    taken : sequence of (x, y)
        Middles of letters that squares keep clear of, m.

    Returns
    -------
    list of (x, y)
        Middles of the squares, m.
    """
    places = _apart([(hole.x, hole.y) for hole in holes], _BOX * span_m, taken, ax)
    for k, (hole, place) in reversed(list(enumerate(zip(holes, places, strict=True), start=1))):
        trace = hole_trace(hole, np.array([0.0, hole.length_m]))
        ax.plot(trace[:, 0], trace[:, 1], color=WARN, lw=1.6, zorder=9, path_effects=casing(3.0))
        if place != (hole.x, hole.y):
            ax.plot([hole.x, place[0]], [hole.y, place[1]], color=INK, lw=0.6, zorder=9)
            ax.plot(hole.x, hole.y, "s", ms=3.0, mfc="white", mec=WARN, mew=1.0, zorder=9.5)
        ax.plot(
            *place, "s", ms=10.5, mfc="white", mec=WARN, mew=1.5, zorder=10 - 0.01 * k,
            label="planned hole, numbered in order of drilling" if k == 1 else None,
        )  # fmt: skip
        ax.annotate(
            literal(shorten(hole.hole, 12)), place, ha="center", va="center", fontsize=7.5,
            fontweight="bold", zorder=10.005 - 0.01 * k, annotation_clip=True,
            bbox={"boxstyle": "square,pad=0.25", "fc": "white", "ec": WARN, "lw": 1.5},
        )  # fmt: skip
    return places


def _apart(
    points: Sequence[tuple[float, float]],
    gap: float,
    taken: Sequence[tuple[float, float]],
    ax: Axes,
) -> list[tuple[float, float]]:
    """Move later ones of points that lie closer than ``gap`` to the nearest free place around.

    Nothing is moved off the map where letters are taken, for its frame is known by then.
    """
    (west, east), (south, north) = sorted(ax.get_xlim()), sorted(ax.get_ylim())
    out = list(taken)
    for x, y in points:
        around = [
            (x + ring * gap * np.cos(turn), y + ring * gap * np.sin(turn))
            for ring in (1.05, 1.8, 2.6)
            for turn in np.arange(0.25, 2.25, 0.25) * np.pi
        ]
        if taken:
            edge = 0.5 * gap
            around = [
                (u, v)
                for u, v in around
                if west + edge <= u <= east - edge and south + edge <= v <= north - edge
            ]
        tries = [(x, y), *around]
        free = (t for t in tries if all(np.hypot(t[0] - u, t[1] - v) >= gap for u, v in out))
        a, b = next(free, (x, y))
        out.append((float(a), float(b)))
    return out[len(taken) :]


def draw_axes_band(ax: Axes, objects: Sequence[Any], least_p: float = 0.1) -> None:
    """Draw the medoid axis of each probable object with its band of one standard deviation."""
    label: str | None = "axis of a probable object, ±1 sd"
    for item in objects:
        axis = np.asarray(item["axis"], float).reshape(-1, 3)
        if item["p"] is not None and item["p"] < least_p:
            continue
        sd = float(item["axis_sd_m"] or 0.0)
        steps = np.diff(axis[:, :2], axis=0)
        if len(axis) < 2 or np.hypot(*steps.T).sum() < 1e-6:
            ax.plot(*axis[0, :2], "x", ms=8, mew=2.0, color=ACCENT, zorder=4, label=label)
        else:
            ax.plot(axis[:, 0], axis[:, 1], color=ACCENT, lw=1.8, zorder=4, label=label,
                    path_effects=casing(3.2))  # fmt: skip
            ahead = np.vstack([steps, steps[-1:]])
            normal = np.column_stack([-ahead[:, 1], ahead[:, 0]])
            normal /= np.maximum(np.hypot(*normal.T), 1e-12)[:, None]
            for side in (-sd, sd):
                edge = axis[:, :2] + side * normal
                ax.plot(edge[:, 0], edge[:, 1], color=ACCENT, lw=0.9, ls=(0, (3, 2)), zorder=4,
                        path_effects=casing(2.0))  # fmt: skip
        label = None


def _draw_context(ax: Axes, content: ReportContent) -> None:
    for k, polygon in enumerate(content.no_go):
        ax.fill(
            polygon[:, 0], polygon[:, 1], facecolor="none", edgecolor=GREY, hatch="////", lw=1.0,
            zorder=2, label="no-go area" if k == 0 else None,
        )  # fmt: skip
    for k, (name, xy) in enumerate(content.stations.items()):
        ax.plot(
            xy[:, 0], xy[:, 1], "+x1"[k % 3], ms=4.5, mew=0.8, color=GREY, zorder=2,
            label=_stations_of(name),
        )  # fmt: skip
    for k, line in enumerate(content.lines):
        ax.plot(
            line[:, 0], line[:, 1], "-", marker=".", ms=2.6, mew=0.0, lw=0.6, color=INK, zorder=2,
            label="electrode line" if k == 0 else None,
        )  # fmt: skip


def _stations_of(name: str) -> str:
    """Name of the stations of a file, which may be called stations itself."""
    short = literal(shorten(name))
    return short if "station" in name.lower() else f"{short}: station"


def _draw_truth(ax: Axes, content: ReportContent) -> None:
    for k, item in enumerate(content.truth):
        ax.plot(
            item.axis[:, 0], item.axis[:, 1], color=INK, lw=1.3, ls=(0, (1, 1.6)), zorder=5,
            label=literal(item.label) if k == 0 else None,
        )  # fmt: skip


def draw_location(figure: Figure, content: ReportContent) -> None:
    """Draw where measurements were made and holes drilled, without any interpretation.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        Empty, with constrained layout.
    content : ReportContent
        What to draw.
    """
    ax = figure.add_subplot()
    if content.relief is not None:
        draw_hillshade(ax, content.relief)
        draw_contours(ax, content.relief)
    ax.set_aspect("equal")
    metre_axes(ax)
    ax.spines[:].set_visible(False)
    _draw_context(ax, content)
    draw_drilled(ax, content.drilled)
    _frame_site(ax, content)
    _draw_legend(figure, ax)
    holes = replace(content, reports=())
    draw_labels(ax, _named(holes), _symbols(holes))


def _frame_site(ax: Axes, content: ReportContent) -> None:
    """Draw the bounds, show little more than them, and add scale and north."""
    x0, y0, x1, y1 = content.belief.prior.bounds
    ax.plot([x0, x1, x1, x0, x0], [y0, y0, y1, y1, y0], color=INK, lw=0.9, zorder=8)
    margin = 0.02 * max(x1 - x0, y1 - y0)
    ax.set_xlim(x0 - margin, x1 + margin)
    ax.set_ylim(y0 - margin, y1 + margin)
    draw_frame(ax, x0, y0, x1, y1)


def _draw_legend(figure: Figure, ax: Axes) -> None:
    handles, labels = ax.get_legend_handles_labels()
    if handles:
        figure.legend(
            handles, labels, loc="outside lower center", ncols=2, handlelength=2.2,
            columnspacing=1.4,
        )  # fmt: skip


def map_height(content: ReportContent) -> float:
    """Height in inches that suits the shape of the site."""
    x0, y0, x1, y1 = content.belief.prior.bounds
    return float(np.clip(4.9 * (y1 - y0) / (x1 - x0), 2.4, 9.0)) + 2.1


def draw_section_marks(ax: Axes, sections: Sequence[Section]) -> list[tuple[float, float]]:
    """Letter the ends of each section; its line runs from letter to letter.

    Returns the places of the letters, m, to about a millimetre of the drawing.
    """
    letters: list[tuple[float, float]] = []
    metres = abs(ax.get_xlim()[1] - ax.get_xlim()[0]) / _MAP_PT
    for cut in sections:
        x, y = cut.points(np.linspace(0.0, cut.length_m, 201))
        # The letters stay on the map, so that they never meet its title.
        (low_x, high_x), (low_y, high_y) = sorted(ax.get_xlim()), sorted(ax.get_ylim())
        on_map = (low_x <= x) & (x <= high_x) & (low_y <= y) & (y <= high_y)
        if not on_map.any():
            continue
        x, y = x[on_map][[0, -1]], y[on_map][[0, -1]]
        ax.plot(x, y, color=GREY, lw=0.8, ls=(0, (8, 2, 1, 2)), zorder=3)
        for k, mark in enumerate((cut.label, f"{cut.label}′")):
            away = (1 - 2 * k) * 9.0
            shift = away * metres
            letters.append((float(x[k]) + shift * cut.east, float(y[k]) + shift * cut.north))
            ax.annotate(
                mark, (float(x[k]), float(y[k])), (away * cut.east, away * cut.north),
                textcoords="offset points", ha="center", va="center", fontsize=9.5,
                fontweight="bold", path_effects=casing(), zorder=11, annotation_clip=False,
            )  # fmt: skip
    return letters


def draw_map(
    figure: Figure, content: ReportContent, row_words: str, sections: Sequence[Section] = ()
) -> None:
    """Draw the whole map.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        Empty, with constrained layout.
    content : ReportContent
        What to draw.
    row_words : str
        P(no target inside the bounds) as it may be printed.
    sections : sequence of Section
        Sections of the page, to be marked.
    """
    ax = figure.add_subplot()
    image = draw_poc(ax, content.poc)
    if content.relief is not None:
        draw_contours(ax, content.relief)
    _draw_context(ax, content)
    _draw_truth(ax, content)
    draw_mapped(ax, content.mapped)
    draw_axes_band(ax, content.summary["objects"])
    draw_reports(ax, content.reports)
    draw_drilled(ax, content.drilled)
    x0, y0, x1, y1 = content.belief.prior.bounds
    _frame_site(ax, content)
    letters = draw_section_marks(ax, sections)
    squares = draw_planned(ax, content.planned, max(x1 - x0, y1 - y0), letters)

    bar = figure.colorbar(
        image, ax=ax, shrink=0.72, aspect=26, pad=0.02, ticks=np.arange(0, 1.1, 0.2)
    )
    bar.set_label(f"P(target below this cell), cells of {content.poc.cell_m:g} m")
    bar.outline.set_linewidth(0.6)  # pyright: ignore[reportCallIssue]
    badge = verdict_words(content, short=True)
    ax.set_title(f"No target here, or elsewhere: {row_words}", fontsize=9.5, loc="left")
    ax.text(
        1.0, 1.012, badge, transform=ax.transAxes, ha="right", va="bottom", fontsize=8,
        style="italic", bbox={"boxstyle": "round,pad=0.25", "fc": "white", "ec": WARN, "lw": 1.0},
    )  # fmt: skip
    _draw_legend(figure, ax)
    draw_labels(ax, _named(content), [*_symbols(content), *(Mark(*s, _BOX_PT) for s in squares)])


def _symbols(content: ReportContent) -> list[Mark]:
    """Triangles and circles of the map, which names keep clear of."""
    return [
        *(Mark(hole.hole.x, hole.hole.y) for hole in content.drilled),
        *(Mark(report.x_m, report.y_m) for report in content.reports),
    ]
