"""Proposals over scenes: steps, strides, birth and death, split and merger, fills, site state.

Each sweep moves one half of the population with steps learnt from the other half, so that the
proposal does not depend on the scene it moves. A scene draws one kind of move; all kinds keep the
tempered posterior invariant by Metropolis–Hastings (Green 1995 where the
number of objects changes).
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from subterra.inference.births import (
    Born,
    births,
    joined,
    log_born,
    log_prior,
    log_twins,
    twins,
)
from subterra.inference.lobes import stride, turned
from subterra.inference.proposals import ObjectPool
from subterra.scene import (
    ALIKE,
    FAMILIES,
    HEADED,
    N_PARAMETERS,
    N_SLOTS,
    PARAMETERS,
    Objects,
    Prior,
    Scenes,
    collide,
    decode_objects,
    decode_scenes,
    fill_contrasts,
    restate,
    used_parameters,
)
from subterra.scene.prior import draw_fill, family_weights

__all__ = ["MOVES", "Move", "propose"]

Array = npt.NDArray[Any]

MOVES: Final = (
    *("step", "birth", "death", "fill", "redraw", "site"),
    *("split", "merge", "pair", "switch", "stride"),
)
_CHANCE: Final = np.array([0.13, 0.11, 0.11, 0.07, 0.05, 0.03, 0.03, 0.03, 0.02, 0.02, 0.4])
_STEP, _BIRTH, _DEATH, _FILL, _REDRAW, _SITE = range(6)
_SPLIT, _MERGE, _PAIR, _SWITCH, _STRIDE = range(6, 11)


def _among(*kinds: int) -> Array:
    """Whether a kind of move is one of these: a table by kind, that of no move (−1) included."""
    table = np.zeros(len(MOVES) + 1, np.bool_)
    table[list(kinds)] = True
    return table


_OF_TWO: Final = _among(_SPLIT, _MERGE, _PAIR)
_GIVE_ONE: Final = _among(_DEATH, _REDRAW, _SPLIT)
_DRAW_ONE: Final = _among(_BIRTH, _REDRAW, _MERGE)
_GIVE_TWO: Final = _among(_MERGE, _PAIR)
_DRAW_TWO: Final = _among(_SPLIT, _PAIR)
_GAIN: Final = _among(_BIRTH, _SPLIT)
_LOSE: Final = _among(_DEATH, _MERGE)
_RENAME: Final = _among(_BIRTH, _DEATH, _REDRAW, _SWITCH, _SPLIT, _MERGE, _PAIR)
_WHOLE: Final = _among(_SITE, _SPLIT, _MERGE, _PAIR)
_LEAST: Final = np.where(_GIVE_TWO, 2, np.where(_among(_BIRTH, _SITE), 0, 1))
_MOST: Final = np.where(_GAIN, N_SLOTS - 1, N_SLOTS)
"""Objects that a scene must have at least, and may have at most, by kind of move."""
_OF_ELITE: Final = 0.4
"""Share of steps whose scale is that of the best scenes."""
_MIN_POOL: Final = 8
_HEADED: Final = np.array([name in HEADED for name in FAMILIES])
_COURSE: Final = np.array([i for i, name in enumerate(PARAMETERS) if name.startswith("branch")])
_ANEW: Final = 0.2
"""Share of steps that draw the branch of an object anew."""
_ALIKE: Final = np.array([name in ALIKE for name in FAMILIES])


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
        Index into ``MOVES``; −1 where the move cannot be made.
    whole : (n,) numpy.ndarray of bool
        Scenes of which more than the one slot differs.
    log_ratio : (n,) numpy.ndarray
        Log of prior ratio times proposal ratio; −inf where the move cannot be made.
    """

    scenes: Scenes
    slots: Array
    kind: Array
    whole: Array
    log_ratio: Array


def _steps(
    prior: Prior, family: Array, unit: Array, pool: ObjectPool, rng: np.random.Generator
) -> tuple[Array, Array]:
    """Differential-evolution step of one object each; second value says where it was possible.

    A random subset of the parameters that the family reads moves by γ (a − b), a and b of the same
    family from the pool (ter Braak 2006; Vrugt 2009), or by a small step in each parameter.

    The cube wraps. Walls that reflect would turn a step whose components are correlated into one
    whose reverse is never proposed. So would a heading that wraps with its mirrored parameters:
    each proposal therefore cuts the circle of headings at a place of its own, and a step across
    the cut is a plain wrap.
    """
    n = len(family)
    elite = (rng.random(n) < _OF_ELITE) & (pool.elite.count[family] >= _MIN_POOL)
    possible = elite | (pool.all.count[family] >= _MIN_POOL)
    cut = np.where(_HEADED[family], rng.random(n), 0.0)
    home, a, b = (turned(family, v, -cut) for v in (unit, *_two_of(family, elite, pool, rng)))
    crossover = rng.choice([0.2, 0.5, 1.0], size=(n, 1))
    used = used_parameters(prior)[family]
    chosen = (rng.random((n, N_PARAMETERS)) < crossover) & used
    chosen[np.arange(n), np.argmax(rng.random((n, N_PARAMETERS)) * used, axis=1)] = True
    gamma = 2.38 / np.sqrt(2.0 * chosen.sum(axis=1, keepdims=True))
    shrink = 10.0 ** rng.uniform(-1.3, 0.0, size=(n, 1))
    scale = np.where(rng.random((n, 1)) < 0.1, 1.0, gamma * shrink)
    step = np.where(chosen, scale * (a - b) + 1e-3 * rng.standard_normal((n, N_PARAMETERS)), 0.0)
    moved = turned(family, np.mod(home + step, 1.0), cut)
    # A branch, or the waves of a conduit, drawn anew: uniform both ways.
    anew = np.flatnonzero((rng.random(n) < _ANEW) & used[:, _COURSE[0]])
    moved[anew] = unit[anew]
    moved[np.ix_(anew, _COURSE)] = rng.random((len(anew), len(_COURSE)))
    possible[anew] = True
    return moved, possible


def _two_of(
    family: Array, elite: Array, pool: ObjectPool, rng: np.random.Generator
) -> tuple[Array, Array]:
    """Two objects (n, P) of each wanted family, of the elite where that is wanted."""
    every = (pool.all.pick(family, rng), pool.all.pick(family, rng))
    best = (pool.elite.pick(family, rng), pool.elite.pick(family, rng))
    a, b = (np.where(elite[:, None], x, y) for x, y in zip(best, every, strict=True))
    return a, b


@dataclass(frozen=True)
class _Draft:
    """Proposals as they are made: arrays filled in place, row by row of the scenes to move.

    ``slots`` and ``also`` are the slots that differ; ``also`` is −1 where only one does.
    """

    family: Array
    fill: Array
    unit: Array
    site: Array
    slots: Array
    also: Array
    log_ratio: Array
    possible: Array

    def object_at(self, rows: Array, slots: Array) -> Born:
        """Objects in one slot of some scenes."""
        at = (rows, slots)
        return Born(self.family[at], self.fill[at], self.unit[at])

    def put(self, rows: Array, slots: Array, born: Born) -> None:
        """Write objects into one slot of some scenes."""
        at = (rows, slots)
        self.family[at], self.fill[at], self.unit[at] = born.family, born.fill, born.unit


def _move_within(
    draft: _Draft, prior: Prior, kind: Array, pool: ObjectPool, rng: np.random.Generator
) -> None:
    """Moves that keep number, families and fills."""
    at = np.flatnonzero(kind == _STEP)
    one = draft.object_at(at, draft.slots[at])
    moved, able = _steps(prior, one.family, one.unit, pool, rng)
    draft.unit[at, draft.slots[at]] = moved
    draft.possible[at] &= able

    at = np.flatnonzero(kind == _STRIDE)
    one = draft.object_at(at, draft.slots[at])
    moved, log_ratio = stride(pool.lobes, one.family, one.unit, rng)
    draft.unit[at, draft.slots[at]] = moved
    draft.log_ratio[at] += log_ratio

    at = np.flatnonzero(kind == _SITE)
    shape = (len(at), draft.site.shape[1])
    wiggle = np.where(rng.random(shape) < 0.5, 0.15 * rng.standard_normal(shape), 0.0)
    draft.site[at] = np.abs(np.mod(draft.site[at] + wiggle + 1.0, 2.0) - 1.0)


def _move_fill(
    draft: _Draft, prior: Prior, kind: Array, host_density: Array, rng: np.random.Generator
) -> None:
    """Another fill from its prior; the radius may follow, so that the anomaly stays as strong.

    With contrast times area kept for gravity, or for resistivity, the move meets the data halfway.
    Which of the three is done does not depend on the object.
    """
    at = np.flatnonzero(kind == _FILL)
    slots = draft.slots[at]
    one = draft.object_at(at, slots)
    fill = draw_fill(prior, one.family, rng.random(len(at)))
    strength = rng.random(len(at))
    kept = rng.integers(3, size=len(at))
    before = fill_contrasts(prior, one.fill, one.unit[:, -1], host_density[at])
    after = fill_contrasts(prior, fill, strength, host_density[at])
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.choose(
            kept, [np.ones(len(at)), *(b / a for b, a in zip(before, after, strict=True))]
        )
    line = _ALIKE[one.family]
    ratio = np.where(line, ratio, 1.0)
    able = np.isfinite(ratio) & (ratio > 0.0)
    stretch = np.sqrt(np.where(able, ratio, 1.0))
    unit, log_volume = restate(prior, one.family, one.unit, one.family, stretch)
    unit[:, -1] = strength
    draft.put(at, slots, Born(one.family, fill, unit))
    draft.log_ratio[at] += np.where(line, log_volume, 0.0)
    draft.possible[at] &= able


def _move_family(draft: _Draft, prior: Prior, kind: Array, rng: np.random.Generator) -> None:
    """The same line as another family would state it."""
    at = np.flatnonzero(kind == _SWITCH)
    slots = draft.slots[at]
    one = draft.object_at(at, slots)
    target, other = family_weights(prior)
    likely = _ALIKE & (target + other > 0.0)
    known = np.flatnonzero(likely).astype(np.int8)
    draft.possible[at] &= likely[one.family] & (len(known) > 1)
    if len(known) < 2:
        return
    mine = np.searchsorted(known, one.family) % len(known)
    to = known[(mine + rng.integers(1, len(known), size=len(at))) % len(known)]
    able = draft.possible[at]
    unit, log_volume = restate(prior, one.family, one.unit, to, np.ones(len(at)))
    part = at[able]
    draft.put(part, slots[able], Born(to[able], one.fill[able], unit[able]))
    draft.log_ratio[part] += log_volume[able]


def _move_anew(
    draft: _Draft, prior: Prior, kind: Array, pool: ObjectPool, rng: np.random.Generator
) -> None:
    """Moves that give up an object or two, and draw one or two."""
    lost, won, lost_two, won_two = (
        np.flatnonzero(kinds[kind]) for kinds in (_GIVE_ONE, _DRAW_ONE, _GIVE_TWO, _DRAW_TWO)
    )
    old = draft.object_at(lost, draft.slots[lost])
    old_two = [draft.object_at(lost_two, s[lost_two]) for s in (draft.slots, draft.also)]
    born, born_two = births(prior, len(won), pool, rng), twins(prior, len(won_two), pool, rng)

    density = log_born(prior, joined(old, born), pool)
    draft.log_ratio[lost] += density[: len(lost)]
    draft.log_ratio[won] -= density[len(lost) :]
    one, two = (joined(a, b) for a, b in zip(old_two, born_two, strict=True))
    density = log_twins(prior, one, two, pool)
    draft.log_ratio[lost_two] += density[: len(lost_two)]
    draft.log_ratio[won_two] -= density[len(lost_two) :]

    draft.put(won, draft.slots[won], born)
    for slots, twin in zip((draft.slots, draft.also), born_two, strict=True):
        draft.put(won_two, slots[won_two], twin)
    for gone, slots in ((_DEATH, draft.slots), (_MERGE, draft.also)):
        at = np.flatnonzero(kind == gone)
        draft.family[at, slots[at]] = 0


def _draft(scenes: Scenes, kind: Array, rng: np.random.Generator) -> _Draft:
    """Copies to write into, and the slots that each move is about."""
    family = scenes.objects.family
    n = len(family)
    occupied = (family > 0).sum(axis=1)
    free = np.argmin(family > 0, axis=1)
    key = np.where(family > 0, rng.random(family.shape), -1.0)
    order = np.argsort(-key, axis=1)
    slots = np.where(kind == _BIRTH, free, order[:, 0])
    also = np.where(kind == _SPLIT, free, np.where(_OF_TWO[kind], order[:, 1], -1))
    return _Draft(
        family.copy(),
        scenes.objects.fill.copy(),
        scenes.unit.copy(),
        scenes.site_unit.copy(),
        slots,
        also,
        np.zeros(n),
        (occupied >= _LEAST[kind]) & (occupied <= _MOST[kind]),
    )


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
    the prior is that of an unordered set of objects. With n objects before, a birth, to which one
    of n + 1 deaths answers, has the ratio 1/((n + 1) q(o)). A split takes one of n objects and
    proposes two in either order; one of n(n + 1)/2 mergers answers: q(o)/((n + 1) q(o₁, o₂)).
    """
    n = len(scenes)
    kind = rng.choice(len(MOVES), size=n, p=_CHANCE)
    draft = _draft(scenes, kind, rng)
    objects = scenes.objects
    occupied = (objects.family > 0).sum(axis=1)
    kind = np.where(draft.possible, kind, -1)
    _move_within(draft, prior, kind, pool, rng)
    _move_fill(draft, prior, kind, scenes.host_density, rng)
    _move_family(draft, prior, kind, rng)
    _move_anew(draft, prior, kind, pool, rng)

    # Steps and the site are uniform in the cube; a fill is drawn from its prior.
    at = np.flatnonzero(_RENAME[kind])
    family = np.concatenate([draft.family[at], objects.family[at]])
    fill = np.concatenate([draft.fill[at], objects.fill[at]])
    now, before = log_prior(prior, family, fill).reshape(2, -1)
    draft.log_ratio[at] += now - before
    with np.errstate(divide="ignore"):
        draft.log_ratio[:] -= np.where(_GAIN[kind], np.log(occupied + 1.0), 0.0)
        draft.log_ratio[:] += np.where(_LOSE[kind], np.log(occupied), 0.0)
    whole = _WHOLE[kind]
    made = _decoded(prior, scenes, draft, whole)
    able = draft.possible & np.isfinite(draft.log_ratio) & ~collide(made.objects)
    log_ratio = np.where(able, draft.log_ratio, -np.inf)
    return Move(made, draft.slots, kind, whole, log_ratio)


def _decoded(prior: Prior, scenes: Scenes, draft: _Draft, whole: Array) -> Scenes:
    """Decode what has changed: one slot of each scene, or all of it."""
    family, fill, unit = draft.family, draft.fill, draft.unit
    made = Scenes(
        Objects(*(v.copy() for v in vars(scenes.objects).values())),
        scenes.host_density.copy(),
        scenes.host_resistivity.copy(),
        unit,
        draft.site,
    )
    at = (np.arange(len(scenes)), draft.slots)
    one = decode_objects(prior, family[at], fill[at], unit[at], scenes.host_density)
    _write(made.objects, at, one)
    at = np.flatnonzero(whole)
    anew = decode_scenes(prior, family[at], fill[at], unit[at], draft.site[at])
    _write(made.objects, at, anew.objects)
    made.host_density[at], made.host_resistivity[at] = anew.host_density, anew.host_resistivity
    return made


def _write(objects: Objects, index: Any, part: Objects) -> None:
    for f in fields(Objects):
        getattr(objects, f.name)[index] = getattr(part, f.name)
