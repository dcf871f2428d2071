"""Sensitivities of ln ρa: layers in closed form, cells by quadrature, covariance by a dense K."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from subterra.ground import (
    GroundKernel,
    SensitivityMesh,
    averaged_correlation,
    make_mesh,
    resistivity_covariance,
    resistivity_grid,
    sensitivity,
)
from subterra.physics import geometric_sum, make_quadripoles

SPACING = 1.0
X = SPACING * np.arange(10.0)
ABMN = np.array([[1, 0, 2, 3], [1, 0, 4, 5], [0, 3, 1, 2], [0, 9, 3, 6], [2, -1, 4, 5]])
NAMES = ["dipole-dipole 1", "dipole-dipole 3", "Wenner", "Wenner-like wide", "pole-dipole"]


def surface_layout(shift=0.0):
    return make_quadripoles(X + shift, 0 * X + shift, None, ABMN)


def cell_by_quadrature(places, quad, low, high, nodes):
    """1/(2πK) ∫ ∇φ_AB · ∇φ_MN over one cell by Gauss–Legendre in double precision."""
    node, weight = np.polynomial.legendre.leggauss(nodes)
    at = [0.5 * (a + b) + 0.5 * (b - a) * node for a, b in zip(low, high, strict=True)]
    w = [0.5 * (b - a) * weight for a, b in zip(low, high, strict=True)]
    p = np.stack(np.meshgrid(*at, indexing="ij"), -1)
    volume = np.einsum("i,j,k->ijk", *w)

    def field(i):
        if i < 0:
            return np.zeros_like(p)
        e = places[i]
        direct, image = p - e, p - e * np.array([1.0, 1.0, -1.0])
        parts = (d / np.linalg.norm(d, axis=-1)[..., None] ** 3 for d in (direct, image))
        return -0.5 * sum(parts)

    a, b, m, n = quad
    product = np.sum((field(a) - field(b)) * (field(m) - field(n)), axis=-1)
    k = geometric_sum(*places.T, np.array([quad]))[0]
    return np.sum(product * volume) / (2.0 * np.pi * k)


def test_rows_sum_to_one():
    """A ground scaled as a whole scales ρa as much; what is missing lies beyond the mesh."""
    layout = surface_layout()
    rows = sensitivity(layout, make_mesh(layout, SPACING))
    assert rows.sum(axis=(1, 2, 3)) == pytest.approx(np.ones(len(ABMN)), abs=0.02)


def test_layers_against_their_closed_form():
    """Above depth z lies 1 − K(z)/K(0), every pair's distance r becoming √(r² + 4z²)."""
    layout = surface_layout()
    mesh = make_mesh(layout, SPACING)
    found = np.cumsum(sensitivity(layout, mesh).sum(axis=(1, 2)), axis=1)

    def deep_sum(depth):
        total = np.zeros(len(ABMN))
        for sign, i, j in ((1, 0, 2), (-1, 0, 3), (-1, 1, 2), (1, 1, 3)):
            p, q = ABMN[:, i], ABMN[:, j]
            both = (p >= 0) & (q >= 0)
            total += np.where(both, sign / np.hypot(X[p] - X[q], 2.0 * depth), 0.0)
        return total

    for k, bottom in enumerate(-mesh.z[1:]):
        exact = 1.0 - deep_sum(bottom) / layout.k_sum
        assert found[:, k] == pytest.approx(exact, abs=0.02)


def test_cells_against_quadrature():
    layout = surface_layout()
    mesh = make_mesh(layout, SPACING)
    rows = sensitivity(layout, mesh)
    places = np.column_stack([layout.x, layout.y, layout.z]).astype(float)
    rng = np.random.default_rng(2)
    for _ in range(100):
        i, j, k = (int(rng.integers(n)) for n in mesh.shape)
        low = np.array([mesh.x[i], mesh.y[j], mesh.z[k + 1]])
        high = np.array([mesh.x[i + 1], mesh.y[j + 1], mesh.z[k]])
        away = (places - 0.5 * (low + high)) / (high - low)
        if np.linalg.norm(away, axis=1).min() < 1.0:
            continue
        exact = [cell_by_quadrature(places, quad, low, high, nodes=12) for quad in ABMN]
        assert rows[:, i, j, k] == pytest.approx(exact, rel=0.03, abs=0.01 * np.abs(exact).max())


def test_cells_at_electrodes_against_quadrature():
    """The worst cells: corners at electrodes, where fields are singular but can be integrated."""
    cell = 0.25
    layout = surface_layout()
    mesh = SensitivityMesh(
        np.arange(-1.0, 10.01, cell) - layout.origin[0],
        np.arange(-1.0, 1.01, cell) - layout.origin[1],
        -np.arange(0.0, 1.01, cell),
    )
    rows = sensitivity(layout, mesh)
    places = np.column_stack([layout.x, layout.y, layout.z]).astype(float)
    for i in (3, 4, 7, 8, 11):
        low = np.array([mesh.x[i], mesh.y[4], mesh.z[1]])
        for d in (0, 2):
            exact = cell_by_quadrature(places, ABMN[d], low, low + cell, nodes=60)
            assert rows[d, i, 4, 0] == pytest.approx(exact, rel=0.08, abs=1e-4)


def test_sensitivity_follows_the_layout():
    """The mesh comes with the electrodes: moving the survey changes no row."""
    here, there = surface_layout(), surface_layout(1234.37)
    mesh_here, mesh_there = make_mesh(here, SPACING), make_mesh(there, SPACING)
    assert mesh_here.shape == mesh_there.shape
    rows = sensitivity(here, mesh_here)
    assert sensitivity(there, mesh_there) == pytest.approx(
        rows, abs=2e-3 * float(np.abs(rows).max())
    )


def test_mesh_keeps_its_bound():
    layout = surface_layout()
    mesh = make_mesh(layout, SPACING, max_entries=4000.0)
    assert np.prod(mesh.shape) * len(ABMN) <= 4000.0
    assert np.all(np.diff(mesh.x) > 0.0)
    assert np.all(np.diff(mesh.z) < 0.0)
    assert mesh.z[0] == 0.0
    assert mesh.x[0] < layout.x.min() < layout.x.max() < mesh.x[-1]


def test_mesh_reaches_below_buried_electrodes():
    z = -np.arange(10.0)
    layout = make_quadripoles(np.zeros(10), np.zeros(10), z, np.array([[1, 2, 4, 5]]))
    mesh = make_mesh(layout, SPACING)
    assert mesh.z[-1] < -15.0
    rows = sensitivity(layout, mesh)
    assert np.isfinite(rows).all()
    assert rows.sum() == pytest.approx(1.0, abs=0.03)


@pytest.mark.parametrize("kernel", resistivity_grid(SPACING), ids=lambda k: k.label)
def test_covariance_against_a_dense_matrix(kernel):
    rng = np.random.default_rng(3)
    mesh = SensitivityMesh(
        np.array([-2.0, -0.5, 0.0, 1.0, 4.0]),
        np.array([-1.0, 0.0, 2.0, 2.5]),
        -np.array([0.0, 0.3, 1.0, 2.5, 6.0, 7.0]),
    )
    rows = rng.normal(size=(7, *mesh.shape)).astype(np.float32)
    across = [
        averaged_correlation(e, kernel.horizontal_m, kernel.smoothness) for e in (mesh.x, mesh.y)
    ]
    down = averaged_correlation(-mesh.z, kernel.vertical_m, kernel.smoothness)
    flat = rows.reshape(7, -1).astype(float)
    dense = flat @ np.kron(np.kron(*across), down) @ flat.T
    found = resistivity_covariance(rows, mesh, kernel)
    assert found == pytest.approx(dense, rel=1e-4, abs=1e-5 * np.abs(dense).max())
    assert np.array_equal(found, found.T)


@settings(deadline=None, max_examples=10)
@given(st.floats(0.5, 30.0))
def test_a_ground_that_varies_as_one_moves_all_data_alike(spacing):
    """As the correlation length grows without bound, J K J' tends to ones."""
    layout = surface_layout()
    mesh = make_mesh(layout, SPACING, max_entries=4e4)
    rows = sensitivity(layout, mesh)
    rows = rows / rows.sum(axis=(1, 2, 3), keepdims=True)
    kernel = GroundKernel(1e5 * spacing, 1.0, 1.5)
    assert resistivity_covariance(rows, mesh, kernel) == pytest.approx(1.0, abs=1e-3)
