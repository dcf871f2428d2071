"""What a report is made from: plain, frozen data that any site or test can fill in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from subterra.inference.belief import Belief
from subterra.inference.calibration import Calibration
from subterra.inference.ledger import Ledger
from subterra.search.holes import Hole, direction
from subterra.search.outcomes import Outcome
from subterra.search.plan import PlannedHole
from subterra.search.poc import PocGrid
from subterra.search.rivals import Rivals
from subterra.search.terms import DrillTerms

if TYPE_CHECKING:
    from subterra.evidence import SurveyFit
    from subterra.evidence.mine_map import Registration
    from subterra.report.map_lines import MappedLine
    from subterra.report.relief import Relief

__all__ = [
    "CalibrationView",
    "CertificateView",
    "DrilledHole",
    "LookedArea",
    "ReportContent",
    "SheetView",
    "SightedReport",
    "SourceItem",
    "TruthObject",
    "hole_trace",
    "verdict_words",
]

Array = npt.NDArray[Any]


@dataclass(frozen=True)
class DrilledHole:
    """A hole with its result.

    Parameters
    ----------
    hole : Hole
        As drilled.
    voids : tuple of (from_m, to_m)
        Logged voids, metres along the hole; empty for a dry hole.
    logged_m : float
        Length for which the log speaks, metres along the hole.
    trace : (k, 4) numpy.ndarray or None
        Depth along the hole, x, y, z of a hole that was surveyed; None for a straight one.
    """

    hole: Hole
    voids: tuple[tuple[float, float], ...]
    logged_m: float
    trace: Array | None = None


@dataclass(frozen=True)
class SightedReport:
    """One sited report or surface sign; ``sd_m`` is its standard deviation per axis."""

    id: str
    source: str
    grade: str
    origin: str
    x_m: float
    y_m: float
    sd_m: float
    kind: str = ""
    text: str = ""
    date: str = ""
    is_sign: bool = False


@dataclass(frozen=True)
class LookedArea:
    """An area that was searched for signs.

    Parameters
    ----------
    id, where, when, text : str
        Name, place in words, date with season and weather, and what was said.
    p_notice : float
        Chance that a sign there would have been noticed.
    """

    id: str
    where: str
    when: str
    text: str
    p_notice: float


@dataclass(frozen=True)
class SourceItem:
    """One file of evidence.

    Parameters
    ----------
    id, kind, name, fingerprint, note : str
        Name in the site, kind, name that it came with, hash, and what is in it.
    added : str
        When it came into the site, ISO 8601.
    size : int
        Bytes; 0 where it is not known.
    frame : str
        Frame of its coordinates and how it was brought into the site's.
    """

    id: str
    kind: str
    name: str
    fingerprint: str
    note: str = ""
    added: str = ""
    size: int = 0
    frame: str = ""


@dataclass(frozen=True)
class SheetView:
    """One sheet of a mine map, as drawn and as the belief has it.

    Parameters
    ----------
    name, tie : str
        Of the sheet; how it was tied to the ground, as the file says.
    sd_m : float or None
        Standard deviation per axis that its control points or transformation give, m.
    registration : Registration or None
        What the belief says of it; None where it does not say.
    """

    name: str
    tie: str
    sd_m: float | None
    registration: Registration | None


@dataclass(frozen=True)
class CertificateView:
    """A stop certificate of the site: its number, verdict, bound of P(target), date, page."""

    number: int
    certified: bool
    p_upper: float
    time: str
    page: str


@dataclass(frozen=True)
class TruthObject:
    """The answer of a simulated site, or a documented one: an axis (k, 3) and how it is known."""

    axis: Array
    label: str


@dataclass(frozen=True)
class CalibrationView:
    """The site's latest calibration.

    Parameters
    ----------
    words : str
        The verdict as it stands beside every probability.
    found : mapping of str to Calibration
        By what was wrong in the worlds; those in which nothing was come first.
    stale : bool
        Whether the site has changed since.
    support : int
        Nothing beyond 1/(support + 1) may be printed.
    fine : bool
        Whether anything beyond 0.01–0.99 may be.
    """

    words: str
    found: Mapping[str, Calibration]
    stale: bool
    support: int
    fine: bool


@dataclass(frozen=True)
class ReportContent:
    """Everything a page shows.

    Parameters
    ----------
    title : str
        Name of the site.
    belief : Belief
        The posterior.
    summary : mapping
        The ``infer --json`` document of the same belief.
    poc : PocGrid
        Probability map.
    surveys : tuple of SurveyFit
        Observed, predicted and residual data of each survey.
    stations : mapping of str to (k, 2) numpy.ndarray
        Plan places of the stations of each point survey.
    lines : tuple of (k, 2) numpy.ndarray
        Electrode or profile lines in plan.
    mapped : tuple of MappedLine
        Lines of mine maps.
    reports : tuple of SightedReport
        Reports and signs.
    looked : tuple of LookedArea
        Areas that were searched for signs.
    drilled, planned : tuple
        Holes, in the order of drilling and of the plan.
    kept_out : tuple of str
        What hard gates kept out of the plan, in words.
    plan_outdated : bool
        Whether the plan was made from an earlier belief.
    p_left_after : (n + 1,) numpy.ndarray or None
        P(a target is there | the first 0…n planned holes all miss).
    p_any_hit : (n + 1,) numpy.ndarray or None
        P(at least one of the first 0…n planned holes hits).
    no_go : tuple of (k, 2) numpy.ndarray
        Polygons in which no collar may stand.
    sources : tuple of SourceItem
        Files behind the evidence.
    truth : tuple of TruthObject
        Drawn over the map and sections where it is known.
    notes, limits : tuple of str
        Remarks for the first section; what this answer does not cover beyond the general list.
    crs : str
        Coordinate reference system, or "local".
    cost_unit : str
        Unit of the plan's costs.
    made : str
        When the page was made, ISO 8601.
    provenance : mapping of str to str
        Further facts for the last table.
    ledger : Ledger or None
        What each item of evidence weighs.
    calibrated : bool
        Whether the site's probabilities have passed their calibration.
    calibration : CalibrationView or None
        What the calibration has found.
    rivals : Rivals or None
        The best explanations of the belief.
    fits : mapping of str to tuple of float or None
        How well each explanation fits each piece of evidence; see ``fit_by_rival``.
    outcomes : tuple of Outcome
        What each outcome of each planned hole would mean.
    sheets : tuple of SheetView
        Sheets of mine maps.
    terms : DrillTerms or None
        What was assumed of drilling.
    certificates : tuple of CertificateView
        Stop certificates, the earliest first.
    predictions : tuple of str
        How chances that were stated before drilling have held, a sentence each.
    relief : Relief or None
        The ground, where the site has terrain.
    """

    title: str
    belief: Belief
    summary: Mapping[str, Any]
    poc: PocGrid
    surveys: tuple[SurveyFit, ...] = ()
    stations: Mapping[str, Array] = field(default_factory=dict[str, Array])
    lines: tuple[Array, ...] = ()
    mapped: tuple[MappedLine, ...] = ()
    reports: tuple[SightedReport, ...] = ()
    looked: tuple[LookedArea, ...] = ()
    drilled: tuple[DrilledHole, ...] = ()
    planned: tuple[PlannedHole, ...] = ()
    plan_outdated: bool = False
    kept_out: tuple[str, ...] = ()
    p_left_after: Array | None = None
    p_any_hit: Array | None = None
    no_go: tuple[Array, ...] = ()
    sources: tuple[SourceItem, ...] = ()
    truth: tuple[TruthObject, ...] = ()
    notes: tuple[str, ...] = ()
    limits: tuple[str, ...] = ()
    crs: str = "local"
    cost_unit: str = ""
    made: str = ""
    provenance: Mapping[str, str] = field(default_factory=dict[str, str])
    calibrated: bool = False
    ledger: Ledger | None = None
    calibration: CalibrationView | None = None
    rivals: Rivals | None = None
    fits: Mapping[str, tuple[float | None, ...]] = field(
        default_factory=dict[str, tuple[float | None, ...]]
    )
    outcomes: tuple[Outcome, ...] = ()
    sheets: tuple[SheetView, ...] = ()
    terms: DrillTerms | None = None
    certificates: tuple[CertificateView, ...] = ()
    predictions: tuple[str, ...] = ()
    relief: Relief | None = None


def verdict_words(content: ReportContent, *, short: bool = False) -> str:
    """Say whether the site is calibrated; ``short`` for a badge."""
    if content.calibration is None:
        return "calibrated" if content.calibrated else "not yet calibrated"
    words = content.calibration.words
    return words.partition(":")[0] if short else words


def hole_trace(hole: Hole | PlannedHole | DrilledHole, at_m: Array) -> Array:
    """Points along a hole.

    Parameters
    ----------
    hole : Hole, PlannedHole or DrilledHole
        Straight from its collar, unless it was drilled and surveyed.
    at_m : (k,) numpy.ndarray
        Along-hole lengths, m.

    Returns
    -------
    (k, 3) numpy.ndarray
        x, y, z in metres.
    """
    if isinstance(hole, DrilledHole):
        if hole.trace is not None:
            depth, *place = hole.trace.T
            return np.column_stack([np.interp(at_m, depth, v) for v in place])
        hole = hole.hole
    collar = np.array([hole.x, hole.y, hole.z])
    along = np.asarray(at_m, float)[:, None]
    return collar + along * direction(hole.azimuth_deg, hole.inclination_deg)
