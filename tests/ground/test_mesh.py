"""Finite elements against closed forms: layers, tilted ground, reciprocity, remote and buried."""

from __future__ import annotations

import numpy as np
import pytest

from subterra.errors import InputError
from subterra.ground import ColumnMesh, mesh_background, nearest_resistivity, solve_potentials
from subterra.physics import (
    LayeredEarth,
    layered_background,
    layered_sum,
    make_quadripoles,
    resistivity_response,
)
from subterra.scene import make_scene, slot


def lines(n=10, spacing=2.0):
    x = np.tile(np.arange(n) * spacing, 2)
    y = np.repeat([0.0, 4.0], n)
    abmn = [
        (o + i, o + i + 1, o + i + 1 + k, o + i + 2 + k)
        for o in (0, n)
        for k in range(1, 4)
        for i in range(n - k - 2)
    ]
    return make_quadripoles(x, y, None, np.array(abmn))


def small_mesh(surface=None):
    pad = np.cumsum(1.5 ** np.arange(1, 10))
    x = np.concatenate([-6.0 - pad[::-1], np.arange(-6.0, 6.1, 1.0), 6.0 + pad])
    t = np.concatenate([np.arange(0.0, 4.1, 0.5), 4.0 + pad])
    heights = np.zeros((len(x), len(x))) if surface is None else surface(*np.meshgrid(x, x))
    return ColumnMesh(x, x, t, heights.T if surface is not None else heights)


def drive(depth=3.2, ratio=0.0):
    item = {
        "family": "working",
        "fill": "air" if ratio < 0.1 else "water",
        "axis": [[8.0, -40.0, -depth], [10.0, 50.0, -depth]],
        "radius": 0.8,
        "conductivity_ratio": ratio,
    }
    return slot(make_scene([item]), 0)


SPOTS = np.array([[-4.0, 0.0], [-2.0, 1.0], [0.0, 0.0], [3.0, -2.0], [5.0, 0.0]])


def test_even_flat_ground_is_exact():
    mesh = small_mesh()
    electrodes = np.column_stack([SPOTS, np.array([0.0, 0.0, -1.0, -2.0, 0.0])])
    solved = solve_potentials(mesh, np.full(mesh.n_cells, 0.02), electrodes)
    assert np.abs(solved.secondary).max() < 1e-12
    d = SPOTS[:, None] - SPOTS
    dz, up = (np.add.outer(s * electrodes[:, 2], electrodes[:, 2]) for s in (-1.0, 1.0))
    r = np.hypot(d[..., 0], d[..., 1])
    away = ~np.eye(5, dtype=bool)
    with np.errstate(divide="ignore"):
        expected = 25.0 * (1.0 / np.hypot(r, dz) + 1.0 / np.hypot(r, up))
    assert solved.psi[away] == pytest.approx(expected[away], rel=1e-6)


def test_an_evenly_tilted_ground_is_a_half_space():
    mesh = small_mesh(lambda x, y: 0.3 * x - 0.1 * y)
    z = 0.3 * SPOTS[:, 0] - 0.1 * SPOTS[:, 1]
    electrodes = np.column_stack([SPOTS, z])
    solved = solve_potentials(mesh, np.full(mesh.n_cells, 0.02), electrodes)
    r = np.linalg.norm(electrodes[:, None] - electrodes, axis=2)
    away = ~np.eye(5, dtype=bool)
    assert solved.psi[away] == pytest.approx(50.0 / r[away], rel=2e-3)


def test_a_hill_raises_what_is_read_at_its_foot_and_stays_reciprocal():
    """Over a ridge current has less room: more voltage between its flanks than on flat ground."""
    mesh = small_mesh(lambda x, y: 1.5 * np.exp(-(x**2) / 8.0) + 0.0 * y)
    height = 1.5 * np.exp(-(SPOTS[:, 0] ** 2) / 8.0)
    electrodes = np.column_stack([SPOTS, mesh.height(SPOTS[:, 0], SPOTS[:, 1])])
    assert electrodes[:, 2] == pytest.approx(height, abs=0.05)
    solved = solve_potentials(mesh, np.full(mesh.n_cells, 0.02), electrodes)
    assert solved.asymmetry < 0.01
    far = np.linalg.norm(electrodes[0] - electrodes[4])
    assert solved.psi[0, 4] < 50.0 / far * 1.2
    assert solved.psi[2, 1] > 50.0 / np.linalg.norm(electrodes[2] - electrodes[1])


def test_resistivities_have_no_level_and_bodies_of_the_host_none():
    mesh = small_mesh()
    electrodes = np.column_stack([SPOTS, np.zeros(5)])
    centre = mesh.centres()
    rng = np.random.default_rng(2)
    sigma = np.where(centre[:, 2] > -2.0, 0.05, 0.01) * np.exp(
        0.2 * rng.standard_normal(len(centre))
    )
    one = solve_potentials(mesh, sigma, electrodes)
    ten = solve_potentials(mesh, 10.0 * sigma, electrodes)
    away = ~np.eye(5, dtype=bool)
    assert ten.psi[away] == pytest.approx(0.1 * one.psi[away], rel=1e-4)
    assert one.asymmetry < 0.02
    assert one.iterations < 40


@pytest.mark.parametrize(
    ("earth", "rhoa", "response"),
    [
        (LayeredEarth((40.0, 200.0), (2.0,)), 0.005, 0.06),
        (LayeredEarth((100.0, 30.0, 400.0), (1.5, 1.0)), 0.02, 0.10),
    ],
)
def test_layers_on_the_mesh_are_layers_by_hankel_transform(earth, rhoa, response):
    """Two computations that share nothing but the physics."""
    layout = lines()
    tops = tuple(float(v) for v in earth.tops_m[1:])
    mesh = mesh_background(
        layout,
        lambda place: earth.resistivity_at(-place[:, 2]),
        spacing_m=2.0,
        deepest_m=6.0,
        interfaces_m=tops,
    )
    exact = layered_background(earth, layout, deepest_m=12.0, spacing_m=2.0)
    assert mesh.log_rhoa == pytest.approx(exact.log_rhoa, abs=rhoa)
    for depth in (3.5, 5.0):
        for ratio in (0.0, 5.0):
            one = resistivity_response(drive(depth, ratio), layout, None, mesh)[0]
            other = resistivity_response(drive(depth, ratio), layout, None, exact)[0]
            assert np.linalg.norm(one - other) < response * np.linalg.norm(other)


def test_an_even_ground_on_the_mesh_changes_nothing(tmp_path):
    layout = lines(6)
    made = [
        mesh_background(
            layout,
            nearest_resistivity(np.zeros((1, 3)), np.array([70.0])),
            spacing_m=2.0,
            deepest_m=6.0,
            cache_dir=tmp_path,
        )
        for _ in range(2)
    ]
    assert len(list(tmp_path.iterdir())) == 1
    plain = resistivity_response(drive(), layout)
    for background in made:
        assert background.reference_ohmm == pytest.approx(70.0, rel=1e-6)
        found = resistivity_response(drive(), layout, None, background)
        assert found == pytest.approx(plain, rel=1e-4, abs=1e-6)


def test_remote_electrodes_and_the_layered_sum():
    earth = LayeredEarth((50.0, 200.0), (2.0,))
    layout = make_quadripoles(
        np.arange(6) * 2.0, np.zeros(6), None, np.array([[0, -1, 2, 3], [1, -1, 4, 5]])
    )
    mesh = mesh_background(
        layout,
        lambda place: earth.resistivity_at(-place[:, 2]),
        spacing_m=2.0,
        deepest_m=6.0,
        interfaces_m=(2.0,),
    )
    total = layered_sum(earth, layout.x, layout.y, layout.z, layout.abmn)
    assert mesh.log_rhoa == pytest.approx(np.log(total / layout.k_sum), abs=0.01)


def test_what_cannot_be_is_refused():
    mesh = small_mesh()
    electrodes = np.column_stack([SPOTS, np.zeros(5)])
    with pytest.raises(InputError, match="positive conductivity"):
        solve_potentials(mesh, np.zeros(mesh.n_cells), electrodes)
    with pytest.raises(InputError, match="electrode 1 lies outside"):
        solve_potentials(mesh, np.ones(mesh.n_cells), electrodes + 1e5)
    with pytest.raises(InputError, match="cells"):
        ColumnMesh(np.arange(200.0), np.arange(200.0), np.arange(30.0))
    with pytest.raises(InputError, match="one positive resistivity"):
        nearest_resistivity(np.zeros((2, 3)), np.array([1.0, -1.0]))
