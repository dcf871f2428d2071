"""Allocation of effort, order of looks and statements of zero in n, against printed values."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import minimize
from scipy.stats import hypergeom

from subterra.errors import InputError
from subterra.inference.binomial import clopper_pearson
from subterra.search.allocation import (
    allocate,
    allocation_success,
    greedy_looks,
    looks_needed,
    normal_search,
    silence,
)
from subterra.search.zero_in_n import (
    accept_on_zero,
    accept_on_zero_samples,
    looks_for_share,
    upper_share,
)

CELLS = (0.6, 0.3, 0.1)


def test_circular_normal_target() -> None:
    printed = (0.0902, 0.2642, 0.4422, 0.5940, 0.8009, 0.9084, 0.9596)
    for effort, p in zip((0.5, 1.0, 1.5, 2.0, 3.0, 4.0, 5.0), printed, strict=True):
        assert normal_search(effort) == pytest.approx(p, abs=5.1e-5)


@pytest.mark.parametrize(
    ("budget", "effort", "p", "uniform"),
    [
        (1, (0.8466, 0.1534, 0.0), 0.3853, 0.2835),
        (2, (1.3466, 0.6534, 0.0), 0.5878, 0.4866),
        (4, (2.1616, 1.4685, 0.3699), 0.7928, 0.7364),
    ],
)
def test_koopman_cells(budget, effort, p, uniform) -> None:
    found = allocate(CELLS, budget)
    assert found == pytest.approx(effort, abs=5.1e-5)
    assert allocation_success(CELLS, found) == pytest.approx(p, abs=5.1e-5)
    even = allocation_success(CELLS, [budget / 3] * 3)
    assert even == pytest.approx(uniform, abs=5.1e-5)


@given(st.lists(st.floats(0.01, 1.0), min_size=2, max_size=4), st.floats(0.1, 5.0))
def test_allocation_is_the_best_there_is(parts, budget) -> None:
    p = np.array(parts) / sum(parts)
    area = 0.5 + np.arange(len(p))
    found = allocate(p, budget, area=area)
    assert found.sum() == pytest.approx(budget)
    assert found.min() >= 0.0
    best = minimize(
        lambda e: -allocation_success(p, np.abs(e) / np.abs(e).sum() * budget, area=area),
        np.full(len(p), budget / len(p)),
        method="Nelder-Mead",
        options={"maxiter": 400},
    )
    assert allocation_success(p, found, area=area) >= -best.fun - 1e-9


def test_greedy_order_of_looks() -> None:
    order = greedy_looks((0.5, 0.3, 0.2), (0.5, 0.8, 0.9), (1.0, 1.0, 2.0), 10)
    assert [cell + 1 for cell in order] == [1, 2, 1, 3, 1, 2, 1, 1, 2, 3]


def test_what_silence_tells() -> None:
    assert looks_needed(0.5, 0.9, 0.05) == 2
    assert looks_needed(0.9, 0.5, 0.05) == 8
    assert silence(0.5, 0.9, 1) == pytest.approx(0.1 / 1.1)
    assert silence(0.3, 1.0, 1) == 0.0
    assert silence(0.3, 0.7, 0) == pytest.approx(0.3)


def test_two_beacons_that_may_share_a_fault() -> None:
    """Air France 447: one beacon .72, an independent pair .92, weighed .25 to .75 together .77."""
    single = 0.9 * 0.8
    pair = 1.0 - (1.0 - single) ** 2
    assert 0.75 * single + 0.25 * pair == pytest.approx(0.77, abs=5e-3)


def test_zero_in_n() -> None:
    for n, bound in ((20, 0.139), (59, 0.0495), (69, 0.0425), (300, 0.0099)):
        assert round(upper_share(n), len(str(bound)) - 2) == bound
        assert clopper_pearson(0, n)[1] == pytest.approx(upper_share(n), rel=1e-9)
    assert upper_share(0) == 1.0
    assert looks_for_share(0.05) == 59
    assert upper_share(looks_for_share(0.0425)) <= 0.0425


@given(st.integers(1, 60), st.data())
def test_accept_on_zero_is_hypergeometric(total, data) -> None:
    sampled = data.draw(st.integers(0, total))
    bad = data.draw(st.integers(1, total))
    expected = 1.0 - hypergeom.pmf(0, total, bad, sampled)
    assert accept_on_zero(total, sampled, bad) == pytest.approx(expected, abs=1e-9)
    least = accept_on_zero_samples(total, bad)
    assert accept_on_zero(total, least, bad) >= 0.95
    assert least == 0 or accept_on_zero(total, least - 1, bad) < 0.95


@pytest.mark.parametrize(
    "slip",
    [
        lambda: normal_search(-1.0),
        lambda: allocate((0.7, 0.7), 1.0),
        lambda: allocate((0.5, 0.5), math.inf),
        lambda: greedy_looks((0.5,), (1.2,), (1.0,), 1),
        lambda: silence(1.5, 0.5, 1),
        lambda: looks_needed(0.5, 0.0, 0.05),
        lambda: upper_share(-1),
        lambda: upper_share(3, 1.0),
        lambda: accept_on_zero(10, 11, 1),
    ],
)
def test_slips_are_named(slip) -> None:
    with pytest.raises(InputError):
        slip()
