"""Where mine maps point: places of workings to start a search from, with their exact density."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr, ndtri

from subterra.evidence.mine_map_terms import MapTerms
from subterra.scene import N_PARAMETERS, PARAMETERS, Prior, family_code

if TYPE_CHECKING:
    from subterra.evidence.mine_map_sheet import MapSheet

__all__ = ["Suggestions", "density_of", "draw_from", "suggestions"]

Array = npt.NDArray[Any]

_COLUMNS: Final = tuple(PARAMETERS.index(name) for name in ("heading", "offset", "depth"))
_FLAT: Final = 0.1
"""Share of suggestions from the prior, so that no density is zero."""
_WIDE: Final = 50.0
"""A width so large that a column is uniform."""


@dataclass(frozen=True)
class Suggestions:
    """A mixture of normals cut to the unit cube, in heading, offset and depth; others uniform.

    Parameters
    ----------
    family : (c,) numpy.ndarray of int8
        Family of each component.
    log_share : (c,) numpy.ndarray
        Log weight; they sum to 1 less the uniform share.
    centre, width : (c, 3) numpy.ndarray
        In quantiles.
    families : (f,) numpy.ndarray of int8
        Families that are suggested.
    """

    family: Array
    log_share: Array
    centre: Array
    width: Array
    families: Array


def suggestions(
    sheets: Sequence[MapSheet], prior: Prior, families: Sequence[str], terms: MapTerms
) -> Suggestions:
    """Make one component for each run, tie and blunder, for each family."""
    rows: list[tuple[int, float, Array, Array]] = []
    for name in families:
        for sheet in sheets:
            for mode in sheet.modes:
                log_share = float(mode[0]) - math.log(len(sheets) * len(families))
                log_share -= math.log(max(len(sheet.runs), 1))
                for run in sheet.runs:
                    for centre, width in _placed(run, mode, sheet, prior, name, terms):
                        rows.append((family_code(name), log_share, centre, width))
    codes = np.array([family_code(name) for name in families], np.int8)
    if not rows:
        empty = np.zeros((0, 3))
        return Suggestions(np.zeros(0, np.int8), np.zeros(0), empty, empty, codes)
    centre = np.array([row[2] for row in rows])
    width = np.array([row[3] for row in rows])
    reached = _cube_mass(centre, width).prod(axis=1)
    log_share = np.array([row[1] for row in rows]) + np.log(np.maximum(reached, 1e-300))
    keep = log_share > log_share.max() - 12.0
    log_share = log_share[keep] - np.log(np.exp(log_share[keep]).sum()) + math.log(1.0 - _FLAT)
    family = np.array([row[0] for row in rows], np.int8)[keep]
    return Suggestions(family, log_share, centre[keep], width[keep], codes)


def _placed(
    run: Array, mode: Array, sheet: MapSheet, prior: Prior, name: str, terms: MapTerms
) -> list[tuple[Array, Array]]:
    """Quantiles of a line object that follows a run, and of its twin on the other heading."""
    px, py, angle = run[0], run[1], run[3]
    if mode[5]:
        px, angle = 2.0 * sheet.centre[0] - px, math.pi - angle
    px, py = sheet.centre + mode[4] * (np.array([px, py]) - sheet.centre)
    heading = (0.5 * math.pi - angle) % math.pi
    nx, ny = math.cos(heading), -math.sin(heading)
    x0, y0, x1, y1 = prior.bounds
    half = 0.5 * ((x1 - x0) * abs(nx) + (y1 - y0) * abs(ny))
    offset = ((px - 0.5 * (x0 + x1)) * nx + (py - 0.5 * (y0 + y1)) * ny) / half
    turn = math.hypot(mode[2], 1.5 * terms.local_sd_m / (run[4] * mode[4])) + 0.01
    item = prior.families[name]
    low, high = item.depth_m[0], min(item.depth_m[1], prior.depth_m)
    depth, depth_width = 0.5, _WIDE
    if run[6] > 0.0 and high > low:
        below = float(prior.surface.at(np.array(px), np.array(py))) - run[2]
        depth = (below - low) / (high - low)
        depth_width = max((math.hypot(run[6], mode[6]) + 1.0) / (high - low), 0.01)
    centre = np.array([heading / math.pi, 0.5 * (1.0 + offset), depth])
    width = np.array(
        [turn / math.pi, (mode[1] + terms.local_sd_m + 0.05 * half) / (2.0 * half), depth_width]
    )
    out = [(centre, width)]
    near = 4.0 * width[0]
    if centre[0] < near or centre[0] > 1.0 - near:
        side = 1.0 if centre[0] < near else -1.0
        out.append((np.array([centre[0] + side, 1.0 - centre[1], depth]), width))
    return out


def _cube_mass(centre: Array, width: Array) -> Array:
    return ndtr((1.0 - centre) / width) - ndtr(-centre / width)


def draw_from(mixture: Suggestions, rng: np.random.Generator, n: int) -> tuple[Array, Array]:
    """Draw families (n,) and unit-cube rows (n, P)."""
    unit = rng.random((n, N_PARAMETERS))
    family = mixture.families[rng.integers(len(mixture.families), size=n)]
    if len(mixture.family) == 0:
        return family, unit
    pointed = rng.random(n) >= _FLAT
    share = np.exp(mixture.log_share)
    chosen = rng.choice(len(share), size=n, p=share / share.sum())
    centre, width = mixture.centre[chosen], mixture.width[chosen]
    low = ndtr(-centre / width)
    u = low + unit[:, _COLUMNS] * _cube_mass(centre, width)
    placed = np.clip(centre + width * ndtri(np.clip(u, 1e-15, 1.0 - 1e-15)), 0.0, 1.0)
    at = np.flatnonzero(pointed)
    unit[at[:, None], list(_COLUMNS)] = placed[at]
    return np.where(pointed, mixture.family[chosen], family).astype(np.int8), unit


def density_of(mixture: Suggestions, family: Array, unit: Array) -> Array:
    """Log density (n,) of ``draw_from`` over families and the unit cube."""
    among = np.isin(family, mixture.families)
    flat = _FLAT if len(mixture.family) else 1.0
    total = np.where(among, flat / len(mixture.families), 0.0)
    norm = np.log(mixture.width * _cube_mass(mixture.centre, mixture.width)) + 0.5 * np.log(
        2.0 * np.pi
    )
    constant = mixture.log_share - norm.sum(axis=1)
    for code in mixture.families:
        mine = np.flatnonzero(family == code)
        of = mixture.family == code
        at = unit[mine][:, list(_COLUMNS)]
        for part in np.array_split(mine, max(1, len(mine) // 500)):
            rows = np.searchsorted(mine, part)
            away = (at[rows][:, None, :] - mixture.centre[of]) / mixture.width[of]
            logs = constant[of] - 0.5 * np.sum(away**2, axis=2)
            total[part] += np.exp(logs).sum(axis=1)
    with np.errstate(divide="ignore"):
        return np.log(total)
