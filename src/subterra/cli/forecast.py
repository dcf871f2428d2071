"""The verb ``forecast``: what a survey would see, before it is made."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from subterra.cli.evidence import pairs
from subterra.cli.output import JsonFlag, Output, SiteArgument
from subterra.errors import InputError

if TYPE_CHECKING:
    from subterra.site.forecast_summary import LimitRow
    from subterra.site.planned import PlannedSurvey
    from subterra.site.survey_forecast import Forecast, SurveyForecast

__all__ = ["forecast"]

_Box = tuple[float, float, float, float]


def forecast(
    site: SiteArgument,
    planned: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="PLANNED",
            help="Surveys without data: CSV station,x,y[,z][,sd_ugal], or electrodes with a b m n "
            "in the unified data format. Without any: the surveys in the site.",
        ),
    ] = None,
    grid: Annotated[
        _Box | None,
        typer.Option(metavar="X0 Y0 X1 Y1", help="Plan gravity stations on a grid, metres."),
    ] = None,
    line: Annotated[
        _Box | None,
        typer.Option(metavar="X0 Y0 X1 Y1", help="Plan a line of electrodes, metres."),
    ] = None,
    spacing: Annotated[
        float | None,
        typer.Option(metavar="D", help="Metres between stations of --grid, electrodes of --line."),
    ] = None,
    electrodes: Annotated[
        int | None, typer.Option(metavar="N", help="Electrodes of --line, in place of --spacing.")
    ] = None,
    array: Annotated[
        str,
        typer.Option(
            metavar="NAME", help="For --line: dipole-dipole, pole-dipole, schlumberger or wenner."
        ),
    ] = "dipole-dipole",
    lines: Annotated[
        int, typer.Option(metavar="N", help="Parallel lines, to the left of --line.")
    ] = 1,
    apart: Annotated[float, typer.Option(metavar="D", help="Metres between parallel lines.")] = 0.0,
    error: Annotated[
        float | None,
        typer.Option(
            metavar="E",
            help="Standard error of planned data: µGal for gravity [10], relative for resistivity "
            "[0.02]; it replaces that of a file.",
        ),
    ] = None,
    ground_sd: Annotated[
        float | None,
        typer.Option(
            metavar="S",
            help="Standard deviation of the ground: kg/m³ for gravity, of ln ρ for resistivity "
            "[all that the inference allows].",
        ),
    ] = None,
    pod: Annotated[
        float, typer.Option(metavar="P", help="Probability of detection that is called seen.")
    ] = 0.9,
    false_alarm: Annotated[
        float, typer.Option(metavar="P", help="False-alarm rate of the search, ground known.")
    ] = 0.01,
    diameter: Annotated[
        list[float] | None,
        typer.Option(metavar="D", help="Diameter of a drive, metres; may be repeated."),
    ] = None,
    map_depth: Annotated[
        float | None,
        typer.Option(metavar="Z", help="Depth of the map, metres [a third of the site's depth]."),
    ] = None,
    kind: Annotated[
        str | None, typer.Option(metavar="KIND", help="Say what the planned files are.")
    ] = None,
    option: Annotated[
        list[str] | None,
        typer.Option(
            "--option",
            metavar="k=v",
            help="How to read them: origin=x,y and rotation_deg=r place a local frame.",
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help="Where the figures go [plan/ in the site]."),
    ] = None,
    figures: Annotated[bool, typer.Option(help="Draw the figures.")] = True,
    json: JsonFlag = False,
) -> None:
    """Say how deep a survey sees a drive: one that is planned, or those in the site.

    With --json also the curves, and how strongly each survey shows the objects of the belief.
    """
    from subterra.search.detectability import DIAMETERS_M
    from subterra.site import ForecastTerms, Site
    from subterra.site import forecast as run_forecast
    from subterra.site.forecast_summary import document

    output = Output(json)
    opened = Site.open(site)
    surveys = [
        *_from_files(planned or [], kind, option),
        *_from_numbers(grid, line, spacing, electrodes, array, lines, apart),
    ]
    diameters = tuple(sorted(set(diameter))) if diameter else DIAMETERS_M
    terms = ForecastTerms(error, ground_sd, pod, false_alarm, diameters)
    made = run_forecast(opened, surveys, terms)
    if made.stale:
        output.warn_of_age(site)
    drawn: list[Path] = []
    page: Path | None = None
    if figures:
        folder = opened.path / "plan" if out is None else out
        drawn, page = _draw(folder, made, opened.name, map_depth)
    for survey in made.surveys:
        _say_survey(output, survey, made)
    for name, why in made.left_out.items():
        output.say(f"Left out: {name} {why}.")
    _say_limits(output)
    for path in [*drawn, *([] if page is None else [page])]:
        output.say(f"  {path}")
    found = document(made, [str(path) for path in drawn])
    output.document({**found, "page": None if page is None else str(page)})


def _from_files(
    paths: list[Path], kind: str | None, option: list[str] | None
) -> list[PlannedSurvey]:
    from subterra.site.planned import read_planned

    return [read_planned(path, kind=kind, options=pairs(option)) for path in paths]


def _from_numbers(
    grid: _Box | None,
    line: _Box | None,
    spacing: float | None,
    electrodes: int | None,
    array: str,
    lines: int,
    apart: float,
) -> list[PlannedSurvey]:
    from subterra.site.planned import plan_grid, plan_lines

    if grid is not None and line is not None:
        problem = "--grid and --line have spacings of their own; forecast them one by one"
        raise InputError(problem)
    if grid is not None:
        if spacing is None:
            problem = "--grid needs --spacing, the metres between its stations"
            raise InputError(problem)
        return [plan_grid(grid, spacing)]
    if line is not None:
        step = _electrode_spacing(line, spacing, electrodes)
        return list(plan_lines(line, step, array, count=lines, apart_m=apart))
    if spacing is not None or electrodes is not None:
        problem = "--spacing and --electrodes need --grid or --line"
        raise InputError(problem)
    return []


def _electrode_spacing(line: _Box, spacing: float | None, electrodes: int | None) -> float:
    if spacing is not None and electrodes is None:
        return spacing
    if spacing is not None or electrodes is None:
        problem = "--line needs either --spacing or --electrodes"
        raise InputError(problem)
    if electrodes < 4:
        problem = f"a line needs at least 4 electrodes, found {electrodes}"
        raise InputError(problem)
    return math.hypot(line[2] - line[0], line[3] - line[1]) / (electrodes - 1)


def _draw(
    folder: Path, made: Forecast, name: str, map_depth: float | None
) -> tuple[list[Path], Path]:
    """Draw the figures and write the page that holds them."""
    from subterra.report.forecast import diameter_maps, write_forecast_figures
    from subterra.report.forecast_page import write_forecast_page

    maps = diameter_maps(made, map_depth)
    drawn = write_forecast_figures(made, maps, folder)
    return drawn, write_forecast_page(made, maps, name, folder / "forecast.html")


def _say_survey(output: Output, survey: SurveyForecast, made: Forecast) -> None:
    from subterra.site.forecast_summary import (
        assumption_words,
        blind_words,
        limit_rows,
        sees_nothing,
        sentences,
        title,
    )

    rows = limit_rows(survey, made.terms.pod)
    output.say(f"{title(survey)}.")
    if sees_nothing(rows):
        output.say(blind_words(survey, made.terms.pod))
    else:
        for words in sentences(survey, rows):
            output.say(words)
        _say_table(output, survey, rows)
    for k, item in enumerate(survey.suspected, start=1):
        low, middle, high = item.snr
        output.say(
            f"Object {k} of the belief ({item.fill}): signal-to-noise ratio {middle:.1f} in "
            f"middling ground ({low:.1f} to {high:.1f}), probability of detection {item.pod:.2f}."
        )
    output.say(assumption_words(survey, made.terms.pod))


def _say_table(output: Output, survey: SurveyForecast, rows: tuple[LimitRow, ...]) -> None:
    from subterra.site.forecast_summary import limit_cell

    fills = survey.detectability.fills
    output.table(
        ("diameter m", *fills),
        [
            (
                f"{diameter:g}",
                *(
                    limit_cell(next(r for r in rows if r.fill == f and r.diameter_m == diameter))
                    for f in fills
                ),
            )
            for diameter in survey.detectability.diameter_m
        ],
    )
    output.say(
        "Seen down to so many metres in middling (restless … quiet) ground; – at no depth, > "
        "deeper than was asked."
    )


def _say_limits(output: Output) -> None:
    from subterra.site.forecast_summary import NOT_COVERED

    output.say("Not covered: " + "; ".join(NOT_COVERED) + ".")
