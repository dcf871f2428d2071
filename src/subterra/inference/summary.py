"""A belief in the numbers of ``infer --json``: only what the scenes support is a number."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from subterra.inference.belief import Belief, p_any
from subterra.inference.objects import TargetObject, target_clusters
from subterra.scene import FAMILIES, prior_any, target_mask

__all__ = ["Convergence", "convergence", "summarise", "supported"]

Array = npt.NDArray[Any]

_MAX_SPREAD: Final = 0.15
_MAX_EVIDENCE_SPREAD: Final = 3.0
_MIN_ESS: Final = 200.0
_MIN_ACCEPTANCE: Final = 0.02
_UNCALIBRATED: Final = (0.01, 0.99)


@dataclass(frozen=True)
class Convergence:
    """Whether the run may be believed, and if not, why.

    Parameters
    ----------
    converged : bool
        All thresholds met.
    reasons : tuple of str
        One sentence for each threshold missed.
    """

    converged: bool
    reasons: tuple[str, ...]


def convergence(belief: Belief) -> Convergence:
    """Judge a run by the agreement of its islands, its effective size and its moves."""
    info = belief.info
    reasons: list[str] = []
    spread = max(info.p_any_islands) - min(info.p_any_islands)
    if spread > _MAX_SPREAD:
        reasons.append(f"independent runs differ by {spread:.2f} in P(any target)")
    evidence = max(info.log_evidence) - min(info.log_evidence)
    if evidence > _MAX_EVIDENCE_SPREAD:
        reasons.append(f"independent runs differ by {evidence:.1f} nats in evidence")
    if info.ess < min(_MIN_ESS, 0.25 * info.n_scenes):
        reasons.append(f"only {info.ess:.0f} effective scenes")
    if info.acceptance.get("step", 1.0) < _MIN_ACCEPTANCE:
        reasons.append(f"only {info.acceptance['step']:.1%} of the steps were accepted")
    return Convergence(not reasons, tuple(reasons))


def supported(p: float, n_scenes: int, calibrated: bool) -> float:
    """Hold a probability at the bound beyond which it cannot be supported.

    Parameters
    ----------
    p : float
        Probability as the scenes have it.
    n_scenes : int
        Scenes behind it; nothing beyond ``1/(n + 1)`` is supported.
    calibrated : bool
        Without calibration nothing beyond 0.01–0.99 is.

    Returns
    -------
    float
    """
    low = 1.0 / (n_scenes + 1.0)
    if not calibrated:
        low = max(low, _UNCALIBRATED[0])
    return min(max(p, low), 1.0 - low)


def _log10_bayes_factor(belief: Belief, calibrated: bool) -> float | None:
    """Posterior over prior odds of any target, or None where the odds are only bounded."""
    p = p_any(belief)
    if supported(p, belief.info.n_scenes, calibrated) != p:
        return None
    prior = prior_any(belief.prior)
    return math.log10(p / (1.0 - p)) - math.log10(prior / (1.0 - prior))


def _p_by_family(belief: Belief, calibrated: bool) -> dict[str, float]:
    """P(at least one object of each family), targets and others."""
    family = belief.scenes.objects.family
    out: dict[str, float] = {}
    for code, name in enumerate(FAMILIES):
        if code > 0 and name in belief.prior.families:
            present = (family == code).any(axis=1)
            p = float(belief.weight[present].sum())
            expected = target_mask(belief.prior)[code] or belief.prior.families[name].expected > 0
            if expected:
                out[name] = supported(p, belief.info.n_scenes, calibrated)
    return out


def _object(item: TargetObject, n_scenes: int, calibrated: bool) -> dict[str, Any]:
    return {
        "p": supported(item.p, n_scenes, calibrated),
        "family": dict(item.family),
        "fill": dict(item.fill),
        "axis": [[round(float(v), 2) for v in point] for point in item.axis],
        "axis_sd_m": round(float(item.axis_sd_m), 3),
        "radius_m": round(float(item.radius_m), 3),
        "radius_sd_m": round(float(item.radius_sd_m), 3),
    }


def summarise(belief: Belief, *, calibrated: bool = False, stale: bool = False) -> dict[str, Any]:
    """Put a belief into the document of ``infer --json``.

    Parameters
    ----------
    belief : Belief
        The belief.
    calibrated : bool
        Whether the site's calibration supports probabilities beyond 0.01–0.99.
    stale : bool
        Whether evidence has changed since.

    Returns
    -------
    dict
        ``p_any`` and the like are held at the bound they are known to pass; ``null`` stands for
        numbers that cannot be supported at all.
    """
    info = belief.info
    state = convergence(belief)
    p = supported(p_any(belief), info.n_scenes, calibrated)
    return {
        "p_any": p,
        "p_none": 1.0 - p,
        "p_by_family": _p_by_family(belief, calibrated),
        "log10_bayes_factor": _log10_bayes_factor(belief, calibrated),
        "ess": round(info.ess, 1),
        "converged": state.converged,
        "not_converged_because": list(state.reasons),
        "seed_spread": float(np.ptp(info.p_any_islands)),
        "scenes": info.n_scenes,
        "seconds": round(info.seconds, 2),
        "stale": stale,
        "calibration": "calibrated" if calibrated else "not yet calibrated",
        "objects": [_object(o, info.n_scenes, calibrated) for o in target_clusters(belief)],
        "p_any_islands": list(info.p_any_islands),
        "log_evidence": list(info.log_evidence),
        "temperatures": list(info.temperatures),
        "acceptance": dict(info.acceptance),
        "judged": dict(info.judged_words),
        "seed": info.seed,
        "version": info.version,
    }
