"""Covariance of gravity over random density: white limit, Hankel integral, and plain prisms."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from choclo.prism import gravity_u
from scipy.integrate import quad
from scipy.special import j0
from twins_ground import matern_plan_spectrum

from subterra.ground import GroundKernel, correlation, gravity_covariance
from subterra.physics import G_UGAL

KERNELS = [
    GroundKernel(h, r, nu) for h in (0.5, 4.0, 40.0) for r in (1.0, 4.0) for nu in (0.5, 1.5)
]


def line_of(lags):
    return np.concatenate([[0.0], lags]), np.zeros(len(lags) + 1)


@pytest.mark.parametrize("kernel", KERNELS, ids=lambda k: k.label)
@pytest.mark.parametrize("height", [0.3, 2.0])
def test_against_the_hankel_integral(kernel, height):
    """(2πG)²/2π ∫ J0(kΔ) S(k) e^(−2kh) V(k) k dk by adaptive quadrature, V by its own integral."""
    lags = np.array([0.7, 3.0, 11.0])
    x, y = line_of(lags)
    found = gravity_covariance(x, y, height, kernel)[0]
    b = np.sqrt(2.0 * kernel.smoothness) / kernel.vertical_m

    def vertical(k):
        """∫∫ c(z − z') e^(−k(z + z')) dz dz' = ∫ c(u) e^(−ku) du / k over u > 0."""
        if kernel.smoothness == 0.5:
            return 1.0 / (k + b) / k
        return (1.0 / (k + b) + b / (k + b) ** 2) / k

    def integrand(k, lag):
        return (
            j0(k * lag)
            * matern_plan_spectrum(k, kernel)
            * np.exp(-2 * k * height)
            * vertical(k)
            * k
        )

    for lag, value in zip([0.0, *lags], found, strict=True):
        edges = np.concatenate([[0.0], np.geomspace(1e-4, 40.0 / height, 60)])
        slow = sum(
            quad(integrand, p, q, args=(lag,), epsrel=1e-9, limit=200)[0]
            for p, q in pairwise(edges)
        )
        slow *= 2.0 * np.pi * G_UGAL**2
        assert value == pytest.approx(slow, rel=2e-3, abs=2e-4 * found[0])


@pytest.mark.parametrize("smoothness", [0.5, 1.5])
def test_vertical_factor_is_its_integral(smoothness):
    """The identity behind V(k), for one wavenumber, by brute force over both depths."""
    k, v = 0.7, 1.3
    z = (np.arange(3000) + 0.5) * 0.01
    c = correlation(z[:, None] - z[None, :], v, smoothness)
    brute = np.exp(-k * z) @ c @ np.exp(-k * z) * 1e-4
    b = np.sqrt(2.0 * smoothness) / v
    closed = 1.0 / (k + b) if smoothness == 0.5 else 1.0 / (k + b) + b / (k + b) ** 2
    assert brute == pytest.approx(closed / k, rel=1e-3)


@pytest.mark.parametrize("ratio", [1.0, 4.0])
def test_white_density_noise(ratio):
    """πG²S/√(Δ² + 4h²) with S = 4πl²v for a short exponential correlation."""
    kernel = GroundKernel(0.02, ratio, 0.5)
    lags = np.array([0.5, 2.0, 10.0, 60.0])
    x, y = line_of(lags)
    strength = 4.0 * np.pi * kernel.horizontal_m**2 * kernel.vertical_m
    for height in (0.5, 3.0):
        found = gravity_covariance(x, y, height, kernel)[0]
        white = np.pi * G_UGAL**2 * strength / np.sqrt(np.array([0.0, *lags]) ** 2 + 4 * height**2)
        assert found == pytest.approx(white, rel=0.03)


def test_published_size_of_the_clutter():
    """50 kg/m³ over 1 m cubes at h = 0.5 m: 0.59 µGal (S = σ²l³ with l³ = 1 m³)."""
    length = 0.05
    kernel = GroundKernel(length, 1.0, 0.5)
    x, y = line_of(np.array([1.0]))
    variance = gravity_covariance(x, y, 0.5, kernel)[0, 0] * 50.0**2 / (4 * np.pi * length**3)
    assert np.sqrt(variance) == pytest.approx(0.59, abs=0.03)


def test_against_prisms():
    """Ground within 18 m cut into boxes, A K A' with the exact pull of every box and a dense K.

    What lies beyond is white at that distance: G²S ∫ z²/r⁶ dV = ⅔πG²S/R.
    """
    kernel, height, reach = GroundKernel(3.0, 2.0, 0.5), 1.0, 18.0
    side, down = np.arange(-18.0, 18.0), np.arange(0.0, -17.0, -1.0)
    west, south = (v.ravel() for v in np.meshgrid(side, side, indexing="ij"))
    inside = np.hypot(west + 0.5, south + 0.5)[:, None] ** 2 + (height + 0.5 - down) ** 2 < reach**2
    stations = np.array([[0.0, 0.0], [2.0, 1.0], [3.0, -2.0]])

    def pull(x, y, w, s, top):
        return -1e8 * gravity_u(x, y, height, w, w + 1, s, s + 1, top - 1, top, 1.0)

    pulls = np.array(
        [
            [[pull(x, y, w, s, t) for t in down] for w, s in zip(west, south, strict=True)]
            for x, y in stations
        ]
    )
    pulls *= inside
    plan = np.hypot(west[:, None] - west[None, :], south[:, None] - south[None, :])
    across = correlation(plan, kernel.horizontal_m, 0.5)
    depth = correlation(down[:, None] - down[None, :], kernel.vertical_m, 0.5)
    brute = np.array([[np.sum(a * (across @ b @ depth)) for b in pulls] for a in pulls])
    strength = 4.0 * np.pi * kernel.horizontal_m**2 * kernel.vertical_m
    brute += 2.0 / 3.0 * np.pi * G_UGAL**2 * strength / reach
    found = gravity_covariance(stations[:, 0], stations[:, 1], height, kernel)
    assert found == pytest.approx(brute, rel=0.05)


def test_a_wide_survey_is_a_covariance():
    rng = np.random.default_rng(1)
    x, y = rng.uniform(0.0, 400.0, (2, 120))
    for kernel in KERNELS[::3]:
        found = gravity_covariance(x, y, 0.3, kernel)
        assert found == pytest.approx(found.T)
        values = np.linalg.eigvalsh(found)
        assert values.min() > -1e-4 * values.max()
        assert np.all(np.abs(found) <= found[0, 0] * (1.0 + 1e-6))


def test_a_deeper_look_sees_less():
    x, y = line_of(np.array([1.0]))
    by_height = [
        gravity_covariance(x, y, h, GroundKernel(3.0, 1.0, 0.5))[0, 0] for h in (0.3, 1, 5)
    ]
    assert by_height[0] > by_height[1] > by_height[2]
