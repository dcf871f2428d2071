"""Subterra: calibrated probability of tunnels and voids below a site.

The names below are loaded when they are first used, so that ``import subterra`` costs nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from subterra.errors import InputError, SiteError, SubterraError
    from subterra.evidence import (
        borehole_evidence,
        gravity_evidence,
        report_evidence,
        resistivity_evidence,
    )
    from subterra.inference import Belief, summarise, update
    from subterra.scene import Plane, Prior
    from subterra.search import DrillTerms, Hole, plan_holes, query
    from subterra.site import (
        ForecastTerms,
        Site,
        add_files,
        build_config,
        forecast,
        infer,
        open_site,
        plan_grid,
        plan_lines,
        read_planned,
        retract,
    )
    from subterra.tables import (
        BoreholeTable,
        GravityTable,
        IntervalTable,
        ReportTable,
        ResistivityTable,
    )

    __version__: str

__all__ = [
    "Belief",
    "BoreholeTable",
    "DrillTerms",
    "ForecastTerms",
    "GravityTable",
    "Hole",
    "InputError",
    "IntervalTable",
    "Plane",
    "Prior",
    "ReportTable",
    "ResistivityTable",
    "Site",
    "SiteError",
    "SubterraError",
    "__version__",
    "add_files",
    "borehole_evidence",
    "build_config",
    "forecast",
    "gravity_evidence",
    "infer",
    "open_site",
    "plan_grid",
    "plan_holes",
    "plan_lines",
    "query",
    "read_planned",
    "report_evidence",
    "resistivity_evidence",
    "retract",
    "summarise",
    "update",
]

_HOMES = {
    "errors": ("InputError", "SiteError", "SubterraError"),
    "evidence": (
        "borehole_evidence",
        "gravity_evidence",
        "report_evidence",
        "resistivity_evidence",
    ),
    "inference": ("Belief", "summarise", "update"),
    "scene": ("Plane", "Prior"),
    "search": ("DrillTerms", "Hole", "plan_holes", "query"),
    "site": (
        "ForecastTerms",
        "Site",
        "add_files",
        "build_config",
        "forecast",
        "infer",
        "open_site",
        "plan_grid",
        "plan_lines",
        "read_planned",
        "retract",
    ),
    "tables": (
        "BoreholeTable",
        "GravityTable",
        "IntervalTable",
        "ReportTable",
        "ResistivityTable",
    ),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}


def __getattr__(name: str) -> Any:
    from importlib import import_module

    if name == "__version__":
        from importlib.metadata import version

        return version("subterra")
    if name not in _HOME_OF:
        problem = f"module 'subterra' has no attribute {name!r}"
        raise AttributeError(problem)
    return getattr(import_module(f"subterra.{_HOME_OF[name]}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
