"""What surveys of a site would see before they are made, and what those that were made can see."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from subterra.errors import InputError, SiteError
from subterra.evidence import AdditiveEvidence
from subterra.evidence.protocol import responses_of
from subterra.ground import posterior_nodes, prior_nodes, snr_by_node
from subterra.inference import summarise
from subterra.scene import FILLS, Prior, make_scene, slot
from subterra.search.detectability import (
    DIAMETERS_M,
    GROUND_QUANTILES,
    Detectability,
    Threshold,
    detectability,
    interpolated_quantile,
    search_threshold,
)
from subterra.search.worst_case import Seeing
from subterra.site.adding import refuse_far_away
from subterra.site.assemble import assemble, evidence_name, site_setting, tables_in_force
from subterra.site.belief_store import current_belief, latest_record
from subterra.site.folder import Site
from subterra.site.ground_files import on_ground
from subterra.site.kinds import Kind, find_kind
from subterra.site.planned import PlannedSurvey
from subterra.site.second_look import as_believed

if TYPE_CHECKING:
    from subterra.evidence import Evidence
    from subterra.ground import GroundNodes
    from subterra.inference import Belief
__all__ = [
    "Forecast",
    "ForecastTerms",
    "SurveyForecast",
    "SuspectedObject",
    "forecast",
    "measured_seeing",
]

Array = npt.NDArray[Any]


@dataclass(frozen=True)
class ForecastTerms:
    """What a forecast assumes and how sure "seen" is to be.

    Parameters
    ----------
    error : float or None
        Standard error of each datum of a planned survey, in the unit of the kind's error column;
        by default what its files say, or the kind's default where they say nothing.
    ground_sd : float or None
        Standard deviation of the ground property; by default all amplitudes of the kind's prior.
    pod : float
        Probability of detection that is called "seen".
    false_alarm : float
        Of the search; see ``subterra.search.detectability``.
    diameters_m : tuple of float
        Of the drives asked for.
    fills : tuple of str
        Of the drives asked for.
    """

    error: float | None = None
    ground_sd: float | None = None
    pod: float = 0.9
    false_alarm: float = 0.01
    diameters_m: tuple[float, ...] = DIAMETERS_M
    fills: tuple[str, ...] = FILLS

    def __post_init__(self) -> None:
        if not 0.0 < self.pod < 1.0:
            problem = f"the probability of detection must lie between 0 and 1, found {self.pod:g}"
            raise InputError(problem)


@dataclass(frozen=True)
class SuspectedObject:
    """How strongly a survey shows an object of the current belief.

    Parameters
    ----------
    p : float
        Probability that it exists, by the belief.
    fill : str
        Its likeliest fill.
    axis : (k, 3) numpy.ndarray
        Its axis, metres.
    snr : (3,) tuple of float
        Matched signal-to-noise ratio in restless, middling and quiet ground.
    pod : float
        Probability of detection averaged over the ground models.
    """

    p: float
    fill: str
    axis: Array
    snr: tuple[float, float, float]
    pod: float


@dataclass(frozen=True)
class SurveyForecast:
    """What one survey group sees.

    Parameters
    ----------
    name : str
        Group of the registry, its identity in the ledger.
    kind : Kind
        Kind of its files.
    planned : bool
        Whether it is still to be made; if not, the ground is weighed by its data and by what the
        belief has below.
    labels : tuple of str
        Its files or specifications.
    evidence : AdditiveEvidence
        Its layout, errors and ground models.
    points : (k, 2) numpy.ndarray
        Plan places, metres; the area that the forecast speaks for is what they span.
    detectability : Detectability
        Signal-to-noise ratios of drives.
    threshold : Threshold
        Of the search.
    suspected : tuple of SuspectedObject
        Objects of the current belief, the likeliest first.
    """

    name: str
    kind: Kind
    planned: bool
    labels: tuple[str, ...]
    evidence: AdditiveEvidence
    points: Array
    detectability: Detectability
    threshold: Threshold
    suspected: tuple[SuspectedObject, ...]

    @property
    def n_data(self) -> int:
        """Number of data."""
        return len(self.evidence.models.sd)

    @property
    def nodes(self) -> GroundNodes:
        """Ground models with their weights."""
        return self.detectability.nodes


@dataclass(frozen=True)
class Forecast:
    """Forecast of every survey asked for.

    Parameters
    ----------
    prior : Prior
        Of the site: bounds, depth, surface, host and fills.
    terms : ForecastTerms
        What was assumed.
    surveys : tuple of SurveyForecast
        In the order given.
    left_out : mapping of str to str
        Evidence of the site of which no forecast can be made, and why.
    stale : bool or None
        Whether the belief behind ``suspected`` is outdated; None without a belief.
    """

    prior: Prior
    terms: ForecastTerms
    surveys: tuple[SurveyForecast, ...]
    left_out: Mapping[str, str]
    stale: bool | None


def forecast(
    site: Site | Path | str,
    planned: Sequence[PlannedSurvey] = (),
    terms: ForecastTerms | None = None,
) -> Forecast:
    """Say what planned surveys would see, or what those in the site can see.

    Parameters
    ----------
    site : Site or path
        Gives the prior, the depth of the search and, if nothing is planned, the surveys. It is
        not changed, but for ground models kept in its cache.
    planned : sequence of PlannedSurvey
        Files of one group make one survey, as they will in the site.
    terms : ForecastTerms, optional
        What to assume.

    Returns
    -------
    Forecast

    Raises
    ------
    InputError
        If something planned or assumed cannot be used.
    SiteError
        If nothing is planned and the site has no survey.
    """
    asked = terms or ForecastTerms()
    opened = site if isinstance(site, Site) else Site.open(site)
    belief, stale = _belief(opened)
    left_out: dict[str, str] = {}
    if planned:
        groups = _planned_groups(opened, planned, asked)
    else:
        if asked.error is not None:
            problem = "an error can be assumed for a planned survey only; these state their own"
            raise InputError(problem)
        groups, left_out = _measured_groups(opened, belief)
    if asked.ground_sd is not None and len({g.kind.group for g in groups}) > 1:
        problem = "surveys of several kinds share no ground; forecast them one by one"
        raise InputError(problem)
    made = tuple(_forecast_group(opened, group, asked, belief) for group in groups)
    return Forecast(opened.prior, asked, made, left_out, stale)


def measured_seeing(site: Site, belief: Belief) -> tuple[tuple[Seeing, ...], dict[str, str]]:
    """Return what each survey of a site can see, and the evidence of which that is not known.

    Parameters
    ----------
    site : Site
        The site.
    belief : Belief
        Its belief, whose objects are taken off the data before the ground is judged.

    Returns
    -------
    seeing : tuple of Seeing
        One for each survey whose response to an object has a closed form.
    left_out : dict of str to str
        Other evidence by its identity, with the reason.
    """
    if not any(isinstance(evidence, AdditiveEvidence) for evidence in assemble(site)):
        return (), {}
    groups, left_out = _measured_groups(site, belief)
    made: list[Seeing] = []
    for group in groups:
        response = _believed_response(group.evidence, belief)
        nodes = posterior_nodes(group.evidence.models, response)
        threshold = search_threshold(group.evidence, site.prior, group.points, nodes)
        made.append(Seeing(group.evidence.id, group.evidence, nodes, threshold))
    return tuple(made), left_out


@dataclass(frozen=True)
class _Group:
    kind: Kind
    planned: bool
    labels: tuple[str, ...]
    evidence: AdditiveEvidence
    points: Array


def _planned_groups(
    site: Site, planned: Sequence[PlannedSurvey], terms: ForecastTerms
) -> list[_Group]:
    by_group: dict[str, list[PlannedSurvey]] = {}
    for item in planned:
        by_group.setdefault(item.kind.group, []).append(item)
    if terms.error is not None and len(by_group) > 1:
        problem = "surveys of several kinds share no error; forecast them one by one"
        raise InputError(problem)
    out: list[_Group] = []
    for name, items in by_group.items():
        tables: dict[str, list[Any]] = {}
        for item in items:
            refuse_far_away(site, item.kind, item.table, item.path)
            standing = on_ground(site, _with_error(item, terms.error))
            tables.setdefault(item.kind.name, []).append(standing)
        kind = items[-1].kind
        evidence = kind.build(tables, site_setting(site), name)
        points = _points(site, [(item.kind, item.table) for item in items])
        labels = tuple(item.label for item in items)
        out.append(_Group(kind, True, labels, _as_survey(evidence, kind), points))
    return out


def _with_error(item: PlannedSurvey, error: float | None) -> Any:
    if error is None or item.kind.planned is None:
        return item.table
    if not error > 0.0:
        problem = f"the standard error must be positive, found {error:g}"
        raise InputError(problem)
    return item.kind.planned.with_error(item.table, error)


def _as_survey(evidence: Evidence | None, kind: Kind) -> AdditiveEvidence:
    if not isinstance(evidence, AdditiveEvidence):
        problem = f"kind {kind.name} is no survey of objects; a forecast cannot be made of it"
        raise InputError(problem)
    return evidence


def _measured_groups(site: Site, belief: Belief | None) -> tuple[list[_Group], dict[str, str]]:
    out: list[_Group] = []
    left_out: dict[str, str] = {}
    held = tables_in_force(site)
    read = assemble(site)
    for evidence in read if belief is None else as_believed(belief, read):
        if not isinstance(evidence, AdditiveEvidence):
            left_out[evidence.id] = "is no survey whose response to an object could be forecast"
            continue
        mine = [pair for pair in held if evidence_name(*pair) == evidence.id]
        pairs = [(find_kind(item.kind), table) for item, table in mine]
        kind = _kind_of_data([k for k, _ in pairs]) if pairs else find_kind(evidence.kind)
        labels = tuple(item.original for item, _ in mine)
        out.append(_Group(kind, False, labels, evidence, _points(site, pairs)))
    if not out:
        problem = (
            f"{site.path}: there is no survey in this site; say what is planned: a file, --grid or "
            "--line"
        )
        raise SiteError(problem)
    return out, left_out


def _kind_of_data(given: Sequence[Kind]) -> Kind:
    """Kind in whose units the data of a survey are said: of files that can be planned, the last."""
    reduced = [find_kind(kind.reduced_to) if kind.reduced_to else kind for kind in given]
    return next((kind for kind in reversed(reduced) if kind.planned is not None), reduced[-1])


def _points(site: Site, tables: Sequence[tuple[Kind, Any]]) -> Array:
    """Plan places of a survey; the corners of the site where a kind does not tell."""
    found = [np.column_stack(kind.place(table)) for kind, table in tables if kind.place is not None]
    if found:
        return np.concatenate(found)
    x0, y0, x1, y1 = site.prior.bounds
    return np.array([[x0, y0], [x1, y0], [x1, y1], [x0, y1]])


def _forecast_group(
    site: Site, group: _Group, terms: ForecastTerms, belief: Belief | None
) -> SurveyForecast:
    models, prior = group.evidence.models, site.prior
    if group.planned or terms.ground_sd is not None:
        nodes = prior_nodes(models, amplitude=terms.ground_sd)
    else:
        nodes = posterior_nodes(models, _believed_response(group.evidence, belief))
    threshold = search_threshold(
        group.evidence, prior, group.points, nodes, false_alarm=terms.false_alarm
    )
    found = detectability(
        group.evidence,
        prior,
        group.points,
        nodes,
        fills=terms.fills,
        diameter_m=terms.diameters_m,
    )
    return SurveyForecast(
        group.evidence.id,
        group.kind,
        group.planned,
        group.labels,
        group.evidence,
        group.points,
        found,
        threshold,
        () if belief is None else _suspected(belief, group.evidence, nodes, threshold),
    )


def _believed_response(evidence: AdditiveEvidence, belief: Belief | None) -> Array | None:
    """Mean response (n_data,) of what the belief has below; None without one."""
    if belief is None:
        return None
    return belief.weight @ evidence.combine(responses_of(evidence, belief.scenes)).astype(float)


def _belief(site: Site) -> tuple[Belief | None, bool | None]:
    if latest_record(site) is None:
        return None, None
    current = current_belief(site)
    return current.belief, current.stale


def _suspected(
    belief: Belief, evidence: AdditiveEvidence, nodes: GroundNodes, threshold: Threshold
) -> tuple[SuspectedObject, ...]:
    out: list[SuspectedObject] = []
    for item in summarise(belief)["objects"]:
        family, fill = (max(item[key], key=item[key].get) for key in ("family", "fill"))
        axis = np.asarray(item["axis"], np.float64)
        described = {"family": family, "fill": fill, "axis": axis, "radius": item["radius_m"]}
        scene = make_scene([described], host_density=float(np.mean(belief.prior.host_density)))
        response = evidence.combine(evidence.object_response(slot(scene, 0)))
        snr = snr_by_node(evidence.models, nodes, response)[0]
        low, middle, high = (
            float(interpolated_quantile(snr, nodes.weight, q)) for q in GROUND_QUANTILES
        )
        pod = float(threshold.pod(snr) @ nodes.weight)
        out.append(SuspectedObject(item["p"], fill, axis, (low, middle, high), pod))
    return tuple(out)
