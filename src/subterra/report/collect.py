"""From a site on disk to what its report shows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt

from subterra.inference import target_clusters
from subterra.inference.belief import Belief
from subterra.inference.summary import summarise
from subterra.report.content import (
    CalibrationView,
    DrilledHole,
    ReportContent,
    TruthObject,
)
from subterra.report.map_lines import map_notes, mapped_lines
from subterra.report.records import certificates, provenance, sheets, sources
from subterra.report.relief import relief_of
from subterra.report.sightings import looked_areas, sightings
from subterra.scene import object_counts
from subterra.search.hit import hit_probability
from subterra.search.outcomes import plan_outcomes
from subterra.search.poc import poc_grid
from subterra.search.rivals import fit_by_rival, rival_explanations
from subterra.search.terms import DrillTerms
from subterra.site.assemble import tables_in_force
from subterra.site.belief_store import current_belief
from subterra.site.calibration_store import (
    calibration_words,
    digits,
    latest_calibration,
    read_calibration,
)
from subterra.site.config import to_terms
from subterra.site.ground_files import ground_of, height_notes
from subterra.site.holes import as_hole, hole_logs, surveyed_traces
from subterra.site.ledger import site_ledger
from subterra.site.plan_store import current_plan
from subterra.site.predictions import score_predictions, scorecard_words, site_predictions
from subterra.site.second_look import as_believed

if TYPE_CHECKING:
    from subterra.evidence import SurveyFit
    from subterra.search.holes import Hole
    from subterra.search.plan import PlannedHole
    from subterra.site.folder import Site
    from subterra.site.plan_store import Plan
    from subterra.site.terrain import Ground

__all__ = ["MissCurve", "collect", "electrode_lines", "map_cell", "miss_curve"]

Array = npt.NDArray[Any]

_MAP_CELLS: Final = 120
_CELLS_M: Final = (0.25, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0)
_NEW_LINE: Final = 2.5
_NEW_LINE_COSINE: Final = 0.5


@dataclass(frozen=True)
class MissCurve:
    """What is left after dry holes, and what is found by then.

    Parameters
    ----------
    left : (h + 1,) numpy.ndarray
        P(any target | none of the first 0 … h holes logs a void).
    hit : (h + 1,) numpy.ndarray
        P(at least one of the first 0 … h holes meets a target and logs it).
    """

    left: Array
    hit: Array


def miss_curve(belief: Belief, holes: Sequence[Hole], terms: DrillTerms) -> MissCurve:
    """Follow a plan whose holes are all dry.

    Parameters
    ----------
    belief : Belief
        Weighted scenes.
    holes : sequence of Hole
        In the order of drilling. Their outcomes are independent given the scene.
    terms : DrillTerms
        Detection, false voids and deviation.

    Returns
    -------
    MissCurve
    """
    hits = hit_probability(belief.scenes, belief.prior, holes, terms=terms)
    start = np.ones((1, len(belief.weight)))
    no_void = np.cumprod(np.vstack([start, 1.0 - hits.p_void.astype(float)]), axis=0)
    no_hit = np.cumprod(np.vstack([start, 1.0 - hits.p_hit.astype(float)]), axis=0)
    n_target, _ = object_counts(belief.scenes.objects.family, belief.prior)
    all_dry = no_void @ belief.weight
    left = no_void @ (belief.weight * (n_target > 0))
    left = left / np.maximum(all_dry, np.finfo(float).tiny)
    return MissCurve(left, (1.0 - no_hit) @ belief.weight)


def map_cell(bounds: tuple[float, float, float, float]) -> float:
    """Round cell size, metres, that gives a map about 120 cells wide."""
    wanted = max(bounds[2] - bounds[0], bounds[3] - bounds[1]) / _MAP_CELLS
    return min(_CELLS_M, key=lambda cell: abs(np.log(cell / wanted)))


def electrode_lines(x: Array, y: Array) -> tuple[Array, ...]:
    """Split electrodes, in their order, into lines for drawing.

    Parameters
    ----------
    x, y : (n,) numpy.ndarray
        Plan places, m.

    Returns
    -------
    tuple of (k, 2) numpy.ndarray
        A line ends where the step is much longer than usual or turns by more than 60°.
    """
    points = np.column_stack([x, y]).astype(float)
    steps = np.diff(points, axis=0)
    length = np.hypot(*steps.T)
    breaks: list[int] = []
    for k in range(len(steps)):
        if length[k] > _NEW_LINE * np.median(length):
            breaks.append(k + 1)
        elif k > 0 and k not in breaks:
            cosine = steps[k] @ steps[k - 1] / max(length[k] * length[k - 1], 1e-12)
            if cosine < _NEW_LINE_COSINE:
                breaks.append(k + 1)
    return tuple(np.split(points, breaks))


def collect(site: Site) -> ReportContent:
    """Gather everything that the report of a site shows.

    Parameters
    ----------
    site : Site
        The site, with a belief.

    Returns
    -------
    ReportContent
        Surveys are explained by the current belief, even where it is older than the evidence;
        the page says so then.

    Raises
    ------
    SiteError
        If there is no belief, or a file is missing or was changed.
    InputError
        If a file of evidence cannot be used.
    """
    current = current_belief(site)
    belief = current.belief
    drilled = _drilled(site)
    terms = to_terms(site.config)
    plan = current_plan(site)
    planned = _undrilled(plan, drilled)
    holes = [as_hole(row) for row in planned]
    curve = miss_curve(belief, holes, terms) if planned else None
    stations, lines = _places(site)
    evidence = site.evidence()
    ground = ground_of(site)
    record = latest_calibration(site)
    support, fine = digits(record, belief.info.n_scenes)
    weighed = site_ledger(site, belief, by_file=False)
    rivals = rival_explanations(belief, target_clusters(belief))
    hits = hit_probability(belief.scenes, belief.prior, holes, terms=terms) if holes else None
    return ReportContent(
        title=site.name,
        belief=belief,
        summary=summarise(
            belief,
            calibrated=fine,
            stale=current.stale,
            calibration=calibration_words(record),
            support=support,
        ),
        poc=poc_grid(belief, map_cell(belief.prior.bounds)),
        surveys=_surveys(site, belief),
        stations=stations,
        lines=lines,
        mapped=mapped_lines(evidence, belief),
        reports=sightings(site, evidence),
        looked=looked_areas(site),
        drilled=drilled,
        planned=planned,
        plan_outdated=plan is not None and plan.outdated and bool(planned),
        kept_out=() if plan is None else plan.kept_out,
        p_left_after=None if curve is None else curve.left,
        p_any_hit=None if curve is None else curve.hit,
        no_go=terms.no_go,
        sources=sources(site),
        truth=tuple(TruthObject(np.asarray(k.axis, float), k.label) for k in site.config.known),
        notes=(*site.config.notes, *map_notes(evidence, belief)),
        limits=() if ground is None else _ground_limits(site, ground),
        relief=None if ground is None else relief_of(ground, belief.prior.bounds),
        crs=site.config.crs or "local frame",
        made=f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
        ledger=weighed.ledger,
        provenance=provenance(site, current, plan),
        calibrated=record is not None and record.calibrated,
        calibration=None
        if record is None
        else CalibrationView(
            calibration_words(record), read_calibration(site, record), record.stale, support, fine
        ),
        rivals=rivals,
        fits=fit_by_rival(belief, rivals, weighed.log_likelihoods()),
        outcomes=()
        if hits is None
        else plan_outcomes(belief, [row.hole for row in planned], hits, rivals),
        sheets=sheets(site, evidence, belief),
        terms=terms,
        certificates=certificates(site),
        predictions=_predictions(site),
    )


def _predictions(site: Site) -> tuple[str, ...]:
    card = score_predictions(site_predictions(site))
    return () if card is None else (scorecard_words(card),)


def _ground_limits(site: Site, ground: Ground) -> tuple[str, ...]:
    """Say how far the ground is off the plane of the depths, and which heights are in doubt."""
    doubts = (f"{note.words}." for note in height_notes(site) if note.doubt)
    return (*ground.words(), *doubts)


def _undrilled(plan: Plan | None, drilled: Sequence[DrilledHole]) -> tuple[PlannedHole, ...]:
    """Rows of the current plan that were not drilled yet."""
    done = {item.hole.name for item in drilled}
    return () if plan is None else tuple(row for row in plan.holes if row.hole not in done)


def _surveys(site: Site, belief: Belief) -> tuple[SurveyFit, ...]:
    """Explain every piece of evidence that knows how to; a reader's eye can judge no other."""
    words = belief.info.judged_words
    found = [
        (evidence.id, getattr(evidence, "fit", None))
        for evidence in as_believed(belief, site.evidence())
    ]
    fits = [(name, fit(belief.scenes, belief.weight)) for name, fit in found if fit is not None]
    return tuple(
        replace(fit, words=f"After a first belief, {words[name]}. {fit.words}")
        if name in words
        else fit
        for name, fit in fits
    )


def _places(site: Site) -> tuple[dict[str, Array], tuple[Array, ...]]:
    stations: dict[str, Array] = {}
    lines: list[Array] = []
    for item, table in tables_in_force(
        site, ("gravity", "gravity-gradient", "gravity-stations", "resistivity")
    ):
        if item.kind != "resistivity":
            stations[item.id] = np.column_stack([table.x_m, table.y_m])
        else:
            lines += electrode_lines(table.electrode_x_m, table.electrode_y_m)
    return stations, tuple(lines)


def _drilled(site: Site) -> tuple[DrilledHole, ...]:
    traces = surveyed_traces(site)
    return tuple(
        DrilledHole(log.hole, log.voids, log.logged_m, traces.get(log.hole.name))
        for log in hole_logs(site)
        if log.intervals
    )
