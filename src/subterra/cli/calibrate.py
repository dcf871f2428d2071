"""The verb ``calibrate``: whether the site's probabilities are what they say."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from subterra.cli.output import JsonFlag, Output, SiteArgument

if TYPE_CHECKING:
    from collections.abc import Mapping

    from subterra.inference.assessment import Assessment

__all__ = ["calibrate"]


def calibrate(
    site: SiteArgument,
    worlds: Annotated[int, typer.Option(metavar="N", help="Worlds to draw.")] = 40,
    scenes: Annotated[int, typer.Option(metavar="M", help="Scenes in each belief.")] = 1024,
    seed: Annotated[int, typer.Option(metavar="S", help="Same seed, same worlds.")] = 1,
    wrong: Annotated[
        list[str] | None,
        typer.Option(
            metavar="ground|noise|prior",
            help="Break this assumption in another set of worlds; may be given again.",
        ),
    ] = None,
    json: JsonFlag = False,
) -> None:
    """Draw worlds from the site's own prior and layout, infer each, and score the answers.

    A run that was interrupted goes on with the worlds that are finished; so does one that asks for
    more worlds.
    """
    from subterra.site import Site
    from subterra.site.calibrating import calibrate_site
    from subterra.site.calibration_store import calibration_document, latest_calibration

    out = Output(json)
    try:
        with out.progress() as progress:
            changed, found = calibrate_site(
                Site.open(site),
                n_worlds=worlds,
                n_scenes=scenes,
                seed=seed,
                wrong=wrong or (),
                progress=progress,
                tell=out.warn,
            )
    except KeyboardInterrupt:
        out.warn("finished worlds are kept; the same command goes on from there")
        raise
    record = latest_calibration(changed)
    if record is None:
        return
    _say(out, found)
    if record.stale:
        out.warn("the site was changed meanwhile: this calibration is of what it was before")
    out.say(f"Next: subterra report {site}")
    out.document(calibration_document(record, found))


def _say(out: Output, found: Mapping[str, Assessment]) -> None:
    """Say the verdicts, and the numbers behind them as a table."""
    from subterra.inference.quantities import QUANTITY_WORDS
    from subterra.site.calibration_store import AS_ASSUMED

    first = found[AS_ASSUMED]
    words = first.words()
    out.say(f"{words[0].upper()}{words[1:]}.")
    for name, one in found.items():
        if name != AS_ASSUMED:
            out.say(f"Worlds with wrong {name}: {one.words()}.")
    rows = [
        ("any target: worlds, Brier", *(f"{v.with_target}/{v.worlds}, {v.brier:.3f}"
         for v in found.values())),
        ("log score", *(f"{v.log_score:.3f}" for v in found.values())),
        ("slope of P(any)", *(_span(v.line.slope, v.line.slope_interval) for v in found.values())),
        (
            "intercept",
            *(_span(v.line.intercept, v.line.intercept_interval) for v in found.values()),
        ),
        *(
            (
                f"{width} % of {QUANTITY_WORDS[name]}",
                *(_share(v, name, width) for v in found.values()),
            )
            for name in first.coverage
            for width in first.coverage[name]
        ),
        *(
            (
                f"uniform ranks: {QUANTITY_WORDS[name]}",
                *(f"p = {v.uniform[name]:.3f}" for v in found.values()),
            )
            for name in first.uniform
        ),
    ]  # fmt: skip
    heads = ("as assumed" if name == AS_ASSUMED else f"wrong {name}" for name in found)
    out.table(("quantity", *heads), rows)


def _span(value: float, interval: tuple[float, float]) -> str:
    low, high = (f"{v:.2f}" if abs(v) < float("inf") else "unbounded" for v in interval)
    return f"{value:.2f} ({low} to {high})"


def _share(found: Assessment, name: str, width: str) -> str:
    one = found.coverage[name][width]
    return f"{one.share:.2f} of {one.worlds}" if one.worlds else "no world"
