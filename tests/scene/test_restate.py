"""The same axis under another prior: geometry stays, volumes change as said."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from subterra.scene import (
    DEFAULT_FAMILIES,
    FAMILIES,
    N_PARAMETERS,
    Prior,
    decode_objects,
    fill_contrasts,
    restate,
)

DRIVEN, WORKING = FAMILIES.index("driven"), FAMILIES.index("working")


@pytest.fixture(scope="module")
def prior() -> Prior:
    families = dict(DEFAULT_FAMILIES)
    families["working"] = replace(families["working"], curvature_sd_per_m=4e-3, grade_sd=0.07)
    return Prior((0.0, 0.0, 60.0, 40.0), 15.0, targets=("driven", "working"), families=families)


def lines(n: int, seed: int) -> np.ndarray:
    return np.random.default_rng(seed).uniform(0.2, 0.8, size=(n, N_PARAMETERS))


def decoded(prior: Prior, code: int, unit: np.ndarray):
    n = len(unit)
    codes = np.full(n, code, np.int8)
    return decode_objects(prior, codes, np.zeros(n, np.int8), unit, np.full(n, 2200.0))


def restated(prior: Prior, unit: np.ndarray, stretch: float = 1.0, to: int = WORKING):
    n = len(unit)
    one, other = np.full(n, DRIVEN, np.int8), np.full(n, to, np.int8)
    return restate(prior, one, unit, other, np.full(n, stretch))


def test_the_axis_stays_where_it_is(prior: Prior) -> None:
    unit = lines(400, 1)
    made, log_volume = restated(prior, unit)
    able = np.isfinite(log_volume)
    assert 0.2 < able.mean() < 1.0
    before, after = decoded(prior, DRIVEN, unit[able]), decoded(prior, WORKING, made[able])
    for name in ("x", "y", "z", "radius"):
        assert getattr(after, name) == pytest.approx(getattr(before, name), rel=1e-5, abs=1e-6)


def test_a_radius_is_stretched_and_its_axis_stays(prior: Prior) -> None:
    unit = lines(400, 2)
    made, log_volume = restated(prior, unit, 1.2, DRIVEN)
    able = np.isfinite(log_volume)
    assert able.any()
    before, after = decoded(prior, DRIVEN, unit[able]), decoded(prior, DRIVEN, made[able])
    assert after.radius == pytest.approx(1.2 * before.radius, rel=1e-5)
    assert after.z[:, 2] == pytest.approx(before.z[:, 2], abs=0.3)


def test_what_the_other_family_cannot_be_is_refused(prior: Prior) -> None:
    unit = lines(50, 3)
    made, log_volume = restated(prior, unit, 50.0, DRIVEN)
    assert np.all(np.isneginf(log_volume))
    assert np.array_equal(made, unit)


def test_there_and_back(prior: Prior) -> None:
    unit = lines(300, 4)
    made, there = restated(prior, unit)
    able = np.isfinite(there)
    n = int(able.sum())
    one, other = np.full(n, WORKING, np.int8), np.full(n, DRIVEN, np.int8)
    back, again = restate(prior, one, made[able], other, np.ones(n))
    assert back == pytest.approx(unit[able], abs=1e-9)
    assert again == pytest.approx(-there[able], abs=1e-9)


def test_the_jacobian_is_that_of_differences(prior: Prior) -> None:
    unit = lines(40, 5)
    _, log_volume = restated(prior, unit, 1.1)
    step = 1e-6
    for i in np.flatnonzero(np.isfinite(log_volume))[:12]:
        nudged = np.concatenate(
            [unit[i] + step * np.eye(N_PARAMETERS), unit[i] - step * np.eye(N_PARAMETERS)]
        )
        moved, _ = restated(prior, nudged, 1.1)
        slopes = (moved[:N_PARAMETERS] - moved[N_PARAMETERS:]) / (2.0 * step)
        assert np.linalg.slogdet(slopes)[1] == pytest.approx(log_volume[i], abs=1e-5)


def test_contrasts_of_fills(prior: Prior) -> None:
    density, across = fill_contrasts(
        prior, np.array([0, 1, 2], np.int8), np.full(3, 0.5), np.full(3, 2200.0)
    )
    assert density == pytest.approx([-2200.0, -1200.0, -0.25 * 2200.0])
    assert across[0] == 1.0
    assert across[1] < 0.0 < across[2]
