"""Keys of the site file on what may lie below: ground, targets, fills and families."""

from __future__ import annotations

from dataclasses import asdict
from typing import Final, Literal, cast

from pydantic import Field

from subterra.scene import DEFAULT_FAMILIES, FamilyPrior, Prior
from subterra.site.schema_types import (
    Family,
    Layers,
    Model,
    NotNegative,
    Positive,
    PositiveRange,
    Record,
    Share,
    Shares,
)

__all__ = [
    "FamilyConfig",
    "FillsConfig",
    "HostConfig",
    "SurfaceConfig",
    "TargetsConfig",
    "default_families",
]

_DEFAULT: Final = Prior((0.0, 0.0, 1.0, 1.0), 1.0)
_PLAIN: Final = DEFAULT_FAMILIES["driven"]


class SurfaceConfig(Model):
    """Ground surface; terrain that is in force gives its plane in place of these numbers."""

    z0_m: float = Field(default=0.0, description="height of the ground at x = 0, y = 0, metres")
    slope_x: float = Field(default=0.0, description="rise per metre towards the east")
    slope_y: float = Field(default=0.0, description="rise per metre towards the north")


class TargetsConfig(Model):
    """What the search is for."""

    look_for: tuple[Family, ...] = Field(
        default=("driven",),
        min_length=1,
        description=(
            "families that are targets: driven (clandestine or access tunnel), working (mine "
            "drive, adit), chamber (cavity), shaft, conduit (natural, sinuous); a family that is "
            "no target explains data without being one if more than 0 of it are expected"
        ),
    )
    p0: float = Field(
        default=0.5,
        gt=0.0,
        lt=1.0,
        description=(
            "probability, before any evidence, that there is NO target inside the bounds; it is "
            "yours to say and does not change with the size of the area"
        ),
    )
    p0_record: Record | None = Field(
        default=None,
        description="record of other sites that were suspected as this one was, as hits and "
        "sites; p0 is then updated by it as the mean of a Beta distribution worth one site",
        examples=[[0, 25]],
    )
    more: Shares = Field(
        default=_DEFAULT.more_targets,
        description="probabilities of one, two and three targets, given that there is one",
    )


class HostConfig(Model):
    """Ground between the objects."""

    density_kg_m3: PositiveRange = Field(
        default=_DEFAULT.host_density, description="bounds of the uniform density"
    )
    resistivity_ohmm: PositiveRange = Field(
        default=_DEFAULT.host_resistivity, description="bounds of the log-uniform resistivity"
    )
    layers: Layers | None = Field(
        default=None,
        description="level layers under the ground as RHO1:H1,RHO2:H2,RHO3 from the top (Ω·m, "
        "metres) about which resistivity is understood; leave it out for even ground",
        examples=["60:1.8,250"],
    )
    background: Literal["even", "mesh"] = Field(
        default="even",
        description="how resistivity sees the ground: even (a plane), or mesh, which follows the "
        "heights of the electrodes and is solved for each of them",
    )


class FillsConfig(Model):
    """What fills an object, relative to the host."""

    water_conductivity_ratio: PositiveRange = Field(
        default=_DEFAULT.water_ratio, description="conductivity of a flooded object over the host's"
    )
    rubble_conductivity_ratio: PositiveRange = Field(
        default=_DEFAULT.rubble_ratio,
        description="conductivity of a collapsed object over the host's",
    )
    water_table_m: NotNegative | None = Field(
        default=None,
        description="depth of the water table: rubble over it insulates, under it conducts; leave "
        "it out where it is not known",
        examples=[3.5],
    )
    lining_conductivity_ratio: Positive | None = Field(
        default=None,
        description="conductivity of the families' linings over the host's: 0.01-0.1 dry concrete "
        "or brick, 1-3 wet concrete, above 10 steel; leave it out and resistivity takes drives "
        "for unlined",
        examples=[0.05],
    )
    rubble_density_deficit: PositiveRange = Field(
        default=_DEFAULT.rubble_deficit,
        description="density that rubble lacks, as a share of the host's",
    )
    halo_sd: NotNegative = Field(
        default=_DEFAULT.halo_sd,
        description="spread (sd of the natural log) of the factor by which disturbed ground "
        "around an object changes its response",
    )
    rubble_chimney: bool = Field(
        default=_DEFAULT.rubble_chimney,
        description="whether rubble means a caved-in line whose deficit spreads over a chimney "
        "above it",
    )


class FamilyConfig(Model):
    """Prior of one family."""

    length_m: PositiveRange = Field(
        description="bounds of the log-uniform length of the axis; of a shaft, extent in depth"
    )
    depth_m: PositiveRange = Field(
        description="bounds of the uniform depth of the axis under the ground; cut at the site's; "
        "of a shaft, of the log-uniform depth of its mouth"
    )
    radius_m: PositiveRange = Field(description="bounds of the log-uniform radius")
    grade_sd: NotNegative = Field(
        description="sd of the slope of the axis, metres per metre; of a shaft, of its lean to the "
        "east and to the north"
    )
    curvature_sd_per_m: NotNegative = Field(description="sd of the curvature in plan, 1/metre")
    fill: Shares = Field(description="probabilities of air, water and rubble")
    expected: NotNegative = Field(
        description="expected number in the bounds when the family is not a target: 0 leaves it "
        "out, more makes it a competing explanation"
    )
    section: Literal["round", "rectangular"] = Field(
        default="round", description="section of a line, of the area of its radius"
    )
    aspect: tuple[Positive, Positive] = Field(
        default=(1.0, 1.0),
        description="bounds of height over width; of a line one number, twice",
    )
    lining_m: NotNegative = Field(
        default=0.0, description="thickness of a lining around the void; 0 is none"
    )
    lining_density: Positive = Field(default=2400.0, description="density of the lining, kg/m³")
    branch: Share = Field(
        default=_PLAIN.branch,
        description="probability that a driven tunnel or a working forks inside the bounds",
    )
    branch_length_m: PositiveRange = Field(
        default=_PLAIN.branch_length_m, description="bounds of the log-uniform length of the branch"
    )
    branch_angle_deg: Positive = Field(
        default=_PLAIN.branch_angle_deg,
        description="smallest angle between the branch and the main drive",
    )
    wavelength_m: PositiveRange = Field(
        default=_PLAIN.wavelength_m,
        description="conduit: bounds of the log-uniform length of its waves",
    )
    tortuosity: tuple[Positive, Positive] = Field(
        default=_PLAIN.tortuosity,
        description="conduit: bounds of the uniform ratio of its length to the straight line",
    )
    vertical: NotNegative = Field(
        default=_PLAIN.vertical,
        description="conduit: amplitude of its waves in depth over that in plan",
    )


def default_families() -> dict[Family, FamilyConfig]:
    """Return the priors that a site file takes where it gives none."""
    return {cast("Family", name): _family_config(p) for name, p in DEFAULT_FAMILIES.items()}


def _family_config(prior: FamilyPrior) -> FamilyConfig:
    values = asdict(prior)
    del values["name"]
    return FamilyConfig(**values)
