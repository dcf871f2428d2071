"""Registry of kinds of evidence: how a file is recognised, read and turned into evidence.

A kind from outside is an entry point of the group ``subterra.kinds`` whose object is a `Kind`;
its name must be new.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from subterra.errors import InputError, SiteError
from subterra.formats import (
    read_boreholes,
    read_cw_radar,
    read_gradient,
    read_gravity,
    read_intervals,
    read_planned_gravity,
    read_planned_resistivity,
    read_reports,
    read_res2dinv,
    read_traveltime,
    read_unified,
    sniff_boreholes,
    sniff_cw_radar,
    sniff_gradient,
    sniff_gravity,
    sniff_intervals,
    sniff_planned_gravity,
    sniff_planned_resistivity,
    sniff_reports,
    sniff_res2dinv,
    sniff_traveltime,
    sniff_unified,
)
from subterra.formats.text import read_bytes, read_text
from subterra.site.join import join_collars, join_intervals, join_reports
from subterra.tables import (
    MEDIA,
    BoreholeTable,
    CwRadarTable,
    GradientTable,
    GravityTable,
    IntervalTable,
    ReportTable,
    ResistivityTable,
    TravelTimeTable,
)

if TYPE_CHECKING:
    import numpy.typing as npt

    from subterra.evidence import Evidence
    from subterra.physics import LayeredEarth
    from subterra.scene import Prior
    from subterra.search import DrillTerms

__all__ = [
    "ENTRY_POINTS",
    "Format",
    "Kind",
    "Planned",
    "Setting",
    "find_kind",
    "kinds",
    "layers_of",
    "parse_options",
    "recognise",
]

ENTRY_POINTS: Final = "subterra.kinds"

_HEAD_BYTES: Final = 4096


@dataclass(frozen=True)
class Format:
    """One file format of a kind.

    Parameters
    ----------
    name : str
        Short name, stable: it is kept in journals.
    sniff : callable
        Says of the first bytes of a file whether they are this format.
    read : callable
        Turns a file and the user's options, already parsed, into a table.
    """

    name: str
    sniff: Callable[[bytes], bool]
    read: Callable[[Path, Mapping[str, Any]], Any]


@dataclass(frozen=True)
class Setting:
    """What the site says about how its evidence is to be understood.

    Parameters
    ----------
    prior : Prior
        What is believed before the evidence; it knows the surface.
    terms : DrillTerms
        How well the drill finds voids, among others.
    cache_dir : Path or None
        Folder for ground models.
    layers : str or None
        Level layers of the ground as text, for files that say none themselves.
    water_table_m : float or None
        Depth of the water table in metres, where it is known.
    """

    prior: Prior
    terms: DrillTerms
    cache_dir: Path | None
    layers: str | None = None
    water_table_m: float | None = None


@dataclass(frozen=True)
class Planned:
    """How a survey of a kind is described before it is made.

    Parameters
    ----------
    formats : tuple of Format
        Files without data; reading gives a table with stand-ins.
    with_error : callable
        Puts another standard error into a table, in the unit of its error column.
    error_unit : str
        That unit, in words after a number.
    sd_unit, sd_scale : str, float
        Unit in which the errors that the likelihood uses are said, and what to multiply them by.
    ground_unit : str
        Unit of the amplitude of its ground models, in words after a number.
    """

    formats: tuple[Format, ...]
    with_error: Callable[[Any, float], Any]
    error_unit: str
    sd_unit: str
    sd_scale: float
    ground_unit: str


@dataclass(frozen=True)
class Kind:
    """A kind of evidence.

    Parameters
    ----------
    name : str
        Name for ``--kind``, stable.
    noun : str
        What one row is, in the plural.
    formats : tuple of Format
        At least one; the first one's reader is tried where the user forces the kind and no
        sniffer knows the file.
    group : str
        Kinds of one group become one piece of evidence and share ``build``.
    build : callable
        Gets the tables by kind, the site's setting and the identity; returns the evidence, or
        None where the tables carry no information.
    place : callable or None
        Plan coordinates (x, y) of a table in metres, to tell a file in another frame.
    options : mapping of str to callable
        Parser of each option's text; it raises ``ValueError`` with what was expected.
    part : callable or None
        Physical property of a table, where a kind has several: those of each are built apart, with
        the property in the identity.
    planned : Planned or None
        How its surveys are planned; without it only what was measured can be forecast.
    """

    name: str
    noun: str
    formats: tuple[Format, ...]
    group: str
    build: Callable[[Mapping[str, Sequence[Any]], Setting, str], Evidence | None]
    place: Callable[[Any], tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]] | None = None
    options: Mapping[str, Callable[[str], Any]] = field(
        default_factory=dict[str, Callable[[str], Any]]
    )
    part: Callable[[Any], str] | None = None
    planned: Planned | None = None


def _plain(reader: Callable[[Path], Any]) -> Callable[[Path, Mapping[str, Any]], Any]:
    return lambda path, _: reader(path)


def _build_gravity(
    tables: Mapping[str, Sequence[GravityTable | GradientTable]], setting: Setting, name: str
) -> Evidence:
    from subterra.evidence import gravity_evidence

    survey = [*tables.get("gravity", ()), *tables.get("gravity-gradient", ())]
    return gravity_evidence(survey, setting.prior, id=name, cache_dir=setting.cache_dir)


def _build_resistivity(
    tables: Mapping[str, Sequence[ResistivityTable]], setting: Setting, name: str
) -> Evidence:
    from subterra.evidence import resistivity_evidence
    from subterra.physics import Fillings

    survey = tables["resistivity"]
    known = None
    if setting.water_table_m is not None:
        drawn = setting.prior.rubble_ratio
        known = Fillings(water_table_m=setting.water_table_m, rubble_prior=drawn)
    return resistivity_evidence(
        survey,
        setting.prior,
        id=name,
        cache_dir=setting.cache_dir,
        layers=layers_of(survey, setting.layers),
        fillings=known,
    )


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


def _with_layers(
    reader: Callable[..., ResistivityTable],
) -> Callable[[Path, Mapping[str, Any]], ResistivityTable]:
    """Reader of a resistivity format; the layers are said of its data, they do not change them."""

    def read(path: Path, options: Mapping[str, Any]) -> ResistivityTable:
        placing = {name: value for name, value in options.items() if name != "layers"}
        table = reader(path, **placing)
        return replace(table, layers=options["layers"]) if "layers" in options else table

    return read


def _layers(text: str) -> tuple[tuple[float, ...], tuple[float, ...]]:
    from subterra.physics import parse_layers

    earth = parse_layers(text)
    return earth.resistivity_ohmm, earth.thickness_m


def _build_boreholes(
    tables: Mapping[str, Sequence[Any]], setting: Setting, name: str
) -> Evidence | None:
    from subterra.evidence import DrillLogTerms, borehole_evidence

    collars: Sequence[BoreholeTable] = tables.get("boreholes", ())
    intervals: Sequence[IntervalTable] = tables.get("intervals", ())
    # A hole without a log says nothing about what it went through.
    if not intervals:
        return None
    terms = setting.terms
    return borehole_evidence(
        join_collars(collars, setting.prior.surface),
        join_intervals(intervals),
        setting.prior,
        id=name,
        terms=DrillLogTerms(terms.p_detect, terms.false_void_per_m, terms.deviation_sd_per_m),
    )


def _build_reports(
    tables: Mapping[str, Sequence[ReportTable]], setting: Setting, name: str
) -> Evidence:
    from subterra.evidence import report_evidence

    return report_evidence(join_reports(tables["reports"]), setting.prior, id=name)


def _build_traveltime(
    tables: Mapping[str, Sequence[TravelTimeTable]], setting: Setting, name: str
) -> Evidence:
    from subterra.evidence import traveltime_evidence

    survey = tables["traveltime"]
    return traveltime_evidence(survey, setting.prior, id=name, cache_dir=setting.cache_dir)


def _build_cw_radar(
    tables: Mapping[str, Sequence[CwRadarTable]], setting: Setting, name: str
) -> Evidence:
    from subterra.evidence import cw_radar_evidence

    survey = tables["cw-radar"]
    return cw_radar_evidence(survey, setting.prior, id=name, cache_dir=setting.cache_dir)


def _ray_ends(
    table: TravelTimeTable | CwRadarTable,
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    import numpy as np

    return np.concatenate([table.sx_m, table.rx_m]), np.concatenate([table.sy_m, table.ry_m])


def _medium(text: str) -> str:
    if text not in MEDIA:
        problem = f"expected {' or '.join(MEDIA)}"
        raise ValueError(problem)
    return text


def _gravity_with_error(table: GravityTable, sd_ugal: float) -> GravityTable:
    return replace(table, sd_ugal=np.full(len(table), sd_ugal))


def _resistivity_with_error(table: ResistivityTable, err_relative: float) -> ResistivityTable:
    if err_relative >= 1.0:
        problem = f"the error of a resistivity is relative, 0.02 is 2 %; found {err_relative:g}"
        raise InputError(problem)
    return replace(table, err_relative=np.full(len(table), err_relative))


_PLANNED_GRAVITY: Final = Planned(
    (Format("planned-gravity-csv", sniff_planned_gravity, _plain(read_planned_gravity)),),
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


def _degrees(text: str) -> float:
    try:
        return float(text)
    except ValueError as error:
        problem = "expected degrees"
        raise ValueError(problem) from error


_BUILT_IN: Final = (
    Kind(
        "gravity",
        "gravity stations",
        (Format("gravity-csv", sniff_gravity, _plain(read_gravity)),),
        "gravity",
        _build_gravity,
        lambda table: (table.x_m, table.y_m),
        planned=_PLANNED_GRAVITY,
    ),
    Kind(
        "gravity-gradient",
        "gravity gradients",
        (Format("gradient-csv", sniff_gradient, _plain(read_gradient)),),
        "gravity",
        _build_gravity,
        lambda table: (table.x_m, table.y_m),
    ),
    Kind(
        "resistivity",
        "resistivity data",
        (
            Format("unified", sniff_unified, _with_layers(read_unified)),
            Format("res2dinv", sniff_res2dinv, _with_layers(read_res2dinv)),
        ),
        "resistivity",
        _build_resistivity,
        lambda table: (table.electrode_x_m, table.electrode_y_m),
        MappingProxyType({"origin": _point, "rotation_deg": _degrees, "layers": _layers}),
        planned=_PLANNED_RESISTIVITY,
    ),
    Kind(
        "traveltime",
        "travel times",
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
        MappingProxyType({"medium": _medium}),
        part=lambda table: table.medium,
    ),
    Kind(
        "cw-radar",
        "levels between holes",
        (Format("cw-radar-csv", sniff_cw_radar, _plain(read_cw_radar)),),
        "cw-radar",
        _build_cw_radar,
        _ray_ends,
    ),
    Kind(
        "boreholes",
        "borehole collars",
        (Format("boreholes-csv", sniff_boreholes, _plain(read_boreholes)),),
        "boreholes",
        _build_boreholes,
        lambda table: (table.x_m, table.y_m),
    ),
    Kind(
        "intervals",
        "logged intervals",
        (Format("intervals-csv", sniff_intervals, _plain(read_intervals)),),
        "boreholes",
        _build_boreholes,
    ),
    Kind(
        "reports",
        "reports",
        (Format("reports-csv", sniff_reports, _plain(read_reports)),),
        "reports",
        _build_reports,
        lambda table: (table.x_m, table.y_m),
    ),
)


@cache
def kinds() -> Mapping[str, Kind]:
    """Return all kinds by name: the built-in ones, then those of entry points.

    Raises
    ------
    SiteError
        If an entry point gives no `Kind` or takes a name that is already used.
    """
    from importlib.metadata import entry_points

    found = {kind.name: kind for kind in _BUILT_IN}
    for entry in entry_points(group=ENTRY_POINTS):
        kind = entry.load()
        if not isinstance(kind, Kind):
            problem = f"the entry point {entry.value!r} of {ENTRY_POINTS} is not a Kind"
            raise SiteError(problem)
        if kind.name in found:
            problem = f"the entry point {entry.value!r} takes the name {kind.name!r} once more"
            raise SiteError(problem)
        found[kind.name] = kind
    return MappingProxyType(found)


def find_kind(name: str) -> Kind:
    """Return a kind by name; raise ``InputError`` that lists the known ones."""
    known = kinds()
    if name not in known:
        problem = f"unknown kind {name!r}; known: {', '.join(known)}"
        raise InputError(problem)
    return known[name]


def recognise(path: Path, kind: str | None = None) -> tuple[Kind, Format]:
    """Tell what a file is from its content.

    Parameters
    ----------
    path : Path
        The file.
    kind : str, optional
        The kind, where the user says it; then only the format is looked for.

    Returns
    -------
    Kind, Format

    Raises
    ------
    InputError
        If the file is missing, empty or not text, or is no kind or several kinds.
    """
    head = read_bytes(path)[:_HEAD_BYTES]
    candidates = kinds().values() if kind is None else (find_kind(kind),)
    found = [(k, f) for k in candidates for f in k.formats if f.sniff(head)]
    if len(found) == 1:
        return found[0]
    if kind is not None:
        chosen = find_kind(kind)
        return found[0] if found else (chosen, chosen.formats[0])
    names = ", ".join(k.name for k, _ in found) or ", ".join(kinds())
    if found:
        problem = f"this could be any of {names}; say which with --kind"
        raise InputError(problem, path=path)
    # Refuses what is empty, binary or in another encoding, and says so.
    text = read_text(path)
    first = next(line for line in text.splitlines() if line.strip()).strip()
    problem = (
        f"cannot tell what kind of data this is from its first line {first[:80]!r}; known kinds: "
        f"{names}; say which with --kind, then the message tells what is missing"
    )
    raise InputError(problem, path=path, line=1)


def parse_options(kind: Kind, options: Mapping[str, str]) -> dict[str, Any]:
    """Parse the texts of ``--option`` for a kind; raise ``InputError`` for what it cannot use."""
    parsed: dict[str, Any] = {}
    for name, text in options.items():
        if name not in kind.options:
            known = ", ".join(kind.options) or "none"
            problem = f"kind {kind.name} has no option {name!r}; it has: {known}"
            raise InputError(problem)
        try:
            parsed[name] = kind.options[name](text)
        except ValueError as error:
            problem = f"option {name}: {error}, found {text!r}"
            raise InputError(problem) from error
    return parsed
