"""Kinds of what people say and show: reports, the record of their sources, signs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from subterra.formats import (
    read_reports,
    read_signs,
    read_sources,
    sniff_reports,
    sniff_signs,
    sniff_sources,
)
from subterra.site.join import join_reports, join_tables
from subterra.site.kind import Format, Kind, Setting, plain

if TYPE_CHECKING:
    from subterra.evidence import Evidence, SourceRecord
    from subterra.tables import SourceTable

__all__ = ["PEOPLE_KINDS"]


def _records(tables: Sequence[SourceTable]) -> dict[str, SourceRecord]:
    """Add up the records of each source over sites and files."""
    from subterra.evidence import SourceRecord

    found: dict[str, SourceRecord] = {}
    for table in tables:
        for name, right, wrong in zip(table.source, table.confirmed, table.false, strict=True):
            known = found.get(name, SourceRecord())
            found[name] = SourceRecord(known.confirmed + float(right), known.false + float(wrong))
    return found


def _build_reports(
    tables: Mapping[str, Sequence[Any]], setting: Setting, name: str
) -> Evidence | None:
    """Build reports with their sources' records; records alone are no evidence."""
    from subterra.evidence import report_evidence

    if not tables.get("reports"):
        return None
    return report_evidence(
        join_reports(tables["reports"]),
        setting.prior,
        records=_records(tables.get("sources", ())),
        terms=setting.report_terms,
        id=name,
    )


def _build_signs(tables: Mapping[str, Sequence[Any]], setting: Setting, name: str) -> Evidence:
    from subterra.evidence import sign_evidence

    return sign_evidence(
        join_tables(tables["signs"]), setting.prior, terms=setting.sign_terms, id=name
    )


PEOPLE_KINDS: Final = (
    Kind(
        "reports",
        "report",
        (Format("reports-csv", sniff_reports, plain(read_reports)),),
        "reports",
        _build_reports,
        lambda table: (table.x_m, table.y_m),
    ),
    Kind(
        "sources",
        "record of a source",
        (Format("sources-csv", sniff_sources, plain(read_sources)),),
        "reports",
        _build_reports,
        nouns="records of sources",
    ),
    Kind(
        "signs",
        "sign",
        (Format("signs-csv", sniff_signs, plain(read_signs)),),
        "signs",
        _build_signs,
        lambda table: (table.x_m, table.y_m),
    ),
)
