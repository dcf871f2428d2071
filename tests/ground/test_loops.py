"""Errors that readings of one loop share."""

from __future__ import annotations

import numpy as np
import pytest

from subterra.ground import block_trend, loop_columns, make_whitening
from subterra.ground.noise import whiten
from subterra.physics import G_UGAL

LOOP = ("a", "a", "b", "b", "", "a", "c")
HOURS = np.array([8.0, 9.0, 9.5, 9.5, 10.0, 10.0, 11.0])


def test_a_shift_and_a_drift_for_each_loop():
    columns = loop_columns(LOOP, HOURS, tie_sd=20.0, drift_sd_per_h=6.0)
    # b was read at one time; the blank and c, with one reading, share nothing.
    assert columns.shape == (7, 3)
    member = np.array([1, 1, 0, 0, 0, 1, 0])
    np.testing.assert_allclose(columns[:, 0], 20.0 * member)
    np.testing.assert_allclose(columns[:, 1], 6.0 * np.array([-1, 0, 0, 0, 0, 1, 0]))
    np.testing.assert_allclose(columns[:, 2], [0, 0, 20, 20, 0, 0, 0])


def test_an_unknown_time_leaves_the_shift():
    hours = HOURS.copy()
    hours[1] = np.nan
    assert loop_columns(LOOP, hours).shape == (7, 2)
    assert loop_columns(LOOP, None).shape == (7, 2)
    assert loop_columns(LOOP, HOURS, tie_sd=0.0).shape == (7, 1)
    assert loop_columns(("",) * 7, HOURS).shape == (7, 0)


def test_columns_are_noise_columns():
    """A shift of a whole loop is far less unlikely than as many independent errors."""
    columns = loop_columns(LOOP, HOURS)
    noise = make_whitening(np.full(7, 3.0), columns)
    shift = 10.0 * np.array([1, 1, 0, 0, 0, 1, 0])
    alone = make_whitening(np.full(7, 3.0))
    assert np.sum(whiten(noise, shift) ** 2) < 0.05 * np.sum(whiten(alone, shift) ** 2)


def test_block_trend_is_the_pull_of_slabs():
    """Below a slab one has 4πGρt less than above it."""
    z, edges = np.array([0.0, -10.0, -40.0, -70.0]), np.array([0.0, -40.0, -70.0])
    trend = block_trend(z, edges)
    np.testing.assert_allclose(trend, [[1, 0, 0], [1, 10, 0], [1, 40, 0], [1, 40, 30]])
    slab = 2.0 * np.pi * G_UGAL * 2500.0
    thick = edges[:-1] - edges[1:]
    pull = np.array(
        [sum(slab * (t - 2 * a) for t, a in zip(thick, row[1:], strict=True)) for row in trend]
    )
    assert pull - pull[0] == pytest.approx(-2.0 * slab * trend[:, 1:].sum(axis=1))
