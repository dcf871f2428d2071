"""A belief in the numbers of ``infer --json``: only what the scenes support is a number."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

import numpy.typing as npt

from subterra.inference.belief import Belief, p_any
from subterra.inference.diagnostics import Agreement, agreement
from subterra.inference.objects import TargetObject, target_clusters
from subterra.inference.predictive import warnings_of
from subterra.scene import FAMILIES, prior_any, target_mask

__all__ = ["Convergence", "convergence", "summarise", "supported"]

Array = npt.NDArray[Any]

MAX_SPREAD: Final = 0.15
"""Largest difference in P(any target) between the two independent halves of a run."""
MAX_EVIDENCE_SPREAD: Final = 3.0
"""Largest difference of their log evidence, nats."""
MAX_R_HAT: Final[Mapping[str, float]] = MappingProxyType(
    {"p_any": 1.05, "poc": 1.1, "depth": 1.1, "radius": 1.1, "offset": 1.1}
)
"""Largest potential scale reduction between them."""
MIN_ESS: Final = 200.0
"""Fewest effective scenes, or a quarter of all where that is less."""
MIN_ACCEPTANCE: Final = 0.02
"""Smallest accepted share of the steps."""
_UNCALIBRATED: Final = (0.01, 0.99)
_WHAT: Final = {
    "p_any": "P(any target)",
    "poc": "the map",
    "depth": "the depth of the main object",
    "radius": "the radius of the main object",
    "offset": "the place of the main object",
}


@dataclass(frozen=True)
class Convergence:
    """Whether the run may be believed, and if not, why.

    Parameters
    ----------
    converged : bool
        All thresholds met.
    reasons : tuple of str
        One phrase for each threshold missed.
    agreement : Agreement
        Numbers behind it.
    """

    converged: bool
    reasons: tuple[str, ...]
    agreement: Agreement


def convergence(belief: Belief, objects: Sequence[TargetObject] = ()) -> Convergence:
    """Judge a run by the agreement of its independent halves, its effective size and its moves.

    Parameters
    ----------
    belief : Belief
        The belief.
    objects : sequence of TargetObject
        Its clusters; without them the main object is not compared.
    """
    info = belief.info
    found = agreement(belief, objects)
    reasons: list[str] = []
    spread = abs(found.p_any[0] - found.p_any[1])
    if spread > MAX_SPREAD:
        reasons.append(f"independent runs differ by {spread:.2f} in P(any target)")
    evidence = abs(found.log_evidence_halves[0] - found.log_evidence_halves[1])
    if evidence > MAX_EVIDENCE_SPREAD:
        reasons.append(f"independent runs differ by {evidence:.1f} nats in evidence")
    reasons += [
        f"R̂ of {_WHAT[name]} is {value:.2f}"
        for name, value in found.r_hat.items()
        if not value <= MAX_R_HAT[name] and not (name == "p_any" and spread > MAX_SPREAD)
    ]
    if info.ess < min(MIN_ESS, 0.25 * info.n_scenes):
        reasons.append(f"only {info.ess:.0f} effective scenes")
    if info.acceptance.get("step", 1.0) < MIN_ACCEPTANCE:
        reasons.append(f"only {info.acceptance['step']:.1%} of the steps were accepted")
    return Convergence(not reasons, tuple(reasons), found)


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


def _log10_bayes_factor(belief: Belief, n: int, calibrated: bool) -> float | None:
    """Posterior over prior odds of any target, or None where the odds are only bounded."""
    p = p_any(belief)
    if supported(p, n, calibrated) != p:
        return None
    prior = prior_any(belief.prior)
    return math.log10(p / (1.0 - p)) - math.log10(prior / (1.0 - prior))


def _p_by_family(belief: Belief, n: int, calibrated: bool) -> dict[str, float]:
    """P(at least one object of each family), targets and others."""
    family = belief.scenes.objects.family
    out: dict[str, float] = {}
    for code, name in enumerate(FAMILIES):
        if code > 0 and name in belief.prior.families:
            present = (family == code).any(axis=1)
            p = float(belief.weight[present].sum())
            expected = target_mask(belief.prior)[code] or belief.prior.families[name].expected > 0
            if expected:
                out[name] = supported(p, n, calibrated)
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


def summarise(
    belief: Belief,
    *,
    calibrated: bool = False,
    stale: bool = False,
    calibration: str | None = None,
    support: int | None = None,
) -> dict[str, Any]:
    """Put a belief into the document of ``infer --json``.

    Parameters
    ----------
    belief : Belief
        The belief.
    calibrated : bool
        Whether the site's calibration supports probabilities beyond 0.01–0.99.
    stale : bool
        Whether evidence has changed since.
    calibration : str, optional
        What is known of the site's calibration, in words.
    support : int, optional
        What the calibration supports: nothing beyond 1/(support + 1). The number of scenes by
        default.

    Returns
    -------
    dict
        ``p_any`` and the like are held at the bound they are known to pass; ``null`` stands for
        numbers that cannot be supported at all. ``p_any_range`` is ``null`` once the run has
        converged; before, it holds the answers of its two independent halves.
    """
    info = belief.info
    objects = target_clusters(belief)
    state = convergence(belief, objects)
    found = state.agreement
    n = info.n_scenes if support is None else min(support, info.n_scenes)
    p = supported(p_any(belief), n, calibrated)
    factor = _log10_bayes_factor(belief, n, calibrated)
    words = "calibrated" if calibrated else "not yet calibrated"
    return {
        "p_any": p,
        "p_none": 1.0 - p,
        "p_any_range": None
        if state.converged
        else [supported(v, n, calibrated) for v in sorted(found.p_any)],
        "p_by_family": _p_by_family(belief, n, calibrated),
        "log10_bayes_factor": factor,
        "log10_bayes_factor_sd": None
        if factor is None
        else _number(found.log_bayes_factor_sd / math.log(10.0)),
        "ess": round(info.ess, 1),
        "converged": state.converged,
        "not_converged_because": list(state.reasons),
        "seed_spread": _number(abs(found.p_any[0] - found.p_any[1])),
        "r_hat": {name: _number(value) for name, value in found.r_hat.items()},
        "log_evidence_mean": _number(found.log_evidence),
        "log_evidence_sd": _number(found.log_evidence_sd),
        "checks": {
            name: {k: _number(v) for k, v in values.items()} for name, values in info.checks.items()
        },
        "in_tension": list(warnings_of(info.checks)),
        "scenes": info.n_scenes,
        "runs": info.recipe.get("runs", 1),
        "seconds": round(info.seconds, 2),
        "stale": stale,
        "calibration": words if calibration is None else calibration,
        "objects": [_object(o, n, calibrated) for o in objects],
        "p_any_islands": list(info.p_any_islands),
        "log_evidence": list(info.log_evidence),
        "temperatures": list(info.temperatures),
        "acceptance": dict(info.acceptance),
        "judged": dict(info.judged_words),
        "seed": info.seed,
        "version": info.version,
        "code": info.code,
    }


def _number(value: float) -> float | None:
    return round(value, 4) if math.isfinite(value) else None
