"""Battery that every kind of evidence must pass."""

from __future__ import annotations

import math
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from copy import deepcopy
from dataclasses import fields, replace
from typing import Any, NoReturn

import numpy as np
import numpy.typing as npt

from subterra.evidence import AdditiveEvidence, Evidence
from subterra.scene import N_SLOTS, Objects, Scenes, concatenate, slot, take
from subterra.scene.rows import taken_rows

__all__ = ["check_evidence", "check_normalised"]

Array = npt.NDArray[Any]

_TOLERANCE = 2e-3
"""Agreement in nats that single precision leaves between two orders of the same sum."""
_FEWEST = 50.0
"""Effective draws below which a mean of ratios and its standard error cannot be trusted."""


def check_evidence(evidence: Evidence, scenes: Scenes, *, seed: int = 0) -> None:
    """Check that a piece of evidence keeps the protocol and the rules of a likelihood.

    The likelihood is finite for scenes with and without objects, depends on each scene alone
    (not on order, batches, threads or the numbering of slots) and changes nothing that it is
    given. Simulated evidence has the same layout, is reproducible, and its fingerprint follows
    the data. Where responses add, an empty slot adds nothing and the summed response scores as
    the scene does.

    Parameters
    ----------
    evidence : Evidence
        What is tested.
    scenes : Scenes
        At least four scenes of the prior, with several objects in some.
    seed : int
        Of the simulated data.

    Raises
    ------
    AssertionError
        A rule is broken; the message says which.
    """
    if len(scenes) < 4 or not np.any((scenes.objects.family > 0).sum(axis=1) > 1):
        _fail("the battery needs at least four scenes, some with several objects")
    everything = concatenate([scenes, without_objects(take(scenes, slice(0, 2)))])
    _check_attributes(evidence)
    _check_shapes(evidence, everything)
    _check_each_scene_alone(evidence, everything, seed)
    _check_slots(evidence, everything, seed)
    _check_layout_probability(evidence, everything)
    _check_simulation(evidence, everything, seed)
    if isinstance(evidence, AdditiveEvidence):
        _check_additive(evidence, everything)


def check_normalised(
    evidence: Evidence, scene: Scenes, other: Scenes, *, draws: int = 2000, seed: int = 0
) -> None:
    """Check that likelihoods of two scenes are densities of the same data.

    Over data d drawn for one scene, the mean of p(d | other)/p(d | scene) is 1. Where the layout
    itself depends on the scene (how many reports there are), its probability enters, through
    the method ``layout_probability`` of the evidence, as the ratio of the two.

    Parameters
    ----------
    evidence : Evidence
        Its layout; a small one, so that the ratio varies little.
    scene, other : Scenes
        One scene each, near enough for the mean to be estimated.
    draws : int
        Number of simulated data sets.
    seed : int
        Of the simulated data.

    Raises
    ------
    AssertionError
        The mean differs by more than five standard errors; or these exceed 10 %, or few draws
        make it up, so that the check would tell nothing.
    """
    if len(scene) != 1 or len(other) != 1:
        _fail("check_normalised compares one scene with one other")
    both, rng = concatenate([scene, other]), np.random.default_rng(seed)
    logs = np.array(
        [evidence.simulate(scene, rng).log_likelihood(both) for _ in range(draws)], np.float64
    )
    difference = logs[:, 1] - logs[:, 0]
    if np.ptp(difference) == 0.0:
        _fail("no simulated data tell the two scenes apart: nothing is tested")
    at_scene, at_other = _layout_probability(evidence, both)
    expected = float(at_other / at_scene)
    ratio = np.exp(difference)
    error = float(ratio.std() / math.sqrt(draws))
    effective = float(ratio.sum() ** 2 / (ratio**2).sum())
    if effective < _FEWEST or error > 0.1 * expected:
        _fail(
            f"{effective:.0f} of {draws} draws make up the mean: bring the scenes closer together"
        )
    if abs(float(ratio.mean()) - expected) > 5.0 * error:
        _fail(
            f"the mean of p(d | other)/p(d | scene) over d of the scene is "
            f"{ratio.mean():.4f} ± {error:.4f}, expected {expected:.4f}"
        )


def without_objects(scenes: Scenes) -> Scenes:
    """Return the same scenes, site state kept, with every slot empty."""
    family = np.zeros_like(scenes.objects.family)
    return replace(scenes, objects=replace(scenes.objects, family=family))


def _renumbered(scenes: Scenes, order: Array) -> Scenes:
    objects = taken_rows(scenes.objects, (slice(None), order))
    return replace(scenes, objects=objects, unit=scenes.unit[:, order])


def _check_attributes(evidence: Evidence) -> None:
    if not isinstance(evidence, Evidence):  # pyright: ignore[reportUnnecessaryIsInstance]
        _fail(f"{type(evidence).__name__} lacks a part of the Evidence protocol")
    for name in ("id", "kind", "fingerprint"):
        value = getattr(evidence, name)
        if not isinstance(value, str) or not value.strip():
            _fail(f"{name} is not a word: {value!r}")
        try:
            setattr(evidence, name, value)
        except AttributeError:
            continue
        _fail(f"{name} can be replaced")


def _check_shapes(evidence: Evidence, scenes: Scenes) -> None:
    n = len(scenes)
    for some in (scenes, take(scenes, slice(0, 1)), take(scenes, slice(0, 0))):
        logs, predicted = evidence.log_likelihood(some), evidence.predict(some)
        if logs.shape != (len(some),):
            _fail(f"log_likelihood of {len(some)} scenes has shape {logs.shape}")
        if predicted.ndim != 2 or len(predicted) != len(some):
            _fail(f"predict of {len(some)} scenes has shape {predicted.shape}")
    if evidence.log_likelihood(scenes).dtype != np.float64:
        _fail("log_likelihood is not in double precision")
    bad = np.flatnonzero(~np.isfinite(evidence.log_likelihood(scenes)))
    if bad.size:
        _fail(f"log_likelihood of scene {bad[0]} of {n} is not finite")
    if not np.isfinite(evidence.predict(scenes)).all():
        _fail("a prediction is not finite")


def _check_each_scene_alone(evidence: Evidence, scenes: Scenes, seed: int) -> None:
    before = deepcopy(scenes)
    logs = evidence.log_likelihood(scenes)
    _check_same(evidence.log_likelihood(scenes), logs, "a second call", exact=True)
    order = np.random.default_rng(seed).permutation(len(scenes))
    _check_same(evidence.log_likelihood(take(scenes, order)), logs[order], "another order")
    parts = [slice(i, min(i + 3, len(scenes))) for i in range(0, len(scenes), 3)]

    def one(part: slice) -> Array:
        return evidence.log_likelihood(take(scenes, part))

    _check_same(np.concatenate([one(p) for p in parts]), logs, "batches")
    with ThreadPoolExecutor(4) as pool:
        _check_same(np.concatenate(list(pool.map(one, parts))), logs, "threads")
    for old, new in zip(_arrays(before), _arrays(scenes), strict=True):
        if not np.array_equal(old, new, equal_nan=True):
            _fail("log_likelihood changes the scenes that it is given")


def _check_slots(evidence: Evidence, scenes: Scenes, seed: int) -> None:
    order = np.roll(np.arange(N_SLOTS), 1 + seed % (N_SLOTS - 1))
    changed = _renumbered(scenes, order)
    logs = evidence.log_likelihood(scenes)
    _check_same(evidence.log_likelihood(changed), logs, "another numbering of slots")
    # What an empty slot holds beside its family must not matter.
    garbage = deepcopy(scenes)
    empty = garbage.objects.family == 0
    garbage.objects.radius[empty] = 7.0
    garbage.objects.density_contrast[empty] = -999.0
    garbage.objects.conductivity_ratio[empty] = 9.0
    garbage.objects.fill[empty] = 1
    _check_same(evidence.log_likelihood(garbage), logs, "garbage in empty slots")


def _check_layout_probability(evidence: Evidence, scenes: Scenes) -> None:
    probability = _layout_probability(evidence, scenes)
    if probability.shape != (len(scenes),) or not np.all((probability > 0.0) & (probability <= 1)):
        _fail("layout_probability is not a probability above zero for each scene")


def _layout_probability(evidence: Evidence, scenes: Scenes) -> Array:
    """P(the layout) of each scene: 1 unless the evidence says otherwise."""
    method: Callable[[Scenes], Array] | None = getattr(evidence, "layout_probability", None)
    return np.ones(len(scenes)) if method is None else method(scenes)


def _check_simulation(evidence: Evidence, scenes: Scenes, seed: int) -> None:
    """Simulate from several scenes, the emptied ones at the end among them."""
    logs, shape = evidence.log_likelihood(scenes), evidence.predict(scenes).shape
    truths = [int(i) for i in np.linspace(0, len(scenes) - 1, 8)]
    made: list[tuple[Evidence, Array]] = []
    for k, truth in enumerate(truths):
        one = take(scenes, slice(truth, truth + 1))
        new = evidence.simulate(one, np.random.default_rng(seed + k))
        again = evidence.simulate(one, np.random.default_rng(seed + k))
        score = new.log_likelihood(scenes)
        if again.fingerprint != new.fingerprint:
            _fail("the same seed simulates another fingerprint")
        _check_same(again.log_likelihood(scenes), score, "the same seed", exact=True)
        if type(new) is not type(evidence) or (new.id, new.kind) != (evidence.id, evidence.kind):
            _fail("simulated evidence is of another kind or has another id")
        if not np.isfinite(score).all():
            _fail("the likelihood of simulated data is not finite")
        if new.predict(scenes).shape != shape:
            _fail("simulated evidence has another layout")
        if new.fingerprint == evidence.fingerprint:
            _fail("simulated data have the fingerprint of the evidence that they replace")
        for before, other in made:
            if before.fingerprint == new.fingerprint and not np.array_equal(score, other):
                _fail("different data have the same fingerprint")
        made.append((new, score))
    if all(np.array_equal(score, made[0][1]) for _, score in made):
        _fail("the simulated data depend neither on the scene nor on the seed")
    _check_same(evidence.log_likelihood(scenes), logs, "after simulating", exact=True)


def _check_additive(evidence: AdditiveEvidence, scenes: Scenes) -> None:
    n_data = evidence.models.sd.size
    if evidence.predict(scenes).shape[1] != n_data:
        _fail("there is not one prediction for each datum")
    empty = without_objects(scenes)
    parts = [evidence.object_response(slot(scenes, k)) for k in range(N_SLOTS)]
    for part in parts:
        if part.shape != (len(scenes), n_data) or part.dtype != np.float32:
            _fail(f"object_response has shape {part.shape} and type {part.dtype}")
    if any(evidence.object_response(slot(empty, k)).any() for k in range(N_SLOTS)):
        _fail("an empty slot has a response")
    total = np.sum(parts, axis=0)
    if evidence.combine(np.zeros_like(total)).any():
        _fail("no response at all is combined to something")
    scored = evidence.score(total) + evidence.site_log_likelihood(scenes)
    _check_same(scored, evidence.log_likelihood(scenes), "the score of summed responses")
    # Objects stand for themselves, and beside the site state they are all there is.
    shown = evidence.predict(scenes) - evidence.predict(empty)
    span = float(np.abs(total).max()) + 1e-12
    if np.abs(shown - evidence.combine(total)).max() > 1e-4 * span:
        _fail("the prediction is not the combination of the object responses")
    alone = np.stack([_only(evidence, scenes, k) for k in range(N_SLOTS)]).sum(axis=0)
    if np.abs(alone - total).max() > 1e-4 * span:
        _fail("responses of single objects do not add up to that of the scene")
    _check_same(evidence.site_log_likelihood(empty), evidence.site_log_likelihood(scenes), "site")
    same = evidence.with_models(evidence.models)
    _check_same(same.score(total), evidence.score(total), "the same models", exact=True)


def _only(evidence: AdditiveEvidence, scenes: Scenes, k: int) -> Array:
    """Response of slot k of each scene, asked for one scene at a time."""
    objects = slot(scenes, k)
    rows = [
        evidence.object_response(taken_rows(objects, slice(i, i + 1))) for i in range(len(scenes))
    ]
    return np.concatenate(rows)


def _arrays(scenes: Scenes) -> list[Array]:
    held = [getattr(scenes.objects, f.name) for f in fields(Objects)]
    return [*held, scenes.host_density, scenes.host_resistivity, scenes.unit, scenes.site_unit]


def _check_same(found: Array, expected: Array, what: str, *, exact: bool = False) -> None:
    if found.shape != expected.shape:
        _fail(f"{what}: shape {found.shape} instead of {expected.shape}")
    if found.size == 0 or np.array_equal(found, expected):
        return
    worst = float(np.abs(found - expected).max())
    if exact or not worst <= _TOLERANCE * max(1.0, 1e-3 * float(np.abs(expected).max())):
        _fail(f"{what}: differs by {worst:.3g}")


def _fail(message: str) -> NoReturn:
    raise AssertionError(message)
