"""Rival explanations side by side: where each puts a void, how probable it is, what tells them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Final

import numpy as np

from subterra.counting import counted
from subterra.inference.belief import Belief
from subterra.report.anchors import Anchors
from subterra.report.blocks import (
    Block,
    Heading,
    Link,
    Picture,
    Words,
    bullets,
    joined,
    paragraph,
    table,
)
from subterra.report.content import ReportContent
from subterra.report.findings import FAMILY_WORDS, Printer
from subterra.report.numbers import signed
from subterra.report.plan_map import draw_drilled, draw_frame, draw_planned
from subterra.report.style import ACCENT, INK, metre_axes
from subterra.search.outcomes import Outcome
from subterra.search.rivals import ELSEWHERE, Rival, Rivals, lines_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["draw_rivals", "rival_blocks", "rival_letter", "rival_words"]

_FILL: Final = {"air": "filled with air", "water": "flooded", "rubble": "filled with rubble"}
_TELLS: Final = 0.2
"""Difference of P(void) between two explanations from which on a hole is said to tell them."""


def rival_letter(k: int) -> str:
    """Letter of the explanation with number ``k`` from 0."""
    return chr(ord("A") + k)


def rival_words(rival: Rival) -> str:
    """Say what an explanation holds."""
    if not rival.family:
        return "nothing there"
    what = f"{FAMILY_WORDS[rival.family]}, {_FILL[rival.fill]}"
    if rival.place is None:
        return f"no target, but {what}"
    if rival.place == ELSEWHERE:
        return f"{what}, at none of the places listed"
    return f"{what}, along object {rival.place}"


def rival_blocks(content: ReportContent, anchors: Anchors, printer: Printer) -> tuple[Block, ...]:
    """Maps of the explanations, their table, and what would tell them apart."""
    rivals = content.rivals
    if rivals is None:
        return (paragraph("The explanations were not told apart here.", "empty"),)
    count = len(rivals.best)
    columns = _columns(count)
    rows = -(-count // columns)
    x0, y0, x1, y1 = content.belief.prior.bounds
    tall = float(np.clip((y1 - y0) / (x1 - x0), 0.4, 1.8))
    words = "; ".join(
        f"{rival_letter(k)} {rival_words(r)}, P {printer(r.p)}" for k, r in enumerate(rivals.best)
    )
    draw = partial(draw_rivals, content=content, printer=printer)
    caption = (
        "Thin lines: the main void in up to 30 scenes of each explanation, drawn in proportion to "
        "their weight; the tighter the bundle, the surer its place. Circles: drilled holes, filled "
        "where a void was logged; squares: planned holes."
    )
    alt = f"Maps of {counted(count, 'explanation')}: {words}."
    return joined(
        [
            paragraph(
                "The scenes of the answer, sorted by where their main void lies, its kind and what "
                "fills it. The probabilities add up to 1."
            ),
            Picture(draw, 8.0, 0.75 + rows * (0.55 + 6.9 * tall / columns), alt, caption, "wide"),
            _table(content, rivals, anchors, printer),
            _apart(content, rivals, anchors, printer),
        ]
    )


def _table(
    content: ReportContent, rivals: Rivals, anchors: Anchors, printer: Printer
) -> tuple[Block, ...]:
    """Attributes down, explanations across."""
    best = rivals.best

    def span(values: tuple[float, float, float] | None, digits: int) -> str:
        if values is None:
            return "–"
        low, middle, high = (f"{v:.{digits}f}" for v in values)
        return f"{middle} ({low} to {high})"

    rows: list[Sequence[Words]] = [
        ["what is there", *(_place(r, content) for r in best), "others"],
        ["P", *(Link(printer(r.p), "evidence") for r in best), printer(rivals.p_other)],
        ["depth of the axis (m), 90 %", *(span(r.depth_m, 1) for r in best), ""],
        ["radius (m), 90 %", *(span(r.radius_m, 2) for r in best), ""],
        ["P(a further target)", *(printer(r.more) if r.is_target else "–" for r in best), ""],
        ["effective scenes", *(f"{r.effective:,.0f}" for r in best), f"{rivals.n_other} more"],
    ]
    rows += [
        [_fits(anchors.piece(name)), *(_decibans(v) for v in values), ""]
        for name, values in content.fits.items()
    ]
    header = ("", *(rival_letter(k) for k in range(len(best))), "rest")
    return table(
        "Rival explanations. Fit: how much better than A an explanation fits that piece of "
        "evidence, decibans; negative is worse; the prices for choosing place and size are not in "
        "it. A dash or 'not supported': too few scenes to say",
        header,
        rows,
        words=(0,),
    )


def _place(rival: Rival, content: ReportContent) -> Words:
    words = rival_words(rival)
    place = rival.place
    if not place or place > len(content.summary["objects"]):
        return words
    head, _, tail = words.rpartition(f"object {place}")
    return (head, Link(f"object {place}", f"object-{place}"), tail)


def _fits(piece: str | Link) -> Words:
    return ("fit of ", piece, " (dB)")


def _decibans(value: float | None) -> str:
    return "not supported" if value is None else signed(value)


def _apart(
    content: ReportContent, rivals: Rivals, anchors: Anchors, printer: Printer
) -> tuple[Block, ...]:
    """What would tell explanations apart: planned holes, and what the log of a hit says."""
    best = rivals.best
    if len(best) < 2:
        return ()
    rows: list[list[Words]] = [
        [anchors.hole(o.hole), *(printer(v) for v in o.p_void_by_rival), f"{o.bits:.2f}"]
        for o in content.outcomes
    ]
    header = ("hole", *(rival_letter(k) for k in range(len(best))), "bits")
    said = [_against(rivals, k, content.outcomes, printer) for k in range(1, len(best))]
    return joined(
        [
            Heading("What would tell them apart"),
            bullets(said),
            table(
                "P(the log says void | explanation) of each planned hole. Bits: what its outcome "
                "tells of which explanation holds",
                header,
                rows,
                words=(0,),
            ),
        ]
    )


def _against(rivals: Rivals, k: int, outcomes: Sequence[Outcome], printer: Printer) -> str:
    """Say what tells the first explanation from another."""
    first, other = rivals.best[0], rivals.best[k]
    head = f"{rival_letter(0)} or {rival_letter(k)}: "
    same_place = first.place == other.place and first.place not in (None, ELSEWHERE)
    if same_place and first.family == other.family:
        return (
            f"{head}they differ in what fills the void. A hole that meets it tells (an open drop, "
            "water, or rubble), and resistivity does as far as the fills conduct differently."
        )
    if same_place:
        return (
            f"{head}they differ in the kind of void at one place. A hole that meets it says that "
            "it is there, not which; its course beyond, or a record, does."
        )
    gaps: list[tuple[float, str, float, float]] = []
    for outcome in outcomes:
        a, b = outcome.p_void_by_rival[0], outcome.p_void_by_rival[k]
        if a is not None and b is not None:
            gaps.append((abs(a - b), outcome.hole, a, b))
    if not gaps:
        return f"{head}no planned hole has enough scenes under both to say."
    gap, name, a, b = max(gaps, key=lambda item: item[0])
    if gap < _TELLS:
        return (
            f"{head}no planned hole tells them apart: the best is {name}, with P(void) "
            f"{printer(a)} against {printer(b)}."
        )
    return (
        f"{head}hole {name}, whose log says void with P {printer(a)} under {rival_letter(0)} and "
        f"{printer(b)} under {rival_letter(k)}."
    )


def draw_rivals(figure: Figure, content: ReportContent, printer: Printer) -> None:
    """Draw one map for each explanation.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        Empty, with constrained layout.
    content : ReportContent
        With explanations.
    printer : Printer
        Prints probabilities as far as they are supported.
    """
    if content.rivals is None:
        problem = "the report has no rival explanations to draw"
        raise ValueError(problem)
    best = content.rivals.best
    columns = _columns(len(best))
    axes = figure.subplots(
        -(-len(best) // columns), columns, sharex=True, sharey=True, squeeze=False
    )
    for k, ax in enumerate(axes.ravel()):
        if k >= len(best):
            ax.set_visible(False)
            continue
        _draw_rival(ax, content.belief, best[k])
        draw_drilled(ax, content.drilled)
        x0, y0, x1, y1 = content.belief.prior.bounds
        draw_planned(ax, content.planned, columns * max(x1 - x0, y1 - y0))
        ax.plot([x0, x1, x1, x0, x0], [y0, y0, y1, y1, y0], color=INK, lw=0.9, zorder=8)
        ax.set_xlim(x0, x1)
        ax.set_ylim(y0, y1)
        ax.set_aspect("equal")
        below = k + columns >= len(best)
        metre_axes(ax, "East x (m)" if below else "", "North y (m)" if k % columns == 0 else "")
        ax.tick_params(labelbottom=below)
        ax.locator_params(axis="x", nbins=4)
        if k == 0:
            draw_frame(ax, x0, y0, x1, y1)
        ax.set_title(f"{rival_letter(k)}: P {_sign(printer(best[k].p))}\n{_short(best[k])}")


def _columns(count: int) -> int:
    """Maps in a row: three, but two where that leaves no gap."""
    return 2 if count in (2, 4) else 3


def _sign(words: str) -> str:
    return words if words[0] in "<>n" else f"= {words}"


def _short(rival: Rival) -> str:
    """Say what an explanation holds in the width of a small map."""
    if not rival.family:
        return "nothing there"
    if rival.place is None:
        return f"no target; {rival.family}, {rival.fill}"
    where = "elsewhere" if rival.place == ELSEWHERE else f"object {rival.place}"
    return f"{rival.family}, {rival.fill}, {where}"


def _draw_rival(ax: Axes, belief: Belief, rival: Rival) -> None:
    from matplotlib.collections import LineCollection

    lines = [line[..., :2] for line in lines_of(belief, rival)]
    # What stands upright, and a chamber, has no length in plan.
    short = [np.ptp(line.reshape(-1, 2), axis=0).max() < 1.0 for line in lines]
    segments = [
        pair for line, point in zip(lines, short, strict=True) if not point for pair in line
    ]
    ax.add_collection(
        LineCollection(segments, colors=ACCENT, linewidths=0.7, alpha=0.55, zorder=3),
        autolim=False,
    )
    for line, point in zip(lines, short, strict=True):
        if point:
            ax.plot(*line[0, 0], "x", ms=4.0, mew=0.8, color=ACCENT, zorder=3)
