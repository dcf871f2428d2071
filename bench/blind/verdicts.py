"""One row of scores per site and method."""

from __future__ import annotations

import json
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from answers import Settings, answer
from designs_of_holes import best_pattern, random_orders
from numpy.typing import NDArray
from scores import depth_error, gospa, plan_distance
from truth import CAMPAIGN_P, CAP, NULL_CAP, Truth
from tune import PEERS, Tuned, first_hit

Float = NDArray[np.float64]

AXIS_CUT_M = 15.0
OBJECT_P = 0.5
"""An object that is likelier than not is an axis that the method reports."""
SOON = 5
METHODS = ("subterra", *PEERS, "grid", "random")


@dataclass(frozen=True)
class Verdict:
    """What a method's answer was worth on one site; NaN where a score does not apply.

    Attributes
    ----------
    p, score : float
        Probability of a target, and what sites are ranked by.
    axis_m, depth_m : float
        Plan distance of the best axis, at most 15 m; its absolute error in depth.
    gospa_m : float
    holes : float
        To the first hit, at most 40.
    soon : float
        P(hit by hole 5).
    false_holes : float
        On a site without a target.
    cpu_seconds, seconds, peak_mib : float
        To the first answer, one thread.
    first : tuple of (x, y)
        First holes, for the picture.
    axes : tuple of ndarray
        Axes reported, for the picture.
    """

    p: float
    score: float
    axis_m: float
    depth_m: float
    gospa_m: float
    holes: float
    soon: float
    false_holes: float
    cpu_seconds: float
    seconds: float
    peak_mib: float
    first: tuple[tuple[float, float], ...] = ()
    axes: tuple[Float, ...] = ()


def read_lines(path: Path) -> list[dict[str, Any]]:
    """Lines of a JSON-lines file, none where there is no file."""
    return [json.loads(v) for v in path.read_text().splitlines()] if path.exists() else []


def sampled(axis: Any) -> Float:
    """Points half a metre apart along a polyline."""
    p = np.asarray(axis, float)
    parts = [p[:1]]
    for a, b in pairwise(p):
        n = max(1, int(np.ceil(np.linalg.norm(b - a) / 0.5)))
        parts.append(a + (np.arange(1, n + 1) / n)[:, None] * (b - a))
    return np.concatenate(parts)


def _places(truth: Truth, best: Float | None, said: list[Float]) -> tuple[float, float, float]:
    there = [] if truth.axis is None else [truth.axis]
    cost = gospa(said[:3], there)
    if truth.axis is None:
        return float("nan"), float("nan"), cost
    if best is None:
        return AXIS_CUT_M, float("nan"), cost
    off = min(plan_distance(best, truth.axis), AXIS_CUT_M)
    return off, abs(depth_error(best, truth.axis)), cost


def of_subterra(row: dict[str, Any], truth: Truth) -> Verdict:
    """Verdict of a line of ``ours.py``."""
    objects = sorted(row["objects"], key=lambda o: -o["p"])
    best = sampled(objects[0]["axis"]) if objects else None
    said = [sampled(o["axis"]) for o in objects if o["p"] >= OBJECT_P]
    axis, depth, cost = _places(truth, best, said)
    first = len(row["holes"]) if row["hit"] else CAP + 1
    void = truth.void
    return Verdict(
        row["p"],
        row["p_raw"],
        axis,
        depth,
        cost,
        float(min(first, CAP)) if void else float("nan"),
        float(first <= SOON) if void else float("nan"),
        float("nan") if void else float(len(row["holes"])),
        row["cpu_seconds"],
        row["seconds"],
        row["peak_mib"],
        tuple((x, y) for x, y, _ in row["holes"][:SOON]),
        tuple(said),
    )


def of_peer(
    peer: str, tuned: Tuned, truth: Truth, store: Path, cost: dict[tuple[str, str], dict]
) -> Verdict:
    """Verdict of a peer's maps with its tuned settings."""
    a = answer(store, truth.name, peer, tuned.settings)
    p = float(tuned.curve(np.array([a.score]))[0])
    said = [a.axis] if p >= OBJECT_P else []
    axis, depth, miss = _places(truth, a.axis, said)
    runs = [cost[truth.name, peer]]
    if _uses_lines(tuned.settings) and (truth.name, f"ert-{peer}") in cost:
        runs.append(cost[truth.name, f"ert-{peer}"])
    first = first_hit(truth, a.holes) if truth.void else CAP + 1
    return Verdict(
        p,
        a.score,
        axis,
        depth,
        miss,
        float(min(first, CAP)) if truth.void else float("nan"),
        float(first <= SOON) if truth.void else float("nan"),
        float("nan") if truth.void else float(NULL_CAP * (p >= CAMPAIGN_P)),
        sum(r["cpu_seconds"] for r in runs),
        sum(r["seconds"] for r in runs),
        max(r["peak_mib"] for r in runs),
        tuple((float(x), float(y)) for x, y in a.holes[:SOON]),
        tuple(said),
    )


def _uses_lines(settings: Settings) -> bool:
    return settings.weight > 0.0


def of_pattern(truth: Truth) -> Verdict:
    """Verdict of the best fixed pattern: it has no opinion on whether there is a target."""
    return _blind(truth, np.array([best_pattern()[1]]))


def of_chance(truth: Truth) -> Verdict:
    """Verdict of holes drilled anywhere, the mean of 200 campaigns."""
    return _blind(truth, random_orders(int(truth.name[1:])))


def _blind(truth: Truth, orders: Float) -> Verdict:
    nan = float("nan")
    first = np.array([first_hit(truth, o) if truth.void else CAP + 1 for o in orders])
    return Verdict(
        0.5,
        0.5,
        nan,
        nan,
        gospa([], [] if truth.axis is None else [truth.axis]),
        float(np.minimum(first, CAP).mean()) if truth.void else nan,
        float((first <= SOON).mean()) if truth.void else nan,
        nan if truth.void else float(NULL_CAP),
        0.0,
        0.0,
        0.0,
        tuple((float(x), float(y)) for x, y in orders[0][:SOON]),
    )
