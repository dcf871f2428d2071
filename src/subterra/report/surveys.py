"""Observed, predicted and residual data of each survey, and a plain verdict on the fit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt
from scipy.spatial import KDTree

from subterra.report.plan_map import draw_frame
from subterra.report.style import INK, literal, metre_axes

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.colors import Normalize
    from matplotlib.figure import Figure

    from subterra.evidence import SurveyFit

__all__ = [
    "FitQuality",
    "Group",
    "along_line",
    "draw_panel",
    "fit_quality",
    "panel_groups",
    "panel_height",
    "panel_names",
    "snr_sentence",
    "verdict",
]

Array = npt.NDArray[Any]

_PANELS: Final = ("observed", "predicted", "ground", "residual")
_LEAST_OF_A_LINE = 8
_THIN: Final = 0.3
"""Height over width of a map below which, or over its inverse, scale and north have no room."""
_HEADINGS: Final = {
    "observed": "Observed",
    "predicted": "Predicted: trend and objects",
    "ground": "Ground (geology), best estimate",
    "residual": "Residual",
}


@dataclass(frozen=True)
class Group:
    """Data that share one picture: ``rows`` of the survey, in plan or as a pseudosection."""

    label: str
    rows: Array
    pseudosection: bool


@dataclass(frozen=True)
class FitQuality:
    """How well a survey is explained.

    Parameters
    ----------
    n : int
        Number of data.
    chi : float
        Root mean square of residual over standard error; 1 or somewhat less is as expected,
        since the ground takes up part of the noise.
    outliers : int
        Data beyond three standard errors.
    structure : float
        Correlation of each datum's residual with its nearest neighbour's; NaN below 8 data.
    """

    n: int
    chi: float
    outliers: int
    structure: float


def fit_quality(fit: SurveyFit) -> FitQuality:
    """Measure the fit of one survey; ``residual`` and ``sd`` share a unit."""
    scaled = np.asarray(fit.residual, float) / np.asarray(fit.sd, float)
    n = len(scaled)
    structure = np.nan
    if n >= 8 and np.ptp(scaled) > 0.0:
        depth = np.zeros(n) if fit.pseudo_depth_m is None else np.asarray(fit.pseudo_depth_m)
        tree = KDTree(np.column_stack([fit.x_m, fit.y_m, depth]))
        neighbour = np.asarray(tree.query(tree.data, k=2)[1])[:, 1]
        centred = scaled - scaled.mean()
        structure = float(np.mean(centred * centred[neighbour]) / np.mean(centred**2))
    return FitQuality(
        n,
        float(np.sqrt(np.mean(scaled**2))) if n else np.nan,
        int(np.sum(np.abs(scaled) > 3.0)),
        structure,
    )


def verdict(quality: FitQuality, words: str = "") -> str:
    """Say whether the data are explained; ``words`` tell of structure if it was tested."""
    if not np.isfinite(quality.chi):
        return "There are no data to judge the fit by."
    if quality.chi > 1.5:
        start = "The data are not explained to their stated errors"
    else:
        start = "The data are explained to within their stated errors"
    if words:
        return f"{start}. {words}"
    if quality.structure > 0.5:
        return f"{start}, but the residuals are structured: something systematic is left over."
    return f"{start}, and the residuals show no strong structure."


def snr_sentence(snr: float) -> str:
    """Say what the matched signal-to-noise ratio of the best objects means for this survey."""
    if not np.isfinite(snr):
        return "The matched signal-to-noise ratio is not defined here: no object is expected."
    if snr < 3.0:
        meaning = "on its own this survey would hardly show the objects found"
    elif snr < 8.0:
        meaning = "this survey shows the objects found, but not beyond doubt"
    else:
        meaning = "this survey shows the objects found clearly"
    return f"Matched signal-to-noise ratio {snr:.1f}: {meaning}."


def panel_groups(fit: SurveyFit, most: int = 12) -> tuple[list[Group], int]:
    """Split a survey into the pictures that it needs.

    Parameters
    ----------
    fit : SurveyFit
        The survey.
    most : int
        Largest number of pseudosections; the lines with most data are kept.

    Returns
    -------
    groups : list of Group
        One map, or one pseudosection per line.
    left_out : int
        Data that lie on none of the lines drawn.
    """
    everything = np.arange(len(fit.x_m))
    if fit.line is None or fit.pseudo_depth_m is None:
        return [Group("", everything, False)], 0
    names, counts = np.unique(np.asarray(fit.line), return_counts=True)
    kept = np.argsort(-counts, kind="stable")[:most]
    chosen = [int(k) for k in np.sort(kept) if counts[k] >= _LEAST_OF_A_LINE]
    if not chosen:
        return [Group("midpoints in plan", everything, False)], 0
    rows = [np.flatnonzero(fit.line == names[k]) for k in chosen]
    groups = [Group(_line_label(fit, n, r), r, True) for n, r in enumerate(rows, start=1)]
    return groups, len(everything) - sum(len(g.rows) for g in groups)


def _line_label(fit: SurveyFit, number: int, rows: Array) -> str:
    """Name of a line and the plan places of its first and last datum."""
    x, y = np.asarray(fit.x_m, float)[rows], np.asarray(fit.y_m, float)[rows]
    along = along_line(x, y)
    i, j = int(np.argmin(along)), int(np.argmax(along))
    digits = 0 if along[j] >= 100.0 else 1
    ends = (f"E {x[k]:.{digits}f} N {y[k]:.{digits}f}" for k in (i, j))
    return f"line {number}: {' to '.join(ends)}"


def panel_names(fit: SurveyFit) -> tuple[str, ...]:
    """Names of the panels that have something to show; without geology that one is left out."""
    ground = np.asarray(fit.ground, float)
    return _PANELS if len(ground) and np.ptp(ground) > 0.0 else (*_PANELS[:2], "residual")


def panel_height(groups: Sequence[Group], fit: SurveyFit) -> float:
    """Height in inches of a panel 4.8 inches wide."""
    if groups[0].pseudosection:
        return 1.3 + 1.15 * len(groups)
    wide, tall = (max(float(np.ptp(v)), 1.0) if len(v) else 1.0 for v in (fit.x_m, fit.y_m))
    return float(np.clip(4.0 * tall / wide, 1.6, 6.0)) + 1.4


def draw_panel(figure: Figure, fit: SurveyFit, name: str, groups: Sequence[Group]) -> None:
    """Draw one panel of a survey: a map, or the pseudosections of its lines with one colour bar.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        Empty, with constrained layout.
    fit : SurveyFit
        The survey.
    name : str
        ``observed``, ``predicted``, ``ground`` or ``residual``.
    groups : sequence of Group
        From `panel_groups`; one axes each.
    """
    axes = figure.subplots(len(groups), 1, squeeze=False)[:, 0]
    norm, colours, unit = _scale(fit, name)
    shown: Any = None
    for ax, group in zip(axes, groups, strict=True):
        x, y = np.asarray(fit.x_m, float)[group.rows], np.asarray(fit.y_m, float)[group.rows]
        if group.pseudosection:
            x, y = along_line(x, y), np.asarray(fit.pseudo_depth_m, float)[group.rows]
        low, high = (_line_cells if group.pseudosection else _map_cells)(x, y)
        shown = _cells(ax, low, high, np.asarray(getattr(fit, name), float)[group.rows])
        shown.set(cmap=colours, norm=norm)
        _limits(ax, low, high, downwards=group.pseudosection)
        if name == "residual":
            scaled = np.asarray(fit.residual, float) / np.asarray(fit.sd, float)
            _mark_outliers(ax, x, y, scaled[group.rows])
        _label(ax, group)
    if groups[-1].pseudosection:
        axes[-1].set_xlabel("Distance along the line (m)")
    axes[0].set_title(_HEADINGS[name], pad=14 if groups[0].label else 6)
    bar = figure.colorbar(
        shown, ax=list(axes), orientation="horizontal", aspect=32, pad=0.02, shrink=0.9
    )
    bar.set_label(unit)
    if name in ("observed", "predicted") and _is_log(fit):
        _log_ticks(bar, norm)


def _label(ax: Axes, group: Group) -> None:
    if group.label:
        ax.text(
            1.0, 1.0, group.label, transform=ax.transAxes, ha="right", va="bottom", fontsize=7.5
        )
    if not group.pseudosection:
        metre_axes(ax)
        ax.set_aspect("equal")
        (x0, x1), (y0, y1) = ax.get_xlim(), ax.get_ylim()
        if _THIN < (y1 - y0) / (x1 - x0) < 1.0 / _THIN:
            draw_frame(ax, x0, y0, x1, y1)
        return
    ax.set_ylabel("Pseudo-depth (m)", fontsize=7.5)


def _is_log(fit: SurveyFit) -> bool:
    return fit.kind == "resistivity"


def _scale(fit: SurveyFit, name: str) -> tuple[Normalize, str, str]:
    """Colours, limits and label of one panel; observed and predicted share theirs."""
    from matplotlib.colors import LogNorm, Normalize

    unit = "%" if _is_log(fit) else fit.unit
    if name not in ("observed", "predicted"):
        values = np.abs(np.asarray(getattr(fit, name), float))
        top = max(float(np.percentile(values, 98.0)) if len(values) else 0.0, 1e-6)
        # Ground in colours that keep their order in grey; residuals about a pale zero.
        colours = "cividis" if name == "ground" else "PuOr_r"
        return Normalize(-top, top), colours, literal(f"{name} ({unit})")
    values = np.concatenate([fit.observed, fit.predicted])
    low, high = np.percentile(values, [0.5, 99.5]) if len(values) else (1.0, 2.0)
    if not low < high:
        low, high = low - 0.05 * abs(low) - 1e-6, high + 0.05 * abs(high) + 1e-6
    if _is_log(fit):
        return LogNorm(low, high), "cividis", "apparent resistivity (Ω·m)"
    return Normalize(low, high), "cividis", literal(f"{name} {fit.kind} ({unit})")


def _spacing(x: Array, y: Array) -> float:
    """Median distance between neighbouring places, metres."""
    places = np.unique(np.round(np.column_stack([x, y]), 3), axis=0)
    if len(places) < 2:
        return 1.0
    return float(np.median(np.asarray(KDTree(places).query(places, k=2)[0])[:, 1]))


def _line_cells(along: Array, depth: Array) -> tuple[Array, Array]:
    """Corners of the cells of a pseudosection: as wide as the median step, as tall as the level.

    Levels closer than a 25th of the range are one; a cell reaches half-way to the next level.
    """
    least = max(float(np.ptp(depth)) / 25.0, 0.01)
    levels = np.unique(depth)
    levels = levels[np.concatenate([[True], np.diff(levels) > least])]
    edges = 0.5 * (levels[1:] + levels[:-1])
    first = 0.5 * (levels[1] - levels[0]) if len(levels) > 1 else 0.5
    last = 0.5 * (levels[-1] - levels[-2]) if len(levels) > 1 else 0.5
    edges = np.concatenate([[max(levels[0] - first, 0.0)], edges, [levels[-1] + last]])
    level = np.searchsorted(edges[1:-1], depth, side="right")
    order = np.lexsort((along, level))
    steps = np.diff(along[order])[np.diff(level[order]) == 0]
    steps = steps[steps > 1e-3]
    half = 0.5 * float(np.median(steps)) if len(steps) else 0.5
    return (
        np.column_stack([along - half, edges[level]]),
        np.column_stack([along + half, edges[level + 1]]),
    )


def _map_cells(x: Array, y: Array) -> tuple[Array, Array]:
    """Corners of square cells as wide as the stations are apart."""
    places = np.column_stack([x, y])
    half = 0.5 * _spacing(x, y)
    return places - half, places + half


def _cells(ax: Axes, low: Array, high: Array, values: Array) -> Any:
    """One rectangle per datum: what was measured, without any gridding."""
    from matplotlib.collections import PolyCollection

    x0, y0, x1, y1 = low[:, 0], low[:, 1], high[:, 0], high[:, 1]
    corners = np.stack([x0, y0, x1, y0, x1, y1, x0, y1], axis=-1).reshape(-1, 4, 2)
    shown = PolyCollection(list(corners), lw=0.0)
    shown.set_array(values)
    ax.add_collection(shown, autolim=False)
    return shown


def along_line(x: Array, y: Array) -> Array:
    """Distance along the straight line through plan points, from its western or southern end."""
    centred = np.column_stack([x - x.mean(), y - y.mean()])
    direction = np.linalg.svd(centred, full_matrices=False)[2][0]
    if (round(float(direction[0]), 9), float(direction[1])) < (0.0, 0.0):
        direction = -direction
    along = centred @ direction
    return along - along.min()


def _limits(ax: Axes, low: Array, high: Array, *, downwards: bool) -> None:
    if not len(low):
        return
    (left, bottom), (right, top) = low.min(axis=0), high.max(axis=0)
    pad_x, pad_y = 0.02 * (right - left), 0.03 * (top - bottom)
    ax.set_xlim(left - pad_x, right + pad_x)
    if downwards:
        ax.set_ylim(top + pad_y, 0.0)
    else:
        ax.set_ylim(bottom - pad_y, top + pad_y)


def _mark_outliers(ax: Axes, x: Array, y: Array, scaled: Array) -> None:
    """Triangles up and down where a residual exceeds two errors: the sign without colour."""
    for marker, far in (("^", scaled > 2.0), ("v", scaled < -2.0)):
        ax.plot(x[far], y[far], marker, ms=4.0, mfc="white", mec=INK, mew=0.8, ls="none")


def _log_ticks(bar: Any, norm: Any) -> None:
    """Plain numbers on a log colour bar, at most five of them."""
    from matplotlib.ticker import FixedLocator, NullLocator

    ticks = np.exp(np.linspace(np.log(norm.vmin), np.log(norm.vmax), 5))
    digits = 0 if norm.vmin >= 100.0 else 1
    bar.ax.xaxis.set_major_locator(FixedLocator(ticks))
    bar.ax.xaxis.set_minor_locator(NullLocator())
    bar.ax.set_xticklabels([f"{v:.{digits}f}" for v in ticks])
