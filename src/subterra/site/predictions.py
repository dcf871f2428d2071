"""Frozen predictions against what was drilled: scores of one site and of a whole workspace.

A plan is hashed into the journal before drilling with the chance of a hit that it gives each hole;
the log of a hole is the outcome. The chance of a hole that was not planned is the one that the
belief gave it just before its log was read.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from subterra.errors import SubterraError
from subterra.site.config import CONFIG_NAME
from subterra.site.folder import Site
from subterra.site.journal import JOURNAL_NAME, Entry

__all__ = [
    "Prediction",
    "Scorecard",
    "Workspace",
    "score_predictions",
    "scorecard_words",
    "site_predictions",
    "workspace_predictions",
]

Array = npt.NDArray[Any]

_BINS: Final = (0.0, 0.1, 0.3, 0.5, 0.7, 0.9, 1.0)
_INTERVAL: Final = 0.95


@dataclass(frozen=True)
class Prediction:
    """One hole whose chance was stated before its outcome was known.

    Parameters
    ----------
    site, hole : str
        Where.
    p : float
        Stated P(hit).
    hit : bool
        Whether a void was logged.
    planned : bool
        Whether the chance was frozen in a plan; otherwise the belief gave it at the log.
    """

    site: str
    hole: str
    p: float
    hit: bool
    planned: bool


@dataclass(frozen=True)
class Scorecard:
    """How well stated chances have held.

    Parameters
    ----------
    n, hits : int
        Holes, and those that hit.
    promised : float
        Sum of the stated chances.
    interval : (int, int)
        Hits that the stated chances allow with 95 %, by the Poisson-binomial distribution.
    brier : float
        Mean of (p − outcome)².
    brier_expected : float
        What it would be on average if every chance were right: mean of p (1 − p).
    log_score : float
        Mean of −ln P(outcome), nats.
    log_score_expected : float
        What it would be on average if every chance were right.
    reliability : tuple of (low, high, n, mean p, hit rate)
        By class of the stated chance; classes without a hole are left out.
    """

    n: int
    hits: int
    promised: float
    interval: tuple[int, int]
    brier: float
    brier_expected: float
    log_score: float
    log_score_expected: float
    reliability: tuple[tuple[float, float, int, float, float], ...]


@dataclass(frozen=True)
class Workspace:
    """Predictions of all sites beside one another, and folders that could not be read."""

    predictions: tuple[Prediction, ...]
    sites: tuple[str, ...]
    left_out: tuple[str, ...]


def _predictions(name: str, entries: Sequence[Entry]) -> list[Prediction]:
    retracted = {i for entry in entries for i in entry.payload.get("retracted", ())}
    out: list[Prediction] = []
    for entry in entries:
        if entry.verb != "log":
            continue
        made = entry.payload
        if any(item["id"] in retracted for item in made.get("items", ())):
            continue
        planned = made["p_hit_planned"] is not None
        p = made["p_hit_planned"] if planned else made["p_hit"]
        if p is not None:
            out.append(Prediction(name, made["hole"], float(p), made["outcome"] == "hit", planned))
    return out


def site_predictions(site: Site) -> tuple[Prediction, ...]:
    """Holes of a site with a stated chance and a log in force, in the order of their logs."""
    return tuple(_predictions(site.name, site.entries))


def workspace_predictions(site: Site) -> Workspace:
    """Gather the predictions of all sites in the folder that holds a site.

    A neighbour that cannot be read is named in ``left_out`` and does not stop the others.
    """
    found: list[Prediction] = []
    names: list[str] = []
    left_out: list[str] = []
    for folder in sorted(site.path.resolve().parent.iterdir()):
        if not all((folder / name).is_file() for name in (CONFIG_NAME, JOURNAL_NAME)):
            continue
        try:
            neighbour = Site.open(folder)
        except SubterraError as error:
            left_out.append(f"{folder.name}: {error}")
            continue
        names.append(folder.name)
        found += _predictions(folder.name, neighbour.entries)
    return Workspace(tuple(found), tuple(names), tuple(left_out))


def score_predictions(predictions: Sequence[Prediction]) -> Scorecard | None:
    """Score stated chances; None without any.

    Parameters
    ----------
    predictions : sequence of Prediction
        Holes; their outcomes are taken as independent given their chances.

    Returns
    -------
    Scorecard or None
    """
    if not predictions:
        return None
    p = np.array([v.p for v in predictions])
    hit = np.array([v.hit for v in predictions])
    # Stated chances are held within 0.01–0.99; one from elsewhere may be 0 or 1.
    safe = np.clip(p, 1e-6, 1.0 - 1e-6)
    log_score = -np.where(hit, np.log(safe), np.log1p(-safe))
    entropy = -(safe * np.log(safe) + (1.0 - safe) * np.log1p(-safe))
    rows: list[tuple[float, float, int, float, float]] = []
    for low, high in itertools.pairwise(_BINS):
        inside = (p >= low) & ((p < high) | (high == 1.0))
        if inside.any():
            rows.append(
                (low, high, int(inside.sum()), float(p[inside].mean()), float(hit[inside].mean()))
            )
    return Scorecard(
        len(p),
        int(hit.sum()),
        float(p.sum()),
        _hit_interval(p),
        float(np.mean((p - hit) ** 2)),
        float(np.mean(p * (1.0 - p))),
        float(log_score.mean()),
        float(entropy.mean()),
        tuple(rows),
    )


def _hit_interval(p: Array) -> tuple[int, int]:
    """Central interval of the number of hits, exact by convolution."""
    mass = np.ones(1)
    for chance in p:
        mass = np.convolve(mass, [1.0 - chance, chance])
    cumulative = np.cumsum(mass)
    tail = 0.5 * (1.0 - _INTERVAL)
    low = int(np.searchsorted(cumulative, tail, side="right"))
    high = int(np.searchsorted(cumulative, 1.0 - tail - 1e-12))
    return low, min(high, len(p))


def scorecard_words(card: Scorecard) -> str:
    """Say in one sentence how stated chances have held."""
    low, high = card.interval
    inside = "as they allow" if low <= card.hits <= high else "outside of what they allow"
    return (
        f"{card.n} {'hole' if card.n == 1 else 'holes'} with a stated chance: {card.hits} hit, "
        f"{card.promised:.1f} promised "
        f"({low} to {high} with 95 %: {inside}); Brier score {card.brier:.3f} "
        f"({card.brier_expected:.3f} if every chance were right), log score "
        f"{card.log_score:.3f} ({card.log_score_expected:.3f})"
    )
