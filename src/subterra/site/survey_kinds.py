"""Kinds of geophysical surveys: gravity, resistivity, travel times, levels between holes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from subterra.errors import InputError
from subterra.formats import (
    read_abmn,
    read_cg5,
    read_cg6,
    read_cw_radar,
    read_gradient,
    read_gravity,
    read_planned_gravity,
    read_planned_resistivity,
    read_res2dinv,
    read_stations,
    read_syscal,
    read_terrameter,
    read_traveltime,
    read_unified,
    sniff_abmn,
    sniff_cg5,
    sniff_cg6,
    sniff_cw_radar,
    sniff_gradient,
    sniff_gravity,
    sniff_planned_gravity,
    sniff_planned_resistivity,
    sniff_res2dinv,
    sniff_stations,
    sniff_syscal,
    sniff_terrameter,
    sniff_traveltime,
    sniff_unified,
)
from subterra.site.kind import Format, Kind, Planned, Setting, one_of, plain, positive, taking
from subterra.tables import (
    MEDIA,
    TIDES,
    CwRadarTable,
    GradientTable,
    GravityTable,
    ResistivityTable,
    TravelTimeTable,
)

if TYPE_CHECKING:
    import numpy.typing as npt

    from subterra.evidence import Evidence
    from subterra.physics import LayeredEarth

__all__ = ["SURVEY_KINDS", "layers_of"]

_BACKGROUNDS: Final = ("even", "mesh")
_GROUND_OPTIONS: Final = ("layers", "background")
"""Options that say of a resistivity file what ground its data are of."""


def _build_gravity(
    tables: Mapping[str, Sequence[Any]], setting: Setting, name: str
) -> Evidence | None:
    from subterra.evidence import LoopErrors, gravity_evidence, reduce_gravity

    stations = tables.get("gravity-stations", ())
    survey: list[GravityTable | GradientTable] = [
        *tables.get("gravity", ()),
        *(reduce_gravity(r, stations).table for r in tables.get("gravity-readings", ())),
        *tables.get("gravity-gradient", ()),
    ]
    # A list of stations alone says nothing.
    if not survey:
        return None
    known = setting.surveys
    return gravity_evidence(
        survey,
        setting.prior,
        id=name,
        cache_dir=setting.cache_dir,
        loops=LoopErrors(
            **_given(
                tie_sd_ugal=known.gravity_tie_sd_ugal,
                drift_sd_ugal_per_h=known.gravity_drift_sd_ugal_per_h,
            )
        ),
        height_sd_m=known.gravity_height_sd_m,
    )


def _given(**values: Any) -> dict[str, Any]:
    """Keep the arguments that are said; the others have defaults of their own."""
    return {name: value for name, value in values.items() if value is not None}


def _build_resistivity(
    tables: Mapping[str, Sequence[ResistivityTable]], setting: Setting, name: str
) -> Evidence:
    from subterra.evidence import mesh_ground, resistivity_evidence
    from subterra.physics import Fillings

    survey = tables["resistivity"]
    known = None
    if setting.water_table_m is not None or setting.lining_ratio is not None:
        known = Fillings(
            lining_ratio=setting.lining_ratio,
            water_table_m=setting.water_table_m,
            rubble_prior=setting.prior.rubble_ratio,
        )
    layers = layers_of(survey, setting.layers)
    mesh = _background_of(survey, setting.background) == "mesh"
    return resistivity_evidence(
        survey,
        setting.prior,
        id=name,
        cache_dir=setting.cache_dir,
        position_sd_m=setting.surveys.electrode_position_sd_m,
        layers=None if mesh else layers,
        ground=mesh_ground(survey, setting.prior, layers=layers, cache_dir=setting.cache_dir)
        if mesh
        else None,
        fillings=known,
    )


def _background_of(tables: Sequence[ResistivityTable], default: str) -> str:
    said = {table.background for table in tables if table.background is not None}
    if len(said) > 1:
        problem = "the resistivity files of one site say different backgrounds: even and mesh"
        raise InputError(problem)
    return said.pop() if said else default


def layers_of(tables: Sequence[ResistivityTable], default: str | None) -> LayeredEarth | None:
    """Layers that resistivity files and the site say; a survey has one ground.

    Raises
    ------
    InputError
        If two files say different layers.
    """
    from subterra.physics import LayeredEarth, parse_layers

    said = {table.layers for table in tables if table.layers is not None}
    if len(said) > 1:
        texts = " and ".join(sorted(LayeredEarth(*layers).text() for layers in said))
        problem = f"the resistivity files of one site say different layers: {texts}"
        raise InputError(problem)
    if said:
        return LayeredEarth(*said.pop())
    return None if default is None else parse_layers(default)


def _with_ground(
    reader: Callable[..., ResistivityTable], *further: str
) -> Callable[[Path, Mapping[str, Any]], ResistivityTable]:
    """Reader of a resistivity format; the ground is said of its data, it does not change them."""
    placed = taking(reader, "origin", "rotation_deg", *further)

    def read(path: Path, options: Mapping[str, Any]) -> ResistivityTable:
        ground = {name: value for name, value in options.items() if name in _GROUND_OPTIONS}
        placing = {name: value for name, value in options.items() if name not in ground}
        return replace(placed(path, placing), **ground)

    return read


def _layers(text: str) -> tuple[tuple[float, ...], tuple[float, ...]]:
    from subterra.physics import parse_layers

    earth = parse_layers(text)
    return earth.resistivity_ohmm, earth.thickness_m


def _build_traveltime(
    tables: Mapping[str, Sequence[TravelTimeTable]], setting: Setting, name: str
) -> Evidence:
    from subterra.evidence import traveltime_evidence

    survey, known = tables["traveltime"], setting.surveys
    radar = survey[0].medium == "radar"
    return traveltime_evidence(
        survey,
        setting.prior,
        id=name,
        cache_dir=setting.cache_dir,
        anisotropy=known.radar_anisotropy if radar else known.seismic_anisotropy,
        invert=known.invert,
        lens=known.radar_lens if radar else known.seismic_lens,
    )


def _build_cw_radar(
    tables: Mapping[str, Sequence[CwRadarTable]], setting: Setting, name: str
) -> Evidence:
    from subterra.evidence import cw_radar_evidence

    survey, known = tables["cw-radar"], setting.surveys
    return cw_radar_evidence(
        survey,
        setting.prior,
        id=name,
        cache_dir=setting.cache_dir,
        **_given(permittivity=known.permittivity, conductivity_s_m=known.conductivity_s_per_m),
    )


def _ray_ends(
    table: TravelTimeTable | CwRadarTable,
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    import numpy as np

    return np.concatenate([table.sx_m, table.rx_m]), np.concatenate([table.sy_m, table.ry_m])


def _gravity_with_error(table: GravityTable, sd_ugal: float) -> GravityTable:
    return replace(table, sd_ugal=np.full(len(table), sd_ugal))


def _resistivity_with_error(table: ResistivityTable, err_relative: float) -> ResistivityTable:
    if err_relative >= 1.0:
        problem = f"the error of a resistivity is relative, 0.02 is 2 %; found {err_relative:g}"
        raise InputError(problem)
    return replace(table, err_relative=np.full(len(table), err_relative))


_PLANNED_GRAVITY: Final = Planned(
    (Format("planned-gravity-csv", sniff_planned_gravity, plain(read_planned_gravity)),),
    _gravity_with_error,
    "µGal",
    "µGal",
    1.0,
    "kg/m³",
)
_PLANNED_RESISTIVITY: Final = Planned(
    (
        Format(
            "planned-unified",
            sniff_planned_resistivity,
            lambda path, options: read_planned_resistivity(path, **options),
        ),
    ),
    _resistivity_with_error,
    "relative (0.02 is 2 %)",
    "% of the apparent resistivity",
    100.0,
    "in ln ρ",
)


def _point(text: str) -> tuple[float, float]:
    try:
        x, y = (float(part) for part in text.split(","))
    except ValueError as error:
        problem = "expected x,y in metres"
        raise ValueError(problem) from error
    return x, y


def _names(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.split(","))


def _number(what: str) -> Callable[[str], float]:
    """Parser of an option that is any number of something."""

    def parse(text: str) -> float:
        try:
            return float(text)
        except ValueError as error:
            problem = f"expected {what}"
            raise ValueError(problem) from error

    return parse


_DEGREES: Final = _number("degrees")
_DENSITY: Final = _number("kg/m3, 0 for free-air anomalies")
_READING: Final = ("names", "tide", "density")

SURVEY_KINDS: Final = (
    Kind(
        "gravity",
        "gravity station",
        (Format("gravity-csv", sniff_gravity, plain(read_gravity)),),
        "gravity",
        _build_gravity,
        lambda table: (table.x_m, table.y_m),
        planned=_PLANNED_GRAVITY,
    ),
    Kind(
        "gravity-gradient",
        "gravity gradient",
        (Format("gradient-csv", sniff_gradient, plain(read_gradient)),),
        "gravity",
        _build_gravity,
        lambda table: (table.x_m, table.y_m),
    ),
    Kind(
        "resistivity",
        "resistivity datum",
        (
            Format("unified", sniff_unified, _with_ground(read_unified)),
            Format("res2dinv", sniff_res2dinv, _with_ground(read_res2dinv)),
            Format("abmn-csv", sniff_abmn, _with_ground(read_abmn, "spacing")),
            Format("syscal", sniff_syscal, _with_ground(read_syscal, "spacing")),
            Format("terrameter", sniff_terrameter, _with_ground(read_terrameter, "spacing")),
        ),
        "resistivity",
        _build_resistivity,
        lambda table: (table.electrode_x_m, table.electrode_y_m),
        MappingProxyType(
            {
                "origin": _point,
                "rotation_deg": _DEGREES,
                "layers": _layers,
                "background": one_of(_BACKGROUNDS),
                "spacing": positive("metres between electrodes"),
            }
        ),
        planned=_PLANNED_RESISTIVITY,
        nouns="resistivity data",
    ),
    Kind(
        "traveltime",
        "travel time",
        (
            Format(
                "traveltime-csv",
                sniff_traveltime,
                lambda path, options: read_traveltime(path, **options),
            ),
        ),
        "traveltime",
        _build_traveltime,
        _ray_ends,
        MappingProxyType({"medium": one_of(MEDIA)}),
        part=lambda table: table.medium,
    ),
    Kind(
        "cw-radar",
        "level between holes",
        (Format("cw-radar-csv", sniff_cw_radar, plain(read_cw_radar)),),
        "cw-radar",
        _build_cw_radar,
        _ray_ends,
        nouns="levels between holes",
    ),
    Kind(
        "gravity-readings",
        "gravimeter reading",
        (
            Format("cg5", sniff_cg5, taking(read_cg5, *_READING, "origin", "rotation_deg")),
            Format("cg6", sniff_cg6, taking(read_cg6, *_READING)),
        ),
        "gravity",
        _build_gravity,
        options=MappingProxyType(
            {
                "names": _names,
                "tide": one_of(TIDES),
                "density": _DENSITY,
                "origin": _point,
                "rotation_deg": _DEGREES,
            }
        ),
        reduced_to="gravity",
    ),
    Kind(
        "gravity-stations",
        "gravity station",
        (Format("stations-csv", sniff_stations, plain(read_stations)),),
        "gravity",
        _build_gravity,
        lambda table: (table.x_m, table.y_m),
    ),
)
