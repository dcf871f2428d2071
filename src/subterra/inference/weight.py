"""Weight of evidence: what each piece says for or against any target, in decibans."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["effective_share", "explained_decibans", "ledger_weights", "log_total", "normalised"]

Array = npt.NDArray[Any]

_MIN_EFFECTIVE = 30.0


def log_total(log_weight: Array) -> float:
    """Log of the sum of weights given by their logs, (n,)."""
    top = float(np.max(log_weight))
    if not np.isfinite(top):
        return top
    return top + float(np.log(np.sum(np.exp(log_weight - top))))


def normalised(log_weight: Array) -> Array:
    """Weights (n,) that sum to 1 from their logs."""
    return np.exp(log_weight - log_total(log_weight))


def effective_share(log_weight: Array) -> float:
    """Effective share (Σw)²/(n Σw²) of weighted scenes, from 1/n to 1."""
    ratio = 2.0 * log_total(log_weight) - log_total(2.0 * log_weight)
    return float(np.exp(ratio)) / len(log_weight)


def explained_decibans(
    names: Sequence[str], gain: Array, weight: Array, has_target: Array
) -> dict[str, float]:
    """Posterior mean of 10 log10 [L_i(scene)/L_i(scene without targets)] over scenes with targets.

    Parameters
    ----------
    names : sequence of str
        Ids, k.
    gain : (n, k) numpy.ndarray
        Difference of log-likelihoods by piece of evidence.
    weight : (n,) numpy.ndarray
        Posterior weights.
    has_target : (n,) numpy.ndarray of bool
        Scenes with a target.

    Returns
    -------
    dict of str to float
        Decibans; NaN if no scene has a target.
    """
    w = np.where(has_target, weight, 0.0)
    total = float(w.sum())
    if total <= 0.0:
        return dict.fromkeys(names, float("nan"))
    mean = 10.0 / np.log(10.0) * (w @ gain) / total
    return {name: float(v) for name, v in zip(names, mean, strict=True)}


def ledger_weights(
    names: Sequence[str], log_each: Array, weight: Array, has_target: Array
) -> dict[str, float]:
    """Weight of each piece of evidence for "any target" given all the others.

    The belief without piece i has weights ∝ w/L_i; the weight of i is the change of the log odds,

        10 log10 [odds(all) / odds(all but i)].

    Parameters
    ----------
    names : sequence of str
        Ids, k.
    log_each : (n, k) numpy.ndarray
        Log-likelihood by piece.
    weight : (n,) numpy.ndarray
        Posterior weights.
    has_target : (n,) numpy.ndarray of bool
        Scenes with a target.

    Returns
    -------
    dict of str to float
        Decibans; NaN where fewer than 30 effective scenes of either sort support leaving it out.
    """

    def log_odds(w: Array) -> float:
        parts = []
        for mask in (has_target, ~has_target):
            some = w[mask]
            total = some.sum()
            if total <= 0.0 or total**2 / np.sum(some**2) < _MIN_EFFECTIVE:
                return float("nan")
            parts.append(np.log(total))
        return float(parts[0] - parts[1])

    everything = log_odds(weight)
    out = {}
    for i, name in enumerate(names):
        with np.errstate(divide="ignore"):
            logs = np.where(weight > 0.0, np.log(weight), -np.inf) - log_each[:, i]
        left_out = np.exp(logs - logs.max())
        out[name] = 10.0 / np.log(10.0) * (everything - log_odds(left_out))
    return out
