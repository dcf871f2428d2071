"""The verb ``ledger``."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Annotated, Any

import typer

from subterra.cli.inference import warn_if_stale
from subterra.cli.output import JsonFlag, Output, SiteArgument
from subterra.counting import counted

if TYPE_CHECKING:
    from subterra.inference.ledger import Ledger, LedgerItem, Removal

__all__ = ["ledger"]


def ledger(
    site: SiteArgument,
    without: Annotated[
        list[str] | None,
        typer.Option(metavar="ITEM", help="What the belief would be without this; repeatable."),
    ] = None,
    json: JsonFlag = False,
) -> None:
    """Weigh every item of evidence in decibans, by leaving it out; name the conflicts.

    What goes back to one origin, as a report and the heap that it tells of, is left out together,
    too. ITEM may be an item, a piece of evidence, an origin or a file.
    """
    from subterra.site import Site
    from subterra.site.belief_store import current_belief
    from subterra.site.ledger import site_ledger, what_if

    out = Output(json)
    opened = Site.open(site)
    current = current_belief(opened)
    made = site_ledger(opened, current.belief)
    asked = what_if(opened, made, without) if without else None
    n_scenes = current.belief.info.n_scenes
    warn_if_stale(out, current, site)
    for note in made.notes:
        out.warn(note)
    _say(out, made.ledger)
    if asked is not None:
        _say_removal(out, made.ledger, asked, n_scenes, site)
    out.document(
        {
            **ledger_facts(made.ledger, n_scenes),
            "without": None if asked is None else _facts(made.ledger, asked, n_scenes),
            "not_weighed": list(made.notes),
            "stale": current.stale,
        }
    )


def _number(value: float | None) -> str:
    return "not supported" if value is None else f"{round(value, 1) + 0.0:+.1f}"


def _say(out: Output, made: Ledger) -> None:
    from subterra.inference.ledger import origin_words

    if not made.items:
        out.say("There is no evidence to weigh.")
        return
    columns = ("item", "evidence", *(f"{s.label} (dB)" for s in made.statements))
    rows = [
        (item.label, item.evidence, *(_number(v) for v in weight.decibans))
        for item, weight in zip(made.items, made.weights, strict=True)
    ]
    rows += [
        (
            origin_words(made, weight.items),
            _evidence_of(made, weight),
            *(_number(v) for v in weight.decibans),
        )
        for weight in made.origins
    ]
    out.table(columns, rows)
    out.say(
        "Decibans: how much the odds would fall without it, all else staying; 10 is a factor 10."
    )
    for reason, names in _unsupported(made).items():
        out.say(f"Not supported ({', '.join(names)}): {reason}.")
    for conflict in made.conflicts:
        out.say(f"Conflict: {conflict.words}.")
    if made.unjudged_pairs:
        out.say(
            f"{counted(made.unjudged_pairs, 'pair')} of items cannot be judged by the "
            "scenes at hand."
        )


def _unsupported(made: Ledger) -> dict[str, list[str]]:
    """What has no weight for any target, by the reason."""
    labels = {item.id: item.label for item in made.items}
    found: dict[str, list[str]] = {}
    for weight in (*made.weights, *made.origins):
        if weight.decibans[0] is None:
            name = " with ".join(labels[item] for item in weight.items)
            found.setdefault(weight.reason, []).append(name)
    return found


def _evidence_of(made: Ledger, weight: Removal) -> str:
    """Pieces of evidence that some items are of."""
    names = [item.evidence for item in made.items if item.id in weight.items]
    return ", ".join(dict.fromkeys(names))


def _say_removal(out: Output, made: Ledger, asked: Removal, n_scenes: int, site: str) -> None:
    from subterra.cli.words import stated

    labels = {item.id: item.label for item in made.items}
    names = ", ".join(labels[i] for i in asked.items)
    for statement, before, after in zip(made.statements, made.p, asked.p, strict=True):
        was, now = stated(before, n_scenes), stated(after, n_scenes)
        out.say(f"Without {names}: P({statement.label}) {now}; with everything {was}.")
    if any(p is None for p in asked.p):
        out.say(
            f"Not supported by these scenes: {asked.reason}. To know, copy the site, withdraw it "
            f"there with subterra retract, and run subterra infer; {site} stays as it is."
        )


def ledger_facts(made: Ledger, n_scenes: int) -> dict[str, Any]:
    """Put a ledger into the document of ``ledger --json``."""
    origins = {item.id: item.origin for item in made.items}
    return {
        "statements": [s.label for s in made.statements],
        "p": [_held(p, n_scenes) for p in made.p],
        "items": [
            {**_identity(item), **_facts(made, weight, n_scenes)}
            for item, weight in zip(made.items, made.weights, strict=True)
        ],
        "origins": [
            {"origin": origins[weight.items[0]], **_facts(made, weight, n_scenes)}
            for weight in made.origins
        ],
        "conflicts": [
            {
                "items": [c.first.id, c.second.id],
                "decibans": c.decibans,
                "words": c.words,
            }
            for c in made.conflicts
        ],
        "unjudged_pairs": made.unjudged_pairs,
    }


def _identity(item: LedgerItem) -> dict[str, Any]:
    return {
        "id": item.id,
        "label": item.label,
        "evidence": item.evidence,
        "origin": item.origin,
    }


def _held(p: float | None, n_scenes: int) -> float | None:
    from subterra.inference import supported

    return None if p is None else supported(p, n_scenes, False)


def _facts(made: Ledger, weight: Removal, n_scenes: int) -> dict[str, Any]:
    names = [s.label for s in made.statements]
    return {
        "left_out": list(weight.items),
        "decibans": dict(zip(names, weight.decibans, strict=True)),
        "p_without": dict(zip(names, (_held(p, n_scenes) for p in weight.p), strict=True)),
        "k_hat": weight.k_hat if math.isfinite(weight.k_hat) else None,
        "effective": weight.effective,
        "reason": weight.reason,
    }
