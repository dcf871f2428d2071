"""What panels and survey lines are, what they cost, what is at stake and what is permitted."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final, Literal

from subterra.errors import InputError, check_known
from subterra.search.value import Stakes

__all__ = ["ACTIONS", "ActionName", "ActionTerms"]

ActionName = Literal["hole", "panel", "gravity line", "resistivity line"]
ACTIONS: Final[tuple[ActionName, ...]] = ("hole", "panel", "gravity line", "resistivity line")
"""Kinds of action that compete in a plan."""


@dataclass(frozen=True)
class ActionTerms:
    """Terms of everything that competes with a single hole.

    Parameters
    ----------
    loss_unfound : float
        Loss where a target is left unfound, in the unit of the drilling costs.
    loss_precaution : float
        Cost of making the ground safe as if there were a target; infinite where that is no choice.
    permitted : tuple of str
        Kinds of action that may be done, of ``ACTIONS``; the others are not weighed.
    closed : tuple of str
        Drilled holes that cannot be entered any more: they are no end of a panel.
    panel_spacing_m : float
        Distance between the two holes of a crosshole panel. 15–20 m in granite, less in clay.
    panel_step_m : float
        Distance between antenna levels.
    cost_panel : float
        Cost of bringing radar to two holes that stand.
    cost_panel_per_m : float
        Cost of each metre of depth that it measures.
    line_m : float
        Length of a survey line.
    station_m, electrode_m : float
        Distance between gravity stations and between electrodes.
    cost_line : float
        Cost of setting out a survey line.
    cost_station, cost_electrode : float
        Of each gravity station and each electrode.

    Raises
    ------
    InputError
        For a term outside its range or an unknown kind.
    """

    loss_unfound: float = 100.0
    loss_precaution: float = math.inf
    permitted: tuple[ActionName, ...] = ACTIONS
    closed: tuple[str, ...] = ()
    panel_spacing_m: float = 15.0
    panel_step_m: float = 1.0
    cost_panel: float = 1.0
    cost_panel_per_m: float = 0.02
    line_m: float = 60.0
    station_m: float = 2.0
    electrode_m: float = 2.0
    cost_line: float = 0.5
    cost_station: float = 0.05
    cost_electrode: float = 0.03

    def __post_init__(self) -> None:
        for name in self.permitted:
            check_known("action", name, ACTIONS)
        for name in ("panel_spacing_m", "panel_step_m", "line_m", "station_m", "electrode_m"):
            if not 0.0 < getattr(self, name) < math.inf:
                problem = f"{name} must be positive metres, found {getattr(self, name)}"
                raise InputError(problem)
        for name in (
            "cost_panel",
            "cost_panel_per_m",
            "cost_line",
            "cost_station",
            "cost_electrode",
        ):
            if not 0.0 <= getattr(self, name) < math.inf:
                problem = f"{name} must not be negative, found {getattr(self, name)}"
                raise InputError(problem)
        _ = self.stakes

    @property
    def stakes(self) -> Stakes:
        """What is at stake."""
        return Stakes(self.loss_unfound, self.loss_precaution)
