"""What a site exports: its bounds, stations, holes, planned holes and probable objects."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from subterra.inference.belief import Belief
from subterra.inference.summary import summarise
from subterra.report.content import hole_trace
from subterra.search.holes import Hole
from subterra.search.plan import PlannedHole
from subterra.search.poc import PocGrid, poc_grid
from subterra.site.assemble import tables_in_force
from subterra.site.belief_store import current_belief, latest_record
from subterra.site.hole_tables import HOLE_KINDS
from subterra.site.holes import hole_logs, surveyed_traces
from subterra.site.kinds import find_kind
from subterra.site.plan_store import current_plan

if TYPE_CHECKING:
    from subterra.site.folder import Site

__all__ = ["SiteLayers", "collect_layers", "trace_of"]

Array = npt.NDArray[Any]


@dataclass(frozen=True)
class SiteLayers:
    """Everything that is exported of a site.

    Parameters
    ----------
    title : str
        Name of the site.
    crs : str or None
        ``EPSG:n``; None for a local frame.
    bounds : (x0, y0, x1, y1)
        m.
    made : str
        Time of the belief, or of the last change where there is none; UTC.
    belief : Belief or None
        Current belief; None where none was made.
    stale : bool
        Whether the belief is older than the evidence.
    poc : PocGrid or None
        Map of the belief.
    objects : sequence of mapping
        Probable objects as in ``infer --json``.
    stations : mapping of str to (kind, places)
        Places (n, 2) by evidence, of everything that has places and is no hole.
    holes : sequence of (Hole, status)
        Holes with a collar: ``void``, ``no void`` or ``not logged``.
    traces : mapping of str to (k, 3) numpy.ndarray
        Course of each hole, m: as surveyed, or straight from its collar to its end.
    planned : sequence of PlannedHole
        Rows of the current plan that have not been drilled.
    """

    title: str
    crs: str | None
    bounds: tuple[float, float, float, float]
    made: str
    belief: Belief | None
    stale: bool
    poc: PocGrid | None
    objects: Sequence[Mapping[str, Any]]
    stations: Mapping[str, tuple[str, Array]]
    holes: Sequence[tuple[Hole, str]]
    traces: Mapping[str, Array]
    planned: Sequence[PlannedHole]


def collect_layers(site: Site, cell_m: float) -> SiteLayers:
    """Collect what a site exports.

    Parameters
    ----------
    site : Site
        The site; a belief and a plan are used where there are any.
    cell_m : float
        Side of the cells of the map, m.

    Returns
    -------
    SiteLayers

    Raises
    ------
    SiteError, InputError
        If a file of the site is missing, was changed or cannot be read.
    """
    record = latest_record(site)
    belief = None if record is None else current_belief(site).belief
    stale = record is not None and record.stale
    holes = _holes(site)
    done = {hole.name for hole, status in holes if status != "not logged"}
    plan = current_plan(site)
    return SiteLayers(
        title=site.name,
        crs=site.config.crs,
        bounds=site.config.bounds,
        made=site.entries[-1].time if record is None else record.time,
        belief=belief,
        stale=stale,
        poc=None if belief is None else poc_grid(belief, cell_m),
        objects=() if belief is None else summarise(belief, stale=stale)["objects"],
        stations=_stations(site),
        holes=holes,
        traces=_traces(site, [hole for hole, _ in holes]),
        planned=() if plan is None else tuple(r for r in plan.holes if r.hole not in done),
    )


def trace_of(hole: Hole | PlannedHole) -> Array:
    """Collar and end of a straight hole, (2, 3), m."""
    return hole_trace(hole, np.array([0.0, hole.length_m]))


def _traces(site: Site, holes: Sequence[Hole]) -> dict[str, Array]:
    surveyed = surveyed_traces(site)
    return {
        hole.name: surveyed[hole.name][:, 1:] if hole.name in surveyed else trace_of(hole)
        for hole in holes
    }


def _stations(site: Site) -> dict[str, tuple[str, Array]]:
    found: dict[str, tuple[str, Array]] = {}
    for item, table in tables_in_force(site):
        place = find_kind(item.kind).place
        if place is not None and item.kind not in HOLE_KINDS:
            x, y = place(table)
            found[item.id] = (item.kind, np.unique(np.column_stack([x, y]), axis=0))
    return found


def _holes(site: Site) -> list[tuple[Hole, str]]:
    return [
        (log.hole, "not logged" if not log.intervals else "void" if log.voids else "no void")
        for log in hole_logs(site)
    ]
