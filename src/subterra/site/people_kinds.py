"""Kinds of what people say and show: reports."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

from subterra.formats import read_reports, sniff_reports
from subterra.site.join import join_reports
from subterra.site.kind import Format, Kind, Setting, plain
from subterra.tables import ReportTable

if TYPE_CHECKING:
    from subterra.evidence import Evidence

__all__ = ["PEOPLE_KINDS"]


def _build_reports(
    tables: Mapping[str, Sequence[ReportTable]], setting: Setting, name: str
) -> Evidence:
    from subterra.evidence import report_evidence

    return report_evidence(join_reports(tables["reports"]), setting.prior, id=name)


PEOPLE_KINDS: Final = (
    Kind(
        "reports",
        "reports",
        (Format("reports-csv", sniff_reports, plain(read_reports)),),
        "reports",
        _build_reports,
        lambda table: (table.x_m, table.y_m),
    ),
)
