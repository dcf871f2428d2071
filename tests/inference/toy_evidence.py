"""Made-up evidence whose answer is known in closed form."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.integrate import quad
from scipy.stats import norm

from subterra.scene import PARAMETERS, Prior, Scenes, log_count_table, target_mask

_RADIUS = PARAMETERS.index("radius")


@dataclass(frozen=True)
class ToyEvidence:
    """One normal datum of a function of the scene."""

    id: str
    of: Callable[[Scenes], Any]
    datum: float
    sd: float
    kind: str = "toy"
    fingerprint: str = "toy"

    def predict(self, scenes: Scenes) -> Any:
        return self.of(scenes)[:, None]

    def log_likelihood(self, scenes: Scenes) -> Any:
        return norm.logpdf(self.datum, self.of(scenes), self.sd)

    def simulate(self, scenes: Scenes, rng: np.random.Generator) -> ToyEvidence:
        datum = float(self.of(scenes)[0] + self.sd * rng.standard_normal())
        return ToyEvidence(self.id, self.of, datum, self.sd)


def radius_sum(prior: Prior) -> Callable[[Scenes], Any]:
    """Sum over the targets of a quantity that is uniform in [0, 1] for each."""

    def of(scenes: Scenes) -> Any:
        mine = target_mask(prior)[scenes.objects.family]
        return np.sum(scenes.unit[:, :, _RADIUS] * mine, axis=1)

    return of


def host_quantile(scenes: Scenes) -> Any:
    """Uniform in [0, 1]."""
    return scenes.site_unit[:, 0]


def resistivity_quantile(scenes: Scenes) -> Any:
    """Uniform in [0, 1], and nothing that gravity could see."""
    return scenes.site_unit[:, 1]


def irwin_hall(n: int, x: float) -> float:
    """Density of the sum of n uniforms, n of 1, 2 or 3."""
    if not 0.0 < x < n:
        return 0.0
    if n == 1:
        return 1.0
    if n == 2:
        return x if x < 1.0 else 2.0 - x
    if x < 1.0:
        return 0.5 * x * x
    return 0.5 * (3.0 - x) ** 2 if x > 2.0 else 0.5 * (-2.0 * x * x + 6.0 * x - 3.0)


def evidence_of_radius_sum(prior: Prior, datum: float, sd: float) -> np.ndarray:
    """Evidence by number of targets, (4,), its prior included: by quadrature."""
    p_count = np.exp(log_count_table(prior)).sum(axis=1)

    def given(n: int) -> float:
        if n == 0:
            return float(norm.pdf(datum, 0.0, sd))
        low, high = max(datum - 10.0 * sd, 0.0), min(datum + 10.0 * sd, float(n))
        points = [k for k in (1.0, 2.0) if low < k < high]
        value, _ = quad(
            lambda x: irwin_hall(n, x) * norm.pdf(datum, x, sd), low, high, points=points or None
        )
        return float(value)

    return np.array([p_count[n] * given(n) for n in range(4)])
