"""What a survey would see: matched strength of drives, probability of detection, depth limits.

A drive with matched signal-to-noise ratio S is looked for among all places, directions, depths and
fills. In known ground the largest matched-filter output over them exceeds a threshold τ by chance
alone with the stated probability, the false-alarm rate; τ is found by simulating the survey without
an object (it is about 4: as many independent places can be told apart as give that chance). The
output at the drive's own place is normal with mean S and standard deviation 1, so that

    POD = Φ(S − τ − m),      S needed for a POD of p = τ + m + Φ⁻¹(p).

The margin m pays for what a matched filter is told and the inference is not: the ground, the size,
and that a cavity is no rival. With m = 1.5 the rule forecasts how often the whole inference gives
P(any target) > 0.9 from p0 = 0.5; `docs/forecast.md` holds that check. S depends on the ground,
which nobody knows before the survey: POD is averaged over the prior of the ground models and over
places and directions, and depth limits are given for quiet, middling and restless ground.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr, ndtri

from subterra.errors import InputError
from subterra.evidence import AdditiveEvidence
from subterra.ground import GroundNodes, snr_by_node, white_responses
from subterra.scene import FILLS, Prior
from subterra.search.drives import (
    Drives,
    Placements,
    cross_drives,
    drive_objects,
    lay_placements,
)

__all__ = [
    "DIAMETERS_M",
    "GROUND_QUANTILES",
    "MARGIN",
    "DepthLimit",
    "Detectability",
    "Threshold",
    "depth_ladder",
    "depth_limit",
    "detectability",
    "drive_snr",
    "interpolated_quantile",
    "search_threshold",
]

Array = npt.NDArray[Any]
Standing = Literal["seen", "never", "deeper", "beyond"]

DIAMETERS_M: Final = (0.8, 1.0, 1.5, 2.0, 3.0, 5.0)
"""Diameters that a forecast asks for: from a crawlway to a mine drive."""
MARGIN: Final = 1.5
"""Fitted once on 40 simulated gravity and 30 resistivity surveys, checked on others."""
GROUND_QUANTILES: Final = (0.1, 0.5, 0.9)
"""Restless, middling and quiet ground: quantiles of the signal-to-noise ratio."""

_LEVELS: Final = 14
_BATCH_ENTRIES: Final = 8_000_000
_DRAWS: Final = 400
_SEARCHED_DIAMETER_M: Final = 2.0


@dataclass(frozen=True)
class Threshold:
    """Threshold of the search for a drive anywhere under a survey.

    Parameters
    ----------
    false_alarm : float
        Probability that a survey without an object exceeds ``tau`` somewhere, the ground known.
    tau : float
        Matched-filter output, in standard deviations.
    margin : float
        What the whole inference asks for on top of it.
    """

    false_alarm: float
    tau: float
    margin: float = MARGIN

    def pod(self, snr: Array) -> Array:
        """Probability of detection Φ(S − τ − m)."""
        return np.asarray(ndtr(np.asarray(snr) - self.tau - self.margin))

    def needed(self, pod: float = 0.9) -> float:
        """Signal-to-noise ratio that is detected with probability ``pod``."""
        return self.tau + self.margin + float(ndtri(pod))


@dataclass(frozen=True)
class Detectability:
    """Matched signal-to-noise ratios of drives under one survey.

    Parameters
    ----------
    fills : (F,) tuple of str
        Fills.
    diameter_m : (D,) numpy.ndarray
        Diameters.
    depth_m : (Z,) numpy.ndarray
        Depths of the axis, increasing.
    place : Placements
        P directions and places.
    nodes : GroundNodes
        M ground models with their weights.
    snr : (F, D, Z, P, M) numpy.ndarray of float32
        √(f'C⁻¹f); NaN above a depth of one diameter, where no closed form holds.
    """

    fills: tuple[str, ...]
    diameter_m: Array
    depth_m: Array
    place: Placements
    nodes: GroundNodes
    snr: Array

    def over_ground(self, quantile: float, *, worst_place: bool = False) -> Array:
        """Quantile over the ground models of the ratio at the median, or worst, placement.

        Returns
        -------
        (F, D, Z) numpy.ndarray
        """
        of_place = self.snr.min(axis=3) if worst_place else np.median(self.snr, axis=3)
        return interpolated_quantile(of_place, self.nodes.weight, quantile)

    def pod(self, threshold: Threshold) -> Array:
        """Probability of detection averaged over ground models and placements, (F, D, Z)."""
        return threshold.pod(self.snr).mean(axis=3) @ self.nodes.weight


def interpolated_quantile(values: Array, weight: Array, quantile: float) -> Array:
    """Quantile along the last axis, interpolated between the middles of the weights.

    Parameters
    ----------
    values : (..., M) numpy.ndarray
        Values.
    weight : (M,) numpy.ndarray
        Probabilities, summing to 1.
    quantile : float
        Between 0 and 1.

    Returns
    -------
    (...) numpy.ndarray
    """
    order = np.argsort(values, axis=-1)
    ordered = np.take_along_axis(values, order, axis=-1)
    share = weight[order]
    middle = np.cumsum(share, axis=-1) - 0.5 * share
    flat = zip(middle.reshape(-1, len(weight)), ordered.reshape(-1, len(weight)), strict=True)
    found = [np.interp(quantile, at, value) for at, value in flat]
    return np.array(found).reshape(values.shape[:-1])


@dataclass(frozen=True)
class DepthLimit:
    """How deep a drive may lie and still be seen.

    Parameters
    ----------
    standing : {"seen", "never", "deeper", "beyond"}
        ``seen``: down to ``down_to_m``. ``never``: at no depth that was asked. ``deeper``: at the
        largest depth that was asked, and below it for all that is known. ``beyond``: the drive
        is wider than every depth that was asked.
    from_m, down_to_m : float or None
        Shallowest and deepest axis that is seen; None for ``never`` and ``beyond``.
    """

    standing: Standing
    from_m: float | None
    down_to_m: float | None


def depth_limit(depth_m: Array, snr: Array, needed: float) -> DepthLimit:
    """Read off a curve how deep a drive is seen.

    Parameters
    ----------
    depth_m : (Z,) numpy.ndarray
        Increasing.
    snr : (Z,) numpy.ndarray
        Signal-to-noise ratio; leading NaN are depths outside the domain.
    needed : float
        Ratio that is needed.

    Returns
    -------
    DepthLimit
        Crossings are interpolated on logarithmic axes, on which the far field is a straight line.
    """
    valid = np.isfinite(snr)
    if not valid.any():
        return DepthLimit("beyond", None, None)
    z, s = np.log(depth_m[valid]), np.log(np.maximum(snr[valid], 1e-12))
    level = np.log(needed)
    above = np.flatnonzero(s >= level)
    if len(above) == 0:
        return DepthLimit("never", None, None)
    first, last = int(above[0]), int(above[-1])

    def crossing(i: int) -> float:
        return float(np.exp(z[i] + (level - s[i]) / (s[i + 1] - s[i]) * (z[i + 1] - z[i])))

    top = float(depth_m[valid][0]) if first == 0 else crossing(first - 1)
    if last == len(s) - 1:
        return DepthLimit("deeper", top, float(depth_m[-1]))
    return DepthLimit("seen", top, crossing(last))


def depth_ladder(diameter_m: Array, deepest_m: float) -> Array:
    """Depths of axes to ask for: a geometric ladder that starts anew at each diameter.

    Raises
    ------
    InputError
        If the deepest is not deeper than the smallest diameter.
    """
    smallest = float(np.min(diameter_m))
    if not deepest_m > smallest:
        problem = (
            f"depths down to {deepest_m:g} m leave no room for a drive {smallest:g} m wide, which "
            "is asked for at depths of one diameter and more"
        )
        raise InputError(problem)
    own = np.asarray(diameter_m, np.float64)
    ladder = np.concatenate([np.geomspace(smallest, deepest_m, _LEVELS), own[own <= deepest_m]])
    ladder = np.unique(np.round(ladder, 3))
    keep = np.concatenate([[True], np.diff(ladder) > 1e-2])
    ladder = ladder[keep]
    ladder[-1] = deepest_m
    return ladder


def drive_snr(
    evidence: AdditiveEvidence, prior: Prior, drives: Drives, nodes: GroundNodes
) -> Array:
    """Matched signal-to-noise ratio of each drive under each ground model.

    Parameters
    ----------
    evidence : AdditiveEvidence
        A survey; its data do not enter.
    prior : Prior
        Surface, host and fills.
    drives : Drives
        n of them.
    nodes : GroundNodes
        M ground models of the survey.

    Returns
    -------
    (n, M) numpy.ndarray of float32
        NaN for drives whose axis is less than one diameter deep.
    """
    out = np.full((len(drives), len(nodes)), np.nan, np.float32)
    objects = drive_objects(drives, prior)
    valid = np.flatnonzero(drives.depth_m >= drives.diameter_m * (1.0 - 1e-9))
    step = max(1, _BATCH_ENTRIES // max(len(evidence.models.sd), 1))
    for start in range(0, len(valid), step):
        rows = valid[start : start + step]
        some = type(objects)(*(value[rows] for value in vars(objects).values()))
        response = evidence.combine(evidence.object_response(some))
        out[rows] = snr_by_node(evidence.models, nodes, response)
    return out


def detectability(
    evidence: AdditiveEvidence,
    prior: Prior,
    points: Array,
    nodes: GroundNodes,
    *,
    fills: Sequence[str] = FILLS,
    diameter_m: Sequence[float] = DIAMETERS_M,
    deepest_m: float | None = None,
) -> Detectability:
    """Matched signal-to-noise ratio of straight drives anywhere under a survey.

    Parameters
    ----------
    evidence : AdditiveEvidence
        The survey, made or planned: its layout and errors count, its data do not.
    prior : Prior
        Surface, host, fills, and the depth of the search.
    points : (k, 2) numpy.ndarray
        Plan places of the survey in metres; drives are laid across them.
    nodes : GroundNodes
        Ground models with weights, from ``prior_nodes`` before a survey.
    fills : sequence of str
        Names of fills.
    diameter_m : sequence of float
        Diameters in metres.
    deepest_m : float, optional
        Depth down to which to ask, by default that of the search.

    Returns
    -------
    Detectability

    Raises
    ------
    InputError
        If a diameter is not positive or the depth leaves no room.
    """
    diameters = np.asarray(diameter_m, np.float64)
    if len(diameters) == 0 or not np.all((diameters > 0.0) & np.isfinite(diameters)):
        problem = f"diameters must be positive metres, found {', '.join(map(str, diameter_m))}"
        raise InputError(problem)
    depths = depth_ladder(diameters, prior.depth_m if deepest_m is None else deepest_m)
    place = lay_placements(points)
    drives = cross_drives(fills, diameters, depths, place)
    snr = drive_snr(evidence, prior, drives, nodes)
    shape = (len(fills), len(diameters), len(depths), len(place), len(nodes))
    return Detectability(tuple(fills), diameters, depths, place, nodes, snr.reshape(shape))


def search_threshold(
    evidence: AdditiveEvidence,
    prior: Prior,
    points: Array,
    nodes: GroundNodes,
    *,
    false_alarm: float = 0.01,
    seed: int = 1,
) -> Threshold:
    """Find the matched-filter output that a survey without an object seldom exceeds.

    Drives of one diameter with every fill, in 12 directions, 20 places across and 6 depths are
    matched with simulated ground and noise of the survey; the diameter changes the strength and
    hardly the shape of a response. Each ground kernel is simulated at its middle node and the
    draws are pooled.

    Parameters
    ----------
    evidence, prior, points, nodes
        As for `detectability`.
    false_alarm : float
        Between 0.002 and 0.5; simulation supports no rarer one.
    seed : int
        Of the simulation.

    Returns
    -------
    Threshold

    Raises
    ------
    InputError
        For a rate outside these bounds.
    """
    if not 0.002 <= false_alarm <= 0.5:
        problem = f"the false-alarm rate must lie between 0.002 and 0.5, found {false_alarm:g}"
        raise InputError(problem)
    least = min(_SEARCHED_DIAMETER_M, 0.5 * prior.depth_m)
    drives = cross_drives(
        FILLS,
        np.array([least]),
        np.geomspace(least, prior.depth_m, 6),
        lay_placements(points, 12, 20),
    )
    response = evidence.combine(evidence.object_response(drive_objects(drives, prior)))
    highest: list[Array] = []
    for k, node in enumerate(_middle_nodes(nodes)):
        white = white_responses(evidence.models, nodes, node, response)
        length = np.sqrt(np.einsum("ij,ij->i", white, white))
        template = white[length > 0.0] / length[length > 0.0][:, None]
        rng = np.random.Generator(np.random.Philox(np.random.SeedSequence(seed, spawn_key=(k,))))
        noise = rng.standard_normal((white.shape[1], _DRAWS), np.float32)
        highest.append((template @ noise).max(axis=0))
    return Threshold(false_alarm, float(np.quantile(np.concatenate(highest), 1.0 - false_alarm)))


def _middle_nodes(nodes: GroundNodes) -> list[int]:
    """One node per kernel: the one nearest the weighted mean of amplitude and noise."""
    out: list[int] = []
    for g in np.unique(nodes.kernel):
        index = np.flatnonzero(nodes.kernel == g)
        share = nodes.weight[index]
        if share.sum() <= 0.0:
            continue
        logs = np.log(np.column_stack([nodes.amplitude[index] + 1e-9, nodes.noise[index]]))
        away = logs - np.average(logs, axis=0, weights=share)
        out.append(int(index[np.argmin((away**2).sum(axis=1))]))
    return out
