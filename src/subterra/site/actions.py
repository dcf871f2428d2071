"""Actions of a site weighed in one currency: its holes, panels and survey lines, as permitted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from subterra.errors import InputError
from subterra.inference.belief import Belief
from subterra.search import DrillTerms, Hole, plan_holes
from subterra.search.action_terms import ActionTerms
from subterra.search.actions import DRAWS, Survey, Weighed, weigh
from subterra.search.axes import gather_axes
from subterra.search.lines import Line, best_lines, lay_lines
from subterra.search.met import LoggedVoid, met_targets
from subterra.search.objective import Objective
from subterra.simulate.layouts import electrode_line
from subterra.simulate.line_layouts import gravity_line
from subterra.site.action_ground import ActionGround, evidence_not_made
from subterra.site.assemble import tables_in_force
from subterra.site.belief_store import CurrentBelief, current_belief
from subterra.site.config import to_action_terms
from subterra.site.folder import Site
from subterra.site.gates import gated_terms
from subterra.site.holes import as_hole, drilled_holes, logged_voids
from subterra.site.kinds import find_kind
from subterra.site.panels import panel_surveys

__all__ = ["SiteActions", "weigh_actions"]

Array = npt.NDArray[Any]

_HOLES: Final = 8
_LINES: Final = 2
_SURVEYED: Final = 0.5
"""Share of a line's stations beside stations that were read from which on it is no new line."""
_ARRAY: Final = "dipole-dipole"


@dataclass(frozen=True, eq=False)
class SiteActions:
    """What was weighed.

    Parameters
    ----------
    weighed : tuple of Weighed
        The largest index first.
    gates : tuple of str
        What was kept out by a rule or a permit, in words.
    current : CurrentBelief
        The belief it was weighed by.
    """

    weighed: tuple[Weighed, ...]
    gates: tuple[str, ...]
    current: CurrentBelief


def weigh_actions(
    site: Site,
    *,
    loss_unfound: float | None = None,
    standoff: Sequence[str] = (),
    probe: bool = False,
    draws: int = DRAWS,
    seed: int = 0,
) -> SiteActions:
    """Weigh the best holes, panels and survey lines of a site.

    Parameters
    ----------
    site : Site
        The site, with a belief. Nothing is changed, but for ground models kept in its cache.
    loss_unfound : float, optional
        Of a target left unfound, instead of what the site file says.
    standoff : sequence of str
        Hard gates beside those of the site file; see ``subterra.site.gates.parse_standoff``.
    probe : bool
        Whether holes are meant as probes, which such gates let through.
    draws : int
        Sets of data drawn for each survey.
    seed : int
        Of places and data.

    Returns
    -------
    SiteActions
        Empty where no scene holds an unmet target.

    Raises
    ------
    SiteError
        If there is no belief, or a file is missing or was changed.
    InputError
        If the terms leave no place for a hole.
    """
    current = current_belief(site)
    belief = current.belief
    allowed = gated_terms(site, belief, standoff=standoff, probe=probe, seed=seed)
    drilling = allowed.drilling
    drilled, voids = drilled_holes(site), logged_voids(site)
    terms = to_action_terms(site.config)
    if loss_unfound is not None:
        terms = replace(terms, loss_unfound=loss_unfound)
    rows = plan_holes(
        belief,
        _HOLES,
        terms=drilling,
        drilled=drilled,
        voids=voids,
        objective=Objective(find=1.0),
        seed=seed,
    )
    ground = _ground(site, belief, drilling, terms, voids)
    surveys, gates = _surveys(ground, seed)
    weighed = weigh(
        belief,
        [as_hole(row) for row in rows],
        surveys,
        terms=drilling,
        stakes=terms.stakes,
        drilled=drilled,
        voids=voids,
        draws=draws,
        seed=seed,
    )
    if "hole" not in terms.permitted:
        weighed = [item for item in weighed if not isinstance(item.action, Hole)]
        gates.append("hole: not permitted by the site file")
    return SiteActions(tuple(weighed), (*gates, *allowed.words), current)


def _ground(
    site: Site,
    belief: Belief,
    drilling: DrillTerms,
    terms: ActionTerms,
    voids: Sequence[LoggedVoid],
) -> ActionGround:
    met = met_targets(belief.scenes, belief.prior, voids, drilling)
    axes = gather_axes(belief.scenes, belief.prior, drilling.p_detect, drilling.extraction, met)
    return ActionGround(site, belief, axes, drilling, terms)


def _surveys(ground: ActionGround, seed: int) -> tuple[list[Survey], list[str]]:
    """All panels and lines to weigh, and what a permit keeps out."""
    surveys, gates = list[Survey](), list[str]()
    makers = {
        "panel": panel_surveys,
        "gravity line": _gravity_lines,
        "resistivity line": _resistivity_lines,
    }
    for kind, make in makers.items():
        if kind not in ground.terms.permitted:
            gates.append(f"{kind}: not permitted by the site file")
            continue
        try:
            found = make(ground, seed)
        except InputError as error:
            gates.append(f"{kind}: {error}")
            continue
        if not found:
            gates.append(f"{kind}: no place is left for one")
        surveys += found
    return surveys, gates


def _gravity_lines(ground: ActionGround, seed: int) -> list[Survey]:
    terms = ground.terms
    out: list[Survey] = []
    for line in _ground_lines(ground, "gravity", terms.station_m, seed):
        table = gravity_line((line.x0, line.y0), (line.x1, line.y1), terms.station_m)
        cost = terms.cost_line + terms.cost_station * len(table)
        out.append(Survey("gravity line", line, evidence_not_made(ground, "gravity", table), cost))
    return out


def _resistivity_lines(ground: ActionGround, seed: int) -> list[Survey]:
    terms = ground.terms
    out: list[Survey] = []
    for line in _ground_lines(ground, "resistivity", terms.electrode_m, seed):
        table = electrode_line((line.x0, line.y0), (line.x1, line.y1), terms.electrode_m, _ARRAY)
        cost = terms.cost_line + terms.cost_electrode * table.n_electrodes
        out.append(
            Survey("resistivity line", line, evidence_not_made(ground, "resistivity", table), cost)
        )
    return out


def _ground_lines(ground: ActionGround, group: str, spacing_m: float, seed: int) -> list[Line]:
    """Lines over the ground that the same method has not measured yet."""
    belief, length = ground.belief, ground.terms.line_m
    x0, y0, x1, y1 = belief.prior.bounds
    length = min(length, max(x1 - x0, y1 - y0))
    lines = lay_lines(ground.axes, belief.prior, belief.weight, length, seed=seed)
    read = _places_read(ground.site, group)
    chosen = best_lines(
        ground.axes,
        belief.prior,
        belief.weight,
        lines,
        (0.0, 0.5 * length),
        _LINES,
        lambda line: _read_share(line, read, spacing_m) < _SURVEYED,
    )
    return [line for line, _ in chosen]


def _places_read(site: Site, group: str) -> Array:
    """Plan places (k, 2) of the stations of one group of surveys."""
    places = [np.empty((0, 2))]
    for item, table in tables_in_force(site):
        kind = find_kind(item.kind)
        if kind.group == group and kind.place is not None:
            places.append(np.column_stack(kind.place(table)))
    return np.concatenate(places)


def _read_share(line: Line, read: Array, spacing_m: float) -> float:
    """Share of a line's stations that stand within a spacing of one that was read."""
    if not len(read):
        return 0.0
    x, y = line.at(np.linspace(0.0, 1.0, max(int(line.length_m / spacing_m), 2)))
    apart = np.hypot(x[:, None] - read[:, 0], y[:, None] - read[:, 1]).min(axis=1)
    return float(np.mean(apart <= spacing_m))
