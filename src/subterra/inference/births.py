"""New objects, one or two at once, with the densities of having been proposed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from subterra.inference.pairs import draw_pairs, pair_density
from subterra.inference.proposals import ObjectPool, draw_objects, log_density
from subterra.scene import FAMILIES, N_SLOTS, Prior, log_count_table, object_counts, target_mask
from subterra.scene.prior import draw_fill, family_weights, log_fill_table

__all__ = ["Born", "births", "joined", "log_born", "log_prior", "log_twins", "twins"]

Array = npt.NDArray[Any]

_TOGETHER: Final = 0.5
"""Share of pairs drawn together; the others are drawn one by one."""
_HINTED: Final = 0.2
"""Share of births where evidence suggests them, if any does."""


@dataclass(frozen=True)
class Born:
    """New objects.

    Parameters
    ----------
    family, fill : (n,) numpy.ndarray of int8
        Codes.
    unit : (n, P) numpy.ndarray
        Quantiles.
    """

    family: Array
    fill: Array
    unit: Array

    def __len__(self) -> int:
        return len(self.family)


def joined(one: Born, two: Born) -> Born:
    """All objects of two sets."""
    return Born(
        np.concatenate([one.family, two.family]),
        np.concatenate([one.fill, two.fill]),
        np.concatenate([one.unit, two.unit]),
    )


def _weights(prior: Prior) -> Array:
    target, other = family_weights(prior)
    return 0.7 * target + 0.3 * other if other.any() else target


def _named(prior: Prior, n: int, rng: np.random.Generator) -> tuple[Array, Array]:
    """Families and fills of new objects."""
    family = rng.choice(len(FAMILIES), size=n, p=_weights(prior)).astype(np.int8)
    return family, draw_fill(prior, family, rng.random(n))


def _log_named(prior: Prior, born: Born) -> Array:
    with np.errstate(divide="ignore"):
        log_family = np.log(_weights(prior))[born.family]
    return log_family + log_fill_table(prior)[born.family, born.fill]


def births(prior: Prior, n: int, pool: ObjectPool, rng: np.random.Generator) -> Born:
    """Draw ``n`` objects, some of them where evidence suggests them."""
    family, fill = _named(prior, n, rng)
    unit = draw_objects(family, pool, rng)
    hints = pool.outlook.hints
    if hints:
        source = np.where(rng.random(n) < _HINTED, rng.integers(len(hints), size=n), -1)
        for k, hint in enumerate(hints):
            mine = np.flatnonzero(source == k)
            family[mine], unit[mine] = hint.suggest(rng, len(mine))
            fill[mine] = draw_fill(prior, family[mine], rng.random(len(mine)))
    return Born(family, fill, unit)


def log_born(prior: Prior, born: Born, pool: ObjectPool) -> Array:
    """Log density (n,) of ``births`` over family, fill and the unit cube."""
    own = _log_named(prior, born) + log_density(born.family, born.unit, pool)
    hints = pool.outlook.hints
    if not hints:
        return own
    log_fill = log_fill_table(prior)[born.family, born.fill]
    out = own + np.log(1.0 - _HINTED)
    for hint in hints:
        suggested = hint.suggest_log_density(born.family, born.unit) + log_fill
        out = np.logaddexp(out, suggested + np.log(_HINTED / len(hints)))
    return out


def twins(prior: Prior, n: int, pool: ObjectPool, rng: np.random.Generator) -> tuple[Born, Born]:
    """Draw ``n`` pairs of objects, some of them as the scan of pairs has it."""
    family, fill = _named(prior, 2 * n, rng)
    unit = draw_objects(family, pool, rng)
    f, g = family[:n], family[n:]
    x, y = draw_pairs(pool.outlook.single, pool.outlook.pair, f, g, rng)
    together = (rng.random(n) < _TOGETHER) & pool.outlook.pair.known(f, g)
    pick = together[:, None]
    one, two = np.where(pick, x, unit[:n]), np.where(pick, y, unit[n:])
    return Born(f, fill[:n], one), Born(g, fill[n:], two)


def log_twins(prior: Prior, one: Born, two: Born, pool: ObjectPool) -> Array:
    """Log density (n,) of ``twins`` in this order; the other order is as dense."""
    n, both = len(one), joined(one, two)
    alone = log_density(both.family, both.unit, pool)
    alone = alone[:n] + alone[n:]
    outlook = pool.outlook
    joint = pair_density(outlook.single, outlook.pair, one.family, two.family, one.unit, two.unit)
    known = outlook.pair.known(one.family, two.family)
    with np.errstate(over="ignore"):
        mixed = _TOGETHER * joint + (1.0 - _TOGETHER) * np.exp(alone)
    with np.errstate(divide="ignore"):
        log_cube = np.where(known, np.log(mixed), alone)
    named = _log_named(prior, both)
    return log_cube + named[:n] + named[n:]


def log_prior(prior: Prior, family: Array, fill: Array) -> Array:
    """Log density of unordered sets of objects over counts, families and fills (cube: uniform).

    Parameters
    ----------
    prior : Prior
        Site prior.
    family, fill : (n, S) numpy.ndarray of int8
        Codes by slot.
    """
    n_target, n_other = object_counts(family, prior)
    counts = log_count_table(prior)[n_target, n_other]
    log_factorial = np.cumsum(np.log(np.maximum(np.arange(N_SLOTS + 1), 1)))
    counts = counts + log_factorial[n_target] + log_factorial[n_other]
    target, other = family_weights(prior)
    with np.errstate(divide="ignore"):
        weight = np.log(np.where(target_mask(prior), target, other))
    weight[0] = 0.0
    log_fill = log_fill_table(prior)
    return counts + np.where(family > 0, weight[family] + log_fill[family, fill], 0.0).sum(axis=1)
