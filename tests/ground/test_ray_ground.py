"""Covariance of crosshole data: fat rays, separable products, roots, trends."""

from __future__ import annotations

import numpy as np
import pytest

from subterra.ground import (
    GroundKernel,
    GroundMixture,
    crosshole_covariance,
    crosshole_grid,
    crosshole_root,
    crosshole_variance,
    level_trend,
    make_ray_mesh,
    ray_lengths,
    traveltime_trend,
    typical_spacing,
)
from subterra.ground.correlation import averaged_correlation
from subterra.physics import make_rays

MIXED = GroundMixture((GroundKernel(1.0, 1.0, 0.5), GroundKernel(4.0, 4.0, 1.5)))


def panel(n=6, width=5.0, bearing=0.4, seed=0):
    """Rays of a vertical panel that is turned against the axes."""
    rng = np.random.default_rng(seed)
    z = -np.linspace(1.0, 9.0, n)
    a, b = (v.ravel() for v in np.meshgrid(z, z + rng.normal(0.0, 0.1, n), indexing="ij"))
    step = width * np.array([np.cos(bearing), np.sin(bearing)])
    source = np.column_stack([0 * a + 100.0, 0 * a + 200.0, a])
    return make_rays(source, np.column_stack([source[:, 0] + step[0], source[:, 1] + step[1], b]))


def volume(n=40, seed=1):
    rng = np.random.default_rng(seed)
    source, receiver = rng.uniform(0.0, 6.0, (2, n, 3))
    return make_rays(source, receiver + np.array([8.0, 0.0, 0.0]))


def dense(rays, mesh, ground):
    """Twin: the full correlation of all cells, no products."""
    u, v, z = (v.astype(float) for v in (mesh.u, mesh.v, mesh.z))
    total = 0.0
    for part in ground.parts:
        ku = averaged_correlation(u, part.horizontal_m, part.smoothness)
        kv = averaged_correlation(v, part.horizontal_m, part.smoothness)
        kz = averaged_correlation(z, part.vertical_m, part.smoothness)
        total = total + np.kron(ku, np.kron(kv, kz)) / len(ground.parts)
    flat = rays.reshape(len(rays), -1).astype(float)
    return flat @ total @ flat.T


@pytest.mark.parametrize("make", [panel, volume])
@pytest.mark.parametrize("wavelength", [0.0, 1.1])
def test_rows_sum_to_the_length_of_the_ray(make, wavelength):
    rays = make()
    mesh = make_ray_mesh(rays, 0.5)
    lengths = ray_lengths(rays, mesh, np.full(len(rays), wavelength))
    np.testing.assert_allclose(lengths.sum(axis=(1, 2, 3)), rays.length, rtol=1e-5)
    assert (mesh.shape[1] == 1) == (make is panel)


def test_thin_rays_stay_in_their_cells_and_fat_ones_spread():
    rays = make_rays(np.array([[0.0, 0.0, -5.0]]), np.array([[10.0, 0.0, -5.0]]))
    other = make_rays(np.array([[0.0, 0.0, 0.0], [0.0, 0.0, -10.0]]),
                      np.array([[10.0, 0.0, -10.0], [10.0, 0.0, 0.0]]))  # fmt: skip
    mesh = make_ray_mesh(other, 0.25)
    moved = make_rays(rays.at(0.0) - [0, 0, 0.1], rays.at(1.0) - [0, 0, 0.1])
    local = type(moved)(other.origin, moved.x, moved.y, moved.z + moved.origin[2]
                        - other.origin[2], moved.dx, moved.dy, moved.dz, moved.length)  # fmt: skip
    thin, fat = (ray_lengths(local, mesh, np.array([w]))[0].sum(axis=(0, 1)) for w in (0.0, 1.5))
    assert np.count_nonzero(thin) == 1
    spread = np.sqrt(fat @ (np.arange(len(fat)) - thin.argmax()) ** 2 / fat.sum()) * 0.25
    # Mean over the ray of (r_F/2)² = λL/24.
    assert spread == pytest.approx(np.sqrt(1.5 * 10.0 / 24.0), rel=0.1)


@pytest.mark.parametrize("make", [panel, volume])
def test_separable_products_give_the_full_covariance(make):
    rays = make()
    mesh = make_ray_mesh(rays, 0.8)
    lengths = ray_lengths(rays, mesh, np.full(len(rays), 1.0))
    covariance = crosshole_covariance(lengths, mesh, MIXED)
    np.testing.assert_allclose(covariance, dense(lengths, mesh, MIXED), rtol=2e-4)
    np.testing.assert_allclose(
        crosshole_variance(lengths, mesh, MIXED), np.diag(covariance), rtol=1e-4
    )


@pytest.mark.parametrize("ground", crosshole_grid(0.4))
def test_roots_of_few_modes_hold_nearly_all_of_the_data(ground):
    rays = panel(12)
    mesh = make_ray_mesh(rays, 0.3)
    lengths = ray_lengths(rays, mesh, np.full(len(rays), 1.0))
    covariance = crosshole_covariance(lengths, mesh, ground)
    for rank, left in ((150, 0.12), (600, 0.02)):
        root, kept = crosshole_root(lengths, mesh, ground, rank)
        assert root.shape[1] <= rank
        assert 0.0 < kept <= 1.0 + 1e-6
        missing = covariance - root.astype(float) @ root.T
        assert abs(np.trace(missing)) <= left * np.trace(covariance)
        assert np.linalg.eigvalsh(missing).min() > -1e-3 * np.trace(covariance)


def test_spacing_is_the_step_in_the_hole_or_a_thirtieth_of_the_ray():
    z = -np.arange(0.0, 10.0, 1.0)
    source = np.column_stack([0 * z, 0 * z, z])
    assert typical_spacing(make_rays(source, source + np.array([6.0, 0, 0]))) == pytest.approx(1.0)
    assert typical_spacing(make_rays(source, source + np.array([60.0, 0, 0]))) == pytest.approx(2.0)


def elliptical_times(rays, zero=5.0):
    d = np.column_stack([rays.dx, rays.dy, rays.dz])
    tensor = np.array([[8.8, 0.2, 0.1], [0.2, 8.5, 0.0], [0.1, 0.0, 9.6]])
    return zero + rays.length * np.einsum("ni,ij,nj->n", d, tensor, d)


def residual(trend, data):
    return np.abs(data - trend @ np.linalg.lstsq(trend, data, rcond=None)[0]).max()


def test_the_trend_holds_zero_time_and_anisotropic_slowness():
    for rays in (panel(10), volume(200)):
        data = elliptical_times(rays)
        assert residual(traveltime_trend(rays, "elliptical"), data) < 1e-6
        assert residual(traveltime_trend(rays, "weak"), data) < 1e-6
        assert residual(traveltime_trend(rays, "none"), data) > 0.05


def test_the_weak_trend_holds_thomsens_fourth_order():
    rays = volume(200)
    data = 130.0 + rays.length * (9.0 - 0.3 * rays.dz**2 * (1 - rays.dz**2) - 0.5 * rays.dz**4)
    assert residual(traveltime_trend(rays, "weak"), data) < 1e-6
    assert residual(traveltime_trend(rays, "elliptical"), data) > 1e-3


@pytest.mark.parametrize("n", [3, 6, 14])
def test_trends_have_full_rank_and_leave_three_quarters(n):
    rays = panel(n)
    for trend in (traveltime_trend(rays, "weak"), level_trend(rays, np.full(len(rays), 5e7))):
        assert np.linalg.matrix_rank(trend) == trend.shape[1] <= max(1, len(rays) // 4)


def test_levels_of_two_frequencies_have_their_own_datum():
    rays = panel(8)
    frequency = np.where(np.arange(len(rays)) % 2, 5e7, 8e7)
    data = np.where(frequency == 5e7, -60.0, -75.0) - 20.0 * np.log10(rays.length)
    assert residual(level_trend(rays, frequency), data) < 1e-6
