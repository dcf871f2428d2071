"""Second thoughts about the best few holes: other priors, and the hole that would come next.

The outcomes of some dozens of holes in every scene fit into memory, so that questions that cannot
be asked of all candidates can be asked of these.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from subterra.inference.belief import Belief
from subterra.scene import object_counts, target_mask
from subterra.search.hit import HoleHits
from subterra.search.objective import Objective

__all__ = ["Regrets", "alternative_weights", "regrets", "two_step_values"]

Array = npt.NDArray[Any]

TILT: Final = 4.0
"""An alternative prior finds some scenes up to this many times likelier than others."""


@dataclass(frozen=True, eq=False)
class Regrets:
    """How much worse each hole is than the best one under each prior.

    Parameters
    ----------
    names : tuple of str
        Priors; the first is the belief's own.
    share : (a, h) numpy.ndarray
        1 − utility / best utility under the prior.
    """

    names: tuple[str, ...]
    share: Array

    @property
    def largest(self) -> Array:
        """Largest regret of each hole, (h,)."""
        return self.share.max(axis=0)

    def worst_prior(self, hole: int) -> str:
        """Prior under which a hole is worst."""
        return self.names[int(np.argmax(self.share[:, hole]))]


def alternative_weights(belief: Belief) -> dict[str, Array]:
    """Posterior weights under other priors, by re-weighting the scenes.

    Parameters
    ----------
    belief : Belief
        Weighted scenes.

    Returns
    -------
    dict of str to (n,) numpy.ndarray
        Weights that sum to 1: as believed; targets four times less likely; and from the least to
        the most a factor rising geometrically to four, by rank, for deeper, shallower, wider and
        narrower targets; and natural or other voids four times likelier.
    """
    objects, prior = belief.scenes.objects, belief.prior
    is_target = target_mask(prior)[objects.family] & (objects.family > 0)
    n_target, n_other = object_counts(objects.family, prior)
    count = np.maximum(is_target.sum(axis=1), 1)
    ground = prior.surface.at(objects.x.mean(axis=2), objects.y.mean(axis=2))
    depth = np.sum((ground - objects.z.mean(axis=2)) * is_target, axis=1) / count
    radius = np.sum(objects.radius * is_target, axis=1) / count

    def tilted(values: Array, sign: float) -> Array:
        factor = np.ones(len(values))
        some = np.flatnonzero(n_target > 0)
        rank = np.argsort(np.argsort(sign * values[some], kind="stable"), kind="stable")
        raw = TILT ** (rank / max(len(some) - 1, 1))
        # The chance of any target stays what it is.
        mean = np.average(raw, weights=np.maximum(belief.weight[some], 1e-300)) if len(some) else 1
        factor[some] = raw / mean
        return factor

    factors = {
        "as believed": np.ones(len(belief.weight)),
        "targets less likely": np.where(n_target > 0, 1.0 / TILT, 1.0),
        "targets deeper": tilted(depth, 1.0),
        "targets shallower": tilted(depth, -1.0),
        "targets wider": tilted(radius, 1.0),
        "targets narrower": tilted(radius, -1.0),
        "other voids likelier": np.where(n_other > 0, TILT, 1.0),
    }
    weights = {name: belief.weight * factor for name, factor in factors.items()}
    return {name: w / w.sum() for name, w in weights.items()}


def _entropy(p: Array) -> Array:
    with np.errstate(divide="ignore", invalid="ignore"):
        h = -(p * np.log2(p) + (1.0 - p) * np.log2(1.0 - p))
    return np.where((p > 0.0) & (p < 1.0), h, 0.0)


def regrets(
    weights: dict[str, Array], unfound: Array, hits: HoleHits, cost: Array, objective: Objective
) -> Regrets:
    """Compare holes under several priors.

    Parameters
    ----------
    weights : dict of str to (n,) numpy.ndarray
        Scenes' weights by prior.
    unfound : (n,) numpy.ndarray
        P(no pending hole hits a target) in each scene.
    hits : HoleHits
        Outcomes of ``h`` holes.
    cost : (h,) numpy.ndarray
        Their costs.
    objective : Objective
        Worths of a find and of a bit; information is that before the pending holes.

    Returns
    -------
    Regrets
    """
    void = hits.p_void.astype(np.float64)
    noise = _entropy(void) if objective.learn > 0.0 else np.zeros_like(void)
    rows: list[Array] = []
    for w in weights.values():
        value = objective.find * (hits.p_hit @ (w * unfound))
        if objective.learn > 0.0:
            value = value + objective.learn * (_entropy(void @ w) - noise @ w)
        utility = value / cost
        best = float(utility.max())
        rows.append(1.0 - utility / best if best > 0.0 else np.zeros(len(cost)))
    return Regrets(tuple(weights), np.array(rows))


def two_step_values(weight: Array, unfound: Array, hits: HoleHits, cost: Array) -> Array:
    """Targets found per cost by each hole and the best one after it, whatever its outcome.

    Parameters
    ----------
    weight, unfound : (n,) numpy.ndarray
        Weights, and P(no pending hole hits a target) in each scene.
    hits : HoleHits
        Outcomes of ``h`` holes: the first is one of them, and so is the second.
    cost : (h,) numpy.ndarray
        Their costs.

    Returns
    -------
    (h,) numpy.ndarray
        [P(first finds) + Σ_o P(o, a later find)] / [its cost + Σ_o P(o) cost of the second], the
        second being the best per cost given the outcome o of the first, void or none.
    """
    p_hit, p_void = (v.astype(np.float64) for v in (hits.p_hit, hits.p_void))
    out = np.empty(len(cost))
    for k in range(len(cost)):
        found, spent = float(p_hit[k] @ (weight * unfound)), float(cost[k])
        # Of a void the part that is the target is found; what is left is the other targets.
        after_void = np.maximum(p_void[k] - p_hit[k], 0.0)
        for outcome, left in ((p_void[k], after_void), (1.0 - p_void[k], 1.0 - p_void[k])):
            chance = float(weight @ outcome)
            gains = p_hit @ (weight * unfound * left)
            gains[k] = 0.0
            best = int(np.argmax(gains / cost))
            found += float(gains[best])
            spent += chance * float(cost[best])
        out[k] = found / spent
    return out
