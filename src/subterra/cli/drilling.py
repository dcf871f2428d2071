"""Verbs about holes: ``plan`` and ``log``."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from subterra.cli.inference import warn_if_stale
from subterra.cli.output import JsonFlag, Output, SiteArgument
from subterra.counting import counted
from subterra.errors import InputError

if TYPE_CHECKING:
    from subterra.inference import Belief
    from subterra.site.log_hole import Collar, LoggedHole, LoggedWord
    from subterra.site.plan_store import Plan

__all__ = ["log", "plan", "say_log", "say_plan"]


def plan(
    site: SiteArgument,
    holes: Annotated[int, typer.Option(metavar="N", help="Holes wanted.")] = 5,
    objective: Annotated[
        str | None,
        typer.Option(
            metavar="WHAT",
            help="find, learn or clear, or a mix such as find=1,learn=0.05 [find=1 and the site "
            "file's information_weight to learn].",
        ),
    ] = None,
    robust: Annotated[
        bool, typer.Option("--robust", help="Least regret under other priors, of the best few.")
    ] = False,
    look_ahead: Annotated[
        bool, typer.Option("--look-ahead", help="Choose the first hole with the next in mind.")
    ] = False,
    standoff: Annotated[
        list[str] | None,
        typer.Option(
            metavar="WHAT",
            help="Hard gate: a rule of subterra standoff, metres, or surveyed:METRES, with @P the "
            "accepted probability [0.05]; may be given several times.",
        ),
    ] = None,
    probe: Annotated[
        bool,
        typer.Option("--probe", help="The holes are meant as probes: rules of distance let them."),
    ] = False,
    actions: Annotated[
        bool,
        typer.Option(
            "--actions",
            help="Weigh holes, crosshole panels and survey lines against one another, too.",
        ),
    ] = False,
    json: JsonFlag = False,
) -> None:
    """Rank the holes to drill next; row n assumes that rows 1 to n-1 have no result yet.

    With --json each row of an outdated belief also has "stale": true. With --actions the document
    is {"holes": [rows], "actions": [rows], "kept_out": [words]}.
    """
    from subterra.search.objective import parse_objective
    from subterra.site import Site
    from subterra.site.plan_store import make_plan

    out = Output(json)
    worth = None if objective is None else parse_objective(objective)
    changed, made, current = make_plan(
        Site.open(site),
        holes,
        objective=worth,
        robust=robust,
        look_ahead=look_ahead,
        standoff=standoff or (),
        probe=probe,
    )
    warn_if_stale(out, current, site)
    _say_judged(out, current.belief)
    say_plan(out, made, current.belief.info.n_scenes)
    for name in made.files:
        out.say(f"  {changed.path / name}")
    if made.holes:
        out.say(
            f"Next: drill, then subterra log {site} {made.holes[0].hole} --hit FROM TO | --miss"
        )
    mark = {"stale": True} if current.stale else {}
    rows = [{**asdict(hole), **mark} for hole in made.holes]
    if not actions:
        out.document(rows)
        return
    from subterra.cli.actions import say_actions
    from subterra.site.actions import weigh_actions

    found = weigh_actions(changed, standoff=standoff or (), probe=probe)
    weighed = say_actions(out, found)
    out.document({"holes": rows, "actions": weighed, "kept_out": list(found.gates)})


def say_plan(out: Output, made: Plan, n_scenes: int, *, reasons: bool = True) -> None:
    """Show a plan as a table and, if wanted, the reason of each row below it."""
    from subterra.cli.words import beyond
    from subterra.inference import probability_words

    if not made.holes:
        out.say(
            "No hole that is permitted could hit a target: nothing is planned."
            if made.kept_out
            else "No hole could hit a target: nothing is planned."
        )
        _say_kept_out(out, made)
        return
    rows = [
        (
            hole.hole,
            f"{hole.x:.1f}",
            f"{hole.y:.1f}",
            f"{hole.z:.1f}",
            f"{hole.azimuth_deg:.0f}" if hole.inclination_deg < 90.0 else "",
            f"{hole.inclination_deg:.0f}",
            f"{hole.length_m:.1f}",
            f"{hole.target_from_m:.1f}-{hole.target_to_m:.1f}",
            probability_words(beyond(hole.p_hit, n_scenes), n_scenes),
            probability_words(beyond(hole.p_hit_given_previous_miss, n_scenes), n_scenes),
            f"{hole.information_bits:.2f}",
            f"{hole.cost:.2f}",
        )
        for hole in made.holes
    ]
    columns = ("hole", "x m", "y m", "z m", "azimuth °", "incl. °", "length m", "target at m")
    out.table((*columns, "P(hit)", "after misses", "bits", "cost"), rows)
    out.say(
        "Target at: metres along the hole. After misses: P(hit) if the rows above find nothing. "
        "Bits: what the result tells of the targets. Cost: in the unit of the site file."
    )
    _say_collars(out, made)
    for hole in made.holes if reasons else ():
        out.say(f"{hole.hole}: {hole.reason}.")
    _say_kept_out(out, made)


def _say_collars(out: Output, made: Plan) -> None:
    """Say which collars stand on the terrain; without any, all of them are on the plane."""
    from subterra.site.plan_ground import collar_words

    if any(hole.z_from == "terrain" for hole in made.holes):
        said = "; ".join(f"{hole.hole} {collar_words(hole)}" for hole in made.holes)
        out.say(f"z is from: {said}. Metres along the hole begin at the collar.")


def _say_kept_out(out: Output, made: Plan) -> None:
    """Say what the hard gates of a plan kept out."""
    for words in made.kept_out:
        out.say(f"Kept out: {words}.")


def log(
    site: SiteArgument,
    hole: Annotated[str, typer.Argument(metavar="HOLE", help="Name of the hole.")],
    hit: Annotated[
        tuple[float, float] | None,
        typer.Option(metavar="FROM TO", help="There was a void between these metres of the hole."),
    ] = None,
    miss: Annotated[bool, typer.Option("--miss", help="There was no void.")] = False,
    word: Annotated[
        list[str] | None,
        typer.Option(
            metavar="'WORD FROM TO'",
            help="What the driller said of these metres, such as 'rod drop 12.4 13.1'; may be "
            "given several times; all else was intact.",
        ),
    ] = None,
    drilled_to: Annotated[
        float | None,
        typer.Option(metavar="M", help="Metres drilled; the log speaks for this length only."),
    ] = None,
    collar: Annotated[
        tuple[float, float, float] | None,
        typer.Option(metavar="X Y Z", help="Where it was drilled, if not as planned."),
    ] = None,
    azimuth: Annotated[
        float | None, typer.Option(metavar="A", help="Degrees clockwise from north.")
    ] = None,
    inclination: Annotated[
        float | None, typer.Option(metavar="I", help="Degrees down from horizontal [90].")
    ] = None,
    json: JsonFlag = False,
) -> None:
    """Log the result of a hole: give --hit, --miss or --word.

    The belief is updated, not started over.
    """
    from subterra.site import Site
    from subterra.site.log_hole import log_hole

    out = Output(json)
    if [hit is not None, miss, bool(word)].count(True) != 1:
        problem = "say either --hit FROM TO or --miss, or --word 'WORD FROM TO'"
        raise InputError(problem)
    with out.progress() as progress:
        done = log_hole(
            Site.open(site),
            hole.strip(),
            hit=hit,
            words=[_logged_word(text) for text in word or ()],
            drilled_to=drilled_to,
            collar=_collar(collar, azimuth, inclination),
            progress=progress,
        )
    say_log(out, done, site)
    out.document({**_log_facts(done), **_say_scores(out, done)})


def _logged_word(text: str) -> LoggedWord:
    """Read ``WORD FROM TO``; a word may be two words."""
    from subterra.site.log_hole import LoggedWord

    parts = text.split()
    try:
        return LoggedWord(" ".join(parts[:-2]), float(parts[-2]), float(parts[-1]))
    except (ValueError, IndexError) as error:
        problem = f"--word: expected a word and two depths, as in 'rod drop 12.4 13.1': {text!r}"
        raise InputError(problem) from error


def _collar(
    place: tuple[float, float, float] | None, azimuth: float | None, inclination: float | None
) -> Collar | None:
    from subterra.site.log_hole import Collar

    if place is None:
        if azimuth is not None or inclination is not None:
            problem = "--azimuth and --inclination belong to --collar X Y Z"
            raise InputError(problem)
        return None
    down = 90.0 if inclination is None else inclination
    if azimuth is None and down != 90.0:
        problem = "an inclined hole needs its --azimuth"
        raise InputError(problem)
    return Collar(*place, azimuth_deg=azimuth or 0.0, inclination_deg=down)


def say_log(out: Output, done: LoggedHole, site: str) -> None:
    """Say what was logged, what had been expected and what follows."""
    from subterra.cli.words import stated
    from subterra.inference import p_any, probability_words

    found = "no void" if done.hit is None else f"a void from {done.hit[0]:g} to {done.hit[1]:g} m"
    if done.words:
        found = ", ".join(f"{w.word} from {w.from_m:g} to {w.to_m:g} m" for w in done.words)
    out.say(f"Logged {done.hole.name}: {found}, drilled to {done.hole.length_m:g} m.")
    if done.belief is None or done.p_hit is None or done.p_any_before is None:
        out.warn(f"there was no current belief to update; next: subterra infer {site}")
        return
    n_scenes = done.belief.info.n_scenes
    out.say(f"The belief had given it P(hit) {stated(done.p_hit, n_scenes)}.")
    before = probability_words(done.p_any_before, n_scenes)
    after = probability_words(p_any(done.belief), n_scenes)
    out.say(f"P(any target) was {before} and is now {after}.")
    _say_judged(out, done.belief)
    out.say(f"Next: subterra plan {site}")


def _say_scores(out: Output, done: LoggedHole) -> dict[str, Any]:
    """Say how the chances stated so far have held, here and at the sites beside this one."""
    from subterra.site.predictions import (
        score_predictions,
        scorecard_words,
        site_predictions,
        workspace_predictions,
    )

    here = score_predictions(site_predictions(done.site))
    beside = workspace_predictions(done.site)
    there = score_predictions(beside.predictions)
    if here is not None:
        out.say(f"This site: {scorecard_words(here)}.")
    if there is not None and (here is None or there.n > here.n):
        out.say(
            f"All of this folder ({counted(len(beside.sites), 'site')}): {scorecard_words(there)}."
        )
    if here is not None:
        out.say("A score is the mean penalty of stated chances; 0 would be every outcome foretold.")
    for problem in beside.left_out:
        out.warn(f"not scored: {problem}")
    return {
        "score": None if here is None else asdict(here),
        "workspace_score": None if there is None else asdict(there),
    }


def _say_judged(out: Output, belief: Belief) -> None:
    """Say what a belief holds against its surveys beyond the errors stated."""
    for words in belief.info.judged_words.values():
        out.say(f"After a first belief, {words}.")


def _log_facts(done: LoggedHole) -> dict[str, Any]:
    from subterra.inference import p_any, supported
    from subterra.site.belief_store import latest_record

    belief, record = done.belief, latest_record(done.site)
    return {
        "hole": done.hole.name,
        "outcome": "miss" if done.hit is None else "hit",
        "hit": None if done.hit is None else list(done.hit),
        "words": [{"word": w.word, "from_m": w.from_m, "to_m": w.to_m} for w in done.words],
        "drilled_to_m": done.hole.length_m,
        "p_hit": done.p_hit,
        "p_hit_planned": done.p_hit_planned,
        "updated": belief is not None,
        "p_any": None if belief is None else supported(p_any(belief), belief.info.n_scenes, False),
        "stale": None if record is None else record.stale,
    }
