"""The ruled-out map on a page: one panel for each band of depth."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from subterra.inference.belief import Belief
from subterra.report.blocks import Block, Picture, paragraph
from subterra.report.plan_map import draw_frame
from subterra.report.style import INK, metre_axes
from subterra.search.ruled_out import POSSIBLE, RuledOut, ruled_out

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["draw_ruled_out", "ruled_out_blocks"]


def ruled_out_blocks(belief: Belief, found: RuledOut | None = None) -> tuple[Block, ...]:
    """Show what the evidence has ruled out."""
    shown = ruled_out(belief) if found is None else found
    x0, y0, x1, y1 = belief.prior.bounds
    tall = min(max((y1 - y0) / (x1 - x0), 0.4), 1.6)
    judged = shown.smallest_m[np.isfinite(shown.left).any(-1)]
    if len(judged) == 0:
        words = "Nothing can be said yet: too few scenes pass any one place."
        return (paragraph(words, "empty"),)
    cleared = np.mean(judged <= shown.diameter_m[0])
    never = np.mean(np.isinf(judged))
    words = (
        f"Of the places that can be judged, every target looked for is ruled out at "
        f"{cleared:.0%}, none at {never:.0%}, and at the others the wider ones are."
    )
    caption = (
        "Diameter from which on targets are ruled out, by depth of their axis: the evidence has "
        f"left less than {POSSIBLE:.0%} of what the prior gave them. Smaller ones are still "
        "possible. White: all sizes are possible; hatched: too few scenes to tell."
    )
    alt = "Maps of the smallest target that is ruled out, one for each band of depth"
    draw = partial(draw_ruled_out, found=shown)
    return paragraph(words), Picture(draw, 7.6, 1.15 + 2.05 * tall, alt, caption, "wide")


def draw_ruled_out(figure: Figure, found: RuledOut) -> None:
    """Draw the diameter from which on targets are ruled out, one panel a band of depth.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        Empty, with constrained layout.
    found : RuledOut
        The map.
    """
    from matplotlib.cm import ScalarMappable
    from matplotlib.colors import BoundaryNorm
    from matplotlib.patches import Rectangle

    (dx, dy), sizes = found.cell_m, found.diameter_m
    x0, x1 = found.x_m[0] - 0.5 * dx, found.x_m[-1] + 0.5 * dx
    y0, y1 = found.y_m[0] - 0.5 * dy, found.y_m[-1] + 0.5 * dy
    steps = np.append(sizes, sizes[-1] * sizes[-1] / sizes[-2]) * (1.0 - 1e-6)
    norm = BoundaryNorm(steps, 256)
    panels = figure.subplots(1, len(found.smallest_m), sharey=True, squeeze=False)[0]
    for k, (ax, band) in enumerate(zip(panels, found.smallest_m, strict=True)):
        ax.add_patch(
            Rectangle((x0, y0), x1 - x0, y1 - y0, facecolor="white", edgecolor="#bbbbbb",
                      hatch="////", lw=0.0, zorder=0)
        )  # fmt: skip
        any_size = np.ma.masked_where(~np.isinf(band), np.ones(band.shape))
        place = {"origin": "lower", "extent": (x0, x1, y0, y1), "interpolation": "nearest"}
        ax.imshow(any_size, cmap="gray", vmin=0.0, vmax=1.0, zorder=1, **place)
        ax.imshow(
            np.ma.masked_where(~np.isfinite(band), band), cmap="cividis",
            norm=norm, zorder=2, **place,
        )  # fmt: skip
        ax.plot([x0, x1, x1, x0, x0], [y0, y0, y1, y1, y0], color=INK, lw=0.8, zorder=3)
        ax.set_aspect("equal")
        metre_axes(ax, y="North y (m)" if k == 0 else "")
        if k == 0:
            draw_frame(ax, x0, y0, x1, y1)
        ax.set_title(f"axis {found.edge_m[k]:.3g} to {found.edge_m[k + 1]:.3g} m deep")
    bar = figure.colorbar(
        ScalarMappable(norm, "cividis"), ax=list(panels), shrink=0.8, aspect=24, pad=0.02
    )
    bar.minorticks_off()
    bar.set_ticks(list(sizes), labels=[f"{d:.2g}" for d in sizes])
    bar.set_label("Ruled out from (m wide)")
