"""A forecast as rows, sentences and one JSON document."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

import numpy as np

from subterra.counting import counted
from subterra.search.detectability import GROUND_QUANTILES, DepthLimit, depth_limit
from subterra.site.survey_forecast import (
    Forecast,
    ForecastTerms,
    SurveyForecast,
    SuspectedObject,
)

__all__ = [
    "HEADLINE_M",
    "NOT_COVERED",
    "LimitRow",
    "assumption_words",
    "blind_words",
    "document",
    "ground_words",
    "limit_cell",
    "limit_rows",
    "sees_nothing",
    "sentences",
    "title",
]

HEADLINE_M: Final = 2.0
"""Diameter of the drive that the sentences speak of, if it was asked for."""

_MOST_LABELS: Final = 3

NOT_COVERED: Final = (
    "a drive that is shallower than one diameter, short, winding or dipping: each is straight, "
    "level with the surface and goes on beyond the survey",
    "strengths of fill, halo and host away from the middle of their prior",
    "ground unlike every model that the inference sums over, pipes and cables, rough surface, and "
    "readings worse than stated by more than those models allow",
    "several surveys together: each is taken by itself",
)


@dataclass(frozen=True)
class LimitRow:
    """How deep drives of one fill and diameter are seen.

    Parameters
    ----------
    fill, diameter_m : str, float
        Of the drives.
    restless, middling, quiet : DepthLimit
        In restless, middling and quiet ground (10, 50 and 90 % of the ground models, by signal),
        for half of the places and directions.
    anywhere : DepthLimit
        In middling ground, wherever and in whichever direction the drive runs.
    """

    fill: str
    diameter_m: float
    restless: DepthLimit
    middling: DepthLimit
    quiet: DepthLimit
    anywhere: DepthLimit


def limit_rows(survey: SurveyForecast, pod: float) -> tuple[LimitRow, ...]:
    """Depth limits of every fill and diameter.

    Parameters
    ----------
    survey : SurveyForecast
        One survey.
    pod : float
        Probability of detection that is called "seen".

    Returns
    -------
    tuple of LimitRow
        Fill by fill, diameters rising as they were asked for.
    """
    found, needed = survey.detectability, survey.threshold.needed(pod)
    curves = [found.over_ground(q) for q in GROUND_QUANTILES]
    curves.append(found.over_ground(0.5, worst_place=True))
    return tuple(
        LimitRow(
            fill,
            float(diameter),
            *(depth_limit(found.depth_m, curve[f, d], needed) for curve in curves),
        )
        for f, fill in enumerate(found.fills)
        for d, diameter in enumerate(found.diameter_m)
    )


def sees_nothing(rows: Sequence[LimitRow]) -> bool:
    """Whether no drive is seen at any depth, not even in quiet ground."""
    return all(row.quiet.down_to_m is None for row in rows)


def title(survey: SurveyForecast) -> str:
    """Say in a few words what the survey is."""
    state = "planned" if survey.planned else "as it was made"
    shown = list(survey.labels[:_MOST_LABELS])
    if len(survey.labels) > _MOST_LABELS:
        shown.append(f"and {len(survey.labels) - _MOST_LABELS} more")
    return f"{survey.name}, {state}: {'; '.join(shown)}"


def _down_to(limit: DepthLimit, deepest_m: float) -> str:
    if limit.down_to_m is None:
        return "at no depth"
    if limit.standing == "deeper":
        return f"down to {deepest_m:g} m, as deep as was asked"
    return f"down to {limit.down_to_m:.1f} m"


def sentences(survey: SurveyForecast, rows: Sequence[LimitRow]) -> list[str]:
    """One sentence per fill about the drive whose diameter is nearest 2 m.

    Parameters
    ----------
    survey : SurveyForecast
        One survey.
    rows : sequence of LimitRow
        Its limits.

    Returns
    -------
    list of str
    """
    deepest = float(survey.detectability.depth_m[-1])
    verb = "would see" if survey.planned else "can see"
    chosen = min((row.diameter_m for row in rows), key=lambda d: abs(np.log(d / HEADLINE_M)))
    return [
        f"This survey {verb} {_sight(row, deepest)}." for row in rows if row.diameter_m == chosen
    ]


def _sight(row: LimitRow, deepest_m: float) -> str:
    drive = f"{row.diameter_m:g} m {row.fill}-filled drive"
    if row.quiet.standing == "beyond":
        return f"no {drive}, which is wider than the site is deep"
    if row.quiet.down_to_m is None:
        return f"no {drive} at any depth"
    if row.middling.down_to_m is None:
        return f"a {drive} only in quiet ground, {_down_to(row.quiet, deepest_m)}"
    words = f"a {drive} {_down_to(row.middling, deepest_m)}"
    if (row.restless, row.quiet) != (row.middling, row.middling):
        words += f" ({_down_to(row.restless, deepest_m)} in restless ground, "
        words += f"{_down_to(row.quiet, deepest_m)} in quiet ground)"
    if row.anywhere.down_to_m is None:
        return f"{words}; not in every place and direction"
    return f"{words}; in every place and direction {_down_to(row.anywhere, deepest_m)}"


def blind_words(survey: SurveyForecast, pod: float) -> str:
    """Say that a survey sees nothing, and by how much it falls short."""
    found = survey.detectability
    best = float(np.nanmax(found.over_ground(0.9)))
    verb = "would see" if survey.planned else "can see"
    return (
        f"This survey {verb} no drive at any depth, not even one {found.diameter_m.max():g} m wide "
        f"in quiet ground: the best signal-to-noise ratio is {best:.1f} where "
        f"{survey.threshold.needed(pod):.1f} is needed. Denser places or smaller errors help, "
        "another method, or holes."
    )


def limit_cell(row: LimitRow) -> str:
    """Write the depths of a row for a table: middling (restless … quiet) ground, metres."""

    def words(limit: DepthLimit) -> str:
        if limit.down_to_m is None:
            return "–"
        return f"{'>' if limit.standing == 'deeper' else ''}{limit.down_to_m:.1f}"

    if row.middling.standing == "beyond":
        return ""
    return f"{words(row.middling)} ({words(row.restless)} … {words(row.quiet)})"


def ground_words(survey: SurveyForecast) -> str:
    """Say which ground was assumed."""
    nodes, plan = survey.nodes, survey.kind.planned
    unit = "" if plan is None else f" {plan.ground_unit}"
    low, high = float(nodes.amplitude.min()), float(nodes.amplitude.max())
    n_kernel = len(np.unique(nodes.kernel))
    if low == high:
        return (
            f"ground with an sd of {low:g}{unit}, {counted(n_kernel, 'correlation')} equally likely"
        )
    if survey.planned:
        return (
            f"ground with an sd of {low:.3g} to {high:.3g}{unit} and "
            f"{counted(n_kernel, 'correlation')}, all equally likely"
        )
    mean = float(np.exp(np.log(nodes.amplitude) @ nodes.weight))
    return f"ground as these data show it, sd about {mean:.2g}{unit}"


def assumption_words(survey: SurveyForecast, pod: float) -> str:
    """Say what errors, ground and search were assumed."""
    plan = survey.kind.planned
    scale, unit = (
        (1.0, "in the unit of the data") if plan is None else (plan.sd_scale, plan.sd_unit)
    )
    sd = scale * float(np.median(survey.evidence.models.sd))
    low, high = float(survey.nodes.noise.min()), float(survey.nodes.noise.max())
    factor = "" if low == high else f" times {low:g} to {high:g}"
    threshold = survey.threshold
    return (
        f"Assumed: {counted(survey.n_data, 'datum', 'data')}, standard error {sd:.2g} "
        f"{unit} (model error "
        f"included){factor}; {ground_words(survey)}. Seen means that the inference finds it (P(any "
        f"target) > 0.9, from 0.5) in {100 * pod:.3g} of 100 such surveys, which takes a matched "
        f"signal-to-noise ratio of {threshold.needed(pod):.1f}. Depths are those of the axis."
    )


def _limit(limit: DepthLimit) -> dict[str, Any]:
    rounded = {k: None if v is None else round(v, 2) for k, v in asdict(limit).items()
               if k != "standing"}  # fmt: skip
    return {"standing": limit.standing, **rounded}


def _suspected(item: SuspectedObject) -> dict[str, Any]:
    return {
        "p": item.p,
        "fill": item.fill,
        "axis": [[round(float(v), 2) for v in point] for point in item.axis],
        "snr": [round(v, 2) for v in item.snr],
        "pod": round(item.pod, 3),
    }


def _curve(values: Any) -> list[float | None]:
    return [round(float(v), 3) if np.isfinite(v) else None for v in values]


def _assumed(survey: SurveyForecast, terms: ForecastTerms) -> dict[str, Any]:
    nodes, threshold = survey.nodes, survey.threshold
    by_prior = survey.planned or terms.ground_sd is not None
    return {
        "sd_median": float(np.median(survey.evidence.models.sd)),
        "noise_factor": [float(nodes.noise.min()), float(nodes.noise.max())],
        "ground_sd": [float(nodes.amplitude.min()), float(nodes.amplitude.max())],
        "ground_weights": "prior" if by_prior else "posterior",
        "pod": terms.pod,
        "false_alarm": terms.false_alarm,
        "tau": round(threshold.tau, 3),
        "margin": threshold.margin,
        "snr_needed": round(threshold.needed(terms.pod), 3),
    }


def _curves(survey: SurveyForecast) -> list[dict[str, Any]]:
    found = survey.detectability
    pod = found.pod(survey.threshold)
    restless, middling, quiet = (found.over_ground(q) for q in GROUND_QUANTILES)
    return [
        {
            "fill": fill,
            "diameter_m": float(diameter),
            "pod": _curve(pod[f, d]),
            "snr_restless": _curve(restless[f, d]),
            "snr_middling": _curve(middling[f, d]),
            "snr_quiet": _curve(quiet[f, d]),
        }
        for f, fill in enumerate(found.fills)
        for d, diameter in enumerate(found.diameter_m)
    ]


def _survey(survey: SurveyForecast, forecast: Forecast) -> dict[str, Any]:
    found, terms = survey.detectability, forecast.terms
    rows = limit_rows(survey, terms.pod)
    x, y = survey.points.T
    return {
        "survey": survey.name,
        "kind": survey.kind.name,
        "planned": survey.planned,
        "files": list(survey.labels),
        "n_data": survey.n_data,
        "area": [float(v) for v in (x.min(), y.min(), x.max(), y.max())],
        "assumed": _assumed(survey, terms),
        "sees_nothing": sees_nothing(rows),
        "limits": [
            {
                "fill": row.fill,
                "diameter_m": row.diameter_m,
                **{
                    name: _limit(getattr(row, name))
                    for name in ("restless", "middling", "quiet", "anywhere")
                },
            }
            for row in rows
        ],
        "depth_m": _curve(found.depth_m),
        "curves": _curves(survey),
        "suspected": [_suspected(item) for item in survey.suspected],
    }


def document(forecast: Forecast, figures: Sequence[str] = ()) -> dict[str, Any]:
    """Put a forecast into the document of ``forecast --json``; ``null`` stands for no number."""
    return {
        "surveys": [_survey(survey, forecast) for survey in forecast.surveys],
        "left_out": dict(forecast.left_out),
        "not_covered": list(NOT_COVERED),
        "figures": list(figures),
        "stale": forecast.stale,
    }
