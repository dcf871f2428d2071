"""Figures of a forecast: signal and detection against depth, and a map of what is seen where."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from subterra.counting import counted
from subterra.errors import InputError, SiteError
from subterra.report.plan_map import draw_frame
from subterra.report.style import (
    ACCENT,
    INK,
    figure_style,
    literal,
    metre_axes,
    shorten,
)
from subterra.search.smallest import DiameterMap, smallest_diameters
from subterra.site.atomic import write_atomic
from subterra.site.survey_forecast import Forecast, SurveyForecast

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = [
    "diameter_maps",
    "draw_curves",
    "draw_diameter_map",
    "map_size",
    "write_forecast_figures",
]

_MARKS: Final = "os^Dvp"
_DPI: Final = 160
_MAP_SHARE: Final = 1.0 / 3.0


def diameter_maps(forecast: Forecast, map_depth_m: float | None = None) -> list[DiameterMap]:
    """Smallest drive seen by place, one map for every survey of a forecast.

    Parameters
    ----------
    forecast : Forecast
        The forecast.
    map_depth_m : float, optional
        Depth of the map's drives, by default a third of the deepest asked for.

    Returns
    -------
    list of DiameterMap

    Raises
    ------
    InputError
        If the depth of the map is not positive.
    """
    if map_depth_m is not None and not 0.0 < map_depth_m < np.inf:
        problem = f"the depth of the map must be positive metres, found {map_depth_m:g}"
        raise InputError(problem)
    return [_map_of(survey, forecast, map_depth_m) for survey in forecast.surveys]


def write_forecast_figures(
    forecast: Forecast, maps: Sequence[DiameterMap], folder: Path
) -> list[Path]:
    """Draw two pictures of every survey of a forecast.

    Parameters
    ----------
    forecast : Forecast
        The forecast.
    maps : sequence of DiameterMap
        From `diameter_maps`.
    folder : Path
        Where ``forecast-NAME.png`` and ``forecast-NAME-map.png`` go; what is there is replaced.

    Returns
    -------
    list of Path

    Raises
    ------
    SiteError
        If a picture cannot be written.
    """
    out: list[Path] = []
    for survey, found in zip(forecast.surveys, maps, strict=True):
        name = re.sub(r"[^A-Za-z0-9_-]+", "-", survey.name)

        def curves(figure: Figure, survey: SurveyForecast = survey) -> None:
            draw_curves(figure, survey, forecast.terms.pod)

        def plan(
            figure: Figure, survey: SurveyForecast = survey, found: DiameterMap = found
        ) -> None:
            draw_diameter_map(figure, survey, found, forecast.prior.bounds)

        out.append(_write(folder / f"forecast-{name}.png", curves, 9.0, 5.8))
        out.append(
            _write(folder / f"forecast-{name}-map.png", plan, *map_size(forecast.prior.bounds))
        )
    return out


def _map_of(survey: SurveyForecast, forecast: Forecast, depth_m: float | None) -> DiameterMap:
    found = survey.detectability
    deepest = float(found.depth_m[-1])
    smallest = float(found.diameter_m.min())
    depth = max(round(_MAP_SHARE * deepest, 1), smallest) if depth_m is None else depth_m
    return smallest_diameters(
        survey.evidence,
        forecast.prior,
        survey.nodes,
        survey.threshold.needed(forecast.terms.pod),
        depth,
        fill=found.fills[0],
        diameter_m=[float(d) for d in found.diameter_m],
    )


def map_size(bounds: tuple[float, float, float, float]) -> tuple[float, float]:
    """Width and height, inches, of a map that suits the shape of the site."""
    x0, y0, x1, y1 = bounds
    return 6.4, float(np.clip(4.6 * (y1 - y0) / (x1 - x0), 2.4, 8.0)) + 1.5


def _write(path: Path, draw: Callable[[Figure], None], width: float, height: float) -> Path:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    with figure_style():
        figure = Figure(figsize=(width, height), layout="constrained", dpi=_DPI)
        FigureCanvasAgg(figure)
        draw(figure)
        held = io.BytesIO()
        figure.savefig(held, format="png", dpi=_DPI, metadata={"Software": None})
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomic(path, held.getvalue())
    except OSError as error:
        problem = f"{path}: the figure cannot be written: {error.strerror or error}"
        raise SiteError(problem) from error
    return path


def _colours(n: int) -> list[Any]:
    """Shades from light to dark that keep their order in grey: wider drives are darker."""
    from matplotlib import colormaps

    return list(colormaps["cividis"](np.linspace(0.82, 0.0, n)))


def draw_curves(figure: Figure, survey: SurveyForecast, pod: float) -> None:
    """Draw signal-to-noise ratio and probability of detection against depth, fill by fill.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        Empty, with constrained layout.
    survey : SurveyForecast
        One survey.
    pod : float
        Probability of detection that is called seen.
    """
    found, threshold = survey.detectability, survey.threshold
    needed = threshold.needed(pod)
    axes: Any = figure.subplots(2, len(found.fills), squeeze=False, sharex=True, sharey="row")
    low, middle, high = (found.over_ground(q) for q in (0.1, 0.5, 0.9))
    chance = found.pod(threshold)
    banded = int(np.argmin(np.abs(np.log(found.diameter_m / 2.0))))
    colours = _colours(len(found.diameter_m))
    for f, fill in enumerate(found.fills):
        top, bottom = axes[:, f]
        top.fill_between(
            found.depth_m, low[f, banded], high[f, banded], color=ACCENT, alpha=0.18, lw=0.0,
            label=f"{found.diameter_m[banded]:g} m, restless to quiet ground",
        )  # fmt: skip
        for d, diameter in enumerate(found.diameter_m):
            style: dict[str, Any] = {
                "color": colours[d], "marker": _MARKS[d % len(_MARKS)], "ms": 3.6, "lw": 1.3,
                "markevery": 2, "label": f"{diameter:g} m",
            }  # fmt: skip
            top.plot(found.depth_m, middle[f, d], **style)
            bottom.plot(found.depth_m, chance[f, d], **style)
        top.axhline(needed, color=INK, lw=1.0, ls=(0, (5, 3)))
        bottom.axhline(pod, color=INK, lw=1.0, ls=(0, (5, 3)))
        top.set_title(f"{fill}-filled drive")
        bottom.set_xlabel("Depth of the axis (m)")
    _finish_curves(figure, axes, needed, pod, float(np.nanmax(middle)))
    figure.suptitle(literal(_heading(survey)), fontsize=9.5, x=0.01, ha="left")


def _heading(survey: SurveyForecast) -> str:
    state = "planned" if survey.planned else "as made"
    first, *others = survey.labels
    more = f" and {len(others)} more" if others else ""
    return (
        f"{survey.name}, {state}, {counted(survey.n_data, 'datum', 'data')}: "
        f"{shorten(first, 80)}{more}"
    )


def _finish_curves(figure: Figure, axes: Any, needed: float, pod: float, highest: float) -> None:
    from matplotlib.ticker import FixedLocator, NullFormatter, StrMethodFormatter

    for ax in axes.ravel():
        ax.set_xscale("log")
        low, high = ax.get_xlim()
        ticks = [v for v in (1, 2, 3, 5, 10, 20, 50, 100, 200, 500) if low <= v <= high]
        ax.xaxis.set_major_locator(FixedLocator(ticks))
        ax.xaxis.set_major_formatter(StrMethodFormatter("{x:g}"))
        ax.xaxis.set_minor_formatter(NullFormatter())
        ax.grid(True, color="#dddddd", lw=0.5)
        ax.tick_params(length=3.0, width=0.6)
    top, bottom = axes[0, 0], axes[1, 0]
    top.set_yscale("log")
    top.set_ylim(0.3, max(2.0 * highest, 2.0 * needed))
    top.yaxis.set_major_locator(FixedLocator([0.3, 1, 3, 10, 30, 100, 300]))
    top.yaxis.set_major_formatter(StrMethodFormatter("{x:g}"))
    top.yaxis.set_minor_formatter(NullFormatter())
    bottom.set_ylim(-0.02, 1.02)
    top.set_ylabel("Matched signal-to-noise ratio\n(middling ground)")
    bottom.set_ylabel("Probability of detection\n(mean over ground and place)")
    above = {"va": "bottom", "ha": "right", "fontsize": 7.5, "color": INK}
    for ax, level, words in (
        (axes[0, -1], needed, f"needed: {needed:.1f}"),
        (axes[1, -1], pod, f"seen: {pod:g}"),
    ):
        ax.text(0.985, level, words, transform=ax.get_yaxis_transform(), **above)
    handles, names = top.get_legend_handles_labels()
    figure.legend(
        handles, names, loc="outside lower center", ncols=len(names), title="Diameter of the drive",
        columnspacing=1.2, handlelength=2.0,
    )  # fmt: skip


def draw_diameter_map(
    figure: Figure,
    survey: SurveyForecast,
    found: DiameterMap,
    bounds: tuple[float, float, float, float],
) -> None:
    """Draw the smallest drive seen at one depth over the site, with the survey's places.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        Empty, with constrained layout.
    survey : SurveyForecast
        One survey.
    found : DiameterMap
        Its map.
    bounds : (x0, y0, x1, y1)
        Of the site, metres.
    """
    from matplotlib.colors import LogNorm

    asked = np.sort(survey.detectability.diameter_m)
    ax = figure.add_subplot()
    x0, y0, x1, y1 = bounds
    _hatch(ax, bounds)
    image = ax.imshow(
        np.ma.masked_invalid(found.diameter_m), origin="lower", extent=(x0, x1, y0, y1),
        cmap="cividis", norm=LogNorm(float(asked[0]), 1.01 * float(asked[-1])),
        interpolation="nearest", zorder=1,
    )  # fmt: skip
    _draw_places(ax, survey)
    ax.plot([x0, x1, x1, x0, x0], [y0, y0, y1, y1, y0], color=INK, lw=0.9, zorder=6)
    margin = 0.02 * max(x1 - x0, y1 - y0)
    ax.set_xlim(x0 - margin, x1 + margin)
    ax.set_ylim(y0 - margin, y1 + margin)
    ax.set_aspect("equal")
    metre_axes(ax)
    draw_frame(ax, x0, y0, x1, y1)
    bar = figure.colorbar(image, ax=ax, shrink=0.8, aspect=24, pad=0.02)
    bar.minorticks_off()
    bar.set_ticks(list(asked), labels=[f"{d:g}" for d in asked])
    bar.set_label("Smallest diameter seen (m)")
    ax.set_title(
        literal(f"{survey.name}: {found.fill}-filled drive, axis {found.depth_m:g} m deep"),
        fontsize=9.5,
    )
    figure.supxlabel(
        f"Hatched: no drive up to {_widest(asked, found.depth_m):g} m wide is seen. Middling "
        "ground, half of the directions.",
        fontsize=7.5, color=INK,
    )  # fmt: skip


def _widest(asked: Any, depth_m: float) -> float:
    fitting = [float(d) for d in asked if d <= depth_m]
    return max(fitting, default=float(asked[0]))


def _hatch(ax: Axes, bounds: tuple[float, float, float, float]) -> None:
    from matplotlib.patches import Rectangle

    x0, y0, x1, y1 = bounds
    ax.add_patch(
        Rectangle(
            (x0, y0), x1 - x0, y1 - y0, facecolor="white", edgecolor="#bbbbbb", hatch="////",
            lw=0.0, zorder=0,
        )
    )  # fmt: skip


def _draw_places(ax: Axes, survey: SurveyForecast) -> None:
    x, y = survey.points.T
    size = 4.5 if len(x) <= 200 else 2.5
    ax.plot(x, y, "+", ms=size + 1.4, mew=2.0, color="white", zorder=4)
    ax.plot(x, y, "+", ms=size, mew=0.9, color=INK, zorder=5)
