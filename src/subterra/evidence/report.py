"""Reports of people: a place with uncertainty from a source that may be wrong.

A Poisson detection process seen through its items: each is genuine, and then comes from a target,
or it is clutter, decoys among it. The source's letter gives a Beta prior of the rate r of genuine
items, which the source's record of earlier items updates; with K the density of what is reported
given the scene's targets and U that of clutter,

    L = E_r Π_origins [(1 − r_i) U + r_i K]/U₀,    r_i/(1 − r_i) = w_i r/(1 − r),

one factor per *origin*: retellings share one factor, the geometric mean of theirs. Signs of the
same origin share it as well: of n items in all the m that are reports have their factor to the
power of m/n (`subterra.evidence.origins`). w is what the
item's credibility says beyond the source's letter (`subterra.evidence.report_terms`). All items of
a source share one r, so they are marginalised together. Without a target no item can be genuine
(K = 0), but for the word that there is nothing: K is then the chance that a look found nothing.

Then all places that were told are clutter, and had reliable sources to be wrong each time. Yet
sites are searched because they are talked of, and most of them hold nothing: with `p_rumour` such a
site is talked of as much as one with a target would be, and its items cost it nothing,

    L(no target) = p_rumour + (1 − p_rumour) E_r Π (1 − r_i).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from subterra.evidence.items import check_known_items
from subterra.evidence.origins import SharedOrigins
from subterra.evidence.report_density import (
    DEPTH,
    HEADING,
    KIND,
    LOG_ODDS,
    NOTHING,
    NOTICED,
    ItemDensity,
    X,
    Y,
    draw_item,
    kind_code,
)
from subterra.evidence.report_terms import (
    ReportTerms,
    SourceRecord,
    beta_rule,
    credibility_odds,
    source_beta,
)
from subterra.ground import layout_hash
from subterra.scene import Prior, Scenes, target_mask
from subterra.tables import ReportTable

__all__ = ["ReportEvidence", "report_evidence"]

Array = npt.NDArray[Any]

_DRAWN: Final = np.array([X, Y, HEADING, DEPTH, NOTICED])


@dataclass(frozen=True)
class ReportEvidence(SharedOrigins):
    """All sited reports of a site.

    Parameters
    ----------
    names : tuple of str
        Items.
    items : (n, COLUMNS) numpy.ndarray
        Columns of `subterra.evidence.report_density`.
    origin_names : tuple of str
        Origins, each once.
    origin : (n,) numpy.ndarray of int
        Origin of each item.
    source : (n_origin,) numpy.ndarray of int
        Source that stands for each origin: that of its first item.
    beta : (n_source, 2) numpy.ndarray
        Beta prior of each source's rate of genuine items, its record counted in.
    density : ItemDensity
        Site prior and terms.
    """

    names: tuple[str, ...]
    items: Array
    origin_names: tuple[str, ...]
    origin: Array
    source: Array
    beta: Array
    density: ItemDensity

    @property
    def item_ids(self) -> tuple[str, ...]:
        """Identities of the reports."""
        return self.names

    @property
    def origins(self) -> Mapping[str, str]:
        """Origin of each report."""
        pairs = zip(self.names, self.origin, strict=True)
        return MappingProxyType({name: self.origin_names[o] for name, o in pairs})

    @property
    def origin_sizes(self) -> Mapping[str, int]:
        """Number of reports of each origin."""
        return dict(zip(self.origin_names, self._sizes().tolist(), strict=True))

    def _sizes(self) -> Array:
        return np.bincount(self.origin, minlength=len(self.source))

    def without(self, items: Collection[str]) -> ReportEvidence:
        """Return the evidence without some reports; raise ``InputError`` for unknown ones."""
        check_known_items(items, self.names)
        keep = np.array([name not in items for name in self.names], bool)
        kept, origin = np.unique(self.origin[keep], return_inverse=True)
        return replace(
            self,
            fingerprint=layout_hash(self.fingerprint, "without", sorted(items)),
            names=tuple(name for name in self.names if name not in items),
            items=self.items[keep],
            origin_names=tuple(self.origin_names[o] for o in kept),
            origin=origin.reshape(-1),
            source=self.source[kept],
        )

    def _by_origin(self, scenes: Scenes) -> tuple[Array, Array]:
        """Log densities (n, n_origin) as genuine and as clutter; −inf where it cannot be."""
        log_genuine, log_clutter = self.density(scenes, self.items)
        n_origin = len(self.source)
        share = np.zeros((n_origin, len(self.items)))
        size = self._sizes()
        share[self.origin, np.arange(len(self.items))] = 1.0 / size[self.origin]
        finite = np.maximum(log_genuine, -700.0)
        member = (share > 0.0).astype(np.float64)
        never = (np.isneginf(log_genuine) @ member.T) > 0.0
        return np.where(never, -np.inf, finite @ share.T), log_clutter @ share.T

    def _log_rates(self, s: int) -> tuple[Array, Array, Array]:
        """Log of r_i and 1 − r_i, (n_origin of the source, n_node), and the nodes' weights."""
        rate, weight = beta_rule(*map(float, self.beta[s]))
        logit = np.log(rate) - np.log1p(-rate) + self._log_odds()[self.source == s][:, None]
        return -np.logaddexp(0.0, -logit), -np.logaddexp(0.0, logit), weight

    def _log_odds(self) -> Array:
        """Mean of log w over the items of each origin, (n_origin,)."""
        total = np.bincount(self.origin, self.items[:, LOG_ODDS], minlength=len(self.source))
        return total / self._sizes()

    def log_likelihood(self, scenes: Scenes) -> Array:
        """Log-likelihood (n,) relative to every item being even clutter of a worthless source."""
        log_genuine, log_clutter = self._by_origin(scenes)
        placed = self._placed()
        total = self._log_mean(log_genuine, log_clutter, np.zeros_like(placed))
        empty = np.flatnonzero(~self._has_target(scenes))
        if len(empty) and placed.any():
            rumour = self._log_mean(log_genuine[empty], log_clutter[empty], placed)
            share = self.density.terms.p_rumour
            with np.errstate(divide="ignore"):
                log_share = np.log(share)
            total[empty] = np.logaddexp(log_share + rumour, np.log1p(-share) + total[empty])
        return total

    def _log_mean(self, log_genuine: Array, log_clutter: Array, rumoured: Array) -> Array:
        """Log (n,) of the mean over rates; origins that are rumour, (n_origin,), are clutter."""
        size = self._sizes()
        power = size / (size + [self.others.get(name, 0) for name in self.origin_names])
        total = np.zeros(len(log_genuine))
        for s in range(len(self.beta)):
            mine = np.flatnonzero(self.source == s)
            log_rate, log_rest, weight = self._log_rates(s)
            factor = np.zeros((len(total), len(weight)))
            for j, o in enumerate(mine):
                if rumoured[o]:
                    factor += power[o] * log_clutter[:, o, None]
                    continue
                genuine = log_rate[j] + log_genuine[:, o, None]
                both = np.logaddexp(log_rest[j] + log_clutter[:, o, None], genuine)
                factor += power[o] * both
            top = factor.max(axis=1)
            # Row by row, not as a product of matrices: a scene's value must not depend on the rest.
            total += top + np.log((np.exp(factor - top[:, None]) * weight).sum(axis=1))
        return total

    def _has_target(self, scenes: Scenes) -> Array:
        return np.asarray(target_mask(self.density.prior)[scenes.objects.family].any(axis=1))

    def predict(self, scenes: Scenes) -> Array:
        """Probability that each origin is genuine, (n, n_origin), by its source's mean rate."""
        log_genuine, log_clutter = self._by_origin(scenes)
        rate = (self.beta[:, 0] / self.beta.sum(axis=1))[self.source]
        logit = np.log(rate) - np.log1p(-rate) + self._log_odds()
        with np.errstate(over="ignore"):
            return 1.0 / (1.0 + np.exp(log_clutter - log_genuine - logit))

    def layout_probability(self, scenes: Scenes) -> Array:
        """P(the sources produce this many items), (n,): below 1 where nothing can be genuine."""
        rumour = self.density.terms.p_rumour
        none = rumour + (1.0 - rumour) * self._p_clutter(self._placed())
        return np.where(self._has_target(scenes), 1.0, none)

    def _p_clutter(self, which: Array) -> float:
        """Probability that all of some origins, (n_origin,) bool, are clutter."""
        log_all = 0.0
        for s in range(len(self.beta)):
            _, log_rest, weight = self._log_rates(s)
            log_all += np.log(np.exp(log_rest[which[self.source == s]].sum(axis=0)) @ weight)
        return float(np.exp(log_all))

    def _placed(self) -> Array:
        """Whether an origin says that there is something, (n_origin,)."""
        placed = np.zeros(len(self.source), bool)
        placed[self.origin[self.items[:, KIND] != NOTHING]] = True
        return placed

    def simulate(self, scenes: Scenes, rng: np.random.Generator) -> ReportEvidence:
        """Draw what the same sources say in as many items for the first scene."""
        hopeless = self._placed() & ~self._has_target(scenes)[0]
        rumour = self.density.terms.p_rumour
        errors = (1.0 - rumour) * self._p_clutter(hopeless)
        # Where an item must be clutter, that tells of its source's rate, unless it is rumour.
        telling = hopeless & (rng.random() * (rumour + errors) < errors)
        genuine = np.zeros(len(self.source), bool)
        for s in range(len(self.beta)):
            mine = self.source == s
            log_rate, log_rest, weight = self._log_rates(s)
            share = weight * np.exp(log_rest[telling[mine]].sum(axis=0))
            node = int(rng.choice(len(weight), p=share / share.sum()))
            genuine[mine] = rng.random(int(mine.sum())) < np.exp(log_rate[:, node])
        items = self.items.copy()
        for o, is_genuine in enumerate(genuine & ~hopeless):
            members = np.flatnonzero(self.origin == o)
            drawn = draw_item(self.density, scenes, self.items[members[0]], bool(is_genuine), rng)
            items[np.ix_(members, _DRAWN)] = drawn[_DRAWN]
        mark = layout_hash(self.fingerprint, items)
        return replace(self, items=items, fingerprint=mark, others={})


def report_evidence(
    table: ReportTable,
    prior: Prior,
    *,
    records: Mapping[str, SourceRecord] | None = None,
    terms: ReportTerms | None = None,
    id: str = "reports",
) -> ReportEvidence:
    """Make evidence of all sited reports.

    Parameters
    ----------
    table : ReportTable
        Items with source, grades, origin and place. A source whose items differ in its letter has
        the letter of its first item.
    prior : Prior
        Site prior.
    records : mapping of str to SourceRecord, optional
        What became of the sources' earlier items, by source.
    terms : ReportTerms, optional
        Decoys, looks and blunders.
    id : str
        Name in the ledger.

    Returns
    -------
    ReportEvidence
    """
    terms, records = terms or ReportTerms(), records or {}
    sources = tuple(dict.fromkeys(table.source))
    letter = {s: table.reliability[table.source.index(s)] for s in sources}
    beta = np.array([source_beta(letter[s], records.get(s)) for s in sources]).reshape(-1, 2)
    names = [o or f"item {i}" for o, i in zip(table.origin, table.id, strict=True)]
    origin_names = tuple(dict.fromkeys(names))
    origin = np.array([origin_names.index(name) for name in names], np.intp)
    source = [sources.index(table.source[names.index(name)]) for name in origin_names]
    items = _item_array(table, terms)
    fingerprint = layout_hash(
        "reports", items, origin, source, beta, prior.bounds, prior.depth_m, prior.surface,
        prior.targets, terms,
    )  # fmt: skip
    return ReportEvidence(
        id,
        "reports",
        fingerprint,
        tuple(table.id),
        items,
        origin_names,
        origin,
        np.array(source, np.intp),
        beta,
        ItemDensity(prior, terms),
    )


def _item_array(table: ReportTable, terms: ReportTerms) -> Array:
    """Columns of `subterra.evidence.report_density` of a table."""

    def known(value: Array, sd: Array) -> tuple[Array, Array]:
        given = np.isfinite(value) & np.isfinite(sd)
        return np.where(given, value, 0.0), np.where(given, sd, 0.0)

    grades = zip(table.reliability, table.credibility.tolist(), strict=True)
    heard = np.array([kind == "noise" for kind in table.kind], bool)
    columns = [
        table.x_m,
        table.y_m,
        np.where(heard, np.hypot(table.sd_m, terms.noise_spread_m), table.sd_m),
        np.array([kind_code(kind) for kind in table.kind], np.float64),
        *known(table.heading_deg, table.heading_sd_deg),
        *known(table.depth_m, table.depth_sd_m),
        np.zeros(len(table)),
        np.array([np.log(credibility_odds(letter, digit)) for letter, digit in grades]),
    ]
    return np.column_stack(columns).astype(np.float64)
