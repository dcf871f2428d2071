"""Keys of the site file on how is searched: surveys, drill, people, and where no hole may start."""

from __future__ import annotations

from typing import Annotated, Final

from pydantic import Field

from subterra.evidence import ReportTerms, SignTerms
from subterra.search import DrillTerms
from subterra.site.schema_types import (
    Anisotropy,
    BelowOne,
    Chance,
    Model,
    NotNegative,
    Positive,
    Share,
)

__all__ = ["DrillingConfig", "NoGoConfig", "PeopleConfig", "SurveysConfig"]

_TERMS: Final = DrillTerms()
_REPORTS: Final = ReportTerms()
_SIGNS: Final = SignTerms()


class SurveysConfig(Model):
    """What is known of surveys beyond their files."""

    gravity_tie_sd_ugal: NotNegative | None = Field(
        default=None,
        description="sd of what all readings of an instrument loop share, µGal; used where files "
        "name loops, by default 10",
        examples=[10.0],
    )
    gravity_drift_sd_ugal_per_h: NotNegative | None = Field(
        default=None,
        description="sd of the drift left in a loop, µGal per hour; by default 5",
        examples=[5.0],
    )
    gravity_height_sd_m: NotNegative = Field(
        default=0.0, description="sd of the height of a gravity station, metres"
    )
    electrode_position_sd_m: NotNegative = Field(
        default=0.0, description="sd of an electrode's place along each axis, metres"
    )
    radar_anisotropy: Anisotropy | None = Field(
        default=None,
        description="how radar's slowness depends on direction: none, elliptical or weak (any weak "
        "anisotropy); by default elliptical",
        examples=["elliptical"],
    )
    seismic_anisotropy: Anisotropy | None = Field(
        default=None, description="the same of P waves; by default weak", examples=["weak"]
    )
    radar_lens: NotNegative | None = Field(
        default=None,
        description="sd of the relative slowness of lenses that are no void, radar; by default "
        "0.2, which is for soil",
        examples=[0.05],
    )
    seismic_lens: NotNegative | None = Field(
        default=None,
        description="the same of P waves; by default 0.1, which is for fractured rock; 0.03 is for "
        "massive rock",
        examples=[0.03],
    )
    invert: Share = Field(
        default=0.0,
        description="share of the height of air-filled objects that is under water, for travel "
        "times",
    )
    permittivity: Annotated[float, Field(ge=1.0, le=81.0)] | None = Field(
        default=None,
        description="relative permittivity of the ground, for levels of continuous waves",
        examples=[7.0],
    )
    conductivity_s_per_m: NotNegative | None = Field(
        default=None,
        description="conductivity of the ground, S/m, for levels of continuous waves",
        examples=[0.001],
    )


class DrillingConfig(Model):
    """What a drill can do and what it costs."""

    p_detect: tuple[Share, Share, Share] = Field(
        default=_TERMS.p_detect,
        description="probability that the log says void where the drill meets an object filled "
        "with air, water, rubble",
    )
    false_void_per_m: NotNegative = Field(
        default=_TERMS.false_void_per_m, description="void logs per metre where there is none"
    )
    deviation_sd_per_m: NotNegative = Field(
        default=_TERMS.deviation_sd_per_m,
        description="sd of the lateral deviation, metres per metre along the hole",
    )
    extraction: Share = Field(
        default=_TERMS.extraction,
        description="probability that a hole through a working meets its void and not a pillar: "
        "1 for single drives, the extraction ratio for room and pillar",
    )
    cost_setup: NotNegative = Field(
        default=_TERMS.cost_setup, description="cost of setting up a hole, in any unit"
    )
    cost_per_m: NotNegative = Field(
        default=_TERMS.cost_per_m, description="cost of each metre, in the same unit"
    )
    cost_inclined: NotNegative = Field(
        default=_TERMS.cost_inclined, description="extra cost of a hole that is not vertical"
    )
    collar_spacing_m: Positive = Field(
        default=_TERMS.collar_spacing_m, description="spacing of the grid of collars that are tried"
    )
    azimuths_deg: tuple[float, ...] = Field(
        default=_TERMS.azimuths_deg, description="azimuths that are tried, clockwise from north"
    )
    inclinations_deg: tuple[Annotated[float, Field(gt=0.0, le=90.0)], ...] = Field(
        default=_TERMS.inclinations_deg,
        min_length=1,
        description="inclinations that are tried, degrees down from horizontal; 90 is vertical",
    )
    max_length_m: Positive = Field(default=_TERMS.max_length_m, description="longest hole")
    overdrill_m: NotNegative = Field(
        default=_TERMS.overdrill_m, description="how far a hole goes on behind the target"
    )
    separation_m: NotNegative = Field(
        default=_TERMS.separation_m, description="no hole is planned closer than this to another"
    )
    information_weight: NotNegative = Field(
        default=_TERMS.information_weight,
        description="worth of one bit learnt, in units of one hit",
    )


class PeopleConfig(Model):
    """How far reports and signs are believed; all of these numbers are conventions."""

    decoy_share: BelowOne = Field(
        default=_REPORTS.decoy_share,
        description="share of false entrances, heaps and vents that are decoys, where there is a "
        "target",
    )
    decoy_radius_m: Positive = Field(
        default=_REPORTS.decoy_radius_m,
        description="distance from a target's ends within which decoys are rarer",
    )
    p_notice: BelowOne = Field(
        default=_REPORTS.p_notice,
        description="probability that someone who reports nothing at a place with a target under "
        "it would have noticed it",
    )
    p_imagine: Chance = Field(
        default=_REPORTS.p_imagine,
        description="probability of noticing something where there is nothing",
    )
    noise_spread_m: NotNegative = Field(
        default=_REPORTS.noise_spread_m,
        description="spread of places where digging is heard around the place where it is",
    )
    datum_shift_m: tuple[float, float] | None = Field(
        default=None,
        description="shift east and north of a place given on an old national datum and taken for "
        "this one; leave it out where no such datum is in use",
        examples=[[-150.0, 310.0]],
    )
    datum_share: BelowOne = Field(
        default=_REPORTS.datum_share, description="share of reports with that shift"
    )
    p_rumour: BelowOne = Field(
        default=_REPORTS.p_rumour,
        description="probability that a site without a target is talked of as much as one with a "
        "target; the number of reports then says nothing, only their places do",
    )
    seen_by_chance: Chance = Field(
        default=_SIGNS.seen_by_chance,
        description="probability that a sign is noticed where nobody looked for signs",
    )
    one_hand_m: NotNegative = Field(
        default=_SIGNS.one_hand_m,
        description="openings, heaps and vents this close to one another count once, unless their "
        "file names origins",
    )


class NoGoConfig(Model):
    """Area where no hole may start."""

    name: str = Field(default="", description="what is there")
    polygon: tuple[tuple[float, float], ...] = Field(
        min_length=3, description="corners as [x, y], metres"
    )
