"""The truth of a blind site: only the simulated drill and the scoring read it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Float = NDArray[np.float64]

SITES = Path(__file__).resolve().parents[1] / "worlds" / "cache" / "blind"
CAP = 40
NULL_CAP = 10
CAMPAIGN_P = 0.5
"""On a site without a target holes are drilled while the method says at least this, at most ten."""
HOLE_M = 14.0
STEP_M = 0.05


@dataclass(frozen=True)
class Truth:
    """One site's truth.

    Attributes
    ----------
    name : str
    void : bool
    facts : dict
        Everything in `truth.json`.
    chain : ndarray, shape (k, 3), or None
        Axis of the target, ends outside the site included.
    axis : ndarray, shape (n, 3), or None
        What of it lies inside the site, sampled half a metre apart.
    radius : float
    """

    name: str
    void: bool
    facts: dict[str, Any]
    chain: Float | None
    axis: Float | None
    radius: float

    def drill(
        self, x: float, y: float, length: float = HOLE_M, z: float = 0.0
    ) -> tuple[float, float] | None:
        """Metres along a vertical hole between which it runs through the target, or None.

        A natural conduit is no hit, see `natural`.
        """
        return None if self.chain is None else _through(self.chain, self.radius, x, y, z, length)

    def natural(
        self, x: float, y: float, length: float = HOLE_M, z: float = 0.0
    ) -> tuple[float, float] | None:
        """Metres between which a vertical hole runs through a natural conduit: the log says void.

        The search goes on, but nobody tells the method that it was not a target.
        """
        if self.facts.get("decoy") is None:
            return None
        conduit = np.array(self.facts["decoy"])
        return _through(conduit, self.facts["decoy_radius_m"], x, y, z, length)


def _through(
    chain: Float, radius: float, x: float, y: float, z: float, length: float
) -> tuple[float, float] | None:
    t = np.arange(0.0, length + STEP_M / 2, STEP_M)
    hole = np.column_stack([np.full(len(t), x), np.full(len(t), y), z - t])
    best = np.full(len(t), np.inf)
    for a, b in pairwise(chain):
        d = b - a
        u = np.clip((hole - a) @ d / max(float(d @ d), 1e-12), 0.0, 1.0)
        best = np.minimum(best, np.linalg.norm(hole - a - u[:, None] * d, axis=1))
    inside = t[best <= radius]
    if len(inside) < 2:
        return None
    return round(float(inside[0]), 2), round(float(inside[-1]), 2)


def read_truth(name: str, sites: Path = SITES) -> Truth:
    """Read the truth of one site."""
    facts = json.loads((sites / name / "truth.json").read_text())
    chain, axis = (None if facts[k] is None else np.array(facts[k]) for k in ("chain", "axis"))
    return Truth(name, facts["void"], facts, chain, axis, facts["radius_m"])


def known(name: str, sites: Path = SITES) -> dict[str, Any]:
    """What a user of the site knows."""
    return json.loads((sites / name / "site.json").read_text())
