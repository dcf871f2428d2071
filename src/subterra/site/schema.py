"""Every key of the site file: its type, range, default and explanation."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Final, Literal, cast

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from subterra.evidence import ReportTerms, SignTerms
from subterra.scene import DEFAULT_FAMILIES, FamilyPrior, Prior
from subterra.search import DrillTerms

__all__ = [
    "DrillingConfig",
    "Family",
    "FamilyConfig",
    "FillsConfig",
    "HostConfig",
    "KnownConfig",
    "NoGoConfig",
    "PeopleConfig",
    "SiteConfig",
    "SurfaceConfig",
    "SurveysConfig",
    "TargetsConfig",
    "default_families",
]

_DEFAULT: Final = Prior((0.0, 0.0, 1.0, 1.0), 1.0)
_TERMS: Final = DrillTerms()
_PLAIN: Final = DEFAULT_FAMILIES["driven"]
_REPORTS: Final = ReportTerms()
_SIGNS: Final = SignTerms()


def _rising(pair: tuple[float, float]) -> tuple[float, float]:
    if not pair[0] < pair[1]:
        problem = f"the first of two bounds must be the smaller, found {list(pair)}"
        raise ValueError(problem)
    return pair


def _counted(record: tuple[float, float]) -> tuple[float, float]:
    if not record[0] <= record[1]:
        problem = f"expected hits and then at least as many sites, found {list(record)}"
        raise ValueError(problem)
    return record


def _sums_to_one(shares: tuple[float, float, float]) -> tuple[float, float, float]:
    if abs(sum(shares) - 1.0) > 1e-6:
        problem = f"probabilities must sum to 1, found {list(shares)}"
        raise ValueError(problem)
    return shares


def _bounds_in_order(
    bounds: tuple[float, float, float, float],
) -> tuple[float, float, float, float]:
    x0, y0, x1, y1 = bounds
    if not (x0 < x1 and y0 < y1):
        problem = f"expected x0, y0, x1, y1 with x0 < x1 and y0 < y1, found {list(bounds)}"
        raise ValueError(problem)
    return bounds


def _layered(text: str) -> str:
    from subterra.physics import parse_layers

    parse_layers(text)
    return text


Family = Literal["driven", "working", "chamber", "shaft", "conduit"]
Positive = Annotated[float, Field(gt=0.0)]
NotNegative = Annotated[float, Field(ge=0.0)]
Share = Annotated[float, Field(ge=0.0, le=1.0)]
BelowOne = Annotated[float, Field(ge=0.0, lt=1.0)]
Chance = Annotated[float, Field(gt=0.0, lt=1.0)]
Record = Annotated[tuple[NotNegative, NotNegative], AfterValidator(_counted)]
PositiveRange = Annotated[tuple[Positive, Positive], AfterValidator(_rising)]
Anisotropy = Literal["none", "elliptical", "weak"]
Shares = Annotated[tuple[Share, Share, Share], AfterValidator(_sums_to_one)]
Layers = Annotated[str, AfterValidator(_layered)]
Bounds = Annotated[tuple[float, float, float, float], AfterValidator(_bounds_in_order)]


class Model(BaseModel):
    """Base of all tables of the site file: immutable, strict, unknown keys refused."""

    model_config = ConfigDict(
        frozen=True, strict=True, extra="forbid", allow_inf_nan=False, validate_default=False
    )


class SurfaceConfig(Model):
    """Ground surface."""

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


class KnownConfig(Model):
    """Course of an object that is known from elsewhere: drawn on the page, never used."""

    label: str = Field(min_length=1, description="what it is and how it is known")
    axis: tuple[tuple[float, float, float], ...] = Field(
        min_length=2, description="points [x, y, z] along it, metres"
    )


def default_families() -> dict[Family, FamilyConfig]:
    """Return the priors that a site file takes where it gives none."""
    return {cast("Family", name): _family_config(p) for name, p in DEFAULT_FAMILIES.items()}


def _family_config(prior: FamilyPrior) -> FamilyConfig:
    values = asdict(prior)
    del values["name"]
    return FamilyConfig(**values)


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
    people: PeopleConfig = PeopleConfig()
    no_go: tuple[NoGoConfig, ...] = Field(
        default=(),
        description="areas where no hole may start, by their corners [x, y]",
        examples=[[{"name": "pond", "polygon": [[10.0, 5.0], [20.0, 5.0], [15.0, 12.0]]}]],
    )
