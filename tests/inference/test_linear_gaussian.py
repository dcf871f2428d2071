"""Evidence, Bayes factor and posterior of linear-Gaussian data in closed form.

A target's quantiles, turned into standard normals z, give data d = A z + e; without a target d = e.
Then p(d | target) = N(0, AA' + s²I), p(d | none) = N(0, s²I), and z given d is normal.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
from scipy.special import logit, logsumexp, ndtri
from scipy.stats import multivariate_normal

from subterra.inference import infer, p_any
from subterra.scene import DEFAULT_FAMILIES, PARAMETERS, Prior

PRIOR = Prior(
    (0.0, 0.0, 40.0, 40.0),
    8.0,
    more_targets=(1.0, 0.0, 0.0),
    families={"driven": DEFAULT_FAMILIES["driven"]},
)
COLUMNS = [PARAMETERS.index(n) for n in ("depth", "radius", "halo_gravity", "halo_resistivity")]
MIX = np.random.default_rng(5).normal(size=(6, len(COLUMNS)))


def normals(scenes):
    """z (n, 4) of the target, zeros where there is none."""
    there = scenes.objects.family > 0
    slot = there.argmax(axis=1)
    unit = scenes.unit[np.arange(len(scenes)), slot][:, COLUMNS]
    z = ndtri(np.clip(unit, 1e-12, 1.0 - 1e-12))
    return np.where(there.any(axis=1)[:, None], z, 0.0)


@dataclass(frozen=True)
class Linear:
    """Data that are linear in normal numbers of the scene."""

    data: np.ndarray
    sd: float
    id: str = "linear"
    kind: str = "toy"
    fingerprint: str = "linear"

    def predict(self, scenes):
        return normals(scenes) @ MIX.T

    def log_likelihood(self, scenes):
        away = (self.data - self.predict(scenes)) / self.sd
        norm = len(self.data) * np.log(self.sd * np.sqrt(2.0 * np.pi))
        return -0.5 * np.sum(away**2, axis=1) - norm

    def simulate(self, scenes, rng):
        data = self.predict(scenes)[0] + self.sd * rng.standard_normal(len(self.data))
        return Linear(data, self.sd)


CASES = {
    "none": (np.zeros(4), 0.8),
    "weak": (np.array([0.5, -0.4, 0.2, 0.3]), 0.8),
    "sharp": (np.array([1.0, -0.5, 0.3, 0.8]), 0.3),
}


@pytest.mark.parametrize("case", CASES)
def test_evidence_bayes_factor_and_posterior(case):
    z, sd = CASES[case]
    data = MIX @ z + sd * np.random.default_rng(3).standard_normal(len(MIX))
    eye = np.eye(len(MIX))
    log_one = multivariate_normal.logpdf(data, cov=MIX @ MIX.T + sd**2 * eye)
    log_none = multivariate_normal.logpdf(data, cov=sd**2 * eye)
    log_all = np.logaddexp(np.log(PRIOR.p_none) + log_none, np.log1p(-PRIOR.p_none) + log_one)
    beliefs = [
        infer(PRIOR, [Linear(data, sd)], n_scenes=1500, seed=seed, threads=1) for seed in (1, 2)
    ]
    found = [logsumexp(b.info.log_evidence) - np.log(len(b.info.log_evidence)) for b in beliefs]
    assert np.mean(found) == pytest.approx(log_all, abs=0.15)
    p = np.mean([p_any(b) for b in beliefs])
    expected = 1.0 / (1.0 + np.exp(log_none - log_one) * PRIOR.p_none / (1.0 - PRIOR.p_none))
    assert p == pytest.approx(expected, abs=0.03)
    if 0.05 < expected < 0.95:
        assert logit(p) - logit(1.0 - PRIOR.p_none) == pytest.approx(log_one - log_none, abs=0.3)
    if case == "none":
        return
    cov = np.linalg.inv(MIX.T @ MIX / sd**2 + np.eye(4))
    mean = cov @ MIX.T @ data / sd**2
    sd_z = np.sqrt(np.diag(cov))
    for belief in beliefs:
        there = (belief.scenes.objects.family > 0).any(axis=1)
        values, weight = normals(belief.scenes)[there], belief.weight[there]
        centre = np.average(values, axis=0, weights=weight)
        spread = np.sqrt(np.average((values - centre) ** 2, axis=0, weights=weight))
        # Fifteen hundred scenes have few ancestors at a sharp peak; with 4,096 it is a tenth of it.
        assert np.abs((centre - mean) / sd_z).max() < 0.4
        np.testing.assert_allclose(spread, sd_z, rtol=0.25)
