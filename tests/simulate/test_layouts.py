"""Layouts of planned surveys."""

from __future__ import annotations

import numpy as np
import pytest

from subterra.errors import InputError
from subterra.physics import geometric_sum
from subterra.simulate.layouts import ARRAYS, electrode_line, gravity_stations


def test_stations_stand_on_a_grid():
    table = gravity_stations((100.0, 200.0, 110.0, 206.0), 2.5, 4.0)
    assert len(table) == 5 * 3
    assert (table.x_m.min(), table.x_m.max()) == (100.0, 110.0)
    assert (table.y_m.min(), table.y_m.max()) == (200.0, 205.0)
    assert len(set(zip(table.x_m.tolist(), table.y_m.tolist(), strict=True))) == 15
    assert set(table.sd_ugal.tolist()) == {4.0}
    assert gravity_stations((0.0, 0.0, 5.0, 5.0), 2.5).sd_ugal is None


@pytest.mark.parametrize("array", ARRAYS)
@pytest.mark.parametrize("n", [12, 48])
def test_every_quadripole_of_an_array_is_measurable(array, n):
    table = electrode_line((0.0, 0.0), (2.0 * (n - 1), 0.0), 2.0, array, 0.03)
    assert table.n_electrodes == n
    quads = table.abmn
    assert len(np.unique(quads, axis=0)) == len(quads)
    k = geometric_sum(table.electrode_x_m, table.electrode_y_m, np.zeros(n), quads)
    # The order of the electrodes gives a positive voltage over a uniform ground.
    assert np.all(k > 0.0)
    # What can be measured from one end of the line can be measured from the other.
    assert unordered(n - 1 - np.where(quads < 0, n, quads)) == unordered(quads)


def unordered(quads):
    """Quadripoles as pairs of pairs whose orders do not matter; a remote electrode is -1."""
    return {frozenset((frozenset(q[:2]), frozenset(q[2:]))) for q in quads.tolist()}


def test_wenner_spacings():
    table = electrode_line((0.0, 0.0), (0.0, 30.0), 1.0, "wenner")
    steps = np.diff(np.sort(table.abmn, axis=1), axis=1)
    assert np.all(steps == steps[:, :1])
    assert len(table) == sum(31 - 3 * a for a in range(1, 11))
    assert set(table.err_relative.tolist()) == {0.02}
    assert np.all(table.electrode_x_m == 0.0)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (((0.0, 0.0), (10.0, 0.0), 1.0, "gradient"), "unknown array 'gradient'"),
        (((0.0, 0.0), (10.0, 0.0), 0.0, "wenner"), "spacing must be positive"),
        (((0.0, 0.0), (3.0, 0.0), 1.0, "wenner"), "forecast takes 8 to"),
        (((0.0, 0.0), (9e5, 0.0), 1.0, "wenner"), "900,001 electrodes"),
        (((0.0, 0.0), (20.0, 0.0), 1.0, "wenner", -0.1), "relative error must be positive"),
    ],
)
def test_lines_that_cannot_be_laid(arguments, words):
    with pytest.raises(InputError, match=words):
        electrode_line(*arguments)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (((0.0, 0.0, 0.0, 5.0), 1.0, 5.0), "x0 < x1"),
        (((0.0, 0.0, 5.0, 5.0), np.nan, 5.0), "spacing must be positive"),
        (((0.0, 0.0, 5.0, 5.0), 1.0, 0.0), "standard error must be positive"),
        (((0.0, 0.0, 5e3, 5e3), 1.0, 5.0), "use a wider spacing"),
    ],
)
def test_grids_that_cannot_be_laid(arguments, words):
    with pytest.raises(InputError, match=words):
        gravity_stations(*arguments)
