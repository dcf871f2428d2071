"""The section on calibration: how truths ranked, how often probabilities came true, coverage."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt

from subterra.inference.assessment import Assessment, assess
from subterra.inference.binomial import clopper_pearson
from subterra.inference.calibration import Calibration, inside_bands
from subterra.inference.quantities import QUANTITY_WORDS
from subterra.inference.ranks import rank_bands
from subterra.inference.reliability import binned, cell_table
from subterra.report.blocks import Block, Picture, first_upper, joined, paragraph, table
from subterra.report.content import CalibrationView, ReportContent, verdict_words
from subterra.report.style import ACCENT, GREY, INK, WARN, literal
from subterra.simulate import WRONG

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["calibration_blocks", "draw_ranks", "draw_reliability"]

Array = npt.NDArray[Any]

_COLUMNS: Final = 5
_ALPHA: Final = 0.01
_FEWEST: Final = 5
"""Ranks below which a panel is left empty."""


def draw_ranks(figure: Figure, calibration: Calibration) -> None:
    """Draw the distribution function of ranks less the diagonal, one panel for each quantity.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        Empty, with constrained layout.
    calibration : Calibration
        Ranks. The band holds all quantities of a calibrated site in 99 % of cases.
    """
    names = calibration.names
    level = 1.0 - _ALPHA / len(names)
    rows = -(-len(names) // _COLUMNS)
    axes = figure.subplots(rows, _COLUMNS, sharex=True, sharey=True, squeeze=False).ravel()
    inside = inside_bands(calibration, level)
    for ax, name, rank in zip(axes, names, calibration.rank.T, strict=False):
        known = np.sort(rank[~np.isnan(rank)])
        ax.set_title(literal(QUANTITY_WORDS.get(name, name)), fontsize=8, fontweight="normal")
        ax.axhline(0.0, color=GREY, lw=0.6, zorder=1)
        if len(known) < _FEWEST:
            ax.text(0.5, 0.05, "too few", ha="center", fontsize=8, style="italic")
            continue
        _draw_rank(ax, known, level, inside[name])
    for ax in axes[len(names) :]:
        ax.set_visible(False)
    for k, ax in enumerate(axes[: len(names)]):
        ax.set_xlim(0.0, 1.0)
        ax.set_xticks([0.0, 0.5, 1.0], ["0", "½", "1"])
        ax.spines[["top", "right"]].set_visible(False)
        ax.tick_params(length=2.5, width=0.6)
        if k % _COLUMNS:
            ax.tick_params(axis="y", length=0)
    figure.supxlabel("rank of the truth in the belief", fontsize=8.5)
    figure.supylabel("share of worlds at or below, less the rank", fontsize=8.5)


def _draw_rank(ax: Axes, known: Array, level: float, inside: bool) -> None:
    place, low, high = rank_bands(len(known), level)
    at = np.concatenate([[0.0], place, [1.0]])
    low, high = (np.concatenate([[0.0], v, [1.0]]) - at for v in (low, high))
    ax.fill_between(at, low, high, fc="#dcdcdc", ec="none", zorder=0)
    x = np.concatenate([[0.0], known, [1.0]])
    y = np.concatenate([[0.0], np.arange(1, len(known) + 1) / len(known), [1.0]])
    fine = np.unique(np.concatenate([x, np.linspace(0.0, 1.0, 101)]))
    share = y[np.searchsorted(x, fine, side="right") - 1]
    ax.plot(fine, share - fine, color=ACCENT if inside else WARN, lw=1.3 if inside else 2.0)
    if not inside:
        ax.text(
            0.97, 0.96, "outside", transform=ax.transAxes, ha="right", va="top", fontsize=8,
            fontweight="bold", color=WARN,
        )  # fmt: skip


def draw_reliability(figure: Figure, calibration: Calibration) -> None:
    """Draw predicted against observed: P(any target) by world, and the map by cell.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        Empty, with constrained layout.
    calibration : Calibration
        Predictions and outcomes.
    """
    left, right = figure.subplots(1, 2)
    by_world = binned(calibration.p_any, calibration.any_target)
    hits = np.rint(by_world.observed * by_world.count)
    low, high = clopper_pearson(hits, by_world.count)
    _diagonal(left, "P(any target)", "share of worlds with a target")
    _points(left, by_world.predicted, by_world.observed, low, high, "o")
    for x, y, n in zip(by_world.predicted, high, by_world.count, strict=True):
        left.annotate(str(int(n)), (x, min(y, 1.0)), (0, 6), textcoords="offset points",
                      ha="center", fontsize=7.5, annotation_clip=False)  # fmt: skip
    _diagonal(right, "P(target below a cell)", "share of cells with a target")
    cells = cell_table(calibration.cells, calibration.seed)
    right.set_xscale("function", functions=(_root, np.square))
    right.set_yscale("function", functions=(_root, np.square))
    ticks = [0.0, 0.01, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1.0]
    right.set_xticks(ticks, [f"{t:g}" for t in ticks], fontsize=7.5)
    right.set_yticks(ticks, [f"{t:g}" for t in ticks], fontsize=7.5)
    if cells is not None:
        _points(right, cells.predicted, cells.observed, cells.low, cells.high, "s")


def _root(v: Array) -> Array:
    return np.sqrt(np.maximum(v, 0.0))


def _diagonal(ax: Axes, x: str, y: str) -> None:
    ax.plot([0.0, 1.0], [0.0, 1.0], color=GREY, lw=0.9, ls=(0, (4, 2)), zorder=1)
    ax.set_xlim(0.0, 1.0)
    ax.set_ylim(0.0, 1.0)
    ax.set_aspect("equal")
    ax.set_xlabel(x)
    ax.set_ylabel(y)
    ax.spines[["top", "right"]].set_visible(False)
    ax.tick_params(length=2.5, width=0.6)


def _points(ax: Axes, x: Array, y: Array, low: Array, high: Array, marker: str) -> None:
    ax.vlines(x, low, high, color=INK, lw=1.2, zorder=2, clip_on=False)
    ax.plot(x, y, ls="none", marker=marker, ms=5.5, mfc=ACCENT, mec=INK, mew=0.7, zorder=3,
            clip_on=False)  # fmt: skip


def calibration_blocks(content: ReportContent) -> tuple[Block, ...]:
    """Say whether the site's probabilities are what they say, and show why."""
    view = content.calibration
    head = paragraph(f"{first_upper(verdict_words(content))}.")
    if view is None:
        how = (
            "No worlds have been drawn for this site yet; subterra calibrate does it. Until then "
            "no probability is printed beyond 0.01 or 0.99."
        )
        return head, paragraph(how, "note")
    found = {name: assess(calibration) for name, calibration in view.found.items()}
    first, calibration = next(iter(found.values())), next(iter(view.found.values()))
    return joined(
        [
            head,
            paragraph(_how(first, view), "note"),
            _rank_picture(calibration),
            _reliability_picture(calibration, first),
            _coverage_table(found),
            _wrong_table(found),
        ]
    )


def _how(first: Assessment, view: CalibrationView) -> str:
    old = " The site has changed since; the numbers are those of then." if view.stale else ""
    return (
        f"{first.worlds} worlds were drawn from this site's own prior, {first.with_target} of them "
        "with a target; data of its own layouts were drawn for each and carried through the whole "
        f"inference with {first.scenes:,} scenes (seed {first.seed}). It tells whether the answers "
        "are right if the site's assumptions are, and not whether the assumptions are." + old
    )


def _rank_picture(calibration: Calibration) -> Picture:
    rows = -(-len(calibration.names) // _COLUMNS)
    inside = inside_bands(calibration, 1.0 - _ALPHA / len(calibration.names))
    outside = [QUANTITY_WORDS.get(n, n) for n, ok in inside.items() if not ok]
    alt = f"Ranks of the truth. Outside their band: {', '.join(outside) or 'none'}."
    caption = (
        "Rank of the truth among the scenes of its belief. If beliefs are calibrated, ranks are "
        "even and the line stays in the grey band (99 %, all quantities together). A line above at "
        "the left and below at the right says that beliefs are too narrow, the reverse that they "
        f"are too wide; one below throughout, that they are too low. {alt}"
    )
    draw = partial(draw_ranks, calibration=calibration)
    return Picture(draw, 8.4, 0.6 + 1.45 * rows, alt, caption, "wide")


def _reliability_picture(calibration: Calibration, first: Assessment) -> Picture:
    low, high = first.line.slope_interval
    alt = (
        f"Brier score of P(any target) {first.brier:.3f} (share of targets alone: "
        f"{first.base_brier:.3f}), log score {first.log_score:.3f}, calibration slope "
        f"{first.line.slope:.2f} ({_bound(low)} to {_bound(high)})."
    )
    caption = (
        "Left: P(any target) against the share of worlds that had one, with 90 % intervals and the "
        "number of worlds. Right: cells of the maps, intervals bootstrapped by world, on scales of "
        f"square roots. On the dashed line probabilities are what they say. {alt}"
    )
    draw = partial(draw_reliability, calibration=calibration)
    return Picture(draw, 7.4, 3.6, alt, caption, "wide")


def _bound(value: float) -> str:
    return f"{value:.2f}" if np.isfinite(value) else "unbounded"


def _coverage_table(found: dict[str, Assessment]) -> tuple[Block, ...]:
    first = next(iter(found.values()))
    rows = [
        [QUANTITY_WORDS.get(name, name), f"{width} %", _share(c.share), f"{c.low:.2f}–{c.high:.2f}",
         str(c.worlds)]
        for name, by_width in first.coverage.items()
        for width, c in by_width.items()
    ]  # fmt: skip
    return table(
        "How often the central interval of a belief held the truth, where there was a target; "
        "nearest: the target axis nearest to the middle of the bounds",
        ("quantity", "interval", "held the truth", "99 % interval of that", "worlds"),
        rows,
        words=(0,),
    )


def _share(value: float) -> str:
    return f"{value:.2f}" if np.isfinite(value) else "–"


def _wrong_table(found: dict[str, Assessment]) -> tuple[Block, ...]:
    if len(found) < 2:
        return ()
    rows = [
        [
            WRONG.get(name, "as the site assumes"),
            one.words(),
            f"{one.brier:.3f}",
            f"{one.line.slope:.2f} ({_bound(one.line.slope_interval[0])} to "
            f"{_bound(one.line.slope_interval[1])})",
            *(_share(c["90"].share) for c in one.coverage.values()),
        ]
        for name, one in found.items()
    ]
    heads = (f"90 % of {QUANTITY_WORDS[name]}" for name in next(iter(found.values())).coverage)
    return table(
        "The same where an assumption of the site does not hold in the worlds",
        ("worlds", "verdict", "Brier", "slope of P(any)", *heads),
        rows,
        words=(0, 1),
    )
