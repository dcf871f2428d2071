"""Surveys whose points lie along one line, drawn as what they are: values against distance."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt

from subterra.report.style import ACCENT, GREY, INK, literal
from subterra.report.surveys import along_line

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from subterra.evidence import SurveyFit

__all__ = ["draw_profile", "is_profile"]

Array = npt.NDArray[Any]

_NARROW: Final = 0.05
"""Spread across a line over that along it below which a survey is a profile."""
_FEWEST: Final = 4


def is_profile(fit: SurveyFit) -> bool:
    """Whether a survey without depths has its points along one straight line."""
    if fit.pseudo_depth_m is not None or len(fit.x_m) < _FEWEST:
        return False
    places = np.column_stack([fit.x_m, fit.y_m]).astype(float)
    spread = np.linalg.svd(places - places.mean(axis=0), compute_uv=False)
    return bool(spread[1] < _NARROW * spread[0])


def draw_profile(figure: Figure, fit: SurveyFit) -> None:
    """Draw data with their errors, what is predicted, and what is left.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        Empty, with constrained layout.
    fit : SurveyFit
        A survey for which `is_profile` holds; ``residual`` and ``sd`` share the data's unit.
    """
    x, y = np.asarray(fit.x_m, float), np.asarray(fit.y_m, float)
    along = along_line(x, y)
    order = np.argsort(along, kind="stable")
    top, bottom = figure.subplots(2, 1, sharex=True, height_ratios=(3.0, 1.4))
    s, sd = along[order], np.asarray(fit.sd, float)[order]
    observed, predicted, ground, residual = (
        np.asarray(v, float)[order] for v in (fit.observed, fit.predicted, fit.ground, fit.residual)
    )
    top.errorbar(
        s, observed, yerr=sd, fmt="o", ms=4.0, mfc="white", mec=INK, mew=0.9, ecolor=GREY,
        elinewidth=0.8, zorder=3, label="observed, ±1 standard error",
    )  # fmt: skip
    top.plot(s, predicted, color=ACCENT, lw=1.7, label="predicted: trend and objects")
    if np.ptp(ground) > 0.0:
        top.plot(s, predicted + ground, color=INK, lw=1.1, ls=(0, (4, 2)),
                 label="the same with the ground (geology)")  # fmt: skip
    top.set_ylabel(literal(f"{fit.kind} ({fit.unit})"))
    _draw_rest(bottom, s, residual, sd, fit.unit)
    first, last = order[0], order[-1]
    bottom.set_xlabel(
        f"Distance along the line (m), from E {x[first]:.0f} N {y[first]:.0f} to E {x[last]:.0f} "
        f"N {y[last]:.0f}"
    )
    for ax in (top, bottom):
        ax.spines[["top", "right"]].set_visible(False)
        ax.tick_params(length=3.0, width=0.6)
    figure.legend(*top.get_legend_handles_labels(), loc="outside upper left", ncols=3)


def _draw_rest(ax: Any, s: Array, residual: Array, sd: Array, unit: str) -> None:
    """Residuals as stems, with two standard errors on both sides."""
    ax.axhline(0.0, color=INK, lw=0.8)
    for side in (-2.0, 2.0):
        ax.plot(s, side * sd, color=GREY, lw=0.9, ls=(0, (4, 2)))
    ax.vlines(s, 0.0, residual, color=INK, lw=1.0)
    ax.plot(s, residual, "o", ms=3.4, color=INK)
    ax.set_ylabel(literal(f"residual ({unit})"))
