"""The driller's papers: a plan of the holes, and a log sheet for each, as one PDF."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any, Final

from subterra.report.export_layers import SiteLayers, trace_of
from subterra.report.plan_map import draw_axes_band, draw_frame, draw_planned, draw_poc
from subterra.report.style import INK, figure_style, literal, metre_axes, shorten
from subterra.tables import LOG_WORDS

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from subterra.search.plan import PlannedHole

__all__ = ["field_log_pdf"]

_A4: Final = (8.27, 11.69)
_ROWS: Final = 18
_COLUMNS: Final = ("from m", "to m", "log", "flush %", "rod drop m", "driller's words")
_WIDTHS: Final = (0.09, 0.09, 0.13, 0.10, 0.13, 0.46)


def field_log_pdf(layers: SiteLayers) -> bytes:
    """Draw the plan and one sheet for each planned hole.

    Parameters
    ----------
    layers : SiteLayers
        A site; without planned holes the sheets are one blank sheet.

    Returns
    -------
    bytes
        The PDF; the same site gives the same bytes.
    """
    from matplotlib.backends.backend_pdf import PdfPages
    from matplotlib.figure import Figure

    out = io.BytesIO()
    facts = {"Title": f"Field log of {layers.title}", "CreationDate": None, "Producer": None}
    with figure_style(), PdfPages(out, metadata=facts) as pages:
        plan = Figure(figsize=_A4)
        _draw_plan(plan, layers)
        pages.savefig(plan)
        for row in layers.planned or (None,):
            sheet = Figure(figsize=_A4)
            _draw_sheet(sheet, layers, row)
            pages.savefig(sheet)
    return out.getvalue()


def _draw_plan(figure: Figure, layers: SiteLayers) -> None:
    figure.text(0.08, 0.955, literal(f"Plan of {layers.title}"), fontsize=14, fontweight="bold")
    stale = "; OLDER THAN THE EVIDENCE" if layers.stale else ""
    said = "no belief yet" if layers.belief is None else f"belief of {layers.made}{stale}"
    figure.text(0.08, 0.935, literal(f"{layers.crs or 'local frame'}, metres; {said}"))
    ax = figure.add_axes((0.12, 0.42, 0.8, 0.48))
    x0, y0, x1, y1 = layers.bounds
    if layers.poc is not None:
        image = draw_poc(ax, layers.poc)
        figure.colorbar(image, ax=ax, shrink=0.6, label="P(a target's footprint meets the cell)")
        draw_axes_band(ax, layers.objects)
    else:
        ax.set_aspect("equal")
        metre_axes(ax)
    for hole, status in layers.holes:
        trace = trace_of(hole)
        ax.plot(trace[:, 0], trace[:, 1], color=INK, lw=1.0)
        ax.plot(hole.x, hole.y, "o", mec=INK, mfc=INK if status == "void" else "white", ms=6)
    if layers.planned:
        draw_planned(ax, layers.planned)
    ax.set_xlim(x0, x1)
    ax.set_ylim(y0, y1)
    draw_frame(ax, x0, y0, x1, y1)
    _draw_table(figure, layers)


def _draw_table(figure: Figure, layers: SiteLayers) -> None:
    """List the planned holes below the map."""
    names = ("hole", "x", "y", "z", "azimuth", "incl.", "length m", "target at m", "P(hit)")
    rows = [
        [
            literal(shorten(row.hole, 14)), f"{row.x:.2f}", f"{row.y:.2f}", f"{row.z:.2f}",
            f"{row.azimuth_deg:.0f}", f"{row.inclination_deg:.0f}", f"{row.length_m:.1f}",
            f"{row.target_from_m:.1f}-{row.target_to_m:.1f}", f"{row.p_hit:.2f}",
        ]
        for row in layers.planned[:14]
    ]  # fmt: skip
    ax = figure.add_axes((0.08, 0.05, 0.84, 0.31))
    ax.axis("off")
    if not rows:
        ax.text(0.0, 0.9, "No hole is planned.")
        return
    _table(ax, rows, names, None)
    left = len(layers.planned) - len(rows)
    if left > 0:
        ax.text(0.0, 0.0, f"and {left} more on their sheets")


def _draw_sheet(figure: Figure, layers: SiteLayers, row: PlannedHole | None) -> None:
    title = "Borehole log" if row is None else f"Borehole log {row.hole}"
    figure.text(0.08, 0.955, literal(title), fontsize=14, fontweight="bold")
    figure.text(0.08, 0.935, literal(f"{layers.title}, {layers.crs or 'local frame'}"))
    planned = ["", "", "", "", "", "", ""]
    if row is not None:
        planned = [
            f"{row.x:.2f}", f"{row.y:.2f}", f"{row.z:.2f}", f"{row.azimuth_deg:.1f}",
            f"{row.inclination_deg:.1f}", f"{row.length_m:.1f}",
            f"{row.target_from_m:.1f} to {row.target_to_m:.1f}",
        ]  # fmt: skip
    head = figure.add_axes((0.08, 0.80, 0.84, 0.11))
    head.axis("off")
    columns = ("x m", "y m", "z m", "azimuth", "inclination", "length m", "void at m")
    _table(head, [planned, [""] * 7], columns, None, ("planned", "as drilled"))
    for k, text in enumerate(("date and rig:", "driller:", "hole ends because:", "signature:")):
        figure.text(0.08 + 0.44 * (k % 2), 0.775 - 0.028 * (k // 2), text)
        left = 0.22 + 0.44 * (k % 2)
        line = 0.773 - 0.028 * (k // 2)
        figure.add_artist(_rule(left, left + 0.26, line))
    body = figure.add_axes((0.08, 0.12, 0.84, 0.60))
    body.axis("off")
    _table(body, [[""] * len(_COLUMNS)] * _ROWS, _COLUMNS, _WIDTHS)
    figure.text(
        0.08,
        0.085,
        f"Depths along the hole in metres from the collar; log: {', '.join(LOG_WORDS)}. "
        "Inclination down from horizontal,\n90 is vertical; azimuth clockwise from grid north. "
        "Write down every metre, also those without a void:\nsilence is evidence.",
        va="top",
    )


def _rule(left: float, right: float, height: float) -> Any:
    from matplotlib.lines import Line2D

    return Line2D([left, right], [height, height], color=INK, lw=0.6)


def _table(
    ax: Any,
    rows: Any,
    columns: Any,
    widths: Any,
    labels: Any = None,
) -> None:
    # Labels of rows stand left of the box.
    labelled = (0.14, 0.1, 0.86, 0.9)
    box = labelled if labels is not None else None if widths is None else (0.0, 0.0, 1.0, 1.0)
    table = ax.table(
        cellText=rows, colLabels=columns, colWidths=widths, rowLabels=labels, loc="upper center",
        cellLoc="center", bbox=box,
    )  # fmt: skip
    table.auto_set_font_size(False)
    table.set_fontsize(8.0)
    if box is None:
        table.scale(1.0, 1.5)
    for cell in table.get_celld().values():
        cell.set_linewidth(0.5)
