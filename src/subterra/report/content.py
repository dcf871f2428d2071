"""What a report is made from: plain, frozen data that any site or test can fill in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from subterra.inference.belief import Belief

if TYPE_CHECKING:
    from subterra.evidence import SurveyFit

__all__ = [
    "DrilledHole",
    "PlannedHole",
    "PocMap",
    "ReportContent",
    "SightedReport",
    "SourceItem",
    "TruthObject",
    "hole_trace",
]

Array = npt.NDArray[Any]


@dataclass(frozen=True)
class PocMap:
    """Probability of containment on a regular grid.

    Parameters
    ----------
    x_m, y_m : (nx,), (ny,) numpy.ndarray
        Cell centres, ascending.
    p : (ny, nx) numpy.ndarray
        P(a target lies below some point of the cell). Cells that one tunnel crosses share it, so
        they do not sum to 1.
    cell_m : float
        Side of a cell.
    p_row : float
        P(no target inside the bounds), which includes "elsewhere".
    """

    x_m: Array
    y_m: Array
    p: Array
    cell_m: float
    p_row: float


@dataclass(frozen=True)
class DrilledHole:
    """A hole with its result.

    Parameters
    ----------
    name : str
        As logged.
    x_m, y_m, z_m : float
        Collar.
    azimuth_deg, inclination_deg : float
        Clockwise from north; positive down from horizontal, 90 is vertical.
    length_m : float
        Length drilled and logged, along the hole.
    voids : tuple of (from_m, to_m)
        Logged voids, metres along the hole; empty for a dry hole.
    """

    name: str
    x_m: float
    y_m: float
    z_m: float
    azimuth_deg: float
    inclination_deg: float
    length_m: float
    voids: tuple[tuple[float, float], ...] = ()


@dataclass(frozen=True)
class PlannedHole:
    """One row of the drill plan, with the names of ``plan --json``.

    Parameters
    ----------
    hole : str
        Name given by the plan.
    x, y, z : float
        Collar, m.
    azimuth_deg, inclination_deg, length_m : float
        As in `DrilledHole`.
    target_from_m, target_to_m : float
        Along-hole metres between which the target is expected.
    p_hit, p_hit_given_previous_miss : float
        Probability that this hole hits, alone and after misses of all rows above.
    information_bits, cost : float
        Expected information of the outcome; cost in the site's own unit.
    reason : str
        Why this hole.
    """

    hole: str
    x: float
    y: float
    z: float
    azimuth_deg: float
    inclination_deg: float
    length_m: float
    target_from_m: float
    target_to_m: float
    p_hit: float
    p_hit_given_previous_miss: float
    information_bits: float
    cost: float
    reason: str


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


@dataclass(frozen=True)
class SourceItem:
    """One file of evidence: its id, kind, name, fingerprint, and whether it is in the answer."""

    id: str
    kind: str
    name: str
    fingerprint: str
    note: str = ""


@dataclass(frozen=True)
class TruthObject:
    """The answer of a simulated site, or a documented one: an axis (k, 3) and how it is known."""

    axis: Array
    label: str


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
    poc : PocMap
        Probability map.
    surveys : tuple of SurveyFit
        Observed, predicted and residual data of each survey.
    stations : mapping of str to (k, 2) numpy.ndarray
        Plan places of the stations of each point survey.
    lines : tuple of (k, 2) numpy.ndarray
        Electrode or profile lines in plan.
    reports : tuple of SightedReport
        Reports and signs.
    drilled, planned : tuple
        Holes, in the order of drilling and of the plan.
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
    calibrated : bool
        Whether the site's probabilities have passed their calibration.
    """

    title: str
    belief: Belief
    summary: Mapping[str, Any]
    poc: PocMap
    surveys: tuple[SurveyFit, ...] = ()
    stations: Mapping[str, Array] = field(default_factory=dict[str, Array])
    lines: tuple[Array, ...] = ()
    reports: tuple[SightedReport, ...] = ()
    drilled: tuple[DrilledHole, ...] = ()
    planned: tuple[PlannedHole, ...] = ()
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


def hole_trace(hole: DrilledHole | PlannedHole, at_m: Array) -> Array:
    """Points along a straight hole.

    Parameters
    ----------
    hole : DrilledHole or PlannedHole
        Collar, azimuth and inclination.
    at_m : (k,) numpy.ndarray
        Along-hole lengths, m.

    Returns
    -------
    (k, 3) numpy.ndarray
        x, y, z in metres.
    """
    if isinstance(hole, PlannedHole):
        collar = np.array([hole.x, hole.y, hole.z])
    else:
        collar = np.array([hole.x_m, hole.y_m, hole.z_m])
    azimuth, inclination = np.radians(hole.azimuth_deg), np.radians(hole.inclination_deg)
    direction = np.array(
        [
            np.sin(azimuth) * np.cos(inclination),
            np.cos(azimuth) * np.cos(inclination),
            -np.sin(inclination),
        ]
    )
    return collar + np.asarray(at_m, float)[:, None] * direction
