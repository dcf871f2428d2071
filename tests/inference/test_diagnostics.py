"""Islands that agree and islands that do not; more effort, joined by evidence."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from calibration_site import small_prior
from toy_evidence import ToyEvidence, host_quantile, radius_sum

from subterra.errors import InputError
from subterra.inference import Belief, RunInfo, convergence, infer, p_any, summarise
from subterra.inference.diagnostics import agreement, halves
from subterra.inference.effort import Effort, infer_until_converged, joined
from subterra.inference.summary import MAX_R_HAT
from subterra.scene import Prior, concatenate, object_counts, sample_prior, take

PRIOR = small_prior()


def of_islands(shares: list[float], n: int = 400, log_evidence: float = 0.0) -> Belief:
    """Islands of prior scenes with a set share of targets each, equal in evidence."""
    rng = np.random.default_rng(8)
    scenes = sample_prior(PRIOR, 8 * n, rng)
    has = np.flatnonzero(object_counts(scenes.objects.family, PRIOR)[0] > 0)
    none = np.flatnonzero(object_counts(scenes.objects.family, PRIOR)[0] == 0)
    counts = [int(s * n) for s in shares]
    parts = [
        take(scenes, np.concatenate([rng.choice(has, k), rng.choice(none, n - k)])) for k in counts
    ]
    k = len(shares)
    info = RunInfo(
        1, k * n, 0.0, (log_evidence,) * k, tuple(shares), (n,) * k, k * n, {}, (0.0, 1.0), {}
    )
    return Belief(concatenate(parts), np.full(k * n, 1.0 / (k * n)), PRIOR, info)


def test_islands_that_agree_have_converged() -> None:
    found = convergence(of_islands([0.6, 0.6]))
    assert found.converged
    assert found.agreement.r_hat["p_any"] == pytest.approx(1.0)
    assert found.agreement.r_hat["poc"] < MAX_R_HAT["poc"]


def test_islands_that_disagree_have_not() -> None:
    found = convergence(of_islands([0.2, 0.9]))
    assert not found.converged
    assert "0.70 in P(any target)" in found.reasons[0]
    within = 0.5 * (0.2 * 0.8 + 0.9 * 0.1)
    assert found.agreement.r_hat["p_any"] == pytest.approx(np.sqrt(1.0 + 0.7**2 / (2.0 * within)))


def test_a_place_that_only_one_island_knows_is_seen_in_the_map() -> None:
    """The same P(any target), but all targets of one island in one corner."""
    belief = of_islands([1.0, 1.0])
    objects = belief.scenes.objects
    x = objects.x.copy()
    x[: len(x) // 2] = 5.0 + 0.01 * x[: len(x) // 2]
    moved = replace(belief, scenes=replace(belief.scenes, objects=replace(objects, x=x)))
    assert any("the map" in reason for reason in convergence(moved).reasons)


def test_more_islands_are_judged_by_their_halves() -> None:
    """Four islands that scatter about one answer: the halves agree though single ones do not."""
    belief = of_islands([0.4, 0.6, 0.6, 0.4])
    first, second = halves(belief)
    assert first.sum() == pytest.approx(1.0)
    assert np.all(first * second == 0.0)
    assert agreement(belief).p_any == pytest.approx((0.5, 0.5))
    assert convergence(belief).converged


def test_one_island_agrees_with_nothing() -> None:
    found = convergence(of_islands([0.5]))
    assert not found.converged
    assert summarise(of_islands([0.5]))["r_hat"] == {"p_any": None}


def test_evidence_has_an_error_and_its_disagreement_is_said() -> None:
    belief = of_islands([0.5, 0.5])
    logs = (np.log(1.0), np.log(3.0))
    found = agreement(replace(belief, info=replace(belief.info, log_evidence=logs)))
    assert found.log_evidence == pytest.approx(np.log(2.0))
    assert found.log_evidence_sd == pytest.approx(1.0 / 2.0)
    far = replace(belief, info=replace(belief.info, log_evidence=(0.0, 5.0)))
    assert any("nats in evidence" in reason for reason in convergence(far).reasons)


def toy(prior: Prior) -> list[ToyEvidence]:
    return [
        ToyEvidence("radius", radius_sum(prior), 0.55, 0.1),
        ToyEvidence("host", host_quantile, 0.4, 0.1),
    ]


def test_joined_runs_weigh_by_evidence() -> None:
    evidence = toy(PRIOR)
    runs = [infer(PRIOR, evidence, n_scenes=128, seed=s, threads=1) for s in (1, 2)]
    both = joined(runs, evidence)
    assert both.info.island == (64, 64, 64, 64)
    assert both.info.n_scenes == 256
    assert both.weight.sum() == pytest.approx(1.0)
    z = [float(np.logaddexp.reduce(run.info.log_evidence)) for run in runs]
    share = 1.0 / (1.0 + np.exp(z[1] - z[0]))
    expected = share * p_any(runs[0]) + (1.0 - share) * p_any(runs[1])
    assert p_any(both) == pytest.approx(expected)
    assert set(both.info.ledger) == set(both.info.explained) == {"radius", "host"}
    explained = [run.info.explained["radius"] for run in runs]
    assert min(explained) <= both.info.explained["radius"] <= max(explained)
    assert joined(runs[:1], evidence) is runs[0]


def test_effort_is_raised_until_the_halves_agree_and_no_further(monkeypatch) -> None:
    evidence = toy(PRIOR)
    told: list[str] = []
    seen: list[int] = []

    def agrees_after(wanted: int):
        def judged(belief: Belief, objects=()):
            seen.append(len(belief.info.island))
            done = len(belief.info.island) >= wanted
            return replace(convergence(belief), converged=done, reasons=("not yet",))

        return judged

    monkeypatch.setattr("subterra.inference.effort.convergence", agrees_after(4))
    effort = Effort(8, tell=told.append)
    belief = infer_until_converged(PRIOR, evidence, n_scenes=128, seed=3, effort=effort, threads=1)
    assert seen == [2, 4]
    assert len(told) == 1
    assert "going on to 256 scenes" in told[0]
    assert dict(belief.info.recipe) == {"scenes": 128, "seed": 3, "runs": 2}
    monkeypatch.setattr("subterra.inference.effort.convergence", agrees_after(99))
    again = infer_until_converged(
        PRIOR, evidence, n_scenes=128, seed=3, effort=Effort(2), threads=1
    )
    assert np.array_equal(again.weight, belief.weight)
    assert np.array_equal(again.scenes.unit, belief.scenes.unit)
    with pytest.raises(InputError, match="at least 1"):
        infer_until_converged(PRIOR, evidence, n_scenes=128, effort=Effort(0))


def test_a_summary_says_a_range_where_it_has_not_converged() -> None:
    said = summarise(of_islands([0.2, 0.9]))
    assert said["converged"] is False
    assert said["p_any_range"] == pytest.approx([0.2, 0.9])
    assert summarise(of_islands([0.6, 0.6]))["p_any_range"] is None
    fine = summarise(of_islands([0.0, 0.0]), calibrated=True, support=200)
    assert fine["p_any"] == pytest.approx(1.0 / 201.0)
