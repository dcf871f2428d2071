"""How well each piece of evidence fits the belief, and the rest of the evidence.

**Misfit** of a survey: for scenes of the belief and every ground model and node, the squared length
of the residuals in their predictive covariance (ground, noise and response error, trend projected
out) is χ² on as many degrees of freedom as there are data less trend. Its tail probability is
averaged with the posterior shares of scenes, models and nodes: a posterior predictive p-value
(Gelman, Meng & Stern 1996). It is conservative, since amplitudes and noise scales adapt.

**Tension** of a piece with the rest: scenes are drawn from the belief without it (weights w/L) and
from the prior. The statistic

    t = max ln L − ln mean L over the scenes without it

is large where the piece speaks for scenes that the rest does not believe in. Its p-value comes from
data of the same layout simulated for scenes of the rest, by sequential Monte Carlo: draws end once
five have reached t (Besag & Clifford 1991). A lone piece is tested against the prior.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from scipy.special import logsumexp
from scipy.stats import chi2

from subterra.evidence import AdditiveEvidence, Evidence
from subterra.evidence.protocol import responses_of
from subterra.ground import GroundModels, whitened
from subterra.inference.belief import Belief
from subterra.inference.population import score_scenes, scorer
from subterra.scene import Prior, Scenes, concatenate, sample_prior, take

__all__ = ["IN_TENSION", "MISFIT", "examined", "survey_misfit", "tension", "warnings_of"]

Array = npt.NDArray[Any]

IN_TENSION: Final = 0.02
"""A p-value of tension below this is said."""
MISFIT: Final = 0.01
"""A posterior predictive p-value below this is said."""

_SCENES: Final = 16
_REST: Final = 192
_PRIOR: Final = 128
_DRAWS: Final = 99
_REACHED: Final = 5
_MIN_EFFECTIVE: Final = 30.0


def survey_misfit(
    survey: AdditiveEvidence, scenes: Scenes, weight: Array, rng: np.random.Generator
) -> dict[str, float]:
    """Compare a survey with what the belief predicts.

    Parameters
    ----------
    survey : AdditiveEvidence
        The survey.
    scenes, weight : Scenes, (n,) numpy.ndarray
        Scenes of the belief.
    rng : numpy.random.Generator
        Chooses 16 of them.

    Returns
    -------
    dict of str to float
        ``chi2_per_datum``, 1 as expected, and ``p_misfit``.
    """
    chosen = rng.choice(len(weight), _SCENES, p=weight / weight.sum())
    response = np.asarray(survey.combine(responses_of(survey, take(scenes, chosen))), np.float64)
    square, share = _squares(survey.models, response)
    free = survey.models.free
    return {
        "chi2_per_datum": float(np.sum(share * square) / (free * len(response))),
        "p_misfit": float(np.sum(share * chi2.sf(square, free)) / len(response)),
    }


def _squares(models: GroundModels, response: Array) -> tuple[Array, Array]:
    """Squared residuals and posterior shares, (scenes, G·J) each, of responses (scenes, n)."""
    f = whitened(models, response.T)
    r = models.detrended[:, None] - f
    s, e = models.grid.nodes()
    k2 = (models.grid.response_error(response) ** 2)[:, None]
    squares, logs = [], []
    for g, basis in enumerate(models.basis):
        outside = 1.0 / (models.rest[g, 0] * s * s + e * e)
        extra = models.precision[g].astype(np.float64) - outside
        y_r, y_f = basis.astype(np.float64) @ r, basis.astype(np.float64) @ f

        def product(a: Array, b: Array, ya: Array, yb: Array) -> Array:
            whole = np.sum(a * b, axis=0)[:, None]
            return (ya * yb).T @ extra + whole * outside  # noqa: B023 - used at once

        rr = product(r, r, y_r, y_r)
        rf, ff = product(r, f, y_r, y_f), product(f, f, y_f, y_f)
        square = rr - k2 * rf**2 / (1.0 + k2 * ff)
        squares.append(square)
        logs.append(models.log_norm[g] - 0.5 * (square + np.log1p(k2 * ff)))
    both = np.concatenate(logs, axis=1)
    share = np.exp(both - logsumexp(both, axis=1, keepdims=True))
    return np.concatenate(squares, axis=1), share


def tension(
    item: Evidence,
    prior: Prior,
    scenes: Scenes,
    weight: Array,
    rng: np.random.Generator,
) -> dict[str, float]:
    """Test a piece of evidence against the belief without it.

    Parameters
    ----------
    item : Evidence
        The piece.
    prior : Prior
        Site prior: more scenes among which the largest likelihood is looked for.
    scenes : Scenes
        ``n`` scenes.
    weight : (n,) numpy.ndarray
        Their weights without the piece.
    rng : numpy.random.Generator
        Draws scenes and data.

    Returns
    -------
    dict of str to float
        ``tension``, t in nats, and ``p_tension``.
    """
    w = weight / weight.sum()
    rows = rng.choice(len(w), _REST, p=w)
    tried = concatenate([take(scenes, rows), sample_prior(prior, _PRIOR, rng)])
    total = responses_of(item, tried) if isinstance(item, AdditiveEvidence) else None
    found = _statistic(_scored(item, tried, total), np.ones(_REST, bool))
    reached = 0
    for done in range(1, _DRAWS + 1):
        truth = int(rng.choice(len(w), p=w))
        drawn = item.simulate(take(scenes, np.array([truth])), rng)
        # The truth of real data is not among the scenes either.
        reached += _statistic(_scored(drawn, tried, total), rows != truth) >= found
        if reached >= _REACHED:
            return {"tension": found, "p_tension": reached / done}
    return {"tension": found, "p_tension": (reached + 1) / (_DRAWS + 1)}


def _scored(item: Any, scenes: Scenes, total: Array | None) -> Array:
    if total is None:
        return item.log_likelihood(scenes)
    return item.score(total) + item.site_log_likelihood(scenes)


def _statistic(log: Array, kept: Array) -> float:
    """Largest log-likelihood less the log of the mean over the scenes of the rest."""
    rest, others = log[:_REST][kept], log[_REST:]
    if not len(rest):
        return 0.0
    mean = float(logsumexp(rest) - np.log(len(rest)))
    return float(max(rest.max(), others.max()) - mean)


def examined(belief: Belief, evidence: Sequence[Evidence], *, seed: int = 1) -> Belief:
    """Add to a belief how well each piece of evidence fits it and the rest.

    Parameters
    ----------
    belief : Belief
        The belief.
    evidence : sequence of Evidence
        All that it was made from.
    seed : int
        Of the scenes and data drawn.

    Returns
    -------
    Belief
        ``info.checks`` holds, by evidence, ``tension`` and ``p_tension`` where the scenes support
        leaving it out, and of surveys ``chi2_per_datum`` and ``p_misfit``.
    """
    rng = np.random.Generator(np.random.Philox(np.random.SeedSequence(seed, spawn_key=(7,))))
    with scorer(belief.prior, evidence) as engine:
        log_each = score_scenes(engine, belief.scenes)
        items = (*engine.surveys, *engine.others)
    checks: dict[str, dict[str, float]] = {}
    for i, item in enumerate(items):
        found: dict[str, float] = {}
        if isinstance(item, AdditiveEvidence):
            found |= survey_misfit(item, belief.scenes, belief.weight, rng)
        if len(items) == 1:
            drawn = sample_prior(belief.prior, 2 * _REST, rng)
            found |= tension(item, belief.prior, drawn, np.ones(len(drawn)), rng)
        else:
            rest = _without(belief.weight, log_each[:, i])
            if 1.0 / float(np.sum(rest**2)) >= _MIN_EFFECTIVE:
                found |= tension(item, belief.prior, belief.scenes, rest, rng)
        checks[item.id] = found
    return replace(belief, info=replace(belief.info, checks=checks))


def _without(weight: Array, log_likelihood: Array) -> Array:
    """Weights of the belief without a piece of evidence."""
    with np.errstate(divide="ignore"):
        logs = np.log(weight) - log_likelihood
    return np.exp(logs - logsumexp(logs))


def warnings_of(checks: Mapping[str, Mapping[str, float]]) -> tuple[str, ...]:
    """Say what does not fit, one phrase each."""
    out: list[str] = []
    for name, found in checks.items():
        if found.get("p_tension", 1.0) < IN_TENSION:
            out.append(
                f"{name} contradicts the rest of what is believed "
                f"(tension {found['tension']:.1f} nats, p = {found['p_tension']:.2f})"
            )
        if found.get("p_misfit", 1.0) < MISFIT:
            out.append(
                f"{name} fits worse than its models allow (χ² of {found['chi2_per_datum']:.1f} per "
                "datum)"
            )
    return tuple(out)
