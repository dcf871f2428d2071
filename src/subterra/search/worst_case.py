"""What surveys and holes would have detected: worst place, direction, depth and fill of a class.

No prior and no outcome enters: only where was looked, with what, and how well that sees. A target
is missed if every survey and every hole misses it, each being independent given the target.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from subterra.evidence import AdditiveEvidence
from subterra.ground import GroundNodes
from subterra.scene import FILLS, N_SLOTS, Objects, Prior, Scenes
from subterra.search.candidates import inside_polygon
from subterra.search.declared import DeclaredClass
from subterra.search.detectability import Threshold, drive_snr
from subterra.search.drives import Drives, Placements, drive_objects
from subterra.search.hit import hit_probability
from subterra.search.holes import Hole
from subterra.search.terms import DrillTerms

__all__ = ["Detection", "Seeing", "detection_of_class", "random_drive_hit", "shortest_length"]

Array = npt.NDArray[Any]

_CELLS: Final = 9
_AZIMUTHS: Final = 6
_DEPTHS: Final = 5
_RANDOM_DRIVES: Final = 4000
_SECTORS: Final = 12
"""Azimuths of the random drives."""


@dataclass(frozen=True)
class Seeing:
    """One survey as the worst case needs it: its evidence, ground models and threshold."""

    name: str
    evidence: AdditiveEvidence
    nodes: GroundNodes
    threshold: Threshold


@dataclass(frozen=True, eq=False)
class Detection:
    """Probability of detection of a class of drives, over places, directions, depths and fills.

    Parameters
    ----------
    fills : tuple of str
        Fills.
    x_m, y_m, azimuth_deg : (P,) numpy.ndarray
        Middles and directions.
    depth_m : (Z,) numpy.ndarray
        Depths of the axis.
    pod : (F, Z, P) numpy.ndarray
        By all surveys and holes together.
    by_means : mapping of str to (F, Z, P) numpy.ndarray
        By each survey alone, and by all ``holes`` together.
    length_m : float
        Of the drives.
    """

    fills: tuple[str, ...]
    x_m: Array
    y_m: Array
    azimuth_deg: Array
    depth_m: Array
    pod: Array
    by_means: dict[str, Array]
    length_m: float

    def worst(self, fills: Sequence[str]) -> tuple[float, str, float, int]:
        """Smallest probability over some fills: p, fill, depth of the axis, placement."""
        rows = [self.fills.index(name) for name in fills]
        part = self.pod[rows]
        f, z, p = np.unravel_index(int(np.argmin(part)), part.shape)
        return float(part[f, z, p]), fills[int(f)], float(self.depth_m[z]), int(p)

    def mean(self, fills: Sequence[str]) -> float:
        """Mean over places, directions, depths and the fills."""
        return float(np.mean(self.pod[[self.fills.index(name) for name in fills]]))


def shortest_length(prior: Prior, diameter_m: float) -> float:
    """Shortest target of the prior, m; a chamber is as long as it is wide."""
    lengths = [
        diameter_m if name == "chamber" else prior.families[name].length_m[0]
        for name in prior.targets
    ]
    return max(min(lengths), diameter_m)


def _places(polygon: Array) -> tuple[Array, Array]:
    """Points of a grid inside a polygon, or its middle where none is."""
    (x0, y0), (x1, y1) = polygon.min(axis=0), polygon.max(axis=0)
    part = (np.arange(_CELLS) + 0.5) / _CELLS
    x, y = (v.ravel() for v in np.meshgrid(x0 + part * (x1 - x0), y0 + part * (y1 - y0)))
    inside = inside_polygon(x, y, polygon)
    if not inside.any():
        middle = polygon.mean(axis=0)
        return middle[:1], middle[1:]
    return x[inside], y[inside]


def _as_scenes(objects: Objects, prior: Prior) -> Scenes:
    """One scene for each object, in its first slot."""
    n = len(objects)
    columns: dict[str, Array] = {}
    for name, value in vars(objects).items():
        spread = np.zeros((n, N_SLOTS, *value.shape[1:]), value.dtype)
        spread[:, 0] = value
        columns[name] = spread
    return Scenes(
        Objects(**columns),
        np.full(n, 0.5 * sum(prior.host_density)),
        np.full(n, math.sqrt(prior.host_resistivity[0] * prior.host_resistivity[1])),
        np.empty((n, N_SLOTS, 0)),
        np.empty((n, 0)),
    )


def _as_targets(prior: Prior) -> Prior:
    """The same site with drives as targets: a placed drive stands for any target of its size."""
    return prior if "driven" in prior.targets else replace(prior, targets=("driven",))


def detection_of_class(
    prior: Prior,
    declared: DeclaredClass,
    surveys: Sequence[Seeing],
    holes: Sequence[Hole],
    terms: DrillTerms,
    *,
    length_m: float | None = None,
) -> Detection:
    """P(detected) of the smallest and shortest target of a class, wherever it lies.

    Parameters
    ----------
    prior : Prior
        Surface, host and fills.
    declared : DeclaredClass
        Its diameter is that of the drives; their roofs lie down to its depth.
    surveys : sequence of Seeing
        Surveys that were made.
    holes : sequence of Hole
        Holes as long as they were logged.
    terms : DrillTerms
        How well a hole finds what it meets.
    length_m : float, optional
        Length of the drives; by default the shortest of the prior.

    Returns
    -------
    Detection
        Axes are level and straight, at depths from one diameter, above which no closed form of
        the surveys holds, to the declared one.
    """
    length = shortest_length(prior, declared.diameter_m) if length_m is None else length_m
    x, y = _places(declared.polygon)
    azimuth = np.tile(180.0 * np.arange(_AZIMUTHS) / _AZIMUTHS, len(x))
    x, y = (np.repeat(v, _AZIMUTHS) for v in (x, y))
    top = declared.diameter_m
    deepest = max(min(declared.above_m + 0.5 * top, prior.depth_m), top)
    depth = np.unique(np.round(np.geomspace(top, deepest, _DEPTHS), 3))
    shape = (len(FILLS), len(depth), len(x))
    f, z, p = (v.ravel() for v in np.indices(shape))
    drives = Drives(
        np.full(len(f), declared.diameter_m),
        f,
        depth[z],
        Placements(azimuth[p], x[p], y[p]),
        0.5 * length,
    )
    by_means: dict[str, Array] = {}
    for survey in surveys:
        snr = drive_snr(survey.evidence, prior, drives, survey.nodes)
        pod = survey.threshold.pod(snr) @ survey.nodes.weight
        by_means[survey.name] = pod.reshape(shape)
    if holes:
        scenes = _as_scenes(drive_objects(drives, prior), prior)
        hits = hit_probability(scenes, _as_targets(prior), holes, terms=terms)
        found = 1.0 - np.prod(1.0 - hits.p_hit.astype(np.float64), axis=0)
        # Misses have causes that last: several holes find no more than the best of them can.
        by_means["holes"] = np.minimum(found, np.asarray(terms.p_detect)[f]).reshape(shape)
    missed = np.ones(shape)
    for pod in by_means.values():
        missed = missed * (1.0 - pod)
    return Detection(FILLS, x, y, azimuth, depth, 1.0 - missed, by_means, length)


def random_drive_hit(
    prior: Prior,
    declared: DeclaredClass,
    holes: Sequence[Hole],
    *,
    miss: float = 0.0,
    length_m: float | None = None,
    seed: int = 1,
) -> tuple[float, float]:
    """P(holes as they stand meet a drive at random), over all azimuths and at the worst.

    What post-survey verification by simulation states: the drive's middle is uniform in the area,
    its depth uniform down to the declared one, and holes are straight.

    Parameters
    ----------
    prior, declared, holes, length_m
        As for `detection_of_class`.
    miss : float
        P(a hole that meets the drive does not say so).
    seed : int
        Of the drives.

    Returns
    -------
    mean, worst : float
        Standard error at most 0.008, and 0.03 for the worst of 12 azimuths.
    """
    if not holes:
        return 0.0, 0.0
    length = shortest_length(prior, declared.diameter_m) if length_m is None else length_m
    rng = np.random.default_rng(seed)
    (x0, y0), (x1, y1) = declared.polygon.min(axis=0), declared.polygon.max(axis=0)
    x, y = np.empty(0), np.empty(0)
    while len(x) < _RANDOM_DRIVES:
        more_x, more_y = rng.uniform(x0, x1, _RANDOM_DRIVES), rng.uniform(y0, y1, _RANDOM_DRIVES)
        inside = inside_polygon(more_x, more_y, declared.polygon)
        x, y = np.append(x, more_x[inside]), np.append(y, more_y[inside])
    x, y = x[:_RANDOM_DRIVES], y[:_RANDOM_DRIVES]
    sector = np.arange(_RANDOM_DRIVES) % _SECTORS
    azimuth = 180.0 / _SECTORS * sector
    shallow = 0.575 * declared.diameter_m
    deep = max(declared.above_m + 0.5 * declared.diameter_m, shallow)
    drives = Drives(
        np.full(_RANDOM_DRIVES, declared.diameter_m),
        np.zeros(_RANDOM_DRIVES, int),
        rng.uniform(shallow, deep, _RANDOM_DRIVES),
        Placements(azimuth, x, y),
        0.5 * length,
    )
    straight = DrillTerms(p_detect=(1.0, 1.0, 1.0), deviation_sd_per_m=0.0)
    scenes = _as_scenes(drive_objects(drives, prior), prior)
    hits = hit_probability(scenes, _as_targets(prior), holes, terms=straight)
    silent = np.prod(np.where(hits.p_hit > 0.5, miss, 1.0), axis=0)
    by_azimuth = [float(1.0 - silent[sector == k].mean()) for k in range(_SECTORS)]
    return float(1.0 - silent.mean()), min(by_azimuth)
