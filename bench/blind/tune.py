"""Tuning of the peers on ten other sites: settings, and the curve from alarm to probability."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
from answers import Answer, Settings, answer
from scores import Logistic, fit_logistic, roc_area
from truth import CAP, Truth

PEERS = ("residual", "smooth", "compact", "ucb")


@dataclass(frozen=True)
class Tuned:
    """A peer ready for the blind sites.

    Attributes
    ----------
    settings : Settings
    curve : Logistic
        From its alarm to P(target), fitted on the tuning sites with a weak prior on the slope.
    holes, area : float
        Mean holes to the first hit and ROC area on the tuning sites.
    tried : int
        Settings that were compared.
    """

    settings: Settings
    curve: Logistic
    holes: float
    area: float
    tried: int

    def about(self) -> dict[str, Any]:
        """Numbers for the record."""
        return {
            "settings": asdict(self.settings),
            "alarm at P = 1/2": round(
                self.curve.centre - self.curve.intercept / self.curve.slope * self.curve.scale, 3
            ),
            "holes on tuning sites": round(self.holes, 2),
            "ROC area on tuning sites": round(self.area, 3),
            "settings tried": self.tried,
        }


def write_tuned(path: Path, tuned: dict[str, Tuned]) -> None:
    """Keep what was tuned: the short form takes it from there."""
    content = {peer: asdict(t) for peer, t in tuned.items()}
    path.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")


def read_tuned(path: Path) -> dict[str, Tuned]:
    """Read what `write_tuned` wrote."""
    content = json.loads(path.read_text(encoding="utf-8"))
    return {
        peer: Tuned(Settings(**t.pop("settings")), Logistic(**t.pop("curve")), **t)
        for peer, t in content.items()
    }


def choices(peer: str) -> list[Settings]:
    """All settings of a peer that are compared."""
    alarms, apart = ("peak", "line"), (2.0, 4.0, 6.0)
    if peer == "ucb":
        return [Settings("map", alarm=a, kappa=k) for k in (0.0, 1.0, 2.0) for a in alarms]
    if peer == "residual":
        return [Settings(v, d, a) for v, d, a in product(("order1", "order2"), apart, alarms)]
    mixes = [(0.0, "resistive"), *product((0.5, 1.0, 2.0), ("resistive", "either"))]
    return [
        Settings(v, d, a, w, s) for v, d, a, (w, s) in product(("max", "sum"), apart, alarms, mixes)
    ]


def first_hit(truth: Truth, holes: Any) -> int:
    """Number of the first hole that meets the target; one more than the cap if none does."""
    for k, (x, y) in enumerate(holes):
        if truth.drill(float(x), float(y)) is not None:
            return k + 1
    return CAP + 1


def tune(store: Path, peer: str, truths: list[Truth]) -> Tuned:
    """Choose by holes to the first hit and ROC area together, each worth what its range is.

    The figure is mean holes (at most 40) over 40, less the ROC area.
    """
    there = np.array([t.void for t in truths], float)
    best: tuple[float, Settings, float, float, Any] | None = None
    for settings in choices(peer):
        said: list[Answer] = [answer(store, t.name, peer, settings) for t in truths]
        holes = [
            min(first_hit(t, a.holes), CAP) for t, a in zip(truths, said, strict=True) if t.void
        ]
        score = np.array([a.score for a in said])
        area = roc_area(score, there)
        figure = float(np.mean(holes)) / CAP - area
        if best is None or figure < best[0]:
            best = (figure, settings, float(np.mean(holes)), area, score)
    if best is None:
        problem = f"{peer} has no settings"
        raise RuntimeError(problem)
    _, settings, holes, area, score = best
    return Tuned(settings, fit_logistic(score, there), holes, area, len(choices(peer)))
