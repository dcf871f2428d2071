"""Draws of whole scenes from the prior."""

from __future__ import annotations

import numpy as np

from subterra.scene.collide import collide
from subterra.scene.decode import decode_scenes
from subterra.scene.families import FAMILIES
from subterra.scene.prior import Prior, draw_fill, family_weights, log_count_table
from subterra.scene.scenes import N_PARAMETERS, N_SLOTS, Scenes, concatenate, take

__all__ = ["empty_scenes", "sample_independent", "sample_prior"]


def sample_prior(prior: Prior, n: int, rng: np.random.Generator) -> Scenes:
    """Draw scenes from the prior: no two objects lie in the same ground.

    Scenes that cannot be are drawn anew as a whole (``collide``), which makes several targets in a
    narrow site a little rarer than ``more_targets`` says, and none a little likelier than ``p0``.

    Parameters
    ----------
    prior : Prior
        Site prior.
    n : int
        Number of scenes.
    rng : numpy.random.Generator
        Source of randomness.

    Returns
    -------
    Scenes
        ``n`` scenes whose objects fill the first slots.
    """
    scenes = sample_independent(prior, n, rng)
    todo = np.flatnonzero(collide(scenes.objects))
    while len(todo):
        anew = sample_independent(prior, len(todo), rng)
        order = np.arange(n)
        order[todo] = n + np.arange(len(todo))
        scenes = take(concatenate([scenes, anew]), order)
        todo = todo[collide(anew.objects)]
    return scenes


def sample_independent(prior: Prior, n: int, rng: np.random.Generator) -> Scenes:
    """Draw scenes whose objects know nothing of each other: some of them cannot be.

    Parameters and return as of ``sample_prior``.
    """
    table = np.exp(log_count_table(prior)).ravel()
    drawn = rng.choice(table.size, size=n, p=table / table.sum())
    n_target, n_other = np.divmod(drawn, N_SLOTS + 1)
    target, other = family_weights(prior)
    codes = np.arange(len(FAMILIES))
    slots = np.arange(N_SLOTS)
    as_target = rng.choice(codes, size=(n, N_SLOTS), p=target)
    as_other = rng.choice(codes, size=(n, N_SLOTS), p=other if other.any() else target)
    family = np.where(slots < n_target[:, None], as_target, as_other)
    family = np.where(slots < (n_target + n_other)[:, None], family, 0).astype(np.int8)
    fill = draw_fill(prior, family, rng.random((n, N_SLOTS)))
    unit = rng.random((n, N_SLOTS, N_PARAMETERS))
    return decode_scenes(prior, family, fill, unit, rng.random((n, 2)))


def empty_scenes(prior: Prior) -> Scenes:
    """Return one scene without objects, its site state in the middle of the prior."""
    nothing = np.zeros((1, N_SLOTS), np.int8)
    middle = np.full((1, N_SLOTS, N_PARAMETERS), 0.5)
    return decode_scenes(prior, nothing, nothing, middle, np.full((1, 2), 0.5))
