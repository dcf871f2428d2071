"""The hard gates of a site's plans, from its file and the command line, and what they keep out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from subterra.counting import counted
from subterra.errors import InputError
from subterra.evidence.mine_map_terms import MapTerms
from subterra.inference.belief import Belief
from subterra.search import DrillTerms
from subterra.search.gates import Gate, Walls, mapped_walls, walls_of
from subterra.search.kept_out import kept_out, rule_words
from subterra.search.standoff import StandoffRule, find_rule
from subterra.site.assemble import tables_in_force
from subterra.site.config import to_terms
from subterra.site.georeference import in_site_frame
from subterra.site.schema_actions import StandoffConfig

if TYPE_CHECKING:
    from subterra.site.folder import Site

__all__ = ["GatedTerms", "gated_terms", "parse_standoff"]

Array = npt.NDArray[Any]

_SURVEYED = "survey"


@dataclass(frozen=True, eq=False)
class GatedTerms:
    """Terms of drilling with every gate of a plan, and what these keep out.

    Parameters
    ----------
    drilling : DrillTerms
        With the gates.
    words : tuple of str
        Of each gate what it keeps out, or why it keeps nothing out.
    """

    drilling: DrillTerms
    words: tuple[str, ...]


def parse_standoff(text: str) -> StandoffConfig:
    """Read a gate from the command line: ``RULE``, ``METRES``, ``surveyed:METRES``, each ``@P``.

    Parameters
    ----------
    text : str
        Such as ``us-57.22241-unsurveyed``, ``15@0.1`` or ``surveyed:20``.

    Returns
    -------
    StandoffConfig

    Raises
    ------
    InputError
        If it is none of these.
    """
    what, at, chance = text.partition("@")
    head, colon, tail = what.partition(":")
    of = "surveyed" if colon and head == "surveyed" else "belief"
    asked = tail if of == "surveyed" else what
    values: dict[str, Any] = {"of": of}
    try:
        if at:
            values["p"] = float(chance)
        values["distance_m"] = float(asked)
    except ValueError as error:
        if at and "p" not in values:
            problem = f"--standoff: the probability after @ must be a number, found {text!r}"
            raise InputError(problem) from error
        values["rule"] = find_rule(asked).name
    try:
        return StandoffConfig(**values)
    except ValueError as error:
        problem = (
            "--standoff: expected a rule, a number of metres or surveyed:METRES, each with @P if "
            f"wanted, such as 15@0.1, found {text!r}"
        )
        raise InputError(problem) from error


def gated_terms(
    site: Site,
    belief: Belief,
    *,
    standoff: Sequence[str] = (),
    probe: bool = False,
    count: bool = True,
    seed: int = 0,
) -> GatedTerms:
    """Return the terms of drilling with the gates of the site file and of the command line.

    Parameters
    ----------
    site : Site
        The site.
    belief : Belief
        The belief that a plan is made from.
    standoff : sequence of str
        Further gates; see `parse_standoff`.
    probe : bool
        Whether the holes are meant as probes: gates of which the site file does not say otherwise
        keep none of these out.
    count : bool
        Whether to count what is kept out.
    seed : int
        Of the candidates counted.

    Returns
    -------
    GatedTerms

    Raises
    ------
    InputError
        For an unknown rule or family.
    SiteError
        If a mine map is missing or was changed.
    """
    terms = to_terms(site.config)
    said: list[str] = []
    gates: list[Gate] = []
    for item in (*site.config.standoff, *map(parse_standoff, standoff)):
        rule, what = _rule_of(item), _what(item)
        if probe and item.probes:
            duty = f"; it asks: {rule.duty}" if rule.duty else ""
            said.append(
                f"{rule_words(rule, what, item.p)}: keeps nothing out, for these holes are meant "
                f"as probes{duty}"
            )
            continue
        walls, left = _walls(site, belief, item)
        said += left
        if len(walls.radius):
            accepted = 0.0 if item.of == "surveyed" else item.p
            gates.append(Gate(rule, walls, accepted, what))
        else:
            said.append(f"{rule_words(rule, what, item.p)}: there are none, nothing is kept out")
    terms = replace(terms, gates=tuple(gates))
    names = [area.name for area in site.config.no_go]
    if count:
        said = [*kept_out(belief, terms, no_go_names=names, seed=seed), *said]
    return GatedTerms(terms, tuple(said))


def _rule_of(item: StandoffConfig) -> StandoffRule:
    if item.rule is not None:
        return find_rule(item.rule)
    return StandoffRule(f"{item.distance_m:g} m", float(item.distance_m or 0.0), "", "")


def _what(item: StandoffConfig) -> str:
    if item.of == "surveyed":
        return "surveyed workings"
    return "workings" + (f" ({', '.join(item.families)})" if item.families else "")


def _walls(site: Site, belief: Belief, item: StandoffConfig) -> tuple[Walls, list[str]]:
    """What a gate keeps away from, and what it leaves to the belief."""
    if item.of == "belief":
        return walls_of(belief, item.families), []
    courses, sd_m, others = _surveyed(site)
    surface = belief.prior.surface
    x0, y0, x1, y1 = belief.prior.bounds
    corners = surface.at(np.array([x0, x0, x1, x1]), np.array([y0, y1, y0, y1]))
    heights = (float(corners.min()) - belief.prior.depth_m, float(corners.max()))
    said = []
    if others:
        said.append(
            f"{counted(others, 'mapped line')} of sheets that were not tied by survey: no surveyed "
            "workings, the belief alone speaks of them"
        )
    return mapped_walls(courses, sd_m, heights), said


def _surveyed(site: Site) -> tuple[list[Array], list[float], int]:
    """Courses (k, 3) of lines of surveyed sheets with their sd, and the number of other lines."""
    maps = [table for _, table in tables_in_force(site, ("mine-map",))]
    controls = [table for _, table in tables_in_force(site, ("map-control",))]
    tie_sd = MapTerms().ties[_SURVEYED].sd_m
    courses, sd_m, others = list[Array](), list[float](), 0
    for table in (in_site_frame(m, controls, site.config.crs) for m in maps):
        for k, tie in enumerate(table.tie):
            rows = slice(int(table.start[k]), int(table.start[k + 1]))
            if tie != _SURVEYED:
                others += 1
                continue
            courses.append(np.column_stack([table.x[rows], table.y[rows], table.z_m[rows]]))
            sd_m.append(float(np.hypot(tie_sd, table.sd_m[k])))
    return courses, sd_m, others
