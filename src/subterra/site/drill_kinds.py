"""Kinds of what the drill says: collars with their surveys, and logged intervals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from subterra.formats import (
    read_ags4,
    read_boreholes,
    read_hole_surveys,
    read_intervals,
    sniff_ags4,
    sniff_boreholes,
    sniff_hole_surveys,
    sniff_intervals,
)
from subterra.site.hole_tables import hole_tables
from subterra.site.kind import Format, Kind, Setting, plain

if TYPE_CHECKING:
    from subterra.evidence import Evidence

__all__ = ["DRILL_KINDS"]


def _build_boreholes(
    tables: Mapping[str, Sequence[Any]], setting: Setting, name: str
) -> Evidence | None:
    from subterra.evidence import DrillLogTerms, borehole_evidence

    found = hole_tables(tables, setting.prior.surface)
    # A hole without a log says nothing about what it went through.
    if found.collars is None or found.intervals is None:
        return None
    terms = setting.terms
    return borehole_evidence(
        found.collars,
        found.intervals,
        setting.prior,
        surveys=found.surveys,
        id=name,
        terms=DrillLogTerms(
            terms.p_detect,
            terms.false_void_per_m,
            terms.deviation_sd_per_m,
            extraction=terms.extraction,
        ),
    )


DRILL_KINDS: Final = (
    Kind(
        "boreholes",
        "borehole collar",
        (Format("boreholes-csv", sniff_boreholes, plain(read_boreholes)),),
        "boreholes",
        _build_boreholes,
        lambda table: (table.x_m, table.y_m),
    ),
    Kind(
        "hole-surveys",
        "station along a hole",
        (Format("hole-surveys-csv", sniff_hole_surveys, plain(read_hole_surveys)),),
        "boreholes",
        _build_boreholes,
        nouns="stations along holes",
    ),
    Kind(
        "intervals",
        "logged interval",
        (Format("intervals-csv", sniff_intervals, plain(read_intervals)),),
        "boreholes",
        _build_boreholes,
    ),
    Kind(
        "ags4",
        "hole with its log",
        (Format("ags4", sniff_ags4, plain(read_ags4)),),
        "boreholes",
        _build_boreholes,
        lambda table: (table.collars.x_m, table.collars.y_m),
        nouns="holes with their logs",
    ),
)
