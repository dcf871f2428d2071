"""Current carried along a conductive drive against the exact mode, limits and symmetries."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import special

from subterra.physics import make_quadripoles, resistivity_response
from subterra.physics.channelling import axial_operator
from subterra.scene import make_scene, slot

POINTS = 256


def level_drive(n, step, depth):
    """Points, frames and cells of a level drive along x."""
    point, frame = np.zeros((3, POINTS), np.float32), np.zeros((8, POINTS), np.float32)
    cell = np.zeros(POINTS, np.float32)
    point[0, :n] = step * (np.arange(n) - 0.5 * (n - 1))
    point[2, :n] = -depth
    frame[0, :n], frame[4, :n], frame[7, :n] = 1.0, 1.0, 1.0
    cell[:n] = step
    return point, frame, cell


@pytest.mark.parametrize("ratio", [2.0, 5.0, 20.0, 50.0])
@pytest.mark.parametrize("wavelength", [8.0, 16.0, 40.0])
def test_one_wave_along_an_endless_drive(ratio, wavelength):
    """Exact m = 0 mode far from the surface: 1/(1 + (ρ − 1) ka I1(ka) K0(ka)), slender limit."""
    radius, n, step = 0.5, 240, 0.7
    point, frame, cell = level_drive(n, step, 500.0)
    along, _ = axial_operator(point, frame, cell, n, radius, ratio, -1.0)
    k = 2.0 * np.pi / wavelength
    wave = np.cos(k * point[0, :n])
    middle = slice(n // 2 - 6, n // 2 + 6)
    current = (along @ (step * wave))[middle]
    x = k * radius
    exact = 1.0 / (1.0 + (ratio - 1.0) * x * special.i1(x) * special.k0(x))
    share = current @ wave[middle] / (wave[middle] @ wave[middle])
    share /= np.pi * radius**2 * (ratio - 1.0)
    assert share == pytest.approx(exact, rel=0.05)


@given(st.floats(1.6, 50.0), st.floats(0.1, 1.0), st.floats(1.1, 20.0), st.integers(6, 60))
@settings(deadline=None, max_examples=40)
def test_operator_is_symmetric_and_takes_energy(ratio, radius, depth, n):
    point, frame, cell = level_drive(n, 0.7 * depth, depth)
    along, _ = axial_operator(point, frame, cell, n, radius, ratio, -1.0)
    assert np.abs(along - along.T).max() <= 1e-4 * np.abs(along).max()
    assert np.linalg.eigvalsh(0.5 * (along + along.T).astype(float)).min() > 0.0


def test_a_slight_contrast_is_local():
    """To first order in ρ − 1 each cell carries A (ρ − 1) times the field: Born's limit."""
    point, frame, cell = level_drive(20, 1.4, 2.0)
    radius, ratio = 0.5, 1.001
    along, mixed = axial_operator(point, frame, cell, 20, radius, ratio, -1.0)
    local = np.pi * radius**2 * (ratio - 1.0) / 1.4
    assert along == pytest.approx(local * np.eye(20), abs=2e-3 * local)
    assert np.abs(mixed).max() < 2e-3 * np.pi * radius**2


def test_a_perfect_conductor_saturates():
    point, frame, cell = level_drive(40, 1.4, 2.0)
    some, more = (axial_operator(point, frame, cell, 40, 0.5, r, -1.0)[0] for r in (1e7, 1e9))
    assert np.abs(more - some).max() < 0.01 * np.abs(some).max()


@pytest.mark.parametrize("ratio", [5.0, 20.0])
def test_a_flooded_drive_reads_low_along_and_across(ratio):
    axis = np.array([[-45.0, 0.0, -2.5], [45.0, 0.0, -2.5]])
    drive = {"family": "working", "fill": "water", "axis": axis, "radius": 0.8}
    objects = slot(make_scene([drive | {"conductivity_ratio": ratio}]), 0)
    wenner = 3.0 * np.array([-1.5, 1.5, -0.5, 0.5])
    for x, y in ((wenner, 0.0 * wenner), (0.0 * wenner, wenner)):
        layout = make_quadripoles(x, y, None, np.array([[0, 1, 2, 3]]))
        assert resistivity_response(objects, layout)[0, 0] < -0.01


def test_response_is_smooth_where_the_forms_meet():
    """The local factor below the limit and the operator above it agree there within 3 %."""
    axis = np.array([[-45.0, 2.0, -2.5], [45.0, -1.0, -2.8]])
    x = 2.0 * np.arange(12.0) - 11.0
    quads = np.array([[i, i + 3, i + 1, i + 2] for i in range(9)])
    layout = make_quadripoles(x, 0.3 * x, None, quads)
    both = []
    for ratio in (1.4999, 1.5001):
        drive = {"family": "working", "fill": "water", "axis": axis, "radius": 0.8}
        objects = slot(make_scene([drive | {"conductivity_ratio": ratio}]), 0)
        both.append(resistivity_response(objects, layout)[0].astype(float))
    assert both[1] == pytest.approx(both[0], abs=0.03 * np.abs(both[0]).max())
