"""Small charts: weight of evidence, what is left after dry holes, size and depth, families."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from subterra.report.numbers import signed
from subterra.report.style import ACCENT, GREY, INK, WARN, literal, shorten

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["draw_bars", "draw_histogram", "draw_ledger", "draw_residual", "ledger_order"]

Array = npt.NDArray[Any]


def ledger_order(ledger: Mapping[str, float]) -> list[tuple[str, float]]:
    """Items by weight, the strongest for a target first, the unsupported ones last."""
    known = [(k, float(v)) for k, v in ledger.items() if np.isfinite(v)]
    unknown = [(k, float("nan")) for k, v in ledger.items() if not np.isfinite(v)]
    return sorted(known, key=lambda item: -item[1]) + unknown


def draw_ledger(figure: Figure, ledger: Mapping[str, float]) -> None:
    """Draw the weight of each piece of evidence for "any target" in decibans.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        Empty, with constrained layout.
    ledger : mapping of str to float
        10·log10 of the likelihood ratio by evidence id; NaN where it is not supported.
    """
    ax = figure.add_subplot()
    items = ledger_order(ledger)
    values = np.array([v for _, v in items])
    span = max(float(np.nanmax(np.abs(values))) if np.isfinite(values).any() else 0.0, 5.0)
    for row, (_, value) in enumerate(items):
        if np.isnan(value):
            ax.text(0.3, row, "not supported by the scenes at hand", va="center", color=INK,
                    fontsize=8, style="italic")  # fmt: skip
            continue
        ax.barh(
            row, value, height=0.62, fc=ACCENT if value > 0.0 else "white",
            ec=ACCENT if value > 0.0 else WARN, hatch=None if value > 0.0 else "////", lw=1.0,
        )  # fmt: skip
        ax.text(
            value + np.copysign(0.02 * span, value), row, signed(value),
            va="center", ha="left" if value >= 0.0 else "right", fontsize=8,
        )  # fmt: skip
    ax.axvline(0.0, color=INK, lw=0.9)
    ax.set_yticks(range(len(items)), [literal(shorten(name, 28)) for name, _ in items])
    ax.set_ylim(len(items) - 0.4, -0.6)
    ax.set_xlim(-1.25 * span if (values < 0).any() else -0.12 * span, 1.25 * span)
    ax.set_xlabel("against  ←  weight (decibans)  →  for a target")
    ax.tick_params(axis="y", length=0)
    ax.spines[["top", "right", "left"]].set_visible(False)


def draw_residual(figure: Figure, left: Array, hit: Array) -> None:
    """Draw what is left after the first n planned holes, all dry, and the chance of a hit by then.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        Empty, with constrained layout.
    left, hit : (n + 1,) numpy.ndarray
        P(a target is there | n misses); P(at least one of n holes hits).
    """
    ax = figure.add_subplot()
    n = np.arange(len(left))
    series = (
        (left, "-", "o", INK, INK, "a target is there, after n dry holes"),
        (hit, (0, (4, 2)), "s", ACCENT, "white", "at least one of n holes hits"),
    )
    for values, style, marker, colour, face, label in series:
        ax.plot(
            n, values, ls=style, marker=marker, ms=5.5, mfc=face, mec=colour, color=colour, lw=1.6,
            label=f"P({label})", clip_on=False, zorder=3,
        )  # fmt: skip
    ax.set_ylim(0.0, 1.0)
    ax.set_xlim(-0.2, max(1.0, float(n[-1])) + 0.2)
    ax.set_xticks(n)
    ax.set_xlabel("planned holes drilled, in the order of the plan")
    ax.set_ylabel("probability")
    ax.grid(axis="y", color="#d0d0d0", lw=0.6)
    ax.spines[["top", "right"]].set_visible(False)
    figure.legend(loc="outside upper left")


def draw_histogram(
    figure: Figure,
    values: Array,
    weight: Array,
    prior: Array,
    label: str,
    truth: float | None = None,
) -> None:
    """Draw a posterior as bars and its prior as an outline, both densities over the same bins."""
    ax = figure.add_subplot()
    both = np.concatenate([values, prior])
    edges = np.linspace(*_range(both), 41)
    # The bars must resolve a posterior that is much narrower than its prior.
    if len(values):
        inside = np.percentile(values, [0.5, 99.5])
        width = max((inside[1] - inside[0]) / 12.0, 1e-3 * (edges[-1] - edges[0]))
        if width < edges[1] - edges[0]:
            edges = np.arange(edges[0], edges[-1] + width, width)
    if len(values):
        density, _ = np.histogram(values, edges, weights=weight, density=True)
        ax.stairs(density, edges, fill=True, fc=ACCENT, alpha=0.85, label="now")
    if len(prior):
        coarse = np.linspace(edges[0], edges[-1], 31)
        density, _ = np.histogram(prior, coarse, density=True)
        ax.stairs(density, coarse, color=INK, lw=1.2, ls="--", label="before any evidence")
    if truth is not None:
        ax.axvline(truth, color=INK, lw=1.2, ls=":", label="simulated truth")
    ax.set_xlabel(label)
    ax.set_yticks([])
    ax.set_ylabel("probability density")
    ax.spines[["top", "right", "left"]].set_visible(False)
    if ax.get_legend_handles_labels()[0]:
        figure.legend(loc="outside upper left", ncols=2)


def _range(values: Array) -> tuple[float, float]:
    low, high = (float(values.min()), float(values.max())) if len(values) else (0.0, 1.0)
    return (low, high) if high > low else (low - 0.5, high + 0.5)


def draw_bars(
    figure: Figure,
    groups: Mapping[str, Mapping[str, float | None]],
    words: Callable[[float | None], str],
) -> None:
    """Draw probabilities of alternatives, one group of bars under each heading.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        Empty, with constrained layout.
    groups : mapping of str to mapping of str to float or None
        Probability by name under each heading.
    words : callable
        Prints a probability as far as it is supported.
    """
    rows = [len(items) for items in groups.values()]
    axes = figure.subplots(len(groups), 1, squeeze=False, height_ratios=rows)[:, 0]
    for ax, (heading, items) in zip(axes, groups.items(), strict=True):
        for row, value in enumerate(items.values()):
            known = value is not None and np.isfinite(value)
            ax.barh(row, 1.0, height=0.62, fc="#efefef", ec=GREY, lw=0.5)
            if known:
                ax.barh(row, value, height=0.62, fc=ACCENT, ec=INK, lw=0.5)
            ax.text(1.02, row, words(value), va="center", fontsize=8)
        ax.set_yticks(range(len(items)), [literal(shorten(k, 20)) for k in items])
        ax.set_ylim(len(items) - 0.4, -0.6)
        ax.set_xlim(0.0, 1.0)
        ax.set_xticks([])
        ax.set_title(literal(heading))
        ax.tick_params(axis="y", length=0)
        ax.spines[:].set_visible(False)
