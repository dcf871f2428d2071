"""Actions of a site weighed in one currency: its holes, panels and survey lines, as permitted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from subterra.errors import InputError
from subterra.evidence import AdditiveEvidence
from subterra.inference.belief import Belief
from subterra.search import DrillTerms, Hole, plan_holes
from subterra.search.action_terms import ActionTerms
from subterra.search.actions import DRAWS, Survey, Weighed, weigh
from subterra.search.axes import Axes, gather_axes
from subterra.search.candidates import holes_from
from subterra.search.hit import weighted_quantile
from subterra.search.lines import Line, best_lines, crossing_depths, lay_lines
from subterra.search.met import LoggedVoid, met_targets
from subterra.search.objective import Objective
from subterra.simulate.layouts import electrode_line
from subterra.simulate.line_layouts import gravity_line, radar_panel
from subterra.site.assemble import site_setting, tables_in_force
from subterra.site.belief_store import CurrentBelief, current_belief
from subterra.site.config import to_action_terms, to_terms
from subterra.site.folder import Site
from subterra.site.ground_files import on_ground
from subterra.site.holes import as_hole, drilled_holes, logged_voids
from subterra.site.kinds import find_kind

__all__ = ["SiteActions", "weigh_actions"]

Array = npt.NDArray[Any]

_HOLES: Final = 8
_PANELS: Final = 3
_LINES: Final = 2
_SURVEYED: Final = 0.5
"""Share of a line's stations beside stations that were read from which on it is no new line."""
_DEPTHS: Final = (0.025, 0.975)
_MARGIN_M: Final = 3.0
_ARRAY: Final = "dipole-dipole"
_PERMITTIVITY: Final = 7.0


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


@dataclass(frozen=True, eq=False)
class _Ground:
    """What all candidates of one site share."""

    site: Site
    belief: Belief
    axes: Axes
    drilling: DrillTerms
    terms: ActionTerms


def weigh_actions(
    site: Site, *, loss_unfound: float | None = None, draws: int = DRAWS, seed: int = 0
) -> SiteActions:
    """Weigh the best holes, panels and survey lines of a site.

    Parameters
    ----------
    site : Site
        The site, with a belief. Nothing is changed, but for ground models kept in its cache.
    loss_unfound : float, optional
        Of a target left unfound, instead of what the site file says.
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
    belief, drilling = current.belief, to_terms(site.config)
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
    gates += [f"holes keep {k.distance_m:g} m from {k.name}" for k in drilling.keep_clear]
    return SiteActions(tuple(weighed), tuple(gates), current)


def _ground(
    site: Site,
    belief: Belief,
    drilling: DrillTerms,
    terms: ActionTerms,
    voids: Sequence[LoggedVoid],
) -> _Ground:
    met = met_targets(belief.scenes, belief.prior, voids, drilling)
    axes = gather_axes(belief.scenes, belief.prior, drilling.p_detect, drilling.extraction, met)
    return _Ground(site, belief, axes, drilling, terms)


def _surveys(ground: _Ground, seed: int) -> tuple[list[Survey], list[str]]:
    """All panels and lines to weigh, and what a permit keeps out."""
    surveys, gates = list[Survey](), list[str]()
    makers = {
        "panel": _panels,
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


def _panels(ground: _Ground, seed: int) -> list[Survey]:
    belief, terms = ground.belief, ground.terms
    lines = lay_lines(ground.axes, belief.prior, belief.weight, terms.panel_spacing_m, seed=seed)
    deepest = min(belief.prior.depth_m, ground.drilling.max_length_m)
    chosen = best_lines(
        ground.axes,
        belief.prior,
        belief.weight,
        lines,
        (0.0, deepest),
        _PANELS,
        lambda line: _pair(ground, line, deepest) is not None,
    )
    return [_panel(ground, line, deepest) for line, _ in chosen]


def _pair(ground: _Ground, line: Line, to_m: float) -> tuple[Hole, Hole] | None:
    """Upright holes at both ends, if collars and traces keep the rules."""
    x, y = np.array([line.x0, line.x1]), np.array([line.y0, line.y1])
    upright = np.full(2, 90.0)
    held = holes_from(ground.belief.prior, ground.drilling, x, y, np.zeros(2), upright)
    if len(held) < 2:
        return None
    a, b = (
        Hole(
            f"panel {name}",
            float(held.x[k]),
            float(held.y[k]),
            float(held.z[k]),
            0.0,
            90.0,
            min(to_m, float(held.length_m[k])),
        )
        for k, name in enumerate("AB")
    )
    return a, b


def _panel(ground: _Ground, line: Line, deepest: float) -> Survey:
    terms, weight = ground.terms, ground.belief.weight[ground.axes.scene]
    deep = crossing_depths(ground.axes, ground.belief.prior, line)
    held = np.isfinite(deep) & ground.axes.target & (deep <= deepest) & (weight > 0.0)
    top, bottom = weighted_quantile(deep[held], weight[held], _DEPTHS)
    from_m = max(float(top) - _MARGIN_M, terms.panel_step_m)
    to_m = min(max(float(bottom) + _MARGIN_M, from_m + 5.0 * terms.panel_step_m), deepest)
    pair = _pair(ground, line, to_m)
    if pair is None:
        problem = "the two holes of a panel break a rule of the site"
        raise InputError(problem)
    a, b = pair
    table = radar_panel(
        (a.x, a.y, a.z),
        (b.x, b.y, b.z),
        from_m,
        min(a.length_m, b.length_m),
        terms.panel_step_m,
        permittivity=ground.site.config.surveys.permittivity or _PERMITTIVITY,
    )
    cost = terms.cost_panel + terms.cost_panel_per_m * (to_m - from_m)
    return Survey("panel", line, _build(ground, "traveltime", table), cost, pair)


def _gravity_lines(ground: _Ground, seed: int) -> list[Survey]:
    terms = ground.terms
    out: list[Survey] = []
    for line in _ground_lines(ground, "gravity", terms.station_m, seed):
        table = gravity_line((line.x0, line.y0), (line.x1, line.y1), terms.station_m)
        cost = terms.cost_line + terms.cost_station * len(table)
        out.append(Survey("gravity line", line, _build(ground, "gravity", table), cost))
    return out


def _resistivity_lines(ground: _Ground, seed: int) -> list[Survey]:
    terms = ground.terms
    out: list[Survey] = []
    for line in _ground_lines(ground, "resistivity", terms.electrode_m, seed):
        table = electrode_line((line.x0, line.y0), (line.x1, line.y1), terms.electrode_m, _ARRAY)
        cost = terms.cost_line + terms.cost_electrode * table.n_electrodes
        out.append(Survey("resistivity line", line, _build(ground, "resistivity", table), cost))
    return out


def _ground_lines(ground: _Ground, group: str, spacing_m: float, seed: int) -> list[Line]:
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


def _build(ground: _Ground, kind: str, table: Any) -> AdditiveEvidence:
    found = find_kind(kind)
    made = found.build(
        {found.name: [on_ground(ground.site, table)]}, site_setting(ground.site), "not made yet"
    )
    if not isinstance(made, AdditiveEvidence):
        problem = f"kind {kind} is no survey of objects and cannot be weighed"
        raise InputError(problem)
    return made
