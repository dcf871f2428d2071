"""Every key of the site file: its type, range, default and explanation."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from subterra.site.schema_actions import ActionsConfig, KeepClearConfig, StandoffConfig
from subterra.site.schema_below import (
    FamilyConfig,
    FillsConfig,
    HostConfig,
    SurfaceConfig,
    TargetsConfig,
    default_families,
)
from subterra.site.schema_search import (
    DrillingConfig,
    NoGoConfig,
    PeopleConfig,
    SurveysConfig,
)
from subterra.site.schema_types import Bounds, Family, Model, Positive

__all__ = [
    "ActionsConfig",
    "DrillingConfig",
    "Family",
    "FamilyConfig",
    "FillsConfig",
    "HostConfig",
    "KeepClearConfig",
    "KnownConfig",
    "NoGoConfig",
    "PeopleConfig",
    "SiteConfig",
    "StandoffConfig",
    "SurfaceConfig",
    "SurveysConfig",
    "TargetsConfig",
    "default_families",
]


class KnownConfig(Model):
    """Course of an object that is known from elsewhere: drawn on the page, never used."""

    label: str = Field(min_length=1, description="what it is and how it is known")
    axis: tuple[tuple[float, float, float], ...] = Field(
        min_length=2, description="points [x, y, z] along it, metres"
    )


class SiteConfig(Model):
    """The whole site file."""

    format: Literal[1] = Field(default=1, description="version of this file's layout")
    name: str = Field(min_length=1, description="name of the site, for titles")
    crs: str | None = Field(
        default=None,
        pattern=r"^EPSG:[0-9]+$",
        description="projected coordinate reference system in metres; leave it out for a local "
        "frame with x east and y north",
        examples=["EPSG:25833"],
    )
    bounds: Bounds = Field(description="search area x0, y0, x1, y1, metres")
    depth_m: Positive = Field(description="depth under the ground down to which is searched")
    notes: tuple[str, ...] = Field(
        default=(), description="remarks for the page", examples=[["Old adit reported in 1850."]]
    )
    known: tuple[KnownConfig, ...] = Field(
        default=(),
        description="courses known from elsewhere: drawn on the page, never used",
        examples=[[{"label": "adit, from a plan of 1850", "axis": [[0, 5, -3], [40, 9, -4]]}]],
    )
    surface: SurfaceConfig = SurfaceConfig()
    targets: TargetsConfig = TargetsConfig()
    host: HostConfig = HostConfig()
    fills: FillsConfig = FillsConfig()
    families: dict[Family, FamilyConfig] = Field(default_factory=default_families)
    surveys: SurveysConfig = SurveysConfig()
    drilling: DrillingConfig = DrillingConfig()
    actions: ActionsConfig = ActionsConfig()
    people: PeopleConfig = PeopleConfig()
    keep_clear: tuple[KeepClearConfig, ...] = Field(
        default=(),
        description="courses that no hole may come close to, however long it may become",
        examples=[
            [{"name": "gas main", "axis": [[0, 12, -1.5], [60, 12, -1.5]], "distance_m": 3.0}]
        ],
    )
    standoff: tuple[StandoffConfig, ...] = Field(
        default=(),
        description="rules of distance that every planned hole keeps; each names a rule or a "
        "distance_m, of the belief or of surveyed workings",
        examples=[[{"rule": "us-57.22241-unsurveyed", "p": 0.05, "families": ["working"]}]],
    )
    no_go: tuple[NoGoConfig, ...] = Field(
        default=(),
        description="areas where no hole may start, by their corners [x, y]",
        examples=[[{"name": "pond", "polygon": [[10.0, 5.0], [20.0, 5.0], [15.0, 12.0]]}]],
    )
