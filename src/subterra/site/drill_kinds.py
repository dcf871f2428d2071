"""Kinds of what the drill says: collars with their surveys, and logged intervals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from subterra.formats import (
    read_boreholes,
    read_intervals,
    sniff_boreholes,
    sniff_intervals,
)
from subterra.site.join import join_collars, join_intervals
from subterra.site.kind import Format, Kind, Setting, plain
from subterra.tables import BoreholeTable, IntervalTable

if TYPE_CHECKING:
    from subterra.evidence import Evidence

__all__ = ["DRILL_KINDS"]


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


DRILL_KINDS: Final = (
    Kind(
        "boreholes",
        "borehole collars",
        (Format("boreholes-csv", sniff_boreholes, plain(read_boreholes)),),
        "boreholes",
        _build_boreholes,
        lambda table: (table.x_m, table.y_m),
    ),
    Kind(
        "intervals",
        "logged intervals",
        (Format("intervals-csv", sniff_intervals, plain(read_intervals)),),
        "boreholes",
        _build_boreholes,
    ),
)
