"""Folding back into the unit cube against the same in NumPy; fills against whole objects."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from subterra.scene import (
    FAMILIES,
    HEADED,
    N_PARAMETERS,
    PARAMETERS,
    Prior,
    decode_objects,
    fill_contrasts,
    fold,
)

Array = np.ndarray
MIRRORED = [
    PARAMETERS.index(name)
    for name in ("offset", "along", "grade", "curvature", "branch_place", "branch_angle")
]


def folded(family: Array, unit: Array, turn: Array) -> Array:
    headed = np.array([name in HEADED for name in FAMILIES])[family]
    out = unit.copy()
    out[:, 0] += np.where(headed, turn, 0.0)
    line = headed | (family == 0)
    turns = np.floor(out[:, 0])
    mirrored = np.ix_(line & (np.mod(turns, 2.0) == 1.0), MIRRORED)
    out[mirrored] = 1.0 - out[mirrored]
    heading = out[:, 0] - turns
    out = np.abs(np.mod(out + 1.0, 2.0) - 1.0)
    out[:, 0] = np.where(line, heading, out[:, 0])
    return out


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 2**32 - 1), st.floats(0.0, 3.0))
def test_fold_is_its_slow_twin(seed: int, far: float) -> None:
    rng = np.random.default_rng(seed)
    n = 4 * len(FAMILIES)
    family = np.tile(np.arange(len(FAMILIES), dtype=np.int8), 4)
    unit = rng.random((n, N_PARAMETERS)) + far * rng.standard_normal((n, N_PARAMETERS))
    turn = rng.uniform(-2.0, 2.0, n)
    before = unit.copy()
    found = fold(family, unit, turn)
    assert found == pytest.approx(folded(family, unit, turn), abs=1e-13)
    assert fold(family, unit) == pytest.approx(folded(family, unit, np.zeros(n)), abs=1e-13)
    assert np.array_equal(unit, before)
    assert found.min() >= 0.0
    assert found.max() <= 1.0


@pytest.mark.parametrize("chimney", [False, True])
def test_contrasts_of_fills_are_those_of_objects(chimney: bool) -> None:
    prior = Prior((0.0, 0.0, 100.0, 100.0), 20.0, rubble_chimney=chimney)
    rng = np.random.default_rng(1)
    n = 60
    fill = np.tile(np.arange(3, dtype=np.int8), n // 3)
    unit = np.full((n, N_PARAMETERS), 0.5)
    unit[:, -1] = rng.random(n)
    host = rng.uniform(1500.0, 2600.0, n)
    family = np.full(n, FAMILIES.index("driven"), np.int8)
    made = decode_objects(prior, family, fill, unit, host)
    density, across = fill_contrasts(prior, fill, unit[:, -1], host)
    ratio = made.conductivity_ratio.astype(np.float64)
    assert np.array_equal(density, made.density_contrast)
    assert np.array_equal(across, (1.0 - ratio) / (1.0 + ratio))
