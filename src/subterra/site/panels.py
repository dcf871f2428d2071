"""Crosshole panels that could be measured: between new holes, planned ones and ones that stand.

A hole that was logged and can still be entered costs nothing more, a planned one what it costs to
drill, and so does a new one: a fence grows by one hole for each panel.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from subterra.search import Hole
from subterra.search.actions import Survey
from subterra.search.candidates import holes_from
from subterra.search.hit import weighted_quantile
from subterra.search.holes import course
from subterra.search.lines import Line, best_lines, crossing_depths, lay_lines
from subterra.simulate.line_layouts import radar_between
from subterra.site.action_ground import ActionGround, evidence_not_made
from subterra.site.assemble import tables_in_force
from subterra.site.holes import as_hole, holes_in_force, open_holes
from subterra.site.plan_store import current_plan
from subterra.tables import TravelTimeTable

__all__ = ["panel_surveys"]

Array = npt.NDArray[Any]

_NEW: Final = 3
"""Panels of two new holes that are weighed."""
_STANDING: Final = 2
"""Of two holes that stand or are planned."""
_GROWN: Final = 2
"""Of one such hole and a new one."""
_AZIMUTHS: Final = 24
_APART: Final = (0.25, 1.5)
"""Shares of the spacing asked for between which two holes that stand make a panel."""
_DEPTHS: Final = (0.025, 0.975)
_MARGIN_M: Final = 3.0
_MEASURED: Final = 0.5
"""Share of a panel's height measured before from which on it is no new panel."""
_SAME_M: Final = 2.0
_PERMITTIVITY: Final = 7.0


@dataclass(frozen=True)
class _Pair:
    """Two holes, and which of them stand already."""

    holes: tuple[Hole, Hole]
    stand: tuple[bool, bool]


def panel_surveys(ground: ActionGround, seed: int = 0) -> list[Survey]:
    """Lay panels where an unmet target crosses with the largest probability, of each sort a few.

    Parameters
    ----------
    ground : ActionGround
        The site, its belief and its terms.
    seed : int
        Of the places of two new holes.

    Returns
    -------
    list of Survey
        Those of two new holes first. None in a panel of which half was measured before.

    Raises
    ------
    SiteError, InputError
        If a file of evidence is missing, was changed or cannot be read.
    """
    measured = _measured(ground)
    old = _old_holes(ground)
    new = {line: line for line in _new_lines(ground, seed)}
    between = dict(_between(ground, old))
    grown = dict(_grown(ground, old))
    out: list[Survey] = []
    out += _best(ground, [*new], lambda line: _new_pair(ground, line), _NEW, measured)
    out += _best(ground, [*between], lambda line: between[line], _STANDING, measured)
    out += _best(ground, [*grown], lambda line: grown[line], _GROWN, measured)
    return out


def _old_holes(ground: ActionGround) -> list[tuple[Hole, bool]]:
    """Holes that stand open, and those of the current plan that are not drilled yet."""
    open_now = open_holes(ground.site, ground.terms.closed)
    plan, drilled = current_plan(ground.site), {h.name for h, _ in holes_in_force(ground.site)}
    rows = [] if plan is None else [row for row in plan.holes if row.hole not in drilled]
    return [(hole, True) for hole in open_now] + [(as_hole(row), False) for row in rows]


def _deepest(ground: ActionGround) -> float:
    return min(ground.belief.prior.depth_m, ground.drilling.max_length_m)


def _new_lines(ground: ActionGround, seed: int) -> list[Line]:
    belief, spacing = ground.belief, ground.terms.panel_spacing_m
    return lay_lines(ground.axes, belief.prior, belief.weight, spacing, seed=seed)


def _upright(ground: ActionGround, x: Sequence[float], y: Sequence[float]) -> list[Hole]:
    """Upright holes at places, if every collar and trace keeps the rules; else none."""
    plan = np.asarray(x, np.float64), np.asarray(y, np.float64)
    upright, level = np.full(len(x), 90.0), np.zeros(len(x))
    held = holes_from(ground.belief.prior, ground.drilling, *plan, level, upright)
    if len(held) < len(x):
        return []
    columns = zip(held.x, held.y, held.z, level, upright, held.length_m, strict=True)
    return [Hole("", *map(float, row)) for row in columns]


def _new_pair(ground: ActionGround, line: Line) -> _Pair | None:
    held = _upright(ground, (line.x0, line.x1), (line.y0, line.y1))
    return _Pair((held[0], held[1]), (False, False)) if held else None


def _between(
    ground: ActionGround, old: Sequence[tuple[Hole, bool]]
) -> Iterator[tuple[Line, _Pair]]:
    """Pairs of holes that stand or are planned, as far apart as radar reaches."""
    low, high = (share * ground.terms.panel_spacing_m for share in _APART)
    for (a, a_stands), (b, b_stands) in combinations(old, 2):
        line = _line_of(a, b)
        if low <= line.length_m <= high:
            yield line, _Pair((a, b), (a_stands, b_stands))


def _grown(ground: ActionGround, old: Sequence[tuple[Hole, bool]]) -> Iterator[tuple[Line, _Pair]]:
    """A hole that stands or is planned with a new one, all around it."""
    turn = 2.0 * math.pi * np.arange(_AZIMUTHS) / _AZIMUTHS
    for hole, stands in old:
        for angle in turn:
            x = hole.x + ground.terms.panel_spacing_m * math.sin(angle)
            y = hole.y + ground.terms.panel_spacing_m * math.cos(angle)
            held = _upright(ground, (x,), (y,))
            if held:
                new = held[0]
                yield _line_of(hole, new), _Pair((hole, new), (stands, False))


def _line_of(a: Hole, b: Hole) -> Line:
    """Line in plan between two holes, halfway down the one that reaches less deep."""
    ends = [course(h)[:, 1:] for h in (a, b)]
    z = 0.5 * (min(h.z for h in (a, b)) + max(float(e[-1, 2]) for e in ends))
    (ax, ay), (bx, by) = ([float(np.interp(-z, -e[:, 2], e[:, i])) for i in (0, 1)] for e in ends)
    return Line(ax, ay, bx, by)


def _best(
    ground: ActionGround,
    lines: Sequence[Line],
    pair_of: Callable[[Line], _Pair | None],
    n: int,
    measured: Array,
) -> list[Survey]:
    """The few lines of one sort that an unmet target crosses most probably, as surveys."""

    def heights(line: Line) -> tuple[float, float] | None:
        pair = pair_of(line)
        return None if pair is None else _heights(ground, line, pair, measured)

    chosen = best_lines(
        ground.axes,
        ground.belief.prior,
        ground.belief.weight,
        lines,
        (0.0, _deepest(ground)),
        n,
        lambda line: heights(line) is not None,
    )
    out: list[Survey] = []
    for line, _ in chosen:
        pair = pair_of(line)
        found = heights(line)
        if pair is not None and found is not None:
            out.append(_panel(ground, line, pair, found))
    return out


def _heights(
    ground: ActionGround, line: Line, pair: _Pair, measured: Array
) -> tuple[float, float] | None:
    """Highest and lowest antenna, z: where targets cross, as far as both holes reach; or None."""
    belief, step = ground.belief, ground.terms.panel_step_m
    weight = belief.weight[ground.axes.scene]
    deep = crossing_depths(ground.axes, belief.prior, line)
    held = np.isfinite(deep) & ground.axes.target & (deep <= _deepest(ground)) & (weight > 0.0)
    if not held.any():
        return None
    high, low = weighted_quantile(deep[held], weight[held], _DEPTHS)
    ends = [course(hole)[:, 3] for hole in pair.holes]
    ground_z = float(belief.prior.surface.at(*map(np.asarray, line.middle)))
    top = min(ground_z - max(float(high) - _MARGIN_M, step), min(float(e[0]) for e in ends) - step)
    wanted = min(ground_z - float(low) - _MARGIN_M, top - 5.0 * step)
    base = max(wanted, ground_z - _deepest(ground), *(float(e[-1]) for e in ends))
    if top - base < 5.0 * step * (1.0 - 1e-6) or _was_measured(line, top, base, measured):
        return None
    return top, base


def _panel(ground: ActionGround, line: Line, pair: _Pair, heights: tuple[float, float]) -> Survey:
    top, base = heights
    ends = [
        _reaching(hole, base, stands) for hole, stands in zip(pair.holes, pair.stand, strict=True)
    ]
    terms = ground.terms
    table = radar_between(
        course(ends[0])[:, 1:],
        course(ends[1])[:, 1:],
        top,
        base,
        terms.panel_step_m,
        permittivity=ground.site.config.surveys.permittivity or _PERMITTIVITY,
    )
    cost = terms.cost_panel + terms.cost_panel_per_m * (top - base)
    return Survey(
        "panel",
        line,
        evidence_not_made(ground, "traveltime", table),
        cost,
        tuple(hole for hole, stands in zip(ends, pair.stand, strict=True) if not stands),
        tuple(hole for hole, stands in zip(ends, pair.stand, strict=True) if stands),
        float(ground.belief.prior.surface.at(*map(np.asarray, line.middle))) - base,
    )


def _reaching(hole: Hole, base: float, stands: bool) -> Hole:
    """Drill a new hole as deep as the panel goes; one that stands or is planned is as it is."""
    if stands or hole.name:
        return hole
    return replace(hole, length_m=min(hole.length_m, max(hole.z - base, 0.1)))


def _measured(ground: ActionGround) -> Array:
    """Ends of the rays of radar that was measured: x, y, z of both (k, 6)."""
    rows = [np.empty((0, 6))]
    for _, table in tables_in_force(ground.site, ("traveltime",)):
        if isinstance(table, TravelTimeTable) and table.medium == "radar":
            ends = (table.sx_m, table.sy_m, table.sz_m, table.rx_m, table.ry_m, table.rz_m)
            rows.append(np.column_stack(ends))
    return np.concatenate(rows)


def _was_measured(line: Line, top: float, base: float, measured: Array) -> bool:
    """Whether half of a panel's height was measured between the same two places."""
    one, other = np.array([line.x0, line.y0]), np.array([line.x1, line.y1])
    same = np.zeros(len(measured), bool)
    for a, b in ((one, other), (other, one)):
        away = np.hypot(*(measured[:, :2] - a).T), np.hypot(*(measured[:, 3:5] - b).T)
        same |= (away[0] <= _SAME_M) & (away[1] <= _SAME_M)
    if not same.any():
        return False
    z = measured[same][:, [2, 5]]
    shared = min(top, float(z.max())) - max(base, float(z.min()))
    return shared >= _MEASURED * (top - base)
