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

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from subterra.errors import InputError
from subterra.evidence.mine_map_background import window
from subterra.evidence.mine_map_kernel import sheet_log_likelihood
from subterra.evidence.mine_map_registration import Registration, registration
from subterra.evidence.mine_map_sheet import MapSheet, kernel_terms, map_sheet, redrawn
from subterra.evidence.mine_map_simulate import simulate_runs
from subterra.evidence.mine_map_stretch import N_OBJECT, stretches
from subterra.evidence.mine_map_suggest import Suggestions, density_of, draw_from, suggestions
from subterra.evidence.mine_map_terms import MAPPED_FAMILIES, MapTerms
from subterra.ground import layout_hash
from subterra.scene import FAMILIES, Prior, Scenes
from subterra.tables import MineMapTable

__all__ = ["MapSheet", "MineMapEvidence", "Registration", "mine_map_evidence"]

Array = npt.NDArray[Any]


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
            made.append(redrawn(sheet, runs, self.prior, self.terms))
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
            registration(sheet, self._items(scenes, sheet)[order], share, self.terms)
            for sheet in self.sheets
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
        if (sheet := map_sheet(table, name, prior, used)) is not None
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
