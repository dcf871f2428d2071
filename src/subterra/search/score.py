"""Value of many candidate holes at once: probability of a hit, information, cost."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from subterra.errors import InputError
from subterra.kernel import kernel
from subterra.scene.rows import taken_rows
from subterra.search.axes import Axes, View, view_axes
from subterra.search.hit import by_direction, collars_in_view, run_chunks
from subterra.search.holes import Holes, take_holes
from subterra.search.meet import collect_hits, hits_by_scene
from subterra.search.objective import Objective
from subterra.search.terms import DrillTerms

__all__ = ["Pending", "Scores", "binary_entropy", "score_holes", "start_pending", "with_hole"]

Array = npt.NDArray[Any]

LENGTH_STEP_M: Final = 0.5
"""Planned lengths are whole multiples of this, as drillers count rods."""

LENGTH_SHARE: Final = 0.975
"""Share of the hits that a hole is drilled long enough for, to the target's far side."""

MAX_BRANCHES: Final = 64
"""Outcomes of pending holes told apart; six holes are exact, of more the rarest are merged."""

_CHUNK: Final = 1024

_ROUNDING: Final = 1e-3


class Pending(NamedTuple):
    """What planned holes without a result say, as weights of the ``n`` scenes, float64."""

    weight: Array
    """(n,), posterior; sums to 1."""
    unfound: Array
    """(n,), weight · P(no pending hole hits a target)."""
    silent: Array
    """(n,), weight · P(no pending hole logs a void)."""
    branches: Array
    """(b, n), weight · P(outcome of the pending holes); the rows sum to ``weight``."""
    island: Array
    """(n,), number of the independent population that each scene belongs to."""
    shares: Array
    """(k,), weight of each population; they sum to 1."""
    open: Array
    """(n,) bool, whether the scene holds a target that no logged void has met."""


@dataclass(frozen=True)
class Scores:
    """Values of ``h`` holes, each (h,) float64.

    Parameters
    ----------
    length_m : numpy.ndarray
        Length to drill, m.
    p_hit : numpy.ndarray
        P(the hole meets a target and logs it).
    p_gain : numpy.ndarray
        P(the hole hits and no pending hole does).
    p_sure : numpy.ndarray
        The same as far as all independent populations support it: (1 − λ) p_gain + λ · the smallest
        of theirs, λ the smallest share times their number. The best of many candidates is one that
        chance has flattered; chance seldom flatters the same one twice.
    p_dry : numpy.ndarray
        P(the hole hits | no pending hole logs a void).
    chord_m : numpy.ndarray
        Expected length inside targets, given a hit, m.
    bits : numpy.ndarray
        Information that the outcome void / no void gives about the scene, beyond what the
        pending holes will give, bits.
    clear_bits : numpy.ndarray
        Information that the outcome gives about whether any target is there that was not met yet,
        beyond what the pending holes will give, bits.
    cost : numpy.ndarray
        In the units of the drill terms.
    utility : numpy.ndarray
        (find · p_gain + learn · bits + clear · clear_bits) / cost with the worths of the objective.
    """

    length_m: Array
    p_hit: Array
    p_gain: Array
    p_sure: Array
    p_dry: Array
    chord_m: Array
    bits: Array
    clear_bits: Array
    cost: Array
    utility: Array

    def take(self, index: Array) -> Scores:
        """Select by an integer array or a boolean mask."""
        return taken_rows(self, index)


@kernel
def binary_entropy(p: float) -> float:
    """Entropy in bits of a yes with probability ``p``."""
    if p <= 0.0 or p >= 1.0:
        return 0.0
    return -(p * math.log2(p) + (1.0 - p) * math.log2(1.0 - p))


@kernel
def _choose_length(
    axes: Axes,
    weight: Array,
    index: Array,
    found: Array,
    count: int,
    longest: float,
    overdrill: float,
) -> float:
    """Shortest multiple of the step that passes the far side in ``LENGTH_SHARE`` of the hits.

    The far side is that of a hole through the middle: counting where a hole itself leaves would
    favour holes that graze a target, since they leave it sooner.
    """
    bins = np.zeros(int(longest / LENGTH_STEP_M) + 2)
    total = 0.0
    for i in range(count):
        k = index[i]
        if axes.aim[k]:
            mass = weight[axes.scene[k]] * axes.p_detect[k] * found[i, 0]
            bins[math.ceil(found[i, 3] / LENGTH_STEP_M - _ROUNDING)] += mass
            total += mass
    if total <= 0.0:
        return longest
    passed = 0.0
    for b in range(bins.shape[0]):
        passed += bins[b]
        if passed >= LENGTH_SHARE * total:
            extra = math.ceil(overdrill / LENGTH_STEP_M)
            return min((b + extra) * LENGTH_STEP_M, longest)
    return longest


@kernel
def _information(pending: Pending, share: Array, rows: Array, n_rows: int, silent: float) -> float:
    """Bits that void / no void tells about the scene, given the pending outcomes.

    I(y; scene | pending) = Σ_o P(o) h(P(void | o)) - Σ_s w_s h(P(void | s)), exact for a binary
    outcome. Only the scenes met differ from the rate of false voids.
    """
    false_void = 1.0 - silent
    known = binary_entropy(false_void)
    blank = known
    for r in range(n_rows):
        q = 1.0 - (1.0 - rows[r, 1]) * (1.0 - rows[r, 2]) * silent
        known += pending.weight[int(rows[r, 0])] * (binary_entropy(q) - blank)
        rows[r, 2] = q - false_void
    mean = 0.0
    for b in range(share.shape[0]):
        if share[b] <= 0.0:
            continue
        extra = 0.0
        for r in range(n_rows):
            extra += pending.branches[b, int(rows[r, 0])] * rows[r, 2]
        mean += share[b] * binary_entropy(false_void + extra / share[b])
    return max(mean - known, 0.0)


@kernel
def _clearance(
    pending: Pending, exists: Array, rows: Array, n_rows: int, false_void: float
) -> float:
    """Bits that void / no void tells about whether a target not yet met exists.

    ``exists`` (b, 2) is the weight of each outcome of the pending holes with and without such a
    target, empty where this is not asked.
    I(y; E | pending) = Σ_o [P(o) h(P(void | o)) - Σ_E P(o, E) h(P(void | o, E))]; ``rows[:, 2]``
    holds P(void | scene) beyond the false voids.
    """
    told = 0.0
    if exists.shape[0] == 0:
        return told
    for b in range(pending.branches.shape[0]):
        share_yes, share_no = exists[b, 0], exists[b, 1]
        yes, no = 0.0, 0.0
        for r in range(n_rows):
            scene = int(rows[r, 0])
            extra = pending.branches[b, scene] * rows[r, 2]
            if pending.open[scene]:
                yes += extra
            else:
                no += extra
        share = share_yes + share_no
        if share > 0.0:
            told += share * binary_entropy(false_void + (yes + no) / share)
        if share_yes > 0.0:
            told -= share_yes * binary_entropy(false_void + yes / share_yes)
        if share_no > 0.0:
            told -= share_no * binary_entropy(false_void + no / share_no)
    return max(told, 0.0)


@kernel
def _score_chunk(
    axes: Axes,
    view: View,
    pending: Pending,
    share: Array,
    exists: Array,
    collars: Array,
    rates: tuple[float, float, float],
    fixed: bool,
    out: Array,
) -> None:
    """Fill (h, 8) length, p_hit, p_gain, p_dry, bits, chord, p_sure, clear for (h, 4) collars."""
    deviation, false_void_per_m, overdrill = rates
    k = axes.scene.shape[0]
    index, found = np.empty(k, np.int32), np.empty((k, 4), np.float32)
    rows = np.empty((k, 3), np.float64)
    all_silent = pending.silent.sum()
    n_island = pending.shares.shape[0]
    gain = np.empty(n_island)
    smallest = pending.shares[0]
    for k_island in range(1, n_island):
        smallest = min(smallest, pending.shares[k_island])
    trust = n_island * smallest
    for h in range(collars.shape[0]):
        length = collars[h, 3]
        hole = (collars[h, 0], collars[h, 1], collars[h, 2], length)
        count = collect_hits(view, axes.radius, hole, deviation, index, found)
        if not fixed:
            length = _choose_length(axes, pending.weight, index, found, count, length, overdrill)
        n_rows = hits_by_scene(axes, index, found, count, length, rows)
        p_hit, p_gain, p_dry = 0.0, 0.0, 0.0
        gain[:] = 0.0
        for r in range(n_rows):
            scene = int(rows[r, 0])
            p_hit += pending.weight[scene] * rows[r, 1]
            first = pending.unfound[scene] * rows[r, 1]
            p_gain += first
            gain[pending.island[scene]] += first
            p_dry += pending.silent[scene] * rows[r, 1]
        out[h, 0], out[h, 1], out[h, 2] = length, p_hit, p_gain
        least = p_gain
        for k_island in range(n_island):
            if pending.shares[k_island] > 0.0:
                least = min(least, gain[k_island] / pending.shares[k_island])
        out[h, 6] = (1.0 - trust) * p_gain + trust * least
        out[h, 3] = p_dry / all_silent if all_silent > 0.0 else 0.0
        inside = 0.0
        for i in range(count):
            k_met = index[i]
            if axes.target[k_met] and found[i, 1] < length:
                mass = pending.weight[axes.scene[k_met]] * axes.p_detect[k_met] * found[i, 0]
                inside += mass * (min(float(found[i, 2]), length) - found[i, 1])
        out[h, 5] = inside / p_hit if p_hit > 0.0 else 0.0
        silent = math.exp(-false_void_per_m * length)
        out[h, 4] = _information(pending, share, rows, n_rows, silent)
        out[h, 7] = _clearance(pending, exists, rows, n_rows, 1.0 - silent)


def start_pending(weight: Array, islands: Sequence[int] = (), open: Array | None = None) -> Pending:
    """State before any hole is planned.

    Parameters
    ----------
    weight : (n,) numpy.ndarray
        Posterior weights of the scenes, summing to 1.
    islands : sequence of int
        Numbers of scenes of the independent populations, in the order of the scenes; by default
        they are one.
    open : (n,) numpy.ndarray of bool, optional
        Scenes that hold a target not met yet, for the objective to clear; none by default.

    Returns
    -------
    Pending

    Raises
    ------
    InputError
        If the islands do not add up to the scenes.
    """
    weight = np.ascontiguousarray(weight, np.float64)
    counts = list(islands) or [len(weight)]
    if sum(counts) != len(weight):
        problem = f"the islands hold {sum(counts)} scenes, the belief {len(weight)}"
        raise InputError(problem)
    island = np.repeat(np.arange(len(counts)), counts)
    shares = np.bincount(island, weight, minlength=len(counts))
    unmet = np.zeros(len(weight), np.bool_) if open is None else np.ascontiguousarray(open)
    return Pending(weight, weight, weight, weight[None, :].copy(), island, shares, unmet)


def with_hole(pending: Pending, p_hit: Array, p_void: Array) -> Pending:
    """Add a planned hole without a result.

    Parameters
    ----------
    pending : Pending
        State before.
    p_hit, p_void : (n,) numpy.ndarray
        P(the hole hits a target) and P(it logs a void) in each scene.

    Returns
    -------
    Pending
        Outcomes beyond ``MAX_BRANCHES`` are merged, rarest first: the later information is then
        that beyond a coarser record of the pending holes.
    """
    p_hit, p_void = np.asarray(p_hit, np.float64), np.asarray(p_void, np.float64)
    branches = np.concatenate([pending.branches * p_void, pending.branches * (1.0 - p_void)])
    if len(branches) > MAX_BRANCHES:
        order = np.argsort(-branches.sum(axis=1), kind="stable")
        kept, rest = order[: MAX_BRANCHES - 1], order[MAX_BRANCHES - 1 :]
        branches = np.concatenate([branches[kept], branches[rest].sum(axis=0, keepdims=True)])
    return Pending(
        pending.weight,
        pending.unfound * (1.0 - p_hit),
        pending.silent * (1.0 - p_void),
        np.ascontiguousarray(branches),
        pending.island,
        pending.shares,
        pending.open,
    )


def score_holes(
    axes: Axes,
    holes: Holes,
    pending: Pending,
    terms: DrillTerms,
    *,
    objective: Objective | None = None,
    fixed_length: bool = False,
    threads: int | None = None,
) -> Scores:
    """Value many holes; memory grows with the number of objects, never with holes × scenes.

    Parameters
    ----------
    axes : Axes
        Objects of all scenes, with P(logged | met) of the drill.
    holes : Holes
        ``h`` holes, of which ``length_m`` is the longest that is allowed.
    pending : Pending
        What is already planned.
    terms : DrillTerms
        Rates and costs.
    objective : Objective, optional
        Worths; by default one target found and ``information_weight`` of the terms for a bit.
    fixed_length : bool
        Take ``length_m`` as it is instead of choosing the length from the posterior depth of the
        targets along the hole.
    threads : int, optional
        Threads to use; all by default. The result does not depend on it.

    Returns
    -------
    Scores
    """
    worth = objective or Objective(find=1.0, learn=terms.information_weight)
    out = np.empty((len(holes), 8))
    share = np.ascontiguousarray(pending.branches.sum(axis=1))
    held = pending.branches @ pending.open
    exists = np.column_stack([held, share - held]) if worth.clear > 0.0 else np.empty((0, 2))
    rates = (terms.deviation_sd_per_m, terms.false_void_per_m, terms.overdrill_m)
    chunks = [
        (azimuth, inclination, which[start : start + _CHUNK])
        for azimuth, inclination, which in by_direction(holes)
        for start in range(0, len(which), _CHUNK)
    ]

    def work(chunk: tuple[float, float, Array]) -> None:
        azimuth, inclination, which = chunk
        view = view_axes(axes, azimuth, inclination)
        collars = collars_in_view(view, axes, take_holes(holes, which))
        part = np.empty((len(which), 8))
        _score_chunk(axes, view, pending, share, exists, collars, rates, fixed_length, part)
        out[which] = part

    run_chunks(work, chunks, threads)
    length, p_hit, p_gain, p_dry, bits, chord, p_sure, clear = np.ascontiguousarray(out.T)
    cost = terms.cost(length, holes.inclination_deg)
    utility = (worth.find * p_gain + worth.learn * bits + worth.clear * clear) / cost
    return Scores(length, p_hit, p_gain, p_sure, p_dry, chord, bits, clear, cost, utility)
