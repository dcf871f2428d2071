"""Over which parts of a site a survey sees how small a drive: the map of a forecast."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from subterra.evidence import AdditiveEvidence
from subterra.ground import GroundNodes
from subterra.scene import Prior
from subterra.search.detectability import DIAMETERS_M, drive_snr, interpolated_quantile
from subterra.search.drives import Placements, cross_drives

__all__ = ["DiameterMap", "smallest_diameters"]

Array = npt.NDArray[Any]

_AZIMUTHS: Final = 4
_CELLS: Final = 20


@dataclass(frozen=True)
class DiameterMap:
    """Smallest diameter that is seen at one depth, over the bounds of a site.

    Parameters
    ----------
    fill : str
        Fill of the drives.
    depth_m : float
        Depth of their axes.
    x_m : (n_x,), y_m : (n_y,) numpy.ndarray
        Centres of cells, about square, metres.
    diameter_m : (n_y, n_x) numpy.ndarray
        Smallest diameter seen by a drive below the cell, in middling ground and in half of the
        directions; ``inf`` where none that was asked is.
    """

    fill: str
    depth_m: float
    x_m: Array
    y_m: Array
    diameter_m: Array


def smallest_diameters(
    evidence: AdditiveEvidence,
    prior: Prior,
    nodes: GroundNodes,
    needed: float,
    depth_m: float,
    *,
    fill: str = "air",
    diameter_m: Sequence[float] = DIAMETERS_M,
) -> DiameterMap:
    """Map the smallest drive that a survey sees at a depth.

    Parameters
    ----------
    evidence : AdditiveEvidence
        The survey, made or planned.
    prior : Prior
        Bounds, surface, host and fills.
    nodes : GroundNodes
        Ground models with weights.
    needed : float
        Signal-to-noise ratio that counts as seen.
    depth_m : float
        Depth of the axes, metres.
    fill : str
        Fill.
    diameter_m : sequence of float
        Diameters to ask for; those wider than the depth are left out.

    Returns
    -------
    DiameterMap
        Between two diameters the ratio is interpolated on logarithmic axes.
    """
    x0, y0, x1, y1 = prior.bounds
    cell = max(x1 - x0, y1 - y0) / _CELLS
    n_x, n_y = (max(round(width / cell), 1) for width in (x1 - x0, y1 - y0))
    x = x0 + (x1 - x0) / n_x * (np.arange(n_x) + 0.5)
    y = y0 + (y1 - y0) / n_y * (np.arange(n_y) + 0.5)
    diameters = np.sort(np.array([d for d in diameter_m if d <= depth_m], np.float64))
    if len(diameters) == 0:
        return DiameterMap(fill, depth_m, x, y, np.full((len(y), len(x)), np.inf))
    px, py = (np.repeat(v.ravel(), _AZIMUTHS) for v in np.meshgrid(x, y))
    azimuth = np.tile(180.0 * np.arange(_AZIMUTHS) / _AZIMUTHS, len(x) * len(y))
    drives = cross_drives([fill], diameters, np.array([depth_m]), Placements(azimuth, px, py))
    snr = drive_snr(evidence, prior, drives, nodes)
    middle = interpolated_quantile(snr, nodes.weight, 0.5)
    by_cell = np.median(middle.reshape(len(diameters), -1, _AZIMUTHS), axis=2)
    found = np.array([_crossing(diameters, column, needed) for column in by_cell.T])
    return DiameterMap(fill, depth_m, x, y, found.reshape(len(y), len(x)))


def _crossing(diameters: Array, snr: Array, needed: float) -> float:
    """Diameter from which on the ratio is at least the one needed."""
    short = np.flatnonzero(snr < needed)
    if len(short) == 0:
        return float(diameters[0])
    i = int(short[-1])
    if i == len(diameters) - 1:
        return np.inf
    d, s = np.log(diameters[i : i + 2]), np.log(np.maximum(snr[i : i + 2], 1e-12))
    return float(np.exp(d[0] + (np.log(needed) - s[0]) / (s[1] - s[0]) * (d[1] - d[0])))
