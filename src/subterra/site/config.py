"""The site file as data: what is searched, what is believed before the evidence, what drills cost.

Every number of the prior stands here and can be edited by hand; a key that is missing takes its
default, a key that is unknown is an error.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any, Final, cast

import numpy as np
from pydantic import ValidationError

from subterra.errors import InputError, SiteError, SubterraError
from subterra.evidence import ReportTerms, SignTerms
from subterra.scene import FamilyPrior, Plane, Prior, updated_p_none
from subterra.search import DrillTerms
from subterra.search.action_terms import ActionTerms
from subterra.search.clearance import KeepClear
from subterra.site.atomic import sha256_of
from subterra.site.schema import PeopleConfig, SiteConfig, default_families
from subterra.site.toml_text import key_line

__all__ = [
    "CONFIG_NAME",
    "SiteConfig",
    "build_config",
    "load_config",
    "parse_config",
    "settings_fingerprint",
    "to_action_terms",
    "to_people_terms",
    "to_prior",
    "to_terms",
]

CONFIG_NAME: Final = "site.toml"

_NUMBERS: Final = tuple(f for f in fields(FamilyPrior) if f.name != "name")


def to_prior(config: SiteConfig) -> Prior:
    """Turn the site file's numbers into the prior over scenes.

    Parameters
    ----------
    config : SiteConfig
        A checked site file.

    Returns
    -------
    Prior

    Raises
    ------
    InputError
        If the numbers contradict one another.
    """
    surface = config.surface
    return Prior(
        bounds=config.bounds,
        depth_m=config.depth_m,
        targets=tuple(config.targets.look_for),
        p_none=_p_none(config),
        more_targets=config.targets.more,
        families={
            name: FamilyPrior(name, **{f.name: getattr(family, f.name) for f in _NUMBERS})
            for name, family in config.families.items()
        },
        surface=Plane(surface.z0_m, surface.slope_x, surface.slope_y),
        host_density=config.host.density_kg_m3,
        host_resistivity=config.host.resistivity_ohmm,
        water_ratio=config.fills.water_conductivity_ratio,
        rubble_ratio=config.fills.rubble_conductivity_ratio,
        rubble_deficit=config.fills.rubble_density_deficit,
        halo_sd=config.fills.halo_sd,
        rubble_chimney=config.fills.rubble_chimney,
    )


def _p_none(config: SiteConfig) -> float:
    """P(no target) with the record of other sites, where there is one."""
    record = config.targets.p0_record
    return config.targets.p0 if record is None else updated_p_none(config.targets.p0, *record)


def to_people_terms(config: SiteConfig) -> tuple[ReportTerms, SignTerms]:
    """Turn the site file's numbers into the terms of reports and of signs."""
    people = config.people
    reports = ReportTerms(
        decoy_share=people.decoy_share,
        decoy_radius_m=people.decoy_radius_m,
        p_notice=people.p_notice,
        p_imagine=people.p_imagine,
        noise_spread_m=people.noise_spread_m,
        datum_shift_m=people.datum_shift_m,
        datum_share=people.datum_share,
        p_rumour=people.p_rumour,
    )
    signs = SignTerms(
        seen_by_chance=people.seen_by_chance,
        decoy_share=people.decoy_share,
        decoy_radius_m=people.decoy_radius_m,
        one_hand_m=people.one_hand_m,
    )
    return reports, signs


def to_terms(config: SiteConfig) -> DrillTerms:
    """Turn the site file's numbers into the terms of drilling, no-go areas and what to keep clear.

    Raises
    ------
    InputError
        If the numbers contradict one another.
    """
    no_go = tuple(np.asarray(area.polygon, np.float64) for area in config.no_go)
    keep_clear = tuple(
        KeepClear(item.name, np.asarray(item.axis, np.float64), item.distance_m)
        for item in config.keep_clear
    )
    return DrillTerms(**config.drilling.model_dump(), no_go=no_go, keep_clear=keep_clear)


def to_action_terms(config: SiteConfig) -> ActionTerms:
    """Turn the site file's numbers into the terms of what competes with a hole."""
    given = config.actions.model_dump(exclude_none=True)
    return ActionTerms(**given)


def settings_fingerprint(config: SiteConfig) -> str:
    """Return the SHA-256 of every number of the site file on which a belief depends.

    These are the prior, how well a drill finds voids and how far people are believed; names, costs
    and no-go areas are not.
    """
    drill = config.drilling
    content: dict[str, Any] = {
        "prior": asdict(to_prior(config)),
        "drill": [
            drill.p_detect,
            drill.false_void_per_m,
            drill.deviation_sd_per_m,
            drill.extraction,
        ],
    }
    if config.host.layers is not None:
        content["layers"] = config.host.layers
    if config.fills.water_table_m is not None:
        content["water_table_m"] = config.fills.water_table_m
    if config.people != PeopleConfig():
        content["people"] = config.people.model_dump()
    if config.crs is not None:
        content["crs"] = config.crs
    # What is left out leaves fingerprints as they were.
    said = config.surveys.model_dump(exclude_defaults=True)
    if config.fills.lining_conductivity_ratio is not None:
        said["lining_conductivity_ratio"] = config.fills.lining_conductivity_ratio
    if config.host.background != "even":
        said["background"] = config.host.background
    if said:
        content["surveys"] = said
    return sha256_of(json.dumps(content, sort_keys=True, allow_nan=False).encode("utf-8"))


def load_config(path: Path) -> SiteConfig:
    """Read and check a site file.

    Parameters
    ----------
    path : Path
        ``site.toml``.

    Returns
    -------
    SiteConfig

    Raises
    ------
    SiteError
        If there is no such file.
    InputError
        With the line, if it is not TOML, a key is unknown or missing, or a value cannot be.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        problem = f"{path}: the site file cannot be read ({error.strerror})"
        raise SiteError(problem) from error
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        problem = "the site file is not UTF-8 text"
        raise InputError(problem, path=path, line=line) from error
    return parse_config(text, path=path)


def parse_config(text: str, *, path: Path | None = None) -> SiteConfig:
    """Check the text of a site file; see `load_config`."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        what, _, place = str(error).partition(" (at line ")
        line = int(place.split(",")[0]) if place else None
        problem = f"the site file is not TOML: {what}"
        raise InputError(problem, path=path, line=line) from error
    return build_config(data, text=text, path=path)


def build_config(
    data: Mapping[str, Any], *, text: str = "", path: Path | None = None
) -> SiteConfig:
    """Check the content of a site file that is already parsed; see `load_config`."""
    try:
        config = SiteConfig.model_validate(_tuples(_with_default_families(data)))
    except ValidationError as error:
        # A misspelt key is both unknown and missing: say where the misspelling stands.
        found = error.errors(include_url=False)
        first = next((e for e in found if e["type"] == "extra_forbidden"), found[0])
        where = tuple(part for part in first["loc"] if part != "[key]")
        key = ".".join(str(part) for part in where)
        problem = f"{key}: {_sentence(first['type'], first['msg'], first['input'])}"
        raise InputError(problem, path=path, line=key_line(text, where)) from error
    try:
        to_prior(config)
        to_terms(config)
    except SubterraError as error:
        raise InputError(str(error), path=path) from error
    return config


def _sentence(kind: str, message: str, value: Any) -> str:
    if kind == "missing":
        return "this key is missing"
    if kind == "extra_forbidden":
        return "this key is not known here; is it misspelt?"
    if kind == "value_error":
        return message.removeprefix("Value error, ")
    found = f", found {value!r}" if isinstance(value, int | float | str) else ""
    return message.replace("Input should be", "expected") + found


def _with_default_families(data: Mapping[str, Any]) -> dict[str, Any]:
    """Complete the families that the file gives in part or not at all."""
    given = data.get("families", {})
    if not isinstance(given, dict):
        return dict(data)
    families: dict[str, Any] = {
        name: family.model_dump() for name, family in default_families().items()
    }
    for name, values in cast("dict[str, Any]", given).items():
        known = families.get(name, {})
        families[name] = {**known, **values} if isinstance(values, dict) else values
    return {**data, "families": families}


def _tuples(value: Any) -> Any:
    """Turn lists into tuples all the way down: frozen models hold tuples only."""
    if isinstance(value, list):
        return tuple(_tuples(item) for item in cast("list[Any]", value))
    if isinstance(value, dict):
        return {key: _tuples(item) for key, item in cast("dict[str, Any]", value).items()}
    return value
