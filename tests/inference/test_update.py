"""A belief that takes in a new hole is the belief that had known of it from the start."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from calibration_site import gravity_table, hole, small_prior
from scipy.special import logsumexp
from toy_evidence import ToyEvidence, resistivity_quantile

from subterra.evidence import BoreholeEvidence, Evidence, borehole_evidence, gravity_evidence
from subterra.ground import with_data
from subterra.inference import Belief, infer, p_any, rescored, update
from subterra.scene import Prior, make_scene
from subterra.tables import IntervalTable

SEEDS = (1, 2, 3)
TRUTH = make_scene(
    [
        {
            "family": "driven",
            "fill": "air",
            "axis": [[5.0, 2.0, -3.0], [30.0, 38.0, -3.4]],
            "radius": 0.8,
        }
    ]
)


@pytest.fixture(scope="module")
def prior() -> Prior:
    return small_prior()


@pytest.fixture(scope="module")
def survey(prior: Prior) -> Evidence:
    """Readings with plain noise, five times the stated, that leave the drive in doubt."""
    bare = gravity_evidence([gravity_table()], prior)
    noise = 5.0 * bare.sd * np.random.default_rng(21).standard_normal(len(bare.sd))
    observed = bare.predict(TRUTH)[0] + noise
    return replace(bare, observed=observed, models=with_data(bare.models, observed))


@pytest.fixture(scope="module")
def before(prior: Prior, survey: Evidence) -> list[Belief]:
    return [infer(prior, [survey], n_scenes=2048, seed=seed, threads=2) for seed in SEEDS]


def drilled(prior: Prior, *, hit: bool) -> BoreholeEvidence:
    """A hole onto the drive at (17.5, 20), where its roof lies at 2 m."""
    collars, intervals = hole("B1", 17.5, 20.0)
    if hit:
        intervals = IntervalTable(
            ("B1",) * 3, np.array([0.0, 2.0, 4.4]), np.array([2.0, 4.4, 8.0]),
            ("intact", "void", "intact"),
        )  # fmt: skip
    return borehole_evidence(collars, intervals, prior, id="B1")


def reweighted(belief: Belief, evidence: Evidence) -> tuple[float, float]:
    """P(any) and log evidence by weights alone."""
    log = np.log(belief.weight) + rescored(belief, [evidence])[:, 0]
    shift = logsumexp(log)
    with_new = Belief(belief.scenes, np.exp(log - shift), belief.prior, belief.info)
    return p_any(with_new), float(logsumexp(belief.info.log_evidence) - np.log(2.0) + shift)


def log_evidence(belief: Belief) -> float:
    return float(logsumexp(belief.info.log_evidence) - np.log(2.0))


@pytest.mark.parametrize("hit", [False, True], ids=["dry", "hit"])
def test_update_agrees_with_starting_over(
    prior: Prior, survey: Evidence, before: list[Belief], hit: bool
) -> None:
    new = drilled(prior, hit=hit)
    updated = [
        update(b, [survey, new], [new], seed=10 + s, threads=2)
        for b, s in zip(before, SEEDS, strict=True)
    ]
    scratch = [infer(prior, [survey, new], n_scenes=2048, seed=20 + s, threads=2) for s in SEEDS]
    p_updated, p_scratch = (np.array([p_any(b) for b in v]) for v in (updated, scratch))
    spread = np.hypot(p_updated.std(ddof=1), p_scratch.std(ddof=1)) / np.sqrt(len(SEEDS))
    assert p_updated.mean() == pytest.approx(p_scratch.mean(), abs=4.0 * spread + 0.02)
    z_updated, z_scratch = (np.mean([log_evidence(b) for b in v]) for v in (updated, scratch))
    assert z_updated == pytest.approx(z_scratch, abs=0.3)
    p_before = np.mean([p_any(b) for b in before])
    assert p_updated.mean() > p_before + 0.1 if hit else p_updated.mean() < p_before


def test_update_agrees_with_weights_alone(
    prior: Prior, survey: Evidence, before: list[Belief]
) -> None:
    """A dry hole leaves most scenes alive, so that weights alone are a good answer too."""
    new = drilled(prior, hit=False)
    for belief in before:
        expected, z = reweighted(belief, new)
        found = update(belief, [survey, new], [new], seed=5, threads=2)
        assert p_any(found) == pytest.approx(expected, abs=0.05)
        assert log_evidence(found) == pytest.approx(z, abs=0.05)


def test_nothing_new_changes_nothing(prior: Prior, survey: Evidence, before: list[Belief]) -> None:
    """Evidence that says the same of every scene: the moves alone must keep the belief."""
    silent = ToyEvidence("silent", lambda scenes: np.zeros(len(scenes)), 0.0, 1.0)
    found = [
        update(b, [survey, silent], [silent], seed=s, threads=2)
        for b, s in zip(before, SEEDS, strict=True)
    ]
    assert np.mean([p_any(b) for b in found]) == pytest.approx(
        np.mean([p_any(b) for b in before]), abs=0.03
    )
    constant = -0.5 * np.log(2.0 * np.pi)
    for old, b in zip(before, found, strict=True):
        assert log_evidence(b) == pytest.approx(log_evidence(old) + constant, abs=0.02)
        assert b.info.island == old.info.island


def test_update_takes_in_the_site_state(
    prior: Prior, survey: Evidence, before: list[Belief]
) -> None:
    toy = ToyEvidence("toy", resistivity_quantile, 0.7, 0.02)
    found = update(before[0], [survey, toy], [toy], seed=3, threads=2)
    value = found.scenes.site_unit[:, 1]
    assert np.average(value, weights=found.weight) == pytest.approx(0.7, abs=0.005)


def test_same_seed_same_update(prior: Prior, survey: Evidence) -> None:
    belief = infer(prior, [survey], n_scenes=256, seed=1, threads=1)
    new = drilled(prior, hit=True)
    one, two = (update(belief, [survey, new], [new], seed=4, threads=t) for t in (1, 2))
    assert np.array_equal(one.scenes.unit, two.scenes.unit)
    assert np.array_equal(one.weight, two.weight)
    assert one.info.log_evidence == two.info.log_evidence
    assert one.info.evidence == {survey.id: survey.fingerprint, new.id: new.fingerprint}
