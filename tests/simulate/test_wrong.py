"""Worlds with a wrong assumption: what is wrong is wrong, the rest stays as it is."""

from __future__ import annotations

import numpy as np
import pytest

from subterra.evidence import gravity_evidence
from subterra.scene import Prior, make_scene, object_counts
from subterra.simulate import simulate_world
from subterra.simulate.wrong import other_prior, wrongly_simulated
from subterra.tables import GravityTable

PRIOR = Prior((0.0, 0.0, 40.0, 40.0), 8.0)


@pytest.fixture(scope="module")
def survey():
    x, y = (v.ravel() for v in np.meshgrid(np.arange(2.5, 40.0, 5.0), np.arange(2.5, 40.0, 5.0)))
    n = len(x)
    names = tuple(f"s{i}" for i in range(n))
    return gravity_evidence([GravityTable(names, x, y, None, np.zeros(n), np.full(n, 4.0))], PRIOR)


def draws(survey, wrong, n=300):
    """Whitened data of worlds without objects, (n, n_data)."""
    empty = make_scene([])
    rng = np.random.default_rng(5)
    return np.array(
        [wrongly_simulated(survey, empty, rng, wrong).models.detrended for _ in range(n)]
    )


def test_data_of_right_worlds_come_through_unchanged(survey) -> None:
    one, two = (np.random.default_rng(9) for _ in range(2))
    empty = make_scene([])
    right = survey.simulate(empty, one)
    same = wrongly_simulated(survey, empty, two, "prior")
    assert np.array_equal(right.models.detrended, same.models.detrended)


def test_noise_is_twice_as_large_and_models_stay(survey) -> None:
    high = -1  # The last eigenvectors hold nearly no ground.
    right, wrong = (
        np.std(draws(survey, name) @ survey.models.basis[0][high]) for name in ("prior", "noise")
    )
    assert wrong / right == pytest.approx(2.0, rel=0.25)
    drawn = wrongly_simulated(survey, make_scene([]), np.random.default_rng(1), "noise")
    assert np.array_equal(drawn.models.grid.noise, survey.models.grid.noise)
    assert np.array_equal(drawn.models.log_norm, survey.models.log_norm)


def test_ground_is_another_one_of_larger_variance(survey) -> None:
    right, wrong = (np.mean(draws(survey, name) ** 2) for name in ("prior", "ground"))
    assert wrong > 1.3 * right


def test_another_prior_has_half_the_targets() -> None:
    other = other_prior(PRIOR)
    assert 1.0 - other.p_none == pytest.approx(0.25)
    assert other.families["chamber"].expected == pytest.approx(0.9)
    truths = [simulate_world(PRIOR, [], k, 3, "prior").scenes for k in range(400)]
    share = np.mean([object_counts(t.objects.family, PRIOR)[0][0] > 0 for t in truths])
    assert share == pytest.approx(0.25, abs=0.08)
