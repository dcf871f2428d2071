"""Keys of the site file on what competes with a hole, what is at stake, and what to keep clear."""

from __future__ import annotations

from typing import Annotated, Final, Literal, Self

from pydantic import Field, model_validator

from subterra.search.action_terms import ActionName, ActionTerms
from subterra.search.standoff import RULES
from subterra.site.schema_types import Family, Model, NotNegative, Positive

__all__ = ["ActionsConfig", "KeepClearConfig", "StandoffConfig"]

_ACTIONS: Final = ActionTerms()


class ActionsConfig(Model):
    """What competes with a single hole, and what is at stake; costs as in drilling."""

    loss_unfound: Positive = Field(
        default=_ACTIONS.loss_unfound, description="loss where a target is left unfound"
    )
    loss_precaution: Positive | None = Field(
        default=None,
        description="cost of making the ground safe as if there were a target (filling, closing, "
        "guarding); leave it out where that is no choice",
        examples=[40.0],
    )
    permitted: tuple[ActionName, ...] = Field(
        default=_ACTIONS.permitted,
        description="what may be done here: hole, panel (two holes and the radar between them), "
        "gravity line, resistivity line; the rest is not weighed",
    )
    closed: tuple[str, ...] = Field(
        default=_ACTIONS.closed,
        description="drilled holes that cannot be entered any more (collapsed, cased with steel): "
        "no panel uses them; those with a backfill record are known",
    )
    panel_spacing_m: Positive = Field(
        default=_ACTIONS.panel_spacing_m,
        description="distance between the two holes of a panel; 15-20 in granite, less in clay",
    )
    panel_step_m: Positive = Field(
        default=_ACTIONS.panel_step_m, description="distance between antenna levels"
    )
    cost_panel: NotNegative = Field(
        default=_ACTIONS.cost_panel, description="cost of bringing radar to two holes that stand"
    )
    cost_panel_per_m: NotNegative = Field(
        default=_ACTIONS.cost_panel_per_m, description="cost of each metre of depth it measures"
    )
    line_m: Positive = Field(default=_ACTIONS.line_m, description="length of a survey line")
    station_m: Positive = Field(
        default=_ACTIONS.station_m, description="distance between gravity stations"
    )
    electrode_m: Positive = Field(
        default=_ACTIONS.electrode_m, description="distance between electrodes"
    )
    cost_line: NotNegative = Field(
        default=_ACTIONS.cost_line, description="cost of setting out a survey line"
    )
    cost_station: NotNegative = Field(
        default=_ACTIONS.cost_station, description="cost of each gravity station"
    )
    cost_electrode: NotNegative = Field(
        default=_ACTIONS.cost_electrode, description="cost of each electrode"
    )


class KeepClearConfig(Model):
    """Pipe, cable or live working that no hole may come close to."""

    name: str = Field(default="", description="what it is")
    axis: tuple[tuple[float, float, float], ...] = Field(
        min_length=2, description="points [x, y, z] along it, metres"
    )
    distance_m: Positive = Field(description="distance that holes keep, beyond their deviation")


class StandoffConfig(Model):
    """Rule of distance that every planned hole keeps."""

    rule: str | None = Field(
        default=None, description="name of a rule of subterra standoff, instead of a distance"
    )
    distance_m: Positive | None = Field(default=None, description="a distance of your own")
    of: Literal["belief", "surveyed"] = Field(
        default="belief",
        description="belief: workings where the belief holds them possible; surveyed: the lines of "
        "mine maps that were tied by survey",
    )
    p: Annotated[float, Field(ge=0.0, lt=1.0)] = Field(
        default=0.05,
        description="probability of workings within the distance that is still accepted",
    )
    families: tuple[Family, ...] = Field(
        default=(), description="what counts as workings; by default all that was dug"
    )
    probes: bool = Field(
        default=True, description="whether holes that are meant as probes may come closer"
    )

    @model_validator(mode="after")
    def _one_distance(self) -> Self:
        if (self.rule is None) == (self.distance_m is None):
            problem = "give either a rule or a distance_m"
            raise ValueError(problem)
        if self.rule is not None and self.rule not in RULES:
            problem = f"unknown rule {self.rule!r}; known: {', '.join(RULES)}"
            raise ValueError(problem)
        return self
