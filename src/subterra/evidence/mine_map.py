"""Mine maps: drawn workings that lie where the sheet's tie, and its blunders, let them lie.

A working of the scene is drawn with a probability. Other drawn lines were never driven, or are
workings that lie outside of the bounds and were drawn into view by the sheet's error. All lines of
a sheet share one similarity transform, which is marginalised together with how the sheet was tied
and which blunder it has. With λ U the density of drawn workings and b, by mode and place, how much
likelier a run is that is none of the scene's,

    L = Σ_modes w ∫ dT N(T) Σ_matches Π_undrawn (1 − d) Π_drawn d f(run | working, T)/(λ U b),

the density of the map given the scene over that of a map whose lines are none of its workings. A
run is measured by the middle of its arc, the direction of its chord, its length, its sag and, where
it is known, its height; ``docs/mine-maps.md`` gives f. Sheets are independent given the scene:
copies of one survey are one sheet.
"""

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
from subterra.evidence.mine_map_kernel import (
    N_OBJECT,
    N_RUN,
    sheet_log_likelihood,
    stretches,
)
from subterra.evidence.mine_map_modes import sheet_modes
from subterra.evidence.mine_map_runs import Run, clip_line, merge_lines, run_of, split_line
from subterra.evidence.mine_map_simulate import simulate_runs
from subterra.evidence.mine_map_suggest import Suggestions, density_of, draw_from, suggestions
from subterra.evidence.mine_map_terms import (
    LOG_LENGTH,
    MAPPED_FAMILIES,
    NO_WORKING_CURVATURE,
    MapTerms,
)
from subterra.ground import layout_hash
from subterra.scene import FAMILIES, Prior, Scenes
from subterra.tables import MineMapTable

__all__ = ["MapSheet", "MineMapEvidence", "Registration", "mine_map_evidence"]

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


@dataclass(frozen=True)
class Registration:
    """What a belief says of one sheet.

    Parameters
    ----------
    sheet : str
        Its name.
    p_tie, p_blunder : dict of str to float
        Posterior shares.
    p_working : (n,) numpy.ndarray
        P(the run draws a working of the scene).
    shift_m : (n, 2) numpy.ndarray
        Posterior mean of how far each run is drawn east and north of its true place; NaN where it
        is matched with none.
    shift_sd_m : (n,) numpy.ndarray
        Root of the mean squared distance from that mean, m.
    drawn, believed : tuple of (k, 2) numpy.ndarray
        Course of each run as drawn, and moved to where it is believed.
    """

    sheet: str
    p_tie: dict[str, float]
    p_blunder: dict[str, float]
    p_working: Array
    shift_m: Array
    shift_sd_m: Array
    drawn: tuple[Array, ...]
    believed: tuple[Array, ...]


@dataclass(frozen=True)
class MineMapEvidence:
    """All mine maps of a site.

    Parameters
    ----------
    id, kind, fingerprint : str
        See ``Evidence``.
    sheets : tuple of MapSheet
        Sheets with lines near the site.
    prior : Prior
        Site prior.
    terms : MapTerms
        How wrong maps are.
    """

    id: str
    kind: str
    fingerprint: str
    sheets: tuple[MapSheet, ...]
    prior: Prior
    terms: MapTerms

    def _items(self, scenes: Scenes, sheet: MapSheet) -> Array:
        """Stretches in a sheet's window of the objects that it can draw, (n, S, N_OBJECT)."""
        objects = scenes.objects
        can = np.array([name in MAPPED_FAMILIES for name in FAMILIES])
        out = np.zeros((*objects.family.shape, N_OBJECT))
        x, y, z = (np.asarray(v, np.float64) for v in (objects.x, objects.y, objects.z))
        box = np.array(window(self.prior, sheet.margin_m), np.float64)
        stretches(objects.family, x, y, z, can, box, out)
        return out

    def log_likelihood(self, scenes: Scenes) -> Array:
        """Log-likelihood (n,) relative to no drawn line being a working here."""
        total = np.zeros(len(scenes))
        nothing = np.zeros((0, 7))
        for sheet in self.sheets:
            numbers = kernel_terms(self.terms, sheet)
            by_mode = np.empty(len(sheet.modes))
            items = self._items(scenes, sheet)
            for i in range(len(scenes)):
                total[i] += sheet_log_likelihood(
                    items[i], sheet.runs, sheet.modes, sheet.background, sheet.centre, numbers,
                    by_mode, nothing,
                )  # fmt: skip
        return total

    def predict(self, scenes: Scenes) -> Array:
        """Expected number of runs on each sheet, (n, n_sheets)."""
        out = np.empty((len(scenes), len(self.sheets)))
        for k, sheet in enumerate(self.sheets):
            count = self._items(scenes, sheet)[:, :, -1].sum(axis=1)
            share = np.exp(sheet.modes[:, 0])
            out[:, k] = self.terms.drawn * count + float(share @ sheet.none)
        return out

    def simulate(self, scenes: Scenes, rng: np.random.Generator) -> MineMapEvidence:
        """Draw the maps of the same mines, tied alike, for the first scene."""
        made: list[MapSheet] = []
        for sheet in self.sheets:
            items = self._items(scenes, sheet)[0]
            items = items[items[:, -1] > 0.0]
            runs = simulate_runs(items, sheet, self.prior, self.terms, rng)
            made.append(_redrawn(sheet, runs, self.prior, self.terms))
        sheets = tuple(made)
        parts = [sheet.runs for sheet in sheets]
        return replace(
            self, sheets=sheets, fingerprint=layout_hash(self.fingerprint, *parts, "drawn")
        )

    def registrations(
        self, scenes: Scenes, weight: Array, *, most: int = 2000
    ) -> tuple[Registration, ...]:
        """Say where a belief puts each sheet.

        Parameters
        ----------
        scenes : Scenes
            Weighted scenes.
        weight : (n,) numpy.ndarray
            Their weights.
        most : int
            The heaviest scenes up to this number are used.

        Returns
        -------
        tuple of Registration
        """
        order = np.argsort(-weight, kind="stable")[:most]
        share = np.asarray(weight, float)[order] / np.sum(np.asarray(weight, float)[order])
        return tuple(
            self._registration(sheet, self._items(scenes, sheet)[order], share)
            for sheet in self.sheets
        )

    def _registration(self, sheet: MapSheet, items: Array, share: Array) -> Registration:
        numbers = kernel_terms(self.terms, sheet)
        kept = np.zeros((len(sheet.runs), 7))
        p_mode = np.zeros(len(sheet.modes))
        by_mode = np.empty(len(sheet.modes))
        for item, w in zip(items, share, strict=True):
            each = np.zeros_like(kept)
            sheet_log_likelihood(
                item, sheet.runs, sheet.modes, sheet.background, sheet.centre, numbers, by_mode,
                each,
            )  # fmt: skip
            odds = np.exp(by_mode - by_mode.max())
            p_mode += w * odds / odds.sum()
            kept += w * each
        with np.errstate(invalid="ignore", divide="ignore"):
            mean = np.where(kept[:, 6:] > 1e-6, kept[:, 1:5] / kept[:, 6:], np.nan)
        at = sheet.runs[:, :2] - sheet.centre
        turned = mean[:, 2:3] * np.column_stack([-at[:, 1], at[:, 0]])
        shift = mean[:, :2] + turned + mean[:, 3:4] * at
        square = kept[:, 5] / np.maximum(kept[:, 6], 1e-300) - np.sum(mean[:, :2] ** 2, axis=1)
        p_tie: dict[str, float] = {}
        p_blunder: dict[str, float] = {}
        for (tie, blunder), p in zip(sheet.mode_names, p_mode, strict=True):
            p_tie[tie] = p_tie.get(tie, 0.0) + float(p)
            p_blunder[blunder] = p_blunder.get(blunder, 0.0) + float(p)
        return Registration(
            sheet.name,
            p_tie,
            p_blunder,
            kept[:, 0],
            shift,
            np.sqrt(np.maximum(square, 0.0)),
            sheet.courses,
            tuple(c - s for c, s in zip(sheet.courses, shift, strict=True)),
        )

    def suggest(self, rng: np.random.Generator, n: int) -> tuple[Array, Array]:
        """Draw places of workings to which the maps point; see ``Suggesting``."""
        return draw_from(self._suggestions(), rng, n)

    def suggest_log_density(self, family: Array, unit: Array) -> Array:
        """Log density (n,) of ``suggest`` over families and the unit cube."""
        return density_of(self._suggestions(), family, unit)

    def _suggestions(self) -> Suggestions:
        families = [f for f in MAPPED_FAMILIES if f in self.prior.families]
        return suggestions(self.sheets, self.prior, families, self.terms)


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


def _redrawn(sheet: MapSheet, runs: Array, prior: Prior, terms: MapTerms) -> MapSheet:
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


def mine_map_evidence(
    table: MineMapTable, prior: Prior, *, id: str = "mine-maps", terms: MapTerms | None = None
) -> MineMapEvidence | None:
    """Make evidence of mine maps.

    Parameters
    ----------
    table : MineMapTable
        Lines in the site's frame, metres.
    prior : Prior
        Site prior.
    id : str
        Name in the ledger.
    terms : MapTerms, optional
        How wrong maps are.

    Returns
    -------
    MineMapEvidence or None
        None where no sheet has a run of 10 m or more within reach of the bounds: such maps say
        nothing here, for what they cover is not known.

    Raises
    ------
    InputError
        If the lines are not in metres of the site's frame, or a sheet has more than 400 runs near
        the site.
    """
    if table.units != "m" or table.crs:
        problem = "mine maps must be brought into the site's frame, in metres, first"
        raise InputError(problem)
    used = terms or MapTerms()
    sheets = [
        sheet
        for name in dict.fromkeys(table.sheet)
        if (sheet := _sheet(table, name, prior, used)) is not None
    ]
    if not sheets:
        return None
    parts = [
        part
        for s in sheets
        for part in (s.name, s.runs, s.modes, s.background, s.centre, s.rate, s.area_m2)
    ]
    fingerprint = layout_hash("mine-maps", *parts, prior.bounds, prior.surface, prior.depth_m, used)
    return MineMapEvidence(id, "mine-map", fingerprint, tuple(sheets), prior, used)


def _sheet(table: MineMapTable, name: str, prior: Prior, terms: MapTerms) -> MapSheet | None:
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
    found: list[tuple[Run, float]] = []
    for level_sd, group in _groups(table, rows, terms):
        found += [(run, level_sd) for run in _runs(group, box)]
    if not found:
        return None
    if len(found) > _MAX_RUNS:
        problem = (
            f"sheet {name!r} has {len(found)} straight stretches near the site, at most "
            f"{_MAX_RUNS} are used; leave out cross-cuts, or search a smaller area"
        )
        raise InputError(problem)
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
    runs = np.array(
        [
            [r.x, r.y, 0.0 if math.isnan(r.z) else r.z, r.angle, r.length, r.sag,
             0.0 if math.isnan(r.z) else level_sd, 0.0]
            for r, level_sd in found
        ]
    )  # fmt: skip
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


def _runs(lines: Sequence[Array], box: tuple[float, float, float, float]) -> list[Run]:
    return [
        run
        for line in merge_lines(lines)
        for stretch in split_line(line)
        for piece in clip_line(stretch, box)
        if (run := run_of(piece)) is not None
    ]
