"""Inference against closed forms and brute force; same seed, same answer; a clean stop."""

from __future__ import annotations

import threading

import numpy as np
import pytest
from calibration_site import gravity_table, hole, small_prior
from scipy.special import logsumexp
from scipy.stats import norm
from toy_evidence import ToyEvidence, evidence_of_radius_sum, host_quantile, radius_sum

from subterra.errors import InputError
from subterra.evidence import Evidence, borehole_evidence, gravity_evidence
from subterra.inference import Belief, infer, p_any
from subterra.scene import (
    Prior,
    Scenes,
    concatenate,
    log_count_table,
    make_scene,
    object_counts,
    sample_prior,
)


@pytest.fixture(scope="module")
def prior() -> Prior:
    return small_prior()


@pytest.fixture(scope="module")
def site(prior: Prior) -> list[Evidence]:
    """Gravity over a drive that it sees but faintly, and a dry hole beside it."""
    axis = [[5.0, 2.0, -3.0], [30.0, 38.0, -3.4]]
    truth = make_scene([{"family": "driven", "fill": "air", "axis": axis, "radius": 0.8}])
    survey = gravity_evidence([gravity_table()], prior)
    return [
        survey.simulate(truth, np.random.default_rng(21)),
        borehole_evidence(*hole("B1", 26.0, 20.0), prior),
    ]


def same(one: Belief, two: Belief) -> bool:
    arrays = [
        [getattr(b.scenes.objects, name) for name in vars(b.scenes.objects)]
        + [b.scenes.unit, b.scenes.site_unit, b.weight]
        for b in (one, two)
    ]
    equal = all(np.array_equal(a, b) for a, b in zip(*arrays, strict=True))
    return equal and one.info.log_evidence == two.info.log_evidence


def evidence_mean(belief: Belief) -> float:
    z = np.array(belief.info.log_evidence)
    return float(logsumexp(z) - np.log(len(z)))


@pytest.mark.parametrize(
    ("datum", "sd"), [(0.6, 0.02), (1.6, 0.05), (0.0, 0.3), (-0.5, 0.1)], ids=str
)
def test_evidence_and_p_any_of_a_toy_in_closed_form(prior: Prior, datum: float, sd: float) -> None:
    by_count = evidence_of_radius_sum(prior, datum, sd)
    toy = ToyEvidence("toy", radius_sum(prior), datum, sd)
    beliefs = [infer(prior, [toy], n_scenes=2000, seed=seed, threads=1) for seed in (1, 2, 3)]
    log_z = np.array([evidence_mean(b) for b in beliefs])
    assert np.mean(log_z) == pytest.approx(np.log(by_count.sum()), abs=0.12)
    posterior = by_count / by_count.sum()
    for n, p in enumerate(posterior):
        share = [
            b.weight[object_counts(b.scenes.objects.family, prior)[0] == n].sum() for b in beliefs
        ]
        assert np.mean(share) == pytest.approx(p, abs=0.03)
    away = np.concatenate([(toy.of(b.scenes) - datum)[np.argsort(b.weight)] for b in beliefs])
    assert np.all(np.abs(away) < 6.0 * sd + 1.0 * (datum <= 0.0))


def test_site_state_follows_a_normal_in_closed_form(prior: Prior) -> None:
    """A narrow datum of a uniform quantity: the posterior is the normal itself."""
    toy = ToyEvidence("toy", host_quantile, 0.3, 0.01)
    belief = infer(prior, [toy], n_scenes=3000, seed=4, threads=1)
    value = belief.scenes.site_unit[:, 0]
    mean = np.average(value, weights=belief.weight)
    sd = np.sqrt(np.average((value - mean) ** 2, weights=belief.weight))
    assert mean == pytest.approx(0.3, abs=0.001)
    assert sd == pytest.approx(0.01, rel=0.1)
    assert evidence_mean(belief) == pytest.approx(0.0, abs=0.15)
    # Nothing is said of the objects: their numbers stay the prior's.
    assert p_any(belief) == pytest.approx(1.0 - prior.p_none, abs=0.05)
    n_target, n_other = object_counts(belief.scenes.objects.family, prior)
    table = np.exp(log_count_table(prior))
    for t in range(3):
        for o in range(3 - t):
            p = belief.weight[(n_target == t) & (n_other == o)].sum()
            assert p == pytest.approx(table[t, o], abs=0.04)


def test_two_toys_multiply(prior: Prior) -> None:
    """Independent functions of the scene: evidence is the product."""
    radius = ToyEvidence("radius", radius_sum(prior), 0.7, 0.05)
    host = ToyEvidence("host", host_quantile, 0.5, 0.1)
    belief = infer(prior, [radius, host], n_scenes=3000, seed=5, threads=1)
    inside = norm.cdf(5.0) - norm.cdf(-5.0)
    expected = np.log(evidence_of_radius_sum(prior, 0.7, 0.05).sum()) + np.log(inside)
    assert evidence_mean(belief) == pytest.approx(expected, abs=0.15)


def brute_force(
    prior: Prior, evidence: list[Evidence], n: int
) -> tuple[float, float, Scenes, np.ndarray]:
    """Evidence and P(any) from n draws of the prior."""
    rng = np.random.default_rng(99)
    parts = [sample_prior(prior, 4096, rng) for _ in range(n // 4096)]
    log = np.concatenate([sum(e.log_likelihood(p) for e in evidence) for p in parts])
    scenes = concatenate(parts)
    weight = np.exp(log - logsumexp(log))
    any_target = object_counts(scenes.objects.family, prior)[0] > 0
    return float(logsumexp(log) - np.log(len(log))), float(weight[any_target].sum()), scenes, weight


def test_a_site_agrees_with_brute_force(prior: Prior, site: list[Evidence]) -> None:
    log_z, p, scenes, weight = brute_force(prior, site, 60 * 4096)
    assert 1.0 / np.sum(weight**2) > 1000
    beliefs = [infer(prior, site, n_scenes=2000, seed=seed, threads=2) for seed in (1, 2)]
    assert np.mean([evidence_mean(b) for b in beliefs]) == pytest.approx(log_z, abs=0.15)
    assert np.mean([p_any(b) for b in beliefs]) == pytest.approx(p, abs=0.04)

    # Means of the first target's quantiles over scenes with just one object.
    def means(s: Scenes, w: np.ndarray) -> np.ndarray:
        family = s.objects.family
        alone = ((family > 0).sum(axis=1) == 1) & (object_counts(family, prior)[0] == 1)
        slot = (family[alone] > 0).argmax(axis=1)
        return np.average(
            s.unit[alone][np.arange(alone.sum()), slot][:, 1:], axis=0, weights=w[alone]
        )

    expected = means(scenes, weight)
    found = np.mean([means(b.scenes, b.weight) for b in beliefs], axis=0)
    assert np.abs(found - expected).max() < 0.06


def test_same_seed_same_answer_whatever_the_threads(prior: Prior, site: list[Evidence]) -> None:
    one, again, two = (infer(prior, site, n_scenes=256, seed=7, threads=t) for t in (1, 1, 2))
    assert same(one, again)
    assert same(one, two)
    assert not same(one, infer(prior, site, n_scenes=256, seed=8, threads=1))


@pytest.mark.parametrize("after", [0, 2])
def test_interrupt_leaves_nothing_running(prior: Prior, site: list[Evidence], after: int) -> None:
    before = set(threading.enumerate())
    calls = 0

    def stop(fraction: float, words: str) -> None:
        nonlocal calls
        assert 0.0 <= fraction <= 1.0
        assert words
        calls += 1
        if calls > after:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        infer(prior, site, n_scenes=256, seed=1, progress=stop, threads=2)
    assert calls == after + 1
    assert set(threading.enumerate()) <= before


def test_progress_rises_to_one(prior: Prior, site: list[Evidence]) -> None:
    told: list[float] = []
    infer(prior, site, n_scenes=256, seed=1, progress=lambda f, _: told.append(f), threads=2)
    assert told == sorted(told)
    assert told[0] == 0.0
    assert told[-1] == 1.0


def test_bad_requests_are_refused(prior: Prior, site: list[Evidence]) -> None:
    with pytest.raises(InputError, match="no evidence"):
        infer(prior, [])
    with pytest.raises(InputError, match="share an id"):
        infer(prior, [site[0], site[0]])
    with pytest.raises(InputError, match="128 scenes"):
        infer(prior, site, n_scenes=100)
