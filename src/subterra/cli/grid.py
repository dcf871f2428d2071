"""The verb ``grid``: what a grid of holes or survey lines meets, by geometry alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from subterra.cli.output import JsonFlag, Output
from subterra.errors import InputError

if TYPE_CHECKING:
    from subterra.search.planforms import Planform

__all__ = ["grid"]


def grid(
    spacing: Annotated[
        float, typer.Argument(metavar="SPACING", help="Metres between holes, or between lines.")
    ],
    strip: Annotated[
        tuple[float, float] | None,
        typer.Option(metavar="LENGTH WIDTH", help="Target: a straight drive, metres."),
    ] = None,
    ellipse: Annotated[
        tuple[float, float] | None,
        typer.Option(metavar="A B", help="Target: an ellipse by its semi-axes, metres."),
    ] = None,
    pattern: Annotated[
        str, typer.Option(metavar="NAME", help="square or triangular holes, or lines.")
    ] = "square",
    miss: Annotated[
        float, typer.Option(metavar="F", help="Chance that a hole misses what it meets.")
    ] = 0.0,
    jitter: Annotated[
        float, typer.Option(metavar="J", help="Holes random in this share of their cells.")
    ] = 0.0,
    swath: Annotated[
        float, typer.Option(metavar="W", help="Width that a line sees, metres.")
    ] = 0.0,
    json: JsonFlag = False,
) -> None:
    """Say how often a grid of vertical holes, or parallel lines, meets a target of one shape.

    Geometry alone: no depth, no physics, no evidence. Grid and target lie at random against each
    other; the worst azimuth is told, because a grid can be blind along its rows.
    """
    out = Output(json)
    target = _target(strip, ellipse)
    if pattern == "lines":
        if jitter:
            problem = "--jitter moves holes; lines have none"
            raise InputError(problem)
        found = _lines(target, spacing, swath, miss)
    elif pattern in ("square", "triangular"):
        if swath:
            problem = "--swath is what a line sees; holes have none"
            raise InputError(problem)
        shape: Literal["square", "triangular"] = "square" if pattern == "square" else "triangular"
        found = _points(target, spacing, shape, miss, jitter)
    else:
        problem = f"a pattern is square, triangular or lines, found {pattern!r}"
        raise InputError(problem)
    facts: dict[str, Any] = {"pattern": pattern, "spacing_m": spacing, "miss": miss, **found}
    out.say(f"P(hit) {_words(facts['p'], facts['sd'])} over all azimuths.")
    out.say(
        f"Worst azimuth: {facts['worst_angle_deg']:g}° between the target's long axis and the "
        f"{'lines' if pattern == 'lines' else 'rows'}, P(hit) "
        f"{_words(facts['worst_p'], facts['worst_sd'])}."
    )
    out.document(facts)


def _target(strip: tuple[float, float] | None, ellipse: tuple[float, float] | None) -> Planform:
    from subterra.search.planforms import Ellipse, Strip

    if (strip is None) == (ellipse is None):
        problem = "say what is looked for: either --strip LENGTH WIDTH or --ellipse A B"
        raise InputError(problem)
    if strip is not None:
        return Strip(*strip)
    return Ellipse(*(ellipse or (0.0, 0.0)))


def _lines(target: Planform, spacing: float, swath: float, miss: float) -> dict[str, Any]:
    from subterra.search.needles import lines_hit, lines_worst_azimuth

    p = lines_hit(target, spacing, swath=swath, miss=miss)
    angle, worst = lines_worst_azimuth(target, spacing, swath=swath, miss=miss)
    return {"p": p, "sd": 0.0, "worst_angle_deg": angle, "worst_p": worst, "worst_sd": 0.0}


def _points(
    target: Planform,
    spacing: float,
    pattern: Literal["square", "triangular"],
    miss: float,
    jitter: float,
) -> dict[str, Any]:
    from subterra.search.grids import PointGrid, grid_hit, jittered_hit, worst_azimuth

    holes = PointGrid(pattern, spacing)
    angle, worst = worst_azimuth(holes, target, miss=miss)
    found = grid_hit(holes, target, miss=miss)
    if jitter:
        # Jitter heals what a regular grid is blind to; its own worst is about the same azimuth.
        found = jittered_hit(holes, target, jitter=jitter, miss=miss)
        worst = jittered_hit(holes, target, jitter=jitter, miss=miss, angle_deg=angle)
    return {
        "p": found.p,
        "sd": found.sd,
        "worst_angle_deg": angle,
        "worst_p": worst.p,
        "worst_sd": worst.sd,
    }


def _words(p: float, sd: float) -> str:
    return f"{p:.3f} ± {sd:.3f}" if sd >= 5e-4 else f"{p:.3f}"
