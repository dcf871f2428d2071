"""Gravity and gradient over one ground: white closed forms, limits, heights, under ground."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.special import j0

from subterra.errors import InputError
from subterra.ground import (
    FractalKernel,
    GroundKernel,
    WhiteKernel,
    clutter_grid,
    gravity_covariance,
    gravity_grid,
)
from subterra.physics import G_EOTVOS, G_UGAL, point_mass_gz, point_mass_gzz

LAGS = np.array([0.0, 0.4, 1.0, 3.0, 12.0])
ZERO = np.zeros(len(LAGS))


def pair(kernel, lag, height, one=False, two=False):
    """Covariance of two readings; height is one number or two."""
    x = np.array([0.0, lag])
    sorts = np.array([one, two])
    h = np.broadcast_to(np.asarray(height, float), (2,))
    return gravity_covariance(x, 0.0 * x, h, kernel, sorts)[0, 1]


@pytest.mark.parametrize("height", [0.5, 2.0])
def test_white_noise_in_closed_form(height):
    """πG²S/√(Δ²+4h²), πG²S b/(b²+Δ²)^{3/2}, πG²S (2b²−Δ²)/(b²+Δ²)^{5/2} with b = 2h."""
    b, white = 2.0 * height, WhiteKernel()
    for lag in LAGS:
        square = b * b + lag * lag
        assert pair(white, lag, height) == pytest.approx(np.pi * G_UGAL**2 / np.sqrt(square))
        cross = np.pi * G_UGAL * G_EOTVOS * b / square**1.5
        assert pair(white, lag, height, False, True) == pytest.approx(cross)
        both = np.pi * G_EOTVOS**2 * (2 * b * b - lag * lag) / square**2.5
        assert pair(white, lag, height, True, True) == pytest.approx(both)


def test_known_sizes():
    """50 kg/m³ in lumps of 1 m, sensor 0.5 m up: 0.59 µGal and 8.4 E."""
    assert 50.0 * np.sqrt(pair(WhiteKernel(), 0.0, 0.5)) == pytest.approx(0.59, abs=0.005)
    gradient = 50.0 * np.sqrt(pair(WhiteKernel(), 0.0, 0.5, True, True))
    assert gradient == pytest.approx(8.4, abs=0.05)


@pytest.mark.parametrize("smoothness", [0.5, 1.5])
@pytest.mark.parametrize("sorts", [(False, False), (False, True), (True, True)])
def test_short_lengths_are_white(smoothness, sorts):
    length = 0.004
    kernel = GroundKernel(length, 1.0, smoothness)
    column = 2.0 if smoothness == 0.5 else 4.0 / np.sqrt(3.0)
    strength = 2.0 * np.pi * length**2 * column * length
    scale = strength * pair(WhiteKernel(), 0.0, 1.0, *sorts)
    for lag in LAGS:
        white = strength * pair(WhiteKernel(), lag, 1.0, *sorts)
        assert pair(kernel, lag, 1.0, *sorts) == pytest.approx(white, abs=0.02 * scale)


@pytest.mark.parametrize("order", [1, 2])
@pytest.mark.parametrize("kernel", [GroundKernel(2.0, 2.0, 0.5), GroundKernel(4.0, 1.0, 1.5)])
def test_gradients_by_the_hankel_integral(kernel, order):
    b = np.sqrt(2.0 * kernel.smoothness) / kernel.vertical_m
    nu = kernel.smoothness
    kappa = np.sqrt(2.0 * nu) / kernel.horizontal_m

    def integrand(k, lag):
        plan = 4 * np.pi * nu * kappa ** (2 * nu) / (kappa**2 + k**2) ** (nu + 1)
        down = 1 / (k + b) if nu == 0.5 else 1 / (k + b) + b / (k + b) ** 2
        return j0(k * lag) * plan * down * k**order * np.exp(-1.2 * k)

    units = (G_UGAL * G_EOTVOS, G_EOTVOS**2)
    for lag in LAGS[1:]:
        exact, _ = quad(integrand, 0.0, 40.0, args=(lag,), limit=4000)
        found = pair(kernel, lag, 0.6, order == 2, True)
        peak = pair(kernel, 0.0, 0.6, order == 2, True)
        assert found == pytest.approx(2 * np.pi * units[order - 1] * exact, abs=2e-4 * peak)


def test_a_gradient_is_a_difference_of_gravity_over_height():
    """C_gG = −∂C_gg/∂h₂ and C_GG = ∂²C_gg/∂h₁∂h₂, 10 E to the µGal/m."""
    step = 1e-2
    for kernel in (WhiteKernel(), GroundKernel(1.5, 2.0, 0.5), FractalKernel(3.0, 200.0)):
        for lag in (0.0, 1.5):
            up, down = (pair(kernel, lag, (1.0, 1.0 + d)) for d in (step, -step))
            cross = -(up - down) / (2 * step) * 10.0
            assert pair(kernel, lag, 1.0, False, True) == pytest.approx(cross, rel=5e-3)


def test_each_pair_has_its_own_heights():
    rng = np.random.default_rng(3)
    x, y = rng.uniform(0.0, 30.0, (2, 12))
    height = rng.uniform(0.2, 8.0, 12)
    sorts = rng.random(12) < 0.5
    for kernel in (GroundKernel(3.0, 2.0, 0.5), FractalKernel(3.0, 240.0), WhiteKernel()):
        whole = gravity_covariance(x, y, height, kernel, sorts)
        assert whole == pytest.approx(whole.T, rel=1e-9)
        assert (
            np.linalg.eigvalsh(whole / np.sqrt(np.outer(np.diag(whole), np.diag(whole)))).min()
            > -1e-3
        )
        for i, j in ((0, 1), (2, 7), (5, 11)):
            lag = np.hypot(x[i] - x[j], y[i] - y[j])
            alone = pair(kernel, lag, 0.5 * (height[i] + height[j]), sorts[i], sorts[j])
            scale = np.sqrt(whole[i, i] * whole[j, j])
            assert whole[i, j] == pytest.approx(alone, abs=2e-3 * scale)


def test_equal_heights_change_nothing():
    x, y = np.random.default_rng(1).uniform(0.0, 60.0, (2, 20))
    kernel = GroundKernel(3.0, 1.0, 0.5)
    one = gravity_covariance(x, y, 0.3, kernel)
    np.testing.assert_array_equal(gravity_covariance(x, y, np.full(20, 0.3), kernel), one)
    # A pit or relief of up to three metres is no closer than the least height.
    np.testing.assert_array_equal(
        gravity_covariance(x, y, -2.0, kernel), gravity_covariance(x, y, 0.1, kernel)
    )


def test_white_noise_under_ground_by_lumps():
    """Sum over lumps of the products of exact point pulls, clear of the stations' own slabs."""
    stations = np.array([[0.0, 0.0, 1.0], [2.0, 0.0, -6.0], [0.0, 1.0, -6.0], [0.0, 0.0, -14.0]])
    sorts = np.array([False, True, False, False])
    clear, cell = 2.0, 0.5
    side = np.arange(-40.0, 40.0, cell) + 0.5 * cell
    px, py = np.meshgrid(side, side, indexing="ij")
    brute = np.zeros((4, 4))
    for z in np.arange(-60.0, 0.0, cell) + 0.5 * cell:
        seen = []
        for (sx, sy, sz), gradient in zip(stations, sorts, strict=True):
            dx, dy, dz = px - sx, py - sy, z - sz
            unit = point_mass_gzz if gradient else point_mass_gz
            r2 = dx**2 + dy**2 + dz**2
            plain = (3 * dz**2 - r2) / r2**2.5 if gradient else -dz / r2**1.5
            assert plain[3, 5] == pytest.approx(unit(dx[3, 5], dy[3, 5], dz))
            free = sz < 0.0 and abs(dz) < clear
            seen.append(0.0 * r2 if free else plain * (G_EOTVOS if gradient else G_UGAL))
        brute += np.array([[np.sum(a * b) for b in seen] for a in seen]) * cell**3
    from subterra.ground.density_white import white_covariance

    found = white_covariance(stations[:, 0], stations[:, 1], stations[:, 2], sorts, clear)
    scale = np.sqrt(np.outer(np.diag(brute), np.diag(brute)))
    assert np.abs(found - brute).max() < 0.1 * scale.max()
    assert np.abs((found - brute) / scale).max() < 0.08


def test_a_survey_down_a_shaft_is_a_covariance():
    x, y = np.zeros(5), np.zeros(5)
    height = np.array([0.3, -10.0, -10.0, -40.0, -90.0])
    for kernel in (*gravity_grid(3.0), WhiteKernel()):
        found = gravity_covariance(x, y, height, kernel)
        correlation = found / np.sqrt(np.outer(np.diag(found), np.diag(found)))
        assert np.linalg.eigvalsh(correlation).min() > -1e-9
        assert correlation[1, 2] == pytest.approx(1.0)
        assert abs(correlation[1, 4]) < 0.15
        surface = gravity_covariance(x, y, 0.3, kernel)[0, 0]
        assert found[0, 0] == pytest.approx(surface, rel=0.01)
    with pytest.raises(InputError, match="under it"):
        gravity_covariance(x, y, height, FractalKernel(3.0, 100.0))


def test_fractal_ground():
    """β = 0 is white; steeper spectra are smoother; the outer scale only adds a datum and slope."""
    flat = FractalKernel(0.0, 100.0)
    ratio = [pair(flat, lag, 0.5) / pair(WhiteKernel(), lag, 0.5) for lag in LAGS]
    # Waves down to one metre have unit variance: S = 1/(4π/3) m³.
    assert ratio == pytest.approx(np.full(5, 0.75 / np.pi), rel=1e-4)
    x = np.linspace(0.0, 20.0, 21)
    trend = np.column_stack([np.ones(21), x])
    null = np.linalg.svd(trend)[0][:, 2:]
    parts = []
    for outer in (160.0, 320.0):
        kernel = FractalKernel(3.0, outer)
        rough = null.T @ gravity_covariance(x, 0 * x, 0.5, kernel) @ null
        parts.append(rough / np.trace(rough))
        smooth = [gravity_covariance(x, 0 * x, 0.5, FractalKernel(b, outer))[0] for b in (1.0, 3.0)]
        assert smooth[0][3] / smooth[0][0] < smooth[1][3] / smooth[1][0]
    assert np.abs(parts[0] - parts[1]).max() < 0.02 * np.abs(parts[0]).max()
    for exponent, outer in ((-1.0, 100.0), (6.0, 100.0), (3.0, 0.5)):
        with pytest.raises(InputError, match="fractal ground"):
            FractalKernel(exponent, outer)


def test_the_grid_of_clutter_holds_that_of_gravity():
    grid = clutter_grid(0.5, 8.5)
    assert grid[:6] == gravity_grid(0.5)
    assert [k.label for k in grid[6:]] == ["white 1 m", "fractal 3, 80 m"]
