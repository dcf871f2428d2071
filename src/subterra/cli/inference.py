"""Verbs about the belief: ``infer`` and ``query``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from subterra.cli.output import JsonFlag, Output, SiteArgument

if TYPE_CHECKING:
    from subterra.site.belief_store import CurrentBelief

__all__ = ["infer", "query", "say_belief", "warn_if_stale"]


def infer(
    site: SiteArgument,
    scenes: Annotated[int, typer.Option(metavar="N", help="Scenes in the belief.")] = 4096,
    seed: Annotated[int, typer.Option(metavar="S", help="Same seed, same answer.")] = 1,
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Start over even where a run was interrupted.")
    ] = False,
    json: JsonFlag = False,
) -> None:
    """Compute the belief from all evidence: what lies below, and how sure that is.

    A run that was interrupted goes on where it was, if nothing has changed since.
    """
    from subterra.inference import summarise
    from subterra.site import Site, infer_site, unfinished

    out = Output(json)
    opened = Site.open(site)
    try:
        with out.progress() as progress:
            _, belief = infer_site(
                opened,
                n_scenes=scenes,
                seed=seed,
                progress=progress,
                fresh=fresh,
                tell=out.warn,
            )
    except KeyboardInterrupt:
        if unfinished(opened).files:
            out.warn("what is computed is kept; the same command goes on from there")
        raise
    summary = summarise(belief)
    say_belief(out, summary)
    out.say(f"Next: subterra plan {site}")
    out.document(summary)


def query(
    site: SiteArgument,
    x: Annotated[float, typer.Argument(metavar="X", help="Easting, metres.")],
    y: Annotated[float, typer.Argument(metavar="Y", help="Northing, metres.")],
    z: Annotated[
        float | None,
        typer.Argument(metavar="[Z]", help="Height of a point, metres, up; without it the line."),
    ] = None,
    json: JsonFlag = False,
) -> None:
    """Ask for one place: the line straight down to the site's depth, or with Z one point."""
    from subterra.cli.words import stated
    from subterra.inference import supported
    from subterra.search import query as probability_at
    from subterra.site import Site
    from subterra.site.belief_store import current_belief

    out = Output(json)
    current = current_belief(Site.open(site))
    p = probability_at(current.belief, x, y, z)
    n_scenes = current.belief.info.n_scenes
    what = (
        f"a line straight down at ({x:g}, {y:g}) meets a target"
        if z is None
        else f"the point ({x:g}, {y:g}, {z:g}) lies inside a target"
    )
    warn_if_stale(out, current, site)
    out.say(f"P({what}) {stated(p, n_scenes)}")
    out.document({"p": supported(p, n_scenes, False), "stale": current.stale})


def warn_if_stale(out: Output, current: CurrentBelief, site: str) -> None:
    """Say so where the belief is older than the evidence."""
    if current.stale:
        out.warn(f"the belief is older than the evidence; run: subterra infer {site}")


def say_belief(out: Output, summary: dict[str, Any]) -> None:
    """Say in plain words what was found and how sure it is."""
    from subterra.cli.words import beyond, with_word
    from subterra.inference import probability_words

    n_scenes = summary["scenes"]
    out.say(
        f"P(any target) {with_word(beyond(summary['p_any'], n_scenes), n_scenes)}, "
        f"{summary['calibration']}; "
        f"two independent runs differ by {summary['seed_spread']:.2f}."
    )
    for words in summary["judged"].values():
        out.say(f"After a first belief, {words}.")
    if not summary["converged"]:
        reasons = "; ".join(summary.get("not_converged_because", ())) or "see ess and seed_spread"
        out.warn(f"the runs have not converged ({reasons}); use more --scenes")
    rows = [
        (
            probability_words(beyond(item["p"], n_scenes), n_scenes),
            _most_likely(item["family"]),
            _most_likely(item["fill"]),
            " to ".join("({:.1f}, {:.1f}, {:.1f})".format(*item["axis"][k]) for k in (0, -1)),
            f"{item['axis_sd_m']:.1f}",
            f"{item['radius_m']:.1f} ± {item['radius_sd_m']:.1f}",
        )
        for item in summary["objects"]
    ]
    if rows:
        out.table(("P", "family", "fill", "axis (x, y, z)", "± m", "radius m"), rows)


def _most_likely(shares: dict[str, float]) -> str:
    if not shares:
        return "unknown"
    name, share = max(shares.items(), key=lambda pair: pair[1])
    return f"{name} {share:.2f}"
