"""Lobes: normals over probits that propose long steps within a family."""

import numpy as np
import pytest
from scipy.stats import kstest, multivariate_normal, norm

from subterra.inference.lobes import Lobe, Lobes, find_lobes, log_density, stride, turned
from subterra.scene import FAMILIES, N_PARAMETERS, Prior, used_parameters

DRIVEN = FAMILIES.index("driven")
CHAMBER = FAMILIES.index("chamber")


@pytest.fixture(scope="module")
def prior() -> Prior:
    return Prior((0.0, 0.0, 100.0, 100.0), 20.0)


def planted(n: int, heading: float, offset: float, rng: np.random.Generator) -> np.ndarray:
    """Drives of nearly one course, depth going with radius."""
    unit = rng.random((n, N_PARAMETERS))
    unit[:, 0] = heading + 0.02 * rng.standard_normal(n)
    unit[:, 1] = offset + 0.02 * rng.standard_normal(n)
    unit[:, 4] = 0.5 + 0.1 * rng.standard_normal(n)
    unit[:, 7] = np.clip(unit[:, 4] + 0.03 * rng.standard_normal(n), 0.01, 0.99)
    return turned(np.full(n, DRIVEN, np.int8), unit, 0.0)


def of_family(code: int, unit: np.ndarray) -> list[np.ndarray]:
    return [unit if k == code else unit[:0] for k in range(len(FAMILIES))]


def test_density_is_that_of_its_slow_twin(prior: Prior) -> None:
    rng = np.random.default_rng(1)
    lobes = find_lobes(prior, of_family(DRIVEN, planted(300, 0.5, 0.5, rng)), rng)
    unit = rng.random((40, N_PARAMETERS))
    (lobe,) = lobes.of[DRIVEN][:1]
    used = used_parameters(prior)[DRIVEN]
    for row, found in zip(unit, log_density(lobes, DRIVEN, unit)[0], strict=True):
        seen = turned(np.array([DRIVEN], np.int8), row[None], lobe.turn)[0]
        z = norm.ppf(seen[used])
        expected = multivariate_normal(lobe.mean, lobe.root @ lobe.root.T).logpdf(z)
        assert found == pytest.approx(expected - norm.logpdf(z).sum(), rel=1e-8)


def test_a_course_across_the_cut_of_the_headings_is_one_lobe(prior: Prior) -> None:
    """Drives just east and just west of north are neighbours, their offsets mirrored."""
    rng = np.random.default_rng(2)
    unit = planted(300, 1.0, 0.3, rng)
    assert unit[:, 0].min() < 0.1
    assert unit[:, 0].max() > 0.9
    lobes = find_lobes(prior, of_family(DRIVEN, unit), rng).of[DRIVEN]
    assert len(lobes) == 1
    assert lobes[0].weight > 0.95
    assert np.sqrt(lobes[0].root[0] @ lobes[0].root[0]) < 0.1


def test_two_courses_are_two_lobes_and_the_spread_between_them_none(prior: Prior) -> None:
    rng = np.random.default_rng(3)
    parts = (planted(200, 0.3, 0.3, rng), planted(120, 0.7, 0.6, rng), rng.random((80, 15)))
    lobes = find_lobes(prior, of_family(DRIVEN, np.concatenate(parts)), rng).of[DRIVEN]
    weights = sorted((lobe.weight for lobe in lobes), reverse=True)
    assert weights[0] == pytest.approx(0.5, abs=0.06)
    assert weights[1] == pytest.approx(0.3, abs=0.06)
    narrow = [np.sqrt(lobe.root[0] @ lobe.root[0]) < 0.15 for lobe in lobes[:2]]
    assert all(narrow)


def test_it_knows_what_goes_together(prior: Prior) -> None:
    rng = np.random.default_rng(4)
    (lobe, *_) = find_lobes(prior, of_family(DRIVEN, planted(400, 0.5, 0.5, rng)), rng).of[DRIVEN]
    names = np.flatnonzero(used_parameters(prior)[DRIVEN])
    depth, radius = (int(np.flatnonzero(names == p)[0]) for p in (4, 7))
    covariance = lobe.root @ lobe.root.T
    correlation = covariance[depth, radius] / np.sqrt(
        covariance[depth, depth] * covariance[radius, radius]
    )
    assert correlation > 0.8


def test_strides_keep_a_lobe_as_it_is(prior: Prior) -> None:
    """With the likelihood that makes a lobe the posterior, its draws stay its draws."""
    rng = np.random.default_rng(5)
    used = used_parameters(prior)
    d = int(used[DRIVEN].sum())
    root = np.linalg.cholesky(0.3 * np.eye(d) + 0.2)
    target = Lobe(0.13, np.full(d, 0.4), root, 0.7)
    none: tuple[Lobe, ...] = ()
    posterior = Lobes(tuple((target,) if k == DRIVEN else none for k in range(6)), used)
    # What it steps by is another lobe, and a second one far away.
    near = Lobe(0.1, np.full(d, 0.2), 1.2 * root, 0.5)
    far = Lobe(0.4, np.full(d, -0.5), root, 0.3)
    steps = Lobes(tuple((near, far) if k == DRIVEN else none for k in range(6)), used)
    n = 20000
    family = np.full(n, DRIVEN, np.int8)
    unit = np.full((n, N_PARAMETERS), 0.5)
    z = target.mean + rng.standard_normal((n, d)) @ root.T
    unit[:, used[DRIVEN]] = norm.cdf(z)
    unit = turned(family, unit, -target.turn)
    moved = 0
    for _ in range(12):
        there, log_ratio = stride(steps, family, unit, rng)
        log_alpha = (
            log_ratio
            + (log_density(posterior, DRIVEN, there) - log_density(posterior, DRIVEN, unit))[0]
        )
        taken = np.log(rng.random(n)) < log_alpha
        unit[taken] = there[taken]
        moved += int(taken.sum())
    assert moved > 0.5 * n
    seen = norm.ppf(turned(family, unit, target.turn)[:, used[DRIVEN]])
    white = np.linalg.solve(root, (seen - target.mean).T)
    assert min(kstest(row, "norm").pvalue for row in white) > 1e-4
    assert np.abs(np.corrcoef(white) - np.eye(d)).max() < 0.04


def test_few_objects_teach_nothing(prior: Prior) -> None:
    rng = np.random.default_rng(6)
    lobes = find_lobes(prior, of_family(CHAMBER, rng.random((5, N_PARAMETERS))), rng)
    unit = rng.random((7, N_PARAMETERS))
    there, log_ratio = stride(lobes, np.full(7, CHAMBER, np.int8), unit, rng)
    assert np.array_equal(there, unit)
    assert np.all(log_ratio == -np.inf)


def test_what_a_family_does_not_read_stays(prior: Prior) -> None:
    rng = np.random.default_rng(7)
    lobes = find_lobes(prior, of_family(CHAMBER, rng.random((200, N_PARAMETERS))), rng)
    unit = rng.random((50, N_PARAMETERS))
    there, _ = stride(lobes, np.full(50, CHAMBER, np.int8), unit, rng)
    used = used_parameters(prior)[CHAMBER]
    np.testing.assert_allclose(there[:, ~used], unit[:, ~used], rtol=0.0, atol=1e-12)
    assert not np.array_equal(there[:, used], unit[:, used])


def test_same_seed_same_lobes(prior: Prior) -> None:
    unit = planted(300, 0.4, 0.6, np.random.default_rng(8))
    one, two = (
        find_lobes(prior, of_family(DRIVEN, unit), np.random.default_rng(9)) for _ in range(2)
    )
    assert np.array_equal(one.of[DRIVEN][0].root, two.of[DRIVEN][0].root)
