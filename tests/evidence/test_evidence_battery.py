"""Every kind passes the battery; the battery fails evidence that breaks its rules."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pytest
from samples import (
    KINDS,
    chamber,
    drilled,
    gravity_table,
    nothing,
    reports,
    resistivity_table,
    scenes_of_all_sorts,
    tunnel,
)

from subterra.evidence import DrillLogTerms, gravity_evidence, resistivity_evidence
from subterra.scene import Prior, concatenate
from subterra.testing import check_evidence, check_normalised

PRIOR = Prior(bounds=(0.0, 0.0, 40.0, 40.0), depth_m=15.0)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("seed", [0, 1])
def test_evidence(kind, seed):
    check_evidence(KINDS[kind](), scenes_of_all_sorts(), seed=seed)


def test_gravity_is_normalised():
    survey = gravity_evidence([gravity_table(3, sd=8.0, pitch=9.0)], PRIOR)
    check_normalised(survey, tunnel(12.0, 5.0), nothing())
    check_normalised(survey, nothing(), tunnel(12.0, 5.0))
    check_normalised(survey, tunnel(12.0, 5.0, 0.8), tunnel(13.0, 4.5, fill="water"))


def test_resistivity_is_normalised():
    survey = resistivity_evidence([resistivity_table(9, 2.0, 3)], PRIOR)
    check_normalised(survey, tunnel(16.0, 4.0, 0.7), nothing(), draws=1000)
    check_normalised(survey, nothing(), tunnel(16.0, 4.0, 0.7), draws=1000)
    other = tunnel(16.5, 4.0, 0.8, fill="water")
    check_normalised(survey, replace(tunnel(16.0, 4.0), host_resistivity=np.array([250.0])), other)


@pytest.mark.parametrize(
    ("scene", "other"),
    [
        (tunnel(20.3), nothing()),
        (nothing(), tunnel(20.3)),
        (tunnel(20.2, fill="rubble"), tunnel(20.8, 5.3)),
        (chamber(20.0, 20.4, 6.0), chamber(20.6, 20.0, 5.8, 1.5)),
    ],
)
def test_boreholes_are_normalised(scene, other):
    holes = drilled(
        ("a", 20.0, 20.0, 0.0, 90.0, 12.0),
        ("b", 24.0, 20.0, 270.0, 50.0, 14.0),
        # A poor drill: likelihood ratios stay small enough for their mean to be estimated.
        terms=DrillLogTerms((0.6, 0.6, 0.4), false_void_per_m=0.1, depth_sd_m=0.5),
    )
    check_normalised(holes, scene, other, draws=3000)


@pytest.mark.parametrize(
    ("scene", "other"),
    [
        (tunnel(20.0), tunnel(21.0)),
        (tunnel(20.0), nothing()),
        (nothing(), tunnel(20.0)),
        (concatenate([tunnel(20.0)]), tunnel(18.0, 6.0)),
    ],
)
def test_reports_are_normalised_within_the_probability_of_their_number(scene, other):
    items = reports(
        {"sd_m": 9.0, "reliability": "C"},
        {"sd_m": 9.0, "reliability": "C"},
        {"sd_m": 8.0, "source": "miner", "reliability": "E", "depth_m": 4.0, "depth_sd_m": 4.0},
    )
    check_normalised(items, scene, other, draws=2500)


@dataclass(frozen=True)
class Broken:
    """Gravity with one thing wrong."""

    inner: object
    fault: str

    def __getattr__(self, name):
        return getattr(self.inner, name)

    def log_likelihood(self, scenes):
        logs = self.inner.log_likelihood(scenes)
        if self.fault == "batch":
            return logs + 0.01 * len(scenes)
        if self.fault == "order":
            return logs + np.arange(len(scenes))
        if self.fault == "slots":
            return logs + 0.1 * scenes.objects.family[:, 0]
        if self.fault == "garbage":
            return logs + scenes.objects.radius[:, 2]
        if self.fault == "nan":
            return np.where(np.arange(len(logs)) == 1, np.nan, logs)
        if self.fault == "writes":
            scenes.objects.x[:] += 1.0
        if self.fault == "single":
            return logs.astype(np.float32)
        return logs

    def predict(self, scenes):
        return self.inner.predict(scenes) * (1.1 if self.fault == "predict" else 1.0)

    def object_response(self, objects):
        response = self.inner.object_response(objects)
        return response + np.float32(0.1) if self.fault == "empty" else response

    def score(self, total):
        return self.inner.score(total) * (1.01 if self.fault == "score" else 1.0)

    def combine(self, total):
        return self.inner.combine(total)

    def site_log_likelihood(self, scenes):
        return self.inner.site_log_likelihood(scenes)

    def with_models(self, models):
        return replace(self, inner=self.inner.with_models(models))

    @property
    def models(self):
        return self.inner.models

    @property
    def id(self):
        return "" if self.fault == "id" else self.inner.id

    @property
    def kind(self):
        return self.inner.kind

    @property
    def fingerprint(self):
        return "f" if self.fault == "fingerprint" else self.inner.fingerprint

    def simulate(self, scenes, rng):
        if self.fault == "seedless":
            rng = np.random.default_rng()
        if self.fault == "constant":
            return replace(self, inner=KINDS["gravity"]())
        return replace(self, inner=self.inner.simulate(scenes, rng))


FAULTS = {
    "batch": "batches",
    "order": "another order",
    "slots": "numbering of slots",
    "garbage": "garbage in empty slots|numbering of slots",
    "nan": "not finite",
    "writes": "changes the scenes|second call",
    "single": "double precision",
    "empty": "empty slot",
    "score": "score of summed",
    "id": "id is not a word",
    "fingerprint": "fingerprint",
    "seedless": "same seed",
    "constant": "fingerprint",
    "predict": "prediction is not",
}


def test_the_wrapper_itself_is_sound():
    check_evidence(Broken(KINDS["gravity"](), "none"), scenes_of_all_sorts())


@pytest.mark.parametrize("fault", FAULTS)
def test_the_battery_fails_broken_evidence(fault):
    with pytest.raises(AssertionError, match=FAULTS[fault]):
        check_evidence(Broken(KINDS["gravity"](), fault), scenes_of_all_sorts())


def test_the_battery_needs_scenes_that_test_something():
    with pytest.raises(AssertionError, match="at least four scenes"):
        check_evidence(KINDS["gravity"](), tunnel())


@dataclass(frozen=True)
class Biased:
    """Evidence that favours scenes with objects whatever the data, as without a determinant."""

    inner: object

    def simulate(self, scenes, rng):
        return Biased(self.inner.simulate(scenes, rng))

    def log_likelihood(self, scenes):
        present = (scenes.objects.family > 0).any(axis=1)
        return self.inner.log_likelihood(scenes) + 0.3 * present


def test_unnormalised_evidence_fails():
    survey = gravity_evidence([gravity_table(3, sd=8.0, pitch=9.0)], PRIOR)
    with pytest.raises(AssertionError, match="expected 1"):
        check_normalised(Biased(survey), tunnel(12.0, 6.0, 0.9), nothing())
    with pytest.raises(AssertionError, match="closer together"):
        check_normalised(survey, nothing(), tunnel(12.0, 2.0, 1.9), draws=200)
    with pytest.raises(AssertionError, match="nothing is tested"):
        check_normalised(survey, nothing(), nothing(), draws=20)
