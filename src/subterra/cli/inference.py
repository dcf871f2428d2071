"""Verbs about the belief: ``infer`` and ``query``."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any

import typer

from subterra.cli.output import JsonFlag, Output, SiteArgument

if TYPE_CHECKING:
    from subterra.site import Site
    from subterra.site.belief_store import CurrentBelief

__all__ = ["infer", "query", "say_belief", "warn_if_stale"]


def infer(
    site: SiteArgument,
    scenes: Annotated[int, typer.Option(metavar="N", help="Scenes in the belief.")] = 4096,
    seed: Annotated[int, typer.Option(metavar="S", help="Same seed, same answer.")] = 1,
    effort: Annotated[
        int,
        typer.Option(
            metavar="K", min=1, help="If not converged, go on up to K times as many scenes."
        ),
    ] = 4,
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Start over even where a run was interrupted.")
    ] = False,
    replay: Annotated[
        bool, typer.Option("--replay", help="Make the current belief again and compare the two.")
    ] = False,
    json: JsonFlag = False,
) -> None:
    """Compute the belief from all evidence: what lies below, and how sure that is.

    A run that was interrupted goes on where it was, if nothing has changed since.
    """
    from subterra.inference import summarise
    from subterra.site import Site, infer_site, unfinished
    from subterra.site.calibration_store import calibration_words, digits, latest_calibration

    out = Output(json)
    opened = Site.open(site)
    if replay:
        _replay(out, opened)
        return
    try:
        with out.progress() as progress:
            changed, belief = infer_site(
                opened,
                n_scenes=scenes,
                seed=seed,
                progress=progress,
                fresh=fresh,
                effort=effort,
                tell=out.warn,
            )
    except KeyboardInterrupt:
        if unfinished(opened).files:
            out.warn("what is computed is kept; the same command goes on from there")
        raise
    record = latest_calibration(changed)
    support, calibrated = digits(record, belief.info.n_scenes)
    summary = summarise(
        belief, calibrated=calibrated, calibration=calibration_words(record), support=support
    )
    say_belief(out, summary, support=support, calibrated=calibrated)
    out.say(f"Next: subterra plan {site}")
    out.document(summary)


def _replay(out: Output, site: Site) -> None:
    """Make the current belief again and say whether it is the same."""
    from subterra.errors import SiteError
    from subterra.site.replay import replay

    with out.progress() as progress:
        found = replay(site, progress=progress)
    out.say(found.words())
    out.document(found.document())
    if not found.agrees:
        problem = f"{site.path}: the belief cannot be made again: {found.words()}"
        raise SiteError(problem)


def query(
    site: SiteArgument,
    x: Annotated[float, typer.Argument(metavar="X", help="Easting, metres.")],
    y: Annotated[float, typer.Argument(metavar="Y", help="Northing, metres.")],
    z: Annotated[
        float | None,
        typer.Argument(metavar="Z", help="Height of a point, metres, up; without it the line."),
    ] = None,
    json: JsonFlag = False,
) -> None:
    """Ask for one place: the line straight down to the site's depth, or with Z one point."""
    from subterra.cli.words import stated
    from subterra.inference import supported
    from subterra.search import query as probability_at
    from subterra.site import Site
    from subterra.site.belief_store import current_belief
    from subterra.site.calibration_store import calibration_words, digits, latest_calibration

    out = Output(json)
    opened = Site.open(site)
    current = current_belief(opened)
    p = probability_at(current.belief, x, y, z)
    record = latest_calibration(opened)
    n_scenes, calibrated = digits(record, current.belief.info.n_scenes)
    what = (
        f"a line straight down at ({x:.12g}, {y:.12g}) meets a target"
        if z is None
        else f"the point ({x:.12g}, {y:.12g}, {z:g}) lies inside a target"
    )
    warn_if_stale(out, current, site)
    out.say(f"P({what}) {stated(p, n_scenes, calibrated)}, {calibration_words(record)}")
    out.document({"p": supported(p, n_scenes, calibrated), "stale": current.stale})


def warn_if_stale(out: Output, current: CurrentBelief, site: str) -> None:
    """Say so where the belief is older than the evidence."""
    if current.stale:
        out.warn_of_age(site)


def say_belief(
    out: Output, summary: dict[str, Any], *, support: int | None = None, calibrated: bool = False
) -> None:
    """Say in plain words what was found and how sure it is.

    A belief that has not converged is said as the range of its two independent halves.
    """
    from subterra.cli.words import beyond, with_word
    from subterra.inference import probability_words

    n_scenes = summary["scenes"] if support is None else support

    def said(p: float) -> str:
        return probability_words(beyond(p, n_scenes, calibrated), n_scenes, calibrated)

    if summary["converged"]:
        p = with_word(beyond(summary["p_any"], n_scenes, calibrated), n_scenes, calibrated)
    else:
        low, high = (said(v) for v in summary["p_any_range"])
        p = f"between {low} and {high}" if low != high else low
    out.say(
        f"P(any target) {p}, {summary['calibration']}; "
        f"two independent runs differ by {summary['seed_spread'] or 0.0:.2f}."
    )
    for words in summary["judged"].values():
        out.say(f"After a first belief, {words}.")
    if not summary["converged"]:
        reasons = "; ".join(summary.get("not_converged_because", ())) or "see ess and seed_spread"
        out.warn(f"not converged: {reasons}; use more --scenes or a larger --effort")
    for words in summary.get("in_tension", ()):
        out.warn(words)
    rows = [
        (
            said(item["p"]),
            _most_likely(item["family"], said),
            _most_likely(item["fill"], said),
            " to ".join("({:.1f}, {:.1f}, {:.1f})".format(*item["axis"][k]) for k in (0, -1)),
            f"{item['axis_sd_m']:.1f}",
            f"{item['radius_m']:.1f} ± {item['radius_sd_m']:.1f}",
        )
        for item in summary["objects"]
    ]
    if rows:
        out.table(("P", "family", "fill", "axis (x, y, z)", "± m", "radius m"), rows)


def _most_likely(shares: dict[str, float], said: Callable[[float], str]) -> str:
    if not shares:
        return "unknown"
    name, share = max(shares.items(), key=lambda pair: pair[1])
    return f"{name} {said(share)}"
