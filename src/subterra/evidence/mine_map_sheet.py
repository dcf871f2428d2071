"""One sheet of a mine map near a site: its runs, its modes, and what else its runs could be."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from subterra.errors import InputError
from subterra.evidence.mine_map_background import (
    expected_mapped,
    expected_none,
    none_factor,
    window,
)
from subterra.evidence.mine_map_kernel import N_RUN
from subterra.evidence.mine_map_modes import sheet_modes
from subterra.evidence.mine_map_runs import Run, clip_line, merge_lines, run_of, split_line
from subterra.evidence.mine_map_terms import LOG_LENGTH, NO_WORKING_CURVATURE, MapTerms
from subterra.scene import Prior
from subterra.tables import MineMapTable

__all__ = ["MapSheet", "kernel_terms", "map_sheet", "redrawn"]

Array = npt.NDArray[Any]

_MAX_RUNS: Final = 400
_BLUR: Final = math.sqrt(2.0 * math.pi)


@dataclass(frozen=True)
class MapSheet:
    """One sheet.

    Parameters
    ----------
    name, tie, level, date : str
        As on the map.
    runs : (n, N_RUN) numpy.ndarray
        Its runs near the site; columns as in ``mine_map_kernel``.
    courses : tuple of (k, 2) numpy.ndarray
        Course of each run in plan, as drawn.
    modes : (m, N_MODE) numpy.ndarray
        Ties and blunders with their shares, as the runs that are no working of a scene leave them.
    background : (m, n) numpy.ndarray
        Log of how much likelier than a drawn working a run is that is none of the scene's: never
        driven, or drawn from outside of the bounds.
    none : (m,) numpy.ndarray
        Expected number of such runs, by mode.
    mode_names : tuple of (str, str)
        Tie and blunder of each mode.
    centre : (2,) numpy.ndarray
        Point about which the sheet turns, metres.
    margin_m : float
        How far beyond the bounds its lines were looked at.
    rate : float
        Expected number of drawn workings in ``area_m2``.
    area_m2 : float
        Area that was looked at.
    z_span_m : float
        Range over which their heights are spread.
    level_sd_m : float
        Standard deviation of heights, m; 0 where the sheet gives none.
    extra_sd_m : float
        Further standard deviation of the sheet's place per axis, m.
    """

    name: str
    tie: str
    level: str
    date: str
    runs: Array
    courses: tuple[Array, ...]
    modes: Array
    background: Array
    none: Array
    mode_names: tuple[tuple[str, str], ...]
    centre: Array
    margin_m: float
    rate: float
    area_m2: float
    z_span_m: float
    level_sd_m: float
    extra_sd_m: float


def kernel_terms(terms: MapTerms, sheet: MapSheet) -> Array:
    """Numbers of the likelihood in the kernel's order."""
    return np.array(
        [
            terms.drawn,
            terms.unsurveyed,
            terms.unsurveyed_m,
            terms.part,
            terms.local_sd_m,
            terms.end_sd_m,
            0.5 * sheet.margin_m,
            sheet.rate,
        ]
    )


def map_sheet(table: MineMapTable, name: str, prior: Prior, terms: MapTerms) -> MapSheet | None:
    """Make a sheet of its lines.

    Parameters
    ----------
    table : MineMapTable
        Lines in the site's frame, metres.
    name : str
        Which sheet.
    prior : Prior
        Site prior.
    terms : MapTerms
        How wrong maps are.

    Returns
    -------
    MapSheet or None
        None where none of its runs is near the site.

    Raises
    ------
    InputError
        If it has more than 400 runs near the site.
    """
    rows = [k for k, sheet in enumerate(table.sheet) if sheet == name]
    lines = [_vertices(table, k) for k in rows]
    everything = np.concatenate(lines)
    centre = 0.5 * (everything[:, :2].min(axis=0) + everything[:, :2].max(axis=0))
    known = bool(np.isfinite(everything[:, 2]).any())
    extra = float(max(table.sd_m[k] for k in rows))
    modes, names = sheet_modes(table.tie[rows[0]], extra, known, terms)
    plain = np.array([blunder == "none" for _, blunder in names])
    # Axes of scenes reach that far beyond the bounds; farther away nothing can be compared.
    margin = max(10.0, min(2.0 * float(modes[plain, 1].max()), 2.0 * prior.depth_m))
    x0, y0, x1, y1 = prior.bounds
    box = window(prior, margin)
    found = _runs_near(table, rows, box, terms)
    if not found:
        return None
    area = (box[2] - box[0]) * (box[3] - box[1])
    span = prior.depth_m + _BLUR * terms.level_sd_m
    # As many drawn workings per area as the prior has inside the bounds, or as the sheet shows.
    site = (x1 - x0) * (y1 - y0)
    rate = max(terms.drawn * expected_mapped(prior) * area / site, float(len(found)))
    empty = MapSheet(
        name=name,
        tie=table.tie[rows[0]],
        level=table.level[rows[0]],
        date=table.date[rows[0]],
        runs=np.empty((0, N_RUN)),
        courses=(),
        modes=modes,
        background=np.empty((0, 0)),
        none=expected_none(modes, margin, rate, prior, terms),
        mode_names=names,
        centre=centre,
        margin_m=margin,
        rate=rate,
        area_m2=area,
        z_span_m=span,
        level_sd_m=max(sd for _, sd in found) if known else 0.0,
        extra_sd_m=extra,
    )
    runs = np.array([_run_row(run, level_sd) for run, level_sd in found])
    for run in runs:
        run[7] = _none_density(run, empty, terms)
    made = replace(empty, runs=runs, courses=tuple(r.points for r, _ in found))
    return _with_background(made, prior, terms)


def _vertices(table: MineMapTable, k: int) -> Array:
    part = slice(int(table.start[k]), int(table.start[k + 1]))
    return np.column_stack([table.x[part], table.y[part], table.z_m[part]])


def _groups(
    table: MineMapTable, rows: Sequence[int], terms: MapTerms
) -> list[tuple[float, list[Array]]]:
    """Lines that may be joined: those of one level, whose heights are known alike."""
    groups: dict[tuple[str, float, bool], list[Array]] = {}
    for k in rows:
        line = _vertices(table, k)
        given = float(table.level_sd_m[k])
        level_sd = terms.level_sd_m if math.isnan(given) else given
        key = (table.level[k], level_sd, bool(np.isfinite(line[0, 2])))
        groups.setdefault(key, []).append(line)
    return [(key[1], lines) for key, lines in groups.items()]


def _runs_near(
    table: MineMapTable,
    rows: Sequence[int],
    box: tuple[float, float, float, float],
    terms: MapTerms,
) -> list[tuple[Run, float]]:
    """Runs of a sheet's lines in a box, with the sd of their heights, metres."""
    found = [
        (run, level_sd)
        for level_sd, group in _groups(table, rows, terms)
        for run in _runs(group, box)
    ]
    if len(found) > _MAX_RUNS:
        problem = (
            f"sheet {table.sheet[rows[0]]!r} has {len(found)} straight stretches near the site, at "
            f"most {_MAX_RUNS} are used; leave out cross-cuts, or search a smaller area"
        )
        raise InputError(problem)
    return found


def _run_row(run: Run, level_sd: float) -> list[float]:
    """Columns of a run for the kernels; the density of its being no working is still missing."""
    z, z_sd = (0.0, 0.0) if math.isnan(run.z) else (run.z, level_sd)
    return [run.x, run.y, z, run.angle, run.length, run.sag, z_sd, 0.0]


def _runs(lines: Sequence[Array], box: tuple[float, float, float, float]) -> list[Run]:
    return [
        run
        for line in merge_lines(lines)
        for stretch in split_line(line)
        for piece in clip_line(stretch, box)
        if (run := run_of(piece)) is not None
    ]


def _none_density(run: Array, sheet: MapSheet, terms: MapTerms) -> float:
    """Log density of a run that is no working here: place, direction, log length, sag, height."""
    mean, sd = LOG_LENGTH
    length = run[4]
    local = terms.local_sd_m / length
    sag_sd = math.sqrt((NO_WORKING_CURVATURE * length / 8.0) ** 2 + 1.5 * local**2 + 4e-4)
    total = -math.log(sheet.area_m2) - math.log(math.pi)
    total -= 0.5 * ((math.log(length) - mean) / sd) ** 2 + math.log(sd * _BLUR)
    total -= 0.5 * (run[5] / sag_sd) ** 2 + math.log(sag_sd * _BLUR)
    if run[6] > 0.0:
        total -= math.log(sheet.z_span_m)
    return total


def redrawn(sheet: MapSheet, runs: Array, prior: Prior, terms: MapTerms) -> MapSheet:
    """Put other runs (n, N_RUN) on a sheet; their last column is filled."""
    for run in runs:
        run[7] = _none_density(run, sheet, terms)
    half = 0.5 * runs[:, 4:5] * np.column_stack([np.cos(runs[:, 3]), np.sin(runs[:, 3])])
    courses = tuple(np.array([run[:2] - h, run[:2] + h]) for run, h in zip(runs, half, strict=True))
    return _with_background(replace(sheet, runs=runs, courses=courses), prior, terms)


def _with_background(sheet: MapSheet, prior: Prior, terms: MapTerms) -> MapSheet:
    """Put in what the runs say of the modes where none of them is a working of the scene."""
    modes, _ = sheet_modes(sheet.tie, sheet.extra_sd_m, sheet.level_sd_m > 0.0, terms)
    background = none_factor(modes, sheet.runs, prior, terms)
    modes[:, 0] += background.sum(axis=1)
    modes[:, 0] -= sheet.none
    top = float(modes[:, 0].max())
    modes[:, 0] -= top + math.log(float(np.exp(modes[:, 0] - top).sum()))
    return replace(sheet, modes=modes, background=background)
