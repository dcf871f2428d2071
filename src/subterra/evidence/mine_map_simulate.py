"""Drawing a mine map from a scene, by the same densities that the likelihood uses."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from subterra.evidence.mine_map_background import none_factor, window
from subterra.evidence.mine_map_kernel import N_RUN
from subterra.evidence.mine_map_modes import sheet_modes
from subterra.evidence.mine_map_pair import length_spread
from subterra.evidence.mine_map_terms import LOG_LENGTH, NO_WORKING_CURVATURE, MapTerms
from subterra.scene import Prior

if TYPE_CHECKING:
    from subterra.evidence.mine_map_sheet import MapSheet

__all__ = ["simulate_runs"]

Array = npt.NDArray[Any]


def simulate_runs(
    items: Array, sheet: MapSheet, prior: Prior, terms: MapTerms, rng: np.random.Generator
) -> Array:
    """Draw the runs of a sheet.

    Parameters
    ----------
    items : (k, N_OBJECT) numpy.ndarray
        Workings of the scene inside the bounds.
    sheet : MapSheet
        Tie, blunders, centre and rates.
    prior : Prior
        Site prior.
    terms : MapTerms
        How wrong maps are.
    rng : numpy.random.Generator
        Source of randomness.

    Returns
    -------
    (n, N_RUN) numpy.ndarray
        As drawn; the density of no working is left at 0.
    """
    modes, _ = sheet_modes(sheet.tie, sheet.extra_sd_m, sheet.level_sd_m > 0.0, terms)
    mode = modes[rng.choice(len(modes), p=np.exp(modes[:, 0]))]
    shift = rng.standard_normal(4) * mode[[1, 1, 2, 3]]
    level_sd = sheet.level_sd_m
    drawn = [
        _as_drawn(_run_of(item, sheet, shift, mode, level_sd, terms, rng), sheet.centre, mode)
        for item in items
        if rng.random() < terms.drawn
    ]
    most = sheet.rate * (1.0 + terms.never_driven)
    candidates = [_no_working(sheet, prior, terms, rng) for _ in range(rng.poisson(most))]
    rows = np.array(candidates).reshape(-1, N_RUN)
    kept = np.exp(none_factor(mode[None, :], rows, prior, terms)[0])
    kept = rng.random(len(kept)) * (1.0 + terms.never_driven) < kept
    none = [run for run, good in zip(candidates, kept, strict=True) if good]
    rows = np.array([*drawn, *none]).reshape(-1, N_RUN)
    return rows[rng.permutation(len(rows))]


def _length(item: Array, margin: float, terms: MapTerms, rng: np.random.Generator) -> float:
    expected = item[4]
    numbers = np.zeros(8)
    numbers[5], numbers[6] = terms.end_sd_m, 0.5 * margin
    spread = length_spread(expected, item[6], numbers)
    short = spread * rng.standard_normal()
    u = rng.random()
    if u < terms.unsurveyed:
        short += rng.exponential(min(max(terms.unsurveyed_m / expected, 0.25 * spread), 1.0))
    elif u < terms.unsurveyed + terms.part:
        short += rng.exponential(1.0)
    return expected * math.exp(-short)


def _run_of(
    item: Array,
    sheet: MapSheet,
    shift: Array,
    mode: Array,
    level_sd: float,
    terms: MapTerms,
    rng: np.random.Generator,
) -> Array:
    """Run that draws a working, in metres and not mirrored."""
    margin = sheet.margin_m
    length = _length(item, margin, terms, rng)
    missing = max(item[4] - length, 0.0)
    local = terms.local_sd_m / length
    along_sd = math.sqrt(terms.end_sd_m**2 + missing**2 / 12.0 + item[6] * margin**2 / 16.0)
    across_sd = math.hypot(terms.local_sd_m, 0.5 * item[5] * item[4])
    along = along_sd * rng.standard_normal()
    across = across_sd * rng.standard_normal()
    angle = item[3] + shift[2] + math.sqrt(2.0 * local**2 + item[5] ** 2) * rng.standard_normal()
    at = item[:2] - sheet.centre
    unit = np.array([math.cos(item[3]), math.sin(item[3])])
    place = item[:2] + along * unit + across * np.array([-unit[1], unit[0]])
    place = place + shift[:2] + shift[2] * np.array([-at[1], at[0]]) + shift[3] * at
    sag_sd = math.sqrt(1.5 * local**2 + 4e-4 + (0.25 * item[5]) ** 2)
    sag = item[5] * min(length / item[4], 1.0) + sag_sd * rng.standard_normal()
    z = item[2] + math.hypot(level_sd, mode[6]) * rng.standard_normal() if level_sd else 0.0
    turns = math.floor(angle / math.pi)
    angle -= math.pi * turns
    sag = -sag if turns % 2 else sag
    return np.array([*place, z, angle, length, sag, level_sd, 0.0])


def _as_drawn(run: Array, centre: Array, mode: Array) -> Array:
    """Undo what the likelihood does to correct a run of this mode."""
    run[:2] = centre + (run[:2] - centre) / mode[4]
    run[4] /= mode[4]
    if mode[5]:
        run[0] = 2.0 * centre[0] - run[0]
        if run[3] > 0.0:
            run[3], run[5] = math.pi - run[3], -run[5]
    return run


def _no_working(sheet: MapSheet, prior: Prior, terms: MapTerms, rng: np.random.Generator) -> Array:
    x0, y0, x1, y1 = window(prior, sheet.margin_m)
    level_sd = sheet.level_sd_m
    mean, sd = LOG_LENGTH
    length = math.exp(mean + sd * rng.standard_normal())
    local = terms.local_sd_m / length
    sag_sd = math.sqrt((NO_WORKING_CURVATURE * length / 8.0) ** 2 + 1.5 * local**2 + 4e-4)
    x, y = rng.uniform(x0, x1), rng.uniform(y0, y1)
    top = prior.surface.at(np.array(0.5 * (x0 + x1)), np.array(0.5 * (y0 + y1)))
    z = float(top) - 0.5 * prior.depth_m + sheet.z_span_m * (rng.random() - 0.5)
    angle, sag = rng.uniform(0.0, math.pi), sag_sd * rng.standard_normal()
    return np.array([x, y, z if level_sd else 0.0, angle, length, sag, level_sd, 0.0])
