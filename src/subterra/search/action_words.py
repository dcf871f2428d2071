"""Weighed actions as rows and in words."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from subterra.search.actions import Survey, Weighed
from subterra.search.holes import Hole

__all__ = ["ActionRow", "action_document", "action_rows"]


@dataclass(frozen=True)
class ActionRow:
    """One action of a table.

    Parameters
    ----------
    action : str
        ``hole``, ``panel``, ``gravity line`` or ``resistivity line``.
    place : str
        Where, in words.
    x0, y0, x1, y1 : float
        Ends of a line or collars of a panel, m; of a hole twice its collar.
    p_find : float
        P(the action's own holes log an unmet target).
    loss_avoided_alone : float
        Expected loss that the action itself avoids.
    loss_avoided, cost : float
        The same, and the expected cost, with the holes that follow it.
    per_cost, per_cost_sd : float
        Their quotient, and its standard error from the simulation.
    p_hole_follows, holes_follow : float
        P(a hole follows), and the expected number that do.
    worth_its_cost : bool
        Whether more is avoided than spent.
    reason : str
        In words.
    standing : tuple of str
        Holes of a panel that stand already.
    new_holes : int
        Holes that are drilled for it.
    """

    action: str
    place: str
    x0: float
    y0: float
    x1: float
    y1: float
    p_find: float
    loss_avoided_alone: float
    loss_avoided: float
    cost: float
    per_cost: float
    per_cost_sd: float
    p_hole_follows: float
    holes_follow: float
    worth_its_cost: bool
    reason: str
    standing: tuple[str, ...]
    new_holes: int


def action_rows(weighed: Sequence[Weighed]) -> list[ActionRow]:
    """Turn weighed actions into rows with reasons, in their order."""
    return [_row(item, weighed, rank) for rank, item in enumerate(weighed)]


def action_document(rows: Sequence[ActionRow]) -> list[dict[str, Any]]:
    """Rows for JSON."""
    return [asdict(row) for row in rows]


def _row(item: Weighed, weighed: Sequence[Weighed], rank: int) -> ActionRow:
    worth = item.worth
    ends = _ends(item.action)
    return ActionRow(
        _kind(item.action),
        _place(item.action),
        *ends,
        item.p_find,
        worth.alone,
        worth.avoided,
        worth.cost,
        worth.index,
        worth.index_sd,
        worth.p_follow,
        worth.holes_follow,
        worth.net > 0.0,
        _reason(item, weighed, rank),
        () if isinstance(item.action, Hole) else tuple(h.name for h in item.action.standing),
        1 if isinstance(item.action, Hole) else len(item.action.holes),
    )


def _kind(action: Hole | Survey) -> str:
    return "hole" if isinstance(action, Hole) else action.kind


def _ends(action: Hole | Survey) -> tuple[float, float, float, float]:
    if isinstance(action, Hole):
        return action.x, action.y, action.x, action.y
    line = action.line
    return line.x0, line.y0, line.x1, line.y1


def _place(action: Hole | Survey) -> str:
    x0, y0, x1, y1 = _ends(action)
    if isinstance(action, Hole):
        lean = (
            "upright"
            if action.inclination_deg == 90.0
            else f"{action.inclination_deg:.0f}° down to {action.azimuth_deg:.0f}°"
        )
        return f"({x0:.1f}, {y0:.1f}), {lean}, {action.length_m:.1f} m"
    line = f"({x0:.1f}, {y0:.1f}) to ({x1:.1f}, {y1:.1f})"
    if action.holes or action.standing:
        names = [h.name for h in (*action.standing, *action.holes) if h.name]
        if names:
            line += f", {'between' if len(names) > 1 else 'from'} {' and '.join(names)}"
        line += f", {action.line.length_m:.0f} m apart, {action.depth_m:.0f} m deep"
    return line


def _takes(action: Survey) -> str:
    """Say which holes a panel takes."""
    stand = " and ".join(hole.name for hole in action.standing)
    drilled = [f"{hole.name} of the plan" if hole.name else "a new one" for hole in action.holes]
    if len(action.standing) == 2:
        return f"between {stand}, which stand: it takes no new hole"
    if stand:
        return f"between {stand}, which stands, and {drilled[0]}"
    return f"between {' and '.join(drilled)}".replace("a new one and a new one", "two new holes")


def _reason(item: Weighed, weighed: Sequence[Weighed], rank: int) -> str:
    """Say what the action avoids by itself, what by what it tells, and how it compares."""
    worth = item.worth
    told = worth.avoided - worth.alone
    text = f"by itself it avoids {worth.alone:.3g}"
    if isinstance(item.action, Survey) and (item.action.holes or item.action.standing):
        text = f"{_takes(item.action)}; {text}"
    if worth.p_follow > 0.0 and told > 0.0:
        text += (
            f", by what is drilled after it ({worth.holes_follow:.2g} holes on average) {told:.3g}"
        )
    elif worth.avoided <= 0.0:
        text += ", and no outcome of it would make a hole worth drilling"
    text += f", together for {worth.cost:.3g}: {worth.index:.3g} per cost"
    if worth.index_sd > 0.0:
        text += f" (± {worth.index_sd:.2g} from the simulation)"
    if not worth.net > 0.0:
        text += "; not worth its cost"
    rival = _rival(item, weighed, rank)
    if rival is not None:
        text += f"; {_compare(item, rival)}"
    return text


def _rival(item: Weighed, weighed: Sequence[Weighed], rank: int) -> Weighed | None:
    """The best action of another kind; of one that is not the best, the best."""
    if rank > 0:
        return weighed[0]
    return next((w for w in weighed if _kind(w.action) != _kind(item.action)), None)


def _compare(item: Weighed, rival: Weighed) -> str:
    kind = _kind(rival.action)
    if not item.worth.index > 0.0 or not rival.worth.index > 0.0:
        return f"the best {kind} avoids {rival.worth.index:.3g} per cost"
    ratio = rival.worth.index / item.worth.index
    spread = math.hypot(item.worth.index_sd, rival.worth.index_sd)
    words = f"the best {kind} avoids {ratio:.2g} times as much per cost"
    if abs(item.worth.index - rival.worth.index) < 2.0 * spread:
        words += ", which the simulation cannot tell apart"
    return words
