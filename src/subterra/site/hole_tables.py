"""The holes of a site from all the files that speak of them: CSV tables and AGS4."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from subterra.site.join import join_collars, join_intervals, join_surveys, join_tables
from subterra.tables import BackfillTable, BoreholeTable, HoleRecords, IntervalTable, SurveyTable

if TYPE_CHECKING:
    from subterra.scene import Plane

__all__ = ["HOLE_KINDS", "HoleTables", "hole_tables", "parts_of"]

HOLE_KINDS: Final = ("boreholes", "hole-surveys", "intervals", "ags4")
"""Kinds of evidence that speak of holes."""


@dataclass(frozen=True)
class HoleTables:
    """Everything about holes, joined; None where no file gives it."""

    collars: BoreholeTable | None
    surveys: SurveyTable | None
    intervals: IntervalTable | None
    backfill: BackfillTable | None = None


def parts_of(kind: str, table: Any) -> HoleTables:
    """Return what one table of a kind holds."""
    if kind == "ags4":
        records: HoleRecords = table
        return HoleTables(records.collars, records.surveys, records.intervals, records.backfill)
    return HoleTables(
        table if kind == "boreholes" else None,
        table if kind == "hole-surveys" else None,
        table if kind == "intervals" else None,
    )


def hole_tables(tables: Mapping[str, Sequence[Any]], surface: Plane) -> HoleTables:
    """Join the tables of several files.

    Parameters
    ----------
    tables : mapping of str to sequence
        Tables by kind.
    surface : Plane
        Gives the height of collars without one.

    Returns
    -------
    HoleTables

    Raises
    ------
    InputError
        If a hole has two collars or two stations at one depth.
    """
    parts = [parts_of(kind, t) for kind in HOLE_KINDS for t in tables.get(kind, ())]
    collars = [p.collars for p in parts if p.collars is not None]
    surveys = [p.surveys for p in parts if p.surveys is not None]
    intervals = [p.intervals for p in parts if p.intervals is not None]
    fills = [p.backfill for p in parts if p.backfill is not None]
    return HoleTables(
        join_collars(collars, surface) if collars else None,
        join_surveys(surveys) if surveys else None,
        join_intervals(intervals) if intervals else None,
        join_tables(fills) if fills else None,
    )
