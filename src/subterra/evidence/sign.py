"""Signs at the surface, and the silence of areas that were looked at.

For each kind, signs of targets and look-alikes are two Poisson processes, of which a share c(x) is
noticed: little where nobody looked, more in areas that were searched, by season and weather. With
s_j the factor of target j (cover), K_j the density of its signs, U that of look-alikes (decoys
among them), and c̄ the means over these,

    L = E_{ν,μ} exp(−ν Σ_j s_j c̄_j − μ c̄) Π_i [ν c(x_i) Σ_j s_j K_j(x_i) + μ c'(x_i) U(x_i)],

ν = −ln(1 − p) with p the Beta-distributed chance that a target shows at all, and μ likewise of
look-alikes (`subterra.evidence.sign_rates`). The exponential is the weight of silence. Heaps carry
a volume that must not exceed what the target would have given. Signs that one hand may have made
share an origin and count once: their factors are taken to the power of one over their number;
so do openings, heaps and vents close together for which no origin is named.

A sign is noticed where it is told to be: coverage is taken to change little over the error of its
place. The means over where signs and look-alikes are told are exact (`subterra.evidence.silence`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt

from subterra.evidence.axes import Axes, axes_of, mouths
from subterra.evidence.items import check_known_items
from subterra.evidence.looked import Coverage, Look, chance_seen, coverage_of
from subterra.evidence.origins import SharedOrigins
from subterra.evidence.place import BLUR, flat_top
from subterra.evidence.report_terms import beta_rule
from subterra.evidence.sign_density import (
    SD,
    VOLUME,
    X,
    Y,
    least_cover,
    mean_missed,
    sign_densities,
    solid_volume,
)
from subterra.evidence.sign_draw import draw_signs
from subterra.evidence.sign_rates import SignRate, SignTerms, depth_factor
from subterra.evidence.silence import KindCover, kind_covers, tails
from subterra.ground import layout_hash
from subterra.scene import Prior, Scenes, target_mask
from subterra.tables import LOOKED, SIGN_KINDS, SignTable

__all__ = ["SignEvidence", "sign_evidence"]

Array = npt.NDArray[Any]

_N_RATE = 8
_SD_M = 5.0
"""Error of the place of a sign of a kind of which there is none, m."""


@dataclass(frozen=True)
class _Rates:
    """Nodes of the mean over ν (down) and μ (across) and the log of their weights."""

    nu: Array
    mu: Array
    log_weight: Array


@lru_cache(maxsize=256)
def _rates(rate: SignRate) -> _Rates:
    shown, weight = beta_rule(*rate.shown, _N_RATE)
    mimicked, other = beta_rule(*rate.mimicked, _N_RATE)
    log_weight = np.log(weight)[:, None] + np.log(other)
    return _Rates(-np.log1p(-shown)[:, None], -np.log1p(-mimicked)[None, :], log_weight)


def _log_silence(rates: _Rates, seen: Array, alike: Array) -> Array:
    """Log of E exp(−ν seen − μ alike), (n,): a kind of which nothing was noticed."""
    of_nu, of_mu = (np.exp(rates.log_weight).sum(axis=axis) for axis in (1, 0))
    shown = np.exp(-np.outer(seen, rates.nu[:, 0])) @ of_nu
    return np.log(shown) + np.log(np.exp(-np.outer(alike, rates.mu[0])) @ of_mu)


@dataclass(frozen=True)
class SignEvidence(SharedOrigins):
    """All signs of a site and all areas looked at.

    Parameters
    ----------
    names : tuple of str
        Signs.
    kind_of : (n,) numpy.ndarray of int
        Index into `subterra.tables.SIGN_KINDS`.
    items : (n, 4) numpy.ndarray
        Columns of `subterra.evidence.sign_density`; the sd is that of the place alone.
    chance : (n, 2) numpy.ndarray
        Probability that the sign is noticed where nobody looked: of a target, a look-alike.
    origin_of : tuple of str
        Origin of each sign.
    coverage : Coverage
        Of the areas looked at.
    errors : tuple of (k,) numpy.ndarray
        Errors of places that signs of each kind come with, m.
    covers : tuple of KindCover
        Means of the coverage for each kind.
    prior : Prior
        Site prior.
    terms : SignTerms
        Rates and shares.
    """

    names: tuple[str, ...]
    kind_of: Array
    items: Array
    chance: Array
    origin_of: tuple[str, ...]
    coverage: Coverage
    errors: tuple[Array, ...]
    covers: tuple[KindCover, ...]
    prior: Prior
    terms: SignTerms

    @property
    def item_ids(self) -> tuple[str, ...]:
        """Identities of the signs, then of the areas looked at."""
        return (*self.names, *(look.id for look in self.coverage.looks))

    @property
    def origins(self) -> Mapping[str, str]:
        """Origin of each sign; an area is its own."""
        own = {look.id: f"area {look.id}" for look in self.coverage.looks}
        return MappingProxyType(dict(zip(self.names, self.origin_of, strict=True)) | own)

    @property
    def origin_sizes(self) -> Mapping[str, int]:
        """Number of signs of each origin."""
        return Counter(self.origin_of)

    def without(self, items: Collection[str]) -> SignEvidence:
        """Return the evidence without some signs or areas; raise ``InputError`` if unknown."""
        check_known_items(items, self.item_ids)
        keep = np.array([name not in items for name in self.names], bool)
        looks = tuple(look for look in self.coverage.looks if look.id not in items)
        coverage = coverage_of(looks, self.prior.bounds)
        errors = _errors(self.kind_of[keep], self.items[keep])
        return replace(
            self,
            fingerprint=layout_hash(self.fingerprint, "without", sorted(items)),
            names=tuple(name for name in self.names if name not in items),
            kind_of=self.kind_of[keep],
            items=self.items[keep],
            chance=self.chance[keep],
            origin_of=tuple(o for o, k in zip(self.origin_of, keep, strict=True) if k),
            coverage=coverage,
            errors=errors,
            covers=kind_covers(coverage, errors, self.terms, self.prior.bounds),
        )

    def log_likelihood(self, scenes: Scenes) -> Array:
        """Log-likelihood (n,), relative to a sign anywhere in the site for each sign."""
        strength_of, loose = self._objects(scenes)
        axes = mouths(axes_of(scenes.objects))
        share = self._shares()
        total = np.zeros(len(scenes))
        for t, name in enumerate(SIGN_KINDS):
            rates, strength = _rates(self.terms.rates[name]), strength_of(name)
            seen, alike = self._seen(t, axes, strength)
            mine = np.flatnonzero(self.kind_of == t)
            if not len(mine):
                total += _log_silence(rates, seen, alike)
                continue
            log_node = rates.log_weight - rates.nu * seen[:, None, None]
            log_node = log_node - rates.mu * alike[:, None, None]
            genuine, clutter = self._densities(t, axes, strength, loose, mine)
            for j, i in enumerate(mine):
                rate = rates.nu * genuine[:, j, None, None] + rates.mu * clutter[:, j, None, None]
                log_node = log_node + share[i] * np.log(rate)
            top = log_node.max(axis=(1, 2))
            total += top + np.log(np.exp(log_node - top[:, None, None]).sum(axis=(1, 2)))
        return total

    def predict(self, scenes: Scenes) -> Array:
        """Expected number of signs noticed of each kind, look-alikes among them, (n, n_kind)."""
        strength_of, _ = self._objects(scenes)
        axes = mouths(axes_of(scenes.objects))
        expected = np.empty((len(scenes), len(SIGN_KINDS)))
        for t, name in enumerate(SIGN_KINDS):
            rates = _rates(self.terms.rates[name])
            seen, alike = self._seen(t, axes, strength_of(name))
            weight = np.exp(rates.log_weight)
            nu, mu = float((weight * rates.nu).sum()), float((weight * rates.mu).sum())
            expected[:, t] = nu * seen + mu * alike
        return expected

    def simulate(self, scenes: Scenes, rng: np.random.Generator) -> SignEvidence:
        """Draw what the same looks, and chance, show of the first scene; any number of signs."""
        kind_of, items, chance = draw_signs(self, scenes, rng)
        names = tuple(f"drawn {k + 1}" for k in range(len(items)))
        return replace(
            self,
            fingerprint=layout_hash(self.fingerprint, kind_of, items),
            names=names,
            kind_of=kind_of,
            items=items,
            chance=chance,
            origin_of=names,
            others={},
        )

    def _objects(self, scenes: Scenes) -> tuple[Any, Array]:
        """Return a function kind → factor on its rate (n, S), and loose volumes (n, S) in m³."""
        objects = scenes.objects
        target = target_mask(self.prior)[objects.family]
        cover = least_cover(objects, self.prior.surface)
        height = 2.0 * objects.radius.astype(np.float64)

        def strength(name: str) -> Array:
            return np.where(target, depth_factor(name, cover, height), 0.0)

        return strength, self.terms.bulking[0] * solid_volume(objects)

    def _seen(self, t: int, axes: Axes, strength: Array) -> tuple[Array, Array]:
        """Expected number noticed for a rate of 1, (n,) each: of targets, of look-alikes."""
        chance = chance_seen(self.terms, SIGN_KINDS[t])
        rate, cover, target = self.terms.rates[SIGN_KINDS[t]], self.covers[t], strength > 0.0
        missed = self._missed(target, axes, rate.at_ends, cover.missed)
        seen = (strength * (1.0 - (1.0 - chance[0]) * missed)).sum(axis=1)
        count = target.sum(axis=1)
        decoys = np.where(count > 0, self.terms.decoy_share if rate.decoy else 0.0, 0.0)
        hidden = (self._missed(target, axes, True, cover.missed_decoy) * target).sum(axis=1)
        hidden = (1.0 - decoys) * cover.missed_alike + decoys * hidden / np.maximum(count, 1)
        return seen, cover.mass - (1.0 - chance[1]) * hidden

    def _missed(self, target: Array, axes: Axes, at_ends: bool, raster: Array | None) -> Array:
        """Means (n, S) of a raster over the ends, or along the axes, of targets."""
        missed = np.ones(target.shape)
        if raster is not None:
            mean_missed(
                target.astype(np.int8), axes.x, axes.y, axes.trunk, at_ends,
                np.array(self.prior.bounds, np.float64), self.coverage.frame, raster, missed,
            )  # fmt: skip
        return missed

    def _densities(
        self, t: int, axes: Axes, strength: Array, loose: Array, mine: Array
    ) -> tuple[Array, Array]:
        """Densities (n, n_mine) of noticed signs over even look-alikes: of targets, look-alikes."""
        rate = self.terms.rates[SIGN_KINDS[t]]
        shape = (len(strength), len(mine))
        genuine, clutter = np.empty(shape), np.empty(shape)
        if not len(mine):
            return genuine, clutter
        items = self.items[mine].copy()
        items[:, SD] = np.hypot(items[:, SD], rate.spread_m)
        x0, y0, x1, y1 = box = self.prior.bounds
        bulking_sd, heap = self.terms.bulking[1], self.terms.heap_m3
        decoy = self.terms.decoy_share if rate.decoy else 0.0
        plain = np.array([_plain(item, box, self.terms.around) for item in items])
        sign_densities(
            strength, loose, axes.x, axes.y, axes.trunk, items, rate.at_ends,
            np.array(box, np.float64), np.array([bulking_sd, *heap]),
            np.array([decoy, self.terms.decoy_radius_m, self.terms.around]), plain, genuine,
            clutter,
        )  # fmt: skip
        even = (x1 - x0 + BLUR * items[:, SD]) * (y1 - y0 + BLUR * items[:, SD])
        missed = self.coverage.missed_at(t, items[:, X], items[:, Y])
        seen = 1.0 - (1.0 - self.chance[mine].T) * missed
        return genuine * even * seen[0], clutter * seen[1]

    def _shares(self) -> Array:
        """One over the number of items that share each sign's origin, (n,)."""
        size = self.origin_sizes
        return np.array([1.0 / (size[o] + self.others.get(o, 0)) for o in self.origin_of])


def _plain(item: Array, box: tuple[float, float, float, float], around: float) -> float:
    """Density of look-alikes at an item's place over that inside the site."""
    x0, y0, x1, y1 = box
    tail_x, tail_y = tails(box, float(item[SD]), around)
    across = flat_top(float(item[X]), x0, x1, tail_x)
    return across * flat_top(float(item[Y]), y0, y1, tail_y)


def _errors(kind_of: Array, items: Array) -> tuple[Array, ...]:
    """Errors of the places of signs of each kind."""
    each = (items[kind_of == t, SD] for t in range(len(SIGN_KINDS)))
    return tuple(sds if len(sds) else np.array([_SD_M]) for sds in each)


def sign_evidence(
    table: SignTable, prior: Prior, *, terms: SignTerms | None = None, id: str = "signs"
) -> SignEvidence:
    """Make evidence of all signs and of all areas looked at.

    Parameters
    ----------
    table : SignTable
        Signs and areas.
    prior : Prior
        Site prior.
    terms : SignTerms, optional
        Rates and shares.
    id : str
        Name in the ledger.

    Returns
    -------
    SignEvidence
    """
    terms = terms or SignTerms()
    signs = [row for row, kind in enumerate(table.kind) if kind != LOOKED]
    looks = tuple(_look(table, row) for row, kind in enumerate(table.kind) if kind == LOOKED)
    names = tuple(table.id[row] for row in signs)
    kind_of = np.array([SIGN_KINDS.index(table.kind[row]) for row in signs], np.intp)
    items = np.empty((len(signs), 4))
    items[:, X], items[:, Y] = table.x_m[signs], table.y_m[signs]
    items[:, SD], items[:, VOLUME] = table.sd_m[signs], np.nan_to_num(table.volume_m3[signs])
    chance = [
        chance_seen(terms, table.kind[row], table.season[row], table.weather[row]) for row in signs
    ]
    origin_of = _origins(table, signs, terms)
    coverage = coverage_of(looks, prior.bounds)
    errors = _errors(kind_of, items)
    fingerprint = layout_hash(
        "signs",
        kind_of,
        items,
        np.array(chance),
        origin_of,
        coverage.missed,
        prior.bounds,
        prior.surface,
        prior.targets,
        replace(terms, rates=dict(terms.rates)),
    )
    return SignEvidence(
        id, "signs", fingerprint, names, kind_of, items,
        np.array(chance).reshape(-1, 2), origin_of, coverage, errors,
        kind_covers(coverage, errors, terms, prior.bounds), prior, terms,
    )  # fmt: skip


def _origins(table: SignTable, signs: list[int], terms: SignTerms) -> tuple[str, ...]:
    """Origin of each sign: as the table says, else shared along chains of near neighbours."""
    found = {row: table.origin[row] or f"sign {table.id[row]}" for row in signs}
    free = [r for r in signs if not table.origin[r] and terms.rates[table.kind[r]].decoy]
    for k, row in enumerate(free):
        for other in free[:k]:
            dx, dy = table.x_m[row] - table.x_m[other], table.y_m[row] - table.y_m[other]
            if dx * dx + dy * dy < terms.one_hand_m**2 and found[row] != found[other]:
                old, new = found[row], found[other]
                found.update({r: new for r in free if found[r] == old})
    return tuple(found[row] for row in signs)


def _look(table: SignTable, row: int) -> Look:
    return Look(
        table.id[row],
        (float(table.x_m[row]), float(table.y_m[row])),
        float(table.sd_m[row]),
        table.corners(row),
        float(table.p_notice[row]),
        table.season[row],
        table.weather[row],
    )
