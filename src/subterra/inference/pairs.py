"""A quick look at pairs of objects: two together may explain what neither explains alone.

Some explanations need two objects at once, and neither of them would be looked for alone. A few
objects that are likely by themselves are set one after the other beside every trial object of the
scan, in every class of size, and the pairs are scored by inner products. The tempered scores make a
density of two objects, constant over pairs of bins, from which two objects are drawn at once. As
with the scan, its exact density enters every acceptance and every starting weight.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from subterra.evidence import AdditiveEvidence
from subterra.ground import FirstOfPair, GroundModels, first_of_pair, pair_scores
from subterra.inference.bins import COLUMNS, n_cells, sizes, within_bins
from subterra.inference.population import Scorer, others_log_likelihood
from subterra.inference.scan import (
    COOLING,
    Focused,
    Located,
    Scan,
    Trials,
    locate,
    response_alone,
    trial_scenes,
)
from subterra.scene import (
    FAMILIES,
    N_PARAMETERS,
    Objects,
    Scenes,
    collide,
    decode_scenes,
    empty_scenes,
    slot,
    take,
)

__all__ = ["PairScan", "draw_pairs", "make_pairs", "no_pairs", "pair_density", "scan_pairs"]

Array = npt.NDArray[Any]

_FEW: Final = 48
"""First objects in all, shared by the families."""
_KEPT: Final = 8192
"""Pairs kept of each two families."""
_TRIED: Final = 3
"""Times as many are tried: some would lie in the same ground."""


@dataclass(frozen=True)
class PairScan:
    """Density of two objects over pairs of the scan's bins.

    Parameters
    ----------
    key : (F, F) nested tuple of (k,) numpy.ndarray of int
        Bins of the first and the second object as one number, ascending, by their families.
    mass : (F, F) nested tuple of (k,) numpy.ndarray
        Probability of each, summing to 1; empty where there is none.
    total : (F, F) nested tuple of (k,) numpy.ndarray
        Its cumulated sums.
    """

    key: tuple[tuple[Array, ...], ...]
    mass: tuple[tuple[Array, ...], ...]
    total: tuple[tuple[Array, ...], ...]

    def known(self, first: Array, second: Array) -> Array:
        """Whether pairs of these families can be drawn, (n,) of bool."""
        table = np.array([[len(m) > 0 for m in row] for row in self.mass])
        return table[first, second]


def make_pairs(key: Sequence[Sequence[Array]], mass: Sequence[Sequence[Array]]) -> PairScan:
    """Make a density of pairs of keys and masses by two families."""
    return PairScan(
        tuple(tuple(row) for row in key),
        tuple(tuple(row) for row in mass),
        tuple(tuple(np.cumsum(m) for m in row) for row in mass),
    )


def no_pairs() -> PairScan:
    """Return a density of pairs that has looked nowhere."""
    n = len(FAMILIES)
    nothing = (np.empty(0, np.int64),) * n
    return make_pairs((nothing,) * n, ((np.empty(0),) * n,) * n)


@dataclass(frozen=True)
class _Few:
    """First objects of one family: bins, scenes, what they weigh without surveys."""

    trials: Trials
    cell: Array
    scenes: Scenes
    others: Array


def _choose(scorer: Scorer, trials: Trials, n: int, rng: np.random.Generator) -> _Few:
    """Draw first objects of one family, each bin once, by their own scores twice as tempered."""
    score = trials.score.max(axis=0)
    key = 0.5 * COOLING * (score - score.max()).ravel() + rng.gumbel(size=score.size)
    best = np.argsort(key)[::-1][:n]
    row, size = np.unravel_index(best, score.shape)
    fill = np.array(trials.fills)[trials.score[:, row, size].argmax(axis=0)]
    scenes = _sized(scorer, trials, row, size, fill)
    cell = trials.owner[row] * len(trials.amplitude) + size
    return _Few(trials, cell, scenes, others_log_likelihood(scorer, scenes))


def _sized(scorer: Scorer, trials: Trials, row: Array, size: Array, fill: Array | int) -> Scenes:
    """Scenes of one object each with the radius of the middle of its class."""
    made = trial_scenes(scorer.prior, trials.code, trials.point[row], 0)
    unit, fills = made.unit.copy(), made.objects.fill.copy()
    unit[:, 0, COLUMNS[3]] = (size + 0.5) / len(trials.amplitude)
    fills[:, 0] = fill
    return decode_scenes(scorer.prior, made.objects.family, fills, unit, made.site_unit)


def scan_pairs(
    scorer: Scorer,
    surveys: Sequence[Focused],
    trials: Sequence[Trials],
    rng: np.random.Generator,
) -> PairScan:
    """Score pairs of objects.

    Parameters
    ----------
    scorer : Scorer
        Prior and evidence.
    surveys : sequence of (AdditiveEvidence, GroundModels)
        Its surveys with the ground kernels to ask, from ``focused_surveys``.
    trials : sequence of Trials
        Hypotheses of one object by family, from ``scan_evidence``.
    rng : numpy.random.Generator
        Chooses the first objects.

    Returns
    -------
    PairScan
    """
    if not surveys or not trials:
        return no_pairs()
    each = max(_FEW // len(trials), 1)
    few = [_choose(scorer, t, each, rng) for t in trials]
    first = [_first(survey, models, few) for survey, models in surveys]
    bare = float(others_log_likelihood(scorer, empty_scenes(scorer.prior))[0])
    n = len(FAMILIES)
    key = [[np.empty(0, np.int64)] * n for _ in range(n)]
    mass = [[np.empty(0)] * n for _ in range(n)]
    for second in trials:
        score = _scores(scorer, surveys, first, few, second, bare)
        for k, one in enumerate(few):
            rows = slice(k * each, (k + 1) * each)
            a, b = one.trials.code, second.code
            key[a][b], mass[a][b] = _table(scorer, one, second, score[rows][: len(one.cell)])
    return make_pairs(key, mass)


def _first(survey: AdditiveEvidence, models: GroundModels, few: Sequence[_Few]) -> FirstOfPair:
    each = [response_alone(survey, f.scenes) for f in few]
    best = [response[0] for response in each]
    return first_of_pair(models, np.concatenate(each), [np.zeros_like(best[0]), *best])


def _scores(
    scorer: Scorer,
    surveys: Sequence[Focused],
    first: Sequence[FirstOfPair],
    few: Sequence[_Few],
    second: Trials,
    bare: float,
) -> Array:
    """Log-likelihood (M, bins, k3) of each first object with a second in each bin.

    One trial per bin speaks for it.
    """
    others = np.concatenate([f.others for f in few])
    rows = _speakers(second)
    out = np.full((len(others), len(rows), len(second.amplitude)), -np.inf, np.float32)

    def work(part: slice) -> None:
        for fill in second.fills:
            some = trial_scenes(scorer.prior, second.code, second.point[rows[part]], fill)
            total = others_log_likelihood(scorer, some)
            each = _both(others[:, None] - bare, total[None, :] - bare)[:, :, None]
            for (survey, _), one in zip(surveys, first, strict=True):
                each = each + pair_scores(one, response_alone(survey, some), second.amplitude)
            np.maximum(out[:, part], each, out=out[:, part])

    scorer.over_chunks(len(rows), work)
    return out


def _both(a: Array, b: Array) -> Array:
    """What two objects gain at holes and reports: losses add, one gain is enough."""
    return np.maximum(np.maximum(a, b), 0.0) + np.minimum(a, 0.0) + np.minimum(b, 0.0)


def _table(scorer: Scorer, one: _Few, second: Trials, score: Array) -> tuple[Array, Array]:
    """Keys and probabilities of the pairs of two families that weigh most and can be."""
    v1, v2 = sizes(one.trials.edges).ravel(), sizes(second.edges).ravel()
    flat = score.reshape(len(score), -1)
    log_mass = COOLING * (flat - flat.max()) + np.log(v1[one.cell])[:, None] + np.log(v2)[None, :]
    flat = log_mass.ravel()
    most = min(_TRIED * _KEPT, flat.size)
    some = np.argpartition(flat, -most)[-most:]
    some = some[np.argsort(flat[some])[::-1]]
    apart = ~collide(_together(scorer, one, second, *np.unravel_index(some, log_mass.shape)))
    best = some[apart][:_KEPT]
    row, cell = np.unravel_index(best, log_mass.shape)
    key = one.cell[row] * len(v2) + cell
    order = np.argsort(key)
    mass = np.exp(flat[best] - flat[best].max(initial=-np.inf))[order]
    return key[order], mass / mass.sum()


def _together(scorer: Scorer, one: _Few, second: Trials, row: Array, cell: Array) -> Objects:
    """Objects (n, 2) of pairs: one of the few, and the trial that speaks for a bin."""
    place, size = np.divmod(cell, len(second.amplitude))
    a = slot(take(one.scenes, row), 0)
    b = slot(_sized(scorer, second, _speakers(second)[place], size, 0), 0)
    pairs = {f.name: np.stack([getattr(o, f.name) for o in (a, b)], 1) for f in fields(Objects)}
    return Objects(**pairs)


def _speakers(trials: Trials) -> Array:
    """The trial that speaks for each bin of places."""
    return np.flatnonzero(np.diff(trials.owner, prepend=-1))


def draw_pairs(
    scan: Scan, pairs: PairScan, first: Array, second: Array, rng: np.random.Generator
) -> tuple[Array, Array]:
    """Draw two objects (n, P) each of given families; where none are known, uniformly.

    Which of the two was the first of its pair is drawn evenly.
    """
    n = len(first)
    a, b = rng.random((n, N_PARAMETERS)), rng.random((n, N_PARAMETERS))
    u = rng.random(n)
    turned = rng.random(n) < 0.5
    head, tail = np.where(turned, second, first), np.where(turned, first, second)
    both = head.astype(np.int64) * len(FAMILIES) + tail
    for code in np.flatnonzero(np.bincount(both)):
        f, g = divmod(int(code), len(FAMILIES))
        mass = pairs.mass[f][g]
        if len(mass) == 0:
            continue
        mine = np.flatnonzero(both == code)
        total = pairs.total[f][g]
        row = np.searchsorted(total, u[mine] * total[-1], side="right")
        key = pairs.key[f][g][np.minimum(row, len(mass) - 1)]
        one, two = np.divmod(key, n_cells(scan.edges[g]))
        flip = turned[mine, None]
        x = within_bins(scan.edges[f], one, np.where(flip, b[mine], a[mine]))
        y = within_bins(scan.edges[g], two, np.where(flip, a[mine], b[mine]))
        a[mine], b[mine] = np.where(flip, y, x), np.where(flip, x, y)
    return a, b


def pair_density(
    scan: Scan, pairs: PairScan, first: Array, second: Array, a: Array, b: Array
) -> Array:
    """Density (n,) of ``draw_pairs`` over the two unit cubes, given the families."""
    one, two = locate(scan, first, a), locate(scan, second, b)
    return 0.5 * (_one_way(scan, pairs, one, two) + _one_way(scan, pairs, two, one))


def _one_way(scan: Scan, pairs: PairScan, one: Located, two: Located) -> Array:
    out = np.ones(len(one.family))
    both = one.family * len(FAMILIES) + two.family
    for code in np.flatnonzero(np.bincount(both)):
        p, q = divmod(int(code), len(FAMILIES))
        mass, keys = pairs.mass[p][q], pairs.key[p][q]
        if len(mass) == 0:
            continue
        mine = np.flatnonzero(both == code)
        key = one.cell[mine] * n_cells(scan.edges[q]) + two.cell[mine]
        at = np.minimum(np.searchsorted(keys, key), len(mass) - 1)
        dense = mass[at] / (one.volume[mine] * two.volume[mine])
        out[mine] = np.where(keys[at] == key, dense, 0.0)
    return out
