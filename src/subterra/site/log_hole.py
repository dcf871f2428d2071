"""Logging a hole: its result becomes evidence, and the belief follows without starting over."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from subterra.counting import counted
from subterra.errors import InputError
from subterra.formats import read_boreholes, read_intervals, write_boreholes, write_intervals
from subterra.inference import Belief, p_any, update
from subterra.inference.predictive import examined
from subterra.search import Hole, PlannedHole, hit_probability
from subterra.site.adding import free_name, slug, stored_name
from subterra.site.assemble import HOLE_PREFIX, assemble, site_setting
from subterra.site.atomic import sha256_of
from subterra.site.belief_store import CurrentBelief, current_belief, latest_record, save_belief
from subterra.site.believe import Progress
from subterra.site.config import to_terms
from subterra.site.folder import Item, Site, commit, exclusively, item_payload
from subterra.site.ground_files import hole_on_ground
from subterra.site.holes import as_hole, collar_table, holes_in_force, log_table
from subterra.site.kinds import find_kind
from subterra.site.plan_store import current_plan, find_planned
from subterra.site.second_look import as_believed
from subterra.tables import LOG_WORDS, VOID_WORDS

if TYPE_CHECKING:
    from subterra.evidence import Evidence

__all__ = ["Collar", "LoggedHole", "LoggedWord", "log_hole"]

_ROUNDING_M: Final = 0.05
"""Lengths are stated to the decimetre."""


@dataclass(frozen=True)
class Collar:
    """Where and in which direction a hole was drilled.

    Parameters
    ----------
    x, y, z : float
        Metres, site frame.
    azimuth_deg : float
        Clockwise from north.
    inclination_deg : float
        Positive down from horizontal; 90 is vertical.
    """

    x: float
    y: float
    z: float
    azimuth_deg: float = 0.0
    inclination_deg: float = 90.0


class LoggedWord(NamedTuple):
    """A driller's word for a stretch of a hole, metres along it."""

    word: str
    from_m: float
    to_m: float


@dataclass(frozen=True)
class LoggedHole:
    """What logging a hole has done.

    Parameters
    ----------
    site : Site
        The changed site.
    hole : Hole
        The hole as it was drilled.
    hit : tuple of float or None
        Depths along the hole between which there was a void; None for a miss.
    words : tuple of LoggedWord
        What the driller said, where more than a hit or a miss was said.
    p_hit : float or None
        What the belief had said of this hole as drilled; None without a current belief.
    p_hit_planned : float or None
        What the plan had said; None for a hole that was not planned.
    p_any_before : float or None
        Probability of any target before; None without a current belief.
    belief : Belief or None
        The updated belief; None where there was none to update, or it was older than the
        evidence.
    """

    site: Site
    hole: Hole
    hit: tuple[float, float] | None
    p_hit: float | None
    p_hit_planned: float | None
    p_any_before: float | None
    belief: Belief | None
    words: tuple[LoggedWord, ...] = ()


def log_hole(
    site: Site,
    name: str,
    *,
    hit: tuple[float, float] | None,
    words: Sequence[LoggedWord] = (),
    drilled_to: float | None = None,
    collar: Collar | None = None,
    seed: int | None = None,
    progress: Progress | None = None,
) -> LoggedHole:
    """Log the result of a hole and update the belief by it.

    Parameters
    ----------
    site : Site
        The site; it is locked meanwhile, and unchanged if this does not come to its end.
    name : str
        A planned hole, a hole whose collar is in the evidence, or with ``collar`` a new one.
    hit : (from, to) or None
        Metres along the hole between which there was a void; None for a miss.
    words : sequence of LoggedWord
        In place of a hit, what the driller said; all else that was drilled is intact. The hole
        counts as a hit where one of the words is ``void`` or ``rod drop``.
    drilled_to : float, optional
        Metres drilled and logged; by default the planned length for a miss, the end of the void
        for a hit, which must then lie within the length known. The log speaks for this length only.
    collar : Collar, optional
        Where it was drilled, if not as planned.
    seed : int, optional
        Seed of the update; by default one for each logged hole.
    progress : callable, optional
        Told a fraction from 0 to 1 and a few words.

    Returns
    -------
    LoggedHole

    Raises
    ------
    InputError
        If the hole is not known, was logged before, or the depths cannot be.
    SiteError
        If the site cannot be changed.
    """
    said = _checked(name, words, hit)
    hit = _void_of(said) if said else hit
    with exclusively(site) as current:
        planned = find_planned(current, name)
        known = _known_hole(current, name, planned, collar)
        length = _drilled_length(name, known, hit, drilled_to, said)
        hole = Hole(name, *known[:5], length)
        files, items, evidence = _as_evidence(current, hole, hit, said)
        record = latest_record(current)
        before = None if record is None or record.stale else current_belief(current)
        p_hit = None if before is None else _predicted(current, before, hole, hit, known[5])
        p_hit_planned = None if planned is None else planned.p_hit
        changes = [("log", _payload(hole, hit, said, p_hit, p_hit_planned, items))]
        belief = None
        if before is None:
            changed = commit(current, changes, files)
        else:
            n_logged = sum(entry.verb == "log" for entry in current.entries)
            belief = _updated(current, before, evidence, seed or 1 + n_logged, progress)
            changed = save_belief(current, belief, before=changes, files=files)
        return LoggedHole(
            changed,
            hole,
            hit,
            p_hit,
            p_hit_planned,
            None if before is None else p_any(before.belief),
            belief,
            said,
        )


def _payload(
    hole: Hole,
    hit: tuple[float, float] | None,
    said: Sequence[LoggedWord],
    p_hit: float | None,
    p_hit_planned: float | None,
    items: Sequence[Item],
) -> dict[str, Any]:
    """What the journal keeps of a logged hole."""
    payload: dict[str, Any] = {
        "hole": hole.name,
        "outcome": "miss" if hit is None else "hit",
        "hit": hit,
        "drilled_to": hole.length_m,
        "p_hit": p_hit,
        "p_hit_planned": p_hit_planned,
        "items": item_payload(items),
    }
    if said:
        payload["words"] = [list(item) for item in said]
    return payload


def _checked(
    name: str, words: Sequence[LoggedWord], hit: tuple[float, float] | None
) -> tuple[LoggedWord, ...]:
    """Words in the order of depth; refuse what is no word and what overlaps."""
    said = tuple(sorted(words, key=lambda item: item.from_m))
    if said and hit is not None:
        problem = f"hole {name!r}: say either a hit or words, not both"
        raise InputError(problem)
    for item in said:
        if item.word not in LOG_WORDS:
            problem = f"unknown word {item.word!r}; expected one of {', '.join(LOG_WORDS)}"
            raise InputError(problem)
        if not 0.0 <= item.from_m < item.to_m:
            problem = (
                f"hole {name!r}: {item.word!r} goes from a depth to a larger one, found "
                f"{item.from_m} {item.to_m}"
            )
            raise InputError(problem)
    for above, below in pairwise(said):
        if below.from_m < above.to_m:
            problem = f"hole {name!r}: {below.word!r} overlaps {above.word!r}"
            raise InputError(problem)
    return said


def _void_of(said: Sequence[LoggedWord]) -> tuple[float, float] | None:
    """Stretch of the first void among words."""
    for item in said:
        if item.word in VOID_WORDS:
            return item.from_m, item.to_m
    return None


Known = tuple[float, float, float, float, float, float | None]


def _known_hole(site: Site, name: str, planned: PlannedHole | None, collar: Collar | None) -> Known:
    """Collar, direction and length, if it is known, of the hole to be logged."""
    in_evidence = {hole.name: (hole, logged) for hole, logged in holes_in_force(site)}
    if name in in_evidence and in_evidence[name][1]:
        problem = (
            f"hole {name!r} has a log already; withdraw that first with: "
            f"subterra retract {site.path} {name}"
        )
        raise InputError(problem)
    hole = None if planned is None else hole_on_ground(site, as_hole(planned))
    if hole is None and name in in_evidence:
        hole = in_evidence[name][0]
    length = None if hole is None else hole.length_m
    if collar is not None:
        return (*vars(collar).values(), length)  # pyright: ignore[reportReturnType]
    if hole is None:
        plan = current_plan(site)
        open_holes = [h.hole for h in plan.holes if h.hole not in in_evidence] if plan else []
        names = ", ".join(open_holes) or "none"
        problem = (
            f"no hole {name!r} is planned or has a collar; planned and not yet logged: {names}; "
            "for another hole give --collar X Y Z, --azimuth and --inclination"
        )
        raise InputError(problem)
    return hole.x, hole.y, hole.z, hole.azimuth_deg, hole.inclination_deg, length


def _drilled_length(
    name: str,
    known: Known,
    hit: tuple[float, float] | None,
    drilled_to: float | None,
    said: Sequence[LoggedWord],
) -> float:
    if hit is not None and not 0.0 <= hit[0] < hit[1]:
        problem = f"hole {name!r}: a hit goes from a depth to a larger one, found {hit[0]} {hit[1]}"
        raise InputError(problem)
    end = said[-1].to_m if said else None if hit is None else hit[1]
    length = drilled_to if drilled_to is not None else known[5] if hit is None else end
    if length is None:
        problem = f"hole {name!r}: say how far it was drilled with --drilled-to M"
        raise InputError(problem)
    if drilled_to is None and known[5] is not None and length > known[5] + _ROUNDING_M:
        problem = (
            f"hole {name!r} is {known[5]:g} m long, but what was logged goes down to {length:g} m: "
            f"expected metres along the hole from 0 to {known[5]:g}; if it was drilled deeper, say "
            "how far with --drilled-to M"
        )
        raise InputError(problem)
    if said and length < said[-1].to_m:
        problem = (
            f"hole {name!r} has words down to {said[-1].to_m:g} m but was drilled to {length:g} m "
            "only"
        )
        raise InputError(problem)
    if hit is not None and length < hit[1]:
        problem = f"hole {name!r} hit down to {hit[1]:g} m but was drilled to {length:g} m only"
        raise InputError(problem)
    return length


def _as_evidence(
    site: Site,
    hole: Hole,
    hit: tuple[float, float] | None,
    said: Sequence[LoggedWord],
) -> tuple[dict[str, bytes], list[Item], Evidence]:
    """Write a hole and its log as the files that they become, and read those as evidence."""
    with tempfile.TemporaryDirectory(prefix="subterra-") as folder:
        collar_path = Path(folder) / f"{slug(hole.name)}-collar.csv"
        log_path = Path(folder) / f"{slug(hole.name)}-log.csv"
        write_boreholes(collar_table([hole]), collar_path)
        events = said or (() if hit is None else (LoggedWord("void", *hit),))
        write_intervals(log_table(hole, events), log_path)
        tables = {
            "boreholes": [read_boreholes(collar_path)],
            "intervals": [read_intervals(log_path)],
        }
        given = {"boreholes": collar_path, "intervals": log_path}
        contents = {kind: path.read_bytes() for kind, path in given.items()}
    items = [
        _item(site, kind, path.name, contents[kind], len(tables[kind][0]), hole.name)
        for kind, path in given.items()
    ]
    name = f"{HOLE_PREFIX}{hole.name}"
    evidence = find_kind("boreholes").build(tables, site_setting(site), name)
    if evidence is None:
        problem = f"hole {hole.name!r}: its log says nothing"
        raise InputError(problem)
    return {item.file: contents[item.kind] for item in items}, items, evidence


def _item(site: Site, kind: str, original: str, content: bytes, rows: int, hole: str) -> Item:
    sha256 = sha256_of(content)
    taken = {i["id"] for entry in site.entries for i in entry.payload.get("items", ())}
    found = find_kind(kind)
    return Item(
        id=free_name(Path(original).stem, taken),
        kind=kind,
        format=found.formats[0].name,
        file=stored_name(sha256, original),
        original=original,
        sha256=sha256,
        size=len(content),
        what=counted(rows, found.noun, found.nouns),
        hole=hole,
    )


def _predicted(
    site: Site,
    current: CurrentBelief,
    hole: Hole,
    hit: tuple[float, float] | None,
    planned_length: float | None,
) -> float:
    """Say what the belief gives a hole; one that stopped at its hit is taken at full length."""
    length = hole.length_m if hit is None else max(hole.length_m, planned_length or 0.0)
    whole = _as_surveyed(site, replace(hole, length_m=length))
    belief = current.belief
    terms = to_terms(site.config)
    hits = hit_probability(belief.scenes, belief.prior, [whole], terms=terms)
    return min(float(belief.weight @ hits.p_hit[0]), max(terms.p_detect))


def _as_surveyed(site: Site, hole: Hole) -> Hole:
    """Follow the survey of a hole that has one in the evidence, from the same collar."""
    for known, _ in holes_in_force(site):
        if known.name == hole.name and (known.x, known.y, known.z) == (hole.x, hole.y, hole.z):
            return replace(hole, trace=known.trace, surveyed_m=known.surveyed_m)
    return hole


def _updated(
    site: Site, current: CurrentBelief, new: Evidence, seed: int, progress: Progress | None
) -> Belief:
    if progress is not None:
        progress(0.0, "reading the evidence")
    before = current.belief
    evidence = [*as_believed(before, assemble(site)), new]
    belief = update(before, evidence, [new], seed=seed, progress=progress)
    judged, words = before.info.judged, before.info.judged_words
    belief = replace(belief, info=replace(belief.info, judged=judged, judged_words=words))
    return examined(belief, evidence, seed=seed)
