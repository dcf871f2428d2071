"""Proposals over scenes: differential steps, birth and death, fills, site state.

Each sweep moves one half of the population with steps learnt from the other half, so that the
proposal does not depend on the scene it moves. A scene draws one kind of move; all kinds keep the
tempered posterior invariant by Metropolis–Hastings (Green 1995 for birth and death).
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from subterra.inference.proposals import ObjectPool, draw_objects, log_density
from subterra.scene import (
    FAMILIES,
    HEADED,
    N_PARAMETERS,
    N_SLOTS,
    PARAMETERS,
    Objects,
    Prior,
    Scenes,
    decode_objects,
    decode_scenes,
    fold,
    log_count_table,
    object_counts,
    take,
    target_mask,
    used_parameters,
)
from subterra.scene.prior import draw_fill, family_weights, log_fill_table

__all__ = ["MOVES", "Move", "propose"]

Array = npt.NDArray[Any]

MOVES: Final = ("step", "birth", "death", "fill", "redraw", "site")
_CHANCE: Final = np.array([0.5, 0.14, 0.14, 0.08, 0.09, 0.05])
_STEP, _BIRTH, _DEATH, _FILL, _REDRAW, _SITE = range(len(MOVES))
_HEADED: Final = np.array([name in HEADED for name in FAMILIES])
_COURSE: Final = np.array([i for i, name in enumerate(PARAMETERS) if name.startswith("branch")])
_ANEW: Final = 0.2
"""Share of steps that draw the branch of an object anew."""


@dataclass(frozen=True)
class Move:
    """Proposed scenes and what is needed to judge them.

    Parameters
    ----------
    scenes : Scenes
        Proposals, ``n``.
    slots : (n,) numpy.ndarray of int
        Slot that differs.
    kind : (n,) numpy.ndarray of int
        Index into ``MOVES``.
    log_ratio : (n,) numpy.ndarray
        Log of prior ratio times proposal ratio; −inf where the move cannot be made.
    """

    scenes: Scenes
    slots: Array
    kind: Array
    log_ratio: Array


def _pick_occupied(family: Array, rng: np.random.Generator) -> Array:
    """A random occupied slot of each scene, 0 where there is none."""
    key = np.where(family > 0, rng.random(family.shape), -1.0)
    return key.argmax(axis=1)


def _steps(
    prior: Prior, family: Array, unit: Array, pool: ObjectPool, rng: np.random.Generator
) -> tuple[Array, Array]:
    """Differential-evolution step of one object each; second value says where it was possible.

    A random subset of the parameters that the family reads moves by γ (a − b), a and b of the same family from the pool
    (ter Braak 2006; Vrugt 2009), or by a small step in each parameter.

    The cube wraps. Walls that reflect would turn a step whose components are correlated into one
    whose reverse is never proposed. So would a heading that wraps with its mirrored parameters:
    each proposal therefore cuts the circle of headings at a place of its own, and a step across
    the cut is a plain wrap.
    """
    n = len(family)
    possible = pool.count[family] >= 8
    cut = np.where(_HEADED[family], rng.random(n), 0.0)
    home, a, b = (
        _turned(family, v, -cut) for v in (unit, pool.pick(family, rng), pool.pick(family, rng))
    )
    crossover = rng.choice([0.2, 0.5, 1.0], size=(n, 1))
    used = used_parameters(prior)[family]
    chosen = (rng.random((n, N_PARAMETERS)) < crossover) & used
    chosen[np.arange(n), np.argmax(rng.random((n, N_PARAMETERS)) * used, axis=1)] = True
    gamma = 2.38 / np.sqrt(2.0 * chosen.sum(axis=1, keepdims=True))
    shrink = 10.0 ** rng.uniform(-1.3, 0.0, size=(n, 1))
    scale = np.where(rng.random((n, 1)) < 0.1, 1.0, gamma * shrink)
    step = np.where(chosen, scale * (a - b) + 1e-3 * rng.standard_normal((n, N_PARAMETERS)), 0.0)
    moved = _turned(family, np.mod(home + step, 1.0), cut)
    # A branch, or the waves of a conduit, drawn anew: uniform both ways.
    anew = np.flatnonzero((rng.random(n) < _ANEW) & used[:, _COURSE[0]])
    moved[anew] = unit[anew]
    moved[np.ix_(anew, _COURSE)] = rng.random((len(anew), len(_COURSE)))
    possible[anew] = True
    return moved, possible


def _turned(family: Array, unit: Array, by: Array) -> Array:
    """The same objects with headings read from another zero, ``by`` half turns away."""
    out = unit.copy()
    out[:, 0] += by
    return fold(family, out)


def propose(prior: Prior, scenes: Scenes, pool: ObjectPool, rng: np.random.Generator) -> Move:
    """Propose one move for each scene.

    Parameters
    ----------
    prior : Prior
        Site prior.
    scenes : Scenes
        Scenes to move.
    pool : ObjectPool
        Objects of scenes other than these.
    rng : numpy.random.Generator
        Source of randomness.

    Returns
    -------
    Move

    Notes
    -----
    Slots are labels without meaning: a birth takes the first free one, a death frees its own, and
    the prior is that of an unordered set of objects.
    """
    n = len(scenes)
    rows = np.arange(n)
    kind = rng.choice(len(MOVES), size=n, p=_CHANCE)
    old_family, old_fill = scenes.objects.family, scenes.objects.fill
    family, fill = old_family.copy(), old_fill.copy()
    unit, site = scenes.unit.copy(), scenes.site_unit.copy()
    occupied = (family > 0).sum(axis=1)
    slots = np.where(kind == _BIRTH, np.argmin(family > 0, axis=1), _pick_occupied(family, rng))
    log_ratio = np.zeros(n)
    mine = family[rows, slots]
    possible = np.where(kind == _BIRTH, occupied < N_SLOTS, (occupied > 0) | (kind == _SITE))

    at = np.flatnonzero(kind == _STEP)
    unit[at, slots[at]], able = _steps(prior, mine[at], unit[at, slots[at]], pool, rng)
    possible[at] &= able

    at = np.flatnonzero(kind == _FILL)
    fill[at, slots[at]] = draw_fill(prior, mine[at], rng.random(len(at)))
    unit[at, slots[at], -1] = rng.random(len(at))

    at = np.flatnonzero(kind == _SITE)
    shape = (len(at), site.shape[1])
    wiggle = np.where(rng.random(shape) < 0.5, 0.15 * rng.standard_normal(shape), 0.0)
    site[at] = np.abs(np.mod(site[at] + wiggle + 1.0, 2.0) - 1.0)

    at = np.flatnonzero((kind == _BIRTH) | (kind == _REDRAW))
    born = _births(prior, len(at), pool, rng)
    family[at, slots[at]], fill[at, slots[at]] = born.family, born.fill
    unit[at, slots[at]] = born.unit
    log_ratio[at] -= born.log_density
    at = np.flatnonzero((kind == _DEATH) | (kind == _REDRAW))
    gone = scenes.unit[at, slots[at]]
    log_ratio[at] += _log_proposal(prior, mine[at], old_fill[at, slots[at]], gone, pool)
    at = np.flatnonzero(kind == _DEATH)
    family[at, slots[at]] = 0

    # A step and the site are uniform in the cube; a fill is drawn from its prior.
    at = np.flatnonzero((kind == _BIRTH) | (kind == _DEATH) | (kind == _REDRAW))
    log_ratio[at] += _log_prior(prior, family[at], fill[at])
    log_ratio[at] -= _log_prior(prior, old_family[at], old_fill[at])
    with np.errstate(divide="ignore"):
        log_ratio -= np.where(kind == _BIRTH, np.log(occupied + 1.0), 0.0)
        log_ratio += np.where(kind == _DEATH, np.log(occupied), 0.0)
    log_ratio = np.where(possible & np.isfinite(log_ratio), log_ratio, -np.inf)
    # Decode what has changed: one slot of each scene, and scenes with another site state.
    made = replace(take(scenes, rows), unit=unit, site_unit=site)
    at = (rows, slots)
    one = decode_objects(prior, family[at], fill[at], unit[at], scenes.host_density)
    _write(made.objects, at, one)
    at = np.flatnonzero(kind == _SITE)
    anew = decode_scenes(prior, family[at], fill[at], unit[at], site[at])
    _write(made.objects, at, anew.objects)
    made.host_density[at], made.host_resistivity[at] = anew.host_density, anew.host_resistivity
    return Move(made, slots, kind, log_ratio)


def _write(objects: Objects, index: Any, part: Objects) -> None:
    for f in fields(Objects):
        getattr(objects, f.name)[index] = getattr(part, f.name)


@dataclass(frozen=True)
class _Born:
    family: Array
    fill: Array
    unit: Array
    log_density: Array


def _births(prior: Prior, n: int, pool: ObjectPool, rng: np.random.Generator) -> _Born:
    """New objects and the log density with which they were proposed."""
    family = rng.choice(len(FAMILIES), size=n, p=_birth_weights(prior)).astype(np.int8)
    fill = draw_fill(prior, family, rng.random(n))
    unit = draw_objects(family, pool, rng)
    return _Born(family, fill, unit, _log_proposal(prior, family, fill, unit, pool))


def _birth_weights(prior: Prior) -> Array:
    target, other = family_weights(prior)
    return 0.7 * target + 0.3 * other if other.any() else target


def _log_proposal(prior: Prior, family: Array, fill: Array, unit: Array, pool: ObjectPool) -> Array:
    with np.errstate(divide="ignore"):
        log_family = np.log(_birth_weights(prior))[family]
    return log_family + log_fill_table(prior)[family, fill] + log_density(family, unit, pool)


def _log_prior(prior: Prior, family: Array, fill: Array) -> Array:
    """Log density of unordered sets of objects over counts, families and fills (cube: uniform)."""
    n_target, n_other = object_counts(family, prior)
    counts = log_count_table(prior)[n_target, n_other]
    counts = counts + np.cumsum(np.log(np.maximum(np.arange(N_SLOTS + 1), 1)))[n_target]
    counts = counts + np.cumsum(np.log(np.maximum(np.arange(N_SLOTS + 1), 1)))[n_other]
    target, other = family_weights(prior)
    with np.errstate(divide="ignore"):
        weight = np.log(np.where(target_mask(prior), target, other))
    weight[0] = 0.0
    log_fill = log_fill_table(prior)
    return counts + np.where(family > 0, weight[family] + log_fill[family, fill], 0.0).sum(axis=1)
