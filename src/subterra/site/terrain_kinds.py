"""The kind of terrain files: heights of the ground, no evidence by themselves."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from subterra.formats import (
    HEIGHT_UNITS,
    MAX_BYTES,
    TerrainDefaults,
    read_geotiff,
    read_las,
    read_terrain_text,
    sniff_geotiff,
    sniff_las,
    sniff_terrain_text,
)
from subterra.site.kind import Format, Kind, Setting, one_of, positive

if TYPE_CHECKING:
    from subterra.evidence import Evidence
    from subterra.tables import Terrain

__all__ = ["TERRAIN_KIND", "TERRAIN_KINDS"]

TERRAIN_KIND: Final = "terrain"


def _build(_: Mapping[str, Sequence[Any]], __: Setting, ___: str) -> Evidence | None:
    return None


def _said(
    reader: Callable[[Path, TerrainDefaults], Terrain],
) -> Callable[[Path, Mapping[str, Any]], Terrain]:
    return lambda path, options: reader(path, TerrainDefaults(**options))


def _number(text: str) -> float:
    problem = "expected a number"
    try:
        value = float(text)
    except ValueError as error:
        raise ValueError(problem) from error
    if not math.isfinite(value):
        raise ValueError(problem)
    return value


TERRAIN_KINDS: Final = (
    Kind(
        TERRAIN_KIND,
        "height of the ground",
        (
            Format("terrain-text", sniff_terrain_text, _said(read_terrain_text)),
            Format("terrain-geotiff", sniff_geotiff, _said(read_geotiff), 4 * MAX_BYTES),
            Format("terrain-las", sniff_las, _said(read_las), 4 * MAX_BYTES),
        ),
        TERRAIN_KIND,
        _build,
        options={
            "crs": str,
            "vertical": str,
            "units": one_of(tuple(HEIGHT_UNITS)),
            "sd_m": positive("metres"),
            "nodata": _number,
        },
        nouns="heights of the ground",
    ),
)
