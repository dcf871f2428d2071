"""The page of a forecast: what each survey would see, with what was assumed."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from subterra.errors import SiteError
from subterra.report.blocks import (
    Block,
    Document,
    Heading,
    Picture,
    Section,
    bullets,
    joined,
    paragraph,
    section,
    table,
)
from subterra.report.forecast import draw_curves, draw_diameter_map, map_size
from subterra.report.html import html_page
from subterra.site.atomic import write_atomic
from subterra.site.forecast_summary import (
    NOT_COVERED,
    assumption_words,
    blind_words,
    limit_cell,
    limit_rows,
    sees_nothing,
    sentences,
    title,
)

if TYPE_CHECKING:
    from subterra.search.smallest import DiameterMap
    from subterra.site.forecast_summary import LimitRow
    from subterra.site.survey_forecast import Forecast, SurveyForecast

__all__ = ["forecast_document", "write_forecast_page"]


def write_forecast_page(
    forecast: Forecast, maps: Sequence[DiameterMap], name: str, path: Path
) -> Path:
    """Write the page of a forecast.

    Parameters
    ----------
    forecast : Forecast
        The forecast.
    maps : sequence of DiameterMap
        One for each survey, from ``diameter_maps``.
    name : str
        Of the site.
    path : Path
        Where to; what is there is replaced.

    Returns
    -------
    Path

    Raises
    ------
    SiteError
        If it cannot be written.
    """
    page = html_page(forecast_document(forecast, maps, name))
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomic(path, page.encode("utf-8"))
    except OSError as error:
        problem = f"{path}: the page cannot be written: {error.strerror or error}"
        raise SiteError(problem) from error
    return path


def forecast_document(forecast: Forecast, maps: Sequence[DiameterMap], name: str) -> Document:
    """Put the page together; see `write_forecast_page`."""
    x0, y0, x1, y1 = forecast.prior.bounds
    stale = "The belief is older than the evidence: its objects are those of then."
    left_out = [f"Left out: {name} {why}." for name, why in forecast.left_out.items()]
    surveys = [
        _survey(forecast, survey, found, k)
        for k, (survey, found) in enumerate(zip(forecast.surveys, maps, strict=True), start=1)
    ]
    return Document(
        f"{name}: what surveys see",
        f"Site of {x1 - x0:g} m × {y1 - y0:g} m, to {forecast.prior.depth_m:g} m depth, metres",
        "forecast, not a measurement",
        False,
        bullets([stale] if forecast.stale else [], "warning"),
        (
            *surveys,
            section(
                "limits",
                "What this forecast does not cover",
                bullets(f"{words[:1].upper()}{words[1:]}." for words in NOT_COVERED),
                bullets(left_out, "warning"),
            ),
        ),
        "Depth is that of the axis, vertical below the ground surface; diameters are those of a "
        "circle of the same area.",
    )


def _survey(forecast: Forecast, survey: SurveyForecast, found: DiameterMap, k: int) -> Section:
    pod = forecast.terms.pod
    rows = limit_rows(survey, pod)
    blind = sees_nothing(rows)
    said = [blind_words(survey, pod)] if blind else sentences(survey, rows)
    curves = Picture(
        partial(draw_curves, survey=survey, pod=pod),
        9.0,
        5.8,
        f"Curves of signal and probability of detection against depth. {said[0]}",
    )
    plan = Picture(
        partial(draw_diameter_map, survey=survey, found=found, bounds=forecast.prior.bounds),
        *map_size(forecast.prior.bounds),
        f"Map of the smallest drive seen at {found.depth_m:g} m depth. Grid north is up.",
        look="map",
    )
    return section(
        f"survey-{k}",
        f"{title(survey)[:1].upper()}{title(survey)[1:]}",
        bullets(said),
        None if blind else _limits(survey, rows),
        bullets(
            f"Object {n} of the belief ({item.fill}): signal-to-noise ratio {item.snr[1]:.1f} in "
            f"middling ground ({item.snr[0]:.1f} to {item.snr[2]:.1f}), probability of detection "
            f"{item.pod:.2f}."
            for n, item in enumerate(survey.suspected, start=1)
        ),
        paragraph(assumption_words(survey, pod), "note"),
        joined([Heading("Signal and detection against depth"), curves]),
        joined([Heading("Smallest drive seen, by place"), plan]),
    )


def _limits(survey: SurveyForecast, rows: Sequence[LimitRow]) -> tuple[Block, ...]:
    fills = survey.detectability.fills
    by = {(row.fill, row.diameter_m): row for row in rows}
    cells = [
        [f"{d:g}", *(limit_cell(by[fill, float(d)]) for fill in fills)]
        for d in survey.detectability.diameter_m
    ]
    return table(
        "Seen down to so many metres in middling (restless … quiet) ground; – at no depth, > "
        "deeper than was asked",
        ("diameter (m)", *(f"{fill} (m)" for fill in fills)),
        cells,
    )
