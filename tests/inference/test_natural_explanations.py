"""A cave can explain an anomaly away: natural families compete with targets in one belief."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from calibration_site import gravity_table

from subterra.evidence import gravity_evidence
from subterra.inference import infer, p_any
from subterra.scene import DEFAULT_FAMILIES, FAMILIES, Prior, make_scene, sample_prior, take

BOUNDS = (0.0, 0.0, 40.0, 40.0)


def prior_with(**expected: float) -> Prior:
    """Driven tunnels are looked for; of other families so many are expected."""
    families = {
        name: replace(item, expected=expected.get(name, 0.0))
        for name, item in DEFAULT_FAMILIES.items()
    }
    return Prior(BOUNDS, 8.0, families=families)


def cave(radius: float) -> dict[str, object]:
    s = np.linspace(-10.0, 50.0, 9)
    axis = np.column_stack([20.0 + 5.0 * np.sin(s / 7.0), s, -3.5 + 0.6 * np.cos(s / 7.0)])
    return {"family": "conduit", "fill": "air", "axis": axis, "radius": radius}


def survey_over(item: dict[str, object], seed: int):
    survey = gravity_evidence([gravity_table()], prior_with())
    return survey.simulate(make_scene([item]), np.random.default_rng(seed))


def share_of(belief, name: str) -> float:
    mine = (belief.scenes.objects.family == FAMILIES.index(name)).any(axis=1)
    return float(belief.weight @ mine)


def test_a_conduit_explains_an_anomaly_away() -> None:
    """The more caves are expected, the less a winding anomaly speaks for a tunnel."""
    survey = survey_over(cave(1.2), 7)
    beliefs = [
        infer(prior_with(conduit=rate), [survey], n_scenes=1000, seed=1, threads=2)
        for rate in (0.0, 0.3, 2.0)
    ]
    alone, some, many = (p_any(b) for b in beliefs)
    assert alone > 0.85
    # With 4,000 scenes 0.94, 0.92 and 0.83.
    assert min(alone, some) > many + 0.04
    assert many < 0.9
    caves = [share_of(b, "conduit") for b in beliefs]
    assert caves[0] == 0.0
    assert caves[0] < caves[1] < caves[2]
    assert caves[2] > 0.5


@pytest.mark.parametrize("name", ["shaft", "conduit", "chamber"])
def test_odds_with_a_rival_are_those_of_the_prior_reweighted(name: str) -> None:
    """A faint anomaly, where prior draws with their likelihoods are an answer themselves."""
    prior = prior_with(**{name: 1.0})
    survey = survey_over(cave(0.6), 5)
    drawn = sample_prior(prior, 20000, np.random.default_rng(2))
    log_l = np.concatenate([survey.log_likelihood(sample) for sample in _chunks(drawn, 2000)])
    weight = np.exp(log_l - log_l.max())
    weight /= weight.sum()
    assert 1.0 / np.sum(weight**2) > 300.0
    target = (drawn.objects.family == FAMILIES.index("driven")).any(axis=1)
    rival = (drawn.objects.family == FAMILIES.index(name)).any(axis=1)
    belief = infer(prior, [survey], n_scenes=1200, seed=3, threads=2)
    assert p_any(belief) == pytest.approx(float(weight @ target), abs=0.06)
    assert share_of(belief, name) == pytest.approx(float(weight @ rival), abs=0.06)


def _chunks(scenes, size: int):
    return [take(scenes, slice(i, i + size)) for i in range(0, len(scenes), size)]
